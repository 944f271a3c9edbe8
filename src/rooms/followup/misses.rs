//! Missed meetings: what has to be done about them, put on the list as soon as something happens.

use super::procedure::{Circumstances, PhoneOutcome, Procedure, standing};
use super::step::{Outcome, Step, StepState, What};
use super::{checked_note, closing, history, history_store, keeping, standby, store, working_day};
use crate::access::{Context, audit};
use crate::claims::{self, Claim};
use crate::clients;
use crate::diary::{self, Appointment, Attendance};
use startline_definition::{Bearing, Definition, Definitions, FIRST_MEETING, Obligation, Referral};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AppointmentId, ClaimId, StepId};
use startline_foundation::store::Db;

/// Whether the client came, and what follows from it: what is to be done about it is on the list when this is acknowledged.
pub async fn record_attendance(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: AppointmentId,
    attendance: Attendance,
) -> Result<Appointment> {
    if attendance != Attendance::Arrived {
        let claim = diary::appointment(db, id).await?.claim_id;
        standby::lock_claim(db, definitions.current(), claim, None).await?;
    }
    let recorded = diary::record_attendance(db, context, id, attendance).await?;
    attendance_recorded(db, context, definitions, &recorded, attendance).await?;
    Ok(recorded)
}

async fn attendance_recorded(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    appointment: &Appointment,
    attendance: Attendance,
) -> Result<()> {
    let definition = definitions.current();
    let claim_id = appointment.claim_id;
    match attendance {
        Attendance::Arrived => return Ok(()),
        Attendance::Attended => answer_proposals(db, context, appointment).await?,
        Attendance::Failed => {
            let day = definition.calendar.local_date(appointment.starts_at);
            let appointment = appointment.id;
            if !history_store::add_miss(db, context, claim_id, appointment, day).await? {
                return Ok(());
            }
            end_arranging(db, context, claim_id).await?;
        }
    }
    standby::no_longer_waits(db, context, definition, claim_id, &appointment.kind).await?;
    reconcile(db, context, definitions, claim_id).await?;
    if attendance == Attendance::Attended {
        clients::spoken_with(db, appointment.client_id, context.now).await?;
    }
    Ok(())
}

/// What follows when the meeting is put off or done without, in the transaction in which the claim's room has just done so,
/// which keeps the claim and its meetings: nothing is owed about an earlier one.
pub async fn meeting_decided(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: ClaimId,
) -> Result<()> {
    end_arranging(db, context, claim).await?;
    standby::no_longer_waits(db, context, definitions.current(), claim, FIRST_MEETING).await?;
    reconcile(db, context, definitions, claim).await?;
    Ok(())
}

/// The deferred meeting was arranged, or is decided about anew.
async fn end_arranging(db: &mut Db<'_>, context: &Context, claim: ClaimId) -> Result<()> {
    for step in store::of_claim(db, claim).await? {
        if matches!(step.what, What::ArrangeDeferredMeeting { .. }) {
            closing::end(db, context, step, Outcome::Done).await?;
        }
    }
    Ok(())
}

/// A meeting that was held is what was to be arranged or proposed.
async fn answer_proposals(db: &mut Db<'_>, context: &Context, appointment: &Appointment) -> Result<()> {
    for step in store::of_claim(db, appointment.claim_id).await? {
        let answered = match &step.what {
            What::ArrangeDeferredMeeting { .. } => true,
            What::ProposeMeeting { kind, .. } => *kind == appointment.kind,
            _ => false,
        };
        if answered {
            closing::end(db, context, step, Outcome::Done).await?;
        }
    }
    Ok(())
}

/// A telephone call to a client who did not come: the newest miss of the claim. Voicemail is no reply.
pub async fn record_phone_attempt(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: ClaimId,
    outcome: PhoneOutcome,
    note: &str,
) -> Result<()> {
    let note = checked_note(note)?;
    claims::for_update(db, claim).await?;
    let (standing_claim, now) = stands(db, definitions, claim).await?;
    let Some(miss) = now.about else { return Err(nothing_missed()) };
    history_store::add_attempt(db, context, (claim, miss.appointment), outcome, &note).await?;
    let cause = cause_of(miss.appointment);
    closing::end_of_cause(db, context, claim, ("ring-client", &cause), Outcome::Done).await?;
    audit(db, context, "phone_attempt_recorded", "claim", &claim).await?;
    reconcile(db, context, definitions, claim).await?;
    if outcome == PhoneOutcome::Spoken {
        clients::spoken_with(db, standing_claim.client_id, context.now).await?;
    }
    Ok(())
}

pub(super) fn nothing_missed() -> Error {
    Error::illegal("NO_MISSED_MEETING", "this claim has no missed meeting about which something is to be done")
}

