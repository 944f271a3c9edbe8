//! `startline serve` with settings of the test's own.

use super::person::Person;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// The service with these settings, until the test ends.
pub struct Served {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Served {
    pub fn start(settings: &str) -> Self {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let file = folder.path().join("startline.toml");
        std::fs::write(&file, settings).expect("settings can be written");
        let mut command = super::startline();
        command.args(["serve", "--listen", "127.0.0.1:0", "--config"]).arg(&file);
        command.arg("--data").arg(folder.path().join("data"));
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it can be started");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is ours")).lines();
        let line = lines.next().and_then(Result::ok).expect("it says where it serves");
        let address = line.rsplit(' ').next().and_then(|address| address.parse().ok()).expect("an address");
        Self { child, address, folder }
    }

    /// What `startline` says to these words, beside the service.
    pub fn command(&self, words: &[&str]) -> String {
        let mut command = super::startline();
        command.args(words).arg("--data").arg(self.folder.path().join("data"));
        super::output_of(command).trim().to_owned()
    }

    pub fn person(&self, token: &str) -> Person {
        Person::new(String::new(), "somebody", token, Arc::new(Mutex::new(Some(self.address))))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
