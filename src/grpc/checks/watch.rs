//! Whoever checks sees an office's list as it changes: at once what goes through this server, within seconds the rest.

use super::message::check_messages;
use crate::call::{Answers, Call};
use crate::diary::known_office;
use crate::doors::CheckDoor;
use crate::pb;
use crate::watch::Look;
use futures_util::FutureExt;
use startline_foundation::error::Result;
use startline_foundation::events::Topic;
use startline_foundation::ids::OfficeId;
use startline_rooms::checks;
use startline_service::Service;
use std::sync::Arc;
use std::time::Duration;

/// How often a watched list is read again: for what another process changed, and because minutes pass.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

impl CheckDoor {
    pub async fn watch_checks(&self, call: Call<pb::WatchChecksRequest>) -> Result<Answers<pb::WatchChecksResponse>> {
        let office = known_office(self.0.definitions.current(), &call.asked.office_id)?;
        let look = || {
            let (service, read_office) = (self.0.clone(), office.clone());
            let read = move || read(service.clone(), read_office.clone()).boxed();
            Look { topics: vec![Topic::Office(office.clone())], every: LOOK_AGAIN, read: Box::new(read) }
        };
        self.1.checks.look(&self.0, office.clone(), look, say).await
    }
}

async fn read(service: Arc<Service>, office: OfficeId) -> Result<pb::Checks> {
    let (definition, now) = (service.definitions.current(), service.clock.now());
    let mut snapshot = service.read().await?;
    let db = &mut snapshot.db();
    let day = definition.calendar.local_date(now);
    let lines = checks::list(db, definition, &office, day).await?;
    Ok(pb::Checks {
        office_id: office.to_string(),
        day: day.to_string(),
        checks: check_messages(db, definition, &lines, now).await?,
        aim_minutes: definition.service.settings.check_aim_minutes,
    })
}

fn say(checks: Option<pb::Checks>) -> pb::WatchChecksResponse {
    use pb::watch_checks_response::Event;
    pb::WatchChecksResponse { event: Some(checks.map_or(Event::Stopping(pb::Stopping {}), Event::Checks)) }
}
