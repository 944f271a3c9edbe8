//! Good cause for a missed meeting, and what a named person decides after the last opportunity.

use super::decided::DecisionAfterMisses;
use super::misses::{nothing_missed, reconcile, stands};
use super::procedure::{AfterMisses, Miss};
use super::report_store::{self, ReportDays};
use super::step::Outcome;
use super::{checked_note, closing, history, history_store, misses, working_day};
use crate::access::{Context, Role, audit};
use crate::claims;
use crate::diary::{self, Meeting};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use startline_definition::{Definition, Definitions};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::required_lines;
use startline_foundation::ids::{AppointmentId, ClaimId, SiteId};
use startline_foundation::store::{Db, Job, enqueue};

pub(super) const REASON_CHARS: usize = 500;

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
    let past = history::of_claim(db, definitions.current(), claim).await?;
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

/// Tell the client what was decided, by whom and why; of a decision that was looked at again, whether it stands.
#[derive(Debug, Serialize, Deserialize)]
pub struct WriteDecision {
    /// The missed meeting after which it was decided.
    pub appointment_id: AppointmentId,
}

impl Job for WriteDecision {
    const NAME: &'static str = "write_decision";
    const ROOM: &'static str = "packs";
}

/// What is decided, and why.
#[derive(Debug, Clone, Copy)]
pub struct Deciding<'a> {
    pub decision: AfterMisses,
    pub reason: &'a str,
    pub evidence: &'a str,
    /// A good cause of the definition, if the client had one.
    pub good_cause: &'a str,
}

/// Decides how it goes on after the last opportunity. Against the client only when they were tried by telephone, had notice,
/// have no other meeting booked, and the days to show good cause are over; then the claim is closed. With good cause the miss
/// does not count, and nothing is to be decided. The client is told by letter.
pub async fn decide_after_misses(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: ClaimId,
    asked: Deciding<'_>,
) -> Result<DecisionAfterMisses> {
    let Deciding { decision, good_cause, .. } = asked;
    let reason = required_lines("reason", asked.reason, REASON_CHARS, "is needed: the client is told why")?;
    let evidence =
        required_lines("evidence", asked.evidence, REASON_CHARS, "is needed: on what does the decision rest?")?;
    claims::for_update(db, id).await?;
    let (_, now) = stands(db, definitions, id).await?;
    let Some(miss) = now.about.clone() else { return Err(nothing_missed()) };
    if !now.needs_decision() {
        let message = "nothing is to be decided: the client has another opportunity, or somebody has decided";
        return Err(Error::illegal("NOTHING_TO_DECIDE", message));
    }
    if decision == AfterMisses::TreatAsNotMade {
        check_may_go_against(db, context, definitions, id, &miss, good_cause).await?;
    }
    let decided = DecisionAfterMisses {
        claim_id: id,
        appointment_id: miss.appointment,
        decision,
        reason,
        evidence,
        by: context.user.id,
        at: context.now,
        asked: None,
        upheld: None,
        reversal: None,
    };
    if !history_store::add_decision(db, &decided).await? {
        return Err(Error::Contended);
    }
    let cause = misses::cause_of(miss.appointment);
    closing::end_of_cause(db, context, id, ("decide", &cause), Outcome::Done).await?;
    audit(db, context, "decided_after_misses", "claim", &id).await?;
    if !good_cause.is_empty() {
        record_good_cause(db, context, definitions, miss.appointment, good_cause, &decided.reason).await?;
    }
    if decision == AfterMisses::TreatAsNotMade {
        claims::treat_as_not_made(db, context, id, &decided.reason).await?;
    }
    enqueue(db, &WriteDecision { appointment_id: miss.appointment }, context.user.id, context.now).await?;
    reconcile(db, context, definitions, id).await?;
    Ok(decided)
}

async fn check_may_go_against(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: ClaimId,
    miss: &Miss,
    good_cause: &str,
) -> Result<()> {
    let definition = definitions.current();
    let today = definition.calendar.local_date(context.now);
    let message = if !good_cause.is_empty() {
        Some("the client had good cause, so this missed meeting cannot count against them".to_owned())
    } else if let Meeting::Booked(met) = diary::meeting(db, id).await? {
        let day = definition.calendar.local_date(met.starts_at);
        Some(format!("the client has another meeting on {day}: wait until then, or cancel it first"))
    } else {
        match last_day(db, definitions, id, miss.notice()).await? {
            None => Some("ring the client, or send the letter, first: nobody has told them yet".to_owned()),
            Some(until) if today <= until => Some(format!("good cause can be shown until {until}: wait until then")),
            Some(_) => None,
        }
    };
    match message {
        Some(message) => Err(Error::illegal("TOO_EARLY_TO_DECIDE_AGAINST", message)),
        None => Ok(()),
    }
}

/// What was decided about a site's claims on these days, the newest first.
pub async fn list_decisions(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &SiteId,
    days: ReportDays,
    after: Option<(DateTime<Utc>, AppointmentId)>,
    most: i32,
) -> Result<Vec<DecisionAfterMisses>> {
    report_store::decided_at_site(db, site, days.checked(definition)?, after, most).await
}

/// What was decided about a claim, the newest first.
pub async fn decisions_about(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<DecisionAfterMisses>> {
    let mut all = history_store::decisions(db, claim).await?;
    all.reverse();
    Ok(all)
}
