//! What is done from the command line beside a service, or without one: its health is asked, people are looked after, the audit is looked at, old
//! records are erased, a folder is filled to look around in; and what these commands share.

pub mod audit;
pub mod demo;
pub mod health;
pub mod people;
pub mod retention;
pub mod welcome;

use clap::Args;
use nix::sys::stat::{Mode, umask};
use startline::config::Config;
use std::io::Write;
use std::path::PathBuf;

/// What every command that opens the database takes.
#[derive(Args, Clone)]
pub struct Options {
    /// A configuration file; what is given here goes before what stands there.
    #[arg(long, env = "STARTLINE_CONFIG")]
    pub config: Option<PathBuf>,
    /// The folder of the embedded database.
    #[arg(long, env = "STARTLINE_DATA")]
    pub data: Option<PathBuf>,
    /// `postgres://user@host/database` instead of the embedded database.
    #[arg(long, env = "STARTLINE_DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// The folder of a service definition instead of the pilot's.
    #[arg(long, env = "STARTLINE_DEFINITION")]
    pub definition: Option<PathBuf>,
}

impl Options {
    /// The settings, checked.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn config(self) -> Result<Config, String> {
        // Clients' data is for its owner alone, whatever the shell's umask is.
        umask(Mode::S_IRWXG | Mode::S_IRWXO);
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(data) = self.data {
            config.store.data = data;
        }
        config.store.database_url = self.database_url.or(config.store.database_url);
        config.definition.folder = self.definition.or(config.definition.folder);
        config.check()?;
        Ok(config)
    }
}

/// On standard output, for as long as somebody reads it: `startline check . | head` is no fault.
pub fn show(text: &dyn std::fmt::Display) -> Result<(), String> {
    match write!(std::io::stdout().lock(), "{text}") {
        Err(fault) if fault.kind() != std::io::ErrorKind::BrokenPipe => Err(fault.to_string()),
        _ => Ok(()),
    }
}
