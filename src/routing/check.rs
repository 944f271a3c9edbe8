//! The invariants of the network: those of each floor, and that floors agree about what they have in common. Holds
//! between verbs when nothing else runs; tests run it after every step.

use super::floor::Holding;
use super::network::Network;
use super::overflow::Seeker;
use startline_foundation::ids::{CallId, UserId};
use std::collections::{BTreeMap, BTreeSet};

impl Network {
    /// # Errors
    /// A sentence that says what is broken.
    pub fn check_invariants(&self) -> Result<(), String> {
        let mut by_advisers: BTreeSet<Holding> = BTreeSet::new();
        let mut by_calls: BTreeSet<Holding> = BTreeSet::new();
        let mut seeking: BTreeSet<CallId> = BTreeSet::new();
        let mut at_site: BTreeMap<UserId, String> = BTreeMap::new();
        for site in self.all_sites().iter() {
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
        let seekers = self.overflow.snapshot();
        let listed: Vec<_> = seekers.iter().map(|seeker| seeker.card.call).collect();
        let set: BTreeSet<_> = listed.iter().copied().collect();
        if set != seeking || listed.len() != set.len() {
            return Err(format!("calls that seek another site: the floors say {seeking:?}, the list {listed:?}"));
        }
        for (number, site) in self.all_sites().iter().enumerate() {
            let load = site.load();
            if load != site.with_floor(|floor| floor.load()) {
                return Err(format!("{} is not as busy as others see it", site.id));
            }
            if load.lendable > 0 && !self.lenders.best(usize::MAX).contains(&site.number) {
                return Err(format!("{} has somebody to spare and is not listed, number {number}", site.id));
            }
            let could =
                |seeker: &&Seeker| self.may_serve(seeker, &site.id) && site.with_floor(|f| f.could_lend(&seeker.card));
            if let Some(seeker) = seekers.iter().find(could) {
                return Err(format!("call {} seeks while {} has an adviser to spare", seeker.card.call, site.id));
            }
        }
        Ok(())
    }
}
