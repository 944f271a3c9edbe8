//! The slips of `tests/data/slips.yaml`: each gets one line, which says what is wrong and what to write. Those in the
//! letters are tried where letters are composed (`src/packs/slip_tests.rs`).

use super::*;
use serde::Deserialize;
use std::path::PathBuf;

const TABLE: &str = include_str!("../../tests/data/slips.yaml");

/// One edit of the pilot, and what is said of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slip {
    pub slip: String,
    pub file: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    /// A second edit of the same file.
    #[serde(default)]
    then: Vec<String>,
    #[serde(default)]
    replace_all: Vec<String>,
    #[serde(default)]
    add: Option<String>,
    #[serde(default, rename = "do")]
    done: String,
    #[serde(default, rename = "in")]
    told_in: Option<String>,
    #[serde(default)]
    at: Option<String>,
    #[serde(default)]
    says: String,
}

/// Every slip of the table.
pub fn all() -> Vec<Slip> {
    serde_saphyr::from_str(TABLE).unwrap_or_else(|fault| panic!("{fault}"))
}

impl Slip {
    /// The pilot's files with the slip in them.
    pub fn files(&self) -> Files {
        let mut files = files::embedded();
        if let Some(text) = &self.add {
            files.insert(self.file.clone(), text.clone().into_bytes());
            return files;
        }
        let content = files.remove(&self.file).unwrap_or_default();
        let mut text = String::from_utf8(content).unwrap_or_else(|fault| panic!("{fault}"));
        for (from, to) in [(&self.from, &self.to)].into_iter().chain(self.then.first().zip(self.then.get(1))) {
            if !from.is_empty() {
                assert!(text.contains(from.as_str()), "{}: {} has no {from}", self.slip, self.file);
                text = text.replacen(from.as_str(), to, 1);
            }
        }
        if let [from, to] = self.replace_all.as_slice() {
            text = text.replace(from.as_str(), to);
        }
        let (path, content) = match self.done.as_str() {
            "" => (&self.file, text.into_bytes()),
            "utf-16" => {
                (&self.file, [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect())
            }
            "latin-1" => (&self.file, text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()),
            "bom" => (&self.file, [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat()),
            "rename" => (&self.to, text.into_bytes()),
            "remove" => return files,
            other => panic!("{}: nothing is known of {other}", self.slip),
        };
        files.insert(path.clone(), content);
        files
    }

    /// The line that is expected, and whether more follows it.
    fn expected(&self, files: &Files) -> (String, bool) {
        let file = self.told_in.as_ref().unwrap_or(&self.file);
        let text = String::from_utf8_lossy(files.get(file).map(Vec::as_slice).unwrap_or_default()).into_owned();
        let at = self.at.as_deref().unwrap_or(if self.done.is_empty() { &self.to } else { "" });
        // What begins with the end of a line stands on the next.
        let place = text.find(at).unwrap_or(0);
        let above = text.get(..place).unwrap_or_default().matches('\n').count() + usize::from(at.starts_with('\n'));
        let line = above + 1;
        match self.says.strip_suffix("...") {
            Some(begins) => (format!("{file}:{line}: {begins}"), true),
            None => (format!("{file}:{line}: {}", self.says), false),
        }
    }

    /// What is wrong with what was said of it, if anything.
    pub fn not_as_expected(&self, told: &[String]) -> Option<String> {
        let (expected, goes_on) = self.expected(&self.files());
        let is_right = |line: &String| if goes_on { line.starts_with(&expected) } else { *line == expected };
        match told {
            [one] if is_right(one) => None,
            told => Some(format!("{}\n  expected {expected}\n  told     {}", self.slip, told.join("\n           "))),
        }
    }
}

#[test]
fn each_slip_gets_one_line_that_says_what_is_wrong_and_what_to_write() {
    let slips = all();
    let elsewhere = |slip: &&Slip| slip.file.starts_with("letters/");
    let mut wrong = Vec::new();
    for slip in slips.iter().filter(|slip| !elsewhere(slip)) {
        let told: Vec<String> =
            load::build(slip.files(), Reader::Author).1.faults.iter().map(ToString::to_string).collect();
        wrong.extend(slip.not_as_expected(&told));
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), slips.len(), wrong.join("\n"));
    assert!(slips.len() >= 50, "there are {} only", slips.len());
}

/// Nobody who writes a definition knows what a parser is, or serde.
#[test]
fn no_line_is_in_a_parsers_words() {
    for slip in all() {
        for word in ["mapping", "scalar", "token", "invalid type", "unknown field", "expecting", "deserial", "column N"]
        {
            assert!(!slip.says.contains(word), "{}: {}", slip.slip, slip.says);
        }
    }
}

fn written(files: &Files, folder: &Path) {
    for (path, content) in files {
        let path: PathBuf = folder.join(path);
        path.parent().map(std::fs::create_dir_all).transpose().unwrap();
        std::fs::write(&path, content).unwrap();
    }
}

#[test]
fn a_folder_that_is_none_is_told_in_one_line_with_the_one_that_was_meant() {
    let around = tempfile::tempdir().unwrap();
    let dir = around.path();
    written(&files::embedded(), &dir.join("one-pilot"));
    std::fs::write(dir.join("README.md"), "about").unwrap();
    let told = |folder: &Path| -> String {
        let report = check(folder);
        assert_eq!(report.faults.len(), 1, "{report}");
        let line = report.faults[0].to_string();
        line.strip_prefix(&format!("{}:1: ", folder.display())).unwrap_or_else(|| panic!("{line}")).to_owned()
    };
    assert_eq!(told(dir), "this folder is no definition; did you mean one-pilot in it?");
    assert_eq!(
        told(&dir.join("one-pilot/form")),
        "this folder is a part of the definition around it; did you mean one-pilot?"
    );
    assert_eq!(told(&dir.join("one-pillot")), "there is no such folder; did you mean one-pilot?");
    assert_eq!(told(&dir.join("nowhere")), "there is no such folder");
    assert_eq!(
        told(&dir.join("one-pilot/service.yaml")),
        "this is a file, and a definition is a folder; did you mean one-pilot?"
    );
    std::fs::create_dir(dir.join("empty")).unwrap();
    assert_eq!(told(&dir.join("empty")), "this folder is no definition: it holds no service.yaml");
    written(&files::embedded(), &dir.join("two"));
    assert_eq!(told(dir), "this folder is no definition; did you mean one of one-pilot, two in it?");
    assert!(check(&dir.join("one-pilot")).is_clean());
}

/// A version that was stored when it had no fault loads for ever: it is not told what an author is.
#[test]
fn what_only_an_author_is_told_keeps_no_stored_version_from_loading() {
    for name in ["a part that no stage walks", "a label that is too long", "a misspelt place in what is said"] {
        let slip = all().into_iter().find(|slip| slip.slip == name).unwrap();
        assert!(!load::build(slip.files(), Reader::Author).1.is_clean(), "{name}");
        assert!(Definition::from_files(slip.files()).is_ok(), "{name}");
    }
}
