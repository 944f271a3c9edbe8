//! Putting a claim's first meeting off, or doing without it. The diary keeps the decision; whether the claim and the
//! client allow it is said here.

use super::claim::{Claim, State};
use super::event::Move;
use super::life::{for_update, record};
use super::{log_store, values};
use crate::access::{Context, Role};
use crate::clients::{self, Client};
use crate::diary::{self, Decided, Decision, WaiverReason};
use chrono::NaiveDate;
use serde_json::json;
use startline_definition::{Answers, Definition};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;

/// Puts the meeting off until it is looked at again.
pub async fn defer_meeting(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: ClaimId,
    reason: &str,
    note: &str,
    review_day: NaiveDate,
) -> Result<Decision> {
    let claim = for_update(db, id).await?;
    check_meeting_open(db, &claim).await?;
    let what = Decided::Deferred { reason: reason.to_owned(), review_day };
    let decision = diary::decide(db, context, definition, id, what, note).await?;
    let detail = json!({ "reason": reason, "review_day": review_day });
    record(db, context, id, Move::MeetingDeferred, detail).await?;
    Ok(decision)
}

/// Does without the meeting: a team leader's decision, except where the meeting is the client's own choice.
pub async fn waive_meeting(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: ClaimId,
    reason: WaiverReason,
    note: &str,
) -> Result<Decision> {
    let claim = for_update(db, id).await?;
    check_meeting_open(db, &claim).await?;
    if reason == WaiverReason::Optional {
        check_optional(db, definition, &claim).await?;
    } else if !context.user.is(Role::TeamLeader) {
        return Err(Error::Denied("only a team leader may do without the meeting; an adviser may defer it".into()));
    } else if note.trim().is_empty() {
        return Err(Error::invalid("note", "is needed: why does this client need no meeting?"));
    }
    let decision = diary::decide(db, context, definition, id, Decided::Waived { reason }, note).await?;
    record(db, context, id, Move::MeetingWaived, json!({ "reason": reason.as_str() })).await?;
    Ok(decision)
}

/// Takes back what was decided of the meeting, if that still stands. What was booked before it stays given back.
pub async fn take_back_decision(db: &mut Db<'_>, context: &Context, id: ClaimId, decided: &Decision) -> Result<()> {
    let claim = for_update(db, id).await?;
    check_meeting_open(db, &claim).await?;
    if diary::end_decision(db, context, decided.id).await?.is_some() {
        record(db, context, id, Move::MeetingOpenAgain, json!({})).await?;
    }
    Ok(())
}

/// A claim that went ahead while its meeting was put off may have it put off again, or waived, when it is looked at again.
async fn check_meeting_open(db: &mut Db<'_>, claim: &Claim) -> Result<()> {
    match claim.state {
        State::Lodged { .. } if diary::was_deferred(db, claim.id).await? => Ok(()),
        _ => claim.check_underway().map(drop),
    }
}

async fn check_optional(db: &mut Db<'_>, definition: &Definition, claim: &Claim) -> Result<()> {
    let from_age = definition.service.settings.meeting_optional_age;
    let client = clients::get(db, claim.client_id).await?;
    match meeting_is_optional(db, definition, claim, &client).await? {
        Some(true) => Ok(()),
        Some(false) => Err(Error::illegal(
            "MEETING_NOT_OPTIONAL",
            format!("the meeting is the client's own choice from the age of {from_age}; this client is younger"),
        )),
        None => Err(Error::illegal("AGE_NOT_KNOWN", "the client's date of birth is needed first")),
    }
}

/// Whether the client is of an age at which every meeting is their own choice, on the day they claim from (rule E2); none
/// while their date of birth is not known.
pub async fn meeting_is_optional(
    db: &mut Db<'_>,
    definition: &Definition,
    claim: &Claim,
    client: &Client,
) -> Result<Option<bool>> {
    let answers = values(&log_store::answers(db, claim.id).await?);
    Ok(is_optional(definition, claim, client, &answers))
}

/// The same, by the answers of the claim.
pub fn is_optional(definition: &Definition, claim: &Claim, client: &Client, answers: &Answers) -> Option<bool> {
    let first_contact = definition.calendar.local_date(claim.first_contact_at);
    let wanted = super::standing::wanted(&definition.form, answers);
    let day = wanted.map_or(first_contact, |wanted| wanted.max(first_contact));
    let age = client.facts.date_of_birth.and_then(|birth| day.years_since(birth));
    age.map(|age| age >= definition.service.settings.meeting_optional_age)
}
