//! What print rooms report: printed, spoiled, posted, come back.

use super::job::{PrintJob, Priority, State};
use super::queue::{check_room, checked_reason, own_rooms};
use super::store;
use crate::access::{Context, audit, audit_all};
use chrono::NaiveDate;
use startline_foundation::error::{Error, Result};
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
        audit(db, context, "pack_printed", "print job", &report.id).await?;
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
    job.spoil(attempt, pages.unwrap_or_else(|| job.pages()), &reason, context.now)?;
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

/// It left with the post of that local day. Also says whether this was news.
pub async fn report_posted(
    db: &mut Db<'_>,
    context: &Context,
    id: PrintJobId,
    day: NaiveDate,
) -> Result<(PrintJob, bool)> {
    let job = own_rooms(db, context, id).await?;
    give_out(db, context, job, day).await
}

/// The client collected it on that local day, wherever that was.
pub async fn report_collected(
    db: &mut Db<'_>,
    context: &Context,
    id: PrintJobId,
    day: NaiveDate,
) -> Result<(PrintJob, bool)> {
    let job = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(PrintJobId::WHAT, id))?;
    give_out(db, context, job, day).await
}

async fn give_out(db: &mut Db<'_>, context: &Context, mut job: PrintJob, day: NaiveDate) -> Result<(PrintJob, bool)> {
    let before = job.state.clone();
    job.post(day, context.now)?;
    let news = job.state != before;
    if news {
        store::save(db, &job).await?;
        audit(db, context, "pack_posted", "print job", &job.id).await?;
    }
    Ok((job, news))
}

/// The post brought it back, undelivered.
pub async fn report_returned(db: &mut Db<'_>, context: &Context, id: PrintJobId, reason: &str) -> Result<PrintJob> {
    let reason = checked_reason(reason)?;
    let mut job = own_rooms(db, context, id).await?;
    let before = job.state.clone();
    job.come_back(&reason, context.now)?;
    if job.state != before {
        store::save(db, &job).await?;
        audit(db, context, "pack_returned", "print job", &id).await?;
    }
    Ok(job)
}
