//! Claims on their way that may be late in something.

use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::{Db, on_engine};

/// Those first in touch before a moment, after the one named, in the order of their ids.
pub async fn may_be_late(
    db: &mut Db<'_>,
    before: DateTime<Utc>,
    after: Option<ClaimId>,
    most: i32,
) -> Result<Vec<ClaimId>> {
    let sql = "SELECT c.id FROM claims c WHERE c.state IN ('open', 'start_up_done', 'posted') AND c.erased_at IS NULL \
               AND c.first_contact_at < $1 AND c.id > $2 ORDER BY c.id LIMIT $3";
    let after = after.unwrap_or(ClaimId(uuid::Uuid::nil()));
    Ok(on_engine!(db, c => sqlx::query_scalar(sql).bind(before).bind(after).bind(most).fetch_all(c).await)?)
}
