//! What is kept until a moment, when the wall clock was set while no time passed: it is kept as long as it would have been.

use super::{Db, execute, on_engine};
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AssertSqlSafe;

/// The clock was set, and shows `now` instead of `now - by`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockSet {
    pub by: TimeDelta,
    pub now: DateTime<Utc>,
}

impl ClockSet {
    /// What the clock showed before.
    pub fn before(&self) -> DateTime<Utc> {
        self.now.checked_sub_signed(self.by).unwrap_or(self.now)
    }

    /// Moves along what had not run out yet.
    pub async fn move_along(&self, db: &mut Db<'_>, table: &'static str, column: &'static str) -> Result<()> {
        let sql = format!("SELECT DISTINCT {column} FROM {table} WHERE {column} > $1 ORDER BY {column}");
        let mut moments: Vec<DateTime<Utc>> = on_engine!(db, c => {
            sqlx::query_scalar(AssertSqlSafe(sql)).bind(self.before()).fetch_all(c).await
        })?;
        // From that end from which none becomes one that is still to be moved.
        if self.by > TimeDelta::zero() {
            moments.reverse();
        }
        for moment in moments {
            let Some(moved) = moment.checked_add_signed(self.by) else { continue };
            let sql = format!("UPDATE {table} SET {column} = $1 WHERE {column} = $2");
            execute!(db, sqlx::query(AssertSqlSafe(sql)).bind(moved).bind(moment))?;
        }
        Ok(())
    }
}
