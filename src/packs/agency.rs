//! Gathers what an agency's copy says: the questions of its own form, in its own order.

use super::content::{AgencyCopy, FormContent, FormPart};
use super::gather;
use crate::claims::{Claim, agency, view};
use crate::clients::Client;
use crate::definition::{Definition, Question, Text};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};

pub struct Sources<'a> {
    pub definition: &'a Definition,
    pub claim: &'a Claim,
    pub client: &'a Client,
    pub counted: &'a view::Counted,
    /// Who held the start-up call.
    pub adviser: &'a str,
}

impl Sources<'_> {
    pub fn content(&self, agency: &str, now: DateTime<Utc>) -> Result<AgencyCopy> {
        let definition = self.definition;
        let named = definition.service.agencies.iter().find(|named| named.id == agency);
        let named = named.ok_or_else(|| Error::not_found("agency", agency))?;
        let site = definition.site(&self.claim.site);
        let site = site.ok_or_else(|| Error::not_found("site", self.claim.site.clone()))?;
        let order = definition.form.orders.iter().find(|order| order.agency == agency);
        let part = |(code, title, questions): (&str, &Text, Vec<&Question>)| {
            let printed = |question| gather::printed(question, question.answer(&self.counted.answers));
            let questions: Vec<_> = questions.into_iter().filter_map(printed).collect();
            let title = title.en.clone();
            (!questions.is_empty()).then(|| FormPart { code: code.to_owned(), title, note: String::new(), questions })
        };
        let day = |at| gather::day_in_words(definition.calendar.local_date(at));
        let for_agency = |line: &view::EvidenceLine| line.agencies.iter().any(|name| name == agency);
        let evidence = view::evidence_of(&definition.form, self.counted).into_iter().filter(for_agency);
        Ok(AgencyCopy {
            reference: gather::reference(self.claim),
            composed_at: now,
            client_name: self.client.full_name(),
            language: "en".into(),
            service_name: definition.service.name.en.clone(),
            agency_name: named.name.en.clone(),
            site: gather::sender(site, self.adviser),
            first_contact: day(self.claim.first_contact_at),
            made_on: day(now),
            claimed_benefits: gather::benefits(definition, self.counted),
            evidence: evidence.map(gather::evidence_line).collect(),
            form: FormContent {
                title: order.map_or(&named.name, |order| &order.title).en.clone(),
                parts: agency::sections(definition, self.counted, agency).into_iter().filter_map(part).collect(),
                declarations: Vec::new(),
                partner_signs: false,
            },
            definition_version: definition.version.to_string(),
        })
    }
}
