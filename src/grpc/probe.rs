//! What `startline health` asks: the health service of a running service, by its own door, for whoever watches a container or a
//! process and can read no gRPC.

use hyper_util::rt::TokioIo;
use startline_foundation::config::TlsConfig;
use startline_foundation::tls::to_own_door;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

/// Shorter than whoever asks waits: the container's file says ten.
const ANSWERS_WITHIN: Duration = Duration::from_secs(5);

/// Whether the service that listens there is healthy; `name` is one of the health service's, empty for all of it.
///
/// # Errors
/// A sentence that says what it is instead.
pub async fn ask(listens: SocketAddr, tls: Option<&TlsConfig>, name: &str) -> Result<(), String> {
    let address = from_here(listens);
    let asking = async {
        let tls = tls.cloned();
        let connect = tower::service_fn(move |_: http::Uri| {
            let tls = tls.clone();
            async move { to_own_door(address, tls.as_ref()).await.map(TokioIo::new) }
        });
        let line = Endpoint::from_static("http://startline").connect_with_connector(connect).await;
        let line =
            line.map_err(|fault| format!("the service at {address} cannot be reached: {}", innermost(&fault)))?;
        let asked = HealthClient::new(line).check(HealthCheckRequest { service: name.to_owned() }).await;
        let answer =
            asked.map_err(|status| format!("the service at {address} says of its health: {}", status.message()))?;
        match answer.into_inner().status() {
            ServingStatus::Serving => Ok(()),
            _ if name.is_empty() => {
                Err(format!("the service at {address} cannot do all of its work now; its log says why"))
            }
            _ => Err(format!("{name} at {address} cannot do its work now; the service's log says why")),
        }
    };
    let late = || format!("the service at {address} did not answer within {} s", ANSWERS_WITHIN.as_secs());
    tokio::time::timeout(ANSWERS_WITHIN, asking).await.unwrap_or_else(|_| Err(late()))
}

/// Where a door that listens on every address is reached from its own machine.
fn from_here(listens: SocketAddr) -> SocketAddr {
    let ip = match listens.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listens.port())
}

/// The library's own words say that there was an error.
fn innermost(fault: &dyn std::error::Error) -> String {
    let mut fault = fault;
    while let Some(source) = fault.source() {
        fault = source;
    }
    fault.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_that_listens_everywhere_is_asked_from_here() {
        for (listens, asked) in [
            ("0.0.0.0:7", "127.0.0.1:7"),
            ("[::]:7", "[::1]:7"),
            ("192.0.2.1:7", "192.0.2.1:7"),
            ("[::1]:7", "[::1]:7"),
        ] {
            assert_eq!(from_here(listens.parse().unwrap()), asked.parse().unwrap());
        }
    }
}
