//! Letters that are owed, in the database.

use super::letters::Letter;
use crate::access::Context;
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use startline_foundation::error::Result;
use startline_foundation::ids::{CallbackId, SiteId};
use startline_foundation::store::{Db, execute, on_engine};

/// A letter is owed from now on.
pub async fn insert(db: &mut Db<'_>, letter: &Letter) -> Result<()> {
    let sql = "INSERT INTO callback_letters (callback_id, number, site, starts_at, ends_at, owed_at) \
               SELECT $1, COALESCE(MAX(number), 0) + 1, $2, $3, $4, $5 FROM callback_letters WHERE callback_id = $1";
    execute!(
        db,
        sqlx::query(sql)
            .bind(letter.callback_id)
            .bind(letter.site.clone())
            .bind(letter.time.map(|(start, _)| start))
            .bind(letter.time.map(|(_, end)| end))
            .bind(letter.owed_at)
    )?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct LetterRow {
    callback_id: CallbackId,
    site: SiteId,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    owed_at: DateTime<Utc>,
}

impl From<LetterRow> for Letter {
    fn from(row: LetterRow) -> Self {
        let time = row.starts_at.zip(row.ends_at);
        Self { callback_id: row.callback_id, site: row.site, time, owed_at: row.owed_at }
    }
}

const LETTER: &str = "callback_id, site, starts_at, ends_at, owed_at";

pub async fn open_of(db: &mut Db<'_>, id: CallbackId) -> Result<Option<Letter>> {
    let sql = format!("SELECT {LETTER} FROM callback_letters WHERE callback_id = $1 AND closed_at IS NULL");
    let row: Option<LetterRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    Ok(row.map(Letter::from))
}

/// The last that went out.
pub async fn last_sent(db: &mut Db<'_>, id: CallbackId) -> Result<Option<Letter>> {
    let sql =
        format!("SELECT {LETTER} FROM callback_letters WHERE callback_id = $1 AND sent ORDER BY number DESC LIMIT 1");
    let row: Option<LetterRow> =
        on_engine!(db, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
    Ok(row.map(Letter::from))
}

pub async fn open_of_site(
    db: &mut Db<'_>,
    site: &SiteId,
    after: Option<(DateTime<Utc>, CallbackId)>,
    most: i32,
) -> Result<Vec<Letter>> {
    let rows: Vec<LetterRow> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new("SELECT ");
        query.push(LETTER).push(" FROM callback_letters WHERE closed_at IS NULL AND site = ").push_bind(site.clone());
        if let Some((owed_at, id)) = after {
            query.push(" AND (owed_at, callback_id) > (").push_bind(owed_at).push(", ").push_bind(id).push(")");
        }
        query.push(" ORDER BY owed_at, callback_id LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(Letter::from).collect())
}

/// Sent, or no longer needed. False when none was open.
pub async fn close(db: &mut Db<'_>, context: &Context, id: CallbackId, sent: bool) -> Result<bool> {
    let sql = "UPDATE callback_letters SET closed_at = $1, closed_by = $2, sent = $3 \
               WHERE callback_id = $4 AND closed_at IS NULL";
    let changed = execute!(db, sqlx::query(sql).bind(context.now).bind(context.user.id).bind(sent).bind(id))?;
    Ok(changed == 1)
}
