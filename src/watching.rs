//! Who looks at something now (a claim, an office's day), to be told when it changed. Memory only: a watcher that is lost
//! with its connection comes back and reads again. Changes made by another process are not told here; whoever watches
//! looks again by itself.

use dashmap::DashMap;
use std::hash::Hash;
use std::sync::Arc;
use tokio::sync::watch;

/// What is watched in this process. Cheap to clone.
pub struct Watchers<K: Eq + Hash>(Arc<Inside<K>>);

struct Inside<K: Eq + Hash> {
    watched: DashMap<K, watch::Sender<()>>,
    stopping: watch::Sender<bool>,
}

/// One look at one thing. Dropping it ends it.
pub struct Watch<K: Eq + Hash> {
    what: K,
    watchers: Watchers<K>,
    changes: Option<watch::Receiver<()>>,
    stopping: watch::Receiver<bool>,
}

impl<K: Eq + Hash> Clone for Watchers<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Eq + Hash> Default for Watchers<K> {
    fn default() -> Self {
        Self(Arc::new(Inside { watched: DashMap::new(), stopping: watch::Sender::new(false) }))
    }
}

impl<K: Eq + Hash + Clone> Watchers<K> {
    /// From here on nothing that is told of it is missed.
    pub fn watch(&self, what: K) -> Watch<K> {
        let changes = self.0.watched.entry(what.clone()).or_default().subscribe();
        Watch { what, watchers: self.clone(), changes: Some(changes), stopping: self.0.stopping.subscribe() }
    }

    /// Tells whoever looks at it that it changed. To be called after the commit.
    pub fn changed(&self, what: K) {
        if let Some(watched) = self.0.watched.get(&what) {
            watched.send_replace(());
        }
    }

    /// Tells every watcher that the service stops.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// How much somebody looks at.
    pub fn len(&self) -> usize {
        self.0.watched.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<K: Eq + Hash> Watch<K> {
    /// Waits until it changes; several changes at once are told once. False when the service stops.
    pub async fn changed(&mut self) -> bool {
        let Some(changes) = &mut self.changes else { return false };
        tokio::select! {
            biased;
            _ = self.stopping.wait_for(|stopping| *stopping) => false,
            told = changes.changed() => told.is_ok(),
        }
    }
}

impl<K: Eq + Hash> Drop for Watch<K> {
    fn drop(&mut self) {
        self.changes = None;
        self.watchers.0.watched.remove_if(&self.what, |_, watched| watched.receiver_count() == 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ClaimId;
    use chrono::{DateTime, Utc};
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    fn now<T>(future: impl Future<Output = T>) -> Option<T> {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    fn claim() -> ClaimId {
        ClaimId::fresh("2026-03-03T10:00:00Z".parse::<DateTime<Utc>>().unwrap())
    }

    #[test]
    fn each_watcher_of_the_claim_is_told_and_no_other() {
        let (watchers, one, other) = (Watchers::default(), claim(), claim());
        let (mut first, mut second, mut elsewhere) = (watchers.watch(one), watchers.watch(one), watchers.watch(other));
        assert_eq!(now(first.changed()), None);
        watchers.changed(one);
        watchers.changed(one);
        assert_eq!((now(first.changed()), now(second.changed())), (Some(true), Some(true)));
        assert_eq!((now(first.changed()), now(elsewhere.changed())), (None, None));
    }

    #[test]
    fn nothing_is_kept_of_claims_that_nobody_looks_at() {
        let (watchers, claim) = (Watchers::default(), claim());
        let (first, second) = (watchers.watch(claim), watchers.watch(claim));
        drop(first);
        assert_eq!(watchers.len(), 1);
        drop(second);
        assert!(watchers.is_empty());
        watchers.changed(claim);
        assert!(watchers.is_empty());
    }

    #[test]
    fn a_stop_ends_every_look_also_one_that_begins_later() {
        let (watchers, claim) = (Watchers::default(), claim());
        let mut before = watchers.watch(claim);
        watchers.stop();
        assert_eq!(now(before.changed()), Some(false));
        assert_eq!(now(watchers.watch(claim).changed()), Some(false));
    }
}
