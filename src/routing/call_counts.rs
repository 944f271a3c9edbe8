//! What became of calls and offers since the start, for whoever watches from outside.

use super::call::{CallRecord, How};
use super::floor::OfferEnd;
use startline_foundation::metrics::{self, Counter, Family, Histogram, Labels, Registry};
use std::borrow::Cow;

/// Cheap to clone; the clones count together.
#[derive(Clone)]
pub struct CallCounts {
    calls: Family<Labels<2>, Counter>,
    waits: Family<Labels<2>, Histogram, fn() -> Histogram>,
    offers: Counter,
    offers_ended: Family<Labels<1>, Counter>,
}

impl Default for CallCounts {
    fn default() -> Self {
        Self {
            calls: Family::default(),
            waits: Family::new_with_constructor(metrics::people_seconds),
            offers: Counter::default(),
            offers_ended: Family::default(),
        }
    }
}

impl CallCounts {
    pub fn register(&self, registry: &mut Registry) {
        metrics::CALLS.register(registry, self.calls.clone());
        metrics::CALL_WAIT.register(registry, self.waits.clone());
        metrics::OFFERS.register(registry, self.offers.clone());
        metrics::OFFERS_ENDED.register(registry, self.offers_ended.clone());
    }

    pub(super) fn ended(&self, record: &CallRecord) {
        let how = match record.how {
            How::Answered | How::Abandoned => record.how.name(),
            How::Diverted(reason) => reason.name(),
        };
        let site = || Cow::Owned(record.card.host.to_string());
        self.calls.get_or_create(&metrics::CALLS.labelled([site(), how.into()])).inc();
        if matches!(record.how, How::Answered | How::Abandoned) {
            let labels = metrics::CALL_WAIT.labelled([site(), how.into()]);
            self.waits.get_or_create(&labels).observe(metrics::seconds(record.wait_ms));
        }
    }

    pub(super) fn offered(&self) {
        self.offers.inc();
    }

    pub(super) fn offer_ended(&self, how: OfferEnd) {
        self.offer_outcome(how.name());
    }

    /// Somebody took an offer that was over.
    pub(super) fn late(&self) {
        self.offer_outcome("late");
    }

    fn offer_outcome(&self, outcome: &'static str) {
        self.offers_ended.get_or_create(&metrics::OFFERS_ENDED.labelled([outcome.into()])).inc();
    }
}
