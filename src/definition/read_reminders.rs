//! Reads and lints `reminders.yaml`. A definition without the file has no reminders.

use super::diary::MeetingKind;
use super::files::Files;
use super::nearest::{did_you_mean, nearest};
use super::read_diary::no_kind;
use super::read_places::Places;
use super::reminders::{Bearing, Channel, Fillings, Follows, NAMES, Plan, ReminderLine, Reminders, Unless, next_name};
use super::report::{Fault, Faults};
use super::service::Service;
use super::syntax::yaml;
use super::text::Text;
use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;
use serde_saphyr::Spanned;
use startline_foundation::formats::{Language, sms_parts};
use std::collections::{BTreeMap, BTreeSet};

const REMINDERS: &str = "reminders.yaml";
/// What a longer text costs, and whether a handset shows it in one piece, is no longer sure.
const MOST_PARTS: usize = 3;
/// Two weeks before, at most: a worker looks no further ahead.
const MOST_DAYS_BEFORE: u32 = 10;
/// Without these a client cannot come, or cannot say that they cannot.
const NEEDED: [&str; 3] = ["day", "time", "phone"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReminders {
    what: BTreeMap<String, Spanned<Text>>,
    any_other: Spanned<Text>,
    /// Definitions written before it could be said have words that say it themselves.
    #[serde(default)]
    follows: Option<RawFollows>,
    plans: Vec<RawPlan>,
    words: Vec<RawWords>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFollows {
    binding: Spanned<Text>,
    referred: Spanned<Text>,
    free: Spanned<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPlan {
    #[serde(default, rename = "for")]
    kinds: Vec<Spanned<String>>,
    lines: Vec<RawLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLine {
    by: Spanned<String>,
    working_days_before: Spanned<u32>,
    #[serde(default)]
    at: Option<Spanned<String>>,
    #[serde(default)]
    unless: Option<Spanned<String>>,
    #[serde(default)]
    also_when_booked_later: bool,
    words: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWords {
    id: Spanned<String>,
    #[serde(default)]
    heading: Option<Text>,
    body: Text,
}

pub(super) fn read(
    files: &Files,
    service: Option<&Service>,
    kinds: Option<&[MeetingKind]>,
    places: &Places,
    found: &mut Vec<Fault>,
) -> Option<Reminders> {
    files.get(REMINDERS)?;
    let raw: RawReminders = yaml(files, REMINDERS, found)?;
    let mut faults = Faults::new(REMINDERS, found);
    let languages = service.map_or(&[Language::English][..], |service| &service.languages);
    names(&raw, languages, &mut faults);
    for (name, words) in &raw.what {
        if kinds.is_some_and(|kinds| !kinds.iter().any(|kind| kind.id == *name)) {
            faults.at(words, no_kind(name, kinds.unwrap_or_default()));
        }
    }
    let (mut seen, mut misspelt) = (BTreeSet::new(), BTreeSet::new());
    for words in &raw.words {
        if !seen.insert(words.id.value.as_str()) {
            faults.at(&words.id, format!("the words {} are there twice", words.id.value));
        }
        for text in words.heading.iter().chain([&words.body]) {
            if lint_words(&words.id, text, languages, service, &mut faults) {
                misspelt.insert(words.id.value.as_str());
            }
        }
    }
    let what = raw.what.iter().map(|(kind, text)| (kind.clone(), text.value.clone())).collect();
    let follows = raw.follows.as_ref().map(|given| Follows {
        binding: given.binding.value.clone(),
        referred: given.referred.value.clone(),
        free: given.free.value.clone(),
    });
    if follows.is_none() {
        let says = |text: &Text| std::iter::once(&text.en).chain(&text.cy).any(|said| said.contains("{follows}"));
        for words in raw.words.iter().filter(|words| says(&words.body)) {
            faults.at(&words.id, format!("the words {} have {{follows}}, and `follows` is not there", words.id.value));
        }
    }
    let mut reminders = Reminders { what, any_other: raw.any_other.value.clone(), follows, plans: Vec::new() };
    let mut planned = BTreeSet::new();
    for plan in &raw.plans {
        let line = plan.kinds.first().map_or(1, |kind| kind.referenced.line());
        for kind in &plan.kinds {
            if !reminders.what.contains_key(&kind.value) {
                let told = did_you_mean(&kind.value, reminders.what.keys().map(String::as_str));
                faults.at(kind, format!("`what` does not say what {} is called{told}", kind.value));
            }
        }
        let kinds: Vec<String> = plan.kinds.iter().map(|kind| kind.value.clone()).collect();
        let named = if kinds.is_empty() { vec![String::new()] } else { kinds.clone() };
        for kind in named.into_iter().filter(|kind| !planned.insert(kind.clone())) {
            faults.at_line(
                line,
                format!("two plans are for {}", if kind.is_empty() { "every other kind" } else { &kind }),
            );
        }
        let lines = plan.lines.iter().filter_map(|line| read_line(line, &raw.words, &mut faults)).collect::<Vec<_>>();
        let ids: BTreeSet<&str> = lines.iter().map(|line| line.id.as_str()).collect();
        if ids.len() < lines.len() {
            faults.at_line(line, "two lines of one plan go the same way at the same time");
        }
        reminders.plans.push(Plan { kinds, lines });
    }
    lengths(&raw, &misspelt, &reminders, languages, places, &mut faults);
    Some(reminders)
}

/// Every name of a kind, and all that may follow, must be there in every language.
fn names(raw: &RawReminders, languages: &[Language], faults: &mut Faults<'_>) {
    for (kind, text) in raw.what.iter().map(|(kind, text)| (kind.as_str(), text)).chain([("any_other", &raw.any_other)])
    {
        if languages.contains(&Language::Welsh) && text.value.cy.is_none() {
            faults.at(text, format!("what {kind} is called has no Welsh (cy)"));
        }
    }
    let Some(follows) = &raw.follows else { return };
    for (which, text) in [("binding", &follows.binding), ("referred", &follows.referred), ("free", &follows.free)] {
        if languages.contains(&Language::Welsh) && text.value.cy.is_none() {
            faults.at(text, format!("what follows when it is {which} has no Welsh (cy)"));
        }
    }
}

fn read_line(raw: &RawLine, words: &[RawWords], faults: &mut Faults<'_>) -> Option<ReminderLine> {
    let Some(by) = Channel::parse(&raw.by.value) else {
        faults.at(&raw.by, "by must be call, text or letter");
        return None;
    };
    let days = raw.working_days_before.value;
    if days > MOST_DAYS_BEFORE {
        faults.at(&raw.working_days_before, format!("working_days_before must be from 0 to {MOST_DAYS_BEFORE}"));
    }
    let at = raw.at.as_ref().and_then(|at| {
        let time = NaiveTime::parse_from_str(&at.value, "%H:%M").ok();
        if time.is_none() {
            faults.at(at, "at must be a time such as \"10:00\"");
        }
        time
    });
    let unless = match &raw.unless {
        None => Unless::Never,
        Some(given) => Unless::parse(&given.value).filter(|unless| *unless != Unless::Never).unwrap_or_else(|| {
            faults.at(given, "unless must be reached (by a reminder call) or told (by a call or a text)");
            Unless::Never
        }),
    };
    let Some(chosen) = words.iter().find(|words| words.id.value == raw.words.value) else {
        let told = did_you_mean(&raw.words.value, words.iter().map(|words| words.id.value.as_str()));
        faults.at(&raw.words, format!("there are no words {}{told}", raw.words.value));
        return None;
    };
    if (by == Channel::Letter) != chosen.heading.is_some() {
        faults.at(&raw.words, "the words of a letter have a heading, and no others do");
    }
    let id = match at {
        Some(at) => format!("{}-{days}-{}", by.as_str(), at.format("%H%M")),
        None => format!("{}-{days}", by.as_str()),
    };
    Some(ReminderLine {
        id,
        by,
        working_days_before: days,
        at,
        unless,
        also_when_booked_later: raw.also_when_booked_later,
        heading: chosen.heading.clone(),
        words: chosen.body.clone(),
    })
}

/// Names in braces that nobody fills in (then it says so), Welsh that is not there, and what nobody else may learn from a message.
fn lint_words(
    place: &Spanned<String>,
    text: &Text,
    languages: &[Language],
    service: Option<&Service>,
    faults: &mut Faults<'_>,
) -> bool {
    let mut is_misspelt = false;
    let id = &place.value;
    if languages.contains(&Language::Welsh) && text.cy.is_none() {
        faults.at(place, format!("the words {id} have no Welsh (cy)"));
    }
    for wording in std::iter::once(&text.en).chain(&text.cy) {
        let mut rest = wording.as_str();
        while let Some((_, name, after)) = next_name(rest) {
            if !NAMES.contains(&name) {
                is_misspelt = true;
                let told = nearest(name, NAMES).map(|near| format!("did you mean {{{near}}}?"));
                let told = told.unwrap_or_else(|| format!("they may have {{{}}}", NAMES.join("}, {")));
                faults.at(place, format!("the words {id} have {{{name}}}; {told}"));
            }
            rest = after;
        }
        if rest.contains(['{', '}']) {
            faults.at(place, format!("the words {id} have a brace that is not closed or not opened"));
        }
        for benefit in service.into_iter().flat_map(|service| &service.benefits) {
            if tells_of(wording, &benefit.id, &benefit.name) {
                faults.at(
                    place,
                    format!("the words {id} tell of a benefit: whoever reads a message need not know which"),
                );
            }
        }
    }
    is_misspelt
}

/// Whether a wording has a benefit's short name as a word, or its name in either language.
fn tells_of(wording: &str, id: &str, name: &Text) -> bool {
    let folded = wording.to_lowercase();
    let names = std::iter::once(&name.en).chain(&name.cy);
    wording.split(|c: char| !c.is_alphanumeric()).any(|word| word == id)
        || names.into_iter().any(|name| folded.contains(&name.to_lowercase()))
}

/// Each text in each language, as it would go out for each office on a long day.
fn lengths(
    raw: &RawReminders,
    misspelt: &BTreeSet<&str>,
    reminders: &Reminders,
    languages: &[Language],
    places: &Places,
    faults: &mut Faults<'_>,
) {
    // A Wednesday in September is the longest day of the week in the longest month in both languages.
    let day = NaiveDate::from_ymd_opt(2026, 9, 30).unwrap_or_default();
    let lines = raw.plans.iter().zip(&reminders.plans).flat_map(|(raw, plan)| {
        let kinds: Vec<&str> = if plan.kinds.is_empty() {
            reminders.what.keys().map(String::as_str).collect()
        } else {
            plan.kinds.iter().map(String::as_str).collect()
        };
        plan.lines.iter().map(move |line| (raw, line, kinds.clone()))
    });
    for (plan, line, kinds) in lines {
        let Some(words) = raw.words.iter().find(|words| words.body == line.words) else { continue };
        let place = plan.lines.iter().find(|raw| raw.words.value == words.id.value).map_or(&words.id, |raw| &raw.words);
        for language in languages {
            let wording = line.words.in_language(*language);
            let lacking = NEEDED.iter().find(|name| !wording.contains(&format!("{{{name}}}")));
            if let Some(lacking) = lacking.filter(|_| !misspelt.contains(words.id.value.as_str())) {
                faults.at(&words.id, format!("the words {} lack {{{lacking}}}", words.id.value));
            }
            if line.by != Channel::Text {
                continue;
            }
            if wording.contains("{name}") {
                faults.at(place, "a text names nobody: a telephone is read by others");
            }
            let too_long = places.offices.iter().find(|office| {
                kinds.iter().flat_map(|kind| Bearing::ALL.map(|bearing| (kind, bearing))).any(|(kind, bearing)| {
                    let (what, follows) = (reminders.what(kind, *language), reminders.follows(bearing, *language));
                    let time = NaiveTime::MIN;
                    let filled = Fillings { what, follows, day, time, office, name: "", language: *language };
                    sms_parts(&filled.fill(wording)) > MOST_PARTS
                })
            });
            if let Some(office) = too_long {
                let reason = format!(
                    "the words {} are longer than {MOST_PARTS} text messages for {} ({}): 459 letters, or 201 when one of \
                     them, such as \u{175} or \u{e2}, is not in the alphabet of text messages",
                    words.id.value,
                    office.id,
                    language.as_str()
                );
                faults.at(&words.id, reason);
            }
        }
    }
}
