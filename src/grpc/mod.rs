//! The gRPC door: parse, call the room's verb, convert. It holds no rules.
//!
//! tonic and the generated types stay in here. One port serves the API, health, reflection and gRPC-Web.

mod callbacks;
mod claims;
mod clients;
mod convert;
mod definitions;
mod desk;
mod diary;
mod fault;
mod floor;
mod gate;
mod mutation;
mod packs;
pub mod pb;
mod routing;
mod scripts;
mod server;

pub use gate::MethodRoles;
pub use server::{Server, serve};

use crate::access::Directory;
use crate::claims::Autosave;
use crate::clock::Clock;
use crate::definition::Definitions;
use crate::ids::{CallbackId, UserId};
use crate::packs::Composers;
use crate::routing::Switchboard;
use crate::store::Store;
use std::sync::Arc;
use tokio::sync::Notify;

/// What the services share. `app.rs` makes it.
pub struct Shared {
    pub store: Store,
    pub clock: Clock,
    pub directory: Arc<Directory>,
    pub definitions: Arc<Definitions>,
    pub autosave: Autosave,
    pub composers: Arc<Composers>,
    pub switchboard: Arc<Switchboard>,
    /// Wakes the worker when a transaction has left it something to do.
    pub jobs_waiting: Arc<Notify>,
}

impl Shared {
    fn start_outbound(&self, adviser: UserId, callback: CallbackId) {
        self.switchboard.start_outbound(adviser, callback, self.clock.now());
        self.switchboard.callbacks_due();
    }

    fn end_outbound(&self, adviser: UserId, callback: CallbackId) {
        self.switchboard.end_outbound(adviser, callback, self.clock.now());
        self.switchboard.callbacks_due();
    }
}
