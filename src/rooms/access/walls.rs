//! Who may reach whose case, and why. Rules only: what ties a case to places and people is gathered by the room `records`.
//!
//! The role says which methods there are for somebody at all (the protos' `access` option); here is whose records these
//! methods open. Whoever has several roles reaches what any of them does.
//!
//! | role | reaches |
//! |---|---|
//! | adviser, team leader | the work of their own site, and clients who moved away lately; of a lost site that theirs helps; of whoever is on the telephone with them; the call-back they are making; what they asked for |
//! | personal adviser, reception | clients with a meeting at their office, or with something to do for it (who is met at no office: at any of the site); what they asked for; a personal adviser also claims that go on without a meeting |
//! | benefits expert | the same at their offices, and the claims of their site that are to be checked; what they asked for |
//! | supervisor | of their own site: call-backs, to have them made; no other record |
//! | print room | packs that it prints, and what they are made for; no claim |
//! | agency | claims that were handed over to it |
//! | privacy officer | no record; who looked at one, told to the client |
//! | switch, administrator | no record |

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
        /// They tell the client who has looked at it.
        Accounts = "accounts",
    }
}

/// Why somebody may see a record, and by which of their roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Right {
    pub ground: Ground,
    /// Of several that have it, the first.
    pub role: Role,
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

const ADVISES: [Role; 2] = [Role::Adviser, Role::TeamLeader];
const MEETS: [Role; 3] = [Role::PersonalAdviser, Role::BenefitsExpert, Role::Reception];

/// What needs no more than the case itself.
pub fn by_the_case(user: &User, case: &Case) -> Option<Right> {
    let site = user.site.as_ref();
    let is_own = site.is_some() && (case.site.as_ref() == site || case.home.as_ref() == site);
    let (calls, packs) = (matches!(case.kind, Kind::Callback | Kind::MissedCaller), is_for_print_rooms(case.kind));
    let right = |ground, of: &[Role]| first_of(user, of).map(|role| Right { ground, role });
    let mut found = is_own.then(|| right(Ground::OwnSite, &ADVISES)).flatten();
    found = found.or_else(|| right(Ground::OwnSite, &[Role::Supervisor]).filter(|_| is_own && calls));
    // A pack is printed where its claim is worked on, wherever the client has moved to since.
    let prints = packs && site.is_some() && (case.site.as_ref() == site || case.kind == Kind::Client && is_own);
    found = found.or_else(|| right(Ground::Printing, &[Role::PrintRoom]).filter(|_| prints));
    let is_held = case.client.is_none() && case.holder == Some(user.id);
    found.or_else(|| right(Ground::Theirs, &Role::ALL).filter(|_| is_held))
}

/// What needs to be known of whoever asks as well.
pub fn by_the_place(user: &User, place: &Place, case: &Case) -> Option<Right> {
    let role = first_of(user, &ADVISES)?;
    let serves = |site: &Option<SiteId>| site.as_ref().is_some_and(|site| place.serves.contains(site));
    if serves(&case.site) || serves(&case.home) {
        return Some(Right { ground: Ground::HelpedSite, role });
    }
    let call = place.call.as_ref()?;
    let is_of_the_area = call.home.is_some() && case.home == call.home;
    let was_on_screen = case.client.is_some() && case.client == call.client;
    (is_of_the_area || was_on_screen).then_some(Right { ground: Ground::CallInHand, role })
}

/// What needs to be known of the case as well: every ground that there is, each once, in the order of [`Ground`].
pub fn by_the_ties(user: &User, place: &Place, case: &Case, ties: &[Tie], now: DateTime<Utc>) -> BTreeSet<Right> {
    let rights = ties.iter().filter_map(|tie| by_a_tie(user, place, case, tie, now));
    rights.filter(|right| right.ground != Ground::OpenStep || !is_met_elsewhere(user, ties, now)).collect()
}

