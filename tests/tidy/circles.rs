//! Within a room, files go round in no circle: whoever reads one after the other is done at some point.
//!
//! A file and the folder of its name are one thing to the files beside them, and each folder is looked at by itself. What
//! `mod.rs` re-exports counts as where it comes from. Not counted are: the file a folder belongs to (`mod.rs`, or the
//! `x.rs` beside `x/`), which knows what is inside and is known to it; tests; and a store's use of its model, since
//! `x_store.rs`, or the room's one `store.rs`, reads and writes what `x.rs` is.

use super::ROOMS;
use super::rust_text::{inside, references};
use super::transactions::before_tests;
use std::collections::{BTreeMap, BTreeSet};

/// Which files of one folder name which others.
type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn the_files_of_a_room_go_round_in_no_circle() {
    let sources = super::sources();
    let mut faults = Vec::new();
    for (folder, arrows) in folders(&sources) {
        faults.extend(circles(&arrows).iter().map(|circle| sentence(&folder, circle, &arrows)));
    }
    assert!(faults.is_empty(), "{} circle(s):\n{}", faults.len(), faults.join("\n"));
}

fn sentence(folder: &str, circle: &BTreeSet<String>, arrows: &Arrows) -> String {
    let inside = |name: &String| arrows[name].intersection(circle).map(String::as_str).collect::<Vec<_>>().join(", ");
    let each: Vec<String> = circle.iter().map(|name| format!("{name} names {}", inside(name))).collect();
    let files = circle.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    format!(
        "src/{folder}: {files} go round in a circle ({}): move what they share to a file below them",
        each.join("; ")
    )
}

/// Every folder of the rooms, from `src/`, with the arrows between what is in it.
fn folders(sources: &[(String, String)]) -> BTreeMap<String, Arrows> {
    let of_rooms = sources.iter().filter(|(path, _)| ROOMS.contains(&super::module_of(path)));
    let files: Files = of_rooms.map(|(path, text)| (module(path), (path.as_str(), text.as_str()))).collect();
    let (exports, tests) = (exports(&files), tests(&files));
    let is_test = |module: &[String]| (0..=module.len()).any(|end| tests.contains(&module[..end]));
    let mut folders: BTreeMap<String, Arrows> = BTreeMap::new();
    for (from, (path, text)) in files.iter().filter(|(from, _)| !is_test(from)) {
        for reference in references(path, before_tests(text)) {
            let Some(to) = file_of(&origin(reference.path, &exports, &files), &files).filter(|to| !is_test(to)) else {
                continue;
            };
            let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            // Of two rooms, or one of them is what the other is inside of.
            if shared == 0 || shared == from.len() || shared == to.len() {
                continue;
            }
            let arrows = folders.entry(from[..shared].join("/")).or_default();
            arrows.entry(to[shared].clone()).or_default();
            let named = arrows.entry(from[shared].clone()).or_default();
            if !is_store_of(&from[shared], &to[shared]) {
                named.insert(to[shared].clone());
            }
        }
    }
    folders
}

/// The rooms' files by what they are as modules, with path and text.
type Files<'a> = BTreeMap<Vec<String>, (&'a str, &'a str)>;

/// `claims::store` of `src/rooms/claims/store.rs`; `claims` of `src/rooms/claims/mod.rs`.
fn module(path: &str) -> Vec<String> {
    let inside = inside(path).trim_end_matches(".rs").trim_end_matches("/mod").trim_end_matches("/lib");
    inside.split('/').map(str::to_owned).collect()
}

/// What is re-exported, by the name it has there.
fn exports(files: &Files<'_>) -> BTreeMap<Vec<String>, Vec<String>> {
    let mut exports = BTreeMap::new();
    let has_others_inside = |of: &[String]| files.keys().any(|other| other.len() > of.len() && other.starts_with(of));
    for (module, (path, text)) in files.iter().filter(|(module, _)| has_others_inside(module)) {
        let here = [vec!["crate".to_owned()], module.clone()].concat();
        for found in references(path, text) {
            let Some(name) = found.name else { continue };
            // `use text::Text` in a folder's own file may say where from without `self::`.
            let is_inside = files.contains_key(&[module.clone(), found.path[..1].to_vec()].concat());
            let from = if is_inside { [here.clone(), found.path].concat() } else { found.path };
            exports.insert([here.clone(), vec![name]].concat(), from);
        }
    }
    exports
}

