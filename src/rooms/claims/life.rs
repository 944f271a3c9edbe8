//! The moves of a claim: each checks what must be there, is kept as an event, and is audited.

use super::answer::Answer;
use super::claim::{Claim, Closed, Closing, State, Underway};
use super::dates::Periods;
use super::event::{Event, Move, revisions_of};
use super::lodging::{Handover, Lodging, agencies_due};
use super::query::Query;
use super::{life_store, log_store, query_store, store, values};
use crate::access::{Context, Role, audit};
use crate::clients;
use crate::diary::{self, Meeting};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use startline_definition::{Answers, Definition};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::required_lines;
use startline_foundation::ids::ClaimId;
use startline_foundation::store::{Db, Job, enqueue};
use std::collections::BTreeSet;

const REASON_CHARS: usize = 500;

/// Compose the claim's pack.
#[derive(Debug, Serialize, Deserialize)]
pub struct ComposePack {
    pub claim_id: ClaimId,
}

impl Job for ComposePack {
    const NAME: &'static str = "compose_pack";
    const ROOM: &'static str = "packs";
}

/// The claim was closed: nothing of it goes out any more.
#[derive(Debug, Serialize, Deserialize)]
pub struct StopPacks {
    pub claim_id: ClaimId,
}

impl Job for StopPacks {
    const NAME: &'static str = "stop_packs";
    const ROOM: &'static str = "packs";
}

/// The claim, kept as it is for everybody else until the transaction ends: for whoever will change it, or what hangs on it.
pub async fn for_update(db: &mut Db<'_>, id: ClaimId) -> Result<Claim> {
    store::for_update(db, id).await?.ok_or_else(|| Error::not_found(ClaimId::WHAT, id))
}

/// The claim, which nobody moves until the transaction ends: for what must not happen to a claim that was just closed.
pub async fn get_unmoved(db: &mut Db<'_>, id: ClaimId) -> Result<Claim> {
    let found = store::for_share(db, &BTreeSet::from([id])).await?;
    found.into_values().next().ok_or_else(|| Error::not_found(ClaimId::WHAT, id))
}

/// What follows from a claim's meetings is for its own site.
///
/// # Errors
/// `Denied` for whoever is of another; `NotFound`.
pub async fn check_own_site(db: &mut Db<'_>, context: &Context, id: ClaimId) -> Result<()> {
    match super::get(db, id).await?.site == *context.site()? {
        true => Ok(()),
        false => Err(Error::Denied("this claim is another site's".into())),
    }
}

/// Keeps a move, with the form as it stands where that is of interest later.
pub(super) async fn record(db: &mut Db<'_>, context: &Context, id: ClaimId, what: Move, detail: Value) -> Result<()> {
    let revisions = match what.keeps_the_form() {
        true => Some(revisions_of(&log_store::answers(db, id).await?)),
        false => None,
    };
    let number = life_store::next_number(db, id).await?;
    let event = Event { number, what, at: context.now, by: context.user.id, detail, revisions };
    life_store::add_event(db, id, &event).await
}

/// The start-up call is done: the pack will be composed. Needs the benefits claimed, and a meeting booked, put off or
/// done without.
pub async fn complete_start_up(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: ClaimId,
) -> Result<Claim> {
    let mut claim = for_update(db, id).await?;
    claim.complete_start_up(context.user.id, context.now)?;
    let answers = values(&log_store::answers(db, id).await?);
    if definition.form.claimed(&answers).is_empty() {
        return Err(Error::illegal("NO_BENEFIT_CLAIMED", "ask first which benefits the client wants to claim (A1)"));
    }
    if !diary::meeting(db, id).await?.is_arranged() {
        let message = "book the meeting with the personal adviser first, or have it deferred or waived";
        return Err(Error::illegal("NO_MEETING_BOOKED", message));
    }
    store::save_state(db, &claim).await?;
    record(db, context, id, Move::StartUpDone, json!({})).await?;
    enqueue(db, &ComposePack { claim_id: id }, context.user.id, context.now).await?;
    audit(db, context, "start_up_completed", "claim", &id).await?;
    Ok(claim)
}

