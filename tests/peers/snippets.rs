//! What the READMEs print to be typed is typed here, as it is printed, against the built program: a reader who copies it
//! must get what it promises.
//!
//! Two things differ, and no others: `cargo run --release --` and `startline` are the program that the tests have built
//! (another build would say the same, nine minutes later), and the port 50051 is a free one, because another service may
//! run on this machine. The reader's folder is a copy of `proto/` and `deploy/`, so that nothing is written beside the code.

mod pages;

use super::{PROGRAM, REPOSITORY, output_of, startline, without_settings};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// A fenced block of a page.
#[derive(Debug, Clone)]
struct Block {
    page: String,
    language: String,
    text: String,
}

impl Block {
    fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }
}

/// How a block is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tried {
    /// By the test of this name below.
    By(&'static str),
    /// Not here, and why.
    Not(&'static str),
}
use Tried::{By, Not};

const IN_ONE_SESSION: &str = "the_first_call_of_the_readme_goes_as_it_is_printed";
const AS_CONFIGURATION: &str = "what_is_printed_as_configuration_is_one";
const ON_DEFINITIONS: &str = "a_definition_is_copied_checked_and_served_as_the_pages_say";
const LOOK_AROUND: &str = "one_looks_around_in_the_demo_as_the_readme_says";
const AT_ALL_HOURS: &str = "a_service_that_is_open_at_all_hours_is_made_as_the_readme_says";
const WITH_CERTIFICATES: &str = "the_trial_certificates_are_made_and_served_as_the_readme_says";
const ON_DASHBOARDS: &str = "the_dashboards_are_made_as_their_page_says";

/// Every block that is to be typed, by its page and how it begins. A new one is named here, or the tests fail; and so does
/// one of which it is no longer true that it cannot be tried, once it has gone.
const BLOCKS: [(&str, &str, Tried); 32] = [
    ("README.md", "cargo run --release -- demo", By(LOOK_AROUND)),
    ("README.md", "cargo run --release -- tour", By(IN_ONE_SESSION)),
    ("README.md", "export TOKEN=$(cargo run", By(IN_ONE_SESSION)),
    // Within the session too, where grpcurl is installed; nothing that tests/run may install brings it.
    ("README.md", "grpcurl -plaintext", By(IN_ONE_SESSION)),
    ("README.md", "python -m grpc_tools.protoc", By(IN_ONE_SESSION)),
    ("README.md", "import os, grpc", By(IN_ONE_SESSION)),
    ("README.md", "cp -r deploy/definitions/one-pilot always-open", By(AT_ALL_HOURS)),
    ("README.md", "cargo run --release -- user add", By(IN_ONE_SESSION)),
    ("README.md", "cargo run --release -- user password", By(IN_ONE_SESSION)),
    ("README.md", "cargo run --release -- audit verify", By(IN_ONE_SESSION)),
    ("README.md", "[retention]", By(AS_CONFIGURATION)),
    ("README.md", "[grpc.tls] ", By(AS_CONFIGURATION)),
    ("README.md", "openssl req -x509", By(WITH_CERTIFICATES)),
    ("README.md", "[sip]", By(AS_CONFIGURATION)),
    ("README.md", "[web]  ", By(AS_CONFIGURATION)),
    ("README.md", "[oidc] ", By(AS_CONFIGURATION)),
    ("README.md", "[web] # where browsers", By(AS_CONFIGURATION)),
    ("README.md", "cargo run --release -- check my-service", By(ON_DEFINITIONS)),
    ("README.md", "[telemetry] ", By(AS_CONFIGURATION)),
    ("README.md", "tests/run  ", Not("it is what runs this test")),
    (
        "deploy/asterisk/README.md",
        "sox closed-studio.wav",
        Not("it takes a recording that somebody has made in a studio"),
    ),
    ("deploy/asterisk/README.md", "sudo cp pjsip.conf", Not("it changes a machine that is a telephone switch")),
    ("deploy/definitions/README.md", "cp -r deploy/definitions/one-pilot", By(ON_DEFINITIONS)),
    ("deploy/kamailio/README.md", "[sip]", By(AS_CONFIGURATION)),
    ("deploy/kamailio/README.md", "sudo cp kamailio.cfg", Not("it changes a machine that is a front door for calls")),
    ("deploy/printers.md", "[[printers]]", By(AS_CONFIGURATION)),
    ("deploy/printers.md", "# beside the printers", By(AS_CONFIGURATION)),
    ("deploy/printers.md", "groupadd printing", Not("it changes the machine's groups")),
    (
        "deploy/printers.md",
        "lpadmin -p packs",
        Not("tests/peers/printers.rs makes its own queues, of printers that are there"),
    ),
    ("deploy/prometheus/README.md", "[telemetry]", By(AS_CONFIGURATION)),
    (
        "deploy/prometheus/README.md",
        "prometheus --config.file",
        Not("tests/peers/prometheus.rs starts it with this file"),
    ),
    ("deploy/prometheus/README.md", "startline metrics | deploy", By(ON_DASHBOARDS)),
];

/// What cannot be tried stays as short as this.
const NOT_TRIED: usize = 7;

/// Every block of every page that is to be typed.
fn blocks() -> Vec<Block> {
    let mut found = Vec::new();
    for page in pages::all() {
        let text = std::fs::read_to_string(Path::new(REPOSITORY).join(&page)).expect("a page can be read");
        let blocks = pages::blocks_of(&text);
        let typed =
            blocks.into_iter().filter(|(language, _)| ["sh", "bash", "toml", "python"].contains(&language.as_str()));
        found.extend(typed.map(|(language, text)| Block { page: page.clone(), language, text }));
    }
    found
}

fn tried_by(name: &'static str) -> Vec<Block> {
    let is_tried = |block: &Block| entry(block).is_some_and(|(.., tried)| *tried == By(name));
    blocks().into_iter().filter(is_tried).collect()
}

fn entry(block: &Block) -> Option<&'static (&'static str, &'static str, Tried)> {
    BLOCKS
        .iter()
        .find(|(page, begins, _)| *page == block.page && format!("{} ", block.first_line()).starts_with(begins))
}

