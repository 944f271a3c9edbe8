//! A print room as it changes: at once what goes through this server, within seconds the rest.

use super::message;
use crate::call::{Answers, Call};
use crate::doors::PackDoor;
use crate::pb;
use crate::watch::Look;
use futures_util::FutureExt;
use startline_foundation::error::Result;
use startline_foundation::events::Topic;
use startline_foundation::ids::SiteId;
use startline_foundation::store;
use startline_packs as packs;
use startline_rooms::printing::{self, Tally};
use startline_service::Service;
use std::sync::Arc;
use std::time::Duration;

/// How often a watched room is read again, for what another process changed.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

impl PackDoor {
    pub async fn watch_print_room(
        &self,
        call: Call<pb::WatchPrintRoomRequest>,
    ) -> Result<Answers<pb::WatchPrintRoomResponse>> {
        let room = call.context().site()?.clone();
        let look = || {
            let (service, room) = (self.0.clone(), room.clone());
            let topics = vec![Topic::PrintRoom(room.clone())];
            Look { topics, every: LOOK_AGAIN, read: Box::new(move || read(service.clone(), room.clone()).boxed()) }
        };
        self.1.print_rooms.look(&self.0, room.clone(), look, say).await
    }
}

async fn read(service: Arc<Service>, room: SiteId) -> Result<pb::WatchPrintRoomResponse> {
    let mut snapshot = service.read().await?;
    let db = &mut snapshot.db();
    let tally = |tally: Tally| Some(pb::Tally { packs: tally.jobs, pages: tally.pages });
    let load = printing::load(db, &room).await?;
    Ok(pb::WatchPrintRoomResponse {
        printers: printing::printers(db, &room).await?.iter().map(message::printer).collect(),
        queued: tally(load.queued),
        leased: tally(load.leased),
        printing: tally(load.printing),
        printed: tally(load.printed),
        to_compose: u32::try_from(store::jobs_left(db, service.clock.now()).await?.1).unwrap_or(u32::MAX),
        exceptions: packs::open_exceptions(db, &room).await?,
        stopping: None,
        heartbeat: None,
    })
}

fn say(room: Option<pb::WatchPrintRoomResponse>) -> pb::WatchPrintRoomResponse {
    let stopping = || pb::WatchPrintRoomResponse { stopping: Some(pb::Stopping {}), ..Default::default() };
    room.unwrap_or_else(stopping)
}
