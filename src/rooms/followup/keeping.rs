//! Opens and ends the steps that keep claims from slipping: each night for all that are on their way, and at once for a claim
//! that was moved.

use super::slipping::{Arranged, Slip, Underway, slips};
use super::step::{Outcome, Step, StepState, What};
use super::{closing, slipping_store, store};
use crate::access::{self, Context, audit};
use crate::claims::{self, Claim, State};
use crate::diary::{self, Meeting};
use chrono::{DateTime, Days, NaiveDate, Utc};
use startline_definition::{Definition, Definitions};
use startline_foundation::error::Result;
use startline_foundation::ids::{ClaimId, StepId};
use startline_foundation::store::{Db, Store};

/// So many claims are looked at between two looks for whoever else wants to write.
const SLICE: i32 = 200;
/// So many are written to in one transaction: each costs the database a wait for its disk, and others wait meanwhile.
const AT_ONCE: usize = 10;

/// Looks at every claim that may be late, in slices; a claim is written to only if something is to be opened or ended, a few in one
/// transaction. One that cannot be is logged, and holds up no other. How many there were.
pub async fn keep_claims(database: &Store, definitions: &Definitions, now: DateTime<Utc>) -> Result<usize> {
    let late = late_since(definitions.current(), now);
    let mut after = None;
    let mut moved = 0;
    loop {
        let mut to_move = Vec::new();
        let page = {
            let mut reader = database.read().await?;
            let db = &mut reader.db();
            let page = slipping_store::may_be_late(db, late, after, SLICE).await?;
            for id in &page {
                match is_to_move(db, definitions, *id, now).await {
                    Ok(true) => to_move.push(*id),
                    Ok(false) => {}
                    Err(fault) => tracing::error!(claim = %id, %fault, "a claim cannot be kept from slipping"),
                }
            }
            page
        };
        for few in to_move.chunks(AT_ONCE) {
            if keep(database, definitions, few, now).await.is_ok() {
                moved += few.len();
                continue;
            }
            for id in few {
                match keep(database, definitions, &[*id], now).await {
                    Ok(()) => moved += 1,
                    Err(fault) => tracing::error!(claim = %id, %fault, "a claim cannot be kept from slipping"),
                }
            }
        }
        let Some(last) = page.last() else { return Ok(moved) };
        after = Some(*last);
    }
}

async fn is_to_move(db: &mut Db<'_>, definitions: &Definitions, id: ClaimId, now: DateTime<Utc>) -> Result<bool> {
    let claim = claims::get(db, id).await?;
    Ok(!plan(db, definitions, &claim, now).await?.is_empty())
}

/// In the order of their ids, as whoever else holds several claims takes them.
async fn keep(database: &Store, definitions: &Definitions, ids: &[ClaimId], now: DateTime<Utc>) -> Result<()> {
    let mut tx = database.begin_write().await?;
    let db = &mut tx.db();
    let context = access::system_context(db, now).await?;
    for id in ids {
        let claim = claims::for_update(db, *id).await?;
        let planned = plan(db, definitions, &claim, now).await?;
        carry_out(db, &context, definitions, &claim, planned).await?;
    }
    tx.commit().await
}

/// Something happened to the claim: what it makes needless ends, what it makes due is on the list, and it is listed as it
/// stands now. For whoever holds the claim.
pub async fn claim_moved(db: &mut Db<'_>, context: &Context, definitions: &Definitions, id: ClaimId) -> Result<()> {
    let claim = claims::get(db, id).await?;
    let planned = plan(db, definitions, &claim, context.now).await?;
    let is_counted = !claim.is_closed() && claim.state != State::Open;
    carry_out(db, context, definitions, &claim, Plan { counts_evidence: is_counted, ..planned }).await
}

async fn carry_out(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: &Claim,
    plan: Plan,
) -> Result<()> {
    let Plan { end, open, last_day, counts_evidence } = plan;
    let id = claim.id;
    if let Some(last_day) = last_day {
        claims::keep_last_day(db, id, last_day).await?;
    }
    if counts_evidence {
        let its_own = definitions.version(db, &claim.definition_version).await?;
        claims::keep_evidence(db, &its_own, id).await?;
    }
    for (step, outcome) in end {
        closing::end(db, context, step, outcome).await?;
    }
    for step in open {
        if store::insert(db, &step).await? {
            audit(db, context, "step_opened", "claim", &id).await?;
        }
    }
    Ok(())
}

#[derive(Debug, Default)]
struct Plan {
    end: Vec<(Step, Outcome)>,
    open: Vec<Step>,
    /// The nearest day on which a date can be lost, where the claim is listed by another.
    last_day: Option<NaiveDate>,
    /// The evidence to come was never counted.
    counts_evidence: bool,
}

impl Plan {
    fn is_empty(&self) -> bool {
        self.end.is_empty() && self.open.is_empty() && self.last_day.is_none() && !self.counts_evidence
    }
}

