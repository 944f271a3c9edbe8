//! Call-backs made and the meetings that followed, read from what their rooms have stored.

use super::Journey;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::SiteId;
use startline_foundation::store::{Db, on_engine};

#[derive(sqlx::FromRow)]
struct JourneyRow {
    first_contact_at: DateTime<Utc>,
    ended_at: DateTime<Utc>,
    meeting_at: Option<DateTime<Utc>>,
}

/// The site's clients who were reached between these moments, in order.
pub async fn journeys(
    db: &mut Db<'_>,
    site: &SiteId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Journey>> {
    let sql = "SELECT b.first_contact_at, b.ended_at, \
               (SELECT MIN(m.starts_at) FROM appointments m WHERE m.client_id = b.client_id \
                AND m.kind = 'first-meeting' AND m.starts_at > b.ended_at AND m.state IN ('booked', 'attended', 'failed')) \
               AS meeting_at FROM callbacks b WHERE b.site = $1 AND b.state IN ('reached', 'taken_over') \
               AND b.ended_at >= $2 AND b.ended_at < $3 ORDER BY b.ended_at, b.id";
    let rows: Vec<JourneyRow> = on_engine!(db, c => {
        sqlx::query_as(sql).bind(site.clone()).bind(from).bind(until).fetch_all(c).await
    })?;
    let journey = |row: JourneyRow| Journey {
        first_contact_at: row.first_contact_at,
        reached_at: row.ended_at,
        meeting_at: row.meeting_at,
    };
    Ok(rows.into_iter().map(journey).collect())
}
