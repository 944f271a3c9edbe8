//! The one place where the domain error becomes a gRPC status.
//!
//! Every status carries `google.rpc.ErrorInfo` (reason, domain `startline`), and `BadRequest` where fields are at fault.
//! A lost race carries what is still free. Nothing internal leaves: an internal fault is logged in full under an id, and
//! the caller gets the id.

use super::convert::timestamp;
use super::pb;
use crate::error::{Error, FieldFault, FreshOffer};
use prost::{Message, Name};
use std::collections::HashMap;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

const DOMAIN: &str = "startline";

impl From<Error> for Status {
    fn from(fault: Error) -> Self {
        let message = fault.to_string();
        match fault {
            Error::Invalid(faults) => invalid(message, faults),
            Error::NotFound { .. } => plain(Code::NotFound, "NOT_FOUND", message),
            Error::Conflict { reason, offers, .. } => conflict(reason, message, &offers),
            Error::Contended => plain(Code::Aborted, "CONTENDED", message),
            Error::Stale { .. } => plain(Code::Aborted, "STALE", message),
            Error::Illegal { reason, .. } => plain(Code::FailedPrecondition, reason, message),
            Error::Unauthenticated => plain(Code::Unauthenticated, "NO_VALID_TOKEN", message),
            Error::Denied(_) => plain(Code::PermissionDenied, "DENIED", message),
            Error::Exhausted(_) => plain(Code::ResourceExhausted, "LIMIT_REACHED", message),
            Error::Unavailable(_) => plain(Code::Unavailable, "TRY_AGAIN", message),
            Error::Internal(source) => {
                tracing::error!(%source, "an internal fault");
                plain(Code::Internal, "INTERNAL", "something went wrong on our side; it has been logged".into())
            }
        }
    }
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

/// The standard details and our own `FreshOffers` beside them.
fn conflict(reason: &str, message: String, offers: &[FreshOffer]) -> Status {
    let details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    let standard = Status::with_error_details(Code::Aborted, message.clone(), details);
    let Ok(mut status) = RpcStatus::decode(standard.details()) else { return standard };
    let offers = pb::FreshOffers {
        offers: offers
            .iter()
            .map(|offer| pb::FreshOffer {
                start_time: Some(timestamp(offer.start)),
                end_time: Some(timestamp(offer.end)),
                holder: offer.holder.clone(),
            })
            .collect(),
    };
    status.details.push(prost_types::Any {
        type_url: format!("type.googleapis.com/{}", pb::FreshOffers::full_name()),
        value: offers.encode_to_vec(),
    });
    Status::with_details(Code::Aborted, message, status.encode_to_vec().into())
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
