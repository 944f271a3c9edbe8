//! Which free times a client is offered, and in which order. Pure: no database, no clock.
//!
//! Within the standard before later ones; then as many wishes met as can be, the personal adviser they know among them
//! (the date beats continuity, unless the client insists); then within the days that are aimed at, then the nearest office, then
//! the earliest.

use super::day::{DiaryDay, Length};
use super::open::{self, Where};
use super::wishes::{Fit, Known, Wish, Wishes};
use crate::rota::{DayCells, cell_start, cells_between};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Calendar, DiaryRules, MeetingKind, Site};
use startline_foundation::ids::{OfficeId, UserId};
use std::collections::HashMap;

/// Free time for a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub personal_adviser: UserId,
    pub personal_adviser_name: String,
    pub office: OfficeId,
    /// The room they would have, when they wish for one and it is free.
    pub room: Option<String>,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// So many working days after the start-up call, as the standard says.
    pub within_standard: bool,
    /// So many as are aimed at.
    pub within_aim: bool,
    /// How it fares on each wish.
    pub fits: Vec<Fit>,
    /// The earliest of those found.
    pub is_earliest: bool,
}

impl Slot {
    /// The wishes it does not meet; the standard and the nearest office have their own places in the order.
    pub fn unmet(&self) -> usize {
        let counts = |fit: &&Fit| !fit.is_met && !matches!(fit.wish, Wish::Standard | Wish::Office);
        self.fits.iter().filter(counts).count()
    }
}

/// The cells of offices' rooms that are taken on a day.
pub type RoomsTaken = HashMap<(OfficeId, String, NaiveDate), DayCells>;

/// Everything a search rests on.
pub struct Search<'a> {
    pub rules: &'a DiaryRules,
    pub calendar: &'a Calendar,
    pub site: &'a Site,
    pub kind: &'a MeetingKind,
    pub length: Length,
    pub wishes: &'a Wishes,
    /// Whom the client knows, or asked for.
    pub preferred: Option<UserId>,
    pub people: HashMap<UserId, Known>,
    /// Offices by nearness; those that are not here are not searched.
    pub near: HashMap<OfficeId, usize>,
    pub rooms_taken: RoomsTaken,
    pub not_before: DateTime<Utc>,
    pub now: DateTime<Utc>,
    /// The last day that meets the standard.
    pub standard_until: NaiveDate,
    /// The last day that is aimed at.
    pub aim_until: NaiveDate,
}

