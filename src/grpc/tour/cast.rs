//! Who takes part in the tour, each with a token of their own, made by the command line as an operator would.

pub use crate::person::{Person, new_request};

use std::path::Path;
use tokio::process::Command;
use tonic::transport::Channel;

/// What the command line gave for a new user.
pub struct Badge {
    name: &'static str,
    title: String,
    id: String,
    token: String,
}

/// `startline user add`.
pub async fn add_user(
    program: &Path,
    data: &Path,
    name: &'static str,
    role: &str,
    site: Option<(&str, &str)>,
) -> Result<Badge, String> {
    let mut command = Command::new(program);
    command.args(["user", "add", name, "--role", role, "--data"]).arg(data);
    if let Some((site, _)) = site {
        command.args(["--site", site]);
    }
    let done = command.output().await.map_err(|fault| fault.to_string())?;
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    if !done.status.success() {
        return Err(said);
    }
    let id = said.split(" was added as ").nth(1).and_then(|rest| rest.split('.').next()).unwrap_or_default().to_owned();
    let title = match site {
        Some((_, place)) => format!("{name} ({}, {place})", role.replace('-', " ")),
        None => format!("{name} ({role})"),
    };
    Ok(Badge { name, title, id, token: String::from_utf8_lossy(&done.stdout).trim().to_owned() })
}

/// `startline user password`.
pub async fn first_password(program: &Path, data: &Path, name: &str) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(["user", "password", name, "--data"]).arg(data);
    let done = command.output().await.map_err(|fault| fault.to_string())?;
    match done.status.success() {
        true => Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned()),
        false => Err(String::from_utf8_lossy(&done.stderr).into_owned()),
    }
}

impl Badge {
    pub fn at(self, channel: &Channel) -> Result<Person, String> {
        Person::new(self.name, self.title, self.id, &self.token, channel)
    }
}
