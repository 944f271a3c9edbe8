//! What print rooms report: printed, spoiled, posted, come back. Reported again, what is said now stands, and what was said
//! before is kept as a correction.

use super::correction;
use super::counted::checked_count;
use super::job::{PrintJob, Priority, State};
use super::queue::{REASON_CHARACTERS, check_room, checked_reason, own_rooms};
use super::store;
use crate::access::{Context, audit, audit_all};
use chrono::{DateTime, NaiveDate, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::required_line;
use startline_foundation::ids::PrintJobId;
use startline_foundation::store::Db;
use std::collections::HashMap;

/// One job that is on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintedReport {
    pub id: PrintJobId,
    pub attempt: i32,
    /// As they were counted; all of them when nobody counted.
    pub pages: Option<u32>,
}

pub async fn report_printed(db: &mut Db<'_>, context: &Context, report: PrintedReport) -> Result<PrintJob> {
    let mut job = own_rooms(db, context, report.id).await?;
    let before = job.state.clone();
    job.print(context.user.id, report.attempt, report.pages, context.now)?;
    if job.state != before {
        store::save(db, &job).await?;
        if !correction::keep_of_job(db, context, &job, &before).await? {
            audit(db, context, "pack_printed", "print job", &report.id).await?;
        }
    }
    Ok(job)
}

/// Many at once, as a machine reports them: those that hold, and why the others do not.
pub async fn report_all_printed(
    db: &mut Db<'_>,
    context: &Context,
    reports: &[PrintedReport],
) -> Result<Vec<(PrintJobId, Result<()>)>> {
    let ids: Vec<PrintJobId> = reports.iter().map(|report| report.id).collect();
    let mut jobs: HashMap<PrintJobId, PrintJob> =
        store::all_for_update(db, &ids).await?.into_iter().map(|job| (job.id, job)).collect();
    let mut outcomes = Vec::with_capacity(reports.len());
    let (mut whole, mut changed) = (Vec::new(), Vec::new());
    for report in reports {
        let Some(job) = jobs.get_mut(&report.id) else {
            outcomes.push((report.id, Err(Error::not_found(PrintJobId::WHAT, report.id))));
            continue;
        };
        let before = job.state.clone();
        let outcome = check_room(job, context)
            .and_then(|()| job.print(context.user.id, report.attempt, report.pages, context.now));
        if outcome.is_ok() && job.state != before {
            if correction::keep_of_job(db, context, job, &before).await? {
                // It may have been reported a few lines before.
                whole.retain(|id| *id != job.id);
                store::save(db, job).await?;
                outcomes.push((report.id, outcome));
                continue;
            }
            changed.push(job.id);
            match report.pages {
                Some(pages) if pages != job.pages() => store::save(db, job).await?,
                _ => whole.push(job.id),
            }
        }
        outcomes.push((report.id, outcome));
    }
    if !whole.is_empty() {
        store::print_all(db, context.site()?, &whole, context.now).await?;
    }
    audit_all(db, context, "pack_printed", "print job", &changed).await?;
    Ok(outcomes)
}

/// Paper was spoiled: this job is over, and a new one stands for it, first in the queue. Returns the new one.
pub async fn report_spoiled(
    db: &mut Db<'_>,
    context: &Context,
    id: PrintJobId,
    attempt: i32,
    reason: &str,
    pages: Option<u32>,
) -> Result<PrintJob> {
    let reason = checked_reason(reason)?;
    let mut job = own_rooms(db, context, id).await?;
    let before = job.state.clone();
    job.spoil(attempt, checked_count("pages", pages.unwrap_or_else(|| job.pages()))?, &reason, context.now)?;
    if let State::Spoiled { at, .. } = before {
        if job.state != before {
            store::save(db, &job).await?;
            correction::keep_of_job(db, context, &job, &before).await?;
        }
        return stands_for(db, &job, at).await;
    }
    store::save(db, &job).await?;
    let again = PrintJob {
        id: PrintJobId::fresh(context.now),
        priority: Priority::Again,
        reason,
        queued_at: context.now,
        attempt: 0,
        state: State::Queued,
        ..job
    };
    if !store::insert(db, &again).await? {
        return Err(Error::Contended);
    }
    audit(db, context, "print_job_spoiled", "print job", &id).await?;
    Ok(again)
}

/// The job that was queued for one that was spoiled, in the same moment.
async fn stands_for(db: &mut Db<'_>, spoiled: &PrintJob, at: DateTime<Utc>) -> Result<PrintJob> {
    let is_it = |job: &PrintJob| {
        let same_pages = (job.first_page, job.last_page) == (spoiled.first_page, spoiled.last_page);
        job.priority == Priority::Again && job.queued_at == at && same_pages && job.id != spoiled.id
    };
    let found = store::of_packs(db, &[spoiled.pack_id]).await?.into_iter().find(is_it);
    found.ok_or_else(|| Error::internal(format!("no print job stands for {}, which was spoiled", spoiled.id)))
}

/// A pack that leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostedReport<'a> {
    pub id: PrintJobId,
    /// The local day of the post it left with.
    pub day: NaiveDate,
    /// Why it leaves without all of its pages; none when it has them.
    pub incomplete: Option<&'a str>,
}

/// It left with the post of that local day. Also says whether this was news.
pub async fn report_posted(db: &mut Db<'_>, context: &Context, report: PostedReport<'_>) -> Result<(PrintJob, bool)> {
    let job = own_rooms(db, context, report.id).await?;
    give_out(db, context, job, report).await
}

/// The client collected it on that local day, wherever that was.
pub async fn report_collected(
    db: &mut Db<'_>,
    context: &Context,
    report: PostedReport<'_>,
) -> Result<(PrintJob, bool)> {
    let not_found = || Error::not_found(PrintJobId::WHAT, report.id);
    let job = store::for_update(db, report.id).await?.ok_or_else(not_found)?;
    give_out(db, context, job, report).await
}

async fn give_out(
    db: &mut Db<'_>,
    context: &Context,
    mut job: PrintJob,
    report: PostedReport<'_>,
) -> Result<(PrintJob, bool)> {
    let before = job.state.clone();
    let incomplete = report.incomplete.map(checked_word).transpose()?;
    job.post(report.day, incomplete.as_deref(), context.now)?;
    if job.state == before {
        return Ok((job, false));
    }
    store::save(db, &job).await?;
    if correction::keep_of_job(db, context, &job, &before).await? {
        return Ok((job, false));
    }
    audit(db, context, "pack_posted", "print job", &job.id).await?;
    Ok((job, true))
}

fn checked_word(reason: &str) -> Result<String> {
    required_line("incomplete_reason", reason, REASON_CHARACTERS, "say why, in a few words")
}

/// The post brought it back, undelivered.
pub async fn report_returned(db: &mut Db<'_>, context: &Context, id: PrintJobId, reason: &str) -> Result<PrintJob> {
    let reason = checked_reason(reason)?;
    let mut job = own_rooms(db, context, id).await?;
    let before = job.state.clone();
    job.come_back(&reason, context.now)?;
    if job.state != before {
        store::save(db, &job).await?;
        if !correction::keep_of_job(db, context, &job, &before).await? {
            audit(db, context, "pack_returned", "print job", &id).await?;
        }
    }
    Ok(job)
}
