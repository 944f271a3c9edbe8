//! Reminders of appointments: by a call of somebody at the site, then a text, then a letter, as the service definition's
//! plan has it.
//!
//! What is owed is worked out from the diary and never queued: a line of the plan becomes a row at the moment it is due, one
//! for each appointment, sequence and line, so an appointment that is moved or cancelled leaves nothing to undo. Rows are
//! durable. What goes to Notify is committed as `sending` under a reference of our own before the request goes; after a
//! crash it is looked for there, and sent only if Notify does not have it.

mod erasing_store;
mod message;
mod notify;
mod plan;
mod reminder;
mod store;
mod work;

pub use erasing_store::{erase, erase_of_appointments, erase_preferences, of_clients as ids_of_clients, over, unsent};
pub use notify::{Notify, Secret, secret};
pub use reminder::{Dropped, Outcome, Reminder, State, Status};
pub use work::{look_at_due, plan_ahead};

use crate::access::{self, AtOffices, Context, audit};
use crate::callbacks::{self, SafeTimes};
use crate::clients::{self, Client};
use crate::diary::{self, Entry};
use crate::followup;
use chrono::{DateTime, Utc};
use startline_definition::{Channel, Definition};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AppointmentId, ClientId, ReminderId, SiteId};
use startline_foundation::store::Db;

/// A call that the site owes, with all that is needed to make it.
#[derive(Debug, Clone)]
pub struct CallToMake {
    pub reminder: Reminder,
    pub appointment: Entry,
    pub client: Client,
    /// What is said, in the client's language.
    pub words: String,
}

/// How many reminders are due or being sent, and how many failed since then, by state: for whoever watches from outside.
pub async fn figures(db: &mut Db<'_>, since: DateTime<Utc>) -> Result<Vec<(String, i64)>> {
    store::figures(db, since).await
}

/// The reminders of an appointment, in the order in which they were due, after the one named. Those that an appointment
/// has left behind are shown as dropped, before the worker has come by.
pub async fn list(
    db: &mut Db<'_>,
    context: &Context,
    appointment: AppointmentId,
    after: Option<ReminderId>,
    most: i32,
) -> Result<Vec<Reminder>> {
    let entry = diary::entry(db, appointment).await?;
    let entry = entry.ok_or_else(|| Error::not_found(AppointmentId::WHAT, appointment))?;
    let mut found = store::of_appointment(db, appointment, after, most).await?;
    for reminder in &mut found {
        if let (State::Due { .. }, Some(why)) = (&reminder.state, left_behind(reminder, Some(&entry), context.now)) {
            reminder.drop(why, context.now);
        }
    }
    Ok(found)
}

/// The calls that a site owes, the longest due first, after the one named. Also gives where the next page begins, if there
/// may be more. Calls that are not needed any more are left out, and for as long those to clients whom it is not safe to ring now.
pub async fn calls(
    db: &mut Db<'_>,
    definition: &Definition,
    (site, seen): (&SiteId, Option<&AtOffices>),
    after: Option<(DateTime<Utc>, ReminderId)>,
    most: i32,
    now: DateTime<Utc>,
) -> Result<(Vec<CallToMake>, Option<(DateTime<Utc>, ReminderId)>)> {
    let owed = store::calls(db, (site, seen), after, most, now).await?;
    let next = owed.last().filter(|_| owed.len() == usize::try_from(most).unwrap_or(0));
    let next = next.map(|last| (last.due_at, last.id));
    let mut calls = Vec::with_capacity(owed.len());
    for reminder in owed {
        let entry = diary::entry(db, reminder.appointment_id).await?;
        if left_behind(&reminder, entry.as_ref(), now).is_some() {
            continue;
        }
        let Some(appointment) = entry else { continue };
        if holds(db, definition, &appointment).await? != Holds::Firmly {
            continue;
        }
        if callbacks::contact_flags(db, reminder.client_id).await?.do_not_call {
            continue;
        }
        let client = clients::get(db, reminder.client_id).await?;
        // It is on the list again when it is safe.
        let is_safe = SafeTimes::of_client(definition, &client).allow(&definition.calendar, now, now);
        if !is_safe || !work::may_go(&client, Channel::Call) {
            continue;
        }
        let line = definition.reminders.as_ref().and_then(|plans| plans.line(&appointment.kind, &reminder.line));
        let bearing = followup::bearing(db, definition, appointment.id).await?;
        let about = (&appointment, bearing);
        let words = line.and_then(|line| message::words(definition, line, about, &client)).unwrap_or_default();
        calls.push(CallToMake { reminder, appointment, client, words });
    }
    Ok((calls, next))
}

