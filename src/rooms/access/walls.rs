//! Who may reach whose case, and why. Rules only: what ties a case to places and people is gathered by the room `records`.
//!
//! The role says which methods there are for somebody at all (the protos' `access` option); here is whose records these
//! methods open. Whoever has several roles reaches what any of them does.
//!
//! | role | reaches |
//! |---|---|
//! | adviser, team leader | the work of their own site, and clients who moved away lately; of a lost site that theirs helps; of whoever is on the telephone with them; the call-back they are making; what they asked for |
//! | personal adviser, reception | clients with a meeting at their office, or with something to do for it; what they asked for; a personal adviser also claims that go on without a meeting |
//! | benefits expert | the same at their offices, and the claims of their site that are to be checked; what they asked for |
//! | supervisor | of their own site: call-backs, to have them made; no other record |
//! | print room | packs that it prints, and what they are made for; no claim |
//! | agency | claims that were handed over to it |
//! | switch, administrator, privacy officer | no record |

use super::role::Role;
use super::user::User;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::ids::{AgencyId, ClaimId, ClientId, OfficeId, SiteId, UserId};
use std::collections::BTreeSet;

/// A meeting that began longer ago ties a client to its office no more: what follows from it is on the list of steps by
/// then, or with the agencies.
pub const MEETING_COUNTS_FOR: TimeDelta = TimeDelta::days(91);

/// For so long the site that a client has moved away from can finish what it was at, and put right what it did: a wrong
/// postcode is a move as well.
const MOVE_COUNTS_FOR: TimeDelta = TimeDelta::days(28);

startline_foundation::formats::words! {
    /// Why somebody may see a record.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Ground {
        /// It is the work of their own site.
        OwnSite = "own_site",
        /// It is the work of a lost site that theirs helps.
        HelpedSite = "helped_site",
        /// They have somebody of that area on the telephone.
        CallInHand = "call_in_hand",
        /// The client was of their site until lately.
        MovedAway = "moved_away",
        /// They are making the client's call-back.
        CallbackInHand = "callback_in_hand",
        /// The client's meeting is with them.
        OwnMeeting = "own_meeting",
        /// The client has a meeting at their office.
        MeetingAtOffice = "meeting_at_office",
        /// Something is to be done for the client at their site.
        OpenStep = "open_step",
        /// The claim is to be lodged at their site, without a meeting.
        ToBeLodged = "to_be_lodged",
        /// The claim is to be checked at their site.
        ToBeChecked = "to_be_checked",
        /// They print it.
        Printing = "printing",
        /// It was handed over to their agency.
        HandedOver = "handed_over",
        /// They hold it themselves: no client stands behind it yet.
        Theirs = "theirs",
        /// They asked for it, with a reason.
        AskedFor = "asked_for",
    }
}

startline_foundation::formats::words! {
    /// What sort of record a request names.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Kind {
        Client = "client",
        Claim = "claim",
        Callback = "callback",
        MissedCaller = "missed_caller",
        Walk = "walk",
        Appointment = "appointment",
        Reminder = "reminder",
        Query = "query",
        Step = "step",
        Standby = "standby",
        StandbyOffer = "standby_offer",
        Pack = "pack",
        PrintJob = "print_job",
        PackException = "pack_exception",
    }
}

/// The case that a record belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub kind: Kind,
    /// None of what has no client yet.
    pub client: Option<ClientId>,
    pub claim: Option<ClaimId>,
    /// Whose work the record is.
    pub site: Option<SiteId>,
    /// Where the client lives.
    pub home: Option<SiteId>,
    /// Who has it in hand.
    pub holder: Option<UserId>,
}

/// What ties a client's case to a place or to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tie {
    Meeting {
        office: OfficeId,
        personal_adviser: UserId,
        starts_at: DateTime<Utc>,
    },
    /// A claim or a call-back of the client that is the work of a site, wherever they live now.
    Work {
        site: SiteId,
    },
    /// The client was one of this site's until then.
    Moved {
        from: SiteId,
        at: DateTime<Utc>,
    },
    /// Something to be done that nobody has done yet.
    Step {
        site: SiteId,
    },
    /// A claim whose start-up is done and which not every agency has.
    ToBeChecked {
        site: SiteId,
    },
    /// A claim that goes on without its first meeting, for now or for good.
    WithoutMeeting {
        site: SiteId,
    },
    /// A call-back that somebody is making.
    Attempt {
        adviser: UserId,
    },
    HandedOver {
        claim: ClaimId,
        agency: AgencyId,
    },
    /// Somebody asked to see the record, and may until then.
    Asked {
        by: UserId,
        until: DateTime<Utc>,
    },
}

/// A call that somebody has on the telephone, or has just had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallInHand {
    /// The site of the caller's area; none while that has to be asked.
    pub home: Option<SiteId>,
    /// Whom the adviser who passed it on had on their screen.
    pub client: Option<ClientId>,
}

/// What is known of whoever asks, beside who they are.
#[derive(Debug, Clone, Default)]
pub struct Place {
    /// The sites whose work their site does now, its own among them unless it is lost.
    pub serves: Vec<SiteId>,
    /// The offices of their site.
    pub offices: Vec<OfficeId>,
    pub call: Option<CallInHand>,
}

