//! A mutation at the door: its context, its transaction, and the replay of its `request_id`.
//!
//! ```text
//! let mut mutation = match Mutation::begin(shared, &request, id).await? {
//!     Begun::Again(first_answer) => return Ok(first_answer),
//!     Begun::First(mutation) => mutation,
//! };
//! let thing = room::verb(&mut mutation.tx.db(), &mutation.context, ..).await?;   // an error undoes everything
//! mutation.finish(answer).await
//! ```

use super::Shared;
use super::{convert, gate};
use crate::access::{self, Context, Replay};
use crate::error::{Error, Result};
use crate::ids::RequestId;
use crate::store::Tx;
use prost::{Message, Name};
use sha2::{Digest, Sha256};
use std::future::Future;
use tonic::{Request, Response, Status};

pub struct Mutation {
    pub context: Context,
    pub tx: Tx,
    request_id: RequestId,
}

pub enum Begun<R> {
    First(Mutation),
    /// The request was answered before; this is the answer it got.
    Again(Response<R>),
}

impl Mutation {
    /// Opens the transaction and claims the request's id in it.
    pub async fn begin<Q: Message + Name, R: Message + Default>(
        shared: &Shared,
        request: &Request<Q>,
        request_id: &str,
    ) -> Result<Begun<R>, Status> {
        let request_id = convert::request_id(request_id)?;
        let context = gate::context(request, &shared.clock, Some(request_id))?;
        let fingerprint = Sha256::digest(request.get_ref().encode_to_vec());
        let mut tx = shared.store.begin_write().await?;
        let replay = access::claim_request(&mut tx.db(), &context, request_id, Q::NAME, &fingerprint).await?;
        match replay {
            Replay::First => Ok(Begun::First(Self { context, tx, request_id })),
            Replay::Again(bytes) => {
                // On SQLite the first try may be waiting for its commit in the same shared transaction.
                tx.commit().await?;
                let answer = R::decode(bytes.as_slice()).map_err(Error::internal)?;
                Ok(Begun::Again(Response::new(answer)))
            }
        }
    }

    /// Keeps the answer for a replay, commits, and gives it out.
    pub async fn finish<R: Message>(mut self, answer: R) -> Result<Response<R>, Status> {
        let bytes = answer.encode_to_vec();
        access::keep_response(&mut self.tx.db(), &self.context, self.request_id, &bytes).await?;
        self.tx.commit().await?;
        Ok(Response::new(answer))
    }
}

/// Tries of a transaction that lost a race it may win the next time.
const TRIES: usize = 8;

/// Runs `attempt` again while others were busy with the same.
pub async fn retrying<R, F: Future<Output = Result<Response<R>, Status>>>(
    attempt: impl Fn() -> F,
) -> Result<Response<R>, Status> {
    for _ in 1..TRIES {
        match attempt().await {
            Err(status) if is_contended(&status) => {}
            settled => return settled,
        }
    }
    attempt().await
}

fn is_contended(status: &Status) -> bool {
    use tonic_types::StatusExt;
    status.code() == tonic::Code::Aborted
        && status.get_details_error_info().is_some_and(|info| info.reason == "CONTENDED")
}

/// `begin`, returning at once from the method when the request was answered before.
macro_rules! begin {
    ($shared:expr, $request:expr) => {
        match $crate::grpc::mutation::Mutation::begin($shared, $request, &$request.get_ref().request_id).await? {
            $crate::grpc::mutation::Begun::First(mutation) => mutation,
            $crate::grpc::mutation::Begun::Again(answer) => return Ok(answer),
        }
    };
}
pub(super) use begin;
