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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::Definition;
    use crate::diary::pattern::Shift;
    use crate::ids::UserId;
    use chrono::{NaiveTime, Weekday};
    use proptest::prelude::*;

    fn time(minutes: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0).unwrap()
    }

    fn pattern(start: u32, end: u32) -> WorkingPattern {
        WorkingPattern {
            personal_adviser: UserId::fresh(DateTime::UNIX_EPOCH),
            site: "somerset".into(),
            office: "frome".into(),
            valid_from: "2026-01-01".parse().unwrap(),
            valid_to: None,
            shifts: [Weekday::Mon, Weekday::Tue]
                .map(|day| Shift { weekday: day, start: time(start), end: time(end) })
                .into(),
        }
    }

    fn length(meeting: i64, administration: i64) -> MeetingLength {
        MeetingLength { meeting: TimeDelta::minutes(meeting), administration: TimeDelta::minutes(administration) }
    }

    proptest! {
        /// Minute by minute over a day: a start is free exactly when no minute of the meeting or of the administration
        /// after it lies in a taken cell, and the meeting ends within the shift.
        #[test]
        fn free_starts_are_those_a_minute_by_minute_search_finds(
            start in 96..132u32, cells in 6..60u32, meeting in 1..12i64, administration in 0..8i64,
            taken in prop::collection::btree_set(90..220u32, 0..30)
        ) {
            let definition = Definition::embedded();
            let place = (definition.site(&"somerset".into()).unwrap(), &definition.calendar);
            let (start, end) = (start * 5, (start + cells) * 5);
            let tuesday: NaiveDate = "2026-03-03".parse().unwrap();
            let midnight = place.1.day_bounds(tuesday).0;
            let at = |minute: i64| midnight + TimeDelta::minutes(minute);
            let busy: HashSet<_> = taken.iter().map(|cell| at(i64::from(*cell) * 5)).collect();
            let length = length(meeting * 5, administration * 5);

            let found = free_starts(&pattern(start, end), tuesday, place, length, &busy, midnight);
            let naive: Vec<_> = (i64::from(start)..i64::from(end))
                .filter(|from| (from - i64::from(start)) % 15 == 0 && from + meeting * 5 <= i64::from(end))
                .filter(|from| {
                    let minutes = *from..from + (meeting + administration) * 5;
                    minutes.into_iter().all(|minute| !taken.contains(&u32::try_from(minute / 5).unwrap()))
                })
                .map(at)
                .collect();
            prop_assert_eq!(&found, &naive);
            for start in found {
                prop_assert!(is_in_pattern(&pattern(u32::try_from((start - midnight).num_minutes()).unwrap(), end), place, length, start));
            }
        }
    }

    #[test]
    fn nine_o_clock_stays_nine_o_clock_when_the_clocks_change() {
        let definition = Definition::embedded();
        let place = (definition.site(&"somerset".into()).unwrap(), &definition.calendar);
        let first = |day: &str| {
            let day: NaiveDate = day.parse().unwrap();
            let none = HashSet::new();
            free_starts(&pattern(540, 720), day, place, length(45, 30), &none, DateTime::UNIX_EPOCH)[0]
        };
        // Summer time began on 29 March 2026.
        assert_eq!(first("2026-03-23").to_rfc3339(), "2026-03-23T09:00:00+00:00");
        assert_eq!(first("2026-03-30").to_rfc3339(), "2026-03-30T08:00:00+00:00");
    }

    #[test]
    fn nobody_is_met_on_a_bank_holiday_or_between_the_cells() {
        let definition = Definition::embedded();
        let place = (definition.site(&"somerset".into()).unwrap(), &definition.calendar);
        let easter_monday: NaiveDate = "2026-04-06".parse().unwrap();
        let none = HashSet::new();
        let free = free_starts(&pattern(540, 720), easter_monday, place, length(45, 30), &none, DateTime::UNIX_EPOCH);
        assert!(free.is_empty(), "{free:?}");
        let off_edge: DateTime<Utc> = "2026-03-03T09:02:00Z".parse().unwrap();
        assert!(!is_in_pattern(&pattern(540, 720), place, length(45, 30), off_edge));
    }
}
