//! One day of a site's call-backs: who can make one when, who is taken, and who sits where. Pure.
//!
//! A place is an adviser on outbound duty, or one of so many where no roster is kept. A call-back takes one place for some
//! cells in a row. Which adviser makes which call is ours to arrange, so that a call that only one adviser can make finds
//! them free (an augmenting path through the calls of that time); whom the client was promised is not.

use super::needs::Skills;
use crate::rota::DayCells;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use startline_foundation::ids::{CallbackHoldId, CallbackId, UserId};
use std::fmt;
use std::ops::Range;

/// Where a call-back sits: as the primary key of `callback_cells` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceKey {
    /// At a site that keeps no roster.
    Number(u32),
    Adviser(UserId),
}

/// As it is kept: a number, or the adviser's id.
impl fmt::Display for PlaceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Adviser(id) => id.fmt(f),
        }
    }
}

impl PlaceKey {
    pub fn parse(text: &str) -> Option<Self> {
        let number = text.parse().ok().map(Self::Number);
        number.or_else(|| UserId::parse("place", text).ok().map(Self::Adviser))
    }

    /// An order of equals that is another for each tie.
    fn order(self, tie: u64) -> u64 {
        let own = match self {
            Self::Number(number) => u64::from(number),
            Self::Adviser(id) => id.0.as_u64_pair().1,
        };
        // An odd factor: no two of them fall together.
        (own ^ tie).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub key: PlaceKey,
    pub skills: Skills,
    /// The cells of the day's grid in which they are there for call-backs.
    pub duty: DayCells,
}

/// Who has a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occupant {
    Callback(CallbackId),
    Hold(CallbackHoldId),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitting {
    pub who: Occupant,
    pub key: PlaceKey,
    pub cells: Range<usize>,
    pub needs: Skills,
    /// The client was promised this adviser, or the call is under way.
    pub fixed: bool,
}

/// What is looked for: some cells for a call that needs these skills, with this adviser only when one is named.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub cells: Range<usize>,
    pub needs: Skills,
    pub only: Option<UserId>,
    /// Tells equals apart, so that two who book at once do not reach for the same place.
    pub tie: u64,
}

/// Where it finds room, and who sits elsewhere for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    pub key: PlaceKey,
    pub moves: Vec<(Occupant, PlaceKey)>,
}

#[derive(Debug, Clone)]
pub struct DayPlan {
    pub day: NaiveDate,
    pub opens: DateTime<Utc>,
    pub cell: TimeDelta,
    /// Cells of the grid before the centre closes.
    pub cells: usize,
    places: Vec<Place>,
    /// What each of those who may make call-backs there can do, where no roster says who does.
    crew: Vec<Skills>,
    sittings: Vec<Sitting>,
    /// By the place's number in `places`.
    taken: Vec<DayCells>,
}

impl DayPlan {
    pub fn new(day: NaiveDate, opens: DateTime<Utc>, cell: TimeDelta, cells: usize) -> Self {
        let (places, crew, sittings, taken) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { day, opens, cell, cells, places, crew, sittings, taken }
    }

    pub fn add_place(&mut self, place: Place) {
        self.places.push(place);
        self.taken.push(DayCells::NONE);
    }

    pub fn set_crew(&mut self, crew: Vec<Skills>) {
        self.crew = crew;
    }

    /// Somebody sits there, whether or not the place is still there for them.
    pub fn sit(&mut self, sitting: Sitting) {
        let place = match self.place_of(sitting.key) {
            Some(place) => place,
            None => {
                self.add_place(Place { key: sitting.key, skills: Skills::NONE, duty: DayCells::NONE });
                self.places.len() - 1
            }
        };
        self.taken[place].add(sitting.cells.clone());
        self.sittings.push(sitting);
    }

    pub fn leave(&mut self, who: Occupant) -> Option<Sitting> {
        let at = self.sittings.iter().position(|sitting| sitting.who == who)?;
        let sitting = self.sittings.remove(at);
        if let Some(place) = self.place_of(sitting.key) {
            self.taken[place].remove(sitting.cells.clone());
        }
        Some(sitting)
    }

