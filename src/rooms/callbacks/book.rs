//! Offering, holding and booking a call-back in the home site's diary.

use super::assignment::{check_owner, check_time, end_of, find_seat, open, times_of};
use super::callback::{self, Callback, CancelReason, State};
use super::capacity::Occupant;
use super::flags::check_may_ring;
use super::history::What;
use super::needs::Needs;
use super::offers::{self, Asked, Offered};
use super::place_store::{self, Hold};
use super::safe_times::SafeTimes;
use super::schedules::Schedules;
use super::wishes::Wishes;
use super::{NOTE_CHARS, history_store, letters_store, missed, store};
use crate::access::{self, Context, audit};
use crate::clients::{self, Client};
use crate::rota::HOLD_EXPIRED;
use chrono::{DateTime, TimeDelta, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{UkPhone, optional_line};
use startline_foundation::ids::{CallbackHoldId, CallbackId, ClientId, UserId};
use startline_foundation::store::Db;
use std::collections::BTreeSet;

/// What the adviser asks to book.
#[derive(Debug, Clone)]
pub struct Booking {
    pub client_id: ClientId,
    pub at: At,
    /// Any UK form; the client record's number when empty.
    pub phone: String,
    pub number_confirmed: bool,
    pub urgent: bool,
    pub note: String,
    /// The adviser of the home site who promises to make it.
    pub owner: Option<UserId>,
    pub wishes: Wishes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    Start(DateTime<Utc>),
    /// The place held for the client.
    Hold(CallbackHoldId),
}

/// Free times at the client's home site, the best first, at least so many if there are.
pub async fn offer_slots(
    db: &mut Db<'_>,
    definition: &Definition,
    client: &Client,
    asked: &Asked,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Offered> {
    check_may_ring(db, client.id).await?;
    let site = definition.site_or_fault(&client.home_site)?;
    let mut schedules = open(db, definition, site, now).await?;
    offers::search(db, &mut schedules, asked, now, most).await
}

/// Keeps a place for a client who is still thinking; an earlier hold of theirs is given back.
pub async fn hold_slot(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    client_id: ClientId,
    start: DateTime<Utc>,
    asked: &Asked,
) -> Result<Hold> {
    let now = context.now;
    access::one_at_a_time(db, context.user.id).await?;
    let others = place_store::held_for_others(db, context.user.id, client_id, now).await?;
    let local = |until| definition.calendar.local_time(until).format("%H:%M").to_string();
    let most = definition.service.settings.holds_per_adviser;
    access::may_hold_one_more(&others, most, "call-back places", local, now)?;
    let client = clients::get_living(db, client_id).await?;
    check_may_ring(db, client_id).await?;
    let site = definition.site_or_fault(&client.home_site)?;
    if let Some(before) = place_store::hold_of(db, client_id).await? {
        place_store::drop_hold(db, before.id).await?;
    }
    let mut schedules = open(db, definition, site, now).await?;
    let cells = check_time(db, &mut schedules, asked, start, now).await?;
    let owner = asked.wishes.adviser;
    if let Some(owner) = owner {
        check_owner(db, owner, &site.id, "wishes.adviser_id").await?;
    }
    let assignment = find_seat(db, &mut schedules, asked, (start, &cells), owner, now).await?;
    let hold = Hold {
        id: CallbackHoldId::fresh(now),
        client_id,
        site: site.id.clone(),
        starts_at: start,
        ends_at: end_of(&schedules, start, &cells),
        urgent: asked.urgent,
        needs: asked.needs.words.clone(),
        owner,
        held_until: now + TimeDelta::seconds(definition.service.settings.slot_hold_s.into()),
    };
    if !place_store::insert_hold(db, &hold, context.user.id).await? {
        return Err(Error::Contended);
    }
    let times = times_of(&schedules, start, &cells);
    let who = Occupant::Hold(hold.id);
    if !place_store::seat(db, &site.id, who, &times, &assignment, Some(hold.held_until), now).await? {
        return Err(Error::Contended);
    }
    audit(db, context, "callback_slot_held", "client", &client_id).await?;
    Ok(hold)
}

/// Books a call-back in the home site's diary.
pub async fn book(db: &mut Db<'_>, context: &Context, definition: &Definition, booking: &Booking) -> Result<Callback> {
    book_for(db, context, definition, booking, context.now).await
}

/// The same for a client who was in touch at a moment already, which their record may not know yet.
pub(super) async fn book_for(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    booking: &Booking,
    in_touch_at: DateTime<Utc>,
) -> Result<Callback> {
    let now = context.now;
    let known = clients::get_living(db, booking.client_id).await?;
    let client = Client { first_contact_at: known.first_contact(in_touch_at, now), ..known };
    check_may_ring(db, client.id).await?;
    let site = definition.site_or_fault(&client.home_site)?;
    let mut asked = Asked {
        needs: Needs::of_client(definition, &client),
        urgent: booking.urgent,
        wishes: booking.wishes.clone().check()?,
        safe: SafeTimes::of_client(definition, &client),
        who: Some(client.id),
    };
    let mut schedules = open(db, definition, site, now).await?;
    let hold = held(db, &mut schedules, booking, &mut asked, now).await?;
    let start = match (&hold, booking.at) {
        (Some(hold), At::Hold(_)) => hold.starts_at,
        (_, At::Start(start)) => start,
        (None, At::Hold(_)) => return Err(Error::Contended),
    };
    let owner = booking.owner.or(hold.as_ref().and_then(|hold| hold.owner));
    let cells = check_time(db, &mut schedules, &asked, start, now).await?;
    if let Some(owner) = owner {
        check_owner(db, owner, &site.id, "adviser_id").await?;
    }
    let end = end_of(&schedules, start, &cells);
    let callback = new_callback(context, &client, booking, &asked, (start, end), owner)?;
    supersede(db, context, client.id).await?;
    if !store::insert(db, &callback).await? {
        let message = "this client has a call-back booked already; move that one instead";
        return Err(Error::illegal(callback::EXISTS, message));
    }
    let as_held = hold.as_ref().filter(|hold| matches!(booking.at, At::Hold(_)) && hold.owner == owner);
    match as_held {
        Some(hold) => {
            if !place_store::make_it_theirs(db, hold, callback.id, cells.len()).await? {
                return Err(Error::Contended);
            }
        }
        None => {
            if let Some(hold) = &hold {
                place_store::drop_hold(db, hold.id).await?;
                let day = definition.calendar.local_date(hold.starts_at);
                schedules.day_mut(day).and_then(|plan| plan.leave(Occupant::Hold(hold.id)));
            }
            let assignment = find_seat(db, &mut schedules, &asked, (start, &cells), owner, now).await?;
            let times = times_of(&schedules, start, &cells);
            let who = Occupant::Callback(callback.id);
            if !place_store::seat(db, &site.id, who, &times, &assignment, None, now).await? {
                return Err(Error::Contended);
            }
        }
    }
    clients::in_touch(db, client.id, (in_touch_at, now)).await?;
    // Whoever is told of a death at this moment closes it, or it is not booked.
    clients::get_unmoved(db, client.id).await?.check_living()?;
    history_store::add(db, context, &callback, &What::Booked { note: callback.note.clone() }).await?;
    audit(db, context, "callback_booked", "callback", &callback.id).await?;
    // They will be rung, whichever of the two numbers they had rung from.
    let numbers: BTreeSet<&str> = client.facts.phone.iter().chain([&callback.phone]).map(UkPhone::e164).collect();
    for number in numbers {
        let (by, outcome) = (context.user.id, "a call-back was booked");
        missed::close_number(db, context, number, by, outcome, now).await?;
    }
    Ok(callback)
}

/// The client's hold, if they have one that has not run out. One that was named must be there, and in time.
async fn held(
    db: &mut Db<'_>,
    schedules: &mut Schedules<'_>,
    booking: &Booking,
    asked: &mut Asked,
    now: DateTime<Utc>,
) -> Result<Option<Hold>> {
    let found = place_store::hold_of(db, booking.client_id).await?;
    let At::Hold(id) = booking.at else { return Ok(found) };
    let in_time = found.filter(|hold| hold.id == id && now < hold.held_until);
    if let Some(hold) = &in_time {
        asked.needs = Needs::of_words(schedules.definition, hold.needs.iter().cloned());
        asked.urgent |= hold.urgent;
        return Ok(in_time);
    }
    let found = offers::search(db, schedules, asked, now, offers::FRESH_OFFERS).await?;
    Err(Error::Conflict {
        reason: HOLD_EXPIRED,
        message: "the place is no longer held for this client; these are free".into(),
        offers: offers::fresh(&found.offers, schedules.site),
    })
}

/// What waited for a letter, a number or a visit is over once something else is booked.
async fn supersede(db: &mut Db<'_>, context: &Context, client: ClientId) -> Result<()> {
    close_waiting(db, context, client, CancelReason::Superseded, Callback::waits).await
}

/// The client's start-up is done: nobody has to arrange a visit any more.
pub async fn start_up_done(db: &mut Db<'_>, context: &Context, client: ClientId) -> Result<()> {
    close_waiting(db, context, client, CancelReason::StartUpDone, |old| old.state == State::FaceToFace).await
}

/// The client is not rung any more: their claim is closed, or they died. One that somebody is making just now is left to
/// them, who say how it ends.
pub async fn close_all(db: &mut Db<'_>, context: &Context, client: ClientId, reason: CancelReason) -> Result<()> {
    if let Some(hold) = place_store::hold_of(db, client).await? {
        place_store::drop_hold(db, hold.id).await?;
    }
    close_waiting(db, context, client, reason, |old| !matches!(old.state, State::Attempting(_))).await
}

/// Keeps the client's open call-backs from others until the transaction ends: for whoever will close them and change the
/// record, which whoever puts a number right takes after them.
pub async fn keep_open(db: &mut Db<'_>, client: ClientId) -> Result<()> {
    store::open_of_client_for_update(db, client).await.map(drop)
}

async fn close_waiting(
    db: &mut Db<'_>,
    context: &Context,
    client: ClientId,
    reason: CancelReason,
    is_over: impl Fn(&Callback) -> bool,
) -> Result<()> {
    for mut old in store::open_of_client_for_update(db, client).await? {
        if !is_over(&old) {
            continue;
        }
        old.cancel(reason, context.now)?;
        store::save(db, &old).await?;
        place_store::leave(db, Occupant::Callback(old.id)).await?;
        letters_store::close(db, context, old.id, false).await?;
        let what = What::Cancelled { reason, note: String::new() };
        history_store::add(db, context, &old, &what).await?;
        audit(db, context, "callback_cancelled", "callback", &old.id).await?;
    }
    Ok(())
}

fn new_callback(
    context: &Context,
    client: &Client,
    booking: &Booking,
    asked: &Asked,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
    owner: Option<UserId>,
) -> Result<Callback> {
    let phone = match booking.phone.trim() {
        "" => {
            client.facts.phone.clone().ok_or_else(|| Error::invalid("phone", "is needed: which number shall we ring?"))
        }
        typed => UkPhone::parse(typed).map_err(|reason| Error::invalid("phone", reason)),
    }?;
    let note = optional_line("note", &booking.note, NOTE_CHARS)?;
    Ok(Callback {
        id: CallbackId::fresh(context.now),
        client_id: client.id,
        site: client.home_site.clone(),
        starts_at: start,
        ends_at: end,
        phone,
        number_confirmed: booking.number_confirmed,
        urgent: asked.urgent,
        note,
        state: State::Booked,
        owner,
        asked: None,
        attempts: 0,
        tries: 0,
        due_at: start,
        booked_at: context.now,
        first_contact_at: client.first_contact_at,
        needs: asked.needs.words.clone(),
        wishes: asked.wishes.clone(),
        ended_at: None,
    })
}
