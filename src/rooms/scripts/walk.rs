//! Walking a script: answers in, next step out.
//!
//! Pure: a script with the form it fills, answers so far and a position in; the next or the previous step out.
//!
//! A script is a row of steps in a fixed order: each stage opens with its words, then come its questions, then the
//! questions of the parts of the claim form that are walked in it. A step is **shown** while its stage's condition and
//! its own hold, and, for a question of the form, while the form asks it. Next is the first shown step after where one
//! stands, back is the last one before: so a change of an earlier answer adds and removes steps, but never loses the
//! place. Next passes over what was left out with a reason, and over questions of the form that were settled in this walk
//! already. Before it leaves a stage it comes back to those questions of the form that a later answer has brought up:
//! whether somebody else lives there is asked after the council tax that hangs on it. Answers on hidden steps are kept by whoever stores them and decide nothing ([`Course::count`]).

use super::progress::Progress;
use super::step::{Position, Step};
use crate::claims::{self, Evaluated};
use startline_definition::{Answers, Form, Kind, Part, Question, Script, Stage};
use startline_foundation::ids::QuestionId;

/// A script, with the form of the claim it fills.
#[derive(Debug, Clone, Copy)]
pub struct Course<'d> {
    pub script: &'d Script,
    /// None while there is no claim: then no question of the form is a step.
    pub form: Option<&'d Form>,
}

/// What counts now: worked out once a request, asked as often as needed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluation {
    /// The answers that count, of the form and of the script, with what is computed and the client record.
    pub answers: Answers,
    /// Which questions of the form are asked.
    form: Evaluated,
    /// Whether each stage is shown, in the order of the script.
    stages: Vec<bool>,
}

/// One step of the script, shown or not.
#[derive(Debug, Clone, Copy)]
pub struct Place<'d> {
    index: usize,
    pub stage: &'d Stage,
    pub spot: Spot<'d>,
}

#[derive(Debug, Clone, Copy)]
pub enum Spot<'d> {
    Opening,
    Question(&'d Question),
    Part(&'d Part),
    FormQuestion(&'d Part, &'d Question),
}

impl<'d> Place<'d> {
    pub fn position(&self) -> Position {
        let step = match self.spot {
            Spot::Opening => Step::Opening,
            Spot::Question(question) => Step::Question(question.id.clone()),
            Spot::Part(part) => Step::FormPart(part.id.clone()),
            Spot::FormQuestion(_, question) => Step::FormQuestion(question.id.clone()),
        };
        Position::new(&self.stage.id, step)
    }

    /// The question asked here.
    pub fn question(&self) -> Option<&'d Question> {
        match self.spot {
            Spot::Question(question) | Spot::FormQuestion(_, question) => Some(question),
            Spot::Opening | Spot::Part(_) => None,
        }
    }

    /// The part of the form one is in here.
    pub fn part(&self) -> Option<&'d Part> {
        match self.spot {
            Spot::Part(part) | Spot::FormQuestion(part, _) => Some(part),
            Spot::Opening | Spot::Question(_) => None,
        }
    }

    /// The question of the form that an answer here fills.
    pub fn form_question(&self) -> Option<&'d QuestionId> {
        match self.spot {
            Spot::Question(question) => question.fills.as_ref(),
            Spot::FormQuestion(_, question) => Some(&question.id),
            Spot::Opening | Spot::Part(_) => None,
        }
    }

    fn is(&self, position: &Position) -> bool {
        self.stage.id == position.stage
            && match (self.spot, &position.step) {
                (Spot::Opening, Step::Opening) => true,
                (Spot::Question(own), Step::Question(id)) | (Spot::FormQuestion(_, own), Step::FormQuestion(id)) => {
                    own.id == *id
                }
                (Spot::Part(part), Step::FormPart(id)) => part.id == *id,
                _ => false,
            }
    }
}

impl<'d> Course<'d> {
    /// The answers that count on this walk. `claim` are the form's answers as they are stored, with the client record
    /// beside them; `own` are those of the script's own questions. Conditions may name only what comes before them in the
    /// script or stands in the form; a later answer is not seen.
    pub fn evaluate(&self, claim: &Answers, own: &Answers) -> Evaluation {
        let mut form = self.form.map(|form| claims::evaluate(form, claim)).unwrap_or_default();
        let mut answers = match self.form {
            Some(_) => std::mem::take(&mut form.answers),
            None => claim.clone(),
        };
        let mut stages = Vec::with_capacity(self.script.stages.len());
        for stage in &self.script.stages {
            let shown = stage.is_shown(&answers);
            stages.push(shown);
            for question in stage.questions.iter().filter(|_| shown) {
                let value = match &question.kind {
                    Kind::Computed(value) if question.is_shown(&answers) => value.evaluate(&answers).ok(),
                    Kind::Computed(_) => None,
                    _ => question.answer(own).filter(|_| question.is_shown(&answers)).cloned(),
                };
                answers.extend(value.map(|value| (question.id.clone(), value)));
            }
        }
        Evaluation { answers, form, stages }
    }

