//! The start-up call is done.

use startline_definition::Definitions;
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;
use startline_packs::{self as packs, Delivery};
use startline_rooms::access::Context;
use startline_rooms::callbacks;
use startline_rooms::claims::{self, Claim};
use startline_rooms::followup;

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
    let done = claims::complete_start_up(db, context, &definition, claim).await?;
    callbacks::start_up_done(db, context, done.client_id).await?;
    followup::claim_moved(db, context, definitions, claim).await?;
    Ok(done)
}
