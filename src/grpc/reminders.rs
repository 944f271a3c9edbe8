//! `ReminderService`.

use super::{convert, pb};
use crate::convert::said;
use crate::doors::ReminderDoor;
use crate::mirrors::{needed, shown};
use crate::paging::{Key, Page};
use startline_foundation::error::Result;
use startline_foundation::ids::{AppointmentId, ClientId, ReminderId};
use startline_foundation::store::Db;
use startline_rooms::access::{Context, at_offices};
use startline_rooms::reminders::{self, CallToMake, Reminder, State};

impl ReminderDoor {
    pub async fn list_reminders(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListRemindersRequest,
    ) -> Result<pb::ListRemindersResponse> {
        let appointment = AppointmentId::parse("appointment_id", &asked.appointment_id)?;
        let page = Page::of(&asked, 20, 100)?;
        let found = reminders::list(db, context, appointment, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |last| last.id);
        Ok(pb::ListRemindersResponse {
            reminders: found.iter().map(message).collect(),
            next_page_token,
            sending: self.0.outside.sends_reminders,
        })
    }

    pub async fn list_reminder_calls(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListReminderCallsRequest,
    ) -> Result<pb::ListReminderCallsResponse> {
        let page = Page::of(&asked, 20, 100)?;
        let definition = self.0.definitions.current();
        let seen = at_offices(&context.user);
        let whose = (context.site()?, seen.as_ref());
        let (calls, next) = reminders::calls(db, definition, whose, page.after, page.size(), context.now).await?;
        let next_page_token = next.map(|last| last.write()).unwrap_or_default();
        let calls = calls.iter().map(call_message).collect();
        Ok(pb::ListReminderCallsResponse { calls, next_page_token })
    }

    pub async fn record_reminder_call(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RecordReminderCallRequest,
    ) -> Result<pb::RecordReminderCallResponse> {
        let id = ReminderId::parse("reminder_id", &asked.reminder_id)?;
        let why = "is needed: what came of the call?";
        let outcome = needed::<pb::ReminderCallOutcome>("outcome", asked.outcome, why)?;
        let reminder = reminders::record_call(db, context, id, outcome).await?;
        Ok(pb::RecordReminderCallResponse { reminder: Some(message(&reminder)) })
    }

    pub async fn set_reminder_preference(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::SetReminderPreferenceRequest,
    ) -> Result<pb::SetReminderPreferenceResponse> {
        let client = ClientId::parse("client_id", &asked.client_id)?;
        let why = "is needed: call, text or letter";
        let channel = needed::<pb::ReminderChannel>("channel", asked.channel, why)?;
        let wanted = said("wanted", asked.wanted)?;
        let refused = reminders::set_preference(db, context, client, channel, wanted).await?;
        Ok(pb::SetReminderPreferenceResponse {
            refused: refused.into_iter().map(shown::<pb::ReminderChannel>).collect(),
        })
    }

    pub async fn get_reminder_preferences(
        &self,
        db: &mut Db<'_>,
        _: &Context,
        asked: pb::GetReminderPreferencesRequest,
    ) -> Result<pb::GetReminderPreferencesResponse> {
        let client = ClientId::parse("client_id", &asked.client_id)?;
        let refused = reminders::refused_channels(db, client).await?;
        let refused = refused.into_iter().map(shown::<pb::ReminderChannel>).collect();
        Ok(pb::GetReminderPreferencesResponse { refused })
    }
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
    pb::Reminder {
        reminder_id: reminder.id.to_string(),
        appointment_id: reminder.appointment_id.to_string(),
        channel: shown::<pb::ReminderChannel>(reminder.channel),
        state: state.into(),
        reason,
        outcome: outcome.map(shown::<pb::ReminderCallOutcome>).unwrap_or_default(),
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
        phone_grouped: phone.map(startline_foundation::formats::UkPhone::grouped).unwrap_or_default(),
        words: call.words.clone(),
        language: call.client.facts.talk_language.as_str().to_owned(),
        appointment_time: Some(convert::timestamp(call.appointment.starts_at)),
        office_id: call.appointment.office.to_string(),
        contact: Some(crate::clients::contact(&call.client.facts.contact)),
    }
}