/// The claim's pack is in the post.
pub async fn mark_posted(db: &mut Db<'_>, context: &Context, id: ClaimId) -> Result<()> {
    let mut claim = for_update(db, id).await?;
    let before = claim.state.clone();
    claim.post(context.now)?;
    if claim.state != before {
        store::save_state(db, &claim).await?;
        record(db, context, id, Move::Posted, json!({})).await?;
        audit(db, context, "claim_posted", "claim", &id).await?;
    }
    Ok(())
}

/// To whom a claim is handed over, and when the client signed it.
#[derive(Debug, Clone, Default)]
pub struct Lodge {
    /// None named: every agency that has to see the claim and does not have it.
    pub agencies: Vec<String>,
    /// A local day; today when it is not given.
    pub signed_day: Option<NaiveDate>,
}

/// Hands the claim over.
pub async fn lodge(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: ClaimId,
    asked: &Lodge,
) -> Result<Claim> {
    let mut claim = for_update(db, id).await?;
    let signed_day = signed_day(definition, context, &claim, asked.signed_day)?;
    let answers = values(&log_store::answers(db, id).await?);
    let done: Vec<String> = life_store::lodgings(db, id).await?.into_iter().map(|lodging| lodging.agency).collect();
    let open: Vec<Query> = query_store::of_claim(db, id).await?.into_iter().filter(Query::is_open).collect();
    let meeting = diary::meeting(db, id).await?;
    // A meeting has somebody who hands the claim over; what goes ahead without one has whoever sees that it is due.
    let is_theirs = context.user.is(Role::PersonalAdviser) || context.user.is(Role::BenefitsExpert);
    let is_without = match meeting {
        Meeting::Deferred(_) | Meeting::Waived(_) => true,
        Meeting::Held(_) => false,
        // What went ahead on a deferral goes on when that has ended.
        Meeting::Open | Meeting::Booked(_) | Meeting::Missed(_) => {
            !done.is_empty() && diary::was_deferred(db, id).await?
        }
    };
    if !is_theirs && !is_without {
        let message = "a claim with a meeting is handed over by a personal adviser or a benefits expert; an adviser or a team \
                       leader hands over what goes ahead without one";
        return Err(Error::illegal("LODGED_AT_MEETING", message));
    }
    let handover = Handover {
        // What has gone ahead goes on, also when the deferral it went ahead on has ended since (rule C3).
        meeting_is_settled: !done.is_empty() || meeting.is_settled(),
        open_queries: &open,
        due: &due(definition, &answers),
        done: &done,
        named: &asked.agencies,
    };
    let agencies = claim.lodge(&handover, context.now)?;
    for agency in &agencies {
        let lodging = Lodging { agency: agency.clone(), at: context.now, by: context.user.id, signed_day };
        life_store::add_lodging(db, id, &lodging).await?;
    }
    store::save_state(db, &claim).await?;
    record(db, context, id, Move::Lodged, json!({ "agencies": agencies, "signed_day": signed_day })).await?;
    audit(db, context, "claim_lodged", "claim", &id).await?;
    if matches!(claim.state, State::Lodged { .. }) {
        settle_matter(db, definition, id, context.now).await?;
    }
    Ok(claim)
}

/// The signed form has come back, wherever it was handed in. The claim, which goes on at its own site.
///
/// # Errors
/// `Illegal` for a claim that is closed or handed over, for one whose start-up is not done, and the second time.
pub async fn report_form_back(db: &mut Db<'_>, context: &Context, id: ClaimId) -> Result<Claim> {
    let claim = for_update(db, id).await?;
    if claim.check_underway()? == Underway::Open {
        return Err(Error::illegal("START_UP_NOT_DONE", "the start-up call is not done yet: there is no form to sign"));
    }
    if !life_store::add_form_back(db, context, id).await? {
        return Err(Error::illegal("FORM_IS_BACK", "this form has been reported back before"));
    }
    record(db, context, id, Move::FormBack, json!({})).await?;
    audit(db, context, "form_reported_back", "claim", &id).await?;
    Ok(claim)
}

