//! The one place where the domain error becomes a gRPC status.
//!
//! Every status carries `google.rpc.ErrorInfo` (reason, domain `startline`), and `BadRequest` where fields are at fault.
//! A lost race carries what is still free; a limit that is reached, `RetryInfo`. Nothing internal leaves: an internal fault is logged in full under an id with
//! its method, user and request, and the caller gets the id.

use super::convert::timestamp;
use super::{manual, pb};
use prost::{Message, Name};
use startline_foundation::error::{Error, FieldFault, FreshOffer, Limit, StaleValue};
use startline_rooms::access::Context;
use std::collections::HashMap;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

const DOMAIN: &str = "startline";

// All of it travels in headers, of which some clients take no more than 8 KiB; beyond that they hear of a broken connection
// instead. What was asked stands in many sentences, and may be long.
/// The sentence, in bytes as it is sent.
const LONGEST_MESSAGE: usize = 1_200;
/// What is wrong with one field, the field's path, and a value that stands, each in bytes as it is sent.
const LONGEST_PART: usize = 600;
/// The parts of the details, together, before they are encoded.
const LARGEST_DETAILS: usize = 2_400;

/// What the caller is told. `context` is who asked, when that is known.
pub fn status(fault: Error, method: &str, context: Option<&Context>) -> Status {
    let message = cut(fault.to_string(), LONGEST_MESSAGE);
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
            details.set_bad_request(vec![FieldViolation::new(field, cut(why, LONGEST_PART))]);
            with_ours(Code::InvalidArgument, message, details, &fresh(&offers))
        }
        Error::NotFound { .. } => plain(Code::NotFound, reason, message),
        Error::Conflict { offers, .. } => conflict(reason, message, &offers),
        Error::Contended => plain(Code::Aborted, reason, message),
        Error::Stale { values, .. } if values.is_empty() => plain(Code::Aborted, reason, message),
        Error::Stale { values, .. } => stale(message, &values),
        Error::Illegal { .. } => plain(Code::FailedPrecondition, reason, message),
        Error::Unauthenticated => plain(Code::Unauthenticated, reason, message),
        Error::Denied(_) | Error::OutsideWork(_) => plain(Code::PermissionDenied, reason, message),
        Error::Exhausted(limit) => exhausted(reason, message, limit.again_in),
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
        Error::OutsideWork(_) => "OUTSIDE_WORK",
        Error::Exhausted(_) => "LIMIT_REACHED",
        Error::Unavailable(_) => "TRY_AGAIN",
        Error::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Error::Internal(_) => "INTERNAL",
    }
}

