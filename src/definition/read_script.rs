//! Reads scripts from YAML, and puts the stages of included scripts where they are named.

use super::comparisons;
use super::files::{self, Files};
use super::form::Form;
use super::nearest::{did_you_mean, nearest};
use super::read_condition::compile_at;
use super::read_named::{RawNamed, named};
use super::read_printed;
use super::read_question::{RawQuestion, Vocabulary};
use super::report::{Fault, Faults};
use super::script::{Also, Decides, Effect, Hint, Script, Stage};
use super::syntax::yaml;
use super::text::Text;
use serde::Deserialize;
use serde_saphyr::Spanned;
use startline_foundation::ids::QuestionId;
use std::collections::BTreeSet;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScript {
    id: Spanned<String>,
    title: Text,
    #[serde(default)]
    limit_minutes: Option<Spanned<f64>>,
    #[serde(default)]
    key_areas: Vec<RawNamed>,
    #[serde(default)]
    hints: Vec<RawHint>,
    #[serde(default)]
    effects: Vec<RawEffect>,
    stages: Vec<RawStage>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHint {
    id: Spanned<String>,
    when: Spanned<String>,
    text: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEffect {
    id: Spanned<String>,
    when: Spanned<String>,
    #[serde(default)]
    urgent: Option<Text>,
    #[serde(default)]
    call_needs: Vec<String>,
    #[serde(default)]
    defers: Option<RawDefers>,
    #[serde(default)]
    waives: Option<Spanned<String>>,
}

/// Questions of the script.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDefers {
    reason: String,
    #[serde(default)]
    note: Option<String>,
    review_day: String,
}

/// A stage, or the name of a script whose stages stand here.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawStage {
    #[serde(default)]
    include: Option<Spanned<String>>,
    #[serde(default)]
    id: Option<Spanned<String>>,
    #[serde(default)]
    title: Option<Text>,
    #[serde(default)]
    heading: Option<Text>,
    #[serde(default)]
    expected_minutes: Option<Spanned<f64>>,
    #[serde(default)]
    say: Option<Text>,
    #[serde(default)]
    guidance: Option<Text>,
    #[serde(default)]
    also: Vec<RawAlso>,
    #[serde(default)]
    shown: Option<Spanned<String>>,
    #[serde(default)]
    covers: Vec<Spanned<String>>,
    #[serde(default)]
    promises: Vec<String>,
    #[serde(default)]
    questions: Vec<RawQuestion>,
    #[serde(default)]
    form_parts: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAlso {
    when: Spanned<String>,
    #[serde(default)]
    say: Option<Text>,
    #[serde(default)]
    guidance: Option<Text>,
}

/// A script as it stands in its file.
pub(super) struct ReadScript {
    script: Script,
    /// Scripts to put in: before which stage, whose, and where that is written.
    includes: Vec<(usize, String, u64)>,
}

impl RawScript {
    pub(super) fn read(self, form: &Form, vocabulary: &Vocabulary<'_>, faults: &mut Faults<'_>) -> ReadScript {
        let stem = faults.file.rsplit('/').next().and_then(|name| name.strip_suffix(".yaml")).unwrap_or_default();
        if self.id.value != stem {
            let reason = format!("the script's id is {} but its file is named {stem}", self.id.value);
            faults.at(&self.id, reason);
        }
        if self.stages.is_empty() {
            faults.at(&self.id, "a script needs stages");
        }
        if let Some(limit) = self.limit_minutes.as_ref().filter(|limit| !(1.0..=240.0).contains(&limit.value)) {
            faults.at(limit, "limit_minutes must be from 1 to 240");
        }
        let key_areas = named(self.key_areas, "key area", faults);
        let areas: BTreeSet<&str> = key_areas.iter().map(|area| area.id.as_str()).collect();
        let (mut stages, mut includes) = (Vec::new(), Vec::new());
        let mut misspelt = BTreeSet::new();
        for raw in self.stages {
            match &raw.include {
                Some(other) => {
                    raw.stands_alone(other, faults);
                    includes.push((stages.len(), other.value.clone(), other.referenced.line()));
                }
                None => {
                    for area in raw.covers.iter().filter(|area| !areas.contains(area.value.as_str())) {
                        let told = did_you_mean(&area.value, areas.iter().copied());
                        misspelt.extend(nearest(&area.value, areas.iter().copied()));
                        faults.at(area, format!("the script has no key area {}{told}", area.value));
                    }
                    stages.extend(raw.into_stage(form, vocabulary, faults));
                }
            }
        }
        let covered: BTreeSet<&str> = stages.iter().flat_map(|s: &Stage| &s.covers).map(String::as_str).collect();
        let is_left = |id: &str| !covered.contains(id) && !misspelt.contains(id);
        for area in key_areas.iter().filter(|area| is_left(&area.id)) {
            faults.at(&self.id, format!("no stage covers the key area {}", area.id));
        }
        let hints = hints(self.hints, faults);
        let effects = effects(self.effects, faults);
        let limit_minutes = self.limit_minutes.map(|limit| limit.value);
        let file = faults.file.to_owned();
        let script =
            Script { id: self.id.value, title: self.title, limit_minutes, key_areas, hints, effects, stages, file };
        ReadScript { script, includes }
    }
}

fn hints(raw: Vec<RawHint>, faults: &mut Faults<'_>) -> Vec<Hint> {
    let mut hints: Vec<Hint> = Vec::new();
    for one in raw {
        if hints.iter().any(|hint| hint.id == one.id.value) {
            faults.at(&one.id, format!("hint {} is there twice", one.id.value));
        }
        if let Some(when) = compile_at(Some(one.when), faults) {
            hints.push(Hint { id: one.id.value, when, text: one.text });
        }
    }
    hints
}

fn effects(raw: Vec<RawEffect>, faults: &mut Faults<'_>) -> Vec<Effect> {
    let mut effects: Vec<Effect> = Vec::new();
    for one in raw {
        let id = &one.id.value;
        if effects.iter().any(|effect| effect.id == *id) {
            faults.at(&one.id, format!("effect {id} is there twice"));
        }
        let decides = match (one.defers, &one.waives) {
            (Some(_), Some(waives)) => {
                faults.at(waives, format!("effect {id} puts the meeting off and does without it: one of the two"));
                None
            }
            (Some(RawDefers { reason, note, review_day }), None) => Some(Decides::PutsOff {
                reason: QuestionId::new(&reason),
                note: note.map(|note| QuestionId::new(&note)),
                review_day: QuestionId::new(&review_day),
            }),
            (None, Some(waives)) => {
                if waives.value != "optional" {
                    faults.at(waives, "waives can only be optional: all else is decided by a team leader");
                }
                Some(Decides::WantsNone)
            }
            (None, None) => None,
        };
        if one.urgent.is_none() && one.call_needs.is_empty() && decides.is_none() {
            faults.at(&one.id, format!("effect {id} does nothing: it needs urgent, call_needs, defers or waives"));
        }
        if let Some(when) = compile_at(Some(one.when), faults) {
            effects.push(Effect {
                id: one.id.value,
                when,
                urgent: one.urgent,
                call_needs: one.call_needs,
                decides,
                file: faults.file.to_owned(),
            });
        }
    }
    effects
}

/// Reads the scripts. Faults of content are told only when `names_are_known`: the form's and the service's.
pub(super) fn read(
    files: &Files,
    form: &Form,
    vocabulary: &Vocabulary<'_>,
    names_are_known: bool,
    found: &mut Vec<Fault>,
) -> Vec<Script> {
    let mut scripts = Vec::new();
    let mut follow_on = Vec::new();
    let mut is_whole = true;
    for path in files.keys().filter(|path| path.starts_with("scripts/") && files::is_known(path)) {
        let Some(raw) = yaml::<RawScript>(files, path, found) else {
            is_whole = false;
            continue;
        };
        let sink = if names_are_known { &mut *found } else { &mut follow_on };
        scripts.push(raw.read(form, vocabulary, &mut Faults::new(path, sink)));
    }
    if scripts.is_empty() && is_whole {
        Faults::new("scripts", found)
            .at_line(1, "there is no script: add scripts/inbound.yaml and scripts/start-up.yaml");
    }
    // A script that could not be read is not told again as missing where it is included.
    put_together(&scripts, if is_whole && names_are_known { found } else { &mut follow_on })
}

/// The scripts whole: each include replaced by the stages it names.
fn put_together(read: &[ReadScript], found: &mut Vec<Fault>) -> Vec<Script> {
    read.iter().map(|one| one.whole(read, &mut Faults::new(&one.script.file, found))).collect()
}

impl ReadScript {
    fn whole(&self, all: &[Self], faults: &mut Faults<'_>) -> Script {
        let mut stages: Vec<Stage> = Vec::new();
        let mut effects = self.script.effects.clone();
        for (place, stage) in self.script.stages.iter().map(Some).chain([None]).enumerate() {
            for (_, name, line) in self.includes.iter().filter(|(before, ..)| *before == place) {
                match all.iter().find(|other| other.script.id == *name) {
                    None => {
                        let told = did_you_mean(name, all.iter().map(|other| other.script.id.as_str()));
                        faults.at_line(*line, format!("there is no script {name}{told}"));
                    }
                    Some(other) if !other.includes.is_empty() => {
                        faults.at_line(*line, format!("script {name} includes another itself: one step is enough"));
                    }
                    Some(other) => {
                        stages.extend(other.script.stages.iter().cloned());
                        effects.extend(other.script.effects.iter().cloned());
                    }
                }
            }
            stages.extend(stage.cloned());
        }
        let mut seen = BTreeSet::new();
        for stage in stages.iter().filter(|stage| !seen.insert(&stage.id)) {
            faults.at_line(1, format!("stage {} is there twice", stage.id));
        }
        let (own, brought) = effects.split_at(self.script.effects.len());
        for effect in brought.iter().filter(|effect| own.iter().any(|own| own.id == effect.id)) {
            faults.at_line(1, format!("effect {} is there twice, here and in an included script", effect.id));
        }
        Script { stages, effects, ..self.script.clone() }
    }
}

impl RawStage {
    /// An include says nothing of its own.
    fn stands_alone(&self, other: &Spanned<String>, faults: &mut Faults<'_>) {
        let has_words = self.id.is_some()
            || self.title.is_some()
            || self.heading.is_some()
            || self.say.is_some()
            || self.guidance.is_some();
        let has_more = self.expected_minutes.is_some()
            || self.shown.is_some()
            || !self.covers.is_empty()
            || !self.promises.is_empty();
        let has_content = !self.also.is_empty() || !self.questions.is_empty() || !self.form_parts.is_empty();
        if has_words || has_more || has_content {
            faults.at(other, "an include stands alone: the stages it brings say the rest");
        }
    }

    fn into_stage(self, form: &Form, vocabulary: &Vocabulary<'_>, faults: &mut Faults<'_>) -> Option<Stage> {
        let line = self.id.as_ref().map(|id| id.referenced.line());
        let line = line.or(self.expected_minutes.as_ref().map(|minutes| minutes.referenced.line())).unwrap_or(1);
        let (Some(id), Some(title), Some(minutes)) = (self.id, self.title, self.expected_minutes) else {
            faults.at_line(line, "a stage needs an id, a title and expected_minutes (or is an include)");
            return None;
        };
        if !(minutes.value > 0.0 && minutes.value <= 120.0) {
            faults.at(&minutes, "expected_minutes must be above 0 and at most 120");
        }
        if self.say.is_none() && self.guidance.is_none() {
            faults.at(&id, format!("stage {} needs words: say, or guidance", id.value));
        }
        for part in self.form_parts.iter().filter(|part| form.part(&part.value).is_none()) {
            let told = did_you_mean(&part.value, form.parts.iter().map(|part| part.id.as_str()));
            faults.at(part, format!("the form has no part {}{told}", part.value));
        }
        let ids = || form.questions().map(|question| question.id.as_str());
        let filled = |id: &str| form.question(&QuestionId::new(id)).ok_or_else(|| comparisons::no_question(id, ids()));
        let questions =
            self.questions.into_iter().filter_map(|raw| raw.into_script_question(filled, vocabulary, faults)).collect();
        let also = self.also.into_iter().filter_map(|also| also.read(faults)).collect();
        let stage = Stage {
            id: id.value,
            title,
            heading: self.heading,
            expected_minutes: minutes.value,
            say: self.say,
            guidance: self.guidance,
            also,
            shown: compile_at(self.shown, faults),
            covers: self.covers.into_iter().map(|area| area.value).collect(),
            promises: self.promises,
            questions,
            form_parts: self.form_parts.into_iter().map(|part| part.value).collect(),
            file: faults.file.to_owned(),
            line,
        };
        read_printed::check_stage(&stage, line, faults);
        Some(stage)
    }
}

impl RawAlso {
    fn read(self, faults: &mut Faults<'_>) -> Option<Also> {
        if self.say.is_none() && self.guidance.is_none() {
            faults.at(&self.when, "words for some clients need say, or guidance");
        }
        Some(Also { when: compile_at(Some(self.when), faults)?, say: self.say, guidance: self.guidance })
    }
}
