//! Users, their duties, tokens and identities in the database.

use super::duty::{Duty, GivenDuty};
use super::people::{Identity, IdentityKind, Person, TokenKind, TokenLine};
use super::role::{Role, Roles};
use super::user::{User, skills_of};
use super::{Context, store};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Event;
use startline_foundation::ids::{AgencyId, DutyId, OfficeId, SiteId, TokenId, UserId};
use startline_foundation::store::{Db, execute, on_engine};
use std::collections::HashMap;

/// Whoever changes what people may do is alone with it, so that two who each leave one administrator do not leave none, and
/// the numbers of the changes are in the order of their commits.
pub async fn alone(db: &mut Db<'_>) -> Result<()> {
    db.alone_with("people").await
}

/// Tells every process that something about this user changed. Alone with it: see [`alone`].
pub async fn tell(db: &mut Db<'_>, user: UserId) -> Result<()> {
    let sql = "INSERT INTO access_changes (number, user_id) \
               VALUES ((SELECT COALESCE(MAX(number), 0) + 1 FROM access_changes), $1)";
    execute!(db, sqlx::query(sql).bind(user))?;
    db.after_commit(Event::PersonChanged(user));
    Ok(())
}

/// The number of the newest change, and whose things changed after the one given.
pub async fn changes_after(db: &mut Db<'_>, number: i64) -> Result<Vec<(i64, UserId)>> {
    let sql = "SELECT CAST(number AS BIGINT), user_id FROM access_changes WHERE number > $1 ORDER BY number";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(number).fetch_all(c).await)?)
}

pub async fn newest_change(db: &mut Db<'_>) -> Result<i64> {
    let sql = "SELECT CAST(COALESCE(MAX(number), 0) AS BIGINT) FROM access_changes";
    let (number,): (i64,) = on_engine!(db, c => sqlx::query_as(sql).fetch_one(c).await)?;
    Ok(number)
}

/// False when the name is taken. What is kept of the skills is what was given: what is usual may change with the program.
pub async fn insert_user(db: &mut Db<'_>, user: &User, given: &[String], now: DateTime<Utc>) -> Result<bool> {
    let sql = "INSERT INTO users (id, name, site, skills, created_at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (name) DO NOTHING";
    Ok(execute!(
        db,
        sqlx::query(sql).bind(user.id).bind(&user.name).bind(user.site.clone()).bind(Json(given)).bind(now)
    )? == 1)
}

/// False when the name is another's. What is `None` stays.
pub async fn update_user(
    db: &mut Db<'_>,
    id: UserId,
    name: Option<&str>,
    site: Option<&SiteId>,
    skills: Option<&[String]>,
) -> Result<bool> {
    let sql = "UPDATE users SET name = COALESCE($2, name), site = COALESCE($3, site), skills = COALESCE($4, skills) \
               WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM users u WHERE u.name = $2 AND u.id <> $1)";
    Ok(execute!(db, sqlx::query(sql).bind(id).bind(name).bind(site.cloned()).bind(skills.map(Json)))? == 1)
}

pub async fn set_disabled(db: &mut Db<'_>, id: UserId, by: Option<(UserId, DateTime<Utc>)>) -> Result<()> {
    let sql = "UPDATE users SET disabled_by = $2, disabled_at = $3 WHERE id = $1";
    execute!(db, sqlx::query(sql).bind(id).bind(by.map(|by| by.0)).bind(by.map(|by| by.1)))?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: UserId,
    name: String,
    site: Option<SiteId>,
    skills: Json<Vec<String>>,
    created_at: DateTime<Utc>,
    disabled_by: Option<UserId>,
    disabled_at: Option<DateTime<Utc>>,
}

/// With the duties that were not taken back, and without tokens and identities.
pub async fn person(db: &mut Db<'_>, id: UserId) -> Result<Option<Person>> {
    let sql = "SELECT id, name, site, skills, created_at, disabled_by, disabled_at FROM users WHERE id = $1";
    let row: Option<PersonRow> = on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(None) };
    let duties = duties_of(db, &[id]).await?.remove(&id).unwrap_or_default();
    let user = user_of(row.id, row.name, row.site, &row.skills.0, duties);
    Ok(Some(Person {
        user,
        created_at: row.created_at,
        disabled: row.disabled_at.map(|at| (row.disabled_by, at)),
        duties: Vec::new(),
        tokens: Vec::new(),
        sessions: Vec::new(),
        identities: Vec::new(),
    }))
}

