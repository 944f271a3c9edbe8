//! The number of whoever rings, as a switch sends it.

use super::{UkPhone, without_parting};
use std::fmt;

/// Longer than anything that holds one number and its parameters.
const TEXT_BYTES: usize = 200;

/// A number of another country, in E.164. Only its shape is known to be right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ForeignPhone {
    /// `+353861234567`.
    e164: String,
}

impl ForeignPhone {
    /// Reads `+353 86 123 4567` and `00353 86 123 4567`; spaces, hyphens, dots and brackets do not matter.
    ///
    /// # Errors
    /// A sentence that says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "must be a telephone number of another country, such as +353 86 123 4567".to_owned();
        let text = without_parting(text);
        let plain = |c: char| c.is_ascii_digit() || matches!(c, '(' | ')');
        let rest = text.strip_prefix('+').or_else(|| text.strip_prefix("00")).ok_or_else(wrong)?;
        if text.len() > TEXT_BYTES || !rest.chars().all(plain) {
            return Err(wrong());
        }
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        // Seven to fifteen figures, as ITU-T E.164 allows; no country's begin with 0, and ours would have been read as ours.
        if !(7..=15).contains(&digits.len()) || digits.starts_with('0') || digits.starts_with("44") {
            return Err(wrong());
        }
        Ok(Self { e164: format!("+{digits}") })
    }

    /// `+353861234567`.
    pub fn e164(&self) -> &str {
        &self.e164
    }
}

impl fmt::Display for ForeignPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.e164)
    }
}

/// Who rings. What is neither is no number: withheld, a name, an extension of the switch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallerNumber {
    /// Of the UK, Jersey, Guernsey or the Isle of Man.
    Uk(UkPhone),
    /// It can be shown and rung back, and says nothing about where in the service's area the caller lives.
    Foreign(ForeignPhone),
}

impl CallerNumber {
    /// Reads what a switch sends: the user of a `sip:` address, or a `tel:` number, each with its parameters.
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > TEXT_BYTES {
            return None;
        }
        if let Ok(phone) = UkPhone::from_switch(text) {
            return Some(Self::Uk(phone));
        }
        let (number, context) = number_and_context(text);
        let foreign = match context {
            // Whether a 0 in front belongs to the number differs from country to country: it is left alone.
            Some(prefix) if is_short_form(number) && !number.starts_with('0') => {
                ForeignPhone::parse(&format!("{prefix} {number}"))
            }
            Some(_) if is_short_form(number) => return None,
            _ => ForeignPhone::parse(number),
        };
        foreign.ok().map(Self::Foreign)
    }

    /// As [`CallerNumber::read`], from a switch that says that it sends a national number (`;user=phone` on a `sip:`
    /// address, a trunk that is known to): then `1373000123` without its 0 is a number, too.
    pub fn read_national(text: &str) -> Option<Self> {
        Self::read(text).or_else(|| {
            let (number, context) = number_and_context(text);
            if context.is_some() || !number.starts_with(|first: char| first.is_ascii_digit() && first != '0') {
                return None;
            }
            UkPhone::parse(&format!("0{number}")).ok().map(Self::Uk)
        })
    }

    /// `+441373000123`, `+353861234567`.
    pub fn e164(&self) -> &str {
        match self {
            Self::Uk(phone) => phone.e164(),
            Self::Foreign(phone) => phone.e164(),
        }
    }

    /// As it is shown: `01373 000123`, `+353861234567`. Reading it gives the same number.
    pub fn grouped(&self) -> String {
        match self {
            Self::Uk(phone) => phone.grouped(),
            Self::Foreign(phone) => phone.to_string(),
        }
    }

    /// The number, if it is one that can be searched for among the clients' and texted to.
    pub fn uk(&self) -> Option<&UkPhone> {
        match self {
            Self::Uk(phone) => Some(phone),
            Self::Foreign(_) => None,
        }
    }

    pub fn is_foreign(&self) -> bool {
        matches!(self, Self::Foreign(_))
    }
}

/// E.164.
impl fmt::Display for CallerNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.e164())
    }
}

/// A number, and the prefix to dial that its `;phone-context=` names. A context that is a domain says nothing about the
/// number.
pub(super) fn number_and_context(text: &str) -> (&str, Option<&str>) {
    let (number, parameters) = text.split_once(';').unwrap_or((text, ""));
    let context = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("phone-context").then(|| value.trim())
    });
    (number.trim(), context.filter(|prefix| prefix.starts_with('+')))
}

