//! The way to the database, which a story cuts and mends: for the service the database is away.
//!
//! PostgreSQL stands behind a proxy that drops what goes through it. SQLite has no way to it: there another process holds
//! the file's write lock, which is what being away looks like from inside.

use super::home::{Engine, Home};
use sqlx::{Connection, Executor, SqliteConnection};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::{TcpListener, UnixStream};
use tokio::sync::watch;

pub enum Line {
    Sqlite { file: PathBuf, holder: Option<SqliteConnection> },
    Postgres(Arc<watch::Sender<bool>>),
}

impl Home {
    /// From now on whoever opens the data goes through a line that can be cut.
    pub async fn behind_a_line(&mut self) -> Line {
        match self.engine {
            Engine::Sqlite => Line::Sqlite { file: self.data().join("startline.sqlite"), holder: None },
            Engine::Postgres => {
                let url = self.database_url.clone().unwrap();
                let (socket, database) = parts(&url);
                let whole = Arc::new(watch::Sender::new(true));
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                let port = listener.local_addr().unwrap().port();
                self.database_url = Some(format!("postgres://postgres@127.0.0.1:{port}/{database}"));
                tokio::spawn(forward(listener, socket, whole.clone()));
                Line::Postgres(whole)
            }
        }
    }
}

/// The socket's path and the database's name: `postgres://user@localhost/DATABASE?host=/FOLDER`.
fn parts(url: &str) -> (PathBuf, String) {
    let (address, folder) = url.split_once("?host=").expect("the tests' PostgreSQL listens on a socket");
    let database = address.rsplit('/').next().unwrap();
    (PathBuf::from(folder).join(".s.PGSQL.5432"), database.to_owned())
}

async fn forward(listener: TcpListener, socket: PathBuf, whole: Arc<watch::Sender<bool>>) {
    while let Ok((mut service, _)) = listener.accept().await {
        let mut state = whole.subscribe();
        let socket = socket.clone();
        tokio::spawn(async move {
            if !*state.borrow() {
                return;
            }
            let Ok(mut server) = UnixStream::connect(socket).await else { return };
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut service, &mut server) => {}
                _ = state.wait_for(|whole| !whole) => {}
            }
        });
    }
}

impl Line {
    pub async fn cut(&mut self) {
        match self {
            Self::Sqlite { file, holder } => {
                let url = format!("sqlite://{}", file.display());
                let mut connection = SqliteConnection::connect(&url).await.unwrap();
                connection.execute("BEGIN IMMEDIATE").await.unwrap();
                *holder = Some(connection);
            }
            Self::Postgres(whole) => drop(whole.send_replace(false)),
        }
    }

    pub async fn mend(&mut self) {
        match self {
            Self::Sqlite { holder, .. } => {
                let mut connection = holder.take().unwrap();
                connection.execute("ROLLBACK").await.unwrap();
                connection.close().await.unwrap();
            }
            Self::Postgres(whole) => drop(whole.send_replace(true)),
        }
    }
}
