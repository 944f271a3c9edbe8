//! Sample answers for trying conditions out: those of each kind, and those on both sides of every value that a condition
//! compares with.

use super::condition::{Answers, CLIENT_RECORD, Condition};
use super::form::Form;
use super::kind::{Column, Kind};
use super::question::Question;
use super::reader::Reader;
use cel::common::ast::{Expr, LiteralValue};
use chrono::Days;
use serde_json::{Map, Value as Json, json};
use startline_foundation::formats::parse_date;
use startline_foundation::ids::QuestionId;
use std::collections::BTreeMap;

/// Most combinations of sample answers that one condition is tried on.
const MOST_TRIES: usize = 256;
/// Most different values that are kept of what a computed question comes to.
const MOST_VALUES: usize = 16;

/// The questions a condition may name, with what they may hold.
#[derive(Clone, Default)]
pub(super) struct Known {
    kinds: BTreeMap<QuestionId, Kind>,
    /// What computed questions come to.
    values: BTreeMap<QuestionId, Vec<Json>>,
    /// Whether whoever wrote the conditions is told what older programs let pass.
    pub(super) for_author: bool,
}

impl Known {
    pub(super) fn of_form(form: &Form, reader: Reader) -> Self {
        let mut known = Self { for_author: reader == Reader::Author, ..Self::default() };
        // Computed ones after what they are worked out from; those in a circle, last.
        let (mut waiting, plain): (Vec<_>, Vec<_>) =
            form.questions().partition(|q| matches!(q.kind, Kind::Computed(_)));
        for question in plain {
            known.add(question);
        }
        while !waiting.is_empty() {
            let is_ready = |question: &&Question| match &question.kind {
                Kind::Computed(value) => value.references().iter().all(|id| known.has(id)),
                _ => true,
            };
            let ready = waiting.iter().position(is_ready).unwrap_or(0);
            known.add(waiting.remove(ready));
        }
        known
    }

    /// False when a question of this id is known already.
    pub(super) fn add(&mut self, question: &Question) -> bool {
        if let Kind::Computed(condition) = &question.kind {
            let mut values: Vec<Json> = Vec::new();
            let is_known = condition.references().iter().all(|id| self.has(id));
            for answers in self.combinations(&[condition], condition.references()).into_iter().filter(|_| is_known) {
                let value = condition.evaluate(&answers).ok().filter(|value| !values.contains(value));
                values.extend(value.filter(|_| values.len() < MOST_VALUES));
            }
            self.values.insert(question.id.clone(), values);
        }
        self.kinds.insert(question.id.clone(), question.kind.clone()).is_none()
    }

