//! Freed time offered to those who would come sooner: one is asked at a time, in order, and the first to accept has it.
//!
//! Each move is a transaction of its own, so that whoever does it may be killed in between, and two may do it at once: the
//! keys of `standby_offers` let one ask, and the hold keeps the time from everybody else while the client is rung.

use super::step::{Outcome, Step, StepState, What};
use super::waiting::{Candidate, FreedTime, Offer, OfferState, Waiting, serves};
use super::{freed_store, standby, standby_store as store};
use crate::access::{self, Context, audit};
use crate::claims::{self, Claim};
use crate::clients;
use crate::diary::{self, Appointment, CancelReason, State, Wish, Wishes};
use chrono::{DateTime, TimeDelta, Utc};
use startline_definition::{Definition, Site};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{StandbyOfferId, StepId};
use startline_foundation::store::{Db, Store};

/// What a client answered who was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferAnswer {
    Accept,
    Decline,
    NoReply,
}

/// Looks for time that became free, and asks the next client about each. How many are asked now who were not before.
pub async fn refill(database: &Store, definition: &Definition, now: DateTime<Utc>) -> Result<usize> {
    let soonest = now + TimeDelta::minutes(definition.followup.standby.ring_before_minutes.into());
    note_freed(database, soonest, now).await?;
    let run_out = store::run_out(&mut database.read().await?.db(), now).await?;
    for offer in run_out {
        let mut tx = database.begin_write().await?;
        let context = access::system_context(&mut tx.db(), now).await?;
        standby::lock_claim(&mut tx.db(), definition, offer.claim_id, None).await?;
        standby::end_offer(&mut tx.db(), &context, definition, &offer, OfferState::RunOut, Outcome::Overtaken).await?;
        tx.commit().await?;
    }
    let open = freed_store::open(&mut database.read().await?.db()).await?;
    let mut asked = 0;
    for freed in open {
        let site = definition.site_or_fault(&freed.site)?;
        if freed.starts_at <= soonest || is_booked(database, &freed).await? {
            let how = if freed.starts_at <= soonest { "too_soon" } else { "booked" };
            let mut tx = database.begin_write().await?;
            freed_store::close(&mut tx.db(), (freed.appointment_id, freed.number), how, now).await?;
            tx.commit().await?;
        } else if definition.calendar.is_open(site, now) {
            // Nobody is rung at night.
            asked += usize::from(ask_next(database, definition, site, &freed, now).await?);
        }
    }
    Ok(asked)
}

/// Writes down what was cancelled, moved away or given back, of times that begin after a moment.
async fn note_freed(database: &Store, after: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    if freed_store::not_noted(&mut database.read().await?.db(), after, now).await?.is_empty() {
        return Ok(());
    }
    let mut tx = database.begin_write().await?;
    let db = &mut tx.db();
    for left in freed_store::not_noted(db, after, now).await? {
        let claim = diary::appointment(db, left.appointment_id).await?.claim_id;
        let freed = FreedTime {
            appointment_id: left.appointment_id,
            number: left.number,
            site: claims::get(db, claim).await?.site,
            personal_adviser: left.personal_adviser_id,
            starts_at: left.starts_at,
        };
        freed_store::note(db, &freed, now).await?;
    }
    tx.commit().await
}

/// Whether somebody has booked the time meanwhile.
async fn is_booked(database: &Store, freed: &FreedTime) -> Result<bool> {
    diary::is_booked_at(&mut database.read().await?.db(), freed.personal_adviser, freed.starts_at).await
}

