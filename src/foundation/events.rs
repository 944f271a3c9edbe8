//! What a committed transaction has to tell the rest of the process. A room's store says it where it writes
//! ([`crate::store::Db::after_commit`]), so that no verb can forget it; the store delivers it when the commit is durable,
//! and a transaction that is undone tells nothing.
//!
//! Memory only, and at most once: whoever is told looks the thing up, and looks again by itself after a while, because
//! another process may have changed it, and this one may die between the commit and the telling.

use crate::ids::{CallbackId, ClaimId, ClientId, OfficeId, SiteId, UserId};

/// What somebody may look at, to be told when it changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Topic {
    /// The claim, its answers, evidence, queries, meeting and handovers.
    Claim(ClaimId),
    /// The client record.
    Client(ClientId),
    /// An office's appointments.
    Office(OfficeId),
    /// A personal adviser's appointments.
    Person(UserId),
    /// What a print room has to print and post, its printers and its exceptions.
    PrintRoom(SiteId),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Changed(Topic),
    /// There is a job to be done.
    JobQueued,
    /// A meeting's time may have become free: it is offered to whoever would come sooner.
    TimeFreed,
    /// When somebody's next promised call-back begins: the floors keep them for it.
    CommitmentsChanged,
    /// Which call-backs are due now, and for whom.
    DueCallbacksChanged,
    /// The adviser is making this call-back, and takes no calls.
    OutboundStarted {
        adviser: UserId,
        callback: CallbackId,
    },
    /// The adviser has ended this try at it.
    OutboundEnded {
        adviser: UserId,
        callback: CallbackId,
    },
    /// A site is declared lost, or is back.
    ContingencyChanged,
    /// What somebody may do, or how they show who they are.
    PersonChanged(UserId),
    /// A pack or a letter was composed and kept.
    PackComposed,
    /// One cannot be printed as it is.
    PackRefused,
}

impl From<Topic> for Event {
    fn from(topic: Topic) -> Self {
        Self::Changed(topic)
    }
}