    pub(super) fn has(&self, id: &QuestionId) -> bool {
        id.as_str() == CLIENT_RECORD || self.kinds.contains_key(id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.kinds.keys().map(QuestionId::as_str)
    }

    pub(super) fn kind(&self, id: &QuestionId) -> Option<&Kind> {
        self.kinds.get(id)
    }

    /// What one question may hold, as far as it matters to these conditions.
    fn samples(&self, id: &QuestionId, conditions: &[&Condition]) -> Vec<Json> {
        if id.as_str() == CLIENT_RECORD {
            return clients();
        }
        let Some(kind) = self.kinds.get(id) else { return Vec::new() };
        if let Some(values) = self.values.get(id).filter(|values| !values.is_empty()) {
            return values.clone();
        }
        let mut samples = varied(kind);
        let mut compared = Vec::new();
        conditions.iter().for_each(|condition| literals(condition.tree(), &mut compared));
        for value in compared {
            let new = |sample: &Json| !samples.contains(sample) && kind.check(sample).as_ref() == Ok(sample);
            let beside: Vec<Json> = around(kind, &value).into_iter().filter(new).collect();
            samples.extend(beside);
        }
        samples
    }

    /// The combinations of the samples of these questions: every one, or as many as the bound allows, spread evenly.
    pub(super) fn combinations(&self, conditions: &[&Condition], ids: &[QuestionId]) -> Vec<Answers> {
        let samples: Vec<(&QuestionId, Vec<Json>)> = ids
            .iter()
            .map(|id| (id, self.samples(id, conditions)))
            .filter(|(_, samples)| !samples.is_empty())
            .collect();
        let all = samples.iter().fold(1_usize, |all, (_, samples)| all.saturating_mul(samples.len()));
        let numbered = |number: usize| {
            let mut rest = number;
            let mut pick = |(id, samples): &(&QuestionId, Vec<Json>)| {
                let value = samples.get(rest % samples.len()).cloned();
                rest /= samples.len();
                ((*id).clone(), value.unwrap_or_default())
            };
            samples.iter().map(&mut pick).collect()
        };
        if all <= MOST_TRIES {
            return (0..all).map(numbered).collect();
        }
        // A large odd step visits numbers far apart, the same ones each time.
        (0..MOST_TRIES).map(|n| numbered(n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % all)).collect()
    }
}

/// The samples of a kind, and for what is made of several more of each.
fn varied(kind: &Kind) -> Vec<Json> {
    let mut samples = kind.samples();
    match kind {
        Kind::Multi(options) => samples.extend(options.iter().map(|option| json!([option.id]))),
        Kind::Date => samples.push(json!("1930-06-15")),
        Kind::Group { fields } => samples = records(fields),
        Kind::Table { columns, max_rows, .. } => {
            let rows = records(columns);
            let many: Vec<Json> = rows.iter().cycle().take(*max_rows).cloned().collect();
            samples.extend(rows.into_iter().map(|row| json!([row])).chain([Json::Array(many)]));
        }
        _ => {}
    }
    samples
}

/// One record with the first of each field's samples, and one more for each other sample of each field.
fn records(fields: &[Column]) -> Vec<Json> {
    let samples: Vec<(&str, Vec<Json>)> = fields.iter().map(|f| (f.id.as_str(), f.kind.samples())).collect();
    let first = |(id, samples): &(&str, Vec<Json>)| Some(((*id).to_owned(), samples.first()?.clone()));
    let base: Map<String, Json> = samples.iter().filter_map(first).collect();
    let other = |(id, samples): &(&str, Vec<Json>)| -> Vec<Json> {
        let with = |sample: &Json| {
            let mut record = base.clone();
            record.insert((*id).to_owned(), sample.clone());
            Json::Object(record)
        };
        samples.iter().skip(1).map(with).collect()
    };
    std::iter::once(Json::Object(base.clone())).chain(samples.iter().flat_map(other)).collect()
}

/// Client records that conditions may meet.
fn clients() -> Vec<Json> {
    let client = |age: Json, language: &str, needs: Json, has_phone: bool| {
        json!({ "age": age, "home_site": "somerset", "talk_language": language, "letters_language": language,
                "call_needs": needs, "has_phone": has_phone })
    };
    vec![
        client(json!(30), "english", json!([]), true),
        client(json!(16), "welsh", json!(["textphone"]), false),
        client(json!(61), "english", json!([]), true),
    ]
}

/// A whole record with this field as given.
fn with_field(fields: &[Column], id: &str, value: Json) -> Option<Json> {
    let mut record = records(fields).into_iter().next()?;
    record.as_object_mut()?.insert(id.to_owned(), value);
    Some(record)
}

/// A record with nothing but what must be there.
pub(super) fn sparse(kind: &Kind) -> Option<Json> {
    let (fields, in_table) = match kind {
        Kind::Group { fields } => (fields, false),
        Kind::Table { columns, .. } => (columns, true),
        _ => return None,
    };
    let required = fields.iter().filter(|field| field.required);
    let record = required.filter_map(|field| Some((field.id.clone(), field.kind.samples().into_iter().next()?)));
    let record = Json::Object(record.collect());
    Some(if in_table { json!([record]) } else { record })
}

/// The values just below, at and above one that is compared with.
fn around(kind: &Kind, value: &Json) -> Vec<Json> {
    match (kind, value) {
        (Kind::Number { .. }, Json::Number(number)) => {
            number.as_i64().map(|n| vec![json!(n - 1), json!(n), json!(n + 1)]).unwrap_or_default()
        }
        (Kind::Money { with_period }, Json::Number(number)) => {
            let money = |pence: i64| {
                if *with_period { json!({"pence": pence, "period": "week"}) } else { json!({"pence": pence}) }
            };
            number.as_i64().map(|n| vec![money(n - 1), money(n), money(n + 1)]).unwrap_or_default()
        }
        (Kind::Group { fields }, _) => {
            let beside = |field: &Column| -> Vec<Json> {
                around(&field.kind, value)
                    .into_iter()
                    .filter_map(|inner| with_field(fields, &field.id, inner))
                    .collect()
            };
            fields.iter().flat_map(beside).collect()
        }
        (Kind::Table { columns, .. }, _) => {
            let beside = |column: &Column| -> Vec<Json> {
                let inner = around(&column.kind, value).into_iter();
                inner.filter_map(|inner| Some(json!([with_field(columns, &column.id, inner)?]))).collect()
            };
            columns.iter().flat_map(beside).collect()
        }
        (Kind::Hours, Json::Number(number)) => {
            number.as_f64().map(|n| vec![json!(n - 1.0), json!(n), json!(n + 1.0)]).unwrap_or_default()
        }
        (Kind::Date, Json::String(text)) => {
            let day = parse_date(text).ok();
            let days = day
                .into_iter()
                .flat_map(|d| [d.checked_sub_days(Days::new(1)), Some(d), d.checked_add_days(Days::new(1))]);
            days.flatten().map(|day| json!(day.to_string())).collect()
        }
        (Kind::Text { .. } | Kind::LongText { .. }, Json::String(_)) => vec![value.clone()],
        _ => Vec::new(),
    }
}

fn literals(tree: &Expr, found: &mut Vec<Json>) {
    if let Expr::Literal(literal) = tree {
        match literal {
            LiteralValue::String(text) => found.push(json!(text.inner())),
            LiteralValue::Int(number) => found.push(json!(*number.inner())),
            LiteralValue::Double(number) => found.push(json!(*number.inner())),
            _ => {}
        }
    }
    for child in super::condition::children_of(tree) {
        literals(&child.expr, found);
    }
}
