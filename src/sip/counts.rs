//! What the door counts, and log lines that a flood cannot multiply. A line never holds a message or a number.

use super::message::Method;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::metrics::encoding::DescriptorEncoder;
use startline_foundation::metrics::{self, Collector, Counter, Family, Labels, Readings, Registry};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// One line of a kind in this time.
const BETWEEN_LINES: TimeDelta = TimeDelta::seconds(10);

#[derive(Debug, Default)]
pub struct Counts {
    foreign: Kind,
    over_limit: Kind,
    unreadable: Kind,
    unacknowledged: Kind,
    repeated: AtomicU64,
    refused: AtomicU64,
    messages: Family<Labels<1>, Counter>,
}

/// How often, and when it was last logged.
#[derive(Debug, Default)]
struct Kind {
    count: AtomicU64,
    last_line_us: AtomicI64,
}

/// The counts at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Dropped because they came from no configured switch.
    pub foreign: u64,
    pub over_limit: u64,
    pub unreadable: u64,
    /// Final answers that were never acknowledged.
    pub unacknowledged: u64,
    /// Requests that were answered as before.
    pub repeated: u64,
    /// Refused because there was too much to do.
    pub refused: u64,
}

impl Kind {
    /// Counts; the count when a line is due.
    fn one_more(&self, now: DateTime<Utc>) -> Option<u64> {
        let count = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let now = now.timestamp_micros();
        let last = self.last_line_us.load(Ordering::Relaxed);
        let due = last == 0 || now.saturating_sub(last) >= BETWEEN_LINES.num_microseconds().unwrap_or(i64::MAX);
        // The door is one task; a lost race between two streams would only cost a line.
        due.then(|| {
            self.last_line_us.store(now, Ordering::Relaxed);
            count
        })
    }
}

impl Counts {
    pub fn now(&self) -> Counted {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counted {
            foreign: of(&self.foreign.count),
            over_limit: of(&self.over_limit.count),
            unreadable: of(&self.unreadable.count),
            unacknowledged: of(&self.unacknowledged.count),
            repeated: of(&self.repeated),
            refused: of(&self.refused),
        }
    }

    pub fn foreign(&self, from: IpAddr, now: DateTime<Utc>) {
        if let Some(count) = self.foreign.one_more(now) {
            tracing::warn!(%from, count, "SIP from an address that is no configured switch is dropped");
        }
    }

    pub fn over_limit(&self, from: IpAddr, now: DateTime<Utc>) {
        if let Some(count) = self.over_limit.one_more(now) {
            tracing::warn!(%from, count, "a switch sends more requests than sip.requests_per_second allows");
        }
    }

    pub fn unreadable(&self, from: IpAddr, now: DateTime<Utc>) {
        if let Some(count) = self.unreadable.one_more(now) {
            tracing::warn!(%from, count, "a SIP request could not be read");
        }
    }

    pub fn unacknowledged(&self, now: DateTime<Utc>) {
        if let Some(count) = self.unacknowledged.one_more(now) {
            tracing::warn!(count, "a switch never acknowledged an answer");
        }
    }

    /// A request was read.
    pub fn message(&self, method: Method) {
        let method = match method {
            Method::Invite => "INVITE",
            Method::Ack => "ACK",
            Method::Cancel => "CANCEL",
            Method::Options => "OPTIONS",
            Method::Message => "MESSAGE",
            Method::Other => "other",
        };
        self.messages.get_or_create(&metrics::SIP_MESSAGES.labelled([method.into()])).inc();
    }

    pub fn repeated(&self) {
        self.repeated.fetch_add(1, Ordering::Relaxed);
    }

    pub fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }
}

/// Shows the counts to whoever watches from outside.
pub fn register(counts: &Arc<Counts>, registry: &mut Registry) {
    metrics::SIP_MESSAGES.register(registry, counts.messages.clone());
    registry.register_collector(Box::new(Refusals(counts.clone())));
}

#[derive(Debug)]
struct Refusals(Arc<Counts>);

impl Collector for Refusals {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        let Counted { foreign, over_limit, unreadable, unacknowledged, repeated, refused } = self.0.now();
        let all = [
            ("foreign", foreign),
            ("over_limit", over_limit),
            ("unreadable", unreadable),
            ("unacknowledged", unacknowledged),
            ("repeated", repeated),
            ("too_busy", refused),
        ];
        let all = all.map(|(reason, count)| (vec![reason.to_owned()], count));
        Readings::into(encoder).counter(&metrics::SIP_REFUSALS, all)
    }
}
