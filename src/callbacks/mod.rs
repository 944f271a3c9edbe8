//! The promised start-up call: slots offered from the home site's capacity, booked once, made when promised.
//!
//! Everything here is durable before it is acknowledged. Two who race for a place meet the primary key of
//! `callback_cells`; two who reach for one call-back meet its state. Callers who gave up waiting are listed here too.

mod after_call;
mod callback;
mod missed;
mod missed_store;
mod slots;
mod store;

pub use after_call::{EndedCall, HowEnded, after_call};
pub use callback::{Callback, Outcome, State};
pub use missed::{MissedCaller, close_missed, list_missed};
pub use slots::FreeSlot;

use crate::access::{self, Context, Role, audit};
use crate::clients::{self, Client};
use crate::contingency;
use crate::definition::{Definition, Site};
use crate::error::{Error, FreshOffer, Result};
use crate::formats::{UkPhone, plain_text};
use crate::ids::{CallbackId, ClientId, SiteId, UserId};
use crate::store::Db;
use callback::RetryRule;
use chrono::{DateTime, Days, TimeDelta, Utc};
use slots::Grid;

/// Longest note, in characters.
const NOTE_CHARS: usize = 500;
/// Offers that a lost race carries.
const FRESH_OFFERS: usize = 3;
/// Days of a site's diary read at a time while looking for slots.
const DAYS_AT_A_TIME: u64 = 10;

/// What the adviser asks to book.
#[derive(Debug, Clone)]
pub struct Booking {
    pub client_id: ClientId,
    pub start: DateTime<Utc>,
    /// Any UK form; the client record's number when empty.
    pub phone: String,
    pub urgent: bool,
    pub note: String,
    /// The adviser of the home site who promises to make it.
    pub owner: Option<UserId>,
}

/// Free slots at the site from `not_before` on, the earliest first, after the lead time a call-back normally has.
pub async fn offer_slots(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &SiteId,
    not_before: DateTime<Utc>,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Vec<FreeSlot>> {
    free_slots(db, definition, site_of(definition, site)?, false, not_before, now, most).await
}

async fn free_slots(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &Site,
    urgent: bool,
    not_before: DateTime<Utc>,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Vec<FreeSlot>> {
    let not_before = not_before.max(earliest(definition, site, urgent, now));
    let grid = grid(definition, site);
    let calendar = &definition.calendar;
    let last = latest_day(definition, now);
    let mut day = calendar.local_date(not_before);
    let mut found = Vec::new();
    while day <= last && found.len() < most {
        let until = (day + Days::new(DAYS_AT_A_TIME)).min(last + Days::new(1));
        let days: Vec<_> =
            day.iter_days().take_while(|d| *d < until).filter_map(|d| calendar.opening(site, d)).collect();
        if let (Some(first), Some(end)) = (days.first(), days.last()) {
            let taken = store::taken(db, &site.id, first.0, end.1).await?;
            let free = days.iter().flat_map(|opening| grid.free_slots(*opening, &taken, not_before));
            found.extend(free.take(most - found.len()));
        }
        day = until;
    }
    Ok(found)
}

/// Books a call-back in the home site's diary.
pub async fn book(db: &mut Db<'_>, context: &Context, definition: &Definition, booking: &Booking) -> Result<Callback> {
    let client = clients::get(db, booking.client_id).await?;
    let site = site_of(definition, &client.home_site)?;
    let grid = grid(definition, site);
    check_time(definition, site, &grid, booking, context.now)?;
    if let Some(owner) = booking.owner {
        check_owner(db, owner, &site.id).await?;
    }
    let mut callback = new_callback(context, &client, booking, &grid)?;
    if !store::insert(db, &callback).await? {
        let message = "this client has a call-back booked already; move that one instead";
        return Err(Error::illegal(callback::EXISTS, message));
    }
    let taken = store::taken(db, &site.id, callback.starts_at, callback.ends_at).await?;
    let Some(place) = grid.free_places(&taken, callback.starts_at).first().copied() else {
        return Err(slot_gone(db, definition, &site.id, context.now).await?);
    };
    let cells: Vec<_> = grid.cells_from(callback.starts_at).collect();
    if !store::take_cells(db, &callback, &cells, place).await? {
        return Err(Error::Contended);
    }
    callback.due_at = callback.starts_at;
    audit(db, context, "callback_booked", "callback", &callback.id).await?;
    // They will be rung, whichever of the two numbers they had rung from.
    let own = client.facts.phone.as_ref().filter(|own| **own != callback.phone);
    for phone in own.into_iter().chain([&callback.phone]) {
        let (by, outcome) = (context.user.id, "a call-back was booked");
        missed::close_number(db, context, phone.e164(), by, outcome, context.now).await?;
    }
    Ok(callback)
}

/// When each adviser's next own call-back is due, of those due from `from` and before `until`.
pub async fn commitments(
    db: &mut Db<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<(UserId, DateTime<Utc>)>> {
    store::commitments(db, from, until).await
}

/// How many of the site's call-backs are being made by advisers of other sites just now.
pub async fn started_elsewhere(db: &mut Db<'_>, site: &SiteId) -> Result<i64> {
    store::started_elsewhere(db, site).await
}

/// The call-backs that an adviser of `site` may make and that are due at `now`, the longest overdue first, after the one
/// named: the site's own, and in a contingency those of the lost sites it helps.
pub async fn list_due(
    db: &mut Db<'_>,
    site: &SiteId,
    now: DateTime<Utc>,
    after: Option<(DateTime<Utc>, CallbackId)>,
    most: i32,
) -> Result<Vec<Callback>> {
    let sites = contingency::sites_served_by(db, site).await?;
    store::due(db, &sites, now, after, most).await
}

/// This adviser takes the call-back. From now on no other can, and this one can take no second.
pub async fn start_attempt(db: &mut Db<'_>, context: &Context, id: CallbackId) -> Result<Callback> {
    let mut callback = theirs_to_make(db, context, id).await?;
    let before = callback.state;
    callback.begin(context.user.id, context.now)?;
    if callback.state != before {
        store::save_state(db, &callback).await?;
        store::insert_attempt(db, &callback, context).await?;
        audit(db, context, "callback_attempt_started", "callback", &id).await?;
    }
    Ok(callback)
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
    let note = plain_text(note, NOTE_CHARS).map_err(|reason| Error::invalid("note", reason))?;
    let mut callback = theirs_to_make(db, context, id).await?;
    let settings = &definition.service.settings;
    let rule = RetryRule {
        tries: i32::try_from(settings.callback_attempts).unwrap_or(i32::MAX),
        first_retry_after: TimeDelta::minutes(settings.callback_retry_minutes.into()),
    };
    callback.finish(context.user.id, outcome, rule, context.now)?;
    store::save_state(db, &callback).await?;
    store::finish_attempt(db, &callback, outcome, &note, context.now).await?;
    audit(db, context, "callback_attempt_recorded", "callback", &id).await?;
    Ok(callback)
}

/// The call-back, if it is the caller's to make: call-backs are made from home (rules R4, R5), or by those who help a lost
/// site. Whoever has begun to make it finishes it, whatever was declared or ended meanwhile.
async fn theirs_to_make(db: &mut Db<'_>, context: &Context, id: CallbackId) -> Result<Callback> {
    let callback = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(CallbackId::WHAT, id))?;
    if callback.state == State::Attempting(context.user.id) {
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

async fn check_owner(db: &mut Db<'_>, owner: UserId, site: &SiteId) -> Result<()> {
    let found = match access::user(db, owner).await {
        Err(Error::NotFound { .. }) => None,
        found => Some(found?),
    };
    let takes_calls = |user: &access::User| matches!(user.role, Role::Adviser | Role::TeamLeader);
    if found.is_some_and(|user| takes_calls(&user) && user.site.as_ref() == Some(site)) {
        return Ok(());
    }
    Err(Error::invalid("adviser_id", "is no adviser of the client's home site"))
}

fn new_callback(context: &Context, client: &Client, booking: &Booking, grid: &Grid) -> Result<Callback> {
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
        starts_at: booking.start,
        ends_at: booking.start + grid.length(),
        phone,
        urgent: booking.urgent,
        note,
        state: State::Booked,
        owner: booking.owner,
        attempts: 0,
        due_at: booking.start,
        booked_at: context.now,
        first_contact_at: client.first_contact_at,
    })
}

fn site_of<'a>(definition: &'a Definition, id: &SiteId) -> Result<&'a Site> {
    definition.site(id).ok_or_else(|| Error::not_found("site", id))
}

