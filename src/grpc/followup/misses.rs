//! Calls to clients who did not come, good cause, decisions, and what happened in clients' lives.

use super::message::{decision_messages, open_steps, reads};
use crate::doors::FollowUpDoor;
use crate::mirrors::needed;
use crate::paging::Page;
use crate::{convert, pb};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::parse_date;
use startline_foundation::ids::{AppointmentId, ClaimId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::claims;
use startline_rooms::diary;
use startline_rooms::followup::{self, Deciding};
use startline_service::use_cases::decisions;

impl FollowUpDoor {
    pub async fn record_phone_attempt(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RecordPhoneAttemptRequest,
    ) -> Result<pb::RecordPhoneAttemptResponse> {
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let outcome = needed::<pb::PhoneOutcome>("outcome", asked.outcome, "is needed: how did it go?")?;
        claims::check_own_site(db, context, claim).await?;
        followup::record_phone_attempt(db, context, &self.0.definitions, claim, outcome, &asked.note).await?;
        let open_steps = self.open(db, context, claim).await?;
        Ok(pb::RecordPhoneAttemptResponse { open_steps })
    }

    pub async fn record_good_cause(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RecordGoodCauseRequest,
    ) -> Result<pb::RecordGoodCauseResponse> {
        let id = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
        let claim = diary::appointment(db, id).await?.claim_id;
        claims::check_own_site(db, context, claim).await?;
        followup::record_good_cause(db, context, &self.0.definitions, id, &asked.reason, &asked.note).await?;
        let open_steps = self.open(db, context, claim).await?;
        Ok(pb::RecordGoodCauseResponse { open_steps })
    }

    pub async fn decide_after_misses(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::DecideAfterMissesRequest,
    ) -> Result<pb::DecideAfterMissesResponse> {
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let decision = needed::<pb::AfterMisses>("decision", asked.decision, "is needed")?;
        claims::check_own_site(db, context, claim).await?;
        let definitions = &self.0.definitions;
        let deciding =
            Deciding { decision, reason: &asked.reason, evidence: &asked.evidence, good_cause: &asked.good_cause };
        let decided = decisions::decide_after_misses(db, context, definitions, claim, deciding).await?;
        Ok(pb::DecideAfterMissesResponse {
            decision: asked.decision,
            decided_by: decided.by.to_string(),
            decided_time: Some(convert::timestamp(decided.at)),
            open_steps: self.open(db, context, claim).await?,
        })
    }

    pub async fn request_reconsideration(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RequestReconsiderationRequest,
    ) -> Result<pb::RequestReconsiderationResponse> {
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let day = match asked.asked_day.as_str() {
            "" => None,
            day => Some(parse_date(day).map_err(|reason| Error::invalid("asked_day", reason))?),
        };
        let definitions = &self.0.definitions;
        let decided = followup::request_reconsideration(db, context, definitions, claim, (&asked.said, day)).await?;
        let decision = decision_messages(db, definitions.current(), &[decided]).await?.pop();
        // Whoever answers the client's call takes it down, and what is to be done is for the claim's own site.
        let site = claims::get(db, claim).await?.site;
        let open_steps = match context.user.site.as_ref() == Some(&site) {
            true => self.open(db, context, claim).await?,
            false => Vec::new(),
        };
        Ok(pb::RequestReconsiderationResponse { decision, open_steps })
    }

    pub async fn uphold_decision(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::UpholdDecisionRequest,
    ) -> Result<pb::UpholdDecisionResponse> {
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        claims::check_own_site(db, context, claim).await?;
        let decided = followup::uphold_decision(db, context, claim, &asked.reason).await?;
        let decision = decision_messages(db, self.0.definitions.current(), &[decided]).await?.pop();
        Ok(pb::UpholdDecisionResponse { decision, open_steps: self.open(db, context, claim).await? })
    }

    pub async fn reverse_decision(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReverseDecisionRequest,
    ) -> Result<pb::ReverseDecisionResponse> {
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        claims::check_own_site(db, context, claim).await?;
        let definitions = &self.0.definitions;
        let decided = decisions::reverse_decision(db, context, definitions, claim, &asked.reason).await?;
        let decision = decision_messages(db, definitions.current(), &[decided]).await?.pop();
        Ok(pb::ReverseDecisionResponse { decision, open_steps: self.open(db, context, claim).await? })
    }

    pub async fn list_decisions(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListDecisionsRequest,
    ) -> Result<pb::ListDecisionsResponse> {
        let definition = self.0.definitions.current();
        if !asked.claim_id.is_empty() {
            let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
            claims::check_own_site(db, context, claim).await?;
            let found = followup::decisions_about(db, claim).await?;
            let decisions = decision_messages(db, definition, &found).await?;
            return Ok(pb::ListDecisionsResponse { decisions, ..Default::default() });
        }
        let page = Page::of(&asked, 50, 200)?;
        let days = super::reports::days(&asked.first_day, &asked.last_day)?;
        let site = context.site()?;
        let found = followup::list_decisions(db, definition, site, days, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |one| (one.at, one.appointment_id));
        let decisions = decision_messages(db, definition, &found).await?;
        Ok(pb::ListDecisionsResponse { decisions, next_page_token })
    }

    pub async fn record_life_event(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RecordLifeEventRequest,
    ) -> Result<pb::RecordLifeEventResponse> {
        let claim = ClaimId::parse("claim_id", &asked.claim_id)?;
        let day = parse_date(&asked.day).map_err(|reason| Error::invalid("day", reason))?;
        claims::check_own_site(db, context, claim).await?;
        followup::record_life_event(db, context, &self.0.definitions, claim, &asked.event, day).await?;
        let open_steps = self.open(db, context, claim).await?;
        Ok(pb::RecordLifeEventResponse { open_steps })
    }

    async fn open(&self, db: &mut Db<'_>, context: &Context, claim: ClaimId) -> Result<Vec<pb::Step>> {
        let site = context.site()?;
        open_steps(db, self.0.definitions.current(), site, claim, reads(context)).await
    }
}
