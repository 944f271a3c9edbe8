//! Pages as a screen reader has them: each thing's role, name, description, value and state, in the order in which somebody
//! who listens comes to it. They are written down in `heard/`, where they were read by people, and a page that sounds otherwise
//! than it did is shown by its test. `heard/README.md` says what was listened for, and what was judged.
//!
//! `STARTLINE_HEARD=write` writes them anew, to be read again.

use super::Browser;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

/// The pages of one story.
#[derive(Default)]
pub struct Heard {
    heard: BTreeSet<String>,
    otherwise: Vec<String>,
}

impl Heard {
    /// The page that is open, which is the one that was written down under this name.
    pub fn page(&mut self, browser: &mut Browser, name: &str) {
        let told = browser.does(&json!({ "tree": true }));
        let lines: Vec<&str> = told.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut text = lines.join("\n");
        text.push('\n');
        assert!(self.heard.insert(name.to_owned()), "{name} was listened to before");
        let file = folder().join(format!("{name}.txt"));
        if is_written() {
            std::fs::write(&file, text).expect("what is heard can be written down");
            return;
        }
        let written = std::fs::read_to_string(&file).unwrap_or_default();
        if written != text {
            self.otherwise.push(format!("{name}:\n{}", difference(&written, &text)));
        }
    }

    /// Every page sounds as it was written down, and nothing is written down that this story, whose names begin so, does not
    /// come to.
    pub fn compares(self, begins: &str) {
        let all = std::fs::read_dir(folder()).expect("there is a folder of what is heard");
        let names = all.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let written: BTreeSet<String> = names
            .filter_map(|name| Some(name.strip_suffix(".txt")?.to_owned()))
            .filter(|name| name.starts_with(begins))
            .collect();
        let left: Vec<&String> = written.difference(&self.heard).collect();
        assert!(left.is_empty() || is_written(), "nobody hears any more: {left:?}");
        for name in left {
            std::fs::remove_file(folder().join(format!("{name}.txt"))).expect("it can be taken away");
        }
        assert!(
            self.otherwise.is_empty(),
            "These pages sound otherwise than they did. If that is as it should be, write them anew with STARTLINE_HEARD=write \
             and read them.\n{}",
            self.otherwise.join("\n")
        );
    }
}

fn folder() -> PathBuf {
    PathBuf::from(super::super::REPOSITORY).join("tests/peers/chromium/heard")
}

fn is_written() -> bool {
    std::env::var("STARTLINE_HEARD").is_ok_and(|what| what == "write")
}

/// The lines that are only in one of them, in order.
fn difference(before: &str, now: &str) -> String {
    let (before, now): (Vec<&str>, Vec<&str>) = (before.lines().collect(), now.lines().collect());
    let mut told = String::new();
    let (mut a, mut b) = (0, 0);
    while a < before.len() || b < now.len() {
        let gone = before.get(a);
        let come = now.get(b);
        if gone == come {
            (a, b) = (a + 1, b + 1);
            continue;
        }
        let next_of = |lines: &[&str], from: usize, line: Option<&&str>| {
            line.and_then(|line| lines.iter().skip(from).position(|other| other == line))
        };
        let (until_come, until_gone) = (next_of(&before, a, come), next_of(&now, b, gone));
        let is_gone = match (until_come, until_gone) {
            (Some(come), Some(gone)) => come < gone,
            (come, _) => come.is_some() || b >= now.len(),
        };
        let (sign, line) = if is_gone && a < before.len() { ('-', gone) } else { ('+', come) };
        let (sign, line) = if line.is_none() { ('-', gone) } else { (sign, line) };
        let _ = writeln!(told, "  {sign} {}", line.copied().unwrap_or_default());
        if sign == '-' { a += 1 } else { b += 1 }
    }
    told
}
