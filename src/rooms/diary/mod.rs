//! Personal advisers' time: days made from the rota, free slots, appointments held, booked, moved and kept.
//!
//! Durable before it is acknowledged. Two who book the same time meet the primary key of `appointment_cells` (and of
//! `room_cells`): one wins, the other gets fresh offers. What a day has free is worked out from two sets of cells in its
//! row, which a booking changes in its own transaction; both can be made again from the rota and the appointments.

mod appointment;
mod appointment_store;
mod booking;
mod calling_off;
mod change;
mod day;
mod day_store;
mod decision;
mod decision_store;
mod erasing_store;
mod finding;
mod hours;
mod laying;
mod making;
mod open;
mod outlook;
mod outlook_store;
mod past_store;
mod review;
mod room_store;
mod search;
mod series;
mod standard;
mod why_none;
mod wishes;

pub use appointment::{Appointment, Attendance, CancelReason, State, StateName};
pub use appointment_store::clock_was_set;
pub use booking::{book_appointment, book_slot, hold_slot, lock_meetings, move_appointment, release_expired};
pub use calling_off::{call_off, cancel_appointment};
pub use decision::{Decided, Decision, Meeting, WaiverReason};
pub use erasing_store::{claims_with_meeting, clients_since, erase_notes, of_claims as appointments_of_claims};
pub use finding::{Wish, earliest_meeting, find_slots, last_met};
pub use hours::{Hours, Stranding, is_to_move, set_working_pattern, to_move, working_patterns};
pub use laying::{block_time, blocks, unblock_time};
pub use making::{forget_old_days, make_all};
pub use outlook::{Entry, Whose, booked_between, calendar, entry};
pub use review::{
    attended_at, decisions, deferrals_to_review, end_decision, end_deferral, give_back_hold, hold_beside, is_booked_at,
    was_deferred,
};
pub use search::Slot;
pub use series::{Series, book_series};
pub use standard::is_within as is_within_standard;
pub use why_none::{WhyIdle, WhyNone, why_idle, why_none};
pub use wishes::{Fit, Wish as WishFor, Wishes};

use crate::access::{AtOffices, Context, audit};
use appointment_store as store;
use change::Change;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use startline_definition::{Definition, FIRST_MEETING};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::optional_lines;
use startline_foundation::ids::{AppointmentId, ClaimId, DecisionId, OfficeId, UserId};
use startline_foundation::store::{Db, Job};

/// Write that the claim's first meeting is put off or done without.
#[derive(Debug, Serialize, Deserialize)]
pub struct WriteDeferral {
    pub claim_id: ClaimId,
}

impl Job for WriteDeferral {
    const NAME: &'static str = "write_deferral";
    const ROOM: &'static str = "packs";
}

/// Write about the meeting: it was moved.
#[derive(Debug, Serialize, Deserialize)]
pub struct WriteNewTime {
    pub appointment_id: AppointmentId,
}

impl Job for WriteNewTime {
    const NAME: &'static str = "write_new_time";
    const ROOM: &'static str = "packs";
}

/// Put right what is printed of a first meeting: it was cancelled.
#[derive(Debug, Serialize, Deserialize)]
pub struct WriteMeetingOff {
    pub appointment_id: AppointmentId,
}

impl Job for WriteMeetingOff {
    const NAME: &'static str = "write_meeting_off";
    const ROOM: &'static str = "packs";
}

/// Look again at what is printed of a first meeting: it is to be moved since, or no longer.
#[derive(Debug, Serialize, Deserialize)]
pub struct LookAtMeeting {
    pub appointment_id: AppointmentId,
}

impl Job for LookAtMeeting {
    const NAME: &'static str = "look_at_meeting";
    const ROOM: &'static str = "packs";
}

/// One appointment, whatever became of it.
pub async fn appointment(db: &mut Db<'_>, id: AppointmentId) -> Result<Appointment> {
    store::get(db, id).await?.ok_or_else(|| Error::not_found(AppointmentId::WHAT, id))
}

/// Whether the client came. What follows from it is for others.
pub async fn record_attendance(
    db: &mut Db<'_>,
    context: &Context,
    id: AppointmentId,
    attendance: Attendance,
) -> Result<Appointment> {
    let mut appointment = booking::for_update(db, id).await?;
    let before = appointment.clone();
    appointment.record(attendance, context.now)?;
    if appointment != before {
        store::save(db, &appointment).await?;
        store::record(db, context, &appointment, &Change::Recorded(attendance)).await?;
        audit(db, context, "attendance_recorded", "appointment", &id).await?;
    }
    Ok(appointment)
}

