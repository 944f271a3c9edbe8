//! Whoever looks at a claim sees what others do to it: at once what goes through this server, within seconds the rest.

use super::message::claim_message;
use super::{Answered, ClaimDoor, ClaimStream};
use crate::claims;
use crate::error::Result;
use crate::grpc::{Shared, pb};
use crate::ids::ClaimId;
use crate::watching::Watch;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tonic::{Request, Response, Status};

/// How often a watched claim is read again, for what another process changed.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

type Screen = mpsc::Sender<Result<pb::WatchClaimResponse, Status>>;

impl ClaimDoor {
    pub(super) async fn watch(&self, request: Request<pb::WatchClaimRequest>) -> Answered<ClaimStream> {
        let id = ClaimId::parse("claim_id", &request.get_ref().claim_id)?;
        // Before the first reading, so that nothing falls between.
        let watch = self.0.watchers.watch(id);
        let first = standing(&self.0, id).await?;
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(show(self.0.clone(), id, watch, first, sender));
        Ok(Response::new(Box::pin(tokio_stream::wrappers::ReceiverStream::new(receiver))))
    }
}

/// Shows the claim until the screen or the server is gone.
async fn show(shared: Arc<Shared>, id: ClaimId, mut watch: Watch<ClaimId>, first: pb::Claim, screen: Screen) {
    use pb::watch_claim_response::Event;
    let say = |event| Ok(pb::WatchClaimResponse { event: Some(event) });
    let mut shown = first.clone();
    if screen.send(say(Event::Claim(first))).await.is_err() {
        return;
    }
    loop {
        let was_told = tokio::select! {
            goes_on = watch.changed() => match goes_on {
                true => true,
                false => break,
            },
            () = shared.clock.next_tick(LOOK_AGAIN) => false,
            () = screen.closed() => return,
        };
        match standing(&shared, id).await {
            Ok(now) if was_told || now != shown => {
                shown = now.clone();
                if screen.send(say(Event::Claim(now))).await.is_err() {
                    return;
                }
            }
            Ok(_) => {}
            // The database may be away for a moment; the next look will tell.
            Err(fault) => tracing::warn!(%fault, claim = %id, "a claim that is watched could not be read"),
        }
    }
    let _ = screen.send(say(Event::Stopping(pb::Stopping {}))).await;
}

async fn standing(shared: &Shared, id: ClaimId) -> Result<pb::Claim> {
    let mut reader = shared.store.read().await?;
    let db = &mut reader.db();
    let claim = claims::get(db, id).await?;
    claim_message(shared, db, &claim).await
}
