//! Holding a slot, booking it, moving and cancelling what is booked.
//!
//! Two who want the same time wait for the day's row, and the second finds it taken; the primary keys of
//! `appointment_cells` and `room_cells` stand behind that, whatever the code does. The loser gets fresh offers.

use super::appointment::{Appointment, CancelReason, State};
use super::change::Change;
use super::day::DiaryDay;
use super::decision::NOTE_CHARS;
use super::finding::{self, Wish, fresh_offers, is_newcomer, not_then, terms};
use super::search::{RoomsTaken, Search};
use super::{appointment_store as store, day_store, decision_store, open, room_store, standard};
use crate::access::{self, Context, audit};
use crate::rota::{DayCells, HOLD_EXPIRED, SLOT_TAKEN, cells_between};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::optional_lines;
use startline_foundation::ids::{AppointmentId, ClaimId, SeriesId, UserId};
use startline_foundation::store::Db;
use std::collections::BTreeSet;

/// Keeps a slot for the claim's client for a few minutes; an earlier hold of the same claim and kind is given back.
pub async fn hold_slot(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim_id: ClaimId,
    wish: &Wish<'_>,
    personal_adviser: UserId,
    start: DateTime<Utc>,
) -> Result<Appointment> {
    access::one_at_a_time(db, context.user.id).await?;
    let others = store::held_for_others(db, context.user.id, claim_id, context.now).await?;
    let local = |until| definition.calendar.local_time(until).format("%H:%M").to_string();
    let most = definition.service.settings.holds_per_adviser;
    access::may_hold_one_more(&others, most, "meeting slots", local, context.now)?;
    let until = context.now + TimeDelta::seconds(definition.service.settings.slot_hold_s.into());
    let place = Place { claim_id, state: State::Held { until }, series: None };
    let appointment = place_appointment(db, context, definition, wish, place, (personal_adviser, start)).await?;
    audit(db, context, "slot_held", "appointment", &appointment.id).await?;
    Ok(appointment)
}

/// Books a free slot in one step, for whoever needs no time to think.
pub async fn book_slot(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim_id: ClaimId,
    wish: &Wish<'_>,
    personal_adviser: UserId,
    start: DateTime<Utc>,
) -> Result<Appointment> {
    let place = Place { claim_id, state: State::Booked, series: None };
    let appointment = place_appointment(db, context, definition, wish, place, (personal_adviser, start)).await?;
    booked(db, context, &appointment).await?;
    Ok(appointment)
}

/// Makes a held slot the client's appointment. A first meeting is then no longer put off or done without.
pub async fn book_appointment(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    wish: &Wish<'_>,
    id: AppointmentId,
) -> Result<Appointment> {
    let mut appointment = for_update(db, id).await?;
    if appointment.hold_is_over(context.now) {
        let message = "this slot is no longer kept for the client; these are free";
        let offers = fresh_offers(db, definition, wish, context.now).await?;
        return Err(Error::Conflict { reason: HOLD_EXPIRED, message: message.into(), offers });
    }
    let before = appointment.state;
    appointment.book()?;
    if appointment.state != before {
        check_still_worked(db, context, definition, wish, &appointment).await?;
        store::save(db, &appointment).await?;
        booked(db, context, &appointment).await?;
    }
    Ok(appointment)
}

/// Hours may have changed while the time was kept.
async fn check_still_worked(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    wish: &Wish<'_>,
    held: &Appointment,
) -> Result<()> {
    let date = definition.calendar.local_date(held.starts_at);
    let day = day_store::for_update(db, held.personal_adviser, date).await?;
    let bounds = (held.starts_at, held.ends_at);
    if day.is_some_and(|day| open::is_within(definition, wish.site, &day, &held.kind, bounds)) {
        return Ok(());
    }
    let reason = "is not a time at which this personal adviser meets clients".to_owned();
    Err(not_then(db, definition, wish, context.now, reason).await?)
}

async fn booked(db: &mut Db<'_>, context: &Context, appointment: &Appointment) -> Result<()> {
    if appointment.is_first_meeting() {
        decision_store::end(db, appointment.claim_id, context.now).await?;
    }
    store::record(db, context, appointment, &Change::Booked).await?;
    audit(db, context, "appointment_booked", "appointment", &appointment.id).await
}

