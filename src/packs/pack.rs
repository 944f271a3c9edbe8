//! A composed pack, and one printing of it.

use super::compose::DocumentPages;
use super::wanted::Wanted;
use crate::error::{Error, Result};
use crate::formats::Language;
use crate::ids::{ClaimId, ClientId, DefinitionVersion, PackId, PrintJobId, SiteId, UserId};
use chrono::{DateTime, Utc};

/// The bundle for one client. Its PDF never changes: a later change makes a new pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    pub id: PackId,
    /// What it is about.
    pub wanted: Wanted,
    pub client_id: ClientId,
    /// None of a letter to somebody who has not claimed yet.
    pub claim_id: Option<ClaimId>,
    /// How many answers had been given and changed when it was composed: it shows the claim as it stood then.
    pub claim_revision: Option<u32>,
    pub definition_version: DefinitionVersion,
    pub language: Language,
    pub large_print: bool,
    /// What it was composed from: the answers' revisions and the meeting.
    pub source_key: String,
    pub site: SiteId,
    /// What the client quotes on the phone, printed on each page.
    pub reference: String,
    pub pages: u32,
    /// Printed on both sides, each document on a sheet of its own.
    pub sheets: u32,
    pub documents: Vec<DocumentPages>,
    pub sha256: String,
    pub composed_at: DateTime<Utc>,
    /// The older pack that it takes the place of.
    pub replaces: Option<PackId>,
}

/// One printing of a pack: queued, leased by a print room, printed, posted.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintJob {
    pub id: PrintJobId,
    pub pack_id: PackId,
    pub site: SiteId,
    pub state: PrintState,
    /// Counts the leases, and so tells a late report of a lost lease from the present one.
    pub attempt: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintState {
    Queued,
    /// This print room has it until then; afterwards it is anybody's.
    Leased {
        by: UserId,
        until: DateTime<Utc>,
    },
    Printed {
        at: DateTime<Utc>,
    },
    Posted {
        printed_at: DateTime<Utc>,
        at: DateTime<Utc>,
    },
}

impl PrintJob {
    /// The lease's holder has printed it. A lease that ran out is still good while nobody else has taken the job.
    pub fn print(&mut self, by: UserId, attempt: i32, now: DateTime<Utc>) -> Result<()> {
        match self.state {
            PrintState::Printed { .. } | PrintState::Posted { .. } if attempt == self.attempt => Ok(()),
            PrintState::Leased { by: holder, .. } if attempt == self.attempt && holder == by => {
                self.state = PrintState::Printed { at: now };
                Ok(())
            }
            _ => Err(Error::illegal(
                "LEASE_LOST",
                "the lease of this print job ran out and another has it: destroy the copy that was printed",
            )),
        }
    }

    pub fn post(&mut self, now: DateTime<Utc>) -> Result<()> {
        match self.state {
            PrintState::Posted { .. } => Ok(()),
            PrintState::Printed { at: printed_at } => {
                self.state = PrintState::Posted { printed_at, at: now };
                Ok(())
            }
            _ => Err(Error::illegal("NOT_PRINTED", "this print job has not been reported printed")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_print_room_that_lost_its_lease_cannot_report_the_copy() {
        let now: DateTime<Utc> = "2026-03-04T15:00:00Z".parse().unwrap();
        let (taunton, cwmbran) = (UserId::fresh(now), UserId::fresh(now));
        let mut job = PrintJob {
            id: PrintJobId::fresh(now),
            pack_id: PackId::fresh(now),
            site: "somerset".into(),
            state: PrintState::Leased { by: cwmbran, until: now + TimeDelta::minutes(5) },
            attempt: 2,
        };
        assert!(job.print(taunton, 1, now).is_err());
        assert!(job.post(now).is_err());
        job.print(cwmbran, 2, now + TimeDelta::hours(1)).unwrap();
        job.print(cwmbran, 2, now + TimeDelta::hours(1)).unwrap();
        job.post(now).unwrap();
        assert!(matches!(job.state, PrintState::Posted { .. }));
    }
}
