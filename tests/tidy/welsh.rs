//! What the service says of a field is said in Welsh on a Welsh page: each sentence has its line in
//! `src/desktop/refused/`, and each line there is a sentence that somebody says.

use super::rust_text::literals;
use std::collections::{BTreeMap, BTreeSet};

/// Where sentences about fields come from.
const SPEAKERS: &[&str] = &[
    "src/foundation/formats/",
    "src/foundation/error.rs",
    "src/foundation/ids.rs",
    "src/foundation/store/",
    "src/identity/password.rs",
    "src/definition/lookup.rs",
    "src/rooms/",
    "src/grpc/",
    "src/packs/",
    "src/routing/",
    "src/service/",
];

/// How such a sentence begins: it goes on after the field's name.
const BEGINNINGS: &[&str] =
    &["must ", "is ", "are ", "has ", "have ", "overlaps ", "lies ", "leads ", "stands ", "holds "];

/// Sentences that begin so and that nobody reads on a page: what is wrong with a program's request, which no form of ours
/// can cause; of the definition's and the letters' files; and what stands in a log or between others.
const ON_NO_PAGE: &[&str] = &[
    "is {}: use one of {}{}",
    "is not the id of {} {}",
    "is not a revision",
    "is not a revision that was ever given",
    "is left out with a hold: it has a time already",
    "is not one that a read gave",
    "is not one that ListClientChanges gave",
    "is no fact of a client's record, such as last_name",
    "is needed: a new UUID for each request",
    "must be a UUID",
    "must not be negative",
    "is not one that this method gave",
    "is nested too deeply",
    "is no version of ours",
    "is not set this way: use SignOut",
    "is needed, or personal_adviser_id",
    "must be queued, leased, printing or printed",
    "is needed: the attempt that the lease gave",
    "is not an attempt",
    "is needed, or claim_id, or to_hand_over",
    "is no telephone number",
    "is needed: what became of the call?",
    "is needed: a stage, a part of the form or a step",
    "must be between 1 and {}",
    "stands twice in this request",
    "is not the client of this claim",
    "is not UTF-8 text",
    "is missing",
    "is missing: each pack begins with this template",
    "is not in this definition",
    "is not a usable path: {}",
    "holds no font: at least one TrueType or OpenType file is needed",
    "leads to {}, which is no site of this definition",
    "was answered after all",
];

pub fn faults(sources: &[(String, String)]) -> Vec<String> {
    let table: BTreeSet<String> = told(sources).map(|(english, _)| english).collect();
    let mut faults = Vec::new();
    let said = said(sources);
    for (sentence, place) in &said {
        let is_known = table.contains(sentence) || ON_NO_PAGE.contains(&sentence.as_str());
        if !is_known {
            faults.push(format!("{place}: {sentence:?} has no Welsh in src/desktop/refused/fields.rs"));
        }
    }
    let all: BTreeSet<String> =
        spoken(sources).flat_map(|(_, text)| literals(text)).map(|(text, _)| plain(&text)).collect();
    for (english, welsh) in told(sources) {
        // What is put together of two has both: "is no site of ours: use one of {}".
        let known =
            english.strip_suffix(": use one of {}").and_then(|rest| rest.strip_prefix("is ")).unwrap_or(&english);
        if !all.contains(known) && english != welsh {
            faults.push(format!("src/desktop/refused/: nobody says {english:?}"));
        }
    }
    faults
}

/// Each sentence of a field with the place where it stands.
fn said(sources: &[(String, String)]) -> BTreeMap<String, String> {
    let mut said = BTreeMap::new();
    for (path, text) in spoken(sources) {
        let mut add = |sentence: String, line: usize| {
            said.entry(sentence).or_insert_with(|| format!("{path}:{line}"));
        };
        for (literal, line) in literals(text) {
            if BEGINNINGS.iter().any(|beginning| literal.starts_with(beginning)) {
                add(plain(&literal), line);
            }
        }
        for call in text.split("not_among(").skip(1) {
            // The second is what it is not; the first may be the field's name.
            let what =
                literals(call.split(';').next().unwrap_or(call)).into_iter().find(|(text, _)| text.contains(' '));
            if let Some((what, _)) = what {
                add(format!("is {}: use one of {{}}", plain(&what)), 0);
            }
        }
    }
    said
}

/// The code that speaks, without its tests.
fn spoken(sources: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    let of_service = |path: &str| {
        SPEAKERS.iter().any(|speaker| path.starts_with(speaker))
            && !["_tests.rs", "/tests.rs"].iter().any(|end| path.ends_with(end))
            && !["/tests/", "/stories", "/demo/", "/tour/", "/storm", "/build.rs", "/manual"]
                .iter()
                .any(|part| path.contains(part))
    };
    sources
        .iter()
        .filter(move |(path, _)| of_service(path))
        .map(|(path, text)| (path.as_str(), text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)))
}

/// The lines of the tables: `"english" => "welsh";`.
fn told(sources: &[(String, String)]) -> impl Iterator<Item = (String, String)> {
    let tables = sources
        .iter()
        .filter(|(path, _)| path == "src/desktop/refused/fields.rs" || path == "src/desktop/refused/sentences.rs");
    tables.flat_map(|(_, text)| text.lines()).filter_map(|line| {
        let (english, welsh) = line.trim().strip_suffix(';')?.split_once("\" => \"")?;
        let english = literals(&format!("{english}\"")).into_iter().next()?.0;
        Some((english, welsh.trim_end_matches('"').to_owned()))
    })
}

/// `must be at most {max_chars} characters` with `{}` where something is put in, a day as chrono writes it too.
fn plain(text: &str) -> String {
    let text = text.replace("%A %-d %B", "{}").replace("%H:%M", "{}");
    let (mut plain, mut within) = (String::new(), false);
    for c in text.chars() {
        match c {
            '{' => {
                within = true;
                plain.push_str("{}");
            }
            '}' => within = false,
            c if !within => plain.push(c),
            _ => {}
        }
    }
    plain
}

#[test]
fn a_sentence_without_welsh_and_welsh_without_a_sentence_are_found() {
    let source = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    let table = source("src/desktop/refused/fields.rs", "    \"is over {}\" => \"mae dros {}\";\n");
    let rooms = source("src/rooms/a.rs", "fn f() { Error::invalid(\"field\", format!(\"is over {MOST}\")) }");
    assert_eq!(faults(&[table.clone(), rooms.clone()]), [""; 0]);
    let new = source("src/rooms/b.rs", "fn g() { Error::invalid(\"field\", \"is new\") }");
    assert!(faults(&[table.clone(), rooms, new.clone()])[0].contains("\"is new\" has no Welsh"));
    let alone = faults(&[table, new]);
    assert!(alone.iter().any(|fault| fault.contains("nobody says \"is over {}\"")), "{alone:?}");
}
