//! Replay of mutations: the first answer to each `request_id` is kept in the mutation's own transaction, and a second
//! request with that id gets it back, also after a restart. Nothing happens twice.

use super::{Context, store};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::RequestId;
use startline_foundation::store::Db;

/// A client that retries after longer than this is told NOT_FOUND or meets the state as it is. Long enough for a desk
/// that was switched off over a long weekend.
const KEPT_FOR: TimeDelta = TimeDelta::days(14);

/// Whether this request is new.
#[derive(Debug, PartialEq, Eq)]
pub enum Replay {
    First,
    /// It was answered before, with this.
    Again(Vec<u8>),
}

/// Takes the request's id for this transaction. A second transaction with the same id waits here for the first.
/// `fingerprint` is a hash of the request, so that an id used for something else is noticed.
pub async fn claim_request(
    db: &mut Db<'_>,
    context: &Context,
    request_id: RequestId,
    method: &str,
    fingerprint: &[u8],
) -> Result<Replay> {
    if store::insert_request(db, context, request_id, method, fingerprint).await? {
        return Ok(Replay::First);
    }
    let (first_method, first_fingerprint, response) = store::request(db, context.user.id, request_id)
        .await?
        .ok_or_else(|| Error::Unavailable("the first try of this request was just undone; try again".into()))?;
    if first_method != method || first_fingerprint != fingerprint {
        return Err(Error::invalid("request_id", "was used before for another request; each needs a new one"));
    }
    // What there was of a client who asked to be erased is given to nobody again.
    response.map(Replay::Again).ok_or_else(|| Error::not_found("answer any more to the request", request_id))
}

/// Keeps the answer with the request, before the transaction commits.
pub async fn keep_response(db: &mut Db<'_>, context: &Context, request_id: RequestId, response: &[u8]) -> Result<()> {
    store::set_response(db, context.user.id, request_id, response).await
}

/// Drops answers nobody will ask for again.
pub async fn forget_old_requests(db: &mut Db<'_>, now: DateTime<Utc>) -> Result<u64> {
    store::delete_requests_before(db, now - KEPT_FOR).await
}
