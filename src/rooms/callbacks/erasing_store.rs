//! Call-backs and missed callers that are erased: of a call-back the row stays for the figures.

use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::events::Event;
use startline_foundation::store::{Aged, AgedPage, Db, aged, execute, execute_among, ids_among, on_engine};
use uuid::Uuid;

/// Those that are not erased, by when they ended, or else were due.
pub async fn over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    let over = "SELECT id, COALESCE(ended_at, due_at) FROM callbacks WHERE erased_at IS NULL \
                AND COALESCE(ended_at, due_at) < $1 AND id > $2";
    Ok(aged!(db, page, over))
}

/// Of these call-backs those that are promised, or wait for a number or a visit.
pub async fn live(db: &mut Db<'_>, callbacks: &[Uuid]) -> Result<Vec<Uuid>> {
    let live = "SELECT id FROM callbacks WHERE state IN ('booked', 'attempting', 'parked', 'wrong_number', 'face_to_face') \
                AND erased_at IS NULL AND id IN";
    Ok(ids_among!(db, live, callbacks))
}

/// Of these call-backs those about which a letter is owed.
pub async fn owed_letters(db: &mut Db<'_>, callbacks: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT callback_id FROM callback_letters WHERE closed_at IS NULL AND callback_id IN", callbacks))
}

/// Of these clients those with a call-back that was since then, or is yet to be.
pub async fn clients_since(db: &mut Db<'_>, clients: &[Uuid], since: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let of = "SELECT DISTINCT client_id FROM callbacks WHERE COALESCE(ended_at, due_at) >= ";
    Ok(ids_among!(db, [of, since, " AND client_id IN"], clients))
}

/// Of these clients those for whom a place is kept.
pub async fn clients_with_hold(db: &mut Db<'_>, clients: &[Uuid], now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let of = "SELECT client_id FROM callback_holds WHERE held_until > ";
    Ok(ids_among!(db, [of, now, " AND client_id IN"], clients))
}

pub async fn of_clients(db: &mut Db<'_>, clients: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM callbacks WHERE client_id IN", clients))
}

pub async fn numbers_of(db: &mut Db<'_>, client: Uuid) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT phone FROM callbacks WHERE client_id = $1 AND phone <> ''";
    Ok(on_engine!(db, c => sqlx::query_scalar(sql).bind(client).fetch_all(c).await)?)
}

pub async fn erase(db: &mut Db<'_>, callbacks: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    execute_among!(db, "UPDATE callback_events SET note = '' WHERE callback_id IN", callbacks);
    execute_among!(db, "UPDATE callback_attempts SET note = '' WHERE callback_id IN", callbacks);
    execute_among!(db, "DELETE FROM callback_cells WHERE callback_id IN", callbacks);
    let blank = "UPDATE callbacks SET phone = '', note = '', needs = '[]', wishes = '{}', erased_at = ";
    execute_among!(db, [blank, now, " WHERE id IN"], callbacks);
    db.after_commit(Event::DueCallbacksChanged);
    Ok(())
}

/// What is kept of a client beside their call-backs.
pub async fn erase_of_client(db: &mut Db<'_>, client: Uuid) -> Result<()> {
    let cells = "DELETE FROM callback_cells WHERE hold_id IN (SELECT id FROM callback_holds WHERE client_id = $1)";
    execute!(db, sqlx::query(cells).bind(client))?;
    execute!(db, sqlx::query("DELETE FROM callback_holds WHERE client_id = $1").bind(client))?;
    execute!(db, sqlx::query("DELETE FROM callback_contact_flags WHERE client_id = $1").bind(client))?;
    db.after_commit(Event::DueCallbacksChanged);
    Ok(())
}

/// Callers who gave up, by when somebody closed them, or else by when they rang last.
pub async fn missed_over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    let over = "SELECT id, COALESCE(closed_at, last_at) FROM missed_callers \
                WHERE COALESCE(closed_at, last_at) < $1 AND id > $2";
    Ok(aged!(db, page, over))
}

pub async fn missed_open(db: &mut Db<'_>, missed: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM missed_callers WHERE closed_at IS NULL AND id IN", missed))
}

pub async fn erase_missed(db: &mut Db<'_>, missed: &[Uuid]) -> Result<()> {
    execute_among!(db, "DELETE FROM missed_callers WHERE id IN", missed);
    Ok(())
}

/// The items of these numbers.
pub async fn missed_of_numbers(db: &mut Db<'_>, numbers: &[String]) -> Result<Vec<Uuid>> {
    let mut found = Vec::new();
    for number in numbers {
        let sql = "SELECT id FROM missed_callers WHERE phone = $1";
        let ids: Vec<Uuid> = on_engine!(db, c => sqlx::query_scalar(sql).bind(number).fetch_all(c).await)?;
        found.extend(ids);
    }
    Ok(found)
}
