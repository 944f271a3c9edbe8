//! Personal advisers' days in the database.

use super::day::DiaryDay;
use crate::rota::DayCells;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{AssertSqlSafe, QueryBuilder};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{DefinitionVersion, OfficeId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};
use std::collections::HashMap;

#[derive(sqlx::FromRow)]
struct DayRow {
    personal_adviser_id: UserId,
    day: NaiveDate,
    site: SiteId,
    office: OfficeId,
    midnight: DateTime<Utc>,
    working_cells: Vec<u8>,
    taken_cells: Vec<u8>,
    newcomer_cells: i32,
    reasoned_cells: Option<Vec<u8>>,
    stranded: bool,
}

impl TryFrom<DayRow> for DiaryDay {
    type Error = Error;

    fn try_from(row: DayRow) -> Result<Self> {
        let cells = |bytes: &[u8]| {
            DayCells::from_bytes(bytes).ok_or_else(|| Error::internal("a diary day has cells of another length"))
        };
        Ok(Self {
            working: cells(&row.working_cells)?,
            taken: cells(&row.taken_cells)?,
            // Days that were made before offices had hours have none.
            reasoned: row.reasoned_cells.as_deref().map_or(Ok(DayCells::NONE), cells)?,
            stranded: row.stranded,
            personal_adviser: row.personal_adviser_id,
            day: row.day,
            site: row.site,
            office: row.office,
            midnight: row.midnight,
            newcomer_cells: u32::try_from(row.newcomer_cells).unwrap_or(0),
        })
    }
}

const COLUMNS: &str = "personal_adviser_id, day, site, office, midnight, working_cells, taken_cells, newcomer_cells, \
    reasoned_cells, stranded";

/// The days of these personal advisers of a site, from the first up to but not including the last, on which so many cells in
/// a row are free.
pub async fn with_room(
    db: &mut Db<'_>,
    site: &SiteId,
    people: &[UserId],
    days: (NaiveDate, NaiveDate),
    cells: usize,
) -> Result<Vec<DiaryDay>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let cells = i32::try_from(cells).unwrap_or(i32::MAX);
    let rows: Vec<DayRow> = on_engine!(db, c => {
        let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM diary_days WHERE site = "));
        query.push_bind(site.clone()).push(" AND day >= ").push_bind(days.0).push(" AND day < ").push_bind(days.1);
        query.push(" AND longest_free >= ").push_bind(cells).push(" AND personal_adviser_id IN (");
        let mut list = query.separated(", ");
        for person in people {
            list.push_bind(*person);
        }
        query.push(")");
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(DiaryDay::try_from).collect()
}

pub async fn one(db: &mut Db<'_>, personal_adviser: UserId, day: NaiveDate) -> Result<Option<DiaryDay>> {
    read(db, personal_adviser, day, "").await
}

/// The day, kept from others until the transaction ends.
pub async fn for_update(db: &mut Db<'_>, personal_adviser: UserId, day: NaiveDate) -> Result<Option<DiaryDay>> {
    let lock = db.for_update();
    read(db, personal_adviser, day, lock).await
}

async fn read(db: &mut Db<'_>, person: UserId, day: NaiveDate, lock: &str) -> Result<Option<DiaryDay>> {
    let sql = format!("SELECT {COLUMNS} FROM diary_days WHERE personal_adviser_id = $1 AND day = $2{lock}");
    let row: Option<DayRow> = on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(person).bind(day).fetch_optional(c).await
    })?;
    row.map(DiaryDay::try_from).transpose()
}

/// Writes what is taken of a day that was read for update.
pub async fn save_taken(db: &mut Db<'_>, day: &DiaryDay) -> Result<()> {
    let sql = "UPDATE diary_days SET taken_cells = $1, newcomer_cells = $2, longest_free = $3 \
               WHERE personal_adviser_id = $4 AND day = $5";
    execute!(
        db,
        sqlx::query(sql)
            .bind(day.taken.to_bytes().to_vec())
            .bind(i32::try_from(day.newcomer_cells).unwrap_or(i32::MAX))
            .bind(i32::try_from(day.longest_free()).unwrap_or(i32::MAX))
            .bind(day.personal_adviser)
            .bind(day.day)
    )?;
    Ok(())
}

