//! Certificates of the tests' own, and clients that speak TLS.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use startline::config::TlsConfig;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tonic::transport::{Channel, Endpoint};

/// Whoever makes certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
#[derive(Clone)]
pub struct Papers {
    pub certificate: String,
    pub key: String,
}

fn params() -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = rcgen::date_time_ymd(2001, 1, 1);
    params.not_after = rcgen::date_time_ymd(2090, 1, 1);
    params
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = params();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A door's, under the name `localhost`.
    pub fn door(&self) -> Papers {
        self.papers(SanType::DnsName("localhost".try_into().unwrap()))
    }

    /// A client's, under this URI.
    pub fn client(&self, uri: &str) -> Papers {
        self.papers(SanType::URI(uri.try_into().unwrap()))
    }

    fn papers(&self, name: SanType) -> Papers {
        let mut params = params();
        params.subject_alt_names = vec![name];
        let key = KeyPair::generate().unwrap();
        Papers { certificate: params.signed_by(&key, &self.0).unwrap().pem(), key: key.serialize_pem() }
    }

    /// Trusts this authority, and speaks what it is told to. Shows no certificate.
    pub fn trusted(&self, protocols: &[&str]) -> Caller {
        self.trusted_by(protocols, None)
    }

    /// As [`Authority::trusted`], and shows these papers.
    pub fn trusted_by(&self, protocols: &[&str], papers: Option<&Papers>) -> Caller {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let mut config = match papers {
            None => builder.with_no_client_auth(),
            Some(Papers { certificate, key }) => {
                let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
                builder.with_client_auth_cert(chain, PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap()).unwrap()
            }
        };
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        Caller(TlsConnector::from(Arc::new(config)))
    }
}

/// Lays the papers where the settings say; what was there is replaced.
pub fn lay(folder: &Path, papers: &Papers) -> TlsConfig {
    let settings = TlsConfig { certificate: folder.join("door.pem"), key: folder.join("door.key"), client_ca: None };
    replace(&settings.certificate, &papers.certificate);
    replace(&settings.key, &papers.key);
    settings
}

/// At once, as whoever renews certificates should.
pub fn replace(file: &Path, text: &str) {
    let new = file.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::rename(new, file).unwrap();
}

/// Somebody who rings a door under TLS.
#[derive(Clone)]
pub struct Caller(TlsConnector);

impl Caller {
    pub async fn connect(&self, to: SocketAddr) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        self.over(stream).await
    }

    pub async fn over(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        self.0.connect("localhost".try_into().unwrap(), stream).await
    }

    /// A line for gRPC, which lasts until it is dropped.
    pub fn channel(&self, to: SocketAddr) -> Channel {
        let caller = self.clone();
        let connector = tower::service_fn(move |_| {
            let caller = caller.clone();
            async move { caller.connect(to).await.map(hyper_util::rt::TokioIo::new) }
        });
        Endpoint::from_static("http://localhost").connect_with_connector_lazy(connector)
    }

    /// The certificate that the door shows, as it is.
    pub async fn shown(&self, to: SocketAddr) -> Vec<u8> {
        let stream = self.connect(to).await.unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    }
}

impl Papers {
    pub fn der(&self) -> Vec<u8> {
        CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap().to_vec()
    }
}
