//! The standby list and its offers in the database.

use super::waiting::{FreedTime, Offer, OfferState, Waiting};
use crate::access::{AtOffices, Context, push_seen};
use crate::rota::Unsuitable;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Event;
use startline_foundation::ids::{AppointmentId, ClaimId, SiteId, StandbyId, StandbyOfferId};
use startline_foundation::store::{Db, execute, on_engine};

/// A time that does not suit, as it is kept: 0 is Monday.
#[derive(Serialize, Deserialize)]
struct StoredTime {
    weekday: Option<u8>,
    from: NaiveTime,
    to: NaiveTime,
}

fn to_stored(time: &Unsuitable) -> StoredTime {
    let weekday = time.weekdays.first().and_then(|day| u8::try_from(day.num_days_from_monday()).ok());
    let (from, to) = time.times.unwrap_or_default();
    StoredTime { weekday, from, to }
}

fn from_stored(time: &StoredTime) -> Unsuitable {
    Unsuitable::between(time.weekday.and_then(|day| Weekday::try_from(day).ok()), time.from, time.to)
}

#[derive(sqlx::FromRow)]
struct WaitingRow {
    id: StandbyId,
    claim_id: ClaimId,
    site: SiteId,
    kind: String,
    urgent: bool,
    earliest_day: NaiveDate,
    unsuitable: Json<Vec<StoredTime>>,
    joined_at: DateTime<Utc>,
}

impl From<WaitingRow> for Waiting {
    fn from(row: WaitingRow) -> Self {
        Self {
            id: row.id,
            claim_id: row.claim_id,
            site: row.site,
            kind: row.kind,
            urgent: row.urgent,
            earliest_day: row.earliest_day,
            unsuitable: row.unsuitable.0.iter().map(from_stored).collect(),
            joined_at: row.joined_at,
        }
    }
}

const COLUMNS: &str = "s.id, s.claim_id, s.site, s.kind, s.urgent, s.earliest_day, s.unsuitable, s.joined_at";

/// False when the client is on the list for such a meeting already.
pub async fn insert(db: &mut Db<'_>, context: &Context, waiting: &Waiting) -> Result<bool> {
    let sql = "INSERT INTO standby (id, claim_id, site, kind, urgent, earliest_day, unsuitable, joined_at, joined_by) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (claim_id, kind) WHERE left_at IS NULL DO NOTHING";
    let unsuitable: Vec<StoredTime> = waiting.unsuitable.iter().map(to_stored).collect();
    let added = execute!(
        db,
        sqlx::query(sql)
            .bind(waiting.id)
            .bind(waiting.claim_id)
            .bind(waiting.site.clone())
            .bind(&waiting.kind)
            .bind(waiting.urgent)
            .bind(waiting.earliest_day)
            .bind(Json(&unsuitable))
            .bind(waiting.joined_at)
            .bind(context.user.id)
    )?;
    db.after_commit(Event::TimeFreed);
    Ok(added == 1)
}

pub async fn get(db: &mut Db<'_>, id: StandbyId) -> Result<Option<Waiting>> {
    let sql = format!("SELECT {COLUMNS} FROM standby s WHERE s.id = $1");
    let row: Option<WaitingRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    Ok(row.map(Waiting::from))
}

/// The claim's place on the list for a kind of meeting.
pub async fn of_claim(db: &mut Db<'_>, claim: ClaimId, kind: &str) -> Result<Option<Waiting>> {
    let sql = format!("SELECT {COLUMNS} FROM standby s WHERE s.claim_id = $1 AND s.kind = $2 AND s.left_at IS NULL");
    let row: Option<WaitingRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(claim).bind(kind).fetch_optional(c).await)?;
    Ok(row.map(Waiting::from))
}

/// All the claim's places on the list.
pub async fn all_of_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Waiting>> {
    let sql = format!("SELECT {COLUMNS} FROM standby s WHERE s.claim_id = $1 AND s.left_at IS NULL ORDER BY s.id");
    let rows: Vec<WaitingRow> = on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(claim).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Waiting::from).collect())
}

pub async fn leave(db: &mut Db<'_>, id: StandbyId, why: &str, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE standby SET left_at = $1, left_reason = $2 WHERE id = $3 AND left_at IS NULL";
    execute!(db, sqlx::query(sql).bind(now).bind(why).bind(id))?;
    db.after_commit(Event::TimeFreed);
    Ok(())
}

/// Who waits at a site, in no order.
pub async fn waiting(
    db: &mut Db<'_>,
    site: &SiteId,
    seen: Option<(&AtOffices, DateTime<Utc>)>,
) -> Result<Vec<Waiting>> {
    let rows: Vec<WaitingRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM standby s WHERE s.left_at IS NULL AND s.site = ").push_bind(site.clone());
        if let Some((seen, now)) = seen {
            push_seen(&mut query, "(SELECT c.client_id FROM claims c WHERE c.id = s.claim_id)", seen, now);
        }
        query.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(Waiting::from).collect())
}

