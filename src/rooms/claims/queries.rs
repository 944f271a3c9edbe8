//! Raising and settling queries about a claim.

use super::life::for_update;
use super::query::{Query, QueryState};
use super::query_store;
use crate::access::{Context, audit};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::required_lines;
use startline_foundation::ids::{ClaimId, QueryId, QuestionId};
use startline_foundation::store::Db;

const TEXT_CHARS: usize = 1000;

/// Asks something about a claim that is on its way. It is not handed over until this is settled.
pub async fn raise_query(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: ClaimId,
    question_id: Option<QuestionId>,
    text: &str,
) -> Result<Query> {
    let text = required_lines("text", text, TEXT_CHARS, "is needed")?;
    if let Some(question) = question_id.as_ref().filter(|question| definition.form.question(question).is_none()) {
        return Err(Error::invalid("question_id", format!("the form has no question {question}")));
    }
    for_update(db, id).await?.check_underway()?;
    let query = Query {
        id: QueryId::fresh(context.now),
        claim_id: id,
        question_id,
        text,
        raised_by: context.user.id,
        raised_at: context.now,
        state: QueryState::Open,
    };
    query_store::insert(db, &query).await?;
    audit(db, context, "query_raised", "claim", &id).await?;
    Ok(query)
}

/// Settles a query, and says with what outcome.
pub async fn settle_query(db: &mut Db<'_>, context: &Context, id: QueryId, outcome: &str) -> Result<Query> {
    let outcome = required_lines("outcome", outcome, TEXT_CHARS, "is needed")?;
    let not_found = || Error::not_found(QueryId::WHAT, id);
    let claim_id = query_store::by_id(db, id).await?.ok_or_else(not_found)?.claim_id;
    for_update(db, claim_id).await?;
    // Read again behind the claim: who settled it meanwhile was first.
    let mut query = query_store::by_id(db, id).await?.ok_or_else(not_found)?;
    query.settle(context.user.id, outcome, context.now)?;
    query_store::save_state(db, &query).await?;
    audit(db, context, "query_settled", "claim", &claim_id).await?;
    Ok(query)
}

/// The claim's queries, the oldest first.
pub async fn queries(db: &mut Db<'_>, id: ClaimId) -> Result<Vec<Query>> {
    query_store::of_claim(db, id).await
}
