//! What happens to a claim while the client sits there: amendments, evidence ticked, queries raised and settled.

use super::form::seen_revision;
use super::message::{definition_of, query_message, tick_message};
use super::{Answered, ClaimDoor};
use crate::claims::{self, Amendment, AmendmentDraft, TickState};
use crate::definition::Definition;
use crate::error::Error;
use crate::grpc::mutation::begin;
use crate::grpc::{convert, pb};
use crate::ids::{ClaimId, QueryId, QuestionId};
use tonic::{Request, Response};

impl ClaimDoor {
    pub(super) async fn amend(&self, request: Request<pb::AmendAnswerRequest>) -> Answered<pb::AmendAnswerResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let draft = AmendmentDraft {
            question_id: QuestionId::from(asked.question_id.as_str()),
            value: convert::json("value", asked.value)?,
            seen_revision: seen_revision("seen_revision", asked.seen_revision)?,
            initials: asked.initials,
        };
        let db = &mut mutation.tx.db();
        let (_, definition) = definition_of(&self.0, db, id).await?;
        let in_force = self.0.definitions.current();
        let amendment = claims::amend_answer(db, &mutation.context, &definition, in_force, id, draft).await?;
        let amendment = amendment_message(&definition, &amendment);
        let answer = mutation.finish(pb::AmendAnswerResponse { amendment: Some(amendment) }).await?;
        self.0.watchers.changed(id);
        Ok(answer)
    }

    pub(super) async fn amendments(
        &self,
        request: Request<pb::ListAmendmentsRequest>,
    ) -> Answered<pb::ListAmendmentsResponse> {
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let (_, definition) = definition_of(&self.0, db, id).await?;
        let all = claims::amendments(db, id).await?;
        let all = all.iter().map(|amendment| amendment_message(&definition, amendment)).collect();
        let size = convert::page_size(asked.page_size, 100, 500)?;
        let (amendments, next_page_token) = convert::page(all, &asked.page_token, size)?;
        Ok(Response::new(pb::ListAmendmentsResponse { amendments, next_page_token }))
    }

    pub(super) async fn tick(&self, request: Request<pb::TickEvidenceRequest>) -> Answered<pb::TickEvidenceResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.get_ref();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let state = match asked.state() {
            pb::EvidenceState::Seen => TickState::Seen,
            pb::EvidenceState::Substitute => TickState::Substitute,
            pb::EvidenceState::ToFollow => TickState::ToFollow,
            pb::EvidenceState::NotNeeded => TickState::NotNeeded,
            pb::EvidenceState::None => TickState::TakenBack,
            pb::EvidenceState::Unspecified => {
                return Err(Error::invalid("state", "is needed: was it seen, or is it to follow?").into());
            }
        };
        let db = &mut mutation.tx.db();
        let (_, definition) = definition_of(&self.0, db, id).await?;
        let context = &mutation.context;
        let tick = claims::tick_evidence(db, context, &definition, id, &asked.evidence_id, state, &asked.note).await?;
        let answer = mutation.finish(pb::TickEvidenceResponse { tick: Some(tick_message(&tick)) }).await?;
        self.0.watchers.changed(id);
        Ok(answer)
    }

    pub(super) async fn raise(&self, request: Request<pb::RaiseQueryRequest>) -> Answered<pb::RaiseQueryResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.get_ref();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let question = Some(asked.question_id.as_str()).filter(|id| !id.is_empty()).map(QuestionId::from);
        let db = &mut mutation.tx.db();
        let (_, definition) = definition_of(&self.0, db, id).await?;
        let query = claims::raise_query(db, &mutation.context, &definition, id, question, &asked.text).await?;
        let answer = mutation.finish(pb::RaiseQueryResponse { query: Some(query_message(&query)) }).await?;
        self.0.watchers.changed(id);
        Ok(answer)
    }

    pub(super) async fn settle(&self, request: Request<pb::SettleQueryRequest>) -> Answered<pb::SettleQueryResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.get_ref();
        let id = QueryId::parse("query_id", &asked.query_id)?;
        let query = claims::settle_query(&mut mutation.tx.db(), &mutation.context, id, &asked.outcome).await?;
        let answer = mutation.finish(pb::SettleQueryResponse { query: Some(query_message(&query)) }).await?;
        self.0.watchers.changed(query.claim_id);
        Ok(answer)
    }

    pub(super) async fn queries(&self, request: Request<pb::ListQueriesRequest>) -> Answered<pb::ListQueriesResponse> {
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        claims::get(db, id).await?;
        let all = claims::queries(db, id).await?.iter().map(query_message).collect();
        let size = convert::page_size(asked.page_size, 50, 200)?;
        let (queries, next_page_token) = convert::page(all, &asked.page_token, size)?;
        Ok(Response::new(pb::ListQueriesResponse { queries, next_page_token }))
    }
}

fn amendment_message(definition: &Definition, amendment: &Amendment) -> pb::Amendment {
    pb::Amendment {
        question_id: amendment.question_id.to_string(),
        said: Some(convert::value(&amendment.said)),
        says: Some(convert::value(&amendment.says)),
        revision: u32::try_from(amendment.revision).unwrap_or(0),
        initials: amendment.initials.clone(),
        day: definition.calendar.local_date(amendment.at).to_string(),
        amended_by: amendment.by.to_string(),
    }
}
