//! Gathers what an agency's copy says: the questions of its own form, in its own order. In English, for offices.

use super::Layout;
use super::content::{AgencyCopy, FormContent, FormPart};
use super::gather::{self, form};
use super::words::{Words, Writer};
use chrono::{DateTime, Utc};
use startline_definition::{Definition, Question, Text};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::QuestionId;
use startline_rooms::claims::{self, Claim, EvidenceLine};
use startline_rooms::clients::Client;

pub struct Sources<'a> {
    pub definition: &'a Definition,
    pub words: &'a Words,
    pub claim: &'a Claim,
    pub client: &'a Client,
    pub evaluated: &'a claims::Evaluated,
    /// How many answers had been given and changed.
    pub revision: u32,
    /// Whose answers are shown: as they stood then.
    pub stood_at: DateTime<Utc>,
    /// Who held the start-up call.
    pub adviser: &'a str,
    /// The questions that are left out, because whoever asked may not see them.
    pub hides: &'a (dyn Fn(&QuestionId) -> bool + Sync),
}

impl Sources<'_> {
    pub fn content(&self, agency: &str, now: DateTime<Utc>) -> Result<AgencyCopy> {
        let definition = self.definition;
        let writer = Writer { words: self.words, layout: Layout::English };
        let named = definition.service.agencies.iter().find(|named| named.id == agency);
        let named = named.ok_or_else(|| Error::not_found("agency", agency))?;
        let site = definition.site_or_fault(&self.claim.site)?;
        let order = definition.form.orders.iter().find(|order| order.agency == agency);
        let part = |(code, title, questions): (&str, &Text, Vec<&Question>)| {
            let printed = |question| form::printed(&writer, question, question.answer(&self.evaluated.answers));
            let shown = questions.into_iter().filter(|question| !(self.hides)(&question.id));
            let questions: Vec<_> = shown.filter_map(printed).collect();
            (!questions.is_empty()).then(|| FormPart { code: code.to_owned(), title: writer.text(title), questions })
        };
        let day = |at| writer.date(definition.calendar.local_date(at));
        let for_agency = |line: &EvidenceLine| line.agencies.iter().any(|name| name == agency);
        let evidence = claims::evidence_of(&definition.form, self.evaluated).into_iter().filter(for_agency);
        Ok(AgencyCopy {
            reference: gather::reference(self.claim.id.0),
            composed_at: now,
            client_name: self.client.full_name(),
            service_name: writer.text(&definition.service.name),
            agency_name: writer.text(&named.name),
            site: gather::sender(&writer, site, self.adviser),
            first_contact: day(self.claim.first_contact_at),
            made_on: day(now),
            claimed_benefits: gather::benefits(&writer, definition, self.evaluated),
            evidence: evidence.map(|line| form::evidence_line(&writer, &line)).collect(),
            form: FormContent {
                title: writer.text(order.map_or(&named.name, |order| &order.title)),
                stood_on: day(self.stood_at),
                revision: self.revision,
                parts: claims::agency_sections(definition, self.evaluated, agency)
                    .into_iter()
                    .filter_map(part)
                    .collect(),
                left_out: Vec::new(),
                declarations: Vec::new(),
                partner_signs: false,
            },
            definition_version: definition.version.to_string(),
        })
    }
}