pub fn user_of(id: UserId, name: String, site: Option<SiteId>, given: &[String], duties: Vec<Duty>) -> User {
    let roles: Roles = duties.iter().map(|duty| duty.role).collect();
    User { id, name, site, roles, skills: skills_of(roles, given), duties }
}

#[derive(sqlx::FromRow)]
struct DutyRow {
    id: DutyId,
    user_id: UserId,
    role: String,
    site: Option<SiteId>,
    office: Option<OfficeId>,
    agency: Option<AgencyId>,
    first_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    given_by: UserId,
    given_at: DateTime<Utc>,
    taken_by: Option<UserId>,
    taken_at: Option<DateTime<Utc>>,
}

const DUTY: &str = "SELECT id, user_id, role, site, office, agency, first_at, ends_at, given_by, given_at, taken_by, \
                    taken_at FROM duties";

impl TryFrom<DutyRow> for (UserId, GivenDuty) {
    type Error = Error;

    fn try_from(row: DutyRow) -> Result<Self> {
        let role: Role = row.role.parse().map_err(Error::internal)?;
        let DutyRow { id, site, office, agency, first_at, ends_at, .. } = row;
        let duty = Duty { id, role, site, office, agency, first_at, ends_at };
        let taken = row.taken_by.zip(row.taken_at);
        Ok((row.user_id, GivenDuty { duty, given: (row.given_by, row.given_at), taken }))
    }
}

pub async fn insert_duty(db: &mut Db<'_>, user: UserId, duty: &Duty, context: &Context) -> Result<()> {
    let sql = "INSERT INTO duties (id, user_id, role, site, office, agency, first_at, ends_at, given_by, given_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    execute!(
        db,
        sqlx::query(sql)
            .bind(duty.id)
            .bind(user)
            .bind(duty.role.as_str())
            .bind(duty.site.clone())
            .bind(duty.office.clone())
            .bind(duty.agency.clone())
            .bind(duty.first_at)
            .bind(duty.ends_at)
            .bind(context.user.id)
            .bind(context.now)
    )?;
    Ok(())
}

pub async fn end_duty(db: &mut Db<'_>, duty: DutyId, by: UserId, at: DateTime<Utc>) -> Result<()> {
    execute!(
        db,
        sqlx::query("UPDATE duties SET taken_by = $2, taken_at = $3 WHERE id = $1 AND taken_at IS NULL")
            .bind(duty)
            .bind(by)
            .bind(at)
    )?;
    Ok(())
}

pub async fn duty(db: &mut Db<'_>, id: DutyId) -> Result<Option<(UserId, GivenDuty)>> {
    let sql = format!("{DUTY} WHERE id = $1");
    let row: Option<DutyRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(TryInto::try_into).transpose()
}

/// All that somebody was ever given, the oldest first.
pub async fn duties(db: &mut Db<'_>, user: UserId) -> Result<Vec<GivenDuty>> {
    let sql = format!("{DUTY} WHERE user_id = $1 ORDER BY given_at, id");
    let rows: Vec<DutyRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(user).fetch_all(c).await)?;
    rows.into_iter().map(|row| row.try_into().map(|(_, given)| given)).collect()
}

/// What each of them was given and nobody has taken back, the oldest first.
pub async fn duties_of(db: &mut Db<'_>, users: &[UserId]) -> Result<HashMap<UserId, Vec<Duty>>> {
    let mut found: HashMap<UserId, Vec<Duty>> = HashMap::with_capacity(users.len());
    for some in users.chunks(store::IDS_AT_A_TIME) {
        let rows: Vec<DutyRow> = on_engine!(db, c => {
            let mut query = sqlx::QueryBuilder::new(DUTY);
            query.push(" WHERE taken_at IS NULL AND user_id IN (");
            let mut list = query.separated(", ");
            for id in some {
                list.push_bind(*id);
            }
            query.push(") ORDER BY given_at, id");
            query.build_query_as().fetch_all(c).await
        })?;
        for row in rows {
            let (user, given) = row.try_into()?;
            found.entry(user).or_default().push(given.duty);
        }
    }
    Ok(found)
}

/// Duties whose end has come and that nobody has written down as over.
pub async fn duties_ended(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<Vec<(DutyId, UserId)>> {
    let sql = "SELECT id, user_id FROM duties WHERE taken_at IS NULL AND ends_at <= $1";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(now).fetch_all(c).await)?)
}