pub(super) fn cause_of(appointment: AppointmentId) -> String {
    format!("miss:{appointment}")
}

/// How the procedure of a claim stands.
pub(super) async fn stands(db: &mut Db<'_>, definitions: &Definitions, id: ClaimId) -> Result<(Claim, Procedure)> {
    let claim = claims::get(db, id).await?;
    let client = clients::get(db, claim.client_id).await?;
    let benefits = claimed(db, definitions, &claim).await?;
    let definition = definitions.current();
    let rules = &definition.followup;
    let is_theirs = |benefit: &String| rules.referral.as_ref().is_some_and(|theirs| theirs.benefits.contains(benefit));
    let circumstances = Circumstances {
        referral: rules.referral.as_ref().filter(|_| benefits.iter().any(is_theirs)),
        has_phone: client.facts.phone.is_some(),
        spoken_with: clients::was_spoken_with(db, client.id).await?,
        chooses: claims::meeting_is_optional(db, definition, &claim, &client).await? == Some(true),
        handed_over: claims::is_handed_over(db, &claim).await?,
    };
    let past = history::of_claim(db, definition, id).await?;
    Ok((claim, standing(&rules.missed, circumstances, &past)))
}

/// What follows for a client who does not come to a meeting, by the rules in force.
pub async fn bearing(db: &mut Db<'_>, definition: &Definition, id: AppointmentId) -> Result<Bearing> {
    let meeting = diary::appointment(db, id).await?;
    let claim = claims::get(db, meeting.claim_id).await?;
    let client = clients::get(db, claim.client_id).await?;
    let answers = claims::values(&claims::answers(db, claim.id).await?);
    let is_done = claims::is_handed_over(db, &claim).await?
        || matches!(diary::meeting(db, claim.id).await?, diary::Meeting::Held(_));
    let chooses = claims::is_optional(definition, &claim, &client, &answers) == Some(true);
    let claimed = definition.form.claimed(&answers);
    Ok(bearing_of(definition, &meeting.kind, chooses, &claimed, is_done))
}

/// The same, of a meeting of this kind, with a client who may be of an age to choose, and who claims these benefits. `is_done`: they
/// were met, or the claim was handed over.
pub fn bearing_of(definition: &Definition, kind: &str, chooses: bool, claimed: &[&str], is_done: bool) -> Bearing {
    let kind = definition.diary.kind(kind);
    if chooses || kind.is_none_or(|kind| kind.obligation == Obligation::Voluntary) {
        return Bearing::Free;
    }
    let is_theirs = |referral: &Referral| referral.benefits.iter().any(|benefit| claimed.contains(&benefit.as_str()));
    match definition.followup.referral.as_ref().is_some_and(is_theirs) {
        true => Bearing::Referred,
        false if is_done => Bearing::Free,
        false => Bearing::Binding,
    }
}

/// The benefits the claim is for.
pub(super) async fn claimed(db: &mut Db<'_>, definitions: &Definitions, claim: &Claim) -> Result<Vec<String>> {
    let its_own = definitions.version(db, &claim.definition_version).await?;
    let answers = claims::values(&claims::answers(db, claim.id).await?);
    Ok(its_own.form.claimed(&answers).into_iter().map(str::to_owned).collect())
}

/// Opens what the procedure says is to be done now, and ends what it no longer says.
pub(super) async fn reconcile(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: ClaimId,
) -> Result<Procedure> {
    claims::for_update(db, id).await?;
    let (claim, now) = stands(db, definitions, id).await?;
    let needed = steps_needed(definitions.current(), context, &claim, &now)?;
    for step in store::of_claim(db, id).await? {
        let still = needed.iter().any(|other| other.what.name() == step.what.name() && other.cause == step.cause);
        if step.what.is_of_procedure() && !still {
            closing::end(db, context, step, Outcome::Overtaken).await?;
        }
    }
    for step in needed {
        if store::insert(db, &step).await? || store::open_again(db, &step).await? {
            audit(db, context, "step_opened", "claim", &id).await?;
        }
    }
    keeping::claim_moved(db, context, definitions, id).await?;
    Ok(now)
}

fn steps_needed(definition: &Definition, context: &Context, claim: &Claim, now: &Procedure) -> Result<Vec<Step>> {
    let site = definition.site_or_fault(&claim.site)?;
    let step = |due: &super::procedure::Due| Step {
        id: StepId::fresh(context.now),
        site: claim.site.clone(),
        claim_id: claim.id,
        appointment_id: Some(due.about),
        what: due.what.clone(),
        cause: cause_of(due.about),
        due_day: working_day(definition, site, due.from, due.working_days),
        opened_at: context.now,
        state: StepState::Open,
    };
    Ok(now.due.iter().map(step).collect())
}
