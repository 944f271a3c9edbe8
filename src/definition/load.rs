//! Builds a definition from its files, gathering every fault on the way.

use super::agency_order::{self, RawAgencyOrder};
use super::calendar::Calendar;
use super::condition::CLIENT_RECORD;
use super::diary;
use super::files::{self, Files};
use super::followup;
use super::followup_check;
use super::form::{Form, Part, RawEvidenceList, RawPart};
use super::lint;
use super::load_places::{self, Places};
use super::lookup::Index;
use super::reach;
use super::read_question::Vocabulary;
use super::read_reminders;
use super::read_script::{self, RawScript};
use super::report::{CheckReport, Counts, Fault, Faults};
use super::service::{Named, RawSettings, Service};
use super::telephone::RawTelephone;
use super::text::Text;
use super::wording;
use super::{Definition, Script};
use crate::formats::Language;
use chrono::NaiveTime;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_saphyr::Spanned;
use std::collections::{BTreeMap, BTreeSet};

/// What the calendar and the sites are read with, until the linter says otherwise.
const FALLBACK_ZONE: chrono_tz::Tz = chrono_tz::Europe::London;

/// Builds what can be built. The definition is only fit for use when the report is clean.
pub(super) fn build(files: Files) -> (Option<Definition>, CheckReport) {
    let mut found = Vec::new();
    for path in files.keys().filter(|path| !files::is_known(path)) {
        let reason = "this file has no place in a definition".to_owned();
        found.push(Fault { file: path.clone(), line: 1, reason });
    }
    let service = read_service(&files, &mut found);
    let timezone = service.as_ref().map_or(FALLBACK_ZONE, |(_, zone)| *zone);
    let calendar = load_places::holidays(&files, Calendar::new(timezone), &mut found);
    let places = load_places::places(&files, &mut found);

    let diary =
        service.as_ref().map(|(read, _)| diary::read(&files, &read.service.settings, &places.offices, &mut found));

    let names = |named: fn(&Service) -> &Vec<Named>| -> BTreeSet<String> {
        service.iter().flat_map(|(service, _)| named(&service.service)).map(|n| n.id.clone()).collect()
    };
    let (benefits, agencies) = (names(|s| &s.benefits), names(|s| &s.agencies));
    let mut followup = service.as_ref().zip(diary.as_ref()).map(|((read, _), diary)| {
        let languages = &read.service.languages;
        let names = followup_check::Names { benefits: &benefits, agencies: &agencies, diary, languages };
        followup::read(&files, &names, &mut found)
    });
    let vocabulary = Vocabulary { benefits: &benefits, agencies: &agencies };
    // What a file that could not be read would have defined is not told as missing wherever it is named.
    let mut follow_on = Vec::new();
    let (mut form, form_is_whole) = read_form(&files, &vocabulary, service.is_some(), &mut found);
    if let Some((service, _)) = &service {
        let told = if form_is_whole { &mut found } else { &mut follow_on };
        lint::claimed_benefits(&mut form, service, told);
        lint::claim_from(&mut form, service, told);
    }
    form.index();
    let names_are_known = form_is_whole && service.is_some();
    let mut scripts = read_scripts(&files, &form, &vocabulary, names_are_known, &mut found);
    // Names and samples are checked only when everything could be read: else each gap would be told twice.
    if found.is_empty() {
        if let Some((service, _)) = &service {
            service.service.telephone.check_sites(&places.sites, SERVICE, &mut found);
        }
        lint::form(&mut form, &mut found);
        agency_order::lint(&form, &mut found);
        if found.is_empty() {
            reach::form(&form, &mut found);
        }
        lint::scripts(&mut scripts, &form, &mut found);
        if let Some((rules, true)) = &mut followup {
            lint::followup(rules, &form, &mut found);
        }
        if let Some((read, _)) = &service {
            lint::nobody_asks(&form, read, &mut found);
            if read.service.languages.contains(&Language::Welsh) {
                wording::welsh(&form, &scripts, &mut found);
            }
        }
    }
    if let Some((service, _)) = &service {
        lint::letters(service, &files, &mut found);
    }
    let kinds = diary.as_ref().map(|diary| diary.kinds.as_slice());
    let service_read = service.as_ref().map(|(read, _)| &read.service);
    let reminders = read_reminders::read(&files, service_read, kinds, &places, &mut found);
    found.sort();
    found.dedup();
    let counts = Counts {
        questions: form.questions().count() + form.evidence_part.as_ref().map_or(0, |_| form.evidence.len()),
        parts: form.parts.len() + usize::from(form.evidence_part.is_some()),
        scripts: scripts.len(),
        sites: places.sites.len(),
        offices: places.offices.len(),
    };
    let report = CheckReport { faults: found, counts };
    let Places { sites, offices, areas, districts } = places;
    let index = Index::new(&sites, &offices, &areas, districts);
    let followup = followup.map(|(mut rules, _)| {
        rules.keep_known(|id| form.question(id).is_some() || id.as_str() == CLIENT_RECORD);
        rules
    });
    let definition = service.zip(diary).zip(followup).map(|(((service, _), diary), followup)| Definition {
        version: files::version(&files),
        service: service.service,
        sites,
        offices,
        areas,
        calendar,
        diary,
        followup,
        scripts,
        form,
        reminders,
        counts,
        index,
        files,
    });
    (definition, report)
}

