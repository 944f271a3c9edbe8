//! Where somebody can go: by what they are.

use crate::html::Opens;
use crate::seat::Seat;
use crate::words::Words;
use startline_rooms::access::Role;

pub struct Place {
    pub path: &'static str,
    pub name: &'static str,
    pub is_here: bool,
}

type NameOf = fn(&Words) -> &'static str;

/// Each place, its name, and who has work there.
const PLACES: &[(&str, NameOf, &[Role])] = &[
    ("/desk", |w| w.nav_desk, &[Role::Adviser, Role::TeamLeader]),
    ("/callbacks", |w| w.nav_callbacks, &[Role::Adviser, Role::TeamLeader, Role::Supervisor]),
    ("/floor", |w| w.nav_floor, &[Role::TeamLeader, Role::Supervisor, Role::Admin]),
    ("/day", |w| w.nav_day, &[Role::PersonalAdviser, Role::Reception, Role::TeamLeader]),
    ("/checks", |w| w.nav_checks, &[Role::BenefitsExpert]),
    (
        "/steps",
        |w| w.nav_steps,
        &[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert],
    ),
    ("/post", |w| w.nav_post, &[Role::PrintRoom, Role::TeamLeader]),
    ("/reports", |w| w.nav_reports, &[Role::TeamLeader, Role::Supervisor, Role::Admin]),
    ("/people", |w| w.nav_people, &[Role::Admin]),
    ("/access", |w| w.nav_access, &[Role::PrivacyOfficer]),
    ("/agency", |w| w.nav_agency, &[Role::Agency]),
    ("/operations", |w| w.nav_operations, &[Role::Admin]),
];

/// Who may look for clients.
pub const FINDERS: &[Role] =
    &[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert, Role::PrintRoom];

pub fn of(seat: &Seat) -> Vec<Place> {
    let words = Words::of(seat.language());
    let mine = PLACES.iter().filter(|(_, _, roles)| seat.is_any(roles));
    let here = |path: &str| seat.path == path || seat.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    mine.map(|(path, name, _)| Place { path, name: name(words), is_here: here(path) }).collect()
}

/// The first page of somebody's work.
pub fn first(seat: &Seat) -> &'static str {
    PLACES.iter().find(|(_, _, roles)| seat.is_any(roles)).map_or("/account", |(path, ..)| path)
}

/// As the API's methods name their roles: `GetClient`, `GetClaim`, `GetCallback`, `ListStandby`, `ListCalendarFeeds`.
pub fn opens(seat: &Seat) -> Opens {
    use Role::{Admin, Adviser, BenefitsExpert, PersonalAdviser, Reception, Supervisor, TeamLeader};
    Opens {
        clients: seat.is_any(&[Adviser, TeamLeader, PersonalAdviser, Reception, BenefitsExpert]),
        claims: seat.is_any(&[Adviser, TeamLeader, PersonalAdviser, BenefitsExpert]),
        callbacks: seat.is_any(&[Adviser, TeamLeader, Supervisor]),
        standby: seat.is_any(&[Adviser, TeamLeader, Supervisor, PersonalAdviser, Reception]),
        calendars: seat.is_any(&[PersonalAdviser, Reception, TeamLeader, Admin]),
    }
}
