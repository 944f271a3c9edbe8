//! Scripts: what an adviser says and asks, stage by stage.

use super::condition::{Answers, Condition};
use super::named::Named;
use super::question::Question;
use super::text::Text;
use startline_foundation::ids::QuestionId;

#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// `inbound`, `start-up`: also its file's name.
    pub id: String,
    pub title: Text,
    /// The whole of it should take no longer.
    pub limit_minutes: Option<f64>,
    /// What must be covered, or left out with a reason.
    pub key_areas: Vec<Named>,
    /// What the adviser is told when it holds: it informs, is recorded, and never refuses anybody.
    pub hints: Vec<Hint>,
    /// What the service does by itself with what is answered.
    pub effects: Vec<Effect>,
    pub stages: Vec<Stage>,
    pub(super) file: String,
}

/// Something the adviser should know about this client.
#[derive(Debug, Clone, PartialEq)]
pub struct Hint {
    pub id: String,
    pub when: Condition,
    pub text: Text,
}

/// What follows from the answers while its condition holds, so that nothing said is keyed a second time.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    pub id: String,
    pub when: Condition,
    /// A call-back booked in this call is urgent; why, as people read it.
    pub urgent: Option<Text>,
    /// What a call with the client needs from now on: skills and other needs of `service.yaml`.
    pub call_needs: Vec<String>,
    /// What is decided of the claim's first meeting.
    pub decides: Option<Decides>,
    /// Where it is written: an included script's effects stand in another file.
    pub(super) file: String,
}

/// A decision about the first meeting, by the rules by which it is decided anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decides {
    /// It is put off, as soon as the reason and the day of the review are answered.
    PutsOff { reason: QuestionId, note: Option<QuestionId>, review_day: QuestionId },
    /// The client, whose own choice it is, wants none.
    WantsNone,
}

/// Words added to a stage for some clients.
#[derive(Debug, Clone, PartialEq)]
pub struct Also {
    pub when: Condition,
    pub say: Option<Text>,
    pub guidance: Option<Text>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    pub id: String,
    /// For advisers: what the client reads is the heading.
    pub title: Text,
    /// What the client reads over the answers of this stage that are printed.
    pub heading: Option<Text>,
    pub expected_minutes: f64,
    /// Spoken to the client. `[X]` stands for what the record holds.
    pub say: Option<Text>,
    /// For the adviser's eyes.
    pub guidance: Option<Text>,
    /// Added to them for some clients, in this order.
    pub also: Vec<Also>,
    pub shown: Option<Condition>,
    /// Key areas of the script that this stage covers.
    pub covers: Vec<String>,
    /// Effects of the script that its words promise.
    pub promises: Vec<String>,
    pub questions: Vec<Question>,
    /// Parts of the claim form that are walked here, after the stage's own questions.
    pub form_parts: Vec<String>,
    /// Where it is written: an included stage stands in another file.
    pub(super) file: String,
    pub(super) line: u64,
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
