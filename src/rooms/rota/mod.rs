//! Who works when: advisers who take calls and make call-backs, personal advisers who meet clients.
//!
//! Regular hours are patterns in local wall time, weekly or fortnightly; leave, sickness, training, team events and extra
//! hours are blocks laid over them. A site's own closed days close everybody. Durable before it is acknowledged. What
//! follows from a change (diaries made anew, call-backs at risk) is for the rooms that build on it.

mod block;
mod cells;
mod day;
mod erasing_store;
mod pattern;
mod slot;
mod store;

pub use block::{Block, BlockDraft, BlockKind, OUTSIDE_REASON_CHARS, Whose};
pub use cells::{BYTES, CELL, CELLS, DayCells, cell_start, cells_between, cells_of_minutes};
pub use day::{Rota, WorkingDay};
pub use erasing_store::{erase as erase_blocks, over as blocks_over};
pub use pattern::{Activity, Break, OutsideHours, Pattern, Shift};
pub use slot::{HOLD_EXPIRED, SLOT_TAKEN, Unsuitable};

use crate::access::{Context, audit};
use chrono::NaiveDate;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{BlockId, SiteId, UserId};
use startline_foundation::store::Db;

/// Sets somebody's regular hours, in place of the pattern that begins on the same day.
pub async fn set_pattern(db: &mut Db<'_>, context: &Context, pattern: &Pattern) -> Result<()> {
    pattern.check()?;
    store::save_pattern(db, pattern).await?;
    audit(db, context, "working_pattern_set", "user", &pattern.user).await
}

/// Lays a block over somebody's hours.
pub async fn add_block(db: &mut Db<'_>, context: &Context, site: &SiteId, draft: BlockDraft) -> Result<Block> {
    let block = draft.check(site.clone(), context.user.id, context.now)?;
    store::insert_block(db, &block).await?;
    audit(db, context, "time_blocked", "block", &block.id).await?;
    Ok(block)
}

/// Takes a block back. None when somebody has already.
pub async fn remove_block(db: &mut Db<'_>, context: &Context, id: BlockId) -> Result<Block> {
    let block = store::remove_block(db, id, context).await?.ok_or_else(|| Error::not_found(BlockId::WHAT, id))?;
    audit(db, context, "time_unblocked", "block", &id).await?;
    Ok(block)
}

/// One block that stands.
pub async fn block(db: &mut Db<'_>, id: BlockId) -> Result<Block> {
    store::block(db, id).await?.ok_or_else(|| Error::not_found(BlockId::WHAT, id))
}

/// The blocks of a site that touch these days, both included, in the order in which they begin.
pub async fn blocks(db: &mut Db<'_>, site: &SiteId, days: (NaiveDate, NaiveDate)) -> Result<Vec<Block>> {
    store::blocks_of_site(db, site, days).await
}

/// Everybody's patterns at a site, and the blocks that touch these days.
pub async fn of_site(db: &mut Db<'_>, site: &SiteId, days: (NaiveDate, NaiveDate)) -> Result<Rota> {
    Ok(Rota {
        patterns: store::patterns_of_site(db, site).await?,
        blocks: store::blocks_of_site(db, site, days).await?,
    })
}

/// One person's patterns, in the order in which they begin.
pub async fn patterns_of(db: &mut Db<'_>, user: UserId) -> Result<Vec<Pattern>> {
    store::patterns_of_person(db, user).await
}

/// One person's patterns, and all the blocks of their site that touch these days.
pub async fn of_person(db: &mut Db<'_>, user: UserId, site: &SiteId, days: (NaiveDate, NaiveDate)) -> Result<Rota> {
    Ok(Rota {
        patterns: store::patterns_of_person(db, user).await?,
        blocks: store::blocks_of_site(db, site, days).await?,
    })
}
