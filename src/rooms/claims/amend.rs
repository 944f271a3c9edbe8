//! Changes of the form at the meeting: each with the client's initials (rule C4), each a new row in the log of answers.

use super::answer::Carried;
use super::autosave::in_record;
use super::life::for_update;
use super::log::LogRow;
use super::{amend_store, learn, log_store, values};
use crate::access::{Context, audit};
use crate::clients;
use chrono::{DateTime, Utc};
use serde_json::Value;
use startline_definition::{ClientFact, Definition};
use startline_foundation::error::{Error, Result, StaleValue};
use startline_foundation::ids::{ClaimId, QuestionId, UserId};
use startline_foundation::store::Db;

/// From which stage an amendment comes, in the log of answers.
const STAGE: &str = "meeting";
const MOST_INITIALS: usize = 4;

/// A change asked for at the meeting.
#[derive(Debug, Clone)]
pub struct AmendmentDraft {
    pub question_id: QuestionId,
    /// Null takes the answer back.
    pub value: Value,
    /// The revision the desk saw; 0 when it saw none.
    pub seen_revision: i32,
    pub initials: String,
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Amendment {
    pub question_id: QuestionId,
    pub revision: i32,
    /// What the form said before; null when it said nothing.
    pub said: Value,
    pub says: Value,
    pub initials: String,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// Changes one answer of a claim whose start-up is done and which not every agency has.
/// `definition` is the version the claim began on, `in_force` the one that says where a postcode belongs now.
pub async fn amend_answer(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    in_force: &Definition,
    id: ClaimId,
    draft: AmendmentDraft,
) -> Result<Amendment> {
    let request_id = context.request_id.ok_or_else(|| Error::invalid("request_id", "is needed"))?;
    let initials = initials(&draft.initials)?;
    let question_id = draft.question_id;
    let question = definition.form.question(&question_id);
    let question = question.ok_or_else(|| Error::invalid("question_id", format!("the form has no {question_id}")))?;
    if question.fills_client == Some(ClientFact::FirstContact) {
        return Err(Error::invalid("question_id", "is the day of the first contact: it is kept for ever"));
    }
    let says = match &draft.value {
        Value::Null => Value::Null,
        value => question.kind.check(value).map_err(|wrong| wrong.in_field("value", context.language))?,
    };
    if let Some(reason) = learn::refusal(definition, question, &says, context.now) {
        return Err(Error::invalid("value", in_record(&reason, context.language)));
    }
    let claim = for_update(db, id).await?;
    claim.check_amendable()?;
    let form = log_store::answers(db, id).await?;
    let today = definition.calendar.local_date(context.now);
    let within = question.check_days(&says, &values(&form), today);
    within.map_err(|wrong| wrong.in_field("value", context.language))?;
    let standing = form.into_iter().find(|answer| answer.question_id == question_id);
    let revision = standing.as_ref().map_or(0, |answer| answer.revision);
    if revision != draft.seen_revision {
        let values = standing.into_iter().map(|answer| StaleValue {
            field: question_id.to_string(),
            yours: says.clone(),
            standing: Some(answer.value),
            revision,
            by: answer.saved_by.to_string(),
            at: answer.saved_at,
        });
        let message = format!("{question_id} was changed on another desk meanwhile; read the claim again");
        return Err(Error::Stale { message, values: values.collect() });
    }
    let said = standing.map_or(Value::Null, |answer| answer.value);
    // Half an address that is waited for is heard also when it says what it said.
    let client = clients::get(db, claim.client_id).await?;
    let is_awaited = question.fills_client.is_some() && question.fills_client == learn::awaited(&client);
    if said == says && !is_awaited {
        return Err(Error::invalid("value", "is what the form says already"));
    }
    let row = LogRow {
        claim_id: id,
        question_id: question_id.clone(),
        revision: revision + 1,
        value: says.clone(),
        stage: STAGE.into(),
        saved_by: context.user.id,
        saved_at: context.now,
        request_id,
        carried: Carried::No,
    };
    log_store::append(db, std::slice::from_ref(&row)).await?;
    amend_store::initial(db, &row, &initials).await?;
    learn::teach(db, context, definition, in_force, claim.client_id, question, &says).await?;
    audit(db, context, "answer_amended", "claim", &id).await?;
    let (by, at) = (context.user.id, context.now);
    Ok(Amendment { question_id, revision: row.revision, said, says, initials, by, at })
}

/// The claim's amendments, in the order in which they were made.
pub async fn amendments(db: &mut Db<'_>, id: ClaimId) -> Result<Vec<Amendment>> {
    amend_store::of_claim(db, id).await
}

/// The client's initials: one to four letters, in capitals.
fn initials(given: &str) -> Result<String> {
    let letters: Vec<char> = given.chars().filter(|c| !matches!(c, ' ' | '.')).collect();
    if letters.is_empty() || letters.len() > MOST_INITIALS || !letters.iter().all(|c| c.is_alphabetic()) {
        return Err(Error::invalid("initials", "must be the client's initials: one to four letters, such as RJF"));
    }
    Ok(letters.into_iter().flat_map(char::to_uppercase).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_one_to_four_letters() {
        for (given, kept) in [("rjf", "RJF"), ("R. J. F.", "RJF"), ("ŵ", "Ŵ"), ("abcd", "ABCD")] {
            assert_eq!(initials(given).unwrap(), kept);
        }
        for wrong in ["", " ", "abcde", "R1", "R-F", "\u{202e}RF"] {
            assert!(initials(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
