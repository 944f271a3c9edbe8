//! `CallbackService`: one method, one line here; what each does is in the file of its kind.

mod life;
mod message;
mod missed;
mod read;
mod records;
mod roster;
mod slots;

pub use message::messages;
pub use records::open_of_clients;

use super::{Shared, pb};
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct CallbackDoor(pub Arc<Shared>);

/// What a method answers.
type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl pb::callback_service_server::CallbackService for CallbackDoor {
    async fn offer_callback_slots(
        &self,
        request: Request<pb::OfferCallbackSlotsRequest>,
    ) -> Answer<pb::OfferCallbackSlotsResponse> {
        self.offer(request).await
    }

    async fn hold_callback_slot(
        &self,
        request: Request<pb::HoldCallbackSlotRequest>,
    ) -> Answer<pb::HoldCallbackSlotResponse> {
        self.hold(request).await
    }

    async fn book_callback(&self, request: Request<pb::BookCallbackRequest>) -> Answer<pb::BookCallbackResponse> {
        self.book(request).await
    }

    async fn list_due_callbacks(
        &self,
        request: Request<pb::ListDueCallbacksRequest>,
    ) -> Answer<pb::ListDueCallbacksResponse> {
        self.due(request).await
    }

    async fn start_attempt(&self, request: Request<pb::StartAttemptRequest>) -> Answer<pb::StartAttemptResponse> {
        self.start(request).await
    }

    async fn record_attempt(&self, request: Request<pb::RecordAttemptRequest>) -> Answer<pb::RecordAttemptResponse> {
        self.record(request).await
    }

    async fn park_callback(&self, request: Request<pb::ParkCallbackRequest>) -> Answer<pb::ParkCallbackResponse> {
        self.park(request).await
    }

    async fn move_callback(&self, request: Request<pb::MoveCallbackRequest>) -> Answer<pb::MoveCallbackResponse> {
        self.move_to(request).await
    }

    async fn cancel_callback(&self, request: Request<pb::CancelCallbackRequest>) -> Answer<pb::CancelCallbackResponse> {
        self.cancel(request).await
    }

    async fn take_over_callback(
        &self,
        request: Request<pb::TakeOverCallbackRequest>,
    ) -> Answer<pb::TakeOverCallbackResponse> {
        self.take_over(request).await
    }

    async fn assign_callback(&self, request: Request<pb::AssignCallbackRequest>) -> Answer<pb::AssignCallbackResponse> {
        self.assign(request).await
    }

    async fn correct_number(&self, request: Request<pb::CorrectNumberRequest>) -> Answer<pb::CorrectNumberResponse> {
        self.correct(request).await
    }

    async fn list_number_checks(
        &self,
        request: Request<pb::ListNumberChecksRequest>,
    ) -> Answer<pb::ListNumberChecksResponse> {
        self.number_checks(request).await
    }

    async fn set_contact_flags(
        &self,
        request: Request<pb::SetContactFlagsRequest>,
    ) -> Answer<pb::SetContactFlagsResponse> {
        self.flags(request).await
    }

    async fn get_callback(&self, request: Request<pb::GetCallbackRequest>) -> Answer<pb::GetCallbackResponse> {
        self.get(request).await
    }

    async fn list_callback_letters(
        &self,
        request: Request<pb::ListCallbackLettersRequest>,
    ) -> Answer<pb::ListCallbackLettersResponse> {
        self.letters(request).await
    }

    async fn record_callback_letter(
        &self,
        request: Request<pb::RecordCallbackLetterRequest>,
    ) -> Answer<pb::RecordCallbackLetterResponse> {
        self.letter_sent(request).await
    }

    async fn set_roster(&self, request: Request<pb::SetRosterRequest>) -> Answer<pb::SetRosterResponse> {
        self.set_hours(request).await
    }

    async fn report_absence(&self, request: Request<pb::ReportAbsenceRequest>) -> Answer<pb::ReportAbsenceResponse> {
        self.absent(request).await
    }

    async fn end_absence(&self, request: Request<pb::EndAbsenceRequest>) -> Answer<pb::EndAbsenceResponse> {
        self.back(request).await
    }

    async fn list_roster(&self, request: Request<pb::ListRosterRequest>) -> Answer<pb::ListRosterResponse> {
        self.roster(request).await
    }

    async fn list_callbacks_at_risk(
        &self,
        request: Request<pb::ListCallbacksAtRiskRequest>,
    ) -> Answer<pb::ListCallbacksAtRiskResponse> {
        self.risks(request).await
    }

    async fn get_standards(&self, request: Request<pb::GetStandardsRequest>) -> Answer<pb::GetStandardsResponse> {
        self.standards(request).await
    }

    async fn list_missed_callers(
        &self,
        request: Request<pb::ListMissedCallersRequest>,
    ) -> Answer<pb::ListMissedCallersResponse> {
        self.missed_callers(request).await
    }

    async fn close_missed_caller(
        &self,
        request: Request<pb::CloseMissedCallerRequest>,
    ) -> Answer<pb::CloseMissedCallerResponse> {
        self.close_missed(request).await
    }
}
