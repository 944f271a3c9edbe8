//! Builds a definition from its files, gathering every fault on the way.

use super::calendar::Calendar;
use super::condition::CLIENT_RECORD;
use super::files::{self, Files};
use super::lookup::Index;
use super::named::Named;
use super::read_places::{self, Places};
use super::read_question::Vocabulary;
use super::read_service::{FALLBACK_ZONE, SERVICE};
use super::report::{CheckReport, Counts, Fault};
use super::service::Service;
use super::{
    Definition, lint, reach, read_diary, read_followup, read_form, read_printed, read_reminders, read_script,
    read_service, wording,
};
use startline_foundation::formats::Language;
use std::collections::BTreeSet;

/// Builds what can be built. The definition is only fit for use when the report is clean.
pub(super) fn build(files: Files) -> (Option<Definition>, CheckReport) {
    let mut found = Vec::new();
    for path in files.keys().filter(|path| !files::is_known(path)) {
        let reason = "this file has no place in a definition".to_owned();
        found.push(Fault { file: path.clone(), line: 1, reason });
    }
    let service = read_service::read(&files, &mut found);
    let timezone = service.as_ref().map_or(FALLBACK_ZONE, |(_, zone)| *zone);
    let calendar = read_places::holidays(&files, Calendar::new(timezone), &mut found);
    let places = read_places::places(&files, &mut found);

    let diary =
        service.as_ref().map(|(read, _)| read_diary::read(&files, &read.service.settings, &places.offices, &mut found));

    let names = |named: fn(&Service) -> &Vec<Named>| -> BTreeSet<String> {
        service.iter().flat_map(|(service, _)| named(&service.service)).map(|n| n.id.clone()).collect()
    };
    let (benefits, agencies) = (names(|s| &s.benefits), names(|s| &s.agencies));
    let mut followup = service.as_ref().zip(diary.as_ref()).map(|((read, _), diary)| {
        let languages = &read.service.languages;
        let names = read_followup::Names { benefits: &benefits, agencies: &agencies, diary, languages };
        read_followup::read(&files, &names, &mut found)
    });
    let vocabulary = Vocabulary { benefits: &benefits, agencies: &agencies };
    // What a file that could not be read would have defined is not told as missing wherever it is named.
    let mut follow_on = Vec::new();
    let (mut form, form_is_whole) = read_form::read(&files, &vocabulary, service.is_some(), &mut found);
    if let Some((service, _)) = &service {
        let told = if form_is_whole { &mut found } else { &mut follow_on };
        lint::claimed_benefits(&mut form, service, told);
        lint::claim_from(&mut form, service, told);
    }
    form.index();
    let names_are_known = form_is_whole && service.is_some();
    let mut scripts = read_script::read(&files, &form, &vocabulary, names_are_known, &mut found);
    // Names and samples are checked only when everything could be read: else each gap would be told twice.
    if found.is_empty() {
        if let Some((service, _)) = &service {
            service.service.telephone.check_sites(&places.sites, SERVICE, &mut found);
        }
        lint::form(&mut form, &mut found);
        lint::orders(&form, &mut found);
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
    let report = CheckReport { faults: found, warnings: read_printed::free_text(&scripts), counts };
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
        warnings: report.warnings.clone(),
        counts,
        index,
        files,
    });
    (definition, report)
}
