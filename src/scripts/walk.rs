//! Walking a script: answers in, next step out.
//!
//! Pure: a script, answers so far and a position in; the next or the previous step out. Where a walk stands is a
//! [`Position`] of stable names, so that it can be stored, and still means the same after answers have changed.
//!
//! A script is a row of steps in a fixed order: each stage opens with its words, then come its questions, then the parts
//! of the claim form that are walked in it. A step is **shown** while its stage's condition and its own hold. Next is
//! the first shown step after where one stands, back is the last one before: so a change of an earlier answer adds and
//! removes steps, but never loses the place. Answers on hidden steps are kept by whoever stores them and decide nothing
//! ([`count`]).

use crate::definition::{Answers, Form, Question, Script, Stage};
use crate::ids::QuestionId;
use serde::{Deserialize, Serialize};

/// One step of a script.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The stage's words are read.
    Opening,
    Question(QuestionId),
    /// A part of the claim form, by its id, is filled in; the form says which of its questions are asked.
    FormPart(String),
}

/// Where a walk stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    pub stage: String,
    pub step: Step,
}

impl Position {
    fn new(stage: &Stage, step: Step) -> Self {
        Self { stage: stage.id.clone(), step }
    }
}

/// Every step of the script in its order, shown or not.
pub fn steps(script: &Script) -> impl Iterator<Item = (&Stage, Option<&Question>, Position)> {
    script.stages.iter().flat_map(|stage| {
        let opening = std::iter::once((stage, None, Position::new(stage, Step::Opening)));
        let questions =
            stage.questions.iter().map(move |q| (stage, Some(q), Position::new(stage, Step::Question(q.id.clone()))));
        let parts =
            stage.form_parts.iter().map(move |part| (stage, None, Position::new(stage, Step::FormPart(part.clone()))));
        opening.chain(questions).chain(parts)
    })
}

/// The answers that count on this walk: those of the form, given in `form_answers` as its own view counts them, and
/// those of the script's shown questions. Conditions may name only what comes before them in the script or stands in the
/// form; a later answer is not seen.
pub fn count(script: &Script, form_answers: &Answers, answers: &Answers) -> Answers {
    let mut counted = form_answers.clone();
    for stage in script.stages.iter() {
        if !stage.is_shown(&counted) {
            continue;
        }
        for question in &stage.questions {
            let value = question.answer(answers);
            if let Some(value) = value.filter(|_| question.is_shown(&counted)) {
                counted.insert(question.id.clone(), value.clone());
            }
        }
    }
    counted
}

/// The steps now shown, in order. `counted` is what [`count`] gave.
pub fn shown(script: &Script, counted: &Answers) -> Vec<Position> {
    let is_shown = |stage: &Stage, question: Option<&Question>| {
        stage.is_shown(counted) && question.is_none_or(|question| question.is_shown(counted))
    };
    steps(script).filter(|(stage, question, _)| is_shown(stage, *question)).map(|(_, _, position)| position).collect()
}

/// The first shown step after `from`, or of the whole script when the walk has not begun. None at the end, and when
/// `from` is no step of this script.
pub fn next(script: &Script, counted: &Answers, from: Option<&Position>) -> Option<Position> {
    let after = match from {
        None => 0,
        Some(from) => place(script, from)? + 1,
    };
    let shown = |(stage, question): (&Stage, Option<&Question>)| is_step_shown(stage, question, counted);
    steps(script).skip(after).find(|(stage, question, _)| shown((stage, *question))).map(|(_, _, position)| position)
}

/// The last shown step before `from`. None at the beginning, and when `from` is no step of this script.
pub fn back(script: &Script, counted: &Answers, from: &Position) -> Option<Position> {
    let before = steps(script).take(place(script, from)?);
    let shown = before.filter(|(stage, question, _)| is_step_shown(stage, *question, counted));
    shown.last().map(|(_, _, position)| position)
}

/// The first shown question that must be answered and is not, for a walk that is taken up again.
pub fn next_unanswered(script: &Script, counted: &Answers) -> Option<Position> {
    let is_open = |(stage, question, _): &(&Stage, Option<&Question>, Position)| {
        question.is_some_and(|question| {
            is_step_shown(stage, Some(question), counted)
                && question.answer(counted).is_none()
                && question.required.holds(counted)
        })
    };
    steps(script).find(is_open).map(|(_, _, position)| position)
}

/// The answers of a walk that fill the claim form, by form question. The form's own kind has checked them.
pub fn fills(script: &Script, form: &Form, counted: &Answers) -> Answers {
    let filled = |question: &Question| {
        let target = question.fills.clone().filter(|id| form.question(id).is_some())?;
        Some((target, question.answer(counted)?.clone()))
    };
    script.questions().filter_map(filled).collect()
}

fn is_step_shown(stage: &Stage, question: Option<&Question>, counted: &Answers) -> bool {
    stage.is_shown(counted) && question.is_none_or(|question| question.is_shown(counted))
}

fn place(script: &Script, position: &Position) -> Option<usize> {
    steps(script).position(|(_, _, step)| step == *position)
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
