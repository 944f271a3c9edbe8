//! The reception and the personal adviser see a day as it changes: at once what goes through this server, within seconds
//! the rest.

use super::finding::known_office;
use super::message::{self, parse_day};
use super::{Answered, DayStream, DiaryDoor};
use crate::diary::{self, Appointment};
use crate::error::{Error, Result};
use crate::formats::Language;
use crate::grpc::{Shared, gate, pb};
use crate::ids::{OfficeId, UserId};
use crate::watching::Watch;
use chrono::NaiveDate;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};

/// How often a watched day is read again, for what another process changed.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// More appointments than an office has on a day.
const MOST: i32 = 1_000;

/// Whose day is watched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum DayOf {
    Office(OfficeId),
    Person(UserId),
}

type Screen = mpsc::Sender<Result<pb::WatchDayResponse, Status>>;

impl DiaryDoor {
    pub(super) async fn watch(&self, request: Request<pb::WatchDayRequest>) -> Answered<DayStream> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let definition = self.0.definitions.current();
        let day = match asked.day.as_str() {
            "" => definition.calendar.local_date(context.now),
            text => parse_day("day", text)?,
        };
        let whose = match (asked.office_id.as_str(), asked.personal_adviser_id.as_str()) {
            ("", "") => return Err(Error::invalid("office_id", "is needed, or personal_adviser_id").into()),
            ("", id) => DayOf::Person(UserId::parse("personal_adviser_id", id)?),
            (office, _) => DayOf::Office(known_office(definition, office)?),
        };
        // Before the first reading, so that nothing falls between.
        let watch = self.0.day_watchers.watch(whose.clone());
        let view = View { whose, day, language: context.language };
        let first = view.read(&self.0).await?;
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(show(self.0.clone(), view, watch, first, sender));
        Ok(Response::new(Box::pin(tokio_stream::wrappers::ReceiverStream::new(receiver))))
    }

    /// Tells whoever looks at the appointment's day, or at its claim.
    pub(in crate::grpc) fn changed(&self, appointment: &Appointment) {
        self.0.day_watchers.changed(DayOf::Office(appointment.office.clone()));
        self.person_changed(appointment.personal_adviser);
        self.0.watchers.changed(appointment.claim_id);
        if appointment.sequence > 0 {
            // It was moved or cancelled: its former time may serve somebody.
            self.0.time_freed.notify_one();
        }
    }

    pub(super) fn person_changed(&self, person: UserId) {
        self.0.day_watchers.changed(DayOf::Person(person));
    }
}

struct View {
    whose: DayOf,
    day: NaiveDate,
    language: Language,
}

impl View {
    async fn read(&self, shared: &Shared) -> Result<pb::Day> {
        let definition = shared.definitions.current();
        let mut reader = shared.store.read().await?;
        let db = &mut reader.db();
        let found = match &self.whose {
            DayOf::Office(office) => diary::list_day(db, definition, office, self.day, None, MOST).await?,
            DayOf::Person(person) => diary::day_of_person(db, definition, *person, self.day).await?,
        };
        let appointments = message::appointments(db, definition, &found, self.language).await?;
        Ok(pb::Day { day: self.day.to_string(), appointments })
    }
}

/// Shows the day until the screen or the server is gone.
async fn show(shared: Arc<Shared>, view: View, mut watch: Watch<DayOf>, first: pb::Day, screen: Screen) {
    use pb::watch_day_response::Event;
    let say = |event| Ok(pb::WatchDayResponse { event: Some(event) });
    let mut shown = first.clone();
    if screen.send(say(Event::Day(first))).await.is_err() {
        return;
    }
    loop {
        tokio::select! {
            goes_on = watch.changed() => if !goes_on {
                break;
            },
            () = shared.clock.next_tick(LOOK_AGAIN) => {}
            () = screen.closed() => return,
        }
        match view.read(&shared).await {
            Ok(now) if now != shown => {
                shown = now.clone();
                if screen.send(say(Event::Day(now))).await.is_err() {
                    return;
                }
            }
            Ok(_) => {}
            // The database may be away for a moment; the next look will tell.
            Err(fault) => tracing::warn!(%fault, "a day that is watched could not be read"),
        }
    }
    let _ = screen.send(say(Event::Stopping(pb::Stopping {}))).await;
}
