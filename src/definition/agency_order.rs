//! The form of one agency: its questions in the order of its own paper, under its own headings.

use super::form::Form;
use super::read_question::Vocabulary;
use super::report::{Fault, Faults};
use super::text::Text;
use crate::ids::QuestionId;
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;

/// An agency without one gets its questions in the order of the form.
#[derive(Debug, Clone, PartialEq)]
pub struct AgencyOrder {
    pub agency: String,
    pub title: Text,
    pub sections: Vec<Section>,
    file: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    pub title: Text,
    pub questions: Vec<QuestionId>,
    /// Where each of them is written.
    lines: Vec<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAgencyOrder {
    agency: Spanned<String>,
    title: Text,
    sections: Vec<RawSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSection {
    title: Text,
    questions: Vec<Spanned<String>>,
}

impl RawAgencyOrder {
    pub(super) fn into_order(self, vocabulary: &Vocabulary<'_>, faults: &mut Faults<'_>) -> AgencyOrder {
        if !vocabulary.agencies.contains(&self.agency.value) {
            faults.at(&self.agency, format!("there is no agency {}", self.agency.value));
        }
        let section = |raw: RawSection| Section {
            title: raw.title,
            lines: raw.questions.iter().map(|id| id.referenced.line()).collect(),
            questions: raw.questions.into_iter().map(|id| QuestionId::new(&id.value)).collect(),
        };
        AgencyOrder {
            agency: self.agency.value,
            title: self.title,
            sections: self.sections.into_iter().map(section).collect(),
            file: faults.file.to_owned(),
        }
    }
}

impl AgencyOrder {
    pub(super) fn file(&self) -> &str {
        &self.file
    }
}

/// Each question that names the agency stands once in its order, and no other does.
pub(super) fn lint(form: &Form, found: &mut Vec<Fault>) {
    let mut orders: BTreeMap<&str, &str> = BTreeMap::new();
    for order in &form.orders {
        let mut faults = Faults::new(&order.file, found);
        if let Some(first) = orders.insert(&order.agency, &order.file) {
            faults.at_line(1, format!("{} has an order already, in {first}", order.agency));
        }
        let mut placed: BTreeMap<&QuestionId, u64> = BTreeMap::new();
        for (id, line) in order.sections.iter().flat_map(|section| section.questions.iter().zip(&section.lines)) {
            match form.question(id) {
                None => faults.at_line(*line, format!("there is no form question {id}")),
                Some(question) if !question.agencies.contains(&order.agency) => {
                    faults.at_line(*line, format!("question {id} is not for {}: it does not name it", order.agency));
                }
                Some(_) => {}
            }
            if placed.insert(id, *line).is_some() {
                faults.at_line(*line, format!("question {id} stands twice in the order"));
            }
        }
        for question in form.questions().filter(|question| question.agencies.contains(&order.agency)) {
            if !placed.contains_key(&question.id) {
                let reason = format!("question {} names {} and has no place in its order", question.id, order.agency);
                faults.at_line(1, reason);
            }
        }
    }
}
