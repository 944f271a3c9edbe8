//! The jobs that compose packs and letters, and that stop them: each of them is left by the room in which something
//! happened, and done by `packs`.

use super::jobs::{JobRunner, Registry, Runnable};
use crate::Work;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{ClaimId, UserId};
use startline_foundation::store::{self, Db, LeasedJob};
use startline_packs::{self as packs, Kept, PackSubject};
use startline_rooms::callbacks::WriteMissedCallback;
use startline_rooms::claims::{self, ComposePack, StopPacks};
use startline_rooms::clients::ComposeAnew;
use startline_rooms::diary::{self, LookAtMeeting, WriteDeferral, WriteMeetingOff, WriteNewTime};
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
        .with::<WriteMeetingOff>()
        .with::<LookAtMeeting>()
        .with::<ComposeAnew>()
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

impl Runnable for WriteMeetingOff {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        let claim = diary::appointment(&mut jobs.store.read().await?.db(), self.appointment_id).await?.claim_id;
        hold_unless_booked(jobs, leased, claim, "its meeting was cancelled").await?;
        compose(jobs, leased, PackSubject::MeetingOff(self.appointment_id)).await
    }
}

impl Runnable for LookAtMeeting {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        let claim = {
            let mut reader = jobs.store.read().await?;
            let db = &mut reader.db();
            let claim = diary::appointment(db, self.appointment_id).await?.claim_id;
            claims::get(db, claim).await?
        };
        hold_unless_booked(jobs, leased, claim.id, "its meeting has to be moved").await?;
        // What has been posted is put right by whoever moves the meeting.
        match claim.state {
            claims::State::StartUpDone { .. } => compose(jobs, leased, PackSubject::Claim(claim.id)).await,
            _ => finish(jobs, leased).await,
        }
    }
}

impl Runnable for ComposeAnew {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        let context = jobs.context_of(leased).await?;
        let definition = jobs.definitions.current();
        let client = self.client_id;
        let anew = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            for wanted in packs::to_compose_anew(&mut db, definition, client).await? {
                order_again(&mut db, wanted, context.user.id, context.now).await?;
            }
            store::finish_job(&mut db, leased, context.now).await?;
            work.done(())
        };
        jobs.runner.transact_for(&context, anew).await
    }
}

/// Leaves the job that composes it.
async fn order_again(db: &mut Db<'_>, wanted: PackSubject, by: UserId, now: DateTime<Utc>) -> Result<()> {
    match wanted {
        PackSubject::Claim(claim_id) => store::enqueue(db, &ComposePack { claim_id }, by, now).await,
        PackSubject::Deferral(claim_id) => store::enqueue(db, &WriteDeferral { claim_id }, by, now).await,
        PackSubject::NewTime(appointment_id) => store::enqueue(db, &WriteNewTime { appointment_id }, by, now).await,
        PackSubject::MeetingOff(appointment_id) => {
            store::enqueue(db, &WriteMeetingOff { appointment_id }, by, now).await
        }
        PackSubject::MissedMeeting(appointment_id) => {
            store::enqueue(db, &WriteMissedMeeting { appointment_id }, by, now).await
        }
        PackSubject::MissedCallback(callback_id) => {
            store::enqueue(db, &WriteMissedCallback { callback_id }, by, now).await
        }
    }
}

/// Takes back what names the claim's meeting, unless there is one that stands.
async fn hold_unless_booked(jobs: &JobRunner, leased: &LeasedJob, claim: ClaimId, reason: &'static str) -> Result<()> {
    let context = jobs.context_of(leased).await?;
    let definition = jobs.definitions.current();
    let hold = |mut work: Work| async move {
        let (mut db, context) = work.parts();
        // Whoever books another meanwhile waits, and composes after this.
        claims::get_unmoved(&mut db, claim).await?;
        if !packs::has_meeting_that_stands(&mut db, definition, claim).await? {
            packs::hold(&mut db, context, definition, claim, reason).await?;
        }
        work.done(())
    };
    jobs.runner.transact_for(&context, hold).await
}

async fn finish(jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
    let finish = |mut work: Work| async move {
        let now = work.context.now;
        store::finish_job(&mut work.db(), leased, now).await?;
        work.done(())
    };
    jobs.runner.transact(finish).await
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
        return finish(jobs, leased).await;
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
