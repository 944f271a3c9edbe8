//! Walks that are erased.

use startline_foundation::error::Result;
use startline_foundation::store::{Aged, AgedPage, Db, aged, execute_among, ids_among};
use uuid::Uuid;

/// Those of no claim, by when they were moved last.
pub async fn over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    let over = "SELECT id, COALESCE(moved_at, started_at) FROM walks WHERE claim_id IS NULL \
                AND COALESCE(moved_at, started_at) < $1 AND id > $2";
    Ok(aged!(db, page, over))
}

pub async fn claims_with_unfinished(db: &mut Db<'_>, claims: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT DISTINCT claim_id FROM walks WHERE NOT finished AND claim_id IN", claims))
}

pub async fn of_claims(db: &mut Db<'_>, claims: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM walks WHERE claim_id IN", claims))
}

pub async fn of_clients(db: &mut Db<'_>, clients: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM walks WHERE client_id IN", clients))
}

pub async fn erase(db: &mut Db<'_>, walks: &[Uuid]) -> Result<()> {
    execute_among!(db, "DELETE FROM walk_notes WHERE walk_id IN", walks);
    execute_among!(db, "DELETE FROM walks WHERE id IN", walks);
    Ok(())
}
