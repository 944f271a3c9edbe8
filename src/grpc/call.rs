//! A call at the door: who asks for what, by when, under which id; and what they are answered.

use super::doors::Looks;
use super::gate::Admitted;
use super::{convert, fault, gate};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{Stream, StreamExt, stream};
use prost::{Message, Name};
use sha2::{Digest, Sha256};
use startline_foundation::error::{Error, Result};
use startline_foundation::store::Reader;
use startline_rooms::access::Context;
use startline_service::{KeptAnswer, Operation, Service, Work, within};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};

/// What somebody asks for.
pub struct Call<Q> {
    pub operation: Operation,
    pub asked: Q,
    pub admitted: Admitted,
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

/// What a stream says, one after the other; an error is its end.
pub type Answers<R> = Pin<Box<dyn Stream<Item = Result<R>> + Send>>;

/// What stands behind every door.
#[derive(Clone)]
pub struct Behind {
    pub service: Arc<Service>,
    pub looks: Arc<Looks>,
}

/// How a method answers a request that has passed the gate; both as bytes, so that the server is compiled once and not for
/// each pair of messages.
#[derive(Clone, Copy)]
pub enum Method {
    Unary(fn(Behind, Request<Bytes>) -> Answering<Bytes>),
    Stream(fn(Behind, Request<Bytes>) -> Answering<WireAnswers>),
}

/// What a method does, boxed once.
pub type Doing<T> = BoxFuture<'static, Result<T>>;

/// A mutation of these requests: what it did, and its answer.
pub type Mutation<Q> = fn(Behind, Work, Q) -> Doing<(Work, Vec<u8>)>;
/// A stream of answers to these requests.
pub type Streaming<Q> = fn(Behind, Call<Q>) -> Doing<Answers<Vec<u8>>>;

pub type Answering<R> = BoxFuture<'static, Result<Response<R>, Status>>;
/// A stream's answers on their way out.
pub type WireAnswers = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;

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
pub fn asked<Q: Message + Default>(
    service: &Service,
    method: &'static str,
    request: Request<Bytes>,
) -> Result<Call<Q>, Status> {
    let context = gate::context(&request, &service.clock).map_err(|fault| fault::status(fault, method, None))?;
    let admitted = request.extensions().get::<Admitted>().cloned();
    let admitted = admitted.ok_or_else(|| fault::status(Error::Unauthenticated, method, None))?;
    let deadline = deadline(request.metadata());
    let operation = Operation { context, name: method, fingerprint: Vec::new(), deadline };
    match Q::decode(request.into_inner()) {
        Ok(asked) => Ok(Call { operation, asked, admitted }),
        Err(why) => {
            let fault =
                Error::invalid("", format!("the request cannot be read as {}: {why}", std::any::type_name::<Q>()));
            Err(fault::status(fault, method, Some(&operation.context)))
        }
    }
}

/// The call of a method that has a `request_id`.
pub fn asked_once<Q>(service: &Service, method: &'static str, request: Request<Bytes>) -> Result<Call<Q>, Status>
where
    Q: HasRequestId + Message + Name + Default,
{
    let Call { mut operation, asked, admitted } = asked::<Q>(service, method, request)?;
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
    Ok(Call { operation, asked, admitted })
}

type Attempt = Box<dyn Fn(Work) -> Doing<(Work, Vec<u8>)> + Send + Sync>;

/// Does what was asked for, once: in a transaction, begun again when a race was lost, its answer kept for a replay.
pub fn mutation<Q>(
    behind: Behind,
    method: &'static str,
    request: Request<Bytes>,
    attempt: Mutation<Q>,
) -> Answering<Bytes>
where
    Q: HasRequestId + Message + Name + Default + Clone + 'static,
{
    match asked_once::<Q>(&behind.service, method, request) {
        Ok(Call { operation, asked, .. }) => {
            let service = behind.service.clone();
            let attempt = Box::new(move |work| attempt(behind.clone(), work, asked.clone()));
            Box::pin(mutate(service, method, operation, attempt))
        }
        Err(status) => refused(status),
    }
}

async fn mutate(
    service: Arc<Service>,
    method: &'static str,
    operation: Operation,
    attempt: Attempt,
) -> Result<Response<Bytes>, Status> {
    let outcome = service.runner.mutate(&operation, attempt).await;
    answered(method, &operation.context, outcome)
}

/// Reads what was asked for, from one snapshot and within the caller's deadline.
pub fn read<Q: Message + Default + 'static>(
    behind: Behind,
    method: &'static str,
    request: Request<Bytes>,
    reading: fn(Behind, Reader, Context, Q) -> Doing<Vec<u8>>,
) -> Answering<Bytes> {
    match asked::<Q>(&behind.service, method, request) {
        Ok(Call { operation, asked, .. }) => {
            let service = behind.service.clone();
            let reading = Box::new(move |snapshot, context| reading(behind, snapshot, context, asked));
            Box::pin(read_within(service, method, operation, reading))
        }
        Err(status) => refused(status),
    }
}

type Reading = Box<dyn FnOnce(Reader, Context) -> Doing<Vec<u8>> + Send>;

async fn read_within(
    service: Arc<Service>,
    method: &'static str,
    operation: Operation,
    reading: Reading,
) -> Result<Response<Bytes>, Status> {
    let Operation { context, deadline, .. } = operation;
    let outcome = within(deadline, async { reading(service.read().await?, context.clone()).await }).await;
    answered(method, &context, outcome)
}

/// Leaves the call to its method, whole.
pub fn by_hand<Q>(
    behind: Behind,
    method: &'static str,
    asked: Result<Call<Q>, Status>,
    answer: fn(Behind, Call<Q>) -> Doing<Vec<u8>>,
) -> Answering<Bytes> {
    match asked {
        Ok(call) => Box::pin(answered_by_hand(method, call.context().clone(), answer(behind, call))),
        Err(status) => refused(status),
    }
}

async fn answered_by_hand(
    method: &'static str,
    context: Context,
    answering: BoxFuture<'static, Result<Vec<u8>>>,
) -> Result<Response<Bytes>, Status> {
    answered(method, &context, answering.await)
}

/// Leaves the call to its method, which answers for as long as the caller listens.
pub fn stream<Q>(
    behind: Behind,
    method: &'static str,
    asked: Result<Call<Q>, Status>,
    answers: Streaming<Q>,
) -> Answering<WireAnswers> {
    match asked {
        Ok(call) => {
            let (service, context) = (behind.service.clone(), call.context().clone());
            let ends = Box::pin(call.admitted.clone().ends());
            Box::pin(streamed(service, method, context, answers(behind, call), ends))
        }
        Err(status) => refused(status),
    }
}

async fn streamed(
    service: Arc<Service>,
    method: &'static str,
    context: Context,
    answers: BoxFuture<'static, Result<Answers<Vec<u8>>>>,
    ends: BoxFuture<'static, Error>,
) -> Result<Response<WireAnswers>, Status> {
    let refused = |fault| fault::status(fault, method, Some(&context));
    let open = service.counts.stream_opened(method, context.user.id).map_err(refused)?;
    let answers = while_let_in(answers.await.map_err(refused)?, ends);
    Ok(Response::new(Box::pin(answers.map(move |answer| {
        let _ = &open;
        answer.map(Bytes::from).map_err(|fault| fault::status(fault, method, Some(&context)))
    }))))
}

/// These answers, until whoever listens may not listen any more.
fn while_let_in(answers: Answers<Vec<u8>>, mut ends: BoxFuture<'static, Error>) -> Answers<Vec<u8>> {
    let (mut answers, mut over) = (answers, false);
    Box::pin(stream::poll_fn(move |context| {
        if over {
            return Poll::Ready(None);
        }
        if let Poll::Ready(fault) = ends.as_mut().poll(context) {
            over = true;
            return Poll::Ready(Some(Err(fault)));
        }
        answers.as_mut().poll_next(context)
    }))
}

fn refused<R: Send + 'static>(status: Status) -> Answering<R> {
    Box::pin(std::future::ready(Err(status)))
}

/// What goes out.
fn answered(method: &'static str, context: &Context, outcome: Result<Vec<u8>>) -> Result<Response<Bytes>, Status> {
    match outcome {
        Ok(answer) => Ok(Response::new(answer.into())),
        Err(fault) => Err(fault::status(fault, method, Some(context))),
    }
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
