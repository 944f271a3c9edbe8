//! What [`crate::followup`] needs of the diary: a deferral that ends on its review day, time kept for a client who has a
//! meeting booked already, and what has happened before.

use super::appointment::{Appointment, State};
use super::booking::{self, Place};
use super::finding::Wish;
use super::{Decided, Decision, WriteDeferral, decision_store, past_store};
use crate::access::{Context, audit};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::ids::{AppointmentId, ClaimId, DecisionId, SeriesId, UserId};
use startline_foundation::store::{Db, enqueue};

/// Ends a deferral that stands; none when it ended before. The claim's meeting is then open again.
pub async fn end_deferral(db: &mut Db<'_>, context: &Context, id: DecisionId) -> Result<Option<Decision>> {
    let ended = decision_store::end_one(db, id, context.now).await?;
    let decision = ended.filter(|decision| matches!(decision.what, Decided::Deferred { .. }));
    if let Some(decision) = &decision {
        audit(db, context, "deferral_ended", "claim", &decision.claim_id).await?;
    }
    Ok(decision)
}

/// Ends a decision that stands, since it is taken back; none when it ended before. The job that writes of it takes back what was
/// written and has not left.
pub async fn end_decision(db: &mut Db<'_>, context: &Context, id: DecisionId) -> Result<Option<Decision>> {
    let ended = decision_store::take_back(db, id, context.now).await?;
    if let Some(decision) = &ended {
        let claim_id = decision.claim_id;
        enqueue(db, &WriteDeferral { claim_id }, context.user.id, context.now).await?;
        audit(db, context, "decision_taken_back", "claim", &claim_id).await?;
    }
    Ok(ended)
}

/// The deferrals that stand and whose review day has come, each with its claim: the longest overdue first.
pub async fn deferrals_to_review(db: &mut Db<'_>, today: NaiveDate) -> Result<Vec<(DecisionId, ClaimId)>> {
    decision_store::to_review(db, today).await
}

/// Whether the claim's meeting was ever put off.
pub async fn was_deferred(db: &mut Db<'_>, claim: ClaimId) -> Result<bool> {
    decision_store::was_deferred(db, claim).await
}

/// Every decision to put the claim's meeting off or to do without it, the oldest first.
pub async fn decisions(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Decision>> {
    decision_store::of_claim(db, claim).await
}

/// When it was recorded that the claim's client came, each time.
pub async fn attended_at(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<(DateTime<Utc>, String)>> {
    past_store::attended_at(db, claim).await
}

/// Whether somebody is booked with a personal adviser at a time.
pub async fn is_booked_at(db: &mut Db<'_>, personal_adviser: UserId, at: DateTime<Utc>) -> Result<bool> {
    past_store::is_booked_at(db, personal_adviser, at).await
}

/// Keeps time for a client until a moment, beside whatever they have booked or held.
pub async fn hold_beside(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim_id: ClaimId,
    wish: &Wish<'_>,
    to: (UserId, DateTime<Utc>),
    until: DateTime<Utc>,
) -> Result<Appointment> {
    // One live meeting of a kind a claim, but for those of a series: this hold stands as a series of its own.
    let place = Place { claim_id, state: State::Held { until }, series: Some(SeriesId::fresh(context.now)) };
    let held = booking::place_appointment(db, context, definition, wish, place, to).await?;
    audit(db, context, "slot_held", "appointment", &held.id).await?;
    Ok(held)
}

/// Gives a hold back before it runs out. One that has run out, or is no hold, stays as it is.
pub async fn give_back_hold(db: &mut Db<'_>, definition: &Definition, id: AppointmentId) -> Result<()> {
    let mut held = booking::for_update(db, id).await?;
    if matches!(held.state, State::Held { .. }) {
        booking::release(db, definition, &mut held).await?;
    }
    Ok(())
}
