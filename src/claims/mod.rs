//! The integrated claim form: opened with what is known, saved answer by answer, completed, and handed over to each
//! agency after the meeting with the personal adviser, never before.
//!
//! Everything is durable before it is acknowledged: answers through the group commit of [`autosave`], the rest each in
//! its own transaction. Nothing of a claim lives only in memory, so a form cannot vanish; only who looks at a claim just
//! now does ([`Watchers`]).
//!
//! Every move of a claim ([`Move`]) is kept with who, when and why; those at which the form goes somewhere keep the
//! revision of each answer, so that the form can be read later exactly as it then stood.

mod amend;
mod amend_store;
pub mod autosave;
mod claim;
pub mod dates;
mod event;
mod evidence;
mod evidence_store;
mod known;
mod life;
mod life_store;
mod lodging;
mod log;
mod meeting;
mod queries;
mod query;
mod query_store;
mod standing;
mod store;
pub mod view;
mod watch;

pub use amend::{Amendment, AmendmentDraft, amend_answer, amendments};
pub use autosave::{AnswerWriter, Autosave, Draft, LARGEST_BATCH, Saving};
pub use claim::{Answer, Claim, State, Underway, Withdrawal};
pub use event::{Event, Move, Revisions};
pub use evidence::{Tick, TickState, tick_evidence, ticks};
pub use known::{fact as known_fact, record as client_record};
pub use life::{Lodge, answers_at, complete_start_up, events, lodge, mark_posted, reopen, withdraw};
pub use lodging::Lodging;
pub use meeting::{defer_meeting, waive_meeting};
pub use queries::{queries, raise_query, settle_query};
pub use query::{Query, QueryState};
pub use standing::{Standing, standing};
pub use watch::{Watch, Watchers};

use crate::access::{Context, audit};
use crate::clients::{self, Client};
use crate::definition::{Answers, CLIENT_RECORD, Definition};
use crate::error::{Error, Result};
use crate::ids::{ClaimId, ClientId, QuestionId};
use crate::store::Db;

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
    life::record(db, context, claim.id, Move::Opened, serde_json::json!({})).await?;
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
