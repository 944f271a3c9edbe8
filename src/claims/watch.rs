//! Who looks at a claim now, to be told when it changed. Memory only: a watcher that is lost with its connection comes
//! back and reads the claim. Changes made by another process are not told here; whoever watches looks again by itself.

use crate::ids::ClaimId;
use dashmap::DashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// The watched claims of this process. Cheap to clone.
#[derive(Clone)]
pub struct Watchers(Arc<Inside>);

struct Inside {
    claims: DashMap<ClaimId, watch::Sender<()>>,
    stopping: watch::Sender<bool>,
}

/// One look at one claim. Dropping it ends it.
pub struct Watch {
    claim: ClaimId,
    watchers: Watchers,
    changes: Option<watch::Receiver<()>>,
    stopping: watch::Receiver<bool>,
}

impl Default for Watchers {
    fn default() -> Self {
        Self(Arc::new(Inside { claims: DashMap::new(), stopping: watch::Sender::new(false) }))
    }
}

impl Watchers {
    /// From here on nothing that is told of the claim is missed.
    pub fn watch(&self, claim: ClaimId) -> Watch {
        let changes = self.0.claims.entry(claim).or_default().subscribe();
        Watch { claim, watchers: self.clone(), changes: Some(changes), stopping: self.0.stopping.subscribe() }
    }

    /// Tells whoever looks at the claim that it changed. To be called after the commit.
    pub fn changed(&self, claim: ClaimId) {
        if let Some(watched) = self.0.claims.get(&claim) {
            watched.send_replace(());
        }
    }

    /// Tells every watcher that the service stops.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Claims that somebody looks at.
    pub fn len(&self) -> usize {
        self.0.claims.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Watch {
    /// Waits until the claim changes; several changes at once are told once. False when the service stops.
    pub async fn changed(&mut self) -> bool {
        let Some(changes) = &mut self.changes else { return false };
        tokio::select! {
            biased;
            _ = self.stopping.wait_for(|stopping| *stopping) => false,
            told = changes.changed() => told.is_ok(),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.changes = None;
        self.watchers.0.claims.remove_if(&self.claim, |_, watched| watched.receiver_count() == 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
