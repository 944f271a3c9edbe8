//! The check of a claim at one meeting: open, somebody's, or said to be complete. Pure.

use crate::claims::Query;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::ids::{AppointmentId, ClaimId, OfficeId, UserId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub appointment_id: AppointmentId,
    pub claim_id: ClaimId,
    pub office: OfficeId,
    /// When the client came, or the meeting was held; none before. From then on it is counted.
    pub opened_at: Option<DateTime<Utc>>,
    /// None where nobody recorded it.
    pub arrived_at: Option<DateTime<Utc>>,
    pub stands: Stands,
    /// Counts the changes, from 1; 0 while nothing is kept of it.
    pub version: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    Open,
    Taken(Taken),
    /// By whoever had it.
    Complete {
        taken: Taken,
        at: DateTime<Utc>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// Why a check is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    NotTaken,
    /// By somebody else.
    Taken(Taken),
    Complete(Taken, DateTime<Utc>),
    /// It is not what was seen any more.
    Stale,
}

impl Check {
    pub fn taken(&self) -> Option<Taken> {
        match self.stands {
            Stands::Open => None,
            Stands::Taken(taken) | Stands::Complete { taken, .. } => Some(taken),
        }
    }

    pub fn completed_at(&self) -> Option<DateTime<Utc>> {
        match self.stands {
            Stands::Complete { at, .. } => Some(at),
            Stands::Open | Stands::Taken(_) => None,
        }
    }

    /// Whoever has it already keeps it: false.
    pub fn take(&mut self, by: UserId, seen: i32, now: DateTime<Utc>) -> Result<bool, Refused> {
        match self.stands {
            Stands::Complete { taken, at } => Err(Refused::Complete(taken, at)),
            Stands::Taken(taken) if taken.by == by => Ok(false),
            Stands::Taken(taken) => Err(Refused::Taken(taken)),
            Stands::Open => {
                self.is_seen(seen)?;
                self.stand(Stands::Taken(Taken { by, at: now }));
                Ok(true)
            }
        }
    }

    /// Their own, or anybody's for whoever leads.
    pub fn hand_back(&mut self, by: UserId, leads: bool, seen: i32) -> Result<(), Refused> {
        match self.stands {
            Stands::Open => Err(Refused::NotTaken),
            Stands::Complete { taken, at } => Err(Refused::Complete(taken, at)),
            Stands::Taken(taken) if taken.by != by && !leads => Err(Refused::Taken(taken)),
            Stands::Taken(_) => {
                self.is_seen(seen)?;
                self.stand(Stands::Open);
                Ok(())
            }
        }
    }

    /// What is still open is for the caller to see first.
    pub fn complete(&mut self, by: UserId, seen: i32, now: DateTime<Utc>) -> Result<(), Refused> {
        match self.stands {
            Stands::Open => Err(Refused::NotTaken),
            Stands::Complete { taken, at } => Err(Refused::Complete(taken, at)),
            Stands::Taken(taken) if taken.by != by => Err(Refused::Taken(taken)),
            Stands::Taken(taken) => {
                self.is_seen(seen)?;
                self.stand(Stands::Complete { taken, at: now });
                Ok(())
            }
        }
    }

    /// Something of the claim changed since it was complete: it is its holder's again. False when it was not.
    pub fn reopen(&mut self) -> bool {
        match self.stands {
            Stands::Complete { taken, .. } => {
                self.stand(Stands::Taken(taken));
                true
            }
            Stands::Open | Stands::Taken(_) => false,
        }
    }

    fn is_seen(&self, seen: i32) -> Result<(), Refused> {
        if seen == self.version { Ok(()) } else { Err(Refused::Stale) }
    }

    fn stand(&mut self, stands: Stands) {
        self.stands = stands;
        self.version += 1;
    }
}

/// How a check is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Expected,
    Waiting,
    Taken,
    Asked,
    Answered,
    Complete,
    Lodged,
}

/// What a check is shown by.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    pub stands: Stands,
    pub is_here: bool,
    pub is_lodged: bool,
    pub open: &'a [Query],
    pub answered: &'a [Query],
}

impl Seen<'_> {
    pub fn shown(&self) -> Shown {
        match self.stands {
            _ if self.is_lodged => Shown::Lodged,
            Stands::Complete { .. } => Shown::Complete,
            Stands::Taken(_) if !self.open.is_empty() => Shown::Asked,
            Stands::Taken(_) if !self.answered.is_empty() => Shown::Answered,
            Stands::Taken(_) => Shown::Taken,
            Stands::Open if self.is_here => Shown::Waiting,
            Stands::Open => Shown::Expected,
        }
    }
}

