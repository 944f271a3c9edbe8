//! What an author is told beside what keeps a definition from working: what loads, and does not do what was meant. The
//! service itself reads versions that it stored long ago, so it is not told of these.

use super::diary::DiaryRules;
use super::files::Files;
use super::form::{Form, Part};
use super::kind::{Column, Kind};
use super::places::Site;
use super::question::Question;
use super::read_service::{ReadService, SERVICE};
use super::report::{Fault, Faults};
use super::script::Script;
use super::spoken;
use super::syntax::readable;
use super::text::Text;
use startline_foundation::formats::Language;

/// Longest label, title, heading or name of an option, in characters: the longest of the pilot's has 116. A longer one
/// leaves no room for the answer beside it, on screen or on paper.
const MOST_LABEL_CHARS: usize = 200;

/// Everything that a definition says, read without a fault.
pub(super) struct Whole<'a> {
    pub(super) read: &'a ReadService,
    pub(super) sites: &'a [Site],
    pub(super) diary: Option<&'a DiaryRules>,
    pub(super) form: &'a Form,
    pub(super) scripts: &'a [Script],
}

/// What a line of YAML says to nobody but the parser: it is read without a fault, or with one that tells of another place.
pub(super) fn lines(files: &Files, found: &mut Vec<Fault>) {
    for (path, content) in files.iter().filter(|(path, _)| path.ends_with(".yaml")) {
        let mut faults = Faults::new(path, found);
        for (number, line) in readable(content).unwrap_or_default().lines().enumerate() {
            if let Some(reason) = line_slip(line) {
                faults.at_line(u64::try_from(number).unwrap_or(0) + 1, reason);
            }
        }
    }
}

fn line_slip(line: &str) -> Option<String> {
    let text = line.trim_start_matches([' ', '\t']);
    if line[..line.len() - text.len()].contains('\t') && !text.is_empty() {
        return Some("this line is indented with a tab: indent with spaces".to_owned());
    }
    let text = text.trim_start_matches("- ");
    let (key, value) =
        text.split_once(": ").filter(|(key, _)| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))?;
    let value = value.trim();
    // A tag of YAML's, which has no meaning here.
    if value.starts_with('!') {
        return Some(format!("a text that begins with ! stands in quotes: {key}: '{value}'"));
    }
    let is_open = !value.starts_with(['"', '\'', '|', '>', '#', '{', '[']);
    let is_cut = ["en", "cy"].contains(&key) && is_open && value.contains(" #");
    is_cut.then(|| "what follows the # is a remark and no part of the text: put the text in quotes".to_owned())
}

/// Text files must be UTF-8, and begin with their text.
pub(super) fn encoding(files: &Files, found: &mut Vec<Fault>) {
    let is_text = |path: &&String| [".yaml", ".csv", ".typ"].iter().any(|ending| path.ends_with(ending));
    for path in files.keys().filter(is_text) {
        let mut faults = Faults::new(path, found);
        match files.get(path).map(|content| (content, readable(content))) {
            Some((_, Err((line, reason)))) => faults.at_line(line, reason),
            Some((content, Ok(_))) if content.starts_with(b"\xEF\xBB\xBF") => {
                faults.at_line(1, "this file begins with a byte order mark: save it as UTF-8 without one");
            }
            _ => {}
        }
    }
}

pub(super) fn find(whole: &Whole<'_>, files: &Files, found: &mut Vec<Fault>) {
    spoken::places(whole.scripts, files, found);
    walked(whole, files, found);
    empty_lists(whole, files, found);
    labels(whole, files, found);
    if whole.read.service.languages.contains(&Language::Welsh) {
        welsh(whole, files, found);
    }
}

/// The line on which a wording begins, for what is not read with its place.
pub(super) fn line_of(files: &Files, path: &str, text: &str) -> u64 {
    let begins: String = text.chars().take(30).take_while(|c| *c != '\n' && *c != '"').collect();
    let content = files.get(path).and_then(|content| readable(content).ok()).unwrap_or_default();
    let line = content.lines().position(|line| line.contains(begins.trim_end())).unwrap_or(0);
    u64::try_from(line).unwrap_or(0) + 1
}

/// A part of the form that is asked must be walked by some stage, or nobody ever asks it.
fn walked(whole: &Whole<'_>, files: &Files, found: &mut Vec<Fault>) {
    let stages = || whole.scripts.iter().flat_map(|script| &script.stages);
    let is_filled = |question: &Question| {
        stages().flat_map(|stage| &stage.questions).any(|asked| asked.fills.as_ref() == Some(&question.id))
    };
    let is_lost = |part: &&Part| {
        let asked = part.questions.iter().any(|question| question.kind.is_asked() && !is_filled(question));
        asked && !stages().any(|stage| stage.form_parts.contains(&part.id))
    };
    for part in whole.form.parts.iter().filter(is_lost) {
        let reason = format!("no script's stage walks part {}: name it in a stage's form_parts", part.id);
        let line = line_of(files, &part.file, &format!("part: {}", part.id));
        Faults::new(&part.file, found).at_line(line, reason);
    }
}

