//! Packs and print jobs in the database.

use super::compose::DocumentPages;
use super::pack::{Pack, PrintJob, PrintState};
use super::wanted::Wanted;
use crate::error::{Error, Result};
use crate::formats::Language;
use crate::ids::{ClaimId, ClientId, DefinitionVersion, PackId, PrintJobId, SiteId, UserId};
use crate::store::{Db, execute, on_engine};
use chrono::{DateTime, Utc};
use sqlx::types::Json;

#[derive(sqlx::FromRow)]
struct PackRow {
    id: PackId,
    claim_id: ClaimId,
    source_key: String,
    site: SiteId,
    reference: String,
    pages: i32,
    documents: Json<Vec<DocumentPages>>,
    sha256: String,
    composed_at: DateTime<Utc>,
}

impl From<PackRow> for Pack {
    fn from(row: PackRow) -> Self {
        Self {
            id: row.id,
            // What the table does not keep yet.
            wanted: Wanted::Claim(row.claim_id),
            client_id: ClientId(uuid::Uuid::nil()),
            claim_id: Some(row.claim_id),
            claim_revision: None,
            definition_version: DefinitionVersion::new(""),
            language: Language::English,
            large_print: false,
            sheets: 0,
            replaces: None,
            source_key: row.source_key,
            site: row.site,
            reference: row.reference,
            pages: u32::try_from(row.pages).unwrap_or(0),
            documents: row.documents.0,
            sha256: row.sha256,
            composed_at: row.composed_at,
        }
    }
}

const PACK_COLUMNS: &str = "id, claim_id, source_key, site, reference, pages, documents, sha256, composed_at";

/// False when a pack of the same sources is there already.
pub async fn insert_pack(db: &mut Db<'_>, pack: &Pack, pdf: &[u8]) -> Result<bool> {
    let sql = format!(
        "INSERT INTO packs ({PACK_COLUMNS}, pdf) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (claim_id, source_key) DO NOTHING"
    );
    let added = execute!(
        db,
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(pack.id)
            .bind(pack.claim_id)
            .bind(&pack.source_key)
            .bind(pack.site.clone())
            .bind(&pack.reference)
            .bind(i32::try_from(pack.pages).unwrap_or(i32::MAX))
            .bind(Json(&pack.documents))
            .bind(&pack.sha256)
            .bind(pack.composed_at)
            .bind(pdf)
    )?;
    Ok(added == 1)
}

pub async fn by_id(db: &mut Db<'_>, id: PackId) -> Result<Option<Pack>> {
    let sql = format!("SELECT {PACK_COLUMNS} FROM packs WHERE id = $1");
    let row: Option<PackRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    Ok(row.map(Pack::from))
}

pub async fn by_source(db: &mut Db<'_>, wanted: Wanted, source_key: &str) -> Result<Option<Pack>> {
    let claim = wanted.record();
    let sql = format!("SELECT {PACK_COLUMNS} FROM packs WHERE claim_id = $1 AND source_key = $2");
    let row: Option<PackRow> = on_engine!(db, c => {
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(claim).bind(source_key).fetch_optional(c).await
    })?;
    Ok(row.map(Pack::from))
}

pub async fn newest_of_claim(db: &mut Db<'_>, claim: ClaimId) -> Result<Option<Pack>> {
    let sql = format!("SELECT {PACK_COLUMNS} FROM packs WHERE claim_id = $1 ORDER BY id DESC LIMIT 1");
    let row: Option<PackRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(claim).fetch_optional(c).await)?;
    Ok(row.map(Pack::from))
}

pub async fn pdf(db: &mut Db<'_>, id: PackId) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT pdf FROM packs WHERE id = $1";
    let row: Option<(Vec<u8>,)> = on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    Ok(row.map(|(pdf,)| pdf))
}

#[derive(sqlx::FromRow)]
struct PrintJobRow {
    id: PrintJobId,
    pack_id: PackId,
    site: SiteId,
    state: String,
    attempt: i32,
    leased_by: Option<UserId>,
    leased_until: Option<DateTime<Utc>>,
    printed_at: Option<DateTime<Utc>>,
    posted_at: Option<DateTime<Utc>>,
}

