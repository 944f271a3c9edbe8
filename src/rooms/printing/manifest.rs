//! A batch's account: what went in, what became of it, and every difference by its name. Pure.

use super::job::{PrintJob, State};
use chrono::{DateTime, Utc};
use startline_foundation::ids::PrintJobId;

/// Jobs and their pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub jobs: u32,
    pub pages: u32,
}

impl Tally {
    fn add(&mut self, pages: u32) {
        self.jobs += 1;
        self.pages += pages;
    }
}

/// What should not be, or is not yet: a sentence a print room can act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The job it is about; none when it is about the whole batch.
    pub job: Option<PrintJobId>,
    pub reference: String,
    /// One word: `NOT_POSTED`, `PAGES`, `UNCERTAIN`, `TAKE_OUT`, `COUNTED_PACKS`, `COUNTED_PAGES`.
    pub what: &'static str,
    pub sentence: String,
}

/// Every job is in exactly one of the tallies beside `queued`, which is all of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    pub queued: Tally,
    /// Not printed yet, or at a printer.
    pub open: Tally,
    /// Printed and not posted; pages as they were counted, here and below.
    pub waiting: Tally,
    pub posted: Tally,
    pub returned: Tally,
    pub spoiled: Tally,
    pub cancelled: Tally,
    pub differences: Vec<Difference>,
}

/// `counted`: packs and pages that somebody counted as the batch left.
pub fn account(jobs: &[PrintJob], closed_at: Option<DateTime<Utc>>, counted: Option<(u32, u32)>) -> Manifest {
    let mut manifest = Manifest::default();
    for job in jobs {
        manifest.queued.add(job.pages());
        let mut differ = |what, sentence: String| {
            manifest.differences.push(Difference {
                job: Some(job.id),
                reference: job.reference.clone(),
                what,
                sentence,
            });
        };
        match &job.state {
            State::Queued | State::Leased { .. } | State::Printing { .. } => {
                if let State::Printing { submission, .. } = &job.state
                    && let Some(why) = &submission.uncertain
                {
                    differ("UNCERTAIN", format!("may have been printed on {}: {why}", submission.printer));
                }
                if closed_at.is_some() {
                    differ("NOT_POSTED", format!("was not printed in time: it is {}", job.state.name()));
                }
            }
            State::Printed(_) if closed_at.is_some() => {
                differ("NOT_POSTED", "is printed and was not reported posted".into());
            }
            State::Cancelled { printed: Some(_), .. } => {
                differ("TAKE_OUT", "was cancelled after it was printed: take it out and destroy it".into());
            }
            _ => {}
        }
        if let State::Printed(printed) | State::Posted { printed, .. } | State::Returned { printed, .. } = &job.state
            && printed.pages != job.pages()
        {
            let why = match &job.state {
                State::Posted { post, .. } | State::Returned { post, .. } => post.incomplete.as_deref(),
                _ => None,
            };
            let why = why.map(|why| format!("; it left so: {why}")).unwrap_or_default();
            differ("PAGES", format!("has {} pages, and {} were printed{why}", job.pages(), printed.pages));
        }
        let (tally, pages) = match &job.state {
            State::Queued | State::Leased { .. } | State::Printing { .. } => (&mut manifest.open, job.pages()),
            State::Printed(printed) => (&mut manifest.waiting, printed.pages),
            State::Posted { printed, .. } => (&mut manifest.posted, printed.pages),
            State::Returned { printed, .. } => (&mut manifest.returned, printed.pages),
            State::Spoiled { pages, .. } => (&mut manifest.spoiled, *pages),
            State::Cancelled { printed, .. } => (&mut manifest.cancelled, printed.map_or(0, |printed| printed.pages)),
        };
        tally.add(pages);
    }
    if let Some((packs, pages)) = counted {
        let left = (manifest.posted.jobs + manifest.returned.jobs, manifest.posted.pages + manifest.returned.pages);
        let mut differ = |what, name: &str, counted: u32, reported: u32| {
            if counted != reported {
                let sentence = format!("{counted} {name} were counted, and {reported} were reported posted");
                manifest.differences.push(Difference { job: None, reference: String::new(), what, sentence });
            }
        };
        differ("COUNTED_PACKS", "packs", packs, left.0);
        differ("COUNTED_PAGES", "pages", pages, left.1);
    }
    manifest
}
