//! Looks in the database.

use super::cases_store;
use super::look::{Look, LookPlace, Looker};
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{ClientId, LookId, SiteId, UserId};
use startline_foundation::store::{Db, on_engine};

/// Values bound in one statement: ten a look.
const AT_A_TIME: usize = 500;

/// Those that are there already stay as they are.
pub async fn insert(db: &mut Db<'_>, looks: &[Look]) -> Result<()> {
    for some in looks.chunks(AT_A_TIME) {
        on_engine!(db, c => {
            let mut query = sqlx::QueryBuilder::new(
                "INSERT INTO looks (id, at, user_id, role, site, ground, method, record_kind, record_id, client_id) ",
            );
            query.push_values(some, |mut row, look| {
                row.push_bind(look.id).push_bind(look.at).push_bind(look.user).push_bind(look.role.clone());
                row.push_bind(look.site.clone()).push_bind(look.ground.clone()).push_bind(look.method.clone());
                row.push_bind(look.kind.clone()).push_bind(look.record.clone()).push_bind(look.client);
            });
            query.push(" ON CONFLICT (id) DO NOTHING");
            query.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
pub struct Row {
    pub id: LookId,
    at: DateTime<Utc>,
    user_id: UserId,
    role: String,
    site: Option<SiteId>,
    ground: String,
    method: String,
    record_kind: String,
    record_id: String,
    client_id: Option<ClientId>,
    name: String,
}

impl From<Row> for (Look, String) {
    fn from(row: Row) -> Self {
        let look = Look {
            id: row.id,
            at: row.at,
            user: row.user_id,
            role: row.role,
            site: row.site,
            ground: row.ground,
            method: row.method,
            kind: row.record_kind,
            record: row.record_id,
            client: row.client_id,
        };
        (look, row.name)
    }
}

pub async fn list(
    db: &mut Db<'_>,
    looker: &Looker,
    after: Option<LookPlace>,
    most: i32,
) -> Result<Vec<(Look, String)>> {
    let rows: Vec<Row> = on_engine!(db, c => {
        let mut query = sqlx::QueryBuilder::new(
            "SELECT l.id, l.at, l.user_id, l.role, l.site, l.ground, l.method, l.record_kind, l.record_id, l.client_id, \
             u.name FROM looks l JOIN users u ON u.id = l.user_id WHERE 1 = 1",
        );
        if let Some(client) = looker.client {
            query.push(" AND l.client_id = ").push_bind(client);
        }
        if let Some(user) = looker.user {
            query.push(" AND l.user_id = ").push_bind(user);
        }
        if let Some(from) = looker.from {
            query.push(" AND l.at >= ").push_bind(from);
        }
        if let Some(until) = looker.until {
            query.push(" AND l.at < ").push_bind(until);
        }
        if let Some(site) = &looker.within {
            let (before, behind) = cases_store::is_of_site("l.client_id");
            query.push(" AND (l.site = ").push_bind(site.clone()).push(" OR ");
            query.push(before).push_bind(site.clone()).push(behind).push(")");
        }
        if let Some((at, id)) = after {
            query.push(" AND (l.at, l.id) < (").push_bind(at).push(", ").push_bind(id).push(")");
        }
        query.push(" ORDER BY l.at DESC, l.id DESC LIMIT ").push_bind(most);
        query.build_query_as().fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(Into::into).collect())
}
