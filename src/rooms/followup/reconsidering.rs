//! A decision against a claim looked at again: because the client asks for it, or because somebody saw that it is wrong.
//!
//! What the client asks is on the list of what is to be done until somebody other than who decided has answered it. Either answer
//! is told by letter. Whoever asked in time loses nothing by how long the answer takes.

use super::causes::{REASON_CHARS, WriteDecision};
use super::decided::{Asked, DecisionAfterMisses, LookedAgain, reversible_until};
use super::misses::{cause_of, reconcile};
use super::step::{Outcome, Step, StepState, What};
use super::{closing, history_store, store, working_day};
use crate::access::{Context, audit};
use crate::claims::{self, Claim};
use crate::clients;
use chrono::NaiveDate;
use startline_definition::{Definition, Definitions};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::required_lines;
use startline_foundation::ids::{ClaimId, StepId};
use startline_foundation::store::{Db, enqueue};

/// Takes down that the client asks for the decision against the claim to be looked at again, on the day on which they asked.
/// Within the days of the definition; later it is for a tribunal.
pub async fn request_reconsideration(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: ClaimId,
    (said, day): (&str, Option<NaiveDate>),
) -> Result<DecisionAfterMisses> {
    let said = required_lines("said", said, REASON_CHARS, "is needed: what does the client say?")?;
    let claim = claims::for_update(db, id).await?;
    clients::get_standing(db, claim.client_id).await?.check_living()?;
    let definition = definitions.current();
    let mut decided = against(db, id).await?;
    let day = checked_day(definition, context, &decided, day)?;
    if let Some(asked) = &decided.asked {
        return Err(asked_before(&decided, asked));
    }
    check_in_time(definition, &decided, day)?;
    let asked = Asked { by: context.user.id, at: context.now, day, said };
    if !history_store::ask(db, decided.appointment_id, &asked).await? {
        return Err(Error::Contended);
    }
    decided.asked = Some(asked);
    to_answer(db, context, definition, (&claim, &decided)).await?;
    audit(db, context, "reconsideration_requested", "claim", &id).await?;
    Ok(decided)
}

/// Says that the decision stands, to a client who asked for it to be looked at again. For somebody other than who decided.
pub async fn uphold_decision(
    db: &mut Db<'_>,
    context: &Context,
    id: ClaimId,
    reason: &str,
) -> Result<DecisionAfterMisses> {
    let reason = required_lines("reason", reason, REASON_CHARS, "is needed: the client is told why")?;
    let claim = claims::for_update(db, id).await?;
    clients::get_standing(db, claim.client_id).await?.check_living()?;
    let mut decided = against(db, id).await?;
    if decided.open_request().is_none() {
        let message = "nobody has asked for this decision to be looked at again, or they were answered";
        return Err(Error::illegal("NOTHING_TO_RECONSIDER", message));
    }
    check_is_another(context, &decided)?;
    let upheld = LookedAgain { by: context.user.id, at: context.now, reason };
    if !history_store::uphold(db, decided.appointment_id, &upheld).await? {
        return Err(Error::Contended);
    }
    answered(db, context, &decided).await?;
    audit(db, context, "decision_after_misses_upheld", "claim", &id).await?;
    decided.upheld = Some(upheld);
    Ok(decided)
}

/// Takes the decision against a claim back: the claim stands where it stood, with its date, and the client has another
/// opportunity and is told by letter. When they have claimed anew meanwhile, that claim goes on, with this one's date. Within the
/// days of the definition, or at any time when the client asked within them; later it is for a tribunal.
pub async fn reverse_decision(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: ClaimId,
    reason: &str,
) -> Result<DecisionAfterMisses> {
    let reason = required_lines("reason", reason, REASON_CHARS, "is needed: the client is told why")?;
    let client = claims::get(db, id).await?.client_id;
    let all = claims::of_client_for_update(db, client).await?;
    let mut decided = against(db, id).await?;
    let definition = definitions.current();
    if decided.open_request().is_some() {
        check_is_another(context, &decided)?;
    } else {
        check_in_time(definition, &decided, definition.calendar.local_date(context.now))?;
    }
    let reversal = LookedAgain { by: context.user.id, at: context.now, reason };
    if !history_store::reverse(db, decided.appointment_id, &reversal).await? {
        return Err(Error::Contended);
    }
    let this = all.iter().find(|claim| claim.id == id).ok_or(Error::Contended)?;
    let is_later = |claim: &&Claim| claim.opened_at >= decided.at && !claim.is_closed();
    match all.iter().filter(is_later).max_by_key(|claim| claim.opened_at) {
        Some(later) => {
            if !claims::carry_date(db, context, definition, (this, later), &reversal.reason).await? {
                date_lost(db, context, definition, &decided, (this, later)).await?;
            }
        }
        None => {
            claims::reverse_not_made(db, context, definition, id, &reversal.reason).await?;
            reconcile(db, context, definitions, id).await?;
        }
    }
    answered(db, context, &decided).await?;
    audit(db, context, "decision_after_misses_reversed", "claim", &id).await?;
    decided.reversal = Some(reversal);
    Ok(decided)
}

