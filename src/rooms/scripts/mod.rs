//! Walking a script with a client: answers in, next step out, the claim form question by question among them.
//!
//! A walk is durable after every step, so it can be parked, lost with its desk or survive a restart, and is taken up
//! again where it stood, on the definition version it began on. Answers to questions that are also the form's fill the
//! form in the same transaction, and what they say of the client goes to the client record in it too. Notes are only
//! ever added to. Nothing of a walk lives only in memory.

mod areas;
mod effects;
mod erasing_store;
mod fills;
mod holder;
mod life;
mod moves;
mod notes;
mod progress;
mod step;
mod stopped_store;
mod store;
mod view;
mod walk;
mod walk_context;
mod words;

pub use effects::{MeetingSaid, urgency};
pub use erasing_store::{
    claims_with_unfinished, erase as erase_walks, of_claims as walks_of_claims, of_clients as walks_of_clients,
    over as walks_over,
};
pub use holder::LastStep;
pub use life::{State, Walk};
pub use moves::{Target, close, go_back, jump_to, park, resume, skip_key_area, skip_stage};
pub use notes::{Note, notes, take_note};
pub use progress::{AreaRecord, AreaState, Progress, Skip};
pub use step::{Position, Step};
pub use stopped_store::{clients_waiting, stopped, waiting_among};
pub use store::Summary;
pub use view::{PartView, StageView, StepView, View};
pub use walk::{Course, Evaluation, Place, Spot};

use crate::access::{self, Context, audit};
use crate::claims;
use crate::clients;
use chrono::{DateTime, TimeDelta, Utc};
use holder::Moved;
use serde_json::Value;
use startline_definition::{Answers, Definitions};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, ClientId, UserId, WalkId};
use startline_foundation::store::Db;
use walk_context::WalkContext;

/// The script of the start-up call.
pub const START_UP: &str = "start-up";

/// What a desk saw of a walk: its revision, and where the step shown is one of the form, that of the form's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub walk: i32,
    pub answer: Option<i32>,
}

/// Begins a walk on the definition in force.
pub async fn start(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    script: &str,
    client_id: Option<ClientId>,
    claim_id: Option<ClaimId>,
) -> Result<View> {
    // A walk that fills a claim speaks of the form the claim began on, and of its client.
    let (version, client_id) = match claim_id {
        Some(claim) => {
            let claim = claims::get(db, claim).await?;
            if client_id.is_some_and(|client| client != claim.client_id) {
                return Err(Error::invalid("client_id", "is not the client of this claim"));
            }
            (claim.definition_version, Some(claim.client_id))
        }
        None => (definitions.current().version.clone(), client_id),
    };
    let definition = definitions.version(db, &version).await?;
    let script = definition.script(script).ok_or_else(|| {
        Error::not_among("script_id", "no script of ours", definition.scripts.iter().map(|script| &script.id))
    })?;
    if let Some(client) = client_id {
        clients::get_standing(db, client).await?;
    }
    let mut walk = Walk {
        id: WalkId::fresh(context.now),
        revision: 0,
        script: script.id.clone(),
        definition_version: version,
        client_id,
        claim_id,
        state: State::Finished,
        answers: Answers::new(),
        progress: Progress::default(),
        started_at: context.now,
        holder: Some(context.user.id),
        moved_at: context.now,
    };
    store::insert(db, &walk).await?;
    let mut walk_context = WalkContext::of(db, definitions, &walk).await?;
    let evaluation = walk_context.evaluate(&walk)?;
    let first = walk_context.course(&walk)?.next(&evaluation, &walk.progress, None);
    walk_context.arrive(db, context, &mut walk, &evaluation, first, "walk_started").await?;
    view(db, context, walk, walk_context, evaluation).await
}

pub async fn get(db: &mut Db<'_>, context: &Context, definitions: &Definitions, id: WalkId) -> Result<View> {
    let walk = store::by_id(db, id).await?.ok_or_else(|| Error::not_found(WalkId::WHAT, id))?;
    let walk_context = WalkContext::of(db, definitions, &walk).await?;
    let evaluation = walk_context.evaluate(&walk)?;
    view(db, context, walk, walk_context, evaluation).await
}

