//! The pages that print something to be typed, and what they print.

use crate::REPOSITORY;
use std::path::Path;

/// README.md and every page of `deploy/`, by their path in the repository.
pub fn all() -> Vec<String> {
    let mut pages = vec!["README.md".to_owned()];
    let mut folders = vec!["deploy".to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(Path::new(REPOSITORY).join(&folder)).expect("a folder can be listed");
        for entry in entries {
            let name = entry.expect("an entry can be read").file_name().into_string().expect("names are text");
            let path = format!("{folder}/{name}");
            if Path::new(REPOSITORY).join(&path).is_dir() {
                folders.push(path);
            } else if name.ends_with(".md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// The fenced blocks of a page: the word behind the fence, and the lines.
pub fn blocks_of(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

/// The same with what stands as settings in remarks: `# ask_again_s = 30, waiting_room_s = 120`.
pub fn with_settings_in_remarks(toml: &str) -> String {
    let mut lines = Vec::new();
    for line in toml.lines() {
        match line.strip_prefix("# ").filter(|remark| remark.contains(" = ")) {
            Some(settings) => lines.extend(settings.split(", ").map(str::to_owned)),
            None => lines.push(line.to_owned()),
        }
    }
    lines.join("\n") + "\n"
}

#[test]
fn blocks_are_found_with_their_language() {
    let page = "a\n```sh\none\ntwo\n```\nb\n```toml\n# x = 1, y = 2\n# not so\n```\n";
    let found = blocks_of(page);
    assert_eq!(found[0], ("sh".to_owned(), "one\ntwo\n".to_owned()));
    assert_eq!(with_settings_in_remarks(&found[1].1), "x = 1\ny = 2\n# not so\n");
}
