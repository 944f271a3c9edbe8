//! UK telephone numbers: stored as E.164, shown in the groups people say them in.

use super::caller::{ForeignPhone, is_short_form, number_and_context};
use super::plan;
use super::without_parting;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A UK number of a right length for its code: possible, whether or not anybody has it. Ten figures behind the 0 are
/// possible for every kind of number; nine only where the numbering plan has them (see [`plan`]). So a range that is
/// given out tomorrow is taken at once, and so are the numbers for films and tests. Numbers of seven figures (0800 1111)
/// belong to nobody who rings or could be rung, and are refused.
///
/// Jersey, Guernsey and the Isle of Man share +44 and are dialled in the same way: their numbers are numbers here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UkPhone {
    /// `+44` and the national number: `+441373000123`.
    e164: String,
}

impl UkPhone {
    /// Reads a number as it is said or dialled: `01373 000123`, `+44 (0)1373 000123`, `0044 1373 000123`; spaces,
    /// dashes, dots, slashes, brackets and invisible marks do not matter.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be a UK telephone number, such as 01632 960123 or +44 1632 960123".to_owned();
        if text.len() > 120 {
            return Err(wrong());
        }
        let text = without_parting(text);
        let (international, rest) = match text.strip_prefix('+') {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        };
        if rest.chars().any(|c| !(c.is_ascii_digit() || matches!(c, '(' | ')'))) {
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
        let (number, context) = number_and_context(text);
        let in_context = context.filter(|_| is_short_form(number)).map(|prefix| {
            let local = number.strip_prefix('0').unwrap_or(number);
            Self::parse(&format!("{prefix} {local}"))
        });
        match in_context {
            Some(Ok(phone)) => Ok(phone),
            Some(Err(reason)) if !number.starts_with("44") => Err(reason),
            _ if number.starts_with("44") => Self::parse(&format!("+{number}")),
            _ => Self::parse(number),
        }
    }

    /// Reads what was checked when it was stored. The plan may have changed since (codes lose their numbers of nine
    /// figures), and what was stored must stay readable.
    ///
    /// # Errors
    /// It is not `+44` with nine or ten figures.
    pub fn stored(e164: &str) -> Result<Self, String> {
        let national = e164.strip_prefix("+44").unwrap_or_default();
        let is_number = matches!(national.len(), 9 | 10) && national.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && !national.starts_with('0') {
            Ok(Self { e164: e164.to_owned() })
        } else {
            Err("must be +44 and nine or ten figures".into())
        }
    }

    /// A telephone number of another country: `+1 212 555 0100`, `001 212 555 0100`.
    pub fn is_foreign(text: &str) -> bool {
        ForeignPhone::parse(text).is_ok()
    }

    /// `+441373000123`.
    pub fn e164(&self) -> &str {
        &self.e164
    }

    /// The national number without its leading 0: `1373000123`.
    pub fn national(&self) -> &str {
        self.e164.strip_prefix("+44").unwrap_or_default()
    }

    /// In the groups it is read back in: `01373 000123`, `01363 82345`, `016977 2345`, `020 7946 0123`, `0113 496 0123`,
    /// `07700 900123`.
    pub fn grouped(&self) -> String {
        plan::grouped(self.national())
    }
}

fn check_length(national: &str) -> Result<(), String> {
    if !national.starts_with(['1', '2', '3', '5', '7', '8', '9']) {
        return Err("must begin with 01, 02, 03, 05, 07, 08 or 09 (or +44 and the figure after that 0)".into());
    }
    let length = national.len();
    if length == 10 {
        return Ok(());
    }
    let figures = match (plan::has_nine_figures(national), length) {
        (true, 9) => return Ok(()),
        (true, _) => "10 or 11 figures",
        (false, _) => "11 figures",
    };
    Err(format!("must have {figures} with its leading 0 (this has {})", length + 1))
}

impl fmt::Display for UkPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.e164)
    }
}

