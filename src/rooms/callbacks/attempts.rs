//! Making a call-back: taking it, how a try ended, going on later, handing it on.

use super::book::close_all;
use super::callback::{Callback, CancelReason, Outcome, State};
use super::capacity::Occupant;
use super::due::check_turn;
use super::flags::{self, ContactFlags, check_may_ring};
use super::history::What;
use super::retry::{RetryRule, into_opening};
use super::safe_times::SafeTimes;
use super::{
    NOTE_CHARS, assignment, flags_store, for_update, history_store, letters, letters_store, place_store, store,
};
use crate::access::{Context, Role, audit};
use crate::clients::{self, Learned};
use crate::contingency;
use chrono::{DateTime, TimeDelta, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, FreshOffer, Result};
use startline_foundation::formats::{UkPhone, optional_line, required_line};
use startline_foundation::ids::{CallId, CallbackId, UserId};
use startline_foundation::store::Db;

/// This adviser takes the call-back. From now on no other can, and this one can take no second.
pub async fn start_attempt(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: CallbackId,
) -> Result<Callback> {
    let mut callback = theirs_to_make(db, context, id).await?;
    check_may_ring(db, callback.client_id).await?;
    check_turn(definition, &context.user, &callback, context.now)?;
    check_is_safe(db, definition, &callback, context.now).await?;
    if callback.begin(context.user.id, context.now)? {
        store::save(db, &callback).await?;
        store::insert_attempt(db, &callback, context).await?;
        audit(db, context, "callback_attempt_started", "callback", &id).await?;
    }
    Ok(callback)
}

/// # Errors
/// `Illegal` at a time of the day at which it is not safe to ring this client, with the next at which it is.
async fn check_is_safe(
    db: &mut Db<'_>,
    definition: &Definition,
    callback: &Callback,
    now: DateTime<Utc>,
) -> Result<()> {
    let client = clients::get(db, callback.client_id).await?;
    let safe = SafeTimes::of_client(definition, &client);
    if matches!(callback.state, State::Attempting(_)) || safe.allow(&definition.calendar, now, now) {
        return Ok(());
    }
    let hours = (&definition.calendar, definition.site_or_fault(&callback.site)?);
    let again = Some(safe.next(now, hours)).filter(|next| *next != now);
    let again = again.map(|next| definition.calendar.local_time(next).format(": from %H:%M it is").to_string());
    let message = format!("it is not safe to ring this client now{}", again.unwrap_or_default());
    Err(Error::illegal("NOT_SAFE_TO_RING", message))
}

/// How the try ended.
pub async fn record_attempt(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: CallbackId,
    outcome: Outcome,
    note: &str,
) -> Result<Callback> {
    let note = optional_line("note", note, NOTE_CHARS)?;
    let mut callback = theirs_to_make(db, context, id).await?;
    let hours = (&definition.calendar, definition.site_or_fault(&callback.site)?);
    let next = RetryRule::of(&definition.service.settings).next(outcome, callback.tries, context.now, hours);
    let client = clients::get(db, callback.client_id).await?;
    let next = next.map(|at| SafeTimes::of_client(definition, &client).next(at, hours));
    callback.finish(context.user.id, outcome, next, context.now)?;
    store::save(db, &callback).await?;
    store::finish_attempt(db, &callback, outcome.as_str(), &note, context.now).await?;
    match callback.state {
        State::NoReply => letters::owe(db, context, definition, &callback).await?,
        State::WrongNumber => {
            let before = flags::contact_flags(db, callback.client_id).await?;
            let flags = ContactFlags { number_check: true, ..before };
            flags_store::save_flags(db, context, callback.client_id, &flags).await?;
        }
        State::Reached => clients::spoken_with(db, callback.client_id, context.now).await?,
        _ => {}
    }
    audit(db, context, "callback_attempt_recorded", "callback", &id).await?;
    closed_if_died(db, context, callback).await
}

