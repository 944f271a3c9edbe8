//! The steps of a claim's life, each through the public door.

use super::person::Person;
use super::steps::{Answer, draft, heard, start_up_done};
use super::values::{new_id, time, value};
use super::world::World;
use chrono::TimeDelta;
use serde_json::Value as Json;
use startline::grpc::pb;
use tonic::Streaming;

impl Person {
    pub async fn standing(&self, claim: &str) -> pb::ClaimStanding {
        self.claim(claim).await.standing.unwrap()
    }

    pub async fn lodge_for(&self, claim: &str, agencies: &[&str], signed_day: &str) -> Answer<pb::Claim> {
        let request = pb::LodgeClaimRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            agency_ids: agencies.iter().map(ToString::to_string).collect(),
            signed_day: signed_day.into(),
        };
        Ok(self.claims().lodge_claim(request).await?.into_inner().claim.unwrap())
    }

    pub async fn withdraw(&self, claim: &str, reason: &str) -> Answer<pb::Claim> {
        let request = pb::WithdrawClaimRequest { request_id: new_id(), claim_id: claim.into(), reason: reason.into() };
        Ok(self.claims().withdraw_claim(request).await?.into_inner().claim.unwrap())
    }

    pub async fn reopen(&self, claim: &str, reason: &str) -> Answer<pb::Claim> {
        let request = pb::ReopenClaimRequest { request_id: new_id(), claim_id: claim.into(), reason: reason.into() };
        Ok(self.claims().reopen_claim(request).await?.into_inner().claim.unwrap())
    }

    pub async fn events(&self, claim: &str) -> Vec<pb::ClaimEvent> {
        let request = pb::ListClaimEventsRequest { claim_id: claim.into(), with_answers: true, ..Default::default() };
        self.claims().list_claim_events(request).await.unwrap().into_inner().events
    }

    pub async fn amend(
        &self,
        claim: &str,
        question: &str,
        says: &Json,
        seen_revision: u32,
        initials: &str,
    ) -> Answer<pb::Amendment> {
        let request = pb::AmendAnswerRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            question_id: question.into(),
            value: Some(value(says)),
            seen_revision,
            initials: initials.into(),
        };
        Ok(self.claims().amend_answer(request).await?.into_inner().amendment.unwrap())
    }

    pub async fn amendments(&self, claim: &str) -> Vec<pb::Amendment> {
        let request = pb::ListAmendmentsRequest { claim_id: claim.into(), ..Default::default() };
        self.claims().list_amendments(request).await.unwrap().into_inner().amendments
    }

    pub async fn tick(&self, claim: &str, evidence: &str, state: pb::EvidenceState) -> Answer<pb::EvidenceTick> {
        let request = pb::TickEvidenceRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            evidence_id: evidence.into(),
            state: state.into(),
            note: "as the client brought it".into(),
        };
        Ok(self.claims().tick_evidence(request).await?.into_inner().tick.unwrap())
    }

    pub async fn raise_query(&self, claim: &str, question: &str, text: &str) -> Answer<pb::ClaimQuery> {
        let request = pb::RaiseQueryRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            question_id: question.into(),
            text: text.into(),
        };
        Ok(self.claims().raise_query(request).await?.into_inner().query.unwrap())
    }

    pub async fn settle_query(&self, query: &str, outcome: &str) -> Answer<pb::ClaimQuery> {
        let request = pb::SettleQueryRequest { request_id: new_id(), query_id: query.into(), outcome: outcome.into() };
        Ok(self.claims().settle_query(request).await?.into_inner().query.unwrap())
    }

    pub async fn watch_claim(&self, claim: &str) -> Streaming<pb::WatchClaimResponse> {
        let request = pb::WatchClaimRequest { claim_id: claim.into() };
        self.claims().watch_claim(request).await.unwrap().into_inner()
    }

    pub async fn defer_meeting(&self, claim: &str, reason: &str, review_day: &str) -> Answer<pb::MeetingDecision> {
        let request = pb::DeferMeetingRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            reason: reason.into(),
            note: "as the client told it".into(),
            review_day: review_day.into(),
        };
        Ok(self.diary().defer_meeting(request).await?.into_inner().decision.unwrap())
    }

    pub async fn waive_meeting(&self, claim: &str, reason: pb::WaiverReason) -> Answer<pb::MeetingDecision> {
        let request = pb::WaiveMeetingRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            reason: reason.into(),
            note: "as the team leader heard it".into(),
        };
        Ok(self.diary().waive_meeting(request).await?.into_inner().decision.unwrap())
    }

    /// Prints and posts what the worker has composed. A copy that a newer pack took the place of meanwhile is destroyed.
    pub async fn print_and_post(&self) {
        loop {
            let job = super::until("something to print", || async { self.lease(1).await.unwrap().pop() }).await;
            match self.printed(&job).await {
                Ok(pack) if pack.state() == pb::PackState::Cancelled => {}
                Ok(_) => break drop(self.posted(&job).await.unwrap()),
                Err(refused) => assert_eq!(super::faults::reason(&refused), "JOB_CANCELLED"),
            }
        }
    }
}

/// The next look at a watched claim that `pick` accepts.
pub async fn seen_on<T>(
    what: &str,
    screen: &mut Streaming<pb::WatchClaimResponse>,
    pick: impl Fn(&pb::Claim, &pb::ClaimStanding) -> Option<T>,
) -> T {
    heard(what, screen, |message| match message.event {
        Some(pb::watch_claim_response::Event::Claim(claim)) => pick(&claim, claim.standing.as_ref().unwrap()),
        _ => None,
    })
    .await
}

/// A claim for these benefits, whose form is in the post and whose client has just met the personal adviser.
pub async fn at_the_meeting(
    world: &World,
    adviser: &Person,
    personal_adviser: &Person,
    room: &Person,
    benefits: &Json,
) -> pb::Claim {
    let (claim, booked) = start_up_done(world, adviser, "Fry").await;
    room.print_and_post().await;
    if *benefits != serde_json::json!(["JSA"]) {
        personal_adviser.amend(&claim.claim_id, "A1", benefits, 1, "RJF").await.unwrap();
    }
    world.wait_until(time(booked.slot.unwrap().start_time) + TimeDelta::minutes(10));
    personal_adviser.record_attendance(&booked.appointment_id, pb::Attendance::Attended).await.unwrap();
    adviser.claim(&claim.claim_id).await
}

/// Says which benefits are claimed.
pub async fn claim_for(adviser: &Person, claim: &str, benefits: &Json) {
    adviser.save(claim, vec![draft("A1", benefits, 0)]).await.unwrap();
}
