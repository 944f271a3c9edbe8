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
}

impl AdviserCard {
    /// Somebody who takes calls and makes call-backs, and whose telephone rings when they have taken a call.
    pub fn new(id: UserId, name: &str, address: &str, site: SiteId) -> Self {
        let skills = SkillSet::INBOUND.with(SkillSet::OUTBOUND);
        Self { id, name: name.to_owned(), address: address.to_owned(), site, skills, ring_when_offered: false }
    }
}
