//! When the next thing is due at each site, so that a tick touches only the floors that have something to do.

use chrono::{DateTime, Utc};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Sites that share a block, so that looking through a thousand sites reads memory in a row.
const BLOCK: usize = 64;

type Block = Arc<[AtomicI64; BLOCK]>;

#[derive(Debug, Default)]
pub(super) struct Due(Mutex<Vec<Block>>);

/// The place of one site.
#[derive(Debug)]
pub(super) struct DueAt {
    block: Block,
    place: usize,
}

impl DueAt {
    pub(super) fn set(&self, at: Option<DateTime<Utc>>) {
        let at_ms = at.map_or(i64::MAX, |at| at.timestamp_millis());
        self.block[self.place].store(at_ms, Ordering::Relaxed);
    }
}

impl Due {
    /// The place of the site with this number.
    pub(super) fn of(&self, number: usize) -> DueAt {
        let mut blocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while blocks.len() <= number / BLOCK {
            blocks.push(Arc::new(std::array::from_fn(|_| AtomicI64::new(i64::MAX))));
        }
        DueAt { block: blocks[number / BLOCK].clone(), place: number % BLOCK }
    }

    /// Does `tick` for each site where something is due.
    pub(super) fn at(&self, now: DateTime<Utc>, mut tick: impl FnMut(usize)) {
        let now_ms = now.timestamp_millis();
        let mut first = 0;
        loop {
            // Nothing is held while a floor is touched.
            let block = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(first / BLOCK).cloned();
            let Some(block) = block else { return };
            for (place, due) in block.iter().enumerate() {
                if due.load(Ordering::Relaxed) <= now_ms {
                    tick(first + place);
                }
            }
            first += BLOCK;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sites_with_something_due_are_touched_however_many_there_are() {
        let noon = DateTime::from_timestamp(986_040_000, 0).unwrap();
        let due = Due::default();
        let places: Vec<_> = (0..200).map(|number| due.of(number)).collect();
        places[3].set(Some(noon));
        places[64].set(Some(noon + chrono::TimeDelta::seconds(1)));
        places[199].set(Some(noon - chrono::TimeDelta::seconds(1)));
        let mut touched = Vec::new();
        due.at(noon, |number| touched.push(number));
        assert_eq!(touched, [3, 199]);
        places[3].set(None);
        touched.clear();
        due.at(noon, |number| touched.push(number));
        assert_eq!(touched, [199]);
    }
}
