//! Meetings that do not take place: cancelled one by one, or all of a claim's that was closed. Their time is given back.

use super::appointment::{Appointment, CancelReason, State};
use super::appointment_store as store;
use super::booking::{for_update, give_back_time, lock_meetings, release};
use super::change::Change;
use super::decision::NOTE_CHARS;
use crate::access::{Context, audit};
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::formats::optional_lines;
use startline_foundation::ids::{AppointmentId, ClaimId};
use startline_foundation::store::Db;

/// Cancels a booked appointment and gives its time back. Gives whether that is news; what follows from it is for others.
pub async fn cancel_appointment(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: AppointmentId,
    why: CancelReason,
    note: &str,
) -> Result<(Appointment, bool)> {
    let note = optional_lines("note", note, NOTE_CHARS)?;
    let mut appointment = for_update(db, id).await?;
    if matches!(appointment.state, State::Cancelled { .. }) {
        return Ok((appointment, false));
    }
    cancel(db, context, definition, &mut appointment, why, note).await?;
    Ok((appointment, true))
}

/// Calls off all that a claim has in the diary from now on: it was closed, or its client died, and nobody is to be met or reminded. `why`: what the
/// diary says of it.
pub async fn call_off(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim: ClaimId,
    why: &str,
) -> Result<()> {
    lock_meetings(db, definition, claim, None).await?;
    for mut appointment in store::of_claim(db, claim).await? {
        match appointment.state {
            State::Held { .. } => release(db, definition, &mut appointment).await?,
            State::Booked if appointment.starts_at >= context.now => {
                cancel(db, context, definition, &mut appointment, CancelReason::NotNeeded, why.to_owned()).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

async fn cancel(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    appointment: &mut Appointment,
    why: CancelReason,
    note: String,
) -> Result<()> {
    appointment.cancel(why, context.now)?;
    give_back_time(db, definition, appointment).await?;
    store::save(db, appointment).await?;
    store::record(db, context, appointment, &Change::Cancelled { why, note }).await?;
    audit(db, context, "appointment_cancelled", "appointment", &appointment.id).await
}
