//! Reminders that are erased.

use startline_foundation::error::Result;
use startline_foundation::store::{Aged, AgedPage, Db, aged, execute, execute_among, ids_among};
use uuid::Uuid;

/// By when the meeting was that they reminded of: before that a row keeps it from being sent twice.
pub async fn over(db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
    Ok(aged!(db, page, "SELECT id, starts_at FROM reminders WHERE starts_at < $1 AND id > $2"))
}

/// Of these reminders those that are to be sent.
pub async fn unsent(db: &mut Db<'_>, reminders: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM reminders WHERE state IN ('due', 'sending') AND id IN", reminders))
}

pub async fn of_clients(db: &mut Db<'_>, clients: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(ids_among!(db, "SELECT id FROM reminders WHERE client_id IN", clients))
}

pub async fn erase(db: &mut Db<'_>, reminders: &[Uuid]) -> Result<()> {
    execute_among!(db, "DELETE FROM reminders WHERE id IN", reminders);
    Ok(())
}

pub async fn erase_of_appointments(db: &mut Db<'_>, appointments: &[Uuid]) -> Result<()> {
    execute_among!(db, "DELETE FROM reminders WHERE appointment_id IN", appointments);
    Ok(())
}

pub async fn erase_preferences(db: &mut Db<'_>, client: Uuid) -> Result<()> {
    execute!(db, sqlx::query("DELETE FROM client_reminder_preferences WHERE client_id = $1").bind(client))?;
    Ok(())
}
