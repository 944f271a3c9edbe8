//! Tokens that were checked lately, by their SHA-256: a desk sends the same one with every request. In memory only and
//! bounded. Nothing is kept of a token that was refused, so that a storm of those costs no memory.

use crate::keys::Key;
use crate::refused::Refused;
use crate::token::{Identity, Times};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

pub type Fingerprint = [u8; 32];

/// A token whose signature was right.
#[derive(Debug, Clone)]
pub struct Checked {
    pub identity: Arc<Identity>,
    pub times: Times,
    pub key: Arc<Key>,
}

/// Two halves: when the newer is full it becomes the older, and the older is forgotten. What is asked for moves to the newer.
#[derive(Debug)]
pub struct Cache {
    half: usize,
    halves: Mutex<[HashMap<Fingerprint, Checked>; 2]>,
}

impl Cache {
    pub fn new(most: usize) -> Self {
        Self { half: most.div_ceil(2), halves: Mutex::default() }
    }

    /// Who the token is of, while it is valid and its key has not been taken back; None when it has to be read.
    pub fn find(
        &self,
        token: &Fingerprint,
        now: DateTime<Utc>,
        leeway: TimeDelta,
    ) -> Option<Result<Arc<Identity>, Refused>> {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        let [newer, older] = &mut *halves;
        let checked = match newer.get(token) {
            Some(checked) => checked.clone(),
            None => older.remove(token)?,
        };
        if checked.key.is_withdrawn() {
            newer.remove(token);
            return None;
        }
        if let Err(refused) = checked.times.check(now, leeway) {
            newer.remove(token);
            return Some(Err(refused));
        }
        let identity = checked.identity.clone();
        if !newer.contains_key(token) {
            insert(&mut halves, self.half, *token, checked);
        }
        Some(Ok(identity))
    }

    pub fn keep(&self, token: Fingerprint, checked: Checked) {
        let mut halves = self.halves.lock().unwrap_or_else(PoisonError::into_inner);
        insert(&mut halves, self.half, token, checked);
    }

    pub fn len(&self) -> usize {
        self.halves.lock().unwrap_or_else(PoisonError::into_inner).iter().map(HashMap::len).sum()
    }
}

fn insert(halves: &mut [HashMap<Fingerprint, Checked>; 2], half: usize, token: Fingerprint, checked: Checked) {
    if halves[0].len() >= half {
        halves.swap(0, 1);
        halves[0].clear();
    }
    halves[0].insert(token, checked);
}
