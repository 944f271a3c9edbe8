//! The jobs that compose packs and letters, and that stop them: each of them is left by the room in which something
//! happened, and done by `packs`.

use super::jobs::{JobRunner, Registry, Runnable};
use crate::Work;
use startline_foundation::error::Result;
use startline_foundation::store::{self, LeasedJob};
use startline_packs::{self as packs, Kept, PackSubject};
use startline_rooms::callbacks::WriteMissedCallback;
use startline_rooms::claims::{ComposePack, StopPacks};
use startline_rooms::diary::{WriteDeferral, WriteNewTime};
use startline_rooms::followup::WriteMissedMeeting;

/// Every job there is.
pub fn registry() -> Registry {
    Registry::default()
        .with::<ComposePack>()
        .with::<StopPacks>()
        .with::<WriteDeferral>()
        .with::<WriteNewTime>()
        .with::<WriteMissedMeeting>()
        .with::<WriteMissedCallback>()
}

impl Runnable for ComposePack {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        compose(jobs, leased, PackSubject::Claim(self.claim_id)).await
    }
}

impl Runnable for WriteDeferral {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        compose(jobs, leased, PackSubject::Deferral(self.claim_id)).await
    }
}

impl Runnable for WriteNewTime {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        compose(jobs, leased, PackSubject::NewTime(self.appointment_id)).await
    }
}

impl Runnable for WriteMissedMeeting {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        compose(jobs, leased, PackSubject::MissedMeeting(self.appointment_id)).await
    }
}

impl Runnable for WriteMissedCallback {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        compose(jobs, leased, PackSubject::MissedCallback(self.callback_id)).await
    }
}

impl Runnable for StopPacks {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        let context = jobs.context_of(leased).await?;
        let definition = jobs.definitions.current();
        let claim = self.claim_id;
        let stop = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            packs::stop(&mut db, context, definition, claim).await?;
            store::finish_job(&mut db, leased, context.now).await?;
            work.done(())
        };
        jobs.runner.transact_for(&context, stop).await
    }
}

/// Composes what is still owed, and ticks the job off in the transaction that keeps it.
async fn compose(jobs: &JobRunner, leased: &LeasedJob, wanted: PackSubject) -> Result<()> {
    let context = jobs.context_of(leased).await?;
    let definition = jobs.definitions.current();
    let order = {
        let mut reader = jobs.store.read().await?;
        let db = &mut reader.db();
        match packs::owed(db, definition, wanted, context.now).await? {
            Some(owed) => Some(packs::order(db, definition, owed, context.now).await?),
            None => None,
        }
    };
    let Some(order) = &order else {
        tracing::info!(kind = wanted.kind(), record = %wanted.record(), "nothing is to be sent any more");
        let finish = |mut work: Work| async move {
            let now = work.context.now;
            store::finish_job(&mut work.db(), leased, now).await?;
            work.done(())
        };
        return jobs.runner.transact(finish).await;
    };
    let prepared = &packs::prepare(&jobs.store, &jobs.composers, &jobs.definitions, &context, order).await?;
    let keep = |mut work: Work| async move {
        let (mut db, context) = work.parts();
        let kept = packs::keep(&mut db, context, definition, order, prepared, false).await?;
        store::finish_job(&mut db, leased, context.now).await?;
        work.done(kept)
    };
    if let Kept::Pack(standing) = jobs.runner.transact_for(&context, keep).await? {
        let pack = &standing.pack;
        tracing::info!(pack = %pack.id, kind = pack.wanted.kind(), pages = pack.pages, "a pack was composed");
    }
    Ok(())
}