/// The client was reached and asked to go on later. It stays with this adviser, and comes back on their list.
pub async fn park(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: CallbackId,
    until: DateTime<Utc>,
    why: &str,
) -> Result<Callback> {
    let why = required_line("reason", why, NOTE_CHARS, "is needed: what did the client ask for?")?;
    let mut callback = theirs_to_make(db, context, id).await?;
    let client = clients::get(db, callback.client_id).await?;
    let safe = SafeTimes::of_client(definition, &client);
    check_until(definition, &callback, &safe, (until, context.now))?;
    callback.park(context.user.id, until, why.clone())?;
    store::save(db, &callback).await?;
    store::finish_attempt(db, &callback, "parked", &why, context.now).await?;
    history_store::add(db, context, &callback, &What::Parked { why }).await?;
    audit(db, context, "callback_parked", "callback", &id).await?;
    closed_if_died(db, context, callback).await
}

/// Whoever hears on the telephone that the client died says so before the call is over: whatever came of it, nobody rings again.
async fn closed_if_died(db: &mut Db<'_>, context: &Context, callback: Callback) -> Result<Callback> {
    if !callback.is_open() || clients::get(db, callback.client_id).await?.death.is_none() {
        return Ok(callback);
    }
    close_all(db, context, callback.client_id, CancelReason::ClientDied).await?;
    for_update(db, callback.id).await
}

fn check_until(
    definition: &Definition,
    callback: &Callback,
    safe: &SafeTimes,
    (until, now): (DateTime<Utc>, DateTime<Utc>),
) -> Result<()> {
    let hours = (&definition.calendar, definition.site_or_fault(&callback.site)?);
    let last = super::offers::horizon(definition, now);
    let message = if until <= now {
        "is not in the future"
    } else if definition.calendar.local_date(until) > last {
        "is further ahead than any diary goes"
    } else if into_opening(until, hours) != until {
        "is when the centre is closed; it could be at its next opening"
    } else if !safe.allow(hours.0, until, until) {
        "is when it is not safe to ring the client; it could be when it is next"
    } else {
        return Ok(());
    };
    let start = safe.next(into_opening(until.clamp(now, now + TimeDelta::days(366)), hours), hours);
    let offers = vec![FreshOffer { start, end: start, holder: callback.site.to_string() }];
    Err(Error::NotThen { field: "until_time", message: message.into(), offers })
}

/// A team leader asks somebody to make it: they see it at once, whoever promised it.
pub async fn assign(db: &mut Db<'_>, context: &Context, id: CallbackId, adviser: UserId) -> Result<Callback> {
    let mut callback = theirs_to_make(db, context, id).await?;
    assignment::check_owner(db, adviser, context.site()?, "adviser_id").await?;
    if !callback.is_live() {
        return Err(Error::illegal("CALLBACK_OVER", "this call-back is over"));
    }
    callback.asked = Some(adviser);
    store::save(db, &callback).await?;
    history_store::add(db, context, &callback, &What::Assigned { to: adviser }).await?;
    audit(db, context, "callback_assigned", "callback", &id).await?;
    Ok(callback)
}

/// The number has been put right. One that waited for that is tried again, from the next opening on.
pub async fn correct_number(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: CallbackId,
    phone: &str,
    confirmed: bool,
) -> Result<Callback> {
    let phone = UkPhone::parse(phone).map_err(|reason| Error::invalid("phone", reason))?;
    let mut callback = for_update(db, id).await?;
    let hours = (&definition.calendar, definition.site_or_fault(&callback.site)?);
    let wrong = callback.phone.clone();
    let client = clients::get(db, callback.client_id).await?;
    let due_at = SafeTimes::of_client(definition, &client).next(into_opening(context.now, hours), hours);
    callback.correct_number(phone, due_at)?;
    if client.facts.phone == Some(wrong) {
        // The record had it wrong too.
        let right = Learned::Phone(callback.phone.e164().to_owned());
        clients::learn(db, context, client.id, right, &|_| None).await?;
    }
    callback.number_confirmed = confirmed;
    store::save(db, &callback).await?;
    let before = flags::contact_flags(db, callback.client_id).await?;
    if before.number_check && confirmed {
        let flags = ContactFlags { number_check: false, ..before };
        flags_store::save_flags(db, context, callback.client_id, &flags).await?;
    }
    history_store::add(db, context, &callback, &What::NumberCorrected).await?;
    audit(db, context, "callback_number_corrected", "callback", &id).await?;
    Ok(callback)
}

