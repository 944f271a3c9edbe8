//! The runner of mutations. All of them go through it, whichever door or worker asks.
//!
//! ```text
//! service.runner.mutate(&operation, |mut work| async move {
//!     let (mut db, context) = work.parts();
//!     let claim = claims::withdraw(&mut db, context, definition, id, reason).await?;   // an error undoes everything
//!     work.done(claim)
//! }).await
//! ```

use startline_foundation::clock::Clock;
use startline_foundation::error::{Error, Result};
use startline_foundation::store::{Db, Store, Tx};
use startline_rooms::access::{self, Context, Replay};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// The first pause after a lost race; each is up to twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);
/// How long a mutation is tried whose caller named no deadline. Whoever loses all this time is told `Contended`.
const PATIENCE: Duration = Duration::from_secs(10);

/// A mutation that somebody asked for.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Who asks, in which language, and under which idempotency key (`request_id`).
    pub context: Context,
    /// What is asked for, as it is kept with the answer.
    pub name: &'static str,
    /// A hash of the request, so that an idempotency key that is used for something else is noticed.
    pub fingerprint: Vec<u8>,
    /// The caller's own.
    pub deadline: Option<Instant>,
}

/// An answer that can be kept for a replay.
pub trait KeptAnswer: Sized {
    fn to_bytes(&self) -> Vec<u8>;
    /// # Errors
    /// `Internal` when these are not the bytes of such an answer.
    fn from_bytes(bytes: &[u8]) -> Result<Self>;
}

/// One try at a mutation: its transaction and the context it runs in. Dropped, it is undone.
pub struct Work {
    pub context: Context,
    tx: Tx,
}

impl Work {
    /// The transaction's connection, and the context beside it.
    pub fn parts(&mut self) -> (Db<'_>, &Context) {
        (self.tx.db(), &self.context)
    }

    pub fn db(&mut self) -> Db<'_> {
        self.tx.db()
    }

    /// It went well: to be committed, and answered so.
    ///
    /// # Errors
    /// None; it is a `Result` so that it can stand where the attempt ends.
    pub fn done<A>(self, answer: A) -> Result<(Self, A)> {
        Ok((self, answer))
    }
}

/// Bytes that somebody else made and will read.
impl KeptAnswer for Vec<u8> {
    fn to_bytes(&self) -> Vec<u8> {
        self.clone()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Ok(bytes.to_vec())
    }
}

#[expect(clippy::large_enum_variant, reason = "it lives for a moment on the stack of one mutation")]
enum Begun<A> {
    First(Work),
    /// The request was answered before; this is the answer it got.
    Replayed(A),
}

/// Runs transactions. Cheap to clone; the clones count together.
#[derive(Clone)]
pub struct Runner {
    store: Store,
    clock: Clock,
    retries: Arc<AtomicU64>,
}

