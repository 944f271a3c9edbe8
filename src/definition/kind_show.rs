//! Answers in words, as they are read back and printed, in both languages.

use super::kind::{Choice, Column, Kind};
use super::kind_check::BANK_FIELDS;
use serde_json::Value as Json;
use startline_foundation::formats::{Language, Nino, Pence, UkPhone, day_in_words, parse_date};

impl Kind {
    /// A stored answer in words. Empty for null.
    pub fn show(&self, value: &Json, language: Language) -> String {
        let text = || value.as_str().unwrap_or_default().to_owned();
        let yes = |yes: bool| pick(language, if yes { ("Yes", "Ie") } else { ("No", "Na") }).to_owned();
        match (self, value) {
            (_, Json::Null) => String::new(),
            (Self::YesNo, _) => yes(value == "yes"),
            (_, Json::Bool(truth)) => yes(*truth),
            (Self::Choice(options), Json::String(id)) => label(options, id, language),
            (Self::Multi(options), Json::Array(chosen)) => chosen
                .iter()
                .filter_map(Json::as_str)
                .map(|id| label(options, id, language))
                .collect::<Vec<_>>()
                .join(", "),
            (Self::Date, Json::String(day)) => {
                parse_date(day).map_or_else(|_| day.clone(), |day| day_in_words(day, language))
            }
            (Self::Money { .. }, Json::Object(money)) => {
                let amount = Pence(money.get("pence").and_then(Json::as_i64).unwrap_or_default());
                let period = money.get("period").and_then(Json::as_str);
                period.map_or(amount.to_string(), |period| format!("{amount} {}", period_in_words(period, language)))
            }
            (Self::Nino, Json::String(nino)) => Nino::parse(nino).map_or_else(|_| text(), |n| n.to_string()),
            // `f64` shows 6.0 as `6` and 6.25 as it is; JSON would show `6.0`.
            (Self::Hours, Json::Number(hours)) => hours.as_f64().map_or_else(|| hours.to_string(), |h| h.to_string()),
            (Self::Phone, Json::String(phone)) => UkPhone::parse(phone).map_or_else(|_| text(), |p| p.grouped()),
            (Self::Address, Json::Object(address)) => {
                let lines = address.get("lines").and_then(Json::as_array).into_iter().flatten();
                lines.filter_map(Json::as_str).collect::<Vec<_>>().join("\n")
            }
            (Self::Bank, Json::Object(bank)) => {
                BANK_FIELDS.iter().filter_map(|field| bank.get(*field)?.as_str()).collect::<Vec<_>>().join(", ")
            }
            (Self::Table { .. }, Json::Array(rows)) if rows.is_empty() => pick(language, ("None", "Dim")).to_owned(),
            (Self::Table { columns, .. }, Json::Array(rows)) => {
                rows.iter().map(|row| show_record(columns, row, language)).collect::<Vec<_>>().join("\n")
            }
            (Self::Group { fields }, Json::Object(_)) => show_record(fields, value, language),
            (_, Json::String(_)) => text(),
            (_, other) => other.to_string(),
        }
    }
}

fn pick(language: Language, (english, welsh): (&'static str, &'static str)) -> &'static str {
    match language {
        Language::English => english,
        Language::Welsh => welsh,
    }
}

/// How often money comes or goes.
pub(super) fn period_in_words(period: &str, language: Language) -> &str {
    let words = match period {
        "day" => ("a day", "y dydd"),
        "week" => ("a week", "yr wythnos"),
        "fortnight" => ("every two weeks", "bob pythefnos"),
        "four_weeks" => ("every four weeks", "bob pedair wythnos"),
        "month" => ("a month", "y mis"),
        "year" => ("a year", "y flwyddyn"),
        other => return other,
    };
    pick(language, words)
}

fn label(options: &[Choice], id: &str, language: Language) -> String {
    let found = options.iter().find(|option| option.id == id);
    found.map_or(id, |option| option.label.in_language(language)).to_owned()
}

fn show_record(columns: &[Column], record: &Json, language: Language) -> String {
    let shown = |column: &Column| {
        let value = record.get(&column.id)?;
        Some(format!("{}: {}", column.label.in_language(language), column.kind.show(value, language)))
    };
    columns.iter().filter_map(shown).collect::<Vec<_>>().join(", ")
}