/// Where a path leads when each re-export on the way is followed.
fn origin(mut path: Vec<String>, exports: &BTreeMap<Vec<String>, Vec<String>>, files: &Files<'_>) -> Vec<String> {
    let follow = |path: &[String]| {
        // A file's own name, with something of it after, is that file, whatever else has the name.
        let is_file = |end: usize| end < path.len() && files.contains_key(&path[1..end]);
        let known = |end: &usize| !is_file(*end) && exports.get(&path[..*end]).is_some_and(|to| !path.starts_with(to));
        let end = (1..=path.len()).rev().find(known)?;
        Some([exports[&path[..end]].as_slice(), &path[end..]].concat())
    };
    // A re-export of a re-export is as far as anybody goes.
    for _ in 0..3 {
        path = follow(&path).unwrap_or(path);
    }
    path
}

/// The file that a path leads to.
fn file_of(path: &[String], files: &Files<'_>) -> Option<Vec<String>> {
    let inside = path.strip_prefix(["crate".to_owned()].as_slice())?;
    (1..=inside.len())
        .rev()
        .map(|end| &inside[..end])
        .find(|module| files.contains_key(*module))
        .map(<[String]>::to_vec)
}

/// Modules that are there for tests: those their parent says so of.
fn tests(files: &Files<'_>) -> BTreeSet<Vec<String>> {
    let of = |(module, (_, text)): (&Vec<String>, &(&str, &str))| {
        let after = text.split("#[cfg(test)]\n").skip(1);
        let named = after.filter_map(|after| {
            let line = after.lines().find(|line| !line.starts_with('#'))?;
            let name = line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')?;
            // `mod tests` of x.rs may be in x_tests.rs.
            let own = format!("{}_tests", module.last()?);
            Some([
                [module.clone(), vec![name.to_owned()]].concat(),
                [module[..module.len() - 1].to_vec(), vec![own]].concat(),
            ])
        });
        named.flatten().collect::<Vec<_>>()
    };
    files.iter().flat_map(of).collect()
}

fn is_store_of(store: &str, model: &str) -> bool {
    store == "store" || store.strip_suffix("_store") == Some(model)
}

/// The sets of files from each of which every other of the set is reached.
fn circles(arrows: &Arrows) -> Vec<BTreeSet<String>> {
    let reached = |from: &String| {
        let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(one) = next.pop() {
            next.extend(arrows[one].iter().filter(|to| reached.insert((*to).clone())));
        }
        reached
    };
    let from: BTreeMap<&String, BTreeSet<String>> = arrows.keys().map(|name| (name, reached(name))).collect();
    let circle = |(name, reached): (&&String, &BTreeSet<String>)| -> BTreeSet<String> {
        reached.iter().filter(|other| from[other].contains(*name)).cloned().collect()
    };
    let all: BTreeSet<BTreeSet<String>> = from.iter().map(circle).filter(|circle| circle.len() > 1).collect();
    all.into_iter().collect()
}

#[test]
fn a_circle_is_found_through_re_exports_and_what_is_excepted_is_not() {
    let in_circle = |sources: &[(&str, &str)]| {
        let sources: Vec<_> = sources.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let found = folders(&sources).into_values().flat_map(|arrows| circles(&arrows));
        found.map(|circle| circle.into_iter().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    let a = ("src/rooms/diary/a.rs", "use super::b::B; pub struct A;");
    let b = "pub struct B; fn f(a: super::A) {}";
    let house = "mod a; mod b; pub use a::A;";
    assert_eq!(in_circle(&[a, ("src/rooms/diary/b.rs", b), ("src/rooms/diary/mod.rs", house)]), ["a b"]);
    assert_eq!(in_circle(&[a, ("src/rooms/diary/b.rs", "use crate::diary::a::A;")]), ["a b"]);
    let folder = [a, ("src/rooms/diary/b/mod.rs", "mod c;"), ("src/rooms/diary/b/c.rs", "use super::super::a;")];
    assert_eq!(in_circle(&folder), ["a b"]);
    let inside = [("src/rooms/diary/b/c.rs", "use super::d::D;"), ("src/rooms/diary/b/d.rs", "use super::c::C;")];
    assert_eq!(in_circle(&inside), ["c d"]);
    let three = [a, ("src/rooms/diary/b.rs", "use super::a_store;"), ("src/rooms/diary/a_store.rs", "use super::a;")];
    assert_eq!(in_circle(&three), Vec::<String>::new());
    let tests = "pub struct B;\n#[cfg(test)]\nmod tests { use super::super::a::A; }";
    assert_eq!(in_circle(&[a, ("src/rooms/diary/b.rs", tests)]), Vec::<String>::new());
    assert_eq!(
        in_circle(&[a, ("src/rooms/diary/b.rs", "use crate::claims::A;"), ("src/rooms/claims/a.rs", "")]),
        Vec::<String>::new()
    );
}
