//! A single fact that somebody told while something else was done: checked like the facts of the record's own form.

use super::checking::Faults;
use super::contact::{SpokenForDraft, Way, times};
use super::facts::{self, Facts, Half};
use super::letters::LettersDraft;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{Language, Nino, Postcode, UkPhone};
use std::collections::BTreeSet;

/// A fact, as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Learned {
    Title(String),
    LastName(String),
    OtherNames(String),
    DateOfBirth(String),
    Nino(String),
    Phone(String),
    Postcode(String),
    AddressLines(Vec<String>),
    /// An empty one takes it away.
    LettersAddress(LettersDraft),
    TalkLanguage(Language),
    LetterLanguage(Language),
    LettersFormat {
        large_print: bool,
        other: String,
    },
    /// An empty one takes it away.
    SpokenFor(SpokenForDraft),
    SafeTimes(Vec<String>),
    ContactWay(Option<Way>),
    Messages(Option<bool>),
    /// Beside what others put there meanwhile.
    CallNeeds(NeedsChange),
}

/// What a call with the client needs from now on, and needs no more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NeedsChange {
    pub add: BTreeSet<String>,
    pub remove: BTreeSet<String>,
}

impl NeedsChange {
    /// Whether a record with these would become another.
    pub fn is_needed(&self, needs: &[String]) -> bool {
        self.add.iter().any(|need| !needs.contains(need)) || needs.iter().any(|need| self.takes_off(need))
    }

    fn takes_off(&self, need: &String) -> bool {
        self.remove.contains(need) && !self.add.contains(need)
    }
}

impl Learned {
    /// Why the record could not take it up, whoever the client is.
    pub fn refusal(self, now: DateTime<Utc>) -> Option<String> {
        match self.put(&mut Facts::default(), now) {
            Err(Error::Invalid(faults)) => faults.into_iter().next().map(|fault| fault.reason),
            _ => None,
        }
    }

    /// Puts it among the facts.
    ///
    /// # Errors
    /// The `value`, when the record cannot take it.
    pub fn put(self, known: &mut Facts, now: DateTime<Utc>) -> Result<()> {
        let wrong = |reason: String| Error::invalid("value", reason);
        match self {
            Self::Title(text) => known.title = facts::title(&text).map_err(wrong)?,
            Self::LastName(text) => known.last_name = facts::name(&text).map_err(wrong)?,
            Self::OtherNames(text) => known.other_names = facts::name(&text).map_err(wrong)?,
            Self::DateOfBirth(text) => known.date_of_birth = Some(facts::born(&text, now).map_err(wrong)?),
            Self::Nino(text) => known.nino = Some(Nino::parse(&text).map_err(wrong)?),
            Self::Phone(text) => known.phone = Some(UkPhone::parse(&text).map_err(wrong)?),
            Self::Postcode(text) => {
                let postcode = Some(Postcode::parse(&text).map_err(wrong)?);
                known.gave_half(Half::Postcode, known.postcode.is_some() && known.postcode != postcode);
                known.postcode = postcode;
            }
            Self::AddressLines(lines) => {
                let lines = facts::lines(&lines).map_err(wrong)?;
                known.gave_half(Half::Lines, !known.address_lines.is_empty() && known.address_lines != lines);
                known.address_lines = lines;
            }
            Self::LettersAddress(draft) => {
                let mut faults = Faults::default();
                let checked = draft.check(&mut faults);
                if let Some(first) = faults.0.into_iter().next() {
                    return Err(wrong(format!("{}: {}", first.field, first.reason)));
                }
                known.letters_address = checked;
            }
            Self::TalkLanguage(language) => known.talk_language = language,
            Self::LetterLanguage(language) => known.letter_language = language,
            Self::LettersFormat { large_print, other } => {
                known.large_print = large_print;
                known.letters_format = super::contact::word(&other).map_err(wrong)?;
            }
            Self::SpokenFor(draft) => {
                let mut faults = Faults::default();
                let checked = draft.check(&mut faults);
                if let Some(first) = faults.0.into_iter().next() {
                    return Err(wrong(first.reason));
                }
                known.contact.spoken_for = checked;
            }
            Self::SafeTimes(given) => known.contact.safe_times = times(&given).map_err(wrong)?,
            Self::ContactWay(way) => known.contact.way = way,
            Self::Messages(may) => known.contact.messages = may,
            Self::CallNeeds(change) => {
                let kept = known.call_needs.iter().filter(|need| !change.takes_off(need));
                let words: Vec<String> = kept.chain(&change.add).cloned().collect();
                known.call_needs = facts::call_needs(&words).map_err(wrong)?;
            }
        }
        Ok(())
    }
}
