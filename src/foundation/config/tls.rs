//! `[grpc.tls]`, `[web.tls]` and `[sip.tls]`: the certificate of a door. Without it the door speaks in plain.

use serde::Deserialize;
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// A PEM file: the door's certificate, then those that lead from it to whoever is trusted.
    pub certificate: PathBuf,
    /// A PEM file with the private key, readable by the service alone.
    pub key: PathBuf,
    /// Of `[grpc.tls]` alone, a PEM file: whose certificates clients may show instead of a token.
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
}

impl TlsConfig {
    /// `door` is the section: `grpc`. What the files hold is looked at when they are read.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self, door: &str) -> Result<(), String> {
        let files = [("certificate", Some(&self.certificate)), ("key", Some(&self.key))];
        for (setting, file) in files.into_iter().chain([("client_ca", self.client_ca.as_ref())]) {
            if file.is_some_and(|file| file.as_os_str().is_empty()) {
                return Err(format!("{door}.tls.{setting} must name a file"));
            }
        }
        match &self.client_ca {
            Some(_) if door != "grpc" => {
                Err(format!("{door}.tls.client_ca has no meaning: clients show their certificates at [grpc.tls] alone"))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_needs_both_files_and_only_the_grpc_door_asks_for_certificates() {
        let read = |text: &str| toml::from_str::<TlsConfig>(text);
        assert!(read("certificate = 'a.pem'").is_err_and(|fault| fault.to_string().contains("key")));
        let full = read("certificate = 'a.pem'\nkey = 'a.key'\nclient_ca = 'ca.pem'").unwrap();
        assert_eq!(full.check("grpc"), Ok(()));
        assert!(full.check("web").is_err_and(|fault| fault.contains("web.tls.client_ca")));
        let empty = read("certificate = ''\nkey = 'a.key'").unwrap();
        assert!(empty.check("sip").is_err_and(|fault| fault.contains("sip.tls.certificate")));
    }
}
