//! `[retention]`: how long each kind of record is kept, in days after it was over. A kind that is not named is kept for ever,
//! so that nothing is erased unless somebody said so. Whatever is still under way stays, however old it is.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use std::fmt;

/// The kinds of records that go together, as whoever runs a service thinks of them. In this order they are erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Reminders,
    Documents,
    Callbacks,
    Claims,
    Clients,
    Calls,
    Jobs,
    AccessLog,
    People,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::Reminders,
        Self::Documents,
        Self::Callbacks,
        Self::Claims,
        Self::Clients,
        Self::Calls,
        Self::Jobs,
        Self::AccessLog,
        Self::People,
    ];

    /// The name of its setting.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reminders => "reminders",
            Self::Documents => "documents",
            Self::Callbacks => "callbacks",
            Self::Claims => "claims",
            Self::Clients => "clients",
            Self::Calls => "calls",
            Self::Jobs => "jobs",
            Self::AccessLog => "access_log",
            Self::People => "people",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whole days each, from 1 to [`MOST_DAYS`]; none keeps that kind for ever.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionConfig {
    /// Reminders that were sent, rung or dropped: the rows go. That a meeting was reminded of is not known afterwards.
    pub reminders: Option<u32>,
    /// Packs and letters that were posted, handed over or called off: the PDF, what is in it, where it was sent, and what
    /// people wrote about its printing. Pages, batches and days of post stay for the print rooms' figures.
    pub documents: Option<u32>,
    /// Call-backs that are over: number, notes, wishes, and the letters about them. Site, times, tries and how it ended stay
    /// for the figures.
    pub callbacks: Option<u32>,
    /// Claims that were handed over or withdrawn: answers, amendments, walks, evidence, queries, notes about meetings and
    /// missed ones, life events, packs. Site, times, states and who decided stay for the figures.
    pub claims: Option<u32>,
    /// Clients of whom nothing is under way, by the newest that they have: name, birth, numbers, addresses, needs and their
    /// history, with whatever else there is of them. The number of the record, its site and the days of contact stay.
    pub clients: Option<u32>,
    /// Calls that are over: the caller's number and the switch's name for the call. The times stay for the figures. Callers
    /// who gave up and were rung, and walks that belong to nobody, go whole.
    pub calls: Option<u32>,
    /// Jobs that were done or dropped: the rows go. One that failed stays until somebody drops it.
    pub jobs: Option<u32>,
    /// Who looked at what and who did what: whole seals, from the first on; and closed requests for records. What is left
    /// can still be checked against the chain.
    pub access_log: Option<u32>,
    /// What staff could do once: duties that are over, tokens that ended, and hours off with their notes. The people
    /// themselves stay, because what they did names them.
    pub people: Option<u32>,
}

/// A hundred years.
const MOST_DAYS: u32 = 36_500;
/// The first answers to requests hold what they were about, and are kept for 14 days.
const FEWEST_DAYS_OF_CLIENTS: u32 = 30;

impl RetentionConfig {
    pub fn days(&self, kind: Kind) -> Option<u32> {
        match kind {
            Kind::Reminders => self.reminders,
            Kind::Documents => self.documents,
            Kind::Callbacks => self.callbacks,
            Kind::Claims => self.claims,
            Kind::Clients => self.clients,
            Kind::Calls => self.calls,
            Kind::Jobs => self.jobs,
            Kind::AccessLog => self.access_log,
            Kind::People => self.people,
        }
    }

    /// Each kind that is not kept for ever, with the moment before which it is erased.
    pub fn limits(&self, now: DateTime<Utc>) -> Vec<(Kind, DateTime<Utc>)> {
        let limit = |kind: Kind| Some((kind, now - TimeDelta::days(self.days(kind)?.into())));
        Kind::ALL.into_iter().filter_map(limit).collect()
    }

    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self) -> Result<(), String> {
        for kind in Kind::ALL {
            if self.days(kind).is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
                return Err(format!("retention.{kind} must be from 1 to {MOST_DAYS} days"));
            }
        }
        let Some(clients) = self.clients else { return Ok(()) };
        if clients < FEWEST_DAYS_OF_CLIENTS {
            return Err(format!("retention.clients must be at least {FEWEST_DAYS_OF_CLIENTS} days"));
        }
        // A client's record takes the rest of it along, and calls and jobs may tell of them as well.
        for kind in [Kind::Reminders, Kind::Documents, Kind::Callbacks, Kind::Claims, Kind::Calls, Kind::Jobs] {
            if self.days(kind).is_none_or(|days| days > clients) {
                return Err(format!(
                    "retention.clients erases all that there is of a client: set retention.{kind} too, to no more than \
                     {clients} days"
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> RetentionConfig {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn nothing_is_erased_unless_somebody_said_so() {
        assert_eq!(read("").limits(DateTime::UNIX_EPOCH), []);
        let day = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let limits = read("calls = 10\njobs = 1").limits(day("2026-03-11T10:00:00Z"));
        assert_eq!(limits, [(Kind::Calls, day("2026-03-01T10:00:00Z")), (Kind::Jobs, day("2026-03-10T10:00:00Z"))]);
    }

    #[test]
    fn each_setting_is_checked_by_its_name() {
        for kind in Kind::ALL {
            let fault = read(&format!("{kind} = 0")).check().unwrap_err();
            assert!(fault.contains(&format!("retention.{kind} must be")), "{fault}");
            assert!(read(&format!("{kind} = 36501")).check().is_err());
            assert!(toml::from_str::<RetentionConfig>(&format!("{kind} = -1")).is_err(), "{kind}");
            assert!(toml::from_str::<RetentionConfig>(&format!("{kind} = 1.5")).is_err(), "{kind}");
        }
        assert!(toml::from_str::<RetentionConfig>("answers = 1").is_err());
    }

    #[test]
    fn a_client_goes_no_sooner_than_what_belongs_to_them() {
        let others = "reminders = 90\ndocuments = 90\ncallbacks = 90\ncalls = 90\njobs = 90\n";
        assert!(read(&format!("clients = 100\n{others}")).check().unwrap_err().contains("set retention.claims too"));
        assert!(
            read(&format!("clients = 100\n{others}claims = 101")).check().unwrap_err().contains("retention.claims")
        );
        assert_eq!(read(&format!("clients = 100\n{others}claims = 100")).check(), Ok(()));
        assert!(read(&format!("clients = 29\n{others}claims = 9")).check().unwrap_err().contains("retention.clients"));
    }
}
