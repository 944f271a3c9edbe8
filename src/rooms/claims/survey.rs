//! What others ask about many claims at once.

use super::claim::Claim;
use super::survey_store as store;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{ClaimId, SiteId};
use startline_foundation::store::Db;
use std::collections::BTreeSet;

/// Those of these claims that are closed.
pub async fn closed_among(db: &mut Db<'_>, ids: &[ClaimId]) -> Result<BTreeSet<ClaimId>> {
    store::closed_among(db, ids).await
}

/// Whether the client has begun another claim since that is not closed.
pub async fn is_followed_by_another(db: &mut Db<'_>, claim: &Claim) -> Result<bool> {
    store::is_followed_by_another(db, claim).await
}

/// Whether any claim that was handed over to every agency began before a moment.
pub async fn any_lodged_before(db: &mut Db<'_>, before: DateTime<Utc>) -> Result<bool> {
    store::any_lodged_before(db, before).await
}

/// How many start-ups a site has done between two moments.
pub async fn start_ups(db: &mut Db<'_>, site: &SiteId, bounds: (DateTime<Utc>, DateTime<Utc>)) -> Result<u32> {
    store::start_ups(db, site, bounds).await
}
