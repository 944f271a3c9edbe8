//! How many parts a text message is sent in. Letters of the GSM alphabet take seven bits; a single other letter (ŵ, ŷ, â)
//! turns the whole message into UTF-16, of which less than half as much fits.

/// 3GPP TS 23.038, section 6.2.1: the basic alphabet, without its escape character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿\
                     abcdefghijklmnopqrstuvwxyzäöñüà";
/// Section 6.2.1.1: letters that take an escape character before them.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// How many messages of the network one text takes, and 0 for an empty one.
pub fn sms_parts(text: &str) -> usize {
    let units = |c: char| match c {
        c if BASIC.contains(c) => Some(1),
        c if EXTENDED.contains(c) => Some(2),
        _ => None,
    };
    match text.chars().map(units).collect::<Option<Vec<usize>>>() {
        Some(septets) => parts(&septets, 160, 153),
        None => parts(&text.chars().map(char::len_utf16).collect::<Vec<_>>(), 70, 67),
    }
}

/// A letter is never divided between two parts.
fn parts(lengths: &[usize], alone: usize, of_several: usize) -> usize {
    if lengths.is_empty() {
        return 0;
    }
    if lengths.iter().sum::<usize>() <= alone {
        return 1;
    }
    let mut filled = 0;
    lengths.iter().fold(1, |count, length| {
        filled += length;
        if filled <= of_several {
            return count;
        }
        filled = *length;
        count + 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_parts_are_459_letters_of_the_alphabet_or_201_with_one_that_is_not_in_it() {
        for (text, expected) in [
            (String::new(), 0),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(459), 3),
            ("a".repeat(460), 4),
            // The accents of French and German are in the alphabet; the circumflexes of Welsh are not.
            ("é".repeat(160), 1),
            ("ŵ".repeat(70), 1),
            (format!("{}ŷ", "a".repeat(70)), 2),
            ("ŵ".repeat(201), 3),
            ("ŵ".repeat(202), 4),
            ("â".repeat(71), 2),
            // A letter with an escape counts twice, and one outside the first plane of Unicode too.
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("😀".repeat(35), 1),
            ("😀".repeat(36), 2),
        ] {
            assert_eq!(sms_parts(&text), expected, "{} letters {:?}", text.chars().count(), text.chars().next());
        }
    }

    #[test]
    fn a_letter_with_its_escape_is_not_divided_between_two_parts() {
        // 152 and the escape would fill the first part: the euro goes into the second whole.
        let text = format!("{}€{}", "a".repeat(152), "a".repeat(151));
        assert_eq!(sms_parts(&text), 2);
        assert_eq!(sms_parts(&format!("{text}a")), 3, "306 septets would be two parts if the euro could be divided");
    }
}
