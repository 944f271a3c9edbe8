//! What follows from a meeting, step by step, each through the public door.

use super::claim_steps::claim_for;
use super::person::Person;
use super::steps::{Answer, client_with_facts, frome_facts};
use super::values::{new_id, time};
use super::world::World;
use chrono::TimeDelta;
use startline::access::Role;
use startline::grpc::pb;

/// Those of one site who have to do with a claim and its meetings.
pub struct Staff {
    pub asha: Person,
    pub lena: Person,
    pub petra: Person,
    pub eve: Person,
}

/// An adviser, a team leader, a personal adviser with hours at Frome, and an expert.
pub async fn staff(world: &World) -> Staff {
    let staff = Staff {
        asha: world.adviser("Asha", "somerset").await,
        lena: world.add("Lena Lane", Role::TeamLeader, Some("somerset")).await,
        petra: world.personal_adviser("Petra", "somerset").await,
        eve: world.add("Eve", Role::BenefitsExpert, Some("somerset")).await,
    };
    staff.petra.works_at("frome").await;
    staff
}

/// Somebody at Frome by this last name.
pub fn named(last_name: &str) -> pb::ClientFacts {
    pb::ClientFacts { last_name: last_name.into(), ..frome_facts() }
}

impl Person {
    /// What is to be done at the site by this day.
    pub async fn steps_due(&self, day: &str) -> Vec<pb::Step> {
        let request = pb::ListStepsRequest { day: day.into(), ..Default::default() };
        self.follow_up().list_steps(request).await.unwrap().into_inner().steps
    }

    /// What is open for a claim, shown or not.
    pub async fn open_steps(&self, claim: &str) -> Vec<pb::Step> {
        let all = self.steps_of(claim).await;
        all.into_iter().filter(|step| step.done_time.is_none()).collect()
    }

    pub async fn steps_of(&self, claim: &str) -> Vec<pb::Step> {
        let request = pb::ListStepsRequest { claim_id: claim.into(), ..Default::default() };
        self.follow_up().list_steps(request).await.unwrap().into_inner().steps
    }

    pub async fn record_step(&self, step: &str, outcome: pb::StepOutcome, note: &str) -> Answer<pb::Step> {
        let request = pb::RecordStepRequest {
            request_id: new_id(),
            step_id: step.into(),
            outcome: outcome.into(),
            note: note.into(),
        };
        Ok(self.follow_up().record_step(request).await?.into_inner().step.unwrap())
    }

