//! The follow-up work that others left: packs and letters composed, packs stopped. Each job is done at least once, by a
//! worker of whichever process; a job under way is finished when the service stops. A run of the evening does the same with
//! several workers at once, until nothing is left.

use crate::access::{self, Context};
use crate::clock::Clock;
use crate::definition::Definitions;
use crate::error::{Error, Result};
use crate::formats::Language;
use crate::grpc::Shared;
use crate::ids::{AppointmentId, CallbackId, ClaimId, SiteId};
use crate::packs::{self, Composers, Kept, Wanted};
use crate::store::{self, Job, JobKind, Store};
use crate::watching::Watchers;
use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How often jobs are looked for that nobody announced: those of another process, and those whose lease ran out.
const JOB_TICK: Duration = Duration::from_secs(2);
/// A pack takes a tenth of a second; a worker that is gone for this long is dead.
const JOB_LEASE: TimeDelta = TimeDelta::seconds(30);
const JOBS_AT_A_TIME: i32 = 4;
/// How often a run looks again for what another process has under way.
const RUN_TICK: Duration = Duration::from_millis(500);

/// What composing needs of the world.
#[derive(Clone)]
pub struct Composing {
    pub store: Store,
    pub clock: Clock,
    pub definitions: Arc<Definitions>,
    pub composers: Arc<Composers>,
    /// Who looks at a print room now.
    pub rooms: Watchers<SiteId>,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Done by this run, and tried in vain; the latter are tried again later.
    pub done: u64,
    pub failed: u64,
    /// Still to be done, by whomever.
    pub left: u64,
}

impl Composing {
    pub fn of(shared: &Shared) -> Self {
        Self {
            store: shared.store.clone(),
            clock: shared.clock.clone(),
            definitions: shared.definitions.clone(),
            composers: shared.composers.clone(),
            rooms: shared.room_watchers.clone(),
        }
    }