/// Moves a booked appointment to another free time, with whichever personal adviser. It stays the same appointment. What
/// follows from it is for others.
pub async fn move_appointment(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    wish: &Wish<'_>,
    id: AppointmentId,
    to: (UserId, DateTime<Utc>),
    (why, note): (CancelReason, &str),
) -> Result<Appointment> {
    let note = optional_lines("note", note, NOTE_CHARS)?;
    let mut appointment = for_update(db, id).await?;
    appointment.check_booked()?;
    let search = terms(definition, wish, context.now)?;
    let days = [(appointment.personal_adviser, appointment.starts_at), to];
    lock_days(db, definition, &days).await?;
    give_back_time(db, definition, &appointment).await?;
    appointment.before_minutes = search.kind.travel_minutes;
    (appointment.personal_adviser, appointment.starts_at) = to;
    appointment.ends_at = to.1 + search.length.contact();
    let minutes = u32::try_from(search.length.contact().num_minutes()).unwrap_or(0);
    appointment.after_minutes = search.kind.administration_after(minutes);
    appointment.urgent = wish.wishes.urgent;
    appointment.sequence += 1;
    appointment.arrived_at = None;
    let mut day = checked_day(db, context, definition, wish, &search, to).await?;
    appointment.office = day.office.clone();
    take_time(db, context, definition, wish, &search, &mut appointment, &mut day).await?;
    store::save(db, &appointment).await?;
    store::record(db, context, &appointment, &Change::Moved { why, note }).await?;
    audit(db, context, "appointment_moved", "appointment", &id).await?;
    Ok(appointment)
}

/// Gives back what is held or booked of a claim's kind of meeting, when it is put off or done without.
pub(super) async fn release_live(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim: ClaimId,
    kind: &str,
) -> Result<()> {
    let Some(mut live) = store::live_of_claim(db, claim, kind).await? else { return Ok(()) };
    if live.state == State::Booked {
        live.sequence += 1;
        store::record(db, context, &live, &Change::GivenBack).await?;
    }
    release(db, definition, &mut live).await?;
    audit(db, context, "appointment_given_back", "appointment", &live.id).await
}

/// Gives back every hold that has run out and that nobody is just at; how many there were.
pub async fn release_expired(db: &mut Db<'_>, definition: &Definition, now: DateTime<Utc>) -> Result<usize> {
    let mut expired = store::expired_to_release(db, None, now).await?;
    let times: Vec<_> = expired.iter().map(|hold| (hold.personal_adviser, hold.starts_at)).collect();
    lock_days(db, definition, &times).await?;
    for hold in &mut expired {
        release(db, definition, hold).await?;
    }
    Ok(expired.len())
}

/// Keeps what a claim has in the diary from others until the transaction ends: its appointments, then the days of those
/// that are still to come, and the day of another time beside them. For whoever will change several of them.
pub async fn lock_meetings(
    db: &mut Db<'_>,
    definition: &Definition,
    claim: ClaimId,
    beside: Option<(UserId, DateTime<Utc>)>,
) -> Result<()> {
    let all = store::of_claim_for_update(db, claim).await?;
    let to_come = all.iter().filter(|one| matches!(one.state, State::Held { .. } | State::Booked));
    let times: Vec<_> = to_come.map(|one| (one.personal_adviser, one.starts_at)).chain(beside).collect();
    lock_days(db, definition, &times).await
}

pub(super) async fn release(db: &mut Db<'_>, definition: &Definition, appointment: &mut Appointment) -> Result<()> {
    give_back_time(db, definition, appointment).await?;
    appointment.state = State::Released;
    store::save(db, appointment).await
}

/// What an appointment is to be.
pub(super) struct Place {
    pub claim_id: ClaimId,
    pub state: State,
    pub series: Option<SeriesId>,
}

