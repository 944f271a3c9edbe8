//! The moves of a claim.

use super::answers::answer_message;
use super::message::{claim_message, definition_of, move_message};
use super::{Answered, ClaimDoor};
use crate::claims::{self, Lodge};
use crate::error::Error;
use crate::formats::parse_date;
use crate::grpc::mutation::begin;
use crate::grpc::packs::parse_delivery;
use crate::grpc::{convert, pb};
use crate::ids::ClaimId;
use crate::packs;
use tonic::{Request, Response};

impl ClaimDoor {
    pub(super) async fn complete(
        &self,
        request: Request<pb::CompleteStartUpRequest>,
    ) -> Answered<pb::CompleteStartUpResponse> {
        let mut mutation = begin!(&self.0, &request);
        let id = ClaimId::parse("claim_id", &request.get_ref().claim_id)?;
        let delivery = parse_delivery(request.get_ref().delivery, &request.get_ref().delivery_to)?;
        let db = &mut mutation.tx.db();
        let (_, definition) = definition_of(&self.0, db, id).await?;
        packs::choose_delivery(db, &mutation.context, self.0.definitions.current(), id, delivery).await?;
        let claim = claims::complete_start_up(db, &mutation.context, &definition, id).await?;
        let claim = claim_message(&self.0, db, &claim).await?;
        let answer = mutation.finish(pb::CompleteStartUpResponse { claim: Some(claim) }).await?;
        self.0.jobs_waiting.notify_one();
        self.0.watchers.changed(id);
        Ok(answer)
    }

    pub(super) async fn lodge(&self, request: Request<pb::LodgeClaimRequest>) -> Answered<pb::LodgeClaimResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let signed_day = match asked.signed_day.as_str() {
            "" => None,
            day => Some(parse_date(day).map_err(|reason| Error::invalid("signed_day", reason))?),
        };
        let db = &mut mutation.tx.db();
        let (_, definition) = definition_of(&self.0, db, id).await?;
        let lodge = Lodge { agencies: asked.agency_ids, signed_day };
        let claim = claims::lodge(db, &mutation.context, &definition, id, &lodge).await?;
        let claim = claim_message(&self.0, db, &claim).await?;
        let answer = mutation.finish(pb::LodgeClaimResponse { claim: Some(claim) }).await?;
        self.0.watchers.changed(id);
        Ok(answer)
    }

    pub(super) async fn withdraw(
        &self,
        request: Request<pb::WithdrawClaimRequest>,
    ) -> Answered<pb::WithdrawClaimResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.get_ref();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let db = &mut mutation.tx.db();
        let claim = claims::withdraw(db, &mutation.context, id, &asked.reason).await?;
        let claim = claim_message(&self.0, db, &claim).await?;
        let answer = mutation.finish(pb::WithdrawClaimResponse { claim: Some(claim) }).await?;
        self.0.watchers.changed(id);
        Ok(answer)
    }

    pub(super) async fn reopen(&self, request: Request<pb::ReopenClaimRequest>) -> Answered<pb::ReopenClaimResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.get_ref();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let db = &mut mutation.tx.db();
        let claim = claims::reopen(db, &mutation.context, id, &asked.reason).await?;
        let claim = claim_message(&self.0, db, &claim).await?;
        let answer = mutation.finish(pb::ReopenClaimResponse { claim: Some(claim) }).await?;
        self.0.watchers.changed(id);
        Ok(answer)
    }

    pub(super) async fn events(
        &self,
        request: Request<pb::ListClaimEventsRequest>,
    ) -> Answered<pb::ListClaimEventsResponse> {
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let size = convert::page_size(asked.page_size, 20, 50)?;
        let after: i32 = match asked.page_token.as_str() {
            "" => 0,
            token => token.parse().ok().filter(|number| *number >= 0).ok_or_else(convert::bad_token)?,
        };
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        claims::get(db, id).await?;
        let mut found = claims::events(db, id, after, size + 1).await?;
        let wanted = usize::try_from(size).unwrap_or(0);
        let more = found.len() > wanted;
        found.truncate(wanted);
        let next = found.last().filter(|_| more).map(|last| last.number.to_string());
        let mut events = Vec::with_capacity(found.len());
        for event in &found {
            let answers = match asked.with_answers {
                true => claims::answers_at_move(db, id, event).await?,
                false => Vec::new(),
            };
            events.push(pb::ClaimEvent {
                number: u32::try_from(event.number).unwrap_or(0),
                r#move: move_message(event.what).into(),
                time: Some(convert::timestamp(event.at)),
                user_id: event.by.to_string(),
                detail: event.detail.as_object().map(|fields| convert::structure(fields.iter())),
                answers: answers.iter().map(answer_message).collect(),
            });
        }
        Ok(Response::new(pb::ListClaimEventsResponse { events, next_page_token: next.unwrap_or_default() }))
    }
}
