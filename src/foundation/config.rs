//! The settings of a server: defaults that work, a file, the command line over both. Nonsense is refused at the start,
//! with the name of the setting.

mod access;
mod notify;
mod oidc;
mod printers;
mod retention;
mod sip;
mod telemetry;
mod tls;
mod web;

pub use access::AccessConfig;
pub use notify::{API_KEY_VARIABLE, NotifyConfig, RECEIPTS_TOKEN_VARIABLE};
pub use oidc::{ALGORITHMS, GroupConfig, OIDC_CLIENT_SECRET_VARIABLE, OidcConfig, is_trusted_address};
pub use printers::{PRINTER_PASSWORD_VARIABLE, PrinterConfig};
pub use retention::{Kind as RetentionKind, RetentionConfig};
pub use sip::{Announcements, Listen, Network, SipConfig, SwitchConfig};
pub use telemetry::TelemetryConfig;
pub use tls::TlsConfig;
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
    pub access: AccessConfig,
    /// How long records are kept.
    pub retention: RetentionConfig,
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
    /// Doors without TLS may listen where others than this machine reach them. Said on the command line, never in the file.
    pub insecure_listen: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GrpcConfig {
    /// Where the API is served.
    pub listen: SocketAddr,
    /// Its certificate; without one it is in plain, and listens on loopback.
    pub tls: Option<TlsConfig>,
    /// A connection by which nobody has asked anything for so long, in seconds, is closed, however many pings it answers.
    pub idle_s: u64,
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
    access: AccessConfig,
    retention: RetentionConfig,
    sip: Option<SipConfig>,
    web: Option<WebConfig>,
    notify: Option<NotifyConfig>,
    oidc: Option<OidcConfig>,
    printers: Vec<PrinterConfig>,
    telemetry: TelemetryConfig,
}

impl Default for GrpcConfig {
    fn default() -> Self {
        // Desks and switches have a stream open all day. Whoever has none and asks nothing for a quarter of an hour opens
        // another connection within milliseconds; meanwhile this one would hold a descriptor that others need.
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 50051)), tls: None, idle_s: 900 }
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
        let ConfigFile {
            grpc,
            store,
            definition,
            stop,
            access,
            retention,
            sip,
            web,
            notify,
            oidc,
            printers,
            telemetry,
        } = match file {
            None => ConfigFile::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|fault| format!("the configuration {} cannot be read: {fault}", path.display()))?;
                toml::from_str(&text)
                    .map_err(|fault| format!("the configuration {} is wrong: {fault}", path.display()))?
            }
        };
        let insecure_listen = false;
        Ok(Self {
            grpc,
            store,
            definition,
            stop,
            access,
            retention,
            sip,
            web,
            notify,
            oidc,
            printers,
            telemetry,
            insecure_listen,
        })
    }

    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self) -> Result<(), String> {
        if !(1..=600).contains(&self.stop.grace_s) {
            return Err("stop.grace_s must be from 1 to 600 seconds".into());
        }
        if !(1..=86_400).contains(&self.grpc.idle_s) {
            return Err("grpc.idle_s must be from 1 to 86400 seconds".into());
        }
        if self.store.data.as_os_str().is_empty() {
            return Err("store.data must name a folder".into());
        }
        self.access.check()?;
        self.retention.check()?;
        self.grpc.tls.as_ref().map_or(Ok(()), |tls| tls.check("grpc"))?;
        self.sip.as_ref().map_or(Ok(()), SipConfig::check)?;
        self.web.as_ref().map_or(Ok(()), WebConfig::check)?;
        self.notify.as_ref().map_or(Ok(()), NotifyConfig::check)?;
        self.oidc.as_ref().map_or(Ok(()), |oidc| oidc.check(self.web.as_ref()))?;
        let public: Vec<SocketAddr> = self.web.iter().map(|web| web.listen).chain([self.grpc.listen]).collect();
        self.telemetry.check(&public)?;
        PrinterConfig::check_all(&self.printers)
    }

    /// The doors whose traffic others could read on its way: in plain, on an address that is not this machine's own. Telephone
    /// switches live on networks of their own, and only those that are named are answered: their door is not among these.
    ///
    /// # Errors
    /// A sentence that names the setting and says what to do, unless somebody said that it is meant.
    pub fn doors_in_plain(&self) -> Result<Vec<(&'static str, SocketAddr)>, String> {
        let grpc = self.grpc.tls.is_none().then_some(("grpc.listen", self.grpc.listen, "configure [grpc.tls]"));
        let web = self.web.iter().filter(|web| web.tls.is_none());
        let web = web.map(|web| ("web.listen", web.listen, "configure [web.tls]"));
        let figures = self.telemetry.prometheus.then_some((
            "telemetry.prometheus_listen",
            self.telemetry.prometheus_listen,
            "listen on a loopback address",
        ));
        let is_heard = |address: &SocketAddr| !address.ip().to_canonical().is_loopback();
        let doors: Vec<_> = grpc.into_iter().chain(web).chain(figures).filter(|(_, at, _)| is_heard(at)).collect();
        match doors.first() {
            Some((setting, address, remedy)) if !self.insecure_listen => Err(format!(
                "{setting} is {address}, where others than this machine could read what is said in plain: {remedy}, or put \
                 TLS in front of it and start with --insecure-listen"
            )),
            _ => Ok(doors.into_iter().map(|(setting, address, _)| (setting, address)).collect()),
        }
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

    #[test]
    fn what_is_said_in_plain_stays_on_this_machine_unless_somebody_says_so() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        let mut config = Config::load(None).unwrap();
        for own in ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            config.grpc.listen = address(own);
            assert_eq!(config.doors_in_plain(), Ok(Vec::new()), "{own}");
        }
        config.grpc.listen = address("0.0.0.0:1");
        let refused = config.doors_in_plain().unwrap_err();
        assert!(refused.contains("grpc.listen is 0.0.0.0:1") && refused.contains("[grpc.tls]"), "{refused}");
        assert!(refused.contains("--insecure-listen"), "{refused}");
        config.insecure_listen = true;
        assert_eq!(config.doors_in_plain(), Ok(vec![("grpc.listen", address("0.0.0.0:1"))]));
        config.insecure_listen = false;
        config.grpc.tls = Some(TlsConfig { certificate: "a".into(), key: "b".into(), client_ca: None });
        assert_eq!(config.doors_in_plain(), Ok(Vec::new()));
        config.web = Some(WebConfig { listen: address("[::]:1"), public_url: None, tls: None });
        assert!(
            config.doors_in_plain().is_err_and(|fault| fault.contains("web.listen") && fault.contains("[web.tls]"))
        );
        config.web = None;
        config.telemetry.prometheus_listen = address("192.0.2.1:9464");
        assert_eq!(config.doors_in_plain(), Ok(Vec::new()), "nothing is shown");
        config.telemetry.prometheus = true;
        assert!(config.doors_in_plain().is_err_and(|fault| fault.contains("telemetry.prometheus_listen")));
    }
}
