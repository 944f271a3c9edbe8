//! What the adviser sees of a walk.

use super::holder::LastStep;
use super::life::{State, Walk};
use super::step::Step;
use super::walk::{Course, Evaluation, Place, Spot};
use super::walk_context::WalkContext;
use super::words;
use crate::claims::{self, Carried};
use chrono::{DateTime, Utc};
use serde_json::Value;
use startline_definition::{ClientFact, Definition, Hint, Kind, Named, Part, Question, Stage, Text};
use startline_foundation::formats::Language;
use std::sync::Arc;

/// A walk and what the adviser sees of it.
pub struct View {
    pub walk: Walk,
    pub(super) walk_context: WalkContext,
    pub(super) evaluation: Evaluation,
    pub(super) adviser: String,
    /// In which the adviser reads.
    pub reads: Language,
    pub now: DateTime<Utc>,
    /// Somebody else who works on this, with their name.
    pub holder: Option<(LastStep, String)>,
}

/// The step the walk stands on.
pub struct StepView<'a> {
    pub stage: &'a Stage,
    pub step_id: String,
    pub question: Option<&'a Question>,
    /// The question as it is said, with what is known filled in.
    pub spoken: String,
    /// What to say, with what is known filled in. Only on a stage's opening.
    pub say: String,
    pub guidance: String,
    /// What is known already; null when nothing is.
    pub known: Value,
    /// It is known, and was not asked in this walk.
    pub to_confirm: bool,
    /// The part of the form one is in.
    pub part: Option<PartView<'a>>,
}

/// A part of the form, with how many of its questions are asked of this client and answered.
pub struct PartView<'a> {
    pub stage: &'a Stage,
    pub part: &'a Part,
    pub asked: usize,
    pub answered: usize,
}

/// A stage, and whether it is for this client.
pub struct StageView<'a> {
    pub stage: &'a Stage,
    pub shown: bool,
    pub spent_ms: i64,
}

