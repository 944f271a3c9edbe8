//! What somebody works on one day: the pattern that holds, less what blocks it. Advisers work on days on which their site does;
//! a personal adviser's office may be open on others, but for days that are closed to all. Pure.

use super::block::{Block, BlockKind};
use super::cells::{DayCells, cells_between};
use super::pattern::{Activity, Pattern, current, moments, people};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Calendar, Site};
use startline_foundation::ids::{OfficeId, UserId};

/// The patterns and blocks of a site's people.
#[derive(Debug, Clone, Default)]
pub struct Rota {
    pub patterns: Vec<Pattern>,
    pub blocks: Vec<Block>,
}

/// One person's day.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkingDay {
    /// Where a personal adviser is that day.
    pub office: Option<OfficeId>,
    /// The moment the local day begins: where its cells are counted from.
    pub midnight: DateTime<Utc>,
    /// What a named reason opens, whatever the hours of the office.
    pub reasoned: DayCells,
    hours: [DayCells; 3],
}

impl WorkingDay {
    /// The cells worked with this activity.
    pub fn cells(&self, activity: Activity) -> DayCells {
        self.hours[activity as usize]
    }

    pub fn is_off(&self) -> bool {
        self.hours.iter().all(DayCells::is_empty)
    }
}

impl Rota {
    pub fn people(&self) -> impl Iterator<Item = UserId> + use<> {
        people(&self.patterns).into_iter()
    }

    /// Where one person is on a day, of a pattern that holds then.
    pub fn office_on(&self, user: UserId, day: NaiveDate) -> Option<&OfficeId> {
        current(&self.patterns, user, day)?.office.as_ref()
    }

    /// What one person works on one day. None when no pattern of theirs holds.
    pub fn day(&self, user: UserId, day: NaiveDate, (site, calendar): (&Site, &Calendar)) -> Option<WorkingDay> {
        let pattern = current(&self.patterns, user, day)?;
        let midnight = calendar.day_bounds(day).0;
        let office = pattern.office.clone();
        let (reasoned, hours) = (DayCells::NONE, [DayCells::NONE; 3]);
        let mut working = WorkingDay { office, midnight, reasoned, hours };
        let is_off = match working.office {
            Some(_) => calendar.is_closed_to_all(site, day),
            None => !calendar.is_working_day(site, day),
        };
        if is_off {
            return Some(working);
        }
        let cells = |times| {
            let (start, end) = times;
            moments(calendar, day, start, end).map_or(0..0, |(from, until)| cells_between(midnight, from, until))
        };
        for shift in pattern.shifts_on(day) {
            let hours = &mut working.hours[shift.activity as usize];
            hours.add(cells((shift.start, shift.end)));
            if pattern.outside_hours.is_some() {
                working.reasoned.add(cells((shift.start, shift.end)));
            }
            for pause in &shift.breaks {
                hours.remove(cells((pause.start, pause.end)));
            }
        }
        let (extra, blocking): (Vec<&Block>, Vec<&Block>) = self
            .blocks
            .iter()
            .filter(|block| block.touches(user, working.office.as_ref(), day))
            .partition(|block| block.kind == BlockKind::ExtraHours);
        // Extra hours are of the kind that the person mostly does.
        let main = pattern.shifts.first().map_or(Activity::Meetings, |shift| shift.activity);
        for (block, times) in extra.iter().filter_map(|block| Some((block, block.times?))) {
            working.hours[main as usize].add(cells(times));
            if !block.outside_hours_reason.is_empty() {
                working.reasoned.add(cells(times));
            }
        }
        for block in blocking {
            for hours in &mut working.hours {
                match block.times {
                    Some(times) => hours.remove(cells(times)),
                    None => *hours = DayCells::NONE,
                }
            }
        }
        Some(working)
    }
}

#[cfg(test)]
#[path = "day_tests.rs"]
mod tests;