/// Lists that are there and hold nothing, where something is meant.
fn empty_lists(whole: &Whole<'_>, files: &Files, found: &mut Vec<Fault>) {
    for part in whole.form.parts.iter().filter(|part| part.questions.is_empty()) {
        let line = line_of(files, &part.file, "questions:");
        let reason = format!("part {} has no questions: add one, or drop the part", part.id);
        Faults::new(&part.file, found).at_line(line, reason);
    }
    for order in &whole.form.orders {
        let mut faults = Faults::new(&order.file, found);
        for section in order.sections.iter().filter(|section| section.questions.is_empty()) {
            let line = line_of(files, &order.file, &section.title.en);
            let reason =
                format!("the section \"{}\" has no questions: name one, or drop the section", section.title.en);
            faults.at_line(line, reason);
        }
    }
    let mut faults = Faults::new(SERVICE, found);
    if whole.read.service.benefits.is_empty() {
        faults.at_line(line_of(files, SERVICE, "benefits:"), "benefits is empty: a service needs one");
    }
    if whole.read.service.agencies.is_empty() {
        faults.at_line(line_of(files, SERVICE, "agencies:"), "agencies is empty: a service needs one");
    }
}

/// Labels that leave no room for an answer.
fn labels(whole: &Whole<'_>, files: &Files, found: &mut Vec<Fault>) {
    for part in &whole.form.parts {
        let mut faults = Faults::new(&part.file, found);
        let line = line_of(files, &part.file, &part.title.en);
        bound(&mut faults, line, &format!("part {}: its title", part.id), &part.title);
        part.questions.iter().for_each(|question| labels_of(question, &mut faults));
    }
    let mut faults = Faults::new("form/evidence.yaml", found);
    for rule in &whole.form.evidence {
        bound(&mut faults, rule.line, &format!("evidence line {}: its label", rule.id), &rule.label);
    }
    for stage in whole.scripts.iter().flat_map(|script| &script.stages) {
        let mut faults = Faults::new(&stage.file, found);
        for title in std::iter::once(&stage.title).chain(&stage.heading) {
            bound(&mut faults, stage.line, &format!("stage {}: its title or heading", stage.id), title);
        }
        stage.questions.iter().for_each(|question| labels_of(question, &mut faults));
    }
    let mut faults = Faults::new(SERVICE, found);
    let service = &whole.read.service;
    for (named, line) in
        service.benefits.iter().chain(&service.agencies).zip(whole.read.named.iter().map(|(_, line)| line))
    {
        bound(&mut faults, *line, &format!("{}: its name", named.id), &named.name);
    }
}

fn labels_of(question: &Question, faults: &mut Faults<'_>) {
    bound(faults, question.line, &format!("question {}: its label", question.id), &question.label);
    // What fills the form has the options of the form.
    if question.fills.is_none() {
        labels_of_kind(&question.kind, &format!("question {}", question.id), question.line, faults);
    }
}

fn labels_of_kind(kind: &Kind, who: &str, line: u64, faults: &mut Faults<'_>) {
    match kind {
        Kind::Choice(options) | Kind::Multi(options) => {
            for option in options {
                bound(faults, line, &format!("{who}: its option {}", option.id), &option.label);
            }
        }
        Kind::Table { columns, .. } | Kind::Group { fields: columns } => {
            for Column { id, label, kind, .. } in columns {
                bound(faults, line, &format!("{who}: its {id}"), label);
                labels_of_kind(kind, who, line, faults);
            }
        }
        _ => {}
    }
}

fn bound(faults: &mut Faults<'_>, line: u64, what: &str, text: &Text) {
    let longest = std::iter::once(&text.en).chain(&text.cy).map(|text| text.chars().count()).max().unwrap_or(0);
    if longest > MOST_LABEL_CHARS {
        faults.at_line(
            line,
            format!("{what} has {longest} characters: at most {MOST_LABEL_CHARS}; the rest belongs in guidance"),
        );
    }
}

/// What of the service itself has no Welsh: the form and the scripts are looked through elsewhere.
fn welsh(whole: &Whole<'_>, files: &Files, found: &mut Vec<Fault>) {
    let service = &whole.read.service;
    let mut lacks = |path: &str, what: &str, text: &Text| {
        if text.cy.is_none() && !text.en.is_empty() {
            let begins: String = text.en.chars().take(40).collect();
            let reason = format!("{what} has no Welsh (cy): \"{begins}\"");
            Faults::new(path, found).at_line(line_of(files, path, &text.en), reason);
        }
    };
    let telephone = &service.telephone;
    lacks(SERVICE, "the service's name", &service.name);
    lacks(SERVICE, "waiting", &telephone.waiting);
    lacks(SERVICE, "emergencies", &telephone.emergencies);
    let named = service.benefits.iter().chain(&service.agencies).chain(&telephone.skills).chain(&telephone.other_needs);
    for named in named {
        lacks(SERVICE, &format!("the name of {}", named.id), &named.name);
    }
    for line in &telephone.outside_lines {
        lacks(SERVICE, &format!("the name of {}", line.id), &line.name);
    }
    for time in &telephone.safe_times {
        lacks(SERVICE, &format!("the name of {}", time.id), &time.name);
    }
    for site in whole.sites {
        lacks("sites.yaml", &format!("the name of site {}", site.id), &site.name);
    }
    if files.contains_key("diary.yaml") {
        for kind in whole.diary.into_iter().flat_map(|diary| &diary.kinds) {
            lacks("diary.yaml", &format!("the kind of meeting {}", kind.id), &kind.name);
        }
        for reason in whole.diary.into_iter().flat_map(|diary| &diary.deferral_reasons) {
            for text in [&reason.letter, &reason.name] {
                lacks("diary.yaml", &format!("the reason {}", reason.id), text);
            }
        }
    }
}
