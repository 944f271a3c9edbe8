//! What a new claim takes from an earlier one: the client's own last claim, or the partner's. Pure.
//!
//! Only what counted there is taken, and only where the question of today still accepts it. What the client record
//! knows is not taken: the record is newer.

use super::answer::{Answer, Carried};
use super::view::Evaluated;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use startline_definition::{Carry, Form, Question};
use startline_foundation::ids::QuestionId;

/// An answer taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct Taken {
    pub question_id: QuestionId,
    pub value: Value,
    pub carried: Carried,
}

/// From the client's own last claim. `counted` is what counted there, `usual_days` how long an answer stays fresh.
pub fn from_last_claim(
    form: &Form,
    last: &[Answer],
    evaluated: &Evaluated,
    usual_days: u32,
    now: DateTime<Utc>,
) -> Vec<Taken> {
    let taken = |answer: &Answer| {
        let question = takes(form, &answer.question_id)?;
        let value = evaluated.answers.get(&answer.question_id)?;
        let value = question.kind.check(value).ok()?;
        let fresh_for = TimeDelta::days(question.carry_days.unwrap_or(usual_days).into());
        let is_stale = now - answer.saved_at > fresh_for;
        // What nobody confirmed the last time has an age that nobody knows.
        let is_known = answer.carried == Carried::No;
        let confirm = question.carry == Carry::Confirm && is_known && !is_stale;
        let carried = if confirm { Carried::ToConfirm } else { Carried::AskAgain };
        Some(Taken { question_id: question.id.clone(), value, carried })
    };
    last.iter().filter_map(taken).collect()
}

/// From the claim of the client's partner, where a question says which of that claim's it may be taken from.
pub fn from_partner(form: &Form, evaluated: &Evaluated) -> Vec<Taken> {
    let taken = |question: &Question| {
        let question = takes(form, &question.id)?;
        let value = evaluated.answers.get(question.from_partner.as_ref()?)?;
        let value = question.kind.check(value).ok()?;
        Some(Taken { question_id: question.id.clone(), value, carried: Carried::ToConfirm })
    };
    form.questions().filter_map(taken).collect()
}

fn takes<'f>(form: &'f Form, id: &QuestionId) -> Option<&'f Question> {
    form.question(id).filter(|question| question.kind.is_asked() && question.fills_client.is_none())
}

#[cfg(test)]
#[path = "carry_tests.rs"]
mod tests;
