//! The answers of a claim at the door: confirmed, looked back on, and read by an agency.

use super::message::definition_of;
use crate::doors::ClaimDoor;
use crate::paging::Page;
use crate::reach::agency_in_reach;
use crate::withheld::Veil;
use crate::{convert, pb};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, QuestionId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::claims::{self, Answer, Carried, KeptDraft};

/// Questions named in one request: more than the form has.
const MOST_QUESTIONS: usize = 300;

impl ClaimDoor {
    pub async fn confirm_answers(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ConfirmAnswersRequest,
    ) -> Result<pb::ConfirmAnswersResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        if asked.question_ids.len() > MOST_QUESTIONS {
            return Err(Error::invalid("question_ids", format!("are more than {MOST_QUESTIONS}")));
        }
        let questions: Vec<QuestionId> = asked.question_ids.iter().map(|id| QuestionId::new(id)).collect();
        let part = Some(asked.part.as_str()).filter(|part| !part.is_empty());
        let (_, definition) = definition_of(&self.0, db, id).await?;
        let saved = claims::confirm(db, context, &definition, id, part, &questions).await?;
        Ok(pb::ConfirmAnswersResponse { saved: saved.into_iter().map(saved_message).collect() })
    }

    pub async fn list_answer_history(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListAnswerHistoryRequest,
    ) -> Result<pb::ListAnswerHistoryResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let question = Some(QuestionId::new(&asked.question_id)).filter(|_| !asked.question_id.is_empty());
        let page = Page::of(&asked, 100, 500)?;
        let (_, veil) = Veil::of_claim(&self.0, db, context.sees, id).await?;
        let found = claims::history(db, id, question.as_ref(), page.after.as_ref(), page.most()).await?;
        let (found, next_page_token) =
            page.cut(found, |answer| (answer.saved_at, answer.question_id.clone(), answer.revision));
        let answers = found.iter().map(|answer| answer_message(&veil, answer)).collect();
        Ok(pb::ListAnswerHistoryResponse { answers, next_page_token })
    }

    pub async fn get_agency_view(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetAgencyViewRequest,
    ) -> Result<pb::GetAgencyViewResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let at = convert::optional_time("as_of_time", asked.as_of_time)?;
        let (claim, veil) = Veil::of_claim(&self.0, db, context.sees, id).await?;
        agency_in_reach(context, &asked.agency_id)?;
        let definition = veil.definition();
        let mut view = claims::agency_view(db, definition, &claim, &asked.agency_id, at, context.language).await?;
        view.withhold(|question| veil.hides(question));
        let section = |section: &claims::AgencySection| pb::AgencySection {
            title: section.title.clone(),
            answers: section
                .questions
                .iter()
                .map(|line| pb::AgencyAnswer {
                    question_id: line.id.clone(),
                    label: line.label.clone(),
                    answer: line.answer_in_words.clone(),
                    withheld: line.withheld,
                })
                .collect(),
        };
        Ok(pb::GetAgencyViewResponse {
            agency_id: view.agency.clone(),
            title: view.title.clone(),
            sections: view.sections.iter().map(section).collect(),
            json: serde_json::to_string(&view).map_err(Error::internal)?,
        })
    }
}

pub(super) fn saved_message((question, revision): (QuestionId, i32)) -> pb::SavedAnswer {
    pb::SavedAnswer { question_id: question.to_string(), revision: u32::try_from(revision).unwrap_or(0) }
}

pub(super) fn answer_message(veil: &Veil, answer: &Answer) -> pb::Answer {
    veil.answer(pb::Answer {
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
        withheld: false,
    })
}

pub(super) fn draft_message(veil: &Veil, draft: &KeptDraft) -> pb::KeptDraft {
    veil.draft(pb::KeptDraft {
        question_id: draft.question_id.to_string(),
        value: Some(convert::value(&draft.value)),
        reason: draft.reason.clone(),
        typed_by: draft.typed_by.to_string(),
        typed_time: Some(convert::timestamp(draft.typed_at)),
        withheld: false,
    })
}
