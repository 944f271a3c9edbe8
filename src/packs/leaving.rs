//! A pack's steps through the print room. Each of them asks whether the pack still holds: nobody else takes these steps, so
//! none can forget it.

use super::holding::{self, NoLonger};
use super::storing::order_again;
use super::{queries, store};
use chrono::TimeDelta;
use startline_definition::Definitions;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{PackId, PrintJobId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::printing::{self, PrintJob, PrintedReport};

/// Why what a job prints does not hold any more.
pub(super) async fn no_longer(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    job: &PrintJob,
) -> Result<Option<NoLonger>> {
    let not_found = || Error::not_found(PackId::WHAT, job.pack_id);
    let pack = store::by_id(db, job.pack_id).await?.ok_or_else(not_found)?;
    let today = definitions.current().calendar.local_date(context.now);
    holding::no_longer(db, definitions, context, &pack, job.post_day.max(today)).await
}

/// Takes a job back whose pack does not hold any more, and has what is still owed composed anew.
async fn is_taken_back(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    job: &PrintJob,
    in_hand: bool,
) -> Result<bool> {
    let Some(why) = no_longer(db, context, definitions, job).await? else { return Ok(false) };
    let is_stopped = printing::take_back(db, context, definitions.current(), job.id, why.reason(), in_hand).await?;
    if !matches!(why, NoLonger::Newest | NoLonger::Closed(_) | NoLonger::Died) {
        let pack = queries::get(db, definitions.current(), job.pack_id).await?.pack;
        order_again(db, context, pack.wanted).await?;
    }
    Ok(is_stopped)
}

/// Leases print jobs of the caller's own print room whose packs hold; the others are taken out of the queue.
pub async fn lease(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    most: i32,
    lease: TimeDelta,
) -> Result<Vec<PrintJob>> {
    let mut kept: Vec<PrintJob> = Vec::new();
    loop {
        let left = most - i32::try_from(kept.len()).unwrap_or(most);
        let leased = printing::lease(db, context, left, lease).await?;
        let mut all_hold = true;
        for job in leased {
            match is_taken_back(db, context, definitions, &job, false).await? {
                true => all_hold = false,
                false => kept.push(job),
            }
        }
        if all_hold {
            return Ok(kept);
        }
    }
}

/// A job is about to be sent to a printer.
///
/// # Errors
/// `Illegal` when its pack does not hold any more: nothing may be printed of it.
pub async fn begin_printing(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    (id, attempt): (PrintJobId, i32),
    printer: &str,
    job_name: &str,
) -> Result<PrintJob> {
    let job = printing::begin_printing(db, context, id, attempt, printer, job_name).await?;
    match no_longer(db, context, definitions, &job).await? {
        Some(why) => Err(why.refusal()),
        None => Ok(job),
    }
}

/// It is on paper. What does not hold any more is cancelled this moment, with paper to be destroyed.
pub async fn report_printed(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    report: PrintedReport,
) -> Result<PrintJob> {
    let before = printing::get(db, report.id).await?;
    let job = printing::report_printed(db, context, report).await?;
    if before.state.name() == job.state.name() {
        return Ok(job);
    }
    is_taken_back(db, context, definitions, &job, true).await?;
    printing::get(db, report.id).await
}

/// Many at once, as a machine reports them.
pub async fn report_all_printed(
    db: &mut Db<'_>,
    context: &Context,
    definitions: &Definitions,
    reports: &[PrintedReport],
) -> Result<Vec<(PrintJobId, Result<()>)>> {
    let mut outcomes = printing::report_all_printed(db, context, reports).await?;
    for (id, outcome) in &mut outcomes {
        if outcome.is_err() {
            continue;
        }
        let job = printing::get(db, *id).await?;
        if matches!(job.state, printing::State::Printed(_))
            && let Some(why) = no_longer(db, context, definitions, &job).await?
            && is_taken_back(db, context, definitions, &job, true).await?
        {
            *outcome = Err(why.refusal());
        }
    }
    Ok(outcomes)
}
