//! What was found at meetings after start-up calls: answers that were amended, and what was asked, for whoever took them to
//! learn from. One's own by the claim; a site's by the question, and by nobody.

use super::found_store as store;
use crate::access::Context;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, QuestionId, SiteId, UserId};
use startline_foundation::store::Db;
use std::collections::{BTreeMap, BTreeSet};

/// Days asked for at once, at most: a quarter.
const MOST_DAYS: i64 = 92;
/// Of fewer people's start-ups a site's figures would be one person's.
const FEWEST_PEOPLE: usize = 3;

/// One thing that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub claim_id: ClaimId,
    /// None when it was asked about the claim as a whole.
    pub question_id: Option<QuestionId>,
    pub at: DateTime<Utc>,
    pub what: Found,
    /// Of those of one moment each has another.
    pub key: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// `said` is null where the form said nothing.
    Amended { said: Value, says: Value },
    /// `outcome` is empty while it is open.
    Asked { text: String, outcome: String },
}

/// A start-up call, by whoever took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartUp {
    pub claim_id: ClaimId,
    pub by: UserId,
}

/// What was found after the start-up calls that whoever asks did on these local days, in no order; and how many they were.
pub async fn found_of_own(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    days: (NaiveDate, NaiveDate),
) -> Result<(usize, Vec<Finding>)> {
    let claims = store::started_by(db, context.user.id, bounds(definition, days)?).await?;
    Ok((claims.len(), store::findings(db, &claims).await?))
}

/// Of a site's start-up calls of some days: how many there were, after how many something was found, and about which questions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundAtSite {
    pub start_ups: usize,
    /// They were of so few people that what was found would be somebody's: nothing more is told.
    pub too_few_people: bool,
    pub with_findings: usize,
    pub questions: Vec<(Option<QuestionId>, OfQuestion)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OfQuestion {
    pub amended: usize,
    pub asked: usize,
}

/// By question, the most often first; those of a claim as a whole among them.
pub async fn found_at_site(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &SiteId,
    days: (NaiveDate, NaiveDate),
) -> Result<FoundAtSite> {
    let start_ups = store::started_at(db, site, bounds(definition, days)?).await?;
    let claims: Vec<ClaimId> = start_ups.iter().map(|one| one.claim_id).collect();
    let found = match is_of_enough_people(&start_ups) {
        true => store::findings(db, &claims).await?,
        false => Vec::new(),
    };
    Ok(by_question(&start_ups, &found))
}

fn is_of_enough_people(start_ups: &[StartUp]) -> bool {
    let people: BTreeSet<UserId> = start_ups.iter().map(|one| one.by).collect();
    people.len() >= FEWEST_PEOPLE
}

fn by_question(start_ups: &[StartUp], found: &[Finding]) -> FoundAtSite {
    if !is_of_enough_people(start_ups) {
        let too_few_people = !start_ups.is_empty();
        return FoundAtSite { start_ups: start_ups.len(), too_few_people, ..Default::default() };
    }
    let mut questions: BTreeMap<Option<QuestionId>, OfQuestion> = BTreeMap::new();
    for one in found {
        let of = questions.entry(one.question_id.clone()).or_default();
        match one.what {
            Found::Amended { .. } => of.amended += 1,
            Found::Asked { .. } => of.asked += 1,
        }
    }
    let mut questions: Vec<_> = questions.into_iter().collect();
    questions.sort_by_key(|(_, of)| std::cmp::Reverse(of.amended + of.asked));
    let with_findings: BTreeSet<ClaimId> = found.iter().map(|one| one.claim_id).collect();
    FoundAtSite { start_ups: start_ups.len(), too_few_people: false, with_findings: with_findings.len(), questions }
}

fn bounds(definition: &Definition, (first, last): (NaiveDate, NaiveDate)) -> Result<(DateTime<Utc>, DateTime<Utc>)> {
    if !(0..MOST_DAYS).contains(&(last - first).num_days()) {
        let reason = format!("must not be before first_day, nor more than {MOST_DAYS} days on");
        return Err(Error::invalid("last_day", reason));
    }
    Ok((definition.calendar.day_bounds(first).0, definition.calendar.day_bounds(last).1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever was found about whose start-ups: who they were changes nothing of what is told, but that of fewer than three
        /// people nothing is told.
        #[test]
        fn a_site_is_told_by_question_and_never_by_person(
            people in prop::collection::vec(0..5_u128, 0..30), found in prop::collection::vec((0..30_usize, 0..6_u8, any::<bool>()), 0..60)
        ) {
            let claim = |n: usize| ClaimId(uuid::Uuid::from_u128(n as u128));
            let user = |n: u128| UserId(uuid::Uuid::from_u128(n));
            let start_ups: Vec<StartUp> =
                people.iter().enumerate().map(|(n, by)| StartUp { claim_id: claim(n), by: user(*by) }).collect();
            let finding = |(n, question, amended): &(usize, u8, bool)| Finding {
                claim_id: claim(n % people.len().max(1)),
                question_id: (*question > 0).then(|| QuestionId::new(&format!("B{question}"))),
                at: "2026-03-03T10:00:00Z".parse().unwrap(),
                what: match amended {
                    true => Found::Amended { said: Value::Null, says: Value::Null },
                    false => Found::Asked { text: String::new(), outcome: String::new() },
                },
                key: String::new(),
            };
            let findings: Vec<Finding> = found.iter().map(finding).collect();
            let told = by_question(&start_ups, &findings);
            let several = people.iter().collect::<BTreeSet<_>>().len() >= 3;
            prop_assert_eq!((told.start_ups, told.too_few_people), (people.len(), !several && !people.is_empty()));
            if several {
                let all: usize = told.questions.iter().map(|(_, of)| of.amended + of.asked).sum();
                prop_assert_eq!(all, found.len());
                prop_assert!(told.questions.is_sorted_by_key(|(_, of)| std::cmp::Reverse(of.amended + of.asked)));
                // As others did them, it is the same.
                let others: Vec<StartUp> =
                    start_ups.iter().enumerate().map(|(n, one)| StartUp { by: user(9 + n as u128 % 3), ..*one }).collect();
                prop_assert_eq!(by_question(&others, &findings), told);
            } else {
                prop_assert!(told.questions.is_empty() && told.with_findings == 0);
            }
        }
    }
}
