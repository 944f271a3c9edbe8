//! A print room as it changes: at once what goes through this server, within seconds the rest.

use super::{Answered, PackDoor, Pieces, message};
use crate::error::Result;
use crate::grpc::{Shared, gate, pb};
use crate::ids::SiteId;
use crate::packs;
use crate::printing::{self, Tally};
use crate::store;
use crate::watching::Watch;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};

/// How often a watched room is read again, for what another process changed.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

type Screen = mpsc::Sender<Result<pb::WatchPrintRoomResponse, Status>>;

impl PackDoor {
    pub(super) async fn watch(
        &self,
        request: Request<pb::WatchPrintRoomRequest>,
    ) -> Answered<Pieces<pb::WatchPrintRoomResponse>> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let room = context.site()?.clone();
        // Before the first reading, so that nothing falls between.
        let watch = self.0.room_watchers.watch(room.clone());
        let first = read(&self.0, &room).await?;
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(show(self.0.clone(), room, watch, first, sender));
        Ok(Response::new(Box::pin(tokio_stream::wrappers::ReceiverStream::new(receiver))))
    }
}

async fn read(shared: &Shared, room: &SiteId) -> Result<pb::WatchPrintRoomResponse> {
    let mut reader = shared.store.read().await?;
    let db = &mut reader.db();
    let tally = |tally: Tally| Some(pb::Tally { packs: tally.jobs, pages: tally.pages });
    let load = printing::load(db, room).await?;
    Ok(pb::WatchPrintRoomResponse {
        printers: printing::printers(db, room).await?.iter().map(message::printer).collect(),
        queued: tally(load.queued),
        leased: tally(load.leased),
        printing: tally(load.printing),
        printed: tally(load.printed),
        to_compose: u32::try_from(store::jobs_left(db, shared.clock.now()).await?.1).unwrap_or(u32::MAX),
        exceptions: packs::open_exceptions(db, room).await?,
    })
}

/// Sends the room whenever it is another, until the watcher leaves or the service stops. A slow watcher is sent what is,
/// not what was.
async fn show(
    shared: Arc<Shared>,
    room: SiteId,
    mut watch: Watch<SiteId>,
    first: pb::WatchPrintRoomResponse,
    screen: Screen,
) {
    let mut shown = first.clone();
    if screen.send(Ok(first)).await.is_err() {
        return;
    }
    loop {
        tokio::select! {
            () = screen.closed() => return,
            () = shared.clock.next_tick(LOOK_AGAIN) => {}
            told = watch.changed() => if !told { return },
        }
        match read(&shared, &room).await {
            Ok(now) if now == shown => {}
            Ok(now) => {
                shown.clone_from(&now);
                if screen.send(Ok(now)).await.is_err() {
                    return;
                }
            }
            Err(fault) => tracing::warn!(%fault, %room, "a watched print room could not be read; it is tried again"),
        }
    }
}
