//! UK postcodes, the old way: outward code, space, inward code.

use super::without_parting;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A well-formed postcode such as `BA11 1AA`. Whether it exists is for a directory to say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Postcode(String);

impl Postcode {
    /// Reads a postcode in either case, with or without its space; and the number of a British Forces post office, which
    /// stands in a postcode's place: `BFPO 61`.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be a full UK postcode, such as BA11 1AA".to_owned();
        if text.len() > 100 {
            return Err(wrong());
        }
        let text = without_parting(text).to_ascii_uppercase();
        if let Some(number) = text.strip_prefix("BFPO").filter(|number| is_forces_number(number)) {
            return Ok(Self(format!("BFPO {number}")));
        }
        if !text.is_ascii() || !(5..=7).contains(&text.len()) {
            return Err(wrong());
        }
        let (outward, inward) = text.split_at(text.len() - 3);
        if text != "GIR0AA" && !(is_outward(outward.as_bytes()) && is_inward(inward.as_bytes())) {
            return Err(wrong());
        }
        Ok(Self(format!("{outward} {inward}")))
    }

    /// With its space: `BA11 1AA`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The district: `BA11`.
    pub fn outward(&self) -> &str {
        self.0.split(' ').next().unwrap_or_default()
    }
}

/// `A9`, `A99`, `A9A`, `AA9`, `AA99` or `AA9A`, each letter from those in use at its place.
fn is_outward(code: &[u8]) -> bool {
    let [first, rest @ ..] = code else { return false };
    let first_is_right = matches!(first, b'A'..=b'P' | b'R'..=b'U' | b'W' | b'Y' | b'Z');
    first_is_right
        && match rest {
            [d] => d.is_ascii_digit(),
            [d, last] if d.is_ascii_digit() => {
                last.is_ascii_digit() || matches!(last, b'A'..=b'H' | b'J' | b'K' | b'P' | b'S'..=b'U' | b'W')
            }
            [letter, d] => is_second_letter(*letter) && d.is_ascii_digit(),
            [letter, d, last] => {
                is_second_letter(*letter)
                    && d.is_ascii_digit()
                    && (last.is_ascii_digit()
                        || matches!(last, b'A' | b'B' | b'E' | b'H' | b'M' | b'N' | b'P' | b'R' | b'V'..=b'Y'))
            }
            _ => false,
        }
}

fn is_second_letter(letter: u8) -> bool {
    matches!(letter, b'A'..=b'H' | b'K'..=b'Y')
}

fn is_forces_number(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0')
}

/// A figure and two letters, none of C I K M O V.
fn is_inward(code: &[u8]) -> bool {
    matches!(code, [d, letters @ ..] if d.is_ascii_digit()
        && letters.iter().all(|l| l.is_ascii_uppercase() && !b"CIKMOV".contains(l)))
}

impl fmt::Display for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Postcode {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Postcode> for String {
    fn from(postcode: Postcode) -> Self {
        postcode.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The published pattern as lists of the letters allowed at each place.
    fn oracle(text: &str) -> bool {
        const D: &str = "0123456789";
        const FIRST: &str = "ABCDEFGHIJKLMNOPRSTUWYZ";
        const SECOND: &str = "ABCDEFGHKLMNOPQRSTUVWXY";
        const THIRD: &str = "ABCDEFGHJKPSTUW";
        const FOURTH: &str = "0123456789ABEHMNPRVWXY";
        const INWARD: &str = "ABDEFGHJLNPQRSTUWXYZ";
        let shapes: [&[&str]; 6] = [
            &[FIRST, D],
            &[FIRST, D, D],
            &[FIRST, SECOND, D],
            &[FIRST, SECOND, D, FOURTH],
            &[FIRST, D, THIRD],
            &["G", "I", "R"],
        ];
        let chars: Vec<char> = text.chars().collect();
        if text == "GIR 0AA" {
            return true;
        }
        shapes[..5].iter().any(|shape| {
            let whole: Vec<&str> = shape.iter().copied().chain([" ", D, INWARD, INWARD]).collect();
            whole.len() == chars.len() && whole.iter().zip(&chars).all(|(class, c)| class.contains(*c))
        })
    }

    #[test]
    fn the_space_and_the_case_do_not_matter() {
        assert_eq!(Postcode::parse("ba111aa").map(|p| p.to_string()), Ok("BA11 1AA".into()));
        assert_eq!(Postcode::parse("NP4 6YA").as_ref().map(Postcode::outward), Ok("NP4"));
        assert!(Postcode::parse("GIR 0AA").is_ok());
        assert_eq!(Postcode::parse("bfpo61").map(|p| p.to_string()), Ok("BFPO 61".into()));
        assert!(Postcode::parse("BFPO").is_err() && Postcode::parse("BFPO 12345").is_err());
        for wrong in ["", "BA11", "1AA BA11", "QA1 1AA", "BA11 1CA", "BA111 1AA", "ＢＡ１１ 1AA"] {
            assert!(Postcode::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn accepted_postcodes_are_those_of_the_published_pattern(
            outward in "[A-Z][A-Z0-9]{1,3}", inward in "[0-9][A-Z]{2}"
        ) {
            let text = format!("{outward} {inward}");
            prop_assert_eq!(Postcode::parse(&text).is_ok(), oracle(&text), "{}", text);
        }

        #[test]
        fn nothing_that_is_typed_makes_it_panic(text in any::<String>()) {
            let _ = Postcode::parse(&text);
        }
    }
}
