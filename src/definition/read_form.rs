//! Reads the form: `form/*.yaml`, the evidence list among them, and the orders of `agencies/*.yaml`.

use super::files::{self, Files};
use super::form::{EvidencePart, EvidenceRule, Form, Part};
use super::question::Benefits;
use super::read_agency_order::RawAgencyOrder;
use super::read_condition::compile_at;
use super::read_question::{RawQuestion, Vocabulary, none_such};
use super::report::{Fault, Faults};
use super::syntax::yaml;
use super::text::Text;
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;

/// Reads the form; also says whether every part could be read. Faults of content are told only when `names_are_known`.
pub(super) fn read(
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPart {
    part: Spanned<String>,
    title: Text,
    #[serde(default)]
    guidance: Option<Text>,
    questions: Vec<RawQuestion>,
}

impl RawPart {
    fn into_part(self, vocabulary: &Vocabulary<'_>, faults: &mut Faults<'_>) -> Part {
        let file = faults.file.to_owned();
        let id = self.part.value;
        if id.is_empty() || id.len() > 8 || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            faults.at_line(self.part.referenced.line(), "a part's id is one to eight letters or figures");
        }
        let questions =
            self.questions.into_iter().filter_map(|raw| raw.into_form_question(vocabulary, faults)).collect();
        Part { id, title: self.title, guidance: self.guidance, questions, file }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvidence {
    id: Spanned<String>,
    label: Text,
    #[serde(default)]
    substitutes: Option<Text>,
    reason: Text,
    #[serde(default)]
    when: Option<Spanned<String>>,
    #[serde(default)]
    benefits: Option<Vec<Spanned<String>>>,
    agencies: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEvidenceList {
    #[serde(default)]
    part: Option<Spanned<String>>,
    #[serde(default)]
    title: Option<Text>,
    evidence: Vec<RawEvidence>,
}

impl RawEvidenceList {
    /// The list, and what it is called where it is a part of the form.
    fn into_rules(
        self,
        vocabulary: &Vocabulary<'_>,
        faults: &mut Faults<'_>,
    ) -> (Option<EvidencePart>, Vec<EvidenceRule>) {
        let part = match (self.part, self.title) {
            (Some(part), Some(title)) => Some(EvidencePart { id: part.value, title }),
            (Some(part), None) => {
                faults.at(&part, "a part needs a title");
                None
            }
            (None, _) => None,
        };
        (part, self.evidence.into_iter().map(|raw| raw.into_rule(vocabulary, faults)).collect())
    }
}

impl RawEvidence {
    fn into_rule(self, vocabulary: &Vocabulary<'_>, faults: &mut Faults<'_>) -> EvidenceRule {
        for agency in self.agencies.iter().filter(|a| !vocabulary.agencies.contains(&a.value)) {
            faults.at(agency, none_such("agency", &agency.value, vocabulary.agencies));
        }
        let named = self.benefits.into_iter().flatten().collect::<Vec<_>>();
        for benefit in named.iter().filter(|b| b.value != "ALL" && !vocabulary.benefits.contains(&b.value)) {
            faults.at(benefit, none_such("benefit", &benefit.value, vocabulary.benefits));
        }
        let all = named.is_empty() || named.iter().any(|b| b.value == "ALL");
        EvidenceRule {
            line: self.id.referenced.line(),
            id: self.id.value,
            label: self.label,
            substitutes: self.substitutes,
            reason: self.reason,
            when: compile_at(self.when, faults),
            benefits: if all { Benefits::All } else { Benefits::Only(named.into_iter().map(|b| b.value).collect()) },
            agencies: self.agencies.into_iter().map(|a| a.value).collect(),
        }
    }
}