    pub fn sittings(&self) -> &[Sitting] {
        &self.sittings
    }

    pub fn start_of(&self, cell: usize) -> DateTime<Utc> {
        self.opens + self.cell * i32::try_from(cell).unwrap_or(i32::MAX)
    }

    /// The cell that begins at this moment, if one does.
    pub fn cell_at(&self, start: DateTime<Utc>) -> Option<usize> {
        let (offset_ms, cell_ms) = ((start - self.opens).num_milliseconds(), self.cell.num_milliseconds().max(1));
        let cell = usize::try_from(offset_ms / cell_ms).ok()?;
        (offset_ms % cell_ms == 0 && offset_ms >= 0 && cell < self.cells).then_some(cell)
    }

    /// Whether their place is still there for them: the adviser works then, and can do what the call needs.
    pub fn is_stranded(&self, sitting: &Sitting) -> bool {
        let place = self.place_of(sitting.key);
        place.is_none_or(|place| !self.suits(place, &sitting.cells, sitting.needs))
    }

    /// Whether whoever has that place works then, whatever they can do.
    pub fn is_there(&self, sitting: &Sitting) -> bool {
        self.place_of(sitting.key).is_some_and(|place| self.places[place].duty.has_all(sitting.cells.clone()))
    }

    /// Each start at which there is room for a call of so many cells, with how many such calls fit side by side without
    /// anybody sitting elsewhere. One where somebody must is counted as one.
    pub fn free_starts(&self, length: usize, needs: Skills, from_cell: usize) -> Vec<(usize, usize)> {
        let mut direct = vec![0_usize; self.cells];
        let mut suited = vec![false; self.cells];
        for (place, there) in self.places.iter().enumerate().filter(|(i, _)| self.can(*i, needs)) {
            there.duty.runs(length).iter().filter(|cell| *cell < self.cells).for_each(|cell| suited[cell] = true);
            let free = there.duty.without(self.taken[place]).runs(length);
            free.iter().filter(|cell| *cell < self.cells).for_each(|cell| direct[cell] += 1);
        }
        let last = (self.cells + 1).saturating_sub(length);
        let count = |cell: usize| match direct[cell] {
            0 if suited[cell] => {
                let wanted = Wanted { cells: cell..cell + length, needs, only: None, tie: 0 };
                usize::from(self.seat(&wanted).is_some())
            }
            free => free,
        };
        (from_cell..last).map(|cell| (cell, count(cell))).filter(|(_, free)| *free > 0).collect()
    }

    /// The starts at which this adviser can make such a call.
    pub fn free_starts_of(&self, adviser: UserId, length: usize, needs: Skills) -> DayCells {
        let place = self.place_of(PlaceKey::Adviser(adviser)).filter(|place| self.can(*place, needs));
        let movable = |place: usize| {
            // Whoever is not promised can sit elsewhere, if there is an elsewhere.
            let starts = self.places[place].duty.runs(length);
            let fits = |cell: &usize| {
                self.seat(&Wanted { cells: *cell..cell + length, needs, only: Some(adviser), tie: 0 }).is_some()
            };
            let mut found = DayCells::NONE;
            starts.iter().filter(fits).for_each(|cell| found.add(cell..cell + 1));
            found
        };
        place.map_or(DayCells::NONE, movable)
    }

    /// Finds room, if need be by letting others sit elsewhere at the same time.
    pub fn seat(&self, wanted: &Wanted) -> Option<Assignment> {
        if wanted.cells.end > self.cells {
            return None;
        }
        let at = Vec::with_capacity(self.sittings.len());
        let mut trial = Trial { plan: self, taken: self.taken.clone(), at, tie: wanted.tie };
        trial.at.extend(self.sittings.iter().map(|sitting| self.place_of(sitting.key)));
        let mut visited = vec![false; self.places.len()];
        let only = match wanted.only {
            Some(adviser) => Some(self.place_of(PlaceKey::Adviser(adviser))?),
            None => None,
        };
        let place = trial.settle(&wanted.cells, wanted.needs, only, &mut visited)?;
        let moved = |(i, sitting): (usize, &Sitting)| {
            let key = self.places[trial.at[i]?].key;
            (key != sitting.key).then_some((sitting.who, key))
        };
        let moves = self.sittings.iter().enumerate().filter_map(moved).collect();
        Some(Assignment { key: self.places[place].key, moves })
    }

