//! Streams of what somebody looks at: a snapshot first, then each change, `Stopping` last. However many look at one thing,
//! it is read once for all of them: at once when this process changed it, within seconds when another did. A slow watcher is
//! sent what is, not what was.

use super::call::Answers;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use futures_util::future::BoxFuture;
use futures_util::stream::unfold;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_service::Service;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// What is looked at, by its key, each with its one reader.
pub struct Readings<K: Eq + Hash, M>(Arc<DashMap<K, mpsc::UnboundedSender<Joiner<M>>>>);

/// Who waits for a reading that began after they came.
type Joiner<M> = oneshot::Sender<Result<watch::Receiver<M>>>;

impl<K: Eq + Hash, M> Default for Readings<K, M> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// What is to be looked at.
pub struct Look<M> {
    /// Whose changes are changes of it.
    pub topics: Vec<Topic>,
    /// How often it is read again, for what another process changed.
    pub every: Duration,
    pub read: Box<dyn Fn() -> BoxFuture<'static, Result<M>> + Send + Sync>,
}

impl<K, M> Readings<K, M>
where
    K: Eq + Hash + Clone + Send + Sync + 'static,
    M: PartialEq + Clone + Send + Sync + 'static,
{
    /// Looks at it until the stream is dropped or the service stops. `say` makes what is sent of it, and of a stop when
    /// there is nothing more.
    ///
    /// # Errors
    /// Those of the first reading.
    pub async fn look<R: Send + 'static>(
        &self,
        service: &Arc<Service>,
        key: K,
        look: impl FnOnce() -> Look<M>,
        say: impl Fn(Option<M>) -> R + Send + 'static,
    ) -> Result<Answers<R>> {
        let (joiner, joined) = oneshot::channel();
        {
            let begin = || {
                let (sender, joiners) = mpsc::unbounded_channel();
                let reader = Reader { service: service.clone(), key: key.clone(), readings: self.0.clone(), joiners };
                tokio::spawn(reader.run(look()));
                sender
            };
            // Under the entry's lock: a reader that ends looks there first whether anybody has come.
            match self.0.entry(key.clone()) {
                Entry::Occupied(reader) if !reader.get().is_closed() => drop(reader.get().send(joiner)),
                // Its reader fell over; those who look at it come back, and find another.
                Entry::Occupied(mut reader) => {
                    let fresh = begin();
                    let _ = fresh.send(joiner);
                    reader.insert(fresh);
                }
                Entry::Vacant(place) => {
                    let fresh = begin();
                    let _ = fresh.send(joiner);
                    place.insert(fresh);
                }
            }
        }
        let stopping = || Error::Unavailable("the service is stopping; try again".into());
        let receiver = joined.await.map_err(|_| stopping())??;
        Ok(Box::pin(unfold(Some((receiver, true, say)), |looking| async move {
            let (mut receiver, is_first, say) = looking?;
            if !is_first && receiver.changed().await.is_err() {
                return Some((Ok(say(None)), None));
            }
            let shown = receiver.borrow_and_update().clone();
            Some((Ok(say(Some(shown))), Some((receiver, false, say))))
        })))
    }
}

/// Reads one thing for everybody who looks at it.
struct Reader<K: Eq + Hash, M> {
    service: Arc<Service>,
    key: K,
    readings: Arc<DashMap<K, mpsc::UnboundedSender<Joiner<M>>>>,
    joiners: mpsc::UnboundedReceiver<Joiner<M>>,
}

impl<K: Eq + Hash, M: PartialEq + Clone> Reader<K, M> {
    /// Until nobody looks any more, or the service stops: then everybody is told by the channel's end.
    async fn run(mut self, look: Look<M>) {
        // Before the first reading, so that nothing falls between.
        let mut changes = self.service.subscriptions.subscribe(look.topics.clone());
        let mut shown: Option<watch::Sender<M>> = None;
        loop {
            let mut joined = Vec::new();
            tokio::select! {
                biased;
                joiner = self.joiners.recv() => joined.extend(joiner),
                goes_on = changes.changed() => if !goes_on {
                    break;
                },
                () = self.service.clock.next_tick(look.every) => {}
            }
            while let Ok(joiner) = self.joiners.try_recv() {
                joined.push(joiner);
            }
            let is_looked_at = shown.as_ref().is_some_and(|shown| shown.receiver_count() > 0);
            if joined.is_empty() && !is_looked_at {
                if self.readings.remove_if(&self.key, |_, _| self.joiners.is_empty()).is_some() {
                    return;
                }
                continue;
            }
            match (look.read)().await {
                Ok(now) => {
                    let shown = shown.get_or_insert_with(|| watch::Sender::new(now.clone()));
                    shown.send_if_modified(|before| {
                        let differs = *before != now;
                        if differs {
                            *before = now;
                        }
                        differs
                    });
                    for joiner in joined {
                        let _ = joiner.send(Ok(shown.subscribe()));
                    }
                }
                Err(fault) => refuse(&look, joined, fault).await,
            }
        }
        self.readings.remove(&self.key);
    }
}

/// Each is told why; for those who look already the next reading will tell.
async fn refuse<M>(look: &Look<M>, joined: Vec<Joiner<M>>, fault: Error) {
    let mut fault = Some(fault);
    if joined.is_empty()
        && let Some(fault) = &fault
    {
        tracing::warn!(%fault, "something that is looked at could not be read; it is tried again");
    }
    for joiner in joined {
        let why = match fault.take() {
            Some(fault) => fault,
            None => match (look.read)().await {
                Err(fault) => fault,
                Ok(_) => Error::Unavailable("this could not be read just now; try again".into()),
            },
        };
        let _ = joiner.send(Err(why));
    }
}
