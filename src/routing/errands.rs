//! What floors need of each other, carried by the network: one floor's lock at a time, never two.

use super::Network;
use super::call::{CallCard, QueueKey};
use super::floor::{Effect, Event, Floor, Load, Outbox};
use super::trunk::{Errand, Reservation, ToHost, ToLender};
use crate::error::Result;
use crate::ids::{CallId, SiteId};
use chrono::{DateTime, Utc};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One site: its floor behind its lock, and how busy it is for others to see without the lock.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) id: SiteId,
    floor: Mutex<Floor>,
    free: AtomicUsize,
    lendable: AtomicUsize,
    staffed: AtomicUsize,
    waiting: AtomicUsize,
}

impl Site {
    pub(super) fn new(floor: Floor) -> Self {
        Self {
            id: floor.site().clone(),
            floor: Mutex::new(floor),
            free: AtomicUsize::new(0),
            lendable: AtomicUsize::new(0),
            staffed: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Runs `work` on the floor. Never called by anything that holds another floor, and `work` never waits.
    pub(super) fn with_floor<R>(&self, work: impl FnOnce(&mut Floor) -> R) -> R {
        let mut floor = lock(&self.floor);
        let result = work(&mut floor);
        let Load { free, lendable, staffed, waiting } = floor.load();
        self.free.store(free, Ordering::Relaxed);
        self.lendable.store(lendable, Ordering::Relaxed);
        self.staffed.store(staffed, Ordering::Relaxed);
        self.waiting.store(waiting, Ordering::Relaxed);
        result
    }

    /// How busy the floor was when its lock was last dropped: good enough to choose whom to ask.
    pub(super) fn load(&self) -> Load {
        Load {
            free: self.free.load(Ordering::Relaxed),
            lendable: self.lendable.load(Ordering::Relaxed),
            staffed: self.staffed.load(Ordering::Relaxed),
            waiting: self.waiting.load(Ordering::Relaxed),
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

/// A panic while the lock was held leaves at worst one call or adviser wrong; refusing every later call would be worse.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The calls another site is being looked for, in the order in which they are helped.
#[derive(Debug, Default)]
pub(super) struct Seekers(Mutex<BTreeMap<QueueKey, Vec<Arc<CallCard>>>>);

impl Seekers {
    fn key(card: &CallCard) -> QueueKey {
        QueueKey { priority: card.priority, entered_at: card.entered_at, turn: 0 }
    }

    fn add(&self, card: Arc<CallCard>) {
        let mut seekers = lock(&self.0);
        let same_age = seekers.entry(Self::key(&card)).or_default();
        if same_age.iter().all(|other| other.call != card.call) {
            same_age.push(card);
        }
    }

    fn remove(&self, card: &CallCard) {
        let mut seekers = lock(&self.0);
        let key = Self::key(card);
        if let Some(same_age) = seekers.get_mut(&key) {
            same_age.retain(|other| other.call != card.call);
            if same_age.is_empty() {
                seekers.remove(&key);
            }
        }
    }

    fn first(&self) -> Option<Arc<CallCard>> {
        lock(&self.0).first_key_value().and_then(|(_, same_age)| same_age.first().cloned())
    }

    pub(super) fn all(&self) -> Vec<CallId> {
        lock(&self.0).values().flatten().map(|card| card.call).collect()
    }
}

impl Network {
    /// Sees to what floors asked of each other until nothing is left. A fault here is ours, and is logged.
    pub(super) fn run_errands(&self, now: DateTime<Utc>, out: &mut Outbox) {
        let mut next = 0;
        while let Some(errand) = out.errands.get_mut(next) {
            let errand = std::mem::replace(errand, Errand::AdviserFree);
            next += 1;
            if let Err(error) = self.run_errand(errand, now, out) {
                tracing::error!(%error, "an errand between two floors failed");
            }
        }
        out.errands.clear();
    }

    fn run_errand(&self, errand: Errand, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        match errand {
            Errand::SeekOverflow { card } => {
                self.seekers.add(card.clone());
                // It may have left between the floor's word and the line above; then nobody else takes it off.
                let call = card.call;
                if !self.site(&card.host)?.with_floor(|floor| floor.is_seeking(call)) {
                    self.seekers.remove(&card);
                    return Ok(());
                }
                self.lend(&card, now, out).map(|_| ())
            }
            Errand::StopSeeking { card } => {
                self.seekers.remove(&card);
                Ok(())
            }
            Errand::AdviserFree => self.help_the_first_seeker(now, out),
            Errand::TellHost { host, message } => self.site(&host)?.apply(Event::FromLender(message), now, out),
            Errand::TellLender { lender, adviser, offer, message } => {
                self.site(&lender)?.apply(Event::FromHost { adviser, offer, message }, now, out)
            }
            Errand::Forget { card } => {
                self.calls.remove(&card.call);
                self.switch_calls.remove(&card.switch_call_id);
                Ok(())
            }
        }
    }

    /// Looks for an adviser for the call that has sought longest, and goes on to the next one if that succeeds.
    pub(super) fn help_the_first_seeker(&self, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        if let Some(card) = self.seekers.first()
            && self.lend(&card, now, out)?
        {
            // After what the success itself brought, which takes this call off the list.
            out.errands.push(Errand::AdviserFree);
        }
        Ok(())
    }

    /// Asks the other sites for an adviser, the one with the most to spare first. Says whether the list of seekers
    /// moved: the call was lent one, or turned out to be gone.
    fn lend(&self, card: &Arc<CallCard>, now: DateTime<Utc>, out: &mut Outbox) -> Result<bool> {
        let mut lenders: Vec<_> = self
            .sites
            .iter()
            .map(|site| (Reverse(site.load().lendable), site.value().clone()))
            .filter(|(Reverse(lendable), site)| *lendable > 0 && site.id != card.host)
            .collect();
        lenders.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
        for (_, lender) in lenders {
            let reservation = lender.with_floor(|floor| floor.reserve(card, now, out))?;
            let Reservation::Reserved { adviser, lease } = reservation else { continue };
            out.effects.push(Effect::FloorChanged { site: lender.id.clone() });
            let message = ToHost::Lent { call: card.call, by: adviser.clone(), lease };
            let host = self.site(&card.host);
            let told = host.and_then(|host| host.apply(Event::FromLender(message), now, out).map(|()| host));
            match told {
                Ok(host) if host.with_floor(|floor| floor.is_with(card.call, lease.offer)) => {}
                Ok(_) => self.seekers.remove(card),
                Err(error) => {
                    let withdraw = ToLender::Withdraw;
                    let back = Event::FromHost { adviser: adviser.id, offer: lease.offer, message: withdraw };
                    lender.apply(back, now, out)?;
                    return Err(error);
                }
            }
            return Ok(true);
        }
        Ok(false)
    }
}
