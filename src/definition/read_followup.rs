//! Reads `followup.yaml`: every name it uses is somebody's, every wording is there and can be filled in.

use super::condition::Condition;
use super::diary::DiaryRules;
use super::files::Files;
use super::followup::{
    After, DecisionLetters, FollowUpRules, LATER_STEPS, Listed, MissedRules, Proposal, Referral, STEPS, SlippingRules,
    Span, StandbyRules, StepWords, When,
};
use super::nearest::{did_you_mean, nearest};
use super::read_diary::no_kind;
use super::read_question::none_such;
use super::report::{Fault, Faults};
use super::syntax::yaml;
use super::text::Text;
use serde::Deserialize;
use serde_saphyr::Spanned;
use startline_foundation::formats::Language;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const FOLLOW_UP: &str = "followup.yaml";
const USUAL: &str = include_str!("../../deploy/definitions/one-pilot/followup.yaml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFollowUp {
    missed: Spanned<MissedRules>,
    /// Definitions written before it could be said go by the pilot's.
    #[serde(default)]
    slipping: Option<Spanned<SlippingRules>>,
    #[serde(default)]
    referral: Option<Spanned<RawReferral>>,
    #[serde(default)]
    good_cause: Vec<RawListed>,
    standby: Spanned<StandbyRules>,
    steps: BTreeMap<String, Spanned<RawStepWords>>,
    letters: RawLetters,
    #[serde(default)]
    life_events: Vec<RawListed>,
    #[serde(default)]
    meetings: Vec<RawProposal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReferral {
    benefits: Vec<String>,
    agency: String,
    working_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawListed {
    id: Spanned<String>,
    en: String,
    #[serde(default)]
    cy: Option<String>,
    #[serde(default)]
    ends: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStepWords {
    why: Text,
    #[serde(default)]
    first: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLetters {
    missed: Spanned<Text>,
    last: Spanned<Text>,
    #[serde(default)]
    off: Option<Spanned<Text>>,
    #[serde(default)]
    death: Option<Spanned<Text>>,
    /// Definitions written before there were such letters have the pilot's.
    #[serde(default)]
    decided: Option<RawDecided>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDecided {
    treat_as_not_made: Spanned<Text>,
    goes_on: Spanned<Text>,
    another_chance: Spanned<Text>,
    /// Definitions written before there was such a letter have the pilot's.
    #[serde(default)]
    upheld: Option<Spanned<Text>>,
    reversed: Spanned<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawProposal {
    id: Spanned<String>,
    when: RawWhen,
    #[serde(default)]
    benefits: Vec<String>,
    #[serde(default, rename = "if")]
    condition: Option<Spanned<String>>,
    kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWhen {
    after: String,
    #[serde(default)]
    weeks: u32,
    #[serde(default)]
    months: u32,
    #[serde(default)]
    years: u32,
    #[serde(default)]
    every_months: Option<u32>,
}

/// The rules, and whether they are the definition's own: the usual ones may name questions that this definition lacks.
pub(super) fn read(files: &Files, names: &Names<'_>, found: &mut Vec<Fault>) -> (FollowUpRules, bool) {
    if files.contains_key(FOLLOW_UP)
        && let Some(raw) = yaml::<RawFollowUp>(files, FOLLOW_UP, found)
    {
        return (rules(raw, names, &mut Faults::new(FOLLOW_UP, found)), true);
    }
    (usual(names.diary, names), false)
}

/// Of definitions that were written before they could say: what the pilot's file says, as far as they know its names.
fn usual(diary: &DiaryRules, names: &Names<'_>) -> FollowUpRules {
    let raw = pilots();
    // What it may name that this definition has not is left out below rather than told.
    let mut told = Vec::new();
    let mut rules = rules(raw, names, &mut Faults::new(FOLLOW_UP, &mut told));
    rules.proposals.retain(|proposal| {
        diary.kind(&proposal.kind).is_some() && proposal.benefits.iter().all(|id| names.benefits.contains(id))
    });
    let knows = |referral: &Referral| {
        names.agencies.contains(&referral.agency) && referral.benefits.iter().all(|id| names.benefits.contains(id))
    };
    rules.referral = rules.referral.filter(knows);
    // The letters of such a definition do not know these kinds.
    rules.off_letter = None;
    rules.death_letter = None;
    rules.clone()
}

/// What the rules may name.
pub(super) struct Names<'a> {
    pub benefits: &'a BTreeSet<String>,
    pub agencies: &'a BTreeSet<String>,
    pub diary: &'a DiaryRules,
    pub languages: &'a [Language],
    /// Whether `diary` could be read in full: else a kind that it lacks follows from that.
    pub are_whole: bool,
}

/// Longest of the periods, in working days.
const MOST_DAYS: u32 = 60;
/// What wording may have filled in.
const FOR_STEPS: [&str; 8] = ["name", "day", "time", "office", "number", "reason", "kind", "agency"];
const FOR_LETTERS: [&str; 5] = ["name", "day", "phone", "number", "good_cause_days"];
const FOR_DEATHS: [&str; 3] = ["name", "client", "phone"];
const FOR_DECISIONS: [&str; 6] = ["name", "day", "phone", "decider", "reason", "until"];
/// Longest time in which a decision can be looked at again here.
const MOST_REVERSIBLE_DAYS: u32 = 400;

fn rules(raw: RawFollowUp, names: &Names<'_>, faults: &mut Faults<'_>) -> FollowUpRules {
    let missed = raw.missed.value;
    let days = [
        missed.ring_working_days,
        missed.letter_working_days,
        missed.new_meeting_working_days,
        missed.letter_answer_working_days,
        missed.home_visit_working_days,
        missed.good_cause_working_days,
        missed.decision_working_days,
        missed.reconsider_working_days,
    ];
    if !(1..=10).contains(&missed.opportunities) || days.iter().any(|days| *days > MOST_DAYS) {
        faults
            .at(&raw.missed, format!("opportunities are from 1 to 10, and no period is over {MOST_DAYS} working days"));
    }
    if missed.decision_working_days <= missed.good_cause_working_days {
        faults.at(
            &raw.missed,
            "decision_working_days must be above good_cause_working_days: good cause may be shown first",
        );
    }
    if !(1..=MOST_REVERSIBLE_DAYS).contains(&missed.reversible_days) {
        faults.at(&raw.missed, format!("reversible_days are from 1 to {MOST_REVERSIBLE_DAYS}"));
    }
    if raw.standby.value.keep_minutes == 0 || raw.standby.value.ring_before_minutes < raw.standby.value.keep_minutes {
        faults.at(&raw.standby, "keep_minutes is at least 1, and ring_before_minutes not below it");
    }
    let referral = raw.referral.map(|given| {
        for benefit in given.value.benefits.iter().filter(|id| !names.benefits.contains(*id)) {
            faults.at(&given, none_such("benefit", benefit, names.benefits));
        }
        if !names.agencies.contains(&given.value.agency) {
            faults.at(&given, none_such("agency", &given.value.agency, names.agencies));
        }
        let given = given.value;
        Referral { benefits: given.benefits, agency: given.agency, working_days: given.working_days }
    });
    let life_events = listed(raw.life_events, names, faults);
    step_words(&raw.steps, names, faults);
    let words = |words: RawStepWords| StepWords { why: words.why, first: words.first };
    let mut steps: BTreeMap<String, StepWords> =
        raw.steps.into_iter().map(|(id, given)| (id, words(given.value))).collect();
    if LATER_STEPS.iter().any(|step| !steps.contains_key(*step)) {
        for (id, given) in pilots().steps {
            steps.entry(id).or_insert_with(|| words(given.value));
        }
    }
    let slipping = match raw.slipping {
        Some(given) => checked_slipping(given, faults),
        None => pilots().slipping.unwrap_or_else(|| panic!("the pilot says what keeps a claim from slipping")).value,
    };
    let letters =
        [("missed", Some(&raw.letters.missed)), ("last", Some(&raw.letters.last)), ("off", raw.letters.off.as_ref())];
    for (which, text) in letters.into_iter().filter_map(|(which, text)| Some((which, text?))) {
        wording(&format!("the letter {which}"), text.referenced.line(), &text.value, &FOR_LETTERS, names, faults);
    }
    if let Some(death) = &raw.letters.death {
        let line = death.referenced.line();
        wording("the letter death", line, &death.value, &FOR_DEATHS, names, faults);
    }
    let decision_letters = match raw.letters.decided {
        Some(decided) => letters_of_decisions(decided, names, faults),
        None => usual_letters_of_decisions(),
    };
    let mut proposals: Vec<Proposal> = Vec::new();
    for one in raw.meetings {
        if proposals.iter().any(|other| other.id == one.id.value) || !is_word(&one.id.value) {
            faults.at(&one.id, "a meeting's id is a word in small letters, figures and hyphens, there once");
        }
        proposals.push(proposal(one, &life_events, names, faults));
    }
    FollowUpRules {
        missed,
        slipping,
        referral,
        good_causes: listed(raw.good_cause, names, faults),
        standby: raw.standby.value,
        steps,
        letter: raw.letters.missed.value,
        last_letter: raw.letters.last.value,
        off_letter: raw.letters.off.map(|text| text.value),
        death_letter: raw.letters.death.map(|text| text.value),
        decision_letters,
        life_events,
        proposals,
    }
}

fn letters_of_decisions(raw: RawDecided, names: &Names<'_>, faults: &mut Faults<'_>) -> DecisionLetters {
    let mut read = |which: &str, text: Spanned<Text>| {
        let which = format!("the letter of a decision, {which}");
        wording(&which, text.referenced.line(), &text.value, &FOR_DECISIONS, names, faults);
        // Whoever is told a decision is told by whom and why.
        let says = |place: &str| std::iter::once(&text.value.en).chain(&text.value.cy).all(|said| said.contains(place));
        if !says("{decider}") || !says("{reason}") {
            faults.at(&text, format!("{which} has to say {{decider}} and {{reason}}"));
        }
        text.value
    };
    DecisionLetters {
        treat_as_not_made: read("treat_as_not_made", raw.treat_as_not_made),
        goes_on: read("goes_on", raw.goes_on),
        another_chance: read("another_chance", raw.another_chance),
        upheld: read("upheld", raw.upheld.unwrap_or_else(usual_upheld)),
        reversed: read("reversed", raw.reversed),
    }
}

fn checked_slipping(given: Spanned<SlippingRules>, faults: &mut Faults<'_>) -> SlippingRules {
    let rules = &given.value;
    let rises =
        rules.chase_form_days.is_sorted_by(|a, b| a < b) && rules.chase_form_days.first().is_some_and(|day| *day > 0);
    if !rises || rules.chase_form_days.iter().any(|days| *days > MOST_DAYS * 2) {
        faults
            .at(&given, format!("chase_form_days rise from 1 to {} at most, and there is one at least", MOST_DAYS * 2));
    }
    let falls = rules.date_runs_out_working_days.is_sorted_by(|a, b| a > b);
    let periods = rules.date_runs_out_working_days.iter().chain([&rules.finish_start_up_working_days]);
    if !falls || rules.date_runs_out_working_days.is_empty() || periods.into_iter().any(|days| *days > MOST_DAYS) {
        faults.at(
            &given,
            format!(
                "date_runs_out_working_days fall, there is one at least, and no period is over {MOST_DAYS} working days"
            ),
        );
    }
    rules.clone()
}

/// What the pilot's file says, for definitions that were written before they could say it.
fn pilots() -> RawFollowUp {
    match serde_saphyr::from_str(USUAL) {
        Ok(raw) => raw,
        // It is part of the program and checked by the tests, like the code beside it.
        Err(fault) => panic!("the usual follow-up rules cannot be read: {fault}"),
    }
}

fn usual_upheld() -> Spanned<Text> {
    let upheld = pilots().letters.decided.and_then(|decided| decided.upheld);
    upheld.unwrap_or_else(|| panic!("the pilot has the letter of a decision that stands"))
}

fn usual_letters_of_decisions() -> DecisionLetters {
    let Some(decided) = pilots().letters.decided else { panic!("the pilot has letters of decisions") };
    DecisionLetters {
        treat_as_not_made: decided.treat_as_not_made.value,
        goes_on: decided.goes_on.value,
        another_chance: decided.another_chance.value,
        upheld: decided.upheld.unwrap_or_else(usual_upheld).value,
        reversed: decided.reversed.value,
    }
}

fn listed(raw: Vec<RawListed>, names: &Names<'_>, faults: &mut Faults<'_>) -> Vec<Listed> {
    let mut all: Vec<Listed> = Vec::new();
    for one in raw {
        if all.iter().any(|other| other.id == one.id.value) || !is_word(&one.id.value) {
            faults.at(&one.id, "an id is a word in small letters, figures and hyphens, there once");
        }
        match Text::checked(&one.en, one.cy.as_deref()) {
            Ok(name) => {
                if name.cy.is_none() && names.languages.contains(&Language::Welsh) {
                    faults.at(&one.id, "has no Welsh (cy)");
                }
                all.push(Listed { id: one.id.value, name, ends: one.ends });
            }
            Err(reason) => faults.at(&one.id, reason),
        }
    }
    all
}

fn step_words(steps: &BTreeMap<String, Spanned<RawStepWords>>, names: &Names<'_>, faults: &mut Faults<'_>) {
    let mut misspelt = BTreeSet::new();
    for (id, words) in steps {
        let (line, words) = (words.referenced.line(), &words.value);
        if !STEPS.contains(&id.as_str()) {
            let lacking = STEPS.into_iter().filter(|step| !steps.contains_key(*step));
            let meant = nearest(id, lacking);
            misspelt.extend(meant);
            let told = meant
                .map_or_else(|| format!("; they are {}", STEPS.join(", ")), |near| format!("; did you mean {near}?"));
            faults.at_line(line, format!("steps: {id} is no step{told}"));
        }
        for text in std::iter::once(&words.why).chain(&words.first) {
            wording(&format!("steps: {id}"), line, text, &FOR_STEPS, names, faults);
        }
    }
    let is_lacking =
        |step: &&&str| !steps.contains_key(**step) && !misspelt.contains(**step) && !LATER_STEPS.contains(*step);
    for lacking in STEPS.iter().filter(is_lacking) {
        faults.at_line(1, format!("steps: {lacking} has no wording"));
    }
}

/// There in every language, with nothing to fill in that nobody knows.
fn wording(what: &str, line: u64, text: &Text, may_have: &[&str], names: &Names<'_>, faults: &mut Faults<'_>) {
    if text.cy.is_none() && names.languages.contains(&Language::Welsh) {
        faults.at_line(line, format!("{what} has no Welsh (cy)"));
    }
    for words in std::iter::once(&text.en).chain(&text.cy) {
        for piece in words.split('{').skip(1) {
            let name = piece.split('}').next().unwrap_or_default();
            if !may_have.contains(&name) {
                let told = nearest(name, may_have.iter().copied()).map(|near| format!("did you mean {{{near}}}?"));
                let told = told.unwrap_or_else(|| format!("what can be filled in is {}", may_have.join(", ")));
                faults.at_line(line, format!("{what} has {{{name}}}; {told}"));
            }
        }
    }
}

fn proposal(raw: RawProposal, events: &[Listed], names: &Names<'_>, faults: &mut Faults<'_>) -> Proposal {
    for benefit in raw.benefits.iter().filter(|id| !names.benefits.contains(*id)) {
        faults.at(&raw.id, none_such("benefit", benefit, names.benefits));
    }
    if names.are_whole && names.diary.kind(&raw.kind).is_none() {
        faults.at(&raw.id, no_kind(&raw.kind, &names.diary.kinds));
    }
    let after = match raw.when.after.as_str() {
        "start" => After::Start,
        "birthday" => After::Birthday,
        event => {
            if !events.iter().any(|listed| listed.id == event) {
                let known = events.iter().map(|listed| listed.id.as_str()).chain(["start", "birthday"]);
                let told = did_you_mean(event, known);
                faults.at(&raw.id, format!("after is start, birthday or a life event; there is no {event}{told}"));
            }
            After::Event(event.to_owned())
        }
    };
    let span = Span { weeks: raw.when.weeks, months: raw.when.months + raw.when.years * 12 };
    if raw.when.weeks > 520 || span.months > 1_200 {
        faults.at(&raw.id, "weeks are at most 520, months and years together at most a hundred years");
    }
    if after != After::Start && raw.when.every_months.is_some() || raw.when.every_months == Some(0) {
        faults.at(&raw.id, "every_months is at least 1, and counts from the start only");
    }
    let condition = raw.condition.and_then(|given| match Condition::compile(&given.value) {
        Ok(mut condition) => {
            condition.line = given.referenced.line();
            Some(condition)
        }
        Err(reason) => {
            faults.at(&given, reason);
            None
        }
    });
    let when = When { after, span, every_months: raw.when.every_months };
    Proposal { id: raw.id.value, when, benefits: raw.benefits, condition, kind: raw.kind }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
#[path = "read_followup_tests.rs"]
mod tests;
