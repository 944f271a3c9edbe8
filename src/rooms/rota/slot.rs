//! What every diary that is booked says alike: times that do not suit a client, and how a time was lost.

use chrono::{DateTime, Datelike, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// The reason of a refusal: somebody else was quicker.
pub const SLOT_TAKEN: &str = "SLOT_TAKEN";
/// The reason of a refusal: the time was kept for the client, and is not any more.
pub const HOLD_EXPIRED: &str = "HOLD_EXPIRED";

/// Local times on some weekdays at which a client cannot come or talk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsuitable {
    /// Every day when empty.
    pub weekdays: Vec<Weekday>,
    /// The whole day when none.
    pub times: Option<(NaiveTime, NaiveTime)>,
}

impl Unsuitable {
    /// Between two times, on one weekday or on each.
    pub fn between(weekday: Option<Weekday>, from: NaiveTime, until: NaiveTime) -> Self {
        Self { weekdays: weekday.into_iter().collect(), times: Some((from, until)) }
    }

    /// Whether what begins and ends at these moments runs into it.
    pub fn hits(&self, zone: Tz, start: DateTime<Utc>, end: DateTime<Utc>) -> bool {
        let (start, end) = (start.with_timezone(&zone), end.with_timezone(&zone));
        if !self.weekdays.is_empty() && !self.weekdays.contains(&start.weekday()) {
            return false;
        }
        // What ends at midnight or later is past everything that begins before it.
        let past = end.date_naive() > start.date_naive();
        self.times.is_none_or(|(from, until)| start.time() < until && (past || from < end.time()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_does_not_suit_when_any_of_it_runs_into_what_was_said() {
        let zone = chrono_tz::Europe::London;
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
        let school = Unsuitable::between(None, time("15:00"), time("16:00"));
        assert!(school.hits(zone, at("2026-03-03T14:30:00Z"), at("2026-03-03T15:15:00Z")));
        assert!(!school.hits(zone, at("2026-03-03T14:15:00Z"), at("2026-03-03T15:00:00Z")));
        assert!(!school.hits(zone, at("2026-03-03T16:00:00Z"), at("2026-03-03T16:45:00Z")));
        // In summer three o'clock is two o'clock UTC.
        assert!(school.hits(zone, at("2026-07-07T14:00:00Z"), at("2026-07-07T14:45:00Z")));
        let fridays = Unsuitable { weekdays: vec![Weekday::Fri], ..school };
        assert!(!fridays.hits(zone, at("2026-03-03T15:00:00Z"), at("2026-03-03T15:45:00Z")));
        assert!(fridays.hits(zone, at("2026-03-06T15:00:00Z"), at("2026-03-06T15:45:00Z")));
        let late = Unsuitable::between(None, time("23:30"), time("23:59"));
        assert!(late.hits(zone, at("2026-03-03T23:00:00Z"), at("2026-03-04T00:00:00Z")));
    }
}
