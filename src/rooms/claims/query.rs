//! What a benefits expert, or the personal adviser, asks about a claim while the meeting goes on. A claim with an open
//! query is not handed over.

use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, QueryId, QuestionId, UserId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub id: QueryId,
    pub claim_id: ClaimId,
    /// None when it is about the claim as a whole.
    pub question_id: Option<QuestionId>,
    pub text: String,
    pub raised_by: UserId,
    pub raised_at: DateTime<Utc>,
    pub state: QueryState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryState {
    Open,
    Settled { by: UserId, at: DateTime<Utc>, outcome: String },
}

impl Query {
    pub fn is_open(&self) -> bool {
        self.state == QueryState::Open
    }

    pub fn settle(&mut self, by: UserId, outcome: String, now: DateTime<Utc>) -> Result<()> {
        if !self.is_open() {
            return Err(Error::illegal("QUERY_SETTLED", "this query has been settled already"));
        }
        self.state = QueryState::Settled { by, at: now, outcome };
        Ok(())
    }

    /// As a refusal names it.
    pub fn named(&self) -> String {
        match &self.question_id {
            Some(question) => format!("{question}: {}", self.text),
            None => self.text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_settled_once() {
        let now: DateTime<Utc> = "2026-03-06T10:00:00Z".parse().unwrap();
        let mut query = Query {
            id: QueryId::fresh(now),
            claim_id: ClaimId::fresh(now),
            question_id: Some("B6".into()),
            text: "which card was seen?".into(),
            raised_by: UserId::fresh(now),
            raised_at: now,
            state: QueryState::Open,
        };
        assert_eq!(query.named(), "B6: which card was seen?");
        query.settle(query.raised_by, "the plastic one".into(), now).unwrap();
        assert!(!query.is_open());
        assert!(query.settle(query.raised_by, "again".into(), now).is_err());
    }
}
