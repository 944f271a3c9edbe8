//! What whoever checks claims is shown of many at once.

use super::claim::Claim;
use super::query::Query;
use super::{life_store, query_store, store};
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::Db;
use std::collections::HashMap;

/// A claim, whether its form is in, and what was asked about it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToCheck {
    pub claim: Claim,
    pub form_back_at: Option<DateTime<Utc>>,
    /// The oldest first.
    pub queries: Vec<Query>,
}

/// Of these claims those that are there, each read once.
pub async fn to_check(db: &mut Db<'_>, ids: &[ClaimId]) -> Result<HashMap<ClaimId, ToCheck>> {
    let claims = store::by_ids(db, ids).await?;
    let mut back = life_store::forms_back(db, ids).await?;
    let mut found: HashMap<ClaimId, ToCheck> = claims
        .into_iter()
        .map(|claim| (claim.id, ToCheck { form_back_at: back.remove(&claim.id), claim, queries: Vec::new() }))
        .collect();
    for query in query_store::of_claims(db, ids).await? {
        if let Some(of) = found.get_mut(&query.claim_id) {
            of.queries.push(query);
        }
    }
    Ok(found)
}
