//! Where a walk stands: stable names, so that it can be stored, and still means the same after answers have changed.

use serde::{Deserialize, Serialize};
use startline_foundation::ids::QuestionId;

/// One step of a script.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The stage's words are read.
    Opening,
    /// A question of the script's own.
    Question(QuestionId),
    /// Just before a part of the claim form. Nobody is led here; walks of before the form was walked question by
    /// question may stand here, and go on into the part.
    FormPart(String),
    /// A question of the claim form.
    FormQuestion(QuestionId),
}

/// Where a walk stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    pub stage: String,
    pub step: Step,
}

impl Position {
    pub fn new(stage: &str, step: Step) -> Self {
        Self { stage: stage.to_owned(), step }
    }

    /// How it is named from outside: a question's id, the stage's where there is only something to say, and both where
    /// a question of the form is walked, because stages and form questions may be called alike.
    pub fn id(&self) -> String {
        match &self.step {
            Step::Opening => self.stage.clone(),
            Step::Question(question) => question.to_string(),
            Step::FormPart(part) => format!("{}/{part}", self.stage),
            Step::FormQuestion(question) => format!("{}/{question}", self.stage),
        }
    }
}