/// The number of the record was replaced: a call-back that was to ring it rings the new one, the next time if one is being made. One
/// that was promised for some other number keeps that.
pub async fn ring_new_number(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    client: startline_foundation::ids::ClientId,
    (was, now): (&UkPhone, &UkPhone),
) -> Result<()> {
    for mut callback in store::open_of_client_for_update(db, client).await? {
        if callback.phone != *was || was == now {
            continue;
        }
        let hours = (&definition.calendar, definition.site_or_fault(&callback.site)?);
        let is_under_way = matches!(callback.state, State::Attempting(_));
        match !is_under_way && (callback.is_live() || callback.state == State::WrongNumber) {
            true => {
                let record = clients::get(db, client).await?;
                let due_at = SafeTimes::of_client(definition, &record).next(into_opening(context.now, hours), hours);
                callback.correct_number(now.clone(), due_at)?;
            }
            // Nobody rings it now; whoever does later has the right one.
            false => callback.phone = now.clone(),
        }
        callback.number_confirmed = false;
        store::save(db, &callback).await?;
        history_store::add(db, context, &callback, &What::NumberCorrected).await?;
        audit(db, context, "callback_number_corrected", "callback", &callback.id).await?;
    }
    Ok(())
}

/// The client has rung in first: the start-up is done in that call, and the call-back's time is free again.
pub async fn take_over(db: &mut Db<'_>, context: &Context, id: CallbackId, call: CallId) -> Result<Callback> {
    let mut callback = theirs_to_make(db, context, id).await?;
    callback.take_over(call, context.now)?;
    store::save(db, &callback).await?;
    place_store::leave(db, Occupant::Callback(id)).await?;
    letters_store::close(db, context, id, false).await?;
    clients::spoken_with(db, callback.client_id, context.now).await?;
    history_store::add(db, context, &callback, &What::TakenOver).await?;
    audit(db, context, "callback_taken_over", "callback", &id).await?;
    Ok(callback)
}

/// Call-backs being made now: which, by whom, since when.
pub async fn under_way(db: &mut Db<'_>) -> Result<Vec<(CallbackId, UserId, DateTime<Utc>)>> {
    store::under_way(db).await
}

/// The desk of whoever makes it is gone: it is due again. None when they have ended it themselves meanwhile.
pub async fn give_back(
    db: &mut Db<'_>,
    context: &Context,
    id: CallbackId,
    adviser: UserId,
) -> Result<Option<Callback>> {
    let mut callback = for_update(db, id).await?;
    if callback.state != State::Attempting(adviser) {
        return Ok(None);
    }
    callback.give_back(context.now)?;
    store::save(db, &callback).await?;
    let why = "the desk was gone".to_owned();
    store::finish_attempt(db, &callback, "given_back", &why, context.now).await?;
    history_store::add(db, context, &callback, &What::GivenBack { why }).await?;
    audit(db, context, "callback_given_back", "callback", &id).await?;
    closed_if_died(db, context, callback).await.map(Some)
}

/// The call-back, if it is the caller's to make: call-backs are made from home (rules R4, R5), or by those who help a lost
/// site. Whoever has begun to make it finishes it, whatever was declared or ended meanwhile.
async fn theirs_to_make(db: &mut Db<'_>, context: &Context, id: CallbackId) -> Result<Callback> {
    let callback = for_update(db, id).await?;
    if callback.state == State::Attempting(context.user.id) || context.user.is(Role::Admin) {
        return Ok(callback);
    }
    let site = context.site()?;
    if contingency::sites_served_by(db, site).await?.contains(&callback.site) {
        return Ok(callback);
    }
    let why = if &callback.site == site {
        "this site is declared lost; its call-backs are made by the sites that help it"
    } else {
        "a call-back is made by an adviser of the client's home site"
    };
    Err(Error::Denied(why.into()))
}
