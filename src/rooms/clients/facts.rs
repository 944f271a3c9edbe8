//! What is known of a client, and the checks on the way in.

use super::checking::{Faults, optional, too_many_lines};
use super::contact::{self, Contact, ContactDraft};
use super::letters::{LettersAddress, LettersDraft};
use chrono::{DateTime, NaiveDate, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::limits::{ADDRESS_LINE_CHARS, ADDRESS_LINES, NAME_CHARS};
use startline_foundation::formats::{
    Language, Nino, Postcode, UkPhone, folded, parse_date, person_name, plain_text, words,
};
use std::collections::BTreeSet;

const NEEDS_CHARS: usize = 500;
/// Skills one call may need: more than that nobody has.
const CALL_NEEDS: usize = 8;
const CALL_NEED_CHARS: usize = 40;

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    pub title: String,
    pub other_names: String,
    pub last_name: String,
    pub date_of_birth: Option<NaiveDate>,
    pub nino: Option<Nino>,
    pub phone: Option<UkPhone>,
    pub address_lines: Vec<String>,
    pub postcode: Option<Postcode>,
    pub talk_language: Language,
    pub letter_language: Language,
    pub special_needs: String,
    /// Skills an adviser needs to talk with the client, beside the language; as the service definition names them.
    pub call_needs: Vec<String>,
    /// Letters in 16 point and larger.
    pub large_print: bool,
    /// What no print room makes, in a word of the form's: `braille`, `tape`. Empty for letters on paper.
    pub letters_format: String,
    pub letter_layout: LetterLayout,
    /// Where letters go instead of the home.
    pub letters_address: Option<LettersAddress>,
    /// Which half of the home address was given anew without the other: nobody knows whether they belong together.
    pub half: Option<Half>,
    /// How they are reached, and who speaks for them.
    pub contact: Contact,
}

words! {
    /// A half of the home address.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Half {
        Lines = "lines",
        Postcode = "postcode",
    }
}

impl Half {
    pub fn other(self) -> Self {
        match self {
            Self::Lines => Self::Postcode,
            Self::Postcode => Self::Lines,
        }
    }
}

words! {
    /// How the two languages of a Welsh letter stand beside each other.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum LetterLayout {
        /// In two columns.
        #[default]
        SideBySide = "side_by_side",
        /// On facing pages: Welsh on the left, English on the right.
        Facing = "facing",
    }
}

impl LetterLayout {
    /// Nothing given is side by side.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn chosen(text: &str) -> Result<Self, String> {
        match text {
            "" => Ok(Self::SideBySide),
            text => Self::parse(text)
                .ok_or_else(|| "is no way to lay out a letter in two languages: use side_by_side or facing".into()),
        }
    }
}

/// The facts as somebody typed them. An empty text means "not yet known".
#[derive(Debug, Clone, Default)]
pub struct FactsDraft {
    pub title: String,
    pub other_names: String,
    pub last_name: String,
    pub date_of_birth: String,
    pub nino: String,
    pub phone: String,
    pub address_lines: Vec<String>,
    pub postcode: String,
    pub talk_language: String,
    pub letter_language: String,
    pub special_needs: String,
    pub call_needs: Vec<String>,
    pub large_print: bool,
    pub letters_format: String,
    pub letter_layout: String,
    /// None leaves what is known; an empty one takes it away.
    pub letters_address: Option<LettersDraft>,
    /// The same.
    pub contact: Option<ContactDraft>,
}

impl Facts {
    /// Where post goes on a day: the lines and the postcode belong together.
    pub fn post_on(&self, day: NaiveDate) -> (&[String], Option<&Postcode>) {
        match self.letters_address_on(day) {
            Some(letters) => (&letters.lines, Some(&letters.postcode)),
            // A half that may be the old home's is none.
            None => match self.half {
                None => (&self.address_lines, self.postcode.as_ref()),
                Some(Half::Lines) => (&self.address_lines, None),
                Some(Half::Postcode) => (&[], self.postcode.as_ref()),
            },
        }
    }

    /// One half of the home address was given, by itself. The other is waited for when this one is another than it was.
    pub(super) fn gave_half(&mut self, half: Half, is_another: bool) {
        let both_known = !self.address_lines.is_empty() && self.postcode.is_some();
        if self.half == Some(half.other()) {
            self.half = None;
        } else if is_another && both_known {
            self.half = Some(half);
        }
    }

    /// Where letters go on a day instead of the home.
    pub fn letters_address_on(&self, day: NaiveDate) -> Option<&LettersAddress> {
        self.letters_address.as_ref().filter(|letters| letters.holds_on(day))
    }
}

