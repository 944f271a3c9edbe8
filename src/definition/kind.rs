//! The kinds of answer a question can have, and how each is stored.
//!
//! | kind | stored as |
//! |---|---|
//! | text, long_text | `"..."` |
//! | yes_no | `"yes"` or `"no"` |
//! | choice | the option's id |
//! | multi | a list of option ids, in the definition's order |
//! | date | `"1999-12-31"` |
//! | money | `{"pence": 1250}`, with `"period": "week"` when it recurs |
//! | number, hours | a number |
//! | nino | `"AB123456C"` (or incomplete or temporary, see [`crate::formats::Nino`]) |
//! | postcode | `"BA11 1AA"` |
//! | address | `{"lines": ["1 High Street", "Frome"]}` |
//! | phone | E.164, `"+441373000123"` |
//! | bank | `{"account_holder", "bank", "sort_code": "12-34-56", "account_number", "roll_number"}` |
//! | table | a list of rows, each an object by column id |
//! | group | an object by field id |
//! | computed | whatever its expression comes to; never given from outside |
//! | flag | `true` or `false` |

use super::condition::Condition;
use super::kind_check::{
    BANK_FIELDS, check_address, check_bank, check_hours, check_money, check_multi, check_record, filled, ids, text_of,
};
use super::text::Text;
use crate::formats::{Nino, Pence, Postcode, UkPhone, long_text, parse_date, plain_text};
use serde_json::{Value as Json, json};

/// One option of a choice.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub id: String,
    pub label: Text,
}

/// A column of a table or a field of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub id: String,
    pub label: Text,
    pub kind: Kind,
    /// Whether a row (or the group) is incomplete without it.
    pub required: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Text {
        max_chars: usize,
    },
    LongText {
        max_chars: usize,
    },
    YesNo,
    Choice(Vec<Choice>),
    Multi(Vec<Choice>),
    Date,
    /// `with_period`: the amount recurs, and how often belongs to the answer.
    Money {
        with_period: bool,
    },
    /// Whole numbers.
    Number {
        min: i64,
        max: i64,
    },
    /// Hours a week, in quarters.
    Hours,
    Nino,
    Postcode,
    Address,
    Phone,
    Bank,
    Table {
        columns: Vec<Column>,
        max_rows: usize,
    },
    Group {
        fields: Vec<Column>,
    },
    Computed(Condition),
    Flag,
}

/// How often money comes or goes, and the words for it.
pub const PERIODS: [(&str, &str); 6] = [
    ("day", "a day"),
    ("week", "a week"),
    ("fortnight", "every two weeks"),
    ("four_weeks", "every four weeks"),
    ("month", "a month"),
    ("year", "a year"),
];