fn by_a_tie(user: &User, place: &Place, case: &Case, tie: &Tie, now: DateTime<Utc>) -> Option<Right> {
    let is_site = |site: &SiteId| user.site.as_ref() == Some(site);
    let right = |ground, of: &[Role]| first_of(user, of).map(|role| Right { ground, role });
    match tie {
        Tie::Work { site } if is_site(site) => right(Ground::OwnSite, &ADVISES),
        Tie::Work { site } if place.serves.contains(site) => right(Ground::HelpedSite, &ADVISES),
        Tie::Moved { from, at } if is_site(from) && now - *at <= MOVE_COUNTS_FOR => right(Ground::MovedAway, &ADVISES),
        Tie::Attempt { adviser } if *adviser == user.id => right(Ground::CallbackInHand, &ADVISES),
        Tie::Meeting { starts_at, .. } if now - *starts_at > MEETING_COUNTS_FOR => None,
        Tie::Meeting { personal_adviser, .. } if user.is(Role::PersonalAdviser) && *personal_adviser == user.id => {
            right(Ground::OwnMeeting, &[Role::PersonalAdviser])
        }
        Tie::Meeting { office, .. } => {
            let role = MEETS.into_iter().find(|role| is_office_of(user, place, office, |of| of == *role))?;
            Some(Right { ground: Ground::MeetingAtOffice, role })
        }
        Tie::Step { site } if is_site(site) => right(Ground::OpenStep, &MEETS),
        Tie::WithoutMeeting { site } if is_site(site) => right(Ground::ToBeLodged, &[Role::PersonalAdviser]),
        Tie::ToBeChecked { site } if is_site(site) => right(Ground::ToBeChecked, &[Role::BenefitsExpert]),
        Tie::HandedOver { claim, agency } if case.claim == Some(*claim) && is_of_agency(user, agency) => {
            right(Ground::HandedOver, &[Role::Agency])
        }
        Tie::Asked { by, until } if *by == user.id && now < *until => right(Ground::AskedFor, &MAY_ASK),
        _ => None,
    }
}

/// Which of these roles they have, the first.
fn first_of(user: &User, roles: &[Role]) -> Option<Role> {
    roles.iter().copied().find(|role| user.is(*role))
}

/// Whether this is one of the offices that their duties in such a role are for.
fn is_office_of(user: &User, place: &Place, office: &OfficeId, is_meant: impl Fn(Role) -> bool) -> bool {
    let meant = user.duties.iter().filter(|duty| duty.role.works_at_an_office() && is_meant(duty.role));
    let covers = |of: &Option<OfficeId>| of.as_ref().map_or_else(|| place.offices.contains(office), |of| of == office);
    meant.map(|duty| &duty.office).any(covers)
}

/// The offices that they meet clients at, or see claims of.
pub fn offices_of(user: &User, place: &Place) -> Vec<OfficeId> {
    place.offices.iter().filter(|office| is_office_of(user, place, office, |_| true)).cloned().collect()
}

/// What somebody sees of their site's lists, when it is not the whole site's work.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AtOffices {
    pub offices: Vec<OfficeId>,
    /// A personal adviser's own meetings, wherever these are.
    pub own: Option<UserId>,
}

/// None when one of their duties is for the whole site. Whom nobody meets at any office is every office's.
pub fn at_offices(user: &User) -> Option<AtOffices> {
    let offices = user.duties.iter().map(|duty| duty.office.clone().filter(|_| duty.role.works_at_an_office()));
    let offices: Vec<OfficeId> = offices.collect::<Option<_>>()?;
    let own = user.is(Role::PersonalAdviser).then_some(user.id);
    (!offices.is_empty()).then_some(AtOffices { offices, own })
}

/// Whether the client is met at other offices of the site, and at none of theirs.
fn is_met_elsewhere(user: &User, ties: &[Tie], now: DateTime<Utc>) -> bool {
    let Some(seen) = at_offices(user) else { return false };
    let meetings = ties.iter().filter_map(|tie| match tie {
        Tie::Meeting { office, personal_adviser, starts_at } if now - *starts_at <= MEETING_COUNTS_FOR => {
            Some(seen.offices.contains(office) || seen.own == Some(*personal_adviser))
        }
        _ => None,
    });
    let meetings: Vec<bool> = meetings.collect();
    !meetings.is_empty() && !meetings.contains(&true)
}

/// Whether they read for this agency.
pub fn is_of_agency(user: &User, agency: &AgencyId) -> bool {
    user.duties.iter().any(|duty| duty.role == Role::Agency && duty.agency.as_ref() == Some(agency))
}

const MAY_ASK: [Role; 5] =
    [Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert];

/// Whether they may open a record outside of their work when they say why.
pub fn may_ask(user: &User) -> bool {
    user.roles.any(&MAY_ASK)
}

/// What a print room has to do with: what it prints, and what it has composed anew.
fn is_for_print_rooms(kind: Kind) -> bool {
    matches!(kind, Kind::Pack | Kind::PrintJob | Kind::PackException | Kind::Claim | Kind::Client | Kind::Callback)
}

#[cfg(test)]
#[path = "walls_tests.rs"]
mod tests;