/// Reads one YAML file into its raw form; a fault carries the parser's line and its words without the excerpt.
pub(super) fn yaml<T: DeserializeOwned>(files: &Files, path: &str, found: &mut Vec<Fault>) -> Option<T> {
    let mut fault = |line: u64, reason: String| {
        found.push(Fault { file: path.to_owned(), line: line.max(1), reason });
        None
    };
    let Some(content) = files.get(path) else { return fault(1, "this file is missing".into()) };
    let Ok(text) = std::str::from_utf8(content) else { return fault(1, "this file is not UTF-8 text".into()) };
    match serde_saphyr::from_str(text) {
        Ok(raw) => Some(raw),
        Err(error) => {
            let line = error.location().map_or(1, |place| place.line());
            let words = error.without_snippet().to_string();
            let words = words.lines().next().unwrap_or("cannot be read");
            // The place is told once, in front.
            fault(line, words.split(" at line ").next().unwrap_or(words).to_owned())
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNamed {
    id: Spanned<String>,
    /// Of a benefit: the council decides it.
    #[serde(default)]
    council: bool,
    /// Of a call need: a call-back takes twice as long.
    #[serde(default)]
    double_length: bool,
    #[serde(flatten)]
    name: RawName,
}

/// Not [`Text`], which denies unknown fields: flattened, it would see those of its neighbour.
#[derive(Deserialize)]
struct RawName {
    en: String,
    #[serde(default)]
    cy: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawService {
    name: Text,
    timezone: Spanned<String>,
    post_cut_off: Spanned<String>,
    claimed_benefits_question: Spanned<String>,
    #[serde(default)]
    claim_from_question: Option<Spanned<String>>,
    #[serde(default)]
    languages: Vec<Spanned<String>>,
    #[serde(default)]
    letters: Vec<Spanned<String>>,
    benefits: Vec<RawNamed>,
    agencies: Vec<RawNamed>,
    #[serde(default)]
    telephone: RawTelephone,
    settings: RawSettings,
}

/// The service and what the linter still has to check of its file.
pub(super) struct ReadService {
    pub(super) service: Service,
    pub(super) claimed_benefits: Spanned<String>,
    pub(super) claim_from: Option<Spanned<String>>,
    /// Where each benefit and agency is named.
    pub(super) named: Vec<(String, u64)>,
    /// Templates that must be in the folder.
    pub(super) letters: Vec<Spanned<String>>,
}

pub(super) const SERVICE: &str = "service.yaml";

fn read_service(files: &Files, found: &mut Vec<Fault>) -> Option<(ReadService, chrono_tz::Tz)> {
    let raw: RawService = yaml(files, SERVICE, found)?;
    let mut faults = Faults::new(SERVICE, found);
    let timezone = raw.timezone.value.parse().unwrap_or_else(|_| {
        faults.at(&raw.timezone, "timezone must be a name of the time zone database, such as Europe/London");
        FALLBACK_ZONE
    });
    let post_cut_off = NaiveTime::parse_from_str(&raw.post_cut_off.value, "%H:%M").unwrap_or_else(|_| {
        faults.at(&raw.post_cut_off, "post_cut_off must be a time such as 17:30");
        NaiveTime::MIN
    });
    let languages = languages(&raw.languages, &mut faults);
    let places = raw.benefits.iter().chain(&raw.agencies);
    let places = places.map(|one| (one.id.value.clone(), one.id.referenced.line())).collect();
    let service = Service {
        name: raw.name,
        languages,
        benefits: named(raw.benefits, "benefit", &mut faults),
        agencies: named(raw.agencies, "agency", &mut faults),
        telephone: raw.telephone.read(named, &mut faults),
        settings: raw.settings.into_settings(&mut faults),
        post_cut_off,
    };
    let settings = &service.settings;
    if settings.callback_lead_min_working_days > settings.callback_lead_max_working_days {
        faults.at_line(1, "callback_lead_min_working_days is above callback_lead_max_working_days");
    }
    let read = ReadService {
        service,
        claimed_benefits: raw.claimed_benefits_question,
        claim_from: raw.claim_from_question,
        named: places,
        letters: raw.letters,
    };
    Some((read, timezone))
}

/// English is always there.
fn languages(raw: &[Spanned<String>], faults: &mut Faults<'_>) -> Vec<Language> {
    let mut languages = vec![Language::English];
    for one in raw {
        match Language::parse(&one.value) {
            Ok(language) if languages.contains(&language) => {}
            Ok(language) => languages.push(language),
            Err(reason) => faults.at(one, format!("{} {reason}", one.value)),
        }
    }
    languages
}

pub(super) fn named(raw: Vec<RawNamed>, what: &str, faults: &mut Faults<'_>) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    for one in raw {
        if one.id.value.is_empty() || all.iter().any(|n| n.id == one.id.value) {
            faults.at(&one.id, format!("the {what} {} is there twice, or has no id", one.id.value));
        }
        if one.council && what != "benefit" {
            faults.at(&one.id, "only a benefit can be the council's");
        }
        if one.double_length && what != "skill" && what != "call need" {
            faults.at(&one.id, "only what a call needs makes it longer");
        }
        match Text::checked(&one.name.en, one.name.cy.as_deref()) {
            Ok(name) => {
                let (council, double_length) = (one.council, one.double_length);
                all.push(Named { id: one.id.value, name, council, double_length });
            }
            Err(reason) => faults.at(&one.id, reason),
        }
    }
    all
}

/// Reads the form; also says whether every part could be read. Faults of content are told only when `names_are_known`.
fn read_form(
    files: &Files,
    vocabulary: &Vocabulary<'_>,
    names_are_known: bool,
    found: &mut Vec<Fault>,
) -> (Form, bool) {
    const EVIDENCE: &str = "form/evidence.yaml";
    let mut form = Form::default();
    let mut is_whole = true;
    let mut follow_on = Vec::new();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for path in files.keys().filter(|path| path.starts_with("form/") && *path != EVIDENCE && files::is_known(path)) {
        let Some(raw) = yaml::<RawPart>(files, path, found) else {
            is_whole = false;
            continue;
        };
        let before = found.len();
        let mut faults = Faults::new(path, if names_are_known { &mut *found } else { &mut follow_on });
        let part: Part = raw.into_part(vocabulary, &mut faults);
        if form.parts.iter().any(|other| other.id == part.id) {
            faults.at_line(1, format!("part {} is there twice", part.id));
        }
        for question in &part.questions {
            if let Some(first) = seen.insert(question.id.to_string(), path.clone()) {
                faults
                    .at_line(question.line, format!("question {} is there twice; it is also in {first}", question.id));
            }
        }
        form.parts.push(part);
        is_whole &= found.len() == before;
    }
    if form.parts.is_empty() && is_whole {
        Faults::new("form", found).at_line(1, "the form has no part: add form/a.yaml");
    }
    if let Some(raw) = yaml::<RawEvidenceList>(files, EVIDENCE, found) {
        let sink = if names_are_known { &mut *found } else { &mut follow_on };
        (form.evidence_part, form.evidence) = raw.into_rules(vocabulary, &mut Faults::new(EVIDENCE, sink));
    }
    for path in files.keys().filter(|path| path.starts_with("agencies/") && files::is_known(path)) {
        let Some(raw) = yaml::<RawAgencyOrder>(files, path, found) else { continue };
        let sink = if names_are_known && is_whole { &mut *found } else { &mut follow_on };
        let order = raw.into_order(vocabulary, &mut Faults::new(path, sink));
        form.orders.push(order);
    }
    (form, is_whole)
}

/// Reads the scripts. Faults of content are told only when `names_are_known`: the form's and the service's.
fn read_scripts(
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
    read_script::put_together(&scripts, if is_whole && names_are_known { found } else { &mut follow_on })
}
