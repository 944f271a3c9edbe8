//! An answer in a walk with what it decides beyond the form: the decision about the meeting is not typed a second time.

use super::decisions;
use crate::consequences::{Change, Happened, carry_out};
use serde_json::Value;
use startline_definition::Definitions;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, WalkId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::claims;
use startline_rooms::diary::{self, Decided, Decision, Meeting, WaiverReason};
use startline_rooms::scripts::{self, MeetingSaid, Seen, View};

/// Answers the step that the walk stands on, and decides about the meeting what the answers now say of it.
///
/// # Errors
/// Those of the walk; what the rules of the decision refuse, at the question that was answered.
pub async fn answer(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    (id, seen): (WalkId, Seen),
    question: &str,
    value: Option<Value>,
) -> Result<View> {
    let answered = scripts::answer(db, context, definitions, id, seen, question, value).await?;
    if answered.meeting == answered.meeting_before {
        return Ok(answered.view);
    }
    let Some(claim) = answered.view.walk.claim_id else {
        let message = "there is no claim whose meeting could be put off: open one, and begin a walk of it";
        return Err(Error::illegal("NO_CLAIM", message));
    };
    let followed = match (&answered.meeting, &answered.meeting_before) {
        (Some(said), _) => decide(db, context, definitions, claim, said).await,
        (None, Some(before)) => take_back(db, context, definitions, claim, before).await,
        (None, None) => Ok(()),
    };
    followed.map_err(at_the_question)?;
    Ok(answered.view)
}

/// What is decided already is not decided again.
async fn decide(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: ClaimId,
    said: &MeetingSaid,
) -> Result<()> {
    if standing(db, claim).await?.is_some_and(|decision| is(&decision, said)) {
        return Ok(());
    }
    match said {
        MeetingSaid::PutOff { reason, note, review_day } => {
            decisions::defer_meeting(db, context, definitions, claim, (reason, note), *review_day).await.map(drop)
        }
        MeetingSaid::WantsNone => {
            decisions::waive_meeting(db, context, definitions, claim, (WaiverReason::Optional, "")).await.map(drop)
        }
    }
}

/// What somebody has decided otherwise since stays.
async fn take_back(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: ClaimId,
    before: &MeetingSaid,
) -> Result<()> {
    match standing(db, claim).await? {
        Some(decision) if is(&decision, before) => {
            claims::take_back_decision(db, context, claim, &decision).await?;
            let claim = claims::get(db, claim).await?;
            carry_out(db, context, definitions, Happened::of_claim(Change::DecisionTakenBack, &claim)).await
        }
        _ => Ok(()),
    }
}

async fn standing(db: &mut Db<'_>, claim: ClaimId) -> Result<Option<Decision>> {
    Ok(match diary::meeting(db, claim).await? {
        Meeting::Deferred(decision) | Meeting::Waived(decision) => Some(decision),
        Meeting::Open | Meeting::Booked(_) | Meeting::Missed(_) | Meeting::Held(_) => None,
    })
}

fn is(decision: &Decision, said: &MeetingSaid) -> bool {
    match (&decision.what, said) {
        (Decided::Deferred { reason, review_day }, MeetingSaid::PutOff { reason: said, note, review_day: day }) => {
            reason == said && review_day == day && decision.note == *note
        }
        (Decided::Waived { reason }, MeetingSaid::WantsNone) => *reason == WaiverReason::Optional,
        _ => false,
    }
}

/// Whatever is at fault, the walk stands on one question.
fn at_the_question(fault: Error) -> Error {
    match fault {
        Error::Invalid(mut faults) => {
            faults.iter_mut().for_each(|fault| fault.field = "value".into());
            Error::Invalid(faults)
        }
        fault => fault,
    }
}
