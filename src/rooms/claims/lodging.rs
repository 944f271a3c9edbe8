//! Handing a claim over: to which agencies, and what must be there first. Pure.

use super::query::Query;
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Benefits, Form};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::UserId;

/// That an agency has the claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lodging {
    pub agency: String,
    pub at: DateTime<Utc>,
    pub by: UserId,
    /// The local day on which the client signed the form.
    pub signed_day: NaiveDate,
}

/// What decides whether a claim may be handed over, and to whom.
#[derive(Debug, Clone, Copy)]
pub struct Handover<'a> {
    /// The meeting was held, deferred or waived.
    pub meeting_is_settled: bool,
    pub open_queries: &'a [Query],
    /// The agencies that have to see the claim, in the definition's order.
    pub due: &'a [String],
    /// Those that have it.
    pub done: &'a [String],
    /// Those named now; none named means all that are left.
    pub named: &'a [String],
}

impl Handover<'_> {
    /// The agencies it goes to now, in the definition's order.
    pub fn decide(&self) -> Result<Vec<String>> {
        if !self.meeting_is_settled {
            let message = "a claim is handed over after the meeting with the personal adviser, not before: record that \
                           the client came, or have the meeting deferred or waived";
            return Err(Error::illegal("MEETING_NOT_HELD", message));
        }
        if !self.open_queries.is_empty() {
            let asked: Vec<String> = self.open_queries.iter().map(Query::named).collect();
            let message = format!("settle what the benefits expert asks first: {}", asked.join("; "));
            return Err(Error::illegal("QUERIES_OPEN", message));
        }
        if let Some(stranger) = self.named.iter().find(|agency| !self.due.contains(agency)) {
            let reason = format!("{stranger:?} has no part in this claim; it goes to {}", self.due.join(", "));
            return Err(Error::invalid("agency_ids", reason));
        }
        if let Some(again) = self.named.iter().find(|agency| self.done.contains(agency)) {
            return Err(Error::illegal(
                "ALREADY_LODGED",
                format!("this claim has been handed over to {again} already"),
            ));
        }
        let wanted =
            |agency: &&String| !self.done.contains(agency) && (self.named.is_empty() || self.named.contains(agency));
        let to: Vec<String> = self.due.iter().filter(wanted).cloned().collect();
        if to.is_empty() { Err(already_lodged()) } else { Ok(to) }
    }

    /// Whether every agency has the claim once these have it.
    pub fn is_last(&self, to: &[String]) -> bool {
        self.due.iter().all(|agency| self.done.contains(agency) || to.contains(agency))
    }
}

/// The agencies that have to see a claim for these benefits: those with a question of their own among them, which is one
/// that serves a claimed benefit by name and is for nobody else. Where no agency has one, every agency that is told
/// anything.
pub fn agencies_due(form: &Form, agencies: &[String], claimed: &[&str]) -> Vec<String> {
    let own = |agency: &String| {
        form.questions().any(|question| {
            question.agencies.as_slice() == std::slice::from_ref(agency)
                && question.benefits != Benefits::All
                && question.benefits.serve(claimed)
        })
    };
    let told = |agency: &String| {
        form.questions().any(|question| question.agencies.contains(agency) && question.benefits.serve(claimed))
    };
    let due: Vec<String> = agencies.iter().filter(|agency| own(agency)).cloned().collect();
    if due.is_empty() { agencies.iter().filter(|agency| told(agency)).cloned().collect() } else { due }
}

pub fn already_lodged() -> Error {
    Error::illegal("ALREADY_LODGED", "this claim has been handed over already")
}

#[cfg(test)]
mod tests {
    use super::*;
    use startline_definition::Definition;

    #[test]
    fn the_council_sees_a_claim_for_housing_benefit_and_none_for_jobseekers_allowance() {
        let definition = Definition::embedded();
        let agencies: Vec<String> = definition.service.agencies.iter().map(|agency| agency.id.clone()).collect();
        let due = |claimed: &[&str]| agencies_due(&definition.form, &agencies, claimed);
        assert!(due(&["HB"]).contains(&"LA".to_owned()), "{:?}", due(&["HB"]));
        assert!(!due(&["JSA"]).contains(&"LA".to_owned()), "{:?}", due(&["JSA"]));
        for benefit in &definition.service.benefits {
            assert!(!due(&[&benefit.id]).is_empty(), "a claim for {} goes to nobody", benefit.id);
        }
    }
}
