//! Which site has the most advisers to spare, found without looking at every site.
//!
//! Hints, not truth: a site says how many it would lend whenever its floor was touched, and whoever asks it afterwards
//! hears from the floor itself. One short lock, never held together with another.

use std::sync::{Mutex, PoisonError};

/// Sites by how many advisers they would lend, numbered as the network numbers them.
#[derive(Debug, Default)]
pub(super) struct Lenders(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The sites that would lend so many; the first list is those that lend none.
    by_spare: Vec<Vec<usize>>,
    /// Where each site stands: which list, and at which place in it.
    places: Vec<(usize, usize)>,
    /// No list after this one has a site.
    most: usize,
}

impl Lenders {
    /// The site now lends `spare` advisers.
    pub(super) fn set(&self, site: usize, spare: usize) {
        let inner = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while inner.places.len() <= site {
            inner.by_spare.resize(inner.by_spare.len().max(1), Vec::new());
            inner.places.push((0, inner.by_spare[0].len()));
            inner.by_spare[0].push(inner.places.len() - 1);
        }
        let (old, place) = inner.places[site];
        if old == spare {
            return;
        }
        inner.by_spare[old].swap_remove(place);
        if let Some(moved) = inner.by_spare[old].get(place) {
            inner.places[*moved] = (old, place);
        }
        if inner.by_spare.len() <= spare {
            inner.by_spare.resize(spare + 1, Vec::new());
        }
        inner.places[site] = (spare, inner.by_spare[spare].len());
        inner.by_spare[spare].push(site);
        inner.most = inner.most.max(spare);
        while inner.most > 0 && inner.by_spare[inner.most].is_empty() {
            inner.most -= 1;
        }
    }

    /// Up to `number` sites that lend somebody, those with the most to spare first.
    pub(super) fn best(&self, number: usize) -> Vec<usize> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lending = (1..=inner.most).rev().flat_map(|spare| inner.by_spare[spare].iter().copied());
        lending.take(number).collect()
    }

    pub(super) fn nobody_lends(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).most == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_best_lenders_are_those_of_a_sorted_list(changes in proptest::collection::vec((0_usize..6, 0_usize..5), 0..80)) {
            let lenders = Lenders::default();
            let mut naive = [0_usize; 6];
            for (site, spare) in changes {
                lenders.set(site, spare);
                naive[site] = spare;
                let best = lenders.best(3);
                let mut spares: Vec<_> = naive.iter().copied().filter(|spare| *spare > 0).collect();
                spares.sort_by_key(|spare| std::cmp::Reverse(*spare));
                spares.truncate(3);
                prop_assert_eq!(best.iter().map(|site| naive[*site]).collect::<Vec<_>>(), spares);
                let mut different = best.clone();
                different.dedup();
                prop_assert_eq!(different, best);
                prop_assert_eq!(lenders.nobody_lends(), naive == [0; 6]);
            }
        }
    }
}