impl TryFrom<String> for UkPhone {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::stored(&text)
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
            "441373000123;phone-context=switch.example",
        ] {
            assert_eq!(UkPhone::from_switch(text).as_ref().map(UkPhone::e164), Ok("+441373000123"), "{text}");
        }
        for text in [
            "",
            "anonymous",
            "+33123456789",
            "123456789;phone-context=+33",
            "2001",
            ";phone-context=+44",
            "003531234567;phone-context=+44",
        ] {
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
            ("0136382345", "01363 82345"),
            ("0169772345", "016977 2345"),
            ("01697723456", "016977 23456"),
            ("01524212345", "015242 12345"),
            ("07012345678", "070 1234 5678"),
            ("03001234567", "0300 123 4567"),
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

    #[test]
    fn a_wrong_length_is_told_what_lengths_its_code_has() {
        for (text, reason) in [
            ("01373 00012", "must have 11 figures with its leading 0 (this has 10)"),
            ("020 7946 012", "must have 11 figures with its leading 0 (this has 10)"),
            ("0845 123456", "must have 11 figures with its leading 0 (this has 10)"),
            ("016974 1234", "must have 11 figures with its leading 0 (this has 10)"),
            ("01460 5432", "must have 10 or 11 figures with its leading 0 (this has 9)"),
            ("016977 234567", "must have 10 or 11 figures with its leading 0 (this has 12)"),
            ("0800 1111", "must have 10 or 11 figures with its leading 0 (this has 8)"),
            ("0", "must begin with 01, 02, 03, 05, 07, 08 or 09 (or +44 and the figure after that 0)"),
            ("06000 000000", "must begin with 01, 02, 03, 05, 07, 08 or 09 (or +44 and the figure after that 0)"),
        ] {
            assert_eq!(UkPhone::parse(text), Err(reason.into()), "{text}");
        }
    }

    #[test]
    fn numbers_that_films_and_tests_may_use_are_possible() {
        for text in [
            "0113 496 0123",
            "0151 496 0123",
            "020 7946 0123",
            "028 9649 6123",
            "029 2018 0123",
            "01632 960123",
            "07700 900123",
            "0808 157 0123",
            "0909 879 0123",
            "03069 990123",
        ] {
            assert!(UkPhone::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn the_islands_that_share_44_have_numbers() {
        for text in ["01481 256789", "01534 456789", "01624 756789", "07781 123456", "07797 712345", "07624 123456"] {
            assert!(UkPhone::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_was_stored_is_read_when_the_plan_has_moved_on() {
        let stored = |text: &str| UkPhone::stored(text).map(|phone| (phone.e164().to_owned(), phone.grouped()));
        assert!(UkPhone::parse("0500 123456").is_err());
        assert_eq!(stored("+44500123456"), Ok(("+44500123456".into(), "0500123456".into())));
        assert_eq!(stored("+441373000123"), Ok(("+441373000123".into(), "01373 000123".into())));
        for text in [
            "",
            "01373000123",
            "+44",
            "+4413730001",
            "+4413730001234",
            "+440137300012",
            "+44 373000123",
            "+353861234567",
        ] {
            assert!(stored(text).is_err(), "{text}");
        }
        assert_eq!(
            serde_json::from_str::<UkPhone>("\"+44500123456\"").map(|phone| phone.to_string()).ok(),
            Some("+44500123456".into())
        );
    }

    proptest! {
        #[test]
        fn lengths_follow_the_numbering_plan(national in "(1460|1204|1837|16977|800|500|113|121|1373|1632|20|7|845|3|4|6)[0-9]{4,9}") {
            let nine = ["1460", "1204", "1837", "16977", "800"].iter().any(|code| national.starts_with(code));
            let right = !national.starts_with(['4', '6']) && (national.len() == 10 || national.len() == 9 && nine);
            prop_assert_eq!(UkPhone::parse(&format!("0{national}")).is_ok(), right, "{}", national);
        }

        #[test]
        fn what_is_read_back_is_the_same_number(national in "([1235789]|1460|16977|800)[0-9]{5,9}") {
            if let Ok(phone) = UkPhone::parse(&format!("0{national}")) {
                prop_assert_eq!(UkPhone::parse(&phone.grouped()), Ok(phone.clone()));
                prop_assert_eq!(UkPhone::parse(phone.e164()), Ok(phone.clone()));
                prop_assert_eq!(UkPhone::stored(phone.e164()), Ok(phone));
            }
        }

        #[test]
        fn nothing_that_is_typed_makes_it_panic(text in any::<String>()) {
            let _ = UkPhone::parse(&text);
            let _ = UkPhone::from_switch(&text);
        }
    }
}
