//! Packs and letters that are erased: the PDF and where it went. The row stays, because a print room counts its pages.

use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::store::{Aged, AgedPage, Db, aged, execute, execute_among, ids_among, rows_among};
use uuid::Uuid;

/// Those that are not erased, by when they were composed.
pub async fn over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    Ok(aged!(db, page, "SELECT id, composed_at FROM packs WHERE erased_at IS NULL AND composed_at < $1 AND id > $2"))
}

/// The claims of these packs: pack and claim.
pub async fn claims_of(db: &mut Db<'_>, packs: &[Uuid]) -> Result<Vec<(Uuid, Uuid)>> {
    Ok(rows_among!(db, "SELECT id, claim_id FROM packs WHERE claim_id IS NOT NULL AND id IN", packs))
}

/// Those about these records: a claim, a meeting, a call-back.
pub async fn about(db: &mut Db<'_>, records: &[Uuid]) -> Result<Vec<Uuid>> {
    let mut found = ids_among!(db, "SELECT id FROM packs WHERE record_id IN", records);
    found.extend(ids_among!(db, "SELECT id FROM packs WHERE claim_id IN", records));
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

pub async fn of_clients(db: &mut Db<'_>, clients: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM packs WHERE client_id IN", clients))
}

/// The key of its sources and the hash of its PDF are made of what it said.
pub async fn erase(db: &mut Db<'_>, packs: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    let blank = "UPDATE packs SET pdf = $1, documents = '[]', reference = '', delivery_to = '', sha256 = '', source_key = $2, \
                 erased_at = $3 WHERE id = $4";
    for id in packs {
        let (nothing, key) = (Vec::<u8>::new(), format!("erased {id}"));
        execute!(db, sqlx::query(blank).bind(nothing.clone()).bind(key.clone()).bind(now).bind(*id))?;
    }
    Ok(())
}

/// How the packs of these claims were to reach their clients.
pub async fn erase_deliveries(db: &mut Db<'_>, claims: &[Uuid]) -> Result<()> {
    execute_among!(db, "DELETE FROM pack_deliveries WHERE claim_id IN", claims);
    Ok(())
}

/// What could not be printed, by when it was settled, or else raised.
pub async fn exceptions_over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    let over = "SELECT id, COALESCE(settled_at, raised_at) FROM pack_exceptions \
                WHERE COALESCE(settled_at, raised_at) < $1 AND id > $2";
    Ok(aged!(db, page, over))
}

pub async fn exceptions_open(db: &mut Db<'_>, exceptions: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM pack_exceptions WHERE settled_at IS NULL AND id IN", exceptions))
}

pub async fn exceptions_about(db: &mut Db<'_>, records: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM pack_exceptions WHERE record_id IN", records))
}

pub async fn exceptions_of_clients(db: &mut Db<'_>, clients: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM pack_exceptions WHERE client_id IN", clients))
}

pub async fn erase_exceptions(db: &mut Db<'_>, exceptions: &[Uuid]) -> Result<()> {
    execute_among!(db, "DELETE FROM pack_exceptions WHERE id IN", exceptions);
    Ok(())
}
