//! Into the queue, and out of it: queued, leased, begun, cancelled, printed again.

use super::batch;
use super::job::{Accepted, PrintJob, Priority, State};
use super::post::{Outlook, closes_at, next_post_day, outlook};
use super::store::{self, InTurn};
use crate::access::{Context, audit, audit_all};
use chrono::TimeDelta;
use startline_definition::{Definition, Site};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::required_line;
use startline_foundation::ids::{ClientId, PackId, PrintJobId, SiteId};
use startline_foundation::store::Db;

/// How many days ahead a place in the post is looked for before something is taken to be wrong.
const MOST_DAYS_AHEAD: usize = 30;
pub(super) const REASON_CHARACTERS: usize = 300;

/// A pack to be printed.
#[derive(Debug, Clone)]
pub struct ToPrint {
    pub pack_id: PackId,
    pub client_id: ClientId,
    pub reference: String,
    pub pages: u32,
    /// Beside whatever else the client is sent that day.
    pub forced: bool,
    pub urgent: bool,
}

/// Queues a pack in the print room of a site; whoever composed it has said so in the audit trail. A client is sent one pack
/// a day: another waits for the next post, unless it is forced.
pub async fn queue(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    site: &Site,
    wanted: &ToPrint,
    outlook: Outlook,
) -> Result<PrintJob> {
    let priority = if wanted.urgent { Priority::Urgent } else { Priority::Ordinary };
    let job = new_job(context, site, wanted, outlook, priority);
    insert_in_post(db, definition, site, job).await
}

/// Prints a pack again, or some of its pages. It leaves with the next post, beside whatever else the client is sent.
pub async fn reprint(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    site: &Site,
    wanted: &ToPrint,
    pages: Option<(u32, u32)>,
    reason: &str,
) -> Result<PrintJob> {
    let reason = checked_reason(reason)?;
    let (first_page, last_page) = pages.unwrap_or((1, wanted.pages));
    if first_page == 0 || first_page > last_page || last_page > wanted.pages {
        return Err(Error::invalid("first_page", format!("the pack has pages 1 to {}", wanted.pages)));
    }
    let outlook = outlook(definition, site, context.now, None);
    let job = new_job(context, site, wanted, outlook, Priority::Urgent);
    let job = PrintJob { first_page, last_page, reason, ordinary: false, ..job };
    let job = insert_in_post(db, definition, site, job).await?;
    audit(db, context, "pack_reprinted", "print job", &job.id).await?;
    Ok(job)
}

fn new_job(context: &Context, site: &Site, wanted: &ToPrint, outlook: Outlook, priority: Priority) -> PrintJob {
    PrintJob {
        id: PrintJobId::fresh(context.now),
        pack_id: wanted.pack_id,
        client_id: wanted.client_id,
        reference: wanted.reference.clone(),
        room: site.print_room().clone(),
        post_day: outlook.post_day,
        class: outlook.class,
        ordinary: !wanted.forced,
        priority,
        first_page: 1,
        last_page: wanted.pages,
        reason: String::new(),
        queued_at: context.now,
        attempt: 0,
        state: State::Queued,
    }
}

/// Queues a job for its day's post, or for the first after it that is open and where the client has no job in its way.
async fn insert_in_post(db: &mut Db<'_>, definition: &Definition, site: &Site, mut job: PrintJob) -> Result<PrintJob> {
    for _ in 0..MOST_DAYS_AHEAD {
        if batch::is_open(db, definition, &job.room, job.post_day, job.class).await? && store::insert(db, &job).await? {
            return Ok(job);
        }
        job.post_day = next_post_day(definition, site, job.post_day);
    }
    Err(Error::internal(format!("no post within {MOST_DAYS_AHEAD} working days has a place for pack {}", job.pack_id)))
}

/// Leases up to `most` print jobs of the caller's own print room: what was spoiled first, then what is urgent, then by the
/// post they leave with.
pub async fn lease(db: &mut Db<'_>, context: &Context, most: i32, lease: TimeDelta) -> Result<Vec<PrintJob>> {
    let room = context.site()?;
    let jobs = store::lease(db, room, context.user.id, most, context.now, context.now + lease).await?;
    let ids: Vec<PrintJobId> = jobs.iter().map(|job| job.id).collect();
    audit_all(db, context, "print_job_leased", "print job", &ids).await?;
    Ok(jobs)
}

/// The jobs of the caller's own print room that have not left it, in the order in which they are taken. `state`: only those
/// in it, by its name.
pub async fn waiting(
    db: &mut Db<'_>,
    context: &Context,
    state: Option<&'static str>,
    after: Option<InTurn>,
    most: i32,
) -> Result<Vec<PrintJob>> {
    store::of_room(db, context.site()?, state, after, most).await
}

pub async fn extend_lease(
    db: &mut Db<'_>,
    context: &Context,
    id: PrintJobId,
    attempt: i32,
    lease: TimeDelta,
) -> Result<PrintJob> {
    let mut job = own_rooms(db, context, id).await?;
    job.extend(context.user.id, attempt, context.now + lease)?;
    store::save(db, &job).await?;
    Ok(job)
}

/// Notes that a job is about to be sent to a printer. To be committed before anything is sent: whoever comes after a crash
/// looks for `job_name` there instead of printing it twice.
pub async fn begin_printing(
    db: &mut Db<'_>,
    context: &Context,
    id: PrintJobId,
    attempt: i32,
    printer: &str,
    job_name: &str,
) -> Result<PrintJob> {
    let mut job = own_rooms(db, context, id).await?;
    job.begin(context.user.id, attempt, printer, job_name, context.now)?;
    store::save(db, &job).await?;
    audit(db, context, "printing_begun", "print job", &id).await?;
    Ok(job)
}