/// Makes an appointment and takes its time.
pub(super) async fn place_appointment(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    wish: &Wish<'_>,
    place: Place,
    (personal_adviser, start): (UserId, DateTime<Utc>),
) -> Result<Appointment> {
    let search = terms(definition, wish, context.now)?;
    let live = match place.series {
        None => store::live_of_claim(db, place.claim_id, &search.kind.id).await?,
        Some(_) => None,
    };
    if let Some(mut live) = live {
        if live.state == State::Booked {
            let message = "this claim has a meeting of this kind booked already; move that one instead";
            return Err(Error::illegal("MEETING_EXISTS", message));
        }
        lock_days(db, definition, &[(live.personal_adviser, live.starts_at), (personal_adviser, start)]).await?;
        release(db, definition, &mut live).await?;
    }
    let mut day = checked_day(db, context, definition, wish, &search, (personal_adviser, start)).await?;
    let minutes = u32::try_from(search.length.contact().num_minutes()).unwrap_or(0);
    let mut appointment = Appointment {
        id: AppointmentId::fresh(context.now),
        claim_id: place.claim_id,
        client_id: wish.client.id,
        kind: search.kind.id.clone(),
        personal_adviser,
        office: day.office.clone(),
        room: None,
        starts_at: start,
        ends_at: start + search.length.contact(),
        before_minutes: search.kind.travel_minutes,
        after_minutes: search.kind.administration_after(minutes),
        urgent: wish.wishes.urgent,
        state: place.state,
        sequence: 0,
        series: place.series,
        made_at: context.now,
        arrived_at: None,
    };
    // The row is written with its room, so the room is chosen first; its cells need the row.
    appointment.room = choose_room(db, &search, &day, &appointment).await?;
    let held_by = matches!(appointment.state, State::Held { .. }).then_some(context.user.id);
    store::insert(db, &appointment, held_by).await?;
    take_time(db, context, definition, wish, &search, &mut appointment, &mut day).await?;
    Ok(appointment)
}

/// Two who change the same two days change them in the same order.
async fn lock_days(db: &mut Db<'_>, definition: &Definition, times: &[(UserId, DateTime<Utc>)]) -> Result<()> {
    let day = |at: DateTime<Utc>| definition.calendar.local_date(at);
    let days: BTreeSet<(UserId, NaiveDate)> = times.iter().map(|(person, at)| (*person, day(*at))).collect();
    for (person, day) in days {
        day_store::for_update(db, person, day).await?;
    }
    Ok(())
}

/// The day of a time somebody asks for, or what is wrong with the time and what could be.
async fn checked_day(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    wish: &Wish<'_>,
    search: &Search<'_>,
    (personal_adviser, start): (UserId, DateTime<Utc>),
) -> Result<DiaryDay> {
    let now = context.now;
    let calendar = &definition.calendar;
    let day = calendar.local_date(start);
    let wrong = if start < now {
        Some("is in the past".to_owned())
    } else if day > finding::last_day(definition, now) {
        let months = definition.service.settings.booking_horizon_months;
        Some(format!("is more than {months} months ahead"))
    } else if calendar.is_closed_to_all(wish.site, day) {
        Some(closed_on(definition, wish, day))
    } else if start < standard::earliest(definition, wish.site, search.kind, search.wishes, now) {
        Some("is too soon: the form would not be on the doormat yet, unless the need is urgent".to_owned())
    } else {
        None
    };
    if let Some(reason) = wrong {
        return Err(not_then(db, definition, wish, now, reason).await?);
    }
    let found = day_store::for_update(db, personal_adviser, day).await?;
    // On a day on which the site does not work, an office may be open, or somebody there by a named reason.
    let works = found.as_ref().is_some_and(|day| day.site != wish.site.id || !search.open(day).working.is_empty());
    if !works && !calendar.is_working_day(wish.site, day) {
        let reason = closed_on(definition, wish, day);
        return Err(not_then(db, definition, wish, now, reason).await?);
    }
    let on_edge = start.timestamp() % 300 == 0 && start.timestamp_subsec_nanos() == 0;
    let Some(day) = found.filter(|_| on_edge) else {
        let reason = "is not a time at which this personal adviser meets clients".to_owned();
        return Err(not_then(db, definition, wish, now, reason).await?);
    };
    if day.site != wish.site.id {
        let reason = "is with a personal adviser of another site; clients meet those of their own".to_owned();
        return Err(not_then(db, definition, wish, now, reason).await?);
    }
    Ok(day)
}

fn closed_on(definition: &Definition, wish: &Wish<'_>, day: NaiveDate) -> String {
    let next = definition.calendar.add_working_days(wish.site, day, 0);
    let next = next.map(|day| day.format("%A %-d %B").to_string()).unwrap_or_default();
    format!("is on a day when the offices are closed; the next open day is {next}")
}