    /// Does everything that is due with so many workers, each with one pack in memory, and tells how far it is after each.
    /// A stopped run finishes what it has under way; the next one goes on where it was.
    ///
    /// # Errors
    /// When the database does not answer. What was done is done.
    pub fn run<'a>(
        &'a self,
        workers: usize,
        stopping: &'a CancellationToken,
        tell: impl Fn(Progress) + Send + Sync + 'static,
    ) -> BoxFuture<'a, Result<Progress>> {
        self.run_telling(workers, stopping, Arc::new(tell))
    }

    /// Without a type of the caller's, so that it is compiled here.
    fn run_telling<'a>(
        &'a self,
        workers: usize,
        stopping: &'a CancellationToken,
        tell: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> BoxFuture<'a, Result<Progress>> {
        Box::pin(self.run_all(workers, stopping, tell))
    }

    async fn run_all(
        &self,
        workers: usize,
        stopping: &CancellationToken,
        tell: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<Progress> {
        let so_far = Arc::new(Mutex::new(Progress::default()));
        let mut running = JoinSet::new();
        for _ in 0..workers.max(1) {
            running.spawn(self.clone().work(stopping.clone(), so_far.clone(), tell.clone()));
        }
        while let Some(ended) = running.join_next().await {
            ended.map_err(|fault| Error::internal(format!("a worker of the run fell over: {fault}")))??;
        }
        let progress = *so_far.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(progress)
    }

    async fn work(
        self,
        stopping: CancellationToken,
        so_far: Arc<Mutex<Progress>>,
        tell: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<()> {
        while !stopping.is_cancelled() {
            let jobs = claim_jobs(&self, 1).await?;
            let (mut done, mut failed) = (0, 0);
            for job in &jobs {
                if do_job(&self, job).await { done += 1 } else { failed += 1 }
            }
            let (due, open) = store::jobs_left(&mut self.store.read().await?.db(), self.clock.now()).await?;
            let progress = {
                let mut progress = so_far.lock().unwrap_or_else(PoisonError::into_inner);
                progress.done += done;
                progress.failed += failed;
                progress.left = open;
                *progress
            };
            tell(progress);
            // What was tried in vain is due later; what another has under way is waited for.
            if jobs.is_empty() && due == 0 {
                break;
            }
            if jobs.is_empty() {
                self.clock.next_tick(RUN_TICK).await;
            }
        }
        Ok(())
    }
}

/// Does follow-up work until the service stops.
pub(super) async fn do_jobs(shared: Arc<Shared>, stopping: CancellationToken) {
    let composing = Composing::of(&shared);
    while !stopping.is_cancelled() {
        match claim_jobs(&composing, JOBS_AT_A_TIME).await {
            Ok(jobs) if jobs.is_empty() => {
                tokio::select! {
                    () = shared.jobs_waiting.notified() => {}
                    () = shared.clock.next_tick(JOB_TICK) => {}
                    () = stopping.cancelled() => {}
                }
            }
            Ok(jobs) => {
                for job in jobs {
                    do_job(&composing, &job).await;
                }
            }
            Err(fault) => {
                tracing::warn!(%fault, "jobs could not be looked for");
                tokio::select! {
                    () = shared.clock.next_tick(JOB_TICK) => {}
                    () = stopping.cancelled() => {}
                }
            }
        }
    }
}

async fn claim_jobs(composing: &Composing, most: i32) -> Result<Vec<Job>> {
    let mut tx = composing.store.begin_write().await?;
    let jobs = store::claim_jobs(&mut tx.db(), most, JOB_LEASE, composing.clock.now()).await?;
    tx.commit().await?;
    Ok(jobs)
}

/// Whether it was done.
async fn do_job(composing: &Composing, job: &Job) -> bool {
    let record = job.record_id;
    let outcome = match job.kind {
        JobKind::ComposePack => compose(composing, job, Wanted::Claim(ClaimId(record))).await,
        JobKind::WriteMissedMeeting => compose(composing, job, Wanted::MissedMeeting(AppointmentId(record))).await,
        JobKind::WriteNewTime => compose(composing, job, Wanted::NewTime(AppointmentId(record))).await,
        JobKind::WriteDeferral => compose(composing, job, Wanted::Deferral(ClaimId(record))).await,
        JobKind::WriteMissedCallback => compose(composing, job, Wanted::MissedCallback(CallbackId(record))).await,
        JobKind::StopPacks => stop_packs(composing, job, ClaimId(record)).await,
    };
    let Err(fault) = outcome else { return true };
    tracing::warn!(%fault, job = %job.id, attempt = job.attempt, "a job failed and will be tried again");
    if let Err(fault) = give_back(composing, job, &fault).await {
        tracing::warn!(%fault, job = %job.id, "a failed job could not be given back; its lease will run out");
    }
    false
}

async fn context_of(composing: &Composing, job: &Job) -> Result<Context> {
    let user = access::user(&mut composing.store.read().await?.db(), job.user_id).await?;
    Ok(Context { now: composing.clock.now(), user, request_id: None, language: Language::English })
}

/// Composes what is still owed, and ticks the job off in the transaction that keeps it.
async fn compose(composing: &Composing, job: &Job, wanted: Wanted) -> Result<()> {
    let context = context_of(composing, job).await?;
    let definition = composing.definitions.current();
    let order = {
        let mut reader = composing.store.read().await?;
        let db = &mut reader.db();
        match packs::owed(db, definition, wanted, context.now).await? {
            Some(owed) => Some(packs::order(db, definition, owed, context.now).await?),
            None => None,
        }
    };
    let Some(order) = order else {
        tracing::info!(kind = wanted.kind(), record = %wanted.record(), "nothing is to be sent any more");
        return finish(composing, job).await;
    };
    let prepared =
        packs::prepare(&composing.store, &composing.composers, &composing.definitions, &context, &order).await?;
    let mut tx = composing.store.begin_write().await?;
    let db = &mut tx.db();
    let kept = packs::keep(db, &context, definition, &order, &prepared, false).await?;
    store::finish_job(db, job, context.now).await?;
    tx.commit().await?;
    match kept {
        Kept::Pack(standing) => {
            let pack = &standing.pack;
            tracing::info!(pack = %pack.id, kind = pack.wanted.kind(), pages = pack.pages, "a pack was composed");
            standing.jobs.iter().for_each(|job| composing.rooms.changed(job.room.clone()));
        }
        Kept::Exception(exception) => {
            let room = definition.site(&exception.site).map(|site| site.print_room().clone());
            composing.rooms.changed(room.unwrap_or(exception.site));
        }
    }
    Ok(())
}

async fn stop_packs(composing: &Composing, job: &Job, claim: ClaimId) -> Result<()> {
    let context = context_of(composing, job).await?;
    let mut tx = composing.store.begin_write().await?;
    let db = &mut tx.db();
    packs::stop(db, &context, composing.definitions.current(), claim).await?;
    store::finish_job(db, job, context.now).await?;
    tx.commit().await
}

async fn finish(composing: &Composing, job: &Job) -> Result<()> {
    let mut tx = composing.store.begin_write().await?;
    store::finish_job(&mut tx.db(), job, composing.clock.now()).await?;
    tx.commit().await
}

async fn give_back(composing: &Composing, job: &Job, fault: &Error) -> Result<()> {
    let mut tx = composing.store.begin_write().await?;
    store::fail_job(&mut tx.db(), job, &fault.to_string(), composing.clock.now()).await?;
    tx.commit().await
}
