//! A quick hash for maps keyed by record ids.
//!
//! The ids are UUIDs that this service made itself, so nobody outside can choose colliding keys to insert; what the
//! default hasher spends on that protection is most of the cost of a look-up on the floor.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

pub type IdHash = BuildHasherDefault<IdHasher>;
pub type IdMap<K, V> = HashMap<K, V, IdHash>;
pub type IdSet<K> = HashSet<K, IdHash>;

/// Folds eight bytes at a time with one multiplication each.
#[derive(Debug, Clone, Copy)]
pub struct IdHasher(u64);

impl Default for IdHasher {
    /// Any start but zero, which would swallow a first half of zeroes.
    fn default() -> Self {
        Self(0x243F_6A88_85A3_08D3)
    }
}

/// 2^64 divided by the golden ratio: an odd number whose bits are well spread.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0_u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = fold(self.0 ^ word);
    }

    /// The length of an id never differs, so it adds nothing.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        fold(self.0)
    }
}

/// Both halves of the product, so that every bit of the id reaches every part of the hash.
fn fold(word: u64) -> u64 {
    let wide = u128::from(word) * u128::from(SPREAD);
    (wide as u64) ^ ((wide >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::BuildHasher;
    use uuid::Uuid;

    #[test]
    fn ids_made_in_a_row_spread_over_the_buckets() {
        // A random function fills 63% of as many buckets as it has keys. Maps use the low bits for the bucket and the
        // high ones to tell its keys apart and to choose a shard.
        for shift in [0, 20, 40, 52] {
            for ids in [|n| Uuid::from_u64_pair(7, n), |n| Uuid::from_u64_pair(n << 16, 7)] {
                let bucket = |n| (IdHash::default().hash_one(ids(n)) >> shift) % 4096;
                let used = (0..4096_u64).map(bucket).collect::<HashSet<u64>>().len();
                assert!(used > 2300, "only {used} of 4096 buckets are used by the bits from {shift}");
            }
        }
    }
}