#[test]
fn every_block_that_is_to_be_typed_is_tried_or_says_why_not() {
    let blocks = blocks();
    let unnamed: Vec<&Block> = blocks.iter().filter(|block| entry(block).is_none()).collect();
    assert!(unnamed.is_empty(), "say in BLOCKS how these are tried: {unnamed:#?}");
    let of = |(page, begins, _): &(&str, &str, Tried)| {
        blocks.iter().filter(|block| entry(block).is_some_and(|(p, b, _)| p == page && b == begins)).count()
    };
    let gone: Vec<_> = BLOCKS.iter().filter(|one| of(one) != 1).collect();
    assert!(gone.is_empty(), "no page, or more than one block of it, begins so: {gone:#?}");
    let not_tried = BLOCKS.iter().filter(|(.., tried)| matches!(tried, Not(_))).count();
    assert_eq!(not_tried, NOT_TRIED, "what cannot be tried became more: try it, or say why not");
    let texts = blocks.iter().map(|block| block.language.as_str()).filter(|language| *language == "python").count();
    assert_eq!(texts, 1, "Python is read where the session plays it");
}

/// The reader's folder: a copy of what the pages name, and the programs by the names that they are called by.
struct Reader {
    folder: TempDir,
    port: u16,
}

impl Reader {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free").port();
        let reader = Self { folder, port };
        let copied =
            Command::new("cp").arg("-r").arg(Path::new(REPOSITORY).join("proto")).arg(reader.path("proto")).status();
        assert!(copied.is_ok_and(|status| status.success()), "the protos can be copied");
        let copied =
            Command::new("cp").arg("-r").arg(Path::new(REPOSITORY).join("deploy")).arg(reader.path("deploy")).status();
        assert!(copied.is_ok_and(|status| status.success()), "deploy/ can be copied");
        std::fs::create_dir(reader.path("bin")).expect("a folder can be made");
        reader.program("startline", &format!("exec '{PROGRAM}' \"$@\""));
        // `cargo run --release -- user add`: what stands behind the two hyphens is for the program.
        let cargo = format!("[ \"$1 $2 $3\" = 'run --release --' ] || exit 64\nshift 3\nexec '{PROGRAM}' \"$@\"");
        reader.program("cargo", &cargo);
        if let Some(python) = std::env::var_os("STARTLINE_TEST_PYTHON") {
            reader.program("python", &format!("exec '{}' -B \"$@\"", python.display()));
        }
        reader
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, name: &str, does: &str) {
        let path = self.path("bin").join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{does}\n")).expect("a program can be written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it can be made one");
    }

    /// A shell in the reader's folder. Settings come from nowhere but what is typed, beside the port that is free.
    fn shell(&self, typed: &str) -> Command {
        let mut shell = without_settings(Command::new("bash"));
        let path = std::env::var("PATH").unwrap_or_default();
        shell.current_dir(self.folder.path()).env("PATH", format!("{}:{path}", self.path("bin").display()));
        shell.env("STARTLINE_LISTEN", format!("127.0.0.1:{}", self.port)).env("STARTLINE_LOG", "warn");
        shell.args(["-e", "-u", "-o", "pipefail", "-c", &self.with_free_port(typed)]);
        shell
    }

    fn with_free_port(&self, typed: &str) -> String {
        typed.replace(":50051", &format!(":{}", self.port)).replace("--web 127.0.0.1:8080", "--web 127.0.0.1:0")
    }

    /// What is typed, until it says that it serves.
    fn serving(&self, typed: &str) -> Serving {
        let mut child =
            self.shell(&format!("exec {typed}")).stdout(Stdio::piped()).spawn().expect("bash can be started");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is ours")).lines();
        let first = lines.next().and_then(Result::ok).unwrap_or_default();
        assert!(first.starts_with("startline serves on "), "{typed}: {first}");
        Serving(child)
    }
}