impl TryFrom<PrintJobRow> for PrintJob {
    type Error = Error;

    fn try_from(row: PrintJobRow) -> Result<Self> {
        let state = match (row.state.as_str(), row.leased_by, row.leased_until, row.printed_at, row.posted_at) {
            ("queued", ..) => PrintState::Queued,
            ("leased", Some(by), Some(until), ..) => PrintState::Leased { by, until },
            ("printed", _, _, Some(at), _) => PrintState::Printed { at },
            ("posted", _, _, Some(printed_at), Some(at)) => PrintState::Posted { printed_at, at },
            (other, ..) => return Err(Error::internal(format!("a print job is in the unknown state {other}"))),
        };
        Ok(Self { id: row.id, pack_id: row.pack_id, site: row.site, state, attempt: row.attempt })
    }
}

const JOB_COLUMNS: &str = "id, pack_id, site, state, attempt, leased_by, leased_until, printed_at, posted_at";

pub async fn insert_print_job(db: &mut Db<'_>, pack: &Pack, now: DateTime<Utc>) -> Result<()> {
    let sql =
        "INSERT INTO print_jobs (id, pack_id, site, state, queued_at, attempt) VALUES ($1, $2, $3, 'queued', $4, 0)";
    execute!(db, sqlx::query(sql).bind(PrintJobId::fresh(now)).bind(pack.id).bind(pack.site.clone()).bind(now))?;
    Ok(())
}

async fn one_job(db: &mut Db<'_>, condition: &str, id: uuid::Uuid) -> Result<Option<PrintJob>> {
    let sql = format!("SELECT {JOB_COLUMNS} FROM print_jobs WHERE {condition}");
    let row: Option<PrintJobRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(PrintJob::try_from).transpose()
}

/// The print job, kept from others until the transaction ends.
pub async fn print_job(db: &mut Db<'_>, id: PrintJobId) -> Result<Option<PrintJob>> {
    let condition = format!("id = $1{}", db.for_update());
    one_job(db, &condition, id.0).await
}

pub async fn print_job_of_pack(db: &mut Db<'_>, pack: PackId) -> Result<PrintJob> {
    let job = one_job(db, "pack_id = $1 ORDER BY id DESC LIMIT 1", pack.0).await?;
    job.ok_or_else(|| Error::internal(format!("pack {pack} has no print job")))
}

/// Two print rooms never get the same job while its lease runs.
pub async fn lease(
    db: &mut Db<'_>,
    site: &SiteId,
    by: UserId,
    most: i32,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<PrintJob>> {
    const FREE: &str = "site = $1 AND (state = 'queued' OR (state = 'leased' AND leased_until <= $2))";
    // The condition stands again outside: without it PostgreSQL handed one job to two workers.
    let sql = format!(
        "UPDATE print_jobs SET state = 'leased', leased_by = $3, leased_until = $4, attempt = attempt + 1 \
         WHERE id IN (SELECT id FROM print_jobs WHERE {FREE} ORDER BY queued_at, id LIMIT $5{}) AND {FREE} \
         RETURNING {JOB_COLUMNS}",
        db.skip_locked()
    );
    let rows: Vec<PrintJobRow> = on_engine!(db, c => {
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(site.clone()).bind(now).bind(by);
        query.bind(until).bind(most).fetch_all(c).await
    })?;
    let mut jobs = rows.into_iter().map(PrintJob::try_from).collect::<Result<Vec<_>>>()?;
    jobs.sort_unstable_by_key(|job| job.id);
    Ok(jobs)
}

pub async fn save_print_state(db: &mut Db<'_>, job: &PrintJob) -> Result<()> {
    let (state, printed_at, posted_at) = match job.state {
        PrintState::Queued => ("queued", None, None),
        PrintState::Leased { .. } => ("leased", None, None),
        PrintState::Printed { at } => ("printed", Some(at), None),
        PrintState::Posted { printed_at, at } => ("posted", Some(printed_at), Some(at)),
    };
    let sql = "UPDATE print_jobs SET state = $1, printed_at = $2, posted_at = $3 WHERE id = $4";
    execute!(db, sqlx::query(sql).bind(state).bind(printed_at).bind(posted_at).bind(job.id))?;
    Ok(())
}