/// What came of a reminder call.
pub async fn record_call(db: &mut Db<'_>, context: &Context, id: ReminderId, outcome: Outcome) -> Result<Reminder> {
    let mut reminder = for_update(db, id).await?;
    let entry = diary::entry(db, reminder.appointment_id).await?;
    if let (State::Due { .. }, Some(why)) = (&reminder.state, left_behind(&reminder, entry.as_ref(), context.now)) {
        reminder.drop(why, context.now);
    }
    reminder.record_call(outcome, context.user.id, context.now)?;
    store::save(db, &reminder).await?;
    audit(db, context, "reminder_call_recorded", "reminder", &id).await?;
    Ok(reminder)
}

/// Whether a client wants to be reminded this way.
pub async fn set_preference(
    db: &mut Db<'_>,
    context: &Context,
    client: ClientId,
    channel: Channel,
    wanted: bool,
) -> Result<Vec<Channel>> {
    clients::get(db, client).await?;
    if wanted {
        store::accept_channel(db, client, channel).await?;
    } else {
        store::refuse_channel(db, client, channel, context.user.id, context.now).await?;
    }
    audit(db, context, "reminder_preference_set", "client", &client).await?;
    store::refused_channels(db, client).await
}

/// The ways in which a client does not want to be reminded.
pub async fn refused_channels(db: &mut Db<'_>, client: ClientId) -> Result<Vec<Channel>> {
    clients::get(db, client).await?;
    store::refused_channels(db, client).await
}

/// What Notify says of a message of ours, or of somebody else's: an unknown reference is nothing to us.
pub async fn take_receipt(db: &mut Db<'_>, reference: &str, status: &Status, now: DateTime<Utc>) -> Result<()> {
    let Ok(id) = ReminderId::parse("reference", reference) else { return Ok(()) };
    let Some(mut reminder) = store::for_update(db, id).await? else { return Ok(()) };
    let before = reminder.state.clone();
    reminder.heard(status.clone(), now);
    keep(db, &reminder, &before, now).await
}

/// Reads the status of a message as Notify words it.
pub fn status(word: &str) -> Status {
    notify::status(word)
}

async fn for_update(db: &mut Db<'_>, id: ReminderId) -> Result<Reminder> {
    store::for_update(db, id).await?.ok_or_else(|| Error::not_found(ReminderId::WHAT, id))
}

/// Why the appointment as it stands now makes the reminder needless.
fn left_behind(reminder: &Reminder, entry: Option<&Entry>, now: DateTime<Utc>) -> Option<Dropped> {
    match entry {
        Some(entry) if entry.booked && entry.sequence != reminder.sequence => Some(Dropped::Moved),
        Some(entry) if entry.booked && entry.starts_at <= now => Some(Dropped::TooLate),
        Some(entry) if entry.booked => None,
        _ => Some(Dropped::NotBooked),
    }
}

/// Whether a booked appointment is one that clients are to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Firmly,
    /// It has to be moved, and nobody has yet: nobody is told to come.
    ToMove,
}

async fn holds(db: &mut Db<'_>, definition: &Definition, entry: &Entry) -> Result<Holds> {
    let whose = (entry.personal_adviser, &entry.office, entry.kind.as_str());
    let bounds = (entry.starts_at, entry.ends_at);
    Ok(if diary::is_to_move(db, definition, whose, bounds).await? { Holds::ToMove } else { Holds::Firmly })
}

/// Saves what the service itself did, with its audit line.
async fn keep(db: &mut Db<'_>, reminder: &Reminder, before: &State, now: DateTime<Utc>) -> Result<()> {
    store::save(db, reminder).await?;
    if std::mem::discriminant(&reminder.state) == std::mem::discriminant(before) {
        return Ok(());
    }
    let action = match reminder.state {
        State::Sent { .. } => "reminder_sent",
        State::Delivered { .. } => "reminder_delivered",
        State::Failed { .. } => "reminder_failed",
        State::Dropped { .. } => "reminder_dropped",
        State::Due { .. } | State::Sending { .. } | State::Rung { .. } => return Ok(()),
    };
    let context = access::system_context(db, now).await?;
    audit(db, &context, action, "reminder", &reminder.id).await
}
