//! What stands beside call-backs: numbers to be checked, how a client may be rung, history, letters.

use super::{Answer, CallbackDoor, message, read};
use crate::callbacks::{self, Attempt, ContactFlags, Event};
use crate::error::Result;
use crate::grpc::mutation::{begin, retrying};
use crate::grpc::{convert, gate, pb};
use crate::ids::{CallbackId, ClientId};
use tonic::{Request, Response};

impl CallbackDoor {
    pub(super) async fn correct(
        &self,
        request: Request<pb::CorrectNumberRequest>,
    ) -> Answer<pb::CorrectNumberResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let (phone, sure) = (&asked.phone, asked.number_confirmed);
        let callback = callbacks::correct_number(db, &mutation.context, definition, id, phone, sure).await?;
        let read_back = callback.phone.grouped();
        let callback = Some(message::one(db, &callback, mutation.context.now).await?);
        let answer = mutation.finish(pb::CorrectNumberResponse { callback, read_back }).await?;
        self.changed().await;
        Ok(answer)
    }

    pub(super) async fn number_checks(
        &self,
        request: Request<pb::ListNumberChecksRequest>,
    ) -> Answer<pb::ListNumberChecksResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(CallbackId::parse("page_token", token).map_err(|_| convert::bad_token())?),
        };
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let mut found = callbacks::list_number_checks(db, &context.user, after, size + 1).await?;
        let more = found.len() > usize::try_from(size).unwrap_or(0);
        found.truncate(usize::try_from(size).unwrap_or(0));
        let next = found.last().filter(|_| more).map(|last| last.id.to_string());
        Ok(Response::new(pb::ListNumberChecksResponse {
            callbacks: message::messages(db, &found, context.now).await?,
            next_page_token: next.unwrap_or_default(),
        }))
    }

    pub(super) async fn flags(
        &self,
        request: Request<pb::SetContactFlagsRequest>,
    ) -> Answer<pb::SetContactFlagsResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = ClientId::parse("client_id", &asked.client_id)?;
        let flags =
            ContactFlags { do_not_call: asked.do_not_call, instead: asked.instead, number_check: asked.number_check };
        let db = &mut mutation.tx.db();
        let (flags, stand) = callbacks::set_contact_flags(db, &mutation.context, id, flags).await?;
        let answer = pb::SetContactFlagsResponse {
            do_not_call: flags.do_not_call,
            instead: flags.instead,
            number_check: flags.number_check,
            callbacks: message::messages(db, &stand, mutation.context.now).await?,
        };
        let answer = mutation.finish(answer).await?;
        self.changed().await;
        Ok(answer)
    }

    pub(super) async fn get(&self, request: Request<pb::GetCallbackRequest>) -> Answer<pb::GetCallbackResponse> {
        let id = CallbackId::parse("callback_id", &request.get_ref().callback_id)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let history = callbacks::history(db, id).await?;
        let callback = message::one(db, &history.callback, self.0.clock.now()).await?;
        Ok(Response::new(pb::GetCallbackResponse {
            callback: Some(callback),
            events: history.events.into_iter().map(event).collect(),
            attempts: history.attempts.into_iter().map(attempt).collect(),
        }))
    }

    pub(super) async fn letters(
        &self,
        request: Request<pb::ListCallbackLettersRequest>,
    ) -> Answer<pb::ListCallbackLettersResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let after = read::time_and_id(&asked.page_token)?;
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let mut found = callbacks::list_letters(db, context.site()?, after, size + 1).await?;
        let more = found.len() > usize::try_from(size).unwrap_or(0);
        found.truncate(usize::try_from(size).unwrap_or(0));
        let token = |last: &callbacks::Letter| format!("{}_{}", last.owed_at.to_rfc3339(), last.callback_id);
        let next = found.last().filter(|_| more).map(|(last, _)| token(last));
        let mut letters = Vec::with_capacity(found.len());
        for (letter, callback) in &found {
            letters.push(pb::CallbackLetter {
                callback: Some(message::one(db, callback, context.now).await?),
                start_time: letter.time.map(|(start, _)| convert::timestamp(start)),
                end_time: letter.time.map(|(_, end)| convert::timestamp(end)),
                owed_time: Some(convert::timestamp(letter.owed_at)),
            });
        }
        let next_page_token = next.unwrap_or_default();
        Ok(Response::new(pb::ListCallbackLettersResponse { letters, next_page_token }))
    }

    pub(super) async fn letter_sent(
        &self,
        request: Request<pb::RecordCallbackLetterRequest>,
    ) -> Answer<pb::RecordCallbackLetterResponse> {
        retrying(|| self.letter_sent_once(&request)).await
    }

    async fn letter_sent_once(
        &self,
        request: &Request<pb::RecordCallbackLetterRequest>,
    ) -> Answer<pb::RecordCallbackLetterResponse> {
        let mut mutation = begin!(&self.0, request);
        let id = CallbackId::parse("callback_id", &request.get_ref().callback_id)?;
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let callback = callbacks::record_letter(db, &mutation.context, definition, id).await?;
        let callback = Some(message::one(db, &callback, mutation.context.now).await?);
        mutation.finish(pb::RecordCallbackLetterResponse { callback }).await
    }
}

fn event(event: Event) -> pb::CallbackEvent {
    pb::CallbackEvent {
        event: event.event,
        reason: event.reason,
        note: event.note,
        start_time: Some(convert::timestamp(event.starts_at)),
        event_time: Some(convert::timestamp(event.at)),
        user_id: event.by.to_string(),
    }
}

fn attempt(attempt: Attempt) -> pb::CallbackAttempt {
    pb::CallbackAttempt {
        number: u32::try_from(attempt.number).unwrap_or(0),
        adviser_id: attempt.by.to_string(),
        start_time: Some(convert::timestamp(attempt.started_at)),
        end_time: attempt.ended_at.map(convert::timestamp),
        outcome: attempt.outcome,
        note: attempt.note,
    }
}

/// The client's open call-backs, for a screen that must not wait for them.
pub async fn open_of_clients(
    db: &mut crate::store::Db<'_>,
    clients: &[crate::clients::Client],
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<pb::Callback>> {
    let mut open = Vec::new();
    for client in clients {
        for callback in callbacks::open_of_client(db, client.id).await? {
            open.push(message::named(db, &callback, client, now).await?);
        }
    }
    Ok(open)
}
