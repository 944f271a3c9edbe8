//! The invariants of the network: those of each floor, and that floors agree about what they have in common. Holds
//! between verbs when nothing else runs; tests run it after every step.

use super::Network;
use super::floor::Holding;
use crate::ids::{CallId, UserId};
use std::collections::{BTreeMap, BTreeSet};

impl Network {
    /// # Errors
    /// A sentence that says what is broken.
    pub fn check_invariants(&self) -> Result<(), String> {
        let mut by_advisers: BTreeSet<Holding> = BTreeSet::new();
        let mut by_calls: BTreeSet<Holding> = BTreeSet::new();
        let mut seeking: BTreeSet<CallId> = BTreeSet::new();
        let mut at_site: BTreeMap<UserId, String> = BTreeMap::new();
        for site in self.all_sites() {
            site.with_floor(|floor| {
                floor.check_invariants().map_err(|fault| format!("{}: {fault}", site.id))?;
                by_advisers.extend(floor.held_by_advisers());
                by_calls.extend(floor.held_calls());
                seeking.extend(floor.seeking());
                for adviser in floor.adviser_ids() {
                    if let Some(other) = at_site.insert(adviser, site.id.to_string()) {
                        return Err(format!("adviser {adviser} is at {other} and at {}", site.id));
                    }
                }
                Ok(())
            })?;
        }
        if let Some(holding) = by_advisers.symmetric_difference(&by_calls).next() {
            return Err(format!("only one end knows of {holding:?}"));
        }
        let listed = self.seekers.all();
        let set: BTreeSet<_> = listed.iter().copied().collect();
        if set != seeking || listed.len() != set.len() {
            return Err(format!("calls that seek another site: the floors say {seeking:?}, the list {listed:?}"));
        }
        let lendable = self.all_sites().iter().any(|site| site.load().lendable > 0);
        if lendable && !seeking.is_empty() {
            return Err(format!("{} calls seek another site while one has an adviser to spare", seeking.len()));
        }
        Ok(())
    }
}
