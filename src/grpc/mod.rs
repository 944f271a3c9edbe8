//! The gRPC door: parse, call the room's verb, convert. It holds no rules.
//!
//! tonic and the generated types stay in here. One port serves the API, health, reflection and gRPC-Web.

mod calendars;
mod callbacks;
mod claims;
mod clients;
pub mod contingencies;
mod convert;
mod definitions;
mod desk;
mod diary;
mod fault;
mod figures;
mod floor;
mod followup;
mod gate;
mod mutation;
mod packs;
pub mod pb;
mod reminders;
mod routing;
mod scripts;
mod server;
pub mod tour;

pub use diary::DayOf;
pub use gate::MethodRoles;
pub use server::{Server, serve};

use crate::access::Directory;
use crate::claims::Autosave;
use crate::clock::Clock;
use crate::contingency::Told;
use crate::definition::Definitions;
use crate::ids::{CallbackId, ClaimId, SiteId, UserId};
use crate::packs::Composers;
use crate::routing::Switchboard;
use crate::store::Store;
use crate::watching::Watchers;
use chrono::TimeDelta;
use contingencies::Owed;
use std::sync::Arc;
use tokio::sync::Notify;

/// What there is of the world outside.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// Under which the web door is reached, when there is one.
    pub web_url: Option<String>,
    /// Whether texts and letters are sent.
    pub sends_reminders: bool,
}

/// What the services share. `app.rs` makes it.
pub struct Shared {
    pub store: Store,
    pub clock: Clock,
    pub directory: Arc<Directory>,
    pub definitions: Arc<Definitions>,
    pub autosave: Autosave,
    /// Who looks at a claim now.
    pub watchers: Watchers<ClaimId>,
    /// Who looks at a day of an office or of a personal adviser now.
    pub day_watchers: Watchers<DayOf>,
    pub composers: Arc<Composers>,
    pub switchboard: Arc<Switchboard>,
    /// The lost sites that the floors have been told of.
    pub told: Told,
    /// Losses declared while the database was away.
    pub owed: Owed,
    pub outside: Outside,
    /// Who looks at a print room now.
    pub room_watchers: Watchers<SiteId>,
    /// Wakes the worker when a transaction has left it something to do.
    pub jobs_waiting: Arc<Notify>,
    /// Wakes the worker that asks clients whether they would come sooner.
    pub time_freed: Arc<Notify>,
}

/// How far ahead call-backs are that the floors are told of: longer than any call takes.
const COMMITMENTS_AHEAD: TimeDelta = TimeDelta::hours(4);

impl Shared {
    /// Tells the floors when each adviser's next promised call-back begins. What they were told before holds when the
    /// database is away.
    pub async fn tell_commitments(&self) {
        let now = self.clock.now();
        let read = async {
            let mut reader = self.store.read().await?;
            crate::callbacks::commitments(&mut reader.db(), now, now + COMMITMENTS_AHEAD).await
        };
        match read.await {
            Ok(commitments) => self.switchboard.set_commitments(&commitments, now),
            Err(fault) => tracing::warn!(%fault, "the floors could not be told whose call-backs begin soon"),
        }
    }

    fn start_outbound(&self, adviser: UserId, callback: CallbackId) {
        self.switchboard.start_outbound(adviser, callback, self.clock.now());
        self.switchboard.callbacks_due();
    }

    fn end_outbound(&self, adviser: UserId, callback: CallbackId) {
        self.switchboard.end_outbound(adviser, callback, self.clock.now());
        self.switchboard.callbacks_due();
    }
}
