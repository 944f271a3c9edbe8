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
    ("/callbacks/reminders", |w| w.nav_reminders, &[Role::PersonalAdviser, Role::Reception]),
    ("/post", |w| w.nav_post, &[Role::PrintRoom, Role::TeamLeader]),
    ("/callbacks/letters", |w| w.nav_letters, &[Role::PrintRoom]),
    ("/reports", |w| w.nav_reports, &[Role::TeamLeader, Role::Supervisor, Role::Admin]),
    ("/people", |w| w.nav_people, &[Role::Admin]),
    ("/access", |w| w.nav_access, &[Role::PrivacyOfficer]),
    ("/agency", |w| w.nav_agency, &[Role::Agency]),
    ("/operations", |w| w.nav_operations, &[Role::Admin]),
];

/// Pages that belong to a place, though their addresses are others.
const PARTS: &[(&str, &str)] = &[
    ("/roster", "/floor"),
    ("/absences", "/floor"),
    ("/wall", "/floor"),
    ("/standby", "/steps"),
    ("/decisions", "/steps"),
    ("/appointments", "/day"),
];

/// Who may look for clients.
pub const FINDERS: &[Role] =
    &[Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert, Role::PrintRoom];

pub fn of(seat: &Seat) -> Vec<Place> {
    let words = Words::of(seat.language());
    let mine: Vec<_> = PLACES.iter().filter(|(_, _, roles)| seat.is_any(roles)).collect();
    // Whoever has all call-backs finds each list of them there.
    let has = |path: &str| mine.iter().any(|(of, ..)| *of == path);
    let shown = mine.iter().filter(|(path, ..)| !path.starts_with("/callbacks/") || !has("/callbacks"));
    let part = PARTS.iter().find(|(part, _)| is_under(&seat.path, part)).map(|(_, place)| *place);
    let here = |path: &str| part == Some(path) || is_under(&seat.path, path);
    shown.map(|(path, name, _)| Place { path, name: name(words), is_here: here(path) }).collect()
}

fn is_under(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The first page of somebody's work.
pub fn first(seat: &Seat) -> &'static str {
    PLACES.iter().find(|(_, _, roles)| seat.is_any(roles)).map_or("/account", |(path, ..)| path)
}

/// As the API's methods name their roles: `GetClient`, `GetClaim`, `GetCallback`, `ListStandby`, `ListCalendarFeeds`,
/// `ListSteps`, `BookAppointment`, `ListDecisions`.
pub fn opens(seat: &Seat) -> Opens {
    use Role::{Admin, Adviser, BenefitsExpert, PersonalAdviser, Reception, Supervisor, TeamLeader};
    Opens {
        clients: seat.is_any(&[Adviser, TeamLeader, PersonalAdviser, Reception, BenefitsExpert]),
        claims: seat.is_any(&[Adviser, TeamLeader, PersonalAdviser, BenefitsExpert]),
        callbacks: seat.is_any(&[Adviser, TeamLeader, Supervisor]),
        standby: seat.is_any(&[Adviser, TeamLeader, Supervisor, PersonalAdviser, Reception]),
        decisions: seat.is_any(&[TeamLeader, BenefitsExpert]),
        calendars: seat.is_any(&[PersonalAdviser, Reception, TeamLeader, Admin]),
        steps: seat.is_any(&[Adviser, TeamLeader, PersonalAdviser, Reception, BenefitsExpert]),
        bookings: seat.is_any(&[Adviser, TeamLeader, PersonalAdviser, Reception]),
    }
}
