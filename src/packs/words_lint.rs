//! Holds the wording of the letters, `letters/words.yaml`, and the ways to the offices, `letters/offices.yaml`, against what
//! the templates say and fill in, so that a slip is told in the file where it stands and not where a template stumbles.

use super::words::{self, WORDS};
use super::world::ACCESS;
use serde::Deserialize;
use serde_saphyr::Spanned;
use startline_definition::{Definition, Text, did_you_mean, nearest, yaml_text};
use startline_foundation::formats::Language;
use std::collections::{BTreeMap, BTreeSet};

/// A file, its line counted from 1 (0 when it is no one line), and what is wrong.
pub type LetterFault = (String, usize, String);

const OFFICES: &str = "letters/offices.yaml";
/// Its keys are the key areas of the scripts; one without a wording is printed by its name alone.
const BY_KEY_AREA: &str = "advice";
/// Templates of before `diary.yaml` said it have a wording for each reason for which a meeting is put off.
const BY_REASON: &str = "deferral";
const LIST_OF_LOOKS: &str = "access";

type Sections = BTreeMap<String, Spanned<BTreeMap<String, Spanned<Text>>>>;

/// What a client needs to find an office.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Way {
    #[serde(default, rename = "floor")]
    _floor: Option<Text>,
    #[serde(default, rename = "directions")]
    _directions: Option<Text>,
    /// The template reads it; a fault in it is told there.
    #[serde(default, rename = "map")]
    _map: Option<serde_json::Value>,
}

pub fn faults(definition: &Definition) -> Vec<LetterFault> {
    let templates = Templates::of(definition);
    let mut found = Vec::new();
    if let Some(content) = definition.files().get(WORDS) {
        match read::<Sections>(content) {
            Ok(sections) => wordings(definition, (content, &sections), &templates, &mut found),
            Err((line, reason)) => found.push((WORDS.to_owned(), line, reason)),
        }
    }
    if let Some(content) = definition.files().get(OFFICES).filter(|_| templates.are_the_pilots) {
        match read::<BTreeMap<String, Spanned<Way>>>(content) {
            Ok(ways) => offices(definition, (content, &ways), &mut found),
            Err((line, reason)) => found.push((OFFICES.to_owned(), line, reason)),
        }
    }
    found.into_iter().map(|(file, line, reason)| (file, usize::try_from(line).unwrap_or(1), reason)).collect()
}

type Found = Vec<(String, u64, String)>;

fn read<T: serde::de::DeserializeOwned>(content: &[u8]) -> Result<T, (u64, String)> {
    let text = std::str::from_utf8(content).map_err(|_| (1, "this file is not UTF-8: save it as UTF-8".to_owned()))?;
    yaml_text(text)
}

/// The templates of a definition, as far as they say which wordings they use.
struct Templates {
    are_the_pilots: bool,
    /// Definitions written before there was a list of looks take the pilot's letters for it, words and all.
    have_the_list_of_looks: bool,
    words: BTreeSet<String>,
}

