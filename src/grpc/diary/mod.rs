//! `DiaryService`: the methods by topic, each in its file.

mod attendance;
mod booking;
mod decisions;
mod finding;
mod hours;
mod message;
mod watch;

pub(super) use message::{appointment as appointment_message, unsuitable_times};
pub use watch::DayOf;

use super::{Shared, pb};
use futures_util::Stream;
use std::pin::Pin;
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct DiaryDoor(pub Arc<Shared>);

type Answered<T> = Result<Response<T>, Status>;
type DayStream = Pin<Box<dyn Stream<Item = Result<pb::WatchDayResponse, Status>> + Send>>;

#[tonic::async_trait]
impl pb::diary_service_server::DiaryService for DiaryDoor {
    async fn find_slots(&self, request: Request<pb::FindSlotsRequest>) -> Answered<pb::FindSlotsResponse> {
        self.find(request).await
    }

    async fn hold_slot(&self, request: Request<pb::HoldSlotRequest>) -> Answered<pb::HoldSlotResponse> {
        self.hold(request).await
    }

    async fn book_appointment(
        &self,
        request: Request<pb::BookAppointmentRequest>,
    ) -> Answered<pb::BookAppointmentResponse> {
        self.book(request).await
    }

    async fn move_appointment(
        &self,
        request: Request<pb::MoveAppointmentRequest>,
    ) -> Answered<pb::MoveAppointmentResponse> {
        self.change_time(request).await
    }

    async fn cancel_appointment(
        &self,
        request: Request<pb::CancelAppointmentRequest>,
    ) -> Answered<pb::CancelAppointmentResponse> {
        self.cancel(request).await
    }

    async fn book_series(&self, request: Request<pb::BookSeriesRequest>) -> Answered<pb::BookSeriesResponse> {
        self.series(request).await
    }

    async fn list_appointments(
        &self,
        request: Request<pb::ListAppointmentsRequest>,
    ) -> Answered<pb::ListAppointmentsResponse> {
        self.of_claim(request).await
    }

    async fn defer_meeting(&self, request: Request<pb::DeferMeetingRequest>) -> Answered<pb::DeferMeetingResponse> {
        self.defer(request).await
    }

    async fn waive_meeting(&self, request: Request<pb::WaiveMeetingRequest>) -> Answered<pb::WaiveMeetingResponse> {
        self.waive(request).await
    }

    async fn record_attendance(
        &self,
        request: Request<pb::RecordAttendanceRequest>,
    ) -> Answered<pb::RecordAttendanceResponse> {
        self.attendance(request).await
    }

    async fn set_working_pattern(
        &self,
        request: Request<pb::SetWorkingPatternRequest>,
    ) -> Answered<pb::SetWorkingPatternResponse> {
        self.pattern(request).await
    }

    async fn block_time(&self, request: Request<pb::BlockTimeRequest>) -> Answered<pb::BlockTimeResponse> {
        self.block(request).await
    }

    async fn unblock_time(&self, request: Request<pb::UnblockTimeRequest>) -> Answered<pb::UnblockTimeResponse> {
        self.unblock(request).await
    }

    async fn list_blocks(&self, request: Request<pb::ListBlocksRequest>) -> Answered<pb::ListBlocksResponse> {
        self.blocks(request).await
    }

    async fn list_appointments_to_move(
        &self,
        request: Request<pb::ListAppointmentsToMoveRequest>,
    ) -> Answered<pb::ListAppointmentsToMoveResponse> {
        self.to_move(request).await
    }

    type WatchDayStream = DayStream;

    async fn watch_day(&self, request: Request<pb::WatchDayRequest>) -> Answered<DayStream> {
        self.watch(request).await
    }

    async fn list_day(&self, request: Request<pb::ListDayRequest>) -> Answered<pb::ListDayResponse> {
        self.day(request).await
    }
}
