//! What a site counts, and the one formula for each figure.
//!
//! In memory: these are the live figures since the floor was built. The durable ones come from the call records.
//! Everywhere it is counted, entered = answered + abandoned + diverted + waiting, where an offered call still waits.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use startline_foundation::ids::SiteId;

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

/// The figures of one site, or of all, in one half-hour, or in all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// None: all sites.
    pub site: Option<SiteId>,
    /// None: the whole time.
    pub start: Option<DateTime<Utc>>,
    pub figures: Figures,
    /// Waits of the answered calls.
    pub wait_p50_ms: Option<u64>,
    pub wait_p90_ms: Option<u64>,
    pub staffed_ms: u64,
    pub handle_ms: u64,
}

impl Period {
    /// Of the time that advisers were there for calls, the share that calls took up.
    pub fn occupancy(&self) -> Option<f64> {
        occupancy(self.handle_ms, self.staffed_ms)
    }
}

/// How long a site's advisers were there for calls in a part of one half-hour, and how much of that calls took up. To be
/// added to what was said before about the same half-hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staffing {
    pub site: SiteId,
    /// When the half-hour began.
    pub half_hour: DateTime<Utc>,
    pub staffed_ms: u64,
    pub handle_ms: u64,
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

/// What a floor has learnt about how long one waits there: how long a call takes up an adviser, and how soon callers
/// give up. Both are means over some hundred calls, so that they follow the day; over fewer, the same chance that makes
/// a queue long makes the mean long, and the estimate is too high when it matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    handled: u64,
    handle_ms: u64,
    waited: u64,
    wait_ms: u64,
    given_up: u64,
}

/// At this many calls their sums are halved, so that the older half counts for less and less.
const CALLS_REMEMBERED: u64 = 256;
/// Those who give up are counted in such parts, which halving does not lose.
const PARTS: u64 = 1 << 20;

impl Pace {
    /// Takes in the handle time (talk and wrap-up) of one finished call.
    pub fn record(&mut self, handle_ms: u64) {
        self.handled += 1;
        self.handle_ms = self.handle_ms.saturating_add(handle_ms);
        if self.handled >= CALLS_REMEMBERED {
            self.handled /= 2;
            self.handle_ms /= 2;
        }
    }

    /// Takes in how long one call waited, and whether the caller then gave up.
    pub fn record_wait(&mut self, wait_ms: u64, gave_up: bool) {
        self.waited += 1;
        self.wait_ms = self.wait_ms.saturating_add(wait_ms);
        self.given_up += if gave_up { PARTS } else { 0 };
        if self.waited >= CALLS_REMEMBERED {
            self.waited /= 2;
            self.wait_ms /= 2;
            self.given_up /= 2;
        }
    }

    /// The mean handle time. `None` before the first finished call.
    pub fn mean_handle(&self) -> Option<TimeDelta> {
        TimeDelta::try_milliseconds(i64::try_from(self.handle_ms.checked_div(self.handled)?).ok()?)
    }

    /// How long the call at `position` (from 1) may wait when `staffed` advisers serve the queue and all are busy:
    /// somebody becomes free every handle time / staffed, and of those ahead some give up. `None` before the first
    /// finished call, or with nobody there.
    pub fn estimated_wait(&self, position: usize, staffed: usize) -> Option<TimeDelta> {
        if self.handled == 0 || staffed == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts and milliseconds stay far below 2^52")]
        let [position, staffed, handled, handle_ms, given_up, waited_ms] =
            [position as u64, staffed as u64, self.handled, self.handle_ms, self.given_up, self.wait_ms]
                .map(|n| n as f64);
        let served_per_ms = staffed * handled / handle_ms.max(1.0);
        let gives_up_per_ms = given_up / PARTS as f64 / waited_ms.max(1.0);
        let wait_ms = steps(position, served_per_ms, gives_up_per_ms);
        #[expect(clippy::cast_possible_truncation, reason = "what is too large becomes the largest")]
        TimeDelta::try_milliseconds(wait_ms.round() as i64)
    }
}

/// How long it takes until everybody ahead has gone and then one more is served: `1 / (served + i * gives_up)`, added up
/// for each `i` below `position`.
fn steps(position: f64, served: f64, gives_up: f64) -> f64 {
    const ONE_BY_ONE: f64 = 16.0;
    let (mut wait, mut ahead) = (0.0, 0.0);
    while ahead < position.min(ONE_BY_ONE) {
        wait += 1.0 / (served + ahead * gives_up);
        ahead += 1.0;
    }
    if ahead < position {
        // The rest as an integral, from half a step before to half a step after.
        let (from, more) = (served + (ahead - 0.5) * gives_up, (position - ahead) * gives_up);
        wait += if more > 0.0 { (more / from).ln_1p() / gives_up } else { (position - ahead) / served };
    }
    wait
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
        assert_eq!(pace.estimated_wait(1, 1), Some(TimeDelta::seconds(120)));
    }

    #[test]
    fn the_estimate_counts_on_some_of_those_ahead_giving_up() {
        let mut pace = Pace::default();
        pace.record(240_000);
        // One in three gave up, after half a minute of waiting for each of them.
        for gave_up in [true, false, false] {
            pace.record_wait(10_000, gave_up);
        }
        // Four advisers: somebody is free every 60 s. The one ahead gives up after 30 s on average: 20 s for both.
        assert_eq!(pace.estimated_wait(1, 4), Some(TimeDelta::seconds(60)));
        assert_eq!(pace.estimated_wait(2, 4), Some(TimeDelta::seconds(80)));
    }

    #[test]
    fn the_estimate_follows_the_day() {
        let mut pace = Pace::default();
        (0..1_000).for_each(|_| pace.record(100_000));
        (0..1_000).for_each(|_| pace.record(200_000));
        let wait_ms = pace.estimated_wait(1, 1).unwrap().num_milliseconds();
        assert!((198_000..=200_000).contains(&wait_ms), "{wait_ms}");
    }

    proptest! {
        #[test]
        fn far_back_in_the_queue_the_estimate_is_still_the_sum_of_all_steps(
            position in 1_u32..3_000, served in 0.001..10.0_f64, gives_up in prop_oneof![Just(0.0), 1e-9..1.0_f64],
        ) {
            let exact: f64 = (0..position).map(|ahead| 1.0 / (served + f64::from(ahead) * gives_up)).sum();
            let found = steps(f64::from(position), served, gives_up);
            prop_assert!((found - exact).abs() <= 1e-3 * exact, "{found} is not {exact}");
        }
    }
}
