//! Whose call it was, erased. When it came, who answered and how long it took stay for the figures.

use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::store::{Aged, AgedPage, Db, aged, execute_among, on_engine};
use uuid::Uuid;

pub async fn over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    Ok(aged!(db, page, "SELECT id, ended_at FROM call_records WHERE erased_at IS NULL AND ended_at < $1 AND id > $2"))
}

/// The records of calls from these numbers.
pub async fn of_numbers(db: &mut Db<'_>, numbers: &[String]) -> Result<Vec<Uuid>> {
    let mut found = Vec::new();
    for number in numbers {
        let sql = "SELECT id FROM call_records WHERE caller_number = $1";
        let ids: Vec<Uuid> = on_engine!(db, c => sqlx::query_scalar(sql).bind(number).fetch_all(c).await)?;
        found.extend(ids);
    }
    Ok(found)
}

/// Whether somebody rings from one of these numbers now.
pub async fn is_ringing(db: &mut Db<'_>, numbers: &[String]) -> Result<bool> {
    for number in numbers {
        let sql = "SELECT COUNT(*) FROM calls_under_way WHERE caller_number = $1";
        let count: i64 = on_engine!(db, c => sqlx::query_scalar(sql).bind(number).fetch_one(c).await)?;
        if count > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How it came out is a text that somebody typed.
pub async fn erase(db: &mut Db<'_>, calls: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    let blank = "UPDATE call_records SET caller_number = NULL, switch_call_id = '', outcome = '', erased_at = ";
    execute_among!(db, [blank, now, " WHERE id IN"], calls);
    Ok(())
}
