//! Call-backs, their places and attempts in the database.

use super::callback::{Callback, Outcome, State, taken as taken_by_another};
use super::slots::Taken;
use crate::access::Context;
use crate::error::{Error, Result};
use crate::formats::UkPhone;
use crate::ids::{CallbackId, ClientId, SiteId, UserId};
use crate::store::{Db, execute, on_engine};
use chrono::{DateTime, Utc};

#[derive(sqlx::FromRow)]
struct CallbackRow {
    id: CallbackId,
    client_id: ClientId,
    site: SiteId,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    phone: String,
    urgent: bool,
    note: String,
    state: String,
    adviser_id: Option<UserId>,
    owner_id: Option<UserId>,
    attempts: i32,
    due_at: DateTime<Utc>,
    booked_at: DateTime<Utc>,
    first_contact_at: DateTime<Utc>,
}

impl TryFrom<CallbackRow> for Callback {
    type Error = Error;

    fn try_from(row: CallbackRow) -> Result<Self> {
        Ok(Callback {
            state: read_state(&row.state, row.adviser_id)?,
            phone: UkPhone::parse(&row.phone).map_err(Error::internal)?,
            id: row.id,
            client_id: row.client_id,
            site: row.site,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            urgent: row.urgent,
            owner: row.owner_id,
            note: row.note,
            attempts: row.attempts,
            due_at: row.due_at,
            booked_at: row.booked_at,
            first_contact_at: row.first_contact_at,
        })
    }
}

fn read_state(text: &str, adviser: Option<UserId>) -> Result<State> {
    Ok(match (text, adviser) {
        ("booked", _) => State::Booked,
        ("attempting", Some(adviser)) => State::Attempting(adviser),
        ("reached", _) => State::Reached,
        ("no_reply", _) => State::NoReply,
        ("wrong_number", _) => State::WrongNumber,
        ("refused", _) => State::Refused,
        ("face_to_face", _) => State::FaceToFace,
        _ => return Err(Error::internal(format!("a call-back is in the unknown state {text}"))),
    })
}

fn stored_state(state: State) -> (&'static str, Option<UserId>) {
    match state {
        State::Booked => ("booked", None),
        State::Attempting(adviser) => ("attempting", Some(adviser)),
        State::Reached => ("reached", None),
        State::NoReply => ("no_reply", None),
        State::WrongNumber => ("wrong_number", None),
        State::Refused => ("refused", None),
        State::FaceToFace => ("face_to_face", None),
    }
}

const COLUMNS: &str = "id, client_id, site, starts_at, ends_at, phone, urgent, note, state, adviser_id, attempts, \
                       due_at, booked_at, first_contact_at, owner_id";

/// False when the client has a live call-back already.
pub async fn insert(db: &mut Db<'_>, callback: &Callback) -> Result<bool> {
    let sql = format!(
        "INSERT INTO callbacks ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         ON CONFLICT (client_id) WHERE state IN ('booked', 'attempting') DO NOTHING"
    );
    let (state, adviser) = stored_state(callback.state);
    let added = execute!(
        db,
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(callback.id)
            .bind(callback.client_id)
            .bind(callback.site.clone())
            .bind(callback.starts_at)
            .bind(callback.ends_at)
            .bind(callback.phone.e164())
            .bind(callback.urgent)
            .bind(&callback.note)
            .bind(state)
            .bind(adviser)
            .bind(callback.attempts)
            .bind(callback.due_at)
            .bind(callback.booked_at)
            .bind(callback.first_contact_at)
            .bind(callback.owner)
    )?;
    Ok(added == 1)
}

