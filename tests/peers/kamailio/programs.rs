//! Other people's programs, started for a test and ended with it, also when the test fails.

use std::fs::File;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// Longer than anything here takes, on any machine: only a test that would hang for ever ends by it.
const FOR_EVER: Duration = Duration::from_secs(120);
/// How often what cannot tell us is asked. Nothing depends on it but how soon a test goes on.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long a program that was asked to end may take before it is killed.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Asks again and again until there is an answer.
pub async fn until<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    at_last(ask).await.unwrap_or_else(|| panic!("waited in vain for {what}"))
}

/// The same, for who can say better what is wrong when no answer ever comes.
pub async fn at_last<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let mut ticks = tokio::time::interval(LOOK_AGAIN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let asking = async {
        loop {
            ticks.tick().await;
            if let Some(found) = ask().await {
                return found;
            }
        }
    };
    tokio::time::timeout(FOR_EVER, asking).await.ok()
}

const MORTAL: &str = "timeout";

/// A program that ends some day, even when the tests are killed and can end nothing themselves.
pub fn mortal(program: &str) -> Command {
    let mut command = Command::new(MORTAL);
    command.args(["--foreground", "--kill-after=5", "600", program]);
    command
}

/// A running program. Everything it says goes to a file, which is shown when the test fails.
pub struct Program {
    name: String,
    /// Must be asked to end: it ends others then.
    has_children: bool,
    child: Child,
    log: std::path::PathBuf,
}

impl Program {
    pub fn start(name: &str, folder: &Path, command: &mut Command) -> Self {
        command.stdin(Stdio::null());
        Self::started(name, folder, command)
    }

    /// One that is told things on its input.
    pub fn told(name: &str, folder: &Path, command: &mut Command) -> (Self, ChildStdin) {
        command.stdin(Stdio::piped());
        let mut program = Self::started(name, folder, command);
        let input = program.child.stdin.take().expect("its input is ours");
        (program, input)
    }

    fn started(name: &str, folder: &Path, command: &mut Command) -> Self {
        let log = folder.join(format!("{name}.log"));
        let file = File::create(&log).expect("a log can be made");
        let again = file.try_clone().expect("a log can be shared");
        command.stdout(file).stderr(again).current_dir(folder);
        let child = command.spawn().unwrap_or_else(|fault| panic!("{command:?} cannot be started: {fault}"));
        Self { name: name.to_owned(), has_children: command.get_program() == MORTAL, child, log }
    }

    pub fn log(&self) -> String {
        std::fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be asked about")
    }

    /// The program's end, by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        let what = format!("the end of {}", self.name);
        until(&what, async || self.has_ended()).await
    }

    /// SIGKILL: no last words.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, as a service manager does: one that has children of its own ends them.
    pub fn terminate(&self) {
        signal(self.child.id(), "TERM");
    }

    /// It stands still, as under a debugger or on a machine that is moved: its sockets are there, and nobody reads them.
    pub fn freeze(&self) {
        signal(self.child.id(), "STOP");
    }

    /// It goes on as if no time had passed.
    pub fn thaw(&self) {
        signal(self.child.id(), "CONT");
    }

    fn wait_for_last_words(&mut self) {
        let (child, (ended, hears)) = (&mut self.child, mpsc::channel());
        let id = child.id();
        std::thread::scope(|threads| {
            threads.spawn(move || {
                let _ = ended.send(child.wait());
            });
            if hears.recv_timeout(LAST_WORDS).is_err() {
                signal(id, "KILL");
            }
        });
    }
}

fn signal(id: u32, name: &str) {
    // The shell's own `kill`: not every machine has the program.
    let _ = Command::new("sh").arg("-c").arg(format!("kill -{name} {id}")).stderr(Stdio::null()).status();
}

impl Drop for Program {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // Of a clock that is moved ten times a second nobody wants to read.
            let log: String = self.log().split_inclusive('\n').filter(|line| !line.starts_with("clock ")).collect();
            let from = log.len().saturating_sub(6000);
            let from = (from..log.len()).find(|at| log.is_char_boundary(*at)).unwrap_or(0);
            eprintln!("---- {} said:\n{}", self.name, log.get(from..).unwrap_or_default());
        }
        if self.has_children && self.has_ended().is_none() {
            self.terminate();
            self.wait_for_last_words();
        }
        self.kill();
    }
}
