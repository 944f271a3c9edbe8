//! Claims and the log of their answers in the database.

use super::claim::{Claim, Closed, Closing, State, Underway};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::AssertSqlSafe;
use sqlx::types::Uuid;
use startline_foundation::error::{Error, Result};
use startline_foundation::events::Topic;
use startline_foundation::ids::{ClaimId, ClientId, DefinitionVersion, SiteId, UserId};
use startline_foundation::store::{Connection, Db, execute, on_engine};
use std::collections::{BTreeSet, HashMap};

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: ClaimId,
    client_id: ClientId,
    site: SiteId,
    state: String,
    definition_version: DefinitionVersion,
    first_contact_at: DateTime<Utc>,
    opened_at: DateTime<Utc>,
    start_up_done_at: Option<DateTime<Utc>>,
    start_up_done_by: Option<UserId>,
    posted_at: Option<DateTime<Utc>>,
    lodged_at: Option<DateTime<Utc>>,
    withdrawn_from: Option<String>,
    withdrawn_at: Option<DateTime<Utc>>,
    withdrawn_by: Option<UserId>,
    withdrawn_reason: Option<String>,
    repeats_claim_id: Option<ClaimId>,
    partner_claim_id: Option<ClaimId>,
    last_day: NaiveDate,
    evidence_to_come: Option<i32>,
    stood_closed_days: i32,
}

impl ClaimRow {
    fn underway(&self, name: &str) -> Result<Underway> {
        match (name, self.start_up_done_at, self.posted_at) {
            ("open", ..) => Ok(Underway::Open),
            ("start_up_done", Some(at), _) => Ok(Underway::StartUpDone { at }),
            ("posted", Some(start_up_done_at), Some(at)) => Ok(Underway::Posted { start_up_done_at, at }),
            _ => Err(Error::internal(format!("a claim is in the unknown state {name}"))),
        }
    }

    fn state(&self) -> Result<State> {
        match (self.state.as_str(), self.lodged_at, self.withdrawn_at.zip(self.withdrawn_by)) {
            ("lodged", Some(at), _) => Ok(State::Lodged { at }),
            (closed @ ("withdrawn" | "not_made"), _, Some((at, by))) => Ok(State::Closed(Closing {
                how: if closed == "withdrawn" { Closed::Withdrawn } else { Closed::NotMade },
                from: self.underway(self.withdrawn_from.as_deref().unwrap_or_default())?,
                at,
                by,
                reason: self.withdrawn_reason.clone().unwrap_or_default(),
            })),
            (name, ..) => self.underway(name).map(State::from),
        }
    }
}

impl TryFrom<ClaimRow> for Claim {
    type Error = Error;

    fn try_from(row: ClaimRow) -> Result<Self> {
        let state = row.state()?;
        Ok(Self {
            id: row.id,
            client_id: row.client_id,
            site: row.site,
            state,
            definition_version: row.definition_version,
            first_contact_at: row.first_contact_at,
            opened_at: row.opened_at,
            repeats: row.repeats_claim_id,
            partner_claim: row.partner_claim_id,
            start_up_by: row.start_up_done_by,
            last_day: row.last_day,
            evidence_to_come: row.evidence_to_come,
            stood_closed_days: u32::try_from(row.stood_closed_days).unwrap_or(0),
        })
    }
}

const COLUMNS: &str = "id, client_id, site, state, definition_version, first_contact_at, opened_at, \
                       start_up_done_at, start_up_done_by, posted_at, lodged_at, withdrawn_from, withdrawn_at, withdrawn_by, \
                       withdrawn_reason, \
                       repeats_claim_id, partner_claim_id, last_day, evidence_to_come, stood_closed_days";

/// False when the client has a live claim already.
pub async fn insert(db: &mut Db<'_>, claim: &Claim) -> Result<bool> {
    let sql = "INSERT INTO claims (id, client_id, site, state, definition_version, first_contact_at, opened_at, \
               repeats_claim_id, partner_claim_id, last_day) VALUES ($1, $2, $3, 'open', $4, $5, $6, $7, $8, $9) \
               ON CONFLICT (client_id) WHERE state IN ('open', 'start_up_done', 'posted') DO NOTHING";
    let added = execute!(
        db,
        sqlx::query(sql)
            .bind(claim.id)
            .bind(claim.client_id)
            .bind(claim.site.clone())
            .bind(claim.definition_version.clone())
            .bind(claim.first_contact_at)
            .bind(claim.opened_at)
            .bind(claim.repeats)
            .bind(claim.partner_claim)
            .bind(claim.last_day)
    )?;
    db.after_commit(Topic::Claim(claim.id));
    Ok(added == 1)
}

async fn one(db: &mut Db<'_>, condition: &str, id: Uuid) -> Result<Option<Claim>> {
    let sql = format!("SELECT {COLUMNS} FROM claims WHERE erased_at IS NULL AND {condition}");
    let row: Option<ClaimRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Claim::try_from).transpose()
}

pub async fn by_id(db: &mut Db<'_>, id: ClaimId) -> Result<Option<Claim>> {
    one(db, "id = $1", id.0).await
}

/// Those of these that are there.
pub async fn by_ids(db: &mut Db<'_>, ids: &[ClaimId]) -> Result<Vec<Claim>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<ClaimRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM claims WHERE erased_at IS NULL AND id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        query.push(")");
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Claim::try_from).collect()
}

pub async fn for_update(db: &mut Db<'_>, id: ClaimId) -> Result<Option<Claim>> {
    let condition = format!("id = $1{}", db.for_update());
    one(db, &condition, id.0).await
}

