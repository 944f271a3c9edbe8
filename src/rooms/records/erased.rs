//! The record of what was erased: how far each run came, and the end of the chain of seals that is left when the first seals
//! were erased with the lines under them.
//!
//! Only whole seals go, from the first on, and a run says on which hash the rest hangs and leaves a line about it in the audit,
//! under a seal that is left. So a line that is missing afterwards is one that no run erased.

use super::erased_store as store;
use super::seals_store;
use crate::access::{self, Context, audit};
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::error::Result;
use startline_foundation::store::Db;
use uuid::Uuid;

/// The action of its audit line.
const SEALS_ERASED: &str = "access_log_erased";

/// Where the chain was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erased {
    /// The last seal that went, when it was made, and its hash.
    pub last_seal: i64,
    pub hash: Vec<u8>,
    pub sealed_at: DateTime<Utc>,
    pub run: Uuid,
    pub at: DateTime<Utc>,
    /// Lines that went with it, in this step of the run.
    pub looks: i64,
    pub audits: i64,
}

impl Erased {
    /// As its audit line names it, so that a row in the table alone is not believed.
    pub fn in_the_audit(&self) -> String {
        let hash: String = self.hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("seal {} {hash} run {}", self.last_seal, self.run)
    }

    /// Whether the audit says so too.
    pub async fn is_in_the_audit(&self, db: &mut Db<'_>) -> Result<bool> {
        access::has_audit_line(db, SEALS_ERASED, &self.in_the_audit()).await
    }
}

/// How many lines and seals one transaction erases at most; but always one seal.
const MOST_LINES: i64 = 5_000;
const MOST_SEALS: usize = 500;

/// One that began longer ago and was not ended was killed; a younger one may be another process's.
const LONGEST_RUN: TimeDelta = TimeDelta::hours(6);

/// What there is to erase of the chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OldSeals {
    pub lines: i64,
    pub oldest: Option<DateTime<Utc>>,
    pub newest: Option<DateTime<Utc>>,
}

/// The lines under seals that were made before then; nothing is changed.
pub async fn old_seals(db: &mut Db<'_>, before: DateTime<Utc>) -> Result<OldSeals> {
    let (mut old, mut after) = (OldSeals::default(), 0);
    let newest = seals_store::newest(db).await?.map_or(0, |seal| seal.number);
    loop {
        let seals = seals_store::after(db, after).await?;
        for seal in &seals {
            if seal.at >= before || seal.number == newest {
                return Ok(old);
            }
            old.lines += seal.looks + seal.audits;
            old.oldest = old.oldest.or(Some(seal.at));
            old.newest = Some(seal.at);
        }
        let Some(last) = seals.last() else { return Ok(old) };
        after = last.number;
    }
}

/// Erases some of the first seals that were made before then, and says when the oldest was made. None when there is none. The newest seal of all stays, because
/// the next one hangs on it.
pub async fn erase_seals(
    db: &mut Db<'_>,
    context: &Context,
    run: Uuid,
    before: DateTime<Utc>,
) -> Result<Option<(Erased, DateTime<Utc>)>> {
    db.alone_with("seals").await?;
    let newest = seals_store::newest(db).await?.map_or(0, |seal| seal.number);
    let (mut chosen, seals) = (None::<Erased>, seals_store::after(db, 0).await?);
    let Some(oldest) = seals.first().map(|seal| seal.at) else { return Ok(None) };
    for seal in seals.into_iter().take(MOST_SEALS) {
        let lines = chosen.as_ref().map_or(0, |so_far| so_far.looks + so_far.audits) + seal.looks + seal.audits;
        if seal.at >= before || seal.number == newest || (chosen.is_some() && lines > MOST_LINES) {
            break;
        }
        let (looks, audits) = chosen.map_or((0, 0), |so_far| (so_far.looks, so_far.audits));
        chosen = Some(Erased {
            last_seal: seal.number,
            hash: seal.hash,
            sealed_at: seal.at,
            run,
            at: context.now,
            looks: looks + seal.looks,
            audits: audits + seal.audits,
        });
    }
    let Some(erased) = chosen else { return Ok(None) };
    access::erase_audit_up_to(db, erased.last_seal).await?;
    store::erase_up_to(db, erased.last_seal).await?;
    store::insert(db, &erased).await?;
    audit(db, context, SEALS_ERASED, "seal", &erased.in_the_audit()).await?;
    Ok(Some((erased, oldest)))
}

/// Notes how far a run has come, in the transaction that erased.
pub async fn came_so_far(
    db: &mut Db<'_>,
    context: &Context,
    (run, kind): (Uuid, &'static str),
    before: DateTime<Utc>,
    erased: usize,
) -> Result<()> {
    let erased = i64::try_from(erased).unwrap_or(i64::MAX);
    store::came_so_far(db, run, kind, (before, context.now), erased).await
}

/// The run is through with a kind: one line in the audit says how much went.
pub async fn end_run(
    db: &mut Db<'_>,
    context: &Context,
    (run, kind): (Uuid, &'static str),
    before: DateTime<Utc>,
    erased: usize,
) -> Result<()> {
    store::end_run(db, run, kind, context.now).await?;
    let line = format!("{kind}: {erased} from before {} in run {run}", before.format("%Y-%m-%d"));
    audit(db, context, "retention_run", "retention", &line).await
}

/// Runs that were killed get their line as well: as much as they did. Gives how many there were.
pub async fn end_killed_runs(db: &mut Db<'_>, context: &Context, but: Uuid) -> Result<usize> {
    let killed = store::not_ended(db, but, context.now - LONGEST_RUN).await?;
    for (run, kind, erased) in &killed {
        store::end_run(db, *run, kind, context.now).await?;
        let line = format!("{kind}: {erased} in run {run}");
        audit(db, context, "retention_run_not_ended", "retention", &line).await?;
    }
    Ok(killed.len())
}
