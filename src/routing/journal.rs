//! What is to be kept of calls: their records, and what is known of those that are not over.

use super::adviser_card::AdviserCard;
use super::call::{CallCard, CallRecord, Report, SwitchCall};
use super::figures::Staffing;
use chrono::{DateTime, Utc};
use startline_foundation::ids::CallId;
use std::sync::Arc;

/// What is to be kept of a call, or of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JournalEntry {
    /// Or its card has changed.
    Entered(Arc<CallCard>),
    Answered {
        call: CallId,
        by: Arc<AdviserCard>,
        at: DateTime<Utc>,
    },
    /// The answer of that moment was none: the caller did not get through after all, or their switch is still to say so.
    NotAnswered {
        call: CallId,
        at: DateTime<Utc>,
    },
    TalkEnded {
        call: CallId,
        at: DateTime<Utc>,
    },
    /// A call's last word.
    Call(Box<CallRecord>),
    /// The outcome was chosen after the record had been sent.
    Outcome {
        call: CallId,
        outcome: String,
    },
    /// A switch's report about a call that is on no floor, or no more.
    Late {
        call: LateCall,
        report: Report,
        at: DateTime<Utc>,
    },
    Staffing(Staffing),
}

/// The call that a late report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LateCall {
    /// It was on a floor of this process.
    Ours(CallId),
    /// Another process may have had it.
    Named(SwitchCall),
}

impl JournalEntry {
    /// The call that is under way; with its record this is worth nothing any more.
    pub fn under_way(&self) -> Option<CallId> {
        match self {
            Self::Entered(card) => Some(card.call),
            Self::Answered { call, .. } | Self::NotAnswered { call, .. } | Self::TalkEnded { call, .. } => Some(*call),
            Self::Call(_) | Self::Outcome { .. } | Self::Late { .. } | Self::Staffing(_) => None,
        }
    }
}
