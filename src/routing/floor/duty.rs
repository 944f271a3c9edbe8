//! How long a site's advisers are there for calls, and how much of that calls take up: the two times that occupancy is
//! made of, added up as time passes and given away by half-hours.

use crate::figures::half_hour_of;
use chrono::{DateTime, TimeDelta, Utc};

/// A part of one half-hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    pub half_hour: DateTime<Utc>,
    pub staffed_ms: u64,
    pub handle_ms: u64,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Duty {
    /// Up to when the time is counted, and when the current half-hour ends.
    at_ms: Option<i64>,
    ends_ms: i64,
    pub on_duty: u64,
    pub handling: u64,
    staffed_ms: u64,
    handle_ms: u64,
    given_at_ms: i64,
}

const HALF_HOUR_MS: i64 = 30 * 60 * 1000;
/// Parts are given away this often, so that a crash loses no more than this much.
const GIVE_EVERY_MS: i64 = 60 * 1000;

impl Duty {
    /// Counts the time up to `now`, during which so many were on duty; half-hours that ended on the way go to `give`.
    pub(super) fn pass(&mut self, now: DateTime<Utc>, mut give: impl FnMut(Share)) {
        let now_ms = now.timestamp_millis();
        let Some(mut at) = self.at_ms else {
            self.at_ms = Some(now_ms);
            self.ends_ms = half_hour_of(now).timestamp_millis() + HALF_HOUR_MS;
            self.given_at_ms = now_ms;
            return;
        };
        while now_ms >= self.ends_ms {
            self.add(self.ends_ms - at);
            at = self.ends_ms;
            self.give(at, &mut give);
            self.ends_ms += HALF_HOUR_MS;
            if self.on_duty == 0 && self.handling == 0 && now_ms >= self.ends_ms {
                // Nobody was there: straight on to the present.
                self.ends_ms = half_hour_of(now).timestamp_millis() + HALF_HOUR_MS;
                at = self.ends_ms - HALF_HOUR_MS;
            }
        }
        if now_ms > at {
            self.add(now_ms - at);
            at = now_ms;
        }
        self.at_ms = Some(at);
    }

    /// The clock was set by so much while no time passed. What is counted and not given away yet goes to the half-hour that
    /// the clock shows now.
    pub(super) fn clock_was_set(&mut self, by: TimeDelta) {
        let Some(at) = &mut self.at_ms else { return };
        let by_ms = by.num_milliseconds();
        *at += by_ms;
        self.given_at_ms += by_ms;
        self.ends_ms = at.div_euclid(HALF_HOUR_MS) * HALF_HOUR_MS + HALF_HOUR_MS;
    }

    /// Gives away what has been counted, if that was not done lately.
    pub(super) fn give_away(&mut self, mut give: impl FnMut(Share)) {
        let Some(at) = self.at_ms else { return };
        if at - self.given_at_ms >= GIVE_EVERY_MS {
            self.give(at, &mut give);
        }
    }

    /// What of the current half-hour has not been given away yet.
    pub(super) fn pending(&self) -> (u64, u64) {
        (self.staffed_ms, self.handle_ms)
    }

    fn add(&mut self, ms: i64) {
        let ms = u64::try_from(ms).unwrap_or(0);
        self.staffed_ms += self.on_duty * ms;
        self.handle_ms += self.handling * ms;
    }

    fn give(&mut self, at_ms: i64, give: &mut impl FnMut(Share)) {
        self.given_at_ms = at_ms;
        let (staffed_ms, handle_ms) = (std::mem::take(&mut self.staffed_ms), std::mem::take(&mut self.handle_ms));
        if staffed_ms == 0 && handle_ms == 0 {
            return;
        }
        if let Some(half_hour) = DateTime::from_timestamp_millis(self.ends_ms).map(|end| end - TimeDelta::minutes(30)) {
            give(Share { half_hour, staffed_ms, handle_ms });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(986_031_000 + minutes * 60, 0).unwrap()
    }

    #[test]
    fn time_that_crosses_half_hours_is_shared_out_between_them() {
        let (mut duty, mut given) = (Duty::default(), Vec::new());
        duty.pass(at(20), |share| given.push(share));
        (duty.on_duty, duty.handling) = (3, 1);
        duty.pass(at(70), |share| given.push(share));
        let share = |start: i64, staffed: u64, handle: u64| Share {
            half_hour: at(start),
            staffed_ms: staffed * 60_000,
            handle_ms: handle * 60_000,
        };
        assert_eq!(given, [share(0, 30, 10), share(30, 90, 30)]);
        assert_eq!(duty.pending(), (30 * 60_000, 10 * 60_000));
        duty.give_away(|share| given.push(share));
        assert_eq!(given.last(), Some(&share(60, 30, 10)));
    }

    #[test]
    fn a_long_time_with_nobody_there_gives_nothing_away() {
        let (mut duty, mut given) = (Duty::default(), Vec::new());
        duty.pass(at(0), |share| given.push(share));
        duty.pass(at(100_000), |share| given.push(share));
        duty.give_away(|share| given.push(share));
        assert_eq!(given, []);
    }
}
