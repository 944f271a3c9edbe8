//! Places taken and held, in the database. Their primary key is what two who race for one place meet.

use super::capacity::{Assignment, Occupant, PlaceKey};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallbackHoldId, CallbackId, ClientId, SiteId, UserId};
use startline_foundation::store::{ClockSet, Db, execute, on_engine};
use std::collections::HashMap;

fn read_key(text: &str) -> Result<PlaceKey> {
    PlaceKey::parse(text).ok_or_else(|| Error::internal(format!("{text} is no place")))
}

#[derive(sqlx::FromRow)]
struct CellRow {
    cell_start: DateTime<Utc>,
    place: String,
    callback_id: Option<CallbackId>,
    hold_id: Option<CallbackHoldId>,
    needs: Option<Json<Vec<String>>>,
    owner_id: Option<UserId>,
    state: Option<String>,
    hold_needs: Option<Json<Vec<String>>>,
    hold_owner_id: Option<UserId>,
}

/// Who sits somewhere, and from when.
pub struct Found {
    pub who: Occupant,
    pub key: PlaceKey,
    pub starts_at: DateTime<Utc>,
    pub cells: usize,
    pub needs: Vec<String>,
    pub fixed: bool,
}

/// Everybody who sits at the site between these moments. Holds that ran out are left out.
pub async fn sittings(
    db: &mut Db<'_>,
    site: &SiteId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Vec<Found>> {
    let sql = "SELECT c.cell_start, c.place, c.callback_id, c.hold_id, b.needs, b.owner_id, b.state, \
               h.needs AS hold_needs, h.owner_id AS hold_owner_id \
               FROM callback_cells c LEFT JOIN callbacks b ON b.id = c.callback_id \
               LEFT JOIN callback_holds h ON h.id = c.hold_id \
               WHERE c.site = $1 AND c.cell_start >= $2 AND c.cell_start < $3 \
               AND (c.held_until IS NULL OR c.held_until > $4) ORDER BY c.cell_start";
    let rows: Vec<CellRow> = on_engine!(db, c => {
        sqlx::query_as(sql).bind(site.clone()).bind(from).bind(until).bind(now).fetch_all(c).await
    })?;
    let mut found: Vec<Found> = Vec::new();
    let mut known: HashMap<Occupant, usize> = HashMap::new();
    for row in rows {
        let (who, needs, owner, fixed) = match (row.callback_id, row.hold_id) {
            (Some(id), _) => {
                let under_way = row.state.as_deref() != Some("booked");
                (Occupant::Callback(id), row.needs, row.owner_id, under_way)
            }
            (None, Some(id)) => (Occupant::Hold(id), row.hold_needs, row.hold_owner_id, false),
            (None, None) => return Err(Error::internal("a place is taken by nobody")),
        };
        if let Some(at) = known.get(&who) {
            found[*at].cells += 1;
            continue;
        }
        known.insert(who, found.len());
        found.push(Found {
            who,
            key: read_key(&row.place)?,
            starts_at: row.cell_start,
            cells: 1,
            needs: needs.map(|needs| needs.0).unwrap_or_default(),
            fixed: fixed || owner.is_some(),
        });
    }
    Ok(found)
}

/// A cell, and who shall have it at which place.
struct Taking {
    cell: DateTime<Utc>,
    key: PlaceKey,
    who: Occupant,
    held_until: Option<DateTime<Utc>>,
}

/// Takes the cells in the order of time, whoever they are for; false when somebody else has one of them, or is just about
/// to give it back.
async fn take(db: &mut Db<'_>, site: &SiteId, mut taken: Vec<Taking>) -> Result<bool> {
    let sql = "INSERT INTO callback_cells (site, cell_start, place, callback_id, hold_id, held_until) \
               SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT 1 FROM callback_cells \
               WHERE site = $1 AND cell_start = $2 AND place = $3) ON CONFLICT (site, cell_start, place) DO NOTHING";
    taken.sort_by_cached_key(|taking| (taking.cell, taking.key.to_string()));
    for Taking { cell, key, who, held_until } in taken {
        let (callback, hold) = ids(who);
        let added = execute!(
            db,
            sqlx::query(sql)
                .bind(site.clone())
                .bind(cell)
                .bind(key.to_string())
                .bind(callback)
                .bind(hold)
                .bind(held_until)
        )?;
        if added == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn ids(who: Occupant) -> (Option<CallbackId>, Option<CallbackHoldId>) {
    match who {
        Occupant::Callback(id) => (Some(id), None),
        Occupant::Hold(id) => (None, Some(id)),
    }
}

/// Puts an assignment into effect: those who sit elsewhere for it, then whom it is for. False when somebody was quicker.
///
/// It waits for nobody who may wait for it: what others are just changing is passed over and makes it lose, and what it
/// takes it takes in the order of time.
pub async fn seat(
    db: &mut Db<'_>,
    site: &SiteId,
    who: Occupant,
    cells: &[DateTime<Utc>],
    assignment: &Assignment,
    held_until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let taking = |who, key, held_until| move |cell: &DateTime<Utc>| Taking { cell: *cell, key, who, held_until };
    let mut taken: Vec<Taking> = cells.iter().map(taking(who, assignment.key, held_until)).collect();
    for (other, key) in &assignment.moves {
        let left = make_leave(db, *other).await?;
        // Gone meanwhile, or in somebody else's hands: what was planned no longer holds.
        if left.is_empty() {
            return Ok(false);
        }
        taken.extend(left.iter().flat_map(|(cell, until)| std::iter::once(cell).map(taking(*other, *key, *until))));
    }
    forget_run_out(db, site, &taken, now).await?;
    take(db, site, taken).await
}

/// Holds that ran out stand in nobody's way.
async fn forget_run_out(db: &mut Db<'_>, site: &SiteId, taken: &[Taking], now: DateTime<Utc>) -> Result<()> {
    let cells = || taken.iter().map(|taking| taking.cell);
    let Some((first, last)) = cells().min().zip(cells().max()) else { return Ok(()) };
    let sql = format!(
        "DELETE FROM callback_cells WHERE (site, cell_start, place) IN (SELECT site, cell_start, place FROM callback_cells \
         WHERE site = $1 AND cell_start >= $2 AND cell_start <= $3 AND held_until IS NOT NULL AND held_until <= $4{}) \
         AND held_until <= $4",
        db.skip_locked()
    );
    execute!(db, sqlx::query(sqlx::AssertSqlSafe(sql)).bind(site.clone()).bind(first).bind(last).bind(now))?;
    Ok(())
}

/// Takes somebody else's place away, and says which cells it was; none when somebody is just changing it.
async fn make_leave(db: &mut Db<'_>, other: Occupant) -> Result<Vec<(DateTime<Utc>, Option<DateTime<Utc>>)>> {
    let column = match other {
        Occupant::Callback(_) => "callback_id",
        Occupant::Hold(_) => "hold_id",
    };
    let lock = db.skip_locked();
    let sql = format!("SELECT cell_start FROM callback_cells WHERE {column} = $1{lock}");
    let all = format!("SELECT COUNT(*) FROM callback_cells WHERE {column} = $1");
    let (sql, all) = (sqlx::AssertSqlSafe(sql), sqlx::AssertSqlSafe(all));
    let (id, hold) = ids(other);
    let id = id.map(|id| id.0).or(hold.map(|id| id.0));
    let free: Vec<(DateTime<Utc>,)> = on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_all(c).await)?;
    let (all,): (i64,) = on_engine!(db, c => sqlx::query_as(all).bind(id).fetch_one(c).await)?;
    if usize::try_from(all) == Ok(free.len()) { leave(db, other).await } else { Ok(Vec::new()) }
}

/// Gives a place back, and says which cells it was, in order.
pub async fn leave(db: &mut Db<'_>, who: Occupant) -> Result<Vec<(DateTime<Utc>, Option<DateTime<Utc>>)>> {
    let sql = match who {
        Occupant::Callback(_) => "DELETE FROM callback_cells WHERE callback_id = $1 RETURNING cell_start, held_until",
        Occupant::Hold(_) => "DELETE FROM callback_cells WHERE hold_id = $1 RETURNING cell_start, held_until",
    };
    let mut cells: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)> = match who {
        Occupant::Callback(id) => on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_all(c).await)?,
        Occupant::Hold(id) => on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_all(c).await)?,
    };
    cells.sort_unstable();
    Ok(cells)
}