    /// Every step of the script in its order, shown or not.
    pub fn places(&self) -> impl Iterator<Item = Place<'d>> {
        let form = self.form;
        self.script.stages.iter().enumerate().flat_map(move |(index, stage)| {
            let parts = stage.form_parts.iter().filter_map(move |id| form?.part(id));
            let form_spots = parts.flat_map(|part| {
                let questions = part.questions.iter().filter(|question| question.kind.is_asked());
                std::iter::once(Spot::Part(part)).chain(questions.map(move |q| Spot::FormQuestion(part, q)))
            });
            let own = stage.questions.iter().filter(|question| question.kind.is_asked()).map(Spot::Question);
            let spots = std::iter::once(Spot::Opening).chain(own).chain(form_spots);
            spots.map(move |spot| Place { index, stage, spot })
        })
    }

    pub fn place(&self, position: &Position) -> Option<Place<'d>> {
        self.places().find(|place| place.is(position))
    }

    /// Whether this client comes by this step.
    pub fn is_shown(&self, evaluation: &Evaluation, place: &Place<'_>) -> bool {
        evaluation.stages.get(place.index) == Some(&true)
            && match place.spot {
                Spot::Opening => true,
                Spot::Question(question) => question.is_shown(&evaluation.answers),
                Spot::Part(_) => false,
                Spot::FormQuestion(_, question) => evaluation.form.is_asked(question),
            }
    }

    pub fn is_stage_shown(&self, evaluation: &Evaluation, stage: &str) -> bool {
        let shown = self.script.stages.iter().zip(&evaluation.stages);
        shown.filter(|(candidate, _)| candidate.id == stage).any(|(_, shown)| *shown)
    }

    /// The steps now shown, in order.
    pub fn shown(&self, evaluation: &Evaluation) -> Vec<Position> {
        self.places().filter(|place| self.is_shown(evaluation, place)).map(|place| place.position()).collect()
    }

    /// The first step to take after `from`, or of the whole script when the walk has not begun. None at the end, and when
    /// `from` is no step of this script.
    pub fn next(&self, evaluation: &Evaluation, progress: &Progress, from: Option<&Position>) -> Option<Position> {
        let to_take = |place: &Place<'_>| self.is_to_take(evaluation, progress, place);
        let mut places = self.places();
        let Some(from) = from else { return places.find(to_take).map(|place| place.position()) };
        let here = places.find(|place| place.is(from))?;
        let in_stage = |place: &Place<'_>| place.index == here.index;
        // What comes after, in this stage and beyond it.
        let after: Vec<Place<'d>> = places.filter(to_take).collect();
        let goes_on = after.first().filter(|place| in_stage(place) && !progress.gone_through.contains(&from.stage));
        let brought_up = |place: &Place<'_>| {
            let is_new =
                matches!(place.spot, Spot::FormQuestion(_, question) if !progress.reached.contains(&question.id));
            is_new && in_stage(place) && !place.is(from) && to_take(place)
        };
        let next = match goes_on {
            Some(place) => Some(*place),
            None if here.part().is_some() => self.places().find(brought_up),
            None => None,
        };
        next.or_else(|| after.into_iter().find(|place| !in_stage(place))).map(|place| place.position())
    }

    /// Whether one step stands before another in the script.
    pub fn is_before(&self, one: &Position, other: &Position) -> bool {
        self.places().find(|place| place.is(one) || place.is(other)).is_some_and(|place| place.is(one)) && one != other
    }

    /// The last shown step before `from`, also one that was settled; the last of all when there is no `from`. None at the
    /// beginning, and when `from` is no step of this script.
    pub fn back(&self, evaluation: &Evaluation, progress: &Progress, from: Option<&Position>) -> Option<Position> {
        let mut before: Vec<Place<'d>> = self.places().collect();
        if let Some(from) = from {
            before.truncate(before.iter().position(|place| place.is(from))?);
        }
        let is_there = |place: &&Place<'_>| !progress.is_skipped(&place.stage.id) && self.is_shown(evaluation, place);
        before.iter().rev().find(is_there).map(|place| place.position())
    }

    fn is_to_take(&self, evaluation: &Evaluation, progress: &Progress, place: &Place<'_>) -> bool {
        !progress.is_skipped(&place.stage.id)
            && self.is_shown(evaluation, place)
            && !matches!(place.spot, Spot::FormQuestion(_, question) if progress.is_settled(question, &evaluation.answers))
    }

    /// What the counted answers to the script's own questions fill into the form, with the stage each was given in.
    pub fn fills(&self, evaluation: &Evaluation) -> Vec<(&'d QuestionId, &'d str, serde_json::Value)> {
        let of_stage = |stage: &'d Stage| {
            let filled = move |question: &'d Question| {
                let target =
                    question.fills.as_ref().filter(|id| self.form.is_some_and(|f| f.question(id).is_some()))?;
                Some((target, stage.id.as_str(), question.answer(&evaluation.answers)?.clone()))
            };
            stage.questions.iter().filter_map(filled)
        };
        self.script.stages.iter().flat_map(of_stage).collect()
    }

    /// How many questions of the part are asked of this client, and how many of them are answered.
    pub fn progress_of(&self, evaluation: &Evaluation, part: &Part) -> (usize, usize) {
        let asked = part.questions.iter().filter(|q| q.kind.is_asked() && evaluation.form.is_asked(q));
        asked.fold((0, 0), |(asked, answered), question| {
            (asked + 1, answered + usize::from(question.answer(&evaluation.answers).is_some()))
        })
    }

    /// The parts of the form that are walked, with their stages, each once.
    pub fn parts(&self) -> impl Iterator<Item = (&'d Stage, &'d Part)> {
        let form = self.form;
        let of_stage = move |stage: &'d Stage| {
            stage.form_parts.iter().filter_map(move |id| form?.part(id)).map(move |part| (stage, part))
        };
        self.script.stages.iter().flat_map(of_stage)
    }
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
