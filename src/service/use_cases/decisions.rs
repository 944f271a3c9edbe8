//! Meetings put off or done without, and decisions after missed ones: each with the steps that follow.

use crate::consequences::{Change, Happened, carry_out};
use chrono::NaiveDate;
use startline_definition::{Definition, Definitions};
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::claims;
use startline_rooms::diary::{Decision, WaiverReason};
use startline_rooms::followup::{self, AfterMisses, Deciding, DecisionAfterMisses};
use std::sync::Arc;

/// Puts the first meeting off until a review.
///
/// # Errors
/// `Illegal` when the claim does not allow it; `Invalid` for a reason that the definition does not have, and for a review day that cannot be.
pub async fn defer_meeting(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: ClaimId,
    (reason, note): (&str, &str),
    review_day: NaiveDate,
) -> Result<Decision> {
    let definition = of_claim(db, definitions, claim).await?;
    let decision = claims::defer_meeting(db, context, &definition, claim, reason, note, review_day).await?;
    decided(db, context, definitions, (Change::Deferral, claim)).await?;
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
    decided(db, context, definitions, (Change::Waiver, claim)).await?;
    Ok(decision)
}

/// Decides how it goes on after the last opportunity to come to the meeting.
///
/// # Errors
/// As [`followup::decide_after_misses`].
pub async fn decide_after_misses(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: ClaimId,
    asked: Deciding<'_>,
) -> Result<DecisionAfterMisses> {
    let made = followup::decide_after_misses(db, context, definitions, claim, asked).await?;
    if made.decision == AfterMisses::TreatAsNotMade {
        decided(db, context, definitions, (Change::NotMade, claim)).await?;
    }
    Ok(made)
}

/// Takes the decision against a claim back.
///
/// # Errors
/// As [`followup::reverse_decision`].
pub async fn reverse_decision(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: ClaimId,
    reason: &str,
) -> Result<DecisionAfterMisses> {
    let reversed = followup::reverse_decision(db, context, definitions, claim, reason).await?;
    let client = claims::get(db, claim).await?.client_id;
    // What goes on is that claim, or the one that was begun since and has its date.
    let goes_on = claims::live_of_client(db, client).await?.map_or(claim, |live| live.id);
    decided(db, context, definitions, (Change::DecisionReversed, goes_on)).await?;
    Ok(reversed)
}

async fn decided(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    (change, claim): (Change, ClaimId),
) -> Result<()> {
    let claim = claims::get(db, claim).await?;
    carry_out(db, context, definitions, Happened::of_claim(change, &claim)).await
}

/// The definition that the claim began on.
async fn of_claim(db: &mut Db<'_>, definitions: &Definitions, claim: ClaimId) -> Result<Arc<Definition>> {
    let version = claims::get(db, claim).await?.definition_version;
    definitions.version(db, &version).await
}
