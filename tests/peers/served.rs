//! `startline serve` with settings of the test's own.

use super::person::Person;
use chrono::{DateTime, Utc};
use std::io::{BufRead, BufReader, Lines, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// The service with these settings, until the test ends.
pub struct Served {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
    address: SocketAddr,
    folder: TempDir,
    /// Of a service whose clock stands until it is moved by hand.
    now: Option<DateTime<Utc>>,
}

impl Served {
    pub fn start(settings: &str) -> Self {
        Self::on(TempDir::new().expect("a temporary folder can be made"), settings)
    }

    /// In a folder whose `data` is there already.
    pub fn on(folder: TempDir, settings: &str) -> Self {
        Self::begun(folder, settings, None)
    }

    /// It is this time there, until [`Served::it_is`] says another.
    pub fn at(now: DateTime<Utc>, settings: &str) -> Self {
        Self::begun(TempDir::new().expect("a temporary folder can be made"), settings, Some(now))
    }

    fn begun(folder: TempDir, settings: &str, now: Option<DateTime<Utc>>) -> Self {
        let file = folder.path().join("startline.toml");
        std::fs::write(&file, settings).expect("settings can be written");
        let (child, said, address) = start(folder.path(), "127.0.0.1:0", now);
        Self { child, said, address, folder, now }
    }

    /// It is this time now.
    pub fn it_is(&mut self, now: DateTime<Utc>) {
        let input = self.child.stdin.as_mut().expect("its clock is moved by its input");
        writeln!(input, "{}", now.to_rfc3339()).expect("it reads");
        self.said.next().and_then(Result::ok).expect("it says when it is");
        self.now = Some(now);
    }

    /// What `startline` says to these words, beside the service.
    pub fn command(&self, words: &[&str]) -> String {
        let mut command = super::startline();
        command.args(words).arg("--data").arg(self.folder.path().join("data"));
        super::output_of(command).trim().to_owned()
    }

    /// Dies as by a loss of power, and is started again in the same folder at the same addresses.
    pub fn dies_and_comes_back(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
        (self.child, self.said, self.address) = start(self.folder.path(), &self.address.to_string(), self.now);
    }

    pub fn person(&self, token: &str) -> Person {
        Person::new(String::new(), "somebody", token, Arc::new(Mutex::new(Some(self.address))))
    }
}

fn start(
    folder: &Path,
    listen: &str,
    now: Option<DateTime<Utc>>,
) -> (Child, Lines<BufReader<ChildStdout>>, SocketAddr) {
    let mut command = super::startline();
    // Only the tour's server has a clock that is moved.
    command.arg(if now.is_some() { "tour-server" } else { "serve" });
    command.args(["--listen", listen, "--config"]).arg(folder.join("startline.toml"));
    command.arg("--data").arg(folder.join("data"));
    if let Some(now) = now {
        command.arg("--clock").arg(now.to_rfc3339()).stdin(Stdio::piped());
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it can be started");
    let mut said = BufReader::new(child.stdout.take().expect("its output is ours")).lines();
    let line = said.next().and_then(Result::ok).expect("it says where it serves");
    let address = line.rsplit(' ').next().and_then(|address| address.parse().ok()).expect("an address");
    (child, said, address)
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
