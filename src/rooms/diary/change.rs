//! What was done with an appointment, as it is kept for ever.

use super::appointment::{Attendance, CancelReason};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Booked,
    /// To another time, or another personal adviser.
    Moved {
        why: CancelReason,
        note: String,
    },
    Cancelled {
        why: CancelReason,
        note: String,
    },
    /// Its time is free again: the meeting was put off, or is done without.
    GivenBack,
    Recorded(Attendance),
}

impl Change {
    /// The words it is kept as: which it was, why, and what was noted. Statements that look for one of them name the first.
    pub fn words(&self) -> (&'static str, &'static str, &str) {
        match self {
            Self::Booked => ("booked", "", ""),
            Self::Moved { why, note } => ("moved", why.as_str(), note),
            Self::Cancelled { why, note } => ("cancelled", why.as_str(), note),
            Self::GivenBack => ("given_back", "", ""),
            Self::Recorded(attendance) => (attendance.as_str(), "", ""),
        }
    }
}
