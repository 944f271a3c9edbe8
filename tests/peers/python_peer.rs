//! A Python client with stubs generated from `proto/` plays the tour's story against the real server. The assertions
//! are in `tests/peers/python/`.

use super::{PROGRAM, REPOSITORY, output_of, without_settings};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The Python that has the modules of gRPC.
fn python() -> Command {
    let python = std::env::var_os("STARTLINE_TEST_PYTHON").unwrap_or_else(|| {
        panic!("STARTLINE_TEST_PYTHON is not set: start the tests with tests/run, which brings a Python with gRPC")
    });
    let mut command = without_settings(Command::new(python));
    // No settings from the environment (one of them takes assertions away), and nothing written beside the scripts.
    command.args(["-E", "-B"]);
    command
}

fn repository(path: &str) -> PathBuf {
    Path::new(REPOSITORY).join(path)
}

/// Stubs of every proto file.
fn generate_stubs(folder: &Path) {
    let protos = repository("proto/startline/v1");
    let entries = std::fs::read_dir(&protos).expect("the protos can be listed");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a proto can be listed").path()).collect();
    files.sort();
    let scripts = repository("tests/peers/python");
    let mut protoc = python();
    protoc.args(["-m", "grpc_tools.protoc"]);
    protoc.arg("-I").arg(repository("proto")).arg("-I").arg(&scripts);
    protoc.arg("--python_out").arg(folder).arg("--grpc_python_out").arg(folder);
    protoc.args(files).arg(scripts.join("error_details.proto"));
    output_of(protoc);
}

/// Runs one of the scripts with the stubs, the binary and a data folder of its own, and expects its last line.
fn play(script: &str, database_url: Option<&str>, last_line: &str) {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let (stubs, data) = (folder.path().join("stubs"), folder.path().join("data"));
    for made in [&stubs, &data] {
        std::fs::create_dir(made).expect("a folder in the temporary folder can be made");
    }
    generate_stubs(&stubs);
    let mut story = python();
    story.arg(repository("tests/peers/python").join(script)).arg(&stubs).arg(PROGRAM).arg(&data).args(database_url);
    let done = story.output().expect("Python can be started");
    let said = String::from_utf8_lossy(&done.stdout);
    let complained = String::from_utf8_lossy(&done.stderr);
    let log = std::fs::read_to_string(data.join("server.log")).unwrap_or_default();
    let told_well = done.status.success() && said.trim_end().lines().last() == Some(last_line);
    assert!(told_well, "{script} ended with {}:\n{said}\n{complained}\nthe server's log:\n{log}", done.status);
}

#[test]
fn a_server_started_by_serve_takes_the_time_from_the_machine() {
    play("no_clock_door.py", None, "There is no clock door.");
}

#[test]
fn another_librarys_parser_reads_a_calendar_as_it_was_booked() {
    play("calendar_feed.py", None, "The calendar is as it was booked.");
}

mod sqlite {
    #[test]
    fn the_story_holds_from_ring_to_letter() {
        super::play("ring_to_letter.py", None, "The story holds from ring to letter.");
    }
}

mod postgres {
    #[tokio::test]
    async fn the_story_holds_from_ring_to_letter() {
        let database = crate::fresh_postgres::fresh_database().await;
        super::play("ring_to_letter.py", Some(&database), "The story holds from ring to letter.");
    }
}