/// What needs no more than the case itself.
pub fn by_the_case(user: &User, case: &Case) -> Option<Ground> {
    let site = user.site.as_ref();
    let is_own = site.is_some() && (case.site.as_ref() == site || case.home.as_ref() == site);
    let (calls, packs) = (matches!(case.kind, Kind::Callback | Kind::MissedCaller), is_for_print_rooms(case.kind));
    if is_own && user.roles.any(&[Role::Adviser, Role::TeamLeader]) {
        return Some(Ground::OwnSite);
    }
    if is_own && calls && user.is(Role::Supervisor) {
        return Some(Ground::OwnSite);
    }
    if is_own && packs && user.is(Role::PrintRoom) {
        return Some(Ground::Printing);
    }
    if case.client.is_none() && case.holder == Some(user.id) {
        return Some(Ground::Theirs);
    }
    None
}

/// What needs to be known of whoever asks as well.
pub fn by_the_place(user: &User, place: &Place, case: &Case) -> Option<Ground> {
    if !user.roles.any(&[Role::Adviser, Role::TeamLeader]) {
        return None;
    }
    let serves = |site: &Option<SiteId>| site.as_ref().is_some_and(|site| place.serves.contains(site));
    if serves(&case.site) || serves(&case.home) {
        return Some(Ground::HelpedSite);
    }
    let call = place.call.as_ref()?;
    let is_of_the_area = call.home.is_some() && case.home == call.home;
    let was_on_screen = case.client.is_some() && case.client == call.client;
    (is_of_the_area || was_on_screen).then_some(Ground::CallInHand)
}

/// What needs to be known of the case as well: every ground that there is, each once, in the order of [`Ground`].
pub fn by_the_ties(user: &User, place: &Place, case: &Case, ties: &[Tie], now: DateTime<Utc>) -> BTreeSet<Ground> {
    ties.iter().filter_map(|tie| by_a_tie(user, place, case, tie, now)).collect()
}

fn by_a_tie(user: &User, place: &Place, case: &Case, tie: &Tie, now: DateTime<Utc>) -> Option<Ground> {
    let is_site = |site: &SiteId| user.site.as_ref() == Some(site);
    let advises = user.roles.any(&[Role::Adviser, Role::TeamLeader]);
    let meets = user.roles.any(&[Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert]);
    match tie {
        Tie::Work { site } if advises && is_site(site) => Some(Ground::OwnSite),
        Tie::Work { site } if advises && place.serves.contains(site) => Some(Ground::HelpedSite),
        Tie::Moved { from, at } if advises && is_site(from) && now - *at <= MOVE_COUNTS_FOR => Some(Ground::MovedAway),
        Tie::Attempt { adviser } if advises && *adviser == user.id => Some(Ground::CallbackInHand),
        Tie::Meeting { starts_at, .. } if now - *starts_at > MEETING_COUNTS_FOR => None,
        Tie::Meeting { personal_adviser, .. } if user.is(Role::PersonalAdviser) && *personal_adviser == user.id => {
            Some(Ground::OwnMeeting)
        }
        Tie::Meeting { office, .. } if meets && is_their_office(user, place, office) => Some(Ground::MeetingAtOffice),
        Tie::Step { site } if meets && is_site(site) => Some(Ground::OpenStep),
        Tie::WithoutMeeting { site } if user.is(Role::PersonalAdviser) && is_site(site) => Some(Ground::ToBeLodged),
        Tie::ToBeChecked { site } if user.is(Role::BenefitsExpert) && is_site(site) => Some(Ground::ToBeChecked),
        Tie::HandedOver { claim, agency } if user.is(Role::Agency) && case.claim == Some(*claim) => {
            is_of_agency(user, agency).then_some(Ground::HandedOver)
        }
        Tie::Asked { by, until } if *by == user.id && now < *until && may_ask(user) => Some(Ground::AskedFor),
        _ => None,
    }
}

/// Whether this is one of the offices that their duties are for.
fn is_their_office(user: &User, place: &Place, office: &OfficeId) -> bool {
    let at_an_office = user.duties.iter().filter(|duty| duty.role.works_at_an_office());
    let covers = |of: &Option<OfficeId>| of.as_ref().map_or_else(|| place.offices.contains(office), |of| of == office);
    at_an_office.map(|duty| &duty.office).any(covers)
}

/// The offices that they meet clients at, or see claims of.
pub fn offices_of(user: &User, place: &Place) -> Vec<OfficeId> {
    place.offices.iter().filter(|office| is_their_office(user, place, office)).cloned().collect()
}

/// Whether they read for this agency.
pub fn is_of_agency(user: &User, agency: &AgencyId) -> bool {
    user.duties.iter().any(|duty| duty.role == Role::Agency && duty.agency.as_ref() == Some(agency))
}

/// Whether they may open a record outside of their work when they say why.
pub fn may_ask(user: &User) -> bool {
    const MAY: [Role; 5] =
        [Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert];
    user.roles.any(&MAY)
}

/// What a print room has to do with: what it prints, and what it has composed anew.
fn is_for_print_rooms(kind: Kind) -> bool {
    matches!(kind, Kind::Pack | Kind::PrintJob | Kind::PackException | Kind::Claim | Kind::Client | Kind::Callback)
}

#[cfg(test)]
#[path = "walls_tests.rs"]
mod tests;