/// An office's appointments on one local day, in order of time, after the one named.
pub async fn list_day(
    db: &mut Db<'_>,
    definition: &Definition,
    office: &OfficeId,
    day: NaiveDate,
    after: Option<(DateTime<Utc>, AppointmentId)>,
    most: i32,
) -> Result<Vec<Appointment>> {
    definition.known_office(office)?;
    store::of_office(db, office, definition.calendar.day_bounds(day), after, most).await
}

/// Whether some holds have run out and still have their time.
pub async fn has_expired_holds(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<bool> {
    Ok(!store::expired_holds(db, now).await?.is_empty())
}

/// One personal adviser's appointments on one local day, in order of time; for whoever works at some offices, those there.
pub async fn day_of_person(
    db: &mut Db<'_>,
    definition: &Definition,
    personal_adviser: UserId,
    day: NaiveDate,
    seen: Option<&AtOffices>,
) -> Result<Vec<Appointment>> {
    let mut all = store::of_person(db, personal_adviser, definition.calendar.day_bounds(day), seen).await?;
    all.retain(|appointment| !matches!(appointment.state, State::Held { .. }));
    Ok(all)
}

/// Whether the claim had a meeting of this kind before that was cancelled.
pub async fn had_another(db: &mut Db<'_>, booked: &Appointment) -> Result<bool> {
    let all = store::of_claim(db, booked.claim_id).await?;
    Ok(all.iter().any(|one| one.kind == booked.kind && matches!(one.state, State::Cancelled { .. })))
}

/// Every appointment of the claim, in order of time.
pub async fn of_claim(db: &mut Db<'_>, claim_id: ClaimId) -> Result<Vec<Appointment>> {
    store::of_claim(db, claim_id).await
}

/// How the claim's first meeting stands. Once held, it stays held, whatever was arranged since.
pub async fn meeting(db: &mut Db<'_>, claim_id: ClaimId) -> Result<Meeting> {
    first_meeting(db, claim_id).await.map(|(meeting, _)| meeting)
}

/// The same with the first meeting's appointment (booked, attended or failed), each record read once.
pub async fn first_meeting(db: &mut Db<'_>, claim_id: ClaimId) -> Result<(Meeting, Option<Appointment>)> {
    let appointment = store::first_meeting_of_claim(db, claim_id).await?;
    if let Some(held) = store::held_with_client(db, claim_id).await? {
        return Ok((Meeting::Held(held), appointment));
    }
    if let Some(decision) = decision_store::standing(db, claim_id).await? {
        let meeting = match decision.what {
            Decided::Deferred { .. } => Meeting::Deferred(decision),
            Decided::Waived { .. } => Meeting::Waived(decision),
        };
        return Ok((meeting, appointment));
    }
    let meeting = match &appointment {
        Some(appointment) if appointment.state == State::Booked => Meeting::Booked(appointment.clone()),
        Some(appointment) => Meeting::Missed(appointment.clone()),
        None => Meeting::Open,
    };
    Ok((meeting, appointment))
}

/// Puts the claim's meeting off or does without it: what was held or booked is given back, and an earlier decision ends.
/// Whether the claim allows it is for its own room to say.
pub async fn decide(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim_id: ClaimId,
    what: Decided,
    note: &str,
) -> Result<Decision> {
    let action = match &what {
        Decided::Deferred { reason, review_day } => {
            decision::check_deferral(definition, reason, note, *review_day, context.now)?;
            "meeting_deferred"
        }
        Decided::Waived { .. } => "meeting_waived",
    };
    let note = optional_lines("note", note, decision::NOTE_CHARS)?;
    booking::lock_meetings(db, definition, claim_id, None).await?;
    booking::release_live(db, context, definition, claim_id, FIRST_MEETING).await?;
    if store::held_with_client(db, claim_id).await?.is_some() {
        return Err(Error::illegal("MEETING_OVER", "the client has met the personal adviser already"));
    }
    decision_store::end(db, claim_id, context.now).await?;
    let decision =
        Decision { id: DecisionId::fresh(context.now), claim_id, what, note, by: context.user.id, at: context.now };
    decision_store::insert(db, &decision).await?;
    audit(db, context, action, "claim", &claim_id).await?;
    Ok(decision)
}
