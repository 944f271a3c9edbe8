//! `ClaimService`.

use super::claim_answers::{answer_message, draft_message, open_reason, saved_message};
use super::mutation::{begin, retrying};
use super::{Shared, convert, gate, pb};
use crate::claims::{self, Beginning, Claim, Draft, Saving, State, view};
use crate::diary;
use crate::error::{Error, Result};
use crate::ids::{ClaimId, ClientId, QuestionId};
use crate::scripts;
use crate::store::Db;
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct ClaimDoor(pub Arc<Shared>);

#[tonic::async_trait]
impl pb::claim_service_server::ClaimService for ClaimDoor {
    async fn open_claim(
        &self,
        request: Request<pb::OpenClaimRequest>,
    ) -> Result<Response<pb::OpenClaimResponse>, Status> {
        retrying(|| self.open_once(&request)).await
    }

    async fn get_claim(&self, request: Request<pb::GetClaimRequest>) -> Result<Response<pb::GetClaimResponse>, Status> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let id = ClaimId::parse("claim_id", &request.get_ref().claim_id)?;
        let at = convert::optional_time("as_of_time", request.get_ref().as_of_time)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let claim = claims::get(db, id).await?;
        let mut message = full_message(db, &claim).await?;
        let holder = scripts::claim_holder(db, &context, &self.0.definitions, id).await?;
        message.holder = holder.map(convert::holder);
        if let Some(at) = at {
            message.answers = claims::answers_at(db, id, at).await?.iter().map(answer_message).collect();
        }
        Ok(Response::new(pb::GetClaimResponse { claim: Some(message) }))
    }

    async fn confirm_answers(
        &self,
        request: Request<pb::ConfirmAnswersRequest>,
    ) -> Result<Response<pb::ConfirmAnswersResponse>, Status> {
        self.confirm(request).await
    }

    async fn list_answer_history(
        &self,
        request: Request<pb::ListAnswerHistoryRequest>,
    ) -> Result<Response<pb::ListAnswerHistoryResponse>, Status> {
        self.answer_history(request).await
    }

    async fn get_agency_view(
        &self,
        request: Request<pb::GetAgencyViewRequest>,
    ) -> Result<Response<pb::GetAgencyViewResponse>, Status> {
        self.agency_view(request).await
    }

    async fn save_answers(
        &self,
        request: Request<pb::SaveAnswersRequest>,
    ) -> Result<Response<pb::SaveAnswersResponse>, Status> {
        let request_id = convert::request_id(&request.get_ref().request_id)?;
        let context = gate::context(&request, &self.0.clock, Some(request_id))?;
        let asked = request.into_inner();
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let drafts = asked.answers.into_iter().enumerate().map(draft).collect::<Result<Vec<_>>>()?;
        let saved = self.0.autosave.save(Saving::new(&context, claim, &asked.stage, drafts)?).await?;
        Ok(Response::new(pb::SaveAnswersResponse { saved: saved.into_iter().map(saved_message).collect() }))
    }

    async fn list_missing(
        &self,
        request: Request<pb::ListMissingRequest>,
    ) -> Result<Response<pb::ListMissingResponse>, Status> {
        let language = gate::language(request.metadata());
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let claim = claims::get(db, id).await?;
        let definition = self.0.definitions.version(db, &claim.definition_version).await?;
        let standing = claims::answers(db, id).await?;
        let given = claims::standing_answers(db, &definition, &claim).await?;
        let open = claims::open_questions(&definition.form, &given, &standing);
        let all = open.into_iter().map(|(question, why)| pb::MissingAnswer {
            question_id: question.id.to_string(),
            part: definition.form.part_of(&question.id).map(|part| part.id.clone()).unwrap_or_default(),
            label: question.label.in_language(language).to_owned(),
            reason: open_reason(why).into(),
        });
        let size = convert::page_size(asked.page_size, 500, 500)?;
        let (missing, next_page_token) = convert::page(all.collect(), &asked.page_token, size)?;
        Ok(Response::new(pb::ListMissingResponse { missing, next_page_token }))
    }

    async fn list_evidence(
        &self,
        request: Request<pb::ListEvidenceRequest>,
    ) -> Result<Response<pb::ListEvidenceResponse>, Status> {
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let claim = claims::get(db, id).await?;
        let definition = self.0.definitions.version(db, &claim.definition_version).await?;
        let answers = claims::standing_answers(db, &definition, &claim).await?;
        let all = view::evidence(&definition, &answers).into_iter().map(|line| pb::Evidence {
            evidence_id: line.id,
            label: line.label.en,
            reason: line.reason.en,
            substitutes: line.substitutes.map(|text| text.en).unwrap_or_default(),
        });
        let size = convert::page_size(asked.page_size, 100, 100)?;
        let (evidence, next_page_token) = convert::page(all.collect(), &asked.page_token, size)?;
        Ok(Response::new(pb::ListEvidenceResponse { evidence, next_page_token }))
    }

    async fn complete_start_up(
        &self,
        request: Request<pb::CompleteStartUpRequest>,
    ) -> Result<Response<pb::CompleteStartUpResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let id = ClaimId::parse("claim_id", &request.get_ref().claim_id)?;
        let db = &mut mutation.tx.db();
        let version = claims::get(db, id).await?.definition_version;
        let definition = self.0.definitions.version(db, &version).await?;
        let claim = claims::complete_start_up(db, &mutation.context, &definition, id).await?;
        let claim = full_message(db, &claim).await?;
        let answer = mutation.finish(pb::CompleteStartUpResponse { claim: Some(claim) }).await?;
        self.0.jobs_waiting.notify_one();
        Ok(answer)
    }

    async fn lodge_claim(
        &self,
        request: Request<pb::LodgeClaimRequest>,
    ) -> Result<Response<pb::LodgeClaimResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let id = ClaimId::parse("claim_id", &request.get_ref().claim_id)?;
        let db = &mut mutation.tx.db();
        let claim = claims::lodge(db, &mutation.context, id).await?;
        let claim = full_message(db, &claim).await?;
        mutation.finish(pb::LodgeClaimResponse { claim: Some(claim) }).await
    }
}

