//! Databases on the PostgreSQL server that `tests/run` starts for the tests.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// The URL of an empty database that nobody else uses. It is never dropped: `tests/run` throws the whole server away.
///
/// Panics when there is no such server. A test that calls this has `postgres` as a module or as its name, so that
/// `tests/run` can list it as not run where PostgreSQL cannot be had.
pub async fn fresh_database() -> String {
    let server = std::env::var("STARTLINE_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("STARTLINE_TEST_POSTGRES is not set: start the tests with tests/run, which brings its own PostgreSQL")
    });
    let mut connection = PgConnection::connect(&server)
        .await
        .unwrap_or_else(|fault| panic!("the PostgreSQL server of tests/run at {server} cannot be reached: {fault}"));
    let name = format!("startline_{:016x}", rand::random::<u64>());
    // Only hexadecimal digits of our own making go into the statement.
    connection
        .execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await
        .unwrap_or_else(|fault| panic!("the test database {name} cannot be created: {fault}"));
    connection.close().await.unwrap_or_else(|fault| panic!("the connection to {server} cannot be closed: {fault}"));
    with_database(&server, &name)
}

/// `server` with another database's name: `postgres://user@host/DATABASE?host=/socket/folder`.
fn with_database(server: &str, name: &str) -> String {
    let (address, parameters) = match server.split_once('?') {
        Some((address, parameters)) => (address, format!("?{parameters}")),
        None => (server, String::new()),
    };
    let (scheme, rest) = address.split_once("://").unwrap_or_else(|| panic!("{server} is no PostgreSQL URL"));
    let host = rest.split('/').next().unwrap_or(rest);
    format!("{scheme}://{host}/{name}{parameters}")
}