/// Of a claim's queries those that are open, and those that whoever has the check asked since and that are answered.
pub fn queries_of(all: Vec<Query>, taken: Option<Taken>) -> (Vec<Query>, Vec<Query>) {
    let (open, settled): (Vec<Query>, Vec<Query>) = all.into_iter().partition(Query::is_open);
    let is_theirs =
        |query: &Query| taken.is_some_and(|taken| query.raised_by == taken.by && query.raised_at >= taken.at);
    (open, settled.into_iter().filter(is_theirs).collect())
}

/// Whole minutes from one moment to another.
pub fn minutes(from: DateTime<Utc>, until: DateTime<Utc>) -> u32 {
    u32::try_from((until - from).max(TimeDelta::zero()).num_minutes()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> DateTime<Utc> {
        "2026-03-03T10:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
    }

    fn open() -> Check {
        Check {
            appointment_id: AppointmentId::fresh(at(0)),
            claim_id: ClaimId::fresh(at(0)),
            office: "frome".into(),
            opened_at: Some(at(0)),
            arrived_at: Some(at(0)),
            stands: Stands::Open,
            version: 1,
        }
    }

    proptest! {
        /// Whatever two experts and a team leader try in whatever order: one has it, only they complete it, a version that was
        /// not seen changes nothing, and a refusal leaves everything as it was.
        #[test]
        fn one_has_a_check_at_a_time(moves in prop::collection::vec((0..4_usize, 0..3_usize, any::<bool>()), 0..40)) {
            let people: Vec<UserId> = (0..3).map(|n| UserId(uuid::Uuid::from_u128(n))).collect();
            let mut check = open();
            for (what, who, is_fresh) in moves {
                let (before, by) = (check.clone(), people[who]);
                let seen = if is_fresh { check.version } else { check.version - 1 };
                let done = match what {
                    0 => check.take(by, seen, at(1)).map(|_| ()),
                    1 => check.hand_back(by, who == 2, seen),
                    2 => check.complete(by, seen, at(2)),
                    _ => { check.reopen(); Ok(()) }
                };
                let holder = before.taken().map(|taken| taken.by);
                let changed = check != before;
                prop_assert_eq!(check.version, before.version + i32::from(changed));
                if done.is_err() {
                    prop_assert!(!changed);
                }
                if changed && what < 3 {
                    prop_assert!(is_fresh, "what nobody saw was changed");
                    prop_assert!(holder.is_none() || holder == Some(by) || (what == 1 && who == 2));
                }
                if let Some(at) = check.completed_at() {
                    prop_assert_eq!((at, check.taken().is_some()), (super::tests::at(2), true));
                }
            }
        }
    }

    #[test]
    fn a_check_is_shown_by_who_has_it_and_what_was_asked() {
        let taken = Taken { by: UserId(uuid::Uuid::nil()), at: at(1) };
        let query = |raised_at, state| Query {
            id: startline_foundation::ids::QueryId::fresh(raised_at),
            claim_id: ClaimId::fresh(at(0)),
            question_id: None,
            text: "Which card?".into(),
            raised_by: taken.by,
            raised_at,
            state,
        };
        let settled = |raised_at| {
            query(raised_at, crate::claims::QueryState::Settled { by: taken.by, at: at(3), outcome: "this".into() })
        };
        let open = query(at(2), crate::claims::QueryState::Open);
        let shown = |stands, is_here, is_lodged, all: Vec<Query>| {
            let holder = match stands {
                Stands::Open => None,
                _ => Some(taken),
            };
            let (open, answered) = queries_of(all, holder);
            Seen { stands, is_here, is_lodged, open: &open, answered: &answered }.shown()
        };
        let complete = Stands::Complete { taken, at: at(4) };
        assert_eq!(shown(Stands::Open, false, false, vec![]), Shown::Expected);
        assert_eq!(shown(Stands::Open, true, false, vec![open.clone()]), Shown::Waiting);
        assert_eq!(shown(Stands::Taken(taken), true, false, vec![]), Shown::Taken);
        assert_eq!(shown(Stands::Taken(taken), true, false, vec![open.clone(), settled(at(2))]), Shown::Asked);
        assert_eq!(shown(Stands::Taken(taken), true, false, vec![settled(at(2))]), Shown::Answered);
        // What was asked before they took it is nobody's answer to them.
        assert_eq!(shown(Stands::Taken(taken), true, false, vec![settled(at(0))]), Shown::Taken);
        assert_eq!(shown(complete, true, false, vec![settled(at(2))]), Shown::Complete);
        assert_eq!(shown(complete, true, true, vec![]), Shown::Lodged);
    }
}
