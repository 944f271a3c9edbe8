//! Checks of answers: what comes from outside goes in, what is stored comes out.

use super::kind::{Choice, Column, Kind, PERIODS};
use super::wrong::Wrong;
use serde_json::{Map, Value as Json, json};
use startline_foundation::formats::limits::{ADDRESS_LINE_CHARS, ADDRESS_LINES};
use startline_foundation::formats::{
    Nino, Pence, Postcode, UkPhone, long_text, parse_date, plain_text, without_parting,
};

impl Kind {
    /// Checks an answer from outside and gives it back as it is stored. Null is no answer; whoever takes an answer
    /// back does so before asking here.
    ///
    /// # Errors
    /// What would be right, without repeating what was given.
    pub fn check(&self, value: &Json) -> Result<Json, Wrong> {
        match self {
            Self::Text { max_chars } => filled(line_of_text(text_of(value)?, *max_chars)?),
            Self::LongText { max_chars } => {
                filled(long_text(text_of(value)?, *max_chars).map_err(|en| not_plain(en, *max_chars))?)
            }
            Self::YesNo => match value {
                Json::Bool(yes) => Ok(json!(if *yes { "yes" } else { "no" })),
                Json::String(text) if matches!(text.as_str(), "yes" | "no") => Ok(value.clone()),
                _ => Err(Wrong::new("must be yes or no", "rhaid iddo fod yn yes (ie) neu no (na)")),
            },
            Self::Choice(options) => match value {
                Json::String(text) if options.iter().any(|o| o.id == *text) => Ok(value.clone()),
                _ => Err(one_of("must be one of", "rhaid iddo fod yn un o", options)),
            },
            Self::Multi(options) => check_multi(options, value),
            Self::Date => {
                let cy = "rhaid iddo fod yn ddyddiad sy'n bod, megis 31/12/1999 neu 1999-12-31";
                let day = parse_date(text_of(value)?).map_err(|en| Wrong::new(en, cy))?;
                Ok(json!(day.format("%Y-%m-%d").to_string()))
            }
            Self::Money { with_period } => check_money(*with_period, value),
            Self::Number { min, max } => check_number(*min, *max, value),
            Self::Hours => check_hours(value),
            Self::Nino => {
                let cy = "rhaid iddo fod yn rhif Yswiriant Gwladol: dwy lythyren, chwe ffigur a llythyren A i D, megis AB 12 34 56 C";
                Ok(json!(Nino::parse(text_of(value)?).map_err(|en| Wrong::new(en, cy))?.as_str()))
            }
            Self::Postcode => {
                let cy = "rhaid iddo fod yn god post, megis BA11 1AA";
                Ok(json!(Postcode::parse(text_of(value)?).map_err(|en| Wrong::new(en, cy))?.as_str()))
            }
            Self::Address => check_address(value),
            Self::Phone => {
                let cy = "rhaid iddo fod yn rhif ffôn yn y DU, megis 01373 000123 neu 07700 900123";
                Ok(json!(UkPhone::parse(text_of(value)?).map_err(|en| Wrong::new(en, cy))?.e164()))
            }
            Self::Bank => check_bank(value),
            Self::Table { columns, min_rows, max_rows } => check_table(columns, *min_rows, *max_rows, value),
            Self::Group { fields } => check_record(fields, value),
            Self::Computed(_) => Err(Wrong::new(
                "is worked out from other answers and cannot be given",
                "fe'i cyfrifir o atebion eraill; ni ellir ei roi",
            )),
            Self::Flag => match value {
                Json::Bool(_) => Ok(value.clone()),
                _ => Err(Wrong::new("must be true or false", "rhaid iddo fod yn true neu false")),
            },
            Self::Paper(_) => Err(Wrong::new(
                "is filled in on paper at the meeting, not here",
                "fe'i llenwir ar bapur yn y cyfarfod, nid yma",
            )),
        }
    }
}

fn text_of(value: &Json) -> Result<&str, Wrong> {
    value.as_str().ok_or_else(|| Wrong::new("must be text", "rhaid iddo fod yn destun"))
}

fn empty() -> Wrong {
    Wrong::new("must not be empty", "rhaid iddo beidio â bod yn wag")
}

fn filled(text: String) -> Result<Json, Wrong> {
    if text.is_empty() { Err(empty()) } else { Ok(Json::String(text)) }
}

fn not_plain(en: String, max_chars: usize) -> Wrong {
    Wrong::new(en, format!("rhaid iddo fod yn destun plaen o hyd at {max_chars} nod, heb nodau cudd na nodau rheoli"))
}

fn line_of_text(text: &str, max_chars: usize) -> Result<String, Wrong> {
    plain_text(text, max_chars).map_err(|en| not_plain(en, max_chars))
}

fn one_of(en: &str, cy: &str, options: &[Choice]) -> Wrong {
    let ids = options.iter().map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ");
    Wrong::new(format!("{en}: {ids}"), format!("{cy}: {ids}"))
}

