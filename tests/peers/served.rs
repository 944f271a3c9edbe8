//! `startline serve` with settings of the test's own.

use super::person::Person;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
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
        Self::on(TempDir::new().expect("a temporary folder can be made"), settings)
    }

    /// In a folder whose `data` is there already.
    pub fn on(folder: TempDir, settings: &str) -> Self {
        let file = folder.path().join("startline.toml");
        std::fs::write(&file, settings).expect("settings can be written");
        let (child, address) = start(folder.path(), "127.0.0.1:0");
        Self { child, address, folder }
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
        let (child, address) = start(self.folder.path(), &self.address.to_string());
        self.child = child;
        self.address = address;
    }

    pub fn person(&self, token: &str) -> Person {
        Person::new(String::new(), "somebody", token, Arc::new(Mutex::new(Some(self.address))))
    }
}

fn start(folder: &Path, listen: &str) -> (Child, SocketAddr) {
    let mut command = super::startline();
    command.args(["serve", "--listen", listen, "--config"]).arg(folder.join("startline.toml"));
    command.arg("--data").arg(folder.join("data"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it can be started");
    let mut lines = BufReader::new(child.stdout.take().expect("its output is ours")).lines();
    let line = lines.next().and_then(Result::ok).expect("it says where it serves");
    let address = line.rsplit(' ').next().and_then(|address| address.parse().ok()).expect("an address");
    (child, address)
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