/// When the signed form came back.
pub async fn form_back_at(db: &mut Db<'_>, id: ClaimId) -> Result<Option<DateTime<Utc>>> {
    life_store::form_back_at(db, id).await
}

/// When the first agency got the claim.
pub async fn went_ahead_at(db: &mut Db<'_>, id: ClaimId) -> Result<Option<DateTime<Utc>>> {
    Ok(life_store::lodgings(db, id).await?.into_iter().map(|lodging| lodging.at).min())
}

/// Whether any agency has the claim.
pub async fn is_handed_over(db: &mut Db<'_>, claim: &Claim) -> Result<bool> {
    Ok(matches!(claim.state, State::Lodged { .. }) || !life_store::lodgings(db, claim.id).await?.is_empty())
}

/// The agencies that have to see a claim with these answers, in the definition's order.
pub(super) fn due(definition: &Definition, answers: &Answers) -> Vec<String> {
    let agencies: Vec<String> = definition.service.agencies.iter().map(|agency| agency.id.clone()).collect();
    agencies_due(&definition.form, &agencies, &definition.form.claimed(answers))
}

fn signed_day(
    definition: &Definition,
    context: &Context,
    claim: &Claim,
    given: Option<NaiveDate>,
) -> Result<NaiveDate> {
    let today = definition.calendar.local_date(context.now);
    let day = given.unwrap_or(today);
    if day > today {
        return Err(Error::invalid("signed_day", "is in the future"));
    }
    if day < definition.calendar.local_date(claim.first_contact_at) {
        return Err(Error::invalid("signed_day", "is before the client was first in touch"));
    }
    Ok(day)
}

/// The client does not claim after all. Everything said stays, and so does the day of first contact: as long as it would have
/// protected this claim, it protects the next. What follows from it is for others.
pub async fn withdraw(db: &mut Db<'_>, context: &Context, id: ClaimId, reason: &str) -> Result<Claim> {
    let reason = required_lines("reason", reason, REASON_CHARS, "is needed")?;
    let mut claim = for_update(db, id).await?;
    claim.withdraw(context.user.id, reason.clone(), context.now)?;
    store::save_state(db, &claim).await?;
    record(db, context, id, Move::Withdrawn, json!({ "reason": reason })).await?;
    audit(db, context, "claim_withdrawn", "claim", &id).await?;
    Ok(claim)
}

/// What the client was in touch about is over, or it goes on after all, as the claim stands now: the next time they are in touch
/// is a first contact anew. What was withdrawn protects the next claim for as long as it would have protected its own. For whoever
/// has done with the claim and its call-backs: the record comes after them.
pub async fn settle_matter(db: &mut Db<'_>, definition: &Definition, id: ClaimId, now: DateTime<Utc>) -> Result<()> {
    let claim = store::by_id(db, id).await?.ok_or_else(|| Error::not_found(ClaimId::WHAT, id))?;
    let client = clients::get(db, claim.client_id).await?;
    let over = match &claim.state {
        State::Open | State::StartUpDone { .. } | State::Posted { .. } => None,
        State::Lodged { .. } | State::Closed(Closing { how: Closed::NotMade, .. }) => Some(now),
        State::Closed(Closing { how: Closed::Withdrawn, .. }) => {
            let latest = claim.first_contact_at.max(client.first_contact_at);
            Some(protected_until(definition, latest, claim.stood_closed_days).max(now))
        }
    };
    clients::matter_over(db, claim.client_id, over).await
}

/// The end of the last day on which a first contact protects a claim to any benefit.
fn protected_until(definition: &Definition, first_contact_at: DateTime<Utc>, stood_closed: u32) -> DateTime<Utc> {
    let calendar = &definition.calendar;
    let day = calendar.local_date(first_contact_at);
    let until = |council| {
        let periods = Periods::of(&definition.service.settings, council).stood_closed(stood_closed);
        periods.dates(day, None, day).protected_until
    };
    calendar.day_bounds(until(false).max(until(true))).1
}

