//! `CallbackService`.

use super::mutation::{begin, retrying};
use super::{Shared, clients as client_door, convert, gate, pb};
use crate::access;
use crate::callbacks::{self, Booking, Callback, FreeSlot, MissedCaller, Outcome, State};
use crate::clients::{self, Client, Search};
use crate::error::{Error, Result};
use crate::formats::UkPhone;
use crate::ids::{CallbackId, ClientId, MissedCallerId, UserId};
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
        let answer = retrying(|| self.book_once(&request)).await?;
        self.0.tell_commitments().await;
        Ok(answer)
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
            callback: Some(named(&mut mutation.tx.db(), &callback, &client).await?),
            client: Some(client_door::message(&client)),
        };
        let answer = mutation.finish(answer).await?;
        self.0.start_outbound(adviser, id);
        self.0.tell_commitments().await;
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
        let callback = named(&mut mutation.tx.db(), &callback, &client).await?;
        let answer = pb::RecordAttemptResponse { callback: Some(callback) };
        let answer = mutation.finish(answer).await?;
        self.0.end_outbound(adviser, id);
        self.0.tell_commitments().await;
        Ok(answer)
    }

    async fn list_missed_callers(
        &self,
        request: Request<pb::ListMissedCallersRequest>,
    ) -> Result<Response<pb::ListMissedCallersResponse>, Status> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(missed_token(token).ok_or_else(convert::bad_token)?),
        };
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let mut missed = callbacks::list_missed(db, context.site()?, after, size + 1).await?;
        let wanted = usize::try_from(size).unwrap_or(0);
        let more = missed.len() > wanted;
        missed.truncate(wanted);
        let next = missed.last().filter(|_| more).map(|last| format!("{}_{}", last.first_at.to_rfc3339(), last.id));
        let mut missed_callers = Vec::with_capacity(missed.len());
        for caller in &missed {
            missed_callers.push(missed_message(db, caller).await?);
        }
        Ok(Response::new(pb::ListMissedCallersResponse { missed_callers, next_page_token: next.unwrap_or_default() }))
    }

    async fn close_missed_caller(
        &self,
        request: Request<pb::CloseMissedCallerRequest>,
    ) -> Result<Response<pb::CloseMissedCallerResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = MissedCallerId::parse("missed_caller_id", &asked.missed_caller_id)?;
        let db = &mut mutation.tx.db();
        let missed = callbacks::close_missed(db, &mutation.context, id, &asked.outcome).await?;
        let missed_caller = Some(missed_message(db, &missed).await?);
        mutation.finish(pb::CloseMissedCallerResponse { missed_caller }).await
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
            owner: match asked.adviser_id.as_str() {
                "" => None,
                id => Some(UserId::parse("adviser_id", id)?),
            },
        };
        let definition = self.0.definitions.current();
        let callback = callbacks::book(&mut mutation.tx.db(), &mutation.context, definition, &booking).await?;
        let client = clients::get(&mut mutation.tx.db(), callback.client_id).await?;
        let callback = named(&mut mutation.tx.db(), &callback, &client).await?;
        mutation.finish(pb::BookCallbackResponse { callback: Some(callback) }).await
    }
}

fn time_token(token: &str) -> Result<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(token).map(|at| at.to_utc()).map_err(|_| convert::bad_token())
}

fn due_token(token: &str) -> Option<(DateTime<Utc>, CallbackId)> {
    let (due_at, id) = token.split_once('_')?;
    Some((time_token(due_at).ok()?, CallbackId::parse("page_token", id).ok()?))
}

fn missed_token(token: &str) -> Option<(DateTime<Utc>, MissedCallerId)> {
    let (first_at, id) = token.split_once('_')?;
    Some((time_token(first_at).ok()?, MissedCallerId::parse("page_token", id).ok()?))
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

/// Known clients shown with a missed caller: a shared telephone may have several.
const KNOWN_SHOWN: i32 = 5;

async fn missed_message(db: &mut Db<'_>, missed: &MissedCaller) -> Result<pb::MissedCaller> {
    let phone = UkPhone::parse(&missed.phone).ok();
    let known = match &phone {
        Some(phone) => {
            let search = Search { phone: Some(phone.e164().to_owned()), ..Search::default() };
            clients::find(db, &search, None, KNOWN_SHOWN).await?
        }
        None => Vec::new(),
    };
    Ok(pb::MissedCaller {
        missed_caller_id: missed.id.to_string(),
        site_id: missed.site.to_string(),
        phone: missed.phone.clone(),
        phone_grouped: phone.map_or_else(|| missed.phone.clone(), |phone| phone.grouped()),
        first_time: Some(convert::timestamp(missed.first_at)),
        last_time: Some(convert::timestamp(missed.last_at)),
        times: u32::try_from(missed.times).unwrap_or(0),
        known_clients: known.iter().map(client_door::message).collect(),
    })
}

/// The call-backs with their clients' names.
pub async fn messages(db: &mut Db<'_>, callbacks: &[Callback]) -> Result<Vec<pb::Callback>> {
    let ids: Vec<ClientId> = callbacks.iter().map(|callback| callback.client_id).collect();
    let clients = clients::get_all(db, &ids).await?;
    let mut messages = Vec::with_capacity(callbacks.len());
    for callback in callbacks {
        if let Some(client) = clients.iter().find(|client| client.id == callback.client_id) {
            messages.push(named(db, callback, client).await?);
        }
    }
    Ok(messages)
}

/// The call-back with its client's and its owner's name.
async fn named(db: &mut Db<'_>, callback: &Callback, client: &Client) -> Result<pb::Callback> {
    let owner_name = match callback.owner {
        Some(owner) => access::user(db, owner).await?.name,
        None => String::new(),
    };
    Ok(pb::Callback { adviser_name: owner_name, ..message(callback, client) })
}

fn message(callback: &Callback, client: &Client) -> pb::Callback {
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
        adviser_id: callback.owner.map(|owner| owner.to_string()).unwrap_or_default(),
        first_contact_time: Some(convert::timestamp(callback.first_contact_at)),
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
