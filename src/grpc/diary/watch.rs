//! The reception and the personal adviser see a day as it changes: at once what goes through this server, within seconds
//! the rest.

use super::finding::known_office;
use super::message::{self, parse_day};
use crate::call::{Answers, Call};
use crate::doors::DiaryDoor;
use crate::pb;
use crate::watch::Look;
use chrono::NaiveDate;
use futures_util::FutureExt;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::formats::Language;
use startline_foundation::ids::{OfficeId, UserId};
use startline_rooms::access::{AtOffices, at_offices};
use startline_rooms::diary;
use startline_service::Service;
use std::sync::Arc;
use std::time::Duration;

/// How often a watched day is read again, for what another process changed.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// More appointments than an office has on a day.
const MOST: i32 = 1_000;

/// Whose day is watched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum DayOf {
    Office(OfficeId),
    Person(UserId),
}

/// A day as somebody reads it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DayView {
    whose: DayOf,
    day: NaiveDate,
    language: Language,
    /// Of somebody else's day, what is not another office's.
    seen: Option<AtOffices>,
}

impl DiaryDoor {
    pub async fn watch_day(&self, call: Call<pb::WatchDayRequest>) -> Result<Answers<pb::WatchDayResponse>> {
        let (context, asked) = (call.context(), &call.asked);
        let definition = self.0.definitions.current();
        let day = match asked.day.as_str() {
            "" => definition.calendar.local_date(context.now),
            text => parse_day("day", text)?,
        };
        let whose = match (asked.office_id.as_str(), asked.personal_adviser_id.as_str()) {
            ("", "") => return Err(Error::invalid("office_id", "is needed, or personal_adviser_id")),
            ("", id) => DayOf::Person(UserId::parse("personal_adviser_id", id)?),
            (office, _) => DayOf::Office(known_office(definition, office)?),
        };
        let view = DayView { whose, day, language: context.language, seen: at_offices(&context.user) };
        let look = || {
            let (service, view) = (self.0.clone(), view.clone());
            let topic = match &view.whose {
                DayOf::Office(office) => Topic::Office(office.clone()),
                DayOf::Person(person) => Topic::Person(*person),
            };
            let read = move || read(service.clone(), view.clone()).boxed();
            Look { topics: vec![topic], every: LOOK_AGAIN, read: Box::new(read) }
        };
        self.1.days.look(&self.0, view.clone(), look, say).await
    }
}

async fn read(service: Arc<Service>, view: DayView) -> Result<pb::Day> {
    let definition = service.definitions.current();
    let mut snapshot = service.read().await?;
    let db = &mut snapshot.db();
    let found = match &view.whose {
        DayOf::Office(office) => diary::list_day(db, definition, office, view.day, None, MOST).await?,
        DayOf::Person(person) => diary::day_of_person(db, definition, *person, view.day, view.seen.as_ref()).await?,
    };
    let appointments = message::appointments(db, definition, &found, view.language).await?;
    Ok(pb::Day { day: view.day.to_string(), appointments })
}

fn say(day: Option<pb::Day>) -> pb::WatchDayResponse {
    use pb::watch_day_response::Event;
    pb::WatchDayResponse { event: Some(day.map_or(Event::Stopping(pb::Stopping {}), Event::Day)) }
}
