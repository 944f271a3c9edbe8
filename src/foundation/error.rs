//! The one domain error. Rooms return it; each door maps it once to its own protocol.
//!
//! A message here is read by an adviser with a caller on the line: it says what is wrong and what would be right,
//! and never what went wrong inside.

use chrono::{DateTime, Utc};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// One input field that cannot be accepted, and what would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// The field's path as the caller knows it, for example `answers[2].value`.
    pub field: String,
    pub reason: String,
}

/// A time that is still free, offered to somebody who lost a race for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshOffer {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// Who or what is free then: a site, or a personal adviser's id.
    pub holder: String,
}

/// What somebody wanted to write, and what stands there instead.
#[derive(Debug, Clone, PartialEq)]
pub struct StaleValue {
    /// What it is the value of: a question's id.
    pub field: String,
    pub yours: Value,
    /// None where whoever asks is not shown it.
    pub standing: Option<Value>,
    /// The revision of what stands.
    pub revision: i32,
    /// Who wrote it, by id, and when.
    pub by: String,
    pub at: DateTime<Utc>,
}

/// A limit that is reached: what to do about it, and when it is worth asking again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    pub message: String,
    pub again_in: Duration,
}

impl Limit {
    /// What is under way ends by itself within moments.
    pub const SOON: Duration = Duration::from_secs(1);
    /// Somebody has to give something back first: asking more often than they could is of no use.
    pub const BY_HAND: Duration = Duration::from_secs(60);
}

impl fmt::Display for Limit {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.message)
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller sent something of the wrong form.
    #[error("{}", faults_as_sentence(.0))]
    Invalid(Vec<FieldFault>),
    #[error("there is no {what} {id}")]
    NotFound { what: &'static str, id: String },
    /// Somebody else was first. `offers` says what is still free.
    #[error("{message}")]
    Conflict { reason: &'static str, message: String, offers: Vec<FreshOffer> },
    /// Lost a race that may be won by trying the whole transaction again. The service does so by itself, within the
    /// caller's deadline.
    #[error("others were busy with the same; try again")]
    Contended,
    /// What the caller saw is no longer what is stored.
    #[error("{message}")]
    Stale { message: String, values: Vec<StaleValue> },
    /// Nothing can be at the time asked for; `offers` says what could be.
    #[error("{field}: {message}")]
    NotThen { field: &'static str, message: String, offers: Vec<FreshOffer> },
    /// The record is not in a state that allows this; the message says what is missing.
    #[error("{message}")]
    Illegal { reason: &'static str, message: String },
    #[error("a valid access token is needed")]
    Unauthenticated,
    #[error("{0}")]
    Denied(String),
    /// A record of somebody whom the caller's work is not with.
    #[error("{0}")]
    OutsideWork(&'static str),
    /// A limit that protects the service is reached.
    #[error("{0}")]
    Exhausted(Limit),
    /// Try again: the service is stopping, or its database cannot be reached.
    #[error("{0}")]
    Unavailable(String),
    /// The caller's deadline has passed. Nothing was done, or all of it: the same request sent again tells.
    #[error("this could not be done before the deadline that the request came with")]
    DeadlineExceeded,
    /// A fault of ours. Logged in full, told to nobody.
    #[error("internal fault: {0}")]
    Internal(String),
}

impl Error {
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldFault { field: field.into(), reason: reason.into() }])
    }

    /// What is not among those that there are; `what` is what it should be, as in "no site of ours". So many are named.
    pub fn not_among(field: impl Into<String>, what: &str, known: impl IntoIterator<Item = impl ToString>) -> Self {
        const NAMED: usize = 40;
        let mut known = known.into_iter();
        let named: Vec<String> = known.by_ref().take(NAMED).map(|id| id.to_string()).collect();
        let more = if known.next().is_some() { " and others" } else { "" };
        Self::invalid(field, format!("is {what}: use one of {}{more}", named.join(", ")))
    }

    pub fn not_found(what: &'static str, id: impl ToString) -> Self {
        Self::NotFound { what, id: id.to_string() }
    }

    pub fn illegal(reason: &'static str, message: impl Into<String>) -> Self {
        Self::Illegal { reason, message: message.into() }
    }

    pub fn stale(message: impl Into<String>) -> Self {
        Self::Stale { message: message.into(), values: Vec::new() }
    }

    pub fn exhausted(message: impl Into<String>, again_in: Duration) -> Self {
        Self::Exhausted(Limit { message: message.into(), again_in })
    }

    pub fn internal(source: impl std::fmt::Display) -> Self {
        Self::Internal(source.to_string())
    }
}

fn faults_as_sentence(faults: &[FieldFault]) -> String {
    faults.iter().map(|f| format!("{}: {}", f.field, f.reason)).collect::<Vec<_>>().join("; ")
}
