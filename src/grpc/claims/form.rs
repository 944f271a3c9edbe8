//! The form: opened, read, saved as it is typed, what is missing, what to bring.

use super::answers::{answer_message, open_reason, saved_message};
use super::message::{claim_message, definition_of, tick_message};
use super::{Answered, ClaimDoor};
use crate::claims::{self, Beginning, Draft, Saving};
use crate::error::{Error, Result};
use crate::grpc::mutation::{begin, retrying};
use crate::grpc::{convert, gate, pb};
use crate::ids::{ClaimId, ClientId, QuestionId};
use crate::scripts;
use tonic::{Request, Response};

impl ClaimDoor {
    pub(super) async fn open(&self, request: Request<pb::OpenClaimRequest>) -> Answered<pb::OpenClaimResponse> {
        retrying(|| self.open_once(&request)).await
    }

    async fn open_once(&self, request: &Request<pb::OpenClaimRequest>) -> Answered<pb::OpenClaimResponse> {
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
        let claim = claim_message(&self.0, db, &claim).await?;
        mutation.finish(pb::OpenClaimResponse { claim: Some(claim) }).await
    }

    pub(super) async fn get(&self, request: Request<pb::GetClaimRequest>) -> Answered<pb::GetClaimResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let id = ClaimId::parse("claim_id", &request.get_ref().claim_id)?;
        let at = convert::optional_time("as_of_time", request.get_ref().as_of_time)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let claim = claims::get(db, id).await?;
        let mut message = claim_message(&self.0, db, &claim).await?;
        let holder = scripts::claim_holder(db, &context, &self.0.definitions, id).await?;
        message.holder = holder.map(convert::holder);
        if let Some(at) = at {
            message.answers = claims::answers_at(db, id, at).await?.iter().map(answer_message).collect();
        }
        Ok(Response::new(pb::GetClaimResponse { claim: Some(message) }))
    }

    pub(super) async fn save(&self, request: Request<pb::SaveAnswersRequest>) -> Answered<pb::SaveAnswersResponse> {
        let request_id = convert::request_id(&request.get_ref().request_id)?;
        let context = gate::context(&request, &self.0.clock, Some(request_id))?;
        let asked = request.into_inner();
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let drafts = asked.answers.into_iter().enumerate().map(draft).collect::<Result<Vec<_>>>()?;
        let saved = self.0.autosave.save(Saving::new(&context, claim, &asked.stage, drafts)?).await;
        // Also when it was not accepted: what was typed is kept beside the form.
        self.0.watchers.changed(claim);
        Ok(Response::new(pb::SaveAnswersResponse { saved: saved?.into_iter().map(saved_message).collect() }))
    }

    pub(super) async fn missing(&self, request: Request<pb::ListMissingRequest>) -> Answered<pb::ListMissingResponse> {
        let language = gate::language(request.metadata());
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let (claim, definition) = definition_of(&self.0, db, id).await?;
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

    pub(super) async fn evidence(
        &self,
        request: Request<pb::ListEvidenceRequest>,
    ) -> Answered<pb::ListEvidenceResponse> {
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let (claim, definition) = definition_of(&self.0, db, id).await?;
        let answers = claims::standing_answers(db, &definition, &claim).await?;
        let ticks = claims::ticks(db, id).await?;
        let all = claims::evidence(&definition, &answers).into_iter().map(|line| pb::Evidence {
            tick: ticks.iter().find(|tick| tick.evidence_id == line.id).map(tick_message),
            evidence_id: line.id,
            label: line.label.en,
            reason: line.reason.en,
            substitutes: line.substitutes.map(|text| text.en).unwrap_or_default(),
        });
        let size = convert::page_size(asked.page_size, 100, 100)?;
        let (evidence, next_page_token) = convert::page(all.collect(), &asked.page_token, size)?;
        Ok(Response::new(pb::ListEvidenceResponse { evidence, next_page_token }))
    }
}

fn draft((i, answer): (usize, pb::AnswerDraft)) -> Result<Draft> {
    Ok(Draft {
        value: convert::json(&format!("answers[{i}].value"), answer.value)?,
        question_id: QuestionId::from(answer.question_id.as_str()),
        seen_revision: seen_revision(&format!("answers[{i}].seen_revision"), answer.seen_revision)?,
    })
}

pub(super) fn seen_revision(field: &str, given: u32) -> Result<i32> {
    let seen = i32::try_from(given).ok().filter(|seen| *seen < i32::MAX);
    seen.ok_or_else(|| Error::invalid(field, "is not a revision that was ever given"))
}