impl ClaimDoor {
    async fn open_once(
        &self,
        request: &Request<pb::OpenClaimRequest>,
    ) -> Result<Response<pb::OpenClaimResponse>, Status> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let client = ClientId::parse("client_id", &asked.client_id)?;
        let partner_claim = match asked.partner_claim_id.as_str() {
            "" => None,
            id => Some(ClaimId::parse("partner_claim_id", id)?),
        };
        let beginning = Beginning { afresh: asked.afresh, partner_claim };
        let db = &mut mutation.tx.db();
        let claim = claims::open(db, &mutation.context, &self.0.definitions, client, beginning).await?;
        let claim = full_message(db, &claim).await?;
        mutation.finish(pb::OpenClaimResponse { claim: Some(claim) }).await
    }
}

fn draft((i, answer): (usize, pb::AnswerDraft)) -> Result<Draft> {
    let seen = i32::try_from(answer.seen_revision).ok().filter(|seen| *seen < i32::MAX);
    Ok(Draft {
        value: convert::json(&format!("answers[{i}].value"), answer.value)?,
        question_id: QuestionId::from(answer.question_id.as_str()),
        seen_revision: seen.ok_or_else(|| {
            Error::invalid(format!("answers[{i}].seen_revision"), "is not a revision that was ever given")
        })?,
    })
}

async fn full_message(db: &mut Db<'_>, claim: &Claim) -> Result<pb::Claim> {
    let answers = claims::answers(db, claim.id).await?;
    let meeting = diary::meeting_of_claim(db, claim.id).await?;
    Ok(pb::Claim {
        claim_id: claim.id.to_string(),
        client_id: claim.client_id.to_string(),
        site_id: claim.site.to_string(),
        state: state(claim.state).into(),
        definition_version: claim.definition_version.to_string(),
        first_contact_time: Some(convert::timestamp(claim.first_contact_at)),
        answers: answers.iter().map(answer_message).collect(),
        appointment_id: meeting.map(|meeting| meeting.id.to_string()).unwrap_or_default(),
        drafts: claims::drafts(db, claim.id).await?.iter().map(draft_message).collect(),
        repeats_claim_id: claim.repeats.map(|id| id.to_string()).unwrap_or_default(),
        partner_claim_id: claim.partner_claim.map(|id| id.to_string()).unwrap_or_default(),
        holder: None,
    })
}

fn state(state: State) -> pb::ClaimState {
    match state {
        State::Open => pb::ClaimState::Open,
        State::StartUpDone { .. } => pb::ClaimState::StartUpDone,
        State::Posted { .. } => pb::ClaimState::Posted,
        State::Lodged { .. } => pb::ClaimState::Lodged,
    }
}
