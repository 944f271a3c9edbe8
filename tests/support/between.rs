//! A database that is away for a while.

use std::path::PathBuf;
use tokio::io::copy_bidirectional;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

/// Somebody between a service and its database, who can hang up.
pub struct Between {
    /// For the service.
    pub url: String,
    folder: tempfile::TempDir,
    to: PathBuf,
    passing: AbortOnDropHandle<()>,
}

/// As PostgreSQL calls it.
const SOCKET: &str = ".s.PGSQL.5432";

impl Between {
    pub async fn open(url: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("startline-between").tempdir().unwrap();
        let (address, host) = url.split_once("?host=").unwrap();
        let url = format!("{address}?host={}", folder.path().display());
        let to = PathBuf::from(host).join(SOCKET);
        let passing = Self::pass(folder.path().join(SOCKET), to.clone());
        Self { url, folder, to, passing }
    }

    pub async fn shut(&mut self) {
        self.passing.abort();
        std::fs::remove_file(self.folder.path().join(SOCKET)).unwrap();
    }

    pub async fn open_again(&mut self) {
        self.passing = Self::pass(self.folder.path().join(SOCKET), self.to.clone());
    }

    fn pass(from: PathBuf, to: PathBuf) -> AbortOnDropHandle<()> {
        let listener = UnixListener::bind(from).unwrap();
        AbortOnDropHandle::new(tokio::spawn(async move {
            let mut all = JoinSet::new();
            loop {
                let (mut one, _) = listener.accept().await.unwrap();
                let to = to.clone();
                all.spawn(async move {
                    let mut other = UnixStream::connect(to).await.unwrap();
                    let _ = copy_bidirectional(&mut one, &mut other).await;
                });
            }
        }))
    }
}
