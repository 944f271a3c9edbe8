//! `ScriptService`.

mod message;

use super::mutation::begin;
use super::{Shared, convert, gate, pb};
use crate::access::Context;
use crate::error::{Error, FieldFault, Result};
use crate::ids::{ClaimId, ClientId, WalkId};
use crate::scripts::{self, Of, Seen, Target};
use message::{note, outline, summary, walk};
use pb::jump_to_request::Target as JumpTarget;
use serde_json::Value;
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
        let client = client_id(&asked.client_id)?;
        let claim = claim_id(&asked.claim_id)?;
        let db = &mut mutation.tx.db();
        let context = &mutation.context;
        let view = scripts::start(db, context, &self.0.definitions, &asked.script_id, client, claim).await?;
        mutation.finish(pb::StartWalkResponse { walk: Some(walk(&view)) }).await
    }

    async fn get_walk(&self, request: Request<pb::GetWalkRequest>) -> Result<Response<pb::GetWalkResponse>, Status> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let id = walk_id(&request.get_ref().walk_id)?;
        let view = scripts::get(&mut self.0.store.read().await?.db(), &context, &self.0.definitions, id).await?;
        Ok(Response::new(pb::GetWalkResponse { walk: Some(walk(&view)) }))
    }

    async fn get_walk_outline(
        &self,
        request: Request<pb::GetWalkOutlineRequest>,
    ) -> Result<Response<pb::GetWalkOutlineResponse>, Status> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let id = walk_id(&request.get_ref().walk_id)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let view = scripts::get(db, &context, &self.0.definitions, id).await?;
        let notes = scripts::notes(db, id).await?;
        Ok(Response::new(outline(&view, &notes)))
    }

    async fn answer_question(
        &self,
        request: Request<pb::AnswerQuestionRequest>,
    ) -> Result<Response<pb::AnswerQuestionResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = walk_id(&asked.walk_id)?;
        let seen = seen(&asked.etag)?;
        let value = asked.value.map(|value| convert::json("value", Some(value))).transpose()?;
        let db = &mut mutation.tx.db();
        let context = &mutation.context;
        let typed = value.clone();
        let answered = scripts::answer(db, context, &self.0.definitions, id, seen, &asked.question_id, value).await;
        let view = match (answered, typed) {
            (Ok(view), _) => view,
            (Err(Error::Invalid(faults)), Some(typed)) => {
                let context = mutation.context.clone();
                // What was done of the answer is undone; what was typed is kept.
                drop(mutation);
                self.keep_draft(&context, id, typed, &faults).await?;
                return Err(Error::Invalid(faults).into());
            }
            (Err(fault), _) => return Err(fault.into()),
        };
        let claim = view.walk.claim_id;
        let answer = mutation.finish(pb::AnswerQuestionResponse { walk: Some(walk(&view)) }).await?;
        if let Some(claim) = claim {
            self.0.watchers.changed(claim);
        }
        Ok(answer)
    }

    async fn go_back(&self, request: Request<pb::GoBackRequest>) -> Result<Response<pb::GoBackResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let db = &mut mutation.tx.db();
        let view = scripts::go_back(db, &mutation.context, &self.0.definitions, id, seen).await?;
        mutation.finish(pb::GoBackResponse { walk: Some(walk(&view)) }).await
    }

    async fn jump_to(&self, request: Request<pb::JumpToRequest>) -> Result<Response<pb::JumpToResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let target = match asked.target {
            Some(JumpTarget::StageId(stage)) => Target::Stage(stage),
            Some(JumpTarget::Part(part)) => Target::Part(part),
            Some(JumpTarget::StepId(step)) => Target::Step(step),
            None => return Err(Error::invalid("target", "is needed: a stage, a part of the form or a step").into()),
        };
        let db = &mut mutation.tx.db();
        let view = scripts::jump_to(db, &mutation.context, &self.0.definitions, id, seen, &target).await?;
        mutation.finish(pb::JumpToResponse { walk: Some(walk(&view)) }).await
    }

    async fn skip_stage(
        &self,
        request: Request<pb::SkipStageRequest>,
    ) -> Result<Response<pb::SkipStageResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let db = &mut mutation.tx.db();
        let (context, definitions) = (&mutation.context, &self.0.definitions);
        let view = scripts::skip_stage(db, context, definitions, id, seen, &asked.stage_id, &asked.reason).await?;
        mutation.finish(pb::SkipStageResponse { walk: Some(walk(&view)) }).await
    }

    async fn skip_key_area(
        &self,
        request: Request<pb::SkipKeyAreaRequest>,
    ) -> Result<Response<pb::SkipKeyAreaResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let db = &mut mutation.tx.db();
        let (context, definitions) = (&mutation.context, &self.0.definitions);
        let view =
            scripts::skip_key_area(db, context, definitions, id, seen, &asked.key_area_id, &asked.reason).await?;
        mutation.finish(pb::SkipKeyAreaResponse { walk: Some(walk(&view)) }).await
    }

    async fn take_note(&self, request: Request<pb::TakeNoteRequest>) -> Result<Response<pb::TakeNoteResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = walk_id(&asked.walk_id)?;
        let taken = scripts::take_note(&mut mutation.tx.db(), &mutation.context, id, &asked.note).await?;
        mutation.finish(pb::TakeNoteResponse { note: Some(note(&taken)) }).await
    }

    async fn park_walk(&self, request: Request<pb::ParkWalkRequest>) -> Result<Response<pb::ParkWalkResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let db = &mut mutation.tx.db();
        let view = scripts::park(db, &mutation.context, &self.0.definitions, id, seen, &asked.note).await?;
        mutation.finish(pb::ParkWalkResponse { walk: Some(walk(&view)) }).await
    }

    async fn resume_walk(
        &self,
        request: Request<pb::ResumeWalkRequest>,
    ) -> Result<Response<pb::ResumeWalkResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let db = &mut mutation.tx.db();
        let view = scripts::resume(db, &mutation.context, &self.0.definitions, id, seen).await?;
        mutation.finish(pb::ResumeWalkResponse { walk: Some(walk(&view)) }).await
    }

    async fn list_walks(
        &self,
        request: Request<pb::ListWalksRequest>,
    ) -> Result<Response<pb::ListWalksResponse>, Status> {
        let asked = request.into_inner();
        let of = match (client_id(&asked.client_id)?, claim_id(&asked.claim_id)?) {
            (Some(client), None) => Of::Client(client),
            (None, Some(claim)) => Of::Claim(claim),
            _ => return Err(Error::invalid("client_id", "name the client or the claim: exactly one of the two").into()),
        };
        let size = convert::page_size(asked.page_size, 50, 100)?;
        let offset = convert::offset(&asked.page_token)?;
        let from = i64::try_from(offset).map_err(Error::internal)?;
        let mut found = scripts::list(&mut self.0.store.read().await?.db(), of, from, i64::from(size) + 1).await?;
        let size = usize::try_from(size).unwrap_or(0);
        let next = (found.len() > size).then(|| (offset + size).to_string());
        found.truncate(size);
        Ok(Response::new(pb::ListWalksResponse {
            walks: found.iter().map(summary).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }
}

fn walk_id(text: &str) -> Result<WalkId> {
    WalkId::parse("walk_id", text)
}

fn client_id(text: &str) -> Result<Option<ClientId>> {
    (!text.is_empty()).then(|| ClientId::parse("client_id", text)).transpose()
}

fn claim_id(text: &str) -> Result<Option<ClaimId>> {
    (!text.is_empty()).then(|| ClaimId::parse("claim_id", text)).transpose()
}

/// `12`, or `12.3` where the step shown is one of the form: see [`message::etag`].
fn seen(etag: &str) -> Result<Seen> {
    let wrong = |_| Error::invalid("etag", "is not one that a read gave");
    Ok(match etag.split_once('.') {
        Some((walk, answer)) => {
            Seen { walk: walk.parse().map_err(wrong)?, answer: Some(answer.parse().map_err(wrong)?) }
        }
        None => Seen { walk: etag.parse().map_err(wrong)?, answer: None },
    })
}

impl ScriptDoor {
    /// In a transaction of its own: that of the refused answer is undone.
    async fn keep_draft(&self, context: &Context, id: WalkId, typed: Value, faults: &[FieldFault]) -> Result<()> {
        let Some(fault) = faults.iter().find(|fault| fault.field == "value") else { return Ok(()) };
        let mut tx = self.0.store.begin_write().await?;
        let (db, definitions) = (&mut tx.db(), &self.0.definitions);
        scripts::keep_draft(db, context, definitions, id, typed, fault.reason.clone()).await?;
        tx.commit().await
    }
}
