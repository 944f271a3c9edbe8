//! What was typed into a question's control, as the value that the API takes: never judged here, so that what cannot be
//! accepted comes back as it was typed, with the service's own sentence.

use crate::visitor::Fields;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use startline_definition::{Column, Kind};

/// The parts of a bank account, in their order.
pub const BANK: [&str; 5] = ["account_holder", "bank", "sort_code", "account_number", "roll_number"];

/// The fields of a form: as they were sent, or as a page that is being written would send them.
pub struct Typed<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Typed<'a> {
    pub fn of(form: &'a Fields) -> Self {
        Self(form.iter().collect())
    }

    pub fn pairs(pairs: &'a [(String, String)]) -> Self {
        Self(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
    }

    /// Each that is not empty.
    fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a str> + 's {
        self.0.iter().filter(move |(of, value)| *of == name && !value.trim().is_empty()).map(|(_, value)| value.trim())
    }

    fn one(&self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    fn has_below(&self, prefix: &str) -> bool {
        self.0.iter().any(|(name, _)| name.starts_with(prefix))
    }

    /// What was typed for a question; nothing when nothing was.
    pub fn read(&self, kind: &Kind, name: &str) -> Option<Json> {
        match kind {
            Kind::Computed(_) | Kind::Paper(_) => None,
            Kind::LongText { .. } => self.one(name).map(|text| json!(text.replace("\r\n", "\n"))),
            Kind::Multi(_) => {
                let chosen: Vec<&str> = self.all(name).collect();
                (!chosen.is_empty()).then(|| json!(chosen))
            }
            Kind::Flag => self.one(name).map(|text| match text {
                "yes" => json!(true),
                "no" => json!(false),
                other => json!(other),
            }),
            Kind::Money { with_period } => {
                let amount = self.one(name)?;
                let period = self.one(&format!("{name}-period")).filter(|_| *with_period);
                Some(match period {
                    Some(period) => json!({"amount": amount, "period": period}),
                    None => json!({"amount": amount}),
                })
            }
            Kind::Address => {
                let text = self.one(name)?;
                let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
                Some(json!({"lines": lines}))
            }
            Kind::Bank => {
                let part = |part: &&str| Some(((*part).to_owned(), json!(self.one(&format!("{name}-{part}"))?)));
                let parts: Map<String, Json> = BANK.iter().filter_map(part).collect();
                (!parts.is_empty()).then_some(Json::Object(parts))
            }
            Kind::Group { fields } => self.record(fields, name),
            Kind::Table { columns, max_rows, .. } => {
                let rows = (0..*max_rows).take_while(|row| self.has_below(&format!("{name}-{row}-")));
                let rows: Vec<Json> = rows.filter_map(|row| self.record(columns, &format!("{name}-{row}"))).collect();
                let says_none = self.one(&format!("{name}-none")).is_some();
                (!rows.is_empty() || says_none).then_some(Json::Array(rows))
            }
            Kind::Text { .. }
            | Kind::YesNo
            | Kind::Choice(_)
            | Kind::Date
            | Kind::Number { .. }
            | Kind::Hours
            | Kind::Nino
            | Kind::Postcode
            | Kind::Phone => self.one(name).map(|text| json!(text)),
        }
    }

    fn record(&self, columns: &[Column], name: &str) -> Option<Json> {
        let cell =
            |column: &Column| Some((column.id.clone(), self.read(&column.kind, &format!("{name}-{}", column.id))?));
        let cells: Map<String, Json> = columns.iter().filter_map(cell).collect();
        (!cells.is_empty()).then_some(Json::Object(cells))
    }
}

/// By which a page knows again what it showed.
pub fn mark(value: Option<&Json>) -> String {
    let Some(value) = value else { return String::new() };
    let hash = Sha256::digest(value.to_string());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
