//! Carries out what the table says follows at once.

use super::{Change, Duty, Follows, Rests, follows};
use startline_definition::Definitions;
use startline_foundation::error::Result;
use startline_foundation::ids::{AppointmentId, ClaimId, ClientId};
use startline_foundation::store::{Db, enqueue};
use startline_packs as packs;
use startline_rooms::access::Context;
use startline_rooms::callbacks::{self, CancelReason};
use startline_rooms::checks;
use startline_rooms::claims::{self, ComposePack, State, StopPacks};
use startline_rooms::clients::{self, WriteDeath};
use startline_rooms::diary::{self, WriteDeferral, WriteMeetingOff, WriteNewTime};
use startline_rooms::followup;
use std::collections::BTreeSet;

/// A change that was made in this transaction, and whom it is about. Whoever made it keeps its claims.
#[derive(Debug, Clone, Copy)]
pub struct Happened<'a> {
    pub change: Change,
    pub client: ClientId,
    pub claims: &'a [ClaimId],
    /// The meeting that was booked, moved or cancelled.
    pub meeting: Option<AppointmentId>,
}

impl<'a> Happened<'a> {
    pub fn of_claim(change: Change, claim: &'a claims::Claim) -> Self {
        Self { change, client: claim.client_id, claims: std::slice::from_ref(&claim.id), meeting: None }
    }
}

/// Does all that follows at once, each duty once, whatever number of things rests on it.
///
/// # Errors
/// Of any duty: then the change is undone as well.
pub async fn carry_out(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    happened: Happened<'_>,
) -> Result<()> {
    for duty in duties(happened.change) {
        perform(db, context, definitions, &happened, duty).await?;
    }
    Ok(())
}

fn duties(change: Change) -> BTreeSet<Duty> {
    let at_once = |rests: &Rests| match follows(change, *rests) {
        Follows::AtOnce(duty, _) => Some(duty),
        Follows::Itself(..) | Follows::Left(..) | Follows::SeenWhenLooked(..) | Follows::Nothing(_) => None,
    };
    Rests::ALL.iter().filter_map(at_once).collect()
}

async fn perform(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    happened: &Happened<'_>,
    duty: Duty,
) -> Result<()> {
    match duty {
        Duty::CloseCallbacks => {
            return callbacks::close_all(db, context, happened.client, why_not_rung(happened.change)).await;
        }
        Duty::WriteDeath => {
            let wants = clients::get(db, happened.client).await?.death.is_some_and(|death| death.letter_to.is_some());
            return match wants {
                true => enqueue(db, &WriteDeath { client_id: happened.client }, context.user.id, context.now).await,
                false => Ok(()),
            };
        }
        Duty::SettleOtherFormats => return packs::owe_in_no_other_format(db, context, happened.client).await,
        _ => {}
    }
    for claim in happened.claims {
        of_claim(db, context, definitions, (happened, *claim), duty).await?;
    }
    Ok(())
}

async fn of_claim(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    (happened, claim): (&Happened<'_>, ClaimId),
    duty: Duty,
) -> Result<()> {
    let definition = definitions.current();
    let (by, now) = (context.user.id, context.now);
    match duty {
        Duty::LeaveStandby => followup::leave_all_standby(db, context, definition, claim).await,
        Duty::FreeMeetings => diary::call_off(db, context, definition, claim, why_off(happened.change)).await,
        // They are the client's, whatever claims there are.
        Duty::CloseCallbacks | Duty::WriteDeath | Duty::SettleOtherFormats => Ok(()),
        Duty::EndSteps => followup::end_steps(db, context, claim).await,
        Duty::SettleSteps => followup::claim_moved(db, context, definitions, claim).await,
        Duty::SettleMeetingSteps => followup::meeting_decided(db, context, definitions, claim).await,
        Duty::StopPacks => enqueue(db, &StopPacks { claim_id: claim }, by, now).await,
        Duty::ComposePack => match claims::get(db, claim).await?.state {
            State::StartUpDone { .. } => enqueue(db, &ComposePack { claim_id: claim }, by, now).await,
            State::Open | State::Posted { .. } | State::Lodged { .. } | State::Closed(_) => Ok(()),
        },
        Duty::AskAgain => followup::ask_again(db, context, definition, claim).await,
        Duty::SettleMatter => claims::settle_matter(db, definition, claim, now).await,
        Duty::WriteDeferral => enqueue(db, &WriteDeferral { claim_id: claim }, by, now).await,
        Duty::BeginCheckAnew | Duty::WriteMeetingOff | Duty::WriteNewTime | Duty::WriteOtherTime => {
            match happened.meeting {
                Some(meeting) => about_meeting(db, context, (claim, meeting), duty).await,
                None => Ok(()),
            }
        }
    }
}

async fn about_meeting(
    db: &mut Db<'_>,
    context: &Context,
    (claim, appointment_id): (ClaimId, AppointmentId),
    duty: Duty,
) -> Result<()> {
    let (by, now) = (context.user.id, context.now);
    let meeting = diary::appointment(db, appointment_id).await?;
    match duty {
        Duty::BeginCheckAnew => checks::meeting_moved(db, context, &meeting).await,
        Duty::WriteMeetingOff if meeting.is_first_meeting() => {
            enqueue(db, &WriteMeetingOff { appointment_id }, by, now).await
        }
        Duty::WriteNewTime => enqueue(db, &WriteNewTime { appointment_id }, by, now).await,
        Duty::WriteOtherTime if meeting.is_first_meeting() => {
            let is_posted = matches!(claims::get(db, claim).await?.state, State::Posted { .. });
            match is_posted && diary::had_another(db, &meeting).await? {
                true => enqueue(db, &WriteNewTime { appointment_id }, by, now).await,
                false => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// As the diary says it.
fn why_off(change: Change) -> &'static str {
    match change {
        Change::Death => "the client died",
        Change::NotMade => "the claim is treated as not made",
        _ => "the claim was withdrawn",
    }
}

fn why_not_rung(change: Change) -> CancelReason {
    match change {
        Change::Death => CancelReason::ClientDied,
        _ => CancelReason::ClaimWithdrawn,
    }
}