async fn plan(db: &mut Db<'_>, definitions: &Definitions, claim: &Claim, now: DateTime<Utc>) -> Result<Plan> {
    let definition = definitions.current();
    let all = store::of_claim(db, claim.id).await?;
    let is_followed = all.iter().any(|step| {
        step.is_open() && (step.what.is_of_procedure() || matches!(step.what, What::ArrangeDeferredMeeting { .. }))
    });
    let steps: Vec<Step> = all.into_iter().filter(|step| step.what.is_of_slipping()).collect();
    let stands = underway(db, definitions, claim, (&steps, is_followed), now).await?;
    let wanted = match &stands {
        Some(stands) => {
            let site = definition.site_or_fault(&claim.site)?;
            let today = definition.calendar.local_date(now);
            slips(&definition.followup.slipping, &definition.calendar, site, stands, today)
        }
        None => Vec::new(),
    };
    // What a lost date came to is said by somebody, also once the claim is handed over.
    let is_over = |step: &&Step| {
        step.is_open() && !matches!(step.what, What::DateLost { .. }) && !wanted.iter().any(|slip| is_for(step, slip))
    };
    let end = steps.iter().filter(is_over).map(|step| (step.clone(), ended(&step.what, claim, stands.as_ref())));
    let step = |(slip, cause): (Slip, String)| Step {
        id: StepId::fresh(now),
        site: claim.site.clone(),
        claim_id: claim.id,
        appointment_id: None,
        what: slip.what,
        cause,
        due_day: slip.due_day,
        opened_at: now,
        state: StepState::Open,
    };
    let end = end.collect();
    let open = wanted.into_iter().filter_map(|slip| Some((cause_of(&steps, &slip)?, slip)));
    // Handed over or closed, none is at stake any more.
    let days = stands.iter().flat_map(|stands| &stands.dates).map(|(_, last_day)| *last_day);
    let nearest = Some(days.min().unwrap_or(claims::NO_LAST_DAY));
    Ok(Plan {
        end,
        open: open.map(|(cause, slip)| step((slip, cause))).collect(),
        // Before anything is claimed, it stays what may be.
        last_day: nearest
            .filter(|day| *day != claim.last_day && (claim.state != State::Open || *day != claims::NO_LAST_DAY)),
        counts_evidence: stands.is_some() && claim.state != State::Open && claim.evidence_to_come.is_none(),
    })
}

/// Of one cause, or of the same again.
fn is_for(step: &Step, slip: &Slip) -> bool {
    step.what.name() == slip.what.name() && step.cause.split('#').next() == Some(slip.cause.as_str())
}

/// The cause of a step that is to be opened: none while there is one, nor when somebody has said what a lost date came to.
fn cause_of(steps: &[Step], slip: &Slip) -> Option<String> {
    let before: Vec<&Step> = steps.iter().filter(|step| is_for(step, slip)).collect();
    match before.len() {
        0 => Some(slip.cause.clone()),
        _ if before.iter().any(|step| step.is_open()) => None,
        _ if matches!(slip.what, What::DateLost { .. }) => None,
        times => Some(format!("{}#{times}", slip.cause)),
    }
}

/// How a step ends that is wanted no more: done, if what it asked for was done.
fn ended(what: &What, claim: &Claim, stands: Option<&Underway>) -> Outcome {
    let is_lodged = matches!(claim.state, State::Lodged { .. });
    let is_done = match what {
        What::FinishStartUp { .. } => is_lodged || stands.is_some_and(|stands| stands.started_up.is_some()),
        What::ChaseForm { .. } => stands.is_some_and(|stands| stands.back.is_some()),
        What::LodgeNow { .. } => is_lodged,
        What::DateRunsOut { .. } => is_lodged || stands.is_some_and(|stands| stands.went_ahead.is_some()),
        _ => stands.is_some(),
    };
    if is_done { Outcome::Done } else { Outcome::Overtaken }
}

/// How the claim stands, while it is on its way. `steps`: those of slipping, and whether another is open that follows from a
/// meeting.
async fn underway(
    db: &mut Db<'_>,
    definitions: &Definitions,
    claim: &Claim,
    (steps, is_followed): (&[Step], bool),
    now: DateTime<Utc>,
) -> Result<Option<Underway>> {
    let calendar = &definitions.current().calendar;
    let day = |at: DateTime<Utc>| calendar.local_date(at);
    let (started_up, posted) = match claim.state {
        State::Open => (None, None),
        State::StartUpDone { at } => (Some(day(at)), None),
        State::Posted { start_up_done_at, at } => (Some(day(start_up_done_at)), Some(day(at))),
        State::Lodged { .. } | State::Closed(_) => return Ok(None),
    };
    let its_own = definitions.version(db, &claim.definition_version).await?;
    let asked = |step: &Step| match (&step.what, &step.state) {
        (What::ChaseForm { .. }, StepState::Done { at, outcome, .. }) if *outcome != Outcome::Overtaken => Some(*at),
        _ => None,
    };
    let asked: Vec<DateTime<Utc>> = steps.iter().filter_map(asked).collect();
    let meeting = match diary::meeting(db, claim.id).await? {
        Meeting::Booked(booked) if day(booked.starts_at) < day(now) => Arranged::Over(day(booked.starts_at)),
        Meeting::Booked(_) => Arranged::ToCome,
        Meeting::Open | Meeting::Missed(_) if is_followed => Arranged::ToCome,
        Meeting::Open | Meeting::Missed(_) => Arranged::No,
        Meeting::Held(held) => Arranged::Held(day(held.starts_at)),
        Meeting::Deferred(_) | Meeting::Waived(_) => Arranged::Without,
    };
    let dates = claims::dates_at_stake(db, &its_own, claim).await?;
    let mut dates: Vec<_> = dates.into_iter().map(|(_, dates)| (dates.counts_from, dates.protected_until)).collect();
    dates.sort_unstable();
    dates.dedup();
    Ok(Some(Underway {
        opened: day(claim.opened_at),
        started_up,
        posted,
        back: claims::form_back_at(db, claim.id).await?.map(day),
        meeting,
        dates,
        chased: u32::try_from(asked.len()).unwrap_or(u32::MAX),
        last_chased: asked.iter().max().copied().map(day),
        went_ahead: claims::went_ahead_at(db, claim.id).await?.map(day),
    }))
}

/// A claim begun since cannot be late in anything. Coarse: whether one is, its days say.
fn late_since(definition: &Definition, now: DateTime<Utc>) -> DateTime<Utc> {
    let today = definition.calendar.local_date(now);
    definition.calendar.day_bounds(today - Days::new(1)).1
}