/// Asks the first client in order whom the time would serve and who was not asked about it.
async fn ask_next(
    database: &Store,
    definition: &Definition,
    site: &Site,
    freed: &FreedTime,
    now: DateTime<Utc>,
) -> Result<bool> {
    for candidate in candidates(database, definition, site, freed).await? {
        match ask(database, definition, site, freed, &candidate, now).await {
            Ok(asked) => return Ok(asked),
            // Somebody keeps the time at this moment, or another process was first: there will be another look.
            Err(Error::Contended | Error::Conflict { .. }) => return Ok(false),
            // It cannot be theirs (too short for what they need, kept for others): the next one, and not again.
            Err(Error::NotThen { .. } | Error::Illegal { .. } | Error::Invalid(_)) => {
                let passed = offer(freed, &candidate, None, OfferState::Passed, now, now);
                let mut tx = database.begin_write().await?;
                match store::insert_offer(&mut tx.db(), &passed, now).await {
                    Ok(()) => tx.commit().await?,
                    Err(Error::Contended) => return Ok(false),
                    Err(fault) => return Err(fault),
                }
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(false)
}

async fn candidates(
    database: &Store,
    definition: &Definition,
    site: &Site,
    freed: &FreedTime,
) -> Result<Vec<Candidate>> {
    let mut reader = database.read().await?;
    let db = &mut reader.db();
    let not_these = store::not_to_be_asked(db, freed).await?;
    // Nobody is offered the time that they have just given back themselves.
    let whose = diary::appointment(db, freed.appointment_id).await?.claim_id;
    let mut found = Vec::new();
    for waiting in standby::list_standby(db, &site.id, None).await? {
        if not_these.contains(&waiting.id) || waiting.claim_id == whose {
            continue;
        }
        let booked_at = booked_meeting(db, &waiting).await?.map(|booked| booked.starts_at);
        let minutes = definition.diary.kind(&waiting.kind).map_or(0, |kind| kind.minutes);
        let candidate = Candidate { waiting, booked_at };
        if serves(freed, &candidate, minutes, definition.calendar.timezone) {
            found.push(candidate);
        }
    }
    Ok(found)
}

fn offer(
    freed: &FreedTime,
    candidate: &Candidate,
    held: Option<&Appointment>,
    state: OfferState,
    kept_until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Offer {
    Offer {
        id: StandbyOfferId::fresh(now),
        standby_id: candidate.waiting.id,
        claim_id: candidate.waiting.claim_id,
        freed_id: freed.appointment_id,
        freed_number: freed.number,
        hold_id: held.map(|held| held.id),
        state,
        kept_until,
    }
}

/// Keeps the time for the client, and puts the call on the list. False when another process was first.
async fn ask(
    database: &Store,
    definition: &Definition,
    site: &Site,
    freed: &FreedTime,
    candidate: &Candidate,
    now: DateTime<Utc>,
) -> Result<bool> {
    let mut tx = database.begin_write().await?;
    let db = &mut tx.db();
    let context = access::system_context(db, now).await?;
    let claim_id = candidate.waiting.claim_id;
    let to = freed.time();
    let claim = standby::lock_claim(db, definition, claim_id, Some(to)).await?;
    if !freed_store::open_for_update(db, freed).await? {
        return Ok(false);
    }
    let client = clients::get(db, claim.client_id).await?;
    let wishes = wishes(db, &claim, &candidate.waiting).await?;
    let wish = Wish { client: &client, site, wishes };
    let until = now + TimeDelta::minutes(definition.followup.standby.keep_minutes.into());
    let held = diary::hold_beside(db, &context, definition, claim_id, &wish, to, until).await?;
    let offer = offer(freed, candidate, Some(&held), OfferState::Open, until, now);
    store::insert_offer(db, &offer, now).await?;
    let step = Step {
        id: StepId::fresh(now),
        site: freed.site.clone(),
        claim_id,
        appointment_id: None,
        what: What::OfferEarlierTime {
            offer: offer.id,
            starts_at: freed.starts_at,
            office: held.office.as_str().to_owned(),
        },
        cause: offer.cause(),
        due_day: definition.calendar.local_date(now),
        opened_at: now,
        state: StepState::Open,
    };
    super::store::insert(db, &step).await?;
    audit(db, &context, "earlier_time_offered", "claim", &claim_id).await?;
    tx.commit().await?;
    Ok(true)
}

/// As long as the meeting they have. Time before the form would be on the doormat is for whoever has the form already.
async fn wishes(db: &mut Db<'_>, claim: &Claim, waiting: &Waiting) -> Result<Wishes> {
    let booked = booked_meeting(db, waiting).await?;
    let minutes = booked.and_then(|booked| u32::try_from((booked.ends_at - booked.starts_at).num_minutes()).ok());
    let form_posted_at = claim.form_posted_at();
    Ok(Wishes { kind: waiting.kind.clone(), minutes, urgent: waiting.urgent, form_posted_at, ..Wishes::default() })
}

/// The meeting that whoever waits has already.
async fn booked_meeting(db: &mut Db<'_>, waiting: &Waiting) -> Result<Option<Appointment>> {
    let of_claim = diary::of_claim(db, waiting.claim_id).await?;
    let is_it = |appointment: &Appointment| {
        appointment.kind == waiting.kind && appointment.state == State::Booked && appointment.series.is_none()
    };
    Ok(of_claim.into_iter().find(is_it))
}

/// What the client said. Whoever accepts has the time, and their former appointment is moved to it; otherwise the next one
/// is asked. Gives back the meeting as it is now, and as it was. What follows from it is for others.
pub async fn answer_offer(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: StandbyOfferId,
    answer: OfferAnswer,
) -> Result<Option<(Appointment, Option<Appointment>)>> {
    let not_found = || Error::not_found(StandbyOfferId::WHAT, id);
    let claim_id = store::offer(db, id).await?.ok_or_else(not_found)?.claim_id;
    let claim = standby::lock_claim(db, definition, claim_id, None).await?;
    let offer = store::offer_for_update(db, id).await?.ok_or_else(not_found)?;
    if offer.state != OfferState::Open || offer.kept_until <= context.now {
        let message = "the time is no longer kept for this client: it may be somebody else's";
        return Err(Error::illegal("OFFER_OVER", message));
    }
    let state = match answer {
        OfferAnswer::Accept => OfferState::Accepted,
        OfferAnswer::Decline => OfferState::Declined,
        OfferAnswer::NoReply => OfferState::NoReply,
    };
    standby::end_offer(db, context, definition, &offer, state, Outcome::Done).await?;
    audit(db, context, "earlier_time_answered", "claim", &offer.claim_id).await?;
    if answer != OfferAnswer::Accept {
        return Ok(None);
    }
    let gone = || Error::internal("an offer without its freed time or its place on the list");
    let freed = freed_store::get(db, (offer.freed_id, offer.freed_number)).await?.ok_or_else(gone)?;
    let waiting = store::get(db, offer.standby_id).await?.ok_or_else(gone)?;
    let site = definition.site_or_fault(&freed.site)?;
    let client = clients::get(db, claim.client_id).await?;
    let wishes = wishes(db, &claim, &waiting).await?;
    let wish = Wish { client: &client, site, wishes };
    let to = freed.time();
    let before = booked_meeting(db, &waiting).await?;
    let now = match &before {
        Some(booked) => {
            let why = (CancelReason::Earlier, "");
            diary::move_appointment(db, context, definition, &wish, booked.id, to, why).await?
        }
        None => diary::book_slot(db, context, definition, offer.claim_id, &wish, to.0, to.1).await?,
    };
    freed_store::close(db, (offer.freed_id, offer.freed_number), "accepted", context.now).await?;
    store::leave(db, offer.standby_id, "served", context.now).await?;
    Ok(Some((now, before)))
}
