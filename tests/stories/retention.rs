//! Records that were kept long enough are erased, those that are live never are; and what there is of a client who asks.

#[path = "retention/chain.rs"]
mod chain;
#[path = "retention/client.rs"]
mod client;
#[path = "retention/killed.rs"]
mod killed;
#[path = "retention/nightly.rs"]
mod nightly;
#[path = "retention/shown.rs"]
mod shown;

use crate::support::{Home, process};
use chrono::{DateTime, Utc};
use std::process::Output;

/// Every kind, for a month: the meetings that the stories book are over by then.
const A_MONTH: &str = "[retention]\nreminders = 30\ndocuments = 30\ncallbacks = 30\nclaims = 30\nclients = 30\ncalls = 30\n\
                       jobs = 30\naccess_log = 30\npeople = 30\n";

/// `startline retention ..` beside the service or without it, at this time.
fn command(home: &Home, settings: &str, at: DateTime<Utc>, arguments: &[&str]) -> tokio::process::Command {
    let file = home.folder.path().join("retention.toml");
    std::fs::write(&file, settings).unwrap();
    let mut command = process::program();
    command.arg("retention").args(arguments).arg("--data").arg(home.data()).arg("--config").arg(file);
    if arguments[0] != "compact" {
        command.arg("--clock").arg(at.to_rfc3339());
    }
    if let Some(url) = &home.database_url {
        command.args(["--database-url", url]);
    }
    command
}

/// Whether it went well, and what it said.
async fn retention(home: &Home, settings: &str, at: DateTime<Utc>, arguments: &[&str]) -> (bool, String) {
    said(command(home, settings, at, arguments).output().await.unwrap())
}

async fn audit(home: &Home, arguments: &[&str]) -> (bool, String) {
    let mut command = process::program();
    command.arg("audit").args(arguments).arg("--data").arg(home.data());
    if let Some(url) = &home.database_url {
        command.args(["--database-url", url]);
    }
    said(command.output().await.unwrap())
}

fn said(output: Output) -> (bool, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout) + &text(output.stderr))
}

/// How many of a sort of record a line of the report counts.
fn counted(report: &str, kind: &str, words: &str) -> usize {
    let line =
        report.lines().find(|line| line.starts_with(&format!("{kind} (")) && line.contains(&format!(" {words} ")));
    let line = line.unwrap_or_else(|| panic!("no line about {words} in:\n{report}"));
    let (before, _) = line.split_once(&format!(" {words} ")).unwrap();
    before.rsplit(' ').next().unwrap().parse().unwrap()
}
