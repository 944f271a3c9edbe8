//! Programs in Node that are peers in a test: a line in is a question, a line out its answer.

use super::REPOSITORY;
use serde_json::Value;
use std::io::{BufRead, BufReader, Lines, Write};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tempfile::TempDir;

/// One of the scripts, until the test ends.
pub struct Peer {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _folder: TempDir,
}

impl Peer {
    /// `script`: in tests/peers. `modules`: the variable that names the folder with its modules.
    pub fn start(script: &str, modules: &str, arguments: &[&str]) -> Self {
        let modules = std::env::var_os(modules)
            .unwrap_or_else(|| panic!("{modules} is not set: start the tests with tests/run, which brings the peers"));
        // Node looks for modules beside the script.
        let folder = TempDir::new().expect("a temporary folder can be made");
        let from = Path::new(REPOSITORY).join("tests/peers").join(script);
        let copy = folder.path().join(from.file_name().expect("a script has a name"));
        std::fs::copy(&from, &copy).expect("the script can be copied");
        symlink(Path::new(&modules).join("node_modules"), folder.path().join("node_modules"))
            .expect("a link can be made");
        let mut node = Command::new("node");
        node.arg(copy).args(arguments);
        node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = node.spawn().expect("node can be started");
        let input = child.stdin.take().expect("its input is ours");
        let output = BufReader::new(child.stdout.take().expect("its output is ours")).lines();
        Self { child, input, output, _folder: folder }
    }

    /// The programs that it has started, and those that they have.
    pub fn offspring(&self) -> Vec<u32> {
        let parents: Vec<(u32, u32)> = std::fs::read_dir("/proc")
            .expect("a machine tells of its processes")
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter_map(|id: u32| {
                let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
                let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
                Some((id, parent))
            })
            .collect();
        let mut found = vec![self.child.id()];
        let mut at = 0;
        while let Some(parent) = found.get(at).copied() {
            found.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
            at += 1;
        }
        found.split_off(1)
    }

    pub fn line(&mut self) -> String {
        self.output.next().and_then(Result::ok).expect("the peer answers with a line")
    }

    pub fn ask(&mut self, what: &Value) -> String {
        writeln!(self.input, "{what}").expect("the peer reads");
        self.line()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
