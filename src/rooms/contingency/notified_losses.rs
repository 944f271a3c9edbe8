//! Which lost sites the floors have been told of. In memory: they are told afresh at every start.
//!
//! Somebody's declaration tells the floors as soon as it is committed. It may also be committed without anybody being left
//! to tell them (the caller hung up at that moment, or another process declared it), so the database is looked at again
//! every few seconds. A look that began before the latest change knows less than the floors do, and is not used.

use super::Contingency;
use startline_foundation::ids::SiteId;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
pub struct NotifiedLosses(Mutex<Notified>);

#[derive(Debug, Default)]
struct Notified {
    /// The reason by site.
    lost: BTreeMap<SiteId, Lost>,
    /// Counts what the floors were told.
    changes: u64,
}

#[derive(Debug, PartialEq, Eq)]
struct Lost {
    reason: String,
    /// Not in the database yet.
    owed: bool,
}

/// What the floors are to be told. Whoever tells them must not wait for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<'a> {
    Lost(&'a Contingency),
    Back(&'a SiteId),
}

impl NotifiedLosses {
    fn standing(&self) -> MutexGuard<'_, Notified> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn is_lost(&self, site: &SiteId) -> bool {
        self.standing().lost.contains_key(site)
    }

    /// The site is lost; `owed` says that the database does not know it yet.
    pub fn lost(&self, contingency: &Contingency, owed: bool, tell: impl FnOnce(Change<'_>)) {
        let mut standing = self.standing();
        let lost = Lost { reason: contingency.reason.clone(), owed };
        let before = standing.lost.insert(contingency.site.clone(), lost);
        standing.changes += 1;
        if before.is_none_or(|before| before.reason != contingency.reason) {
            tell(Change::Lost(contingency));
        }
    }

    /// The site is back.
    pub fn back(&self, site: &SiteId, tell: impl FnOnce(Change<'_>)) {
        let mut standing = self.standing();
        standing.changes += 1;
        if standing.lost.remove(site).is_some() {
            tell(Change::Back(site));
        }
    }

    /// What was owed is not owed any more: from now on the database says whether the site is lost.
    pub fn settle(&self, site: &SiteId) {
        if let Some(lost) = self.standing().lost.get_mut(site) {
            lost.owed = false;
        }
    }

    /// To be asked before the database is.
    pub fn changes(&self) -> u64 {
        self.standing().changes
    }

    /// The floors hear of the differences, unless something has changed since `seen`.
    pub fn catch_up(&self, seen: u64, open: &[Contingency], mut tell: impl FnMut(Change<'_>)) {
        let mut standing = self.standing();
        if standing.changes != seen {
            return;
        }
        standing.lost.retain(|site, lost| {
            let stays = lost.owed || open.iter().any(|contingency| contingency.site == *site);
            if !stays {
                tell(Change::Back(site));
            }
            stays
        });
        for contingency in open {
            let lost = Lost { reason: contingency.reason.clone(), owed: false };
            let before = standing.lost.insert(contingency.site.clone(), lost);
            if before.is_none_or(|before| before.reason != contingency.reason) {
                tell(Change::Lost(contingency));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::lost;
    use super::*;

    fn heard(changes: &[(&str, bool)]) -> Vec<(String, bool)> {
        changes.iter().map(|(site, lost)| ((*site).to_owned(), *lost)).collect()
    }

    fn note(to: &mut Vec<(String, bool)>, change: Change<'_>) {
        to.push(match change {
            Change::Lost(contingency) => (contingency.site.to_string(), true),
            Change::Back(site) => (site.to_string(), false),
        });
    }

    #[test]
    fn the_floors_hear_of_each_change_once() {
        let (notified_losses, mut said) = (NotifiedLosses::default(), Vec::new());
        let somerset = lost("somerset", &[]);
        notified_losses.lost(&somerset, false, |change| note(&mut said, change));
        notified_losses.lost(&somerset, false, |change| note(&mut said, change));
        notified_losses
            .catch_up(notified_losses.changes(), &[somerset, lost("gwent", &[])], |change| note(&mut said, change));
        notified_losses.catch_up(notified_losses.changes(), &[lost("gwent", &[])], |change| note(&mut said, change));
        assert_eq!(said, heard(&[("somerset", true), ("gwent", true), ("somerset", false)]));
    }

    #[test]
    fn an_old_look_at_the_database_undoes_nothing_and_neither_does_one_that_cannot_know() {
        let (notified_losses, mut said) = (NotifiedLosses::default(), Vec::new());
        let before = notified_losses.changes();
        notified_losses.lost(&lost("somerset", &[]), false, |change| note(&mut said, change));
        notified_losses.catch_up(before, &[], |change| note(&mut said, change));
        notified_losses.lost(&lost("gwent", &[]), true, |change| note(&mut said, change));
        notified_losses.catch_up(notified_losses.changes(), &[lost("somerset", &[])], |change| note(&mut said, change));
        assert_eq!(said, heard(&[("somerset", true), ("gwent", true)]));
        notified_losses.settle(&"gwent".into());
        notified_losses.catch_up(notified_losses.changes(), &[lost("somerset", &[])], |change| note(&mut said, change));
        assert_eq!(said.last(), heard(&[("gwent", false)]).last());
    }
}
