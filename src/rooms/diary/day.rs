//! One personal adviser's day, and where in it a meeting has room. Pure: no database, no clock.
//!
//! A meeting takes cells of five minutes: the way there before it, the meeting itself, the paperwork after it. Paperwork
//! may run past the end of a shift, which is desk work; the rest lies within working time.

use crate::rota::{DayCells, cells_of_minutes};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use startline_definition::MeetingKind;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{OfficeId, SiteId, UserId};
use std::ops::Range;

/// Meetings are offered on the quarter-hour, which people remember; they may be booked on any cell's edge.
const OFFERED_EVERY: usize = 3;
/// Shorter than this is no meeting.
const SHORTEST_MINUTES: u32 = 10;

#[derive(Debug, Clone, PartialEq)]
pub struct DiaryDay {
    pub personal_adviser: UserId,
    pub day: NaiveDate,
    pub site: SiteId,
    pub office: OfficeId,
    /// The day's first moment: where its cells are counted from.
    pub midnight: DateTime<Utc>,
    /// What of it is worked while the office or the site is open, or by a named reason: where a meeting may be of it follows from
    /// its kind, in [`super::open`].
    pub working: DayCells,
    /// What a named reason opens, whatever the hours.
    pub reasoned: DayCells,
    pub taken: DayCells,
    /// Cells taken by meetings that are no follow-ups.
    pub newcomer_cells: u32,
    /// Whether a booked meeting lay outside working time when it was made.
    pub stranded: bool,
}

/// How long a meeting takes of a diary, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    pub before: usize,
    pub contact: usize,
    pub after: usize,
}

impl Length {
    /// Of a meeting of this kind, as long as usual or as long as was asked for.
    pub fn of(kind: &MeetingKind, minutes: Option<u32>) -> Result<Self> {
        let minutes = minutes.unwrap_or(kind.minutes);
        if !minutes.is_multiple_of(5) || !(SHORTEST_MINUTES..=kind.longest_minutes).contains(&minutes) {
            let most = kind.longest_minutes;
            let reason = format!("must be from {SHORTEST_MINUTES} to {most}, in steps of five, for a {}", kind.id);
            return Err(Error::invalid("minutes", reason));
        }
        Ok(Self {
            before: cells_of_minutes(kind.travel_minutes),
            contact: cells_of_minutes(minutes),
            after: cells_of_minutes(kind.administration_after(minutes)),
        })
    }

    /// The cells that a meeting from this cell takes; none when it would begin before the day does.
    pub fn busy(&self, start: usize) -> Option<Range<usize>> {
        Some(start.checked_sub(self.before)?..start + self.contact + self.after)
    }

    pub fn contact(&self) -> TimeDelta {
        minutes(self.contact)
    }

    /// What a quota counts: contact and paperwork.
    pub fn cells(&self) -> u32 {
        u32::try_from(self.before + self.contact + self.after).unwrap_or(u32::MAX)
    }
}

pub(super) fn minutes(cells: usize) -> TimeDelta {
    crate::rota::CELL * i32::try_from(cells).unwrap_or(i32::MAX)
}

impl DiaryDay {
    /// How many free cells there are in a row, at most.
    pub fn longest_free(&self) -> usize {
        self.working.without(self.taken).longest_run()
    }

    /// Where a meeting of this length may begin. `kept` is working time that is kept from whoever asks.
    pub fn starts(&self, length: Length, kept: DayCells) -> DayCells {
        let free = self.working.without(self.taken).without(kept);
        let there_and_with_them = free.runs(length.before + length.contact).later(length.before);
        match length.after {
            0 => there_and_with_them,
            after => there_and_with_them.and(self.taken.complement().runs(after).earlier(length.contact)),
        }
    }

    /// Those of them that are offered.
    pub fn offered(&self, length: Length, kept: DayCells) -> DayCells {
        self.starts(length, kept).and(quarter_hours())
    }

