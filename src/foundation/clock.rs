//! The clock. Nothing else reads the time; a rule that needs it gets `now` as an argument.
//!
//! `startline serve` runs on the system clock. Only the tour and the tests make a manual one, whose days pass when
//! they say so.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Manual(Arc<watch::Sender<DateTime<Utc>>>),
}

/// Moves a manual clock. There is no way to get one for a system clock.
#[derive(Clone)]
pub struct ClockHand(Arc<watch::Sender<DateTime<Utc>>>);

impl Clock {
    pub fn system() -> Self {
        Self(Source::System)
    }

    pub fn manual(start: DateTime<Utc>) -> (Self, ClockHand) {
        let sender = Arc::new(watch::Sender::new(start));
        (Self(Source::Manual(sender.clone())), ClockHand(sender))
    }

    /// The time, to the microsecond: what both databases can keep.
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's time")]
            Source::System => Utc::now().trunc_subsecs(6),
            Source::Manual(sender) => *sender.borrow(),
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

impl ClockHand {
    /// Moves the clock forward to `to`; it never goes back.
    pub fn move_to(&self, to: DateTime<Utc>) {
        self.0.send_modify(|now| *now = (*now).max(to.trunc_subsecs(6)));
    }

    pub fn now(&self) -> DateTime<Utc> {
        *self.0.borrow()
    }
}
