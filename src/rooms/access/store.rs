//! Lists of users, requests and the audit trail in the database.

use super::{AuditLine, Context, Role, SYSTEM_USER, SealedLine, Sought, User, people_store};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use startline_foundation::error::Result;
use startline_foundation::ids::{AuditId, RequestId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};
use std::collections::BTreeSet;

/// Values bound in one statement.
pub const IDS_AT_A_TIME: usize = 500;

#[derive(sqlx::FromRow)]
struct UserRow {
    id: UserId,
    name: String,
    site: Option<SiteId>,
    skills: Json<Vec<String>>,
}

/// What stands in each row of a list of users.
const USER: &str = "SELECT u.id, u.name, u.site, u.skills FROM users u";

/// Those whom these rows are of, with their duties.
async fn with_duties(db: &mut Db<'_>, rows: Vec<UserRow>) -> Result<Vec<User>> {
    let ids: Vec<UserId> = rows.iter().map(|row| row.id).collect();
    let mut duties = people_store::duties_of(db, &ids).await?;
    let users = rows.into_iter().map(|row| {
        let duties = duties.remove(&row.id).unwrap_or_default();
        people_store::user_of(row.id, row.name, row.site, &row.skills.0, duties)
    });
    Ok(users.collect())
}

pub async fn user_by_id(db: &mut Db<'_>, id: UserId) -> Result<Option<User>> {
    Ok(users(db, &[id]).await?.pop())
}

/// Kept from others who ask for the same until the transaction ends.
pub async fn lock_user(db: &mut Db<'_>, id: UserId) -> Result<()> {
    let sql = format!("SELECT id FROM users WHERE id = $1{}", db.for_update());
    let _: Option<(UserId,)> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    Ok(())
}

pub async fn users(db: &mut Db<'_>, ids: &[UserId]) -> Result<Vec<User>> {
    let mut found: Vec<UserRow> = Vec::with_capacity(ids.len());
    for some in ids.chunks(IDS_AT_A_TIME) {
        let rows: Vec<UserRow> = on_engine!(db, c => {
            let mut query = sqlx::QueryBuilder::new(USER);
            query.push(" WHERE u.id IN (");
            let mut list = query.separated(", ");
            for id in some {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(c).await
        })?;
        found.extend(rows);
    }
    with_duties(db, found).await
}

/// Those who have one of these roles at the site, whether it is theirs or they cover there; each as they are there.
pub async fn users_at(db: &mut Db<'_>, site: &SiteId, roles: &[Role], by: By) -> Result<Vec<User>> {
    let rows: Vec<UserRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(USER);
        // By the list of those at the site: asked for each user, SQLite would look through that list again each time.
        query.push(" WHERE u.disabled_at IS NULL AND u.id IN (SELECT d.user_id FROM duties d WHERE d.site = ");
        query.push_bind(site.clone()).push(" AND d.taken_at IS NULL AND d.role IN (");
        let mut list = query.separated(", ");
        for role in roles {
            list.push_bind(role.as_str());
        }
        query.push(match by {
            By::Id => ")) ORDER BY u.id",
            By::Name => ")) ORDER BY u.name",
        });
        query.build_query_as().fetch_all(c).await
    })?;
    let users = with_duties(db, rows).await?;
    Ok(users.into_iter().map(|user| user.at(site)).collect())
}

/// In which order users are listed.
#[derive(Debug, Clone, Copy)]
pub enum By {
    Id,
    Name,
}

/// Names are one user's each, so that they are keys.
pub async fn users_by_name(
    db: &mut Db<'_>,
    sought: &Sought,
    after: Option<&str>,
    most: u16,
) -> Result<Vec<(User, bool)>> {
    let rows: Vec<UserRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(USER);
        query.push(" WHERE ").push_bind(SYSTEM_USER).push(" <> u.id");
        if !sought.with_disabled {
            query.push(" AND u.disabled_at IS NULL");
        }
        if sought.site.is_some() || sought.role.is_some() {
            query.push(" AND u.id IN (SELECT d.user_id FROM duties d WHERE d.taken_at IS NULL");
            if let Some(site) = &sought.site {
                query.push(" AND d.site = ").push_bind(site.clone());
            }
            if let Some(role) = sought.role {
                query.push(" AND d.role = ").push_bind(role.as_str());
            }
            query.push(")");
        }
        if let Some(after) = after {
            query.push(" AND u.name > ").push_bind(after.to_owned());
        }
        query.push(" ORDER BY u.name LIMIT ").push_bind(i32::from(most));
        query.build_query_as().fetch_all(c).await
    })?;
    let disabled = match sought.with_disabled {
        true => disabled(db).await?,
        false => BTreeSet::new(),
    };
    let users = with_duties(db, rows).await?.into_iter();
    Ok(users
        .map(|user| {
            let is_out = disabled.contains(&user.id);
            (user, is_out)
        })
        .collect())
}

