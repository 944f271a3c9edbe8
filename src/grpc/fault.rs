//! The one place where the domain error becomes a gRPC status.
//!
//! Every status carries `google.rpc.ErrorInfo` (reason, domain `startline`), and `BadRequest` where fields are at fault.
//! A lost race carries what is still free. Nothing internal leaves: an internal fault is logged in full under an id with
//! its method, user and request, and the caller gets the id.

use super::convert::timestamp;
use super::{manual, pb};
use prost::{Message, Name};
use startline_foundation::error::{Error, FieldFault, FreshOffer, StaleValue};
use startline_rooms::access::Context;
use std::collections::HashMap;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

const DOMAIN: &str = "startline";

/// What the caller is told. `context` is who asked, when that is known.
pub fn status(fault: Error, method: &str, context: Option<&Context>) -> Status {
    let message = fault.to_string();
    let reason = reason(&fault);
    // A build for tests refuses to say what the contract does not: so every test of a refusal holds the manual as well.
    if cfg!(debug_assertions) && !manual::may_refuse(method, reason) {
        let undeclared =
            format!("{method} refuses with {reason}, of which proto/startline/v1/error.proto says nothing");
        return internal(&undeclared, method, context);
    }
    match fault {
        Error::Invalid(faults) => invalid(message, faults),
        Error::NotThen { field, message: why, offers } => {
            let mut details = ErrorDetails::with_error_info("INVALID", DOMAIN, HashMap::new());
            details.set_bad_request(vec![FieldViolation::new(field, why)]);
            with_ours(Code::InvalidArgument, message, details, &fresh(&offers))
        }
        Error::NotFound { .. } => plain(Code::NotFound, reason, message),
        Error::Conflict { offers, .. } => conflict(reason, message, &offers),
        Error::Contended => plain(Code::Aborted, reason, message),
        Error::Stale { values, .. } if values.is_empty() => plain(Code::Aborted, reason, message),
        Error::Stale { values, .. } => stale(message, &values),
        Error::Illegal { .. } => plain(Code::FailedPrecondition, reason, message),
        Error::Unauthenticated => plain(Code::Unauthenticated, reason, message),
        Error::Denied(_) => plain(Code::PermissionDenied, reason, message),
        Error::Exhausted(_) => plain(Code::ResourceExhausted, reason, message),
        Error::Unavailable(_) => plain(Code::Unavailable, reason, message),
        Error::DeadlineExceeded => plain(Code::DeadlineExceeded, reason, message),
        Error::Internal(source) => internal(&source, method, context),
    }
}

/// The word for it: a value of `startline.v1.ErrorReason`, without its prefix.
pub fn reason(fault: &Error) -> &'static str {
    match fault {
        Error::Invalid(_) | Error::NotThen { .. } => "INVALID",
        Error::NotFound { .. } => "NOT_FOUND",
        Error::Conflict { reason, .. } | Error::Illegal { reason, .. } => reason,
        Error::Contended => "CONTENDED",
        Error::Stale { .. } => "STALE",
        Error::Unauthenticated => "NO_VALID_TOKEN",
        Error::Denied(_) => "DENIED",
        Error::Exhausted(_) => "LIMIT_REACHED",
        Error::Unavailable(_) => "TRY_AGAIN",
        Error::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Error::Internal(_) => "INTERNAL",
    }
}

/// Logged under an id; the id is all that is told.
pub fn internal(source: &str, method: &str, context: Option<&Context>) -> Status {
    let error_id = format!("{:016x}", rand::random::<u64>());
    let user = context.map(|context| context.user.id.to_string());
    let request_id = context.and_then(|context| context.request_id).map(|id| id.to_string());
    tracing::Span::current().record("error_id", error_id.as_str());
    tracing::error!(error_id, method, user, request_id, source, "an internal fault");
    let message = format!("something went wrong on our side; it has been logged under {error_id}");
    let metadata = HashMap::from([("error_id".to_owned(), error_id)]);
    let details = ErrorDetails::with_error_info("INTERNAL", DOMAIN, metadata);
    Status::with_error_details(Code::Internal, message, details)
}

fn plain(code: Code, reason: &str, message: String) -> Status {
    Status::with_error_details(code, message, ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new()))
}

fn invalid(message: String, faults: Vec<FieldFault>) -> Status {
    let mut details = ErrorDetails::with_error_info("INVALID", DOMAIN, HashMap::new());
    let violations = faults.into_iter().map(|fault| FieldViolation::new(fault.field, fault.reason));
    details.set_bad_request(violations.collect::<Vec<_>>());
    Status::with_error_details(Code::InvalidArgument, message, details)
}

/// What the desk wanted to write, beside what stands.
fn stale(message: String, values: &[StaleValue]) -> Status {
    let answers = values
        .iter()
        .map(|value| pb::StaleAnswer {
            question_id: value.field.clone(),
            yours: Some(super::convert::value(&value.yours)),
            standing: Some(super::convert::value(&value.standing)),
            revision: u32::try_from(value.revision).unwrap_or(0),
            saved_by: value.by.clone(),
            saved_time: Some(timestamp(value.at)),
        })
        .collect();
    aborted("STALE", message, &pb::StaleAnswers { answers })
}

/// What is still free for somebody who lost a race.
fn conflict(reason: &str, message: String, offers: &[FreshOffer]) -> Status {
    aborted(reason, message, &fresh(offers))
}

fn fresh(offers: &[FreshOffer]) -> pb::FreshOffers {
    let message = |offer: &FreshOffer| pb::FreshOffer {
        start_time: Some(timestamp(offer.start)),
        end_time: Some(timestamp(offer.end)),
        holder: offer.holder.clone(),
    };
    pb::FreshOffers { offers: offers.iter().map(message).collect() }
}

fn aborted<M: Message + Name>(reason: &str, message: String, ours: &M) -> Status {
    let details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    with_ours(Code::Aborted, message, details, ours)
}

/// The standard details and our own message beside them.
fn with_ours<M: Message + Name>(code: Code, message: String, details: ErrorDetails, ours: &M) -> Status {
    let standard = Status::with_error_details(code, message.clone(), details);
    let Ok(mut status) = RpcStatus::decode(standard.details()) else { return standard };
    status.details.push(prost_types::Any {
        type_url: format!("type.googleapis.com/{}", M::full_name()),
        value: ours.encode_to_vec(),
    });
    Status::with_details(code, message, status.encode_to_vec().into())
}

/// `google.rpc.Status`, as the standard details are packed.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_internal_fault_is_told_by_its_id_alone() {
        let status = status(Error::internal("no such column: nino"), "ClaimService.GetClaim", None);
        let info = status.get_details_error_info().unwrap();
        let id = &info.metadata["error_id"];
        assert_eq!((status.code(), info.reason.as_str(), id.len()), (Code::Internal, "INTERNAL", 16));
        assert!(status.message().contains(id.as_str()), "{status:?}");
        assert!(!format!("{status:?}").contains("nino"), "{status:?}");
    }

    #[test]
    fn a_deadline_that_passed_is_told_as_such() {
        let status = status(Error::DeadlineExceeded, "ClaimService.GetClaim", None);
        assert_eq!(status.code(), Code::DeadlineExceeded);
    }
}
