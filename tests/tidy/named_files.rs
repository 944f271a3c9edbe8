//! A file that is named in words is there: in the README, in the tests' and benches' own, and in the documentation of
//! `src/`. Names in words rot when files move, and whoever is new follows them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const WRITTEN: &[&str] = &[
    "README.md",
    "tests/bench/README.md",
    "deploy/asterisk/README.md",
    "deploy/kamailio/README.md",
    "deploy/definitions/README.md",
    "deploy/prometheus/README.md",
    "deploy/printers.md",
    "deploy/operations.md",
];
/// Where a path in words may begin.
const ROOTS: &[&str] = &["", "src/", "tests/", "deploy/", "deploy/definitions/one-pilot/"];

#[test]
fn every_file_named_in_words_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts: Vec<(String, String)> = Vec::new();
    for path in WRITTEN {
        texts.push(((*path).to_owned(), fs::read_to_string(root.join(path)).unwrap()));
    }
    for (path, text) in super::sources() {
        let words = text.lines().filter_map(|line| line.trim_start().strip_prefix("//"));
        texts.push((path, words.collect::<Vec<_>>().join("\n")));
    }
    let exists = |from: &str, name: &str| {
        let beside = root.join(from).parent().unwrap().join(name);
        beside.exists() || ROOTS.iter().any(|folder| root.join(folder).join(name).exists())
    };
    let mut gone = BTreeSet::new();
    let mut seen = 0;
    for (path, text) in &texts {
        for name in named(text) {
            seen += 1;
            if !exists(path, name) {
                gone.insert(format!("{path} names `{name}`, which is not there"));
            }
        }
    }
    assert!(seen > 60, "only {seen} names of files were found");
    assert!(gone.is_empty(), "{}", gone.into_iter().collect::<Vec<_>>().join("\n"));
}

/// Numbers in words rot as names do.
#[test]
fn the_readme_tells_the_part_of_each_door_as_the_code_has_it() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let constant = |file: &str, name: &str| {
        let code = read(file);
        let (_, rest) = code.split_once(&format!("const {name}: ")).unwrap_or_else(|| panic!("{file} has no {name}"));
        let value = rest.split_once("= ").and_then(|(_, value)| value.split_once(';')).unwrap().0;
        value.replace('_', "").parse::<u64>().unwrap()
    };
    let [grpc, web] = ["src/grpc/server.rs", "src/web/serve.rs"].map(|file| constant(file, "PART"));
    let most = constant("src/web/serve.rs", "MOST_CONNECTIONS");
    let said = format!("(gRPC {grpc} in a hundred and at most 20,000 connections, web {web} and {most})");
    let readme = read("README.md").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(readme.contains(&said), "the README does not say {said}");
    assert_eq!(constant("src/grpc/server.rs", "MOST_CONNECTIONS"), 20_000);
}

#[test]
fn names_of_files_are_found_in_words_and_nothing_else_is() {
    let text =
        "see `src/lib.rs`, `packs/` and `foundation/store/group.rs`; not `store.rs`, `a::b`, `*_store.rs`, `x/DIR.pdf`";
    assert_eq!(named(text).collect::<Vec<_>>(), ["src/lib.rs", "foundation/store/group.rs"]);
}

/// One file for podman, one for docker, which reads no other; and what git leaves out because it is made here stays out of an
/// image, too.
#[test]
fn nothing_that_is_made_here_goes_into_an_image() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    let podmans = read(".containerignore");
    assert_eq!(podmans, read(".dockerignore"));
    let out: BTreeSet<&str> = podmans.lines().collect();
    for made in ["/target", "/startline-data", "/startline-tour.pdf", "/always-open", "/demo"] {
        assert!(read(".gitignore").lines().any(|line| line == made), "{made}");
        assert!(out.contains(made), "{made}");
    }
    assert!(["*.sqlite", "*.sqlite-wal", "*.sqlite-shm", "/.git"].iter().all(|name| out.contains(name)), "{out:?}");
}

/// Paths of source files between backticks, with a folder in them: a bare name is a neighbour's.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter(|name| {
        let is_path = name.contains('/') && !name.starts_with('/') && !name.contains([' ', '*', '<', '{', '$', ':']);
        let is_source = [".rs", ".py", ".proto", ".yaml", ".typ", ".toml", ".conf", ".cfg", ".sql", ".md"];
        // The guide's example of a definition of one's own.
        let is_example = name.contains("my-service/");
        is_path && !is_example && is_source.iter().any(|ending| name.ends_with(ending))
    })
}
