//! What the doors and the commits count.

use dashmap::DashMap;
use startline_foundation::error::{Error, Limit, Result};
use startline_foundation::ids::UserId;
use startline_foundation::metrics::{self, Counter, Family, Gauge, Histogram, Labels, Registry};
use startline_rooms::access::SignedInBy;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// Cheap to clone; the clones count together.
#[derive(Clone)]
pub struct Counts {
    rpcs: Family<Labels<2>, Histogram, fn() -> Histogram>,
    streams: Family<Labels<1>, Gauge>,
    packs: Family<Labels<1>, Counter>,
    sign_ins: Family<Labels<2>, Counter>,
    strangers: Counter,
    streams_of: Arc<DashMap<UserId, usize>>,
}

/// Streams that one user may have open. Fewer than a connection carries, so that who has too many is told so, instead of
/// their next call waiting in vain for room.
pub const MOST_STREAMS: usize = 8_000;

/// How a sign-in with a browser ends.
const OUTCOMES: [&str; 2] = ["signed_in", "refused"];

/// A stream that somebody reads, until it is dropped.
pub struct OpenStream {
    gauge: Gauge,
    user: UserId,
    streams_of: Arc<DashMap<UserId, usize>>,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            rpcs: Family::new_with_constructor(metrics::machine_seconds),
            streams: Family::default(),
            packs: Family::default(),
            sign_ins: Family::default(),
            strangers: Counter::default(),
            streams_of: Arc::default(),
        }
    }
}

impl Counts {
    pub(super) fn register(&self, registry: &mut Registry) {
        metrics::RPC_DURATION.register(registry, self.rpcs.clone());
        metrics::STREAMS_OPEN.register(registry, self.streams.clone());
        metrics::PACKS.register(registry, self.packs.clone());
        metrics::SIGN_INS.register(registry, self.sign_ins.clone());
        metrics::STRANGERS.register(registry, self.strangers.clone());
        // Shown from the beginning: a first refusal is a rise.
        for (by, outcome) in SignedInBy::ALL.into_iter().flat_map(|by| OUTCOMES.map(|outcome| (by, outcome))) {
            self.sign_ins.get_or_create(&metrics::SIGN_INS.labelled([by.as_str().into(), outcome.into()])).inc_by(0);
        }
    }

    /// A call of the gRPC door was answered, or its stream began. `method` is one that the service has.
    pub fn rpc(&self, method: Cow<'static, str>, code: &'static str, took: Duration) {
        let labels = metrics::RPC_DURATION.labelled([method, code.into()]);
        self.rpcs.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Somebody reads a stream of this method from now on.
    ///
    /// # Errors
    /// `Exhausted` when this user reads too many.
    pub fn stream_opened(&self, method: &'static str, user: UserId) -> Result<OpenStream> {
        {
            let mut open = self.streams_of.entry(user).or_default();
            if *open >= MOST_STREAMS {
                let message = format!("{MOST_STREAMS} streams of this user are open: close those that are over");
                return Err(Error::exhausted(message, Limit::SOON));
            }
            *open += 1;
        }
        let gauge = self.streams.get_or_create_owned(&metrics::STREAMS_OPEN.labelled([method.into()]));
        gauge.inc();
        Ok(OpenStream { gauge, user, streams_of: self.streams_of.clone() })
    }

    /// Somebody asked at the gRPC door without a valid token or certificate.
    pub fn stranger(&self) {
        self.strangers.inc();
    }

    /// Somebody signed in with a browser, or was refused.
    pub(crate) fn sign_in(&self, by: SignedInBy, is_in: bool) {
        let [signed_in, refused] = OUTCOMES;
        let outcome = if is_in { signed_in } else { refused };
        self.sign_ins.get_or_create(&metrics::SIGN_INS.labelled([by.as_str().into(), outcome.into()])).inc();
    }

    pub(crate) fn pack(&self, outcome: &'static str) {
        self.packs.get_or_create(&metrics::PACKS.labelled([outcome.into()])).inc();
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.gauge.dec();
        if let Some(mut open) = self.streams_of.get_mut(&self.user) {
            *open = open.saturating_sub(1);
        }
        self.streams_of.remove_if(&self.user, |_, open| *open == 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_too_many_streams_open_is_refused_until_one_is_closed() {
        let counts = Counts::default();
        let start = chrono::DateTime::UNIX_EPOCH;
        let (switch, desk) = (UserId::fresh(start), UserId::fresh(start));
        let mut open: Vec<_> = (0..MOST_STREAMS).map(|_| counts.stream_opened("EnterCall", switch).unwrap()).collect();
        assert!(matches!(counts.stream_opened("EnterCall", switch), Err(Error::Exhausted(_))));
        assert!(counts.stream_opened("WatchDesk", desk).is_ok());
        open.pop();
        open.push(counts.stream_opened("EnterCall", switch).unwrap());
        drop(open);
        assert!(counts.streams_of.is_empty());
    }
}
