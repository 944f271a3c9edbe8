//! Which site an area belongs to: the longest matching prefix of a telephone number wins.
//!
//! Pure and immutable. The table is built from the service definition; a new definition builds a new table.
//! A look-up walks a trie of digits, so its cost depends on the length of the number and not on that of the table.

use startline_foundation::error::{Error, FieldFault, Result};
use startline_foundation::ids::SiteId;
use std::sync::Arc;

/// What a prefix leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaTarget {
    pub site: SiteId,
    /// What people call the area, for the adviser's screen: `Frome`.
    pub place: Arc<str>,
}

/// The rule that matched a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaMatch {
    /// The digits that matched, without `+`.
    pub prefix: String,
    pub target: AreaTarget,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// The next node for each digit; 0, the root, means none.
    next: [u32; 10],
    target: Option<AreaTarget>,
}

#[derive(Debug, Clone)]
pub struct AreaTable {
    nodes: Vec<Node>,
}

impl Default for AreaTable {
    fn default() -> Self {
        Self { nodes: vec![Node::default()] }
    }
}

impl AreaTable {
    /// Builds the table from E.164 prefixes, with or without `+`: `441373`.
    ///
    /// # Errors
    /// `Invalid`, naming `areas[n].e164_prefix`, for a prefix that is empty or no digits, or that stands twice.
    pub fn new(pairs: impl IntoIterator<Item = (String, AreaTarget)>) -> Result<Self> {
        let mut table = Self::default();
        let mut faults = Vec::new();
        for (row, (prefix, target)) in pairs.into_iter().enumerate() {
            if let Err(reason) = table.insert(&prefix, target) {
                faults.push(FieldFault { field: format!("areas[{row}].e164_prefix"), reason });
            }
        }
        if faults.is_empty() { Ok(table) } else { Err(Error::Invalid(faults)) }
    }

    fn insert(&mut self, prefix: &str, target: AreaTarget) -> Result<(), String> {
        let digits = prefix.strip_prefix('+').unwrap_or(prefix);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(format!("`{prefix}` is not a prefix of digits such as 441373"));
        }
        let mut at = 0;
        for byte in digits.bytes() {
            let digit = usize::from(byte - b'0');
            if self.nodes[at].next[digit] == 0 {
                self.nodes[at].next[digit] =
                    u32::try_from(self.nodes.len()).map_err(|_| "the table is full".to_owned())?;
                self.nodes.push(Node::default());
            }
            at = self.nodes[at].next[digit] as usize;
        }
        if let Some(other) = &self.nodes[at].target {
            return Err(format!("`{prefix}` already leads to {}", other.site));
        }
        self.nodes[at].target = Some(target);
        Ok(())
    }

    /// The rule with the longest prefix of `number`, which is E.164 with or without `+`. Anything else than digits
    /// ends the number there.
    pub fn find(&self, number: &str) -> Option<AreaMatch> {
        self.longest(number).map(|(prefix, target)| AreaMatch { prefix: prefix.to_owned(), target: target.clone() })
    }

    /// [`AreaTable::find`] without copies: the digits that matched, and what they lead to.
    pub fn longest<'t, 'n>(&'t self, number: &'n str) -> Option<(&'n str, &'t AreaTarget)> {
        let digits = number.strip_prefix('+').unwrap_or(number);
        let (mut at, mut best) = (0, None);
        for (depth, byte) in digits.bytes().enumerate() {
            if !byte.is_ascii_digit() {
                break;
            }
            at = self.nodes[at].next[usize::from(byte - b'0')] as usize;
            if at == 0 {
                break;
            }
            if let Some(target) = &self.nodes[at].target {
                best = Some((depth + 1, target));
            }
        }
        best.map(|(length, target)| (&digits[..length], target))
    }

    /// Every site that some prefix leads to.
    pub fn sites(&self) -> impl Iterator<Item = &SiteId> {
        self.nodes.iter().filter_map(|node| node.target.as_ref().map(|target| &target.site))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn target(site: &str, place: &str) -> AreaTarget {
        AreaTarget { site: site.into(), place: place.into() }
    }

    #[test]
    fn a_frome_number_leads_to_somerset_and_says_which_prefix_did_it() {
        let table = AreaTable::new([
            ("441373".to_owned(), target("somerset", "Frome")),
            ("44".to_owned(), target("buckinghamshire", "anywhere else")),
        ])
        .unwrap();
        let found = table.find("+441373000123").unwrap();
        assert_eq!((found.prefix.as_str(), &*found.target.place), ("441373", "Frome"));
        assert_eq!(table.find("441494000123").unwrap().target.site, "buckinghamshire".into());
        assert_eq!(table.find("+33140000000"), None);
        assert_eq!(table.find(""), None);
    }

    #[test]
    fn a_prefix_given_twice_or_of_letters_is_refused_with_its_row() {
        let rows = [("441373", "a"), ("44x", "b"), ("+441373", "c"), ("", "d")];
        let fault = AreaTable::new(rows.map(|(prefix, site)| (prefix.to_owned(), target(site, "")))).unwrap_err();
        let Error::Invalid(faults) = fault else { panic!("expected Invalid, got {fault:?}") };
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["areas[1].e164_prefix", "areas[2].e164_prefix", "areas[3].e164_prefix"]);
    }

    proptest! {
        #[test]
        fn the_trie_agrees_with_a_naive_scan(
            rules in proptest::collection::btree_map("[0-3]{1,5}", 0_u8..4, 0..40),
            number in "[0-3]{0,8}",
        ) {
            let rules: BTreeMap<String, u8> = rules;
            let table = AreaTable::new(
                rules.iter().map(|(prefix, site)| (prefix.clone(), target(&site.to_string(), prefix))),
            ).unwrap();
            let naive = rules.iter().filter(|(prefix, _)| number.starts_with(prefix.as_str())).max_by_key(|(p, _)| p.len());
            let found = table.find(&number);
            prop_assert_eq!(found.as_ref().map(|f| f.prefix.as_str()), naive.map(|(prefix, _)| prefix.as_str()));
            prop_assert_eq!(found.map(|f| f.target.site), naive.map(|(_, site)| SiteId::new(&site.to_string())));
        }
    }
}
