//! The jobs that compose packs and letters, and that stop them, and those of call-backs: each of them is left by the room in which something
//! happened, and done by `packs`, or by the room of what rests on it.

use super::jobs::{JobRunner, Registry, Runnable};
use crate::Work;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::ClaimId;
use startline_foundation::store::{self, LeasedJob};
use startline_packs::{self as packs, Kept, PackSubject};
use startline_rooms::callbacks::{self, WriteMissedCallback};
use startline_rooms::claims::{self, ComposePack, StopPacks};
use startline_rooms::clients::{self, ComposeAnew, RingNewNumber, WriteDeath};
use startline_rooms::diary::{self, LookAtMeeting, WriteDeferral, WriteMeetingOff, WriteNewTime};
use startline_rooms::followup::{WriteDecision, WriteMissedMeeting};

/// Why a pack is held back while nobody has moved the meeting that it names.
const TO_MOVE: &str = "its meeting has to be moved";

/// Every job there is.
pub fn registry() -> Registry {
    Registry::default()
        .with::<ComposePack>()
        .with::<StopPacks>()
        .with::<WriteDeferral>()
        .with::<WriteNewTime>()
        .with::<WriteMissedMeeting>()
        .with::<WriteDecision>()
        .with::<WriteMissedCallback>()
        .with::<WriteMeetingOff>()
        .with::<LookAtMeeting>()
        .with::<ComposeAnew>()
        .with::<RingNewNumber>()
        .with::<WriteDeath>()
}

impl Runnable for ComposePack {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        compose(jobs, leased, PackSubject::Claim(self.claim_id)).await
    }
}

impl Runnable for WriteDeferral {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        put_right(jobs, leased, self.claim_id, None).await?;
        compose(jobs, leased, PackSubject::Deferral(self.claim_id)).await
    }
}

impl Runnable for WriteNewTime {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        let claim = diary::appointment(&mut jobs.store.read().await?.db(), self.appointment_id).await?.claim_id;
        put_right(jobs, leased, claim, None).await?;
        compose(jobs, leased, PackSubject::NewTime(self.appointment_id)).await
    }
}

impl Runnable for WriteMissedMeeting {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        compose(jobs, leased, PackSubject::MissedMeeting(self.appointment_id)).await
    }
}

impl Runnable for WriteDecision {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        compose(jobs, leased, PackSubject::Decision(self.appointment_id)).await
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
        put_right(jobs, leased, claim, Some("its meeting was cancelled")).await?;
        compose(jobs, leased, PackSubject::MeetingOff(self.appointment_id)).await
    }
}

impl Runnable for WriteDeath {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        compose(jobs, leased, PackSubject::Death(self.client_id)).await
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
        put_right(jobs, leased, claim.id, Some(TO_MOVE)).await?;
        // What has been posted is put right by whoever moves the meeting; what was held back goes out when it stands after all.
        match claim.state {
            claims::State::StartUpDone { .. } => compose(jobs, leased, PackSubject::Claim(claim.id)).await,
            _ => release(jobs, leased, claim.id).await,
        }
    }
}

impl Runnable for ComposeAnew {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        let context = jobs.context_of(leased).await?;
        let (definitions, client, moved) = (&jobs.definitions, self.client_id, self.moved);
        let anew = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            for wanted in packs::to_compose_anew(&mut db, context, definitions, client, moved).await? {
                packs::order_again(&mut db, context, wanted).await?;
            }
            store::finish_job(&mut db, leased, context.now).await?;
            work.done(())
        };
        jobs.runner.transact_for(&context, anew).await
    }
}

impl Runnable for RingNewNumber {
    async fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> Result<()> {
        let context = jobs.context_of(leased).await?;
        let definition = jobs.definitions.current();
        let (client, revision) = (self.client_id, self.revision);
        let ring = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            let db = &mut db;
            if let Some((was, now)) = clients::number_replaced(db, client, revision).await? {
                callbacks::ring_new_number(db, context, definition, client, (&was, &now)).await?;
            }
            store::finish_job(db, leased, context.now).await?;
            work.done(())
        };
        jobs.runner.transact_for(&context, ring).await
    }
}

