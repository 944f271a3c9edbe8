//! What the service does by itself: looks into the diary for lines that are due, sends them, and asks what became of them.

use super::message::{self, Message};
use super::notify::{Found, Notify};
use super::plan::{self, Stands};
use super::reminder::{Answer, Dropped, LEASE, Reminder, State, Status};
use super::{Holds, holds, keep, left_behind, store};
use crate::callbacks::{self, SafeTimes};
use crate::clients::{self, Client, Way};
use crate::diary::{self, Entry};
use crate::followup;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use startline_definition::{Channel, Definition, Reminders, Site, Unless};
use startline_foundation::clock::Clock;
use startline_foundation::error::Result;
use startline_foundation::ids::{AppointmentId, ReminderId};
use startline_foundation::store::{Db, Store};
use std::collections::HashSet;

/// Appointments read at a time.
const PAGE: i32 = 500;
/// Requests under way at once. Notify takes 3,000 a minute.
const AT_ONCE: i32 = 8;
/// A call that nobody has made is looked at this often, to see whether it is still needed.
const CALL_LOOKED_AT: TimeDelta = TimeDelta::minutes(10);
/// A text or letter of a meeting that has to be moved waits for so long before it is looked at again.
const UNSETTLED_LOOKED_AT: TimeDelta = TimeDelta::minutes(10);

/// Makes a row for each line that is due and has none, and gives their number.
pub async fn plan_ahead(database: &Store, definition: &Definition, now: DateTime<Utc>) -> Result<usize> {
    let Some(reminders) = &definition.reminders else { return Ok(0) };
    let furthest = reminders.furthest_working_days();
    let reach =
        definition.sites.iter().filter_map(|site| plan::reach((&definition.calendar, site), furthest, now)).max();
    let Some(until) = reach else { return Ok(0) };
    let (mut after, mut made) = (None, 0);
    loop {
        let mut reader = database.read().await?;
        let page = diary::booked_between(&mut reader.db(), (now, until), after, PAGE).await?;
        let ids: Vec<AppointmentId> = page.iter().map(|entry| entry.id).collect();
        let known = if ids.is_empty() { Vec::new() } else { store::lines_of(&mut reader.db(), &ids).await? };
        drop(reader);
        let known: HashSet<_> = known.into_iter().collect();
        let due: Vec<Reminder> =
            page.iter().flat_map(|entry| due_lines(definition, reminders, entry, &known, now)).collect();
        made += insert(database, due).await?;
        match page.last().filter(|_| page.len() == usize::try_from(PAGE).unwrap_or(0)) {
            Some(last) => after = Some((last.starts_at, last.id)),
            None => return Ok(made),
        }
    }
}

/// The lines of one appointment whose moment has come, and that have no row yet.
fn due_lines(
    definition: &Definition,
    reminders: &Reminders,
    entry: &Entry,
    known: &HashSet<(AppointmentId, i32, String)>,
    now: DateTime<Utc>,
) -> Vec<Reminder> {
    let site = definition.office(&entry.office).and_then(|office| definition.site(&office.site));
    let Some(site) = site else { return Vec::new() };
    let place = (&definition.calendar, site);
    let lines = reminders.lines(&entry.kind).iter();
    let missing = lines.filter(|line| !known.contains(&(entry.id, entry.sequence, line.id.clone())));
    let due = missing.filter_map(|line| {
        let (due_at, state) = match plan::stands(line, entry, place, now) {
            Stands::NotYet => return None,
            Stands::Dropped(due_at, why) => (due_at, State::Dropped { why, at: now }),
            // A call stands on the list of a site that is closed, and waits there.
            Stands::Due(due_at) if line.by == Channel::Call => (due_at, State::Due { next_at: now }),
            Stands::Due(due_at) => match plan::goes_at(place, entry.starts_at, now) {
                Ok(next_at) => (due_at, State::Due { next_at }),
                Err(why) => (due_at, State::Dropped { why, at: now }),
            },
        };
        Some(Reminder {
            id: ReminderId::fresh(now),
            appointment_id: entry.id,
            sequence: entry.sequence,
            line: line.id.clone(),
            client_id: entry.client_id,
            site: site.id.clone(),
            channel: line.by,
            unless: line.unless,
            due_at,
            starts_at: entry.starts_at,
            state,
            attempts: 0,
            sent_at: None,
        })
    });
    due.collect()
}