    /// Puts an assignment into effect here.
    pub fn apply(&mut self, assignment: &Assignment, sitting: Sitting) {
        let moved: Vec<Sitting> = assignment
            .moves
            .iter()
            .filter_map(|(who, key)| self.leave(*who).map(|sitting| Sitting { key: *key, ..sitting }))
            .collect();
        moved.into_iter().for_each(|sitting| self.sit(sitting));
        self.sit(Sitting { key: assignment.key, ..sitting });
    }

    fn place_of(&self, key: PlaceKey) -> Option<usize> {
        self.places.iter().position(|place| place.key == key)
    }

    fn can(&self, place: usize, needs: Skills) -> bool {
        match self.places[place].key {
            PlaceKey::Adviser(_) => self.places[place].skills.covers(needs),
            PlaceKey::Number(_) => needs.is_empty() || self.crew.iter().any(|skills| skills.covers(needs)),
        }
    }

    fn suits(&self, place: usize, cells: &Range<usize>, needs: Skills) -> bool {
        self.can(place, needs) && self.places[place].duty.has_all(cells.clone())
    }
}

/// A rearrangement being tried.
struct Trial<'a> {
    plan: &'a DayPlan,
    taken: Vec<DayCells>,
    /// Where each sitting is, by its number.
    at: Vec<Option<usize>>,
    tie: u64,
}

impl Trial<'_> {
    /// Finds a place that is free, or becomes free when those on it settle elsewhere. Each place is asked once.
    fn settle(
        &mut self,
        cells: &Range<usize>,
        needs: Skills,
        only: Option<usize>,
        visited: &mut [bool],
    ) -> Option<usize> {
        let mut suited: Vec<usize> = (0..self.plan.places.len())
            .filter(|place| only.is_none_or(|only| only == *place) && !visited[*place])
            .filter(|place| self.plan.suits(*place, cells, needs))
            .collect();
        // Rare skills stay free, then the load is shared.
        suited.sort_by_key(|place| {
            let there = &self.plan.places[*place];
            (there.skills.beyond(needs), self.taken[*place].count(), there.key.order(self.tie), there.key)
        });
        let wanted = DayCells::from_range(cells.clone());
        if let Some(free) = suited.iter().copied().find(|place| wanted.and(self.taken[*place]).is_empty()) {
            self.taken[free] = self.taken[free].or(wanted);
            return Some(free);
        }
        suited.into_iter().find(|place| self.make_room(*place, cells, visited))
    }

    fn make_room(&mut self, place: usize, cells: &Range<usize>, visited: &mut [bool]) -> bool {
        if std::mem::replace(&mut visited[place], true) {
            return false;
        }
        let overlaps = |sitting: &Sitting| sitting.cells.start < cells.end && cells.start < sitting.cells.end;
        let there: Vec<usize> =
            (0..self.at.len()).filter(|i| self.at[*i] == Some(place) && overlaps(&self.plan.sittings[*i])).collect();
        // Nothing moves by itself that has lost its place: that is for people to decide.
        let stays = |i: &usize| self.plan.sittings[*i].fixed || self.plan.is_stranded(&self.plan.sittings[*i]);
        if there.iter().any(stays) {
            return false;
        }
        let before = (self.taken.clone(), self.at.clone());
        for i in &there {
            self.taken[place].remove(self.plan.sittings[*i].cells.clone());
        }
        self.taken[place].add(cells.clone());
        for i in there {
            let sitting = &self.plan.sittings[i];
            let Some(elsewhere) = self.settle(&sitting.cells, sitting.needs, None, visited) else {
                (self.taken, self.at) = before;
                return false;
            };
            self.at[i] = Some(elsewhere);
        }
        true
    }
}

#[cfg(test)]
#[path = "capacity_tests.rs"]
mod tests;
