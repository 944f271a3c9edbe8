//! Experts' queries in the database.

use super::query::{Query, QueryState};
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::ids::{ClaimId, QueryId, QuestionId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

const COLUMNS: &str = "id, claim_id, question_id, query, raised_by, raised_at, settled_by, settled_at, outcome";

#[derive(sqlx::FromRow)]
struct Row {
    id: QueryId,
    claim_id: ClaimId,
    question_id: Option<QuestionId>,
    query: String,
    raised_by: UserId,
    raised_at: DateTime<Utc>,
    settled_by: Option<UserId>,
    settled_at: Option<DateTime<Utc>>,
    outcome: Option<String>,
}

impl TryFrom<Row> for Query {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let state = match (row.settled_by, row.settled_at, row.outcome) {
            (None, None, None) => QueryState::Open,
            (Some(by), Some(at), Some(outcome)) => QueryState::Settled { by, at, outcome },
            _ => return Err(Error::internal("a query is half settled")),
        };
        Ok(Self {
            id: row.id,
            claim_id: row.claim_id,
            question_id: row.question_id,
            text: row.query,
            raised_by: row.raised_by,
            raised_at: row.raised_at,
            state,
        })
    }
}

pub async fn insert(db: &mut Db<'_>, query: &Query) -> Result<()> {
    let sql = "INSERT INTO claim_queries (id, claim_id, question_id, query, raised_by, raised_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    execute!(
        db,
        sqlx::query(sql)
            .bind(query.id)
            .bind(query.claim_id)
            .bind(query.question_id.clone())
            .bind(&query.text)
            .bind(query.raised_by)
            .bind(query.raised_at)
    )?;
    db.after_commit(Topic::Claim(query.claim_id));
    Ok(())
}

pub async fn by_id(db: &mut Db<'_>, id: QueryId) -> Result<Option<Query>> {
    let sql = format!("SELECT {COLUMNS} FROM claim_queries WHERE id = $1");
    let row: Option<Row> = on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Query::try_from).transpose()
}

/// The oldest first.
pub async fn of_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Query>> {
    let sql = format!("SELECT {COLUMNS} FROM claim_queries WHERE claim_id = $1 ORDER BY raised_at, id");
    let rows: Vec<Row> = on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(claim).fetch_all(c).await)?;
    rows.into_iter().map(Query::try_from).collect()
}

/// Of several claims, the oldest first.
pub async fn of_claims(db: &mut Db<'_>, claims: &[ClaimId]) -> Result<Vec<Query>> {
    if claims.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM claim_queries WHERE claim_id IN (");
        let mut list = query.separated(", ");
        for id in claims {
            list.push_bind(*id);
        }
        query.push(") ORDER BY raised_at, id");
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Query::try_from).collect()
}

pub async fn save_state(db: &mut Db<'_>, query: &Query) -> Result<()> {
    let QueryState::Settled { by, at, outcome } = &query.state else { return Ok(()) };
    let sql = "UPDATE claim_queries SET settled_by = $1, settled_at = $2, outcome = $3 WHERE id = $4";
    execute!(db, sqlx::query(sql).bind(*by).bind(*at).bind(outcome).bind(query.id))?;
    db.after_commit(Topic::Claim(query.claim_id));
    Ok(())
}
