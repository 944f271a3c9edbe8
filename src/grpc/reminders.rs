//! `ReminderService`.

use super::mutation::begin;
use super::{Shared, convert, gate, pb};
use crate::definition::Channel;
use crate::error::{Error, Result};
use crate::ids::{AppointmentId, ClientId, ReminderId};
use crate::reminders::{self, CallToMake, Outcome, Reminder, State};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct ReminderDoor(pub Arc<Shared>);

#[tonic::async_trait]
impl pb::reminder_service_server::ReminderService for ReminderDoor {
    async fn list_reminders(
        &self,
        request: Request<pb::ListRemindersRequest>,
    ) -> Result<Response<pb::ListRemindersResponse>, Status> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let appointment = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(ReminderId::parse("page_token", token).map_err(|_| convert::bad_token())?),
        };
        let mut reader = self.0.store.read().await?;
        let mut found = reminders::list(&mut reader.db(), &context, appointment, after, size + 1).await?;
        let wanted = usize::try_from(size).unwrap_or(0);
        let more = found.len() > wanted;
        found.truncate(wanted);
        let next = found.last().filter(|_| more).map(|last| last.id.to_string()).unwrap_or_default();
        Ok(Response::new(pb::ListRemindersResponse {
            reminders: found.iter().map(message).collect(),
            next_page_token: next,
            sending: self.0.outside.sends_reminders,
        }))
    }

    async fn list_reminder_calls(
        &self,
        request: Request<pb::ListReminderCallsRequest>,
    ) -> Result<Response<pb::ListReminderCallsResponse>, Status> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let after = call_token(&asked.page_token)?;
        let definition = self.0.definitions.current();
        let mut reader = self.0.store.read().await?;
        let site = context.site()?;
        let (calls, next) = reminders::calls(&mut reader.db(), definition, site, after, size, context.now).await?;
        let next = next.map(|(due_at, id)| format!("{}_{id}", due_at.timestamp_micros())).unwrap_or_default();
        let calls = calls.iter().map(call_message).collect();
        Ok(Response::new(pb::ListReminderCallsResponse { calls, next_page_token: next }))
    }

    async fn record_reminder_call(
        &self,
        request: Request<pb::RecordReminderCallRequest>,
    ) -> Result<Response<pb::RecordReminderCallResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = ReminderId::parse("reminder_id", &asked.reminder_id)?;
        let outcome = match pb::ReminderCallOutcome::try_from(asked.outcome) {
            Ok(pb::ReminderCallOutcome::Reached) => Outcome::Reached,
            Ok(pb::ReminderCallOutcome::NoReply) => Outcome::NoReply,
            Ok(pb::ReminderCallOutcome::WrongNumber) => Outcome::WrongNumber,
            _ => return Err(Error::invalid("outcome", "is needed: what came of the call?").into()),
        };
        let reminder = reminders::record_call(&mut mutation.tx.db(), &mutation.context, id, outcome).await?;
        mutation.finish(pb::RecordReminderCallResponse { reminder: Some(message(&reminder)) }).await
    }

    async fn set_reminder_preference(
        &self,
        request: Request<pb::SetReminderPreferenceRequest>,
    ) -> Result<Response<pb::SetReminderPreferenceResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let client = ClientId::parse("client_id", &asked.client_id)?;
        let channel = match pb::ReminderChannel::try_from(asked.channel) {
            Ok(pb::ReminderChannel::Call) => Channel::Call,
            Ok(pb::ReminderChannel::Text) => Channel::Text,
            Ok(pb::ReminderChannel::Letter) => Channel::Letter,
            _ => return Err(Error::invalid("channel", "is needed: call, text or letter").into()),
        };
        let db = &mut mutation.tx.db();
        let refused = reminders::set_preference(db, &mutation.context, client, channel, asked.wanted).await?;
        mutation.finish(pb::SetReminderPreferenceResponse { refused: refused.into_iter().map(shown).collect() }).await
    }

    async fn get_reminder_preferences(
        &self,
        request: Request<pb::GetReminderPreferencesRequest>,
    ) -> Result<Response<pb::GetReminderPreferencesResponse>, Status> {
        let client = ClientId::parse("client_id", &request.get_ref().client_id)?;
        let refused = reminders::refused_channels(&mut self.0.store.read().await?.db(), client).await?;
        let refused = refused.into_iter().map(shown).collect();
        Ok(Response::new(pb::GetReminderPreferencesResponse { refused }))
    }
}

fn call_token(token: &str) -> Result<Option<(DateTime<Utc>, ReminderId)>> {
    if token.is_empty() {
        return Ok(None);
    }
    let (micros, id) = token.split_once('_').ok_or_else(convert::bad_token)?;
    let at = micros.parse().ok().and_then(DateTime::from_timestamp_micros).ok_or_else(convert::bad_token)?;
    let id = ReminderId::parse("page_token", id).map_err(|_| convert::bad_token())?;
    Ok(Some((at, id)))
}

fn shown(channel: Channel) -> i32 {
    match channel {
        Channel::Call => pb::ReminderChannel::Call,
        Channel::Text => pb::ReminderChannel::Text,
        Channel::Letter => pb::ReminderChannel::Letter,
    }
    .into()
}

fn message(reminder: &Reminder) -> pb::Reminder {
    let (state, reason, outcome, settled_at) = match &reminder.state {
        State::Due { .. } => (pb::ReminderState::Due, String::new(), None, None),
        State::Sending { .. } => (pb::ReminderState::Sending, String::new(), None, None),
        State::Sent { .. } => (pb::ReminderState::Sent, String::new(), None, None),
        State::Delivered { at } => (pb::ReminderState::Delivered, String::new(), None, Some(*at)),
        State::Failed { why, at } => (pb::ReminderState::Failed, why.clone(), None, Some(*at)),
        State::Dropped { why, at } => (pb::ReminderState::Dropped, why.as_str().to_owned(), None, Some(*at)),
        State::Rung { outcome, at, .. } => (pb::ReminderState::Rung, String::new(), Some(*outcome), Some(*at)),
    };
    let outcome = match outcome {
        None => pb::ReminderCallOutcome::Unspecified,
        Some(Outcome::Reached) => pb::ReminderCallOutcome::Reached,
        Some(Outcome::NoReply) => pb::ReminderCallOutcome::NoReply,
        Some(Outcome::WrongNumber) => pb::ReminderCallOutcome::WrongNumber,
    };
    pb::Reminder {
        reminder_id: reminder.id.to_string(),
        appointment_id: reminder.appointment_id.to_string(),
        channel: shown(reminder.channel),
        state: state.into(),
        reason,
        outcome: outcome.into(),
        due_time: Some(convert::timestamp(reminder.due_at)),
        sent_time: reminder.sent_at.map(convert::timestamp),
        settled_time: settled_at.map(convert::timestamp),
        attempts: reminder.attempts,
    }
}

fn call_message(call: &CallToMake) -> pb::ReminderCall {
    let phone = call.client.facts.phone.as_ref();
    pb::ReminderCall {
        reminder: Some(message(&call.reminder)),
        client_id: call.client.id.to_string(),
        client_name: call.client.full_name(),
        phone: phone.map(|phone| phone.e164().to_owned()).unwrap_or_default(),
        phone_grouped: phone.map(crate::formats::UkPhone::grouped).unwrap_or_default(),
        words: call.words.clone(),
        appointment_time: Some(convert::timestamp(call.appointment.starts_at)),
        office_id: call.appointment.office.to_string(),
    }
}