/// Takes the day's time, in its row and under its keys.
async fn take_time(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    wish: &Wish<'_>,
    search: &Search<'_>,
    appointment: &mut Appointment,
    day: &mut DiaryDay,
) -> Result<()> {
    let now = context.now;
    let cell = cells_between(day.midnight, appointment.starts_at, appointment.ends_at).start;
    let kept = search.kept(day.day, day.midnight);
    let whose = (appointment.personal_adviser, definition.calendar.day_bounds(day.day));
    let open = search.open(day);
    if !open.starts(search.length, DayCells::NONE).has(cell) || !search.has_quota(&open) {
        // Perhaps only a hold that has run out stands in the way.
        for mut hold in store::expired_to_release(db, Some(whose), now).await? {
            release(db, definition, &mut hold).await?;
        }
        if let Some(again) = day_store::for_update(db, day.personal_adviser, day.day).await? {
            *day = again;
        }
    }
    let open = search.open(day);
    let of_their_day = DiaryDay { taken: DayCells::NONE, ..open.clone() };
    if !of_their_day.starts(search.length, DayCells::NONE).has(cell) {
        let reason = "is not a time at which this personal adviser meets clients".to_owned();
        return Err(not_then(db, definition, wish, now, reason).await?);
    }
    let is_taken = !open.starts(search.length, DayCells::NONE).has(cell);
    if is_taken && store::has_expired(db, whose, now).await? {
        // Somebody is at the hold that stands in the way: the next try sees what became of it.
        return Err(Error::Contended);
    }
    if is_taken || store::client_is_busy(db, appointment).await? {
        return Err(slot_gone(db, definition, wish, now).await?);
    }
    if !open.starts(search.length, kept).has(cell) {
        let reason = "is kept for urgent cases of the day until it is released".to_owned();
        return Err(not_then(db, definition, wish, now, reason).await?);
    }
    if !search.has_quota(&open) {
        let reason = "what is left of this day is kept for follow-up meetings until it is released".to_owned();
        return Err(not_then(db, definition, wish, now, reason).await?);
    }
    let busy = search.length.busy(cell).ok_or_else(|| Error::internal("a meeting begins before its day"))?;
    day.take(busy.clone(), is_newcomer(&definition.diary, &appointment.kind));
    day_store::save_taken(db, day).await?;
    if !store::take_cells(db, appointment, &store::moments(day.midnight, busy)).await? {
        return Err(slot_gone(db, definition, wish, now).await?);
    }
    if appointment.sequence > 0 {
        appointment.room = choose_room(db, search, day, appointment).await?;
    }
    if let Some(room) = appointment.room.clone() {
        let contact = store::moments(day.midnight, cell..cell + search.length.contact);
        if !room_store::take(db, appointment, &room, &contact).await? {
            // Somebody took the room at this moment; the next try finds another, or none.
            return Err(Error::Contended);
        }
    }
    Ok(())
}

/// The room this meeting would have: one the wishes ask for that is free. A wish that cannot be met keeps nobody waiting.
async fn choose_room(
    db: &mut Db<'_>,
    search: &Search<'_>,
    day: &DiaryDay,
    appointment: &Appointment,
) -> Result<Option<String>> {
    if !search.wishes.needs_room() || search.kind.at_home {
        return Ok(None);
    }
    let bounds = (appointment.starts_at, appointment.ends_at);
    let taken = room_store::taken(db, std::iter::once(&day.office), bounds, search.now).await?;
    let rooms_taken: RoomsTaken = room_store::by_day(taken, search.calendar);
    let cell = cells_between(day.midnight, appointment.starts_at, appointment.ends_at).start;
    Ok(search.room_in(&rooms_taken, day, cell))
}

pub(super) async fn give_back_time(db: &mut Db<'_>, definition: &Definition, appointment: &Appointment) -> Result<()> {
    let date = definition.calendar.local_date(appointment.starts_at);
    if let Some(mut day) = day_store::for_update(db, appointment.personal_adviser, date).await? {
        let cell = cells_between(day.midnight, appointment.starts_at, appointment.ends_at).start;
        if let Some(busy) = appointment.length().busy(cell) {
            day.give_back(busy, is_newcomer(&definition.diary, &appointment.kind));
            day_store::save_taken(db, &day).await?;
        }
    }
    store::give_back_cells(db, appointment).await?;
    room_store::give_back(db, appointment.id).await
}

pub(super) async fn for_update(db: &mut Db<'_>, id: AppointmentId) -> Result<Appointment> {
    store::for_update(db, id).await?.ok_or_else(|| Error::not_found(AppointmentId::WHAT, id))
}

async fn slot_gone(db: &mut Db<'_>, definition: &Definition, wish: &Wish<'_>, now: DateTime<Utc>) -> Result<Error> {
    Ok(Error::Conflict {
        reason: SLOT_TAKEN,
        message: "somebody has just booked this time; these are free".into(),
        offers: fresh_offers(db, definition, wish, now).await?,
    })
}
