//! An adviser's status, and who or what made it so: no status changes without its cause.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;

/// What the adviser chose, or what was done with them since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    SignedOut,
    Available,
    OnBreak { reason: BreakReason },
}

/// Why somebody is on a break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BreakReason {
    /// Nobody is offered calls before they say that they are ready.
    JustSignedIn,
    Declined,
    MissedOffers,
    /// No call gets to their telephone.
    Unreachable,
    /// Asked whether a long conversation goes on, they said nothing.
    NoWord,
    /// Somebody who leads the site ended what they were in.
    Freed,
    /// Nothing is heard of their desk, which used to say that it is there.
    DeskSilent,
    /// Their desk's stream is lost.
    DeskGone,
    /// In the adviser's own words.
    Chosen(Arc<str>),
}

impl BreakReason {
    /// The words for it, as the desks and the supervisors know them.
    pub fn words(&self) -> &str {
        match self {
            Self::JustSignedIn => "just signed in",
            Self::Declined => "declined",
            Self::MissedOffers => "missed offers",
            Self::Unreachable => "telephone not reached",
            Self::NoWord => "no word about a long conversation",
            Self::Freed => "freed by a supervisor",
            Self::DeskSilent => "nothing heard of the desk",
            Self::DeskGone => "the desk is gone",
            Self::Chosen(words) => words,
        }
    }

    /// It ends by itself when the desk is there again, since nothing else had made its adviser unavailable.
    fn ends_with_the_desk_back(&self) -> bool {
        match self {
            Self::DeskSilent | Self::DeskGone => true,
            Self::JustSignedIn
            | Self::Declined
            | Self::MissedOffers
            | Self::Unreachable
            | Self::NoWord
            | Self::Freed
            | Self::Chosen(_) => false,
        }
    }
}

/// Who or what made a status what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StatusCause {
    SignedIn,
    Chosen,
    /// While they had a call or made a call-back: it takes effect when that is over.
    ChosenDuringCall,
    /// The same, and it is over.
    AfterCall,
    Declined,
    SignedOut,
    /// Somebody who leads the site.
    Supervisor {
        by: Arc<str>,
    },
    /// Somebody else signed in with their telephone.
    TelephoneTaken {
        by: Arc<str>,
    },
    MissedOffers,
    Unreachable,
    NoWord,
    DeskSilent,
    DeskGone,
    CameBack,
}

impl StatusCause {
    /// The name of whoever made it so, given the adviser's own; none when the system did.
    pub fn by<'a>(&'a self, adviser: &'a str) -> Option<&'a str> {
        match self {
            Self::SignedIn
            | Self::Chosen
            | Self::ChosenDuringCall
            | Self::AfterCall
            | Self::Declined
            | Self::SignedOut => Some(adviser),
            Self::Supervisor { by } | Self::TelephoneTaken { by } => Some(by),
            Self::MissedOffers
            | Self::Unreachable
            | Self::NoWord
            | Self::DeskSilent
            | Self::DeskGone
            | Self::CameBack => None,
        }
    }
}

/// What an adviser's status is now, and how it came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentStatus {
    status: Status,
    cause: StatusCause,
    since: DateTime<Utc>,
    /// Changes so far, so that two at one moment are two.
    changes: u32,
}

impl CurrentStatus {
    /// Of somebody who is about to sign in.
    pub fn signed_out(now: DateTime<Utc>) -> Self {
        Self { status: Status::SignedOut, cause: StatusCause::SignedOut, since: now, changes: 0 }
    }

    pub fn get(&self) -> &Status {
        &self.status
    }

    pub fn cause(&self) -> &StatusCause {
        &self.cause
    }

    pub fn since(&self) -> DateTime<Utc> {
        self.since
    }

    pub fn changes(&self) -> u32 {
        self.changes
    }

    pub fn is_available(&self) -> bool {
        self.status == Status::Available
    }

    pub fn is_signed_out(&self) -> bool {
        self.status == Status::SignedOut
    }

    /// On a break that ends by itself when the desk is there again.
    pub fn awaits_the_desk(&self) -> bool {
        matches!(&self.status, Status::OnBreak { reason } if reason.ends_with_the_desk_back())
    }

    /// Available, or to be so as soon as the desk is there again.
    pub fn means_to_be_available(&self) -> bool {
        self.is_available() || self.awaits_the_desk()
    }

    /// Nothing changes when it is so already: who made it so stands.
    pub fn change(&mut self, status: Status, cause: StatusCause, now: DateTime<Utc>) {
        if self.status != status {
            *self = Self { status, cause, since: now, changes: self.changes.wrapping_add(1) };
        }
    }

    /// What was chosen during the call that is over now takes effect.
    pub fn call_over(&mut self, now: DateTime<Utc>) {
        if self.cause == StatusCause::ChosenDuringCall {
            self.cause = StatusCause::AfterCall;
            self.since = now;
            self.changes = self.changes.wrapping_add(1);
        }
    }

    /// The clock was set by so much while no time passed.
    pub fn clock_was_set(&mut self, by: TimeDelta) {
        let Self { status: _, cause: _, since, changes: _ } = self;
        *since = since.checked_add_signed(by).unwrap_or(*since);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_keeps_who_made_it_so_until_it_is_another() {
        let noon = DateTime::from_timestamp(986_040_000, 0).unwrap();
        let mut status = CurrentStatus::signed_out(noon);
        let supervisor = StatusCause::Supervisor { by: "Sunil".into() };
        let freed = Status::OnBreak { reason: BreakReason::Freed };
        status.change(freed.clone(), supervisor.clone(), noon + TimeDelta::minutes(1));
        status.change(freed, StatusCause::Chosen, noon + TimeDelta::minutes(2));
        assert_eq!((status.cause(), status.since()), (&supervisor, noon + TimeDelta::minutes(1)));
        assert_eq!((status.cause().by("Asha"), StatusCause::Chosen.by("Asha")), (Some("Sunil"), Some("Asha")));
        assert_eq!(StatusCause::MissedOffers.by("Asha"), None);
    }
}
