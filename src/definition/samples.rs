//! Sample answers for trying conditions out: those of each kind, and those on both sides of every value that a condition
//! compares with.

use super::condition::{Answers, CLIENT_RECORD, Condition};
use super::form::Form;
use super::kind::Kind;
use super::question::Question;
use crate::formats::parse_date;
use crate::ids::QuestionId;
use cel::common::ast::{Expr, LiteralValue};
use chrono::Days;
use serde_json::{Value as Json, json};
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
}

impl Known {
    pub(super) fn of_form(form: &Form) -> Self {
        let mut known = Self::default();
        // Computed ones after what they are worked out from, as far as that is known by now.
        let (computed, plain): (Vec<_>, Vec<_>) = form.questions().partition(|q| matches!(q.kind, Kind::Computed(_)));
        for question in plain.into_iter().chain(computed) {
            known.add(question);
        }
        known
    }

    /// False when a question of this id is known already.
    pub(super) fn add(&mut self, question: &Question) -> bool {
        if let Kind::Computed(condition) = &question.kind {
            let mut values: Vec<Json> = Vec::new();
            let is_known = condition.references().iter().all(|id| self.has(id));
            for answers in self.combinations(condition, condition.references()).into_iter().filter(|_| is_known) {
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

    pub(super) fn kind(&self, id: &QuestionId) -> Option<&Kind> {
        self.kinds.get(id)
    }

    /// What one question may hold, as far as it matters to a condition.
    pub(super) fn samples(&self, id: &QuestionId, condition: &Condition) -> Vec<Json> {
        if id.as_str() == CLIENT_RECORD {
            return clients();
        }
        let Some(kind) = self.kinds.get(id) else { return Vec::new() };
        if let Some(values) = self.values.get(id).filter(|values| !values.is_empty()) {
            return values.clone();
        }
        let mut samples = kind.samples();
        if let Kind::Multi(options) = kind {
            samples.extend(options.iter().map(|option| json!([option.id])));
        }
        if *kind == Kind::Date {
            samples.push(json!("1930-06-15"));
        }
        let mut compared = Vec::new();
        literals(condition.tree(), &mut compared);
        for value in compared {
            let new = |sample: &Json| !samples.contains(sample) && kind.check(sample).as_ref() == Ok(sample);
            let beside: Vec<Json> = around(kind, &value).into_iter().filter(new).collect();
            samples.extend(beside);
        }
        samples
    }

    /// Every combination of the samples of these questions, up to a bound.
    pub(super) fn combinations(&self, condition: &Condition, ids: &[QuestionId]) -> Vec<Answers> {
        let mut all = vec![Answers::new()];
        for id in ids {
            let room = (MOST_TRIES / all.len()).max(1);
            let with = |sample: &Json| {
                let added = |answers: &Answers| {
                    let mut answers = answers.clone();
                    answers.insert(id.clone(), sample.clone());
                    answers
                };
                all.iter().map(added).collect::<Vec<_>>()
            };
            all = self.samples(id, condition).iter().take(room).flat_map(with).collect();
        }
        all
    }
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

/// The values just below, at and above one that is compared with.
fn around(kind: &Kind, value: &Json) -> Vec<Json> {
    match (kind, value) {
        (Kind::Number { .. }, Json::Number(number)) => {
            number.as_i64().map(|n| vec![json!(n - 1), json!(n), json!(n + 1)]).unwrap_or_default()
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
