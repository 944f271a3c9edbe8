//! The answers of a claim at the door: confirmed, looked back on, and read by an agency.

use super::{Answered, ClaimDoor};
use crate::claims::{self, Answer, Carried, KeptDraft, Open};
use crate::error::Error;
use crate::grpc::mutation::begin;
use crate::grpc::{convert, gate, pb};
use crate::ids::{ClaimId, QuestionId};
use tonic::{Request, Response};

/// Questions named in one request: more than the form has.
const MOST_QUESTIONS: usize = 300;

impl ClaimDoor {
    pub(super) async fn confirm(
        &self,
        request: Request<pb::ConfirmAnswersRequest>,
    ) -> Answered<pb::ConfirmAnswersResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        if asked.question_ids.len() > MOST_QUESTIONS {
            return Err(Error::invalid("question_ids", format!("are more than {MOST_QUESTIONS}")).into());
        }
        let questions: Vec<QuestionId> = asked.question_ids.iter().map(|id| QuestionId::new(id)).collect();
        let part = Some(asked.part.as_str()).filter(|part| !part.is_empty());
        let db = &mut mutation.tx.db();
        let version = claims::get(db, id).await?.definition_version;
        let definition = self.0.definitions.version(db, &version).await?;
        let saved = claims::confirm(db, &mutation.context, &definition, id, part, &questions).await?;
        let answer = pb::ConfirmAnswersResponse { saved: saved.into_iter().map(saved_message).collect() };
        let answer = mutation.finish(answer).await?;
        self.0.watchers.changed(id);
        Ok(answer)
    }

    pub(super) async fn answer_history(
        &self,
        request: Request<pb::ListAnswerHistoryRequest>,
    ) -> Answered<pb::ListAnswerHistoryResponse> {
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let question = Some(QuestionId::new(&asked.question_id)).filter(|_| !asked.question_id.is_empty());
        let size = convert::page_size(asked.page_size, 100, 500)?;
        let after = convert::offset(&asked.page_token)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        claims::get(db, id).await?;
        let page = claims::history(db, id, question.as_ref(), after, size + 1).await?;
        let shown = usize::try_from(size).unwrap_or(0);
        let next_page_token = if page.len() > shown { (after + shown).to_string() } else { String::new() };
        let answers = page.iter().take(shown).map(answer_message).collect();
        Ok(Response::new(pb::ListAnswerHistoryResponse { answers, next_page_token }))
    }

    pub(super) async fn agency_view(
        &self,
        request: Request<pb::GetAgencyViewRequest>,
    ) -> Answered<pb::GetAgencyViewResponse> {
        let language = gate::language(request.metadata());
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let at = convert::optional_time("as_of_time", asked.as_of_time)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let claim = claims::get(db, id).await?;
        let definition = self.0.definitions.version(db, &claim.definition_version).await?;
        let view = claims::agency_view(db, &definition, &claim, &asked.agency_id, at, language).await?;
        let section = |section: &claims::AgencySection| pb::AgencySection {
            title: section.title.clone(),
            answers: section
                .questions
                .iter()
                .map(|line| pb::AgencyAnswer {
                    question_id: line.id.clone(),
                    label: line.label.clone(),
                    answer: line.answer_in_words.clone(),
                })
                .collect(),
        };
        Ok(Response::new(pb::GetAgencyViewResponse {
            agency_id: view.agency.clone(),
            title: view.title.clone(),
            sections: view.sections.iter().map(section).collect(),
            json: serde_json::to_string(&view).map_err(Error::internal)?,
        }))
    }
}

pub(super) fn saved_message((question, revision): (QuestionId, i32)) -> pb::SavedAnswer {
    pb::SavedAnswer { question_id: question.to_string(), revision: u32::try_from(revision).unwrap_or(0) }
}

pub(super) fn answer_message(answer: &Answer) -> pb::Answer {
    pb::Answer {
        question_id: answer.question_id.to_string(),
        value: Some(convert::value(&answer.value)),
        revision: u32::try_from(answer.revision).unwrap_or(0),
        saved_by: answer.saved_by.to_string(),
        saved_time: Some(convert::timestamp(answer.saved_at)),
        stage: answer.stage.clone(),
        carried: match answer.carried {
            Carried::No => pb::Carried::Unspecified,
            Carried::ToConfirm => pb::Carried::ToConfirm,
            Carried::AskAgain => pb::Carried::AskAgain,
        }
        .into(),
    }
}

pub(super) fn draft_message(draft: &KeptDraft) -> pb::KeptDraft {
    pb::KeptDraft {
        question_id: draft.question_id.to_string(),
        value: Some(convert::value(&draft.value)),
        reason: draft.reason.clone(),
        typed_by: draft.typed_by.to_string(),
        typed_time: Some(convert::timestamp(draft.typed_at)),
    }
}

pub(super) fn open_reason(why: Open) -> pb::OpenReason {
    match why {
        Open::Unanswered => pb::OpenReason::Unanswered,
        Open::ToConfirm => pb::OpenReason::ToConfirm,
        Open::AskAgain => pb::OpenReason::AskAgain,
    }
}
