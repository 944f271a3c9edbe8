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
use super::text::Text;
use crate::formats::{Nino, Pence, Postcode, UkPhone, long_text, parse_date, plain_text};
use serde_json::{Map, Value as Json, json};

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

/// An address has room for this many lines beside its postcode: what a window envelope shows.
const ADDRESS_LINES: usize = 6;
const ADDRESS_LINE_CHARS: usize = 60;

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

fn text_of(value: &Json) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "must be text".to_owned())
}

fn filled(text: String) -> Result<Json, String> {
    if text.is_empty() { Err("must not be empty".into()) } else { Ok(Json::String(text)) }
}

fn ids(options: &[Choice]) -> String {
    options.iter().map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ")
}

fn check_multi(options: &[Choice], value: &Json) -> Result<Json, String> {
    let wrong = || format!("must be a list of any of: {}", ids(options));
    let Json::Array(chosen) = value else { return Err(wrong()) };
    if chosen.len() > options.len() || !chosen.iter().all(|c| options.iter().any(|o| c == o.id.as_str())) {
        return Err(wrong());
    }
    let in_order = options.iter().filter(|o| chosen.iter().any(|c| c == o.id.as_str()));
    Ok(Json::Array(in_order.map(|o| json!(o.id)).collect()))
}

fn check_money(with_period: bool, value: &Json) -> Result<Json, String> {
    let wrong = || {
        let period = if with_period { " and a period (day, week, fortnight, four_weeks, month, year)" } else { "" };
        format!("must be an amount in pounds such as 12.50{period}")
    };
    let (amount, period) = match value {
        Json::Object(money) => {
            known_fields(money, &["pence", "amount", "period"])?;
            let amount = match (money.get("pence").and_then(Json::as_i64), money.get("amount")) {
                // Through the same reader, so that there is one limit.
                (Some(pence), None) if pence >= 0 => Pence::parse(&Pence(pence).to_string()),
                (None, Some(Json::String(text))) => Pence::parse(text),
                _ => Err(wrong()),
            }?;
            (amount, money.get("period").filter(|p| !p.is_null()))
        }
        Json::String(text) => (Pence::parse(text)?, None),
        _ => return Err(wrong()),
    };
    match (with_period, period.map(|p| p.as_str().unwrap_or_default())) {
        (false, None) => Ok(json!({"pence": amount.0})),
        (true, Some(period)) if PERIODS.iter().any(|(id, _)| *id == period) => {
            Ok(json!({"pence": amount.0, "period": period}))
        }
        _ => Err(wrong()),
    }
}

fn check_hours(value: &Json) -> Result<Json, String> {
    let hours = match value {
        Json::Number(number) => number.as_f64(),
        Json::String(text) if text.len() < 12 => text.trim().parse().ok(),
        _ => None,
    };
    match hours {
        Some(hours) if (0.0..=168.0).contains(&hours) && (hours * 4.0).fract() == 0.0 => Ok(json!(hours)),
        _ => Err("must be hours a week from 0 to 168, in quarters of an hour, such as 16 or 7.5".into()),
    }
}

fn check_address(value: &Json) -> Result<Json, String> {
    let lines: Vec<&str> = match value {
        Json::String(text) if text.len() < 4_000 => text.lines().collect(),
        Json::Object(address) => {
            known_fields(address, &["lines"])?;
            let lines = address.get("lines").and_then(Json::as_array).ok_or("must have lines")?;
            lines.iter().take(100).map(text_of).collect::<Result<_, _>>()?
        }
        _ => return Err("must be the lines of an address".into()),
    };
    let mut kept = Vec::new();
    for line in lines {
        let line = plain_text(line, ADDRESS_LINE_CHARS).map_err(|reason| format!("each line {reason}"))?;
        if !line.is_empty() {
            kept.push(line);
        }
    }
    if kept.is_empty() || kept.len() > ADDRESS_LINES {
        return Err(format!("must have from 1 to {ADDRESS_LINES} lines"));
    }
    Ok(json!({ "lines": kept }))
}

const BANK_FIELDS: [&str; 5] = ["account_holder", "bank", "sort_code", "account_number", "roll_number"];

fn check_bank(value: &Json) -> Result<Json, String> {
    let Json::Object(bank) = value else { return Err("must be the details of a bank account".into()) };
    known_fields(bank, &BANK_FIELDS)?;
    let text = |field: &str| bank.get(field).and_then(Json::as_str).unwrap_or_default();
    let figures = |field: &str| -> String { text(field).chars().filter(|c| !matches!(c, ' ' | '-')).collect() };
    let are_figures = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let mut kept = Map::new();
    for field in ["account_holder", "bank"] {
        let words = field.replace('_', " ");
        let name = plain_text(text(field), 60).map_err(|reason| format!("{words}: {reason}"))?;
        if name.is_empty() {
            return Err(format!("{words}: must not be empty"));
        }
        kept.insert(field.into(), json!(name));
    }
    let sort = figures("sort_code");
    if sort.len() != 6 || !are_figures(&sort) {
        return Err("sort code: must be six figures, such as 12-34-56".into());
    }
    kept.insert("sort_code".into(), json!(format!("{}-{}-{}", &sort[..2], &sort[2..4], &sort[4..])));
    let account = figures("account_number");
    if !(6..=10).contains(&account.len()) || !are_figures(&account) {
        return Err("account number: must be eight figures (some banks use six to ten)".into());
    }
    kept.insert("account_number".into(), json!(account));
    let roll = plain_text(text("roll_number"), 18).map_err(|reason| format!("roll number: {reason}"))?;
    if !roll.is_empty() {
        kept.insert("roll_number".into(), json!(roll));
    }
    Ok(Json::Object(kept))
}

fn known_fields(given: &Map<String, Json>, known: &[&str]) -> Result<(), String> {
    if given.keys().all(|name| known.contains(&name.as_str())) {
        Ok(())
    } else {
        Err(format!("must have no other fields than {}", known.join(", ")))
    }
}

fn check_record(columns: &[Column], value: &Json) -> Result<Json, String> {
    let Json::Object(given) = value else { return Err("must have named fields".into()) };
    let names: Vec<&str> = columns.iter().map(|c| c.id.as_str()).collect();
    known_fields(given, &names)?;
    let mut kept = Map::new();
    for column in columns {
        match given.get(&column.id).filter(|v| !v.is_null() && *v != "") {
            Some(value) => {
                let value = column.kind.check(value).map_err(|reason| format!("{}: {reason}", column.id))?;
                kept.insert(column.id.clone(), value);
            }
            None if column.required => return Err(format!("{}: must be answered", column.id)),
            None => {}
        }
    }
    Ok(Json::Object(kept))
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
