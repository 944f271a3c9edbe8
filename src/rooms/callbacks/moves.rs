//! Moving and cancelling a call-back. Nothing moves by itself: somebody says so, and why.

use super::callback::{Callback, CancelReason};
use super::capacity::Occupant;
use super::flags::check_may_ring;
use super::history::What;
use super::needs::Needs;
use super::offers::Asked;
use super::safe_times::SafeTimes;
use super::wishes::Wishes;
use super::{NOTE_CHARS, assignment, for_update, history_store, letters_store, place_store, store};
use crate::access::{Context, audit};
use crate::clients;
use chrono::{DateTime, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{optional_line, required_line};
use startline_foundation::ids::{CallbackId, UserId};
use startline_foundation::store::Db;

/// Where a call-back is moved to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    Time(DateTime<Utc>),
    /// Another adviser at the same time.
    SameTime,
}

#[derive(Debug, Clone)]
pub struct Move {
    pub to: To,
    /// Who promises to make it then.
    pub owner: Option<UserId>,
    pub reason: String,
    /// In place of those kept with the booking.
    pub wishes: Option<Wishes>,
    /// The need is urgent, from what was said since it was booked.
    pub urgent: bool,
}

/// Moves it. The adviser who promised it keeps it if they can.
pub async fn move_callback(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: CallbackId,
    asked_for: &Move,
) -> Result<Callback> {
    let now = context.now;
    let reason = required_line("reason", &asked_for.reason, NOTE_CHARS, "is needed: why is it moved?")?;
    let mut callback = for_update(db, id).await?;
    check_may_ring(db, callback.client_id).await?;
    let site = definition.site_or_fault(&callback.site)?;
    let start = match asked_for.to {
        To::Time(start) => start,
        To::SameTime => callback.starts_at,
    };
    // Said first, so that nothing is looked for in vain.
    callback.clone().move_to(start, start)?;
    if let Some(wishes) = &asked_for.wishes {
        callback.wishes = wishes.clone().check()?;
    }
    if matches!(asked_for.to, To::Time(_)) {
        // A new time is one for what the client needs by now; it was offered so.
        let client = clients::get(db, callback.client_id).await?;
        callback.needs = Needs::of_client(definition, &client).words;
        callback.urgent |= asked_for.urgent;
    }
    // What only changes hands stays when it is.
    let safe = match asked_for.to {
        To::Time(_) => SafeTimes::of_client(definition, &clients::get(db, callback.client_id).await?),
        To::SameTime => SafeTimes::default(),
    };
    let asked = Asked {
        safe,
        needs: Needs::of_words(definition, callback.needs.iter().cloned()),
        // What is booked already is moved to whenever suits.
        urgent: true,
        wishes: callback.wishes.clone(),
        who: Some(callback.client_id),
    };
    let who = Occupant::Callback(id);
    place_store::leave(db, who).await?;
    let mut schedules = assignment::open(db, definition, site, now).await?;
    let cells = assignment::check_time(db, &mut schedules, &asked, start, now).await?;
    if let Some(owner) = asked_for.owner {
        assignment::check_owner(db, owner, &site.id, "adviser_id").await?;
    }
    let kept = callback.owner.filter(|_| asked_for.owner.is_none());
    let at = (start, &cells);
    let (assignment, owner) = match kept {
        // Whoever promised it, if they are there then; else anybody.
        Some(owner) => match assignment::find_seat(db, &mut schedules, &asked, at, Some(owner), now).await {
            Err(Error::NotThen { .. }) => {
                (assignment::find_seat(db, &mut schedules, &asked, at, None, now).await?, None)
            }
            assignment => (assignment?, Some(owner)),
        },
        None => (assignment::find_seat(db, &mut schedules, &asked, at, asked_for.owner, now).await?, asked_for.owner),
    };
    callback.move_to(start, assignment::end_of(&schedules, start, &cells))?;
    callback.owner = owner;
    store::save(db, &callback).await?;
    if !place_store::seat(db, &site.id, who, &assignment::times_of(&schedules, start, &cells), &assignment, None, now)
        .await?
    {
        return Err(Error::Contended);
    }
    letters_store::close(db, context, id, false).await?;
    let place = place_store::place_of(db, id).await?;
    let what = match asked_for.to {
        To::Time(_) => What::Moved { why: reason, place },
        To::SameTime => What::HandedOn { why: reason, place },
    };
    history_store::add(db, context, &callback, &what).await?;
    audit(db, context, "callback_moved", "callback", &id).await?;
    Ok(callback)
}

/// It is not to be made any more.
pub async fn cancel(
    db: &mut Db<'_>,
    context: &Context,
    id: CallbackId,
    reason: CancelReason,
    note: &str,
) -> Result<Callback> {
    let note = optional_line("note", note, NOTE_CHARS)?;
    let mut callback = for_update(db, id).await?;
    callback.cancel(reason, context.now)?;
    store::save(db, &callback).await?;
    place_store::leave(db, Occupant::Callback(id)).await?;
    letters_store::close(db, context, id, false).await?;
    history_store::add(db, context, &callback, &What::Cancelled { reason, note }).await?;
    audit(db, context, "callback_cancelled", "callback", &id).await?;
    Ok(callback)
}
