//! Calls to clients who did not come, good cause, decisions, and what happened in clients' lives.

use super::message::open_steps;
use super::{Answered, FollowUpDoor};
use crate::access::Context;
use crate::claims;
use crate::diary;
use crate::error::{Error, Result};
use crate::followup::{self, AfterMisses, PhoneOutcome};
use crate::formats::parse_date;
use crate::grpc::mutation::{begin, retrying};
use crate::grpc::{convert, pb};
use crate::ids::{AppointmentId, ClaimId};
use crate::store::Db;
use tonic::Request;

impl FollowUpDoor {
    pub(super) async fn rang(
        &self,
        request: Request<pb::RecordPhoneAttemptRequest>,
    ) -> Answered<pb::RecordPhoneAttemptResponse> {
        retrying(|| self.rang_once(&request)).await
    }

    pub(super) async fn good_cause(
        &self,
        request: Request<pb::RecordGoodCauseRequest>,
    ) -> Answered<pb::RecordGoodCauseResponse> {
        retrying(|| self.good_cause_once(&request)).await
    }

    pub(super) async fn decide(
        &self,
        request: Request<pb::DecideAfterMissesRequest>,
    ) -> Answered<pb::DecideAfterMissesResponse> {
        retrying(|| self.decide_once(&request)).await
    }

    pub(super) async fn life_event(
        &self,
        request: Request<pb::RecordLifeEventRequest>,
    ) -> Answered<pb::RecordLifeEventResponse> {
        retrying(|| self.life_event_once(&request)).await
    }

    async fn rang_once(
        &self,
        request: &Request<pb::RecordPhoneAttemptRequest>,
    ) -> Answered<pb::RecordPhoneAttemptResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let outcome = match asked.outcome() {
            pb::PhoneOutcome::Spoken => PhoneOutcome::Spoken,
            pb::PhoneOutcome::NoReply => PhoneOutcome::NoReply,
            pb::PhoneOutcome::WrongNumber => PhoneOutcome::WrongNumber,
            pb::PhoneOutcome::NoPhone => PhoneOutcome::NoPhone,
            pb::PhoneOutcome::Unspecified => return Err(Error::invalid("outcome", "is needed: how did it go?").into()),
        };
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        own_claim(db, context, claim).await?;
        followup::record_phone_attempt(db, context, &self.0.definitions, claim, outcome, &asked.note).await?;
        let open_steps = self.open(db, context, claim).await?;
        mutation.finish(pb::RecordPhoneAttemptResponse { open_steps }).await
    }

    async fn good_cause_once(
        &self,
        request: &Request<pb::RecordGoodCauseRequest>,
    ) -> Answered<pb::RecordGoodCauseResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let id = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        let claim = diary::appointment(db, id).await?.claim_id;
        own_claim(db, context, claim).await?;
        followup::record_good_cause(db, context, &self.0.definitions, id, &asked.reason, &asked.note).await?;
        let open_steps = self.open(db, context, claim).await?;
        mutation.finish(pb::RecordGoodCauseResponse { open_steps }).await
    }

    async fn decide_once(
        &self,
        request: &Request<pb::DecideAfterMissesRequest>,
    ) -> Answered<pb::DecideAfterMissesResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let decision = match asked.decision() {
            pb::AfterMisses::TreatAsNotMade => AfterMisses::TreatAsNotMade,
            pb::AfterMisses::Continue => AfterMisses::Continue,
            pb::AfterMisses::AnotherChance => AfterMisses::AnotherChance,
            pb::AfterMisses::Unspecified => return Err(Error::invalid("decision", "is needed").into()),
        };
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        own_claim(db, context, claim).await?;
        let definitions = &self.0.definitions;
        let (reason, cause) = (asked.reason.as_str(), asked.good_cause.as_str());
        let decided = followup::decide_after_misses(db, context, definitions, claim, decision, reason, cause).await?;
        let answer = pb::DecideAfterMissesResponse {
            decision: asked.decision,
            decided_by: decided.by.to_string(),
            decided_time: Some(convert::timestamp(decided.at)),
            open_steps: self.open(db, context, claim).await?,
        };
        mutation.finish(answer).await
    }

    async fn life_event_once(
        &self,
        request: &Request<pb::RecordLifeEventRequest>,
    ) -> Answered<pb::RecordLifeEventResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let day = parse_date(&asked.day).map_err(|reason| Error::invalid("day", reason))?;
        let (db, context) = (&mut mutation.tx.db(), &mutation.context);
        own_claim(db, context, claim).await?;
        followup::record_life_event(db, context, &self.0.definitions, claim, &asked.event, day).await?;
        let open_steps = self.open(db, context, claim).await?;
        mutation.finish(pb::RecordLifeEventResponse { open_steps }).await
    }

    async fn open(&self, db: &mut Db<'_>, context: &Context, claim: ClaimId) -> Result<Vec<pb::Step>> {
        let site = context.site()?;
        open_steps(db, self.0.definitions.current(), site, claim, context.language).await
    }
}

/// What follows is for the claim's own site.
pub(super) async fn own_claim(db: &mut Db<'_>, context: &Context, id: ClaimId) -> Result<()> {
    match claims::get(db, id).await?.site == *context.site()? {
        true => Ok(()),
        false => Err(Error::Denied("this claim is another site's".into())),
    }
}
