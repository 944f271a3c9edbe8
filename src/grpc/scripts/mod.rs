//! `ScriptService`.

mod message;
mod summary;

use super::{convert, pb};
use crate::call::{Call, Wire};
use crate::clients::{contact, too_late};
use crate::doors::ScriptDoor;
use crate::paging::Page;
use crate::withheld::{self, Veil};
use chrono::TimeDelta;
use message::{note, outline, summary};
use pb::jump_to_request::Target as JumpTarget;
use serde_json::Value;
use startline_foundation::error::{Error, FieldFault, Result};
use startline_foundation::formats::UkPhone;
use startline_foundation::ids::{ClaimId, ClientId, WalkId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::callbacks;
use startline_rooms::clients;
use startline_rooms::scripts::{self, Of, Seen, Target};
use startline_service::Work;
use startline_service::use_cases::walking;

/// A call that nobody moved for so long has stopped.
const LEFT_AFTER: TimeDelta = TimeDelta::hours(1);

impl ScriptDoor {
    pub async fn start_walk(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::StartWalkRequest,
    ) -> Result<pb::StartWalkResponse> {
        let client = client_id(&asked.client_id)?;
        let claim = claim_id(&asked.claim_id)?;
        let view = scripts::start(db, context, &self.0.definitions, &asked.script_id, client, claim).await?;
        Ok(pb::StartWalkResponse { walk: Some(self.walk(context, &view)) })
    }

    pub async fn get_walk(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetWalkRequest,
    ) -> Result<pb::GetWalkResponse> {
        let id = walk_id(&asked.walk_id)?;
        let view = scripts::get(db, context, &self.0.definitions, id).await?;
        Ok(pb::GetWalkResponse { walk: Some(self.walk(context, &view)) })
    }

    pub async fn get_walk_outline(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetWalkOutlineRequest,
    ) -> Result<pb::GetWalkOutlineResponse> {
        let id = walk_id(&asked.walk_id)?;
        let view = scripts::get(db, context, &self.0.definitions, id).await?;
        let notes = scripts::notes(db, id).await?;
        Ok(outline(&view, &notes, withheld::hides_notes(context.sees)))
    }

    pub async fn answer_question(&self, call: Call<pb::AnswerQuestionRequest>) -> Result<pb::AnswerQuestionResponse> {
        let Call { operation, asked, .. } = call;
        let id = walk_id(&asked.walk_id)?;
        let seen = seen(&asked.etag)?;
        let value = &asked.value.map(|value| convert::json("value", Some(value))).transpose()?;
        let (definitions, question) = (&self.0.definitions, asked.question_id.as_str());
        let answer = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            let db = &mut db;
            let client = scripts::client_of(db, id).await?;
            let before = match client {
                Some(client) => Some(clients::get(db, client).await?),
                None => None,
            };
            let view = walking::answer(db, context, definitions, (id, seen), question, value.clone()).await?;
            let too_late = match &before {
                Some(before) => too_late(db, context, definitions.current(), before).await?,
                None => Vec::new(),
            };
            let walk = Some(self.walk(context, &view));
            work.done(Wire(pb::AnswerQuestionResponse { walk, too_late }))
        };
        match (self.0.runner.mutate(&operation, answer).await, value) {
            (Ok(Wire(answer)), _) => Ok(answer),
            (Err(Error::Invalid(faults)), Some(typed)) => {
                // What was done of the answer is undone; what was typed is kept.
                self.keep_draft(&operation.context, id, typed, &faults).await?;
                Err(Error::Invalid(faults))
            }
            (Err(fault), _) => Err(fault),
        }
    }

    pub async fn go_back(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GoBackRequest,
    ) -> Result<pb::GoBackResponse> {
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let view = scripts::go_back(db, context, &self.0.definitions, id, seen).await?;
        Ok(pb::GoBackResponse { walk: Some(self.walk(context, &view)) })
    }

    pub async fn jump_to(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::JumpToRequest,
    ) -> Result<pb::JumpToResponse> {
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let target = match asked.target {
            Some(JumpTarget::StageId(stage)) => Target::Stage(stage),
            Some(JumpTarget::Part(part)) => Target::Part(part),
            Some(JumpTarget::StepId(step)) => Target::Step(step),
            None => return Err(Error::invalid("target", "is needed: a stage, a part of the form or a step")),
        };
        let view = scripts::jump_to(db, context, &self.0.definitions, id, seen, &target).await?;
        Ok(pb::JumpToResponse { walk: Some(self.walk(context, &view)) })
    }

    pub async fn skip_stage(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::SkipStageRequest,
    ) -> Result<pb::SkipStageResponse> {
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let definitions = &self.0.definitions;
        let view = scripts::skip_stage(db, context, definitions, id, seen, &asked.stage_id, &asked.reason).await?;
        Ok(pb::SkipStageResponse { walk: Some(self.walk(context, &view)) })
    }

    pub async fn skip_key_area(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::SkipKeyAreaRequest,
    ) -> Result<pb::SkipKeyAreaResponse> {
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let definitions = &self.0.definitions;
        let view =
            scripts::skip_key_area(db, context, definitions, id, seen, &asked.key_area_id, &asked.reason).await?;
        Ok(pb::SkipKeyAreaResponse { walk: Some(self.walk(context, &view)) })
    }

    pub async fn take_note(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::TakeNoteRequest,
    ) -> Result<pb::TakeNoteResponse> {
        let id = walk_id(&asked.walk_id)?;
        let taken = scripts::take_note(db, context, id, &asked.note).await?;
        Ok(pb::TakeNoteResponse { note: Some(note(&taken)) })
    }

    pub async fn park_walk(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ParkWalkRequest,
    ) -> Result<pb::ParkWalkResponse> {
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let view = scripts::park(db, context, &self.0.definitions, id, seen, &asked.note).await?;
        Ok(pb::ParkWalkResponse { walk: Some(self.walk(context, &view)) })
    }

    pub async fn resume_walk(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ResumeWalkRequest,
    ) -> Result<pb::ResumeWalkResponse> {
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let view = scripts::resume(db, context, &self.0.definitions, id, seen).await?;
        Ok(pb::ResumeWalkResponse { walk: Some(self.walk(context, &view)) })
    }

    pub async fn close_walk(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::CloseWalkRequest,
    ) -> Result<pb::CloseWalkResponse> {
        let (id, seen) = (walk_id(&asked.walk_id)?, seen(&asked.etag)?.walk);
        let view = scripts::close(db, context, &self.0.definitions, id, seen, &asked.reason).await?;
        Ok(pb::CloseWalkResponse { walk: Some(self.walk(context, &view)) })
    }

    pub async fn list_stopped_calls(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListStoppedCallsRequest,
    ) -> Result<pb::ListStoppedCallsResponse> {
        let page = Page::of(&asked, 50, 100)?;
        let moved_before = context.now - LEFT_AFTER;
        let found = scripts::stopped(db, context.site()?, moved_before, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |walk| (walk.moved_at, walk.id));
        let mut calls = Vec::with_capacity(found.len());
        for walk in &found {
            let Some(client) = walk.client_id else { continue };
            let client = clients::get(db, client).await?;
            let flags = callbacks::contact_flags(db, client.id).await?;
            calls.push(pb::StoppedCall {
                walk: Some(summary(walk)),
                etag: walk.revision.to_string(),
                client_name: client.full_name(),
                phone: client
                    .facts
                    .phone
                    .as_ref()
                    .filter(|_| !flags.do_not_call)
                    .map(UkPhone::grouped)
                    .unwrap_or_default(),
                do_not_call: flags.do_not_call,
                instead: flags.instead,
                contact: Some(contact(&client.facts.contact)),
            });
        }
        Ok(pb::ListStoppedCallsResponse { calls, next_page_token })
    }

    pub async fn list_walks(
        &self,
        db: &mut Db<'_>,
        _: &Context,
        asked: pb::ListWalksRequest,
    ) -> Result<pb::ListWalksResponse> {
        let of = match (client_id(&asked.client_id)?, claim_id(&asked.claim_id)?) {
            (Some(client), None) => Of::Client(client),
            (None, Some(claim)) => Of::Claim(claim),
            _ => return Err(Error::invalid("client_id", "name the client or the claim: exactly one of the two")),
        };
        let page = Page::of(&asked, 50, 100)?;
        let found = scripts::list(db, of, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |walk| (walk.is_finished(), walk.started_at, walk.id));
        Ok(pb::ListWalksResponse { walks: found.iter().map(summary).collect(), next_page_token })
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
    /// As whoever asks sees it.
    fn walk(&self, context: &Context, view: &scripts::View) -> pb::Walk {
        let veil = Veil::new(context.sees, view.definition().clone(), self.0.definitions.current().clone());
        veil.walk(message::walk(view))
    }

    /// In a transaction of its own: that of the refused answer is undone.
    async fn keep_draft(&self, context: &Context, id: WalkId, typed: &Value, faults: &[FieldFault]) -> Result<()> {
        let Some(fault) = faults.iter().find(|fault| fault.field.starts_with("value")) else { return Ok(()) };
        let definitions = &self.0.definitions;
        let keep = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            scripts::keep_draft(&mut db, context, definitions, id, typed.clone(), fault.reason.clone()).await?;
            work.done(())
        };
        self.0.runner.transact_for(context, keep).await
    }
}