/// A walk after an answer, and what the answers said of the claim's first meeting before and say now.
pub struct Answered {
    pub view: View,
    pub meeting_before: Option<MeetingSaid>,
    pub meeting: Option<MeetingSaid>,
}

/// Answers the step the walk stands on, and moves on. What it decides of the meeting is for the caller to have decided. Without a value it moves on and leaves what stands; a null takes
/// back what stands.
pub async fn answer(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: WalkId,
    seen: Seen,
    step: &str,
    value: Option<Value>,
) -> Result<Answered> {
    let (mut walk, mut walk_context) = for_step(db, definitions, id, seen.walk).await?;
    let position = walk.standing()?.clone();
    if position.id() != step {
        return Err(Error::invalid("question_id", format!("the walk stands on {}, not here", position.id())));
    }
    if seen.answer != walk_context.revision_at(&walk, &position) {
        return Err(walk_context.stale(&walk, &position, value));
    }
    let meeting_before = match walk_context.script(&walk)? {
        script if effects::decides_meeting(script, &walk.progress) => {
            effects::meeting_said(script, &walk_context.evaluate(&walk)?.answers)
        }
        _ => None,
    };
    let said = match value {
        Some(value) => take_answer(db, context, definitions, &mut walk, &mut walk_context, &position, value).await?,
        None => None,
    };
    let evaluation = walk_context.settle(db, context, &mut walk, said.as_ref()).await?;
    let next = walk_context.course(&walk)?.next(&evaluation, &walk.progress, Some(&position));
    let leaves = next.as_ref().is_none_or(|next| next.stage != position.stage);
    let comes_back = next
        .as_ref()
        .is_some_and(|next| !leaves && walk_context.course(&walk).is_ok_and(|c| c.is_before(next, &position)));
    if leaves {
        walk.progress.stages.entry(position.stage.clone()).or_default().passed = true;
    }
    if leaves || comes_back {
        walk.progress.gone_through.insert(position.stage.clone());
    }
    walk_context.arrive(db, context, &mut walk, &evaluation, next, "walk_answered").await?;
    let meeting = effects::meeting_said(walk_context.script(&walk)?, &evaluation.answers);
    let view = view(db, context, walk, walk_context, evaluation).await?;
    Ok(Answered { view, meeting_before, meeting })
}

/// Keeps what was answered; gives the question of the form that a question of the script fills.
async fn take_answer(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    walk: &mut Walk,
    walk_context: &mut WalkContext,
    position: &Position,
    value: Value,
) -> Result<Option<startline_foundation::ids::QuestionId>> {
    let definition = walk_context.definition.clone();
    let script = definition.script(&walk.script);
    let script = script.ok_or_else(|| Error::internal("a walk's version lacks its script"))?;
    let course = walk::Course { script, form: walk_context.claim.as_ref().map(|_| &definition.form) };
    let place = course.place(position).ok_or_else(|| Error::internal("a walk stands on no step"))?;
    let Some(question) = place.question() else {
        return if value.is_null() {
            Ok(None)
        } else {
            Err(Error::invalid("value", "this step has nothing to answer; leave it out to move on"))
        };
    };
    let value = match value {
        Value::Null => value,
        value => question.kind.check(&value).map_err(|wrong| wrong.in_field("value", context.language))?,
    };
    walk_context.check_days(walk, question, &value, context)?;
    walk_context.learn(db, context, definitions, question, &value).await?;
    match place.spot {
        Spot::FormQuestion(..) => {
            walk_context.answer_form(db, context, walk, question, value).await?;
            Ok(None)
        }
        _ if value.is_null() => {
            walk.answers.remove(&question.id);
            Ok(None)
        }
        _ => {
            walk.answers.insert(question.id.clone(), value);
            Ok(question.fills.clone())
        }
    }
}

/// Whom the walk is about, once that is known.
pub async fn client_of(db: &mut Db<'_>, id: WalkId) -> Result<Option<ClientId>> {
    Ok(store::by_id(db, id).await?.ok_or_else(|| Error::not_found(WalkId::WHAT, id))?.client_id)
}

