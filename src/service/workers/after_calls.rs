//! What follows from a finished call in the durable rooms: routing knows none of them.

use startline_definition::Definitions;
use startline_foundation::clock::Clock;
use startline_foundation::error::Result;
use startline_foundation::store::Db;
use startline_rooms::access;
use startline_rooms::callbacks::{self, EndedCall, HowEnded};
use startline_routing::{self as routing, CallRecord, FollowUp, How, Priority, ReleaseReason};
use std::sync::Arc;

/// What follows from a finished call, in the transaction of its record. It holds no more than it needs: the recorder
/// must end when everybody else has let go of the floors.
pub struct AfterCalls {
    pub definitions: Arc<Definitions>,
    pub clock: Clock,
}

impl FollowUp for AfterCalls {
    async fn follow(&self, db: &mut Db<'_>, record: &CallRecord) -> Result<()> {
        let Some(how) = how_ended(db, record).await? else { return Ok(()) };
        let context = access::service_itself(db, self.clock.now()).await?;
        let ended = EndedCall {
            call: record.card.call,
            caller: record.card.caller.as_deref(),
            home: record.card.home.as_ref(),
            kept_at: &record.card.host,
            entered_at: record.card.entered_at,
            ended_at: record.ended_at,
            urgent: record.card.priority == Priority::Urgent,
            how,
        };
        callbacks::after_call(db, &context, self.definitions.current(), &ended).await
    }
}

/// None when nothing follows.
async fn how_ended(db: &mut Db<'_>, record: &CallRecord) -> Result<Option<HowEnded>> {
    Ok(match (record.how, &record.handled_by, record.answered_at) {
        (How::Answered, Some(by), Some(at)) => Some(HowEnded::Answered { by: by.id, at }),
        (How::Answered, ..) => None,
        (How::Abandoned, ..) => {
            let spoken_since = match &record.card.caller {
                Some(caller) => routing::answered_since(db, caller, record.ended_at).await?,
                None => false,
            };
            Some(HowEnded::Abandoned { wait_ms: record.wait_ms, spoken_since })
        }
        (How::Diverted(ReleaseReason::CallbackRequested), ..) => Some(HowEnded::CallbackRequested),
        (How::Diverted(_), ..) => None,
    })
}
