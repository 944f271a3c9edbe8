//! When a call-back is tried again. Pure.

use super::callback::Outcome;
use chrono::{DateTime, TimeDelta, Utc};
use startline_definition::{Calendar, Settings, Site};

/// The end of a day: when people come home, and somebody is still there to ring.
const END_OF_DAY: TimeDelta = TimeDelta::minutes(60);

/// When a try that reached nobody is repeated; after the last a letter goes.
#[derive(Debug, Clone, Copy)]
pub struct RetryRule {
    pub tries: i32,
    pub first: TimeDelta,
    pub second: TimeDelta,
    pub busy: TimeDelta,
}

impl RetryRule {
    pub fn of(settings: &Settings) -> Self {
        let minutes = |minutes: u32| TimeDelta::minutes(minutes.into());
        Self {
            tries: i32::try_from(settings.callback_attempts).unwrap_or(i32::MAX),
            first: minutes(settings.callback_retry_minutes),
            second: minutes(settings.callback_second_retry_minutes),
            busy: minutes(settings.callback_busy_retry_minutes),
        }
    }

    /// When the next try after so many is due; none when they were all, or when the outcome ends it.
    pub fn next(
        &self,
        outcome: Outcome,
        tries: i32,
        now: DateTime<Utc>,
        hours: (&Calendar, &Site),
    ) -> Option<DateTime<Utc>> {
        if !outcome.is_no_contact() || tries >= self.tries {
            return None;
        }
        let soon = if outcome == Outcome::Busy { self.busy } else { self.first };
        let at = match tries {
            1 => now + soon,
            2 if outcome == Outcome::Busy => now + self.busy,
            2 => now + self.second,
            _ => {
                let (calendar, site) = hours;
                let closes = calendar.opening(site, calendar.local_date(now)).map(|(_, closes)| closes - END_OF_DAY);
                closes.filter(|late| now < *late).unwrap_or(now + soon)
            }
        };
        Some(into_opening(at, hours))
    }
}

/// The moment itself when the site is open then, else its next opening: nobody is rung out of hours.
pub fn into_opening(at: DateTime<Utc>, (calendar, site): (&Calendar, &Site)) -> DateTime<Utc> {
    if calendar.is_open(site, at) { at } else { calendar.next_opening(site, at).unwrap_or(at) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use startline_definition::Definition;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn next(outcome: Outcome, tries: i32, now: &str) -> Option<DateTime<Utc>> {
        let definition = Definition::embedded();
        let rule = RetryRule::of(&definition.service.settings);
        rule.next(outcome, tries, at(now), (&definition.calendar, &definition.sites[0]))
    }

    #[test]
    fn tried_again_soon_then_later_then_at_the_end_of_the_day_then_by_letter() {
        let now = "2026-03-03T09:05:00Z";
        for outcome in [Outcome::NoReply, Outcome::Voicemail] {
            assert_eq!(next(outcome, 1, now), Some(at("2026-03-03T09:15:00Z")));
            assert_eq!(next(outcome, 2, now), Some(at("2026-03-03T10:05:00Z")));
            assert_eq!(next(outcome, 3, now), Some(at("2026-03-03T17:00:00Z")));
            assert_eq!(next(outcome, 4, now), None);
        }
        assert_eq!(next(Outcome::Busy, 2, now), Some(at("2026-03-03T09:10:00Z")));
        assert_eq!(next(Outcome::Reached, 1, now), None);
        assert_eq!(next(Outcome::WrongNumber, 1, now), None);
    }

    #[test]
    fn what_would_fall_after_closing_or_on_a_closed_day_waits_for_the_next_opening() {
        assert_eq!(next(Outcome::NoReply, 1, "2026-03-03T17:55:00Z"), Some(at("2026-03-04T08:30:00Z")));
        // The Thursday before Easter; Tuesday is the next working day, and the clocks have gone forward.
        assert_eq!(next(Outcome::NoReply, 2, "2026-04-02T16:30:00Z"), Some(at("2026-04-07T07:30:00Z")));
        assert_eq!(next(Outcome::NoReply, 3, "2026-03-03T17:20:00Z"), Some(at("2026-03-03T17:30:00Z")));
    }

    proptest! {
        #[test]
        fn no_try_ever_falls_outside_opening_hours(minute in 0..400 * 24 * 60_i64, tries in 1..5, outcome in 0..3_usize) {
            let definition = Definition::embedded();
            let (calendar, site) = (&definition.calendar, &definition.sites[0]);
            let now = at("2026-01-01T00:00:00Z") + TimeDelta::minutes(minute);
            let outcome = [Outcome::NoReply, Outcome::Voicemail, Outcome::Busy][outcome];
            if let Some(due) = RetryRule::of(&definition.service.settings).next(outcome, tries, now, (calendar, site)) {
                prop_assert!(due > now && calendar.is_open(site, due), "{now} {due}");
            }
        }
    }
}
