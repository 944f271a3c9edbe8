//! How long a printer that did not take a job is left alone. Pure.

use super::device::{Fault, PrinterState};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::clock::age;
use std::fmt;

/// A printer that refuses work needs somebody's hand.
const AFTER_REFUSAL: TimeDelta = TimeDelta::seconds(60);
/// Each asking of a busy printer takes a job out of the queue and puts it back. So it is asked when it seems to be free; and,
/// for one that never says that it is, this often.
const AFTER_BUSY: TimeDelta = TimeDelta::seconds(10);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rest {
    Refusal { since: DateTime<Utc>, why: String },
    Busy { since: DateTime<Utc>, ours: usize, why: String },
}

impl Rest {
    /// `ours`: how many of our own jobs it has. None after a fault that tells nothing of the jobs to come.
    pub fn after(fault: &Fault, ours: usize, now: DateTime<Utc>) -> Option<Self> {
        match fault {
            Fault::Refused(why) => Some(Self::Refusal { since: now, why: why.clone() }),
            Fault::Busy(why) => Some(Self::Busy { since: now, ours, why: why.clone() }),
            Fault::NoAnswer(_) | Fault::NotThere => None,
        }
    }

    pub fn goes_on(&self, printer: PrinterState, ours: usize, now: DateTime<Utc>) -> bool {
        match self {
            Self::Refusal { since, .. } => age(*since, now) < AFTER_REFUSAL,
            Self::Busy { since, ours: before, .. } => {
                let may_be_free = ours < *before || (ours == 0 && printer == PrinterState::Idle);
                age(*since, now) < AFTER_BUSY && !may_be_free
            }
        }
    }

    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refusal { .. })
    }
}

impl fmt::Display for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refusal { why, .. } => write!(f, "refuses work: {why}"),
            Self::Busy { why, .. } => write!(f, "busy with other work: {why}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PrinterState::{Idle, Processing};

    fn start() -> DateTime<Utc> {
        "2026-03-04T15:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_printer_that_refused_rests_a_minute_whatever_it_says_of_itself() {
        let rest = Rest::after(&Fault::Refused("too hot".into()), 0, start()).unwrap();
        assert!(rest.goes_on(Idle, 0, start() + TimeDelta::seconds(59)));
        assert!(!rest.goes_on(Idle, 0, start() + TimeDelta::seconds(60)));
        assert!(!rest.goes_on(Idle, 0, start() - TimeDelta::hours(1)), "not for an hour when the clock was set back");
    }

    #[test]
    fn a_busy_printer_is_asked_again_as_soon_as_it_seems_to_be_free() {
        let busy = Fault::Busy("printing".into());
        let with_other_work = Rest::after(&busy, 0, start()).unwrap();
        assert!(with_other_work.goes_on(Processing, 0, start()));
        assert!(!with_other_work.goes_on(Idle, 0, start()));
        let with_two_of_ours = Rest::after(&busy, 2, start()).unwrap();
        assert!(with_two_of_ours.goes_on(Idle, 2, start()), "it has ours and has not begun");
        assert!(!with_two_of_ours.goes_on(Processing, 1, start()), "one of them is done");
        for rest in [with_other_work, with_two_of_ours] {
            assert!(!rest.goes_on(Processing, 2, start() + AFTER_BUSY), "one that never says so");
        }
    }
}
