//! Who an adviser is: what the floors, the desks and the switches pass around of them.

use super::skills::SkillSet;
use startline_foundation::ids::{SiteId, UserId};

/// Who an adviser is and where their telephone rings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdviserCard {
    pub id: UserId,
    pub name: String,
    /// What the switch connects a call to: a SIP URI or an extension.
    pub address: String,
    pub site: SiteId,
    pub skills: SkillSet,
    /// Their telephone rings as soon as a call is offered, and answering it takes the call. Otherwise it rings once they
    /// have taken the call on their desk.
    pub ring_when_offered: bool,
    /// Their desktop says that it answers heartbeats, and its silence means something from the beginning.
    pub answers_heartbeats: bool,
}

impl AdviserCard {
    /// Their telephone has this address. `2001` is `sip:2001@pbx.example;transport=udp`, and hosts are compared only where
    /// both name one.
    pub fn has_telephone(&self, address: &str) -> bool {
        let (known_user, known_host) = bare(&self.address);
        let (named_user, named_host) = bare(address);
        known_user == named_user && (known_host.is_none() || named_host.is_none() || known_host == named_host)
    }

    /// Somebody who takes calls and makes call-backs, and whose telephone rings when they have taken a call.
    pub fn new(id: UserId, name: &str, address: &str, site: SiteId) -> Self {
        let skills = SkillSet::INBOUND.with(SkillSet::OUTBOUND);
        Self {
            id,
            name: name.to_owned(),
            address: address.to_owned(),
            site,
            skills,
            ring_when_offered: false,
            answers_heartbeats: false,
        }
    }
}

/// What stands before the host, in every way of writing the address of a telephone.
pub fn telephone_user(address: &str) -> &str {
    bare(address).0
}

/// The user and the host of an address, without scheme and parameters.
fn bare(text: &str) -> (&str, Option<String>) {
    let text = text.split([';', '?']).next().unwrap_or_default();
    let text = text
        .split_once(':')
        .filter(|(scheme, _)| ["sip", "sips", "tel"].contains(&scheme.to_ascii_lowercase().as_str()))
        .map_or(text, |(_, rest)| rest);
    match text.split_once('@') {
        Some((user, host)) => (user, Some(host.to_ascii_lowercase())),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adviser_is_known_by_the_address_that_was_rung() {
        let has = |known: &str, named: &str| {
            AdviserCard::new(UserId(uuid::Uuid::nil()), "Asha", known, "somerset".into()).has_telephone(named)
        };
        for (known, named) in [
            ("2001", "sip:2001@pbx.example"),
            ("2001", "2001"),
            ("sip:asha@desk.example", "sip:asha@DESK.example;transport=udp"),
            ("sip:asha@desk.example", "asha@desk.example"),
        ] {
            assert!(has(known, named), "{known} {named}");
        }
        for (known, named) in [
            ("2001", "sip:2002@pbx.example"),
            ("sip:asha@desk.example", "sip:asha@other.example"),
            ("sip:asha@desk.example", ""),
        ] {
            assert!(!has(known, named), "{known} {named}");
        }
    }
}
