//! The settings of a server: defaults that work, a file, the command line over both. Nonsense is refused at the start,
//! with the name of the setting.

mod notify;
mod oidc;
mod printers;
mod sip;
mod telemetry;
mod web;

pub use notify::{API_KEY_VARIABLE, NotifyConfig, RECEIPTS_TOKEN_VARIABLE};
pub use oidc::{ALGORITHMS, GroupConfig, OIDC_CLIENT_SECRET_VARIABLE, OidcConfig, is_trusted_address};
pub use printers::{PRINTER_PASSWORD_VARIABLE, PrinterConfig};
pub use sip::{Announcements, Listen, Network, SipConfig, SwitchConfig};
pub use telemetry::TelemetryConfig;
pub use web::WebConfig;

use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    pub grpc: GrpcConfig,
    pub store: StoreConfig,
    pub definition: DefinitionConfig,
    pub stop: StopConfig,
    /// The front door for telephone switches, when there is to be one.
    pub sip: Option<SipConfig>,
    /// The door for calendar feeds and delivery receipts, when there is to be one.
    pub web: Option<WebConfig>,
    /// Who sends reminders, when they are to be sent.
    pub notify: Option<NotifyConfig>,
    /// The organisation's own accounts, when people sign in with them.
    pub oidc: Option<OidcConfig>,
    /// The printers that the service prints to by itself.
    pub printers: Vec<PrinterConfig>,
    pub telemetry: TelemetryConfig,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GrpcConfig {
    /// Where the API is served. On loopback unless an operator puts TLS in front of it.
    pub listen: SocketAddr,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// The folder of the embedded database.
    pub data: PathBuf,
    /// `postgres://user@host/database`, or `sqlite:FILE`; the embedded database in `data` when there is none.
    pub database_url: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DefinitionConfig {
    /// The folder of the service definition; the pilot's, from inside the program, when there is none.
    pub folder: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StopConfig {
    /// How long a stop waits for running requests, in seconds.
    pub grace_s: u64,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct ConfigFile {
    grpc: GrpcConfig,
    store: StoreConfig,
    definition: DefinitionConfig,
    stop: StopConfig,
    sip: Option<SipConfig>,
    web: Option<WebConfig>,
    notify: Option<NotifyConfig>,
    oidc: Option<OidcConfig>,
    printers: Vec<PrinterConfig>,
    telemetry: TelemetryConfig,
}

impl Default for GrpcConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 50051)) }
    }
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self { data: PathBuf::from("startline-data"), database_url: None }
    }
}

impl Default for StopConfig {
    fn default() -> Self {
        // Longer than any request takes, shorter than a service manager's patience.
        Self { grace_s: 10 }
    }
}

impl Config {
    /// The defaults, with what the file says over them.
    ///
    /// # Errors
    /// A sentence that names the file and what is wrong in it.
    pub fn load(file: Option<&Path>) -> Result<Self, String> {
        let ConfigFile { grpc, store, definition, stop, sip, web, notify, oidc, printers, telemetry } = match file {
            None => ConfigFile::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|fault| format!("the configuration {} cannot be read: {fault}", path.display()))?;
                toml::from_str(&text)
                    .map_err(|fault| format!("the configuration {} is wrong: {fault}", path.display()))?
            }
        };
        Ok(Self { grpc, store, definition, stop, sip, web, notify, oidc, printers, telemetry })
    }

    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self) -> Result<(), String> {
        if !(1..=600).contains(&self.stop.grace_s) {
            return Err("stop.grace_s must be from 1 to 600 seconds".into());
        }
        if self.store.data.as_os_str().is_empty() {
            return Err("store.data must name a folder".into());
        }
        self.sip.as_ref().map_or(Ok(()), SipConfig::check)?;
        self.web.as_ref().map_or(Ok(()), WebConfig::check)?;
        self.notify.as_ref().map_or(Ok(()), NotifyConfig::check)?;
        self.oidc.as_ref().map_or(Ok(()), |oidc| oidc.check(self.web.as_ref()))?;
        let public: Vec<SocketAddr> = self.web.iter().map(|web| web.listen).chain([self.grpc.listen]).collect();
        self.telemetry.check(&public)?;
        PrinterConfig::check_all(&self.printers)
    }
}

impl StopConfig {
    pub fn grace(&self) -> Duration {
        Duration::from_secs(self.grace_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_nobody_knows_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("startline.toml");
        std::fs::write(&file, "[grpc]\nlissen = \"127.0.0.1:1\"\n").unwrap();
        assert!(Config::load(Some(&file)).unwrap_err().contains("lissen"));
        std::fs::write(&file, "[grpc]\nlisten = \"127.0.0.1:7\"\n[stop]\ngrace_s = 0\n").unwrap();
        let config = Config::load(Some(&file)).unwrap();
        assert_eq!(config.grpc.listen.port(), 7);
        assert!(config.check().unwrap_err().contains("stop.grace_s"));
    }
}
