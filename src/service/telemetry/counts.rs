//! What the doors and the commits count.

use startline_foundation::metrics::{self, Counter, Family, Gauge, Histogram, Labels, Registry};
use std::borrow::Cow;
use std::time::Duration;

/// Cheap to clone; the clones count together.
#[derive(Clone)]
pub struct Counts {
    rpcs: Family<Labels<2>, Histogram, fn() -> Histogram>,
    streams: Family<Labels<1>, Gauge>,
    packs: Family<Labels<1>, Counter>,
}

/// A stream that somebody reads, until it is dropped.
pub struct OpenStream(Gauge);

impl Default for Counts {
    fn default() -> Self {
        Self {
            rpcs: Family::new_with_constructor(metrics::machine_seconds),
            streams: Family::default(),
            packs: Family::default(),
        }
    }
}

impl Counts {
    pub(super) fn register(&self, registry: &mut Registry) {
        metrics::RPC_DURATION.register(registry, self.rpcs.clone());
        metrics::STREAMS_OPEN.register(registry, self.streams.clone());
        metrics::PACKS.register(registry, self.packs.clone());
    }

    /// A call of the gRPC door was answered, or its stream began. `method` is one that the service has.
    pub fn rpc(&self, method: Cow<'static, str>, code: &'static str, took: Duration) {
        let labels = metrics::RPC_DURATION.labelled([method, code.into()]);
        self.rpcs.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Somebody reads a stream of this method from now on.
    pub fn stream_opened(&self, method: &'static str) -> OpenStream {
        let gauge = self.streams.get_or_create_owned(&metrics::STREAMS_OPEN.labelled([method.into()]));
        gauge.inc();
        OpenStream(gauge)
    }

    pub(crate) fn pack(&self, outcome: &'static str) {
        self.packs.get_or_create(&metrics::PACKS.labelled([outcome.into()])).inc();
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.dec();
    }
}
