//! What a client wishes of a meeting, and how well a time meets each wish. Pure.

use crate::ids::{OfficeId, UserId};
use chrono::{DateTime, Datelike, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;

/// What is asked of a diary. Wishes are met as far as they can be; `insists` and `office` are conditions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wishes {
    /// A word of `diary.yaml`; the first meeting when empty.
    pub kind: String,
    /// As long as usual when none.
    pub minutes: Option<u32>,
    /// Only this office; else any of the site's, the nearest first.
    pub office: Option<OfficeId>,
    pub not_before: Option<DateTime<Utc>>,
    /// Cannot wait: may be booked into the time kept for that, and before the form is on the doormat.
    pub urgent: bool,
    /// When the claim's form went out; it is still to go when none.
    pub form_posted_at: Option<DateTime<Utc>>,
    /// Whom they would rather see; whoever met them last when none is named.
    pub personal_adviser: Option<UserId>,
    /// They would rather wait than see somebody else.
    pub insists: bool,
    /// Whom they do not want to see.
    pub not_these: Vec<UserId>,
    /// A personal adviser with these skills: `lone-parent`, `disability`, `benefits`.
    pub skills: Vec<String>,
    pub welsh: bool,
    pub ground_floor: bool,
    pub private_room: bool,
    pub unsuitable: Vec<Unsuitable>,
}

/// Local time that does not suit: on a weekday or on each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsuitable {
    pub weekday: Option<Weekday>,
    pub from: NaiveTime,
    pub to: NaiveTime,
}

/// One wish, as an offer is told by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// Within so many working days, as the standard says.
    Standard,
    /// The personal adviser they know, or asked for.
    Adviser,
    Skill(String),
    Welsh,
    GroundFloor,
    PrivateRoom,
    Times,
    /// The office nearest to them, or the one they asked for.
    Office,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    pub wish: Wish,
    pub is_met: bool,
}

impl Unsuitable {
    /// Whether a meeting between these moments runs into it.
    pub fn hits(&self, zone: Tz, start: DateTime<Utc>, end: DateTime<Utc>) -> bool {
        let (start, end) = (start.with_timezone(&zone), end.with_timezone(&zone));
        self.weekday.is_none_or(|weekday| weekday == start.weekday())
            && start.time() < self.to
            && (end.time() > self.from || end.date_naive() > start.date_naive())
    }
}

/// What is known of a personal adviser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    pub name: String,
    pub skills: Vec<String>,
}

impl Wishes {
    /// How a personal adviser meets the wishes that depend on them alone.
    pub fn of_person(&self, id: UserId, known: &Known, preferred: Option<UserId>) -> Vec<Fit> {
        let mut fits = Vec::new();
        if let Some(preferred) = preferred {
            fits.push(Fit { wish: Wish::Adviser, is_met: preferred == id });
        }
        let has = |skill: &str| known.skills.iter().any(|known| known == skill);
        fits.extend(self.skills.iter().map(|skill| Fit { wish: Wish::Skill(skill.clone()), is_met: has(skill) }));
        if self.welsh {
            fits.push(Fit { wish: Wish::Welsh, is_met: has("welsh") });
        }
        fits
    }

    /// Whether a personal adviser may be offered at all.
    pub fn allows(&self, id: UserId, preferred: Option<UserId>) -> bool {
        !self.not_these.contains(&id) && (!self.insists || preferred.is_none_or(|preferred| preferred == id))
    }

    /// Whether a personal adviser may be offered and meets every wish that depends on them alone.
    pub fn suits(&self, id: UserId, known: &Known, preferred: Option<UserId>) -> bool {
        self.allows(id, preferred) && self.of_person(id, known, preferred).iter().all(|fit| fit.is_met)
    }

    pub fn needs_room(&self) -> bool {
        self.private_room || self.ground_floor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_does_not_suit_when_any_of_the_meeting_runs_into_it() {
        let zone = chrono_tz::Europe::London;
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
        let school = Unsuitable { weekday: None, from: time("15:00"), to: time("16:00") };
        assert!(school.hits(zone, at("2026-03-03T14:30:00Z"), at("2026-03-03T15:15:00Z")));
        assert!(!school.hits(zone, at("2026-03-03T14:15:00Z"), at("2026-03-03T15:00:00Z")));
        assert!(!school.hits(zone, at("2026-03-03T16:00:00Z"), at("2026-03-03T16:45:00Z")));
        // In summer three o'clock is two o'clock UTC.
        assert!(school.hits(zone, at("2026-07-07T14:00:00Z"), at("2026-07-07T14:45:00Z")));
        let fridays = Unsuitable { weekday: Some(Weekday::Fri), ..school };
        assert!(!fridays.hits(zone, at("2026-03-03T15:00:00Z"), at("2026-03-03T15:45:00Z")));
        assert!(fridays.hits(zone, at("2026-03-06T15:00:00Z"), at("2026-03-06T15:45:00Z")));
    }
}
