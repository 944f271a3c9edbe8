//! Batches: what leaves a print room with one post. Which batch a job is in follows from its room, day and class; here is
//! when each closes, and what was counted.

use super::batch_store as store;
use super::correction::{self, Corrected};
use super::counted::checked_count;
use super::manifest::{self, Manifest};
use super::post::{BatchKey, PostClass, closes_at};
use crate::access::{Context, audit};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::SiteId;
use startline_foundation::store::Db;

#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub key: BatchKey,
    pub closes_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    /// Packs and pages, as somebody counted them when they left.
    pub counted: Option<(u32, u32)>,
}

/// Whether the batch still takes jobs. It is made when it is first asked for, and kept from closing until the transaction
/// ends.
pub(super) async fn is_open(
    db: &mut Db<'_>,
    definition: &Definition,
    room: &SiteId,
    post_day: NaiveDate,
    class: PostClass,
) -> Result<bool> {
    let closes = closes_at(definition, post_day)
        .ok_or_else(|| Error::internal(format!("the post of {post_day} would never close")))?;
    let key = BatchKey { room: room.clone(), post_day, class };
    store::ensure(db, &key, closes).await?;
    let batch = store::for_share(db, &key).await?.ok_or(Error::Contended)?;
    Ok(batch.closed_at.is_none())
}

/// Closes every batch whose time has come. Returns those that this call closed.
pub async fn close_due(db: &mut Db<'_>, context: &Context) -> Result<Vec<BatchKey>> {
    let closed = store::close_due(db, context.now).await?;
    for key in &closed {
        audit(db, context, "batch_closed", "batch", &name(key)).await?;
    }
    Ok(closed)
}

/// The batches of a print room, the newest first, before the day and class named.
pub async fn list_batches(
    db: &mut Db<'_>,
    room: &SiteId,
    before: Option<(NaiveDate, PostClass)>,
    most: i32,
) -> Result<Vec<Batch>> {
    store::list(db, room, before, most).await
}

/// A batch and its account.
pub async fn manifest(db: &mut Db<'_>, key: &BatchKey) -> Result<(Batch, Vec<super::PrintJob>, Manifest)> {
    let batch = store::by_key(db, key).await?.ok_or_else(|| Error::not_found("batch", name(key)))?;
    let jobs = super::store::of_batch(db, key).await?;
    let account = manifest::account(&jobs, batch.closed_at, batch.counted);
    Ok((batch, jobs, account))
}

/// Keeps what was counted as the batch left, and compares it. Counting again corrects the last count, which is kept as a
/// correction.
pub async fn count(
    db: &mut Db<'_>,
    context: &Context,
    key: &BatchKey,
    packs: u32,
    pages: u32,
) -> Result<(Batch, Vec<super::PrintJob>, Manifest)> {
    if context.site()? != &key.room {
        return Err(Error::Denied("this batch belongs to another print room".into()));
    }
    let counted = (checked_count("packs", packs)?, checked_count("pages", pages)?);
    let before = store::for_update(db, key).await?.ok_or_else(|| Error::not_found("batch", name(key)))?;
    store::set_counted(db, key, counted, context.user.id, context.now).await?;
    if let Some(was) = before.counted {
        let all = [(Corrected::CountedPacks, was.0, counted.0), (Corrected::CountedPages, was.1, counted.1)];
        let differ = all.into_iter().filter(|(_, was, became)| was != became);
        let changes: Vec<_> = differ.map(|(what, was, became)| (what, was.to_string(), became.to_string())).collect();
        correction::keep(db, context, None, key, &changes).await?;
    }
    audit(db, context, "batch_counted", "batch", &name(key)).await?;
    manifest(db, key).await
}

fn name(key: &BatchKey) -> String {
    format!("{} {} {}", key.room, key.post_day, key.class.as_str())
}
