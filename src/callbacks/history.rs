//! What was done with one call-back: its moves and its tries.

use super::callback::Callback;
use super::{record_store, store};
use crate::error::{Error, Result};
use crate::ids::{CallbackId, UserId};
use crate::store::Db;
use chrono::{DateTime, Utc};

/// One move in a call-back's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub event: String,
    pub reason: String,
    pub note: String,
    /// The time it was for after that.
    pub starts_at: DateTime<Utc>,
    pub at: DateTime<Utc>,
    pub by: UserId,
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
    let (events, attempts) = (record_store::events(db, id).await?, record_store::attempts(db, id).await?);
    Ok(History { callback, events, attempts })
}
