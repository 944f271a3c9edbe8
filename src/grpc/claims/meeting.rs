//! What happens to a claim while the client sits there: amendments, evidence ticked, queries raised and settled.

use super::form::seen_revision;
use super::message::{definition_of, query_message, tick_message};
use crate::clients::too_late;
use crate::doors::ClaimDoor;
use crate::mirrors::needed;
use crate::paging::Page;
use crate::withheld::Veil;
use crate::{convert, pb};
use startline_foundation::error::Result;
use startline_foundation::ids::{ClaimId, QueryId, QuestionId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::checks::{self, Change};
use startline_rooms::claims::{self, Amendment, AmendmentDraft};
use startline_rooms::{clients, followup};

impl ClaimDoor {
    pub async fn amend_answer(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::AmendAnswerRequest,
    ) -> Result<pb::AmendAnswerResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let draft = AmendmentDraft {
            question_id: QuestionId::from(asked.question_id.as_str()),
            value: convert::json("value", asked.value)?,
            seen_revision: seen_revision("seen_revision", asked.seen_revision)?,
            initials: asked.initials,
        };
        let (claim, definition) = definition_of(&self.0, db, id).await?;
        let in_force = self.0.definitions.current();
        let before = clients::get(db, claim.client_id).await?;
        let amendment = claims::amend_answer(db, context, &definition, in_force, id, draft).await?;
        followup::claim_moved(db, context, &self.0.definitions, id).await?;
        checks::claim_changed(db, context, id, Change::ToLookAt).await?;
        let veil = Veil::new(context.sees, definition, in_force.clone());
        let amendment = amendment_message(&veil, &amendment);
        let too_late = too_late(db, context, in_force, &before).await?;
        Ok(pb::AmendAnswerResponse { amendment: Some(amendment), too_late })
    }

    pub async fn list_amendments(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListAmendmentsRequest,
    ) -> Result<pb::ListAmendmentsResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let (_, veil) = Veil::of_claim(&self.0, db, context.sees, id).await?;
        let page = Page::of(&asked, 100, 500)?;
        let all = claims::amendments(db, id).await?;
        let (all, next_page_token) = page.cut_whole(all, |one| (one.at, one.question_id.clone(), one.revision));
        let amendments = all.iter().map(|amendment| amendment_message(&veil, amendment)).collect();
        Ok(pb::ListAmendmentsResponse { amendments, next_page_token })
    }

    pub async fn tick_evidence(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::TickEvidenceRequest,
    ) -> Result<pb::TickEvidenceResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let why = "is needed: was it seen, or is it to follow?";
        let state = needed::<pb::EvidenceState>("state", asked.state, why)?;
        let (_, definition) = definition_of(&self.0, db, id).await?;
        let tick = claims::tick_evidence(db, context, &definition, id, &asked.evidence_id, state, &asked.note).await?;
        followup::claim_moved(db, context, &self.0.definitions, id).await?;
        let change = if tick.state.is_settled() { Change::ToSee } else { Change::ToLookAt };
        checks::claim_changed(db, context, id, change).await?;
        Ok(pb::TickEvidenceResponse { tick: Some(tick_message(&tick)) })
    }

    pub async fn raise_query(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RaiseQueryRequest,
    ) -> Result<pb::RaiseQueryResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let question = Some(asked.question_id.as_str()).filter(|id| !id.is_empty()).map(QuestionId::from);
        let (_, definition) = definition_of(&self.0, db, id).await?;
        let query = claims::raise_query(db, context, &definition, id, question, &asked.text).await?;
        checks::claim_changed(db, context, id, Change::ToLookAt).await?;
        Ok(pb::RaiseQueryResponse { query: Some(query_message(&query)) })
    }

    pub async fn settle_query(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::SettleQueryRequest,
    ) -> Result<pb::SettleQueryResponse> {
        let id = QueryId::parse("query_id", &asked.query_id)?;
        let query = claims::settle_query(db, context, id, &asked.outcome).await?;
        checks::claim_changed(db, context, query.claim_id, Change::ToSee).await?;
        Ok(pb::SettleQueryResponse { query: Some(query_message(&query)) })
    }

    pub async fn list_queries(
        &self,
        db: &mut Db<'_>,
        _: &Context,
        asked: pb::ListQueriesRequest,
    ) -> Result<pb::ListQueriesResponse> {
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        claims::get(db, id).await?;
        let page = Page::of(&asked, 50, 200)?;
        let (all, next_page_token) =
            page.cut_whole(claims::queries(db, id).await?, |query| (query.raised_at, query.id));
        Ok(pb::ListQueriesResponse { queries: all.iter().map(query_message).collect(), next_page_token })
    }
}

fn amendment_message(veil: &Veil, amendment: &Amendment) -> pb::Amendment {
    veil.amendment(pb::Amendment {
        question_id: amendment.question_id.to_string(),
        said: Some(convert::value(&amendment.said)),
        says: Some(convert::value(&amendment.says)),
        revision: u32::try_from(amendment.revision).unwrap_or(0),
        initials: amendment.initials.clone(),
        day: veil.definition().calendar.local_date(amendment.at).to_string(),
        amended_by: amendment.by.to_string(),
        withheld: false,
    })
}
