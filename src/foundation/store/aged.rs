//! Pages of records that are over, for whoever erases them; what statements about many ids share; and the file of an embedded
//! database written anew, so that nothing is left between its pages.

use super::{Db, StartFault, Target, connect};
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A record that is over, since when. Its table says whose id it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aged {
    pub id: Uuid,
    pub at: DateTime<Utc>,
}

/// A page of those that were over before a moment, by id.
#[derive(Debug, Clone, Copy)]
pub struct AgedPage {
    pub before: DateTime<Utc>,
    pub after: Uuid,
    pub most: i32,
    /// Kept from others until the transaction ends; those that somebody else has just now are passed over.
    pub is_kept: bool,
}

impl AgedPage {
    pub fn lock(&self, db: &Db<'_>) -> &'static str {
        if self.is_kept { db.skip_locked() } else { "" }
    }
}

/// The page's records of a statement that gives ids and times, with the page's moment as $1 and its last id as $2.
#[macro_export]
macro_rules! aged {
    ($db:expr, $page:expr, $sql:expr) => {{
        let page: &$crate::store::AgedPage = $page;
        let sql = format!("{} ORDER BY id LIMIT $3{}", $sql, page.lock($db));
        let rows: Vec<(uuid::Uuid, chrono::DateTime<chrono::Utc>)> = $crate::store::on_engine!($db, c => {
            let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
            query.bind(page.before).bind(page.after).bind(page.most).fetch_all(c).await
        })?;
        rows.into_iter().map(|(id, at)| $crate::store::Aged { id, at }).collect::<Vec<_>>()
    }};
}
pub use crate::aged;

/// A statement that ends in a list of ids. It may have one value besides: `["... WHERE at > ", since, " AND id IN"]`.
#[macro_export]
macro_rules! among {
    ([$before:expr, $value:expr, $behind:expr], $ids:ident) => {{
        let mut query = sqlx::QueryBuilder::new($before);
        query.push_bind($value).push($behind);
        $crate::among!(@ query, $ids)
    }};
    (@ $query:ident, $ids:ident) => {{
        $query.push(" (");
        let mut list = $query.separated(", ");
        for id in $ids {
            list.push_bind(*id);
        }
        $query.push(")");
        $query
    }};
    ($sql:expr, $ids:ident) => {{
        let mut query = sqlx::QueryBuilder::new($sql);
        $crate::among!(@ query, $ids)
    }};
}

/// The rows that such a statement gives; with no ids, none.
#[macro_export]
macro_rules! rows_among {
    ($db:expr, $sql:tt, $ids:expr) => {{
        let ids: &[uuid::Uuid] = $ids;
        match ids.is_empty() {
            true => Vec::new(),
            false => $crate::store::on_engine!($db, c => $crate::among!($sql, ids).build_query_as().fetch_all(c).await)?,
        }
    }};
}
pub use crate::rows_among;

/// The ids that such a statement gives.
#[macro_export]
macro_rules! ids_among {
    ($db:expr, $sql:tt, $ids:expr) => {{
        let found: Vec<(uuid::Uuid,)> = $crate::store::rows_among!($db, $sql, $ids);
        found.into_iter().map(|(id,)| id).collect::<Vec<uuid::Uuid>>()
    }};
}
pub use crate::ids_among;

/// Runs such a statement, and gives the number of rows it changed.
#[macro_export]
macro_rules! execute_among {
    ($db:expr, $sql:tt, $ids:expr) => {{
        let ids: &[uuid::Uuid] = $ids;
        match ids.is_empty() {
            true => 0,
            false => $crate::store::on_engine!($db, c => {
                $crate::among!($sql, ids).build().execute(c).await.map(|done| done.rows_affected())
            })?,
        }
    }};
}
pub use crate::execute_among;

impl Target {
    /// Writes the whole database anew, so that nothing of what was erased is left in its free space; on PostgreSQL dead rows
    /// are cleared away. False when a process serves from the embedded database: then only its journal is emptied.
    ///
    /// # Errors
    /// `DataFolder` or `Unreachable`, with what is wrong.
    pub async fn write_anew(&self) -> Result<bool, StartFault> {
        // Held until the end, so that nobody begins to serve meanwhile.
        let alone = match self.serve() {
            Ok(serving) => Some(serving),
            Err(StartFault::AlreadyServed { .. }) => None,
            Err(fault) => return Err(fault),
        };
        connect::write_anew(self, alone.is_some()).await?;
        Ok(alone.is_some())
    }
}
