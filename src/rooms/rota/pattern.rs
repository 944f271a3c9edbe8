//! Somebody's regular hours. Kept as local wall time, so that nine o'clock stays nine o'clock when the clocks change.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc, Weekday};
use serde::{Deserialize, Serialize};
use startline_definition::Calendar;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{OfficeId, SiteId, UserId};
use std::collections::BTreeSet;

/// Shifts a pattern, at most: more is a mistake.
const MOST_SHIFTS: usize = 70;
const MOST_BREAKS: usize = 6;
/// Patterns repeat weekly or fortnightly.
const MOST_WEEKS: u32 = 2;

/// The hours somebody works from one day on, week after week or fortnight after fortnight.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    pub user: UserId,
    pub site: SiteId,
    /// Where a personal adviser meets clients; none for advisers, who sit at their call centre.
    pub office: Option<OfficeId>,
    pub valid_from: NaiveDate,
    /// The last day; open-ended when none.
    pub valid_to: Option<NaiveDate>,
    /// After how many weeks it repeats: 1 or 2. The first week is the one that `valid_from` is in.
    pub weeks: u32,
    pub shifts: Vec<Shift>,
    /// Why some of it lies outside the hours of the office; none where nothing does.
    pub outside_hours: Option<OutsideHours>,
}

/// That somebody works outside the hours of their office: why, who said so and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideHours {
    pub reason: String,
    pub said_by: UserId,
    pub said_at: DateTime<Utc>,
}

/// What a shift is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// Meeting clients.
    #[default]
    Meetings,
    /// Making call-backs.
    Outbound,
    /// Taking calls.
    Inbound,
}

/// A stretch of one weekday, in local wall time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    pub weekday: Weekday,
    /// Of a fortnightly pattern: in the first week or the second; in both when none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week: Option<u32>,
    pub start: NaiveTime,
    pub end: NaiveTime,
    #[serde(default)]
    pub activity: Activity,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<Break>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Break {
    pub start: NaiveTime,
    pub end: NaiveTime,
}

impl Pattern {
    /// # Errors
    /// The first field that cannot be, and what would be right.
    pub fn check(&self) -> Result<()> {
        if self.shifts.is_empty() || self.shifts.len() > MOST_SHIFTS {
            return Err(Error::invalid("shifts", format!("must be between 1 and {MOST_SHIFTS}")));
        }
        if !(1..=MOST_WEEKS).contains(&self.weeks) {
            return Err(Error::invalid("weeks", "must be 1 or 2: patterns repeat weekly or fortnightly"));
        }
        if self.valid_to.is_some_and(|to| to < self.valid_from) {
            return Err(Error::invalid("valid_to", "is before valid_from"));
        }
        for (i, shift) in self.shifts.iter().enumerate() {
            shift.check(i, self.weeks)?;
            if self.shifts[..i].iter().any(|other| other.overlaps(shift)) {
                return Err(Error::invalid(format!("shifts[{i}]"), "overlaps another shift"));
            }
        }
        Ok(())
    }

    pub fn holds_on(&self, day: NaiveDate) -> bool {
        day >= self.valid_from && self.valid_to.is_none_or(|to| day <= to)
    }

    /// The shifts that fall on a day on which the pattern holds.
    pub(super) fn shifts_on(&self, day: NaiveDate) -> impl Iterator<Item = &Shift> {
        let monday = |day: NaiveDate| day.week(Weekday::Mon).first_day();
        let week = (monday(day) - monday(self.valid_from)).num_weeks().rem_euclid(i64::from(self.weeks.max(1))) + 1;
        self.shifts
            .iter()
            .filter(move |shift| shift.weekday == day.weekday() && shift.week.is_none_or(|w| i64::from(w) == week))
    }
}

impl Shift {
    fn check(&self, i: usize, weeks: u32) -> Result<()> {
        let here = || format!("shifts[{i}]");
        if !is_stretch(self.start, self.end) {
            return Err(Error::invalid(here(), "must end after it starts, both on five minutes"));
        }
        if self.week.is_some_and(|week| !(1..=weeks).contains(&week)) {
            return Err(Error::invalid(format!("shifts[{i}].week"), "is not a week of this pattern"));
        }
        if self.breaks.len() > MOST_BREAKS {
            return Err(Error::invalid(format!("shifts[{i}].breaks"), format!("are more than {MOST_BREAKS}")));
        }
        for (j, pause) in self.breaks.iter().enumerate() {
            let inside = pause.start >= self.start && pause.end <= self.end;
            if !is_stretch(pause.start, pause.end) || !inside {
                let reason = "must lie within its shift, end after it starts, both on five minutes";
                return Err(Error::invalid(format!("shifts[{i}].breaks[{j}]"), reason));
            }
        }
        Ok(())
    }

    fn overlaps(&self, other: &Self) -> bool {
        let same_week = self.week.is_none() || other.week.is_none() || self.week == other.week;
        same_week && self.weekday == other.weekday && self.start < other.end && other.start < self.end
    }
}

/// Whether a stretch of wall time ends after it starts, both on the edge of a cell.
pub(super) fn is_stretch(start: NaiveTime, end: NaiveTime) -> bool {
    let on_edge = |time: NaiveTime| time.minute().is_multiple_of(5) && time.second() == 0;
    start < end && on_edge(start) && on_edge(end)
}

/// The pattern of this person that holds on a day: of those that do, the one that began last.
pub(super) fn current(patterns: &[Pattern], user: UserId, day: NaiveDate) -> Option<&Pattern> {
    patterns.iter().filter(|pattern| pattern.user == user && pattern.holds_on(day)).max_by_key(|p| p.valid_from)
}

/// The people with a pattern among these, each once, in order.
pub(super) fn people(patterns: &[Pattern]) -> BTreeSet<UserId> {
    patterns.iter().map(|pattern| pattern.user).collect()
}

/// A stretch of wall time on one day as moments. A time that the clock change leaves out is taken as the first moment
/// after it; of a time that comes twice, the stretch begins at the first and ends at the second. None when nothing is left.
pub(super) fn moments(
    calendar: &Calendar,
    day: NaiveDate,
    start: NaiveTime,
    end: NaiveTime,
) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let (from, until) = (calendar.first_at_or_after(day, start)?, calendar.last_at_or_after(day, end)?);
    (from < until).then_some((from, until))
}