fn check_multi(options: &[Choice], value: &Json) -> Result<Json, Wrong> {
    let wrong = || one_of("must be a list of any of", "rhaid iddo fod yn rhestr o unrhyw rai o", options);
    let Json::Array(chosen) = value else { return Err(wrong()) };
    if chosen.len() > options.len() || !chosen.iter().all(|c| options.iter().any(|o| c == o.id.as_str())) {
        return Err(wrong());
    }
    let in_order = options.iter().filter(|o| chosen.iter().any(|c| c == o.id.as_str()));
    Ok(Json::Array(in_order.map(|o| json!(o.id)).collect()))
}

fn check_number(min: i64, max: i64, value: &Json) -> Result<Json, Wrong> {
    let number = match value {
        Json::Number(number) => number.as_i64(),
        Json::String(text) if text.len() < 20 => text.trim().parse().ok(),
        _ => None,
    };
    match number {
        Some(number) if (min..=max).contains(&number) => Ok(json!(number)),
        _ => Err(Wrong::new(
            format!("must be a whole number from {min} to {max}"),
            format!("rhaid iddo fod yn rhif cyfan o {min} i {max}"),
        )),
    }
}

fn check_money(with_period: bool, value: &Json) -> Result<Json, Wrong> {
    let wrong = || {
        let periods = PERIODS.join(", ");
        let (en, cy) = match with_period {
            true => (format!(" and a period ({periods})"), format!(" a chyfnod ({periods})")),
            false => Default::default(),
        };
        Wrong::new(
            format!("must be an amount in pounds such as 12.50{en}"),
            format!("rhaid iddo fod yn swm mewn punnoedd megis 12.50{cy}"),
        )
    };
    let parse = |text: &str| Pence::parse(text).map_err(|en| Wrong::new(en, wrong().cy()));
    let (amount, period) = match value {
        Json::Object(money) => {
            known_fields(money, &["pence", "amount", "period"])?;
            let amount = match (money.get("pence").and_then(Json::as_i64), money.get("amount")) {
                // Through the same reader, so that there is one limit.
                (Some(pence), None) if pence >= 0 => parse(&Pence(pence).to_string()),
                (None, Some(Json::String(text))) => parse(text),
                _ => Err(wrong()),
            }?;
            (amount, money.get("period").filter(|p| !p.is_null()))
        }
        Json::String(text) => (parse(text)?, None),
        _ => return Err(wrong()),
    };
    match (with_period, period.map(|p| p.as_str().unwrap_or_default())) {
        (false, None) => Ok(json!({"pence": amount.0})),
        (true, Some(period)) if PERIODS.contains(&period) => Ok(json!({"pence": amount.0, "period": period})),
        _ => Err(wrong()),
    }
}

fn check_hours(value: &Json) -> Result<Json, Wrong> {
    let hours = match value {
        Json::Number(number) => number.as_f64(),
        Json::String(text) if text.len() < 12 => text.trim().parse().ok(),
        _ => None,
    };
    match hours {
        Some(hours) if (0.0..=168.0).contains(&hours) && (hours * 4.0).fract() == 0.0 => Ok(json!(hours)),
        _ => Err(Wrong::new(
            "must be hours a week from 0 to 168, in quarters of an hour, such as 16 or 7.5",
            "rhaid iddo fod yn oriau'r wythnos o 0 i 168, fesul chwarter awr, megis 16 neu 7.5",
        )),
    }
}

fn check_address(value: &Json) -> Result<Json, Wrong> {
    let wrong = || Wrong::new("must be the lines of an address", "rhaid iddo fod yn llinellau cyfeiriad");
    let lines: Vec<&str> = match value {
        Json::String(text) if text.len() < 4_000 => text.lines().collect(),
        Json::Object(address) => {
            known_fields(address, &["lines"])?;
            let lines = address.get("lines").and_then(Json::as_array).ok_or_else(wrong)?;
            lines.iter().take(100).map(text_of).collect::<Result<_, _>>()?
        }
        _ => return Err(wrong()),
    };
    let mut kept = Vec::new();
    for (index, line) in lines.into_iter().enumerate() {
        let here = |wrong: Wrong| match value {
            Json::Object(_) => wrong.at(&format!(".lines[{index}]")),
            _ => wrong,
        };
        let checked = line_of_text(line, ADDRESS_LINE_CHARS).map_err(|wrong| wrong.within("each line", "pob llinell"));
        let line = checked.map_err(here)?;
        if !line.is_empty() {
            kept.push(line);
        }
    }
    if kept.is_empty() || kept.len() > ADDRESS_LINES {
        return Err(Wrong::new(
            format!("must have from 1 to {ADDRESS_LINES} lines"),
            format!("rhaid iddo gael rhwng 1 a {ADDRESS_LINES} llinell"),
        ));
    }
    Ok(json!({ "lines": kept }))
}

pub(super) const BANK_FIELDS: [&str; 5] = ["account_holder", "bank", "sort_code", "account_number", "roll_number"];