fn grid(definition: &Definition, site: &Site) -> Grid {
    let settings = &definition.service.settings;
    let minutes = settings.callback_minutes + settings.callback_wrap_minutes;
    let cells = minutes.div_ceil(settings.callback_slot_minutes);
    Grid {
        cell: TimeDelta::minutes(settings.callback_slot_minutes.into()),
        cells: i32::try_from(cells).unwrap_or(i32::MAX),
        places: i32::try_from(site.callbacks_per_half_hour).unwrap_or(i32::MAX),
    }
}

/// The earliest moment a call-back may be booked for: a working day ahead, or at once when the need is urgent.
fn earliest(definition: &Definition, site: &Site, urgent: bool, now: DateTime<Utc>) -> DateTime<Utc> {
    if urgent {
        return now;
    }
    let calendar = &definition.calendar;
    let lead = definition.service.settings.callback_lead_min_working_days;
    let day = calendar.add_working_days(site, calendar.local_date(now), lead);
    day.and_then(|day| calendar.opening(site, day)).map_or(now, |(opens, _)| opens.max(now))
}

fn latest_day(definition: &Definition, now: DateTime<Utc>) -> chrono::NaiveDate {
    definition.calendar.local_date(now) + chrono::Months::new(definition.service.settings.booking_horizon_months)
}

fn check_time(definition: &Definition, site: &Site, grid: &Grid, booking: &Booking, now: DateTime<Utc>) -> Result<()> {
    let refuse = |reason: String| Err(Error::invalid("start_time", reason));
    let calendar = &definition.calendar;
    let day = calendar.local_date(booking.start);
    if booking.start < now {
        return refuse("is in the past".into());
    }
    if day > latest_day(definition, now) {
        return refuse(format!("is more than {} months ahead", definition.service.settings.booking_horizon_months));
    }
    let Some(opening) = calendar.opening(site, day) else {
        return refuse("is on a day when the centre is closed".into());
    };
    if !grid.fits(opening, booking.start) {
        return refuse(format!(
            "must be on the half-hour and leave {} minutes before the centre closes",
            grid.length().num_minutes()
        ));
    }
    if booking.start < earliest(definition, site, booking.urgent, now) {
        return refuse("is too soon: call-backs are booked a working day ahead unless the need is urgent".into());
    }
    Ok(())
}

async fn slot_gone(db: &mut Db<'_>, definition: &Definition, site: &SiteId, now: DateTime<Utc>) -> Result<Error> {
    let free = offer_slots(db, definition, site, now, now, FRESH_OFFERS).await?;
    let offer = |slot: FreeSlot| FreshOffer { start: slot.start, end: slot.end, holder: site.to_string() };
    Ok(Error::Conflict {
        reason: "SLOT_TAKEN",
        message: "the last place at that time has just been taken; these are free".into(),
        offers: free.into_iter().map(offer).collect(),
    })
}
