//! Callers, as their switches know them, and the chance that moves them.

use chrono::{DateTime, Utc};

/// Numbers out of a seed (splitmix64).
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

/// Where a caller is, as their switch knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// An INVITE is out at this door since then; heard from last at.
    Asking {
        door: usize,
        branch: u64,
        heard: DateTime<Utc>,
    },
    /// The adviser's telephone rings.
    Ringing {
        door: usize,
        address: String,
        until: DateTime<Utc>,
    },
    Talking {
        door: usize,
        address: String,
    },
    Gone,
}

#[derive(Debug)]
pub struct Caller {
    pub name: String,
    pub switch: usize,
    pub since: DateTime<Utc>,
    pub line: Line,
    /// A door that lived until the end was told so.
    pub said_so: bool,
}
