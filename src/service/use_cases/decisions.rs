//! Meetings put off or done without, and decisions after missed ones: each with the steps that follow.

use chrono::NaiveDate;
use startline_definition::{Definition, Definitions};
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::claims;
use startline_rooms::diary::{Decision, DeferralReason, WaiverReason};
use startline_rooms::followup;
use std::sync::Arc;

/// Puts the first meeting off until a review.
///
/// # Errors
/// `Illegal` when the claim does not allow it; `Invalid` for a review day that cannot be.
pub async fn defer_meeting(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: ClaimId,
    (reason, note): (DeferralReason, &str),
    review_day: NaiveDate,
) -> Result<Decision> {
    let definition = of_claim(db, definitions, claim).await?;
    let decision = claims::defer_meeting(db, context, &definition, claim, reason, note, review_day).await?;
    followup::meeting_decided(db, context, definitions, claim).await?;
    Ok(decision)
}

/// Does without the first meeting.
///
/// # Errors
/// `Illegal` when the claim does not allow it.
pub async fn waive_meeting(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: ClaimId,
    (reason, note): (WaiverReason, &str),
) -> Result<Decision> {
    let definition = of_claim(db, definitions, claim).await?;
    let decision = claims::waive_meeting(db, context, &definition, claim, reason, note).await?;
    followup::meeting_decided(db, context, definitions, claim).await?;
    Ok(decision)
}

/// The definition that the claim began on.
async fn of_claim(db: &mut Db<'_>, definitions: &Definitions, claim: ClaimId) -> Result<Arc<Definition>> {
    let version = claims::get(db, claim).await?.definition_version;
    definitions.version(db, &version).await
}
