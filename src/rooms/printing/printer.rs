//! The printers of a room, as their workers found them last. Only shown: nothing is decided by it.

use super::manifest::Tally;
use super::printer_store as store;
use crate::access::Context;
use chrono::{DateTime, Utc};
use startline_foundation::error::Result;
use startline_foundation::formats::words;
use startline_foundation::ids::SiteId;
use startline_foundation::store::Db;

#[derive(Debug, Clone, PartialEq)]
pub struct Printer {
    pub name: String,
    pub state: PrinterState,
    /// As the printer says them: `media-empty`, `door-open`.
    pub reasons: Vec<String>,
    pub seen_at: DateTime<Utc>,
}

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum PrinterState {
        Idle = "idle",
        Printing = "printing",
        /// It says so itself: it needs somebody.
        Stopped = "stopped",
        /// It does not answer.
        Gone = "gone",
    }
}

/// How a printer of the caller's own room was found.
pub async fn note_printer(
    db: &mut Db<'_>,
    context: &Context,
    name: &str,
    state: PrinterState,
    reasons: &[String],
) -> Result<()> {
    let printer = Printer { name: name.to_owned(), state, reasons: reasons.to_vec(), seen_at: context.now };
    store::save(db, context.site()?, &printer).await
}

pub async fn printers(db: &mut Db<'_>, room: &SiteId) -> Result<Vec<Printer>> {
    store::of_room(db, room).await
}

/// How much a room has before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    pub queued: Tally,
    pub leased: Tally,
    pub printing: Tally,
    /// And not posted.
    pub printed: Tally,
}

/// Why there is nothing to lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNone {
    NothingQueued,
    AllLeased,
}

/// Asked only where nothing was leased.
pub async fn why_none(db: &mut Db<'_>, room: &SiteId) -> Result<WhyNone> {
    let load = load(db, room).await?;
    let under_way = load.leased.jobs + load.printing.jobs;
    Ok(if under_way > 0 { WhyNone::AllLeased } else { WhyNone::NothingQueued })
}

/// How many print jobs are not yet in the post, by room and state, and when the oldest of them was queued: for whoever
/// watches from outside.
pub async fn unposted(db: &mut Db<'_>) -> Result<Vec<(SiteId, String, i64, DateTime<Utc>)>> {
    store::unposted(db).await
}

pub async fn load(db: &mut Db<'_>, room: &SiteId) -> Result<Load> {
    let mut load = Load::default();
    for (state, jobs, pages) in store::open_counts(db, room).await? {
        let number = |counted: i64| u32::try_from(counted).unwrap_or(u32::MAX);
        let tally = Tally { jobs: number(jobs), pages: number(pages) };
        match state.as_str() {
            "queued" => load.queued = tally,
            "leased" => load.leased = tally,
            "printing" => load.printing = tally,
            _ => load.printed = tally,
        }
    }
    Ok(load)
}
