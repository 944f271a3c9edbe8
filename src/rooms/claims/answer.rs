//! One question's value, with who, when and where in the script.

use chrono::{DateTime, Utc};
use serde_json::Value;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::words;
use startline_foundation::ids::{QuestionId, UserId};

#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub question_id: QuestionId,
    /// As [`startline_definition::Kind::check`] normalised it; null when the answer was taken back.
    pub value: Value,
    /// Counts the changes of this answer, from 1.
    pub revision: i32,
    pub stage: String,
    pub saved_by: UserId,
    pub saved_at: DateTime<Utc>,
    pub carried: Carried,
}

words! {
    /// Whether an answer was given on this claim or comes from an earlier one.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub enum Carried {
        /// Given on this claim.
        #[default]
        No = "no",
        /// Carried over. It counts, and waits to be confirmed.
        ToConfirm = "to_confirm",
        /// Carried over, but too old, or of a kind that changes: it is asked anew, and counts for nothing until then.
        AskAgain = "ask_again",
    }
}

impl Carried {
    pub(super) fn read(stored: &str) -> Result<Self> {
        Self::parse(stored)
            .ok_or_else(|| Error::internal(format!("an answer is carried as {stored}, which is nothing known")))
    }
}

/// An answer as typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub question_id: QuestionId,
    /// Null takes the answer back.
    pub value: Value,
    /// The revision the desk saw; 0 when it saw none.
    pub seen_revision: i32,
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
