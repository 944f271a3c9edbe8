//! Notes taken on a walk: only ever added to, each with its stage, who and when.

use super::life::Walk;
use super::{audited, store};
use crate::access::Context;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Limit, Result};
use startline_foundation::formats::required_lines;
use startline_foundation::ids::{UserId, WalkId};
use startline_foundation::store::Db;

const NOTE_CHARS: usize = 2_000;
/// More than anybody reads on one client's screen.
const MOST_NOTES: i32 = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Counts the walk's notes, from 1.
    pub number: i32,
    pub text: String,
    /// The stage the walk stood on; empty when it was finished.
    pub stage: String,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// Adds a note; the walk stays where it stands.
pub async fn take_note(db: &mut Db<'_>, context: &Context, id: WalkId, text: &str) -> Result<Note> {
    let walk = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(WalkId::WHAT, id))?;
    let note = add(db, context, &walk, text).await?;
    audited(db, context, "walk_noted", id).await?;
    Ok(note)
}

/// Adds a note to a walk that is kept from other desks.
pub(super) async fn add(db: &mut Db<'_>, context: &Context, walk: &Walk, text: &str) -> Result<Note> {
    let text = required_lines("note", text, NOTE_CHARS, "is empty")?;
    let number = store::notes_taken(db, walk.id).await? + 1;
    if number > MOST_NOTES {
        let message = format!("a walk keeps {MOST_NOTES} notes, and this one has them");
        return Err(Error::exhausted(message, Limit::BY_HAND));
    }
    let stage = walk.state.position().map(|position| position.stage.clone()).unwrap_or_default();
    let note = Note { number, text, stage, by: context.user.id, at: context.now };
    store::insert_note(db, walk.id, &note).await?;
    Ok(note)
}

/// A walk's notes, the oldest first.
pub async fn notes(db: &mut Db<'_>, id: WalkId) -> Result<Vec<Note>> {
    store::notes(db, id).await
}
