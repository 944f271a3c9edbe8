//! What stands beside call-backs: numbers to be checked, how a client may be rung, history, letters.

use super::{message, read};
use crate::convert::said;
use crate::doors::CallbackDoor;
use crate::paging::Page;
use crate::{convert, pb};
use startline_foundation::error::Result;
use startline_foundation::ids::{CallbackId, ClientId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::callbacks::{self, Attempt, ContactFlags, Event};

impl CallbackDoor {
    pub async fn correct_number(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::CorrectNumberRequest,
    ) -> Result<pb::CorrectNumberResponse> {
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let definition = self.0.definitions.current();
        let (phone, sure) = (&asked.phone, asked.number_confirmed);
        let callback = callbacks::correct_number(db, context, definition, id, phone, sure).await?;
        let read_back = callback.phone.grouped();
        let callback = Some(message::one(db, &callback, context.now).await?);
        Ok(pb::CorrectNumberResponse { callback, read_back })
    }

    pub async fn list_callbacks(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListCallbacksRequest,
    ) -> Result<pb::ListCallbacksResponse> {
        let client = read::client(db, &asked.client_id).await?.id;
        let page = Page::of(&asked, 20, 100)?;
        let found = callbacks::of_client(db, client, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |last| (!last.is_open(), last.booked_at, last.id));
        let callbacks = message::messages(db, &found, context.now).await?;
        Ok(pb::ListCallbacksResponse { callbacks, next_page_token })
    }

    pub async fn list_number_checks(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListNumberChecksRequest,
    ) -> Result<pb::ListNumberChecksResponse> {
        let page = Page::of(&asked, 20, 100)?;
        let found = callbacks::list_number_checks(db, &context.user, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |last| last.id);
        Ok(pb::ListNumberChecksResponse {
            callbacks: message::messages(db, &found, context.now).await?,
            next_page_token,
        })
    }

    pub async fn list_visits_wanted(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListVisitsWantedRequest,
    ) -> Result<pb::ListVisitsWantedResponse> {
        let page = Page::of(&asked, 20, 100)?;
        let found = callbacks::list_visits_wanted(db, &context.user, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |last| (last.ended_at.unwrap_or(last.booked_at), last.id));
        Ok(pb::ListVisitsWantedResponse {
            callbacks: message::messages(db, &found, context.now).await?,
            next_page_token,
        })
    }

    pub async fn set_contact_flags(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::SetContactFlagsRequest,
    ) -> Result<pb::SetContactFlagsResponse> {
        let id = ClientId::parse("client_id", &asked.client_id)?;
        let flags = ContactFlags {
            do_not_call: said("do_not_call", asked.do_not_call)?,
            instead: asked.instead,
            number_check: said("number_check", asked.number_check)?,
        };
        let (flags, stand) = callbacks::set_contact_flags(db, context, id, flags).await?;
        Ok(pb::SetContactFlagsResponse {
            do_not_call: flags.do_not_call,
            instead: flags.instead,
            number_check: flags.number_check,
            callbacks: message::messages(db, &stand, context.now).await?,
        })
    }

    pub async fn get_callback(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetCallbackRequest,
    ) -> Result<pb::GetCallbackResponse> {
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let history = callbacks::history(db, id).await?;
        let callback = message::one(db, &history.callback, context.now).await?;
        Ok(pb::GetCallbackResponse {
            callback: Some(callback),
            events: history.events.into_iter().map(event).collect(),
            attempts: history.attempts.into_iter().map(attempt).collect(),
        })
    }

    pub async fn list_callback_letters(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListCallbackLettersRequest,
    ) -> Result<pb::ListCallbackLettersResponse> {
        let page = Page::of(&asked, 20, 100)?;
        let found = callbacks::list_letters(db, context.site()?, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |(last, _)| (last.owed_at, last.callback_id));
        let mut letters = Vec::with_capacity(found.len());
        for (letter, callback) in &found {
            letters.push(pb::CallbackLetter {
                callback: Some(message::one(db, callback, context.now).await?),
                start_time: letter.time.map(|(start, _)| convert::timestamp(start)),
                end_time: letter.time.map(|(_, end)| convert::timestamp(end)),
                owed_time: Some(convert::timestamp(letter.owed_at)),
            });
        }
        Ok(pb::ListCallbackLettersResponse { letters, next_page_token })
    }

    pub async fn record_callback_letter(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RecordCallbackLetterRequest,
    ) -> Result<pb::RecordCallbackLetterResponse> {
        let id = CallbackId::parse("callback_id", &asked.callback_id)?;
        let definition = self.0.definitions.current();
        let callback = callbacks::record_letter(db, context, definition, id).await?;
        let callback = Some(message::one(db, &callback, context.now).await?);
        Ok(pb::RecordCallbackLetterResponse { callback })
    }
}

fn event(event: Event) -> pb::CallbackEvent {
    let words = event.what.words();
    pb::CallbackEvent {
        event: words.event.to_owned(),
        reason: words.reason.to_owned(),
        note: words.note.to_owned(),
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
    db: &mut startline_foundation::store::Db<'_>,
    clients: &[startline_rooms::clients::Client],
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
