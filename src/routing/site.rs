//! One site as the network holds it: its floor behind its lock, and what others may see without the lock.

use super::due::DueAt;
use super::floor::{Effect, Event, Floor, Load, Outbox};
use super::lenders::Lenders;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::SiteId;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One site: its floor behind its lock, and how busy it is for others to see without the lock.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) id: SiteId,
    /// Its number in the network, for [`Lenders`].
    pub(super) number: usize,
    floor: Mutex<Floor>,
    lenders: Arc<Lenders>,
    /// The sites that may help it; all of them when empty.
    helpers: Mutex<Arc<BTreeSet<SiteId>>>,
    free: AtomicUsize,
    lendable: AtomicUsize,
    staffed: AtomicUsize,
    waiting: AtomicUsize,
    kept: AtomicUsize,
    lost: AtomicBool,
    torn: AtomicBool,
    due: DueAt,
}

impl Site {
    pub(super) fn new(floor: Floor, number: usize, lenders: Arc<Lenders>, due: DueAt) -> Self {
        Self {
            id: floor.site().clone(),
            number,
            floor: Mutex::new(floor),
            lenders,
            helpers: Mutex::default(),
            free: AtomicUsize::new(0),
            lendable: AtomicUsize::new(0),
            staffed: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            kept: AtomicUsize::new(0),
            lost: AtomicBool::new(false),
            torn: AtomicBool::new(false),
            due,
        }
    }

    pub(super) fn set_helpers(&self, helpers: BTreeSet<SiteId>) {
        *lock(&self.helpers) = Arc::new(helpers);
    }

    /// Whether calls kept here may go to that site.
    pub(super) fn may_be_helped_by(&self, other: &SiteId) -> bool {
        let helpers = lock(&self.helpers).clone();
        *other != self.id && (helpers.is_empty() || helpers.contains(other))
    }

    /// Runs `work` on the floor. Never called by anything that holds another floor, and `work` never waits.
    pub(super) fn with_floor<R>(&self, work: impl FnOnce(&mut Floor) -> R) -> R {
        let mut floor = self.floor.lock().unwrap_or_else(|torn| self.mend(torn.into_inner()));
        let result = work(&mut floor);
        let Load { free, lendable, staffed, waiting, kept, lost } = floor.load();
        self.free.store(free, Ordering::Relaxed);
        self.staffed.store(staffed, Ordering::Relaxed);
        self.waiting.store(waiting, Ordering::Relaxed);
        self.kept.store(kept, Ordering::Relaxed);
        self.lost.store(lost, Ordering::Relaxed);
        self.due.set(floor.next_deadline());
        // Still under the floor's lock, so that the last word is the newest.
        if self.lendable.swap(lendable, Ordering::Relaxed) != lendable {
            self.lenders.set(self.number, lendable);
        }
        result
    }

    /// A panic tore an event of this floor apart. It goes on: what can be made anew is, and the next event sees to the rest.
    fn mend<'a>(&'a self, mut floor: MutexGuard<'a, Floor>) -> MutexGuard<'a, Floor> {
        floor.mend_indexes();
        self.floor.clear_poison();
        self.torn.store(true, Ordering::Relaxed);
        tracing::error!(site = %self.id, "an event of this floor was torn apart by a panic, and the floor goes on without it");
        floor
    }

    /// Whether the floor had to be mended since this was asked last.
    pub(super) fn was_torn(&self) -> bool {
        self.torn.swap(false, Ordering::Relaxed)
    }

    /// How busy the floor was when its lock was last dropped: good enough to choose whom to ask.
    pub(super) fn load(&self) -> Load {
        Load {
            free: self.free.load(Ordering::Relaxed),
            lendable: self.lendable.load(Ordering::Relaxed),
            staffed: self.staffed.load(Ordering::Relaxed),
            waiting: self.waiting.load(Ordering::Relaxed),
            kept: self.kept.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed),
        }
    }

    /// Applies one event, and says that the floor changed if anything came of it.
    pub(super) fn apply(&self, event: Event, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        let before = out.effects.len();
        let result = self.with_floor(|floor| floor.apply(event, now, out));
        if out.effects.len() > before {
            out.effects.push(Effect::FloorChanged { site: self.id.clone() });
        }
        result
    }
}

/// For what is whole after every step, so that a panic while it was locked leaves at worst one entry too many or too few.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
