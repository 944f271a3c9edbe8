//! Claims that are withdrawn, and put back: with all that follows.

use crate::consequences::{Change, Happened, carry_out};
use startline_definition::Definitions;
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::claims::{self, Claim};

/// The client does not claim after all.
///
/// # Errors
/// As [`claims::withdraw`].
pub async fn withdraw(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: ClaimId,
    reason: &str,
) -> Result<Claim> {
    let claim = claims::withdraw(db, context, id, reason).await?;
    carry_out(db, context, definitions, Happened::of_claim(Change::Withdrawal, &claim)).await?;
    Ok(claim)
}

/// Puts a withdrawn claim back where it stood.
///
/// # Errors
/// As [`claims::reopen`].
pub async fn reopen(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: ClaimId,
    reason: &str,
) -> Result<Claim> {
    let claim = claims::reopen(db, context, id, reason).await?;
    carry_out(db, context, definitions, Happened::of_claim(Change::Reopening, &claim)).await?;
    Ok(claim)
}
