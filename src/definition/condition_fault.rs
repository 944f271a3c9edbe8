//! Says in plain words why a condition cannot be read: which slip it has, and what to write instead.

use super::nearest::did_you_mean;

/// Why it cannot be read, as a sentence. `column` is where the parser gave up.
pub(super) fn unreadable(source: &str, column: Option<isize>) -> String {
    let reason = if without_texts(source).is_none() {
        Some("a quote is opened and not closed".to_owned())
    } else {
        slip(source)
    };
    match (reason, column) {
        (Some(reason), _) => format!("the condition cannot be read: {reason}"),
        (None, Some(column)) => format!(
            "the condition cannot be read from its column {column} on: compare as in A6 == \"yes\", join with && and ||"
        ),
        (None, None) => "the condition cannot be read".to_owned(),
    }
}

/// The slip in a condition that cannot be read. What stands in quotes is text, and is left alone.
fn slip(source: &str) -> Option<String> {
    if let Some(quote) = source.chars().find(|c| matches!(c, '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}')) {
        return Some(format!("{quote} is a curly quote: write straight ones, as in A6 == \"yes\""));
    }
    let bare = without_texts(source)?;
    if bare.contains('\u{a0}') {
        return Some("it holds a no-break space, as pasted text does: type the space anew".to_owned());
    }
    let written = |wrong: &str, right: &str| Some(format!("write {right} for {wrong}"));
    for (wrong, right) in [
        ("=<", "<="),
        ("=>", ">="),
        ("<>", "!="),
        ("===", "=="),
        ("!==", "!="),
        ("\u{2264}", "<="),
        ("\u{2265}", ">="),
        ("\u{2260}", "!="),
    ] {
        if bare.contains(wrong) {
            return written(wrong, right);
        }
    }
    if has_single(&bare, '=', &['=', '!', '<', '>']) {
        return Some("write == to compare: one = is not enough".to_owned());
    }
    if has_single(&bare, '&', &['&']) {
        return written("&", "&&");
    }
    if has_single(&bare, '|', &['|']) {
        return written("|", "||");
    }
    let words: Vec<String> = bare.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_lowercase).collect();
    let has = |word: &str| words.iter().any(|one| one == word);
    if words.windows(2).any(|pair| pair == ["not", "in"]) {
        return Some("write !(A5 in [\"other\"]) for not in".to_owned());
    }
    for (wrong, right) in [
        ("and", "&&"),
        ("or", "||"),
        ("not", "!"),
        ("is", "=="),
        ("equals", "=="),
        ("ac", "&&"),
        ("neu", "||"),
        ("contains", "in, as in \"JSA\" in A1,"),
    ] {
        if has(wrong) && !bare.contains(&format!("{wrong}(")) {
            return written(wrong, right);
        }
    }
    let count = |c: char| bare.matches(c).count();
    for (open, close) in [('(', ')'), ('[', ']')] {
        if count(open) > count(close) {
            return Some(format!("a bracket {open} is opened and not closed"));
        }
        if count(close) > count(open) {
            return Some(format!("a bracket {close} is closed and was not opened"));
        }
    }
    let bare = bare.trim();
    if let Some(ending) = ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*", "in"]
        .into_iter()
        .find(|ending| bare.ends_with(ending) && (*ending != "in" || bare.ends_with(" in")))
    {
        return Some(format!("it ends with {ending}, and something must follow"));
    }
    None
}

/// The function that was called and is none.
pub(super) fn unknown_function(name: &str, known: &[&str]) -> String {
    let told = did_you_mean(name, known.iter().copied());
    let told = if told.ends_with('?') { told } else { format!("; the functions are {}", known.join(", ")) };
    format!("the condition calls {name}, which is no function{told}")
}

/// The source with `_` for each text in quotes; none when a quote is not closed.
fn without_texts(source: &str) -> Option<String> {
    let mut bare = String::with_capacity(source.len());
    let mut open: Option<char> = None;
    let mut escaped = false;
    for c in source.chars() {
        match open {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(quote) if c == quote => open = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => {
                open = Some(c);
                bare.push('_');
            }
            None => bare.push(c),
        }
    }
    open.is_none().then_some(bare)
}

/// Whether the sign stands alone somewhere, with none of these before it and itself not after it.
fn has_single(bare: &str, sign: char, not_after: &[char]) -> bool {
    let signs: Vec<char> = bare.chars().collect();
    signs.iter().enumerate().any(|(place, c)| {
        let before = place.checked_sub(1).and_then(|place| signs.get(place));
        let alone = before.is_none_or(|before| !not_after.contains(before)) && signs.get(place + 1) != Some(&sign);
        *c == sign && alone
    })
}
