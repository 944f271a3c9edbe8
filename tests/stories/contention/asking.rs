//! A request as bytes, to any method of either process; and what came back.

use crate::support::faults::reason;
use crate::support::{Person, soon};
use bytes::{Buf, BufMut};
use http::uri::PathAndQuery;
use prost::Message;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Request, Status};

/// What one person asks.
pub struct Ask {
    pub who: super::cast::Member,
    pub request_id: String,
    pub bytes: Vec<u8>,
    /// The record it is about, where something is remembered of that.
    pub about: String,
}

pub type Answered = Result<Vec<u8>, Status>;

/// `CallbackService.BookCallback` with these bytes.
pub async fn put(person: &Person, method: &str, bytes: &[u8]) -> Answered {
    let mut line = Grpc::new(person.line());
    line.ready().await.unwrap();
    line.unary(Request::new(bytes.to_vec()), path(method), Raw).await.map(tonic::Response::into_inner)
}

/// The same for a method that answers with a stream, of which nothing is read.
pub async fn put_to_stream(person: &Person, method: &str, bytes: &[u8]) -> Answered {
    let mut line = Grpc::new(person.line());
    line.ready().await.unwrap();
    line.server_streaming(Request::new(bytes.to_vec()), path(method), Raw).await.map(|_| Vec::new())
}

/// What a stream says first, or all of it.
pub async fn read_stream(
    person: &Person,
    method: &str,
    bytes: &[u8],
    is_first_enough: bool,
) -> Result<Vec<Vec<u8>>, Status> {
    let mut line = Grpc::new(person.line());
    line.ready().await.unwrap();
    let mut stream = line.server_streaming(Request::new(bytes.to_vec()), path(method), Raw).await?.into_inner();
    let mut said = Vec::new();
    while let Some(message) = soon(method, stream.message()).await? {
        said.push(message);
        if is_first_enough {
            break;
        }
    }
    Ok(said)
}

fn path(method: &str) -> PathAndQuery {
    let (service, name) = method.split_once('.').unwrap();
    format!("/startline.v1.{service}/{name}").parse().unwrap()
}

/// The same where the answer is needed.
pub async fn read<Q: Message, R: Message + Default>(person: &Person, method: &str, request: &Q) -> R {
    let answer = put(person, method, &request.encode_to_vec()).await;
    let bytes = answer.unwrap_or_else(|status| panic!("{method}: {status:?}"));
    R::decode(bytes.as_slice()).unwrap()
}

/// In a word: `ok`, or the reason of a refusal.
pub fn in_a_word(answer: &Answered) -> String {
    match answer {
        Ok(_) => "ok".to_owned(),
        Err(status) => format!("{:?}/{}", status.code(), reason(status)),
    }
}

/// Messages pass as they are.
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut item = vec![0; from.remaining()];
        from.copy_to_slice(&mut item);
        Ok(Some(item))
    }
}
