//! Delivers what committed transactions have to tell: subscriptions, the workers' wake-ups, the floors.

use super::Service;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use startline_foundation::events::Event;
use startline_foundation::store::Listener;
use std::sync::{Arc, Weak};

/// The store's way to the service. It keeps nothing alive: when the last door and worker have let go of the service,
/// there is nobody left to be told.
pub struct Delivery(Weak<Service>);

impl Delivery {
    pub fn to(service: &Arc<Service>) -> Self {
        Self(Arc::downgrade(service))
    }
}

impl Listener for Delivery {
    fn deliver(&self, events: Vec<Event>) -> BoxFuture<'_, ()> {
        let service = self.0.upgrade();
        async move {
            if let Some(service) = service {
                service.deliver(&events).await;
            }
        }
        .boxed()
    }
}

impl Service {
    /// Each of them once, in their order; what has to be read for several is read once, at the end.
    async fn deliver(&self, events: &[Event]) {
        let (mut commitments, mut due, mut contingencies) = (false, false, false);
        for event in events {
            match event {
                Event::Changed(topic) => self.subscriptions.changed(topic),
                Event::JobQueued => self.job_queued.notify_one(),
                Event::TimeFreed => self.time_freed.notify_one(),
                Event::CommitmentsChanged => commitments = true,
                Event::DueCallbacksChanged => due = true,
                Event::OutboundStarted { adviser, callback } => {
                    self.switchboard.start_outbound(*adviser, *callback, self.clock.now());
                }
                Event::OutboundEnded { adviser, callback } => {
                    self.switchboard.end_outbound(*adviser, *callback, self.clock.now());
                }
                Event::ContingencyChanged => contingencies = true,
                Event::PersonChanged(user) => self.directory.changed(*user),
                Event::PackComposed => self.counts.pack("composed"),
                Event::PackRefused => self.counts.pack("refused"),
            }
        }
        if due {
            self.switchboard.callbacks_due();
        }
        if commitments && let Err(fault) = self.tell_commitments().await {
            tracing::warn!(%fault, "the floors could not be told whose call-backs begin soon; they will be within seconds");
        }
        if contingencies && let Err(fault) = self.catch_up_with_contingencies().await {
            tracing::warn!(%fault, "the floors could not be told which sites are lost; they will be within seconds");
        }
    }
}
