//! Who looks at something now (a claim, an office's day), to be told when it changed. Memory only: a subscription that is
//! lost with its connection comes back and reads again. Changes made by another process are not told here; whoever
//! subscribes looks again by itself.

use crate::events::Topic;
use dashmap::DashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// What is looked at in this process. Cheap to clone.
#[derive(Clone)]
pub struct Subscriptions(Arc<Inside>);

struct Inside {
    topics: DashMap<Topic, watch::Sender<()>>,
    stopping: watch::Sender<bool>,
}

/// One look at some things. Dropping it ends it.
pub struct Subscription {
    subscriptions: Subscriptions,
    changes: Vec<(Topic, Option<watch::Receiver<()>>)>,
    stopping: watch::Receiver<bool>,
}

impl Default for Subscriptions {
    fn default() -> Self {
        Self(Arc::new(Inside { topics: DashMap::new(), stopping: watch::Sender::new(false) }))
    }
}

impl Subscriptions {
    /// From here on nothing that is told of these topics is missed.
    pub fn subscribe(&self, topics: impl IntoIterator<Item = Topic>) -> Subscription {
        let follow = |topic: Topic| {
            let changes = self.0.topics.entry(topic.clone()).or_default().subscribe();
            (topic, Some(changes))
        };
        let changes = topics.into_iter().map(follow).collect();
        Subscription { subscriptions: self.clone(), changes, stopping: self.0.stopping.subscribe() }
    }

    /// Tells whoever looks at it that it changed.
    pub fn changed(&self, topic: &Topic) {
        if let Some(topic) = self.0.topics.get(topic) {
            topic.send_replace(());
        }
    }

    /// Tells every subscription that the service stops.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// How much somebody looks at.
    pub fn len(&self) -> usize {
        self.0.topics.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Subscription {
    /// Waits until one of the topics changes; several changes at once are told once. False when the service stops.
    pub async fn changed(&mut self) -> bool {
        if *self.stopping.borrow() {
            return false;
        }
        let waiting = self.changes.iter_mut().filter_map(|(_, changes)| changes.as_mut());
        let told: Vec<_> = waiting.map(|changes| Box::pin(changes.changed())).collect();
        if told.is_empty() {
            let _ = self.stopping.wait_for(|stopping| *stopping).await;
            return false;
        }
        tokio::select! {
            biased;
            _ = self.stopping.wait_for(|stopping| *stopping) => false,
            (told, ..) = futures_util::future::select_all(told) => told.is_ok(),
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        for (topic, changes) in &mut self.changes {
            *changes = None;
            self.subscriptions.0.topics.remove_if(topic, |_, topic| topic.receiver_count() == 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ClaimId, ClientId};
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

    fn claim() -> Topic {
        Topic::Claim(ClaimId::fresh("2026-03-03T10:00:00Z".parse::<DateTime<Utc>>().unwrap()))
    }

    #[test]
    fn each_watcher_of_the_claim_is_told_and_no_other() {
        let (subscriptions, one, other) = (Subscriptions::default(), claim(), claim());
        let look = |topic: &Topic| subscriptions.subscribe([topic.clone()]);
        let (mut first, mut second, mut elsewhere) = (look(&one), look(&one), look(&other));
        assert_eq!(now(first.changed()), None);
        subscriptions.changed(&one);
        subscriptions.changed(&one);
        assert_eq!((now(first.changed()), now(second.changed())), (Some(true), Some(true)));
        assert_eq!((now(first.changed()), now(elsewhere.changed())), (None, None));
    }

    #[test]
    fn who_looks_at_two_things_is_told_of_either() {
        let (subscriptions, claim) = (Subscriptions::default(), claim());
        let client = Topic::Client(ClientId::fresh("2026-03-03T10:00:00Z".parse().unwrap()));
        let mut both = subscriptions.subscribe([claim.clone(), client.clone()]);
        for topic in [&claim, &client] {
            assert_eq!(now(both.changed()), None);
            subscriptions.changed(topic);
            assert_eq!(now(both.changed()), Some(true));
        }
    }

    #[test]
    fn nothing_is_kept_of_claims_that_nobody_looks_at() {
        let (subscriptions, claim) = (Subscriptions::default(), claim());
        let (first, second) = (subscriptions.subscribe([claim.clone()]), subscriptions.subscribe([claim.clone()]));
        drop(first);
        assert_eq!(subscriptions.len(), 1);
        drop(second);
        assert!(subscriptions.is_empty());
        subscriptions.changed(&claim);
        assert!(subscriptions.is_empty());
    }

    #[test]
    fn a_stop_ends_every_look_also_one_that_begins_later() {
        let (subscriptions, claim) = (Subscriptions::default(), claim());
        let mut before = subscriptions.subscribe([claim.clone()]);
        subscriptions.stop();
        assert_eq!(now(before.changed()), Some(false));
        assert_eq!(now(subscriptions.subscribe([claim]).changed()), Some(false));
    }
}
