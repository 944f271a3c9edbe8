//! A door's files become what it speaks by, or a sentence that says which file is wrong and why.

use super::names::{self, Validity};
use crate::clock::Clock;
use crate::config::TlsConfig;
use chrono::{DateTime, Utc};
use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use tokio_rustls::rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::time_provider::TimeProvider;
use tokio_rustls::rustls::{Error, RootCertStore, ServerConfig};

/// Where the files of a door are, and what is spoken under its certificate.
pub(super) struct Source {
    /// As its section is called: `grpc`.
    pub door: &'static str,
    pub settings: TlsConfig,
    /// In the order in which they are liked, by their names of ALPN.
    pub protocols: &'static [&'static str],
    pub clock: Clock,
}

/// What the files hold.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
    /// Others than its owner may read the key.
    key_is_shared: bool,
}

/// What a door speaks by.
pub(super) struct Loaded {
    pub config: Arc<ServerConfig>,
    pub validity: Validity,
    /// What is no reason to refuse it.
    pub doubts: Vec<String>,
}

impl Source {
    fn wrong(&self, setting: &str, file: &Path, why: impl fmt::Display) -> String {
        format!("{}.tls.{setting} ({}) {why}", self.door, file.display())
    }

    /// # Errors
    /// A sentence that names the setting and the file.
    pub fn read(&self) -> Result<Files, String> {
        let read = |setting: &str, file: &Path| {
            std::fs::read(file).map_err(|fault| self.wrong(setting, file, format_args!("cannot be read: {fault}")))
        };
        let settings = &self.settings;
        let mode = std::fs::metadata(&settings.key).map(|about| about.permissions().mode());
        Ok(Files {
            certificate: read("certificate", &settings.certificate)?,
            key: read("key", &settings.key)?,
            client_ca: settings.client_ca.as_deref().map(|file| read("client_ca", file)).transpose()?,
            key_is_shared: mode.is_ok_and(|mode| mode & 0o044 != 0),
        })
    }

    /// # Errors
    /// A sentence that names the setting and the file.
    pub fn load(&self, files: &Files, now: DateTime<Utc>) -> Result<Loaded, String> {
        let provider = Arc::new(ring::default_provider());
        let chain = self.certificates("certificate", &self.settings.certificate, &files.certificate)?;
        let validity = self.validity(&chain)?;
        let key = self.key(files, chain, &provider)?;
        let time = Arc::new(OurTime(self.clock.clone()));
        let builder = ServerConfig::builder_with_details(provider.clone(), time);
        let builder = builder.with_safe_default_protocol_versions().map_err(|fault| fault.to_string())?;
        let builder = match self.settings.client_ca.as_deref().zip(files.client_ca.as_ref()) {
            None => builder.with_no_client_auth(),
            Some((file, pem)) => {
                let roots = Arc::new(self.roots(file, pem)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).allow_unauthenticated();
                let verifier = verifier.build().map_err(|fault| self.wrong("client_ca", file, fault))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(key)));
        config.alpn_protocols = self.protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        if files.client_ca.is_some() {
            // A connection that is taken up again is not verified again: whose certificate has ended must not come so.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        }
        Ok(Loaded { config: Arc::new(config), validity, doubts: self.doubts(files, validity, now) })
    }

    fn certificates(&self, setting: &str, file: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        match found {
            Ok(all) if all.is_empty() => Err(self.wrong(setting, file, "has no certificate in it, in PEM")),
            Ok(all) => Ok(all),
            Err(fault) => Err(self.wrong(setting, file, format_args!("is not PEM: {fault}"))),
        }
    }

    /// Of the whole chain: it holds while each of it does.
    fn validity(&self, chain: &[CertificateDer<'_>]) -> Result<Validity, String> {
        let mut whole: Option<Validity> = None;
        for certificate in chain {
            let one = names::validity(certificate).map_err(|fault| {
                let why = format_args!("has something in it that is no certificate: {fault}");
                self.wrong("certificate", &self.settings.certificate, why)
            })?;
            let both =
                |known: Validity| Validity { begins: known.begins.max(one.begins), ends: known.ends.min(one.ends) };
            whole = Some(whole.map_or(one, both));
        }
        whole.ok_or_else(|| self.wrong("certificate", &self.settings.certificate, "has no certificate in it"))
    }

    /// What is wrong with a key is told without a word of it.
    fn key(
        &self,
        files: &Files,
        chain: Vec<CertificateDer<'static>>,
        provider: &CryptoProvider,
    ) -> Result<CertifiedKey, String> {
        let wrong = |why: &str| self.wrong("key", &self.settings.key, why);
        let key = PrivateKeyDer::from_pem_slice(&files.key).map_err(|_| wrong("has no private key in it, in PEM"))?;
        CertifiedKey::from_der(chain, key, provider).map_err(|fault| match fault {
            Error::InconsistentKeys(_) => {
                let certificate = self.settings.certificate.display();
                wrong(&format!("does not belong to the certificate in {certificate}"))
            }
            _ => wrong("holds a key of a kind that is not known here: RSA, ECDSA (P-256, P-384) and Ed25519 are"),
        })
    }

    fn roots(&self, file: &Path, pem: &[u8]) -> Result<RootCertStore, String> {
        let mut roots = RootCertStore::empty();
        for certificate in self.certificates("client_ca", file, pem)? {
            roots.add(certificate).map_err(|fault| {
                self.wrong("client_ca", file, format_args!("has something in it that can vouch for nobody: {fault}"))
            })?;
        }
        Ok(roots)
    }

    fn doubts(&self, files: &Files, validity: Validity, now: DateTime<Utc>) -> Vec<String> {
        let certificate = |why: String| self.wrong("certificate", &self.settings.certificate, why);
        let mut doubts = Vec::new();
        if now < validity.begins {
            doubts.push(certificate(format!("holds only from {} on: clients will refuse it", validity.begins)));
        }
        if now >= validity.ends {
            doubts.push(certificate(format!("ended on {}: clients will refuse it", validity.ends)));
        }
        if files.key_is_shared {
            doubts.push(self.wrong("key", &self.settings.key, "can be read by others than its owner: chmod 600"));
        }
        doubts
    }
}

/// Certificates end by the clock that everything else goes by.
struct OurTime(Clock);

impl fmt::Debug for OurTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OurTime")
    }
}

impl TimeProvider for OurTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().timestamp()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}