async fn insert(database: &Store, due: Vec<Reminder>) -> Result<usize> {
    if due.is_empty() {
        return Ok(0);
    }
    let mut tx = database.begin_write().await?;
    let mut made = 0;
    for reminder in due {
        if store::insert(&mut tx.db(), &reminder).await? {
            made += 1;
        }
    }
    tx.commit().await?;
    Ok(made)
}

/// Sends what is due, looks for what may have been sent, asks what became of what was, and drops calls that are not
/// needed any more. Gives how many it looked at. Without Notify nothing is sent, and what is due waits.
pub async fn look_at_due(
    database: &Store,
    definition: &Definition,
    notify: Option<&Notify>,
    clock: &Clock,
) -> Result<usize> {
    let mut looked_at = 0;
    loop {
        let now = clock.now();
        let due = store::to_look_at(&mut database.read().await?.db(), notify.is_some(), now, AT_ONCE).await?;
        looked_at += due.len();
        let settled = join_all(due.iter().map(|id| look_at(database, definition, notify, *id, clock))).await;
        let mut all_well = true;
        for outcome in settled {
            all_well &= outcome?;
        }
        // When Notify is away, the rest waits for the next round rather than each for its own timeout.
        if !all_well || due.len() < usize::try_from(AT_ONCE).unwrap_or(0) {
            return Ok(looked_at);
        }
    }
}

/// What is to be done with one reminder.
enum Step {
    Nothing,
    Send(Message),
    /// It may be at Notify; if it is not, this is sent.
    LookFor(Result<Message, Dropped>),
    Ask,
}

/// False when Notify could not be reached or does not want more just now.
async fn look_at(
    database: &Store,
    definition: &Definition,
    notify: Option<&Notify>,
    id: ReminderId,
    clock: &Clock,
) -> Result<bool> {
    let mut tx = database.begin_write().await?;
    // The time of each step, and not of the round: a round may be long, and a lease is counted from here.
    let now = clock.now();
    let step = next_step(&mut tx.db(), definition, notify.is_some(), id, now).await?;
    tx.commit().await?;
    let Some(notify) = notify else { return Ok(true) };
    let message = match step {
        Step::Nothing => return Ok(true),
        Step::Send(message) => message,
        Step::Ask | Step::LookFor(_) => {
            let found = notify.look_for(id, clock.now()).await;
            let now = clock.now();
            match (found, step) {
                (Found::There(status), _) => {
                    settle(database, id, |reminder| reminder.heard(status, now), now).await?;
                    return Ok(true);
                }
                (Found::Unknown, Step::LookFor(_)) => {
                    settle(database, id, |reminder| reminder.answered(Answer::Unknown, now), now).await?;
                    return Ok(false);
                }
                (Found::Unknown, _) => return Ok(false),
                (Found::NotThere, Step::LookFor(Ok(message))) => {
                    settle(database, id, |reminder| reminder.begin_sending(now), now).await?;
                    message
                }
                (Found::NotThere, Step::LookFor(Err(why))) => {
                    settle(database, id, |reminder| reminder.drop(why, now), now).await?;
                    return Ok(true);
                }
                // It was there once: what Notify has forgotten is not sent again.
                (Found::NotThere, _) => {
                    settle(database, id, |reminder| reminder.heard(Status::OnItsWay, now), now).await?;
                    return Ok(true);
                }
            }
        }
    };
    let answer = notify.send(id, &message, clock.now()).await;
    let taken = matches!(answer, Answer::Accepted | Answer::Refused(_));
    let now = clock.now();
    settle(database, id, |reminder| reminder.answered(answer, now), now).await?;
    Ok(taken)
}

