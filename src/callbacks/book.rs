//! Offering, holding and booking a call-back in the home site's diary.

use super::callback::{self, Callback, CancelReason, State};
use super::capacity::{Seating, Sitter, Wanted};
use super::flags::check_may_ring;
use super::needs::Needs;
use super::offers::{self, Asked, Offered};
use super::place_store::{self, Hold};
use super::sheets::{Sheets, cells_of};
use super::wishes::Wishes;
use super::{NOTE_CHARS, missed, record_store, store};
use crate::access::{self, Context, Role, audit};
use crate::clients::{self, Client};
use crate::definition::{Definition, Site};
use crate::error::{Error, Result};
use crate::formats::{UkPhone, plain_text};
use crate::ids::{CallbackHoldId, CallbackId, ClientId, SiteId, UserId};
use crate::store::Db;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use std::ops::Range;

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
    let mut sheets = open(db, definition, site, now).await?;
    offers::search(db, &mut sheets, asked, now, most).await
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
    let client = clients::get(db, client_id).await?;
    check_may_ring(db, client_id).await?;
    let site = definition.site_or_fault(&client.home_site)?;
    if let Some(before) = place_store::hold_of(db, client_id).await? {
        place_store::drop_hold(db, before.id).await?;
    }
    let mut sheets = open(db, definition, site, now).await?;
    let cells = check_time(db, &mut sheets, asked, start, now).await?;
    let owner = asked.wishes.adviser;
    if let Some(owner) = owner {
        check_owner(db, owner, &site.id, "wishes.adviser_id").await?;
    }
    let seating = find_seat(db, &mut sheets, asked, (start, &cells), owner, now).await?;
    let hold = Hold {
        id: CallbackHoldId::fresh(now),
        client_id,
        site: site.id.clone(),
        starts_at: start,
        ends_at: end_of(&sheets, start, &cells),
        urgent: asked.urgent,
        needs: asked.needs.words.clone(),
        owner,
        held_until: now + TimeDelta::seconds(definition.service.settings.slot_hold_s.into()),
    };
    if !place_store::insert_hold(db, &hold, context.user.id).await? {
        return Err(Error::Contended);
    }
    let times = times_of(&sheets, start, &cells);
    let who = Sitter::Hold(hold.id);
    if !place_store::seat(db, &site.id, who, &times, &seating, Some(hold.held_until), now).await? {
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
    let mut client = clients::get(db, booking.client_id).await?;
    client.first_contact_at = client.first_contact_at.min(in_touch_at);
    check_may_ring(db, client.id).await?;
    let site = definition.site_or_fault(&client.home_site)?;
    let mut asked = Asked {
        needs: Needs::of_client(definition, &client),
        urgent: booking.urgent,
        wishes: booking.wishes.clone().check()?,
        who: Some(client.id),
    };
    let mut sheets = open(db, definition, site, now).await?;
    let hold = held(db, &mut sheets, booking, &mut asked, now).await?;
    let start = match (&hold, booking.at) {
        (Some(hold), At::Hold(_)) => hold.starts_at,
        (_, At::Start(start)) => start,
        (None, At::Hold(_)) => return Err(Error::Contended),
    };
    let owner = booking.owner.or(hold.as_ref().and_then(|hold| hold.owner));
    let cells = check_time(db, &mut sheets, &asked, start, now).await?;
    if let Some(owner) = owner {
        check_owner(db, owner, &site.id, "adviser_id").await?;
    }
    let end = end_of(&sheets, start, &cells);
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
                sheets.day_mut(day).and_then(|plan| plan.leave(Sitter::Hold(hold.id)));
            }
            let seating = find_seat(db, &mut sheets, &asked, (start, &cells), owner, now).await?;
            let times = times_of(&sheets, start, &cells);
            let who = Sitter::Callback(callback.id);
            if !place_store::seat(db, &site.id, who, &times, &seating, None, now).await? {
                return Err(Error::Contended);
            }
        }
    }
    record_store::add_event(db, context, &callback, "booked", "", &callback.note, "").await?;
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
    sheets: &mut Sheets<'_>,
    booking: &Booking,
    asked: &mut Asked,
    now: DateTime<Utc>,
) -> Result<Option<Hold>> {
    let found = place_store::hold_of(db, booking.client_id).await?;
    let At::Hold(id) = booking.at else { return Ok(found) };
    let in_time = found.filter(|hold| hold.id == id && now < hold.held_until);
    if let Some(hold) = &in_time {
        asked.needs = Needs::of_words(sheets.definition, hold.needs.iter().cloned());
        asked.urgent |= hold.urgent;
        return Ok(in_time);
    }
    let found = offers::search(db, sheets, asked, now, offers::FRESH_OFFERS).await?;
    Err(Error::Conflict {
        reason: "HOLD_RAN_OUT",
        message: "the place is no longer held for this client; these are free".into(),
        offers: offers::fresh(&found.offers, sheets.site),
    })
}

