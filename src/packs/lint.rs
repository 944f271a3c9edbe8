//! Composes samples of every document with a definition's letters, in each layout and size of print, so that a fault in
//! a template is found before a real client's pack meets it.

use super::compose::{ComposeFault, Composed, Composer, DOCUMENT_LABEL, TemplateFault};
use super::samples;
use super::words_lint::{self, LetterFault};
use super::world::{ACCESS, AGENCY, MAIN};
use startline_definition::Definition;

/// Every fault of a definition's letters.
pub fn lint(definition: &Definition) -> Vec<LetterFault> {
    // What is wrong in the words is told there: a template would only stumble over it.
    let faults = words_lint::faults(definition);
    if !faults.is_empty() {
        return faults;
    }
    let as_row = |fault: TemplateFault| (fault.file, fault.line, fault.reason);
    let composer = match Composer::new(definition.files()) {
        Ok(composer) => composer,
        Err(ComposeFault::Template(faults)) => return faults.into_iter().map(as_row).collect(),
        Err(other) => return vec![("letters".into(), 0, other.to_string())],
    };
    let mut faults = composer.syntax_faults();
    if faults.is_empty() {
        faults = composed_faults(&composer, definition);
    }
    faults.dedup();
    faults.into_iter().map(as_row).collect()
}

fn composed_faults(composer: &Composer, definition: &Definition) -> Vec<TemplateFault> {
    let mut faults = Vec::new();
    let contents = match samples::for_linter(definition, composer.words()) {
        Ok(contents) => contents,
        Err(fault) => return vec![TemplateFault { file: MAIN.into(), line: 0, reason: fault.to_string() }],
    };
    for content in &contents {
        match composer.compose_noting(content) {
            Ok((composed, warnings)) => {
                faults.extend(warnings);
                faults.extend(unmarked(&composed));
            }
            Err(fault) => faults.extend(faults_of(fault, MAIN)),
        }
        // What is wrong in one look is mostly wrong in all.
        if !faults.is_empty() {
            return faults;
        }
    }
    if definition.files().contains_key(AGENCY) {
        let copy = samples::agency_copy(definition, composer.words()).map_err(|fault| fault.to_string());
        match copy.map(|copy| composer.compose_agency_copy(&copy)) {
            Ok(Ok(_)) => {}
            Ok(Err(fault)) => faults.extend(faults_of(fault, AGENCY)),
            Err(reason) => faults.push(TemplateFault { file: AGENCY.into(), line: 0, reason }),
        }
    }
    if definition.files().contains_key(ACCESS) {
        match samples::access_lists(definition, composer.words()) {
            Ok(lists) => {
                let composed = lists.iter().map(|(_, list)| composer.compose_access_list(list));
                faults.extend(composed.filter_map(Result::err).flat_map(|fault| faults_of(fault, ACCESS)));
            }
            Err(fault) => faults.push(TemplateFault { file: ACCESS.into(), line: 0, reason: fault.to_string() }),
        }
    }
    faults
}

fn unmarked(composed: &Composed) -> Option<TemplateFault> {
    let reason = format!("no template marks where a document begins with <{DOCUMENT_LABEL}>");
    composed.documents.is_empty().then(|| TemplateFault { file: MAIN.into(), line: 0, reason })
}

fn faults_of(fault: ComposeFault, file: &str) -> Vec<TemplateFault> {
    match fault {
        ComposeFault::Template(faults) => faults,
        // The samples use the letters of English and Welsh: the fonts lack one of them.
        ComposeFault::Unprintable(faults) => {
            let reason = |place: &str, sentence: &str| format!("the sample's {place} {sentence}");
            let of_font = |reason| TemplateFault { file: "fonts".into(), line: 0, reason };
            let faults = faults.iter().map(|fault| of_font(reason(&fault.place, &fault.sentence))).collect();
            let _ = file;
            faults
        }
    }
}
