//! Plain text from outside. What is printed on paper, read by a screen reader and compared in a search must look like
//! what it is: no control characters, nothing that reorders or hides letters, and one form of each letter (NFC).

use super::invisible::{is_invisible, joins, turns};
use unicode_normalization::UnicodeNormalization;

/// One line of text: trimmed, without control, direction or invisible characters, at most `max_chars` characters.
///
/// # Errors
/// A sentence that says what would be right.
pub fn plain_text(text: &str, max_chars: usize) -> Result<String, String> {
    checked(text, max_chars, false)
}

/// A name of a person, or a part of one: as [`plain_text`], and where it is not empty there is a letter in it.
///
/// # Errors
/// A sentence that says what would be right.
pub fn person_name(text: &str, max_chars: usize) -> Result<String, String> {
    let name = plain_text(text, max_chars)?;
    if name.is_empty() || name.chars().any(char::is_alphabetic) {
        return Ok(name);
    }
    Err("must be a name: there is no letter in it".into())
}

/// Text of several lines: as [`plain_text`], but line breaks are kept (as `\n`) and a tab becomes a space.
///
/// # Errors
/// A sentence that says what would be right.
pub fn long_text(text: &str, max_chars: usize) -> Result<String, String> {
    let text = text.replace("\r\n", "\n").replace('\t', " ");
    checked(&text, max_chars, true)
}

fn checked(text: &str, max_chars: usize, lines: bool) -> Result<String, String> {
    // Bytes first: a text of many megabytes is refused without being read twice.
    if text.len() > max_chars.saturating_mul(4).saturating_add(1024) {
        return Err(format!("must be at most {max_chars} characters"));
    }
    let text: String = text.trim().nfc().collect();
    let characters: Vec<char> = text.chars().collect();
    for (at, &character) in characters.iter().enumerate() {
        if lines && character == '\n' {
            continue;
        }
        if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
            return Err(if lines {
                "must not contain control characters (letters, figures, punctuation and line breaks are fine)".into()
            } else {
                "must be one line without control characters (letters, figures and punctuation are fine)".into()
            });
        }
        let before = at.checked_sub(1).and_then(|at| characters.get(at)).copied();
        if hides_or_reorders(character) && !joins(before, character, characters.get(at + 1).copied()) {
            return Err(format!(
                "must not contain invisible or direction-changing characters (U+{:04X} was found)",
                u32::from(character)
            ));
        }
    }
    if characters.len() > max_chars {
        return Err(format!("must be at most {max_chars} characters"));
    }
    Ok(text)
}

/// Bidirectional controls, what is not seen, and noncharacters.
fn hides_or_reorders(character: char) -> bool {
    turns(character)
        || is_invisible(character)
        || matches!(character, '\u{FDD0}'..='\u{FDEF}')
        || u32::from(character) & 0xFFFE == 0xFFFE
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn template_code_is_only_text_but_a_direction_override_is_refused() {
        assert_eq!(plain_text(" #read(\"/etc/passwd\") ", 100).as_deref(), Ok("#read(\"/etc/passwd\")"));
        assert!(plain_text("Ann\u{202e}nnA", 100).is_err_and(|reason| reason.contains("U+202E")));
    }

    #[test]
    fn welsh_letters_are_welcome() {
        assert_eq!(plain_text("Tŷ Gŵyl, Pont-y-pŵl", 40).as_deref(), Ok("Tŷ Gŵyl, Pont-y-pŵl"));
    }

    #[test]
    fn names_keep_the_joiners_their_script_needs_and_nothing_else_that_is_not_seen() {
        for name in ["علی\u{200c}رضا", "श\u{94d}\u{200d}याम", "ක\u{dca}\u{200d}ෂ"] {
            assert_eq!(person_name(name, 80).as_deref(), Ok(name));
        }
        for name in
            ["\u{ad}", "\u{3164}", "\u{2800}", "\u{fe0f}", "An\u{200d}na", "\u{200c}علی", "An\u{ad}na", "---", "7"]
        {
            assert!(person_name(name, 80).is_err(), "{name:?}");
        }
        assert_eq!(person_name("Sia\u{302}n", 80).as_deref(), Ok("Siân"), "kept in one form");
        assert_eq!(person_name(" ", 80).as_deref(), Ok(""));
    }

    #[test]
    fn a_line_break_is_for_long_text_only() {
        assert!(plain_text("a\nb", 10).is_err());
        assert_eq!(long_text("a\r\nb\tc", 10).as_deref(), Ok("a\nb c"));
    }

    #[test]
    fn the_limit_counts_characters_not_bytes() {
        assert!(plain_text(&"ŵ".repeat(60), 60).is_ok());
        assert_eq!(plain_text(&"a".repeat(61), 60), Err("must be at most 60 characters".into()));
        assert!(long_text(&"a".repeat(100_000), 2_000).is_err());
    }

    proptest! {
        #[test]
        fn accepted_text_is_the_trimmed_text_and_holds_nothing_forbidden(text in any::<String>(), max in 0usize..40) {
            // The naive oracle: the list as the rule states it.
            let forbidden = |c: char| {
                let code = u32::from(c);
                c.is_control() || (0x202A..=0x202E).contains(&code) || (0x2066..=0x2069).contains(&code)
                    || [0x00AD, 0x200E, 0x200F, 0x061C, 0x200B, 0x2800, 0x3164, 0xFE0F, 0xFEFF].contains(&code)
            };
            match plain_text(&text, max) {
                Ok(kept) => {
                    prop_assert_eq!(&kept, &text.trim().nfc().collect::<String>());
                    prop_assert!(!kept.chars().any(forbidden));
                    prop_assert!(kept.chars().count() <= max);
                }
                Err(_) => {
                    let refusable = |c: char| forbidden(c) || hides_or_reorders(c) || matches!(c, '\u{2028}' | '\u{2029}');
                    let text: String = text.trim().nfc().collect();
                    let reasoned = text.chars().count() > max || text.chars().any(refusable);
                    prop_assert!(reasoned);
                }
            }
        }
    }
}
