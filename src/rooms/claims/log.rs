//! The log of answers: each change of an answer is a row of its own, at the revision after the one its desk saw.

use super::answer::Carried;
use chrono::{DateTime, Utc};
use serde_json::Value;
use startline_foundation::ids::{ClaimId, QuestionId, RequestId, UserId};

/// A row for the log.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRow {
    pub claim_id: ClaimId,
    pub question_id: QuestionId,
    pub revision: i32,
    pub value: Value,
    pub stage: String,
    pub saved_by: UserId,
    pub saved_at: DateTime<Utc>,
    pub request_id: RequestId,
    pub carried: Carried,
}

/// Where an answer stands in the log.
pub type LogKey = (ClaimId, QuestionId, i32);
/// The answer that stands there: whose, from which request, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAnswer {
    pub by: UserId,
    pub request_id: RequestId,
    pub value: Value,
}
