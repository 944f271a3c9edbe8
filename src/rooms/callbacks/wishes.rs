//! What a client wishes of a call-back's time, and how a time fares on it. Pure.

use crate::rota::Unsuitable;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use startline_definition::Calendar;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::UserId;

/// Times that do not suit, at most.
const MOST_UNSUITABLE: usize = 20;

/// As they were told; kept with the booking, so that a move asks nothing again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unsuitable: Vec<Unsuitable>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<DateTime<Utc>>,
    /// The adviser whom the client would like to be rung by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adviser: Option<UserId>,
}

/// A wish that a time meets or does not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    Times,
    NotAfter,
    Adviser,
}

impl Wishes {
    /// # Errors
    /// The first wish that cannot be meant.
    pub fn check(self) -> Result<Self> {
        if self.unsuitable.len() > MOST_UNSUITABLE {
            return Err(Error::invalid("wishes.unsuitable_times", format!("are more than {MOST_UNSUITABLE}")));
        }
        for (i, one) in self.unsuitable.iter().enumerate() {
            if one.times.is_some_and(|(start, end)| start >= end) {
                return Err(Error::invalid(format!("wishes.unsuitable_times[{i}].end"), "must be after start"));
            }
        }
        if self.not_before.zip(self.not_after).is_some_and(|(before, after)| before >= after) {
            return Err(Error::invalid("wishes.not_after_time", "must be after not_before_time"));
        }
        Ok(self)
    }

    /// Whether a call between these moments of one local day can be taken at all.
    pub fn times_suit(&self, calendar: &Calendar, start: DateTime<Utc>, end: DateTime<Utc>) -> bool {
        !self.unsuitable.iter().any(|time| time.hits(calendar.timezone, start, end))
    }

    pub fn has_times(&self) -> bool {
        !self.unsuitable.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveTime, Weekday};

    fn time(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_that_does_not_suit_is_local_and_only_on_its_weekdays() {
        let calendar = Calendar::new(chrono_tz::Europe::London);
        let wishes = Wishes {
            unsuitable: vec![
                Unsuitable { weekdays: vec![Weekday::Mon], times: Some((time("09:00:00"), time("10:00:00"))) },
                Unsuitable { weekdays: vec![Weekday::Fri], times: None },
            ],
            ..Wishes::default()
        };
        let suits = |start: &str, end: &str| {
            let (start, end): (DateTime<Utc>, DateTime<Utc>) = (start.parse().unwrap(), end.parse().unwrap());
            wishes.times_suit(&calendar, start, end)
        };
        // Mondays in March, before and after the clocks go forward.
        assert!(!suits("2026-03-23T09:30:00Z", "2026-03-23T10:30:00Z"));
        assert!(suits("2026-03-23T10:00:00Z", "2026-03-23T11:00:00Z"));
        assert!(!suits("2026-03-30T08:30:00Z", "2026-03-30T09:30:00Z"));
        assert!(suits("2026-03-30T09:00:00Z", "2026-03-30T10:00:00Z"));
        assert!(suits("2026-03-24T09:30:00Z", "2026-03-24T10:30:00Z"));
        assert!(!suits("2026-03-27T15:30:00Z", "2026-03-27T16:30:00Z"));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let backwards = Unsuitable { weekdays: Vec::new(), times: Some((time("10:00:00"), time("09:00:00"))) };
        assert!(Wishes { unsuitable: vec![backwards], ..Wishes::default() }.check().is_err());
        let kept = Wishes { not_after: Some("2026-03-03T10:00:00Z".parse().unwrap()), ..Wishes::default() };
        let text = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<Wishes>(&text).unwrap(), kept);
        assert_eq!(serde_json::from_str::<Wishes>("{}").unwrap(), Wishes::default());
    }
}
