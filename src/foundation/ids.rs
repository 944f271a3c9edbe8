//! Ids as newtypes, so that a client's id can never be passed where a claim's is meant.
//!
//! Record ids are UUID v7: they sort by the time they were made, which keeps indexes compact. Site and office ids are
//! the short names an operator chose in the service definition.

use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

macro_rules! record_ids {
    ($($(#[$doc:meta])* $name:ident $what:literal,)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub Uuid);

        impl $name {
            pub const WHAT: &'static str = $what;

            /// A new id, made at `now`.
            pub fn fresh(now: DateTime<Utc>) -> Self {
                Self(fresh_uuid(now))
            }

            /// Reads an id that came in from outside; `field` names where it stood.
            pub fn parse(field: &str, text: &str) -> Result<Self> {
                Uuid::parse_str(text)
                    .map(Self)
                    .map_err(|_| Error::invalid(field, no_id_of($what)))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

record_ids! {
    /// Somebody who holds an access token: an adviser, a personal adviser, a switch, a print room.
    UserId "user",
    /// A role that somebody was given at a place.
    DutyId "duty",
    TokenId "token",
    ClientId "client",
    /// One conversation.
    CallId "call",
    /// A call presented to one adviser.
    OfferId "offer",
    CallbackId "call-back",
    /// A place kept for a client who is still thinking about a call-back.
    CallbackHoldId "hold of a call-back",
    /// A caller who gave up waiting and is to be rung.
    MissedCallerId "missed caller",
    /// The declared loss of a site.
    ContingencyId "contingency",
    /// One run of the program, as a writer of call records.
    WriterId "writer",
    WalkId "walk",
    ClaimId "claim",
    /// What a benefits expert asks about a claim.
    QueryId "query",
    /// A first meeting put off or done without.
    DecisionId "decision about a meeting",
    AppointmentId "appointment",
    /// One line of a plan of reminders, for one appointment.
    ReminderId "reminder",
    /// A calendar behind a secret address.
    FeedId "calendar feed",
    /// Meetings booked together, week after week.
    SeriesId "series",
    /// Leave, sickness or an event laid over somebody's hours.
    BlockId "block",
    /// Something that somebody has to do after a meeting, or after none.
    StepId "step",
    /// A client's place on the list of those who would come sooner.
    StandbyId "place on the standby list",
    /// Freed time kept for one of them.
    StandbyOfferId "offer of an earlier time",
    PhoneAttemptId "telephone attempt",
    PackId "pack",
    /// Something to be composed that cannot be printed as it is.
    PackExceptionId "pack exception",
    PrintJobId "print job",
    /// What a print room reported and then corrected.
    CorrectionId "correction of a report",
    JobId "job",
    AuditId "audit line",
    /// Somebody's look at a record.
    LookId "look",
    /// A record that somebody asked for outside of their work.
    RecordRequestId "request for a record",
    RequestId "request",
}

fn no_id_of(what: &str) -> String {
    let article = if what.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("is not the id of {article} {what}")
}

fn fresh_uuid(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, now.timestamp_subsec_nanos()))
}

macro_rules! named_ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn new(name: &str) -> Self {
                Self(name.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self::new(name)
            }
        }
    )*};
}

named_ids! {
    /// A call centre of the network, as the service definition names it: `somerset`.
    SiteId,
    /// An office where personal advisers meet clients: `frome`.
    OfficeId,
    /// An agency that claims are handed over to, as the service definition names it: `BA`.
    AgencyId,
    /// A question of the claim form or of a script: `B2`.
    QuestionId,
    /// The content hash of one service definition.
    DefinitionVersion,
}
