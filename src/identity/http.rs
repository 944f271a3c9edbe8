//! How the provider is asked: by the HTTP client that the house has, with bounds on time and size. A redirection is not
//! followed: a provider says where its pages are, and does not move them while somebody signs in.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use startline_foundation::config::is_trusted_address;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long an answer may take.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// Longest answer read.
pub const LARGEST_ANSWER: usize = 256 * 1024;

#[derive(Debug)]
pub struct Http(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
}

impl Http {
    /// # Errors
    /// A sentence that names the setting.
    pub fn open(authority: Option<&Path>) -> Result<Self, String> {
        let builder = HttpsConnectorBuilder::new();
        let builder = match authority {
            Some(file) => builder.with_tls_config(trusting(file)?),
            None => builder.with_webpki_roots(),
        };
        // Which addresses may be asked without TLS is looked at before each request.
        let https = builder.https_or_http().enable_http1().build();
        // Each request has a connection of its own: between two there is often an hour, and one that was kept would have been
        // hung up on. A code is never sent again behind our back, because it is good for once.
        let client =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).retry_canceled_requests(false).build(https);
        Ok(Self(client))
    }

    /// # Errors
    /// A sentence for the log.
    pub async fn get(&self, address: &str) -> Result<Bytes, String> {
        let request = Request::get(address).header(ACCEPT, "application/json");
        match self.ask(address, request, String::new()).await? {
            Answer { status: StatusCode::OK, body } => Ok(body),
            Answer { status, .. } => Err(format!("HTTP says {status}")),
        }
    }

    /// Sends a form.
    ///
    /// # Errors
    /// A sentence for the log.
    pub async fn post(
        &self,
        address: &str,
        form: String,
        authorization: Option<HeaderValue>,
    ) -> Result<Answer, String> {
        let mut request = Request::post(address)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        self.ask(address, request, form).await
    }

    async fn ask(&self, address: &str, request: http::request::Builder, body: String) -> Result<Answer, String> {
        if !is_trusted_address(address) {
            return Err("an address that could be read or changed on the way".into());
        }
        let request = request.header(USER_AGENT, concat!("startline/", env!("CARGO_PKG_VERSION")));
        let request = request.body(Full::new(Bytes::from(body))).map_err(|fault| fault.to_string())?;
        let asked = async {
            let answer = self.0.request(request).await.map_err(|fault| whole_reason(&fault))?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), LARGEST_ANSWER).collect().await;
            let body = body.map_err(|fault| fault.to_string())?.to_bytes();
            Ok(Answer { status, body })
        };
        let late = |_| format!("no answer within {} seconds", PATIENCE.as_secs());
        tokio::time::timeout(PATIENCE, asked).await.map_err(late)?
    }
}

/// Believes nobody but the authorities in the file.
fn trusting(file: &Path) -> Result<ClientConfig, String> {
    let cannot = |fault: &dyn std::fmt::Display| format!("oidc.ca: {} cannot be used: {fault}", file.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|fault| cannot(&fault))? {
        let certificate = certificate.map_err(|fault| cannot(&fault))?;
        roots.add(certificate).map_err(|fault| cannot(&fault))?;
    }
    if roots.is_empty() {
        return Err(cannot(&"there is no certificate in it"));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.map_err(|fault| cannot(&fault))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// What hyper calls "client error" has its reason further down.
fn whole_reason(fault: &dyn std::error::Error) -> String {
    let mut deepest = fault;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_of_ones_own_must_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("authority.pem");
        let says = |text: &str| {
            std::fs::write(&file, text).unwrap();
            Http::open(Some(&file)).err()
        };
        assert_eq!(says(include_str!("fixtures/authority.pem")), None);
        for wrong in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(says(wrong).is_some_and(|fault| fault.contains("oidc.ca")), "{wrong}");
        }
        std::fs::remove_file(&file).unwrap();
        assert!(Http::open(Some(&file)).is_err_and(|fault| fault.contains("oidc.ca")));
        assert!(Http::open(None).is_ok());
    }

    #[tokio::test]
    async fn nobody_is_asked_where_others_could_listen() {
        let http = Http::open(None).unwrap();
        for address in ["http://login.example.org/keys", "ftp://127.0.0.1/", "keys"] {
            assert!(http.get(address).await.is_err_and(|fault| fault.contains("read or changed")), "{address}");
        }
    }
}
