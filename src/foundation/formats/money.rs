//! Amounts of money in whole pence, so that no penny is lost in a fraction.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in pence, never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pence(pub i64);

/// Ten million pounds: more is a slip of the finger.
const MOST_PENCE: i64 = 1_000_000_000;

impl Pence {
    /// Reads pounds, with pence after a point when there are any: `12`, `12.50`, `£1,234.56`.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be pounds, or pounds and pence, such as 12 or 12.50".to_owned();
        let text = text.trim();
        let text = text.strip_prefix('£').unwrap_or(text).trim_start();
        let (pounds, pence) = match text.split_once('.') {
            Some((pounds, pence)) if pence.len() == 2 => (pounds, pence),
            Some(_) => return Err(wrong()),
            None => (text, "00"),
        };
        if !groups_are_right(pounds) {
            return Err(wrong());
        }
        let figures: String = pounds.chars().filter(|c| *c != ',').chain(pence.chars()).collect();
        if !figures.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        match figures.parse::<i64>() {
            Ok(pence) if figures.len() <= 15 && pence <= MOST_PENCE => Ok(Self(pence)),
            _ => Err("must be at most 10,000,000 pounds".into()),
        }
    }
}

/// Commas, where there are any, stand before groups of three figures.
fn groups_are_right(pounds: &str) -> bool {
    let mut groups = pounds.split(',');
    let first = groups.next().unwrap_or_default();
    let mut commas = false;
    let rest_is_right = groups.all(|group| {
        commas = true;
        group.len() == 3
    });
    !first.is_empty() && rest_is_right && (!commas || first.len() <= 3)
}

impl fmt::Display for Pence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "£{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        assert_eq!(Pence::parse("£1,234.56"), Ok(Pence(123_456)));
        assert_eq!(Pence::parse(" 12 "), Ok(Pence(1_200)));
        for wrong in ["", "12.5", "-3", "1,23", "twelve", "1e3", "1234,567", ".50", "٣", "99999999999999999999"] {
            assert!(Pence::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(pence in 0i64..=MOST_PENCE) {
            prop_assert_eq!(Pence::parse(&Pence(pence).to_string()), Ok(Pence(pence)));
        }
    }
}
