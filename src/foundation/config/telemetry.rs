//! `[telemetry]`: what whoever watches the service from outside is shown. Nothing, without this section.

use serde::Deserialize;
use std::net::SocketAddr;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetryConfig {
    /// Figures for Prometheus, at `/metrics` of a port of their own.
    pub prometheus: bool,
    /// Where. Never the port of the web door, which the world may reach.
    pub prometheus_listen: SocketAddr,
    /// Where spans are sent by OTLP over gRPC: `http://127.0.0.1:4317`. None are when there is no collector.
    pub otlp_endpoint: Option<String>,
    /// Of how many in a hundred requests at the gRPC door a span is sent: it costs a third of what the smallest request
    /// does. Calls, SIP messages, jobs and workers' rounds always have theirs.
    pub otlp_requests_percent: u8,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            prometheus: false,
            prometheus_listen: SocketAddr::from(([127, 0, 0, 1], 9464)),
            otlp_endpoint: None,
            otlp_requests_percent: 10,
        }
    }
}

impl TelemetryConfig {
    /// `public` are the ports that the world may reach.
    ///
    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self, public: &[SocketAddr]) -> Result<(), String> {
        let port = self.prometheus_listen.port();
        if self.prometheus && port != 0 && public.iter().any(|public| public.port() == port) {
            return Err("telemetry.prometheus_listen must be a port of its own".into());
        }
        if self.otlp_requests_percent > 100 {
            return Err("telemetry.otlp_requests_percent must be at most 100".into());
        }
        let is_address = |url: &str| url.strip_prefix("http://").is_some_and(|rest| !rest.trim_matches('/').is_empty());
        match &self.otlp_endpoint {
            Some(url) if !is_address(url) => {
                Err("telemetry.otlp_endpoint must be an address such as \"http://127.0.0.1:4317\"".into())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_never_shown_on_a_public_port_and_an_endpoint_is_an_address() {
        let public: SocketAddr = ([0, 0, 0, 0], 9464).into();
        let with = |prometheus, otlp: Option<&str>| TelemetryConfig {
            prometheus,
            otlp_endpoint: otlp.map(str::to_owned),
            ..TelemetryConfig::default()
        };
        assert!(with(true, None).check(&[public]).is_err_and(|fault| fault.contains("prometheus_listen")));
        assert_eq!(with(false, None).check(&[public]), Ok(()));
        assert_eq!(with(true, Some("http://collector:4317")).check(&[]), Ok(()));
        for wrong in ["", "collector:4317", "http://", "ftp://x"] {
            assert!(with(false, Some(wrong)).check(&[]).is_err_and(|fault| fault.contains("otlp_endpoint")), "{wrong}");
        }
        let config = TelemetryConfig { otlp_requests_percent: 101, ..TelemetryConfig::default() };
        assert!(config.check(&[]).is_err_and(|fault| fault.contains("otlp_requests_percent")));
    }
}
