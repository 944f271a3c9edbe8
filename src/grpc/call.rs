//! A call at the door: who asks for what, by when, under which id; and what they are answered.

use super::{convert, fault, gate};
use futures_util::Stream;
use prost::{Message, Name};
use sha2::{Digest, Sha256};
use startline_foundation::error::{Error, Result};
use startline_rooms::access::Context;
use startline_service::{KeptAnswer, Operation, Service, Work};
use std::pin::Pin;
use std::time::Duration;
use tokio::time::Instant;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};

/// What somebody asks for.
pub struct Call<Q> {
    pub operation: Operation,
    pub asked: Q,
}

impl<Q> Call<Q> {
    pub fn context(&self) -> &Context {
        &self.operation.context
    }
}

/// A request that is done once, however often it comes.
pub trait HasRequestId {
    fn request_id(&self) -> &str;
}

/// What a stream says, one after the other.
pub type Answers<R> = Pin<Box<dyn Stream<Item = R> + Send>>;
/// The same on its way out.
pub type WireAnswers<R> = Pin<Box<dyn Stream<Item = Result<R, Status>> + Send>>;

/// An answer that is kept for a replay as it goes over the wire.
pub struct Wire<R>(pub R);

impl<R: Message + Default> KeptAnswer for Wire<R> {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.encode_to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        R::decode(bytes).map(Self).map_err(Error::internal)
    }
}

/// The call, whoever makes it and whatever it is.
pub fn asked<Q>(service: &Service, method: &'static str, request: Request<Q>) -> Result<Call<Q>, Status> {
    let read = |request: Request<Q>| {
        let context = gate::context(&request, &service.clock)?;
        let deadline = deadline(request.metadata());
        let operation = Operation { context, name: method, fingerprint: Vec::new(), deadline };
        Ok(Call { operation, asked: request.into_inner() })
    };
    read(request).map_err(|fault| fault::status(fault, method, None))
}

/// The call of a method that has a `request_id`.
pub fn asked_once<Q>(service: &Service, method: &'static str, request: Request<Q>) -> Result<Call<Q>, Status>
where
    Q: HasRequestId + Message + Name,
{
    let Call { mut operation, asked } = asked(service, method, request)?;
    match convert::request_id(asked.request_id()) {
        Ok(id) => {
            tracing::Span::current().record("request_id", tracing::field::display(id));
            operation.context.request_id = Some(id);
        }
        Err(fault) => return Err(fault::status(fault, method, Some(&operation.context))),
    }
    // As they were kept before: a replay may come after an upgrade.
    operation.name = Q::NAME;
    operation.fingerprint = Sha256::digest(asked.encode_to_vec()).to_vec();
    Ok(Call { operation, asked })
}

/// Does what was asked for, once.
pub async fn mutate<Q, R, F, Fut>(
    service: &Service,
    method: &'static str,
    request: Request<Q>,
    attempt: F,
) -> Result<Response<R>, Status>
where
    Q: HasRequestId + Message + Name + Clone,
    R: Message + Default,
    F: Fn(Work, Q) -> Fut,
    Fut: Future<Output = Result<(Work, Wire<R>)>>,
{
    let Call { operation, asked } = asked_once(service, method, request)?;
    let outcome = service.runner.mutate(&operation, |work| attempt(work, asked.clone())).await;
    answered(method, &operation.context, outcome.map(|Wire(answer)| answer))
}

/// What goes out.
pub fn answered<T>(method: &'static str, context: &Context, outcome: Result<T>) -> Result<Response<T>, Status> {
    outcome.map(Response::new).map_err(|fault| fault::status(fault, method, Some(context)))
}

/// The caller's own deadline, a little before its time: what ends then is still told.
fn deadline(metadata: &MetadataMap) -> Option<Instant> {
    let given = timeout(metadata.get("grpc-timeout")?.to_str().ok()?)?;
    Instant::now().checked_add(given - (given / 10).min(Duration::from_millis(10)))
}

/// As gRPC over HTTP/2 writes it: up to eight digits and a unit.
fn timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: u64 = Some(digits).filter(|digits| digits.len() <= 8)?.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number * 3600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_read_as_grpc_writes_it_and_nothing_else_is() {
        for (text, ms) in [("1H", 3_600_000), ("2M", 120_000), ("3S", 3_000), ("99999999m", 99_999_999), ("500u", 0)] {
            assert_eq!(timeout(text).map(|given| given.as_millis()), Some(ms), "{text}");
        }
        for text in ["", "S", "1", "1s", "-1S", "123456789S", "1\u{20ac}"] {
            assert_eq!(timeout(text), None, "{text}");
        }
    }
}