/// The standby places that were asked about this freed time, or that are asked about some other now.
pub async fn not_to_be_asked(db: &mut Db<'_>, freed: &FreedTime) -> Result<Vec<StandbyId>> {
    let sql = "SELECT standby_id FROM standby_offers WHERE state = 'open' \
               UNION SELECT standby_id FROM standby_offers WHERE freed_id = $1 AND freed_number = $2";
    let rows: Vec<(StandbyId,)> = on_engine!(db, c => {
        sqlx::query_as(sql).bind(freed.appointment_id).bind(freed.number).fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub async fn insert_offer(db: &mut Db<'_>, offer: &Offer, now: DateTime<Utc>) -> Result<()> {
    let sql = "INSERT INTO standby_offers (id, standby_id, freed_id, freed_number, hold_id, state, offered_at, kept_until) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let done = execute!(
        db,
        sqlx::query(sql)
            .bind(offer.id)
            .bind(offer.standby_id)
            .bind(offer.freed_id)
            .bind(offer.freed_number)
            .bind(offer.hold_id)
            .bind(offer.state.as_str())
            .bind(now)
            .bind(offer.kept_until)
    );
    match done {
        Ok(_) => Ok(()),
        // Another process asks somebody about it at this moment, or asks this client about something else.
        Err(sqlx::Error::Database(fault)) if fault.is_unique_violation() => Err(Error::Contended),
        Err(fault) => Err(fault.into()),
    }
}

#[derive(sqlx::FromRow)]
struct OfferRow {
    id: StandbyOfferId,
    standby_id: StandbyId,
    claim_id: ClaimId,
    freed_id: AppointmentId,
    freed_number: i32,
    hold_id: Option<AppointmentId>,
    state: String,
    kept_until: DateTime<Utc>,
}

impl TryFrom<OfferRow> for Offer {
    type Error = Error;

    fn try_from(row: OfferRow) -> Result<Self> {
        let state = OfferState::ALL.into_iter().find(|state| state.as_str() == row.state);
        Ok(Self {
            state: state.ok_or_else(|| Error::internal(format!("an offer is in the unknown state {}", row.state)))?,
            id: row.id,
            standby_id: row.standby_id,
            claim_id: row.claim_id,
            freed_id: row.freed_id,
            freed_number: row.freed_number,
            hold_id: row.hold_id,
            kept_until: row.kept_until,
        })
    }
}

const OFFER: &str = "SELECT o.id, o.standby_id, s.claim_id, o.freed_id, o.freed_number, o.hold_id, o.state, o.kept_until \
                     FROM standby_offers o JOIN standby s ON s.id = o.standby_id";

pub async fn offer(db: &mut Db<'_>, id: StandbyOfferId) -> Result<Option<Offer>> {
    one_offer(db, id, "").await
}

/// The offer, kept from others until the transaction ends.
pub async fn offer_for_update(db: &mut Db<'_>, id: StandbyOfferId) -> Result<Option<Offer>> {
    let lock = db.for_update_of("o");
    one_offer(db, id, &lock).await
}

async fn one_offer(db: &mut Db<'_>, id: StandbyOfferId, lock: &str) -> Result<Option<Offer>> {
    let sql = format!("{OFFER} WHERE o.id = $1{lock}");
    let row: Option<OfferRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Offer::try_from).transpose()
}

pub async fn open_offer_of(db: &mut Db<'_>, standby: StandbyId) -> Result<Option<Offer>> {
    let sql = format!("{OFFER} WHERE o.standby_id = $1 AND o.state = 'open'");
    let row: Option<OfferRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(standby).fetch_optional(c).await)?;
    row.map(Offer::try_from).transpose()
}

/// Offers that nobody answered in time.
pub async fn run_out(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<Vec<Offer>> {
    let sql = format!("{OFFER} WHERE o.state = 'open' AND o.kept_until <= $1 ORDER BY o.kept_until, o.id");
    let rows: Vec<OfferRow> = on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(now).fetch_all(c).await)?;
    rows.into_iter().map(Offer::try_from).collect()
}

/// False when it had ended before.
pub async fn end_offer(db: &mut Db<'_>, context: &Context, id: StandbyOfferId, state: OfferState) -> Result<bool> {
    let sql =
        "UPDATE standby_offers SET state = $1, answered_at = $2, answered_by = $3 WHERE id = $4 AND state = 'open'";
    db.after_commit(Event::TimeFreed);
    Ok(execute!(db, sqlx::query(sql).bind(state.as_str()).bind(context.now).bind(context.user.id).bind(id))? == 1)
}
