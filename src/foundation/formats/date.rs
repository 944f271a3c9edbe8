//! A calendar date as it is said or typed: `1999-12-31`, `31/12/1999`, `31.12.1999`, `31 December 1999`, `31ain Rhagfyr 1999`.

use super::Language;
use super::invisible::parts_figures;
use chrono::{Datelike, NaiveDate};

/// Nobody who rings was born before this year; it catches mistyped centuries.
const FIRST_YEAR: i32 = 1880;
const LAST_YEAR: i32 = 2199;

/// The first letters by which a month is known in either language; the longest that fits counts, so that `mawrth` is not
/// `mai`. Whoever types more letters of the name types the same month.
const MONTHS: [(&str, &str); 12] = [
    ("january", "ionawr"),
    ("february", "chwefror"),
    ("march", "mawrth"),
    ("april", "ebrill"),
    ("may", "mai"),
    ("june", "mehefin"),
    ("july", "gorffennaf"),
    ("august", "awst"),
    ("september", "medi"),
    ("october", "hydref"),
    ("november", "tachwedd"),
    ("december", "rhagfyr"),
];

/// Fewest letters of a month's name: `jan`, `sept`.
const MONTH_LETTERS: usize = 3;

/// Days of the week, which people say before a date; that it is the right one is not looked at.
const WEEKDAYS: [&str; 14] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "llun",
    "mawrth",
    "mercher",
    "iau",
    "gwener",
    "sadwrn",
    "sul",
];

/// Reads a date, day before month, as people say it in English or Welsh: `23rd April 1971`, `23 Sept 1971`,
/// `23 Ebrill 1971`, `y 1af o Fai 1971`. Years are written in full: `01/02/03` is refused, not guessed.
///
/// # Errors
/// A sentence that says what would be right.
pub fn parse_date(text: &str) -> Result<NaiveDate, String> {
    let wrong = || "must be a date, such as 31 December 1999, 31/12/1999 or 1999-12-31".to_owned();
    if text.len() > 100 {
        return Err(wrong());
    }
    let text = text.to_lowercase();
    let spoken: Vec<&str> = text
        .split(|c: char| parts_figures(c) || c == ',')
        .filter(|part| !matches!(*part, "" | "the" | "of" | "y" | "yr" | "o" | "dydd"))
        .collect();
    // A day of the week, where one was said first.
    let parts = match spoken.as_slice() {
        [day, rest @ ..] if rest.len() == 3 && is_weekday(day) => rest,
        parts => parts,
    };
    let [first, second, third] = parts else { return Err(wrong()) };
    let (year, month, day) = if first.len() == 4 && first.bytes().all(|b| b.is_ascii_digit()) {
        (first, second, third)
    } else if month_named(first).is_some() {
        (third, first, second)
    } else {
        (third, second, first)
    };
    let figures = |part: &str, most: usize| {
        (!part.is_empty() && part.len() <= most && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())
            .flatten()
    };
    let month_number = figures(month, 2).or_else(|| month_named(month));
    let year = (year.len() == 4).then(|| figures(year, 4)).flatten();
    let day = if figures(month, 2).is_some() { figures(day, 2) } else { figures(without_ordinal(day), 2) };
    let (Some(year), Some(month), Some(day)) = (year, month_number, day) else { return Err(wrong()) };
    let date = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
    let date = date.ok_or_else(|| "must be a day that exists in the calendar".to_owned())?;
    if !(FIRST_YEAR..=LAST_YEAR).contains(&date.year()) {
        return Err(format!("must have a year between {FIRST_YEAR} and {LAST_YEAR}"));
    }
    Ok(date)
}

fn is_weekday(word: &str) -> bool {
    WEEKDAYS.iter().any(|day| *day == word || word.len() >= MONTH_LETTERS && day.starts_with(word))
}

/// A month by its name, or by the letters with which its name begins; after `o` Welsh changes the first letter.
fn month_named(word: &str) -> Option<u32> {
    let begins = |name: &str, word: &str| word.chars().count() >= MONTH_LETTERS && name.starts_with(word);
    let is = |word: &str| {
        let found = MONTHS.iter().position(|(english, welsh)| begins(english, word) || begins(welsh, word))?;
        u32::try_from(found + 1).ok()
    };
    is(word).or_else(|| unmutated(word).iter().find_map(|word| is(word)))
}

/// What a word may have been before the soft mutation: `Fai` is `Mai`, `Orffennaf` is `Gorffennaf`.
fn unmutated(word: &str) -> Vec<String> {
    match word.chars().next() {
        Some('f') => vec![format!("m{}", word.get(1..).unwrap_or_default())],
        Some('d') => vec![format!("t{}", word.get(1..).unwrap_or_default())],
        Some('r') => vec![format!("rh{}", word.get(1..).unwrap_or_default())],
        Some('o') => vec![format!("g{word}")],
        _ => Vec::new(),
    }
}

/// `23rd` and `1af` without their letters.
fn without_ordinal(day: &str) -> &str {
    const ENDINGS: [&str; 13] = ["st", "nd", "rd", "th", "af", "ain", "ydd", "fed", "eg", "ed", "dd", "il", "ên"];
    ENDINGS.iter().find_map(|ending| day.strip_suffix(ending)).unwrap_or(day)
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

    #[test]
    fn a_day_is_read_as_people_say_it_in_either_language() {
        let day = NaiveDate::from_ymd_opt(1971, 4, 23).unwrap_or_default();
        for text in [
            "23rd April 1971",
            "23 Ebrill 1971",
            "Friday, 23rd of April 1971",
            "dydd Gwener 23 Ebrill 1971",
            "April 23rd, 1971",
            "23-Apr-1971",
            "23\u{2013}04\u{2013}1971",
            "\u{202a}23/04/1971\u{202c}",
            "23 04 1971",
        ] {
            assert_eq!(parse_date(text), Ok(day), "{text}");
        }
        let month = |text: &str| parse_date(text).map(|day| day.month());
        assert_eq!(month("23 Sept 1971"), Ok(9));
        assert_eq!(month("y 1af o Fai 1971"), Ok(5));
        assert_eq!(month("3 o Fawrth 1971"), Ok(3));
        assert_eq!(month("2il Orffennaf 1971"), Ok(7));
        assert!(parse_date("23 Ma 1971").is_err() && parse_date("23 Smarch 1971").is_err());
        assert!(parse_date("23rd 04 1971").is_err(), "an ordinal goes with a name");
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