impl Templates {
    fn of(definition: &Definition) -> Self {
        let is_template = |path: &str| path.starts_with("letters/") && path.ends_with(".typ");
        let pilot = Definition::embedded();
        let own = definition.files().iter().filter(|(path, _)| is_template(path));
        let are_the_pilots = own.clone().all(|(path, content)| pilot.files().get(path) == Some(content));
        let mut words = BTreeSet::new();
        for (_, content) in own {
            let text = String::from_utf8_lossy(content);
            words.extend(text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').map(str::to_owned));
        }
        let have_the_list_of_looks = definition.files().contains_key(ACCESS);
        Self { are_the_pilots, have_the_list_of_looks, words }
    }

    /// Whether they say the words of this section, or of this key.
    fn say(&self, word: &str) -> bool {
        let is_theirs = self.have_the_list_of_looks || word != LIST_OF_LOOKS;
        self.are_the_pilots && is_theirs || self.words.contains(word)
    }

    /// Whether templates that are not the pilot's may say this word.
    fn may_say(&self, word: &str) -> bool {
        !self.are_the_pilots && self.words.contains(word)
    }
}

fn wordings(
    definition: &Definition,
    (content, sections): (&[u8], &Sections),
    templates: &Templates,
    found: &mut Found,
) {
    let pilot = Definition::embedded();
    let Ok(usual) = words::of_files(pilot.files()) else { return };
    let usual = usual.sections();
    let mut tell = |line: u64, reason: String| found.push((WORDS.to_owned(), line, reason));
    let is_needed = |word: &str| templates.say(word);
    let mut misspelt = BTreeSet::new();
    for (section, keys) in sections {
        let Some(usual) = usual.get(section) else {
            let lacking = usual.keys().map(String::as_str).filter(|other| !sections.contains_key(*other));
            let meant = nearest(section, lacking);
            misspelt.extend(meant);
            if meant.is_some() || !templates.may_say(section) {
                let told = meant.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                tell(line_of(content, section, keys), format!("no letter has a section {section}{told}"));
            }
            continue;
        };
        let lacking: Vec<&str> =
            usual.keys().map(String::as_str).filter(|key| !keys.value.contains_key(*key)).collect();
        let mut meant_here = BTreeSet::new();
        let is_area = |key: &str| {
            let areas = definition.scripts.iter().flat_map(|script| &script.key_areas);
            section == BY_KEY_AREA && areas.into_iter().any(|area| area.id == *key)
        };
        let is_reason = |key: &str| section == BY_REASON && definition.diary.deferral_reason(key).is_some();
        let is_extra = |key: &str| !usual.contains_key(key) && !is_area(key) && !is_reason(key);
        for (key, text) in keys.value.iter().filter(|(key, _)| is_extra(key)) {
            let meant = nearest(key, lacking.iter().copied());
            meant_here.extend(meant);
            if meant.is_some() || !templates.may_say(key) {
                let told = meant.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
                tell(line_of(content, key, text), format!("no letter says the words {section}.{key}{told}"));
            }
        }
        let lacking: Vec<&str> = lacking
            .into_iter()
            .filter(|key| section != BY_KEY_AREA && !meant_here.contains(key) && is_needed(key))
            .collect();
        if !lacking.is_empty() {
            let reason = format!("the section {section} lacks what the letters say: {}", lacking.join(", "));
            tell(line_of(content, section, keys), reason);
        }
    }
    for section in usual.keys().filter(|section| !sections.contains_key(*section)) {
        if !misspelt.contains(section.as_str()) && is_needed(section) {
            tell(1, format!("the section {section} is missing, which the letters say"));
        }
    }
    let in_welsh = definition.service.languages.contains(&Language::Welsh);
    let is_known = |section: &String| usual.contains_key(section) || templates.may_say(section);
    for (section, keys) in sections.iter().filter(|(section, _)| is_known(section)) {
        for (key, text) in &keys.value {
            let line = line_of(content, key, text);
            if in_welsh && text.value.cy.is_none() {
                tell(line, format!("the words {section}.{key} have no Welsh (cy)"));
            }
            let usual = usual.get(section).and_then(|keys| keys.get(key));
            if let Some(reason) = places(&text.value, usual, templates) {
                tell(line, format!("the words {section}.{key}: {reason}"));
            }
        }
    }
}

/// What is wrong with the `{places}` of a wording that are filled in.
fn places(text: &Text, usual: Option<&Text>, templates: &Templates) -> Option<String> {
    let filled: BTreeSet<&str> = usual.into_iter().flat_map(both).flat_map(names).flatten().collect();
    for name in both(text).flat_map(names) {
        let Some(name) = name else { return Some("a brace { is opened and not closed".to_owned()) };
        if filled.contains(name) || templates.may_say(name) {
            continue;
        }
        let told = match nearest(name, filled.iter().copied()) {
            Some(near) => format!("did you mean {{{near}}}?"),
            None if filled.is_empty() => "nothing is filled in here".to_owned(),
            None => {
                format!("what is filled in here is {{{}}}", filled.iter().copied().collect::<Vec<_>>().join("}, {"))
            }
        };
        return Some(format!("{{{name}}} is not filled in here; {told}"));
    }
    let of = |text: &str| names(text).flatten().map(str::to_owned).collect::<BTreeSet<_>>();
    let (english, welsh) = (of(&text.en), of(text.cy.as_ref()?));
    let lacks = |which: &str, name: &String| format!("the {which} lacks {{{name}}}, which the other language has");
    let lacking = english.difference(&welsh).next().map(|name| lacks("Welsh", name));
    lacking.or_else(|| welsh.difference(&english).next().map(|name| lacks("English", name)))
}

fn both(text: &Text) -> impl Iterator<Item = &str> {
    std::iter::once(text.en.as_str()).chain(text.cy.as_deref())
}

/// What stands in braces; none for one that is not closed.
fn names(text: &str) -> impl Iterator<Item = Option<&str>> {
    text.split('{').skip(1).map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// The line on which a name stands: what it names may begin on the next.
fn line_of<T>(content: &[u8], name: &str, named: &Spanned<T>) -> u64 {
    let begins = named.referenced.line();
    let text = String::from_utf8_lossy(content);
    let above: Vec<&str> = text.lines().take(usize::try_from(begins).unwrap_or(1)).collect();
    let is_name = |line: &&str| line.trim_start().strip_prefix(name).is_some_and(|rest| rest.starts_with(':'));
    let line = above.iter().rposition(is_name).and_then(|index| u64::try_from(index + 1).ok());
    line.unwrap_or(begins)
}

fn offices(definition: &Definition, (content, ways): (&[u8], &BTreeMap<String, Spanned<Way>>), found: &mut Found) {
    let ids: Vec<&str> = definition.offices.iter().map(|office| office.id.as_str()).collect();
    for (id, way) in ways.iter().filter(|(id, _)| !ids.contains(&id.as_str())) {
        let lacking = ids.iter().copied().filter(|id| !ways.contains_key(*id));
        let reason = format!("there is no office {id}{}", did_you_mean(id, lacking));
        found.push((OFFICES.to_owned(), line_of(content, id, way), reason));
    }
}
