//! The clock. Nothing else reads the time; a rule that needs it gets `now` as an argument.
//!
//! `startline serve` runs on the system clock. Only the tour and the tests make a manual one, whose days pass when
//! they say so.
//!
//! People read the wall clock, and it can be set: an hour back, by a machine that has found the right time at last. What
//! waits for seconds must not wait for an hour then. Time that only runs is [`Clock::running`]; whoever keeps moments of the
//! wall clock for a while has a [`ClockWatch`] and moves them along when it says that the clock was set.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Manual(Arc<watch::Sender<Manual>>),
}

struct Manual {
    now: DateTime<Utc>,
    /// By how much it was set so far, which is no time that passed.
    set_by: TimeDelta,
}

/// Moves a manual clock. There is no way to get one for a system clock.
#[derive(Clone)]
pub struct ClockHand(Arc<watch::Sender<Manual>>);

impl Clock {
    pub fn system() -> Self {
        Self(Source::System)
    }

    pub fn manual(start: DateTime<Utc>) -> (Self, ClockHand) {
        let sender = Arc::new(watch::Sender::new(Manual { now: start, set_by: TimeDelta::zero() }));
        (Self(Source::Manual(sender.clone())), ClockHand(sender))
    }

    /// The time, to the microsecond: what both databases can keep.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's time")]
            Source::System => Utc::now().trunc_subsecs(6),
            Source::Manual(sender) => sender.borrow().now,
        }
    }

    /// Time that only runs, from some moment of its own on: nobody can set it, and it runs while the machine sleeps.
    pub fn running(&self) -> Duration {
        match &self.0 {
            Source::System => since_boot(),
            Source::Manual(sender) => {
                let Manual { now, set_by } = &*sender.borrow();
                (*now - *set_by - DateTime::UNIX_EPOCH).to_std().unwrap_or_default()
            }
        }
    }

    /// Waits for the next moment at which something may be due: `every` has passed, or somebody moved the clock.
    pub async fn next_tick(&self, every: Duration) {
        match &self.0 {
            Source::System => tokio::time::sleep(every).await,
            Source::Manual(sender) => {
                let mut moved = sender.subscribe();
                tokio::select! {
                    _ = moved.changed() => {}
                    () = tokio::time::sleep(every) => {}
                }
            }
        }
    }
}

/// Time that only runs, as [`Clock::running`], of the machine itself: also where a test's own clock says what time it is for
/// people.
pub fn since_boot() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const RUNNING: ClockId = ClockId::CLOCK_BOOTTIME;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const RUNNING: ClockId = ClockId::CLOCK_MONOTONIC;
    clock_gettime(RUNNING).map(Duration::from).unwrap_or_default()
}

impl ClockHand {
    /// Moves the clock forward to `to`, as time does; it never goes back.
    pub fn move_to(&self, to: DateTime<Utc>) {
        self.0.send_modify(|manual| manual.now = manual.now.max(to.trunc_subsecs(6)));
    }

    /// Sets the clock, forward or back, while no time passes.
    pub fn set_by(&self, by: TimeDelta) {
        self.0.send_modify(|manual| {
            manual.now += by;
            manual.set_by += by;
        });
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.0.borrow().now
    }
}

/// How long ago a moment of the wall clock is. One that is still to come was noted before the clock was set back: nobody knows
/// how long ago that is, and whoever asks does again what they would do after so long.
pub fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
    (now - since).abs()
}

/// Two looks that were further apart than this were not at one moment.
const AT_ONCE: Duration = Duration::from_millis(20);
/// A clock that was set by less is borne.
const BORNE: TimeDelta = TimeDelta::milliseconds(250);

/// Notices when the wall clock is set, each time once.
pub struct ClockWatch {
    clock: Clock,
    /// Microseconds that the wall clock is ahead of the running time.
    ahead: AtomicI64,
}

impl ClockWatch {
    pub fn new(clock: &Clock) -> Self {
        let watch = Self { clock: clock.clone(), ahead: AtomicI64::new(0) };
        let ahead = std::iter::repeat_with(|| watch.look()).find_map(|ahead| ahead);
        watch.ahead.store(ahead.unwrap_or_default(), Ordering::Relaxed);
        watch
    }

    /// By how much the clock was set since this was asked last; back is less than nothing.
    pub fn was_set(&self) -> Option<TimeDelta> {
        let (before, ahead) = (self.ahead.load(Ordering::Relaxed), self.look()?);
        let by = TimeDelta::microseconds(ahead.saturating_sub(before));
        let is_new = by.abs() > BORNE
            && self.ahead.compare_exchange(before, ahead, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        is_new.then_some(by)
    }

    /// None when the process stood still between its looks at the two times: then they say nothing of each other.
    fn look(&self) -> Option<i64> {
        let running = self.clock.running();
        let wall = self.clock.now();
        let at_once = self.clock.running().saturating_sub(running) <= AT_ONCE;
        let running = i64::try_from(running.as_micros()).unwrap_or(i64::MAX);
        at_once.then(|| wall.timestamp_micros().saturating_sub(running))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_is_noticed_once_and_time_that_passes_never() {
        let noon = DateTime::from_timestamp(986_040_000, 0).unwrap();
        let (clock, hand) = Clock::manual(noon);
        let watch = ClockWatch::new(&clock);
        hand.move_to(noon + TimeDelta::days(3));
        assert_eq!(watch.was_set(), None);
        let before = clock.running();
        hand.set_by(TimeDelta::hours(-1));
        assert_eq!(clock.now(), noon + TimeDelta::days(3) - TimeDelta::hours(1));
        assert_eq!(clock.running(), before);
        assert_eq!(watch.was_set(), Some(TimeDelta::hours(-1)));
        assert_eq!(watch.was_set(), None);
        hand.set_by(TimeDelta::milliseconds(200));
        assert_eq!(watch.was_set(), None);
        hand.set_by(TimeDelta::milliseconds(200));
        assert_eq!(watch.was_set(), Some(TimeDelta::milliseconds(400)), "small ones add up");
    }

    #[test]
    fn the_systems_time_runs_with_its_clock() {
        let clock = Clock::system();
        let watch = ClockWatch::new(&clock);
        let before = clock.running();
        assert_eq!(watch.was_set(), None);
        assert!(clock.running() >= before && before > Duration::ZERO);
    }
}
