//! Says in plain words why a YAML file cannot be read: what is wrong on which line, and what to write instead. The
//! parser tells where it gave up; the slip stands there or a little before.

use super::nearest::did_you_mean;
use serde_saphyr::Error;

/// How far above the place where the parser gave up a quote may have been left open.
const FAR_ABOVE: usize = 40;

/// The line, counted from 1, and the reason.
pub(super) fn explain(text: &str, error: &Error) -> (u64, String) {
    let error = error.without_snippet();
    let error = match error {
        Error::AliasError { error, .. } => error,
        other => other,
    };
    let line = error.location().map_or(1, |place| place.line()).max(1);
    let reason = match error {
        Error::SerdeUnknownField { field, expected, .. } => unknown_attribute(text, line, field, expected),
        Error::SerdeMissingField { field, .. } => {
            return (begin_of(text, line), format!("{field} is missing here: write {field}: and what it is"));
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            format!("{variant} is none of {}{}", expected.join(", "), meant(variant, expected))
        }
        Error::DuplicateMappingKey { key, .. } => {
            format!("{} is written twice here: take one away", key.as_deref().unwrap_or("an attribute"))
        }
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            format!("here should stand {}, and there is {}", plain_expected(expected), plain_given(unexpected))
        }
        Error::InvalidScalar { ty, .. } => format!("here should stand {}", plain_expected(ty)),
        Error::InvalidBooleanStrict { .. } => "here should stand true or false".to_owned(),
        Error::Unexpected { expected, .. } => match syntax_slip(text, line) {
            Some(told) => return told,
            None if expected.contains("mapping") && is_wording(text, line) => {
                "here should stand words in each language: { en: ..., cy: ... }".to_owned()
            }
            None => format!("here should stand {}", plain_expected(expected)),
        },
        Error::NullIntoString { .. } | Error::UnexpectedMappingEnd { .. } | Error::UnexpectedSequenceEnd { .. } => {
            "a text is missing here".to_owned()
        }
        Error::Eof { .. } => "this file is empty".to_owned(),
        Error::MultipleDocuments { .. } => "a line of --- parts this file in two: take it away".to_owned(),
        Error::UnknownAnchor { .. } => "a text that begins with * stands in quotes".to_owned(),
        Error::Message { msg, .. } => msg.clone(),
        Error::Budget { .. } | Error::AliasReplayLimitExceeded { .. } | Error::AliasExpansionLimitExceeded { .. } => {
            "this file is nested too deep, or repeats itself too often".to_owned()
        }
        _ => return syntax_slip(text, line).unwrap_or_else(|| (line, unreadable())),
    };
    (line, reason)
}

fn unreadable() -> String {
    "this line, or the one before it, cannot be read: look at its indentation, colons, quotes and brackets".to_owned()
}

fn meant(written: &str, known: &[&str]) -> String {
    let told = did_you_mean(written, known.iter().copied());
    if told.ends_with('?') { told } else { String::new() }
}

/// A name that nothing has here: misspelt, or the rest of a text that was parted at a comma.
fn unknown_attribute(text: &str, line: u64, field: &str, expected: &[&str]) -> String {
    let here = text.lines().nth(usize::try_from(line).unwrap_or(1) - 1).unwrap_or_default();
    let after = here.split_once(field).map(|(_, after)| after.trim_start());
    if after.is_some_and(|after| !after.starts_with(':')) && here.contains('{') && field.contains(char::is_alphabetic) {
        return format!("a text that holds a comma stands in quotes: \"..., {field}\"");
    }
    let known = expected.iter().copied().filter(|name| !here.contains(&format!("{name}:")));
    let told = did_you_mean(field, known);
    if told.ends_with('?') {
        format!("there is no {field} here{told}")
    } else {
        format!("there is no {field} here; what may stand here is {}", expected.join(", "))
    }
}

/// Where the group of attributes begins that has ended at a line.
fn begin_of(text: &str, line: u64) -> u64 {
    let lines: Vec<&str> = text.lines().collect();
    let last = usize::try_from(line).unwrap_or(1);
    if lines.get(last - 1).is_some_and(|here| here.contains('{')) {
        return line;
    }
    let above = || (1..last).rev().filter(|number| !lines.get(number - 1).is_none_or(|line| line.trim().is_empty()));
    let inside = above().next().and_then(|number| lines.get(number - 1)).map_or(0, |line| indentation(line));
    let is_begin = |number: &usize| {
        lines.get(number - 1).is_some_and(|line| indentation(line) < inside && line.trim_start().starts_with("- "))
    };
    above().find(is_begin).and_then(|number| u64::try_from(number).ok()).unwrap_or(1)
}

