//! Finds form questions that no answers would ever show.
//!
//! A question is reachable when some answers show it, and those answers are themselves to questions that are shown. The
//! questions are gone through in the order of their dependencies; each that is reached leaves the answers that reach it,
//! so that those which hang on it can begin from there.

use super::condition::{Answers, Condition};
use super::form::Form;
use super::kind::Kind;
use super::question::{Benefits, Question};
use super::reader::Reader;
use super::report::{Fault, Faults};
use super::samples::Known;
use startline_foundation::ids::QuestionId;
use std::collections::{BTreeSet, HashMap};

pub(super) fn form(form: &Form, found: &mut Vec<Fault>) {
    let known = Known::of_form(form, Reader::Store);
    let mut ways: HashMap<QuestionId, Answers> = HashMap::new();
    for question in form.questions_by_dependency() {
        match way_to(form, &known, &ways, question) {
            Some(way) => drop(ways.insert(question.id.clone(), way)),
            None => {
                let file = form.part_of(&question.id).map(|part| part.file.clone()).unwrap_or_default();
                let condition = question.shown.as_ref().map(Condition::source).unwrap_or("its benefits");
                let reason = format!("question {} is never asked: no answers make `{condition}` hold", question.id);
                Faults::new(&file, found).at_line(question.line, reason);
            }
        }
    }
}

/// Answers under which the question is shown.
fn way_to(form: &Form, known: &Known, ways: &HashMap<QuestionId, Answers>, question: &Question) -> Option<Answers> {
    let mut decide: Vec<QuestionId> =
        form.claimed_benefits.iter().filter(|_| question.benefits != Benefits::All).cloned().collect();
    let (mut conditions, mut through) = (Vec::new(), Vec::new());
    if let Some(condition) = &question.shown {
        gather(form, condition, &mut decide, &mut conditions, &mut through);
    }
    let unanswered = std::iter::once(Answers::new());
    known.combinations(&conditions, &decide).into_iter().chain(unanswered).find_map(|chosen| {
        let mut answers = Answers::new();
        for (id, way) in decide.iter().chain(&through).filter_map(|id| Some((id, ways.get(id)?))) {
            answers.extend(way.iter().filter(|(other, _)| *other != id).map(|(id, value)| (id.clone(), value.clone())));
        }
        answers.extend(chosen);
        is_shown(form, &answers, question).then_some(answers)
    })
}

/// What a condition hangs on: the questions that are answered, also through computed ones, and the conditions that read
/// them.
fn gather<'f>(
    form: &'f Form,
    condition: &'f Condition,
    decide: &mut Vec<QuestionId>,
    conditions: &mut Vec<&'f Condition>,
    through: &mut Vec<QuestionId>,
) {
    conditions.push(condition);
    for id in condition.references() {
        match form.question(id).map(|question| &question.kind) {
            Some(Kind::Computed(value)) if !through.contains(id) => {
                through.push(id.clone());
                gather(form, value, decide, conditions, through);
            }
            Some(Kind::Computed(_)) => {}
            _ if !decide.contains(id) => decide.push(id.clone()),
            _ => {}
        }
    }
}

/// Whether these answers show the question, when only those count that are themselves asked for.
fn is_shown(form: &Form, answers: &Answers, question: &Question) -> bool {
    let mut needed = BTreeSet::new();
    needs(form, question, &mut needed);
    let mut counted = Answers::new();
    counted.extend(answers.iter().filter(|(id, _)| form.question(id).is_none()).map(|(id, v)| (id.clone(), v.clone())));
    for one in form.questions_by_dependency().filter(|one| needed.contains(&one.id)) {
        if !asked(form, &counted, answers, one) {
            continue;
        }
        let value = match &one.kind {
            Kind::Computed(value) => value.evaluate(&counted).ok(),
            _ => one.answer(answers).cloned(),
        };
        counted.extend(value.map(|value| (one.id.clone(), value)));
    }
    asked(form, &counted, answers, question)
}

fn asked(form: &Form, counted: &Answers, answers: &Answers, question: &Question) -> bool {
    question.benefits.serve(&form.claimed(answers)) && question.is_shown(counted)
}

/// Every question whose answer bears on this one.
fn needs(form: &Form, question: &Question, found: &mut BTreeSet<QuestionId>) {
    let value = match &question.kind {
        Kind::Computed(condition) => Some(condition),
        _ => None,
    };
    let named = question.shown.iter().chain(value).flat_map(|condition| condition.references());
    for id in named.chain(&form.claimed_benefits) {
        if *id != question.id
            && found.insert(id.clone())
            && let Some(other) = form.question(id)
        {
            needs(form, other, found);
        }
    }
}
