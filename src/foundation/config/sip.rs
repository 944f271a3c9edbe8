//! `[sip]`: the front door for telephone switches. Without this section there is none.

use super::TlsConfig;
use serde::Deserialize;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SipConfig {
    /// Where switches reach the door: `udp:127.0.0.1:5060`, `tcp:[::1]:5060`, `tls:127.0.0.1:5061`.
    pub listen: Vec<Listen>,
    /// The certificate of its `tls:` addresses.
    pub tls: Option<TlsConfig>,
    /// Who is served. Everybody else is dropped unanswered.
    pub switches: Vec<SwitchConfig>,
    /// The host of an adviser's address that names none: `2001` becomes `sip:2001@<this>`; the switch's own when empty.
    pub adviser_domain: String,
    pub announcements: Announcements,
    /// How long a caller keeps the place while the switch only stops to ask again, and how long it has to say what came of
    /// the telephone it was sent to.
    pub ask_again_s: u32,
    /// How long a caller keeps the place in the waiting room before the switch must have asked again.
    pub waiting_room_s: u32,
    /// How often a waiting switch is told the position: well inside its own timer for a final answer.
    pub refresh_s: u32,
    /// Most calls that wait for an answer at once.
    pub max_calls: usize,
    /// Most requests a second from one address; acknowledgements are not counted.
    pub requests_per_second: u32,
    /// How long OPTIONS answers 503 before the waiting calls are let go at a stop, so that switches turn away first.
    pub drain_s: u32,
}

/// Addresses a caller is redirected to instead of an adviser.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Announcements {
    /// Says the opening hours.
    pub closed: Option<String>,
    /// Music, and that it may take long.
    pub waiting: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwitchConfig {
    /// One address, or a network as `10.1.0.0/24`.
    pub address: Network,
    /// Its P-Asserted-Identity is believed.
    #[serde(default)]
    pub trusted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Listen {
    Udp(SocketAddr),
    Tcp(SocketAddr),
    Tls(SocketAddr),
}

/// Where SIP over TLS is reached when nobody says otherwise (RFC 3261, section 19.1.2).
const TLS_PORT: u16 = 5061;

/// The addresses whose first `bits` bits are these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Default for SipConfig {
    fn default() -> Self {
        Self {
            listen: Vec::new(),
            tls: None,
            switches: Vec::new(),
            adviser_domain: String::new(),
            announcements: Announcements::default(),
            ask_again_s: 30,
            waiting_room_s: 120,
            refresh_s: 5,
            max_calls: 10_000,
            requests_per_second: 500,
            drain_s: 2,
        }
    }
}