/// Keeps what was typed at the step the walk stands on, when it answers a question of the form and was refused.
pub async fn keep_draft(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: WalkId,
    value: Value,
    reason: String,
) -> Result<()> {
    let walk = store::by_id(db, id).await?.ok_or_else(|| Error::not_found(WalkId::WHAT, id))?;
    let (Some(position), Some(claim)) = (walk.state.position(), walk.claim_id) else { return Ok(()) };
    let walk_context = WalkContext::of(db, definitions, &walk).await?;
    let question = walk_context.course(&walk)?.place(position).and_then(|place| place.form_question().cloned());
    match question {
        Some(question) => claims::keep_draft(db, context, claim, question, value, reason).await,
        None => Ok(()),
    }
}

async fn for_step(
    db: &mut Db<'_>,
    definitions: &Definitions,
    id: WalkId,
    seen_revision: i32,
) -> Result<(Walk, WalkContext)> {
    let walk = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(WalkId::WHAT, id))?;
    if walk.revision != seen_revision {
        return Err(Error::stale("this walk has moved on, on another desk; read it again"));
    }
    let walk_context = WalkContext::of(db, definitions, &walk).await?;
    Ok((walk, walk_context))
}

async fn view(
    db: &mut Db<'_>,
    context: &Context,
    walk: Walk,
    walk_context: WalkContext,
    evaluation: Evaluation,
) -> Result<View> {
    let moved = walk.holder.map(|user| moved(user, walk.moved_at, walk.state.parked_at().is_some()));
    let held = TimeDelta::minutes(walk_context.definition.service.settings.claim_held_minutes.into());
    let last = holder::holder(moved.as_slice(), &walk_context.log, context.user.id, context.now, held);
    let holder = named(db, last).await?;
    let (adviser, reads, now) = (context.user.name.clone(), context.language, context.now);
    Ok(View { walk, walk_context, evaluation, adviser, reads, now, holder })
}

fn moved(user: UserId, at: DateTime<Utc>, parked: bool) -> Moved {
    Moved { step: LastStep { user, at }, parked }
}

async fn named(db: &mut Db<'_>, last: Option<LastStep>) -> Result<Option<(LastStep, String)>> {
    match last {
        Some(step) => Ok(Some((step, access::user(db, step.user).await?.name))),
        None => Ok(None),
    }
}

/// Somebody else who works on the claim: who moved a walk of it, or saved an answer to it, a short while ago.
pub async fn claim_holder(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    claim: ClaimId,
) -> Result<Option<(LastStep, String)>> {
    let held = TimeDelta::minutes(definitions.current().service.settings.claim_held_minutes.into());
    let walks = store::moved_since(db, claim, context.now - held).await?;
    let walks: Vec<Moved> = walks.into_iter().map(|(user, at, parked)| moved(user, at, parked)).collect();
    let answers = claims::answers(db, claim).await?;
    named(db, holder::holder(&walks, &answers, context.user.id, context.now, held)).await
}

/// The claim's walk of a script: the finished one if there is one, else the newest.
pub async fn walk_of_claim(db: &mut Db<'_>, claim: ClaimId, script: &str) -> Result<Option<Walk>> {
    const MOST: i32 = 50;
    let walks = store::list(db, Of::Claim(claim), None, MOST).await?;
    let mut of_script: Vec<_> = walks.into_iter().filter(|walk| walk.script == script).collect();
    of_script.sort_by_key(|walk| (walk.state == State::Finished, walk.started_at));
    match of_script.pop() {
        Some(walk) => store::by_id(db, walk.id).await,
        None => Ok(None),
    }
}

/// Whose walks to list.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    Client(ClientId),
    Claim(ClaimId),
}

/// Walks, unfinished ones first, then the newest, after the one named by whether it is finished, when it began and its id.
pub async fn list(
    db: &mut Db<'_>,
    of: Of,
    after: Option<(bool, DateTime<Utc>, WalkId)>,
    most: i32,
) -> Result<Vec<Summary>> {
    store::list(db, of, after, most).await
}

async fn audited(db: &mut Db<'_>, context: &Context, action: &'static str, walk: WalkId) -> Result<()> {
    audit(db, context, action, "walk", &walk).await
}
