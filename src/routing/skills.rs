//! What an adviser can do and what a call needs, as sets of skills.
//!
//! A skill is a word of the service definition (`welsh`, `textphone`, a language); `inbound` and `outbound` are always
//! there. On the floor a set is one number, so that choosing somebody costs no more than a comparison.

use startline_foundation::error::{Error, Result};
use std::fmt;
use std::sync::{PoisonError, RwLock};

/// A set of skills, for one run of the program: [`SkillNames`] says which bit is which word.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SkillSet(u64);

impl SkillSet {
    pub const NONE: Self = Self(0);
    /// Takes calls.
    pub const INBOUND: Self = Self(1);
    /// Makes call-backs.
    pub const OUTBOUND: Self = Self(2);

    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether everything in `needed` is here.
    pub fn covers(self, needed: Self) -> bool {
        needed.0 & !self.0 == 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many skills.
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }
}

impl fmt::Debug for SkillSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SkillSet({:#b})", self.0)
    }
}

/// Most skills a network may name.
const MOST: usize = 64;

/// The words for the bits. Words are only ever added, so that sets stay right when the definition changes.
#[derive(Debug)]
pub struct SkillNames(RwLock<Vec<Box<str>>>);

impl Default for SkillNames {
    fn default() -> Self {
        Self(RwLock::new(vec!["inbound".into(), "outbound".into()]))
    }
}

impl SkillNames {
    /// Adds words that the service definition names.
    ///
    /// # Errors
    /// `Invalid` when there would be more than 64 in the life of the program.
    pub fn add<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Result<()> {
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for word in words {
            if names.iter().any(|name| **name == *word) {
                continue;
            }
            if names.len() == MOST {
                return Err(Error::invalid("skills", format!("are more than {MOST}")));
            }
            names.push(word.into());
        }
        Ok(())
    }

    /// The set of these words.
    ///
    /// # Errors
    /// `Invalid`, naming `field`, for a word that the service definition does not have.
    pub fn set<'a>(&self, field: &'static str, words: impl IntoIterator<Item = &'a str>) -> Result<SkillSet> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        words.into_iter().try_fold(SkillSet::NONE, |set, word| {
            let bit = names.iter().position(|name| **name == *word);
            let bit = bit.ok_or_else(|| Error::invalid(field, format!("{word} is no skill of this service")))?;
            Ok(SkillSet(set.0 | 1 << bit))
        })
    }

    /// The set of those of these words that are known.
    pub fn known<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> SkillSet {
        let one = |word| self.set("skills", [word]).ok();
        words.into_iter().filter_map(one).fold(SkillSet::NONE, SkillSet::with)
    }

    /// The words of this set.
    pub fn words(&self, set: SkillSet) -> Vec<String> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        names.iter().enumerate().filter(|(bit, _)| set.0 >> bit & 1 == 1).map(|(_, name)| name.to_string()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const WORDS: [&str; 4] = ["inbound", "outbound", "welsh", "textphone"];

    #[test]
    fn a_word_that_the_definition_does_not_have_is_refused_by_name() {
        let names = SkillNames::default();
        names.add(["welsh", "welsh"]).unwrap();
        assert_eq!(names.words(names.set("needs", ["welsh", "inbound"]).unwrap()), ["inbound", "welsh"]);
        assert!(format!("{:?}", names.set("needs", ["klingon"]).unwrap_err()).contains("klingon"));
    }

    #[test]
    fn no_more_than_sixty_four_words_are_taken() {
        let names = SkillNames::default();
        let words: Vec<String> = (0..70).map(|n| format!("language-{n}")).collect();
        assert!(names.add(words.iter().map(String::as_str)).is_err());
        assert_eq!(names.words(names.set("needs", ["language-61"]).unwrap()), ["language-61"]);
    }

    proptest! {
        #[test]
        fn sets_of_bits_agree_with_sets_of_words(
            able in proptest::collection::btree_set(0_usize..4, 0..4),
            needed in proptest::collection::btree_set(0_usize..4, 0..4),
        ) {
            let names = SkillNames::default();
            names.add(WORDS).unwrap();
            let set = |of: &BTreeSet<usize>| names.set("needs", of.iter().map(|n| WORDS[*n])).unwrap();
            prop_assert_eq!(set(&able).covers(set(&needed)), needed.is_subset(&able));
            prop_assert_eq!(set(&able).with(set(&needed)), set(&(&able | &needed)));
            prop_assert_eq!(set(&able).count() as usize, able.len());
        }
    }
}
