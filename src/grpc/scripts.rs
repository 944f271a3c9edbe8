//! `ScriptService`.

use super::mutation::begin;
use super::{Shared, convert, definitions, gate, pb};
use crate::error::{Error, Result};
use crate::ids::{ClaimId, ClientId, WalkId};
use crate::scripts::{self, View};
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct ScriptDoor(pub Arc<Shared>);

#[tonic::async_trait]
impl pb::script_service_server::ScriptService for ScriptDoor {
    async fn start_walk(
        &self,
        request: Request<pb::StartWalkRequest>,
    ) -> Result<Response<pb::StartWalkResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let client = match asked.client_id.as_str() {
            "" => None,
            id => Some(ClientId::parse("client_id", id)?),
        };
        let claim = match asked.claim_id.as_str() {
            "" => None,
            id => Some(ClaimId::parse("claim_id", id)?),
        };
        let db = &mut mutation.tx.db();
        let context = &mutation.context;
        let view = scripts::start(db, context, &self.0.definitions, &asked.script_id, client, claim).await?;
        mutation.finish(pb::StartWalkResponse { walk: Some(message(&view)) }).await
    }

    async fn get_walk(&self, request: Request<pb::GetWalkRequest>) -> Result<Response<pb::GetWalkResponse>, Status> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let id = WalkId::parse("walk_id", &request.get_ref().walk_id)?;
        let view = scripts::get(&mut self.0.store.read().await?.db(), &context, &self.0.definitions, id).await?;
        Ok(Response::new(pb::GetWalkResponse { walk: Some(message(&view)) }))
    }

    async fn answer_question(
        &self,
        request: Request<pb::AnswerQuestionRequest>,
    ) -> Result<Response<pb::AnswerQuestionResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = WalkId::parse("walk_id", &asked.walk_id)?;
        let seen = etag(&asked.etag)?;
        let value = convert::json("value", asked.value)?;
        let db = &mut mutation.tx.db();
        let context = &mutation.context;
        let view =
            scripts::answer(db, context, &self.0.definitions, id, seen, &asked.question_id, &value).await?;
        mutation.finish(pb::AnswerQuestionResponse { walk: Some(message(&view)) }).await
    }

    async fn go_back(&self, request: Request<pb::GoBackRequest>) -> Result<Response<pb::GoBackResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = WalkId::parse("walk_id", &asked.walk_id)?;
        let seen = etag(&asked.etag)?;
        let db = &mut mutation.tx.db();
        let view = scripts::go_back(db, &mutation.context, &self.0.definitions, id, seen).await?;
        mutation.finish(pb::GoBackResponse { walk: Some(message(&view)) }).await
    }
}

fn etag(text: &str) -> Result<i32> {
    text.parse().map_err(|_| Error::invalid("etag", "is not one that a read gave"))
}

fn message(view: &View) -> pb::Walk {
    let walk = &view.walk;
    let step = view.step().map(|step| pb::WalkStep {
        stage_id: step.stage.id.clone(),
        stage_title: step.stage.title.en.clone(),
        stage_minutes: step.stage.expected_minutes,
        say: step.say,
        guidance: step.stage.guidance.as_ref().map(|text| text.en.clone()).unwrap_or_default(),
        step_id: step.step_id,
        question: step.question.map(definitions::question),
        known_value: (!step.known.is_null()).then(|| convert::value(&step.known)),
    });
    let answers: Vec<_> = walk.answers.iter().map(|(id, value)| (id.to_string(), value)).collect();
    pb::Walk {
        walk_id: walk.id.to_string(),
        etag: walk.revision.to_string(),
        script_id: walk.script.clone(),
        definition_version: walk.definition_version.to_string(),
        client_id: walk.client_id.map(|id| id.to_string()).unwrap_or_default(),
        claim_id: walk.claim_id.map(|id| id.to_string()).unwrap_or_default(),
        finished: step.is_none(),
        step,
        answers: Some(convert::structure(answers.iter().map(|(id, value)| (id, *value)))),
    }
}