    /// Rings the client about the missed meeting; what is open then.
    pub async fn rang(&self, claim: &str, outcome: pb::PhoneOutcome) -> Answer<Vec<pb::Step>> {
        let request = pb::RecordPhoneAttemptRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            outcome: outcome.into(),
            note: String::new(),
        };
        Ok(self.follow_up().record_phone_attempt(request).await?.into_inner().open_steps)
    }

    pub async fn good_cause(&self, appointment: &str, reason: &str) -> Answer<Vec<pb::Step>> {
        let request = pb::RecordGoodCauseRequest {
            request_id: new_id(),
            appointment_id: appointment.into(),
            reason: reason.into(),
            note: "as the client told it".into(),
        };
        Ok(self.follow_up().record_good_cause(request).await?.into_inner().open_steps)
    }

    /// Treats a claim as not made.
    pub async fn decides(&self, claim: &str, reason: &str, evidence: &str) -> Answer<pb::DecideAfterMissesResponse> {
        let request = pb::DecideAfterMissesRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            decision: pb::AfterMisses::TreatAsNotMade.into(),
            reason: reason.into(),
            evidence: evidence.into(),
            ..Default::default()
        };
        Ok(self.follow_up().decide_after_misses(request).await?.into_inner())
    }

    pub async fn reverses(&self, claim: &str, reason: &str) -> Answer<pb::ReverseDecisionResponse> {
        let request =
            pb::ReverseDecisionRequest { request_id: new_id(), claim_id: claim.into(), reason: reason.into() };
        Ok(self.follow_up().reverse_decision(request).await?.into_inner())
    }

    /// Takes down that the client asks for the decision to be looked at again.
    pub async fn asks_again(&self, claim: &str, said: &str) -> Answer<pb::RequestReconsiderationResponse> {
        let request = pb::RequestReconsiderationRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            said: said.into(),
            ..Default::default()
        };
        Ok(self.follow_up().request_reconsideration(request).await?.into_inner())
    }

    pub async fn upholds(&self, claim: &str, reason: &str) -> Answer<pb::UpholdDecisionResponse> {
        let request = pb::UpholdDecisionRequest { request_id: new_id(), claim_id: claim.into(), reason: reason.into() };
        Ok(self.follow_up().uphold_decision(request).await?.into_inner())
    }

    pub async fn decisions(&self, first: &str, last: &str) -> Vec<pb::MissesDecision> {
        let request = pb::ListDecisionsRequest { first_day: first.into(), last_day: last.into(), ..Default::default() };
        self.follow_up().list_decisions(request).await.unwrap().into_inner().decisions
    }

    pub async fn decide(&self, claim: &str, decision: pb::AfterMisses) -> Answer<pb::DecideAfterMissesResponse> {
        let request = pb::DecideAfterMissesRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            decision: decision.into(),
            reason: "The client has moved and did not get the letters.".into(),
            good_cause: String::new(),
            evidence: "Rung, written to, and nobody was there.".into(),
        };
        Ok(self.follow_up().decide_after_misses(request).await?.into_inner())
    }

    pub async fn life_event(&self, claim: &str, event: &str, day: &str) -> Answer<Vec<pb::Step>> {
        let request = pb::RecordLifeEventRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            event: event.into(),
            day: day.into(),
        };
        Ok(self.follow_up().record_life_event(request).await?.into_inner().open_steps)
    }

    pub async fn join_standby(&self, claim: &str, urgent: bool) -> Answer<pb::Standby> {
        let request =
            pb::JoinStandbyRequest { request_id: new_id(), claim_id: claim.into(), urgent, ..Default::default() };
        Ok(self.follow_up().join_standby(request).await?.into_inner().standby.unwrap())
    }

    pub async fn leave_standby(&self, standby: &str) -> Answer<pb::Standby> {
        let request = pb::LeaveStandbyRequest { request_id: new_id(), standby_id: standby.into() };
        Ok(self.follow_up().leave_standby(request).await?.into_inner().standby.unwrap())
    }

    pub async fn on_standby(&self) -> Vec<pb::Standby> {
        let request = pb::ListStandbyRequest::default();
        self.follow_up().list_standby(request).await.unwrap().into_inner().standbys
    }

    pub async fn answer_offer(&self, offer: &str, answer: pb::StandbyAnswer) -> Answer<Option<pb::Appointment>> {
        let request = pb::AnswerStandbyOfferRequest {
            request_id: new_id(),
            standby_offer_id: offer.into(),
            answer: answer.into(),
        };
        Ok(self.follow_up().answer_standby_offer(request).await?.into_inner().appointment)
    }

    pub async fn decision_report(&self, first: &str, last: &str) -> pb::GetDecisionReportResponse {
        let request =
            pb::GetDecisionReportRequest { site_id: String::new(), first_day: first.into(), last_day: last.into() };
        self.follow_up().get_decision_report(request).await.unwrap().into_inner()
    }

    pub async fn attendance_report(&self, first: &str, last: &str) -> pb::GetAttendanceReportResponse {
        let request =
            pb::GetAttendanceReportRequest { site_id: String::new(), first_day: first.into(), last_day: last.into() };
        self.follow_up().get_attendance_report(request).await.unwrap().into_inner()
    }

    /// Books the first free time for a kind of meeting.
    pub async fn book_kind(&self, claim: &str, kind: &str) -> pb::Appointment {
        let wishes = pb::MeetingWishes { kind: kind.into(), ..Default::default() };
        let request =
            pb::FindSlotsRequest { claim_id: claim.into(), wishes: Some(wishes.clone()), ..Default::default() };
        let slot = self.diary().find_slots(request).await.unwrap().into_inner().slots.remove(0);
        self.book_at(claim, &slot, wishes).await.unwrap()
    }

    /// Books a free slot in one step.
    pub async fn book_at(&self, claim: &str, slot: &pb::Slot, wishes: pb::MeetingWishes) -> Answer<pb::Appointment> {
        let request = pb::BookAppointmentRequest {
            request_id: new_id(),
            claim_id: claim.into(),
            personal_adviser_id: slot.personal_adviser_id.clone(),
            start_time: slot.start_time,
            wishes: Some(wishes),
            ..Default::default()
        };
        Ok(self.diary().book_appointment(request).await?.into_inner().appointment.unwrap())
    }

    pub async fn cancel_meeting(&self, appointment: &str) {
        let request = pb::CancelAppointmentRequest {
            request_id: new_id(),
            appointment_id: appointment.into(),
            reason: pb::AppointmentReason::ClientAsked.into(),
            note: String::new(),
        };
        self.diary().cancel_appointment(request).await.unwrap();
    }
}

