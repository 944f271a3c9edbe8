//! How long records are kept: what the settings of `[retention]` would erase, a run that does it, and all of one client
//! erased because they asked.
//!
//! A run is many short transactions, each of whole records with all that hangs on them, so that nobody waits for it long and
//! a killed run leaves nothing half; the next one goes on. What it would do is worked out by the same steps, which read only.

mod client;
mod due;
mod shelves;

pub use client::{Belongings, ErasedClient, belongings, erase as erase_client};
pub use due::{Tally, Why};
pub use shelves::Shelf;

use crate::Runner;
use chrono::{DateTime, Utc};
use due::sort;
use startline_foundation::config::{RetentionConfig, RetentionKind as Kind};
use startline_foundation::error::Result;
use startline_foundation::ids::RequestId;
use startline_foundation::store::{AgedPage, Store};
use startline_rooms::records::{self, OldSeals};
use std::time::Duration;
use uuid::Uuid;

/// Between two transactions of a run, for those who wait.
const BREATH: Duration = Duration::from_millis(10);

/// What there is to erase, or was erased, of one sort of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub kind: Kind,
    pub shelf: Shelf,
    /// What is older is erased.
    pub before: DateTime<Utc>,
    pub tally: Tally,
}

fn of_kind(kind: Kind) -> impl Iterator<Item = Shelf> {
    Shelf::ALL.into_iter().filter(move |shelf| shelf.kind() == kind)
}

/// What a run would do now. Nothing is changed.
pub async fn look(store: &Store, settings: &RetentionConfig, now: DateTime<Utc>) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (kind, before) in settings.limits(now) {
        for shelf in of_kind(kind) {
            let tally = look_at(store, shelf, before, now).await?;
            lines.push(Line { kind, shelf, before, tally });
        }
    }
    Ok(lines)
}

async fn look_at(store: &Store, shelf: Shelf, before: DateTime<Utc>, now: DateTime<Utc>) -> Result<Tally> {
    let mut tally = Tally::default();
    if shelf == Shelf::Seals {
        let OldSeals { lines, oldest, newest } = records::old_seals(&mut store.read().await?.db(), before).await?;
        return Ok(Tally { due: usize::try_from(lines).unwrap_or(0), oldest, newest, ..tally });
    }
    let mut after = Uuid::nil();
    loop {
        let page = AgedPage { before, after, most: shelf.at_a_time(), is_kept: false };
        let mut reader = store.read().await?;
        let mut db = reader.db();
        let aged = shelf.page(&mut db, &page).await?;
        let Some(last) = aged.last() else { return Ok(tally) };
        after = last.id;
        let ids: Vec<Uuid> = aged.iter().map(|record| record.id).collect();
        let (due, stay) = sort(&aged, &shelf.holds(&mut db, &ids, before, now).await?);
        tally.add(&due, &stay);
    }
}

/// Erases what is old enough and not held, kind by kind.
///
/// # Errors
/// Those of the database; what was erased until then stays so.
pub async fn run(
    (store, runner): (&Store, &Runner),
    settings: &RetentionConfig,
    now: DateTime<Utc>,
) -> Result<Vec<Line>> {
    let run = RequestId::fresh(now).0;
    let end_killed = |mut work: crate::Work| async move {
        let (mut db, context) = work.parts();
        let killed = records::end_killed_runs(&mut db, context, run).await?;
        work.done(killed)
    };
    let killed = runner.transact(end_killed).await?;
    if killed > 0 {
        tracing::warn!(killed, "a run that erases old records was not ended; this one goes on where it was");
    }
    let mut lines = Vec::new();
    for (kind, before) in settings.limits(now) {
        let mut erased_of_kind = 0;
        for shelf in of_kind(kind) {
            let tally = empty(runner, shelf, (run, before)).await?;
            erased_of_kind += tally.due;
            lines.push(Line { kind, shelf, before, tally });
        }
        let end = |mut work: crate::Work| async move {
            let (mut db, context) = work.parts();
            records::end_run(&mut db, context, (run, kind.name()), before, erased_of_kind).await?;
            work.done(())
        };
        runner.transact(end).await?;
        tracing::info!(%run, %kind, erased = erased_of_kind, %before, "old records were erased");
    }
    store.empty_journal().await?;
    Ok(lines)
}

/// Erases what is due of a shelf, some at a time.
async fn empty(runner: &Runner, shelf: Shelf, (run, before): (Uuid, DateTime<Utc>)) -> Result<Tally> {
    let (mut tally, mut after) = (Tally::default(), Uuid::nil());
    loop {
        let some = |mut work: crate::Work| async move {
            let (mut db, context) = work.parts();
            let of = (run, shelf.kind().name());
            let mut tally = Tally::default();
            let last = if shelf == Shelf::Seals {
                let gone = records::erase_seals(&mut db, context, run, before).await?;
                let lines = gone.as_ref().map_or(0, |(gone, _)| gone.looks + gone.audits);
                tally.due = usize::try_from(lines).unwrap_or(0);
                tally.oldest = gone.as_ref().map(|(_, oldest)| *oldest);
                tally.newest = gone.as_ref().map(|(gone, _)| gone.sealed_at);
                gone.map(|_| Uuid::nil())
            } else {
                let page = AgedPage { before, after, most: shelf.at_a_time(), is_kept: true };
                let aged = shelf.page(&mut db, &page).await?;
                let ids: Vec<Uuid> = aged.iter().map(|record| record.id).collect();
                let (due, stay) = sort(&aged, &shelf.holds(&mut db, &ids, before, context.now).await?);
                let gone: Vec<Uuid> = due.iter().map(|record| record.id).collect();
                shelf.erase(&mut db, &gone, context.now).await?;
                tally.add(&due, &stay);
                aged.last().map(|last| last.id)
            };
            if tally.due > 0 {
                records::came_so_far(&mut db, context, of, before, tally.due).await?;
            }
            work.done((tally, last))
        };
        let (some, last) = runner.transact(some).await?;
        tally.merge(some);
        let Some(last) = last else { return Ok(tally) };
        after = last;
        tokio::time::sleep(BREATH).await;
    }
}