/// Whether somebody may look after people now and for good; somebody else than this user, or by another duty than this one.
pub async fn has_administrator(
    db: &mut Db<'_>,
    now: DateTime<Utc>,
    but: Option<UserId>,
    but_by: Option<DutyId>,
) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM duties d JOIN users u ON u.id = d.user_id \
               WHERE d.role = 'admin' AND d.taken_at IS NULL AND d.ends_at IS NULL AND (d.first_at IS NULL OR d.first_at <= $1) \
               AND u.disabled_at IS NULL \
               AND ($2 IS NULL OR u.id <> $2 OR ($3 IS NOT NULL AND d.id <> $3))";
    let (count,): (i64,) =
        on_engine!(db, c => sqlx::query_as(sql).bind(now).bind(but).bind(but_by).fetch_one(c).await)?;
    Ok(count > 0)
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: TokenId,
    user_id: UserId,
    name: String,
    created_by: UserId,
    created_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    revoked_by: Option<UserId>,
    revoked_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    kind: String,
}

const TOKEN: &str = "SELECT id, user_id, name, created_by, created_at, ends_at, revoked_by, revoked_at, last_used_at, \
                     kind FROM tokens";

impl From<TokenRow> for TokenLine {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            user: row.user_id,
            name: row.name,
            created: (row.created_by, row.created_at),
            ends_at: row.ends_at,
            revoked: row.revoked_by.zip(row.revoked_at),
            last_used_at: row.last_used_at,
            kind: TokenKind::parse(&row.kind).unwrap_or(TokenKind::Key),
        }
    }
}

pub async fn insert_token(db: &mut Db<'_>, token: &TokenLine, hash: &[u8; 32]) -> Result<()> {
    let sql = "INSERT INTO tokens (id, user_id, name, hash, created_by, created_at, ends_at, kind) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    execute!(
        db,
        sqlx::query(sql)
            .bind(token.id)
            .bind(token.user)
            .bind(&token.name)
            .bind(hash.as_slice())
            .bind(token.created.0)
            .bind(token.created.1)
            .bind(token.ends_at)
            .bind(token.kind.as_str())
    )?;
    Ok(())
}

pub async fn revoke_token(db: &mut Db<'_>, id: TokenId, by: (UserId, DateTime<Utc>)) -> Result<()> {
    let sql = "UPDATE tokens SET revoked_by = $2, revoked_at = $3 WHERE id = $1";
    execute!(db, sqlx::query(sql).bind(id).bind(by.0).bind(by.1))?;
    Ok(())
}

/// Ends the sessions of a user, but for this one.
pub async fn revoke_sessions(
    db: &mut Db<'_>,
    user: UserId,
    but: Option<TokenId>,
    by: (UserId, DateTime<Utc>),
) -> Result<()> {
    let sql = "UPDATE tokens SET revoked_by = $3, revoked_at = $4 \
               WHERE user_id = $1 AND kind = 'session' AND revoked_at IS NULL AND ($2 IS NULL OR id <> $2)";
    execute!(db, sqlx::query(sql).bind(user).bind(but).bind(by.0).bind(by.1))?;
    Ok(())
}

/// Forgets sessions that began before this; none goes on for so long.
pub async fn forget_sessions(db: &mut Db<'_>, before: DateTime<Utc>) -> Result<u64> {
    let sql = "DELETE FROM tokens WHERE kind = 'session' AND created_at < $1";
    Ok(execute!(db, sqlx::query(sql).bind(before))?)
}

/// Tokens were used at this time, or later than that.
pub async fn tokens_used(db: &mut Db<'_>, used: &[(TokenId, DateTime<Utc>)]) -> Result<()> {
    let sql = "UPDATE tokens SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
    for (token, at) in used {
        execute!(db, sqlx::query(sql).bind(token).bind(at))?;
    }
    Ok(())
}