/// A claim for these benefits whose start-up is done, and whose first meeting is booked.
pub async fn with_meeting(
    adviser: &Person,
    facts: pb::ClientFacts,
    benefits: &serde_json::Value,
) -> (pb::Claim, pb::Appointment) {
    let (_, claim) = client_with_facts(adviser, facts).await;
    claim_for(adviser, &claim.claim_id, benefits).await;
    let booked = adviser.book_kind(&claim.claim_id, "first-meeting").await;
    let claim = adviser.complete_start_up(&claim.claim_id).await.unwrap();
    (claim, booked)
}

/// Time passes until the meeting, to which the client does not come.
pub async fn missed(world: &World, personal_adviser: &Person, meeting: &pb::Appointment) {
    let start = time(meeting.slot.as_ref().unwrap().start_time);
    world.wait_until(start + TimeDelta::minutes(15));
    personal_adviser.record_attendance(&meeting.appointment_id, pb::Attendance::Failed).await.unwrap();
}

/// Three opportunities that nobody took up, from this meeting on, the client told of the last of them, and the days in which good
/// cause can be shown over: a decision is due. The last meeting.
pub async fn three_misses(world: &World, staff: &Staff, claim: &str, first: &pb::Appointment) -> pb::Appointment {
    let Staff { asha, petra, .. } = staff;
    missed(world, petra, first).await;
    asha.rang(claim, pb::PhoneOutcome::Spoken).await.unwrap();
    let second = asha.book_kind(claim, "first-meeting").await;
    missed(world, petra, &second).await;
    asha.rang(claim, pb::PhoneOutcome::Spoken).await.unwrap();
    let third = asha.book_kind(claim, "first-meeting").await;
    missed(world, petra, &third).await;
    asha.rang(claim, pb::PhoneOutcome::Spoken).await.unwrap();
    world.wait_until(world.now() + TimeDelta::days(10));
    third
}

/// Their kinds, in the order in which the contract names them: what is opened together has no order.
pub fn kinds(steps: &[pb::Step]) -> Vec<pb::StepKind> {
    let mut kinds: Vec<_> = steps.iter().map(pb::Step::kind).collect();
    kinds.sort_by_key(|kind| *kind as i32);
    kinds
}

/// The one step of this kind.
#[track_caller]
pub fn the(steps: &[pb::Step], kind: pb::StepKind) -> pb::Step {
    let found: Vec<_> = steps.iter().filter(|step| step.kind() == kind).collect();
    assert_eq!(found.len(), 1, "{kind:?} in {steps:?}");
    found[0].clone()
}