impl SipConfig {
    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self) -> Result<(), String> {
        if self.listen.is_empty() {
            return Err("sip.listen must name an address, such as \"udp:127.0.0.1:5060\"".into());
        }
        if self.switches.is_empty() {
            return Err("sip.switches must name a switch, because only those are served".into());
        }
        match (&self.tls, self.listen.iter().any(|listen| matches!(listen, Listen::Tls(_)))) {
            (Some(tls), true) => tls.check("sip")?,
            (Some(_), false) => {
                return Err("sip.listen must name an address such as \"tls:127.0.0.1:5061\" for [sip.tls]".into());
            }
            (None, true) => {
                return Err("sip.tls must name the certificate of the address \"tls:\" of sip.listen".into());
            }
            (None, false) => {}
        }
        for (name, value, most) in [
            ("ask_again_s", self.ask_again_s, 600),
            ("waiting_room_s", self.waiting_room_s, 3600),
            ("refresh_s", self.refresh_s, 60),
            ("requests_per_second", self.requests_per_second, 1_000_000),
        ] {
            if !(1..=most).contains(&value) {
                return Err(format!("sip.{name} must be from 1 to {most}"));
            }
        }
        if !(1..=1_000_000).contains(&self.max_calls) {
            return Err("sip.max_calls must be from 1 to 1000000".into());
        }
        if self.drain_s > 300 {
            return Err("sip.drain_s must be from 0 to 300".into());
        }
        for (name, text) in [
            ("adviser_domain", Some(&self.adviser_domain)),
            ("announcements.closed", self.announcements.closed.as_ref()),
            ("announcements.waiting", self.announcements.waiting.as_ref()),
        ] {
            if text.is_some_and(|text| !text.chars().all(|c| c.is_ascii_graphic() && !"<>\"".contains(c))) {
                return Err(format!("sip.{name} must be an address without spaces, quotes or angle brackets"));
            }
        }
        for (name, text) in [("closed", &self.announcements.closed), ("waiting", &self.announcements.waiting)] {
            let has_scheme = |text: &String| ["sip:", "sips:", "tel:"].iter().any(|scheme| text.starts_with(scheme));
            if text.as_ref().is_some_and(|text| !has_scheme(text)) {
                return Err(format!("sip.announcements.{name} must begin with sip:, sips: or tel:"));
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for Listen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            format!(
                "sip.listen: {text:?} must be like \"udp:127.0.0.1:5060\", \"tcp:[::1]:5060\" or \"tls:127.0.0.1:5061\""
            )
        };
        let (transport, address) = text.split_once(':').ok_or_else(wrong)?;
        let with_port = || SocketAddr::from_str(address).map_err(|_| wrong());
        // Only the port of TLS goes without saying: at 5060 a switch would be answered in plain.
        let with_usual_port = || {
            let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
            bare.parse().map(|ip: IpAddr| SocketAddr::new(ip, TLS_PORT)).map_err(|_| wrong())
        };
        match transport {
            "udp" => Ok(Self::Udp(with_port()?)),
            "tcp" => Ok(Self::Tcp(with_port()?)),
            "tls" => Ok(Self::Tls(with_port().or_else(|_| with_usual_port())?)),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("sip.switches: {text:?} must be an address, or a network like \"10.1.0.0/24\"");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text.as_str(), None),
        };
        let address = IpAddr::from_str(address).map_err(|_| wrong())?.to_canonical();
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl Network {
    /// `address` must be canonical: an IPv4 address that came in over IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                own.to_bits().checked_shr(32 - u32::from(self.bits))
                    == other.to_bits().checked_shr(32 - u32::from(self.bits))
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                own.to_bits().checked_shr(128 - u32::from(self.bits))
                    == other.to_bits().checked_shr(128 - u32::from(self.bits))
            }
            _ => false,
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Udp(address) => write!(f, "udp:{address}"),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
            Self::Tls(address) => write!(f, "tls:{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn a_network_holds_the_addresses_that_begin_as_it_does() {
        let holds = |network_text: &str, address: &str| network(network_text).contains(address.parse().unwrap());
        assert!(holds("10.1.2.3", "10.1.2.3"));
        assert!(!holds("10.1.2.3", "10.1.2.4"));
        assert!(holds("10.1.0.0/16", "10.1.255.255"));
        assert!(!holds("10.1.0.0/16", "10.2.0.0"));
        assert!(holds("0.0.0.0/0", "192.0.2.1"));
        assert!(!holds("0.0.0.0/0", "::1"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::1"));
        assert!(!holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("::/0", "2001:db9::1"));
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_would_be_right() {
        for text in ["", "10.1.2", "10.1.2.3/33", "switch.example", "10.1.2.3/x"] {
            assert!(Network::try_from(text.to_owned()).is_err_and(|reason| reason.contains("10.1.0.0/24")), "{text}");
        }
        for text in ["127.0.0.1:5060", "sctp:127.0.0.1:5061", "udp:localhost:5060", "udp:127.0.0.1", "tls:localhost"] {
            assert!(
                Listen::try_from(text.to_owned()).is_err_and(|reason| reason.contains("udp:127.0.0.1:5060")),
                "{text}"
            );
        }
    }

    #[test]
    fn an_address_with_tls_has_a_port_of_its_own_and_needs_a_certificate() {
        let read = |text: &str| Listen::try_from(text.to_owned()).unwrap().to_string();
        assert_eq!(read("tls:127.0.0.1:6000"), "tls:127.0.0.1:6000");
        assert_eq!((read("tls:127.0.0.1"), read("tls:[::1]")), ("tls:127.0.0.1:5061".into(), "tls:[::1]:5061".into()));
        let with = |listen: &str, more: &str| {
            let text = format!("listen = ['{listen}']\nswitches = [{{ address = '127.0.0.1' }}]\n{more}");
            toml::from_str::<SipConfig>(&text).unwrap().check()
        };
        let tls = "[tls]\ncertificate = 'a.pem'\nkey = 'a.key'\n";
        assert_eq!(with("tls:127.0.0.1", tls), Ok(()));
        assert!(with("tls:127.0.0.1", "").is_err_and(|fault| fault.contains("sip.tls")));
        assert!(with("tcp:127.0.0.1:0", tls).is_err_and(|fault| fault.contains("sip.listen")));
    }

    #[test]
    fn a_door_without_listeners_or_switches_does_not_open() {
        let mut config: SipConfig =
            toml::from_str("listen = [\"udp:127.0.0.1:0\"]\nswitches = [{ address = \"127.0.0.1\", trusted = true }]")
                .unwrap();
        assert_eq!(config.check(), Ok(()));
        config.announcements.closed = Some("closed@media.example".into());
        assert!(config.check().unwrap_err().contains("announcements.closed"));
        config.announcements.closed = None;
        config.switches.clear();
        assert!(config.check().unwrap_err().contains("sip.switches"));
        config.listen.clear();
        assert!(config.check().unwrap_err().contains("sip.listen"));
    }
}
