//! Filling in what a script says: `[client]` becomes the client's name. Pure. What is not known stays as it stands, for
//! the adviser to say.

use crate::clients::Client;
use startline_definition::Definition;
use startline_foundation::formats::Language;
use std::collections::HashMap;

/// The words that a script may leave open, as far as they are known.
pub fn known<'a>(
    definition: &Definition,
    client: Option<&Client>,
    adviser: &'a str,
    spoken: Language,
) -> HashMap<&'a str, String> {
    let mut words = HashMap::from([("adviser", adviser.to_owned())]);
    if let Some(client) = client {
        words.insert("client", client.full_name());
        if let Some(site) = definition.site(&client.home_site) {
            words.insert("site", site.name.in_language(spoken).to_owned());
            words.insert("phone", site.phone.grouped());
        }
        if let Some(phone) = &client.facts.phone {
            words.insert("number", phone.grouped());
        }
    }
    words
}

pub fn fill(text: &str, words: &HashMap<&str, String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        filled.push_str(before);
        match after.split_once(']').map(|(name, after)| (name, words.get(name), after)) {
            Some((_, Some(word), after)) => {
                filled.push_str(word);
                rest = after;
            }
            _ => {
                filled.push('[');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::Facts;
    use startline_definition::FILLED_IN;
    use startline_foundation::formats::UkPhone;
    use startline_foundation::ids::{ClientId, SiteId};

    #[test]
    fn what_is_not_known_stays_for_the_adviser_to_say() {
        let words = HashMap::from([("client", "Ms Hill".to_owned())]);
        assert_eq!(fill("May I speak to [client]? [slot 1] or", &words), "May I speak to Ms Hill? [slot 1] or");
        assert_eq!(fill("[client", &words), "[client");
        assert_eq!(fill("[[client]]", &words), "[Ms Hill]");
    }

    #[test]
    fn the_check_of_a_definition_knows_what_is_filled_in() {
        let definition = Definition::embedded();
        let client = Client {
            id: ClientId::fresh(chrono::DateTime::UNIX_EPOCH),
            revision: 1,
            facts: Facts { phone: UkPhone::parse("01373 000123").ok(), ..Facts::default() },
            home_site: SiteId::new("somerset"),
            first_contact_at: chrono::DateTime::UNIX_EPOCH,
            matter_over_at: None,
            death: None,
        };
        let mut names: Vec<&str> = known(&definition, Some(&client), "Asha", Language::English).into_keys().collect();
        let mut told = FILLED_IN.to_vec();
        names.sort_unstable();
        told.sort_unstable();
        assert_eq!(names, told);
    }

    #[test]
    fn a_clients_name_is_never_read_as_a_word_to_fill_in() {
        let words = HashMap::from([("client", "[adviser]".to_owned()), ("adviser", "Asha".to_owned())]);
        assert_eq!(fill("Hello [client]", &words), "Hello [adviser]");
    }
}
