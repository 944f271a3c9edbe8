//! Packs in the database, and how claims' packs are to reach their clients.

use super::content::Layout;
use super::measure::DocumentPages;
use super::pack::{Delivery, Pack};
use super::subject::PackSubject;
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, QueryBuilder};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::ids::{ClaimId, ClientId, DefinitionVersion, PackId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};
use startline_rooms::access::{AtOffices, push_seen};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct PackRow {
    id: PackId,
    kind: String,
    record_id: Uuid,
    client_id: ClientId,
    claim_id: Option<ClaimId>,
    source_key: String,
    claim_revision: Option<i32>,
    definition_version: DefinitionVersion,
    site: SiteId,
    reference: String,
    language: String,
    layout: String,
    large_print: bool,
    pages: i32,
    sheets: i32,
    documents: Json<Vec<DocumentPages>>,
    sha256: String,
    replaces: Option<PackId>,
    delivery: String,
    delivery_to: String,
    composed_at: DateTime<Utc>,
    handed_over_at: Option<DateTime<Utc>>,
    handed_over_by: Option<UserId>,
}

impl TryFrom<PackRow> for Pack {
    type Error = Error;

    fn try_from(row: PackRow) -> Result<Self> {
        let number = |stored: i32| u32::try_from(stored).unwrap_or(0);
        let strange = |what: &str| Error::internal(format!("pack {} is stored with the unknown {what}", row.id));
        Ok(Self {
            wanted: PackSubject::of(&row.kind, row.record_id).ok_or_else(|| strange("kind"))?,
            language: Language::parse(&row.language).map_err(|_| strange("language"))?,
            layout: Layout::parse(&row.layout).ok_or_else(|| strange("layout"))?,
            delivery: Delivery::of(&row.delivery, row.delivery_to.clone()).ok_or_else(|| strange("delivery"))?,
            id: row.id,
            client_id: row.client_id,
            claim_id: row.claim_id,
            source_key: row.source_key,
            claim_revision: row.claim_revision.map(number),
            definition_version: row.definition_version,
            site: row.site,
            reference: row.reference,
            large_print: row.large_print,
            pages: number(row.pages),
            sheets: number(row.sheets),
            documents: row.documents.0,
            sha256: row.sha256,
            replaces: row.replaces,
            composed_at: row.composed_at,
            handed_over: row.handed_over_at.zip(row.handed_over_by),
        })
    }
}

const COLUMNS: &str = "id, kind, record_id, client_id, claim_id, source_key, claim_revision, definition_version, site, \
                       reference, language, layout, large_print, pages, sheets, documents, sha256, replaces, delivery, \
                       delivery_to, composed_at, handed_over_at, handed_over_by";

/// False when a pack of the same sources is there already.
pub async fn insert_pack(db: &mut Db<'_>, pack: &Pack, pdf: &[u8]) -> Result<bool> {
    let stored = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let sql = format!(
        "INSERT INTO packs ({COLUMNS}, pdf) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, \
         $16, $17, $18, $19, $20, $21, NULL, NULL, $22) ON CONFLICT (kind, record_id, source_key) DO NOTHING"
    );
    let added = execute!(
        db,
        sqlx::query(AssertSqlSafe(sql))
            .bind(pack.id)
            .bind(pack.wanted.kind())
            .bind(pack.wanted.record())
            .bind(pack.client_id)
            .bind(pack.claim_id)
            .bind(pack.source_key.clone())
            .bind(pack.claim_revision.map(stored))
            .bind(pack.definition_version.clone())
            .bind(pack.site.clone())
            .bind(pack.reference.clone())
            .bind(pack.language.as_str())
            .bind(pack.layout.as_str())
            .bind(pack.large_print)
            .bind(stored(pack.pages))
            .bind(stored(pack.sheets))
            .bind(Json(&pack.documents))
            .bind(pack.sha256.clone())
            .bind(pack.replaces)
            .bind(pack.delivery.as_str())
            .bind(pack.delivery.to().to_owned())
            .bind(pack.composed_at)
            .bind(pdf)
    )?;
    Ok(added == 1)
}

fn one(row: Option<PackRow>) -> Result<Option<Pack>> {
    row.map(Pack::try_from).transpose()
}

