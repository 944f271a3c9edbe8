//! A thread of its own for each pack that is being composed.
//!
//! Typst shares the pages of one document out over rayon's threads. Many packs are composed side by side anyway, so that
//! sharing only costs: threads that look for work, packs that wait for each other's pages. Here each pack stays on one
//! thread; there are as many as packs were ever composed at once, and they sleep while there is nothing to compose.

use rayon::{ThreadPool, ThreadPoolBuilder};
use std::sync::{Mutex, PoisonError};

static FREE: Mutex<Vec<ThreadPool>> = Mutex::new(Vec::new());

/// Does the work on one thread, and waits for it.
pub fn on_one<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let thread = free.or_else(|| {
        let named = |_| "composing".to_owned();
        ThreadPoolBuilder::new().num_threads(1).thread_name(named).build().ok()
    });
    // No thread to be had: shared out is better than not at all.
    let Some(thread) = thread else { return work() };
    let done = thread.install(work);
    FREE.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_out_within_stays_on_the_one_thread() {
        let threads = on_one(|| {
            let both = rayon::join(|| std::thread::current().id(), || std::thread::current().id());
            (both, rayon::current_num_threads())
        });
        assert_eq!(threads.0.0, threads.0.1);
        assert_eq!(threads.1, 1);
    }

    #[test]
    fn two_at_once_have_a_thread_each() {
        let met = std::sync::Barrier::new(2);
        let wait = || {
            met.wait();
            std::thread::current().id()
        };
        let (one, other) = std::thread::scope(|scope| {
            let one = scope.spawn(|| on_one(wait));
            let other = on_one(wait);
            (one.join().expect("it waits only for the other"), other)
        });
        assert_ne!(one, other);
    }
}