/// What has not come to its end in time.
pub fn late(message: String) -> Status {
    plain(Code::DeadlineExceeded, reason(&Error::DeadlineExceeded), message)
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

/// Every limit says when it is worth asking again: `google.rpc.RetryInfo`, at least a second, since clients that know it wait as
/// long and no longer.
fn exhausted(reason: &str, message: String, again_in: Duration) -> Status {
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
    details.set_retry_info(Some(again_in.max(Limit::SOON)));
    Status::with_error_details(Code::ResourceExhausted, message, details)
}

fn invalid(message: String, faults: Vec<FieldFault>) -> Status {
    let mut details = ErrorDetails::with_error_info("INVALID", DOMAIN, HashMap::new());
    let (mut violations, mut left, all) = (Vec::new(), LARGEST_DETAILS, faults.len());
    for FieldFault { field, reason } in faults {
        let (field, reason) = (cut(field, LONGEST_PART), cut(reason, LONGEST_PART));
        let Some(rest) = left.checked_sub(field.len() + reason.len() + OVERHEAD) else {
            let more = all - violations.len();
            violations.push(FieldViolation::new("", format!("and {more} more that are wrong")));
            break;
        };
        left = rest;
        violations.push(FieldViolation::new(field, reason));
    }
    details.set_bad_request(violations);
    Status::with_error_details(Code::InvalidArgument, message, details)
}

/// Tags and lengths of a part.
const OVERHEAD: usize = 16;

/// The beginning of a text that is longer than this as it is sent: what is not plain ASCII takes three bytes for one.
fn cut(text: String, longest: usize) -> String {
    const MORE: &str = "...";
    let sent = |c: char| if matches!(c, ' '..='~') && c != '%' { 1 } else { 3 * c.len_utf8() };
    if text.len() * 3 <= longest || text.chars().map(sent).sum::<usize>() <= longest {
        return text;
    }
    let mut left = longest - MORE.len();
    let fits = |c: &char| {
        let rest = left.checked_sub(sent(*c));
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    text.chars().take_while(fits).chain(MORE.chars()).collect()
}

/// What the desk wanted to write, beside what stands.
fn stale(message: String, values: &[StaleValue]) -> Status {
    let mut left = LARGEST_DETAILS;
    let mut answers = Vec::new();
    for value in values {
        let mut answer = pb::StaleAnswer {
            question_id: value.field.clone(),
            yours: Some(super::convert::value(&value.yours)),
            standing: value.standing.as_ref().map(super::convert::value),
            revision: u32::try_from(value.revision).unwrap_or(0),
            saved_by: value.by.clone(),
            saved_time: Some(timestamp(value.at)),
        };
        if answer.encoded_len() > LONGEST_PART {
            (answer.yours, answer.standing) = (None, None);
        }
        let Some(rest) = left.checked_sub(answer.encoded_len() + OVERHEAD) else { break };
        left = rest;
        answers.push(answer);
    }
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
    let mut left = LARGEST_DETAILS;
    let fits = |offer: &pb::FreshOffer| {
        let rest = left.checked_sub(offer.encoded_len() + OVERHEAD);
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    pb::FreshOffers { offers: offers.iter().map(message).take_while(fits).collect() }
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
pub struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    pub details: Vec<prost_types::Any>,
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

    /// As clients count them: RFC 9113, section 6.5.2.
    fn headers(status: Status) -> usize {
        let answer = status.into_http::<()>();
        answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum()
    }

    #[test]
    fn whatever_was_asked_the_answer_fits_into_the_headers_of_every_client() {
        let at = "2026-03-03T10:00:00Z".parse().unwrap();
        for text in ["x", "%", "ŵ", "🜁", "\0"] {
            for length in [1, 100, 599, 600, 601, 5_000, 100_000] {
                let long = text.repeat(length);
                let offer = FreshOffer { start: at, end: at, holder: long.clone() };
                for times in [1, 3, 500] {
                    let field = FieldFault { field: long.clone(), reason: long.clone() };
                    let stands = StaleValue {
                        field: format!("A{length}"),
                        yours: long.clone().into(),
                        standing: Some("no".into()),
                        revision: 3,
                        by: "0199b323-e500-7aff-95ab-26eab7beff60".into(),
                        at,
                    };
                    let message = long.clone();
                    for fault in [
                        Error::Invalid(vec![field; times]),
                        Error::not_found("claim", &long),
                        Error::illegal("NOT_YOUR_CALL", long.clone()),
                        Error::Denied(long.clone()),
                        Error::exhausted(long.clone(), Limit::BY_HAND),
                        Error::Stale { message: message.clone(), values: vec![stands; times] },
                        Error::Conflict {
                            reason: "TAKEN",
                            message: message.clone(),
                            offers: vec![offer.clone(); times],
                        },
                        Error::NotThen { field: "start_time", message, offers: vec![offer.clone(); times] },
                    ] {
                        let size = headers(status(fault, "CallbackService.TakeOverCallback", None));
                        assert!(size <= 8 * 1024, "{times} times {length} of {text:?} make {size} bytes");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_cut_says_so_and_what_is_short_stays() {
        assert_eq!(cut("Łódź".into(), 100), "Łódź");
        assert_eq!(cut("abcdefghij".into(), 10), "abcdefghij");
        assert_eq!(cut("abcdefghijk".into(), 10), "abcdefg...");
        assert_eq!(cut("ŵŵŵ".into(), 10), "ŵ...");
        let faults = vec![FieldFault { field: "answers[0].value".into(), reason: "x".repeat(500) }; 9];
        let told = status(Error::Invalid(faults), "ClaimService.SaveAnswers", None);
        let violations = told.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations.len(), 5);
        assert_eq!(violations.last().unwrap().description, "and 5 more that are wrong");
    }

    #[test]
    fn a_limit_that_is_reached_says_when_to_ask_again() {
        for (again_in, told) in [(0, 1), (1, 1), (37, 37), (86_400, 86_400)] {
            let fault = Error::exhausted("that is enough for now", Duration::from_secs(again_in));
            let status = status(fault, "ClientService.FindClients", None);
            assert_eq!((status.code(), status.message()), (Code::ResourceExhausted, "that is enough for now"));
            assert_eq!(status.get_details_error_info().unwrap().reason, "LIMIT_REACHED");
            let retry = status.get_details_retry_info().unwrap().retry_delay;
            assert_eq!(retry, Some(Duration::from_secs(told)));
        }
    }

    #[test]
    fn a_deadline_that_passed_is_told_as_such() {
        let status = status(Error::DeadlineExceeded, "ClaimService.GetClaim", None);
        assert_eq!(status.code(), Code::DeadlineExceeded);
    }
}