pub async fn by_id(db: &mut Db<'_>, id: PackId) -> Result<Option<Pack>> {
    let sql = format!("SELECT {COLUMNS} FROM packs WHERE id = $1");
    one(on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

/// Several at once, each once, in no order.
pub async fn by_ids(db: &mut Db<'_>, ids: &[PackId]) -> Result<Vec<Pack>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<PackRow> = on_engine!(db, c => {
        let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM packs WHERE id IN ("));
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(*id);
        }
        query.push(")");
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Pack::try_from).collect()
}

/// The pack, kept from others until the transaction ends.
pub async fn for_update(db: &mut Db<'_>, id: PackId) -> Result<Option<Pack>> {
    let sql = format!("SELECT {COLUMNS} FROM packs WHERE id = $1{}", db.for_update());
    one(on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

pub async fn by_source(db: &mut Db<'_>, wanted: PackSubject, source_key: &str) -> Result<Option<Pack>> {
    let sql = format!("SELECT {COLUMNS} FROM packs WHERE kind = $1 AND record_id = $2 AND source_key = $3");
    one(on_engine!(db, c => {
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(wanted.kind()).bind(wanted.record());
        query.bind(source_key).fetch_optional(c).await
    })?)
}

/// The newest pack about that.
pub async fn newest(db: &mut Db<'_>, wanted: PackSubject) -> Result<Option<Pack>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM packs WHERE record_id = $1 AND kind = $2 AND NOT EXISTS (SELECT 1 FROM packs AS newer \
         WHERE newer.record_id = packs.record_id AND newer.replaces = packs.id) ORDER BY id DESC LIMIT 1"
    );
    one(on_engine!(db, c => {
        sqlx::query_as(AssertSqlSafe(sql)).bind(wanted.record()).bind(wanted.kind()).fetch_optional(c).await
    })?)
}

pub async fn pdf(db: &mut Db<'_>, id: PackId) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT pdf FROM packs WHERE id = $1 AND erased_at IS NULL";
    let row: Option<(Vec<u8>,)> = on_engine!(db, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    Ok(row.map(|(pdf,)| pdf))
}

/// Whose packs are listed.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    pub client: Option<ClientId>,
    pub claim: Option<ClaimId>,
    /// Not by post, and not handed over yet.
    pub to_hand_over_at: Option<SiteId>,
    /// Of those, what is not another office's now.
    pub seen: Option<(AtOffices, DateTime<Utc>)>,
}

/// The newest first.
pub async fn list(db: &mut Db<'_>, sought: &Sought, before: Option<PackId>, most: i32) -> Result<Vec<Pack>> {
    let rows: Vec<PackRow> = on_engine!(db, c => {
        let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM packs WHERE erased_at IS NULL"));
        if let Some(client) = sought.client {
            query.push(" AND client_id = ").push_bind(client);
        }
        if let Some(claim) = sought.claim {
            query.push(" AND claim_id = ").push_bind(claim);
        }
        if let Some(site) = &sought.to_hand_over_at {
            query.push(" AND delivery <> 'post' AND handed_over_at IS NULL AND site = ").push_bind(site.clone());
            if let Some((seen, now)) = &sought.seen {
                push_seen(&mut query, "packs.client_id", seen, *now);
            }
        }
        if let Some(before) = before {
            query.push(" AND id < ").push_bind(before);
        }
        query.push(" ORDER BY id DESC LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Pack::try_from).collect()
}

pub async fn hand_over(db: &mut Db<'_>, id: PackId, by: UserId, at: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE packs SET handed_over_at = $2, handed_over_by = $3 WHERE id = $1";
    execute!(db, sqlx::query(sql).bind(id).bind(at).bind(by))?;
    Ok(())
}

pub async fn set_delivery(
    db: &mut Db<'_>,
    claim: ClaimId,
    delivery: &Delivery,
    by: UserId,
    at: DateTime<Utc>,
) -> Result<()> {
    let sql = "INSERT INTO pack_deliveries (claim_id, delivery, delivery_to, chosen_by, chosen_at) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (claim_id) DO UPDATE SET delivery = excluded.delivery, \
               delivery_to = excluded.delivery_to, chosen_by = excluded.chosen_by, chosen_at = excluded.chosen_at";
    let query = (claim, delivery.as_str(), delivery.to().to_owned());
    execute!(db, sqlx::query(sql).bind(query.0).bind(query.1).bind(query.2.clone()).bind(by).bind(at))?;
    Ok(())
}

pub async fn delivery(db: &mut Db<'_>, claim: ClaimId) -> Result<Delivery> {
    let sql = "SELECT delivery, delivery_to FROM pack_deliveries WHERE claim_id = $1";
    let row: Option<(String, String)> = on_engine!(db, c => sqlx::query_as(sql).bind(claim).fetch_optional(c).await)?;
    Ok(row.and_then(|(name, to)| Delivery::of(&name, to)).unwrap_or_default())
}
