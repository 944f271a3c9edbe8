//! The UK numbering plan, as libphonenumber's data has it (by way of `rlibphonenumber`). All that this house asks of that
//! library is asked here, and of numbers that are nine or ten figures long and nothing else: what people type and
//! switches send never reaches it.
//!
//! The data says which numbers are *assigned*. A range that was given out last month is not in it yet, and those set
//! aside for films and tests (01632 960000, 07700 900000) never will be. So it decides nothing about a number of ten
//! figures, which is what nearly every code has and what all new ranges get. It decides where nine will do, of which no
//! more are given out, and there by the code, not by the number.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat};

const UNITED_KINGDOM: i32 = 44;

/// Whether the code that these figures begin with has numbers of nine figures beside those of ten: 01204, 016977, 0800.
/// The figures may be too few or too many.
pub(super) fn has_nine_figures(national: &str) -> bool {
    let code = code(national);
    let left = 9_usize.saturating_sub(code.len() + 2);
    // A code that keeps numbers of nine figures keeps them by the two figures that follow it.
    let mut numbers = (0..100).map(|next| format!("{code}{next:02}{:0<left$}", ""));
    numbers.any(|number| is_assigned(&number) && self::code(&number) == code)
}

/// In the groups it is read back in. A number that the plan has no groups for stays in one piece.
pub(super) fn grouped(national: &str) -> String {
    match number(national).map(|number| PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::National).into_owned()) {
        Some(text) if text.starts_with('0') => text,
        _ => format!("0{national}"),
    }
}

/// The area code, or what stands in its place, without its 0: `1373`, `16977`, `20`, `800`. Its length does not hang on
/// how many figures follow.
fn code(national: &str) -> String {
    let figures: String = national.chars().take(10).collect();
    let grouped = grouped(&format!("{figures:0<10}"));
    let code = grouped.split(' ').next().unwrap_or_default();
    code.strip_prefix('0').unwrap_or(code).to_owned()
}

fn is_assigned(national: &str) -> bool {
    number(national).is_some_and(|number| PHONE_NUMBER_UTIL.is_valid_number(&number))
}

fn number(national: &str) -> Option<PhoneNumber> {
    let figures = national.parse().ok()?;
    Some(PhoneNumber { country_code: UNITED_KINGDOM, national_number: figures, ..PhoneNumber::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Codes by brute force: every code of four figures, every two figures behind it, two ends.
    fn with_nine_figures() -> BTreeSet<u32> {
        let ends = ["000", "987"];
        let any =
            |code: &u32| (0..100).any(|next| ends.iter().any(|end| is_assigned(&format!("{code}{next:02}{end}"))));
        (1000..2000).filter(any).collect()
    }

    #[test]
    fn the_codes_with_nine_figures_are_those_of_the_whole_plan() {
        let codes = with_nine_figures();
        // About forty, and fewer from year to year; a library that knows none, or all, would not be believed.
        assert!((20..=50).contains(&codes.len()), "{codes:?}");
        for code in 1000..2000 {
            let has = (0..10).any(|next| has_nine_figures(&format!("{code}{next}1234")));
            assert_eq!(has, codes.contains(&code), "{code}");
        }
        for other in (200..400).chain(500..600).chain(700..1000) {
            assert_eq!(has_nine_figures(&format!("{other}123456")), other == 800, "{other}");
        }
    }

    #[test]
    fn a_code_of_five_figures_is_not_the_code_of_four_that_it_begins_with() {
        assert_eq!(["1697712345", "1697412345", "1697512345"].map(code), ["16977", "16974", "1697"]);
        assert_eq!(["169772345", "169742345", "169752345"].map(has_nine_figures), [true, false, false]);
        assert_eq!(["1204", "120412345678", "20", ""].map(has_nine_figures), [true, true, false, false]);
    }
}
