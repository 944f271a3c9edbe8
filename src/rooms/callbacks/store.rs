//! Call-backs and attempts in the database.

use super::callback::{Callback, CancelReason, State, taken as taken_by_another};
use super::due::Viewer;
use super::wishes::Wishes;
use crate::access::Context;
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Event;
use startline_foundation::formats::UkPhone;
use startline_foundation::ids::{CallId, CallbackId, ClientId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

#[derive(sqlx::FromRow)]
struct CallbackRow {
    id: CallbackId,
    client_id: ClientId,
    site: SiteId,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    phone: String,
    number_confirmed: bool,
    urgent: bool,
    note: String,
    state: String,
    state_reason: Option<String>,
    taken_over_call_id: Option<CallId>,
    adviser_id: Option<UserId>,
    owner_id: Option<UserId>,
    asked_id: Option<UserId>,
    attempts: i32,
    tries: i32,
    due_at: DateTime<Utc>,
    booked_at: DateTime<Utc>,
    first_contact_at: DateTime<Utc>,
    needs: Json<Vec<String>>,
    wishes: Json<Wishes>,
    ended_at: Option<DateTime<Utc>>,
}

impl TryFrom<CallbackRow> for Callback {
    type Error = Error;

    fn try_from(row: CallbackRow) -> Result<Self> {
        Ok(Callback {
            state: read_state(&row)?,
            phone: UkPhone::stored(&row.phone).map_err(Error::internal)?,
            id: row.id,
            client_id: row.client_id,
            site: row.site,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            number_confirmed: row.number_confirmed,
            urgent: row.urgent,
            note: row.note,
            owner: row.owner_id,
            asked: row.asked_id,
            attempts: row.attempts,
            tries: row.tries,
            due_at: row.due_at,
            booked_at: row.booked_at,
            first_contact_at: row.first_contact_at,
            needs: row.needs.0,
            wishes: row.wishes.0,
            ended_at: row.ended_at,
        })
    }
}

fn read_state(row: &CallbackRow) -> Result<State> {
    let reason = row.state_reason.as_deref().unwrap_or_default();
    let unknown = || Error::internal(format!("a call-back is in the unknown state {} {reason}", row.state));
    Ok(match row.state.as_str() {
        "booked" => State::Booked,
        "attempting" => State::Attempting(row.adviser_id.ok_or_else(unknown)?),
        "parked" => State::Parked { why: reason.to_owned() },
        "reached" => State::Reached,
        "no_reply" => State::NoReply,
        "wrong_number" => State::WrongNumber,
        "refused" => State::Refused,
        "face_to_face" => State::FaceToFace,
        "cancelled" => State::Cancelled(CancelReason::parse(reason).ok_or_else(unknown)?),
        "taken_over" => State::TakenOver(row.taken_over_call_id.ok_or_else(unknown)?),
        _ => return Err(unknown()),
    })
}

/// The state's name, who is at it, why, and which call it became.
fn stored_state(state: &State) -> (&'static str, Option<UserId>, Option<&str>, Option<CallId>) {
    match state {
        State::Booked => ("booked", None, None, None),
        State::Attempting(adviser) => ("attempting", Some(*adviser), None, None),
        State::Parked { why } => ("parked", None, Some(why), None),
        State::Reached => ("reached", None, None, None),
        State::NoReply => ("no_reply", None, None, None),
        State::WrongNumber => ("wrong_number", None, None, None),
        State::Refused => ("refused", None, None, None),
        State::FaceToFace => ("face_to_face", None, None, None),
        State::Cancelled(reason) => ("cancelled", None, Some(reason.as_str()), None),
        State::TakenOver(call) => ("taken_over", None, None, Some(*call)),
    }
}

/// Promised, or waiting for a letter, a number or a visit: as [`Callback::is_open`] has it.
const IS_OPEN: &str = "state IN ('booked', 'attempting', 'parked', 'no_reply', 'wrong_number', 'face_to_face')";

const COLUMNS: &str = "id, client_id, site, starts_at, ends_at, phone, number_confirmed, urgent, note, state, \
                       state_reason, taken_over_call_id, adviser_id, owner_id, asked_id, attempts, tries, due_at, \
                       booked_at, first_contact_at, needs, wishes, ended_at";

/// False when the client has a live call-back already.
pub async fn insert(db: &mut Db<'_>, callback: &Callback) -> Result<bool> {
    let sql = "INSERT INTO callbacks (id, client_id, site, starts_at, ends_at, phone, number_confirmed, urgent, note, \
               state, owner_id, attempts, tries, due_at, booked_at, first_contact_at, needs, wishes) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'booked', $10, $11, $12, $13, $14, $15, $16, $17) \
               ON CONFLICT (client_id) WHERE state IN ('booked', 'attempting', 'parked') DO NOTHING";
    let added = execute!(
        db,
        sqlx::query(sql)
            .bind(callback.id)
            .bind(callback.client_id)
            .bind(callback.site.clone())
            .bind(callback.starts_at)
            .bind(callback.ends_at)
            .bind(callback.phone.e164())
            .bind(callback.number_confirmed)
            .bind(callback.urgent)
            .bind(&callback.note)
            .bind(callback.owner)
            .bind(callback.attempts)
            .bind(callback.tries)
            .bind(callback.due_at)
            .bind(callback.booked_at)
            .bind(callback.first_contact_at)
            .bind(Json(&callback.needs))
            .bind(Json(&callback.wishes))
    )?;
    db.after_commit(Event::CommitmentsChanged);
    Ok(added == 1)
}

pub async fn by_id(db: &mut Db<'_>, id: CallbackId) -> Result<Option<Callback>> {
    let sql = format!("SELECT {COLUMNS} FROM callbacks WHERE erased_at IS NULL AND id = $1");
    let row: Option<CallbackRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Callback::try_from).transpose()
}

