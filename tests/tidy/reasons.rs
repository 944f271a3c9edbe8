//! The reasons of refusals: each that the code gives stands in the contract, and none that nobody gives.

use std::collections::{BTreeMap, BTreeSet};

const PREFIX: &str = "ERROR_REASON_";

/// Every reason that one of the two has and the other has not, as a sentence.
pub fn faults(sources: &[(String, String)], contract: &str) -> Vec<String> {
    let code: Vec<(&str, &str)> = sources
        .iter()
        .filter(|(path, _)| path.starts_with("src/") && !path.ends_with("_tests.rs"))
        .map(|(path, text)| (path.as_str(), before_tests(text)))
        .collect();
    let words: BTreeMap<&str, &str> = code.iter().flat_map(|(_, text)| constants(text)).collect();
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    let mut faults = Vec::new();
    for (path, text) in &code {
        for reason in reasons_in(path, text) {
            match reason {
                Said::Word(word) => given.insert(word.to_owned(), (*path).to_owned()),
                Said::Constant(name) => match words.get(name) {
                    Some(word) => given.insert((*word).to_owned(), (*path).to_owned()),
                    None => {
                        faults.push(format!(
                            "{path}: the reason {name} cannot be read: give it as a word, or as a constant"
                        ));
                        None
                    }
                },
            };
        }
    }
    let contract = declared(contract);
    for (reason, path) in given.iter().filter(|(reason, _)| !contract.contains(*reason)) {
        faults.push(format!(
            "{path}: {reason} has no line in proto/startline/v1/error.proto: say there what it means, what to do about it, and \
             which methods refuse with it, because whoever writes a desk has nothing else to go by"
        ));
    }
    for reason in contract.iter().filter(|reason| !given.contains_key(*reason)) {
        faults.push(format!("proto/startline/v1/error.proto: nobody gives {reason}: reserve its number and its name"));
    }
    faults
}

fn before_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

fn declared(contract: &str) -> BTreeSet<String> {
    let names = contract.lines().filter_map(|line| line.trim().strip_prefix(PREFIX)?.split(' ').next());
    names.filter(|name| *name != "UNSPECIFIED").map(str::to_owned).collect()
}

#[derive(Debug, PartialEq, Eq)]
enum Said<'a> {
    Word(&'a str),
    Constant(&'a str),
}

/// The reasons that stand in a file: the first word of `illegal(..)`, the `reason` of an error, and those of the door.
fn reasons_in<'a>(path: &str, text: &'a str) -> Vec<Said<'a>> {
    let mut found: Vec<Said<'a>> = text.split("illegal(").skip(1).filter_map(said).collect();
    // A sentence, or a word that is made into text, is a reason of something else.
    let of_errors = text.split("reason: ").skip(1).filter_map(said);
    found.extend(of_errors.filter(|said| !matches!(said, Said::Constant(name) if name.is_empty())));
    if path == "src/grpc/fault.rs" {
        found.extend(text.split("=> ").skip(1).filter_map(said).filter(|said| matches!(said, Said::Word(_))));
    }
    found
}

fn said(rest: &str) -> Option<Said<'_>> {
    let rest = rest.trim_start();
    let is_word = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    if let Some(quoted) = rest.strip_prefix('"') {
        let (word, after) = quoted.split_once('"')?;
        return (is_word(word) && !after.starts_with('.')).then_some(Said::Word(word));
    }
    let name = rest.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':')).next()?;
    let last = name.rsplit("::").next()?;
    (is_word(last) && last.len() > 1).then_some(Said::Constant(last))
}

/// `const NAME: &str = "WORD";`
fn constants(text: &str) -> Vec<(&str, &str)> {
    let one = |rest: &'_ str| -> Option<(usize, usize)> {
        let (name, value) = rest.split_once(": &str = \"")?;
        let end = value.find('"')?;
        name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_').then_some((name.len(), end))
    };
    text.split("const ")
        .skip(1)
        .filter_map(|rest| {
            let (name, end) = one(rest)?;
            let value = &rest[name + ": &str = \"".len()..];
            Some((&rest[..name], &value[..end]))
        })
        .collect()
}

#[test]
fn a_reason_that_one_of_the_two_lacks_is_found() {
    let contract = "enum ErrorReason {\n  ERROR_REASON_UNSPECIFIED = 0;\n  ERROR_REASON_BUSY = 1 [(x) = {}];\n  ERROR_REASON_GONE = 2;\n}";
    let source = |text: &str| vec![("src/rooms/a.rs".to_owned(), text.to_owned())];
    let busy = "fn f() { Error::illegal(\n    \"BUSY\",\n    \"finish first\") } const EXISTS: &str = \"GONE\"; fn g() { Error::illegal(callback::EXISTS, m) }";
    assert_eq!(faults(&source(busy), contract), [""; 0]);
    let new = format!("{busy} fn h() {{ Err(Error::Conflict {{ reason: \"NEW_ONE\", message, offers }}) }}");
    assert!(
        faults(&source(&new), contract)[0].contains("NEW_ONE has no line"),
        "{:?}",
        faults(&source(&new), contract)
    );
    assert!(faults(&source("fn f() { Error::illegal(\"BUSY\", m) }"), contract)[0].contains("nobody gives GONE"));
    let else_where = format!(
        "{busy} fn i() {{ Unprintable {{ reason: \"GLYPH\".into() }} }} fn j() {{ Error::illegal(UNKNOWN, m) }}"
    );
    assert!(faults(&source(&else_where), contract)[0].contains("UNKNOWN cannot be read"));
    let in_tests = format!("{busy}\n#[cfg(test)]\nmod tests {{ fn f() {{ Error::illegal(\"NO\", m) }} }}");
    assert_eq!(faults(&source(&in_tests), contract), [""; 0]);
}
