//! The moves of a claim, as they are kept for ever.

use super::answer::Answer;
use chrono::{DateTime, Utc};
use serde_json::Value;
use startline_foundation::formats::words;
use startline_foundation::ids::{QuestionId, UserId};
use std::collections::BTreeMap;

/// Question to revision: the form as it stood at one moment, to be read again from the log of answers.
pub type Revisions = BTreeMap<QuestionId, i32>;

#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Counts the moves of one claim, from 1.
    pub number: i32,
    pub what: Move,
    pub at: DateTime<Utc>,
    pub by: UserId,
    /// An object: what belongs to this move.
    pub detail: Value,
    /// Only where the form as it then stood is of interest later.
    pub revisions: Option<Revisions>,
}

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Move {
        Opened = "opened",
        StartUpDone = "start_up_done",
        Posted = "posted",
        MeetingDeferred = "meeting_deferred",
        MeetingWaived = "meeting_waived",
        Lodged = "lodged",
        Withdrawn = "withdrawn",
        Reopened = "reopened",
        TreatedAsNotMade = "treated_as_not_made",
        DecisionReversed = "decision_reversed",
        FormBack = "form_back",
        /// What was decided of the meeting is taken back by whoever said it.
        MeetingOpenAgain = "meeting_open_again",
        /// It has the date of the claim before, of which a decision was reversed.
        DateCarried = "date_carried",
    }
}

impl Move {
    /// Whether the form as it stands at this move can be read exactly later.
    pub fn keeps_the_form(self) -> bool {
        matches!(self, Self::StartUpDone | Self::Posted | Self::Lodged)
    }
}

pub fn revisions_of(answers: &[Answer]) -> Revisions {
    answers.iter().map(|answer| (answer.question_id.clone(), answer.revision)).collect()
}