/// The days of one person between two days, both included, kept from others until the transaction ends.
pub async fn of_person(
    db: &mut Db<'_>,
    personal_adviser: UserId,
    days: (NaiveDate, NaiveDate),
) -> Result<Vec<DiaryDay>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM diary_days WHERE personal_adviser_id = $1 AND day >= $2 AND day <= $3 ORDER BY day{}",
        db.for_update()
    );
    let rows: Vec<DayRow> = on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(personal_adviser).bind(days.0).bind(days.1).fetch_all(c).await
    })?;
    rows.into_iter().map(DiaryDay::try_from).collect()
}

/// Rows an INSERT takes at once: SQLite has 32,766 parameters for one statement.
const ROWS_AT_ONCE: usize = 500;

/// Puts days in place of those that are there.
pub async fn put(db: &mut Db<'_>, days: &[DiaryDay]) -> Result<()> {
    for some in days.chunks(ROWS_AT_ONCE) {
        on_engine!(db, c => {
            let mut query = QueryBuilder::new(format!("INSERT INTO diary_days ({COLUMNS}, longest_free) "));
            query.push_values(some, |mut row, day| {
                row.push_bind(day.personal_adviser)
                    .push_bind(day.day)
                    .push_bind(day.site.clone())
                    .push_bind(day.office.clone())
                    .push_bind(day.midnight)
                    .push_bind(day.working.to_bytes().to_vec())
                    .push_bind(day.taken.to_bytes().to_vec())
                    .push_bind(i32::try_from(day.newcomer_cells).unwrap_or(i32::MAX))
                    .push_bind((!day.reasoned.is_empty()).then(|| day.reasoned.to_bytes().to_vec()))
                    .push_bind(day.stranded)
                    .push_bind(i32::try_from(day.longest_free()).unwrap_or(i32::MAX));
            });
            query.push(
                " ON CONFLICT (personal_adviser_id, day) DO UPDATE SET site = excluded.site, office = excluded.office, \
                 midnight = excluded.midnight, working_cells = excluded.working_cells, \
                 taken_cells = excluded.taken_cells, newcomer_cells = excluded.newcomer_cells, \
                 reasoned_cells = excluded.reasoned_cells, \
                 longest_free = excluded.longest_free, stranded = excluded.stranded",
            );
            query.build().execute(c).await.map(|done| done.rows_affected())
        })?;
    }
    Ok(())
}

/// Forgets days that are over.
pub async fn forget_before(db: &mut Db<'_>, day: NaiveDate) -> Result<u64> {
    let sql = format!(
        "DELETE FROM diary_days WHERE (personal_adviser_id, day) IN \
         (SELECT personal_adviser_id, day FROM diary_days WHERE day < $1{})",
        db.skip_locked()
    );
    Ok(execute!(db, sqlx::query(sqlx::AssertSqlSafe(sql)).bind(day))?)
}

/// How far each diary is made, and by which definition.
pub async fn reach(db: &mut Db<'_>) -> Result<HashMap<UserId, (NaiveDate, DefinitionVersion)>> {
    let sql = "SELECT personal_adviser_id, made_until, definition_version FROM diary_reach";
    let rows: Vec<(UserId, NaiveDate, DefinitionVersion)> =
        on_engine!(db, c => sqlx::query_as(sql).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(person, until, version)| (person, (until, version))).collect())
}

pub async fn set_reach(
    db: &mut Db<'_>,
    personal_adviser: UserId,
    until: NaiveDate,
    version: &DefinitionVersion,
) -> Result<()> {
    let sql = "INSERT INTO diary_reach (personal_adviser_id, made_until, definition_version) VALUES ($1, $2, $3) \
               ON CONFLICT (personal_adviser_id) DO UPDATE SET made_until = excluded.made_until, \
               definition_version = excluded.definition_version";
    execute!(db, sqlx::query(sql).bind(personal_adviser).bind(until).bind(version.clone()))?;
    Ok(())
}

/// The days of a site from one on, on which a booked meeting lay outside working time when they were made.
pub async fn stranded(db: &mut Db<'_>, site: &SiteId, from: NaiveDate, most: i32) -> Result<Vec<DiaryDay>> {
    let sql =
        format!("SELECT {COLUMNS} FROM diary_days WHERE site = $1 AND day >= $2 AND stranded ORDER BY day LIMIT $3");
    let rows: Vec<DayRow> = on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(site.clone()).bind(from).bind(most).fetch_all(c).await
    })?;
    rows.into_iter().map(DiaryDay::try_from).collect()
}
