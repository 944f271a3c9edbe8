//! `ippeveprinter` on loopback. It asks a message bus for somebody who would announce it; it gets a bus of its own, on which
//! nobody listens, and is not announced.

use crate::kamailio::programs::{Program, until};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What the printer runs for each job. A page is a line in `pages`; a pack that came out whole is a line in `tray`.
/// Files are its levers: `no-paper`, `jams` (once),
/// `counts-nothing`, and `waits-after-N` at page N.
const WORKS: &str = r#"#!/bin/sh
folder=$(dirname "$0")
lives() { kill -0 $PPID 2>/dev/null || exit 1; }
while_there() { while [ -e "$folder/$1" ]; do lives; sleep 0.02; done; lives; }
pages=$(pdfinfo "$1" | awk '/^Pages:/ { print $2 }')
[ -n "$pages" ] || exit 1
case "$IPP_PAGE_RANGES" in *-*) pages=$((${IPP_PAGE_RANGES#*-} - ${IPP_PAGE_RANGES%-*} + 1)) ;; esac
page=0
while [ "$page" -lt "$pages" ]; do
  if [ -e "$folder/no-paper" ]; then
    echo "STATE: +media-empty-error" >&2
    while_there no-paper
    echo "STATE: -media-empty-error" >&2
  fi
  if rm "$folder/jams" 2>/dev/null; then exit 1; fi
  page=$((page + 1))
  echo "$IPP_JOB_NAME" >>"$folder/pages"
  [ -e "$folder/counts-nothing" ] || echo "ATTR: job-impressions-completed=$page" >&2
  while_there "waits-after-$page"
done
echo "$IPP_JOB_NAME|$pages|$IPP_SIDES|$(sha256sum <"$1" | cut -c1-64)" >>"$folder/tray"
"#;

/// A program that ends with the thread that started it, also when the tests are killed.
pub fn bound(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", program]);
    command
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port can be had");
    listener.local_addr().expect("it has a number").port()
}

/// One pack that came out of the printer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameOut {
    pub job_name: String,
    pub pages: u32,
    pub sides: String,
    pub sha256: String,
}

pub struct Machine {
    pub port: u16,
    folder: TempDir,
    _bus: Program,
    printer: Option<Program>,
}

impl Machine {
    pub async fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("startline-printer").tempdir().expect("a folder can be made");
        // CUPS runs its part of the way as another user.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("the folder is ours");
        let works = folder.path().join("works");
        fs::write(&works, WORKS).expect("the printer's works can be written");
        fs::set_permissions(&works, fs::Permissions::from_mode(0o755)).expect("the works are ours");
        fs::create_dir(folder.path().join("spool")).expect("a spool can be made");
        let address = format!("--address={}", bus_address(folder.path()));
        let mut bus = bound("dbus-daemon");
        bus.args(["--session", "--nofork", "--nopidfile", &address]);
        let bus = Program::start("bus", folder.path(), &mut bus);
        until("the message bus", async || folder.path().join("bus").exists().then_some(())).await;
        let mut machine = Self { port: free_port(), folder, _bus: bus, printer: None };
        machine.switch_on().await;
        machine
    }

    pub fn uri(&self) -> String {
        format!("ipp://localhost:{}/ipp/print", self.port)
    }

    /// It remembers nothing of what was before.
    pub async fn switch_on(&mut self) {
        let mut command = bound("ippeveprinter");
        command
            .env("DBUS_SYSTEM_BUS_ADDRESS", bus_address(self.folder.path()))
            .args(["-v", "-r", "off", "-n", "localhost", "-2", "-f", "application/pdf"])
            .args(["-p", &self.port.to_string(), "-d", "spool", "-c"])
            .arg(self.folder.path().join("works"))
            .arg("Startline's");
        self.printer = Some(Program::start("ippeveprinter", self.folder.path(), &mut command));
        let port = self.port;
        until("the printer", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
    }

    /// SIGKILL, as when somebody pulls the plug: the page under way stays where it is.
    pub fn pull_the_plug(&mut self) {
        self.printer.take().expect("it is on").kill();
    }

    pub fn pull(&self, lever: &str) {
        fs::write(self.folder.path().join(lever), "").expect("a lever can be pulled");
    }

    pub fn push_back(&self, lever: &str) {
        fs::remove_file(self.folder.path().join(lever)).expect("the lever was pulled");
    }

    /// The names of the jobs whose pages came out, a page each.
    pub fn pages(&self) -> Vec<String> {
        self.lines("pages")
    }

    /// What lies in the tray, whole.
    pub fn tray(&self) -> Vec<CameOut> {
        let read = |line: String| {
            let fields: Vec<&str> = line.split('|').collect();
            let [job_name, pages, sides, sha256] = fields[..] else { panic!("the tray holds {line:?}") };
            CameOut {
                job_name: job_name.to_owned(),
                pages: pages.parse().expect("the works count pages"),
                sides: sides.to_owned(),
                sha256: sha256.to_owned(),
            }
        };
        self.lines("tray").into_iter().map(read).collect()
    }

    fn lines(&self, file: &str) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join(file)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

fn bus_address(folder: &Path) -> String {
    let socket: PathBuf = folder.join("bus");
    format!("unix:path={}", socket.display())
}
