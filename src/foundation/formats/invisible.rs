//! Characters that nobody sees, and those that stand between figures: what is pasted from a letter or a web page is full of
//! both.

/// Nothing that is seen: invisible, or a blank that is no space. Joiners are told apart by [`joins`].
pub fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{00AD}' | '\u{034F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Turns the direction in which a line is read.
pub fn turns(character: char) -> bool {
    matches!(character,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

/// A zero-width joiner or non-joiner between two letters of a script that needs it: Persian and the scripts of India
/// spell words with them.
pub fn joins(before: Option<char>, character: char, after: Option<char>) -> bool {
    matches!(character, '\u{200C}' | '\u{200D}')
        && before.is_some_and(needs_joiners)
        && after.is_some_and(needs_joiners)
}

/// Arabic, Syriac, Mongolian, and the scripts from Devanagari to Myanmar and Khmer.
fn needs_joiners(letter: char) -> bool {
    matches!(letter,
        '\u{0620}'..='\u{074F}' | '\u{0750}'..='\u{077F}' | '\u{0840}'..='\u{085F}' | '\u{08A0}'..='\u{08FF}'
        | '\u{0900}'..='\u{0DFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{1820}'..='\u{18AF}'
        | '\u{A8E0}'..='\u{A8FF}' | '\u{FB50}'..='\u{FDFB}' | '\u{FE70}'..='\u{FEFC}')
}

/// Any dash or hyphen, and the minus.
fn is_dash(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2043}'
                | '\u{2212}'
                | '\u{2E3A}'
                | '\u{2E3B}'
                | '\u{2E40}'
                | '\u{FE31}'
                | '\u{FE32}'
                | '\u{FE58}'
                | '\u{FE63}'
                | '\u{FF0D}'
    )
}

/// What people write between figures, or paste along with them: any space, dash, slash, full stop or invisible mark.
pub fn parts_figures(character: char) -> bool {
    character.is_whitespace()
        || is_dash(character)
        || is_invisible(character)
        || turns(character)
        || matches!(character, '/' | '.' | '\u{2024}' | '\u{2027}' | '\u{2044}' | '\u{2215}' | '\u{00B7}' | '\u{30FB}')
}

/// The text without what stands between its figures.
pub fn without_parting(text: &str) -> String {
    text.chars().filter(|character| !parts_figures(*character)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_parts_figures_is_left_out_and_nothing_else() {
        for text in ["12-34-56", "12–34–56", "12\u{a0}34\u{a0}56", "12.34.56", "12/34/56", "\u{202a}123456\u{202c}"]
        {
            assert_eq!(without_parting(text), "123456", "{text:?}");
        }
        assert_eq!(without_parting("01373 000123 ext 4"), "01373000123ext4");
    }
}
