//! A panic ends what panicked (one request, one job, one call's message, one round of a worker) and nothing else, and is
//! counted. Memory only: the counts begin anew with the process.

use futures_util::FutureExt;
use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a panic ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Request,
    Job,
    /// A message about a call, at the door for telephone switches.
    Call,
    /// A round of a worker, which is started again.
    Round,
}

/// How many panics there were since the start. Cheap to clone; the clones count together.
#[derive(Debug, Clone, Default)]
pub struct Panics(Arc<[AtomicU64; 4]>);

impl Panics {
    pub fn count(&self, ended: Ended) -> u64 {
        self.0[ended as usize].load(Ordering::Relaxed)
    }

    /// Runs `work` to its end. `Err` holds the words of its panic, which was counted and logged.
    ///
    /// # Errors
    /// What the panic said.
    pub async fn guard<F: Future>(&self, ended: Ended, what: &str, work: F) -> Result<F::Output, String> {
        let outcome = AssertUnwindSafe(work).catch_unwind().await;
        outcome.map_err(|payload| self.note(ended, what, &*payload))
    }

    /// The same for what does not wait.
    ///
    /// # Errors
    /// What the panic said.
    pub fn guard_now<T>(&self, ended: Ended, what: &str, work: impl FnOnce() -> T) -> Result<T, String> {
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(work));
        outcome.map_err(|payload| self.note(ended, what, &*payload))
    }

    fn note(&self, ended: Ended, what: &str, payload: &(dyn Any + Send)) -> String {
        self.0[ended as usize].fetch_add(1, Ordering::Relaxed);
        let words = payload.downcast_ref::<&str>().map(ToString::to_string);
        let words = words.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        tracing::error!(what, panic = %words, "a panic was caught; what it ended is undone, everything else goes on");
        words
    }
}

/// For work in several pieces that must all have their turn although one panics: the first panic is held back until they
/// have had it, and then goes on to whoever catches it.
#[derive(Default)]
pub struct HeldBack(Option<Box<dyn Any + Send>>);

impl HeldBack {
    /// `None` when `work` panicked.
    pub fn run<T>(&mut self, work: impl FnOnce() -> T) -> Option<T> {
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(work));
        outcome.map_err(|payload| self.0.get_or_insert(payload)).ok()
    }

    /// What came of one piece of the work, unless any of it panicked.
    pub fn finish<T>(self, outcome: Option<T>) -> T {
        match (outcome, self.0) {
            (Some(outcome), None) => outcome,
            (_, Some(payload)) => std::panic::resume_unwind(payload),
            (None, None) => unreachable!("work without an outcome has panicked"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_caught_told_and_counted_and_what_went_well_is_not() {
        let panics = Panics::default();
        assert_eq!(panics.guard(Ended::Job, "a job", async { 7 }).await, Ok(7));
        let fell = panics.guard(Ended::Job, "a job", async { panic!("no {}", "paper") }).await;
        assert_eq!(fell, Err::<(), _>("no paper".to_owned()));
        let fell = panics.clone().guard_now(Ended::Call, "a message", || panic!("bad"));
        assert_eq!(fell, Err::<(), _>("bad".to_owned()));
        assert_eq!((panics.count(Ended::Job), panics.count(Ended::Call), panics.count(Ended::Round)), (1, 1, 0));
    }

    #[test]
    fn a_panic_held_back_goes_on_when_everything_has_had_its_turn() {
        let (panics, mut turns) = (Panics::default(), Vec::new());
        let fell = panics.guard_now(Ended::Round, "a round", || {
            let mut held = HeldBack::default();
            for turn in 1..=4 {
                held.run(|| {
                    turns.push(turn);
                    assert!(turn % 2 == 1, "turn {turn}");
                });
            }
            held.finish(Some(()));
        });
        assert_eq!((fell, turns), (Err("turn 2".to_owned()), vec![1, 2, 3, 4]));
        assert_eq!(panics.count(Ended::Round), 1);
    }
}
