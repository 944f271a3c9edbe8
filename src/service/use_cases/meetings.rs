//! Meetings booked, moved and cancelled: with all that follows.

use crate::consequences::{Change, Happened, carry_out};
use chrono::{DateTime, Utc};
use startline_definition::Definitions;
use startline_foundation::error::Result;
use startline_foundation::ids::{AppointmentId, StandbyOfferId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::claims::Claim;
use startline_rooms::diary::{self, Appointment, CancelReason, Wish};
use startline_rooms::followup::{self, OfferAnswer};

/// Books a free time.
///
/// # Errors
/// As [`diary::book_slot`].
pub async fn book_slot(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: &Claim,
    wish: &Wish<'_>,
    (adviser, start): (UserId, DateTime<Utc>),
) -> Result<Appointment> {
    let booked = diary::book_slot(db, context, definitions.current(), claim.id, wish, adviser, start).await?;
    told(db, context, definitions, Change::MeetingBooked, &booked).await?;
    Ok(booked)
}

/// Books what is held.
///
/// # Errors
/// As [`diary::book_appointment`].
pub async fn book_held(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    wish: &Wish<'_>,
    held: AppointmentId,
) -> Result<Appointment> {
    let booked = diary::book_appointment(db, context, definitions.current(), wish, held).await?;
    told(db, context, definitions, Change::MeetingBooked, &booked).await?;
    Ok(booked)
}

/// Moves what is booked to another free time.
///
/// # Errors
/// As [`diary::move_appointment`].
pub async fn move_to(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    wish: &Wish<'_>,
    (id, to): (AppointmentId, (UserId, DateTime<Utc>)),
    why: (CancelReason, &str),
) -> Result<Appointment> {
    let moved = diary::move_appointment(db, context, definitions.current(), wish, id, to, why).await?;
    told(db, context, definitions, Change::MeetingMoved, &moved).await?;
    Ok(moved)
}

/// Cancels what is booked.
///
/// # Errors
/// As [`diary::cancel_appointment`].
pub async fn cancel(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: AppointmentId,
    (why, note): (CancelReason, &str),
) -> Result<Appointment> {
    let (cancelled, is_news) = diary::cancel_appointment(db, context, definitions.current(), id, why, note).await?;
    if is_news {
        told(db, context, definitions, Change::MeetingCancelled, &cancelled).await?;
    }
    Ok(cancelled)
}

/// A client on the standby list said whether they come sooner. Gives the meeting as it is now when they do.
///
/// # Errors
/// As [`followup::answer_offer`].
pub async fn answer_offer(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: StandbyOfferId,
    answer: OfferAnswer,
) -> Result<Option<Appointment>> {
    let answered = followup::answer_offer(db, context, definitions.current(), id, answer).await?;
    let Some((now, before)) = answered else { return Ok(None) };
    let change = if before.is_some() { Change::MeetingMoved } else { Change::MeetingBooked };
    told(db, context, definitions, change, &now).await?;
    Ok(Some(now))
}

async fn told(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    change: Change,
    meeting: &Appointment,
) -> Result<()> {
    // What is printed of a claim names its first meeting only.
    if change == Change::MeetingBooked && !meeting.is_first_meeting() {
        return Ok(());
    }
    let happened = Happened {
        change,
        client: meeting.client_id,
        claims: std::slice::from_ref(&meeting.claim_id),
        meeting: Some(meeting.id),
    };
    carry_out(db, context, definitions, happened).await
}
