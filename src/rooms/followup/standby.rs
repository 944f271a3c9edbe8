//! The list of clients who would come sooner: who waits, since when, and how an offer of freed time ends.

use super::standby_store as store;
use super::waiting::{Offer, OfferState, Waiting, order};
use super::{Outcome, closing};
use crate::access::{AtOffices, Context, audit};
use crate::claims::{self, Claim};
use crate::clients;
use crate::diary;
use crate::rota::Unsuitable;
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Definition, FIRST_MEETING};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, SiteId, StandbyId, UserId};
use startline_foundation::store::Db;

/// What somebody who joins wishes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Joining {
    /// The first meeting when empty.
    pub kind: String,
    pub urgent: bool,
    /// Today when none.
    pub earliest_day: Option<NaiveDate>,
    pub unsuitable: Vec<Unsuitable>,
}

/// Puts the claim's client on the list, once a kind of meeting.
pub async fn join_standby(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim_id: ClaimId,
    wishes: Joining,
) -> Result<Waiting> {
    let claim = claims::get(db, claim_id).await?;
    claim.check_not_closed()?;
    clients::get_living(db, claim.client_id).await?;
    let kind = if wishes.kind.is_empty() { FIRST_MEETING.to_owned() } else { wishes.kind };
    if definition.diary.kind(&kind).is_none() {
        return Err(Error::invalid("kind", "is no kind of meeting"));
    }
    let today = definition.calendar.local_date(context.now);
    let waiting = Waiting {
        id: StandbyId::fresh(context.now),
        claim_id,
        site: claim.site,
        kind,
        urgent: wishes.urgent,
        earliest_day: wishes.earliest_day.map_or(today, |day| day.max(today)),
        unsuitable: wishes.unsuitable,
        joined_at: context.now,
    };
    if !store::insert(db, context, &waiting).await? {
        return Err(Error::illegal("ALREADY_ON_STANDBY", "this client is on the list for such a meeting already"));
    }
    audit(db, context, "standby_joined", "claim", &claim_id).await?;
    Ok(waiting)
}

/// Takes a client off the list; time that is kept for them at the moment is given back.
pub async fn leave_standby(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: StandbyId,
) -> Result<Waiting> {
    let waiting = store::get(db, id).await?.ok_or_else(|| Error::not_found(StandbyId::WHAT, id))?;
    lock_claim(db, definition, waiting.claim_id, None).await?;
    leave(db, context, definition, &waiting, "asked").await?;
    audit(db, context, "standby_left", "claim", &waiting.claim_id).await?;
    Ok(waiting)
}

/// Keeps the claim and what it has in the diary from others until the transaction ends, and the day of a time beside it:
/// before an offer is made, answered or ended, which may give time back and take other.
pub(super) async fn lock_claim(
    db: &mut Db<'_>,
    definition: &Definition,
    id: ClaimId,
    beside: Option<(UserId, DateTime<Utc>)>,
) -> Result<Claim> {
    let claim = claims::for_update(db, id).await?;
    diary::lock_meetings(db, definition, id, beside).await?;
    Ok(claim)
}

async fn leave(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    waiting: &Waiting,
    why: &str,
) -> Result<()> {
    if let Some(offer) = store::open_offer_of(db, waiting.id).await? {
        end_offer(db, context, definition, &offer, OfferState::Withdrawn, Outcome::Overtaken).await?;
    }
    store::leave(db, waiting.id, why, context.now).await
}

/// Who waits at a site, in the order in which they are asked; not those whose claim is closed, and for whoever works at some
/// of its offices not those whom another meets.
pub async fn list_standby(
    db: &mut Db<'_>,
    site: &SiteId,
    seen: Option<(&AtOffices, DateTime<Utc>)>,
) -> Result<Vec<Waiting>> {
    let mut all = store::waiting(db, site, seen).await?;
    let claims: Vec<ClaimId> = all.iter().map(|waiting| waiting.claim_id).collect();
    let closed = claims::closed_among(db, &claims).await?;
    all.retain(|waiting| !closed.contains(&waiting.claim_id));
    all.sort_by_key(order);
    Ok(all)
}

/// A meeting of the kind they waited for has been, was missed, or is put off: nothing can come sooner than that. The caller
/// keeps the claim and its meetings.
pub(super) async fn no_longer_waits(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim: ClaimId,
    kind: &str,
) -> Result<()> {
    if let Some(waiting) = store::of_claim(db, claim, kind).await? {
        leave(db, context, definition, &waiting, "no_longer").await?;
    }
    Ok(())
}

/// The claim is closed, or its client died: they wait for nothing any more. The caller keeps the claim.
pub async fn leave_all_standby(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim: ClaimId,
) -> Result<()> {
    diary::lock_meetings(db, definition, claim, None).await?;
    for waiting in store::all_of_claim(db, claim).await? {
        leave(db, context, definition, &waiting, "no_longer").await?;
    }
    Ok(())
}

/// Ends an open offer: the time is free again, and the call is off the list. The caller keeps the claim and its meetings.
pub(super) async fn end_offer(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    offer: &Offer,
    state: OfferState,
    outcome: Outcome,
) -> Result<()> {
    if !store::end_offer(db, context, offer.id, state).await? {
        return Ok(());
    }
    if let Some(hold) = offer.hold_id {
        diary::give_back_hold(db, definition, hold).await?;
    }
    let step = ("offer-earlier-time", offer.cause());
    closing::end_of_cause(db, context, offer.claim_id, (step.0, &step.1), outcome).await
}
