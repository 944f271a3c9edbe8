//! `startline health`: whether the service on this machine can do its work, as an exit code.

use super::Options;
use clap::Args;
use startline::grpc::probe;
use std::net::SocketAddr;

#[derive(Args)]
pub struct Health {
    /// Where it listens.
    #[arg(long, env = "STARTLINE_LISTEN")]
    listen: Option<SocketAddr>,
    /// Of what: a service of the API, or `live`; all that it does when not given.
    #[arg(long, default_value = "")]
    service: String,
    #[command(flatten)]
    options: Options,
}

/// # Errors
/// A sentence that says what it cannot do.
pub async fn run(asked: Health) -> Result<(), String> {
    let config = asked.options.config()?;
    probe::ask(asked.listen.unwrap_or(config.grpc.listen), config.grpc.tls.as_ref(), &asked.service).await
}