    /// Whether a meeting of a kind that is no follow-up leaves the share that is kept for follow-ups.
    pub fn has_room_for_newcomers(&self, length: Length, kept_percent: u32) -> bool {
        let open_to_them = self.working.count() * (100 - kept_percent.min(100)) / 100;
        self.newcomer_cells + length.cells() <= open_to_them
    }

    pub fn take(&mut self, busy: Range<usize>, is_newcomer: bool) {
        self.newcomer_cells += if is_newcomer { count(&busy) } else { 0 };
        self.taken.add(busy);
    }

    pub fn give_back(&mut self, busy: Range<usize>, is_newcomer: bool) {
        self.newcomer_cells = self.newcomer_cells.saturating_sub(if is_newcomer { count(&busy) } else { 0 });
        self.taken.remove(busy);
    }
}

fn count(cells: &Range<usize>) -> u32 {
    u32::try_from(cells.len()).unwrap_or(u32::MAX)
}

fn quarter_hours() -> DayCells {
    let mut cells = DayCells::NONE;
    (0..crate::rota::CELLS).step_by(OFFERED_EVERY).for_each(|cell| cells.add(cell..cell + 1));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(working: DayCells, taken: DayCells) -> DiaryDay {
        DiaryDay {
            personal_adviser: UserId(uuid::Uuid::nil()),
            day: "2026-03-03".parse().unwrap(),
            site: "somerset".into(),
            office: "frome".into(),
            midnight: "2026-03-03T00:00:00Z".parse().unwrap(),
            working,
            reasoned: DayCells::NONE,
            taken,
            newcomer_cells: 0,
            stranded: false,
        }
    }

    proptest! {
        /// Cell by cell over a day: a meeting may begin exactly where the way there and the meeting itself are free working
        /// time that is not kept, and nobody else has any of the paperwork's time.
        #[test]
        fn starts_are_those_a_cell_by_cell_search_finds(
            shift in (60..150_usize, 6..110_usize), before in 0..8_usize, contact in 2..20_usize, after in 0..12_usize,
            taken in prop::collection::vec((60..260_usize, 1..14_usize), 0..8), kept in (60..260_usize, 0..20_usize)
        ) {
            let working = DayCells::from_range(shift.0..shift.0 + shift.1);
            let mut busy = DayCells::NONE;
            taken.iter().for_each(|(from, length)| busy.add(*from..from + length));
            let kept = DayCells::from_range(kept.0..kept.0 + kept.1);
            let length = Length { before, contact, after };
            let found: Vec<usize> = day(working, busy).starts(length, kept).iter().collect();
            let naive: Vec<usize> = (before..288)
                .filter(|start| {
                    let there = (start - before..start + contact).all(|c| working.has(c) && !busy.has(c) && !kept.has(c));
                    there && (start + contact..start + contact + after).all(|c| !busy.has(c))
                })
                .collect();
            prop_assert_eq!(&found, &naive);
            let offered: Vec<usize> = day(working, busy).offered(length, kept).iter().collect();
            prop_assert_eq!(offered, naive.into_iter().filter(|start| start % 3 == 0).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_share_of_the_day_is_kept_for_follow_ups() {
        let mut day = day(DayCells::from_range(108..204), DayCells::NONE);
        let meeting = Length { before: 0, contact: 9, after: 6 };
        // 96 cells of work; a quarter is kept, so 72 are open: four meetings of 15 cells, and no fifth.
        for number in 0..4 {
            assert!(day.has_room_for_newcomers(meeting, 25), "meeting {number}");
            day.take(meeting.busy(108 + number * 15).unwrap(), true);
        }
        assert!(!day.has_room_for_newcomers(meeting, 25));
        assert!(day.has_room_for_newcomers(meeting, 0));
        day.give_back(meeting.busy(108).unwrap(), true);
        assert!(day.has_room_for_newcomers(meeting, 25));
        assert_eq!(day.longest_free(), 36);
    }
}
