//! What one agency may see of a claim: its own form, whole and in its own order, and nothing else. Pure.
//!
//! A question is in the view of an agency when it names that agency, serves a benefit that is claimed, and is asked of
//! this client. The order is the agency's own where the definition gives one, else that of the form.

use super::answer::Answer;
use super::view::{self, Evaluated};
use serde::Serialize;
use serde_json::Value;
use startline_definition::{Definition, Kind, Question, Text};
use startline_foundation::formats::Language;
use startline_foundation::ids::QuestionId;
use std::collections::HashMap;

/// The name of the document's form; `deploy/schemas/agency-view.schema.json` describes it.
pub const SCHEMA: &str = "startline.agency-view.v1";

/// One agency's form with this client's answers, as it is sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgencyView {
    pub schema: &'static str,
    pub claim: String,
    pub agency: String,
    pub agency_name: String,
    pub title: String,
    pub language: &'static str,
    pub definition_version: String,
    /// The local day of the first contact, which protects the date of claim.
    pub first_contact: String,
    /// Ids of the benefits claimed.
    pub benefits: Vec<String>,
    pub sections: Vec<Section>,
    pub evidence: Vec<Evidence>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Section {
    /// The part of the form; empty in an agency's own order.
    pub part: String,
    pub title: String,
    pub questions: Vec<Line>,
}

/// A question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    pub id: String,
    pub label: String,
    pub kind: &'static str,
    /// As stored; null while it is open, and for what is filled in on paper.
    pub answer: Value,
    /// In words; empty while it is open.
    pub answer_in_words: String,
    /// Whether the agency must have it before the form is complete.
    pub required: bool,
    pub sensitive: bool,
    /// Counts the changes of the answer, from 1; 0 when there is none.
    pub revision: i32,
    /// There is an answer, and it is not shown to whoever asked.
    pub withheld: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    pub id: String,
    pub label: String,
}

impl AgencyView {
    /// Keeps back the answers that are not for whoever asked.
    pub fn withhold(&mut self, hides: impl Fn(&QuestionId) -> bool) {
        let lines = self.sections.iter_mut().flat_map(|section| &mut section.questions);
        for line in lines.filter(|line| !line.answer.is_null() && hides(&QuestionId::new(&line.id))) {
            (line.answer, line.answer_in_words, line.withheld) = (Value::Null, String::new(), true);
        }
    }
}

/// What a view is made from.
pub struct Sources<'a> {
    pub definition: &'a Definition,
    pub claim: String,
    pub first_contact: String,
    pub answers: &'a [Answer],
    pub evaluated: &'a Evaluated,
}

/// The questions that an agency may see, under its own headings and in its own order.
pub fn sections<'d>(
    definition: &'d Definition,
    evaluated: &Evaluated,
    agency: &str,
) -> Vec<(&'d str, &'d Text, Vec<&'d Question>)> {
    let form = &definition.form;
    let may_see =
        |question: &&Question| evaluated.is_asked(question) && question.agencies.iter().any(|name| name == agency);
    let mut sections: Vec<_> = match form.orders.iter().find(|order| order.agency == agency) {
        Some(order) => order
            .sections
            .iter()
            .map(|section| {
                let questions = section.questions.iter().filter_map(|id| form.question(id)).filter(may_see);
                ("", &section.title, questions.collect::<Vec<_>>())
            })
            .collect(),
        None => view::agency_view(form, evaluated, agency)
            .into_iter()
            .map(|(part, questions)| (part.id.as_str(), &part.title, questions))
            .collect(),
    };
    sections.retain(|(_, _, questions)| !questions.is_empty());
    sections
}

/// The whole view; none when there is no such agency.
pub fn view(sources: &Sources<'_>, agency: &str, language: Language) -> Option<AgencyView> {
    let definition = sources.definition;
    let named = definition.service.agencies.iter().find(|named| named.id == agency)?;
    let order = definition.form.orders.iter().find(|order| order.agency == agency);
    let answers: HashMap<_, _> = sources.answers.iter().map(|answer| (&answer.question_id, answer)).collect();
    let line = |question: &Question| {
        let value = question.answer(&sources.evaluated.answers);
        Line {
            id: question.id.to_string(),
            label: question.label.in_language(language).to_owned(),
            kind: question.kind.name(),
            answer: value.cloned().unwrap_or_default(),
            answer_in_words: value.map(|value| question.kind.show(value, language)).unwrap_or_default(),
            required: !matches!(question.kind, Kind::Computed(_))
                && question.required.holds(&sources.evaluated.answers),
            sensitive: question.sensitive.is_some(),
            revision: value.and_then(|_| answers.get(&question.id)).map_or(0, |answer| answer.revision),
            withheld: false,
        }
    };
    let section = |(part, title, questions): (&str, &Text, Vec<&Question>)| Section {
        part: part.to_owned(),
        title: title.in_language(language).to_owned(),
        questions: questions.into_iter().map(line).collect(),
    };
    let evidence = view::evidence_of(&definition.form, sources.evaluated);
    let of_agency = evidence.into_iter().filter(|line| line.agencies.iter().any(|name| name == agency));
    Some(AgencyView {
        schema: SCHEMA,
        claim: sources.claim.clone(),
        agency: agency.to_owned(),
        agency_name: named.name.in_language(language).to_owned(),
        title: order.map_or(&named.name, |order| &order.title).in_language(language).to_owned(),
        language: language.as_str(),
        definition_version: definition.version.to_string(),
        first_contact: sources.first_contact.clone(),
        benefits: definition.form.claimed(&sources.evaluated.answers).into_iter().map(str::to_owned).collect(),
        sections: sections(definition, sources.evaluated, agency).into_iter().map(section).collect(),
        evidence: of_agency
            .map(|line| Evidence { label: line.label.in_language(language).to_owned(), id: line.id })
            .collect(),
    })
}

#[cfg(test)]
#[path = "agency_tests.rs"]
mod tests;
