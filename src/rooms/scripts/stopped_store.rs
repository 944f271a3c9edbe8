//! Calls that stopped, and nothing followed.

use super::store::{SUMMARY, Summary, SummaryRow};
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{SiteId, WalkId};
use startline_foundation::store::{Db, ids_among, on_engine};
use uuid::Uuid;

/// Walks that fill no claim and are not finished, where nothing followed: no later walk, no call-back promised since, no claim begun
/// since.
macro_rules! nothing_followed {
    () => {
        "NOT w.finished AND w.claim_id IS NULL AND w.client_id IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM walks l WHERE l.client_id = w.client_id AND l.started_at > w.started_at) \
         AND NOT EXISTS (SELECT 1 FROM callbacks b WHERE b.client_id = w.client_id AND b.booked_at >= w.started_at) \
         AND NOT EXISTS (SELECT 1 FROM claims c WHERE c.client_id = w.client_id AND c.opened_at >= w.started_at)"
    };
}

const AMONG: &str = concat!("SELECT w.id FROM walks w WHERE ", nothing_followed!(), " AND w.id IN");
const OF_CLIENTS: &str =
    concat!("SELECT DISTINCT w.client_id FROM walks w WHERE ", nothing_followed!(), " AND w.client_id IN");

/// Of these walks those that wait for somebody to go on with them.
pub async fn waiting_among(db: &mut Db<'_>, walks: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, AMONG, walks))
}

/// Of these clients those with such a walk.
pub async fn clients_waiting(db: &mut Db<'_>, clients: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, OF_CLIENTS, clients))
}

/// Such walks of a site's clients who live, that nobody has moved since then: the longest left first, after the one named.
pub async fn stopped(
    db: &mut Db<'_>,
    site: &SiteId,
    moved_before: DateTime<Utc>,
    after: Option<(DateTime<Utc>, WalkId)>,
    most: i32,
) -> Result<Vec<Summary>> {
    let rows: Vec<SummaryRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(SUMMARY).push(concat!(" FROM walks w WHERE ", nothing_followed!(), " AND w.moved_at < "));
        query.push_bind(moved_before);
        query.push(" AND EXISTS (SELECT 1 FROM clients k WHERE k.id = w.client_id AND k.death_recorded_at IS NULL");
        query.push(" AND k.home_site = ").push_bind(site.clone()).push(")");
        if let Some((moved_at, id)) = after {
            query.push(" AND (w.moved_at > ").push_bind(moved_at).push(" OR (w.moved_at = ").push_bind(moved_at);
            query.push(" AND w.id > ").push_bind(id).push("))");
        }
        query.push(" ORDER BY w.moved_at, w.id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(Summary::from).collect())
}
