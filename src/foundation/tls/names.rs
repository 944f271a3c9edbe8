//! What a certificate says: until when it holds, and of whom it is.

use chrono::{DateTime, Utc};
use std::sync::Arc;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

/// The certificate that a client has shown, verified when the connection began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    /// Its subject alternative names, each with its kind, so that no kind can be taken for another:
    /// `uri:spiffe://example.org/desk`, `dns:desk.example.org`, `email:asha@example.org`. Host names are in lower case.
    pub names: Arc<[String]>,
    /// The connection may be kept for longer than the certificate holds.
    pub ends: DateTime<Utc>,
}

/// When a certificate begins and ends to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
}

fn read(certificate: &[u8]) -> Result<x509_cert::Certificate, String> {
    x509_cert::Certificate::from_der(certificate).map_err(|fault| fault.to_string())
}

/// # Errors
/// Why it is no certificate.
pub(super) fn validity(certificate: &[u8]) -> Result<Validity, String> {
    Ok(validity_of(&read(certificate)?))
}

fn validity_of(certificate: &x509_cert::Certificate) -> Validity {
    let validity = certificate.tbs_certificate().validity();
    let moment = |time: &x509_cert::time::Time| {
        let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
        DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    };
    Validity { begins: moment(&validity.not_before), ends: moment(&validity.not_after) }
}

/// Of a certificate that has been verified.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn client(certificate: &[u8]) -> Result<ClientCertificate, String> {
    let certificate = read(certificate)?;
    let found = certificate.tbs_certificate().get_extension::<SubjectAltName>();
    let names = found.map_err(|fault| fault.to_string())?.map(|(_, names)| names.0).unwrap_or_default();
    let names = names.iter().filter_map(name).collect();
    Ok(ClientCertificate { names, ends: validity_of(&certificate).ends })
}

fn name(name: &GeneralName) -> Option<String> {
    let (kind, text) = match name {
        GeneralName::UniformResourceIdentifier(uri) => ("uri", uri.as_str().to_owned()),
        GeneralName::DnsName(host) => ("dns", host.as_str().to_ascii_lowercase()),
        GeneralName::Rfc822Name(address) => ("email", with_host_in_lower_case(address.as_str())),
        _ => return None,
    };
    // Nobody is called by spaces or by what cannot be seen.
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    plain.then(|| format!("{kind}:{text}"))
}

/// What stands before the sign may mean something by its letters' case (RFC 5321, section 2.4).
fn with_host_in_lower_case(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((user, host)) => format!("{user}@{}", host.to_ascii_lowercase()),
        None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Datelike;
    use rcgen::{CertificateParams, KeyPair, SanType};

    fn made(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.not_before = rcgen::date_time_ymd(2026, 1, 2);
        params.not_after = rcgen::date_time_ymd(2036, 3, 4);
        change(&mut params);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    }

    #[test]
    fn names_are_read_with_their_kind() {
        let certificate = made(|params| {
            params.subject_alt_names = vec![
                SanType::URI("spiffe://Example.org/Desk".try_into().unwrap()),
                SanType::DnsName("Desk.Example.org".try_into().unwrap()),
                SanType::Rfc822Name("Asha@Example.org".try_into().unwrap()),
                SanType::IpAddress([192, 0, 2, 1].into()),
                SanType::Rfc822Name("uri:x y".try_into().unwrap()),
            ];
        });
        let client = client(&certificate).unwrap();
        let names = ["uri:spiffe://Example.org/Desk", "dns:desk.example.org", "email:Asha@example.org"];
        assert_eq!(*client.names, names.map(String::from));
        assert_eq!((client.ends.year(), client.ends.month(), client.ends.day()), (2036, 3, 4));
    }

    #[test]
    fn a_certificate_without_names_is_nobodys_and_one_that_is_none_says_so() {
        assert!(client(&made(|_| ())).unwrap().names.is_empty());
        let validity = validity(&made(|_| ())).unwrap();
        assert_eq!((validity.begins.year(), validity.ends.year()), (2026, 2036));
        assert!(client(b"no certificate").is_err());
    }
}