/// Puts a withdrawn claim back where it stood.
pub async fn reopen(db: &mut Db<'_>, context: &Context, id: ClaimId, reason: &str) -> Result<Claim> {
    let reason = required_lines("reason", reason, REASON_CHARS, "is needed")?;
    let mut claim = for_update(db, id).await?;
    clients::get_standing(db, claim.client_id).await?.check_living()?;
    claim.reopen()?;
    put_back(db, context, &claim, Move::Reopened, &reason).await?;
    audit(db, context, "claim_reopened", "claim", &id).await?;
    Ok(claim)
}

/// A named person decided so after the last opportunity to come to the meeting, and the client may claim anew. What follows
/// from it is for others.
pub async fn treat_as_not_made(db: &mut Db<'_>, context: &Context, id: ClaimId, reason: &str) -> Result<Claim> {
    let mut claim = for_update(db, id).await?;
    claim.treat_as_not_made(context.user.id, reason.to_owned(), context.now)?;
    store::save_state(db, &claim).await?;
    record(db, context, id, Move::TreatedAsNotMade, json!({ "reason": reason })).await?;
    audit(db, context, "claim_treated_as_not_made", "claim", &id).await?;
    Ok(claim)
}

/// That decision is reversed: the claim stands where it stood, with its date, and as if it had never been closed.
pub async fn reverse_not_made(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: ClaimId,
    reason: &str,
) -> Result<Claim> {
    let mut claim = for_update(db, id).await?;
    clients::get_standing(db, claim.client_id).await?.check_living()?;
    claim.stood_closed_days = stood_closed(definition, &claim, context.now);
    claim.reverse()?;
    put_back(db, context, &claim, Move::DecisionReversed, reason).await?;
    life_store::set_first_contact(db, id, claim.first_contact_at, claim.stood_closed_days).await?;
    audit(db, context, "claim_decision_reversed", "claim", &id).await?;
    Ok(claim)
}

/// So many days until now, and before, in all.
fn stood_closed(definition: &Definition, claim: &Claim, now: DateTime<Utc>) -> u32 {
    let day = |at| definition.calendar.local_date(at);
    let days = match &claim.state {
        State::Closed(closing) => (day(now) - day(closing.at)).num_days(),
        _ => 0,
    };
    claim.stood_closed_days.saturating_add(u32::try_from(days).unwrap_or(0))
}

/// That decision is reversed, and the client has claimed anew since: the later claim goes on, with the date of this one if that
/// can still be kept. False when it cannot: it is over, or agencies have the later claim with its own. For whoever keeps both.
pub async fn carry_date(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    (from, to): (&Claim, &Claim),
    reason: &str,
) -> Result<bool> {
    clients::get_standing(db, from.client_id).await?.check_living()?;
    record(db, context, from.id, Move::DecisionReversed, json!({ "reason": reason })).await?;
    audit(db, context, "claim_decision_reversed", "claim", &from.id).await?;
    let days = stood_closed(definition, from, context.now);
    let is_over = protected_until(definition, from.first_contact_at, days) <= context.now;
    if is_over || from.first_contact_at >= to.first_contact_at || is_handed_over(db, to).await? {
        return Ok(from.first_contact_at >= to.first_contact_at);
    }
    life_store::set_first_contact(db, to.id, from.first_contact_at, days).await?;
    record(db, context, to.id, Move::DateCarried, json!({ "reason": reason })).await?;
    audit(db, context, "claim_date_carried", "claim", &to.id).await?;
    Ok(true)
}

async fn put_back(db: &mut Db<'_>, context: &Context, claim: &Claim, what: Move, reason: &str) -> Result<()> {
    store::save_state(db, claim).await?;
    record(db, context, claim.id, what, json!({ "reason": reason })).await
}

/// The claim's moves after the numbered one, in order.
pub async fn events(db: &mut Db<'_>, id: ClaimId, after: i32, most: i32) -> Result<Vec<Event>> {
    life_store::events(db, id, after, most).await
}

/// The form exactly as it stood at a move that kept it.
pub async fn answers_at_move(db: &mut Db<'_>, id: ClaimId, event: &Event) -> Result<Vec<Answer>> {
    match &event.revisions {
        Some(revisions) => life_store::answers_at(db, id, revisions).await,
        None => Ok(Vec::new()),
    }
}
