//! Batches in the database.

use super::batch::Batch;
use super::post::{BatchKey, PostClass};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::AssertSqlSafe;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::ids::{SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

#[derive(sqlx::FromRow)]
struct BatchRow {
    room: SiteId,
    post_day: NaiveDate,
    post_class: String,
    closes_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
    counted_packs: Option<i32>,
    counted_pages: Option<i32>,
}

impl TryFrom<BatchRow> for Batch {
    type Error = Error;

    fn try_from(row: BatchRow) -> Result<Self> {
        let number = |stored: i32| u32::try_from(stored).unwrap_or(0);
        Ok(Self {
            key: BatchKey { room: row.room, post_day: row.post_day, class: class(&row.post_class)? },
            closes_at: row.closes_at,
            closed_at: row.closed_at,
            counted: row.counted_packs.zip(row.counted_pages).map(|(packs, pages)| (number(packs), number(pages))),
        })
    }
}

fn class(stored: &str) -> Result<PostClass> {
    PostClass::parse(stored).ok_or_else(|| Error::internal(format!("a batch is of the unknown class {stored}")))
}

/// Binds a batch's key to the first three places.
macro_rules! bind_key {
    ($query:expr, $key:expr) => {
        $query.bind($key.room.clone()).bind($key.post_day).bind($key.class.as_str())
    };
}

const COLUMNS: &str = "room, post_day, post_class, closes_at, closed_at, counted_packs, counted_pages";

pub async fn ensure(db: &mut Db<'_>, key: &BatchKey, closes_at: DateTime<Utc>) -> Result<()> {
    let sql = "INSERT INTO post_batches (room, post_day, post_class, closes_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (room, post_day, post_class) DO NOTHING";
    execute!(db, bind_key!(sqlx::query(sql), key).bind(closes_at))?;
    Ok(())
}

async fn one(db: &mut Db<'_>, key: &BatchKey, lock: &str) -> Result<Option<Batch>> {
    let sql = format!("SELECT {COLUMNS} FROM post_batches WHERE room = $1 AND post_day = $2 AND post_class = $3{lock}");
    let row: Option<BatchRow> = on_engine!(db, c => {
        bind_key!(sqlx::query_as(AssertSqlSafe(sql)), key).fetch_optional(c).await
    })?;
    row.map(Batch::try_from).transpose()
}

pub async fn by_key(db: &mut Db<'_>, key: &BatchKey) -> Result<Option<Batch>> {
    one(db, key, "").await
}

/// The batch, kept from closing until the transaction ends.
pub async fn for_share(db: &mut Db<'_>, key: &BatchKey) -> Result<Option<Batch>> {
    let lock = db.for_share();
    one(db, key, lock).await
}

/// The batch, kept from others until the transaction ends.
pub async fn for_update(db: &mut Db<'_>, key: &BatchKey) -> Result<Option<Batch>> {
    let lock = db.for_update();
    one(db, key, lock).await
}

/// A batch to which somebody adds at this moment is passed over, and closed at the next look.
pub async fn close_due(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<Vec<BatchKey>> {
    const DUE: &str = "closed_at IS NULL AND closes_at <= $1";
    // Picked once, by itself, for the reason told at the leasing of print jobs.
    let sql = format!(
        "WITH picked AS MATERIALIZED (SELECT room, post_day, post_class FROM post_batches WHERE {DUE}{}) \
         UPDATE post_batches SET closed_at = $1 WHERE (room, post_day, post_class) IN (SELECT room, post_day, post_class \
         FROM picked) AND {DUE} RETURNING room, post_day, post_class",
        db.skip_locked()
    );
    let rows: Vec<(SiteId, NaiveDate, String)> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(now).fetch_all(c).await)?;
    for (room, ..) in &rows {
        db.after_commit(Topic::PrintRoom(room.clone()));
    }
    rows.into_iter().map(|(room, post_day, stored)| Ok(BatchKey { room, post_day, class: class(&stored)? })).collect()
}

pub async fn list(
    db: &mut Db<'_>,
    room: &SiteId,
    before: Option<(NaiveDate, PostClass)>,
    most: i32,
) -> Result<Vec<Batch>> {
    let rows: Vec<BatchRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(format!("SELECT {COLUMNS} FROM post_batches WHERE room = "));
        query.push_bind(room.clone());
        if let Some((day, class)) = before {
            query.push(" AND (post_day < ").push_bind(day).push(" OR (post_day = ").push_bind(day);
            query.push(" AND post_class > ").push_bind(class.as_str()).push("))");
        }
        query.push(" ORDER BY post_day DESC, post_class LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Batch::try_from).collect()
}

pub async fn set_counted(
    db: &mut Db<'_>,
    key: &BatchKey,
    (packs, pages): (u32, u32),
    by: UserId,
    now: DateTime<Utc>,
) -> Result<()> {
    let sql = "UPDATE post_batches SET counted_packs = $4, counted_pages = $5, counted_by = $6, counted_at = $7 \
               WHERE room = $1 AND post_day = $2 AND post_class = $3";
    let (packs, pages) = (i32::try_from(packs).unwrap_or(i32::MAX), i32::try_from(pages).unwrap_or(i32::MAX));
    execute!(db, bind_key!(sqlx::query(sql), key).bind(packs).bind(pages).bind(by).bind(now))?;
    db.after_commit(Topic::PrintRoom(key.room.clone()));
    Ok(())
}
