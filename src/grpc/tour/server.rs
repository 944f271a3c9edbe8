//! The tour's server: a process of its own, so that it can be stopped as hard as a power cut, and its clock, which only
//! such a server has.

use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

pub struct TourServer {
    program: PathBuf,
    data: PathBuf,
    /// Kept over a restart, so that clients find the server again.
    pub address: String,
    /// Of its pages for browsers.
    pub pages: String,
    pub now: DateTime<Utc>,
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl TourServer {
    pub async fn start(program: &Path, data: &Path, now: DateTime<Utc>) -> Result<Self, String> {
        Self::start_at(program, data, now, ["127.0.0.1:0"; 2]).await
    }

    async fn start_at(
        program: &Path,
        data: &Path,
        now: DateTime<Utc>,
        [listen, pages]: [&str; 2],
    ) -> Result<Self, String> {
        let mut child = Command::new(program)
            .args(["tour-server", "--listen", listen, "--web", pages, "--clock", &now.to_rfc3339(), "--data"])
            .arg(data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(log_file(data)?))
            .kill_on_drop(true)
            .spawn()
            .map_err(|fault| format!("the tour's server cannot be started: {fault}"))?;
        let (input, output) = match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => (input, BufReader::new(output).lines()),
            _ => return Err("the tour's server has no input and output".into()),
        };
        let (program, data) = (program.to_owned(), data.to_owned());
        let (address, pages) = (String::new(), String::new());
        let mut server = Self { program, data, address, pages, now, child, input, output };
        server.address = server.hear("listening ").await?;
        server.pages = server.hear("pages ").await?;
        Ok(server)
    }

    /// Lets the time pass; returns when the server's clock stands there.
    pub async fn move_clock(&mut self, to: DateTime<Utc>) -> Result<(), String> {
        let line = format!("{}\n", to.to_rfc3339());
        self.input.write_all(line.as_bytes()).await.map_err(|fault| fault.to_string())?;
        self.hear("clock ").await?;
        self.now = to;
        Ok(())
    }

    /// SIGKILL, as a power cut would have it, and a new start on the same data.
    pub async fn kill_and_restart(&mut self) -> Result<(), String> {
        self.child.kill().await.map_err(|fault| fault.to_string())?;
        *self = Self::start_at(&self.program, &self.data, self.now, [&self.address, &self.pages]).await?;
        Ok(())
    }

    /// Stops it in order.
    pub async fn stop(self) -> Result<(), String> {
        let Self { mut child, input, output, .. } = self;
        drop(input);
        let ended = child.wait().await.map_err(|fault| fault.to_string())?;
        drop(output);
        if ended.success() { Ok(()) } else { Err(format!("the tour's server ended with {ended}")) }
    }

    async fn hear(&mut self, beginning: &str) -> Result<String, String> {
        let line = self.output.next_line().await.map_err(|fault| fault.to_string())?;
        line.as_deref().and_then(|line| line.strip_prefix(beginning)).map(str::to_owned).ok_or_else(|| {
            let log = std::fs::read_to_string(self.data.join(LOG)).unwrap_or_default();
            format!("the tour's server did not say \"{beginning}…\"; its log:\n{log}")
        })
    }
}

const LOG: &str = "server.log";

fn log_file(data: &Path) -> Result<std::fs::File, String> {
    let file = data.join(LOG);
    let opened = std::fs::OpenOptions::new().create(true).append(true).open(&file);
    opened.map_err(|fault| format!("{} cannot be written: {fault}", file.display()))
}
