//! What a desk is told, over its own stream.

use super::floor::{Notice, OfferEnd};
use chrono::{DateTime, Utc};
use startline_foundation::ids::{CallId, OfferId};

/// What a desk is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeskEvent {
    /// The adviser's status or state is another now.
    Changed,
    Offer {
        offer: OfferId,
        call: CallId,
        expires_at: DateTime<Utc>,
    },
    OfferEnded {
        offer: OfferId,
        how: OfferEnd,
    },
    Notice(Notice),
    /// The site's due call-backs may be others now.
    CallbacksDue,
    /// The same adviser's desk was opened anew; this stream is told nothing more.
    OpenedElsewhere,
    Stopping,
}