/// Takes one place in each cell, in the order of time; false when somebody else has one of them.
pub async fn take_cells(db: &mut Db<'_>, callback: &Callback, cells: &[DateTime<Utc>], place: i32) -> Result<bool> {
    let sql = "INSERT INTO callback_cells (site, cell_start, place, callback_id) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (site, cell_start, place) DO NOTHING";
    for cell in cells {
        let added =
            execute!(db, sqlx::query(sql).bind(callback.site.clone()).bind(*cell).bind(place).bind(callback.id))?;
        if added == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

pub async fn taken(db: &mut Db<'_>, site: &SiteId, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Taken> {
    let sql = "SELECT cell_start, place FROM callback_cells \
               WHERE site = $1 AND cell_start >= $2 AND cell_start < $3";
    let rows: Vec<(DateTime<Utc>, i32)> = on_engine!(db, c => {
        sqlx::query_as(sql).bind(site.clone()).bind(from).bind(until).fetch_all(c).await
    })?;
    let mut taken = Taken::new();
    for (cell, place) in rows {
        taken.entry(cell).or_default().insert(place);
    }
    Ok(taken)
}

/// The call-back, kept from others until the transaction ends.
pub async fn for_update(db: &mut Db<'_>, id: CallbackId) -> Result<Option<Callback>> {
    let sql = format!("SELECT {COLUMNS} FROM callbacks WHERE id = $1{}", db.for_update());
    let row: Option<CallbackRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Callback::try_from).transpose()
}

pub async fn due(
    db: &mut Db<'_>,
    sites: &[SiteId],
    now: DateTime<Utc>,
    after: Option<(DateTime<Utc>, CallbackId)>,
    most: i32,
) -> Result<Vec<Callback>> {
    if sites.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<CallbackRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM callbacks WHERE state = 'booked' AND site IN (");
        let mut list = query.separated(", ");
        for site in sites {
            list.push_bind(site.clone());
        }
        query.push(") AND due_at <= ").push_bind(now);
        if let Some((due_at, id)) = after {
            query.push(" AND (due_at > ").push_bind(due_at).push(" OR (due_at = ").push_bind(due_at);
            query.push(" AND id > ").push_bind(id).push("))");
        }
        query.push(" ORDER BY due_at, id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Callback::try_from).collect()
}

/// Fails with a conflict when the adviser is making another call-back already.
pub async fn save_state(db: &mut Db<'_>, callback: &Callback) -> Result<()> {
    let sql = "UPDATE callbacks SET state = $1, adviser_id = $2, attempts = $3, due_at = $4 WHERE id = $5";
    let (state, adviser) = stored_state(callback.state);
    let saved = execute!(
        db,
        sqlx::query(sql).bind(state).bind(adviser).bind(callback.attempts).bind(callback.due_at).bind(callback.id)
    );
    match saved {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(fault)) if fault.is_unique_violation() => {
            let message = "you are making another call-back; record how it ended first";
            Err(Error::illegal("ALREADY_ATTEMPTING", message))
        }
        Err(fault) => Err(fault.into()),
    }
}

pub async fn insert_attempt(db: &mut Db<'_>, callback: &Callback, context: &Context) -> Result<()> {
    let sql = "INSERT INTO callback_attempts (callback_id, attempt, adviser_id, started_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (callback_id, attempt) DO NOTHING";
    let added = execute!(
        db,
        sqlx::query(sql).bind(callback.id).bind(callback.attempts).bind(context.user.id).bind(context.now)
    )?;
    if added == 1 { Ok(()) } else { Err(taken_by_another()) }
}

pub async fn finish_attempt(
    db: &mut Db<'_>,
    callback: &Callback,
    outcome: Outcome,
    note: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE callback_attempts SET ended_at = $1, outcome = $2, note = $3 \
               WHERE callback_id = $4 AND attempt = $5";
    execute!(
        db,
        sqlx::query(sql).bind(now).bind(outcome.as_str()).bind(note).bind(callback.id).bind(callback.attempts)
    )?;
    Ok(())
}

/// The client has a call-back that is booked or under way.
pub async fn has_live(db: &mut Db<'_>, client: ClientId) -> Result<bool> {
    let sql = "SELECT id FROM callbacks WHERE client_id = $1 AND state IN ('booked', 'attempting')";
    let row: Option<(CallbackId,)> = on_engine!(db, c => sqlx::query_as(sql).bind(client).fetch_optional(c).await)?;
    Ok(row.is_some())
}

/// When each adviser's next own call-back is due, of those due from `from` and before `until`.
pub async fn commitments(
    db: &mut Db<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<(UserId, DateTime<Utc>)>> {
    let sql = "SELECT owner_id, MIN(due_at) FROM callbacks WHERE state = 'booked' AND owner_id IS NOT NULL \
               AND due_at >= $1 AND due_at < $2 GROUP BY owner_id";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(from).bind(until).fetch_all(c).await)?)
}

/// How many of the site's call-backs are being made by advisers of other sites.
pub async fn started_elsewhere(db: &mut Db<'_>, site: &SiteId) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM callbacks b JOIN users u ON u.id = b.adviser_id \
               WHERE b.state = 'attempting' AND b.site = $1 AND (u.site IS NULL OR u.site <> $1)";
    let (started,): (i64,) = on_engine!(db, c => sqlx::query_as(sql).bind(site.clone()).fetch_one(c).await)?;
    Ok(started)
}