/// What waited for a letter or a number is over once something else is booked.
async fn supersede(db: &mut Db<'_>, context: &Context, client: ClientId) -> Result<()> {
    for mut old in store::open_of_client_for_update(db, client).await? {
        if !matches!(old.state, State::NoReply | State::WrongNumber) {
            continue;
        }
        old.cancel(CancelReason::Superseded, context.now)?;
        store::save(db, &old).await?;
        place_store::leave(db, Sitter::Callback(old.id)).await?;
        record_store::close_letter(db, context, old.id, false).await?;
        let reason = CancelReason::Superseded.as_str();
        record_store::add_event(db, context, &old, "cancelled", reason, "", "").await?;
        audit(db, context, "callback_cancelled", "callback", &old.id).await?;
    }
    Ok(())
}

pub(super) async fn open<'a>(
    db: &mut Db<'_>,
    definition: &'a Definition,
    site: &'a Site,
    now: DateTime<Utc>,
) -> Result<Sheets<'a>> {
    let days = (definition.calendar.local_date(now), offers::horizon(definition, now));
    Sheets::open(db, definition, site, days, now).await
}

/// A place at this time, if need be with others sitting elsewhere; else a refusal that says what is free.
pub(super) async fn find_seat(
    db: &mut Db<'_>,
    sheets: &mut Sheets<'_>,
    asked: &Asked,
    (start, cells): (DateTime<Utc>, &Range<usize>),
    owner: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Seating> {
    let day = sheets.definition.calendar.local_date(start);
    // Where no roster is kept, a promise takes any place.
    let only = owner.filter(|_| sheets.is_rostered(day));
    let tie = asked.who.map_or(0, |client| client.0.as_u64_pair().1);
    let wanted = Wanted { cells: cells.clone(), needs: asked.needs.skills, only, tie };
    if let Some(seating) = sheets.day(day).and_then(|plan| plan.seat(&wanted)) {
        return Ok(seating);
    }
    let wishes = Wishes { adviser: only.or(asked.wishes.adviser), ..asked.wishes.clone() };
    let asked = Asked { wishes, ..asked.clone() };
    let found = offers::search(db, sheets, &asked, now, offers::FRESH_OFFERS).await?;
    if let Some(adviser) = only {
        let name = sheets.name_of(adviser);
        let message = format!("{name} does not make call-backs then, or has another; see when they are free");
        let offers = offers::fresh(&offers::with(found.offers, only), sheets.site);
        return Err(Error::NotThen { field: "adviser_id", message, offers });
    }
    let skills = asked.needs.named(sheets.definition);
    let message = match skills.is_empty() {
        true => "the last place at that time has just been taken; these are free".to_owned(),
        false => format!("nobody who has {skills} is free at that time any more; these are"),
    };
    Err(Error::Conflict { reason: "SLOT_TAKEN", message, offers: offers::fresh(&found.offers, sheets.site) })
}

/// The cells of a call from this moment on, with its day read; else a refusal that says what would be right.
pub(super) async fn check_time(
    db: &mut Db<'_>,
    sheets: &mut Sheets<'_>,
    asked: &Asked,
    start: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Range<usize>> {
    let (definition, site) = (sheets.definition, sheets.site);
    let day = definition.calendar.local_date(start);
    let message = match wrong_time(sheets, asked, start, now) {
        None => {
            sheets.read_day(db, day).await?;
            let cell = sheets.day(day).and_then(|plan| plan.cell_at(start)).unwrap_or_default();
            return Ok(cell..cell + cells_of(definition, &asked.needs));
        }
        Some(message) => message,
    };
    // What is near the time that was meant, as far as that can be.
    let last = definition.calendar.day_bounds(sheets.last_day()).0;
    let near = start.clamp(now, last.max(now));
    let wishes = Wishes { not_before: Some(near), ..asked.wishes.clone() };
    let found = offers::search(db, sheets, &Asked { wishes, ..asked.clone() }, now, offers::FRESH_OFFERS).await?;
    Err(Error::NotThen { field: "start_time", message, offers: offers::fresh(&found.offers, site) })
}

fn wrong_time(sheets: &Sheets<'_>, asked: &Asked, start: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
    let (definition, site) = (sheets.definition, sheets.site);
    let (calendar, settings) = (&definition.calendar, &definition.service.settings);
    if start < now {
        return Some("is in the past".into());
    }
    let day = calendar.local_date(start);
    if day > sheets.last_day() {
        return Some(format!("is more than {} months ahead", settings.booking_horizon_months));
    }
    let Some((opens, closes)) = calendar.opening(site, day) else {
        let next = calendar.next_opening(site, start);
        let next = next.map(|at| at.with_timezone(&calendar.timezone).format("; it opens again on %A %-d %B at %H:%M"));
        let next = next.map(|words| words.to_string()).unwrap_or_default();
        return Some(format!("is on a day when the centre is closed{next}"));
    };
    let cell = super::sheets::cell(definition);
    let length = cell * i32::try_from(cells_of(definition, &asked.needs)).unwrap_or(1);
    let on_grid = start >= opens && (start - opens).num_milliseconds() % cell.num_milliseconds().max(1) == 0;
    if !on_grid || start + length > closes {
        return Some(format!(
            "must be on a step of {} minutes from when the centre opens, and leave {} minutes before it closes",
            cell.num_minutes(),
            length.num_minutes()
        ));
    }
    (start < offers::earliest(definition, site, asked.urgent, now)).then(|| {
        let days = settings.callback_lead_min_working_days;
        format!("is too soon: call-backs are booked {days} working day(s) ahead unless the need is urgent")
    })
}

pub(super) fn times_of(sheets: &Sheets<'_>, start: DateTime<Utc>, cells: &Range<usize>) -> Vec<DateTime<Utc>> {
    let cell = super::sheets::cell(sheets.definition);
    (0..cells.len()).map(|i| start + cell * i32::try_from(i).unwrap_or(i32::MAX)).collect()
}

pub(super) fn end_of(sheets: &Sheets<'_>, start: DateTime<Utc>, cells: &Range<usize>) -> DateTime<Utc> {
    start + super::sheets::cell(sheets.definition) * i32::try_from(cells.len()).unwrap_or(i32::MAX)
}

pub(super) async fn check_owner(db: &mut Db<'_>, owner: UserId, site: &SiteId, field: &'static str) -> Result<()> {
    let found = match access::user(db, owner).await {
        Err(Error::NotFound { .. }) => None,
        found => Some(found?),
    };
    let takes_calls = |user: &access::User| matches!(user.role, Role::Adviser | Role::TeamLeader);
    if found.is_some_and(|user| takes_calls(&user) && user.site.as_ref() == Some(site)) {
        return Ok(());
    }
    Err(Error::invalid(field, "is no adviser of the client's home site"))
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
    let note = plain_text(&booking.note, NOTE_CHARS).map_err(|reason| Error::invalid("note", reason))?;
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
