//! In which of a day's working time a meeting may be: while the office is open, at a client's home while the site is, and
//! whenever a named reason says so. Pure.
//!
//! Held against the definition that is in force, not the one by which the day was made, so that hours that were shortened bind
//! at once.

use super::day::DiaryDay;
use crate::rota::{DayCells, cells_between};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Calendar, Definition, DiaryRules, MeetingKind, Site, Week};
use startline_foundation::ids::OfficeId;

/// Whose hours bind a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    AtOffice,
    /// The office may be closed by then; the site is who knows that somebody is out.
    AtHome,
}

impl Where {
    pub fn of(kind: &MeetingKind) -> Self {
        if kind.at_home { Self::AtHome } else { Self::AtOffice }
    }

    /// Of a kind that the definition in force may have no more.
    pub fn of_named(rules: &DiaryRules, kind: &str) -> Self {
        rules.kind(kind).map_or(Self::AtOffice, Self::of)
    }

    /// The local hours that bind it.
    pub fn week<'a>(self, rules: &'a DiaryRules, site: &'a Site, office: &OfficeId) -> &'a Week {
        match self {
            Self::AtOffice => rules.opening_of(office, site),
            Self::AtHome => &site.opening,
        }
    }
}

/// The cells of a day that begins at `midnight` in which a place of the site with these local hours is open.
pub fn open_cells(
    (calendar, site): (&Calendar, &Site),
    week: &Week,
    (date, midnight): (NaiveDate, DateTime<Utc>),
) -> DayCells {
    let hours = calendar.hours(site, week, date);
    hours.map(|(from, until)| DayCells::from_range(cells_between(midnight, from, until))).unwrap_or_default()
}

/// The same day with only the working time in which such a meeting may be.
pub fn day_for((rules, calendar, site): (&DiaryRules, &Calendar, &Site), day: &DiaryDay, place: Where) -> DiaryDay {
    let open = match calendar.is_closed_to_all(site, day.day) {
        true => DayCells::NONE,
        false => {
            let week = place.week(rules, site, &day.office);
            open_cells((calendar, site), week, (day.day, day.midnight)).or(day.reasoned)
        }
    };
    DiaryDay { working: day.working.and(open), ..day.clone() }
}

/// Whether a meeting of the kind lies within the working time in which it may be.
pub fn is_within(
    definition: &Definition,
    site: &Site,
    day: &DiaryDay,
    kind: &str,
    (starts_at, ends_at): (DateTime<Utc>, DateTime<Utc>),
) -> bool {
    let place = Where::of_named(&definition.diary, kind);
    let theirs = day_for((&definition.diary, &definition.calendar, site), day, place);
    theirs.working.has_all(cells_between(day.midnight, starts_at, ends_at))
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
