//! The integrated claim form: opened with what is known, saved answer by answer, completed, and handed over after the
//! meeting with the personal adviser, never before.
//!
//! Everything is durable before it is acknowledged: answers through the group commit of [`autosave`], the rest each in
//! its own transaction. Nothing of a claim lives only in memory, so a form cannot vanish.

pub mod autosave;
mod claim;
mod known;
mod log;
mod store;
pub mod view;

pub use autosave::{AnswerWriter, Autosave, Draft, LARGEST_BATCH, Saving};
pub use claim::{Answer, Claim, State};
pub use known::{fact as known_fact, record as client_record};

use crate::access::{Context, audit};
use crate::clients::{self, Client};
use crate::definition::{Answers, CLIENT_RECORD, Definition};
use crate::diary;
use crate::error::{Error, Result};
use crate::ids::{ClaimId, ClientId, QuestionId};
use crate::store::{Db, JobKind, enqueue};

/// Opens the client's claim on the definition in force, filled with what the client record knows. A client whose claim
/// is open already gets that one: nothing is typed twice.
pub async fn open(db: &mut Db<'_>, context: &Context, definition: &Definition, client: ClientId) -> Result<Claim> {
    let client = clients::get(db, client).await?;
    let claim = Claim {
        id: ClaimId::fresh(context.now),
        client_id: client.id,
        site: client.home_site.clone(),
        state: State::Open,
        definition_version: definition.version.clone(),
        first_contact_at: client.first_contact_at,
        opened_at: context.now,
        start_up_by: None,
    };
    if !store::insert(db, &claim).await? {
        return store::live_of_client(db, client.id).await?.ok_or(Error::Contended);
    }
    fill_from_record(db, context, definition, &claim, &client).await?;
    audit(db, context, "claim_opened", "claim", &claim.id).await?;
    Ok(claim)
}

async fn fill_from_record(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim: &Claim,
    client: &Client,
) -> Result<()> {
    let drafts = known::drafts(definition, client);
    if drafts.is_empty() {
        return Ok(());
    }
    let saving = Saving::new(context, claim.id, "client record", drafts)?;
    autosave::append_now(db, definition, claim, &saving).await
}

pub async fn get(db: &mut Db<'_>, id: ClaimId) -> Result<Claim> {
    store::by_id(db, id).await?.ok_or_else(|| Error::not_found(ClaimId::WHAT, id))
}

/// The form as it stands, in the order of question ids.
pub async fn answers(db: &mut Db<'_>, id: ClaimId) -> Result<Vec<Answer>> {
    store::answers(db, id).await
}

/// The answers alone, for the pure rules of [`view`].
pub fn values(answers: &[Answer]) -> Answers {
    answers.iter().map(|answer| (answer.question_id.clone(), answer.value.clone())).collect()
}

/// What the claim's form is worked out from: its answers, and the client record beside them. For [`view::count`].
pub async fn standing_answers(db: &mut Db<'_>, definition: &Definition, claim: &Claim) -> Result<Answers> {
    let client = clients::get(db, claim.client_id).await?;
    let mut answers = values(&store::answers(db, claim.id).await?);
    answers.insert(QuestionId::new(CLIENT_RECORD), known::record(definition, &client));
    Ok(answers)
}

/// Saves answers of one stage in the caller's own transaction, each at the revision the caller read in it. An answer that
/// was changed on another desk meanwhile is refused as stale.
pub async fn append(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: ClaimId,
    stage: &str,
    drafts: Vec<Draft>,
) -> Result<()> {
    let claim = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(ClaimId::WHAT, id))?;
    let saving = Saving::new(context, id, stage, drafts)?;
    autosave::append_now(db, definition, &claim, &saving).await
}

/// Saves one answer in the caller's own transaction, at the revision that stands now: for a walk that fills the form.
pub async fn fill(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: ClaimId,
    stage: &str,
    question_id: QuestionId,
    value: serde_json::Value,
) -> Result<()> {
    let claim = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(ClaimId::WHAT, id))?;
    let standing = store::answers(db, id).await?.into_iter().find(|answer| answer.question_id == question_id);
    if standing.as_ref().is_some_and(|answer| answer.value == value) {
        return Ok(());
    }
    let seen_revision = standing.map_or(0, |answer| answer.revision);
    let saving = Saving::new(context, id, stage, vec![Draft { question_id, value, seen_revision }])?;
    autosave::append_now(db, definition, &claim, &saving).await
}

/// The start-up call is done: the pack will be composed. Needs the benefits claimed and a meeting to invite to.
pub async fn complete_start_up(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: ClaimId,
) -> Result<Claim> {
    let mut claim = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(ClaimId::WHAT, id))?;
    claim.complete_start_up(context.user.id, context.now)?;
    let answers = values(&store::answers(db, id).await?);
    if definition.form.claimed(&answers).is_empty() {
        return Err(Error::illegal("NO_BENEFIT_CLAIMED", "ask first which benefits the client wants to claim (A1)"));
    }
    match diary::meeting_of_claim(db, id).await?.map(|meeting| meeting.state) {
        Some(diary::State::Booked) => {}
        _ => return Err(Error::illegal("NO_MEETING_BOOKED", "book the meeting with the personal adviser first")),
    }
    store::save_state(db, &claim).await?;
    enqueue(db, JobKind::ComposePack, id.0, context.user.id, context.now).await?;
    audit(db, context, "start_up_completed", "claim", &id).await?;
    Ok(claim)
}

/// The claim's pack is in the post.
pub async fn mark_posted(db: &mut Db<'_>, context: &Context, id: ClaimId) -> Result<()> {
    let mut claim = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(ClaimId::WHAT, id))?;
    let before = claim.state;
    claim.post(context.now)?;
    if claim.state != before {
        store::save_state(db, &claim).await?;
        audit(db, context, "claim_posted", "claim", &id).await?;
    }
    Ok(())
}

/// Hands the claim over.
pub async fn lodge(db: &mut Db<'_>, context: &Context, id: ClaimId) -> Result<Claim> {
    let mut claim = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(ClaimId::WHAT, id))?;
    let meeting = diary::meeting_of_claim(db, id).await?;
    let held = meeting.is_some_and(|meeting| meeting.state == diary::State::Attended);
    claim.lodge(held, context.now)?;
    store::save_state(db, &claim).await?;
    audit(db, context, "claim_lodged", "claim", &id).await?;
    Ok(claim)
}
