//! Builds a definition from its files, gathering every fault on the way.

use super::calendar::Calendar;
use super::condition::CLIENT_RECORD;
use super::files::{self, Files};
use super::lookup::Index;
use super::read_places::{self, Places};
use super::read_question::Vocabulary;
use super::read_service::{FALLBACK_ZONE, ReadService};
use super::reader::Reader;
use super::report::{CheckReport, Counts, told_once};
use super::{
    Definition, deciding, lint, marks, reach, read_diary, read_followup, read_form, read_printed, read_reminders,
    read_script, read_service, slips, wording,
};
use startline_foundation::formats::Language;
use std::collections::BTreeSet;

/// Builds what can be built. The definition is only fit for use when the report is clean.
pub(super) fn build(files: Files, reader: Reader) -> (Option<Definition>, CheckReport) {
    let (out_of_place, is_misnamed) = files::out_of_place(&files);
    let mut found = out_of_place.clone();
    if reader == Reader::Author {
        slips::encoding(&files, &mut found);
        slips::lines(&files, &mut found);
    }
    let with_slips: BTreeSet<String> = found.iter().map(|fault| fault.file.clone()).collect();
    let of_lines = found.len();
    // What follows from a fault is not told beside it: not what a file that could not be read, or only in part, would
    // have defined, wherever it is named.
    let mut follow_on = Vec::new();
    let service = read_service::read(&files, &mut found);
    let timezone = service.as_ref().map_or(FALLBACK_ZONE, |(_, zone)| *zone);
    let calendar = read_places::holidays(&files, Calendar::new(timezone), &mut found);
    let (places, offices) = read_places::places(&files, &mut found);

    let before = found.len();
    let diary = service
        .as_ref()
        .map(|(read, _)| read_diary::read(&files, &read.service.settings, offices.as_ref(), &mut found));
    let diary_is_whole = found.len() == before;

    // As they are written, also those with a fault.
    let named = |ids: fn(&ReadService) -> &BTreeSet<String>| -> BTreeSet<String> {
        service.as_ref().map(|(read, _)| ids(read).clone()).unwrap_or_default()
    };
    let (benefits, agencies) = (named(|read| &read.benefit_ids), named(|read| &read.agency_ids));
    let mut followup = service.as_ref().zip(diary.as_ref()).map(|((read, _), diary)| {
        let languages = &read.service.languages;
        let names = read_followup::Names {
            benefits: &benefits,
            agencies: &agencies,
            diary,
            languages,
            are_whole: diary_is_whole,
        };
        read_followup::read(&files, &names, &mut found)
    });
    let vocabulary = Vocabulary { benefits: &benefits, agencies: &agencies, reader };
    let (mut form, form_is_whole) = read_form::read(&files, &vocabulary, service.is_some(), &mut found);
    if let Some((service, _)) = &service {
        let told = if form_is_whole { &mut found } else { &mut follow_on };
        lint::claimed_benefits(&mut form, service, told);
        lint::claim_from(&mut form, service, told);
    }
    form.index();
    let names_are_known = form_is_whole && service.is_some();
    let mut scripts = read_script::read(&files, &form, &vocabulary, names_are_known, &mut found);
    let kinds = diary.as_ref().filter(|_| diary_is_whole).map(|diary| diary.kinds.as_slice());
    let service_read = service.as_ref().map(|(read, _)| &read.service);
    let reminders = read_reminders::read(&files, service_read, kinds, &places, &mut found);
    // Names and samples are checked only when everything could be read: else each gap would be told twice.
    if found.is_empty() {
        if let Some((service, _)) = &service {
            lint::lines(service, &places.sites, &mut found);
            lint::effects(&scripts, &service.service.telephone, &mut found);
        }
        lint::form(&mut form, reader, &mut found);
        lint::scripts(&mut scripts, &form, reader, &mut found);
        if let Some(diary) = &diary {
            deciding::lint(&scripts, diary, &mut found);
        }
        if let Some((rules, true)) = &mut followup {
            lint::followup(rules, &form, reader, &mut found);
        }
        let names_are_right = found.is_empty();
        lint::orders(&form, if names_are_right { &mut found } else { &mut follow_on });
        if found.is_empty() {
            reach::form(&form, &mut found);
        }
        if let Some((read, _)) = &service {
            lint::nobody_asks(&form, read, &mut found);
            if read.service.languages.contains(&Language::Welsh) {
                wording::welsh(&form, &scripts, &mut found);
            }
            if reader == Reader::Author {
                let all =
                    slips::Whole { read, sites: &places.sites, diary: diary.as_ref(), form: &form, scripts: &scripts };
                slips::find(&all, &files, &mut found);
            }
        }
    }
    if let Some((service, _)) = &service {
        lint::letters(service, &files, &mut found);
    }
    // A file with a line that is wrong as a line is not told of anything else, and one that is there under another name is missing
    // under its own: what else was found follows from that.
    let mut number = 0;
    found.retain(|fault| {
        number += 1;
        number <= of_lines || !with_slips.contains(&fault.file)
    });
    let found = told_once(if is_misnamed { out_of_place } else { found });
    let counts = Counts {
        questions: form.questions().count() + form.evidence_part.as_ref().map_or(0, |_| form.evidence.len()),
        parts: form.parts.len() + usize::from(form.evidence_part.is_some()),
        scripts: scripts.len(),
        sites: places.sites.len(),
        offices: places.offices.len(),
    };
    let report = CheckReport { faults: found, warnings: read_printed::free_text(&scripts), counts };
    let Places { sites, offices, areas, districts } = places;
    let marks = marks::of(&form, &scripts);
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
        marks,
        files,
    });
    (definition, report)
}
