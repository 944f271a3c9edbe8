//! `FollowUpService`: the methods by topic, each in its file.

mod message;
mod misses;
mod reports;
mod standby;
mod steps;

use super::{Shared, pb};
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct FollowUpDoor(pub Arc<Shared>);

type Answered<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl pb::follow_up_service_server::FollowUpService for FollowUpDoor {
    async fn list_steps(&self, request: Request<pb::ListStepsRequest>) -> Answered<pb::ListStepsResponse> {
        self.list(request).await
    }

    async fn record_step(&self, request: Request<pb::RecordStepRequest>) -> Answered<pb::RecordStepResponse> {
        self.record(request).await
    }

    async fn record_phone_attempt(
        &self,
        request: Request<pb::RecordPhoneAttemptRequest>,
    ) -> Answered<pb::RecordPhoneAttemptResponse> {
        self.rang(request).await
    }

    async fn record_good_cause(
        &self,
        request: Request<pb::RecordGoodCauseRequest>,
    ) -> Answered<pb::RecordGoodCauseResponse> {
        self.good_cause(request).await
    }

    async fn decide_after_misses(
        &self,
        request: Request<pb::DecideAfterMissesRequest>,
    ) -> Answered<pb::DecideAfterMissesResponse> {
        self.decide(request).await
    }

    async fn record_life_event(
        &self,
        request: Request<pb::RecordLifeEventRequest>,
    ) -> Answered<pb::RecordLifeEventResponse> {
        self.life_event(request).await
    }

    async fn join_standby(&self, request: Request<pb::JoinStandbyRequest>) -> Answered<pb::JoinStandbyResponse> {
        self.join(request).await
    }

    async fn leave_standby(&self, request: Request<pb::LeaveStandbyRequest>) -> Answered<pb::LeaveStandbyResponse> {
        self.leave(request).await
    }

    async fn list_standby(&self, request: Request<pb::ListStandbyRequest>) -> Answered<pb::ListStandbyResponse> {
        self.waiting(request).await
    }

    async fn answer_standby_offer(
        &self,
        request: Request<pb::AnswerStandbyOfferRequest>,
    ) -> Answered<pb::AnswerStandbyOfferResponse> {
        self.answer(request).await
    }

    async fn get_decision_report(
        &self,
        request: Request<pb::GetDecisionReportRequest>,
    ) -> Answered<pb::GetDecisionReportResponse> {
        self.decision_report(request).await
    }

    async fn get_attendance_report(
        &self,
        request: Request<pb::GetAttendanceReportRequest>,
    ) -> Answered<pb::GetAttendanceReportResponse> {
        self.attendance_report(request).await
    }
}
