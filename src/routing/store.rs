//! Call records in the database: what became of each call, once the floor has let go of it.

use super::{CallRecord, Finished};
use crate::error::Result;
use crate::store::{Db, execute};

pub async fn keep(db: &mut Db<'_>, finished: &Finished) -> Result<()> {
    match finished {
        Finished::Call(record) => insert(db, record).await,
        Finished::Outcome { call, outcome } => {
            let sql = "UPDATE call_records SET outcome = $1 WHERE id = $2";
            execute!(db, sqlx::query(sql).bind(outcome).bind(*call))?;
            Ok(())
        }
        Finished::Staffing(_) => Ok(()),
    }
}

/// A record that is there already stays as it is: it was written before its acknowledgement was lost.
async fn insert(db: &mut Db<'_>, record: &CallRecord) -> Result<()> {
    let sql = "INSERT INTO call_records (id, switch_call_id, caller_number, home_site, handled_site, adviser_id, \
               entered_at, answered_at, ended_at, ended_how, wait_ms, talk_ms, wrap_up_ms, outcome) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (id) DO NOTHING";
    let milliseconds = |ms: u64| i64::try_from(ms).unwrap_or(i64::MAX);
    let by = record.handled_by.as_ref();
    execute!(
        db,
        sqlx::query(sql)
            .bind(record.card.call)
            .bind(record.card.switch_call_id.as_ref())
            .bind(record.card.caller.as_deref())
            .bind(record.card.home.clone())
            .bind(by.map(|adviser| adviser.site.clone()))
            .bind(by.map(|adviser| adviser.id))
            .bind(record.card.entered_at)
            .bind(record.answered_at)
            .bind(record.ended_at)
            .bind(record.how.name())
            .bind(milliseconds(record.wait_ms))
            .bind(milliseconds(record.talk_ms))
            .bind(milliseconds(record.wrap_up_ms))
            .bind(record.outcome.as_deref().unwrap_or_default())
    )?;
    Ok(())
}