/// The place a call-back has now, if it has one.
pub async fn place_of(db: &mut Db<'_>, callback: CallbackId) -> Result<Option<PlaceKey>> {
    let sql = "SELECT place FROM callback_cells WHERE callback_id = $1 ORDER BY cell_start LIMIT 1";
    let row: Option<(String,)> = on_engine!(db, c => sqlx::query_as(sql).bind(callback).fetch_optional(c).await)?;
    row.map(|(place,)| read_key(&place)).transpose()
}

/// A place kept for a client who is still thinking.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    pub id: CallbackHoldId,
    pub client_id: ClientId,
    pub site: SiteId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub urgent: bool,
    pub needs: Vec<String>,
    pub owner: Option<UserId>,
    pub held_until: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct HoldRow {
    id: CallbackHoldId,
    client_id: ClientId,
    site: SiteId,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    urgent: bool,
    needs: Json<Vec<String>>,
    owner_id: Option<UserId>,
    held_until: DateTime<Utc>,
}

impl From<HoldRow> for Hold {
    fn from(row: HoldRow) -> Self {
        let HoldRow { id, client_id, site, starts_at, ends_at, urgent, needs, owner_id, held_until } = row;
        Self { id, client_id, site, starts_at, ends_at, urgent, needs: needs.0, owner: owner_id, held_until }
    }
}

