//! A personal adviser's regular hours. Kept as local wall time, so that nine o'clock stays nine o'clock when the clocks
//! change.

use crate::definition::{Calendar, Site};
use crate::error::{Error, Result};
use crate::ids::{OfficeId, SiteId, UserId};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// Shifts a week, at most: more is a mistake.
const MOST_SHIFTS: usize = 35;

#[derive(Debug, Clone, PartialEq)]
pub struct WorkingPattern {
    pub personal_adviser: UserId,
    pub site: SiteId,
    pub office: OfficeId,
    pub valid_from: NaiveDate,
    /// The last day; open-ended when none.
    pub valid_to: Option<NaiveDate>,
    pub shifts: Vec<Shift>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    pub weekday: Weekday,
    pub start: NaiveTime,
    pub end: NaiveTime,
}

impl WorkingPattern {
    pub fn check(&self) -> Result<()> {
        if self.shifts.is_empty() || self.shifts.len() > MOST_SHIFTS {
            return Err(Error::invalid("shifts", format!("must be between 1 and {MOST_SHIFTS}")));
        }
        if self.valid_to.is_some_and(|to| to < self.valid_from) {
            return Err(Error::invalid("valid_to", "is before valid_from"));
        }
        for (i, shift) in self.shifts.iter().enumerate() {
            let on_grid = |time: NaiveTime| time.minute().is_multiple_of(5) && time.second() == 0;
            if shift.start >= shift.end || !on_grid(shift.start) || !on_grid(shift.end) {
                return Err(Error::invalid(format!("shifts[{i}]"), "must end after it starts, both on five minutes"));
            }
            let overlaps =
                |other: &Shift| other.weekday == shift.weekday && other.start < shift.end && shift.start < other.end;
            if self.shifts[..i].iter().any(overlaps) {
                return Err(Error::invalid(format!("shifts[{i}]"), "overlaps another shift"));
            }
        }
        Ok(())
    }

    /// The shifts of one local day as moments, in order. A time that the clock change leaves out is left out here too.
    pub fn shifts_on(&self, day: NaiveDate, site: &Site, calendar: &Calendar) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
        let valid = day >= self.valid_from && self.valid_to.is_none_or(|to| day <= to);
        if !valid || !calendar.is_working_day(site, day) {
            return Vec::new();
        }
        let mut shifts: Vec<_> = self
            .shifts
            .iter()
            .filter(|shift| shift.weekday == day.weekday())
            .filter_map(|shift| Some((calendar.instant(day, shift.start)?, calendar.instant(day, shift.end)?)))
            .collect();
        shifts.sort_unstable();
        shifts
    }
}