fn check_bank(value: &Json) -> Result<Json, Wrong> {
    let Json::Object(bank) = value else {
        return Err(Wrong::new("must be the details of a bank account", "rhaid iddo fod yn fanylion cyfrif banc"));
    };
    known_fields(bank, &BANK_FIELDS)?;
    let text = |field: &str| bank.get(field).and_then(Json::as_str).unwrap_or_default();
    let figures = |field: &str| without_parting(text(field));
    let are_figures = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let mut kept = Map::new();
    for (field, en, cy) in [("account_holder", "account holder", "deiliad y cyfrif"), ("bank", "bank", "banc")] {
        let name = line_of_text(text(field), 60).and_then(|name| if name.is_empty() { Err(empty()) } else { Ok(name) });
        kept.insert(field.into(), json!(name.map_err(|wrong| wrong.within(en, cy).at(&format!(".{field}")))?));
    }
    let sort = figures("sort_code");
    if sort.len() != 6 || !are_figures(&sort) {
        let right =
            Wrong::new("must be six figures, such as 12-34-56", "rhaid iddo fod yn chwe ffigur, megis 12-34-56");
        return Err(right.within("sort code", "cod didoli").at(".sort_code"));
    }
    kept.insert("sort_code".into(), json!(format!("{}-{}-{}", &sort[..2], &sort[2..4], &sort[4..])));
    let account = figures("account_number");
    if !(6..=10).contains(&account.len()) || !are_figures(&account) {
        let right = Wrong::new(
            "must be eight figures (some banks use six to ten)",
            "rhaid iddo fod yn wyth ffigur (mae rhai banciau'n defnyddio chwech i ddeg)",
        );
        return Err(right.within("account number", "rhif y cyfrif").at(".account_number"));
    }
    kept.insert("account_number".into(), json!(account));
    let roll = line_of_text(text("roll_number"), 18);
    let roll = roll.map_err(|wrong| wrong.within("roll number", "rhif rôl").at(".roll_number"))?;
    if !roll.is_empty() {
        kept.insert("roll_number".into(), json!(roll));
    }
    Ok(Json::Object(kept))
}

fn check_table(columns: &[Column], min_rows: usize, max_rows: usize, value: &Json) -> Result<Json, Wrong> {
    let Json::Array(rows) = value else {
        return Err(Wrong::new("must be a list of rows", "rhaid iddo fod yn rhestr o resi"));
    };
    if rows.len() > max_rows {
        return Err(Wrong::new(
            format!("must have at most {max_rows} rows; put the rest in a note"),
            format!("rhaid iddo gael {max_rows} rhes ar y mwyaf; rhowch y gweddill mewn nodyn"),
        ));
    }
    if rows.len() < min_rows {
        return Err(Wrong::new(
            format!("must have at least {min_rows} row"),
            format!("rhaid iddo gael o leiaf {min_rows} rhes"),
        ));
    }
    let row = |(index, row): (usize, &Json)| check_record(columns, row).map_err(|wrong| in_row(wrong, index));
    Ok(Json::Array(rows.iter().enumerate().map(row).collect::<Result<_, _>>()?))
}

/// What is wrong with a row, told as people count and found as programs do.
pub(super) fn in_row(wrong: Wrong, index: usize) -> Wrong {
    let number = index + 1;
    wrong.within(&format!("row {number}"), &format!("rhes {number}")).at(&format!("[{index}]"))
}

pub(super) fn in_column(wrong: Wrong, column: &Column) -> Wrong {
    let cy = column.label.cy.as_ref().unwrap_or(&column.label.en);
    wrong.within(&column.label.en, cy).at(&format!(".{}", column.id))
}

fn check_record(columns: &[Column], value: &Json) -> Result<Json, Wrong> {
    let Json::Object(given) = value else {
        return Err(Wrong::new("must have named fields", "rhaid iddo gael meysydd ag enwau"));
    };
    let names: Vec<&str> = columns.iter().map(|c| c.id.as_str()).collect();
    known_fields(given, &names)?;
    let mut kept = Map::new();
    for column in columns {
        let here = |wrong: Wrong| in_column(wrong, column);
        match given.get(&column.id).filter(|v| !v.is_null() && *v != "") {
            Some(value) => {
                kept.insert(column.id.clone(), column.kind.check(value).map_err(here)?);
            }
            None if column.required => return Err(here(Wrong::new("must be answered", "rhaid ei ateb"))),
            None => {}
        }
    }
    Ok(Json::Object(kept))
}

fn known_fields(given: &Map<String, Json>, known: &[&str]) -> Result<(), Wrong> {
    if given.keys().all(|name| known.contains(&name.as_str())) {
        return Ok(());
    }
    let known = known.join(", ");
    Err(Wrong::new(
        format!("must have no other fields than {known}"),
        format!("rhaid iddo beidio â chael meysydd heblaw {known}"),
    ))
}
