//! What follows from a finished call in the durable rooms: routing knows none of them.

use chrono::{DateTime, Utc};
use opentelemetry::trace::{Span, Tracer};
use opentelemetry::{KeyValue, global};
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
        span_of(record);
        let Some(how) = how_ended(db, record).await? else { return Ok(()) };
        let context = access::system_context(db, self.clock.now()).await?;
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

    async fn was_answered(&self, db: &mut Db<'_>, caller: &str, at: DateTime<Utc>) -> Result<()> {
        let context = access::system_context(db, self.clock.now()).await?;
        callbacks::was_answered_after_all(db, &context, caller, at).await
    }
}

/// The call as a span, from its first ring to its end: the floor itself makes none, and knows nothing of collectors.
fn span_of(record: &CallRecord) {
    let tracer = global::tracer("startline");
    let mut attributes = vec![
        KeyValue::new("call", record.card.call.to_string()),
        KeyValue::new("site", record.card.host.to_string()),
        KeyValue::new("how", record.how.name()),
        KeyValue::new("wait_ms", i64::try_from(record.wait_ms).unwrap_or(i64::MAX)),
        KeyValue::new("talk_ms", i64::try_from(record.talk_ms).unwrap_or(i64::MAX)),
    ];
    if let Some(by) = &record.handled_by {
        attributes.push(KeyValue::new("user_id", by.id.to_string()));
        attributes.push(KeyValue::new("answered_at_site", by.site.to_string()));
    }
    let span = tracer.span_builder("call").with_start_time(record.card.entered_at).with_attributes(attributes);
    span.start(&tracer).end_with_timestamp(record.ended_at.into());
}

/// None when nothing follows.
async fn how_ended(db: &mut Db<'_>, record: &CallRecord) -> Result<Option<HowEnded>> {
    // Also whoever was passed on by one adviser and waited in vain for the next.
    if let Some(wait_ms) = record.gave_up_after_ms {
        let spoken_since = match &record.card.caller {
            Some(caller) => routing::answered_since(db, caller, record.ended_at).await?,
            None => false,
        };
        return Ok(Some(HowEnded::Abandoned { wait_ms, spoken_since }));
    }
    Ok(match (record.how, &record.handled_by, record.answered_at) {
        (How::Answered, Some(by), Some(at)) => Some(HowEnded::Answered { by: by.id, at }),
        (How::Answered | How::Abandoned, ..) => None,
        (How::Diverted(ReleaseReason::CallbackRequested), ..) => Some(HowEnded::CallbackRequested),
        (How::Diverted(_), ..) => None,
    })
}
