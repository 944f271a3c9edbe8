//! Corrections of print rooms' reports in the database.

use super::correction::{Corrected, Correction};
use super::post::{BatchKey, PostClass};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{AssertSqlSafe, QueryBuilder};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CorrectionId, PrintJobId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

#[derive(sqlx::FromRow)]
struct CorrectionRow {
    id: CorrectionId,
    print_job_id: Option<PrintJobId>,
    room: SiteId,
    post_day: NaiveDate,
    post_class: String,
    what: String,
    was: String,
    became: String,
    corrected_by: UserId,
    corrected_at: DateTime<Utc>,
}

impl TryFrom<CorrectionRow> for Correction {
    type Error = Error;

    fn try_from(row: CorrectionRow) -> Result<Self> {
        let strange = || Error::internal(format!("correction {} is stored with a word that nobody knows", row.id));
        let class = PostClass::parse(&row.post_class).ok_or_else(strange)?;
        let what = Corrected::parse(&row.what).ok_or_else(strange)?;
        Ok(Self {
            id: row.id,
            job: row.print_job_id,
            batch: BatchKey { room: row.room, post_day: row.post_day, class },
            what,
            was: row.was,
            became: row.became,
            by: row.corrected_by,
            at: row.corrected_at,
        })
    }
}

const COLUMNS: &str = "id, print_job_id, room, post_day, post_class, what, was, became, corrected_by, corrected_at";

pub async fn insert(db: &mut Db<'_>, correction: &Correction) -> Result<()> {
    let sql = format!("INSERT INTO print_corrections ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    execute!(
        db,
        sqlx::query(AssertSqlSafe(sql))
            .bind(correction.id)
            .bind(correction.job)
            .bind(correction.batch.room.clone())
            .bind(correction.batch.post_day)
            .bind(correction.batch.class.as_str())
            .bind(correction.what.as_str())
            .bind(correction.was.clone())
            .bind(correction.became.clone())
            .bind(correction.by)
            .bind(correction.at)
    )?;
    Ok(())
}

pub async fn of_jobs(db: &mut Db<'_>, jobs: &[PrintJobId]) -> Result<Vec<Correction>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<CorrectionRow> = on_engine!(db, c => {
        let mut query =
            QueryBuilder::new(format!("SELECT {COLUMNS} FROM print_corrections WHERE print_job_id IN ("));
        let mut list = query.separated(", ");
        for job in jobs {
            list.push_bind(*job);
        }
        query.push(") ORDER BY corrected_at, id");
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Correction::try_from).collect()
}

pub async fn of_batch(db: &mut Db<'_>, batch: &BatchKey) -> Result<Vec<Correction>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM print_corrections WHERE room = $1 AND post_day = $2 AND post_class = $3 \
         ORDER BY corrected_at, id"
    );
    let rows: Vec<CorrectionRow> = on_engine!(db, c => {
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(batch.room.clone()).bind(batch.post_day);
        query.bind(batch.class.as_str()).fetch_all(c).await
    })?;
    rows.into_iter().map(Correction::try_from).collect()
}
