//! What is to be composed, and why it sometimes cannot be.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use startline_foundation::ids::{AppointmentId, CallbackId, ClaimId, ClientId, PackId};
use uuid::Uuid;

/// What a pack is about: a claim, or something that a client has to be told by letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PackSubject {
    /// The whole claim pack.
    Claim(ClaimId),
    /// The meeting was missed; another is offered.
    MissedMeeting(AppointmentId),
    /// What a named person decided after the last opportunity, which this meeting was.
    Decision(AppointmentId),
    /// The meeting was moved: where and when it is now.
    NewTime(AppointmentId),
    /// The first meeting was cancelled, and no other is booked.
    MeetingOff(AppointmentId),
    /// The first meeting is put off or done without.
    Deferral(ClaimId),
    /// Nobody answered the call-back: the next time that is kept.
    MissedCallback(CallbackId),
    /// The client died: to whoever told us.
    Death(ClientId),
}

impl PackSubject {
    pub const KINDS: [&'static str; 8] =
        ["claim", "missed_meeting", "decision", "new_time", "meeting_off", "deferral", "missed_callback", "death"];

    /// As it is stored, and as the templates know it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Claim(_) => "claim",
            Self::MissedMeeting(_) => "missed_meeting",
            Self::Decision(_) => "decision",
            Self::NewTime(_) => "new_time",
            Self::MeetingOff(_) => "meeting_off",
            Self::Deferral(_) => "deferral",
            Self::MissedCallback(_) => "missed_callback",
            Self::Death(_) => "death",
        }
    }

    /// The record it is about.
    pub fn record(self) -> Uuid {
        match self {
            Self::Claim(id) | Self::Deferral(id) => id.0,
            Self::MissedMeeting(id) | Self::Decision(id) | Self::NewTime(id) | Self::MeetingOff(id) => id.0,
            Self::MissedCallback(id) => id.0,
            Self::Death(id) => id.0,
        }
    }

    /// Whether it is the whole claim pack, the form among it.
    pub fn is_claim_pack(self) -> bool {
        matches!(self, Self::Claim(_))
    }

    /// Whether it is told although its claim is closed: what it tells has closed it.
    pub fn is_of_closing(self) -> bool {
        matches!(self, Self::Decision(_))
    }

    /// Whether it goes to somebody else than the client, who died.
    pub fn is_of_death(self) -> bool {
        matches!(self, Self::Death(_))
    }

    /// None for a kind that nobody composes.
    pub fn of(kind: &str, record: Uuid) -> Option<Self> {
        Some(match kind {
            "claim" => Self::Claim(ClaimId(record)),
            "missed_meeting" => Self::MissedMeeting(AppointmentId(record)),
            "decision" => Self::Decision(AppointmentId(record)),
            "new_time" => Self::NewTime(AppointmentId(record)),
            "meeting_off" => Self::MeetingOff(AppointmentId(record)),
            "deferral" => Self::Deferral(ClaimId(record)),
            "missed_callback" => Self::MissedCallback(CallbackId(record)),
            "death" => Self::Death(ClientId(record)),
            _ => return None,
        })
    }
}

/// Something that cannot be printed, found before anything is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unprintable {
    /// Where, so that a [`Replacement`] can name it: `client name`, `address`, `question B2`.
    pub place: String,
    /// One word: `GLYPH`, `ADDRESS`, `TOO_LONG`, `TOO_MANY_PAGES`.
    pub reason: String,
    /// What is wrong, in a sentence that names no answer.
    pub sentence: String,
    /// What somebody can do about it.
    pub mend: String,
}

/// What is printed in a place instead of what stands in the record, because that cannot be printed. The record and the
/// claim keep what was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    pub place: String,
    pub text: String,
    /// Of an address: for which of the record's it was given. It holds for no other.
    #[serde(default)]
    pub instead_of: Option<String>,
}

/// The older pack that a new one takes the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    pub pack_id: PackId,
    pub composed_on: NaiveDate,
}

/// A pack to be composed.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub wanted: PackSubject,
    /// Printed in the code on each page, so it is chosen before.
    pub pack_id: PackId,
    pub replaces: Option<Replaced>,
    pub replacements: Vec<Replacement>,
}

impl Order {
    /// A pack with nothing particular about it.
    pub fn of(wanted: PackSubject, pack_id: PackId) -> Self {
        Self { wanted, pack_id, replaces: None, replacements: Vec::new() }
    }
}
