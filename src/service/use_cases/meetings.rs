//! Meetings booked: with the pack that waited for it.

use chrono::{DateTime, Utc};
use startline_definition::{Definition, FIRST_MEETING};
use startline_foundation::error::Result;
use startline_foundation::ids::{AppointmentId, UserId};
use startline_foundation::store::{Db, enqueue};
use startline_rooms::access::Context;
use startline_rooms::claims::{self, Claim, State};
use startline_rooms::diary::{self, Appointment, Wish, WriteNewTime};

/// Books a free time.
///
/// # Errors
/// As [`diary::book_slot`].
pub async fn book_slot(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim: &Claim,
    wish: &Wish<'_>,
    (adviser, start): (UserId, DateTime<Utc>),
) -> Result<Appointment> {
    let booked = diary::book_slot(db, context, definition, claim.id, wish, adviser, start).await?;
    told(db, context, claim, booked).await
}

/// Books what is held.
///
/// # Errors
/// As [`diary::book_appointment`].
pub async fn book_held(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim: &Claim,
    wish: &Wish<'_>,
    held: AppointmentId,
) -> Result<Appointment> {
    let booked = diary::book_appointment(db, context, definition, wish, held).await?;
    told(db, context, claim, booked).await
}

async fn told(db: &mut Db<'_>, context: &Context, claim: &Claim, booked: Appointment) -> Result<Appointment> {
    if booked.kind == FIRST_MEETING {
        claims::meeting_arranged(db, context, claim).await?;
        // The posted form names a meeting that was cancelled since.
        if matches!(claim.state, State::Posted { .. }) && diary::had_another(db, &booked).await? {
            let letter = WriteNewTime { appointment_id: booked.id };
            enqueue(db, &letter, context.user.id, context.now).await?;
        }
    }
    Ok(booked)
}
