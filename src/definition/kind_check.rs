//! Checks of the kinds of answer that have more than one part.

use super::kind::{Choice, Column, PERIODS};
use crate::formats::{Pence, plain_text};
use serde_json::{Map, Value as Json, json};

/// An address has room for this many lines beside its postcode: what a window envelope shows.
const ADDRESS_LINES: usize = 6;
const ADDRESS_LINE_CHARS: usize = 60;

pub(super) fn text_of(value: &Json) -> Result<&str, String> {
    value.as_str().ok_or_else(|| "must be text".to_owned())
}

pub(super) fn filled(text: String) -> Result<Json, String> {
    if text.is_empty() { Err("must not be empty".into()) } else { Ok(Json::String(text)) }
}

pub(super) fn ids(options: &[Choice]) -> String {
    options.iter().map(|o| o.id.as_str()).collect::<Vec<_>>().join(", ")
}

pub(super) fn check_multi(options: &[Choice], value: &Json) -> Result<Json, String> {
    let wrong = || format!("must be a list of any of: {}", ids(options));
    let Json::Array(chosen) = value else { return Err(wrong()) };
    if chosen.len() > options.len() || !chosen.iter().all(|c| options.iter().any(|o| c == o.id.as_str())) {
        return Err(wrong());
    }
    let in_order = options.iter().filter(|o| chosen.iter().any(|c| c == o.id.as_str()));
    Ok(Json::Array(in_order.map(|o| json!(o.id)).collect()))
}

pub(super) fn check_money(with_period: bool, value: &Json) -> Result<Json, String> {
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

pub(super) fn check_hours(value: &Json) -> Result<Json, String> {
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

pub(super) fn check_address(value: &Json) -> Result<Json, String> {
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

pub(super) const BANK_FIELDS: [&str; 5] = ["account_holder", "bank", "sort_code", "account_number", "roll_number"];

pub(super) fn check_bank(value: &Json) -> Result<Json, String> {
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

pub(super) fn check_record(columns: &[Column], value: &Json) -> Result<Json, String> {
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
