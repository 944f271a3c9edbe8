//! The start-up call is done.

use crate::access::Context;
use crate::claims::{self, Claim};
use crate::definition::Definitions;
use crate::error::Result;
use crate::ids::ClaimId;
use crate::packs::{self, Delivery};
use crate::store::Db;

/// Finishes the start-up: it is known how the pack reaches the client (`None`: as it was), and the pack will be composed.
///
/// # Errors
/// `Illegal` with what is missing: a benefit, the meeting, or a way on which the pack is there before it.
pub async fn finish_start_up(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: ClaimId,
    delivery: Option<Delivery>,
) -> Result<Claim> {
    let version = claims::get(db, claim).await?.definition_version;
    let definition = definitions.version(db, &version).await?;
    packs::choose_delivery(db, context, definitions.current(), claim, delivery).await?;
    claims::complete_start_up(db, context, &definition, claim).await
}
