//! Reads the form of one agency: a file of `agencies/`.

use super::agency_order::{AgencyOrder, Section};
use super::read_question::{Vocabulary, none_such};
use super::report::Faults;
use super::text::Text;
use serde::Deserialize;
use serde_saphyr::Spanned;
use startline_foundation::ids::QuestionId;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAgencyOrder {
    agency: Spanned<String>,
    title: Text,
    sections: Vec<RawSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSection {
    title: Text,
    questions: Vec<Spanned<String>>,
}

impl RawAgencyOrder {
    pub(super) fn into_order(self, vocabulary: &Vocabulary<'_>, faults: &mut Faults<'_>) -> AgencyOrder {
        if !vocabulary.agencies.contains(&self.agency.value) {
            faults.at(&self.agency, none_such("agency", &self.agency.value, vocabulary.agencies));
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
