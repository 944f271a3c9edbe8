//! The service as its own process: the real program, started, stopped and killed.

use super::home::Home;
use super::{soon, until};
use chrono::{DateTime, Utc};
use std::process::{ExitStatus, Output, Stdio};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

pub struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    errors: JoinHandle<String>,
}

/// How a process ended, and everything it wrote to standard error.
pub struct Ended {
    pub status: ExitStatus,
    pub errors: String,
}

/// The program, untouched by the settings of whoever runs the tests.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_startline"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("STARTLINE_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Runs the program to its end.
pub async fn run(arguments: &[&str]) -> Output {
    let mut command = program();
    soon("the program's end", command.args(arguments).output()).await.unwrap()
}

impl Process {
    /// `startline serve` on a free port.
    pub async fn serve(home: &Home) -> Self {
        Self::serve_with(home, |_| ()).await
    }

    pub async fn serve_with(home: &Home, change: impl FnOnce(&mut Command)) -> Self {
        let mut command = program();
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        change(&mut command);
        Self::start(home, command, "startline serves on ").await
    }

    /// The tour's server, with a clock that [`Process::move_clock`] moves.
    pub async fn tour_server(home: &Home, clock: DateTime<Utc>) -> Self {
        Self::tour_server_with(home, clock, |_| ()).await
    }

    pub async fn tour_server_with(home: &Home, clock: DateTime<Utc>, change: impl FnOnce(&mut Command)) -> Self {
        let mut command = program();
        change(&mut command);
        command.args(["tour-server", "--listen", "127.0.0.1:0", "--clock", &clock.to_rfc3339()]);
        Self::start(home, command, "listening ").await
    }

    async fn start(home: &Home, mut command: Command, greeting: &str) -> Self {
        command.arg("--data").arg(home.data());
        if let Some(url) = &home.database_url {
            command.args(["--database-url", url]);
        }
        if let Some(folder) = &home.definition {
            command.arg("--definition").arg(folder);
        }
        if let Some(file) = home.config_file() {
            command.arg("--config").arg(file);
        }
        let mut child = command.spawn().unwrap();
        let mut standard_error = child.stderr.take().unwrap();
        let errors = tokio::spawn(async move {
            let mut bytes = Vec::new();
            standard_error.read_to_end(&mut bytes).await.unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let mut process = Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
            errors,
        };
        let Some(line) = soon("the server's first line", process.output.next_line()).await.unwrap() else {
            panic!("the server ended at its start: {}", process.ended().await.errors);
        };
        let address = line.strip_prefix(greeting).unwrap_or_else(|| panic!("the server began with {line:?}"));
        *home.address.lock().unwrap() = Some(address.parse().unwrap());
        process
    }

    pub async fn move_clock(&mut self, to: DateTime<Utc>) {
        self.input.write_all(format!("{}\n", to.to_rfc3339()).as_bytes()).await.unwrap();
        let line = soon("the clock", self.output.next_line()).await.unwrap();
        assert_eq!(line.as_deref(), Some(format!("clock {}", to.to_rfc3339()).as_str()));
    }

    pub fn id(&self) -> u32 {
        self.child.id().expect("the server has ended already")
    }

    /// It stands still: its sockets are there, and nobody reads them.
    pub async fn freeze(&self) {
        self.signal("STOP").await;
        // One of its threads takes the signal and stops the others: on a machine with much to do they go on until then.
        let tasks = format!("/proc/{}/task", self.child.id().expect("the server has ended already"));
        let stands_still = |task: &std::path::Path| {
            let state = std::fs::read_to_string(task.join("stat")).unwrap_or_default();
            state.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('T'))
        };
        until("each of its threads to stand still", || async {
            let tasks: Vec<_> = std::fs::read_dir(&tasks).unwrap().map(|task| task.unwrap().path()).collect();
            tasks.iter().all(|task| stands_still(task)).then_some(())
        })
        .await;
    }

    /// It goes on as if no time had passed.
    pub async fn thaw(&self) {
        self.signal("CONT").await;
    }

    /// Asks it to stop, as a service manager does.
    pub async fn terminate(&self) {
        self.signal("TERM").await;
    }

    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("the server has ended already");
        // The shell's own `kill`: not every machine has the program.
        let status = Command::new("sh").arg("-c").arg(format!("kill -{name} {id}")).status().await.unwrap();
        assert!(status.success());
    }

    /// SIGKILL: no last words, no flushing.
    pub async fn kill(mut self) {
        self.child.start_kill().unwrap();
        soon("the killed server's end", self.child.wait()).await.unwrap();
    }

    pub async fn ended(mut self) -> Ended {
        drop(self.input);
        let status = soon("the server's end", self.child.wait()).await.unwrap();
        Ended { status, errors: self.errors.await.unwrap() }
    }
}
