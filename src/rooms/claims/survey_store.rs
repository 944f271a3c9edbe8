//! Many claims at once, in the database.

use super::claim::Claim;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{ClaimId, SiteId};
use startline_foundation::store::{Db, on_engine};
use std::collections::BTreeSet;

/// Values bound in one statement.
const IDS_AT_A_TIME: usize = 500;

pub async fn closed_among(db: &mut Db<'_>, ids: &[ClaimId]) -> Result<BTreeSet<ClaimId>> {
    let mut found = BTreeSet::new();
    for some in ids.chunks(IDS_AT_A_TIME) {
        let rows: Vec<(ClaimId,)> = on_engine!(db, c => {
            let mut query = sqlx::QueryBuilder::new("SELECT id FROM claims WHERE state IN ('withdrawn', 'not_made') AND id IN (");
            let mut list = query.separated(", ");
            for id in some {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(c).await
        })?;
        found.extend(rows.into_iter().map(|(id,)| id));
    }
    Ok(found)
}

pub async fn is_followed_by_another(db: &mut Db<'_>, claim: &Claim) -> Result<bool> {
    let sql = "SELECT id FROM claims WHERE client_id = $1 AND opened_at > $2 AND state NOT IN ('withdrawn', 'not_made') LIMIT 1";
    let row: Option<(ClaimId,)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(claim.client_id).bind(claim.opened_at).fetch_optional(c).await)?;
    Ok(row.is_some())
}

pub async fn any_lodged_before(db: &mut Db<'_>, before: DateTime<Utc>) -> Result<bool> {
    let sql = "SELECT id FROM claims WHERE state = 'lodged' AND first_contact_at < $1 LIMIT 1";
    let row: Option<(ClaimId,)> = on_engine!(db, c => sqlx::query_as(sql).bind(before).fetch_optional(c).await)?;
    Ok(row.is_some())
}

pub async fn start_ups(db: &mut Db<'_>, site: &SiteId, bounds: (DateTime<Utc>, DateTime<Utc>)) -> Result<u32> {
    let sql = "SELECT COUNT(*) FROM claims WHERE site = $1 AND start_up_done_at >= $2 AND start_up_done_at < $3";
    let (count,): (i64,) = on_engine!(db, c => {
        sqlx::query_as(sql).bind(site.clone()).bind(bounds.0).bind(bounds.1).fetch_one(c).await
    })?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