/// Tokens that hold at `now` and end before `until`, of people who are not disabled.
pub async fn tokens_ending(db: &mut Db<'_>, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<TokenLine>> {
    let sql = format!(
        "{TOKEN} WHERE kind = 'key' AND revoked_at IS NULL AND ends_at > $1 AND ends_at <= $2 \
         AND user_id IN (SELECT id FROM users WHERE disabled_at IS NULL) ORDER BY ends_at, id"
    );
    let rows: Vec<TokenRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(now).bind(until).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub async fn token(db: &mut Db<'_>, id: TokenId) -> Result<Option<TokenLine>> {
    let sql = format!("{TOKEN} WHERE id = $1");
    let row: Option<TokenRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    Ok(row.map(Into::into))
}

pub async fn tokens(db: &mut Db<'_>, user: UserId) -> Result<Vec<TokenLine>> {
    let sql = format!("{TOKEN} WHERE user_id = $1 ORDER BY created_at, id");
    let rows: Vec<TokenRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(user).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The token of this kind with this hash, as long as it was not revoked and its user is not disabled.
pub async fn token_by_hash(db: &mut Db<'_>, hash: &[u8; 32], kind: TokenKind) -> Result<Option<TokenLine>> {
    let sql = "SELECT t.id, t.user_id, t.name, t.created_by, t.created_at, t.ends_at, t.revoked_by, t.revoked_at, \
               t.last_used_at, t.kind FROM tokens t JOIN users u ON u.id = t.user_id \
               WHERE t.hash = $1 AND t.kind = $2 AND t.revoked_at IS NULL AND u.disabled_at IS NULL";
    let row: Option<TokenRow> = on_engine!(db, c =>
        sqlx::query_as(sql).bind(hash.as_slice()).bind(kind.as_str()).fetch_optional(c).await)?;
    Ok(row.map(Into::into))
}

/// Of several names the first that is somebody's, who is not disabled.
pub async fn user_known_as(db: &mut Db<'_>, kind: IdentityKind, names: &[String]) -> Result<Option<UserId>> {
    let sql = "SELECT i.user_id FROM identities i JOIN users u ON u.id = i.user_id \
               WHERE i.kind = $1 AND i.name = $2 AND u.disabled_at IS NULL";
    for name in names {
        let found: Option<(UserId,)> =
            on_engine!(db, c => sqlx::query_as(sql).bind(kind.as_str()).bind(name).fetch_optional(c).await)?;
        if let Some((user,)) = found {
            return Ok(Some(user));
        }
    }
    Ok(None)
}

/// Whether the name is somebody's, disabled or not.
pub async fn is_identity(db: &mut Db<'_>, kind: IdentityKind, name: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM identities WHERE kind = $1 AND name = $2";
    let (count,): (i64,) = on_engine!(db, c => sqlx::query_as(sql).bind(kind.as_str()).bind(name).fetch_one(c).await)?;
    Ok(count > 0)
}

/// What somebody may do because of the provider's groups.
pub async fn duties_by_group(db: &mut Db<'_>, user: UserId) -> Result<Vec<Duty>> {
    let sql = format!("{DUTY} WHERE user_id = $1 AND by_group AND taken_at IS NULL ORDER BY id");
    let rows: Vec<DutyRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(user).fetch_all(c).await)?;
    rows.into_iter().map(|row| row.try_into().map(|(_, given)| given.duty)).collect()
}

pub async fn by_group(db: &mut Db<'_>, duty: DutyId) -> Result<()> {
    execute!(db, sqlx::query("UPDATE duties SET by_group = TRUE WHERE id = $1").bind(duty))?;
    Ok(())
}

/// False when the name is somebody's already.
pub async fn insert_identity(
    db: &mut Db<'_>,
    user: UserId,
    kind: IdentityKind,
    name: &str,
    context: &Context,
) -> Result<bool> {
    let sql = "INSERT INTO identities (kind, name, user_id, added_by, added_at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (kind, name) DO NOTHING";
    Ok(execute!(
        db,
        sqlx::query(sql).bind(kind.as_str()).bind(name).bind(user).bind(context.user.id).bind(context.now)
    )? == 1)
}

/// False when it is not theirs.
pub async fn delete_identity(db: &mut Db<'_>, user: UserId, identity: &Identity) -> Result<bool> {
    let sql = "DELETE FROM identities WHERE kind = $1 AND name = $2 AND user_id = $3";
    Ok(execute!(db, sqlx::query(sql).bind(identity.kind.as_str()).bind(&identity.name).bind(user))? == 1)
}

pub async fn identities(db: &mut Db<'_>, user: UserId) -> Result<Vec<Identity>> {
    let sql = "SELECT kind, name FROM identities WHERE user_id = $1 ORDER BY kind, name";
    let rows: Vec<(String, String)> = on_engine!(db, c => sqlx::query_as(sql).bind(user).fetch_all(c).await)?;
    let read = |(kind, name): (String, String)| {
        let kind =
            IdentityKind::parse(&kind).ok_or_else(|| Error::internal(format!("{kind} is no kind of identity")))?;
        Ok(Identity { kind, name })
    };
    rows.into_iter().map(read).collect()
}
