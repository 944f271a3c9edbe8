//! TLS at the doors: their certificates, which may be replaced while the service runs, and the connections that are spoken
//! under them. The one place that names rustls.
//!
//! What is in force is in memory, one `ServerConfig` a door. New files become a new one, as a whole, for the connections that
//! come from then on; those that are there keep what they began with. Files that are wrong change nothing.

mod entrance;
mod load;
mod names;
mod own_door;
#[cfg(test)]
mod tests;
mod watch;

pub use entrance::{Arrival, Entrance, Wire};
pub use names::ClientCertificate;
pub use own_door::{OwnDoor, to_own_door};
pub use watch::{Certificates, Reload};

use crate::clock::Clock;
use crate::config::TlsConfig;
use chrono::{DateTime, Utc};
use load::{Files, Loaded, Source};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::server::TlsStream;

/// A browser speaks HTTP/2 under TLS only, and six streams of HTTP/1.1 block its seventh call: so both are offered.
pub const HTTP: &[&str] = &[HTTP_2, "http/1.1"];
const HTTP_2: &str = "h2";
/// Nothing but SIP is spoken at its door, and its switches name no protocol.
pub const SIP: &[&str] = &[];

/// A door's certificate, and what is spoken under it. The clones are the same.
#[derive(Clone)]
pub struct Tls(Arc<Spoken>);

struct Spoken {
    source: Source,
    in_force: Mutex<InForce>,
}

struct InForce {
    config: Arc<ServerConfig>,
    ends: DateTime<Utc>,
    /// What was found when the files were looked at last, right or wrong: what is wrong is told once.
    seen: Result<Files, String>,
    /// When it was told last that the certificate ends soon.
    told_of_end: Option<DateTime<Utc>>,
}

impl Tls {
    /// `door` is the section of the settings: `grpc`.
    ///
    /// # Errors
    /// A sentence that names the setting and the file.
    pub fn open(
        door: &'static str,
        settings: &TlsConfig,
        protocols: &'static [&'static str],
        clock: &Clock,
    ) -> Result<Self, String> {
        let source = Source { door, settings: settings.clone(), protocols, clock: clock.clone() };
        let files = source.read()?;
        let Loaded { config, validity, doubts } = source.load(&files, clock.now())?;
        for doubt in doubts {
            tracing::warn!("{doubt}");
        }
        let in_force = InForce { config, ends: validity.ends, seen: Ok(files), told_of_end: None };
        Ok(Self(Arc::new(Spoken { source, in_force: Mutex::new(in_force) })))
    }

    /// Agrees with whoever has connected on how to speak, and learns whose certificate they have, if they show one.
    ///
    /// # Errors
    /// Whatever ends it: a foreign certificate, plain text, silence.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<(TlsStream<TcpStream>, Option<ClientCertificate>)> {
        let config = self.in_force().config.clone();
        let stream = TlsAcceptor::from(config).accept(stream).await?;
        let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
        let certificate = shown.and_then(|shown| match names::client(shown) {
            Ok(certificate) => Some(certificate),
            Err(fault) => {
                // It was verified; a name of a kind that nobody reads here leaves its holder with their token.
                tracing::debug!(door = self.door(), %fault, "a client's certificate tells no names");
                None
            }
        });
        Ok((stream, certificate))
    }

    pub fn door(&self) -> &'static str {
        self.0.source.door
    }

    /// When the certificate in force ends.
    pub fn ends(&self) -> DateTime<Utc> {
        self.in_force().ends
    }

    fn in_force(&self) -> MutexGuard<'_, InForce> {
        self.0.in_force.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the files, and takes what is new in them. What is wrong is told once and changes nothing.
    pub(crate) fn look(&self, now: DateTime<Utc>) {
        let source = &self.0.source;
        let seen = source.read();
        if self.in_force().seen == seen {
            return;
        }
        let loaded = seen.as_ref().map_err(Clone::clone).and_then(|files| source.load(files, now));
        let mut in_force = self.in_force();
        in_force.seen = seen;
        match loaded {
            Ok(Loaded { config, validity, doubts }) => {
                in_force.config = config;
                in_force.ends = validity.ends;
                in_force.told_of_end = None;
                drop(in_force);
                tracing::info!(door = source.door, ends = %validity.ends, "the certificate was read anew, and is in force for new connections");
                for doubt in doubts {
                    tracing::warn!("{doubt}");
                }
            }
            Err(fault) => {
                drop(in_force);
                tracing::warn!(door = source.door, "the certificate was not replaced, the one before stays: {fault}");
            }
        }
    }
}