async fn several(db: &mut Db<'_>, condition: &str, id: Uuid) -> Result<Vec<Claim>> {
    let sql = format!("SELECT {COLUMNS} FROM claims WHERE erased_at IS NULL AND {condition}");
    let rows: Vec<ClaimRow> = on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_all(c).await)?;
    rows.into_iter().map(Claim::try_from).collect()
}

/// By their ids.
pub async fn of_client(db: &mut Db<'_>, client: ClientId) -> Result<Vec<Claim>> {
    several(db, "client_id = $1 ORDER BY id", client.0).await
}

pub async fn of_client_for_update(db: &mut Db<'_>, client: ClientId) -> Result<Vec<Claim>> {
    let condition = format!("client_id = $1 ORDER BY id{}", db.for_update());
    several(db, &condition, client.0).await
}

/// Those that took over what they share with this one.
pub async fn built_on(db: &mut Db<'_>, partner: ClaimId) -> Result<Vec<Claim>> {
    several(db, "partner_claim_id = $1", partner.0).await
}

pub async fn live_of_client(db: &mut Db<'_>, client: ClientId) -> Result<Option<Claim>> {
    one(db, "client_id = $1 AND state IN ('open', 'start_up_done', 'posted')", client.0).await
}

/// The client's newest claim that is over.
pub async fn last_of_client(db: &mut Db<'_>, client: ClientId) -> Result<Option<Claim>> {
    let over = "client_id = $1 AND state NOT IN ('open', 'start_up_done', 'posted') ORDER BY opened_at DESC LIMIT 1";
    one(db, over, client.0).await
}

/// These claims, kept as they are until the transaction ends, so that none is completed while answers are saved to it.
pub async fn for_share(db: &mut Db<'_>, ids: &BTreeSet<ClaimId>) -> Result<HashMap<ClaimId, Claim>> {
    let lock = db.for_share();
    let rows: Vec<ClaimRow> = match &mut db.connection {
        // An array, for the reason told at `append_arrays`.
        Connection::Postgres(connection) => {
            let sql =
                format!("SELECT {COLUMNS} FROM claims WHERE id = ANY($1) AND erased_at IS NULL ORDER BY id{lock}");
            let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
            sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(&mut **connection).await?
        }
        // One writer: what is read here cannot change before the transaction ends.
        Connection::Sqlite(connection) => {
            let mut query = sqlx::QueryBuilder::new("SELECT ");
            query.push(COLUMNS).push(" FROM claims WHERE erased_at IS NULL AND id IN (");
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(&mut **connection).await?
        }
    };
    rows.into_iter().map(|row| Claim::try_from(row).map(|claim| (claim.id, claim))).collect()
}

/// What the claim is listed by.
pub async fn save_stakes(db: &mut Db<'_>, id: ClaimId, last_day: NaiveDate, evidence: Option<i32>) -> Result<()> {
    let sql = "UPDATE claims SET last_day = $1, evidence_to_come = $2 WHERE id = $3";
    execute!(db, sqlx::query(sql).bind(last_day).bind(evidence).bind(id))?;
    db.after_commit(Topic::Claim(id));
    Ok(())
}

/// Where the claim stands now. The times of what it went through stay.
pub async fn save_state(db: &mut Db<'_>, claim: &Claim) -> Result<()> {
    let closing = match &claim.state {
        State::Closed(closing) => Some(closing),
        _ => None,
    };
    let stands = closing.map_or_else(|| claim.state.clone(), |closing| closing.from.into());
    let (stage, start_up_done_at, posted_at, lodged_at) = match stands {
        State::Open => ("open", None, None, None),
        State::StartUpDone { at } => ("start_up_done", Some(at), None, None),
        State::Posted { start_up_done_at, at } => ("posted", Some(start_up_done_at), Some(at), None),
        State::Lodged { at } => ("lodged", None, None, Some(at)),
        State::Closed(_) => return Err(Error::internal("a claim was closed that was closed already")),
    };
    let name = match closing.map(|closing| closing.how) {
        None => stage,
        Some(Closed::Withdrawn) => "withdrawn",
        Some(Closed::NotMade) => "not_made",
    };
    // The columns are named by the one way in which claims ended when they were made.
    let sql = "UPDATE claims SET state = $1, start_up_done_by = $2, start_up_done_at = COALESCE($3, start_up_done_at), \
               posted_at = COALESCE($4, posted_at), lodged_at = $5, withdrawn_from = $6, withdrawn_at = $7, \
               withdrawn_by = $8, withdrawn_reason = $9 WHERE id = $10";
    let done = execute!(
        db,
        sqlx::query(sql)
            .bind(name)
            .bind(claim.start_up_by)
            .bind(start_up_done_at)
            .bind(posted_at)
            .bind(lodged_at)
            .bind(closing.map(|_| stage))
            .bind(closing.map(|closing| closing.at))
            .bind(closing.map(|closing| closing.by))
            .bind(closing.map(|closing| closing.reason.clone()))
            .bind(claim.id)
    );
    db.after_commit(Topic::Claim(claim.id));
    match done {
        Ok(_) => Ok(()),
        // `claims_one_live_a_client`: this one is put back, and another was begun meanwhile.
        Err(sqlx::Error::Database(fault)) if fault.is_unique_violation() => Err(Error::illegal(
            "ANOTHER_CLAIM_IS_LIVE",
            "the client has another claim on its way: withdraw that one first, or go on with it",
        )),
        Err(fault) => Err(fault.into()),
    }
}