impl Search<'_> {
    /// Whose days are worth reading, in order.
    pub fn allowed(&self) -> Vec<UserId> {
        let mut allowed: Vec<UserId> =
            self.people.keys().copied().filter(|id| self.wishes.allows(*id, self.preferred)).collect();
        allowed.sort_unstable();
        allowed
    }

    /// Every time this day offers.
    pub fn slots_on(&self, day: &DiaryDay) -> Vec<Slot> {
        let Some(rank) = self.near.get(&day.office) else { return Vec::new() };
        let Some(known) = self.people.get(&day.personal_adviser) else { return Vec::new() };
        if !self.wishes.allows(day.personal_adviser, self.preferred) {
            return Vec::new();
        }
        let day = &self.open(day);
        if !self.has_quota(day) {
            return Vec::new();
        }
        let offered = day.offered(self.length, self.kept(day.day, day.midnight));
        if offered.is_empty() {
            return Vec::new();
        }
        let of_person = self.wishes.of_person(day.personal_adviser, known, self.preferred);
        let offered = offered.iter().map(|cell| (cell, cell_start(day.midnight, cell)));
        offered
            .filter(|(_, start)| *start >= self.not_before)
            .map(|(cell, start)| self.slot(day, known, cell, start, *rank, &of_person))
            .collect()
    }

    /// The day with only the working time in which such a meeting may be: that of the office, or the site's for a visit.
    pub fn open(&self, day: &DiaryDay) -> DiaryDay {
        open::day_for((self.rules, self.calendar, self.site), day, Where::of(self.kind))
    }

    fn slot(
        &self,
        day: &DiaryDay,
        known: &Known,
        cell: usize,
        start: DateTime<Utc>,
        rank: usize,
        of_person: &[Fit],
    ) -> Slot {
        let end = start + self.length.contact();
        let within_standard = day.day <= self.standard_until;
        let mut fits = vec![Fit { wish: Wish::Standard, is_met: within_standard }];
        fits.extend_from_slice(of_person);
        let mut room = None;
        if self.wishes.needs_room() && !self.kind.at_home {
            let office = self.rules.rooms_of(&day.office);
            room = self.room_for(day, cell);
            if self.wishes.private_room {
                fits.push(Fit { wish: Wish::PrivateRoom, is_met: room.is_some() });
            }
            if self.wishes.ground_floor {
                let upstairs = room
                    .as_ref()
                    .is_some_and(|id| office.rooms.iter().any(|room| room.id == *id && !room.ground_floor));
                let is_met = !upstairs && (room.is_some() || office.desks_on_ground_floor);
                fits.push(Fit { wish: Wish::GroundFloor, is_met });
            }
        }
        if !self.wishes.unsuitable.is_empty() {
            let zone = self.calendar.timezone;
            let is_met = !self.wishes.unsuitable.iter().any(|time| time.hits(zone, start, end));
            fits.push(Fit { wish: Wish::Times, is_met });
        }
        fits.push(Fit { wish: Wish::Office, is_met: rank == 0 });
        Slot {
            personal_adviser: day.personal_adviser,
            personal_adviser_name: known.name.clone(),
            office: day.office.clone(),
            room,
            start,
            end,
            within_standard,
            within_aim: day.day <= self.aim_until,
            fits,
            is_earliest: false,
        }
    }

    /// The room that serves the wishes and is free: one on the ground floor when that is wished for, and no scarce
    /// ground-floor room otherwise while there is another.
    fn room_for(&self, day: &DiaryDay, cell: usize) -> Option<String> {
        self.room_in(&self.rooms_taken, day, cell)
    }

    /// The same, with these cells of rooms taken.
    pub fn room_in(&self, taken: &RoomsTaken, day: &DiaryDay, cell: usize) -> Option<String> {
        let office = self.rules.rooms_of(&day.office);
        if !self.wishes.needs_room() || (!self.wishes.private_room && office.desks_on_ground_floor) {
            return None;
        }
        let contact = cell..cell + self.length.contact;
        let is_free = |id: &str| {
            let taken = taken.get(&(day.office.clone(), id.to_owned(), day.day));
            taken.is_none_or(|taken| taken.and(DayCells::from_range(contact.clone())).is_empty())
        };
        let fits = office.rooms.iter().filter(|room| room.ground_floor || !self.wishes.ground_floor);
        let mut free: Vec<_> = fits.filter(|room| is_free(&room.id)).collect();
        free.sort_by_key(|room| room.ground_floor);
        free.first().map(|room| room.id.clone())
    }

    /// Whether a meeting of this kind leaves the share of the day that is kept for follow-ups.
    pub fn has_quota(&self, day: &DiaryDay) -> bool {
        self.kind.follow_up
            || self.wishes.urgent
            || day.day <= self.released_until()
            || day.has_room_for_newcomers(self.length, self.rules.follow_ups_kept_percent)
    }

    /// The last day on which what is kept for follow-ups is anybody's by now.
    fn released_until(&self) -> NaiveDate {
        let today = self.calendar.local_date(self.now);
        match self.rules.follow_ups_released_working_days {
            0 => today,
            days => self.calendar.add_working_days(self.site, today, days).unwrap_or(today),
        }
    }

    /// Working time of a day that is kept from this search: what waits for urgent cases of that day.
    pub fn kept(&self, day: NaiveDate, midnight: DateTime<Utc>) -> DayCells {
        let Some(kept) = self.rules.same_day else { return DayCells::NONE };
        let at = |time| self.calendar.first_at_or_after(day, time);
        let is_for_them = self.wishes.urgent && day == self.calendar.local_date(self.now);
        let is_released = at(kept.released_at).is_some_and(|released| released <= self.now);
        match (at(kept.from), at(kept.to)) {
            (Some(from), Some(to)) if !is_for_them && !is_released => {
                DayCells::from_range(cells_between(midnight, from, to))
            }
            _ => DayCells::NONE,
        }
    }

    /// Puts slots of one stretch of days in the order in which they are offered, and marks the earliest.
    pub fn rank(&self, slots: &mut [Slot]) {
        if let Some(earliest) = slots.iter_mut().min_by_key(|slot| (slot.start, slot.personal_adviser)) {
            earliest.is_earliest = true;
        }
        let near = |slot: &Slot| self.near.get(&slot.office).copied();
        let insists = self.wishes.insists;
        slots.sort_by_cached_key(|slot| {
            let (is_late, is_past_aim) = (!insists && !slot.within_standard, !insists && !slot.within_aim);
            (is_late, slot.unmet(), is_past_aim, near(slot), slot.start, slot.personal_adviser)
        });
    }
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