async fn settle(
    database: &Store,
    id: ReminderId,
    change: impl FnOnce(&mut Reminder),
    now: DateTime<Utc>,
) -> Result<()> {
    let mut tx = database.begin_write().await?;
    if let Some(mut reminder) = store::for_update(&mut tx.db(), id).await? {
        let before = reminder.state.clone();
        change(&mut reminder);
        keep(&mut tx.db(), &reminder, &before, now).await?;
    }
    tx.commit().await
}

/// Decides, and writes down what is about to be done before it is: whoever comes next finds it so.
async fn next_step(
    db: &mut Db<'_>,
    definition: &Definition,
    sends: bool,
    id: ReminderId,
    now: DateTime<Utc>,
) -> Result<Step> {
    let Some(mut reminder) = store::for_update(db, id).await? else { return Ok(Step::Nothing) };
    let before = reminder.state.clone();
    let step = match &before {
        State::Due { next_at } if *next_at <= now && reminder.channel == Channel::Call => {
            match may_call(db, definition, &reminder, now).await? {
                Ok(()) => reminder.state = State::Due { next_at: now + CALL_LOOKED_AT },
                Err(why) => reminder.drop(why, now),
            }
            Step::Nothing
        }
        State::Due { next_at } if *next_at <= now && sends => match may_send(db, definition, &reminder, now).await? {
            Ok(Ready::Now(message)) => {
                reminder.begin_sending(now);
                Step::Send(message)
            }
            Ok(Ready::At(next_at)) => {
                reminder.state = State::Due { next_at };
                Step::Nothing
            }
            Err(why) => {
                reminder.drop(why, now);
                Step::Nothing
            }
        },
        State::Sending { next_at } if *next_at <= now && sends => {
            let message = match may_send(db, definition, &reminder, now).await? {
                Ok(Ready::Now(message)) => Ok(message),
                Err(why) => Err(why),
                // Nothing goes out now, so there is no hurry to find out whether it has gone.
                Ok(Ready::At(next_at)) => {
                    reminder.state = State::Sending { next_at };
                    store::save(db, &reminder).await?;
                    return Ok(Step::Nothing);
                }
            };
            reminder.begin_looking(now);
            Step::LookFor(message)
        }
        State::Sent { ask_at: Some(ask_at) } if *ask_at <= now && sends => {
            reminder.state = State::Sent { ask_at: Some(now + LEASE) };
            Step::Ask
        }
        _ => return Ok(Step::Nothing),
    };
    keep(db, &reminder, &before, now).await?;
    Ok(step)
}

async fn may_call(
    db: &mut Db<'_>,
    definition: &Definition,
    reminder: &Reminder,
    now: DateTime<Utc>,
) -> Result<Result<(), Dropped>> {
    let entry = diary::entry(db, reminder.appointment_id).await?;
    if let Some(why) = left_behind(reminder, entry.as_ref(), now) {
        return Ok(Err(why));
    }
    if store::refused_channels(db, reminder.client_id).await?.contains(&Channel::Call) {
        return Ok(Err(Dropped::OptedOut));
    }
    if callbacks::contact_flags(db, reminder.client_id).await?.do_not_call {
        return Ok(Err(Dropped::NotToBeRung));
    }
    let client = clients::get(db, reminder.client_id).await?;
    if !may_go(&client, Channel::Call) {
        return Ok(Err(Dropped::OptedOut));
    }
    if client.facts.phone.is_none() {
        return Ok(Err(Dropped::NoNumber));
    }
    let Some(site) = definition.site(&reminder.site) else { return Ok(Err(Dropped::NotPlanned)) };
    let next = next_safe(definition, site, &client, now);
    Ok(if next.is_some_and(|next| next < reminder.starts_at) { Ok(()) } else { Err(Dropped::NotSafeBefore) })
}

