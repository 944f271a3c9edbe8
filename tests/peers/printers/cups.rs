//! A CUPS of the test's own, with one queue before a printer.

use super::machine::{bound, free_port};
use crate::kamailio::programs::{Program, until};
use crate::output_of;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const FOLDERS: [&str; 6] = ["root", "spool", "cache", "state", "tmp", "log"];

pub struct Cups {
    pub port: u16,
    daemon: Option<Program>,
    folder: TempDir,
}

impl Cups {
    /// With the queue `packs`, which gives a job up when the printer breaks off.
    pub async fn before(printer: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("startline-cups").tempdir().expect("a folder can be made");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("the folder is ours");
        for name in FOLDERS {
            fs::create_dir(folder.path().join(name)).expect("a folder can be made");
        }
        let port = free_port();
        write_settings(folder.path(), port);
        let mut cups = Self { port, daemon: None, folder };
        cups.start().await;
        let mut queue = Command::new("lpadmin");
        queue.args(["-h", &cups.address(), "-p", "packs", "-E", "-v", printer, "-m", "raw"]);
        // A queue without a driver says that it can print on one side only: both sides are its own default, then.
        queue.args(["-o", "printer-error-policy=abort-job", "-o", "sides-default=two-sided-long-edge"]);
        output_of(queue);
        cups
    }

    pub fn uri(&self) -> String {
        format!("ipp://127.0.0.1:{}/printers/packs", self.port)
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    async fn start(&mut self) {
        let mut command = bound("cupsd");
        command.arg("-f").arg("-c").arg(self.folder.path().join("cupsd.conf"));
        command.arg("-s").arg(self.folder.path().join("cups-files.conf"));
        self.daemon = Some(Program::start("cupsd", self.folder.path(), &mut command));
        let port = self.port;
        until("CUPS", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
    }
}

fn write_settings(folder: &Path, port: u16) {
    let at = |name: &str| folder.join(name).display().to_string();
    let mut files = format!(
        "ServerRoot {}\nRequestRoot {}\nCacheDir {}\nStateDir {}\nTempDir {}\nAccessLog {}/access\nErrorLog {}/error\n\
         PageLog {}/page\nServerBin /usr/lib/cups\nDataDir /usr/share/cups\nDocumentRoot /usr/share/cups\nSystemGroup root\n",
        at("root"),
        at("spool"),
        at("cache"),
        at("state"),
        at("tmp"),
        at("log"),
        at("log"),
        at("log"),
    );
    let mut id = Command::new("id");
    id.arg("-u");
    if output_of(id).trim() == "0" {
        // It refuses to work as root, and takes the folders for itself.
        files.push_str("User lp\nGroup lp\n");
        let mut chown = Command::new("chown");
        chown.arg("lp:lp").args(FOLDERS.map(|name| folder.join(name)));
        output_of(chown);
    }
    fs::write(folder.join("cups-files.conf"), files).expect("the settings can be written");
    let anybody = "Order allow,deny\nAllow from 127.0.0.1\n";
    let settings = format!(
        "LogLevel info\nListen 127.0.0.1:{port}\nBrowsing No\nWebInterface No\nDefaultAuthType None\nMaxJobs 500\n\
         PreserveJobHistory Yes\n<Location />\n{anybody}</Location>\n<Location /admin>\n{anybody}</Location>\n\
         <Policy default>\n<Limit All>\n{anybody}</Limit>\n</Policy>\n"
    );
    fs::write(folder.join("cupsd.conf"), settings).expect("the settings can be written");
}
