//! The real program, `startline serve`, in a process of its own.

use super::Outcome;
use startline::store::{Store, Target};
use std::ffi::OsStr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tonic::transport::{Channel, Endpoint};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_startline");

/// A running server; killed when it is dropped.
pub struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    pub async fn start(data: &Path, database_url: Option<&str>) -> Outcome<Self> {
        Self::start_with(data, database_url, &[]).await
    }

    pub async fn start_with(data: &Path, database_url: Option<&str>, more: &[&OsStr]) -> Outcome<Self> {
        let mut command = program(data, database_url, &["serve", "--listen", "127.0.0.1:0"]);
        command.args(more);
        Self::begin(command).await
    }

    /// Another build of the program.
    pub async fn start_program(program: &Path, data: &Path) -> Outcome<Self> {
        Self::begin(command(program.as_os_str(), data, None, &["serve", "--listen", "127.0.0.1:0"])).await
    }

    async fn begin(mut command: Command) -> Outcome<Self> {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let line = lines.next_line().await?.ok_or("the server did not start")?;
        let address = line.strip_prefix("startline serves on ").ok_or("the server says something else")?;
        Ok(Self { child, url: format!("http://{address}") })
    }

    pub fn process(&self) -> String {
        self.child.id().unwrap_or_default().to_string()
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub async fn connect(&self) -> Outcome<Channel> {
        Ok(Endpoint::from_shared(self.url.clone())?.tcp_nodelay(true).connect().await?)
    }

    /// As an operator does.
    pub async fn stop(mut self) -> Outcome {
        Command::new("kill").args(["-TERM", &self.process()]).status().await?;
        tokio::time::timeout(Duration::from_secs(20), self.child.wait()).await??;
        Ok(())
    }

    /// As a power cut does.
    pub async fn kill(mut self) -> Outcome {
        Ok(self.child.kill().await?)
    }
}

/// Adds a user with the command line and gives back the header with their token.
pub async fn add_user(data: &Path, database_url: Option<&str>, arguments: &[&str]) -> Outcome<String> {
    // Only a server makes its database.
    Store::open(&Target::choose(data, database_url)?).await?.close().await;
    added(program(data, database_url, &[&["user", "add"], arguments].concat())).await
}

/// The same by another build of the program, which has made the database.
pub async fn add_user_by(program: &Path, data: &Path, arguments: &[&str]) -> Outcome<String> {
    added(command(program.as_os_str(), data, None, &[&["user", "add"], arguments].concat())).await
}

async fn added(mut command: Command) -> Outcome<String> {
    let output = command.output().await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(format!("Bearer {}", String::from_utf8(output.stdout)?.trim()))
}

fn program(data: &Path, database_url: Option<&str>, arguments: &[&str]) -> Command {
    command(PROGRAM.as_ref(), data, database_url, arguments)
}

fn command(program: &OsStr, data: &Path, database_url: Option<&str>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STARTLINE_")) {
        command.env_remove(name);
    }
    command.args(arguments).arg("--data").arg(data).stdin(Stdio::null()).kill_on_drop(true);
    if let Some(url) = database_url {
        command.arg("--database-url").arg(url);
    }
    command
}
