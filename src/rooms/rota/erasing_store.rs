//! Hours off that are erased, with what was noted about them.

use startline_foundation::error::Result;
use startline_foundation::store::{Aged, AgedPage, Db, aged, execute_among};
use uuid::Uuid;

/// Blocks whose last day is over, by when they were made.
pub async fn over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    Ok(aged!(db, page, "SELECT id, made_at FROM rota_blocks WHERE made_at < $1 AND last_day < $1 AND id > $2"))
}

pub async fn erase(db: &mut Db<'_>, blocks: &[Uuid]) -> Result<()> {
    execute_among!(db, "DELETE FROM rota_blocks WHERE id IN", blocks);
    Ok(())
}