/// The call-back, kept from others until the transaction ends.
pub async fn for_update(db: &mut Db<'_>, id: CallbackId) -> Result<Option<Callback>> {
    let sql = format!("SELECT {COLUMNS} FROM callbacks WHERE erased_at IS NULL AND id = $1{}", db.for_update());
    let row: Option<CallbackRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Callback::try_from).transpose()
}

/// The call-backs of this client that are promised or wait for something, the newest first.
pub async fn open_of_client(db: &mut Db<'_>, client: ClientId) -> Result<Vec<Callback>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM callbacks WHERE erased_at IS NULL AND client_id = $1 AND {IS_OPEN} \
         ORDER BY booked_at DESC, id DESC"
    );
    let rows: Vec<CallbackRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(client).fetch_all(c).await)?;
    rows.into_iter().map(Callback::try_from).collect()
}

/// Where one stands in the list of its client's: whether it is over, when it was booked, its id.
pub type ClientPlace = (bool, DateTime<Utc>, CallbackId);

/// All of this client's: those that are open first, then those that are over; of each the newest first, after the one named.
pub async fn of_client(
    db: &mut Db<'_>,
    client: ClientId,
    after: Option<ClientPlace>,
    most: i32,
) -> Result<Vec<Callback>> {
    let is_over = format!("(CASE WHEN {IS_OPEN} THEN 0 ELSE 1 END)");
    let is_over_of = is_over.as_str();
    let rows: Vec<CallbackRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM callbacks WHERE erased_at IS NULL AND client_id = ").push_bind(client);
        if let Some((is_over, booked_at, id)) = after {
            let rank = i32::from(is_over);
            query.push(" AND (").push(is_over_of).push(" > ").push_bind(rank).push(" OR (").push(is_over_of).push(" = ");
            query.push_bind(rank).push(" AND (booked_at, id) < (").push_bind(booked_at).push(", ").push_bind(id);
            query.push(")))");
        }
        query.push(" ORDER BY ").push(is_over_of).push(", booked_at DESC, id DESC LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Callback::try_from).collect()
}

/// Those that are open, kept from others until the transaction ends, by id.
pub async fn open_of_client_for_update(db: &mut Db<'_>, client: ClientId) -> Result<Vec<Callback>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM callbacks WHERE erased_at IS NULL AND client_id = $1 AND {IS_OPEN} ORDER BY id{}",
        db.for_update()
    );
    let rows: Vec<CallbackRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(client).fetch_all(c).await)?;
    rows.into_iter().map(Callback::try_from).collect()
}

