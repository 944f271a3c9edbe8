//! Who is at which telephone: one telephone is one adviser's.

use super::adviser_card::telephone_user;
use startline_foundation::ids::UserId;
use std::collections::HashMap;

/// Who signed in last with which telephone, by the part of its address that every way of writing it has. Whoever is named
/// here may have signed out since, or have another telephone.
#[derive(Debug, Default)]
pub(super) struct Telephones(HashMap<String, Vec<UserId>>);

impl Telephones {
    /// Notes that this adviser signs in there, and says who else may be there.
    pub(super) fn signed_in_at(&mut self, address: &str, adviser: UserId) -> Vec<UserId> {
        let user = telephone_user(address);
        if user.is_empty() {
            return Vec::new();
        }
        let here = self.0.entry(user.to_owned()).or_default();
        let others: Vec<_> = here.iter().copied().filter(|other| *other != adviser).collect();
        if others.len() == here.len() {
            here.push(adviser);
        }
        others
    }
}
