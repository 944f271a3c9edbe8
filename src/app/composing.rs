//! The follow-up work that others left: packs and letters composed, packs stopped. Each job is done at least once, by a
//! worker of whichever process; a job under way is finished when the service stops.

use crate::access::{self, Context};
use crate::error::{Error, Result};
use crate::formats::Language;
use crate::grpc::Shared;
use crate::ids::{AppointmentId, CallbackId, ClaimId};
use crate::packs::{self, Kept, Wanted};
use crate::store::{self, Job, JobKind};
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often jobs are looked for that nobody announced: those of another process, and those whose lease ran out.
const JOB_TICK: Duration = Duration::from_secs(2);
/// A pack takes a tenth of a second; a worker that is gone for this long is dead.
const JOB_LEASE: TimeDelta = TimeDelta::seconds(60);
const JOBS_AT_A_TIME: i32 = 4;

/// Does follow-up work until the service stops.
pub(super) async fn do_jobs(shared: Arc<Shared>, stopping: CancellationToken) {
    while !stopping.is_cancelled() {
        match claim_jobs(&shared).await {
            Ok(jobs) if jobs.is_empty() => {
                tokio::select! {
                    () = shared.jobs_waiting.notified() => {}
                    () = shared.clock.next_tick(JOB_TICK) => {}
                    () = stopping.cancelled() => {}
                }
            }
            Ok(jobs) => {
                for job in jobs {
                    do_job(&shared, &job).await;
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

async fn claim_jobs(shared: &Shared) -> Result<Vec<Job>> {
    let mut tx = shared.store.begin_write().await?;
    let jobs = store::claim_jobs(&mut tx.db(), JOBS_AT_A_TIME, JOB_LEASE, shared.clock.now()).await?;
    tx.commit().await?;
    Ok(jobs)
}

async fn do_job(shared: &Shared, job: &Job) {
    let record = job.record_id;
    let outcome = match job.kind {
        JobKind::ComposePack => compose(shared, job, Wanted::Claim(ClaimId(record))).await,
        JobKind::WriteMissedMeeting => compose(shared, job, Wanted::MissedMeeting(AppointmentId(record))).await,
        JobKind::WriteNewTime => compose(shared, job, Wanted::NewTime(AppointmentId(record))).await,
        JobKind::WriteDeferral => compose(shared, job, Wanted::Deferral(ClaimId(record))).await,
        JobKind::WriteMissedCallback => compose(shared, job, Wanted::MissedCallback(CallbackId(record))).await,
        JobKind::StopPacks => stop_packs(shared, job, ClaimId(record)).await,
    };
    if let Err(fault) = outcome {
        tracing::warn!(%fault, job = %job.id, attempt = job.attempt, "a job failed and will be tried again");
        if let Err(fault) = give_back(shared, job, &fault).await {
            tracing::warn!(%fault, job = %job.id, "a failed job could not be given back; its lease will run out");
        }
    }
}

async fn context_of(shared: &Shared, job: &Job) -> Result<Context> {
    let user = access::user(&mut shared.store.read().await?.db(), job.user_id).await?;
    Ok(Context { now: shared.clock.now(), user, request_id: None, language: Language::English })
}

/// Composes what is still owed, and ticks the job off in the transaction that keeps it.
async fn compose(shared: &Shared, job: &Job, wanted: Wanted) -> Result<()> {
    let context = context_of(shared, job).await?;
    let definition = shared.definitions.current();
    let order = {
        let mut reader = shared.store.read().await?;
        let db = &mut reader.db();
        match packs::owed(db, definition, wanted, context.now).await? {
            Some(owed) => Some(packs::order(db, definition, owed, context.now).await?),
            None => None,
        }
    };
    let Some(order) = order else {
        tracing::info!(kind = wanted.kind(), record = %wanted.record(), "nothing is to be sent any more");
        return finish(shared, job).await;
    };
    let prepared = packs::prepare(&shared.store, &shared.composers, &shared.definitions, &context, &order).await?;
    let mut tx = shared.store.begin_write().await?;
    let db = &mut tx.db();
    let kept = packs::keep(db, &context, definition, &order, &prepared, false).await?;
    store::finish_job(db, job, context.now).await?;
    tx.commit().await?;
    match kept {
        Kept::Pack(standing) => {
            let pack = &standing.pack;
            tracing::info!(pack = %pack.id, kind = pack.wanted.kind(), pages = pack.pages, "a pack was composed");
            standing.jobs.iter().for_each(|job| shared.room_watchers.changed(job.room.clone()));
        }
        Kept::Exception(exception) => {
            let room = definition.site(&exception.site).map(|site| site.print_room().clone());
            shared.room_watchers.changed(room.unwrap_or(exception.site));
        }
    }
    Ok(())
}

async fn stop_packs(shared: &Shared, job: &Job, claim: ClaimId) -> Result<()> {
    let context = context_of(shared, job).await?;
    let mut tx = shared.store.begin_write().await?;
    let db = &mut tx.db();
    packs::stop(db, &context, shared.definitions.current(), claim).await?;
    store::finish_job(db, job, context.now).await?;
    tx.commit().await
}

async fn finish(shared: &Shared, job: &Job) -> Result<()> {
    let mut tx = shared.store.begin_write().await?;
    store::finish_job(&mut tx.db(), job, shared.clock.now()).await?;
    tx.commit().await
}

async fn give_back(shared: &Shared, job: &Job, fault: &Error) -> Result<()> {
    let mut tx = shared.store.begin_write().await?;
    store::fail_job(&mut tx.db(), job, &fault.to_string(), shared.clock.now()).await?;
    tx.commit().await
}
