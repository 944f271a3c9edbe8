//! What a claim is listed by: the nearest day on which a date can be lost, and how much evidence is to come. Kept beside the claim
//! where they change, so that a list is read without working out every form on it.

use super::dates::Periods;
use super::{evidence, evidence_store, standing_answers, store, view};
use crate::clients::Client;
use chrono::NaiveDate;
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;

/// Before it is known what is claimed: the sooner of what may be.
pub fn at_first(definition: &Definition, client: &Client) -> NaiveDate {
    let day = definition.calendar.local_date(client.first_contact_at);
    let until = |council| Periods::of(&definition.service.settings, council).dates(day, None, day).protected_until;
    until(true).min(until(false))
}

/// The nearest day on which handing the claim over still keeps a date. For whoever holds the claim.
pub async fn keep_last_day(db: &mut Db<'_>, id: ClaimId, last_day: NaiveDate) -> Result<()> {
    let claim = super::get(db, id).await?;
    store::save_stakes(db, id, last_day, claim.evidence_to_come).await
}

/// Counts what is to come of the evidence list anew. `definition` is the claim's own; for whoever holds the claim.
pub async fn keep_evidence(db: &mut Db<'_>, definition: &Definition, id: ClaimId) -> Result<()> {
    let claim = super::get(db, id).await?;
    let evaluated = view::evaluate(&definition.form, &standing_answers(db, definition, &claim).await?);
    let ticks = evidence_store::standing(db, id).await?;
    let to_come = evidence::to_come(&view::evidence_of(&definition.form, &evaluated), &ticks).len();
    let counted = Some(i32::try_from(to_come).unwrap_or(i32::MAX));
    if counted != claim.evidence_to_come {
        store::save_stakes(db, id, claim.last_day, counted).await?;
    }
    Ok(())
}