/// The decision by which the claim is closed.
async fn against(db: &mut Db<'_>, id: ClaimId) -> Result<DecisionAfterMisses> {
    let found = history_store::decisions(db, id).await?.into_iter().rfind(DecisionAfterMisses::stands_against);
    found.ok_or_else(|| Error::illegal("NOTHING_TO_REVERSE", "no decision against this claim stands"))
}

/// Who asks for it to be looked at again is told that somebody else does.
fn check_is_another(context: &Context, decided: &DecisionAfterMisses) -> Result<()> {
    if decided.by == context.user.id {
        return Err(Error::Denied("whoever decided does not look at it again: somebody else does".into()));
    }
    Ok(())
}

fn checked_day(
    definition: &Definition,
    context: &Context,
    decided: &DecisionAfterMisses,
    day: Option<NaiveDate>,
) -> Result<NaiveDate> {
    let today = definition.calendar.local_date(context.now);
    match day.unwrap_or(today) {
        day if day > today => Err(Error::invalid("asked_day", "is in the future")),
        day if day < definition.calendar.local_date(decided.at) => {
            Err(Error::invalid("asked_day", "is before the day on which it was decided"))
        }
        day => Ok(day),
    }
}

fn check_in_time(definition: &Definition, decided: &DecisionAfterMisses, day: NaiveDate) -> Result<()> {
    match reversible_until(definition, decided) {
        Some(until) if day > until => {
            let message = format!("this could be looked at again until {until}; after that it is for a tribunal");
            Err(Error::illegal("TOO_LATE_TO_REVERSE", message))
        }
        _ => Ok(()),
    }
}

fn asked_before(decided: &DecisionAfterMisses, asked: &Asked) -> Error {
    match decided.upheld {
        Some(_) => Error::illegal(
            "ALREADY_RECONSIDERED",
            "it was looked at again and stands: the client may appeal to the tribunal",
        ),
        None => Error::illegal(
            "RECONSIDERATION_REQUESTED",
            format!("the client asked on {} already: it is on the list of what is to be done", asked.day),
        ),
    }
}

/// What the client asked has its answer, and they are told.
async fn answered(db: &mut Db<'_>, context: &Context, decided: &DecisionAfterMisses) -> Result<()> {
    let (claim, appointment_id) = (decided.claim_id, decided.appointment_id);
    for step in store::of_claim(db, claim).await?.into_iter().filter(|step| is_about(step, decided)) {
        closing::end(db, context, step, Outcome::Done).await?;
    }
    enqueue(db, &WriteDecision { appointment_id }, context.user.id, context.now).await
}

/// What the decision has cost, which the later claim cannot make good by itself: a team leader says what was done about it.
async fn date_lost(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    decided: &DecisionAfterMisses,
    (from, to): (&Claim, &Claim),
) -> Result<()> {
    let day = |at| definition.calendar.local_date(at);
    let step = Step {
        id: StepId::fresh(context.now),
        site: to.site.clone(),
        claim_id: to.id,
        appointment_id: None,
        what: What::DateLost {
            last_day: day(to.first_contact_at),
            days: (day(to.first_contact_at) - day(from.first_contact_at)).num_days(),
        },
        cause: cause_of(decided.appointment_id),
        due_day: day(context.now),
        opened_at: context.now,
        state: StepState::Open,
    };
    store::insert(db, &step).await?;
    audit(db, context, "step_opened", "claim", &to.id).await
}

/// A claim's open request is on the list again, that had ended with a death that was a mistake.
pub async fn ask_again(db: &mut Db<'_>, context: &Context, definition: &Definition, id: ClaimId) -> Result<()> {
    let claim = claims::get(db, id).await?;
    let is_open = |decided: &DecisionAfterMisses| decided.stands_against() && decided.open_request().is_some();
    match history_store::decisions(db, id).await?.into_iter().rfind(is_open) {
        Some(decided) => to_answer(db, context, definition, (&claim, &decided)).await,
        None => Ok(()),
    }
}

/// Puts it on the list, once more if it ended without an answer.
async fn to_answer(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    (claim, decided): (&Claim, &DecisionAfterMisses),
) -> Result<()> {
    let Some(asked) = &decided.asked else { return Ok(()) };
    let before = store::of_claim(db, claim.id).await?.into_iter().filter(|step| is_about(step, decided)).count();
    let today = definition.calendar.local_date(context.now);
    let days = definition.followup.missed.reconsider_working_days;
    let step = Step {
        id: StepId::fresh(context.now),
        site: claim.site.clone(),
        claim_id: claim.id,
        appointment_id: Some(decided.appointment_id),
        what: What::Reconsider { decided_day: definition.calendar.local_date(decided.at), asked_day: asked.day },
        cause: format!("{}:{before}", cause_of(decided.appointment_id)),
        due_day: working_day(definition, definition.site_or_fault(&claim.site)?, today, days),
        opened_at: context.now,
        state: StepState::Open,
    };
    store::insert(db, &step).await?;
    audit(db, context, "step_opened", "claim", &claim.id).await
}

fn is_about(step: &Step, decided: &DecisionAfterMisses) -> bool {
    matches!(step.what, What::Reconsider { .. }) && step.appointment_id == Some(decided.appointment_id)
}
