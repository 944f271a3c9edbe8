use crate::split;
use crate::visitor::is_ours;
use std::path::{Path, PathBuf};

/// Every file with words: a screen's are in its own.
fn files_with_words() -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.to_string_lossy().ends_with("words.rs") => found.push(path),
                false => {}
            }
        }
    }
    found
}

/// `word: "English", "Welsh";`
fn pairs(text: &str) -> Vec<(String, String, String)> {
    let pair = |line: &str| {
        let (word, rest) = line.trim().strip_suffix(';')?.split_once(": \"")?;
        let (english, rest) = rest.split_once("\", \"")?;
        let is_word = word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        is_word.then(|| (word.to_owned(), english.to_owned(), rest.trim_end_matches('"').to_owned()))
    };
    text.lines().filter_map(pair).collect()
}

/// The same in both languages.
const ALIKE: &[&str] = &["Post", "Status", "Text", "CSV", "PDF"];

#[test]
fn everything_is_said_in_both_languages_and_not_twice_in_one() {
    let files = files_with_words();
    assert!(files.len() > 10, "{files:?}");
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let pairs = pairs(&text);
        assert!(!pairs.is_empty(), "{}", file.display());
        for (word, english, welsh) in pairs {
            let is_sentence = |text: &str| text.ends_with(['.', '?', '!']);
            let is_right = !english.trim().is_empty() && !welsh.trim().is_empty();
            let is_another = english != welsh || ALIKE.contains(&english.as_str()) || english.len() < 3;
            if !is_right || !is_another || is_sentence(&english) != is_sentence(&welsh) {
                wrong.push(format!("{}: {word}: {english:?}, {welsh:?}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_page_that_is_gone_back_to_after_signing_in_is_one_of_ours() {
    for (path, ours) in [
        ("/desk", true),
        ("/walks/1?look=yes", true),
        ("//elsewhere.example", false),
        ("/\\elsewhere.example", false),
        ("https://elsewhere.example", false),
        ("", false),
        ("/a\nb", false),
    ] {
        assert_eq!(is_ours(path), ours, "{path:?}");
    }
}

#[test]
fn pages_may_stand_below_a_path_of_a_proxys() {
    for (url, origin, base) in [
        ("https://desk.example.org", "https://desk.example.org", ""),
        ("https://Desk.Example.org/", "https://desk.example.org", ""),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
        ("https://example.org/start/line/", "https://example.org", "/start/line"),
    ] {
        assert_eq!(split(url), (origin.to_owned(), base.to_owned()), "{url}");
    }
}
