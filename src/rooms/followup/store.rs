//! Steps in the database.

use super::listing::Listing;
use super::step::{Outcome, Step, StepState, What};
use crate::access::push_seen;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AppointmentId, ClaimId, SiteId, StepId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

#[derive(sqlx::FromRow)]
struct StepRow {
    id: StepId,
    site: SiteId,
    claim_id: ClaimId,
    appointment_id: Option<AppointmentId>,
    cause: String,
    detail: Json<What>,
    due_day: NaiveDate,
    opened_at: DateTime<Utc>,
    done_at: Option<DateTime<Utc>>,
    done_by: Option<UserId>,
    outcome: Option<String>,
    note: String,
}

impl TryFrom<StepRow> for Step {
    type Error = Error;

    fn try_from(row: StepRow) -> Result<Self> {
        let outcome = Outcome::ALL.into_iter().find(|one| Some(one.as_str()) == row.outcome.as_deref());
        let state = match (row.done_at, row.done_by, outcome) {
            (None, ..) => StepState::Open,
            (Some(at), Some(by), Some(outcome)) => StepState::Done { at, by, outcome, note: row.note },
            _ => return Err(Error::internal("a step is done, nobody knows how")),
        };
        Ok(Self {
            id: row.id,
            site: row.site,
            claim_id: row.claim_id,
            appointment_id: row.appointment_id,
            what: row.detail.0,
            cause: row.cause,
            due_day: row.due_day,
            opened_at: row.opened_at,
            state,
        })
    }
}

const COLUMNS: &str = "s.id, s.site, s.claim_id, s.appointment_id, s.cause, s.detail, s.due_day, s.opened_at, s.done_at, \
                       s.done_by, s.outcome, s.note";

/// Not while the claim is closed, nor while a meeting that answers the step is booked. Both may pass, and it is there
/// again. A decision that is to be looked at again is one by which the claim is closed.
pub(super) const IS_SHOWN: &str = "(s.kind = 'reconsider' OR EXISTS (SELECT 1 FROM claims c WHERE c.id = s.claim_id AND c.state NOT IN ('withdrawn', 'not_made'))) \
                        AND NOT EXISTS (SELECT 1 FROM appointments a WHERE a.claim_id = s.claim_id AND a.state = 'booked' \
                        AND (s.meeting_kind = 'any' OR a.kind = s.meeting_kind))";

/// False when this cause has had its step before.
pub async fn insert(db: &mut Db<'_>, step: &Step) -> Result<bool> {
    let sql = "INSERT INTO steps (id, site, claim_id, appointment_id, kind, cause, detail, meeting_kind, due_day, \
               opened_at, note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '') \
               ON CONFLICT (claim_id, kind, cause) DO NOTHING";
    let added = execute!(
        db,
        sqlx::query(sql)
            .bind(step.id)
            .bind(step.site.clone())
            .bind(step.claim_id)
            .bind(step.appointment_id)
            .bind(step.what.name())
            .bind(&step.cause)
            .bind(Json(&step.what))
            .bind(step.what.answered_by())
            .bind(step.due_day)
            .bind(step.opened_at)
    )?;
    Ok(added == 1)
}

/// Opens a step again that had ended by itself: what made it needless was undone.
pub async fn open_again(db: &mut Db<'_>, step: &Step) -> Result<bool> {
    let sql = "UPDATE steps SET done_at = NULL, done_by = NULL, outcome = NULL WHERE claim_id = $1 AND kind = $2 \
               AND cause = $3 AND outcome = 'overtaken'";
    let query = execute!(db, sqlx::query(sql).bind(step.claim_id).bind(step.what.name()).bind(&step.cause))?;
    Ok(query == 1)
}

/// Keeps how a step ended; false when it had ended before.
pub async fn finish(db: &mut Db<'_>, step: &Step) -> Result<bool> {
    let StepState::Done { at, by, outcome, note } = &step.state else { return Ok(false) };
    let sql = "UPDATE steps SET done_at = $1, done_by = $2, outcome = $3, note = $4 WHERE id = $5 AND done_at IS NULL";
    Ok(execute!(db, sqlx::query(sql).bind(*at).bind(*by).bind(outcome.as_str()).bind(note).bind(step.id))? == 1)
}

pub async fn by_id(db: &mut Db<'_>, id: StepId) -> Result<Option<Step>> {
    one(db, id, "").await
}

/// The step, kept from others until the transaction ends.
pub async fn for_update(db: &mut Db<'_>, id: StepId) -> Result<Option<Step>> {
    let lock = db.for_update();
    one(db, id, lock).await
}

async fn one(db: &mut Db<'_>, id: StepId, lock: &str) -> Result<Option<Step>> {
    let sql = format!("SELECT {COLUMNS} FROM steps s WHERE s.id = $1{lock}");
    let row: Option<StepRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Step::try_from).transpose()
}

/// All of a claim's, in the order in which they were opened.
pub async fn of_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<Vec<Step>> {
    let sql = format!("SELECT {COLUMNS} FROM steps s WHERE s.claim_id = $1 ORDER BY s.opened_at, s.id");
    let rows: Vec<StepRow> = on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(claim).fetch_all(c).await)?;
    rows.into_iter().map(Step::try_from).collect()
}

/// A site's open steps due by a day, the longest overdue first, after the one named; of these kinds, or of all.
pub async fn due(db: &mut Db<'_>, site: &SiteId, asked: &Listing) -> Result<Vec<Step>> {
    let Listing { day, kinds, without, after, most, seen, now, .. } = asked;
    let (day, after, most) = (*day, *after, *most);
    let rows: Vec<StepRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM steps s WHERE s.done_at IS NULL AND s.site = ").push_bind(site.clone());
        query.push(" AND s.due_day <= ").push_bind(day).push(" AND ").push(IS_SHOWN);
        for (named, is_in) in [(kinds, " AND s.kind IN ("), (without, " AND s.kind NOT IN (")] {
            if !named.is_empty() {
                query.push(is_in);
                let mut list = query.separated(", ");
                for kind in named {
                    list.push_bind(kind.clone());
                }
                query.push(")");
            }
        }
        if let Some(seen) = seen {
            push_seen(&mut query, "(SELECT c.client_id FROM claims c WHERE c.id = s.claim_id)", seen, *now);
        }
        if let Some((due_day, id)) = after {
            query.push(" AND (s.due_day > ").push_bind(due_day).push(" OR (s.due_day = ").push_bind(due_day);
            query.push(" AND s.id > ").push_bind(id).push("))");
        }
        query.push(" ORDER BY s.due_day, s.id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Step::try_from).collect()
}

/// The claim's open step of one kind and cause.
pub async fn open_of_cause(db: &mut Db<'_>, claim: ClaimId, kind: &str, cause: &str) -> Result<Option<Step>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM steps s WHERE s.claim_id = $1 AND s.kind = $2 AND s.cause = $3 AND s.done_at IS NULL"
    );
    let row: Option<StepRow> = on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(claim).bind(kind).bind(cause).fetch_optional(c).await
    })?;
    row.map(Step::try_from).transpose()
}
