//! Offices' rooms and their cells in the database.

use super::appointment::Appointment;
use super::search::RoomsTaken;
use crate::rota::cells_between;
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use startline_definition::Calendar;
use startline_foundation::error::Result;
use startline_foundation::ids::{AppointmentId, OfficeId};
use startline_foundation::store::{Db, execute, on_engine};

/// The cells of these offices' rooms that are taken between two moments, leaving out those of holds that have run out.
pub async fn taken(
    db: &mut Db<'_>,
    offices: impl Iterator<Item = &OfficeId>,
    bounds: (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Vec<(OfficeId, String, DateTime<Utc>)>> {
    Ok(on_engine!(db, c => {
        let mut query = QueryBuilder::new(
            "SELECT r.office, r.room, r.cell_start FROM room_cells r JOIN appointments a ON a.id = r.appointment_id \
             WHERE r.office IN (",
        );
        let mut list = query.separated(", ");
        for office in offices {
            list.push_bind(office.clone());
        }
        query.push(") AND r.cell_start >= ").push_bind(bounds.0).push(" AND r.cell_start < ").push_bind(bounds.1);
        query.push(" AND (a.state <> 'held' OR a.held_until > ").push_bind(now).push(")");
        query.build_query_as().fetch_all(c).await
    })?)
}

/// The same, as sets of each day's cells.
pub fn by_day(taken: Vec<(OfficeId, String, DateTime<Utc>)>, calendar: &Calendar) -> RoomsTaken {
    let mut rooms = RoomsTaken::new();
    for (office, room, start) in taken {
        let day = calendar.local_date(start);
        let cells = rooms.entry((office, room, day)).or_default();
        cells.add(cells_between(calendar.day_bounds(day).0, start, start + crate::rota::CELL));
    }
    rooms
}

/// Takes the room's cells in the order of time; false when one of them is somebody else's.
pub async fn take(db: &mut Db<'_>, appointment: &Appointment, room: &str, cells: &[DateTime<Utc>]) -> Result<bool> {
    let added = on_engine!(db, c => {
        let mut query = QueryBuilder::new("INSERT INTO room_cells (office, room, cell_start, appointment_id) ");
        query.push_values(cells, |mut row, cell| {
            row.push_bind(appointment.office.clone()).push_bind(room).push_bind(*cell).push_bind(appointment.id);
        });
        query.push(" ON CONFLICT (office, room, cell_start) DO NOTHING");
        query.build().execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(added == cells.len() as u64)
}

pub async fn give_back(db: &mut Db<'_>, id: AppointmentId) -> Result<()> {
    execute!(db, sqlx::query("DELETE FROM room_cells WHERE appointment_id = $1").bind(id))?;
    Ok(())
}
