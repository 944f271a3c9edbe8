//! What was reported and then corrected. The job and the batch say what holds now; here is kept what they said before.

use super::correction_store as store;
use super::job::{PrintJob, State};
use super::post::BatchKey;
use crate::access::{Context, audit};
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::formats::words;
use startline_foundation::ids::{CorrectionId, PrintJobId, UserId};
use startline_foundation::store::Db;

words! {
    /// What was reported otherwise before.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Corrected {
        PrintedPages = "printed_pages",
        SpoiledPages = "spoiled_pages",
        PostedDay = "posted_day",
        ReturnReason = "return_reason",
        /// Of a batch, here and below.
        CountedPacks = "counted_packs",
        CountedPages = "counted_pages",
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub id: CorrectionId,
    /// None when a batch was counted again.
    pub job: Option<PrintJobId>,
    pub batch: BatchKey,
    pub what: Corrected,
    pub was: String,
    pub became: String,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// One thing that is said otherwise now: from what, to what.
pub(super) type Change = (Corrected, String, String);

/// What a second report of a job says otherwise than the first. A first report corrects nothing.
pub(super) fn changes(before: &State, after: &State) -> Vec<Change> {
    let printed = |state: &State| match state {
        State::Printed(printed) | State::Posted { printed, .. } | State::Returned { printed, .. } => {
            Some(printed.pages.to_string())
        }
        _ => None,
    };
    let spoiled = |state: &State| match state {
        State::Spoiled { pages, .. } => Some(pages.to_string()),
        _ => None,
    };
    let posted = |state: &State| match state {
        State::Posted { post, .. } | State::Returned { post, .. } => Some(post.day.to_string()),
        _ => None,
    };
    let returned = |state: &State| match state {
        State::Returned { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    let all = [
        (Corrected::PrintedPages, printed(before), printed(after)),
        (Corrected::SpoiledPages, spoiled(before), spoiled(after)),
        (Corrected::PostedDay, posted(before), posted(after)),
        (Corrected::ReturnReason, returned(before), returned(after)),
    ];
    let changed = |(what, was, became): (Corrected, Option<String>, Option<String>)| {
        let (was, became) = (was?, became?);
        (was != became).then_some((what, was, became))
    };
    all.into_iter().filter_map(changed).collect()
}

/// Keeps what a second report of a job said otherwise. Whether there was anything.
pub(super) async fn keep_of_job(db: &mut Db<'_>, context: &Context, job: &PrintJob, before: &State) -> Result<bool> {
    let changes = changes(before, &job.state);
    let batch = BatchKey { room: job.room.clone(), post_day: job.post_day, class: job.class };
    keep(db, context, Some(job.id), &batch, &changes).await?;
    if !changes.is_empty() {
        audit(db, context, "print_report_corrected", "print job", &job.id).await?;
    }
    Ok(!changes.is_empty())
}

pub(super) async fn keep(
    db: &mut Db<'_>,
    context: &Context,
    job: Option<PrintJobId>,
    batch: &BatchKey,
    changes: &[Change],
) -> Result<()> {
    for (what, was, became) in changes {
        let correction = Correction {
            id: CorrectionId::fresh(context.now),
            job,
            batch: batch.clone(),
            what: *what,
            was: was.clone(),
            became: became.clone(),
            by: context.user.id,
            at: context.now,
        };
        store::insert(db, &correction).await?;
    }
    Ok(())
}

/// What was corrected about these jobs, the oldest first.
pub async fn corrections_of_jobs(db: &mut Db<'_>, jobs: &[PrintJobId]) -> Result<Vec<Correction>> {
    store::of_jobs(db, jobs).await
}

/// What was corrected about a batch and its jobs, the oldest first.
pub async fn corrections_of_batch(db: &mut Db<'_>, batch: &BatchKey) -> Result<Vec<Correction>> {
    store::of_batch(db, batch).await
}