/// Whether a line has an attribute that is always worded in each language.
fn is_wording(text: &str, line: u64) -> bool {
    const WORDED: [&str; 14] = [
        "label",
        "title",
        "heading",
        "say",
        "guidance",
        "hint",
        "text",
        "why",
        "first",
        "name",
        "body",
        "reason",
        "substitutes",
        "any_other",
    ];
    let here = text.lines().nth(usize::try_from(line).unwrap_or(1) - 1).unwrap_or_default();
    let key = here.trim_start().trim_start_matches("- ").split(':').next().unwrap_or_default();
    WORDED.contains(&key)
}

fn plain_expected(expected: &str) -> String {
    let plain = match expected {
        "a string" | "string" | "scalar" | "string scalar" => "a text",
        "a sequence" | "sequence" | "sequence start" => "a list: [a, b], or lines that begin with a hyphen",
        "a map" | "map" => "names, each with what it is",
        "a boolean" | "bool" | "boolean" => "true or false",
        "f32" | "f64" | "float" => "a number",
        _ if expected.contains("Text") => "words: { en: ..., cy: ... }",
        _ if expected.starts_with("struct") || expected.contains("mapping") => "attributes, each as name: value",
        _ if expected.starts_with(['u', 'i'])
            && expected.chars().skip(1).all(|c| c.is_ascii_digit() || c.is_alphabetic()) =>
        {
            "a whole number"
        }
        _ if expected.contains("integer") => "a whole number",
        other => other,
    };
    plain.to_owned()
}

fn plain_given(given: &str) -> String {
    match given {
        "sequence" => "a list".to_owned(),
        "map" => "a group of attributes".to_owned(),
        "unit value" | "Option value" | "null" => "nothing".to_owned(),
        _ => given
            .replace("string ", "the text ")
            .replace("integer `", "the number ")
            .replace("floating point `", "the number ")
            .replace("boolean `", "")
            .replace('`', ""),
    }
}