/// False when the client has another hold just now.
pub async fn insert_hold(db: &mut Db<'_>, hold: &Hold, made_by: UserId) -> Result<bool> {
    let sql = "INSERT INTO callback_holds (id, client_id, site, starts_at, ends_at, urgent, needs, owner_id, held_until, \
               made_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (client_id) DO NOTHING";
    let added = execute!(
        db,
        sqlx::query(sql)
            .bind(hold.id)
            .bind(hold.client_id)
            .bind(hold.site.clone())
            .bind(hold.starts_at)
            .bind(hold.ends_at)
            .bind(hold.urgent)
            .bind(Json(&hold.needs))
            .bind(hold.owner)
            .bind(hold.held_until)
            .bind(made_by)
    )?;
    Ok(added == 1)
}

/// The client's hold, kept from others until the transaction ends. It may have run out.
pub async fn hold_of(db: &mut Db<'_>, client: ClientId) -> Result<Option<Hold>> {
    let sql = format!(
        "SELECT id, client_id, site, starts_at, ends_at, urgent, needs, owner_id, held_until FROM callback_holds \
         WHERE client_id = $1{}",
        db.for_update()
    );
    let row: Option<HoldRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(client).fetch_optional(c).await)?;
    Ok(row.map(Hold::from))
}

/// Until when the places are held that this user holds for clients other than this one.
pub async fn held_for_others(
    db: &mut Db<'_>,
    made_by: UserId,
    client: ClientId,
    now: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>> {
    let sql = "SELECT held_until FROM callback_holds WHERE made_by = $1 AND client_id <> $2 AND held_until > $3";
    let rows: Vec<(DateTime<Utc>,)> =
        on_engine!(db, c => sqlx::query_as(sql).bind(made_by).bind(client).bind(now).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(until,)| until).collect())
}

/// The hold and its place are gone.
pub async fn drop_hold(db: &mut Db<'_>, id: CallbackHoldId) -> Result<()> {
    leave(db, Occupant::Hold(id)).await?;
    execute!(db, sqlx::query("DELETE FROM callback_holds WHERE id = $1").bind(id))?;
    Ok(())
}

/// The held place becomes the call-back's. False when it is not as long as it was.
pub async fn make_it_theirs(db: &mut Db<'_>, hold: &Hold, callback: CallbackId, cells: usize) -> Result<bool> {
    let sql = "UPDATE callback_cells SET callback_id = $1, hold_id = NULL, held_until = NULL WHERE hold_id = $2";
    let changed = execute!(db, sqlx::query(sql).bind(callback).bind(hold.id))?;
    execute!(db, sqlx::query("DELETE FROM callback_holds WHERE id = $1").bind(hold.id))?;
    Ok(usize::try_from(changed).is_ok_and(|changed| changed == cells))
}

/// Places are held as long as they would have been.
pub async fn clock_was_set(db: &mut Db<'_>, set: ClockSet) -> Result<()> {
    set.move_along(db, "callback_holds", "held_until").await?;
    set.move_along(db, "callback_cells", "held_until").await
}
