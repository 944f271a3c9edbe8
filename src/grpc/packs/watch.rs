//! A print room as it changes: at once what goes through this server, within seconds the rest.

use super::message;
use crate::error::Result;
use crate::events::Topic;
use crate::grpc::call::{Answers, Call};
use crate::grpc::doors::PackDoor;
use crate::grpc::pb;
use crate::grpc::watch::Look;
use crate::ids::SiteId;
use crate::packs;
use crate::printing::{self, Tally};
use crate::service::Service;
use crate::store;
use futures_util::FutureExt;
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
    })
}

fn say(room: Option<pb::WatchPrintRoomResponse>) -> pb::WatchPrintRoomResponse {
    let stopping = || pb::WatchPrintRoomResponse { stopping: Some(pb::Stopping {}), ..Default::default() };
    room.unwrap_or_else(stopping)
}
