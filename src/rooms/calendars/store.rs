//! Calendar feeds in the database.

use super::feed::Feed;
use crate::access::AtOffices;
use crate::diary::Whose;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{FeedId, OfficeId, SiteId, UserId};
use startline_foundation::store::{Db, execute, on_engine};

#[derive(sqlx::FromRow)]
struct FeedRow {
    id: FeedId,
    personal_adviser_id: Option<UserId>,
    office: Option<OfficeId>,
    site: SiteId,
    created_by: UserId,
    created_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    etag: String,
    changed_at: DateTime<Utc>,
}

const COLUMNS: &str = "id, personal_adviser_id, office, site, created_by, created_at, revoked_at, etag, changed_at";

impl TryFrom<FeedRow> for Feed {
    type Error = Error;

    fn try_from(row: FeedRow) -> Result<Self> {
        let whose = match (row.personal_adviser_id, row.office) {
            (Some(user), None) => Whose::PersonalAdviser(user),
            (None, Some(office)) => Whose::Office(office),
            _ => return Err(Error::internal(format!("calendar feed {} is nobody's", row.id))),
        };
        Ok(Self {
            id: row.id,
            whose,
            site: row.site,
            created_by: row.created_by,
            created_at: row.created_at,
            revoked_at: row.revoked_at,
            etag: row.etag,
            changed_at: row.changed_at,
        })
    }
}

pub async fn insert(db: &mut Db<'_>, feed: &Feed, secret_sha256: &[u8; 32]) -> Result<()> {
    let sql = "INSERT INTO calendar_feeds (id, personal_adviser_id, office, site, secret_sha256, created_by, created_at, \
               etag, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let (user, office) = match &feed.whose {
        Whose::PersonalAdviser(user) => (Some(*user), None),
        Whose::Office(office) => (None, Some(office.clone())),
    };
    execute!(
        db,
        sqlx::query(sql)
            .bind(feed.id)
            .bind(user)
            .bind(office)
            .bind(feed.site.clone())
            .bind(secret_sha256.as_slice())
            .bind(feed.created_by)
            .bind(feed.created_at)
            .bind(&feed.etag)
            .bind(feed.changed_at)
    )?;
    Ok(())
}

/// The feed behind a secret, unless it was revoked.
pub async fn by_secret(db: &mut Db<'_>, secret_sha256: &[u8; 32]) -> Result<Option<Feed>> {
    let sql = format!("SELECT {COLUMNS} FROM calendar_feeds WHERE secret_sha256 = $1 AND revoked_at IS NULL");
    let sql = sqlx::AssertSqlSafe(sql);
    let row: Option<FeedRow> =
        on_engine!(db, c => sqlx::query_as(sql).bind(secret_sha256.as_slice()).fetch_optional(c).await)?;
    row.map(Feed::try_from).transpose()
}

pub async fn for_update(db: &mut Db<'_>, id: FeedId) -> Result<Option<Feed>> {
    let sql = format!("SELECT {COLUMNS} FROM calendar_feeds WHERE id = $1{}", db.for_update());
    let row: Option<FeedRow> =
        on_engine!(db, c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    row.map(Feed::try_from).transpose()
}

/// Feeds, oldest first, after the one named: of one site or all, of one personal adviser or all.
pub async fn list(
    db: &mut Db<'_>,
    site: Option<&SiteId>,
    personal_adviser: Option<UserId>,
    seen: Option<&AtOffices>,
    after: Option<FeedId>,
    most: i32,
) -> Result<Vec<Feed>> {
    let rows: Vec<FeedRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(COLUMNS).push(" FROM calendar_feeds WHERE TRUE");
        if let Some(site) = site {
            query.push(" AND site = ").push_bind(site.clone());
        }
        if let Some(user) = personal_adviser {
            query.push(" AND personal_adviser_id = ").push_bind(user);
        }
        if let Some(seen) = seen {
            query.push(" AND (personal_adviser_id = ").push_bind(seen.own);
            for office in &seen.offices {
                query.push(" OR office = ").push_bind(office.clone());
            }
            query.push(")");
        }
        if let Some(after) = after {
            query.push(" AND id > ").push_bind(after);
        }
        query.push(" ORDER BY id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    rows.into_iter().map(Feed::try_from).collect()
}

pub async fn revoke(db: &mut Db<'_>, id: FeedId, by: UserId, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE calendar_feeds SET revoked_by = $1, revoked_at = $2 WHERE id = $3 AND revoked_at IS NULL";
    execute!(db, sqlx::query(sql).bind(by).bind(now).bind(id))?;
    Ok(())
}

/// Keeps when what is served was last different from before.
pub async fn changed(db: &mut Db<'_>, id: FeedId, etag: &str, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE calendar_feeds SET etag = $1, changed_at = $2 WHERE id = $3 AND etag <> $1";
    execute!(db, sqlx::query(sql).bind(etag).bind(now).bind(id))?;
    Ok(())
}
