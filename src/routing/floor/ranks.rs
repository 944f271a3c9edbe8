//! Who stands in line, kept apart by skills so that a match is found without walking past those who do not fit.
//!
//! A site has few different sets of skills, so the groups are a short list; within one, the order is a tree.

use crate::skills::SkillSet;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub(super) struct Ranks<K, V> {
    groups: Vec<(SkillSet, BTreeMap<K, V>)>,
    len: usize,
}

impl<K, V> Default for Ranks<K, V> {
    fn default() -> Self {
        Self { groups: Vec::new(), len: 0 }
    }
}

impl<K: Ord + Copy, V: Copy> Ranks<K, V> {
    pub(super) fn insert(&mut self, skills: SkillSet, key: K, value: V) {
        let group = match self.groups.iter().position(|(group, _)| *group == skills) {
            Some(found) => &mut self.groups[found].1,
            None => {
                self.groups.push((skills, BTreeMap::new()));
                let last = self.groups.len() - 1;
                &mut self.groups[last].1
            }
        };
        self.len += usize::from(group.insert(key, value).is_none());
    }

    /// A group that empties stays: it will be wanted again.
    pub(super) fn remove(&mut self, skills: SkillSet, key: &K) {
        if let Some((_, group)) = self.groups.iter_mut().find(|(group, _)| *group == skills) {
            self.len -= usize::from(group.remove(key).is_some());
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The first in line of each group that has somebody.
    pub(super) fn heads(&self) -> impl Iterator<Item = (SkillSet, K, V)> {
        self.groups
            .iter()
            .filter_map(|(skills, group)| group.first_key_value().map(|(key, value)| (*skills, *key, *value)))
    }

    /// The first in line among the groups that fit.
    pub(super) fn first(&self, fits: impl Fn(SkillSet) -> bool) -> Option<(SkillSet, K, V)> {
        self.heads().filter(|(skills, ..)| fits(*skills)).min_by_key(|(_, key, _)| *key)
    }

    /// How many stand at `key` or before it. Quick for the tail of a line, which is where most come in.
    pub(super) fn position(&self, key: &K) -> usize {
        let within = |group: &BTreeMap<K, V>| match group.last_key_value() {
            Some((last, _)) if last <= key => group.len(),
            _ => group.range(..=key).count(),
        };
        self.groups.iter().map(|(_, group)| within(group)).sum()
    }

    /// Everybody, in order.
    pub(super) fn in_order(&self) -> Vec<(K, V)> {
        let mut all: Vec<_> = self.groups.iter().flat_map(|(_, group)| group.iter().map(|(k, v)| (*k, *v))).collect();
        all.sort_by_key(|(key, _)| *key);
        all
    }

    /// Everything, for comparing with what it should be.
    pub(super) fn contents(&self) -> BTreeMap<(SkillSet, K), V> {
        self.groups.iter().flat_map(|(skills, group)| group.iter().map(|(k, v)| ((*skills, *k), *v))).collect()
    }
}