/// Those booked at the site for times between these moments, in order.
pub async fn booked_between(
    db: &mut Db<'_>,
    site: &SiteId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Callback>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM callbacks WHERE site = $1 AND state IN ('booked', 'parked') AND due_at >= $2 \
         AND starts_at >= $2 AND starts_at < $3 ORDER BY starts_at, id"
    );
    let rows: Vec<CallbackRow> = on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(site.clone()).bind(from).bind(until).fetch_all(c).await
    })?;
    rows.into_iter().map(Callback::try_from).collect()
}

/// Those whose number was wrong, after the one named.
pub async fn wrong_numbers(
    db: &mut Db<'_>,
    site: &SiteId,
    after: Option<CallbackId>,
    most: i32,
) -> Result<Vec<Callback>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM callbacks WHERE site = $1 AND state = 'wrong_number' AND id > $2 ORDER BY id LIMIT $3"
    );
    let after = after.unwrap_or(CallbackId(uuid::Uuid::nil()));
    let rows: Vec<CallbackRow> = on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(site.clone()).bind(after).bind(most).fetch_all(c).await
    })?;
    rows.into_iter().map(Callback::try_from).collect()
}

/// Where one stands on the list of visits to arrange: since when, and its id.
pub type VisitPlace = (DateTime<Utc>, CallbackId);

/// Those whose client would rather be seen, the longest ago first, after the one named.
pub async fn wanting_visits(
    db: &mut Db<'_>,
    site: &SiteId,
    after: Option<VisitPlace>,
    most: i32,
) -> Result<Vec<Callback>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM callbacks WHERE site = $1 AND state = 'face_to_face' AND erased_at IS NULL \
         AND (ended_at, id) > ($2, $3) ORDER BY ended_at, id LIMIT $4"
    );
    let (since, after) = after.unwrap_or((DateTime::UNIX_EPOCH, CallbackId(uuid::Uuid::nil())));
    let rows: Vec<CallbackRow> = on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(site.clone()).bind(since).bind(after).bind(most).fetch_all(c).await
    })?;
    rows.into_iter().map(Callback::try_from).collect()
}

/// Where a page of the due list ends.
pub type DuePlace = (bool, DateTime<Utc>, CallbackId);

