//! Users, requests and the audit trail in the database.

use super::user::skills_of;
use super::{AuditLine, Context, Role, User};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AuditId, RequestId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

/// Values bound in one statement.
const IDS_AT_A_TIME: usize = 500;

#[derive(sqlx::FromRow)]
struct UserRow {
    id: UserId,
    name: String,
    role: String,
    site: Option<SiteId>,
    skills: Json<Vec<String>>,
}

impl TryFrom<UserRow> for User {
    type Error = Error;

    fn try_from(row: UserRow) -> Result<Self> {
        let role: Role = row.role.parse().map_err(Error::internal)?;
        let skills = skills_of(role, &row.skills.0);
        Ok(User { id: row.id, name: row.name, role, site: row.site, skills })
    }
}

/// False when the name is taken. What is kept of the skills is what was given: what is usual may change with the program.
pub async fn insert_user(
    db: &mut Db<'_>,
    user: &User,
    given: &[String],
    token_hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<bool> {
    let sql = "INSERT INTO users (id, name, role, site, skills, token_hash, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING";
    let added = execute!(
        db,
        sqlx::query(sql)
            .bind(user.id)
            .bind(&user.name)
            .bind(user.role.as_str())
            .bind(user.site.clone())
            .bind(Json(given))
            .bind(token_hash.as_slice())
            .bind(now)
    )?;
    Ok(added == 1)
}

pub async fn user_by_token(db: &mut Db<'_>, token_hash: &[u8; 32]) -> Result<Option<User>> {
    let sql = "SELECT id, name, role, site, skills FROM users WHERE token_hash = $1 AND disabled_at IS NULL";
    let row: Option<UserRow> =
        on_engine!(db, c => sqlx::query_as(sql).bind(token_hash.as_slice()).fetch_optional(c).await)?;
    row.map(User::try_from).transpose()
}

pub async fn user_by_id(db: &mut Db<'_>, id: UserId) -> Result<Option<User>> {
    let sql = "SELECT id, name, role, site, skills FROM users WHERE id = $1";
    let row: Option<UserRow> = on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    row.map(User::try_from).transpose()
}

/// Kept from others who ask for the same until the transaction ends.
pub async fn lock_user(db: &mut Db<'_>, id: UserId) -> Result<()> {
    let sql = format!("SELECT id FROM users WHERE id = $1{}", db.for_update());
    let _: Option<(UserId,)> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    Ok(())
}

pub async fn users(db: &mut Db<'_>, ids: &[UserId]) -> Result<Vec<User>> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(IDS_AT_A_TIME) {
        let rows: Vec<UserRow> = on_engine!(db, c => {
            let mut query = sqlx::QueryBuilder::new("SELECT id, name, role, site, skills FROM users WHERE id IN (");
            let mut list = query.separated(", ");
            for id in some {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(c).await
        })?;
        found.extend(rows);
    }
    found.into_iter().map(User::try_from).collect()
}

pub async fn advisers_of_site(db: &mut Db<'_>, site: &SiteId) -> Result<Vec<User>> {
    let sql = "SELECT id, name, role, site, skills FROM users \
               WHERE site = $1 AND role IN ('adviser', 'team-leader') AND disabled_at IS NULL ORDER BY id";
    let rows: Vec<UserRow> = on_engine!(db, c => sqlx::query_as(sql).bind(site.clone()).fetch_all(c).await)?;
    rows.into_iter().map(User::try_from).collect()
}

pub async fn users_at(db: &mut Db<'_>, site: &SiteId, role: Role) -> Result<Vec<User>> {
    let sql = "SELECT id, name, role, site, skills FROM users \
               WHERE site = $1 AND role = $2 AND disabled_at IS NULL ORDER BY name";
    let rows: Vec<UserRow> =
        on_engine!(db, c => sqlx::query_as(sql).bind(site.clone()).bind(role.as_str()).fetch_all(c).await)?;
    rows.into_iter().map(User::try_from).collect()
}

pub async fn added_at(db: &mut Db<'_>, id: UserId) -> Result<Option<DateTime<Utc>>> {
    let sql = "SELECT created_at FROM users WHERE id = $1";
    let row: Option<(DateTime<Utc>,)> = on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    Ok(row.map(|(at,)| at))
}

/// Names are one user's each, so that they are keys.
pub async fn users_by_name(
    db: &mut Db<'_>,
    (site, role): (Option<&SiteId>, Option<Role>),
    after: Option<&str>,
    most: u16,
) -> Result<Vec<User>> {
    let rows: Vec<UserRow> = on_engine!(db, c => {
        let mut query =
            sqlx::QueryBuilder::new("SELECT id, name, role, site, skills FROM users WHERE disabled_at IS NULL");
        if let Some(site) = site {
            query.push(" AND site = ").push_bind(site.clone());
        }
        if let Some(role) = role {
            query.push(" AND role = ").push_bind(role.as_str());
        }
        if let Some(after) = after {
            query.push(" AND name > ").push_bind(after.to_owned());
        }
        query.push(" ORDER BY name LIMIT ").push_bind(i32::from(most));
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(User::try_from).collect()
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

/// What was done to the record, the oldest first.
pub async fn audit_trail(db: &mut Db<'_>, record_id: &str) -> Result<Vec<AuditLine>> {
    let sql = "SELECT action, user_id, at FROM audit WHERE record_id = $1 ORDER BY at, id";
    let rows: Vec<(String, UserId, DateTime<Utc>)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(record_id).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(action, user, at)| AuditLine { action, user, at }).collect())
}
