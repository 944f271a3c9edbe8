//! Whether callers and desks meet in this process, and for how long that is known.
//!
//! Where several serve from one database, whoever has the floor asks for it again every second. A process that stood still
//! meanwhile (frozen, swapped out, on a machine that slept) may have lost it, and finds in its sockets what was said to it
//! since: nothing of that may be acted upon before it has asked.

use startline_foundation::clock::since_boot;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// The answer to an asking that began longer ago is no longer known to hold. Longer than two askings of a database that is
/// slow to answer, and shorter than it takes another process to have the floor of one that hangs.
const KNOWN_FOR: Duration = Duration::from_secs(6);
/// Asking always comes to an end. Should it not, people are not kept waiting for it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Nobody else can have the floor: it was never asked for.
const FOR_EVER: u64 = u64::MAX;

pub struct FloorHere {
    is_elsewhere: AtomicBool,
    /// When the newest asking that has an answer began, in milliseconds of a time that only runs.
    asked_at: AtomicU64,
    answered: Notify,
}

impl Default for FloorHere {
    fn default() -> Self {
        Self { is_elsewhere: AtomicBool::new(false), asked_at: AtomicU64::new(FOR_EVER), answered: Notify::new() }
    }
}

impl FloorHere {
    pub fn is_here(&self) -> bool {
        !self.is_elsewhere.load(Ordering::SeqCst)
    }

    /// Says whether that is news.
    pub fn set(&self, here: bool) -> bool {
        self.is_elsewhere.swap(!here, Ordering::SeqCst) == here
    }

    /// Who has the floor was asked at this moment of [`since_boot`], and what was answered has been acted upon.
    pub fn was_asked(&self, at: Duration) {
        self.asked_at.store(millis(at), Ordering::SeqCst);
        self.answered.notify_waiters();
    }

    /// Nothing has been heard for so long that another process may have the floor.
    pub fn is_doubtful(&self) -> bool {
        let asked_at = self.asked_at.load(Ordering::SeqCst);
        asked_at != FOR_EVER && millis(since_boot()).saturating_sub(asked_at) > millis(KNOWN_FOR)
    }

    /// Waits until it is known who has the floor: at once, unless this process stood still. To be waited for before anything
    /// that somebody said to it is acted upon.
    pub async fn known(&self) {
        if !self.is_doubtful() {
            return;
        }
        let until_known = async {
            loop {
                let mut answered = pin!(self.answered.notified());
                answered.as_mut().enable();
                if !self.is_doubtful() {
                    return;
                }
                answered.await;
            }
        };
        let _ = tokio::time::timeout(PATIENCE, until_known).await;
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(FOR_EVER - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Poll, Waker};

    /// Longer than any test takes, before now.
    fn long_ago() -> Duration {
        since_boot().saturating_sub(KNOWN_FOR * 2)
    }

    #[test]
    fn a_process_that_is_alone_never_doubts() {
        let floor = FloorHere::default();
        assert!(floor.is_here() && !floor.is_doubtful());
    }

    #[test]
    fn only_what_changes_is_news() {
        let floor = FloorHere::default();
        assert!(!floor.set(true) && floor.set(false) && !floor.set(false) && !floor.is_here() && floor.set(true));
    }

    #[tokio::test]
    async fn whoever_doubts_waits_for_the_answer_to_a_question_that_was_asked_since() {
        let floor = FloorHere::default();
        floor.was_asked(since_boot());
        floor.known().await;
        floor.was_asked(long_ago());
        assert!(floor.is_doubtful());
        let mut waits = pin!(floor.known());
        let mut poll = || waits.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(poll(), Poll::Pending);
        // It had come before the process stood still, and is read after it.
        floor.was_asked(long_ago());
        assert_eq!(poll(), Poll::Pending);
        floor.was_asked(since_boot());
        assert_eq!(poll(), Poll::Ready(()));
    }
}
