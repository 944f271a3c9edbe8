//! A PostgreSQL server with its default settings: that of `STARTLINE_TEST_POSTGRES`, or one of the bench's own on a
//! private socket, thrown away at the end. And `pgbench`, the yardstick, on the same server.

use super::Outcome;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub struct Server {
    url: String,
    database: String,
    programs: PathBuf,
    own: Option<(TempDir, Child)>,
}

impl Server {
    /// # Errors
    /// Also when PostgreSQL's programs are not installed.
    pub async fn start() -> Outcome<Self> {
        let programs = programs()?;
        let (url, own) = match std::env::var("STARTLINE_TEST_POSTGRES") {
            Ok(url) => (url, None),
            Err(_) => {
                let (folder, server) = start_own(&programs)?;
                let url = format!("postgres://postgres@localhost/postgres?host={}", folder.path().display());
                (url, Some((folder, server)))
            }
        };
        let database = format!("startline_bench_{:08x}", rand::random::<u32>());
        let mut server = Self { url, database, programs, own };
        server.wait().await?;
        server.on_server(format!("CREATE DATABASE {}", server.database)).await?;
        Ok(server)
    }

    /// Whether its processor time is that of a process below this one.
    pub fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Of the bench's own database.
    pub fn url(&self) -> String {
        let (address, parameters) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let server = address.rsplit_once('/').map_or(address, |(server, _)| server);
        format!("{server}/{}?{parameters}", self.database)
    }

    pub async fn version(&self) -> Outcome<String> {
        let mut connection = PgConnection::connect(&self.url()).await?;
        let said: (String,) = sqlx::query_as("SELECT version()").fetch_one(&mut connection).await?;
        Ok(said.0.split(" on ").next().unwrap_or_default().to_owned())
    }

    /// Transactions a second of a script: so many clients, prepared statements.
    pub async fn pgbench(&self, script: &Path, clients: usize, seconds: u64) -> Outcome<f64> {
        let mut command = tokio::process::Command::new(self.programs.join("pgbench"));
        command.args(["-n", "-M", "prepared", "-c", &clients.to_string(), "-j", "2", "-T", &seconds.to_string(), "-f"]);
        let output = command.arg(script).arg(self.url()).stdin(Stdio::null()).output().await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        tps.ok_or_else(|| format!("pgbench: {said}{}", String::from_utf8_lossy(&output.stderr)).into())
    }

    async fn on_server(&self, sql: String) -> Outcome {
        let mut connection = PgConnection::connect(&self.url).await?;
        // Only hexadecimal digits of our own making stand in the statement.
        connection.execute(AssertSqlSafe(sql)).await?;
        Ok(())
    }

    async fn wait(&mut self) -> Outcome {
        let begun = Instant::now();
        loop {
            match PgConnection::connect(&self.url).await {
                Ok(_) => return Ok(()),
                Err(fault) if begun.elapsed() > Duration::from_secs(30) => return Err(fault.into()),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Throws the server away, or only the database where the server is somebody else's.
    pub async fn stop(mut self) -> Outcome {
        if self.own.is_none() {
            return self.on_server(format!("DROP DATABASE {} WITH (FORCE)", self.database)).await;
        }
        self.stop_own();
        Ok(())
    }

    /// As a power cut does.
    ///
    /// # Errors
    /// When the server is somebody else's.
    pub fn stop_hard(&mut self) -> Outcome {
        let (folder, server) = self.own.as_mut().ok_or("the PostgreSQL of STARTLINE_TEST_POSTGRES is not stopped")?;
        let data = folder.path().join("data");
        as_server(&self.programs.join("pg_ctl"))
            .args(["stop", "--silent", "--mode", "immediate", "--pgdata"])
            .arg(data)
            .status()?;
        server.wait()?;
        Ok(())
    }

    pub async fn start_again(&mut self) -> Outcome {
        if let Some((folder, server)) = &mut self.own {
            *server = serve(&self.programs, folder.path())?;
        }
        self.wait().await
    }

    fn stop_own(&mut self) {
        let _ = self.stop_hard();
        self.own = None;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop_own();
    }
}

/// The newest that is installed.
fn programs() -> Outcome<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib/postgresql").map_err(|_| "PostgreSQL is not installed")?;
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = folders.flatten().map(|entry| entry.path()).max_by_key(|path| version(path));
    Ok(newest.ok_or("PostgreSQL is not installed")?.join("bin"))
}

fn start_own(programs: &Path) -> Outcome<(TempDir, Child)> {
    let folder = tempfile::Builder::new().prefix("slpg.").tempdir_in("/tmp")?;
    if is_root() {
        let done = Command::new("chown").arg("postgres").arg(folder.path()).status()?;
        if !done.success() {
            return Err("the server's folder cannot be given to the user postgres".into());
        }
    }
    let data = folder.path().join("data");
    let made = as_server(&programs.join("initdb"))
        .args(["--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--pgdata"])
        .arg(&data)
        .output()?;
    if !made.status.success() {
        return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)).into());
    }
    let server = serve(programs, folder.path())?;
    Ok((folder, server))
}

fn serve(programs: &Path, folder: &Path) -> Outcome<Child> {
    let log = std::fs::File::create(folder.join("log"))?;
    let mut command = as_server(&programs.join("postgres"));
    command.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).args(["-c", "listen_addresses="]);
    Ok(command.stdout(Stdio::null()).stderr(log).spawn()?)
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// PostgreSQL refuses to run as root.
fn as_server(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/").stdin(Stdio::null());
    command
}
