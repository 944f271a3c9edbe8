//! What is to be erased of records that are old enough, and why others of that age stay. Pure.

use chrono::{DateTime, Utc};
use startline_foundation::store::Aged;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use uuid::Uuid;

/// Why a record stays, however old it is. The first that holds is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    ClaimUnderway,
    Meeting,
    Callback,
    OwedLetter,
    Walk,
    Query,
    Step,
    Standby,
    BuiltOn,
    Printing,
    Unprintable,
    RecordRequest,
    PlaceHeld,
    MissedCaller,
    Ringing,
    Unsent,
    Job,
    Younger,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClaimUnderway => "a claim is on its way",
            Self::Meeting => "a meeting is held or booked, or nobody recorded how it ended",
            Self::Callback => "a call-back is promised, or waits for a number or a visit",
            Self::OwedLetter => "a letter is owed",
            Self::Walk => "a walk is not finished",
            Self::Query => "a query is not settled",
            Self::Step => "a step is to be done",
            Self::Standby => "the client is on the standby list",
            Self::BuiltOn => "a claim that is on its way builds on it",
            Self::Printing => "it is to be printed or posted",
            Self::Unprintable => "something that could not be printed is not settled",
            Self::RecordRequest => "a request for the record is open",
            Self::PlaceHeld => "a place for a call-back is kept",
            Self::MissedCaller => "a missed caller is to be rung",
            Self::Ringing => "a call is under way",
            Self::Unsent => "a reminder is to be sent",
            Self::Job => "a job is to be done, or failed and was not dropped",
            Self::Younger => "something of the client is younger",
        })
    }
}

/// Why records stay: each with a reason; one may have several.
pub type Holds = Vec<(Uuid, Why)>;

/// The records that are to be erased, and for each of the others why not.
pub fn sort(aged: &[Aged], holds: &[(Uuid, Why)]) -> (Vec<Aged>, Vec<Why>) {
    let mut first: HashMap<Uuid, Why> = HashMap::new();
    for (id, why) in holds {
        first.entry(*id).and_modify(|so_far| *so_far = (*so_far).min(*why)).or_insert(*why);
    }
    let (mut due, mut stay) = (Vec::new(), Vec::new());
    for record in aged {
        match first.get(&record.id) {
            Some(why) => stay.push(*why),
            None => due.push(*record),
        }
    }
    (due, stay)
}

/// How much there is to erase of one sort of record, from when, and why others stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub due: usize,
    pub oldest: Option<DateTime<Utc>>,
    pub newest: Option<DateTime<Utc>>,
    pub stay: BTreeMap<Why, usize>,
}

impl Tally {
    pub fn add(&mut self, due: &[Aged], stay: &[Why]) {
        self.due += due.len();
        for record in due {
            self.oldest = Some(self.oldest.map_or(record.at, |oldest| oldest.min(record.at)));
            self.newest = Some(self.newest.map_or(record.at, |newest| newest.max(record.at)));
        }
        for why in stay {
            *self.stay.entry(*why).or_default() += 1;
        }
    }

    /// The same of more of them.
    pub fn merge(&mut self, more: Self) {
        self.due += more.due;
        self.oldest = self.oldest.into_iter().chain(more.oldest).min();
        self.newest = self.newest.into_iter().chain(more.newest).max();
        for (why, count) in more.stay {
            *self.stay.entry(why).or_default() += count;
        }
    }

    /// How many stay, for whatever reason.
    pub fn staying(&self) -> usize {
        self.stay.values().sum()
    }
}

#[cfg(test)]
#[path = "due_tests.rs"]
mod tests;
