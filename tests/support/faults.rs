//! What a refusal says: its reason, the fields at fault, and what is still free.

use prost::Message;
use startline::grpc::pb;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// The machine-readable reason, `STALE` for example.
pub fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

/// It is refused for what the record stands at, and for this reason.
#[track_caller]
pub fn illegal<T: std::fmt::Debug>(answer: Result<T, Status>, why: &str) {
    let refused = answer.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, why), "{refused:?}");
}

/// The fields at fault, by name.
pub fn fields(status: &Status) -> Vec<String> {
    let at_fault = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    at_fault.into_iter().map(|violation| violation.field).collect()
}

/// When it is worth asking again.
pub fn again_in(status: &Status) -> Option<Duration> {
    status.get_details_retry_info().and_then(|info| info.retry_delay)
}

/// `google.rpc.Status`, as far as it is needed here.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

/// What is still free, for somebody who lost a race.
pub fn fresh_offers(status: &Status) -> Vec<pb::FreshOffer> {
    let packed = RpcStatus::decode(status.details()).unwrap();
    let any = packed.details.iter().find(|any| any.type_url.ends_with("/startline.v1.FreshOffers"));
    let any = any.unwrap_or_else(|| panic!("no fresh offers come with {status:?}"));
    pb::FreshOffers::decode(any.value.as_slice()).unwrap().offers
}

/// What the desk wanted to write and what stands, for somebody who was late.
pub fn stale_answers(status: &Status) -> Vec<pb::StaleAnswer> {
    let packed = RpcStatus::decode(status.details()).unwrap();
    let any = packed.details.iter().find(|any| any.type_url.ends_with("/startline.v1.StaleAnswers"));
    let any = any.unwrap_or_else(|| panic!("no values come with {status:?}"));
    pb::StaleAnswers::decode(any.value.as_slice()).unwrap().answers
}
