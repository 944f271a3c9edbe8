//! What a call-back needs of the adviser who makes it, and how long it takes. Pure.

use crate::access::WELSH;
use crate::clients::Client;
use startline_definition::Definition;
use startline_foundation::formats::Language;
use std::collections::BTreeSet;

/// Skills as bits, in the order in which the service definition names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Skills(u64);

/// A need that no definition in force names: nobody is known to meet it.
const UNKNOWN: u32 = 63;

impl Skills {
    pub const NONE: Self = Self(0);

    /// What an adviser can do, as far as the definition has a word for it.
    pub fn of_adviser(definition: &Definition, words: &[String]) -> Self {
        words.iter().filter_map(|word| bit(definition, word)).fold(Self::NONE, Self::with)
    }

    pub const fn with(self, bit: u32) -> Self {
        Self(self.0 | 1 << bit)
    }

    pub const fn covers(self, needs: Self) -> bool {
        needs.0 & !self.0 == 0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many skills are here that the call does not need.
    pub const fn beyond(self, needs: Self) -> u32 {
        (self.0 & !needs.0).count_ones()
    }
}

fn bit(definition: &Definition, word: &str) -> Option<u32> {
    let place = definition.service.telephone.skills.iter().position(|skill| skill.id == word)?;
    u32::try_from(place).ok().filter(|place| *place < UNKNOWN)
}

/// What one call-back needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// Words of the service definition, sorted, each once.
    pub words: Vec<String>,
    pub skills: Skills,
    /// Takes twice as long: everything is typed, or said twice.
    pub double_length: bool,
}

impl Needs {
    /// Of the client as the record has them now.
    pub fn of_client(definition: &Definition, client: &Client) -> Self {
        let welsh = (client.facts.talk_language == Language::Welsh).then(|| WELSH.to_owned());
        Self::of_words(definition, client.facts.call_needs.iter().cloned().chain(welsh))
    }

    pub fn of_words(definition: &Definition, words: impl IntoIterator<Item = String>) -> Self {
        let words: BTreeSet<String> = words.into_iter().collect();
        let telephone = &definition.service.telephone;
        let mut needs = Self::default();
        for word in &words {
            let other = telephone.other_needs.iter().find(|need| need.id == *word);
            let known = other.or_else(|| telephone.skills.iter().find(|skill| skill.id == *word));
            needs.double_length |= known.is_some_and(|need| need.double_length);
            if other.is_none() {
                needs.skills = needs.skills.with(bit(definition, word).unwrap_or(UNKNOWN));
            }
        }
        needs.words = words.into_iter().collect();
        needs
    }

    /// The names of the skills needed, for a sentence.
    pub fn named(&self, definition: &Definition) -> String {
        let telephone = &definition.service.telephone;
        let name = |word: &String| {
            let known = telephone.skills.iter().find(|skill| skill.id == *word);
            known.map_or_else(|| word.clone(), |skill| skill.name.en.clone())
        };
        let of_advisers = self.words.iter().filter(|word| telephone.other_needs.iter().all(|need| need.id != **word));
        of_advisers.map(name).collect::<Vec<_>>().join(" and ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(words: &[&str]) -> Needs {
        Needs::of_words(&Definition::embedded(), words.iter().map(ToString::to_string))
    }

    #[test]
    fn an_interpreter_takes_twice_as_long_and_needs_no_skill_of_the_adviser() {
        let interpreter = needs(&["interpreter"]);
        assert!(interpreter.double_length && interpreter.skills.is_empty());
        let textphone = needs(&["textphone", "welsh"]);
        assert!(textphone.double_length);
        assert_eq!(textphone.named(&Definition::embedded()), "Textphone and Welsh");
        assert!(!needs(&["welsh"]).double_length);
    }

    #[test]
    fn nobody_is_known_to_meet_a_need_that_the_definition_does_not_name() {
        let definition = Definition::embedded();
        let words = ["klingon", "welsh", "urdu", "outbound"].map(String::from);
        let adviser = Skills::of_adviser(&definition, &words);
        assert!(adviser.covers(needs(&["welsh", "urdu"]).skills));
        assert!(!adviser.covers(needs(&["klingon"]).skills));
        assert_eq!(adviser.beyond(needs(&["welsh"]).skills), 1);
    }
}