/// Neither `+` nor `00` in front: a context, if there is one, completes it.
pub(super) fn is_short_form(number: &str) -> bool {
    !number.starts_with('+') && !number.starts_with("00")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Option<String> {
        CallerNumber::read(text).map(|number| number.e164().to_owned())
    }

    #[test]
    fn numbers_of_nine_figures_are_numbers() {
        for (text, e164) in [
            ("0136382345", "+44136382345"),
            ("+44136382345", "+44136382345"),
            ("0183752345", "+44183752345"),
            ("0138641234", "+44138641234"),
            ("0169772345", "+44169772345"),
            ("0120412345", "+44120412345"),
            ("44120412345", "+44120412345"),
            ("120412345;phone-context=+44", "+44120412345"),
        ] {
            assert_eq!(read(text).as_deref(), Some(e164), "{text}");
            assert_eq!(
                CallerNumber::read(text).and_then(|number| number.uk().cloned()).map(|p| p.to_string()),
                read(text)
            );
        }
    }

    #[test]
    fn a_caller_from_abroad_has_a_number() {
        for text in [
            "+353861234567",
            "00353861234567",
            "+353-86-123.4567",
            "+353 (86) 123 4567;isub=12",
            "+353861234567;phone-context=+44",
            "00353861234567;phone-context=+44",
            "861234567;phone-context=+353",
        ] {
            let number = CallerNumber::read(text);
            assert_eq!(number.as_ref().map(CallerNumber::e164), Some("+353861234567"), "{text}");
            assert!(number.is_some_and(|number| number.is_foreign() && number.uk().is_none()), "{text}");
        }
        // Ten figures behind 00, which a context must not make a UK number of.
        assert_eq!(read("003531234567;phone-context=+44").as_deref(), Some("+3531234567"));
        assert_eq!(read("+12125550100").as_deref(), Some("+12125550100"));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            "anonymous",
            "Anonymous",
            "unavailable",
            "restricted",
            "2001",
            "999",
            "asha",
            "+",
            "00",
            "+44",
            "+4413730001",
            "+(44) 1373 0001",
            "+0353861234567",
            "+353861",
            "+3538612345678901",
            "353861234567",
            "1373000123",
            "373000123",
            "0861234567;phone-context=+353",
            "1373000123;phone-context=switch.example",
            "+353861234567@host",
            "foo bar",
            ";phone-context=+353",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(&format!("+35386{}1234567", " ".repeat(300))), None);
    }

    #[test]
    fn a_number_that_the_switch_calls_national_needs_no_0() {
        let read = |text: &str| CallerNumber::read_national(text).map(|number| number.e164().to_owned());
        for text in ["1373000123", "01373000123", "441373000123", "+441373000123", "1373-000-123;isub=7"] {
            assert_eq!(read(text).as_deref(), Some("+441373000123"), "{text}");
        }
        assert_eq!(read("136382345").as_deref(), Some("+44136382345"));
        assert_eq!(read("+353861234567").as_deref(), Some("+353861234567"));
        for text in ["2001", "anonymous", "137300012", "353861234567", "001", "", "861234;phone-context=+353"] {
            assert_ne!(read(text).map(|number| number.starts_with("+44")), Some(true), "{text}");
        }
    }

    /// What P-Asserted-Identity and From carry, as the switches that were tried send it.
    #[test]
    fn an_asserted_identity_is_read_whatever_country_it_names() {
        for (user, shown) in [
            ("+441373000123", Some("01373 000123")),
            ("01373000123", Some("01373 000123")),
            ("+44(0)1373-000-123", Some("01373 000123")),
            ("+447700900123;npdi;rn=+441632960000", Some("07700 900123")),
            ("+353861234567", Some("+353861234567")),
            ("+33123456789;verstat=TN-Validation-Passed", Some("+33123456789")),
            ("anonymous", None),
            ("55512", None),
        ] {
            assert_eq!(CallerNumber::read(user).map(|number| number.grouped()).as_deref(), shown, "{user}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_as_the_same_number(text in "(\\+|00|0|)[1-9][0-9]{5,14}(;phone-context=\\+[0-9]{1,3})?") {
            for number in [CallerNumber::read(&text), CallerNumber::read_national(&text)].into_iter().flatten() {
                prop_assert_eq!(CallerNumber::read(&number.grouped()), Some(number.clone()));
                prop_assert_eq!(CallerNumber::read(number.e164()), Some(number.clone()));
                prop_assert_eq!(number.is_foreign(), !number.e164().starts_with("+44"));
            }
        }

        #[test]
        fn nothing_that_is_sent_makes_it_panic(text in any::<String>()) {
            let _ = CallerNumber::read(&text);
            let _ = CallerNumber::read_national(&text);
            let _ = ForeignPhone::parse(&text);
        }

        #[test]
        fn nothing_like_a_number_makes_it_panic(text in "[+0-9 ().;=\u{a0}-]{0,70}(;phone-context=[+0-9a-z.]{0,8})?") {
            let _ = CallerNumber::read(&text);
            let _ = CallerNumber::read_national(&text);
        }
    }
}
