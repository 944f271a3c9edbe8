//! What each change of a client's record replaced: which facts, who changed them, when, and from what to what. Nothing of
//! it is ever changed: what is taken back is another change, which names the one it takes back.

use super::facts::{Facts, LetterLayout};
use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{Language, Nino, Postcode, UkPhone, words};
use startline_foundation::ids::{SiteId, UserId};

words! {
    /// One fact of the record, as the API names it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Fact {
        Title = "title",
        OtherNames = "other_names",
        LastName = "last_name",
        DateOfBirth = "date_of_birth",
        Nino = "nino",
        Phone = "phone",
        AddressLines = "address_lines",
        Postcode = "postcode",
        TalkLanguage = "talk_language",
        LetterLanguage = "letter_language",
        SpecialNeeds = "special_needs",
        CallNeeds = "call_needs",
        LargePrint = "large_print",
        LettersFormat = "letters_format",
        LetterLayout = "letter_layout",
        LettersAddress = "letters_address",
        Contact = "contact",
        /// It follows the postcode, and is told with it.
        HomeSite = "home_site_id",
    }
}

/// What a record says: its facts, and the site that they lead to.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    pub facts: Facts,
    pub home_site: SiteId,
}

/// A fact that changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Replaced {
    pub fact: Fact,
    pub was: Json,
    pub became: Json,
}

/// One change of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct ClientChange {
    /// The record's revision with which it came.
    pub revision: i32,
    pub by: UserId,
    pub at: DateTime<Utc>,
    /// The revision whose change it takes back.
    pub undoes: Option<i32>,
    pub replaced: Vec<Replaced>,
}

impl ClientChange {
    pub fn has(&self, fact: Fact) -> bool {
        self.replaced.iter().any(|one| one.fact == fact)
    }

    /// How what it changed stood before and after; of the rest nothing is said.
    ///
    /// # Errors
    /// `Internal` for what no record can have said.
    pub fn sides(&self) -> Result<(Said, Said)> {
        let nothing = Said { facts: Facts::default(), home_site: SiteId::new("") };
        let (mut before, mut after) = (nothing.clone(), nothing);
        for one in &self.replaced {
            before.put(one.fact, &one.was)?;
            after.put(one.fact, &one.became)?;
        }
        Ok((before, after))
    }
}

impl Said {
    pub(super) fn value(&self, fact: Fact) -> Json {
        let facts = &self.facts;
        match fact {
            Fact::Title => json!(facts.title),
            Fact::OtherNames => json!(facts.other_names),
            Fact::LastName => json!(facts.last_name),
            Fact::DateOfBirth => json!(facts.date_of_birth),
            Fact::Nino => json!(facts.nino.as_ref().map(Nino::as_str)),
            Fact::Phone => json!(facts.phone.as_ref().map(UkPhone::e164)),
            Fact::AddressLines => json!(facts.address_lines),
            Fact::Postcode => json!(facts.postcode.as_ref().map(Postcode::as_str)),
            Fact::TalkLanguage => json!(facts.talk_language.as_str()),
            Fact::LetterLanguage => json!(facts.letter_language.as_str()),
            Fact::SpecialNeeds => json!(facts.special_needs),
            Fact::CallNeeds => json!(facts.call_needs),
            Fact::LargePrint => json!(facts.large_print),
            Fact::LettersFormat => json!(facts.letters_format),
            Fact::Contact => json!(facts.contact),
            Fact::LetterLayout => json!(facts.letter_layout.as_str()),
            Fact::LettersAddress => json!(facts.letters_address),
            Fact::HomeSite => json!(self.home_site.as_str()),
        }
    }

    /// Puts a value there that stood in the record once.
    pub(super) fn put(&mut self, fact: Fact, value: &Json) -> Result<()> {
        let facts = &mut self.facts;
        match fact {
            Fact::Title => facts.title = text(value)?,
            Fact::OtherNames => facts.other_names = text(value)?,
            Fact::LastName => facts.last_name = text(value)?,
            Fact::DateOfBirth => facts.date_of_birth = read(value)?,
            Fact::Nino => facts.nino = optional(value, Nino::parse)?,
            Fact::Phone => facts.phone = optional(value, UkPhone::stored)?,
            Fact::AddressLines => facts.address_lines = read(value)?,
            Fact::Postcode => facts.postcode = optional(value, Postcode::parse)?,
            Fact::TalkLanguage => facts.talk_language = language(value)?,
            Fact::LetterLanguage => facts.letter_language = language(value)?,
            Fact::SpecialNeeds => facts.special_needs = text(value)?,
            Fact::CallNeeds => facts.call_needs = read(value)?,
            Fact::LargePrint => facts.large_print = read(value)?,
            Fact::LettersFormat => facts.letters_format = text(value)?,
            Fact::Contact => facts.contact = read(value)?,
            Fact::LetterLayout => facts.letter_layout = LetterLayout::chosen(&text(value)?).map_err(Error::internal)?,
            Fact::LettersAddress => facts.letters_address = read(value)?,
            Fact::HomeSite => self.home_site = SiteId::new(&text(value)?),
        }
        Ok(())
    }