impl FactsDraft {
    /// The facts, or every field that is wrong and what would be right.
    pub fn check(&self, now: DateTime<Utc>) -> Result<Facts> {
        let mut faults = Faults::default();
        let facts = Facts {
            title: faults.take("title", plain_text(&self.title, NAME_CHARS)),
            other_names: faults.take("other_names", name(&self.other_names)),
            last_name: faults.take("last_name", required(name(&self.last_name))),
            date_of_birth: faults.take("date_of_birth", optional(&self.date_of_birth, |t| born(t, now))),
            nino: faults.take("nino", optional(&self.nino, Nino::parse)),
            phone: faults.take("phone", optional(&self.phone, UkPhone::parse)),
            address_lines: faults.lines("address_lines", &self.address_lines),
            postcode: faults.take("postcode", optional(&self.postcode, Postcode::parse)),
            talk_language: faults.take("talk_language", Language::parse(&self.talk_language)),
            letter_language: faults.take("letter_language", Language::parse(&self.letter_language)),
            special_needs: faults.take("special_needs", plain_text(&self.special_needs, NEEDS_CHARS)),
            call_needs: faults.take("call_needs", call_needs(&self.call_needs)),
            large_print: self.large_print,
            letters_format: faults.take("letters_format", contact::word(&self.letters_format)),
            letter_layout: faults.take("letter_layout", LetterLayout::chosen(&self.letter_layout)),
            letters_address: self.letters_address.as_ref().and_then(|draft| draft.check(&mut faults)),
            half: None,
            contact: self.contact.as_ref().map(|draft| draft.check(&mut faults)).unwrap_or_default(),
        };
        if faults.0.is_empty() { Ok(facts) } else { Err(Error::Invalid(faults.0)) }
    }
}

fn required(checked: Result<String, String>) -> Result<String, String> {
    checked.and_then(|text| if text.is_empty() { Err("is needed".into()) } else { Ok(text) })
}

pub(super) fn born(text: &str, now: DateTime<Utc>) -> Result<NaiveDate, String> {
    let date = parse_date(text)?;
    let today = now.date_naive();
    if date > today || today.years_since(date).is_none_or(|age| age > 120) {
        return Err("is not a day somebody alive was born on".into());
    }
    Ok(date)
}

pub(super) fn name(text: &str) -> Result<String, String> {
    person_name(text, NAME_CHARS)
}

pub(super) fn title(text: &str) -> Result<String, String> {
    plain_text(text, NAME_CHARS)
}

/// The lines of an address, as an envelope's window shows them.
pub(super) fn lines(lines: &[String]) -> Result<Vec<String>, String> {
    if lines.len() > ADDRESS_LINES {
        return Err(too_many_lines());
    }
    lines.iter().map(|line| plain_text(line, ADDRESS_LINE_CHARS)).collect()
}

/// Words for skills; sorted, each once.
pub(super) fn call_needs(words: &[String]) -> Result<Vec<String>, String> {
    let is_word = |word: &str| {
        let letters = word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        letters && (1..=CALL_NEED_CHARS).contains(&word.len())
    };
    if words.len() > CALL_NEEDS {
        return Err(format!("are more than {CALL_NEEDS}"));
    }
    let words: BTreeSet<&str> = words.iter().map(|word| word.trim()).collect();
    match words.iter().find(|word| !is_word(word)) {
        Some(wrong) => Err(format!("{wrong:?} is no word for a skill: use small letters and hyphens")),
        None => Ok(words.into_iter().map(str::to_owned).collect()),
    }
}

/// How a last name is compared.
pub fn name_key(name: &str) -> String {
    folded(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-03T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let draft = FactsDraft {
            last_name: "".into(),
            nino: "BG123456A".into(),
            postcode: "FROME".into(),
            phone: "12".into(),
            date_of_birth: "2031-01-01".into(),
            special_needs: "a\u{202e}b".into(),
            call_needs: vec!["Two Words".into()],
            ..Default::default()
        };
        let Err(Error::Invalid(faults)) = draft.check(now()) else { panic!("was accepted") };
        let fields: Vec<_> = faults.iter().map(|f| f.field.as_str()).collect();
        let expected = ["last_name", "date_of_birth", "nino", "phone", "postcode", "special_needs", "call_needs"];
        assert_eq!(fields, expected.map(|f| format!("facts.{f}")));
    }

    #[test]
    fn needs_are_words_in_small_letters_each_once() {
        let needs = |words: &[&str]| call_needs(&words.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(needs(&["urdu", "textphone", " urdu"]).unwrap(), ["textphone", "urdu"]);
        assert!(needs(&["a"; 9]).is_err());
        assert!(needs(&[""]).is_err());
    }

    #[test]
    fn names_are_found_however_they_are_typed() {
        assert_eq!(name_key("O'Brien-Smith "), name_key("obrien smith"));
        assert_eq!(name_key("Siân-Ffŷdd"), name_key("SIAN FFYDD"));
    }
}
