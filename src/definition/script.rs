//! Scripts: what an adviser says and asks, stage by stage.

use super::condition::{Answers, Condition};
use super::form::Form;
use super::question::Question;
use super::read_question::{RawQuestion, Vocabulary, compile_at};
use super::report::Faults;
use super::text::Text;
use crate::ids::QuestionId;
use serde::Deserialize;
use serde_saphyr::Spanned;

#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// `inbound`, `start-up`: also its file's name.
    pub id: String,
    pub title: Text,
    pub stages: Vec<Stage>,
    pub(super) file: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    pub id: String,
    pub title: Text,
    pub expected_minutes: f64,
    /// Spoken to the client. `[X]` stands for what the record holds.
    pub say: Option<Text>,
    /// For the adviser's eyes.
    pub guidance: Option<Text>,
    pub shown: Option<Condition>,
    pub questions: Vec<Question>,
    /// Parts of the claim form that are walked here, after the stage's own questions.
    pub form_parts: Vec<String>,
}

impl Script {
    pub fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.stages.iter().flat_map(|stage| &stage.questions)
    }

    pub fn question(&self, id: &QuestionId) -> Option<&Question> {
        self.questions().find(|question| question.id == *id)
    }

    pub fn expected_minutes(&self) -> f64 {
        self.stages.iter().map(|stage| stage.expected_minutes).sum()
    }
}

impl Stage {
    pub fn is_shown(&self, answers: &Answers) -> bool {
        self.shown.as_ref().is_none_or(|condition| condition.holds(answers))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScript {
    id: Spanned<String>,
    title: Text,
    stages: Vec<RawStage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStage {
    id: Spanned<String>,
    title: Text,
    expected_minutes: Spanned<f64>,
    #[serde(default)]
    say: Option<Text>,
    #[serde(default)]
    guidance: Option<Text>,
    #[serde(default)]
    shown: Option<Spanned<String>>,
    #[serde(default)]
    questions: Vec<RawQuestion>,
    #[serde(default)]
    form_parts: Vec<Spanned<String>>,
}

impl RawScript {
    pub(super) fn into_script(self, form: &Form, vocabulary: &Vocabulary<'_>, faults: &mut Faults<'_>) -> Script {
        let stem = faults.file.rsplit('/').next().and_then(|name| name.strip_suffix(".yaml")).unwrap_or_default();
        if self.id.value != stem {
            let reason = format!("the script's id is {} but its file is named {stem}", self.id.value);
            faults.at(&self.id, reason);
        }
        if self.stages.is_empty() {
            faults.at(&self.id, "a script needs stages");
        }
        let mut stages: Vec<Stage> = Vec::new();
        for raw in self.stages {
            if stages.iter().any(|stage| stage.id == raw.id.value) {
                faults.at(&raw.id, format!("stage {} is there twice", raw.id.value));
            }
            stages.push(raw.into_stage(form, vocabulary, faults));
        }
        Script { id: self.id.value, title: self.title, stages, file: faults.file.to_owned() }
    }
}

impl RawStage {
    fn into_stage(self, form: &Form, vocabulary: &Vocabulary<'_>, faults: &mut Faults<'_>) -> Stage {
        if !(self.expected_minutes.value > 0.0 && self.expected_minutes.value <= 120.0) {
            faults.at(&self.expected_minutes, "expected_minutes must be above 0 and at most 120");
        }
        if self.say.is_none() && self.guidance.is_none() {
            faults.at(&self.id, format!("stage {} needs words: say, or guidance", self.id.value));
        }
        for part in self.form_parts.iter().filter(|part| form.part(&part.value).is_none()) {
            faults.at(part, format!("the form has no part {}", part.value));
        }
        let filled = |id: &str| form.question(&QuestionId::new(id));
        let questions =
            self.questions.into_iter().filter_map(|raw| raw.into_script_question(filled, vocabulary, faults)).collect();
        Stage {
            id: self.id.value,
            title: self.title,
            expected_minutes: self.expected_minutes.value,
            say: self.say,
            guidance: self.guidance,
            shown: compile_at(self.shown, faults),
            questions,
            form_parts: self.form_parts.into_iter().map(|part| part.value).collect(),
        }
    }
}