/// Whoever is disabled.
async fn disabled(db: &mut Db<'_>) -> Result<BTreeSet<UserId>> {
    let sql = "SELECT id FROM users WHERE disabled_at IS NOT NULL";
    let rows: Vec<(UserId,)> = on_engine!(db, c => sqlx::query_as(sql).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub async fn insert_audit(
    db: &mut Db<'_>,
    context: &Context,
    action: &str,
    record_kind: &str,
    record_id: &str,
) -> Result<()> {
    let sql = "INSERT INTO audit (id, at, user_id, action, record_kind, record_id, request_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let id = AuditId::fresh(context.now);
    execute!(
        db,
        sqlx::query(sql)
            .bind(id)
            .bind(context.now)
            .bind(context.user.id)
            .bind(action)
            .bind(record_kind)
            .bind(record_id)
            .bind(context.request_id)
    )?;
    Ok(())
}

/// One line a record, in one statement.
pub async fn insert_audits(
    db: &mut Db<'_>,
    context: &Context,
    action: &str,
    record_kind: &str,
    record_ids: &[String],
) -> Result<()> {
    if record_ids.is_empty() {
        return Ok(());
    }
    on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(
            "INSERT INTO audit (id, at, user_id, action, record_kind, record_id, request_id) ",
        );
        query.push_values(record_ids, |mut row, record_id| {
            row.push_bind(AuditId::fresh(context.now)).push_bind(context.now).push_bind(context.user.id);
            row.push_bind(action.to_owned()).push_bind(record_kind.to_owned()).push_bind(record_id.clone());
            row.push_bind(context.request_id);
        });
        query.build().execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// False when the id was taken before.
pub async fn insert_request(
    db: &mut Db<'_>,
    context: &Context,
    request_id: RequestId,
    method: &str,
    fingerprint: &[u8],
) -> Result<bool> {
    let sql = "INSERT INTO requests (user_id, request_id, method, fingerprint, at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (user_id, request_id) DO NOTHING";
    let added = execute!(
        db,
        sqlx::query(sql).bind(context.user.id).bind(request_id).bind(method).bind(fingerprint).bind(context.now)
    )?;
    Ok(added == 1)
}

type KeptRequest = (String, Vec<u8>, Option<Vec<u8>>);

pub async fn request(db: &mut Db<'_>, user: UserId, request_id: RequestId) -> Result<Option<KeptRequest>> {
    let sql = "SELECT method, fingerprint, response FROM requests WHERE user_id = $1 AND request_id = $2";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(user).bind(request_id).fetch_optional(c).await)?)
}

pub async fn set_response(db: &mut Db<'_>, user: UserId, request_id: RequestId, response: &[u8]) -> Result<()> {
    let sql = "UPDATE requests SET response = $1 WHERE user_id = $2 AND request_id = $3";
    execute!(db, sqlx::query(sql).bind(response).bind(user).bind(request_id))?;
    Ok(())
}

pub async fn delete_requests_before(db: &mut Db<'_>, before: DateTime<Utc>) -> Result<u64> {
    let sql = format!(
        "DELETE FROM requests WHERE (user_id, request_id) IN (SELECT user_id, request_id FROM requests WHERE at < $1{})",
        db.skip_locked()
    );
    Ok(execute!(db, sqlx::query(sqlx::AssertSqlSafe(sql)).bind(before))?)
}

pub async fn put_under_seal(db: &mut Db<'_>, seal: i64, most: i32) -> Result<i64> {
    let sql = "UPDATE audit SET seal = $1 WHERE id IN (SELECT id FROM audit WHERE seal IS NULL ORDER BY id LIMIT $2)";
    let lines = execute!(db, sqlx::query(sql).bind(seal).bind(most))?;
    Ok(i64::try_from(lines).unwrap_or(i64::MAX))
}

pub async fn unsealed(db: &mut Db<'_>) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM audit WHERE seal IS NULL";
    let (count,): (i64,) = on_engine!(db, c => sqlx::query_as(sql).fetch_one(c).await)?;
    Ok(count)
}

type SealedRow = (AuditId, DateTime<Utc>, UserId, String, String, String, Option<RequestId>);

pub async fn under_seal(db: &mut Db<'_>, seal: i64) -> Result<Vec<SealedLine>> {
    let sql =
        "SELECT id, at, user_id, action, record_kind, record_id, request_id FROM audit WHERE seal = $1 ORDER BY id";
    let rows: Vec<SealedRow> = on_engine!(db, c => sqlx::query_as(sql).bind(seal).fetch_all(c).await)?;
    let parts = |(id, at, user, action, kind, record, request): SealedRow| {
        let time = at.timestamp_micros().to_be_bytes().to_vec();
        let text = [action, kind, record].map(String::into_bytes);
        // What is not there and what is empty are told apart.
        let request = request.map_or_else(Vec::new, |request| request.0.as_bytes().to_vec());
        [id.0.as_bytes().to_vec(), time, user.0.as_bytes().to_vec()].into_iter().chain(text).chain([request]).collect()
    };
    Ok(rows.into_iter().map(parts).collect())
}

/// What was done to the record, the oldest first.
pub async fn audit_trail(db: &mut Db<'_>, record_id: &str) -> Result<Vec<AuditLine>> {
    let sql = "SELECT action, user_id, at FROM audit WHERE record_id = $1 ORDER BY at, id";
    let rows: Vec<(String, UserId, DateTime<Utc>)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(record_id).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(action, user, at)| AuditLine { action, user, at }).collect())
}
