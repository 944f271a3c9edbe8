//! The service as strangers meet it: its one binary and `proto/`, and nothing of the library but the stubs of its API.

mod chromium;
mod kamailio;
mod no_clock_door;
mod node;
mod oidc_provider;
mod printers;
mod prometheus;
mod python_peer;
mod served;
mod snippets;
mod tour;

#[path = "../support/postgres.rs"]
mod fresh_postgres;
#[path = "../support/person.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the stories use all of it, and a story that cannot go on has failed"
)]
mod person;

use std::process::Command;

/// The `startline` binary.
const PROGRAM: &str = env!("CARGO_BIN_EXE_startline");
const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");

/// The binary, deaf to whatever settings the developer's own environment holds.
fn startline() -> Command {
    without_settings(Command::new(PROGRAM))
}

fn without_settings(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("STARTLINE_")) {
        command.env_remove(name);
    }
    command
}

/// Standard output, once the command has ended well.
fn output_of(mut command: Command) -> String {
    let done = command.output().unwrap_or_else(|fault| panic!("{command:?} cannot be started: {fault}"));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let complained = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{command:?} ended with {}:\n{said}\n{complained}", done.status);
    said
}
