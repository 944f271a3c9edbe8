//! Records of people, seen from outside: whose case each belongs to, who asked for one outside of their work and why, and who
//! looked at what.
//!
//! Stores requests for records, and looks. Both are durable: a request before the record is opened, a look before it is
//! answered (in a file of this process, [`LookLog`], from which it is written into the database within seconds). What stands
//! in the database is sealed by a chain of hashes ([`seal`]), so that a line that is missing or was changed is found.

mod asked;
mod asked_store;
mod cases_store;
mod erased;
mod erased_store;
mod look;
mod look_log;
mod look_store;
mod seals;
mod seals_store;

pub use asked::{
    RecordRequest, RequestReason, SoughtRequests, Verdict, ask, close, end_requests, of_client, request, requests,
};
pub use erased::{Erased, OldSeals, came_so_far, end_killed_runs, end_run, erase_seals, old_seals};
pub use erased_store::{clients_with_open_request, erase_requests, requests_of_clients, requests_open, requests_over};
pub use look::{Look, LookPlace, Looked, Looker, looks, note};
pub use look_log::LookLog;

pub use seals::{Fault, Report, Seal, has_hash, seal, verify};

use crate::access::{Case, Kind, Tie};
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::ids::{ClientId, SiteId, UserId};
use startline_foundation::store::Db;
use uuid::Uuid;

/// The case that this record belongs to; none when there is no such record.
pub async fn case(db: &mut Db<'_>, kind: Kind, id: Uuid) -> Result<Option<Case>> {
    cases_store::case(db, kind, id).await
}

/// What ties the client to places, and to this user.
pub async fn ties(db: &mut Db<'_>, client: ClientId, user: UserId) -> Result<Vec<Tie>> {
    cases_store::ties(db, client, user).await
}

/// Whether this client is of the site's work: they live there, or have a claim or a call-back there.
pub async fn is_of_site(db: &mut Db<'_>, client: ClientId, site: &SiteId) -> Result<bool> {
    cases_store::client_is_of_site(db, client, site).await
}

/// Before this nobody can say who looked: the settings of `[retention]` had it erased.
pub async fn looks_erased_until(db: &mut Db<'_>) -> Result<Option<DateTime<Utc>>> {
    Ok(erased_store::newest(db).await?.map(|erased| erased.sealed_at))
}