/// Ends with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn is_serve(line: &str) -> bool {
    line.contains(" serve")
}

mod python_peer {
    use super::*;

    /// A reader of the README: the tour, a server, a user, a call by Python (and by grpcurl, where it is).
    #[test]
    fn the_first_call_of_the_readme_goes_as_it_is_printed() {
        let reader = Reader::new();
        let has_grpcurl = Command::new("grpcurl").arg("-version").output().is_ok();
        let (mut session, mut serving) = (String::new(), None);
        for block in tried_by(IN_ONE_SESSION) {
            if block.language == "python" {
                std::fs::write(reader.path("first.py"), reader.with_free_port(&block.text)).expect("it can be written");
                let _ = writeln!(session, "python first.py");
                continue;
            }
            if block.first_line().starts_with("grpcurl") {
                // The address stands on a line of its own; the whole is one command.
                session.push_str(if has_grpcurl { &block.text } else { "" });
                continue;
            }
            for line in block.text.lines() {
                if is_serve(line) {
                    serving = Some(reader.serving(line));
                } else if serving.is_none() {
                    output_of(reader.shell(line));
                } else {
                    let _ = writeln!(session, "{line}");
                }
            }
        }
        assert!(serving.is_some(), "the README serves");
        assert!(reader.path("startline-tour.pdf").exists(), "the tour ends with a PDF to open");
        assert!(reader.path("startline-data").is_dir(), "the data is in ./startline-data");
        let said = output_of(reader.shell(&session));
        assert!(said.ends_with("somerset - longest prefix\n") || said.contains("somerset - "), "{said}");
        assert_eq!(has_grpcurl, said.contains("homeSiteId"), "{said}");
    }

    /// The same call under TLS, with the line that the README gives for it.
    #[test]
    fn python_calls_under_tls_with_the_trial_certificates() {
        let reader = Reader::new();
        let serving = serving_with_certificates(&reader);
        let readme = std::fs::read_to_string(Path::new(REPOSITORY).join("README.md")).expect("it is there");
        let secure =
            readme.lines().find(|line| line.starts_with("`grpc.secure_channel(")).expect("the README gives it");
        let first = tried_by(IN_ONE_SESSION).into_iter().find(|block| block.language == "python").expect("it is there");
        let insecure = "grpc.insecure_channel(\"127.0.0.1:50051\")";
        assert!(first.text.contains(insecure));
        let first = first.text.replace(insecure, secure.trim_matches(['`', '.']));
        std::fs::write(reader.path("first.py"), reader.with_free_port(&first)).expect("it can be written");
        let said = output_of(reader.shell(
            "python -m grpc_tools.protoc -I proto --python_out=. --grpc_python_out=. proto/startline/v1/*.proto\n\
             export TOKEN=$(startline user add Asha --role adviser --site somerset)\npython first.py",
        ));
        assert!(said.contains("somerset - "), "{said}");
        drop(serving);
    }
}

