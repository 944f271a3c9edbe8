//! Records that may be the same person's: whoever adds or changes one is told of the others. Nothing is refused and nothing
//! is merged: a telephone may be a family's, and two people may share a name and a birthday.

use super::facts::name_key;
use super::store::{self, Wanted};
use super::{Client, Facts};
use startline_foundation::error::Result;
use startline_foundation::formats::words;
use startline_foundation::store::Db;
use std::cmp::Reverse;

/// Others that are told of: more are no hint any more.
const MOST: i32 = 10;

words! {
    /// In what two records are alike.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Likeness {
        Nino = "nino",
        NameAndBirth = "name_and_birth",
        Phone = "phone",
    }
}

/// Another record, and in what it is alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Alike {
    pub client: Client,
    pub in_what: Vec<Likeness>,
}

/// The other records that may be this client's, those with the same National Insurance number first.
pub async fn alike(db: &mut Db<'_>, client: &Client) -> Result<Vec<Alike>> {
    let facts = &client.facts;
    let nothing = Wanted { phone: None, nino: None, last_name_key: None, date_of_birth: None };
    let mut searches = Vec::new();
    if let Some(nino) = &facts.nino {
        searches.push(Wanted { nino: Some(nino.as_str().to_owned()), ..nothing.clone() });
    }
    if let (Some(key), Some(born)) = (known_name(facts), facts.date_of_birth) {
        searches.push(Wanted { last_name_key: Some(key), date_of_birth: Some(born), ..nothing.clone() });
    }
    if let Some(phone) = &facts.phone {
        searches.push(Wanted { phone: Some(phone.e164().to_owned()), ..nothing });
    }
    let mut found: Vec<Alike> = Vec::new();
    for wanted in searches {
        for other in store::find(db, &wanted, None, None, MOST).await? {
            let is_new = other.id != client.id && found.iter().all(|alike| alike.client.id != other.id);
            let in_what = likenesses(facts, &other.facts);
            if is_new && !in_what.is_empty() {
                found.push(Alike { client: other, in_what });
            }
        }
    }
    found.sort_by_key(|alike| (alike.in_what.first().copied(), Reverse(alike.in_what.len())));
    found.truncate(usize::try_from(MOST).unwrap_or(0));
    Ok(found)
}

/// Nobody is like another in having no name.
fn known_name(facts: &Facts) -> Option<String> {
    Some(name_key(&facts.last_name)).filter(|key| !key.is_empty())
}

fn likenesses(one: &Facts, other: &Facts) -> Vec<Likeness> {
    let nino = one.nino.is_some() && one.nino == other.nino;
    let name = known_name(one).is_some() && known_name(one) == known_name(other);
    let birth = one.date_of_birth.is_some() && one.date_of_birth == other.date_of_birth;
    let phone = one.phone.is_some() && one.phone == other.phone;
    let all = [(Likeness::Nino, nino), (Likeness::NameAndBirth, name && birth), (Likeness::Phone, phone)];
    all.into_iter().filter(|(_, is)| *is).map(|(likeness, _)| likeness).collect()
}
