//! Walking a script with a client: answers in, next step out.
//!
//! A walk is durable after every step, so it can be parked, lost with its desk or survive a restart, and is taken up
//! again where it stood, on the definition version it began on. Answers to questions that are also the form's fill the
//! form in the same transaction.

mod store;
pub mod walk;
mod words;

use crate::access::{Context, audit};
use crate::claims;
use crate::clients::{self, Client};
use crate::definition::{Answers, Definition, Definitions, Question, Script, Stage};
use crate::error::{Error, Result};
use crate::ids::{ClaimId, ClientId, DefinitionVersion, WalkId};
use crate::store::Db;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::sync::Arc;
use walk::{Position, Step};

/// One passing through a script.
#[derive(Debug, Clone, PartialEq)]
pub struct Walk {
    pub id: WalkId,
    /// Counts the steps; two desks on one walk meet it.
    pub revision: i32,
    pub script: String,
    pub definition_version: DefinitionVersion,
    pub client_id: Option<ClientId>,
    pub claim_id: Option<ClaimId>,
    /// Where it stands; none when it is finished.
    pub position: Option<Position>,
    /// Answers to the script's own questions, also those of branches that are hidden now.
    pub answers: Answers,
    pub started_at: DateTime<Utc>,
}

/// A walk and what the adviser sees of it.
pub struct View {
    pub walk: Walk,
    pub definition: Arc<Definition>,
    client: Option<Client>,
    form_answers: Answers,
    adviser: String,
}

/// The step the walk stands on.
pub struct StepView<'a> {
    pub stage: &'a Stage,
    pub step_id: String,
    pub question: Option<&'a Question>,
    /// What to say, with what is known filled in. Only on a stage's opening.
    pub say: String,
    /// What is known already, to confirm rather than ask; null when nothing is.
    pub known: Value,
}

impl View {
    pub fn step(&self) -> Option<StepView<'_>> {
        let position = self.walk.position.as_ref()?;
        let script = self.definition.script(&self.walk.script)?;
        let (stage, question, _) = walk::steps(script).find(|(_, _, step)| step == position)?;
        let say = match (&position.step, &stage.say) {
            (Step::Opening, Some(text)) => {
                words::fill(&text.en, &words::known(&self.definition, self.client.as_ref(), &self.adviser))
            }
            _ => String::new(),
        };
        let known = question.map_or(Value::Null, |question| self.known_answer(question));
        Some(StepView { stage, step_id: step_id(position), question, say, known })
    }

    fn known_answer(&self, question: &Question) -> Value {
        let own = question.answer(&self.walk.answers);
        let form = question.fills.as_ref().and_then(|id| self.form_answers.get(id)).filter(|value| !value.is_null());
        let record = || {
            let fact = question.fills_client?;
            Some(claims::known_fact(&self.definition, self.client.as_ref()?, fact))
        };
        own.or(form).cloned().or_else(record).unwrap_or(Value::Null)
    }
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
    // A walk that fills a claim speaks of the form the claim began on.
    let version = match claim_id {
        Some(claim) => claims::get(db, claim).await?.definition_version,
        None => definitions.current().version.clone(),
    };
    let definition = definitions.version(db, &version).await?;
    let script = definition.script(script).ok_or_else(|| Error::invalid("script_id", "is no script of ours"))?;
    let mut walk = Walk {
        id: WalkId::fresh(context.now),
        revision: 1,
        script: script.id.clone(),
        definition_version: version,
        client_id,
        claim_id,
        position: None,
        answers: Answers::new(),
        started_at: context.now,
    };
    if let Some(client) = client_id {
        clients::get(db, client).await?;
    }
    let form_answers = form_answers(db, &definition, claim_id).await?;
    walk.position = walk::next(script, &walk::count(script, &form_answers, &walk.answers), None);
    store::insert(db, &walk).await?;
    audit(db, context, "walk_started", "walk", &walk.id).await?;
    view(db, context, walk, definition.clone()).await
}

pub async fn get(db: &mut Db<'_>, context: &Context, definitions: &Definitions, id: WalkId) -> Result<View> {
    let walk = store::by_id(db, id).await?.ok_or_else(|| Error::not_found(WalkId::WHAT, id))?;
    let definition = definitions.version(db, &walk.definition_version).await?;
    view(db, context, walk, definition).await
}

