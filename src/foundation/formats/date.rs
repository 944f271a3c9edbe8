//! A calendar date as it is said or typed: `1999-12-31`, `31/12/1999`, `31.12.1999` or `31 December 1999`.

use super::Language;
use chrono::{Datelike, NaiveDate};

/// Nobody who rings was born before this year; it catches mistyped centuries.
const FIRST_YEAR: i32 = 1880;
const LAST_YEAR: i32 = 2199;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Reads a date, day before month. Years are written in full: `01/02/03` is refused, not guessed.
///
/// # Errors
/// A sentence that says what would be right.
pub fn parse_date(text: &str) -> Result<NaiveDate, String> {
    let wrong = || "must be a date, such as 31 December 1999, 31/12/1999 or 1999-12-31".to_owned();
    let text = text.trim();
    if text.len() > 40 {
        return Err(wrong());
    }
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ']).filter(|part| !part.is_empty()).collect();
    let [first, second, third] = parts.as_slice() else { return Err(wrong()) };
    let (year, month, day) = if first.len() == 4 { (first, second, third) } else { (third, second, first) };
    let figures = |part: &str, most: usize| {
        (!part.is_empty() && part.len() <= most && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    let month_number = figures(month, 2).or_else(|| {
        let name = month.to_ascii_lowercase();
        let found = MONTHS.iter().position(|m| *m == name || (name.len() == 3 && m.starts_with(&name)))?;
        u32::try_from(found + 1).ok()
    });
    let year = (year.len() == 4).then(|| figures(year, 4)).flatten();
    let (Some(year), Some(month), Some(day)) = (year, month_number, figures(day, 2)) else { return Err(wrong()) };
    let date = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
    let date = date.ok_or_else(|| "must be a day that exists in the calendar".to_owned())?;
    if !(FIRST_YEAR..=LAST_YEAR).contains(&date.year()) {
        return Err(format!("must have a year between {FIRST_YEAR} and {LAST_YEAR}"));
    }
    Ok(date)
}

const WELSH_MONTHS: [&str; 12] = [
    "Ionawr",
    "Chwefror",
    "Mawrth",
    "Ebrill",
    "Mai",
    "Mehefin",
    "Gorffennaf",
    "Awst",
    "Medi",
    "Hydref",
    "Tachwedd",
    "Rhagfyr",
];

/// `3 April 2000`, `3 Ebrill 2000`.
pub fn day_in_words(day: NaiveDate, language: Language) -> String {
    match language {
        Language::English => day.format("%-d %B %Y").to_string(),
        Language::Welsh => {
            let month = usize::try_from(day.month0()).ok().and_then(|month| WELSH_MONTHS.get(month)).unwrap_or(&"");
            format!("{} {month} {}", day.day(), day.year())
        }
    }
}

const WELSH_WEEKDAYS: [&str; 7] = ["Llun", "Mawrth", "Mercher", "Iau", "Gwener", "Sadwrn", "Sul"];

/// `Monday 3 April`, `dydd Llun 3 Ebrill`: a day that is near enough to need no year.
pub fn weekday_in_words(day: NaiveDate, language: Language) -> String {
    let in_words = day_in_words(day, language);
    let without_year = in_words.rsplit_once(' ').map_or(in_words.as_str(), |(rest, _)| rest);
    match language {
        Language::English => format!("{} {without_year}", day.format("%A")),
        Language::Welsh => {
            let weekday = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or(0);
            format!("dydd {} {without_year}", WELSH_WEEKDAYS.get(weekday).unwrap_or(&""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_near_day_is_named_with_its_weekday_in_either_language() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 3).unwrap_or_default();
        assert_eq!(weekday_in_words(day, Language::English), "Tuesday 3 March");
        assert_eq!(weekday_in_words(day, Language::Welsh), "dydd Mawrth 3 Mawrth");
    }

    #[test]
    fn a_short_year_is_refused_rather_than_guessed() {
        assert!(parse_date("01/02/03").is_err());
        assert!(parse_date("30 February 2000").is_err_and(|r| r.contains("exists")));
        assert!(parse_date("").is_err());
        assert!(parse_date("1-1-1").is_err());
        assert!(parse_date("1066-10-14").is_err());
    }

    proptest! {
        #[test]
        fn every_way_of_writing_a_day_gives_that_day(days in 0i64..100_000) {
            let day = NaiveDate::from_ymd_opt(1881, 1, 1).map(|d| d + chrono::Duration::days(days));
            let Some(day) = day else { return Ok(()) };
            for form in ["%Y-%m-%d", "%d/%m/%Y", "%-d %B %Y", "%-d.%-m.%Y", "%d %b %Y"] {
                prop_assert_eq!(parse_date(&day.format(form).to_string()), Ok(day));
            }
        }

        #[test]
        fn nothing_that_is_typed_makes_it_panic(text in any::<String>()) {
            let _ = parse_date(&text);
        }
    }
}
