//! What is remembered about callers by their number: what they need, and who gave up waiting a while ago.
//!
//! Memory only. The needs are copied from the client records whenever those can be read, so that they hold while the
//! database is away; that somebody gave up is forgotten after half an hour or a restart.

use super::skills::SkillSet;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Whoever rings again within this time after giving up goes before others. Six in ten do.
const RING_AGAIN_WITHIN: TimeDelta = TimeDelta::minutes(30);
/// Callers remembered: far more than give up within that time.
const REMEMBERED: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Callers {
    needs: RwLock<Arc<HashMap<String, SkillSet>>>,
    gave_up: Mutex<GaveUp>,
    gave_up_count: AtomicUsize,
}

#[derive(Debug, Default)]
struct GaveUp {
    when: HashMap<Arc<str>, DateTime<Utc>>,
    order: VecDeque<(DateTime<Utc>, Arc<str>)>,
}

impl Callers {
    pub(super) fn set_needs(&self, needs: HashMap<String, SkillSet>) {
        *self.needs.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(needs);
    }

    pub(super) fn needs(&self, number: &str) -> SkillSet {
        let needs = self.needs.read().unwrap_or_else(PoisonError::into_inner);
        if needs.is_empty() { SkillSet::NONE } else { needs.get(number).copied().unwrap_or_default() }
    }

    pub(super) fn gave_up(&self, number: &str, now: DateTime<Utc>) {
        let mut gave_up = self.gave_up.lock().unwrap_or_else(PoisonError::into_inner);
        let number: Arc<str> = number.into();
        gave_up.when.insert(number.clone(), now);
        gave_up.order.push_back((now, number));
        while gave_up.order.len() > REMEMBERED
            || gave_up.order.front().is_some_and(|(when, _)| now - *when > RING_AGAIN_WITHIN)
        {
            let Some((when, number)) = gave_up.order.pop_front() else { break };
            if gave_up.when.get(&number) == Some(&when) {
                gave_up.when.remove(&number);
            }
        }
        self.gave_up_count.store(gave_up.when.len(), Ordering::Relaxed);
    }

    /// The clock was set by so much while no time passed.
    pub(super) fn clock_was_set(&self, by: TimeDelta) {
        let mut gave_up = self.gave_up.lock().unwrap_or_else(PoisonError::into_inner);
        let GaveUp { when, order } = &mut *gave_up;
        for moment in when.values_mut().chain(order.iter_mut().map(|(moment, _)| moment)) {
            *moment = moment.checked_add_signed(by).unwrap_or(*moment);
        }
    }

    /// Whether this caller gave up a while ago. Asked once: the next time counts anew.
    pub(super) fn rings_again(&self, number: &str, now: DateTime<Utc>) -> bool {
        if self.gave_up_count.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let mut gave_up = self.gave_up.lock().unwrap_or_else(PoisonError::into_inner);
        let when = gave_up.when.remove(number);
        self.gave_up_count.store(gave_up.when.len(), Ordering::Relaxed);
        when.is_some_and(|when| now - when <= RING_AGAIN_WITHIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gave_up_is_known_for_half_an_hour_and_once() {
        let callers = Callers::default();
        let noon = DateTime::from_timestamp(986_040_000, 0).unwrap();
        callers.gave_up("+441373000123", noon);
        callers.gave_up("+441373000124", noon);
        assert!(!callers.rings_again("+441373000125", noon));
        assert!(callers.rings_again("+441373000123", noon + TimeDelta::minutes(30)));
        assert!(!callers.rings_again("+441373000123", noon + TimeDelta::minutes(30)));
        assert!(!callers.rings_again("+441373000124", noon + TimeDelta::minutes(31)));
    }

    #[test]
    fn memory_of_those_who_gave_up_is_bounded() {
        let callers = Callers::default();
        let noon = DateTime::from_timestamp(986_040_000, 0).unwrap();
        for n in 0..=REMEMBERED {
            callers.gave_up(&n.to_string(), noon);
        }
        assert!(!callers.rings_again("0", noon));
        assert!(callers.rings_again("1", noon));
    }
}
