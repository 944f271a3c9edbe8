//! Connections by which nobody asks anything. Answering pings is not asking: a program that forgot its connection, or a machine
//! that sleeps with one eye open, would hold a descriptor for ever. A stream that is open is no idleness, however seldom it
//! says something.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// What one connection has under way. The clones count together.
#[derive(Clone)]
pub struct Pace(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    ended: Notify,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    under_way: usize,
    /// When the last one ended, or the connection came.
    since: Instant,
}

/// A request, from its beginning until its answer has been read.
pub struct UnderWay(Pace);

impl State {
    /// When it will have been idle for so long, if nothing comes meanwhile.
    fn idle_at(self, bound: Duration) -> Option<Instant> {
        (self.under_way == 0).then(|| self.since + bound)
    }
}

impl Pace {
    pub fn new() -> Self {
        let state = Mutex::new(State { under_way: 0, since: Instant::now() });
        Self(Arc::new(Shared { state, ended: Notify::new() }))
    }

    pub fn begins(&self) -> UnderWay {
        self.state().under_way += 1;
        UnderWay(self.clone())
    }

    /// Done when nothing has been under way for so long.
    pub async fn idle_for(&self, bound: Duration) {
        loop {
            let seen = *self.state();
            let Some(idle_at) = seen.idle_at(bound) else {
                self.0.ended.notified().await;
                continue;
            };
            sleep_until(idle_at).await;
            if *self.state() == seen {
                return;
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let Pace(shared) = &self.0;
        {
            let mut state = self.0.state();
            state.under_way = state.under_way.saturating_sub(1);
            state.since = Instant::now();
        }
        // Kept for whoever looks next, if nobody waits at this moment.
        shared.ended.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    const BOUND: Duration = Duration::from_secs(900);

    #[test]
    fn each_question_begins_the_time_anew_and_none_runs_while_something_is_under_way() {
        let pace = Pace::new();
        let came = pace.state().since;
        assert_eq!(pace.state().idle_at(BOUND), Some(came + BOUND));
        let (stream, question) = (pace.begins(), pace.begins());
        assert_eq!(pace.state().idle_at(BOUND), None);
        drop(question);
        assert_eq!(pace.state().idle_at(BOUND), None, "a stream is open, however little it says");
        drop(stream);
        let ended = pace.state().since;
        assert!(ended > came);
        assert_eq!(pace.state().idle_at(BOUND), Some(ended + BOUND));
    }

    #[tokio::test]
    async fn whoever_waits_for_it_hears_of_it_when_the_last_stream_has_ended() {
        let pace = Pace::new();
        let streams = [pace.begins(), pace.begins()];
        for stream in streams {
            assert!(pace.idle_for(Duration::ZERO).now_or_never().is_none());
            drop(stream);
        }
        pace.idle_for(Duration::ZERO).await;
    }
}