/// The slip by which the parser was led astray, on the line where it gave up or a little before.
fn syntax_slip(text: &str, line: u64) -> Option<(u64, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let last = usize::try_from(line).unwrap_or(1).min(lines.len().max(1));
    let at = |number: usize| u64::try_from(number).unwrap_or(1);
    let upwards = |far: usize| (last.saturating_sub(far)..=last).rev().filter(|number| *number >= 1);
    let here = |number: usize| lines.get(number - 1).copied().unwrap_or_default();
    for number in upwards(2) {
        if let Some(reason) = slip_on(here(number)) {
            return Some((at(number), reason));
        }
    }
    // A quote that was never closed takes in what follows, up to the next quote.
    let open = upwards(FAR_ABOVE).rfind(|number| quotes(here(*number)) % 2 == 1);
    if let Some(number) = open {
        return Some((at(number), "a quote is opened on this line and not closed".to_owned()));
    }
    if let Some(number) = upwards(2).find(|number| brackets(here(*number)) != 0) {
        let reason = "the brackets { } or [ ] of this line do not pair: one is missing, or one too many";
        return Some((at(number), reason.to_owned()));
    }
    upwards(1).find_map(|number| Some((at(number), indented_alone(&lines, number)?)))
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// A line that goes back to where nothing began.
fn indented_alone(lines: &[&str], number: usize) -> Option<String> {
    let own = indentation(lines.get(number - 1)?);
    let above = lines[..number - 1].iter().rev().filter(|line| !line.trim().is_empty());
    let mut nearest = None;
    for line in above {
        let (begins, item) = (indentation(line), line.trim_start().starts_with("- "));
        let content = begins + if item { 2 } else { 0 };
        nearest = nearest.or(Some(content));
        if begins == own || content == own {
            return None;
        }
        if begins < own {
            break;
        }
    }
    let other = nearest.filter(|other| *other > own)?;
    Some(format!(
        "this line is indented by {own} spaces, and the one above it by {other}: indent those that belong together alike"
    ))
}

/// What is wrong on this very line, if it is one of the usual slips.
fn slip_on(line: &str) -> Option<String> {
    let text = line.trim_start();
    if text.starts_with('#') {
        return None;
    }
    for (key, value) in values(text) {
        let first = value.chars().next()?;
        if matches!(first, '\u{201c}' | '\u{201d}' | '\u{2018}' | '\u{2019}') {
            return Some(format!("these are curly quotes: write straight ones (\") around the text of {key}"));
        }
        if matches!(first, '%' | '@' | '`' | '*' | '&' | '!') {
            return Some(format!("a text that begins with {first} stands in quotes: {key}: \"{value}\""));
        }
        if !matches!(first, '"' | '\'' | '{' | '[' | '|' | '>') && value.contains(": ") {
            return Some(format!("a text that holds a colon stands in quotes: {key}: \"{value}\""));
        }
        if first == '\'' && value.matches('\'').count() % 2 == 1 {
            return Some(format!("a text that holds an apostrophe stands in double quotes: {key}: \"...\""));
        }
        if matches!(first, '"') {
            let rest = value[1..].split_once('"').map_or("", |(_, rest)| rest).trim_start();
            if quotes(text) % 2 == 1 {
                return Some("a quote is opened on this line and not closed".to_owned());
            }
            if !rest.is_empty() && !rest.starts_with([',', '}', ']', '#']) {
                return Some(format!(
                    "the text of {key} goes on after its closing quote: put the whole of it in quotes"
                ));
            }
        }
    }
    // `key:value` and `key value`, with nothing else on the line, are no attribute.
    let word = text.strip_prefix("- ").unwrap_or(text);
    let name = word.split([':', ' ']).next().unwrap_or_default();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let rest = word.strip_prefix(name).unwrap_or_default();
    if is_name && rest.starts_with(':') && !rest.starts_with(": ") && rest.len() > 1 && !rest[1..].contains(": ") {
        return Some(format!("a space is missing after the colon: {name}: {}", &rest[1..]));
    }
    if is_name && rest.starts_with(' ') && !word.contains(':') && !word.contains(['"', '\'', '{', '[', '}', ']']) {
        return Some(format!(
            "a colon is missing after {name}, or this line belongs to the one before it: indent it so"
        ));
    }
    None
}

/// The attributes that begin on a line, each with its value up to where the line or its brackets end: `key: value`, and
/// those within `{ a: b, c: d }`.
fn values(line: &str) -> Vec<(&str, &str)> {
    let line = line.strip_prefix("- ").unwrap_or(line).trim();
    let Some((key, value)) = line.split_once(": ") else { return Vec::new() };
    let value = value.trim();
    let inside = if line.starts_with('{') { Some(line) } else { Some(value).filter(|value| value.starts_with('{')) };
    let Some(inside) = inside else { return vec![(key, value)] };
    let mut found = Vec::new();
    for piece in pieces(inside.trim_start_matches('{')) {
        if let Some((key, value)) = piece.split_once(": ") {
            let key = key.trim().trim_start_matches('{').trim();
            found.push((key, value.trim().trim_start_matches("{ ")));
            found.extend(values(value.trim()));
        }
    }
    found
}

/// What stands between the commas, outside quotes; closing brackets at the end are left out.
fn pieces(inside: &str) -> Vec<&str> {
    let (mut found, mut from, mut quoted) = (Vec::new(), 0, false);
    for (place, c) in inside.char_indices() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                found.push(&inside[from..place]);
                from = place + 1;
            }
            _ => {}
        }
    }
    found.push(&inside[from..]);
    found.into_iter().map(|piece| piece.trim().trim_end_matches(['}', ' '])).collect()
}

/// Double quotes that are not escaped and stand in no remark.
fn quotes(line: &str) -> usize {
    if line.trim_start().starts_with('#') {
        return 0;
    }
    line.replace("\\\"", "").matches('"').count()
}

/// How many brackets are left open, outside quotes.
fn brackets(line: &str) -> i32 {
    let mut quoted = false;
    line.chars().fold(0, |open, c| match c {
        '"' => {
            quoted = !quoted;
            open
        }
        '{' | '[' if !quoted => open + 1,
        '}' | ']' if !quoted => open - 1,
        _ => open,
    })
}
