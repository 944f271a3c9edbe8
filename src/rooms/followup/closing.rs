//! Ends steps that something else has answered or made pointless.

use super::step::{Outcome, Step, StepState};
use super::store;
use crate::access::Context;
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;

/// Ends a step; one that ended before stays as it is.
pub(super) async fn end(db: &mut Db<'_>, context: &Context, mut step: Step, outcome: Outcome) -> Result<()> {
    if step.is_open() {
        step.state = StepState::Done { at: context.now, by: context.user.id, outcome, note: String::new() };
        store::finish(db, &step).await?;
    }
    Ok(())
}

/// Ends a claim's open step of one kind and cause, if there is one.
pub(super) async fn end_of_cause(
    db: &mut Db<'_>,
    context: &Context,
    claim: ClaimId,
    (kind, cause): (&str, &str),
    outcome: Outcome,
) -> Result<()> {
    match store::open_of_cause(db, claim, kind, cause).await? {
        Some(step) => end(db, context, step, outcome).await,
        None => Ok(()),
    }
}

/// Ends all that is open of a claim: nobody has to do anything about it any more.
pub async fn end_all(db: &mut Db<'_>, context: &Context, claim: ClaimId) -> Result<()> {
    for step in store::of_claim(db, claim).await? {
        end(db, context, step, Outcome::Overtaken).await?;
    }
    Ok(())
}