/// Takes back what of the claim does not hold any more, and has what else it told composed anew.
async fn put_right(jobs: &JobRunner, leased: &LeasedJob, claim: ClaimId, reason: Option<&'static str>) -> Result<()> {
    let context = jobs.context_of(leased).await?;
    let definitions = &jobs.definitions;
    let look = |mut work: Work| async move {
        let (mut db, context) = work.parts();
        // Whoever books another meanwhile waits, and composes after this.
        claims::get_unmoved(&mut db, claim).await?;
        for wanted in packs::look_again(&mut db, context, definitions, claim, reason).await? {
            // The pack and the new time are for whoever arranges the meeting.
            if matches!(wanted, PackSubject::MissedMeeting(_)) {
                packs::order_again(&mut db, context, wanted).await?;
            }
        }
        work.done(())
    };
    jobs.runner.transact_for(&context, look).await
}

/// Has what was held back because of the meeting composed and queued again, as far as it is still owed.
async fn release(jobs: &JobRunner, leased: &LeasedJob, claim: ClaimId) -> Result<()> {
    let context = jobs.context_of(leased).await?;
    let definition = jobs.definitions.current();
    let release = |mut work: Work| async move {
        let (mut db, context) = work.parts();
        for wanted in packs::held_back(&mut db, definition, claim, TO_MOVE).await? {
            packs::order_again(&mut db, context, wanted).await?;
        }
        store::finish_job(&mut db, leased, context.now).await?;
        work.done(())
    };
    jobs.runner.transact_for(&context, release).await
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

/// How often it is asked again what is owed when something was changed while a pack was composed.
const TRIES: usize = 3;

/// Composes what is still owed, and ticks the job off in the transaction that keeps it.
async fn compose(jobs: &JobRunner, leased: &LeasedJob, wanted: PackSubject) -> Result<()> {
    for _ in 1..TRIES {
        match compose_once(jobs, leased, wanted).await {
            Err(Error::Stale { .. } | Error::Illegal { .. }) => {}
            outcome => return outcome,
        }
    }
    compose_once(jobs, leased, wanted).await
}

async fn compose_once(jobs: &JobRunner, leased: &LeasedJob, wanted: PackSubject) -> Result<()> {
    let context = jobs.context_of(leased).await?;
    let definitions = &jobs.definitions;
    let order = {
        let mut reader = jobs.store.read().await?;
        let db = &mut reader.db();
        match packs::owed(db, definitions, &context, wanted).await? {
            Some(owed) => Some(packs::order(db, definitions.current(), owed, context.now).await?),
            None => None,
        }
    };
    let Some(order) = &order else {
        tracing::info!(kind = wanted.kind(), record = %wanted.record(), "nothing is to be sent any more");
        let settle = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            packs::want_no_more(&mut db, context, wanted).await?;
            store::finish_job(&mut db, leased, context.now).await?;
            work.done(())
        };
        return jobs.runner.transact_for(&context, settle).await;
    };
    let prepared = &packs::prepare(&jobs.store, &jobs.composers, definitions, &context, order).await?;
    let keep = |mut work: Work| async move {
        let (mut db, context) = work.parts();
        let kept = packs::keep(&mut db, context, definitions, order, prepared, false).await?;
        store::finish_job(&mut db, leased, context.now).await?;
        work.done(kept)
    };
    if let Kept::Pack(standing) = jobs.runner.transact_for(&context, keep).await? {
        let pack = &standing.pack;
        tracing::info!(pack = %pack.id, kind = pack.wanted.kind(), pages = pack.pages, "a pack was composed");
    }
    Ok(())
}
