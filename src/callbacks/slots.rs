//! Which half-hours still have room for a call-back. Pure: no database, no clock.
//!
//! A site can make so many call-backs at once: so many places in each cell of the day. A call-back takes one and the
//! same place in consecutive cells, which is what the primary key of `callback_cells` protects.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// The places taken in each cell.
pub type Taken = BTreeMap<DateTime<Utc>, BTreeSet<i32>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    pub cell: TimeDelta,
    /// Cells that one call-back takes.
    pub cells: i32,
    /// Call-backs the site can make at once.
    pub places: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeSlot {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// How many more call-backs fit.
    pub free_places: i32,
}

impl Grid {
    /// How long a call-back keeps its place.
    pub fn length(&self) -> TimeDelta {
        self.cell * self.cells
    }

    pub fn cells_from(&self, start: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> + use<> {
        let cell = self.cell;
        (0..self.cells).map(move |i| start + cell * i)
    }

    /// The places that are free in every cell of a call-back from `start`, the lowest first.
    pub fn free_places(&self, taken: &Taken, start: DateTime<Utc>) -> Vec<i32> {
        let is_free = |place: &i32| {
            self.cells_from(start).all(|cell| taken.get(&cell).is_none_or(|places| !places.contains(place)))
        };
        (1..=self.places).filter(is_free).collect()
    }

    /// Whether a call-back may begin here on a day with these opening hours.
    pub fn fits(&self, opening: (DateTime<Utc>, DateTime<Utc>), start: DateTime<Utc>) -> bool {
        let (opens, closes) = opening;
        let offset_ms = (start - opens).num_milliseconds();
        start >= opens && start + self.length() <= closes && offset_ms % self.cell.num_milliseconds() == 0
    }

    /// The free slots of one day, in order.
    pub fn free_slots(
        &self,
        opening: (DateTime<Utc>, DateTime<Utc>),
        taken: &Taken,
        not_before: DateTime<Utc>,
    ) -> Vec<FreeSlot> {
        let (opens, closes) = opening;
        let cells = i32::try_from((closes - opens).num_minutes() / self.cell.num_minutes().max(1)).unwrap_or(0);
        (0..cells)
            .map(|i| opens + self.cell * i)
            .filter(|start| *start >= not_before && self.fits(opening, *start))
            .filter_map(|start| {
                let free = i32::try_from(self.free_places(taken, start).len()).unwrap_or(0);
                (free > 0).then(|| FreeSlot { start, end: start + self.length(), free_places: free })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn opens() -> DateTime<Utc> {
        "2026-03-03T08:30:00Z".parse().unwrap()
    }

    fn grid(cells: i32, places: i32) -> Grid {
        Grid { cell: TimeDelta::minutes(30), cells, places }
    }

    proptest! {
        /// Books at random, always the lowest free place, and compares with a naive table of minutes.
        #[test]
        fn no_place_is_ever_taken_twice_and_no_free_slot_is_hidden(
            cells in 1..4i32, places in 1..4i32, wishes in prop::collection::vec(0..19i32, 0..40)
        ) {
            let grid = grid(cells, places);
            let opening = (opens(), opens() + TimeDelta::minutes(19 * 30));
            let mut taken = Taken::new();
            let mut naive = [[false; 4]; 19];
            for wish in wishes {
                let start = opens() + grid.cell * wish;
                let naive_free = (0..places as usize).find(|p| {
                    (wish + cells <= 19) && (wish..wish + cells).all(|c| !naive[c as usize][*p])
                });
                let offered = grid.free_slots(opening, &taken, opens()).iter().any(|s| s.start == start);
                prop_assert_eq!(offered, naive_free.is_some());
                if let Some(place) = naive_free {
                    prop_assert_eq!(grid.free_places(&taken, start)[0], place as i32 + 1);
                    for (i, cell) in grid.cells_from(start).enumerate() {
                        naive[wish as usize + i][place] = true;
                        prop_assert!(taken.entry(cell).or_default().insert(place as i32 + 1));
                    }
                }
            }
        }
    }

    #[test]
    fn a_call_back_ends_before_the_centre_closes() {
        let opening = (opens(), opens() + TimeDelta::hours(2));
        let free = grid(2, 1).free_slots(opening, &Taken::new(), opens());
        assert_eq!(free.len(), 3);
        assert_eq!(free[2].end, opening.1);
        assert!(!grid(2, 1).fits(opening, opens() + TimeDelta::minutes(10)));
    }
}
