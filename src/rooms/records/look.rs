//! Who looked at which record.

use super::look_store as store;
use crate::access::{Context, Ground, Kind, Role};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use startline_foundation::error::Result;
use startline_foundation::ids::{ClientId, LookId, SiteId, UserId};
use startline_foundation::store::Db;

/// Somebody read something of a record, or asked for what they may have read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    pub id: LookId,
    pub at: DateTime<Utc>,
    pub user: UserId,
    /// As what: a word of [`Role`].
    pub role: String,
    pub site: Option<SiteId>,
    /// Why they might: a word of [`Ground`].
    pub ground: String,
    /// By which method of the API: `ClientService.GetClient`.
    pub method: String,
    /// A word of [`Kind`].
    pub kind: String,
    pub record: String,
    pub client: Option<ClientId>,
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    pub kind: Kind,
    pub record: String,
    pub client: Option<ClientId>,
}

impl Look {
    pub fn new(context: &Context, method: &str, ground: Ground, looked: Looked) -> Self {
        let role = context.user.roles.iter().next().map(Role::as_str).unwrap_or_default();
        Self {
            id: LookId::fresh(context.now),
            at: context.now,
            user: context.user.id,
            role: role.to_owned(),
            site: context.user.site.clone(),
            ground: ground.as_str().to_owned(),
            method: method.to_owned(),
            kind: looked.kind.as_str().to_owned(),
            record: looked.record,
            client: looked.client,
        }
    }
}

/// Whose looks, or looks at whom.
#[derive(Debug, Clone, Default)]
pub struct Looker {
    pub client: Option<ClientId>,
    pub user: Option<UserId>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

/// A place in the list of looks: the newest first.
pub type LookPlace = (DateTime<Utc>, LookId);

/// The newest first, after the one named, with the looker's name.
pub async fn looks(
    db: &mut Db<'_>,
    looker: &Looker,
    after: Option<LookPlace>,
    most: i32,
) -> Result<Vec<(Look, String)>> {
    store::list(db, looker, after, most).await
}
