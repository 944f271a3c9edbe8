//! What floors need of each other, carried by the network: one floor's lock at a time, never two.

use super::Network;
use super::call::{CallCard, Priority};
use super::due::DueAt;
use super::floor::{Effect, Event, Floor, Load, Outbox};
use super::lenders::Lenders;
use super::skills::SkillSet;
use super::trunk::{Errand, Reservation, ToHost, ToLender};
use crate::error::Result;
use crate::ids::{CallId, SiteId};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
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
        let mut floor = lock(&self.floor);
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

/// A panic while the lock was held leaves at worst one call or adviser wrong; refusing every later call would be worse.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The calls another site is being looked for, in the order in which they are helped.
#[derive(Debug, Default)]
pub(super) struct Seekers {
    calls: Mutex<BTreeMap<SeekerKey, Seeker>>,
    number: AtomicUsize,
}

/// Urgent ones first, then the oldest.
type SeekerKey = (Priority, DateTime<Utc>, CallId);

/// A waiting call, and where alone it may go.
#[derive(Debug, Clone)]
pub(super) struct Seeker {
    pub(super) card: Arc<CallCard>,
    only_site: Option<SiteId>,
}

impl Seekers {
    fn key(card: &CallCard) -> SeekerKey {
        (card.priority, card.entered_at, card.call)
    }

    fn add(&self, seeker: Seeker) {
        let mut calls = lock(&self.calls);
        calls.insert(Self::key(&seeker.card), seeker);
        self.number.store(calls.len(), Ordering::Relaxed);
    }

    fn remove(&self, card: &CallCard) {
        let mut calls = lock(&self.calls);
        calls.remove(&Self::key(card));
        self.number.store(calls.len(), Ordering::Relaxed);
    }

    /// The first that fits.
    fn first(&self, fits: impl Fn(&Seeker) -> bool) -> Option<Seeker> {
        lock(&self.calls).values().find(|seeker| fits(seeker)).cloned()
    }

    fn is_empty(&self) -> bool {
        self.number.load(Ordering::Relaxed) == 0
    }

    pub(super) fn snapshot(&self) -> Vec<Seeker> {
        lock(&self.calls).values().cloned().collect()
    }
}

impl Network {
    /// Sees to what floors asked of each other until nothing is left. A fault here is ours, and is logged.
    pub(super) fn run_errands(&self, now: DateTime<Utc>, out: &mut Outbox) {
        let mut next = 0;
        while let Some(errand) = out.errands.get_mut(next) {
            let errand = std::mem::replace(errand, Errand::Done);
            next += 1;
            if let Err(error) = self.run_errand(errand, now, out) {
                tracing::error!(%error, "an errand between two floors failed");
            }
        }
        out.errands.clear();
    }

    fn run_errand(&self, errand: Errand, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        match errand {
            Errand::SeekOverflow { card, only_site } => {
                let seeker = Seeker { card, only_site };
                self.seekers.add(seeker.clone());
                // It may have left between the floor's word and the line above; then nobody else takes it off.
                let call = seeker.card.call;
                if !self.site(&seeker.card.host)?.with_floor(|floor| floor.is_seeking(call)) {
                    self.seekers.remove(&seeker.card);
                    return Ok(());
                }
                self.lend(&seeker, now, out).map(|_| ())
            }
            Errand::StopSeeking { card } => {
                self.seekers.remove(&card);
                Ok(())
            }
            Errand::AdviserFree { site, skills } => self.help_from(&site, skills, now, out),
            Errand::TellHost { host, message } => self.site(&host)?.apply(Event::FromLender(message), now, out),
            Errand::TellLender { lender, adviser, offer, message } => {
                self.site(&lender)?.apply(Event::FromHost { adviser, offer, message }, now, out)
            }
            Errand::GaveUp { card } => {
                if let Some(caller) = &card.caller {
                    self.callers.gave_up(caller, now);
                }
                Ok(())
            }
            Errand::Done => Ok(()),
            Errand::Forget { card } => {
                self.calls.remove(&card.call);
                self.switch_calls.remove(&card.switch_call_id);
                Ok(())
            }
        }
    }

    /// An adviser with these skills became free at a site: the call that has sought longest, and that they can take,
    /// is asked for.
    fn help_from(&self, lender: &SiteId, skills: SkillSet, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        if self.seekers.is_empty() {
            return Ok(());
        }
        let fits = |seeker: &Seeker| skills.covers(seeker.card.needs) && self.may_serve(seeker, lender);
        let Some(seeker) = self.seekers.first(fits) else { return Ok(()) };
        let lender = self.site(lender)?;
        if self.lend_from(&lender, &seeker.card, now, out)? {
            // After what the success itself brought, which takes this call off the list.
            out.errands.push(Errand::AdviserFree { site: lender.id.clone(), skills });
        }
        Ok(())
    }

    /// Looks for an adviser for every call that seeks one. Each was looked after when it began to seek and whenever
    /// somebody became free; this is for what came to nothing on the way.
    pub(super) fn help_all(&self, now: DateTime<Utc>, out: &mut Outbox) -> Result<()> {
        for seeker in self.seekers.snapshot() {
            self.lend(&seeker, now, out)?;
        }
        Ok(())
    }

    /// Whether the call may go to that site at all. One that was passed to a site goes there whoever its home's helpers
    /// are.
    pub(super) fn may_serve(&self, seeker: &Seeker, lender: &SiteId) -> bool {
        match &seeker.only_site {
            Some(only) => only == lender,
            None => self.site(&seeker.card.host).is_ok_and(|host| host.may_be_helped_by(lender)),
        }
    }

    /// Asks the other sites for an adviser, the one with the most to spare first. Says whether the list of seekers
    /// moved: the call was lent one, or turned out to be gone.
    fn lend(&self, seeker: &Seeker, now: DateTime<Utc>, out: &mut Outbox) -> Result<bool> {
        if self.lenders.nobody_lends() {
            return Ok(false);
        }
        let card = &seeker.card;
        // Nearly always one of the first will do; only rare skills are looked for everywhere.
        for number in [FIRST_ASKED, usize::MAX] {
            let lenders = self.lenders.best(number);
            for lender in &lenders {
                let Some(lender) = self.numbered(*lender) else { continue };
                if !self.may_serve(seeker, &lender.id) {
                    continue;
                }
                if self.lend_from(&lender, card, now, out)? {
                    return Ok(true);
                }
            }
            if lenders.len() < number {
                break;
            }
        }
        Ok(false)
    }

    fn lend_from(&self, lender: &Site, card: &Arc<CallCard>, now: DateTime<Utc>, out: &mut Outbox) -> Result<bool> {
        let reservation = lender.with_floor(|floor| floor.reserve(card, now, out))?;
        let Reservation::Reserved { adviser, lease } = reservation else { return Ok(false) };
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
        Ok(true)
    }
}

/// Sites asked before all others are looked through.
const FIRST_ASKED: usize = 4;
