//! The queue of the network: waiting calls that any other site may help with.

use super::call::{CallCard, Priority};
use super::floor::clock_set::moved_card;
use super::site::lock;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::ids::{CallId, SiteId};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The calls another site is being looked for, in the order in which they are helped.
#[derive(Debug, Default)]
pub(super) struct OverflowQueue {
    calls: Mutex<BTreeMap<SeekerKey, Seeker>>,
    number: AtomicUsize,
}

/// Urgent ones first, then the oldest.
type SeekerKey = (Priority, DateTime<Utc>, CallId);

/// A waiting call, and where alone it may go.
#[derive(Debug, Clone)]
pub(super) struct Seeker {
    pub(super) card: Arc<CallCard>,
    pub(super) only_site: Option<SiteId>,
}

impl OverflowQueue {
    fn key(card: &CallCard) -> SeekerKey {
        (card.priority, card.entered_at, card.call)
    }

    pub(super) fn add(&self, seeker: Seeker) {
        let mut calls = lock(&self.calls);
        calls.insert(Self::key(&seeker.card), seeker);
        self.number.store(calls.len(), Ordering::Relaxed);
    }

    pub(super) fn remove(&self, card: &CallCard) -> Option<Seeker> {
        let mut calls = lock(&self.calls);
        let removed = calls.remove(&Self::key(card));
        self.number.store(calls.len(), Ordering::Relaxed);
        removed
    }

    /// The clock was set: the order stays, at the moments that it shows now.
    pub(super) fn clock_was_set(&self, by: TimeDelta) {
        let mut calls = lock(&self.calls);
        let moved = |Seeker { card, only_site }| Seeker { card: moved_card(&card, by), only_site };
        *calls = std::mem::take(&mut *calls).into_values().map(moved).map(|one| (Self::key(&one.card), one)).collect();
    }

    /// The first that fits.
    pub(super) fn first(&self, fits: impl Fn(&Seeker) -> bool) -> Option<Seeker> {
        lock(&self.calls).values().find(|seeker| fits(seeker)).cloned()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.number.load(Ordering::Relaxed) == 0
    }

    pub(super) fn snapshot(&self) -> Vec<Seeker> {
        lock(&self.calls).values().cloned().collect()
    }
}