/// A service that serves under the trial certificates, by the configuration that is printed beside them.
fn serving_with_certificates(reader: &Reader) -> Serving {
    for block in tried_by(WITH_CERTIFICATES) {
        output_of(reader.shell(&block.text));
    }
    let configured = blocks().into_iter().find(|block| block.first_line().starts_with("[grpc.tls]"));
    std::fs::write(reader.path("startline.toml"), configured.expect("it is printed").text).expect("it can be written");
    reader.serving("startline serve --config startline.toml")
}

/// As it is printed; and with the settings that stand in its remarks.
#[test]
fn what_is_printed_as_configuration_is_one() {
    let reader = Reader::new();
    // A service is there to add users to; each is added under another configuration.
    let serving = reader.serving("startline serve");
    let blocks = tried_by(AS_CONFIGURATION);
    assert_eq!(blocks.len(), 11);
    for (number, block) in blocks.iter().enumerate() {
        let printed = block.text.clone();
        let with_remarks = pages::with_settings_in_remarks(&printed);
        for (which, text) in [("printed", &printed), ("remarks", &with_remarks)] {
            let file = reader.path("startline.toml");
            std::fs::write(&file, text).expect("it can be written");
            let mut added = startline();
            added.args(["user", "add", &format!("Reader {number} {which}"), "--role", "admin", "--config"]).arg(&file);
            added.arg("--data").arg(reader.path("startline-data"));
            output_of(added);
        }
        // A slip in it would be noticed.
        let slip = printed.replacen(" = ", "_x = ", 1);
        std::fs::write(reader.path("startline.toml"), slip).expect("it can be written");
        let mut added = startline();
        added.args(["user", "add", "Slip", "--role", "admin", "--config"]).arg(reader.path("startline.toml"));
        let refused = added.arg("--data").arg(reader.path("startline-data")).output().expect("it can be started");
        assert!(!refused.status.success(), "{printed}");
    }
    drop(serving);
}

/// The token that the last line finds is the first adviser's of Somerset.
#[test]
fn one_looks_around_in_the_demo_as_the_readme_says() {
    let reader = Reader::new();
    let typed = tried_by(LOOK_AROUND);
    let (mut serving, mut session) = (None, String::new());
    for line in typed[0].text.lines() {
        match (is_serve(line), serving.is_some()) {
            (true, _) => serving = Some(reader.serving(line)),
            (false, true) => session += line,
            (false, false) => drop(output_of(reader.shell(line))),
        }
    }
    let token = output_of(reader.shell(&format!("{session}\necho \"$TOKEN\"")));
    let people = std::fs::read_to_string(reader.path("demo/demo-people.txt")).expect("it is there");
    let first = people.lines().find(|line| line.contains("Asha Merrowdown (demo)")).expect("she is one of them");
    assert!(!token.trim().is_empty() && first.ends_with(token.trim()), "{first}");
    drop(serving);
}

#[test]
fn a_service_that_is_open_at_all_hours_is_made_as_the_readme_says() {
    let reader = Reader::new();
    let typed = tried_by(AT_ALL_HOURS);
    let (serves, makes): (Vec<&str>, Vec<&str>) = typed[0].text.lines().partition(|line| is_serve(line));
    for line in makes {
        output_of(reader.shell(line));
    }
    let sites = std::fs::read_to_string(reader.path("always-open/sites.yaml")).expect("the sites are there");
    let hours: Vec<&str> = sites.lines().filter(|line| line.trim_start().starts_with("opening:")).collect();
    assert!(hours.len() == 4 && hours.iter().all(|line| line.contains("sunday: 00:00-23:59")), "{hours:?}");
    // It serves: were its hours wrong, it would not load.
    drop(reader.serving(serves[0]));
}

