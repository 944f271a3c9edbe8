//! A local day in cells of five minutes, as a set of bits. Pure.
//!
//! The first cell begins at the day's first moment, so the cells are instants: a day has 276 of them when the clocks go
//! forward, 300 when they go back, 288 otherwise. A search for room is a handful of shifts.

use chrono::{DateTime, TimeDelta, Utc};
use std::ops::Range;

/// The length of a cell: what rules out double booking is counted in it.
pub const CELL: TimeDelta = TimeDelta::minutes(5);
const CELL_MINUTES: i64 = 5;
const WORDS: usize = 5;
/// More than the longest day has.
pub const CELLS: usize = WORDS * 64;
/// As stored: little-endian words.
pub const BYTES: usize = WORDS * 8;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DayCells([u64; WORDS]);

impl DayCells {
    pub const NONE: Self = Self([0; WORDS]);

    pub fn from_range(range: Range<usize>) -> Self {
        let mut cells = Self::NONE;
        cells.add(range);
        cells
    }

    /// Adds the cells of a range; what lies past the day is left out.
    pub fn add(&mut self, range: Range<usize>) {
        for cell in range.start..range.end.min(CELLS) {
            self.0[cell / 64] |= 1 << (cell % 64);
        }
    }

    pub fn remove(&mut self, range: Range<usize>) {
        *self = self.without(Self::from_range(range));
    }

    pub fn has(&self, cell: usize) -> bool {
        cell < CELLS && self.0[cell / 64] & (1 << (cell % 64)) != 0
    }

    /// Whether every cell of the range is here.
    pub fn has_all(&self, range: Range<usize>) -> bool {
        range.end <= CELLS && Self::from_range(range).without(*self).is_empty()
    }

    pub fn is_empty(&self) -> bool {
        self.0 == [0; WORDS]
    }

    pub fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    pub fn minutes(&self) -> u32 {
        self.count() * CELL_MINUTES as u32
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & !other.0[i]))
    }

    /// Every cell that is not here.
    #[must_use]
    pub fn complement(self) -> Self {
        Self(self.0.map(|word| !word))
    }

    /// Each cell moved so many cells earlier.
    #[must_use]
    pub fn earlier(self, by: usize) -> Self {
        let (words, bits) = (by / 64, by % 64);
        let at = |i: usize| self.0.get(i).copied().unwrap_or(0);
        Self(std::array::from_fn(|i| match bits {
            0 => at(i + words),
            bits => at(i + words) >> bits | at(i + words + 1) << (64 - bits),
        }))
    }

    /// Each cell moved so many cells later.
    #[must_use]
    pub fn later(self, by: usize) -> Self {
        let (words, bits) = (by / 64, by % 64);
        let at = |i: usize, back: usize| i.checked_sub(back).map_or(0, |i| self.0[i]);
        Self(std::array::from_fn(|i| match bits {
            0 => at(i, words),
            bits => at(i, words) << bits | at(i, words + 1) >> (64 - bits),
        }))
    }

    /// The cells from which `length` cells in a row are all here.
    #[must_use]
    pub fn runs(self, length: usize) -> Self {
        let (mut runs, mut reached) = (self, 1);
        while reached < length {
            let step = reached.min(length - reached);
            runs = runs.and(runs.earlier(step));
            reached += step;
        }
        runs
    }

    /// How many cells in a row are here, at most.
    pub fn longest_run(self) -> usize {
        let (mut longest, mut rest) = (0, self);
        while !rest.is_empty() {
            rest = rest.and(rest.earlier(1));
            longest += 1;
        }
        longest
    }

    /// In order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().enumerate().flat_map(|(i, word)| {
            std::iter::successors((word != 0).then_some(word), |word| Some(word & (word - 1)).filter(|w| *w != 0))
                .map(move |word| i * 64 + word.trailing_zeros() as usize)
        })
    }

    /// The runs of cells, in order.
    pub fn spans(self) -> Vec<Range<usize>> {
        let mut spans: Vec<Range<usize>> = Vec::new();
        for cell in self.iter() {
            match spans.last_mut() {
                Some(last) if last.end == cell => last.end += 1,
                _ => spans.push(cell..cell + 1),
            }
        }
        spans
    }

    pub fn to_bytes(self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(self.0) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// None when there are not as many bytes as [`DayCells::to_bytes`] gives.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; BYTES] = bytes.try_into().ok()?;
        let mut words = [0; WORDS];
        for (word, chunk) in words.iter_mut().zip(bytes.chunks_exact(8)) {
            *word = u64::from_le_bytes(chunk.try_into().ok()?);
        }
        Some(Self(words))
    }
}

