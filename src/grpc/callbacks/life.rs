//! Making a call-back, and what else becomes of one.

use super::{message, read};
use crate::doors::CallbackDoor;
use crate::paging::Page;
use crate::{clients as client_door, convert, pb};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, CallbackId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::callbacks::{self, Move, To};
use startline_rooms::clients;
use startline_service::use_cases::taking_over::take_over_callback;

impl CallbackDoor {
    pub async fn list_due_callbacks(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListDueCallbacksRequest,
    ) -> Result<pb::ListDueCallbacksResponse> {
        let page = Page::of(&asked, 20, 100)?;
        let (definition, now) = (self.0.definitions.current(), context.now);
        context.site()?;
        let due = callbacks::list_due(db, definition, &context.user, now, page.after, page.most()).await?;
        let (due, next_page_token) = page.cut(due, |last| (last.urgent, last.due_at, last.id));
        Ok(pb::ListDueCallbacksResponse { callbacks: message::messages(db, &due, now).await?, next_page_token })
    }

    pub async fn start_attempt(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::StartAttemptRequest,
    ) -> Result<pb::StartAttemptResponse> {
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let definition = self.0.definitions.current();
        let callback = callbacks::start_attempt(db, context, definition, id).await?;
        let client = clients::get(db, callback.client_id).await?;
        Ok(pb::StartAttemptResponse {
            callback: Some(message::named(db, &callback, &client, context.now).await?),
            client: Some(client_door::message(context.sees, &client)),
        })
    }

    pub async fn record_attempt(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RecordAttemptRequest,
    ) -> Result<pb::RecordAttemptResponse> {
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let outcome = read::outcome(asked.outcome)?;
        let definition = self.0.definitions.current();
        let callback = callbacks::record_attempt(db, context, definition, id, outcome, &asked.note).await?;
        let callback = Some(message::one(db, &callback, context.now).await?);
        Ok(pb::RecordAttemptResponse { callback })
    }

    pub async fn park_callback(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ParkCallbackRequest,
    ) -> Result<pb::ParkCallbackResponse> {
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let until = convert::time("until_time", asked.until_time)?;
        let definition = self.0.definitions.current();
        let callback = callbacks::park(db, context, definition, id, until, &asked.reason).await?;
        let callback = Some(message::one(db, &callback, context.now).await?);
        Ok(pb::ParkCallbackResponse { callback })
    }

    pub async fn move_callback(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::MoveCallbackRequest,
    ) -> Result<pb::MoveCallbackResponse> {
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let client = callbacks::get(db, id).await?.client_id;
        let asked_for = Move {
            urgent: self.urgency(db, context, client).await?.is_some(),
            to: to(&asked)?,
            owner: read::optional_user("adviser_id", &asked.adviser_id)?,
            reason: asked.reason.clone(),
            wishes: asked.wishes.clone().map(|wishes| read::wishes(Some(wishes))).transpose()?,
        };
        let definition = self.0.definitions.current();
        let callback = callbacks::move_callback(db, context, definition, id, &asked_for).await?;
        let callback = Some(message::one(db, &callback, context.now).await?);
        Ok(pb::MoveCallbackResponse { callback })
    }

    pub async fn cancel_callback(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::CancelCallbackRequest,
    ) -> Result<pb::CancelCallbackResponse> {
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let reason = read::cancel_reason(asked.reason)?;
        let callback = callbacks::cancel(db, context, id, reason, &asked.note).await?;
        let callback = Some(message::one(db, &callback, context.now).await?);
        Ok(pb::CancelCallbackResponse { callback })
    }

    pub async fn take_over_callback(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::TakeOverCallbackRequest,
    ) -> Result<pb::TakeOverCallbackResponse> {
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let call = CallId::parse("call_id", &asked.call_id)?;
        let callback = take_over_callback(db, context, &self.0.switchboard, id, call).await?;
        let callback = Some(message::one(db, &callback, context.now).await?);
        Ok(pb::TakeOverCallbackResponse { callback })
    }

    pub async fn assign_callback(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::AssignCallbackRequest,
    ) -> Result<pb::AssignCallbackResponse> {
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let adviser = UserId::parse("adviser_id", &asked.adviser_id)?;
        let callback = callbacks::assign(db, context, id, adviser).await?;
        let callback = Some(message::one(db, &callback, context.now).await?);
        Ok(pb::AssignCallbackResponse { callback })
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
