//! What was done with one call-back: its moves and its tries.

use super::callback::{Callback, CancelReason};
use super::capacity::PlaceKey;
use super::{history_store, store};
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallbackId, UserId};
use startline_foundation::store::Db;

/// One move in a call-back's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub what: What,
    /// The time it was for after that.
    pub starts_at: DateTime<Utc>,
    pub at: DateTime<Utc>,
    pub by: UserId,
}

/// What was done, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Booked {
        note: String,
    },
    /// To another time.
    Moved {
        why: String,
        place: Option<PlaceKey>,
    },
    /// To another adviser at the same time.
    HandedOn {
        why: String,
        place: Option<PlaceKey>,
    },
    Parked {
        why: String,
    },
    Assigned {
        to: UserId,
    },
    NumberCorrected,
    TakenOver,
    GivenBack {
        why: String,
    },
    Cancelled {
        reason: CancelReason,
        note: String,
    },
    LetterOwed,
    LetterSent,
}

/// The same as it is kept, and shown to whoever asks for the history.
pub struct Words<'a> {
    pub event: &'a str,
    pub reason: &'a str,
    pub note: &'a str,
    /// Where it sits after a move, or who was asked to make it.
    pub place: String,
}

impl What {
    pub fn words(&self) -> Words<'_> {
        let plain = |event| Words { event, reason: "", note: "", place: String::new() };
        let noted = |event, note| Words { note, ..plain(event) };
        let place = |key: &Option<PlaceKey>| key.map(|key| key.to_string()).unwrap_or_default();
        match self {
            Self::Booked { note } => noted("booked", note),
            Self::Moved { why, place: key } => Words { place: place(key), ..noted("moved", why) },
            Self::HandedOn { why, place: key } => Words { place: place(key), ..noted("handed_on", why) },
            Self::Parked { why } => noted("parked", why),
            Self::Assigned { to } => Words { place: to.to_string(), ..plain("assigned") },
            Self::NumberCorrected => plain("number_corrected"),
            Self::TakenOver => plain("taken_over"),
            Self::GivenBack { why } => noted("given_back", why),
            Self::Cancelled { reason, note } => Words { reason: reason.as_str(), ..noted("cancelled", note) },
            Self::LetterOwed => plain("letter_owed"),
            Self::LetterSent => plain("letter_sent"),
        }
    }

    pub(super) fn read(words: &Words<'_>) -> Result<Self> {
        let note = || words.note.to_owned();
        let place = || match words.place.as_str() {
            "" => Some(None),
            text => PlaceKey::parse(text).map(Some),
        };
        let read = match words.event {
            "booked" => Some(Self::Booked { note: note() }),
            "moved" => place().map(|place| Self::Moved { why: note(), place }),
            "handed_on" => place().map(|place| Self::HandedOn { why: note(), place }),
            "parked" => Some(Self::Parked { why: note() }),
            "assigned" => UserId::parse("place", &words.place).ok().map(|to| Self::Assigned { to }),
            "number_corrected" => Some(Self::NumberCorrected),
            "taken_over" => Some(Self::TakenOver),
            "given_back" => Some(Self::GivenBack { why: note() }),
            "cancelled" => CancelReason::parse(words.reason).map(|reason| Self::Cancelled { reason, note: note() }),
            "letter_owed" => Some(Self::LetterOwed),
            "letter_sent" => Some(Self::LetterSent),
            _ => None,
        };
        let Words { event, reason, place, .. } = words;
        read.ok_or_else(|| {
            Error::internal(format!("a call-back's history has the unknown event {event} {reason} {place}"))
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub number: i32,
    pub by: UserId,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// The outcome's name, `parked` or `given_back`; empty while it goes on.
    pub outcome: String,
    pub note: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct History {
    pub callback: Callback,
    pub events: Vec<Event>,
    pub attempts: Vec<Attempt>,
}

/// One call-back and all that was done with it, the oldest first.
pub async fn history(db: &mut Db<'_>, id: CallbackId) -> Result<History> {
    let callback = store::by_id(db, id).await?.ok_or_else(|| Error::not_found(CallbackId::WHAT, id))?;
    let (events, attempts) = (history_store::events(db, id).await?, history_store::attempts(db, id).await?);
    Ok(History { callback, events, attempts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_read_as_it_was_written() {
        let adviser = UserId(uuid::Uuid::from_u128(7));
        let (why, note) = (String::from("the client asked"), String::new());
        let all = [
            What::Booked { note: "ring twice".into() },
            What::Moved { why: why.clone(), place: None },
            What::Moved { why: why.clone(), place: Some(PlaceKey::Number(3)) },
            What::HandedOn { why: why.clone(), place: Some(PlaceKey::Adviser(adviser)) },
            What::Parked { why: why.clone() },
            What::Assigned { to: adviser },
            What::NumberCorrected,
            What::TakenOver,
            What::GivenBack { why },
            What::Cancelled { reason: CancelReason::Superseded, note },
            What::LetterOwed,
            What::LetterSent,
        ];
        for what in all {
            assert_eq!(What::read(&what.words()).unwrap(), what);
        }
        let unknown = Words { event: "moved", reason: "", note: "", place: "somewhere".into() };
        assert!(What::read(&unknown).is_err());
    }
}