/// As `09:00` was cell 108: the ranges of cells, for a log or a failed test.
impl std::fmt::Debug for DayCells {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.spans()).finish()
    }
}

/// The cells that a span of time touches on the day that begins at `midnight`.
pub fn cells_between(midnight: DateTime<Utc>, from: DateTime<Utc>, until: DateTime<Utc>) -> Range<usize> {
    let cell = |minutes: i64| usize::try_from(minutes.max(0) / CELL_MINUTES).unwrap_or(0).min(CELLS);
    let first = cell((from - midnight).num_minutes());
    let seconds = (until - midnight).num_seconds().max(0);
    let end = usize::try_from((seconds + CELL_MINUTES * 60 - 1) / (CELL_MINUTES * 60)).unwrap_or(0).min(CELLS);
    first..end.max(first)
}

/// The moment at which a cell begins.
pub fn cell_start(midnight: DateTime<Utc>, cell: usize) -> DateTime<Utc> {
    midnight + CELL * i32::try_from(cell).unwrap_or(i32::MAX)
}

/// How many cells so many minutes take.
pub fn cells_of_minutes(minutes: u32) -> usize {
    minutes.div_ceil(CELL_MINUTES as u32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn some_cells() -> impl Strategy<Value = BTreeSet<usize>> {
        prop::collection::vec((0..CELLS, 1..40_usize), 0..12)
            .prop_map(|spans| spans.into_iter().flat_map(|(from, length)| from..(from + length).min(CELLS)).collect())
    }

    fn cells(set: &BTreeSet<usize>) -> DayCells {
        let mut cells = DayCells::NONE;
        set.iter().for_each(|cell| cells.add(*cell..cell + 1));
        cells
    }

    fn set(cells: DayCells) -> BTreeSet<usize> {
        cells.iter().collect()
    }

    proptest! {
        /// Every operation against a plain set of numbers.
        #[test]
        fn the_bits_do_what_a_set_of_numbers_does(a in some_cells(), b in some_cells(), by in 0..CELLS, length in 1..40_usize) {
            let (x, y) = (cells(&a), cells(&b));
            prop_assert_eq!(set(x), a.clone());
            prop_assert_eq!(set(x.and(y)), &a & &b);
            prop_assert_eq!(set(x.or(y)), &a | &b);
            prop_assert_eq!(set(x.without(y)), &a - &b);
            prop_assert_eq!(x.count() as usize, a.len());
            prop_assert_eq!(set(x.earlier(by)), a.iter().filter_map(|c| c.checked_sub(by)).collect::<BTreeSet<_>>());
            prop_assert_eq!(set(x.later(by)), a.iter().map(|c| c + by).filter(|c| *c < CELLS).collect::<BTreeSet<_>>());
            let runs = (0..CELLS).filter(|from| (*from..from + length).all(|c| a.contains(&c))).collect::<BTreeSet<_>>();
            prop_assert_eq!(set(x.runs(length)), runs);
            let longest = (0..=CELLS).rev().find(|n| (0..CELLS).any(|f| (f..f + n).all(|c| a.contains(&c)))).unwrap_or(0);
            prop_assert_eq!(x.longest_run(), longest);
            prop_assert_eq!(x.spans().into_iter().flatten().collect::<BTreeSet<_>>(), a.clone());
            prop_assert_eq!(DayCells::from_bytes(&x.to_bytes()), Some(x));
            prop_assert_eq!(x.has_all(by..(by + length).min(CELLS)), (by..(by + length).min(CELLS)).all(|c| a.contains(&c)));
        }
    }

    #[test]
    fn a_span_touches_the_cells_it_begins_and_ends_in() {
        let midnight: DateTime<Utc> = "2026-03-03T00:00:00Z".parse().unwrap();
        let at = |minute: i64| midnight + TimeDelta::minutes(minute);
        assert_eq!(cells_between(midnight, at(540), at(585)), 108..117);
        assert_eq!(cells_between(midnight, at(541), at(586)), 108..118);
        assert_eq!(cells_between(midnight, at(-30), at(5)), 0..1);
        assert_eq!(cell_start(midnight, 108), at(540));
        assert_eq!(cells_of_minutes(46), 10);
    }
}
