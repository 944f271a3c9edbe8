//! Free time in a personal adviser's diary. Pure: no database, no clock.
//!
//! Time is kept in cells of five minutes. A meeting takes its own cells and those of the administration after it.

use super::pattern::WorkingPattern;
use crate::definition::{Calendar, Site};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::HashSet;

pub const CELL: TimeDelta = TimeDelta::minutes(5);
/// Meetings are offered on the quarter-hour, which people remember.
const STEP: TimeDelta = TimeDelta::minutes(15);

/// How long a meeting takes of a diary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeetingLength {
    pub meeting: TimeDelta,
    /// Written up straight after; nobody else is booked into it.
    pub administration: TimeDelta,
}

impl MeetingLength {
    /// The cells taken by a meeting from `start`, in order.
    pub fn cells(&self, start: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let minutes = (self.meeting + self.administration).num_minutes();
        let cells = minutes.div_euclid(CELL.num_minutes()) + i64::from(minutes % CELL.num_minutes() != 0);
        (0..cells).map(|i| start + TimeDelta::minutes(i * CELL.num_minutes())).collect()
    }

    /// Whether a meeting from `start` lies within a shift. The administration may run past its end: it is desk work.
    pub fn fits(&self, shift: (DateTime<Utc>, DateTime<Utc>), start: DateTime<Utc>) -> bool {
        start >= shift.0 && start + self.meeting <= shift.1
    }
}

/// The starts of free meetings on one local day, in order.
pub fn free_starts(
    pattern: &WorkingPattern,
    day: NaiveDate,
    (site, calendar): (&Site, &Calendar),
    length: MeetingLength,
    taken: &HashSet<DateTime<Utc>>,
    not_before: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let mut free = Vec::new();
    for shift in pattern.shifts_on(day, site, calendar) {
        let mut start = shift.0;
        while length.fits(shift, start) {
            if start >= not_before && length.cells(start).iter().all(|cell| !taken.contains(cell)) {
                free.push(start);
            }
            start += STEP;
        }
    }
    free
}

/// Whether a meeting may be held from `start` at all: in a shift of the pattern, on a cell's edge.
pub fn is_in_pattern(
    pattern: &WorkingPattern,
    (site, calendar): (&Site, &Calendar),
    length: MeetingLength,
    start: DateTime<Utc>,
) -> bool {
    let on_edge = start.timestamp() % CELL.num_seconds() == 0 && start.timestamp_subsec_nanos() == 0;
    let day = calendar.local_date(start);
    on_edge && pattern.shifts_on(day, site, calendar).iter().any(|shift| length.fits(*shift, start))
}