impl View {
    fn course(&self) -> Option<Course<'_>> {
        self.walk_context.course(&self.walk).ok()
    }

    /// The one that the walk began on.
    pub fn definition(&self) -> &Arc<Definition> {
        &self.walk_context.definition
    }

    /// In which the client talks.
    pub fn talks(&self) -> Language {
        self.walk_context.client.as_ref().map_or(Language::English, |client| client.facts.talk_language)
    }

    /// In which the client's form is printed.
    pub fn writes(&self) -> Language {
        self.walk_context.client.as_ref().map_or(Language::English, |client| client.facts.letter_language)
    }

    /// What a desk sends back to show what it saw: the walk's revision, and that of the form's answer shown with it.
    pub fn seen(&self) -> super::Seen {
        let answer =
            self.walk.state.position().and_then(|position| self.walk_context.revision_at(&self.walk, position));
        super::Seen { walk: self.walk.revision, answer }
    }

    pub fn step(&self) -> Option<StepView<'_>> {
        let position = self.walk.state.position()?;
        let course = self.course()?;
        let place = course.place(position)?;
        let question = place.question();
        let fill = |text: &str| {
            let client = self.walk_context.client.as_ref();
            words::fill(text, &words::known(&self.walk_context.definition, client, &self.adviser, self.talks()))
        };
        let say = if position.step == Step::Opening { self.said(place.stage) } else { String::new() };
        let known = self.known(&place);
        Some(StepView {
            stage: place.stage,
            step_id: position.id(),
            question,
            spoken: question.map(|q| fill(q.spoken().in_language(self.talks()))).unwrap_or_default(),
            say: fill(&say),
            guidance: self.guidance(place.stage),
            to_confirm: !known.is_null() && !self.was_asked(&place) && !self.is_asked_anew(&place),
            known,
            part: place.part().map(|part| self.part_view(&course, place.stage, part)),
        })
    }

    /// The stage's words, then those added for this client.
    fn said(&self, stage: &Stage) -> String {
        let added = stage.also.iter().filter(|also| also.say.is_some() && also.when.holds(&self.evaluation.answers));
        self.together(stage.say.iter().chain(added.filter_map(|also| also.say.as_ref())), self.talks())
    }

    fn guidance(&self, stage: &Stage) -> String {
        let added =
            stage.also.iter().filter(|also| also.guidance.is_some() && also.when.holds(&self.evaluation.answers));
        self.together(stage.guidance.iter().chain(added.filter_map(|also| also.guidance.as_ref())), self.reads)
    }

    fn together<'t>(&self, texts: impl Iterator<Item = &'t Text>, language: Language) -> String {
        texts.map(|text| text.in_language(language)).collect::<Vec<_>>().join("\n\n")
    }

    fn known(&self, place: &Place<'_>) -> Value {
        let Some(question) = place.question() else { return Value::Null };
        let own = match place.spot {
            Spot::Question(question) => question.answer(&self.walk.answers),
            _ => None,
        };
        let form = place.form_question().and_then(|id| self.walk_context.standing(id)).map(|answer| &answer.value);
        let said = own.or(form).filter(|value| !value.is_null()).cloned();
        said.or_else(|| self.of_record(question, question.fills_client?)).unwrap_or(Value::Null)
    }

    /// What the client record says, where the question can say the same.
    fn of_record(&self, question: &Question, fact: ClientFact) -> Option<Value> {
        let known =
            claims::known_fact(&self.walk_context.definition, self.walk_context.client.as_ref()?, question, fact);
        question.kind.check(&known).ok().filter(|value| !value.is_null())
    }

    fn was_asked(&self, place: &Place<'_>) -> bool {
        match place.spot {
            Spot::Question(question) => question.answer(&self.walk.answers).is_some(),
            Spot::FormQuestion(_, question) => self.walk.progress.settled.contains(&question.id),
            Spot::Opening | Spot::Part(_) => false,
        }
    }

    /// Carried over from an earlier claim, of a kind or an age that is asked again: shown beside the question.
    fn is_asked_anew(&self, place: &Place<'_>) -> bool {
        let standing = place.form_question().and_then(|id| self.walk_context.standing(id));
        standing.is_some_and(|answer| answer.carried == Carried::AskAgain)
    }

    fn part_view<'a>(&self, course: &Course<'a>, stage: &'a Stage, part: &'a Part) -> PartView<'a> {
        let (asked, answered) = course.progress_of(&self.evaluation, part);
        PartView { stage, part, asked, answered }
    }

    /// The parts of the form that are walked in stages shown to this client.
    pub fn parts(&self) -> Vec<PartView<'_>> {
        let Some(course) = self.course() else { return Vec::new() };
        let shown = course.parts().filter(|(stage, _)| course.is_stage_shown(&self.evaluation, &stage.id));
        shown.map(|(stage, part)| self.part_view(&course, stage, part)).collect()
    }

    pub fn stages(&self) -> Vec<StageView<'_>> {
        let Some(course) = self.course() else { return Vec::new() };
        let stages = course.script.stages.iter();
        stages
            .map(|stage| StageView {
                stage,
                shown: course.is_stage_shown(&self.evaluation, &stage.id),
                spent_ms: self.walk.spent_ms(&stage.id, self.now).1,
            })
            .collect()
    }

    /// What was asked beside the form and answered, by stage, in the order of the script; of what counts now alone.
    pub fn told(&self) -> Vec<(&Stage, Vec<(&Question, &Value)>)> {
        let Some(course) = self.course() else { return Vec::new() };
        let answers = &self.evaluation.answers;
        let is_own = |question: &&Question| {
            let stands_elsewhere = question.fills.is_some() || question.fills_client.is_some();
            !stands_elsewhere && !matches!(question.kind, Kind::Computed(_)) && question.is_shown(answers)
        };
        let mut told = Vec::new();
        for stage in course.script.stages.iter().filter(|stage| course.is_stage_shown(&self.evaluation, &stage.id)) {
            let asked = stage.questions.iter().filter(is_own);
            let said: Vec<_> = asked.filter_map(|question| Some((question, question.answer(answers)?))).collect();
            if !said.is_empty() {
                told.push((stage, said));
            }
        }
        told
    }

    /// Expected minutes of the stages shown to this client, and the limit of the whole.
    pub fn minutes(&self) -> (f64, Option<f64>) {
        let Some(course) = self.course() else { return (0.0, None) };
        let expected = self.stages().iter().filter(|stage| stage.shown).map(|stage| stage.stage.expected_minutes).sum();
        (expected, course.script.limit_minutes)
    }

    pub fn key_areas(&self) -> &[Named] {
        self.course().map_or(&[], |course| course.script.key_areas.as_slice())
    }

    /// The hints that hold now or held before, with whether they hold and when they first did.
    pub fn hints(&self) -> Vec<(&Hint, bool, DateTime<Utc>)> {
        let Some(course) = self.course() else { return Vec::new() };
        let standing = |hint| {
            let hint: &Hint = hint;
            let holds = hint.when.holds(&self.evaluation.answers);
            let first = self.walk.progress.hints.get(&hint.id).copied();
            first.or(holds.then_some(self.now)).map(|first| (hint, holds, first))
        };
        course.script.hints.iter().filter_map(standing).collect()
    }

    pub fn is_finished(&self) -> bool {
        self.walk.state == State::Finished
    }
}
