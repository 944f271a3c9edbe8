//! Who is at which telephone: one telephone is one adviser's.

use super::adviser_card::telephone_user;
use startline_foundation::ids::UserId;
use std::collections::HashMap;

/// Where each adviser signed in last, and who signed in where, both by the part of a telephone's address that every way of
/// writing it has. Whoever is named here may have signed out since. Nobody stands in it twice, whatever addresses they try.
#[derive(Debug, Default)]
pub(super) struct Telephones {
    of: HashMap<UserId, String>,
    at: HashMap<String, Vec<UserId>>,
}

impl Telephones {
    /// Notes that this adviser signs in there, and says who else may be there.
    pub(super) fn signed_in_at(&mut self, address: &str, adviser: UserId) -> Vec<UserId> {
        let user = telephone_user(address);
        if let Some(before) = self.of.insert(adviser, user.to_owned())
            && let Some(there) = self.at.get_mut(&before)
        {
            there.retain(|other| *other != adviser);
            if there.is_empty() {
                self.at.remove(&before);
            }
        }
        if user.is_empty() {
            return Vec::new();
        }
        let here = self.at.entry(user.to_owned()).or_default();
        let others = here.clone();
        here.push(adviser);
        others
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn whoever_may_be_at_a_telephone_is_found_by_any_way_of_writing_it_and_nobody_is_kept_twice() {
        let mut telephones = Telephones::default();
        let [asha, bela] = [1, 2].map(|n| UserId(Uuid::from_u64_pair(1, n)));
        assert_eq!(telephones.signed_in_at("sip:2001@pbx.example", asha), []);
        assert_eq!(telephones.signed_in_at("2001", bela), [asha]);
        assert_eq!(telephones.signed_in_at("sip:2001@pbx.example;transport=udp", asha), [bela]);
        for n in 3_000..3_100 {
            assert_eq!(telephones.signed_in_at(&format!("sip:{n}@pbx.example"), asha), []);
        }
        assert_eq!(telephones.signed_in_at("", asha), []);
        assert_eq!((telephones.of.len(), telephones.at.len()), (2, 1));
        assert_eq!(telephones.signed_in_at("2001", asha), [bela]);
    }
}