/// The page on definitions adds a question and shows what the check says of it; the README checks and serves.
#[test]
fn a_definition_is_copied_checked_and_served_as_the_pages_say() {
    let reader = Reader::new();
    let page =
        std::fs::read_to_string(Path::new(REPOSITORY).join("deploy/definitions/README.md")).expect("it is there");
    let shown = pages::blocks_of(&page);
    let said = |language: &str, begins: &str| {
        let block = shown.iter().find(|(other, text)| other == language && text.starts_with(begins));
        block.map(|(_, text)| text.clone()).unwrap_or_else(|| panic!("the page shows no {begins}"))
    };
    let typed = tried_by(ON_DEFINITIONS);
    let copy = typed.iter().find(|block| block.page.starts_with("deploy")).expect("the page copies the pilot");
    output_of(reader.shell(&copy.text));
    let part = reader.path("deploy/definitions/my-service/form/g.yaml");
    let before = std::fs::read_to_string(&part).expect("part G is there");
    let question = said("yaml", "  - id: G14");
    let checked = |text: &str| {
        std::fs::write(&part, text).expect("part G can be written");
        let done = reader.shell("startline check deploy/definitions/my-service").output().expect("bash can be started");
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    let transcript = said("text", "$ startline check deploy/definitions/my-service");
    assert_eq!(Some(checked(&format!("{before}\n{question}")).trim_end()), transcript.trim_end().lines().nth(1));
    let slip = question.replace("\"redundant\"\n", "\"redundent\"\n");
    assert!(checked(&format!("{before}\n{slip}")).starts_with(&said("text", "form/g.yaml:")), "{slip}");
    let forgotten = question.replace("agencies: [BA]", "agencies: [BA, LA]");
    assert!(checked(&format!("{before}\n{forgotten}")).starts_with(&said("text", "agencies/LA.yaml:")), "{forgotten}");
    checked(&format!("{before}\n{question}"));
    let outline = said("text", "$ startline check --outline");
    let told = output_of(reader.shell(outline.lines().next().unwrap_or_default().trim_start_matches("$ ")));
    let shown: Vec<&str> = outline.lines().filter(|line| line.starts_with("  ")).collect();
    assert!(shown.len() == 2 && told.contains(&shown.join("\n")), "{told}");
    drop(reader.serving(outline.lines().last().unwrap_or_default().trim_start_matches("$ ")));
    // The README's own: the folder is copied as it says.
    output_of(reader.shell("cp -r deploy/definitions/one-pilot my-service"));
    let readme = typed.iter().find(|block| block.page == "README.md").expect("the README checks a definition");
    for line in readme.text.lines() {
        if is_serve(line) {
            drop(reader.serving(line));
        } else {
            let counts = output_of(reader.shell(line));
            assert!(counts.ends_with("31 offices\n"), "{counts}");
        }
    }
}

mod openssl {
    use super::*;

    /// Whoever trusts the trial authority is answered by the door that has its certificate, under the configuration that is
    /// printed beside it, and may show the client's.
    #[test]
    fn the_trial_certificates_are_made_and_served_as_the_readme_says() {
        let reader = Reader::new();
        let serving = serving_with_certificates(&reader);
        let asks = |shown: &str| {
            let ask = "openssl s_client -connect 127.0.0.1:50051 -CAfile ca.pem -verify_return_error -verify_hostname localhost";
            output_of(reader.shell(&format!("{ask} -alpn h2 {shown} < /dev/null 2>&1")))
        };
        for shown in ["", "-cert asha.pem -key asha.key"] {
            let said = asks(shown);
            assert!(said.contains("ALPN protocol: h2") && said.contains("Verify return code: 0 (ok)"), "{said}");
            assert!(said.contains("Trial CA"), "{said}");
        }
        drop(serving);
    }
}

mod prometheus {
    use super::*;

    #[test]
    fn the_dashboards_are_made_as_their_page_says() {
        let reader = Reader::new();
        for block in tried_by(ON_DASHBOARDS) {
            output_of(reader.shell(&block.text));
        }
        for board in ["floor.json", "operations.json"] {
            let path = format!("deploy/grafana/{board}");
            let (made, kept) = (std::fs::read(reader.path(&path)), std::fs::read(Path::new(REPOSITORY).join(&path)));
            assert_eq!(made.expect("it was made"), kept.expect("it is there"), "{board}");
        }
    }
}
