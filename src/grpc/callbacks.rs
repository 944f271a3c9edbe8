//! `CallbackService`.

use super::mutation::{begin, retrying};
use super::{Shared, clients as client_door, convert, gate, pb};
use crate::callbacks::{self, Booking, Callback, FreeSlot, Outcome, State};
use crate::clients::{self, Client};
use crate::error::{Error, Result};
use crate::ids::{CallbackId, ClientId};
use crate::store::Db;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct CallbackDoor(pub Arc<Shared>);

#[tonic::async_trait]
impl pb::callback_service_server::CallbackService for CallbackDoor {
    async fn offer_callback_slots(
        &self,
        request: Request<pb::OfferCallbackSlotsRequest>,
    ) -> Result<Response<pb::OfferCallbackSlotsResponse>, Status> {
        let asked = request.into_inner();
        let now = self.0.clock.now();
        let id = ClientId::parse("client_id", &asked.client_id)?;
        let size = convert::page_size(asked.page_size, 3, 50)?;
        let wished = convert::optional_time("not_before_time", asked.not_before_time)?.unwrap_or(now);
        let not_before = match asked.page_token.as_str() {
            "" => wished,
            token => time_token(token)?,
        };
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let site = clients::get(db, id).await?.home_site;
        let definition = self.0.definitions.current();
        let wanted = usize::try_from(size).unwrap_or(0);
        let mut slots = callbacks::offer_slots(db, definition, &site, not_before, now, wanted + 1).await?;
        let next = slots.get(wanted).map(|slot| slot.start.to_rfc3339());
        slots.truncate(wanted);
        Ok(Response::new(pb::OfferCallbackSlotsResponse {
            site_id: site.to_string(),
            slots: slots.iter().map(slot_message).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn book_callback(
        &self,
        request: Request<pb::BookCallbackRequest>,
    ) -> Result<Response<pb::BookCallbackResponse>, Status> {
        retrying(|| self.book_once(&request)).await
    }

    async fn list_due_callbacks(
        &self,
        request: Request<pb::ListDueCallbacksRequest>,
    ) -> Result<Response<pb::ListDueCallbacksResponse>, Status> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(due_token(token).ok_or_else(convert::bad_token)?),
        };
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let mut due = callbacks::list_due(db, context.site()?, context.now, after, size + 1).await?;
        let wanted = usize::try_from(size).unwrap_or(0);
        let more = due.len() > wanted;
        due.truncate(wanted);
        let next = due.last().filter(|_| more).map(|last| format!("{}_{}", last.due_at.to_rfc3339(), last.id));
        Ok(Response::new(pb::ListDueCallbacksResponse {
            callbacks: messages(db, &due).await?,
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn start_attempt(
        &self,
        request: Request<pb::StartAttemptRequest>,
    ) -> Result<Response<pb::StartAttemptResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let id = CallbackId::parse("callback_id", &request.get_ref().callback_id)?;
        let adviser = mutation.context.user.id;
        let callback = callbacks::start_attempt(&mut mutation.tx.db(), &mutation.context, id).await?;
        let client = clients::get(&mut mutation.tx.db(), callback.client_id).await?;
        let answer = pb::StartAttemptResponse {
            callback: Some(message(&callback, &client)),
            client: Some(client_door::message(&client)),
        };
        let answer = mutation.finish(answer).await?;
        self.0.start_outbound(adviser, id);
        Ok(answer)
    }

    async fn record_attempt(
        &self,
        request: Request<pb::RecordAttemptRequest>,
    ) -> Result<Response<pb::RecordAttemptResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let outcome = outcome(asked.outcome)?;
        let adviser = mutation.context.user.id;
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let callback = callbacks::record_attempt(db, &mutation.context, definition, id, outcome, &asked.note).await?;
        let client = clients::get(&mut mutation.tx.db(), callback.client_id).await?;
        let answer = pb::RecordAttemptResponse { callback: Some(message(&callback, &client)) };
        let answer = mutation.finish(answer).await?;
        self.0.end_outbound(adviser, id);
        Ok(answer)
    }
    async fn list_missed_callers(
        &self,
        _request: Request<pb::ListMissedCallersRequest>,
    ) -> Result<Response<pb::ListMissedCallersResponse>, Status> {
        Err(Status::unimplemented("comes with this issue"))
    }

    async fn close_missed_caller(
        &self,
        _request: Request<pb::CloseMissedCallerRequest>,
    ) -> Result<Response<pb::CloseMissedCallerResponse>, Status> {
        Err(Status::unimplemented("comes with this issue"))
    }
}

impl CallbackDoor {
    async fn book_once(
        &self,
        request: &Request<pb::BookCallbackRequest>,
    ) -> Result<Response<pb::BookCallbackResponse>, Status> {
        let mut mutation = begin!(&self.0, request);
        let asked = request.get_ref();
        let booking = Booking {
            client_id: ClientId::parse("client_id", &asked.client_id)?,
            start: convert::time("start_time", asked.start_time)?,
            phone: asked.phone.clone(),
            urgent: asked.urgent,
            note: asked.note.clone(),
        };
        let definition = self.0.definitions.current();
        let callback = callbacks::book(&mut mutation.tx.db(), &mutation.context, definition, &booking).await?;
        let client = clients::get(&mut mutation.tx.db(), callback.client_id).await?;
        mutation.finish(pb::BookCallbackResponse { callback: Some(message(&callback, &client)) }).await
    }
}

fn time_token(token: &str) -> Result<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(token).map(|at| at.to_utc()).map_err(|_| convert::bad_token())
}

fn due_token(token: &str) -> Option<(DateTime<Utc>, CallbackId)> {
    let (due_at, id) = token.split_once('_')?;
    Some((time_token(due_at).ok()?, CallbackId::parse("page_token", id).ok()?))
}

fn outcome(given: i32) -> Result<Outcome> {
    Ok(match pb::AttemptOutcome::try_from(given) {
        Ok(pb::AttemptOutcome::Reached) => Outcome::Reached,
        Ok(pb::AttemptOutcome::NoReply) => Outcome::NoReply,
        Ok(pb::AttemptOutcome::WrongNumber) => Outcome::WrongNumber,
        Ok(pb::AttemptOutcome::Refused) => Outcome::Refused,
        Ok(pb::AttemptOutcome::FaceToFace) => Outcome::FaceToFace,
        Ok(pb::AttemptOutcome::Unspecified) | Err(_) => {
            return Err(Error::invalid("outcome", "is needed: how did the try end?"));
        }
    })
}

fn slot_message(slot: &FreeSlot) -> pb::CallbackSlot {
    pb::CallbackSlot {
        start_time: Some(convert::timestamp(slot.start)),
        end_time: Some(convert::timestamp(slot.end)),
        free_places: u32::try_from(slot.free_places).unwrap_or(0),
    }
}

/// The call-backs with their clients' names.
pub async fn messages(db: &mut Db<'_>, callbacks: &[Callback]) -> Result<Vec<pb::Callback>> {
    let ids: Vec<ClientId> = callbacks.iter().map(|callback| callback.client_id).collect();
    let clients = clients::get_all(db, &ids).await?;
    let named = callbacks.iter().filter_map(|callback| {
        let client = clients.iter().find(|client| client.id == callback.client_id)?;
        Some(message(callback, client))
    });
    Ok(named.collect())
}

pub fn message(callback: &Callback, client: &Client) -> pb::Callback {
    pb::Callback {
        callback_id: callback.id.to_string(),
        client_id: callback.client_id.to_string(),
        client_name: client.full_name(),
        site_id: callback.site.to_string(),
        start_time: Some(convert::timestamp(callback.starts_at)),
        end_time: Some(convert::timestamp(callback.ends_at)),
        phone: callback.phone.e164().to_owned(),
        phone_grouped: callback.phone.grouped(),
        state: state(callback.state).into(),
        urgent: callback.urgent,
        note: callback.note.clone(),
        attempts: u32::try_from(callback.attempts).unwrap_or(0),
        due_time: Some(convert::timestamp(callback.due_at)),
        ..pb::Callback::default()
    }
}

fn state(state: State) -> pb::CallbackState {
    match state {
        State::Booked => pb::CallbackState::Booked,
        State::Attempting(_) => pb::CallbackState::Attempting,
        State::Reached => pb::CallbackState::Reached,
        State::NoReply => pb::CallbackState::NoReply,
        State::WrongNumber => pb::CallbackState::WrongNumber,
        State::Refused => pb::CallbackState::Refused,
        State::FaceToFace => pb::CallbackState::FaceToFace,
    }
}
