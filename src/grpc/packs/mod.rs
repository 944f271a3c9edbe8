//! `PackService`.

mod batches;
mod composing;
mod message;
mod printing;
mod reading;
mod watch;

pub use message::parse_delivery;

use super::{Shared, pb};
use futures_util::Stream;
use std::pin::Pin;
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct PackDoor(pub Arc<Shared>);

type Answered<T> = Result<Response<T>, Status>;
type Pieces<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// Each method in the file that does it.
macro_rules! methods {
    ($($method:ident: $request:ident => $response:ident, $as:ident;)*) => {
        #[tonic::async_trait]
        impl pb::pack_service_server::PackService for PackDoor {
            type GetPackDocumentStream = Pieces<pb::GetPackDocumentResponse>;
            type GetAgencyDocumentStream = Pieces<pb::GetAgencyDocumentResponse>;
            type WatchPrintRoomStream = Pieces<pb::WatchPrintRoomResponse>;

            async fn get_pack_document(
                &self,
                request: Request<pb::GetPackDocumentRequest>,
            ) -> Answered<Self::GetPackDocumentStream> {
                self.document(request).await
            }

            async fn get_agency_document(
                &self,
                request: Request<pb::GetAgencyDocumentRequest>,
            ) -> Answered<Self::GetAgencyDocumentStream> {
                self.agency_document(request).await
            }

            async fn watch_print_room(
                &self,
                request: Request<pb::WatchPrintRoomRequest>,
            ) -> Answered<Self::WatchPrintRoomStream> {
                self.watch(request).await
            }

            $(async fn $method(&self, request: Request<pb::$request>) -> Answered<pb::$response> {
                self.$as(request).await
            })*
        }
    };
}

methods! {
    compose_pack: ComposePackRequest => ComposePackResponse, compose;
    get_pack: GetPackRequest => GetPackResponse, pack;
    list_packs: ListPacksRequest => ListPacksResponse, packs;
    find_by_barcode: FindByBarcodeRequest => FindByBarcodeResponse, by_barcode;
    get_post_outlook: GetPostOutlookRequest => GetPostOutlookResponse, outlook;
    lease_print_jobs: LeasePrintJobsRequest => LeasePrintJobsResponse, lease;
    extend_lease: ExtendLeaseRequest => ExtendLeaseResponse, extend;
    report_printing: ReportPrintingRequest => ReportPrintingResponse, begin;
    return_print_job: ReturnPrintJobRequest => ReturnPrintJobResponse, give_back;
    report_printed: ReportPrintedRequest => ReportPrintedResponse, printed;
    report_all_printed: ReportAllPrintedRequest => ReportAllPrintedResponse, all_printed;
    report_spoiled: ReportSpoiledRequest => ReportSpoiledResponse, spoiled;
    report_posted: ReportPostedRequest => ReportPostedResponse, posted;
    report_handed_over: ReportHandedOverRequest => ReportHandedOverResponse, handed_over;
    report_returned: ReportReturnedRequest => ReportReturnedResponse, came_back;
    cancel_pack: CancelPackRequest => CancelPackResponse, cancel;
    reprint_pack: ReprintPackRequest => ReprintPackResponse, reprint;
    list_pack_exceptions: ListPackExceptionsRequest => ListPackExceptionsResponse, exceptions;
    mend_pack_exception: MendPackExceptionRequest => MendPackExceptionResponse, mend;
    dismiss_pack_exception: DismissPackExceptionRequest => DismissPackExceptionResponse, dismiss;
    list_batches: ListBatchesRequest => ListBatchesResponse, batches;
    get_manifest: GetManifestRequest => GetManifestResponse, manifest;
    count_batch: CountBatchRequest => CountBatchResponse, count;
}