/// Now when the client's telephone is safe, else when it is next; none when that is never.
fn next_safe(definition: &Definition, site: &Site, client: &Client, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let (calendar, safe) = (&definition.calendar, SafeTimes::of_client(definition, client));
    let next = safe.next(now, (calendar, site));
    safe.allow(calendar, next, next).then_some(next)
}

/// Whoever is reached in one way only is reminded in no other.
pub(super) fn may_go(client: &Client, channel: Channel) -> bool {
    match client.facts.contact.way {
        None => true,
        Some(Way::Text) => channel == Channel::Text,
        Some(Way::Letter) => channel == Channel::Letter,
    }
}

enum Ready {
    Now(Message),
    At(DateTime<Utc>),
}

/// The message, or when to look again, or why it never goes.
async fn may_send(
    db: &mut Db<'_>,
    definition: &Definition,
    reminder: &Reminder,
    now: DateTime<Utc>,
) -> Result<Result<Ready, Dropped>> {
    let entry = diary::entry(db, reminder.appointment_id).await?;
    if let Some(why) = left_behind(reminder, entry.as_ref(), now) {
        return Ok(Err(why));
    }
    if let Some(entry) = &entry {
        match holds(db, definition, entry).await? {
            Holds::Firmly => {}
            Holds::ToMove => return Ok(Ok(Ready::At(now + UNSETTLED_LOOKED_AT))),
        }
    }
    let line = |entry: &Entry| definition.reminders.as_ref().and_then(|plans| plans.line(&entry.kind, &reminder.line));
    let Some((entry, line)) = entry.as_ref().and_then(|entry| Some((entry, line(entry)?))) else {
        return Ok(Err(Dropped::NotPlanned));
    };
    let Some(site) = definition.site(&reminder.site) else { return Ok(Err(Dropped::NotPlanned)) };
    match plan::goes_at((&definition.calendar, site), entry.starts_at, now) {
        Ok(at) if at > now => return Ok(Ok(Ready::At(at))),
        Ok(_) => {}
        Err(why) => return Ok(Err(why)),
    }
    if store::refused_channels(db, reminder.client_id).await?.contains(&reminder.channel) {
        return Ok(Err(Dropped::OptedOut));
    }
    if reminder.channel == Channel::Text {
        let flags = callbacks::contact_flags(db, reminder.client_id).await?;
        if flags.do_not_call {
            return Ok(Err(Dropped::NotToBeRung));
        }
        if flags.number_check {
            return Ok(Err(Dropped::NumberInDoubt));
        }
    }
    if reminder.unless != Unless::Never && store::any_in(db, reminder, &["reached"]).await? {
        return Ok(Err(Dropped::Reached));
    }
    if reminder.unless == Unless::Told && store::any_in(db, reminder, &["sent", "delivered"]).await? {
        return Ok(Err(Dropped::Told));
    }
    let client = clients::get(db, reminder.client_id).await?;
    if !may_go(&client, reminder.channel) {
        return Ok(Err(Dropped::OptedOut));
    }
    if reminder.channel == Channel::Text {
        // A text that they chose to be reached by is no such message.
        if client.facts.contact.messages == Some(false) && client.facts.contact.way != Some(Way::Text) {
            return Ok(Err(Dropped::NoMessages));
        }
        // Whoever holds their telephone at another time reads it, too.
        match next_safe(definition, site, &client, now).filter(|next| *next < entry.starts_at) {
            Some(next) if next > now => return Ok(Ok(Ready::At(next))),
            Some(_) => {}
            None => return Ok(Err(Dropped::NotSafeBefore)),
        }
    }
    let bearing = followup::bearing(db, definition, entry.id).await?;
    Ok(message::message(definition, line, (entry, bearing), &client, now).map(Ready::Now))
}
