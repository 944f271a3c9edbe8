//! The service between the doors and the rooms: what there is in this process, and what belongs to every use of it.
//!
//! A door parses, calls the service and converts. A mutation goes through [`Runner::mutate`], which begins the
//! transaction, answers a replay, tries again after a lost race, keeps the answer and commits; what the transaction has to
//! tell is delivered with the commit (`delivery.rs`). A verb cannot forget any of it, and neither can a second door. Reads
//! go through [`Service::read`]: one snapshot. What spans rooms in one transaction is a use case with a name
//! ([`use_cases`]), and what follows from a change for all that rests on it stands in one table ([`consequences`]); what happens
//! without anybody asking is a worker's ([`workers`]).

mod browsers;
pub mod consequences;
mod delivery;
pub mod methods;
mod mutation;
mod searches;
mod sign_in;
pub mod telemetry;
pub mod use_cases;
pub mod workers;

pub use browsers::{Browsers, NotSignedIn, Offered, first_password};
pub use mutation::{KeptAnswer, Operation, Runner, Work, within};
pub use sign_in::SignIn;
pub use use_cases::contingencies::PendingDeclarations;

use chrono::{DateTime, TimeDelta, Utc};
use searches::Searches;
use startline_definition::Definitions;
use startline_foundation::clock::Clock;
use startline_foundation::config::RetentionConfig;
use startline_foundation::connections::Told;
use startline_foundation::error::Result;
use startline_foundation::store::{Reader, Store};
use startline_foundation::subscriptions::Subscriptions;
use startline_foundation::supervision::Panics;
use startline_packs::Composers;
use startline_rooms::access::Directory;
use startline_rooms::claims::Autosave;
use startline_rooms::contingency::NotifiedLosses;
use startline_rooms::records::LookLog;
use startline_routing::Switchboard;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{Notify, watch};
use workers::Rounds;

/// What there is of the world outside.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// Under which the web door is reached, when there is one.
    pub web_url: Option<String>,
    /// Whether texts and letters are sent.
    pub sends_reminders: bool,
    /// Where this process writes down who looks at what, until it is in the database.
    pub looks_folder: PathBuf,
    /// How long a token holds for which nobody names an end.
    pub token_lasts: TimeDelta,
    /// How long records are kept.
    pub retention: RetentionConfig,
    /// Whether somebody may watch: then what is in the database is looked at every few seconds.
    pub is_watched: bool,
}

/// What every door and worker of this process shares. `app.rs` makes it.
pub struct Service {
    pub store: Store,
    pub clock: Clock,
    pub runner: Runner,
    pub directory: Arc<Directory>,
    /// Accounts of the organisation's provider, where there is one.
    pub sign_in: Option<Arc<SignIn>>,
    /// Who looked at what, on its way into the database.
    pub looks: LookLog,
    /// Whose work claims are.
    pub sites_of_claims: use_cases::reach::SitesOfClaims,
    /// How often each looks for clients.
    pub searches: Searches,
    /// That somebody guesses passwords is told once a minute.
    guessing: Told,
    pub definitions: Arc<Definitions>,
    pub autosave: Autosave,
    /// Who looks at what now.
    pub subscriptions: Subscriptions,
    pub composers: Arc<Composers>,
    pub switchboard: Arc<Switchboard>,
    /// The lost sites that the floors have been told of.
    pub told: NotifiedLosses,
    /// Losses declared while the database was away.
    pub pending: PendingDeclarations,
    pub outside: Outside,
    pub panics: Panics,
    /// How the workers' rounds went.
    pub rounds: Rounds,
    /// What the doors and the commits count.
    pub counts: telemetry::Counts,
    /// What was in the database when it was looked at last.
    pub figures: telemetry::Newest,
    pub started_at: DateTime<Utc>,
    /// What can be done now.
    pub readiness: watch::Sender<workers::Readiness>,
    /// Wakes the worker that does jobs.
    pub job_queued: Arc<Notify>,
    /// Wakes the worker that asks clients whether they would come sooner.
    pub time_freed: Arc<Notify>,
}

/// What [`Service::new`] is made of.
pub struct Parts {
    pub store: Store,
    pub clock: Clock,
    pub definitions: Arc<Definitions>,
    pub autosave: Autosave,
    pub switchboard: Arc<Switchboard>,
    pub outside: Outside,
    pub sign_in: Option<SignIn>,
}

/// How far ahead call-backs are that the floors are told of: longer than any call takes.
const COMMITMENTS_AHEAD: TimeDelta = TimeDelta::hours(4);

impl Service {
    /// The service, which hears from now on what the store's transactions have to tell.
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { store, clock, definitions, autosave, switchboard, outside, sign_in } = parts;
        let service = Arc::new(Self {
            started_at: clock.now(),
            runner: Runner::new(store.clone(), clock.clone()),
            directory: Arc::new(Directory::new(store.clone())),
            sign_in: sign_in.map(Arc::new),
            sites_of_claims: use_cases::reach::SitesOfClaims::default(),
            searches: Searches::default(),
            guessing: Told::default(),
            looks: LookLog::new(outside.looks_folder.clone()),
            store,
            clock,
            definitions,
            autosave,
            subscriptions: Subscriptions::default(),
            composers: Arc::default(),
            switchboard,
            told: NotifiedLosses::default(),
            pending: PendingDeclarations::default(),
            outside,
            panics: Panics::default(),
            rounds: Rounds::default(),
            counts: telemetry::Counts::default(),
            figures: telemetry::Newest::default(),
            readiness: watch::Sender::new(workers::Readiness { database: true, floor: true }),
            job_queued: Arc::default(),
            time_freed: Arc::default(),
        });
        service.store.deliver_to(delivery::Delivery::to(&service));
        service
    }

    /// One snapshot to read from.
    pub async fn read(&self) -> Result<Reader> {
        self.store.read().await
    }

    /// Tells the floors when each adviser's next promised call-back begins. What they were told before holds when the
    /// database is away.
    pub async fn tell_commitments(&self) -> Result<()> {
        let now = self.clock.now();
        let mut reader = self.read().await?;
        let commitments =
            startline_rooms::callbacks::commitments(&mut reader.db(), now, now + COMMITMENTS_AHEAD).await?;
        self.switchboard.set_commitments(&commitments, now);
        Ok(())
    }

    /// Before a stop: whoever looks at something is told, and floors take no new calls.
    pub fn stop_watching(&self) {
        self.switchboard.stop(self.clock.now());
        self.subscriptions.stop();
    }
}
