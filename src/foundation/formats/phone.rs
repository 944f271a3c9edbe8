//! UK telephone numbers: stored as E.164, shown in the groups people say them in.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Area codes where some local numbers still have five figures, so that the national number has nine.
const SHORT_CODES: [&str; 5] = ["1460", "1935", "1963", "1297", "1884"];

/// A UK number of a right length for its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UkPhone {
    /// `+44` and the national number: `+441373000123`.
    e164: String,
}

impl UkPhone {
    /// Reads a number as it is said or dialled: `01373 000123`, `+44 (0)1373 000123`, `0044 1373 000123`; spaces,
    /// hyphens, dots and brackets do not matter.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be a UK telephone number, such as 01632 960123 or +44 1632 960123".to_owned();
        if text.len() > 60 {
            return Err(wrong());
        }
        let text = text.trim();
        let (international, rest) = match text.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if rest.chars().any(|c| !(c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')' | '\u{a0}'))) {
            return Err(wrong());
        }
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        let foreign = || "must be a UK telephone number: it begins with 0, or with +44".to_owned();
        let national = if international {
            digits.strip_prefix("44").ok_or_else(foreign)?
        } else if let Some(rest) = digits.strip_prefix("00") {
            rest.strip_prefix("44").ok_or_else(foreign)?
        } else {
            digits.strip_prefix('0').ok_or_else(foreign)?
        };
        // Only an international form may carry the national 0 as well: +44 (0)1373.
        let national = match national.strip_prefix('0') {
            Some(rest) if international || digits.starts_with("0044") => rest,
            Some(_) => return Err(wrong()),
            None => national,
        };
        check_length(national)?;
        Ok(Self { e164: format!("+44{national}") })
    }

    /// Reads a number as a switch sends it: as [`UkPhone::parse`], and also `441373000123` without its `+`, and with
    /// what a `tel:` or `sip:` address may carry behind it, of which `;phone-context=+44` counts.
    ///
    /// # Errors
    /// As [`UkPhone::parse`].
    pub fn from_switch(text: &str) -> Result<Self, String> {
        if text.len() > 200 {
            return Self::parse(text);
        }
        let (number, parameters) = text.split_once(';').unwrap_or((text, ""));
        let number = number.trim();
        let context = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("phone-context").then(|| value.trim())
        });
        // A context is a prefix to dial, or a domain that says nothing about the number.
        let in_context = context.filter(|prefix| prefix.starts_with('+') && !number.starts_with('+')).map(|prefix| {
            let local = number.strip_prefix('0').unwrap_or(number);
            Self::parse(&format!("{prefix} {local}"))
        });
        match in_context {
            Some(Ok(phone)) => Ok(phone),
            Some(Err(reason)) if !number.starts_with("44") && !number.starts_with("00") => Err(reason),
            _ if number.starts_with("44") => Self::parse(&format!("+{number}")),
            _ => Self::parse(number),
        }
    }

    /// A telephone number of another country: `+1 212 555 0100`, `001 212 555 0100`.
    pub fn is_foreign(text: &str) -> bool {
        let text = text.trim();
        let plain = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '(' | ')');
        let Some(rest) = text.strip_prefix('+').or_else(|| text.strip_prefix("00")) else { return false };
        let digits = rest.chars().filter(char::is_ascii_digit).count();
        // Seven to fifteen figures, as ITU-T E.164 allows; ours would have been read as ours.
        rest.chars().all(plain) && (7..=15).contains(&digits) && !rest.trim_start().starts_with("44")
    }

    /// `+441373000123`.
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// The national number without its leading 0: `1373000123`.
    pub fn national(&self) -> &str {
        self.e164.strip_prefix("+44").unwrap_or_default()
    }

    /// In the groups it is read back in: `01373 000123`, `020 7946 0123`, `0113 496 0123`, `07700 900123`.
    pub fn grouped(&self) -> String {
        let national = self.national();
        let (code, middle) = if national.starts_with('2') {
            (2, 4)
        } else if national.starts_with("11") || is_director_code(national) {
            (3, 3)
        } else if national.starts_with(['3', '5', '8', '9']) {
            (3, if national.len() == 10 { 3 } else { 0 })
        } else {
            (4, 0)
        };
        let (code, subscriber) = national.split_at(code.min(national.len()));
        if middle == 0 {
            format!("0{code} {subscriber}")
        } else {
            let (first, last) = subscriber.split_at(middle.min(subscriber.len()));
            format!("0{code} {first} {last}")
        }
    }
}

/// The large cities' codes `01x1`: 0121, 0131, 0141, 0151, 0161, 0191 (and London's 0171 and 0181 of before 2000).
fn is_director_code(national: &str) -> bool {
    let bytes = national.as_bytes();
    bytes.first() == Some(&b'1') && bytes.get(2) == Some(&b'1') && bytes.get(1) != Some(&b'0')
}

