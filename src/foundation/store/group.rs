//! Group commit: one task gathers what arrives while the last commit runs, writes it in one transaction, and
//! acknowledges all of it after the commit. Durable autosave costs one disk flush a batch instead of one an answer.
//!
//! What is waiting here is not durable and not acknowledged; a crash loses nothing that anybody was told was saved.

use super::{Db, Store};
use crate::error::{Error, Result};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// More than any number of desks that type at once; a full queue makes savers wait.
const QUEUE: usize = 4096;

/// What a batch consists of and how one is written.
pub trait BatchWriter: Send + Sync + 'static {
    type Item: Send + Sync + 'static;
    type Saved: Send + 'static;

    /// Writes `items` in their order inside the open transaction, with one outcome for each. An `Err` for the whole
    /// batch undoes it: it is written again with care, and if it fails again, each item is tried alone.
    fn write(
        &self,
        db: &mut Db<'_>,
        items: &[Self::Item],
        manner: Manner,
    ) -> impl Future<Output = Result<Vec<Result<Self::Saved>>>> + Send;
}

/// How a batch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Nearly always nothing stands in an item's way, and it is quicker to find that out from the database's refusal
    /// than to look first.
    Optimistic,
    /// After a refusal: look first, so that what stands in one item's way spoils no other.
    Checked,
}

type Waiting<W> = (<W as BatchWriter>::Item, oneshot::Sender<Result<<W as BatchWriter>::Saved>>);

/// Hands items to the batching task. Cheap to clone; the task ends, all written, when the last one is dropped.
pub struct GroupWriter<W: BatchWriter>(mpsc::Sender<Waiting<W>>);

impl<W: BatchWriter> Clone for GroupWriter<W> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<W: BatchWriter> GroupWriter<W> {
    /// Starts the batching task. Await the handle after dropping the writer to know that everything is written.
    pub fn start(store: Store, writer: W, largest_batch: usize) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(store, Arc::new(writer), receiver, largest_batch));
        (Self(sender), task)
    }

    /// Returns when the item is durable, or says why it is not.
    pub async fn save(&self, item: W::Item) -> Result<W::Saved> {
        let (done, outcome) = oneshot::channel();
        let stopping = || Error::Unavailable("the service is stopping; try again".into());
        self.0.send((item, done)).await.map_err(|_| stopping())?;
        outcome.await.map_err(|_| stopping())?
    }
}

async fn run<W: BatchWriter>(
    store: Store,
    writer: Arc<W>,
    mut receiver: mpsc::Receiver<Waiting<W>>,
    largest_batch: usize,
) {
    let mut arrived = Vec::with_capacity(largest_batch);
    while receiver.recv_many(&mut arrived, largest_batch).await > 0 {
        let (items, waiting): (Vec<_>, Vec<_>) = arrived.drain(..).unzip();
        let outcomes = outcomes_of(&store, &*writer, &items).await;
        for (done, outcome) in waiting.into_iter().zip(outcomes) {
            // The saver may have gone; its answer is saved all the same.
            let _ = done.send(outcome);
        }
    }
}

async fn outcomes_of<W: BatchWriter>(store: &Store, writer: &W, items: &[W::Item]) -> Vec<Result<W::Saved>> {
    let all_unavailable = |why: String| items.iter().map(|_| Err(Error::Unavailable(why.clone()))).collect();
    match write_batch(store, writer, items, Manner::Optimistic).await {
        Ok(outcomes) => return outcomes,
        Err(Error::Unavailable(why)) => return all_unavailable(why),
        Err(_) => {}
    }
    match write_batch(store, writer, items, Manner::Checked).await {
        Ok(outcomes) => outcomes,
        Err(Error::Unavailable(why)) => all_unavailable(why),
        Err(fault) if items.len() == 1 => vec![Err(fault)],
        Err(_) => one_by_one(store, writer, items).await,
    }
}

async fn write_batch<W: BatchWriter>(
    store: &Store,
    writer: &W,
    items: &[W::Item],
    manner: Manner,
) -> Result<Vec<Result<W::Saved>>> {
    let mut tx = store.begin_write().await?;
    let outcomes = writer.write(&mut tx.db(), items, manner).await?;
    tx.commit().await?;
    Ok(outcomes)
}

async fn one_by_one<W: BatchWriter>(store: &Store, writer: &W, items: &[W::Item]) -> Vec<Result<W::Saved>> {
    let mut outcomes = Vec::with_capacity(items.len());
    for item in items {
        let alone = write_batch(store, writer, std::slice::from_ref(item), Manner::Checked).await;
        outcomes.push(match alone {
            Ok(mut outcome) => outcome.pop().unwrap_or_else(|| Err(Error::internal("a batch of one has no outcome"))),
            Err(fault) => Err(fault),
        });
    }
    outcomes
}
