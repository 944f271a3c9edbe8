//! Patterns and blocks in the database.

use super::block::{Block, BlockKind, Whose};
use super::pattern::{OutsideHours, Pattern, Shift};
use crate::access::Context;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::{Event, Topic};
use startline_foundation::ids::{BlockId, OfficeId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

#[derive(sqlx::FromRow)]
struct PatternRow {
    user_id: UserId,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    site: SiteId,
    office: Option<OfficeId>,
    weeks: i32,
    shifts: Json<Vec<Shift>>,
    outside_reason: Option<String>,
    outside_by: Option<UserId>,
    outside_at: Option<DateTime<Utc>>,
}

impl From<PatternRow> for Pattern {
    fn from(row: PatternRow) -> Self {
        Self {
            user: row.user_id,
            site: row.site,
            office: row.office,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            weeks: u32::try_from(row.weeks).unwrap_or(1),
            shifts: row.shifts.0,
            outside_hours: row
                .outside_reason
                .zip(row.outside_by.zip(row.outside_at))
                .map(|(reason, (said_by, said_at))| OutsideHours { reason, said_by, said_at }),
        }
    }
}

const PATTERN: &str = "user_id, valid_from, valid_to, site, office, weeks, shifts, \
    outside_reason, outside_by, outside_at";

/// Whoever looks at their days is told; and who is kept for a call-back may be somebody else now.
fn tell(db: &mut Db<'_>, whose: &Whose) {
    match whose {
        Whose::One(user) => db.after_commit(Topic::Person(*user)),
        Whose::Office(office) => db.after_commit(Topic::Office(office.clone())),
        Whose::Site => {}
    }
    db.after_commit(Event::CommitmentsChanged);
}

pub async fn save_pattern(db: &mut Db<'_>, pattern: &Pattern) -> Result<()> {
    let sql = format!(
        "INSERT INTO working_patterns ({PATTERN}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (user_id, valid_from) DO UPDATE SET valid_to = excluded.valid_to, site = excluded.site, \
         office = excluded.office, weeks = excluded.weeks, shifts = excluded.shifts, \
         outside_reason = excluded.outside_reason, outside_by = excluded.outside_by, outside_at = excluded.outside_at"
    );
    let outside = pattern.outside_hours.as_ref();
    execute!(
        db,
        sqlx::query(AssertSqlSafe(sql))
            .bind(pattern.user)
            .bind(pattern.valid_from)
            .bind(pattern.valid_to)
            .bind(pattern.site.clone())
            .bind(pattern.office.clone())
            .bind(i32::try_from(pattern.weeks).unwrap_or(1))
            .bind(Json(&pattern.shifts))
            .bind(outside.map(|outside| outside.reason.as_str()))
            .bind(outside.map(|outside| outside.said_by))
            .bind(outside.map(|outside| outside.said_at))
    )?;
    tell(db, &Whose::One(pattern.user));
    Ok(())
}

pub async fn patterns_of_site(db: &mut Db<'_>, site: &SiteId) -> Result<Vec<Pattern>> {
    let sql = format!("SELECT {PATTERN} FROM working_patterns WHERE site = $1 ORDER BY user_id, valid_from");
    let rows: Vec<PatternRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(site.clone()).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Pattern::from).collect())
}

pub async fn patterns_of_person(db: &mut Db<'_>, user: UserId) -> Result<Vec<Pattern>> {
    let sql = format!("SELECT {PATTERN} FROM working_patterns WHERE user_id = $1 ORDER BY valid_from");
    let rows: Vec<PatternRow> = on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(user).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Pattern::from).collect())
}

#[derive(sqlx::FromRow)]
struct BlockRow {
    id: BlockId,
    site: SiteId,
    office: Option<OfficeId>,
    user_id: Option<UserId>,
    kind: String,
    first_day: NaiveDate,
    last_day: NaiveDate,
    start_time: Option<NaiveTime>,
    end_time: Option<NaiveTime>,
    note: String,
    outside_reason: String,
    made_by: UserId,
    made_at: DateTime<Utc>,
}

impl TryFrom<BlockRow> for Block {
    type Error = Error;

    fn try_from(row: BlockRow) -> Result<Self> {
        let kind = BlockKind::parse(&row.kind);
        Ok(Self {
            kind: kind.ok_or_else(|| Error::internal(format!("a block is of the unknown kind {}", row.kind)))?,
            whose: match (row.user_id, row.office) {
                (Some(user), _) => Whose::One(user),
                (None, Some(office)) => Whose::Office(office),
                (None, None) => Whose::Site,
            },
            id: row.id,
            site: row.site,
            first_day: row.first_day,
            last_day: row.last_day,
            times: row.start_time.zip(row.end_time),
            note: row.note,
            outside_hours_reason: row.outside_reason,
            made_by: row.made_by,
            made_at: row.made_at,
        })
    }
}

const BLOCK: &str = "id, site, office, user_id, kind, first_day, last_day, start_time, end_time, note, outside_reason, made_by, made_at";

pub async fn insert_block(db: &mut Db<'_>, block: &Block) -> Result<()> {
    let sql =
        format!("INSERT INTO rota_blocks ({BLOCK}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
    let (user, office) = match &block.whose {
        Whose::One(user) => (Some(*user), None),
        Whose::Office(office) => (None, Some(office.clone())),
        Whose::Site => (None, None),
    };
    execute!(
        db,
        sqlx::query(AssertSqlSafe(sql))
            .bind(block.id)
            .bind(block.site.clone())
            .bind(office)
            .bind(user)
            .bind(block.kind.as_str())
            .bind(block.first_day)
            .bind(block.last_day)
            .bind(block.times.map(|times| times.0))
            .bind(block.times.map(|times| times.1))
            .bind(&block.note)
            .bind(&block.outside_hours_reason)
            .bind(block.made_by)
            .bind(block.made_at)
    )?;
    tell(db, &block.whose);
    Ok(())
}

/// The block, if it stood until now.
pub async fn remove_block(db: &mut Db<'_>, id: BlockId, context: &Context) -> Result<Option<Block>> {
    let sql = format!(
        "UPDATE rota_blocks SET removed_at = $1, removed_by = $2 WHERE id = $3 AND removed_at IS NULL RETURNING {BLOCK}"
    );
    let row: Option<BlockRow> = on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(context.now).bind(context.user.id).bind(id).fetch_optional(c).await
    })?;
    let removed = row.map(Block::try_from).transpose()?;
    if let Some(block) = &removed {
        tell(db, &block.whose);
    }
    Ok(removed)
}

pub async fn block(db: &mut Db<'_>, id: BlockId) -> Result<Option<Block>> {
    let sql = format!("SELECT {BLOCK} FROM rota_blocks WHERE id = $1 AND removed_at IS NULL");
    let row: Option<BlockRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Block::try_from).transpose()
}

pub async fn blocks_of_site(db: &mut Db<'_>, site: &SiteId, days: (NaiveDate, NaiveDate)) -> Result<Vec<Block>> {
    let sql = format!(
        "SELECT {BLOCK} FROM rota_blocks WHERE site = $1 AND removed_at IS NULL AND last_day >= $2 AND first_day <= $3 \
         ORDER BY first_day, id"
    );
    let rows: Vec<BlockRow> = on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(site.clone()).bind(days.0).bind(days.1).fetch_all(c).await
    })?;
    rows.into_iter().map(Block::try_from).collect()
}
