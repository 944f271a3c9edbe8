//! Good cause for a missed meeting, and what a named person decides after the last opportunity.

use super::misses::{nothing_missed, reconcile, stands};
use super::procedure::AfterMisses;
use super::step::Outcome;
use super::{checked_note, closing, history, history_store, misses, working_day};
use crate::access::{Context, Role, audit};
use crate::claims;
use crate::diary;
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::Definitions;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::long_text;
use startline_foundation::ids::{AppointmentId, ClaimId, UserId};
use startline_foundation::store::Db;

const REASON_CHARS: usize = 500;

/// The client had good cause: the miss does not count. In time until so many working days after notice; later it is for a
/// team leader.
pub async fn record_good_cause(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: AppointmentId,
    reason: &str,
    note: &str,
) -> Result<()> {
    let rules = &definitions.current().followup;
    if rules.good_cause(reason).is_none() {
        let known: Vec<&str> = rules.good_causes.iter().map(|cause| cause.id.as_str()).collect();
        return Err(Error::invalid("reason", format!("is no good cause; they are {}", known.join(", "))));
    }
    let note = checked_note(note)?;
    let appointment = diary::appointment(db, id).await?;
    let claim = appointment.claim_id;
    claims::for_update(db, claim).await?;
    let calendar = &definitions.current().calendar;
    let past = history::of_claim(db, claim, |at| calendar.local_date(at)).await?;
    let miss = past.into_iter().find_map(|one| match one {
        super::procedure::Past::Missed(miss) if miss.appointment == id => Some(miss),
        _ => None,
    });
    let miss =
        miss.ok_or_else(|| Error::illegal("MEETING_NOT_MISSED", "good cause is for a meeting that was missed"))?;
    let until = last_day(db, definitions, claim, miss.notice()).await?;
    let today = calendar.local_date(context.now);
    if until.is_some_and(|until| today > until) && !context.user.is(Role::TeamLeader) {
        let message =
            "the working days in which good cause can be shown are over: only a team leader may record it now";
        return Err(Error::Denied(message.into()));
    }
    if !history_store::set_good_cause(db, context, id, reason, &note).await? {
        return Err(Error::illegal("GOOD_CAUSE_RECORDED", "good cause is recorded for this meeting already"));
    }
    audit(db, context, "good_cause_recorded", "appointment", &id).await?;
    reconcile(db, context, definitions, claim).await?;
    Ok(())
}

/// The last day on which good cause counts as shown in time; none before the client had notice.
pub(super) async fn last_day(
    db: &mut Db<'_>,
    definitions: &Definitions,
    claim: ClaimId,
    notice: Option<NaiveDate>,
) -> Result<Option<NaiveDate>> {
    let Some(notice) = notice else { return Ok(None) };
    let definition = definitions.current();
    let site = claims::get(db, claim).await?.site;
    let days = definition.followup.missed.good_cause_working_days;
    Ok(Some(working_day(definition, definition.site_or_fault(&site)?, notice, days)))
}

/// What a named person decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionAfterMisses {
    pub claim_id: ClaimId,
    pub appointment_id: AppointmentId,
    pub decision: AfterMisses,
    pub reason: String,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// Decides how it goes on after the last opportunity. Against the client only when they were tried by telephone, had notice,
/// and the days to show good cause are over. With good cause the miss does not count, and nothing is to be decided.
pub async fn decide_after_misses(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: ClaimId,
    decision: AfterMisses,
    reason: &str,
    good_cause: &str,
) -> Result<DecisionAfterMisses> {
    let reason = match long_text(reason, REASON_CHARS) {
        Ok(reason) if reason.is_empty() => return Err(Error::invalid("reason", "is needed: the client is told why")),
        checked => checked.map_err(|reason| Error::invalid("reason", reason))?,
    };
    claims::for_update(db, id).await?;
    let (_, now) = stands(db, definitions, id).await?;
    let Some(miss) = now.about.clone() else { return Err(nothing_missed()) };
    if !now.needs_decision() {
        let message = "nothing is to be decided: the client has another opportunity, or somebody has decided";
        return Err(Error::illegal("NOTHING_TO_DECIDE", message));
    }
    if decision == AfterMisses::TreatAsNotMade {
        let message = if !good_cause.is_empty() {
            Some("the client had good cause, so this missed meeting cannot count against them".to_owned())
        } else {
            let until = last_day(db, definitions, id, miss.notice()).await?;
            let today = definitions.current().calendar.local_date(context.now);
            match until {
                None => Some("ring the client, or send the letter, first: nobody has told them yet".to_owned()),
                Some(until) if today <= until => {
                    Some(format!("good cause can be shown until {until}: wait until then"))
                }
                Some(_) => None,
            }
        };
        if let Some(message) = message {
            return Err(Error::illegal("TOO_EARLY_TO_DECIDE_AGAINST", message));
        }
    }
    if !history_store::add_decision(db, context, (id, miss.appointment), decision, &reason).await? {
        return Err(Error::Contended);
    }
    let cause = misses::cause_of(miss.appointment);
    closing::end_of_cause(db, context, id, ("decide", &cause), Outcome::Done).await?;
    audit(db, context, "decided_after_misses", "claim", &id).await?;
    if !good_cause.is_empty() {
        record_good_cause(db, context, definitions, miss.appointment, good_cause, &reason).await?;
    }
    reconcile(db, context, definitions, id).await?;
    Ok(DecisionAfterMisses {
        claim_id: id,
        appointment_id: miss.appointment,
        decision,
        reason,
        by: context.user.id,
        at: context.now,
    })
}
