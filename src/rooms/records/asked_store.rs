//! Requests for records in the database.

use super::asked::{Closed, RecordRequest, RequestReason, SoughtRequests, Verdict};
use super::cases_store;
use crate::access::Role;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClientId, RecordRequestId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

#[derive(sqlx::FromRow)]
struct Row {
    id: RecordRequestId,
    client_id: ClientId,
    user_id: UserId,
    role: String,
    site: Option<SiteId>,
    reason: String,
    note: String,
    asked_at: DateTime<Utc>,
    until_at: DateTime<Utc>,
    closed_by: Option<UserId>,
    closed_at: Option<DateTime<Utc>>,
    verdict: Option<String>,
    closing_note: Option<String>,
}

const COLUMNS: &str = "SELECT id, client_id, user_id, role, site, reason, note, asked_at, until_at, closed_by, closed_at, \
                       verdict, closing_note FROM record_requests";

impl TryFrom<Row> for RecordRequest {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let unknown = |what: &str| Error::internal(format!("a request for a record has the unknown {what}"));
        let closed = match row.closed_by.zip(row.closed_at).zip(row.verdict) {
            Some(((by, at), verdict)) => {
                let verdict = Verdict::parse(&verdict).ok_or_else(|| unknown("verdict"))?;
                Some(Closed { by, at, verdict, note: row.closing_note.unwrap_or_default() })
            }
            None => None,
        };
        Ok(Self {
            id: row.id,
            client: row.client_id,
            user: row.user_id,
            role: Role::parse(&row.role).ok_or_else(|| unknown("role"))?,
            site: row.site,
            reason: RequestReason::parse(&row.reason).ok_or_else(|| unknown("reason"))?,
            note: row.note,
            asked_at: row.asked_at,
            until: row.until_at,
            closed,
        })
    }
}

pub async fn insert(db: &mut Db<'_>, request: &RecordRequest) -> Result<()> {
    let sql = "INSERT INTO record_requests (id, client_id, user_id, role, site, reason, note, asked_at, until_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    execute!(
        db,
        sqlx::query(sql)
            .bind(request.id)
            .bind(request.client)
            .bind(request.user)
            .bind(request.role.as_str())
            .bind(request.site.clone())
            .bind(request.reason.as_str())
            .bind(&request.note)
            .bind(request.asked_at)
            .bind(request.until)
    )?;
    Ok(())
}

/// What this user asked for is closed to them from now on.
pub async fn end(db: &mut Db<'_>, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE record_requests SET until_at = $2 WHERE user_id = $1 AND until_at > $2";
    execute!(db, sqlx::query(sql).bind(user).bind(now))?;
    Ok(())
}

/// False when it was closed before.
pub async fn close(db: &mut Db<'_>, id: RecordRequestId, closed: &Closed) -> Result<bool> {
    let sql = "UPDATE record_requests SET closed_by = $2, closed_at = $3, verdict = $4, closing_note = $5 \
               WHERE id = $1 AND closed_at IS NULL";
    let done = execute!(
        db,
        sqlx::query(sql).bind(id).bind(closed.by).bind(closed.at).bind(closed.verdict.as_str()).bind(&closed.note)
    )?;
    Ok(done == 1)
}

pub async fn one(db: &mut Db<'_>, id: RecordRequestId) -> Result<Option<RecordRequest>> {
    let sql = format!("{COLUMNS} WHERE id = $1");
    let row: Option<Row> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(TryInto::try_into).transpose()
}

pub async fn list(
    db: &mut Db<'_>,
    site: Option<&SiteId>,
    sought: &SoughtRequests,
    after: Option<RecordRequestId>,
    most: i32,
) -> Result<Vec<RecordRequest>> {
    let rows: Vec<Row> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(COLUMNS);
        query.push(" WHERE 1 = 1");
        if let Some(site) = site {
            let (before, behind) = cases_store::is_of_site("record_requests.client_id");
            query.push(" AND (site = ").push_bind(site.clone()).push(" OR ");
            query.push(before).push_bind(site.clone()).push(behind).push(")");
        }
        if let Some(client) = sought.client {
            query.push(" AND client_id = ").push_bind(client);
        }
        if sought.open {
            query.push(" AND closed_at IS NULL");
        }
        if let Some(after) = after {
            query.push(" AND id > ").push_bind(after);
        }
        query.push(" ORDER BY id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(TryInto::try_into).collect()
}

pub async fn of_client(db: &mut Db<'_>, client: ClientId, most: i32) -> Result<Vec<RecordRequest>> {
    let sql = format!("{COLUMNS} WHERE client_id = $1 ORDER BY asked_at DESC, id DESC LIMIT $2");
    let rows: Vec<Row> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(client).bind(most).fetch_all(c).await)?;
    rows.into_iter().map(TryInto::try_into).collect()
}