impl Runner {
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, retries: Arc::default() }
    }

    /// How often a transaction was tried again since the start, because it had lost a race.
    pub fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// Does what was asked for, once: a replay of its `request_id` gets the first answer, a lost race is tried again, and
    /// what follows is told after the commit.
    ///
    /// # Errors
    /// Those of `attempt`, after which nothing is changed; `DeadlineExceeded`; `Contended` when every try lost.
    pub async fn mutate<A, F, Fut>(&self, operation: &Operation, attempt: F) -> Result<A>
    where
        A: KeptAnswer,
        F: Fn(Work) -> Fut,
        Fut: Future<Output = Result<(Work, A)>>,
    {
        self.retrying(operation.deadline, || async {
            match self.begin(operation).await? {
                Begun::Replayed(answer) => Ok(answer),
                Begun::First(work) => {
                    let (mut work, answer) = attempt(work).await?;
                    let request_id = work.context.request_id.ok_or_else(no_request_id)?;
                    let bytes = answer.to_bytes();
                    access::keep_response(&mut work.tx.db(), &work.context, request_id, &bytes).await?;
                    work.tx.commit().await?;
                    Ok(answer)
                }
            }
        })
        .await
    }

    /// The answer that this request got, if it was answered before: for those that have much to do before their
    /// transaction begins.
    pub async fn replayed<A: KeptAnswer>(&self, operation: &Operation) -> Result<Option<A>> {
        self.retrying(operation.deadline, || async {
            match self.begin(operation).await? {
                Begun::Replayed(answer) => Ok(Some(answer)),
                // What was claimed of the request is undone with the transaction.
                Begun::First(_) => Ok(None),
            }
        })
        .await
    }

    /// Does what nobody asked for, under the service's own name: tried again after a lost race as any mutation is.
    ///
    /// # Errors
    /// Those of `attempt`, after which nothing is changed.
    pub async fn transact<A, F, Fut>(&self, attempt: F) -> Result<A>
    where
        F: Fn(Work) -> Fut,
        Fut: Future<Output = Result<(Work, A)>>,
    {
        self.retrying(None, || async {
            let mut tx = self.store.begin_write().await?;
            let context = access::system_context(&mut tx.db(), self.clock.now()).await?;
            let (work, answer) = attempt(Work { context, tx }).await?;
            work.tx.commit().await?;
            Ok(answer)
        })
        .await
    }

    /// The same on behalf of somebody, whose request it is no longer: a job's, or a draft kept after a refusal.
    ///
    /// # Errors
    /// Those of `attempt`, after which nothing is changed.
    pub async fn transact_for<A, F, Fut>(&self, context: &Context, attempt: F) -> Result<A>
    where
        F: Fn(Work) -> Fut,
        Fut: Future<Output = Result<(Work, A)>>,
    {
        self.retrying(None, || async {
            let tx = self.store.begin_write().await?;
            let context = Context { now: self.clock.now(), ..context.clone() };
            let (work, answer) = attempt(Work { context, tx }).await?;
            work.tx.commit().await?;
            Ok(answer)
        })
        .await
    }

    async fn begin<A: KeptAnswer>(&self, operation: &Operation) -> Result<Begun<A>> {
        let context = Context { now: self.clock.now(), ..operation.context.clone() };
        let request_id = context.request_id.ok_or_else(no_request_id)?;
        let mut tx = self.store.begin_write().await?;
        let (name, fingerprint) = (operation.name, &operation.fingerprint);
        match access::claim_request(&mut tx.db(), &context, request_id, name, fingerprint).await? {
            Replay::First => Ok(Begun::First(Work { context, tx })),
            Replay::Again(bytes) => {
                // On SQLite the first try may be waiting for its commit in the same shared transaction.
                tx.commit().await?;
                Ok(Begun::Replayed(A::from_bytes(&bytes)?))
            }
        }
    }

    /// Runs `attempt` again while it loses races, with growing pauses of random length: those who lost together do not
    /// meet again together.
    async fn retrying<A, F, Fut>(&self, deadline: Option<Instant>, attempt: F) -> Result<A>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<A>>,
    {
        let give_up_at = deadline.unwrap_or_else(|| Instant::now() + PATIENCE);
        let mut pause = FIRST_PAUSE;
        loop {
            match within(deadline, attempt()).await {
                Err(Error::Contended) => {}
                settled => return settled,
            }
            self.retries.fetch_add(1, Ordering::Relaxed);
            let jittered = pause.mul_f64(rand::random_range(0.5..1.0));
            if Instant::now() + jittered >= give_up_at {
                return Err(if deadline.is_some() { Error::DeadlineExceeded } else { Error::Contended });
            }
            tokio::time::sleep(jittered).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Runs `work`, and ends it when the caller's deadline passes.
///
/// # Errors
/// `DeadlineExceeded`, and those of `work`.
pub async fn within<T>(deadline: Option<Instant>, work: impl Future<Output = Result<T>>) -> Result<T> {
    match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline, work).await.map_err(|_| Error::DeadlineExceeded)?,
        None => work.await,
    }
}

fn no_request_id() -> Error {
    Error::invalid("request_id", "is needed: a new UUID for each request")
}

#[cfg(test)]
#[path = "mutation_tests.rs"]
mod tests;