    /// What is another in `after`.
    pub(super) fn replaced_by(&self, after: &Self) -> Vec<Replaced> {
        let both =
            Fact::ALL.into_iter().map(|fact| Replaced { fact, was: self.value(fact), became: after.value(fact) });
        both.filter(|one| one.was != one.became).collect()
    }
}

fn read<T: serde::de::DeserializeOwned>(value: &Json) -> Result<T> {
    serde_json::from_value(value.clone()).map_err(Error::internal)
}

fn text(value: &Json) -> Result<String> {
    read(value)
}

fn language(value: &Json) -> Result<Language> {
    Language::parse(&text(value)?).map_err(Error::internal)
}

fn optional<T>(value: &Json, parse: impl Fn(&str) -> std::result::Result<T, String>) -> Result<Option<T>> {
    let text: Option<String> = read(value)?;
    text.as_deref().map(parse).transpose().map_err(Error::internal)
}

/// What the record becomes when a change is taken back, or only some of its facts: each must stand as that change left it,
/// or a later one would be lost without a word.
pub(super) fn taken_back(now: &Said, change: &ClientChange, only: &[Fact]) -> Result<Said> {
    let is_asked = |fact: Fact| only.is_empty() || only.contains(&fact);
    if let Some(other) = only.iter().find(|fact| !change.replaced.iter().any(|one| one.fact == **fact)) {
        return Err(Error::invalid("facts", format!("{} was not changed then", other.as_str())));
    }
    let mut then = now.clone();
    for one in &change.replaced {
        // The site follows the postcode.
        let goes_along = one.fact == Fact::HomeSite && is_asked(Fact::Postcode);
        if !is_asked(one.fact) && !goes_along {
            continue;
        }
        if now.value(one.fact) == one.became {
            then.put(one.fact, &one.was)?;
        } else if !goes_along {
            let message = format!("{} has been changed again since: take back that change first", one.fact.as_str());
            return Err(Error::illegal("CHANGED_SINCE", message));
        }
    }
    Ok(then)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::{Contact, LettersAddress};

    fn said() -> Said {
        let facts = Facts {
            title: "Ms".into(),
            other_names: "Siân".into(),
            last_name: "Hill".into(),
            date_of_birth: "1971-04-23".parse().ok(),
            nino: Nino::parse("AB123456C").ok(),
            phone: UkPhone::parse("01373 000123").ok(),
            address_lines: vec!["1 Example Row".into(), "Frome".into()],
            postcode: Postcode::parse("BA11 1AA").ok(),
            talk_language: Language::Welsh,
            letter_language: Language::Welsh,
            special_needs: "a hearing loop".into(),
            call_needs: vec!["textphone".into()],
            large_print: true,
            letters_format: "braille".into(),
            letter_layout: LetterLayout::Facing,
            letters_address: Some(LettersAddress {
                lines: vec!["8 Friend Street".into()],
                postcode: Postcode::parse("BA1 1AA").unwrap(),
                opened_by: String::new(),
                from: None,
                until: None,
            }),
            half: None,
            contact: Contact { messages: Some(false), ..Contact::default() },
        };
        Said { facts, home_site: SiteId::new("somerset") }
    }

    fn change(was: &Said, became: &Said) -> ClientChange {
        let (by, at) = (UserId::fresh(DateTime::UNIX_EPOCH), DateTime::UNIX_EPOCH);
        ClientChange { revision: 2, by, at, undoes: None, replaced: was.replaced_by(became) }
    }

    #[test]
    fn every_fact_that_a_change_replaced_comes_back() {
        let (full, empty) = (said(), Said { facts: Facts::default(), home_site: SiteId::new("elsewhere") });
        for (was, became) in [(&full, &empty), (&empty, &full)] {
            let change = change(was, became);
            assert_eq!(change.replaced.len(), Fact::ALL.len(), "each fact of the record is kept");
            assert_eq!(&taken_back(became, &change, &[]).unwrap(), was);
        }
        assert_eq!(full.replaced_by(&full), []);
    }

    #[test]
    fn what_was_changed_again_is_not_taken_back() {
        let (first, mut second) = (said(), said());
        second.facts.phone = None;
        second.facts.title = "Dr".into();
        let change = change(&first, &second);
        let mut third = second.clone();
        third.facts.phone = UkPhone::parse("01373 000124").ok();
        let refused = taken_back(&third, &change, &[]).unwrap_err().to_string();
        assert_eq!(refused, "phone has been changed again since: take back that change first");
        let title_only = taken_back(&third, &change, &[Fact::Title]).unwrap();
        assert_eq!((title_only.facts.title.as_str(), title_only.facts.phone), ("Ms", third.facts.phone));
        assert!(matches!(taken_back(&second, &change, &[Fact::Nino]), Err(Error::Invalid(_))));
    }
}
