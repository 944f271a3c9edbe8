//! The clock that is moved by hand belongs to the tour's server. `startline serve` has no such door.

use super::{output_of, startline};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::process::{Command, Stdio};
use tempfile::TempDir;

const A_TIME: &str = "2031-03-03T10:00:00Z\n";

/// A file that holds a time, to be somebody's standard input. Whoever reads from it moves the place where it stands,
/// for us too.
fn written_time(folder: &TempDir) -> File {
    let path = folder.path().join("input");
    std::fs::write(&path, A_TIME).expect("the input can be written");
    File::open(path).expect("the input can be opened")
}

#[test]
fn serve_never_reads_the_time_on_its_standard_input() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let mut input = written_time(&folder);
    let mut serving = startline()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(folder.path().join("data"))
        .stdin(Stdio::from(input.try_clone().expect("the input can be shared")))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server can be started");
    let mut said = BufReader::new(serving.stdout.take().expect("the server's output is ours"));
    let mut first = String::new();
    said.read_line(&mut first).expect("the server's output can be read");
    assert!(first.starts_with("startline serves on 127.0.0.1:"), "{first:?}");

    let mut terminate = Command::new("kill");
    terminate.args(["-TERM", &serving.id().to_string()]);
    output_of(terminate);
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("the server's output can be read");
    assert!(serving.wait().expect("the server ends").success(), "the server stops in order");
    assert_eq!(rest, "", "the server answers nothing");
    assert_eq!(input.stream_position().expect("the input has a place"), 0, "the server read its input");
}

/// The same input, to show that the test above can see it being read.
#[test]
fn the_tours_server_reads_the_time_on_its_standard_input() {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let mut input = written_time(&folder);
    let mut tour_server = startline();
    tour_server
        .args(["tour-server", "--listen", "127.0.0.1:0", "--clock", "2026-03-03T10:00:00Z", "--data"])
        .arg(folder.path().join("data"))
        .stdin(Stdio::from(input.try_clone().expect("the input can be shared")));
    let said = output_of(tour_server);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("listening 127.0.0.1:"), "{said}");
    assert_eq!(lines[1..], ["clock 2031-03-03T10:00:00+00:00"]);
    assert_eq!(input.stream_position().expect("the input has a place"), A_TIME.len() as u64);
}

#[test]
fn serve_knows_no_argument_for_a_clock() {
    let done = startline()
        .args(["serve", "--listen", "127.0.0.1:0", "--clock", A_TIME.trim()])
        .stdin(Stdio::null())
        .output()
        .expect("the binary can be started");
    let complained = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{complained}");
    assert!(complained.contains("unexpected argument '--clock'"), "{complained}");
}
