//! Who looked at which record.

use super::look_store as store;
use crate::access::{Context, Kind, Right};
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
    /// As what they might: a word of [`Role`](crate::access::Role).
    pub role: String,
    pub site: Option<SiteId>,
    /// Why they might: a word of [`Ground`](crate::access::Ground).
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
    pub fn new(context: &Context, method: &str, right: Right, looked: Looked) -> Self {
        Self {
            id: LookId::fresh(context.now),
            at: context.now,
            user: context.user.id,
            role: right.role.as_str().to_owned(),
            site: context.user.site.clone(),
            ground: right.ground.as_str().to_owned(),
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
    /// Only at clients of this site's work, or by its people.
    pub within: Option<SiteId>,
    pub from: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

/// A place in the list of looks: the newest first.
pub type LookPlace = (DateTime<Utc>, LookId);

/// Writes looks down at once, where there is no door that notes them.
pub async fn note(db: &mut Db<'_>, looks: &[Look]) -> Result<()> {
    store::insert(db, looks).await
}

/// The newest first, after the one named, with the looker's name.
pub async fn looks(
    db: &mut Db<'_>,
    looker: &Looker,
    after: Option<LookPlace>,
    most: i32,
) -> Result<Vec<(Look, String)>> {
    store::list(db, looker, after, most).await
}