fn check_length(national: &str) -> Result<(), String> {
    let length = national.len();
    let nine_is_right = SHORT_CODES.iter().any(|code| national.starts_with(code))
        || national.starts_with("800")
        || national.starts_with("500");
    match national.as_bytes().first() {
        Some(b'1' | b'2' | b'3' | b'5' | b'7' | b'8' | b'9') => {}
        _ => return Err("must begin with 01, 02, 03, 05, 07, 08 or 09 (or +44 and the figure after that 0)".into()),
    }
    if length == 10 || (length == 9 && nine_is_right) {
        Ok(())
    } else if nine_is_right {
        Err("must have 10 or 11 figures with its leading 0".into())
    } else {
        Err(format!("must have 11 figures with its leading 0 (this has {})", length + 1))
    }
}

impl fmt::Display for UkPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.e164)
    }
}

impl TryFrom<String> for UkPhone {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<UkPhone> for String {
    fn from(phone: UkPhone) -> Self {
        phone.e164
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_way_of_writing_a_number_gives_the_same_number() {
        for text in ["01373 000123", "(01373) 000-123", "+44 1373 000123", "+44 (0)1373 000123", "0044 (0) 1373 000123"]
        {
            assert_eq!(UkPhone::parse(text).as_ref().map(UkPhone::e164), Ok("+441373000123"), "{text}");
        }
    }

    #[test]
    fn every_way_of_sending_a_number_gives_the_same_number() {
        for text in [
            "01373000123",
            "+441373000123",
            "00441373000123",
            "441373000123",
            "+44(0)1373000123",
            "+44-1373-000.123;isub=12",
            "1373000123;phone-context=+44",
            "01373000123;ext=7;Phone-Context=+44",
            "01373-000-123;phone-context=switch.example",
            "373000123;phone-context=+441",
            "441373000123;phone-context=+44",
            "00441373000123;phone-context=+44",
        ] {
            assert_eq!(UkPhone::from_switch(text).as_ref().map(UkPhone::e164), Ok("+441373000123"), "{text}");
        }
        for text in ["", "anonymous", "+33123456789", "123456789;phone-context=+33", "2001", ";phone-context=+44"] {
            assert!(UkPhone::from_switch(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_are_read_back_in_the_groups_people_say() {
        let grouped = [
            ("01373000123", "01373 000123"),
            ("014605 4321", "01460 54321"),
            ("02079460123", "020 7946 0123"),
            ("01134960123", "0113 496 0123"),
            ("01214960123", "0121 496 0123"),
            ("07700900123", "07700 900123"),
            ("08451234567", "0845 123 4567"),
            ("0800123456", "0800 123456"),
        ];
        for (text, expected) in grouped {
            assert_eq!(UkPhone::parse(text).map(|p| p.grouped()), Ok(expected.into()));
        }
    }

    #[test]
    fn what_is_no_uk_number_is_refused_with_what_would_be_right() {
        for text in [
            "",
            "01373",
            "013730001234",
            "1373 000123",
            "+33 1 23 45 67 89",
            "0137300012",
            "00 1373",
            "04000 000000",
            "01373 ooo123",
            "٠١٣٧٣٠٠٠١٢٣",
            "+44 00 1373 000123",
        ] {
            assert!(UkPhone::parse(text).is_err_and(|reason| reason.starts_with("must ")), "{text}");
        }
    }

    /// The numbering plan as the rules state it, one line a rule.
    fn oracle(national: &str) -> bool {
        let rest_has = |prefix: usize, lengths: &[usize]| lengths.contains(&(national.len() - prefix));
        let starts = |prefix: &str| national.starts_with(prefix);
        if SHORT_CODES.iter().any(|code| starts(code)) {
            rest_has(4, &[5, 6])
        } else if starts("800") || starts("500") {
            rest_has(3, &[6, 7])
        } else if starts("11") || (starts("1") && &national[2..3] == "1") {
            rest_has(3, &[7])
        } else if starts("1") {
            rest_has(4, &[6])
        } else if starts("2") {
            rest_has(2, &[8])
        } else if ["3", "5", "7", "8", "9"].iter().any(|p| starts(p)) {
            rest_has(1, &[9])
        } else {
            false
        }
    }

    proptest! {
        #[test]
        fn lengths_follow_the_numbering_plan(national in "(1460|1935|800|500|113|121|1373|20|7|845|3|4|6)[0-9]{4,9}") {
            prop_assert_eq!(UkPhone::parse(&format!("0{national}")).is_ok(), oracle(&national), "{}", national);
        }

        #[test]
        fn what_is_read_back_is_the_same_number(national in "[1235789][0-9]{9}") {
            let phone = UkPhone::parse(&format!("0{national}"));
            prop_assert_eq!(phone.clone().map(|p| p.grouped()).and_then(|text| UkPhone::parse(&text)), phone);
        }

        #[test]
        fn nothing_that_is_typed_makes_it_panic(text in any::<String>()) {
            let _ = UkPhone::parse(&text);
            let _ = UkPhone::from_switch(&text);
        }
    }
}