/// The printer has taken the job, under its own number.
pub async fn note_accepted(
    db: &mut Db<'_>,
    context: &Context,
    id: PrintJobId,
    attempt: i32,
    accepted: Accepted,
) -> Result<()> {
    let mut job = own_rooms(db, context, id).await?;
    job.submission_mut(attempt)?.accepted = Some(accepted);
    store::save(db, &job).await
}

/// Nobody can tell whether it was printed: a person has to look. It stays where it is until they have said.
pub async fn note_uncertain(
    db: &mut Db<'_>,
    context: &Context,
    id: PrintJobId,
    attempt: i32,
    reason: &str,
) -> Result<()> {
    let mut job = own_rooms(db, context, id).await?;
    let submission = job.submission_mut(attempt)?;
    if submission.uncertain.as_deref() != Some(reason) {
        submission.uncertain = Some(reason.to_owned());
        store::save(db, &job).await?;
        audit(db, context, "printing_uncertain", "print job", &id).await?;
    }
    Ok(())
}

/// Nothing of it was printed: it is queued again.
pub async fn give_back(
    db: &mut Db<'_>,
    context: &Context,
    id: PrintJobId,
    attempt: i32,
    reason: &str,
) -> Result<PrintJob> {
    let reason = checked_reason(reason)?;
    let mut job = own_rooms(db, context, id).await?;
    job.give_back(attempt)?;
    store::save(db, &job).await?;
    audit(db, context, "print_job_given_back", "print job", &id).await?;
    tracing::info!(job = %id, attempt, reason, "a print job was given back");
    Ok(job)
}

/// Begun on this printer and not reported: what a worker finds after a crash.
pub async fn under_way(db: &mut Db<'_>, room: &SiteId, printer: &str) -> Result<Vec<PrintJob>> {
    store::at_printer(db, room, printer).await
}

/// Takes a job out of the post, until its batch is closed.
pub async fn cancel(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: PrintJobId,
    reason: &str,
) -> Result<PrintJob> {
    let reason = checked_reason(reason)?;
    let mut job = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(PrintJobId::WHAT, id))?;
    if matches!(job.state, State::Cancelled { .. }) {
        return Ok(job);
    }
    if !batch::is_open(db, definition, &job.room, job.post_day, job.class).await?
        || closes_at(definition, job.post_day).is_some_and(|closes| closes <= context.now)
    {
        let message = "the post of that day is closed: the pack can no longer be taken out of it";
        return Err(Error::illegal("POST_CLOSED", message));
    }
    job.cancel(&reason, context.now)?;
    store::save(db, &job).await?;
    audit(db, context, "print_job_cancelled", "print job", &id).await?;
    Ok(job)
}

/// Whether it can still be kept out of the post: nobody has printed it, or its post has not left.
pub async fn is_in_reach(db: &mut Db<'_>, context: &Context, definition: &Definition, job: &PrintJob) -> Result<bool> {
    match job.state {
        State::Queued | State::Leased { .. } | State::Printing { .. } => Ok(true),
        State::Printed(_) => {
            let is_closing = closes_at(definition, job.post_day).is_some_and(|closes| closes <= context.now);
            Ok(!is_closing && batch::is_open(db, definition, &job.room, job.post_day, job.class).await?)
        }
        State::Posted { .. } | State::Returned { .. } | State::Spoiled { .. } | State::Cancelled { .. } => Ok(false),
    }
}

/// The service itself takes a job back that must not go out. What nobody has printed is stopped at any time, whatever was
/// closed; `in_hand`: it was printed this moment, and is not in the post yet. False when it is too late, or when it is at a
/// printer: then it is taken back as soon as it is reported printed.
pub async fn take_back(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: PrintJobId,
    reason: &str,
    in_hand: bool,
) -> Result<bool> {
    let mut job = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(PrintJobId::WHAT, id))?;
    let can_be = match job.state {
        State::Queued | State::Leased { .. } => true,
        State::Printed(_) => in_hand || is_in_reach(db, context, definition, &job).await?,
        _ => false,
    };
    if can_be {
        job.cancel(reason, context.now)?;
        store::save(db, &job).await?;
        audit(db, context, "print_job_cancelled", "print job", &id).await?;
    }
    Ok(can_be)
}

pub async fn get(db: &mut Db<'_>, id: PrintJobId) -> Result<PrintJob> {
    store::by_id(db, id).await?.ok_or_else(|| Error::not_found(PrintJobId::WHAT, id))
}

/// The printings of a pack, the first one first.
pub async fn jobs_of_pack(db: &mut Db<'_>, pack: PackId) -> Result<Vec<PrintJob>> {
    store::of_packs(db, &[pack]).await
}

pub async fn jobs_of_packs(db: &mut Db<'_>, packs: &[PackId]) -> Result<Vec<PrintJob>> {
    store::of_packs(db, packs).await
}

pub(super) async fn own_rooms(db: &mut Db<'_>, context: &Context, id: PrintJobId) -> Result<PrintJob> {
    let job = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(PrintJobId::WHAT, id))?;
    check_room(&job, context)?;
    Ok(job)
}

pub(super) fn check_room(job: &PrintJob, context: &Context) -> Result<()> {
    if &job.room == context.site()? {
        Ok(())
    } else {
        Err(Error::Denied("this print job belongs to another print room".into()))
    }
}

pub(super) fn checked_reason(reason: &str) -> Result<String> {
    required_line("reason", reason, REASON_CHARACTERS, "say why, in a few words")
}
