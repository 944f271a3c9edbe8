//! What a site counts, and the one formula for each figure.
//!
//! In memory: these are the live figures since the floor was built. The durable ones come from the call records.
//! Everywhere it is counted, entered = answered + abandoned + diverted + waiting, where an offered call still waits.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// Counts of calls since the floor was built. A call is counted at the site that keeps it, which is its home site
/// when that is known, whoever answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Figures {
    pub entered: u64,
    pub answered: u64,
    pub abandoned: u64,
    pub diverted: u64,
    /// Of the answered calls, those that another site's adviser took.
    pub overflowed: u64,
    /// Of the answered calls, those answered within the site's target.
    pub answered_in_target: u64,
    /// Of the abandoned calls, those given up so soon that nobody could have answered.
    pub short_abandons: u64,
    /// The waits of the answered calls, added up.
    pub wait_ms: u64,
    pub offers_missed: u64,
    pub offers_declined: u64,
    pub offers_withdrawn: u64,
}

impl Figures {
    /// Calls that entered and neither were answered nor left.
    pub fn waiting(&self) -> u64 {
        self.entered.saturating_sub(self.answered + self.abandoned + self.diverted)
    }

    pub fn service_level(&self) -> Option<f64> {
        service_level(self.answered_in_target, self.entered, self.short_abandons)
    }

    /// The share of answered calls that another site took. `None` before the first answer.
    pub fn overflow_share(&self) -> Option<f64> {
        ratio(self.overflowed, self.answered)
    }

    /// The mean wait of the answered calls, in milliseconds. `None` before the first answer.
    pub fn mean_wait_ms(&self) -> Option<u64> {
        self.wait_ms.checked_div(self.answered)
    }
}

pub const HALF_HOUR: TimeDelta = TimeDelta::minutes(30);

/// When the half-hour that holds `at` began.
pub fn half_hour_of(at: DateTime<Utc>) -> DateTime<Utc> {
    // Fails only centuries from now.
    at.duration_trunc(HALF_HOUR).unwrap_or(at)
}

/// The wait that this share of the calls, from 0 to 1, did not exceed: the nearest rank. `None` without calls.
pub fn percentile(waits_ms: &mut [u64], share: f64) -> Option<u64> {
    let rank = rank(waits_ms.len(), share)?;
    Some(*waits_ms.select_nth_unstable(rank).1)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks of calls stay far below 2^52"
)]
fn rank(calls: usize, share: f64) -> Option<usize> {
    let last = calls.checked_sub(1)?;
    Some(((share * calls as f64).ceil() as usize).saturating_sub(1).min(last))
}

/// The share of the time that advisers were there in which calls took them up. `None` when nobody was there.
pub fn occupancy(handle_ms: u64, staffed_ms: u64) -> Option<f64> {
    ratio(handle_ms, staffed_ms)
}

/// Service level: answered within target / (entered - short abandons), from 0 to 1. `None` when nothing counts yet.
pub fn service_level(answered_in_target: u64, entered: u64, short_abandons: u64) -> Option<f64> {
    ratio(answered_in_target, entered.saturating_sub(short_abandons))
}

#[expect(clippy::cast_precision_loss, reason = "counts of calls stay far below 2^52")]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The floor's pace: how long an adviser is taken up by one call, as an exponentially weighted mean, so that the
/// estimate follows the day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    handle_ms: Option<u64>,
}

/// A new handle time moves the mean by one part in this many.
const PACE_WEIGHT: u64 = 16;

impl Pace {
    /// Takes in the handle time (talk and wrap-up) of one finished call.
    pub fn record(&mut self, handle_ms: u64) {
        self.handle_ms = Some(match self.handle_ms {
            None => handle_ms,
            Some(mean) => (mean * (PACE_WEIGHT - 1) + handle_ms) / PACE_WEIGHT,
        });
    }

    /// The mean handle time. `None` before the first finished call.
    pub fn mean_handle(&self) -> Option<TimeDelta> {
        TimeDelta::try_milliseconds(i64::try_from(self.handle_ms?).ok()?)
    }

    /// How long the call at `position` (from 1) may wait when `staffed` advisers serve the queue and all are busy:
    /// somebody becomes free every handle time / staffed. `None` before the first finished call, or with nobody there.
    pub fn estimated_wait(&self, position: usize, staffed: usize) -> Option<TimeDelta> {
        let turns = u64::try_from(position).ok()?;
        let staffed = u64::try_from(staffed).ok().filter(|staffed| *staffed > 0)?;
        let wait_ms = self.handle_ms?.saturating_mul(turns) / staffed;
        TimeDelta::try_milliseconds(i64::try_from(wait_ms).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_level_leaves_out_short_abandons_and_counts_those_still_waiting() {
        let figures = Figures {
            entered: 12,
            answered: 9,
            answered_in_target: 8,
            abandoned: 2,
            short_abandons: 2,
            ..Figures::default()
        };
        assert_eq!(figures.waiting(), 1);
        assert_eq!(figures.service_level(), Some(0.8));
    }

    #[test]
    fn figures_without_calls_have_no_service_level_rather_than_a_wrong_one() {
        assert_eq!(Figures::default().service_level(), None);
        assert_eq!(service_level(0, 3, 3), None);
        assert_eq!(Figures::default().overflow_share(), None);
        assert_eq!(Figures::default().mean_wait_ms(), None);
    }

    #[test]
    fn the_estimate_grows_with_the_position_and_shrinks_with_the_staff() {
        let mut pace = Pace::default();
        assert_eq!(pace.estimated_wait(1, 4), None);
        pace.record(240_000);
        assert_eq!(pace.estimated_wait(1, 4), Some(TimeDelta::seconds(60)));
        assert_eq!(pace.estimated_wait(3, 4), Some(TimeDelta::seconds(180)));
        assert_eq!(pace.estimated_wait(3, 0), None);
        pace.record(0);
        assert_eq!(pace.estimated_wait(1, 1), Some(TimeDelta::seconds(225)));
    }
}