pub async fn due(
    db: &mut Db<'_>,
    sites: &[SiteId],
    viewer: &Viewer,
    now: DateTime<Utc>,
    after: Option<DuePlace>,
    most: i32,
) -> Result<Vec<Callback>> {
    if sites.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<CallbackRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM callbacks WHERE state IN ('booked', 'parked') AND site IN (");
        let mut list = query.separated(", ");
        for site in sites {
            list.push_bind(site.clone());
        }
        query.push(") AND due_at <= ").push_bind(now);
        query.push(" AND NOT EXISTS (SELECT 1 FROM callback_contact_flags f WHERE f.client_id = callbacks.client_id \
                    AND f.do_not_call)");
        if let Viewer::Adviser { id, pool_since } = viewer {
            query.push(" AND (owner_id IS NULL OR owner_id = ").push_bind(*id);
            query.push(" OR asked_id = ").push_bind(*id);
            query.push(" OR due_at <= ").push_bind(*pool_since).push(")");
        }
        if let Some((urgent, due_at, id)) = after {
            // The urgent ones come first, so that past them only the others follow.
            query.push(if urgent { " AND (NOT urgent OR (due_at, id) > (" } else { " AND (NOT urgent AND (due_at, id) > (" });
            query.push_bind(due_at).push(", ").push_bind(id).push("))");
        }
        query.push(" ORDER BY urgent DESC, due_at, id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Callback::try_from).collect()
}

/// Fails with a conflict when the adviser is making another call-back already, or the client has another live one.
pub async fn save(db: &mut Db<'_>, callback: &Callback) -> Result<()> {
    let sql = "UPDATE callbacks SET state = $1, adviser_id = $2, state_reason = $3, taken_over_call_id = $4, \
               attempts = $5, tries = $6, due_at = $7, starts_at = $8, ends_at = $9, owner_id = $10, asked_id = $11, \
               phone = $12, number_confirmed = $13, ended_at = $14, urgent = $15, needs = $16 WHERE id = $17";
    let (state, adviser, reason, call) = stored_state(&callback.state);
    let saved = execute!(
        db,
        sqlx::query(sql)
            .bind(state)
            .bind(adviser)
            .bind(reason)
            .bind(call)
            .bind(callback.attempts)
            .bind(callback.tries)
            .bind(callback.due_at)
            .bind(callback.starts_at)
            .bind(callback.ends_at)
            .bind(callback.owner)
            .bind(callback.asked)
            .bind(callback.phone.e164())
            .bind(callback.number_confirmed)
            .bind(callback.ended_at)
            .bind(callback.urgent)
            .bind(Json(&callback.needs))
            .bind(callback.id)
    );
    db.after_commit(Event::CommitmentsChanged);
    db.after_commit(Event::DueCallbacksChanged);
    match saved {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(fault)) if fault.is_unique_violation() => {
            if matches!(callback.state, State::Attempting(_)) {
                let message = "you are making another call-back; record how it ended first";
                return Err(Error::illegal("ALREADY_ATTEMPTING", message));
            }
            let message = "this client has another call-back booked by now; move that one instead";
            Err(Error::illegal(super::callback::EXISTS, message))
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
    db.after_commit(Event::OutboundStarted { adviser: context.user.id, callback: callback.id });
    if added == 1 { Ok(()) } else { Err(taken_by_another()) }
}

/// How the last try ended: an outcome's name, or why there was none.
pub async fn finish_attempt(
    db: &mut Db<'_>,
    callback: &Callback,
    outcome: &'static str,
    note: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE callback_attempts SET ended_at = $1, outcome = $2, note = $3 \
               WHERE callback_id = $4 AND attempt = $5 RETURNING adviser_id";
    let made_by: Option<(UserId,)> = on_engine!(db, c => {
        let query = sqlx::query_as(sql).bind(now).bind(outcome).bind(note).bind(callback.id).bind(callback.attempts);
        query.fetch_optional(c).await
    })?;
    if let Some((adviser,)) = made_by {
        db.after_commit(Event::OutboundEnded { adviser, callback: callback.id });
    }
    Ok(())
}

/// Call-backs being made now: which, by whom, since when.
pub async fn under_way(db: &mut Db<'_>) -> Result<Vec<(CallbackId, UserId, DateTime<Utc>)>> {
    let sql = "SELECT b.id, a.adviser_id, a.started_at FROM callbacks b JOIN callback_attempts a \
               ON a.callback_id = b.id AND a.attempt = b.attempts WHERE b.state = 'attempting'";
    Ok(on_engine!(db, c => sqlx::query_as(sql).fetch_all(c).await)?)
}

/// When each adviser's next own call-back is due, of those due from `from` and before `until`.
pub async fn commitments(
    db: &mut Db<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<(UserId, DateTime<Utc>)>> {
    let sql = "SELECT owner_id, MIN(due_at) FROM callbacks WHERE state IN ('booked', 'parked') AND owner_id IS NOT NULL \
               AND due_at >= $1 AND due_at < $2 GROUP BY owner_id";
    Ok(on_engine!(db, c => sqlx::query_as(sql).bind(from).bind(until).fetch_all(c).await)?)
}

/// Who is making a call-back of the site now.
pub async fn attempting_at(db: &mut Db<'_>, site: &SiteId) -> Result<Vec<UserId>> {
    let sql = "SELECT adviser_id FROM callbacks WHERE state = 'attempting' AND site = $1 AND adviser_id IS NOT NULL";
    let rows: Vec<(UserId,)> = on_engine!(db, c => sqlx::query_as(sql).bind(site.clone()).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(adviser,)| adviser).collect())
}
