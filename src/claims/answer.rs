//! One question's value, with who, when and where in the script.

use crate::error::{Error, Result};
use crate::ids::{QuestionId, UserId};
use chrono::{DateTime, Utc};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub question_id: QuestionId,
    /// As [`crate::definition::Kind::check`] normalised it; null when the answer was taken back.
    pub value: Value,
    /// Counts the changes of this answer, from 1.
    pub revision: i32,
    pub stage: String,
    pub saved_by: UserId,
    pub saved_at: DateTime<Utc>,
    pub carried: Carried,
}

/// Whether an answer was given on this claim or comes from an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Carried {
    /// Given on this claim.
    #[default]
    No,
    /// Carried over. It counts, and waits to be confirmed.
    ToConfirm,
    /// Carried over, but too old, or of a kind that changes: it is asked anew, and counts for nothing until then.
    AskAgain,
}

impl Carried {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::ToConfirm => "to_confirm",
            Self::AskAgain => "ask_again",
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self> {
        match text {
            "no" => Ok(Self::No),
            "to_confirm" => Ok(Self::ToConfirm),
            "ask_again" => Ok(Self::AskAgain),
            other => Err(Error::internal(format!("an answer is carried as {other}, which is nothing known"))),
        }
    }
}

/// What was typed for a question and could not be accepted, kept beside it so that nothing is typed twice.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptDraft {
    pub question_id: QuestionId,
    /// As typed.
    pub value: Value,
    /// What would be right, in the language of who typed it; empty when only its neighbours were wrong.
    pub reason: String,
    /// The revision the desk saw; the draft is over once the answer has passed it.
    pub seen_revision: i32,
    pub typed_by: UserId,
    pub typed_at: DateTime<Utc>,
}
