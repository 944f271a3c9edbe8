//! `ClaimService`: the methods by topic, each in its file.

mod answers;
mod form;
mod life;
mod meeting;
mod message;
mod watch;

use super::{Shared, pb};
use futures_util::Stream;
use std::pin::Pin;
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct ClaimDoor(pub Arc<Shared>);

type Answered<T> = Result<Response<T>, Status>;
type ClaimStream = Pin<Box<dyn Stream<Item = Result<pb::WatchClaimResponse, Status>> + Send>>;

#[tonic::async_trait]
impl pb::claim_service_server::ClaimService for ClaimDoor {
    async fn open_claim(&self, request: Request<pb::OpenClaimRequest>) -> Answered<pb::OpenClaimResponse> {
        self.open(request).await
    }

    async fn get_claim(&self, request: Request<pb::GetClaimRequest>) -> Answered<pb::GetClaimResponse> {
        self.get(request).await
    }

    async fn save_answers(&self, request: Request<pb::SaveAnswersRequest>) -> Answered<pb::SaveAnswersResponse> {
        self.save(request).await
    }

    async fn confirm_answers(
        &self,
        request: Request<pb::ConfirmAnswersRequest>,
    ) -> Answered<pb::ConfirmAnswersResponse> {
        self.confirm(request).await
    }

    async fn list_answer_history(
        &self,
        request: Request<pb::ListAnswerHistoryRequest>,
    ) -> Answered<pb::ListAnswerHistoryResponse> {
        self.answer_history(request).await
    }

    async fn get_agency_view(&self, request: Request<pb::GetAgencyViewRequest>) -> Answered<pb::GetAgencyViewResponse> {
        self.agency_view(request).await
    }

    async fn list_missing(&self, request: Request<pb::ListMissingRequest>) -> Answered<pb::ListMissingResponse> {
        self.missing(request).await
    }

    async fn list_evidence(&self, request: Request<pb::ListEvidenceRequest>) -> Answered<pb::ListEvidenceResponse> {
        self.evidence(request).await
    }

    async fn complete_start_up(
        &self,
        request: Request<pb::CompleteStartUpRequest>,
    ) -> Answered<pb::CompleteStartUpResponse> {
        self.complete(request).await
    }

    async fn lodge_claim(&self, request: Request<pb::LodgeClaimRequest>) -> Answered<pb::LodgeClaimResponse> {
        self.lodge(request).await
    }

    async fn withdraw_claim(&self, request: Request<pb::WithdrawClaimRequest>) -> Answered<pb::WithdrawClaimResponse> {
        self.withdraw(request).await
    }

    async fn reopen_claim(&self, request: Request<pb::ReopenClaimRequest>) -> Answered<pb::ReopenClaimResponse> {
        self.reopen(request).await
    }

    async fn list_claim_events(
        &self,
        request: Request<pb::ListClaimEventsRequest>,
    ) -> Answered<pb::ListClaimEventsResponse> {
        self.events(request).await
    }

    async fn amend_answer(&self, request: Request<pb::AmendAnswerRequest>) -> Answered<pb::AmendAnswerResponse> {
        self.amend(request).await
    }

    async fn list_amendments(
        &self,
        request: Request<pb::ListAmendmentsRequest>,
    ) -> Answered<pb::ListAmendmentsResponse> {
        self.amendments(request).await
    }

    async fn tick_evidence(&self, request: Request<pb::TickEvidenceRequest>) -> Answered<pb::TickEvidenceResponse> {
        self.tick(request).await
    }

    async fn raise_query(&self, request: Request<pb::RaiseQueryRequest>) -> Answered<pb::RaiseQueryResponse> {
        self.raise(request).await
    }

    async fn settle_query(&self, request: Request<pb::SettleQueryRequest>) -> Answered<pb::SettleQueryResponse> {
        self.settle(request).await
    }

    async fn list_queries(&self, request: Request<pb::ListQueriesRequest>) -> Answered<pb::ListQueriesResponse> {
        self.queries(request).await
    }

    type WatchClaimStream = ClaimStream;

    async fn watch_claim(&self, request: Request<pb::WatchClaimRequest>) -> Answered<Self::WatchClaimStream> {
        self.watch(request).await
    }
}
