//! `[web]`: the HTTP door, for calendar feeds and delivery receipts. Without this section there is none.

use super::TlsConfig;
use serde::Deserialize;
use std::net::SocketAddr;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebConfig {
    /// Where it is served.
    pub listen: SocketAddr,
    /// How the world reaches it, `https://diaries.example.org`: calendar feeds are given out under this address. The
    /// address it listens on when there is none.
    #[serde(default)]
    pub public_url: Option<String>,
    /// Its certificate; without one it is in plain, and listens on loopback.
    #[serde(default)]
    pub tls: Option<TlsConfig>,
}

impl WebConfig {
    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self) -> Result<(), String> {
        self.tls.as_ref().map_or(Ok(()), |tls| tls.check("web"))?;
        let Some(url) = &self.public_url else { return Ok(()) };
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let plain =
            |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic() && !b"?#@\"<>".contains(&b));
        if rest.is_some_and(plain) {
            Ok(())
        } else {
            Err("web.public_url must be an address such as \"https://diaries.example.org\"".into())
        }
    }

    /// How the world reaches this door, as far as the settings say: a port that is free is only known once it is taken.
    pub fn public_address(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_that_no_calendar_could_open_is_refused_by_name() {
        let with =
            |url: &str| WebConfig { listen: ([127, 0, 0, 1], 0).into(), public_url: Some(url.into()), tls: None };
        assert_eq!(with("https://diaries.example.org/one").check(), Ok(()));
        for wrong in ["", "diaries.example.org", "https://", "https://a b", "https://x?y", "ftp://x", "https://u@x"] {
            assert!(with(wrong).check().is_err_and(|fault| fault.contains("web.public_url")), "{wrong}");
        }
    }
}