impl Kind {
    /// The word for it in definition files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::LongText { .. } => "long_text",
            Self::YesNo => "yes_no",
            Self::Choice(_) => "choice",
            Self::Multi(_) => "multi",
            Self::Date => "date",
            Self::Money { .. } => "money",
            Self::Number { .. } => "number",
            Self::Hours => "hours",
            Self::Nino => "nino",
            Self::Postcode => "postcode",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Bank => "bank",
            Self::Table { .. } => "table",
            Self::Group { .. } => "group",
            Self::Computed(_) => "computed",
            Self::Flag => "flag",
        }
    }

    /// Whether a missing answer is an empty list in conditions.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::Multi(_) | Self::Table { .. })
    }

    /// Checks an answer from outside and gives it back as it is stored. Null is no answer; whoever takes an answer
    /// back does so before asking here.
    ///
    /// # Errors
    /// A sentence that says what would be right, without repeating what was given.
    pub fn check(&self, value: &Json) -> Result<Json, String> {
        match self {
            Self::Text { max_chars } => filled(plain_text(text_of(value)?, *max_chars)?),
            Self::LongText { max_chars } => filled(long_text(text_of(value)?, *max_chars)?),
            Self::YesNo => match value {
                Json::Bool(yes) => Ok(json!(if *yes { "yes" } else { "no" })),
                Json::String(text) if matches!(text.as_str(), "yes" | "no") => Ok(value.clone()),
                _ => Err("must be yes or no".into()),
            },
            Self::Choice(options) => match value {
                Json::String(text) if options.iter().any(|o| o.id == *text) => Ok(value.clone()),
                _ => Err(format!("must be one of: {}", ids(options))),
            },
            Self::Multi(options) => check_multi(options, value),
            Self::Date => Ok(json!(parse_date(text_of(value)?)?.format("%Y-%m-%d").to_string())),
            Self::Money { with_period } => check_money(*with_period, value),
            Self::Number { min, max } => {
                let number = match value {
                    Json::Number(number) => number.as_i64(),
                    Json::String(text) if text.len() < 20 => text.trim().parse().ok(),
                    _ => None,
                };
                match number {
                    Some(number) if (*min..=*max).contains(&number) => Ok(json!(number)),
                    _ => Err(format!("must be a whole number from {min} to {max}")),
                }
            }
            Self::Hours => check_hours(value),
            Self::Nino => Ok(json!(Nino::parse(text_of(value)?)?.as_str())),
            Self::Postcode => Ok(json!(Postcode::parse(text_of(value)?)?.as_str())),
            Self::Address => check_address(value),
            Self::Phone => Ok(json!(UkPhone::parse(text_of(value)?)?.e164())),
            Self::Bank => check_bank(value),
            Self::Table { columns, max_rows } => {
                let Json::Array(rows) = value else { return Err("must be a list of rows".into()) };
                if rows.len() > *max_rows {
                    return Err(format!("must have at most {max_rows} rows"));
                }
                let row = |(index, row)| check_record(columns, row).map_err(|r| format!("row {}, {r}", index + 1));
                Ok(Json::Array(rows.iter().enumerate().map(row).collect::<Result<_, _>>()?))
            }
            Self::Group { fields } => check_record(fields, value),
            Self::Computed(_) => Err("is worked out from other answers and cannot be given".into()),
            Self::Flag => match value {
                Json::Bool(_) => Ok(value.clone()),
                _ => Err("must be true or false".into()),
            },
        }
    }

    /// Answers of this kind, for trying conditions out when a definition is loaded. Each passes [`Kind::check`].
    pub fn samples(&self) -> Vec<Json> {
        match self {
            Self::Text { .. } | Self::LongText { .. } => vec![json!("text")],
            Self::YesNo => vec![json!("yes"), json!("no")],
            Self::Choice(options) => options.iter().map(|o| json!(o.id)).collect(),
            Self::Multi(options) => {
                let all: Vec<&str> = options.iter().map(|o| o.id.as_str()).collect();
                vec![json!([]), json!(all)]
            }
            Self::Date => vec![json!("1970-01-31"), json!("2000-04-03")],
            Self::Money { with_period: false } => vec![json!({"pence": 1250})],
            Self::Money { with_period: true } => vec![json!({"pence": 1250, "period": "week"})],
            Self::Number { min, max } => vec![json!(min), json!(max)],
            Self::Hours => vec![json!(0.0), json!(37.5)],
            Self::Nino => vec![json!("AB123456C")],
            Self::Postcode => vec![json!("BA11 1AA")],
            Self::Address => vec![json!({"lines": ["1 High Street", "Frome"]})],
            Self::Phone => vec![json!("+441632960123")],
            Self::Bank => vec![json!({"account_holder": "A Client", "bank": "A Bank", "sort_code": "12-34-56",
                "account_number": "12345678"})],
            Self::Table { columns, .. } => vec![json!([]), json!([sample_record(columns)])],
            Self::Group { fields } => vec![sample_record(fields)],
            Self::Computed(_) => vec![Json::Bool(true), Json::Bool(false)],
            Self::Flag => vec![json!(true), json!(false)],
        }
    }

    /// A stored answer in words, as it is read back and printed. Empty for null.
    pub fn show(&self, value: &Json, language: &str) -> String {
        let text = || value.as_str().unwrap_or_default().to_owned();
        let label = |options: &[Choice], id: &str| {
            let found = options.iter().find(|o| o.id == id);
            found.map_or(id.to_owned(), |o| o.label.in_language(language).to_owned())
        };
        let yes = |yes: bool| {
            let (en, cy) = if yes { ("Yes", "Ie") } else { ("No", "Na") };
            (if language == "cy" { cy } else { en }).to_owned()
        };
        match (self, value) {
            (_, Json::Null) => String::new(),
            (Self::YesNo, _) => yes(value == "yes"),
            (_, Json::Bool(truth)) => yes(*truth),
            (Self::Choice(options), Json::String(id)) => label(options, id),
            (Self::Multi(options), Json::Array(chosen)) => {
                chosen.iter().filter_map(Json::as_str).map(|id| label(options, id)).collect::<Vec<_>>().join(", ")
            }
            (Self::Date, Json::String(day)) => {
                parse_date(day).map_or_else(|_| day.clone(), |day| day.format("%-d %B %Y").to_string())
            }
            (Self::Money { .. }, Json::Object(money)) => {
                let amount = Pence(money.get("pence").and_then(Json::as_i64).unwrap_or_default());
                let period = money.get("period").and_then(Json::as_str);
                let words = period.and_then(|p| PERIODS.iter().find(|(id, _)| *id == p)).map(|(_, words)| *words);
                words.map_or(amount.to_string(), |words| format!("{amount} {words}"))
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
            (Self::Table { columns, .. }, Json::Array(rows)) => {
                rows.iter().map(|row| show_record(columns, row, language)).collect::<Vec<_>>().join("\n")
            }
            (Self::Group { fields }, Json::Object(_)) => show_record(fields, value, language),
            (_, Json::String(_)) => text(),
            (_, other) => other.to_string(),
        }
    }
}

fn sample_record(columns: &[Column]) -> Json {
    let sample = |column: &Column| Some((column.id.clone(), column.kind.samples().pop()?));
    Json::Object(columns.iter().filter_map(sample).collect())
}

fn show_record(columns: &[Column], record: &Json, language: &str) -> String {
    let shown = |column: &Column| {
        let value = record.get(&column.id)?;
        Some(format!("{}: {}", column.label.in_language(language), column.kind.show(value, language)))
    };
    columns.iter().filter_map(shown).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[path = "kind_tests.rs"]
mod tests;
