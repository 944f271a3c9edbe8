//! How names are compared: by their plain letters, whatever keyboard they were typed on.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Raised whenever [`folded`] gives another key for some name, so that keys that were kept before are made anew.
pub const FOLD_VERSION: i32 = 2;

/// A name as it is looked for: without case, accents, spaces, hyphens and apostrophes, in the letters a to z where the
/// letter has a plain one: `Siân-Ffŷdd`, `SIAN FFYDD` and `Siân Ffydd` are one, and so are `Łącki` and `lacki`, `İNCE` and
/// `ince`, `Weiß` and `WEISS`. A letter of another script is read as it sounds.
pub fn folded(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    // The small letter first: the table of plain letters does not have every capital.
    let small = name.nfkd().flat_map(char::to_lowercase).nfkd();
    for character in small.filter(|c| !is_combining_mark(*c) && c.is_alphanumeric()) {
        match deunicode::deunicode_char(character).filter(|plain| !plain.is_empty()) {
            Some(plain) => {
                key.extend(plain.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()))
            }
            None => key.push(character),
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_way_of_typing_a_name_gives_one_key() {
        for ways in [
            ["Siân-Ffŷdd", "Sia\u{302}n-Ffy\u{302}dd", "SIAN FFYDD", "sianffydd"],
            ["Łącki", "ŁĄCKI", "Lacki", "lącki"],
            ["Müller", "Mu\u{308}ller", "MULLER", "müller"],
            ["İnce", "INCE", "ince", "ınce"],
            ["Weiß", "WEISS", "weiss", "Weiẞ"],
            ["Tŵr-Gŵyl", "twr gwyl", "TWR'GWYL", "tw\u{302}r gw\u{302}yl"],
            ["O'Brien", "O’Brien", "obrien", "O Brien"],
            ["Nguyễn", "NGUYỄN", "Nguyen", "nguye\u{302}\u{303}n"],
            ["Øster", "øster", "Oster", "OSTER"],
            ["\u{a7dc}", "ƛ", "L", "l"],
            ["ﬁnch", "Finch", "ＦＩＮＣＨ", "finch"],
        ] {
            let keys: Vec<String> = ways.iter().map(|way| folded(way)).collect();
            assert!(keys.iter().all(|key| *key == keys[0] && !key.is_empty()), "{ways:?}: {keys:?}");
        }
        assert_eq!(folded("Иванов"), folded("Ivanov"));
        assert_ne!(folded("Fry"), folded("Frye"));
    }

    #[test]
    fn every_letter_has_one_key_that_is_its_own() {
        for letter in '\0'..=char::MAX {
            let key = folded(&letter.to_string());
            assert_eq!(folded(&key), key, "{letter:?}");
            // The Greek iota below, as a capital, stands beside.
            let capital: String = letter.nfkd().filter(|c| *c != '\u{345}').flat_map(char::to_uppercase).collect();
            assert_eq!(folded(&capital), key, "{letter:?} as {capital:?}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key_and_does_not_hang_on_the_normal_form(name in any::<String>()) {
            let key = folded(&name);
            prop_assert_eq!(folded(&key), key.clone());
            prop_assert_eq!(folded(&name.nfc().collect::<String>()), key.clone());
            prop_assert_eq!(folded(&name.nfd().collect::<String>()), key);
        }
    }
}
