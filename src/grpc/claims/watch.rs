//! Whoever looks at a claim sees what others do to it: at once what goes through this server, within seconds the rest.

use super::message::claim_message;
use crate::call::{Answers, Call};
use crate::doors::ClaimDoor;
use crate::pb;
use crate::watch::Look;
use crate::withheld::Veil;
use futures_util::FutureExt;
use startline_foundation::error::Result;
use startline_foundation::events::Topic;
use startline_foundation::ids::ClaimId;
use startline_rooms::access::Sees;
use startline_rooms::claims;
use startline_service::Service;
use std::time::Duration;

/// How often a watched claim is read again, for what another process changed.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

impl ClaimDoor {
    pub async fn watch_claim(&self, call: Call<pb::WatchClaimRequest>) -> Result<Answers<pb::WatchClaimResponse>> {
        let id = ClaimId::parse("claim_id", &call.asked.claim_id)?;
        // It is read once for all who look at it, and each sees what they may.
        let sees = call.context().sees;
        let (claim, veil) = Veil::of_claim(&self.0, &mut self.0.read().await?.db(), sees, id).await?;
        // Some of what the form says is the client record's.
        let client = claim.client_id;
        let look = || {
            let service = self.0.clone();
            Look {
                topics: vec![Topic::Claim(id), Topic::Client(client)],
                every: LOOK_AGAIN,
                read: Box::new(move || read(service.clone(), id).boxed()),
            }
        };
        self.1.claims.look(&self.0, id, look, move |claim| say(claim.map(|claim| veil.claim(claim)))).await
    }
}

async fn read(service: std::sync::Arc<Service>, id: ClaimId) -> Result<pb::Claim> {
    let mut snapshot = service.read().await?;
    let db = &mut snapshot.db();
    let claim = claims::get(db, id).await?;
    claim_message(&service, db, Sees::ALL, &claim).await
}

fn say(claim: Option<pb::Claim>) -> pb::WatchClaimResponse {
    use pb::watch_claim_response::Event;
    pb::WatchClaimResponse { event: Some(claim.map_or(Event::Stopping(pb::Stopping {}), Event::Claim)) }
}
