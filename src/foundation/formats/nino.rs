//! National Insurance numbers.
//!
//! Two letters, six figures and a letter from A to D; some letters and pairs are never used (HMRC manual NIM39110).
//! There is no check digit, so a person is also matched by name and date of birth.

use super::{parse_date, without_parting};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Pairs that are never the start of a number.
const NEVER: [&str; 7] = ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"];
/// Pairs used for administration; they look like a client's number and are none.
const ADMINISTRATIVE: [&str; 8] = ["OO", "CR", "FY", "MW", "NC", "PP", "PY", "PZ"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NinoForm {
    /// With its final letter: `AB123456C`.
    Complete,
    /// Given without its final letter, as many people remember it: `AB123456`.
    Incomplete,
    /// A temporary number of the time, `TN` with date of birth and sex: `TN311270F`. It is not a National Insurance
    /// number and must never be treated as one.
    Temporary,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Nino {
    text: String,
    form: NinoForm,
}

impl Nino {
    /// Reads a number in any of its forms, with or without what parts its figures, in either case.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be two letters, six figures and a letter A to D, such as AB 12 34 56 C".to_owned();
        if text.len() > 100 {
            return Err(wrong());
        }
        let text = without_parting(text).to_ascii_uppercase();
        let bytes = text.as_bytes();
        if !text.is_ascii() || !(8..=9).contains(&bytes.len()) {
            return Err(wrong());
        }
        let (pair, figures, suffix) = (&text[..2], &text[2..8], &text[8..]);
        if !pair.bytes().all(|b| b.is_ascii_uppercase()) || !figures.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        if pair == "TN" && matches!(suffix, "M" | "F") {
            return temporary(&text, figures);
        }
        if ADMINISTRATIVE.contains(&pair) {
            return Err(format!("must not begin with {pair}: that is an office's number, not a person's"));
        }
        let never = |b: u8| matches!(b, b'D' | b'F' | b'I' | b'Q' | b'U' | b'V');
        if NEVER.contains(&pair) || bytes.iter().take(2).any(|b| never(*b)) || bytes.get(1) == Some(&b'O') {
            return Err(format!("must begin with two letters that are in use ({pair} is not)"));
        }
        match suffix {
            "" => Ok(Self { text, form: NinoForm::Incomplete }),
            "A" | "B" | "C" | "D" => Ok(Self { text, form: NinoForm::Complete }),
            _ => Err("must end with a letter A to D".into()),
        }
    }

    /// Without spaces, upper case: `AB123456C`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn form(&self) -> NinoForm {
        self.form
    }
}

/// `TN`, date of birth as DDMMYY, M or F.
fn temporary(text: &str, figures: &str) -> Result<Nino, String> {
    let (day, month, year) = (&figures[..2], &figures[2..4], &figures[4..]);
    // 2000 is a leap year and so is 1904..=1996 by four, as in 20xx: one century is enough to check the day exists.
    if parse_date(&format!("20{year}-{month}-{day}")).is_err() {
        return Err("must hold a date of birth (day, month, year) between TN and M or F when it is temporary".into());
    }
    Ok(Nino { text: text.to_owned(), form: NinoForm::Temporary })
}

/// In groups, as it is read back: `AB 12 34 56 C`.
impl fmt::Display for Nino {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, character) in self.text.chars().enumerate() {
            if index > 0 && index % 2 == 0 {
                f.write_str(" ")?;
            }
            write!(f, "{character}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Nino {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Nino> for String {
    fn from(nino: Nino) -> Self {
        nino.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `^(?!BG|GB|KN|NK|NT|TN|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z][0-9]{6}[A-D]$`, character by character.
    fn oracle(text: &str) -> bool {
        let first = "ABCEGHJKLMNOPRSTWXYZ";
        let second = "ABCEGHJKLMNPRSTWXYZ";
        let chars: Vec<char> = text.chars().collect();
        chars.len() == 9
            && !["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].iter().any(|pair| text.starts_with(pair))
            && first.contains(chars[0])
            && second.contains(chars[1])
            && chars[2..8].iter().all(char::is_ascii_digit)
            && "ABCD".contains(chars[8])
    }

    #[test]
    fn the_example_that_can_never_be_real_is_refused() {
        assert!(Nino::parse("QQ 12 34 56 A").is_err());
    }

    #[test]
    fn spaces_and_case_do_not_matter_and_it_reads_back_in_groups() {
        assert_eq!(Nino::parse(" ab12 3456c").map(|n| n.to_string()), Ok("AB 12 34 56 C".into()));
    }

    #[test]
    fn a_missing_last_letter_is_incomplete_and_a_temporary_number_is_told_apart() {
        assert_eq!(Nino::parse("AB123456").map(|n| n.form()), Ok(NinoForm::Incomplete));
        assert_eq!(Nino::parse("TN311270F").map(|n| n.form()), Ok(NinoForm::Temporary));
        assert!(Nino::parse("TN321370F").is_err());
        assert!(Nino::parse("TN311270A").is_err());
    }

    proptest! {
        #[test]
        fn complete_numbers_are_those_of_the_published_pattern(text in "[A-Z]{2}[0-9]{6}[A-F]") {
            let complete = Nino::parse(&text).is_ok_and(|n| n.form() == NinoForm::Complete);
            let administrative = ADMINISTRATIVE.iter().any(|pair| text.starts_with(pair));
            prop_assert_eq!(complete, oracle(&text) && !administrative);
        }

        #[test]
        fn nothing_that_is_typed_makes_it_panic(text in any::<String>()) {
            let _ = Nino::parse(&text);
        }
    }
}