/// Answers the step the walk stands on, and moves on. A null value moves on without an answer.
pub async fn answer(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: WalkId,
    seen_revision: i32,
    step: &str,
    value: &Value,
) -> Result<View> {
    let (mut walk, definition) = for_step(db, definitions, id, seen_revision).await?;
    let script = script_of(&definition, &walk)?;
    let position = walk.position.clone().ok_or_else(|| Error::illegal("WALK_FINISHED", "this walk is finished"))?;
    if step_id(&position) != step {
        return Err(Error::invalid("question_id", format!("the walk stands on {}, not here", step_id(&position))));
    }
    if let Step::Question(question) = &position.step {
        let question = script.question(question).ok_or_else(|| Error::internal("a walk stands on no question"))?;
        take_answer(db, context, &definition, &mut walk, &position, question, value).await?;
    } else if !value.is_null() {
        return Err(Error::invalid("value", "this step has nothing to answer; leave it out to move on"));
    }
    let counted = walk::count(script, &form_answers(db, &definition, walk.claim_id).await?, &walk.answers);
    walk.position = walk::next(script, &counted, Some(&position));
    save(db, context, &mut walk, "walk_answered").await?;
    view(db, context, walk, definition.clone()).await
}

/// Steps back to the last shown step; answers stay.
pub async fn go_back(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    id: WalkId,
    seen_revision: i32,
) -> Result<View> {
    let (mut walk, definition) = for_step(db, definitions, id, seen_revision).await?;
    let script = script_of(&definition, &walk)?;
    let counted = walk::count(script, &form_answers(db, &definition, walk.claim_id).await?, &walk.answers);
    let before = match &walk.position {
        Some(position) => walk::back(script, &counted, position),
        None => walk::shown(script, &counted).pop(),
    };
    walk.position = Some(before.ok_or_else(|| Error::illegal("WALK_AT_START", "this is the first step"))?);
    save(db, context, &mut walk, "walk_went_back").await?;
    view(db, context, walk, definition.clone()).await
}

async fn for_step(
    db: &mut Db<'_>,
    definitions: &Definitions,
    id: WalkId,
    seen_revision: i32,
) -> Result<(Walk, Arc<Definition>)> {
    let walk = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(WalkId::WHAT, id))?;
    if walk.revision != seen_revision {
        return Err(Error::stale("this walk has moved on, on another desk; read it again"));
    }
    let definition = definitions.version(db, &walk.definition_version).await?;
    Ok((walk, definition))
}

async fn take_answer(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    walk: &mut Walk,
    position: &Position,
    question: &Question,
    value: &Value,
) -> Result<()> {
    if value.is_null() {
        walk.answers.remove(&question.id);
        return Ok(());
    }
    let value =
        question.kind.check(value).map_err(|wrong| Error::invalid("value", wrong.in_language(context.language)))?;
    if let (Some(target), Some(claim)) = (&question.fills, walk.claim_id) {
        claims::fill(db, context, definition, claim, &position.stage, target.clone(), value.clone()).await?;
    }
    walk.answers.insert(question.id.clone(), value);
    Ok(())
}

async fn save(db: &mut Db<'_>, context: &Context, walk: &mut Walk, action: &'static str) -> Result<()> {
    walk.revision += 1;
    store::save(db, walk).await?;
    audit(db, context, action, "walk", &walk.id).await
}

async fn view(db: &mut Db<'_>, context: &Context, walk: Walk, definition: Arc<Definition>) -> Result<View> {
    let client = match walk.client_id {
        Some(id) => Some(clients::get(db, id).await?),
        None => None,
    };
    let form_answers = form_answers(db, &definition, walk.claim_id).await?;
    Ok(View { walk, definition, client, form_answers, adviser: context.user.name.clone() })
}

/// The form's answers as they count now.
async fn form_answers(db: &mut Db<'_>, definition: &Definition, claim: Option<ClaimId>) -> Result<Answers> {
    let Some(claim) = claim else { return Ok(Answers::new()) };
    let answers = claims::values(&claims::answers(db, claim).await?);
    Ok(claims::view::count(&definition.form, &answers).answers)
}

fn script_of<'a>(definition: &'a Definition, walk: &Walk) -> Result<&'a Script> {
    definition.script(&walk.script).ok_or_else(|| Error::internal("a walk's version lacks its script"))
}

/// How a step is named from outside: a question's id, the stage's where there is only something to say.
fn step_id(position: &Position) -> String {
    match &position.step {
        Step::Opening => position.stage.clone(),
        Step::Question(question) => question.to_string(),
        Step::FormPart(part) => format!("{}/{part}", position.stage),
    }
}
