//! Printers, and what their rooms have to do, in the database.

use super::printer::{Printer, PrinterState};
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use startline_foundation::error::Result;
use startline_foundation::events::Topic;
use startline_foundation::ids::SiteId;
use startline_foundation::store::{Db, execute, on_engine};

pub async fn save(db: &mut Db<'_>, room: &SiteId, printer: &Printer) -> Result<()> {
    let sql = "INSERT INTO printers (room, name, state, reasons, seen_at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (room, name) DO UPDATE SET state = excluded.state, reasons = excluded.reasons, \
               seen_at = excluded.seen_at";
    execute!(
        db,
        sqlx::query(sql)
            .bind(room.clone())
            .bind(printer.name.clone())
            .bind(printer.state.as_str())
            .bind(Json(printer.reasons.clone()))
            .bind(printer.seen_at)
    )?;
    db.after_commit(Topic::PrintRoom(room.clone()));
    Ok(())
}

pub async fn of_room(db: &mut Db<'_>, room: &SiteId) -> Result<Vec<Printer>> {
    type Row = (String, String, Json<Vec<String>>, DateTime<Utc>);
    let sql = "SELECT name, state, reasons, seen_at FROM printers WHERE room = $1 ORDER BY name";
    let rows: Vec<Row> = on_engine!(db, c => sqlx::query_as(sql).bind(room.clone()).fetch_all(c).await)?;
    let read = |(name, state, reasons, seen_at): Row| Printer {
        name,
        state: PrinterState::parse(&state).unwrap_or(PrinterState::Gone),
        reasons: reasons.0,
        seen_at,
    };
    Ok(rows.into_iter().map(read).collect())
}

/// How many jobs that are not yet in the post are in each state of each room, and when the oldest of them was queued.
pub async fn unposted(db: &mut Db<'_>) -> Result<Vec<(SiteId, String, i64, DateTime<Utc>)>> {
    let sql = "SELECT room, state, COUNT(*), MIN(queued_at) FROM print_jobs \
               WHERE state IN ('queued', 'leased', 'printing', 'printed') GROUP BY room, state ORDER BY room, state";
    Ok(on_engine!(db, c => sqlx::query_as(sql).fetch_all(c).await)?)
}

/// How many jobs of a room are in each state.
pub async fn open_counts(db: &mut Db<'_>, room: &SiteId) -> Result<Vec<(String, i64, i64)>> {
    let sql = "SELECT state, COUNT(*), CAST(SUM(last_page - first_page + 1) AS BIGINT) FROM print_jobs \
               WHERE room = $1 AND state IN ('queued', 'leased', 'printing', 'printed') GROUP BY state ORDER BY state";
    let rows: Vec<(String, i64, i64)> = on_engine!(db, c => sqlx::query_as(sql).bind(room.clone()).fetch_all(c).await)?;
    Ok(rows)
}
