//! The places that a script leaves open in what is said: `[client]`. The program fills in those that it knows; others are
//! for the adviser to say, so a name that is nearly one of them is a slip.

use super::files::Files;
use super::nearest::nearest;
use super::report::{Fault, Faults};
use super::script::Script;
use super::syntax::readable;
use super::text::Text;
use std::collections::{BTreeMap, BTreeSet};

/// What the program fills in, as far as it is known.
pub const FILLED_IN: [&str; 5] = ["adviser", "client", "site", "phone", "number"];

/// Finds names in brackets that are nearly one that is filled in, or nearly one that is said elsewhere; and brackets that
/// are not closed.
pub(super) fn places(scripts: &[Script], files: &Files, found: &mut Vec<Fault>) {
    let texts: Vec<(&str, u64, String, &Text)> = scripts.iter().flat_map(spoken).collect();
    let wordings = || texts.iter().flat_map(|(.., text)| std::iter::once(&text.en).chain(&text.cy));
    let mut said: BTreeMap<&str, usize> = BTreeMap::new();
    for name in wordings().flat_map(|text| names(text)).flatten() {
        *said.entry(name).or_default() += 1;
    }
    let usual: BTreeSet<&str> = said.iter().filter(|(_, times)| **times > 1).map(|(name, _)| *name).collect();
    for (file, line, who, text) in &texts {
        let mut faults = Faults::new(file, found);
        for name in std::iter::once(&text.en).chain(&text.cy).flat_map(|text| names(text)) {
            let Some(name) = name else {
                let begins: String = text.en.chars().take(40).collect();
                let line = line_from(files, file, *line, &begins);
                faults.at_line(line, format!("{who}: a bracket [ is opened and not closed"));
                continue;
            };
            let is_rare = said.get(name).is_none_or(|times| *times < 2);
            let others = usual.iter().copied().filter(|other| is_rare && other.len() > 4);
            let near = nearest(name, FILLED_IN.into_iter().chain(others));
            if let Some(near) = near.filter(|near| *near != name && !FILLED_IN.contains(&name)) {
                let line = line_from(files, file, *line, &format!("[{name}]"));
                faults.at_line(line, format!("{who}: [{name}] is not filled in; did you mean [{near}]?"));
            }
        }
    }
}

/// The first line, from this one on, that holds a text.
fn line_from(files: &Files, file: &str, from: u64, text: &str) -> u64 {
    let content = files.get(file).and_then(|content| readable(content).ok()).unwrap_or_default();
    let skipped = usize::try_from(from).unwrap_or(1).saturating_sub(1);
    let found = content.lines().skip(skipped).position(|line| line.contains(text));
    from + found.and_then(|found| u64::try_from(found).ok()).unwrap_or(0)
}

/// Every wording that an adviser says or reads, with its file, its line and who has it.
fn spoken(script: &Script) -> Vec<(&str, u64, String, &Text)> {
    let mut texts = Vec::new();
    for stage in &script.stages {
        let who = format!("stage {}", stage.id);
        let own = stage.say.iter().chain(&stage.guidance);
        let also = stage.also.iter().flat_map(|also| also.say.iter().chain(&also.guidance));
        texts.extend(own.chain(also).map(|text| (stage.file.as_str(), stage.line, who.clone(), text)));
        for question in &stage.questions {
            let who = format!("question {}", question.id);
            let own = std::iter::once(&question.label).chain(&question.say).chain(&question.guidance);
            texts.extend(own.map(|text| (stage.file.as_str(), question.line, who.clone(), text)));
        }
    }
    let hints = script.hints.iter();
    texts.extend(hints.map(|hint| (script.file.as_str(), hint.when.line, format!("hint {}", hint.id), &hint.text)));
    let reasons = script.effects.iter().filter_map(|effect| Some((effect, effect.urgent.as_ref()?)));
    texts.extend(
        reasons.map(|(effect, why)| (script.file.as_str(), effect.when.line, format!("effect {}", effect.id), why)),
    );
    texts
}

/// What stands in brackets; none for one that is not closed.
fn names(text: &str) -> impl Iterator<Item = Option<&str>> {
    text.split('[').skip(1).map(|rest| rest.split_once(']').map(|(name, _)| name))
}
