//! Making a call-back, and what else becomes of one.

use super::{Answer, CallbackDoor, message, read};
use crate::callbacks::{self, DuePlace, Move, To};
use crate::clients;
use crate::error::{Error, Result};
use crate::grpc::mutation::{begin, retrying};
use crate::grpc::{clients as client_door, convert, gate, pb};
use crate::ids::{CallId, CallbackId, UserId};
use chrono::DateTime;
use tonic::{Request, Response};

impl CallbackDoor {
    pub(super) async fn due(
        &self,
        request: Request<pb::ListDueCallbacksRequest>,
    ) -> Answer<pb::ListDueCallbacksResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(due_token(token).ok_or_else(convert::bad_token)?),
        };
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let (definition, now) = (self.0.definitions.current(), context.now);
        context.site()?;
        let mut due = callbacks::list_due(db, definition, &context.user, now, after, size + 1).await?;
        let wanted = usize::try_from(size).unwrap_or(0);
        let more = due.len() > wanted;
        due.truncate(wanted);
        let token =
            |last: &callbacks::Callback| format!("{}_{}_{}", u8::from(last.urgent), last.due_at.to_rfc3339(), last.id);
        let next = due.last().filter(|_| more).map(token);
        Ok(Response::new(pb::ListDueCallbacksResponse {
            callbacks: message::messages(db, &due, now).await?,
            next_page_token: next.unwrap_or_default(),
        }))
    }

    pub(super) async fn start(&self, request: Request<pb::StartAttemptRequest>) -> Answer<pb::StartAttemptResponse> {
        let mut mutation = begin!(&self.0, &request);
        let id = CallbackId::parse("callback_id", &request.get_ref().callback_id)?;
        let (adviser, now) = (mutation.context.user.id, mutation.context.now);
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let callback = callbacks::start_attempt(db, &mutation.context, definition, id).await?;
        let client = clients::get(db, callback.client_id).await?;
        let answer = pb::StartAttemptResponse {
            callback: Some(message::named(db, &callback, &client, now).await?),
            client: Some(client_door::message(&client)),
        };
        let answer = mutation.finish(answer).await?;
        self.0.start_outbound(adviser, id);
        self.0.tell_commitments().await;
        Ok(answer)
    }

    pub(super) async fn record(&self, request: Request<pb::RecordAttemptRequest>) -> Answer<pb::RecordAttemptResponse> {
        let answer = retrying(|| self.record_once(&request)).await?;
        let adviser = gate::context(&request, &self.0.clock, None)?.user.id;
        self.ended(adviser, &request.get_ref().callback_id).await;
        Ok(answer)
    }

    async fn record_once(&self, request: &Request<pb::RecordAttemptRequest>) -> Answer<pb::RecordAttemptResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let outcome = read::outcome(asked.outcome)?;
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let callback = callbacks::record_attempt(db, &mutation.context, definition, id, outcome, &asked.note).await?;
        let callback = Some(message::one(db, &callback, mutation.context.now).await?);
        mutation.finish(pb::RecordAttemptResponse { callback }).await
    }

    pub(super) async fn park(&self, request: Request<pb::ParkCallbackRequest>) -> Answer<pb::ParkCallbackResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.get_ref();
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let until = convert::time("until_time", asked.until_time)?;
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let callback = callbacks::park(db, &mutation.context, definition, id, until, &asked.reason).await?;
        let adviser = mutation.context.user.id;
        let callback = Some(message::one(db, &callback, mutation.context.now).await?);
        let answer = mutation.finish(pb::ParkCallbackResponse { callback }).await?;
        self.ended(adviser, &request.get_ref().callback_id).await;
        Ok(answer)
    }

    /// The adviser is free again, as far as this call-back goes.
    async fn ended(&self, adviser: UserId, callback: &str) {
        if let Ok(id) = CallbackId::parse("callback_id", callback) {
            self.0.end_outbound(adviser, id);
        }
        self.0.tell_commitments().await;
    }

    pub(super) async fn move_to(&self, request: Request<pb::MoveCallbackRequest>) -> Answer<pb::MoveCallbackResponse> {
        let answer = retrying(|| self.move_once(&request)).await?;
        self.changed().await;
        Ok(answer)
    }

    async fn move_once(&self, request: &Request<pb::MoveCallbackRequest>) -> Answer<pb::MoveCallbackResponse> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let asked_for = Move {
            to: to(asked)?,
            owner: read::optional_user("adviser_id", &asked.adviser_id)?,
            reason: asked.reason.clone(),
            wishes: asked.wishes.clone().map(|wishes| read::wishes(Some(wishes))).transpose()?,
        };
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let callback = callbacks::move_callback(db, &mutation.context, definition, id, &asked_for).await?;
        let callback = Some(message::one(db, &callback, mutation.context.now).await?);
        mutation.finish(pb::MoveCallbackResponse { callback }).await
    }

    pub(super) async fn cancel(
        &self,
        request: Request<pb::CancelCallbackRequest>,
    ) -> Answer<pb::CancelCallbackResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let reason = read::cancel_reason(asked.reason)?;
        let db = &mut mutation.tx.db();
        let callback = callbacks::cancel(db, &mutation.context, id, reason, &asked.note).await?;
        let callback = Some(message::one(db, &callback, mutation.context.now).await?);
        let answer = mutation.finish(pb::CancelCallbackResponse { callback }).await?;
        self.changed().await;
        Ok(answer)
    }

    pub(super) async fn take_over(
        &self,
        request: Request<pb::TakeOverCallbackRequest>,
    ) -> Answer<pb::TakeOverCallbackResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let call = CallId::parse("call_id", &asked.call_id)?;
        let desk = self.0.switchboard.network().desk_view(mutation.context.user.id).ok();
        if desk.and_then(|desk| desk.call()) != Some(call) {
            let message = "only the adviser who has the client's call makes the call-back that call";
            return Err(Error::illegal("NOT_YOUR_CALL", message).into());
        }
        let db = &mut mutation.tx.db();
        let callback = callbacks::take_over(db, &mutation.context, id, call).await?;
        let callback = Some(message::one(db, &callback, mutation.context.now).await?);
        let answer = mutation.finish(pb::TakeOverCallbackResponse { callback }).await?;
        self.changed().await;
        Ok(answer)
    }

    pub(super) async fn assign(
        &self,
        request: Request<pb::AssignCallbackRequest>,
    ) -> Answer<pb::AssignCallbackResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let adviser = UserId::parse("adviser_id", &asked.adviser_id)?;
        let db = &mut mutation.tx.db();
        let callback = callbacks::assign(db, &mutation.context, id, adviser).await?;
        let callback = Some(message::one(db, &callback, mutation.context.now).await?);
        let answer = mutation.finish(pb::AssignCallbackResponse { callback }).await?;
        self.changed().await;
        Ok(answer)
    }

    /// Desks and floors hear of it now rather than at the next look.
    pub(super) async fn changed(&self) {
        self.0.switchboard.callbacks_due();
        self.0.tell_commitments().await;
    }
}

fn to(asked: &pb::MoveCallbackRequest) -> Result<To> {
    use pb::move_callback_request::To as Asked;
    match &asked.to {
        Some(Asked::StartTime(start)) => convert::time("start_time", Some(*start)).map(To::Time),
        Some(Asked::KeepTime(true)) => Ok(To::SameTime),
        Some(Asked::KeepTime(false)) | None => {
            Err(Error::invalid("start_time", "is needed, or keep_time for another adviser at the same time"))
        }
    }
}

fn due_token(token: &str) -> Option<DuePlace> {
    let mut parts = token.splitn(3, '_');
    let urgent = match parts.next()? {
        "0" => false,
        "1" => true,
        _ => return None,
    };
    let due_at = DateTime::parse_from_rfc3339(parts.next()?).ok()?.to_utc();
    Some((urgent, due_at, CallbackId::parse("page_token", parts.next()?).ok()?))
}
