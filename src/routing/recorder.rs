//! Keeps the records of calls. The floors never wait for it: while the database is away records queue in memory, up to the
//! bound of their channel, and are written when it is back. What comes beyond the bound is written down beside the database
//! ([`startline_foundation::last_resort`]), in full.
//!
//! A batch and what follows from it share one transaction. Each batch has a number in that transaction, so that one whose
//! acknowledgement was lost is not written twice.
//!
//! What is known of the calls under way is kept here as well, and what another process left that is heard of no more becomes
//! records.

use super::call::{CallRecord, How, ReleaseReason};
use super::journal::JournalEntry;
use super::journal_store;
use super::store;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::clock::{Clock, ClockWatch};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallId, WriterId};
use startline_foundation::store::{Db, Store};
use std::collections::HashSet;
use std::future::Future;
use std::time::Duration;
use tokio::sync::mpsc;

/// Entries written in one transaction: a call has four at most, of which its record makes the others needless.
const LARGEST_BATCH: usize = 800;
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// Tries, one at once after the other, of a batch that lost a race.
const RACES: usize = 8;
/// A process with calls under way says so often that it is there.
const SIGN_OF_LIFE_EVERY: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// A process that has not said so for so long is dead, and its calls are anybody's.
const SILENT_FOR: Duration = Duration::from_secs(45);
/// After a start the callers of the process before are asked for again first.
const NOT_BEFORE: Duration = Duration::from_secs(60);

/// What else follows from a call's record, in the transaction that keeps it; not again when a record comes again. The app
/// wires it: this room knows no other.
pub trait FollowUp: Send + Sync + 'static {
    fn follow(&self, db: &mut Db<'_>, record: &CallRecord) -> impl Future<Output = Result<()>> + Send;

    /// A caller of this number, in E.164, who counted as having given up was answered after all.
    fn was_answered(&self, db: &mut Db<'_>, caller: &str, at: DateTime<Utc>)
    -> impl Future<Output = Result<()>> + Send;
}

/// Writes until the last sender is gone, then ends. `give_up` makes it end when the database stays away.
pub async fn record_calls(
    database: Store,
    clock: Clock,
    mut entries: mpsc::Receiver<JournalEntry>,
    follow_up: impl FollowUp,
    give_up: impl Fn() -> bool,
) {
    let started = clock.running();
    let writer = WriterId::fresh(clock.now());
    let mut recorder = Recorder {
        database,
        writer,
        nobody: WriterId::fresh(clock.now()),
        watch: ClockWatch::new(&clock),
        clock,
        written: 0,
        follow_up,
        under_way: HashSet::new(),
        started,
        last_sign: started,
        last_look: started,
        reachable_since: Some(started),
        is_alone: false,
    };
    let mut batch = Vec::with_capacity(LARGEST_BATCH);
    loop {
        let received = tokio::select! {
            received = entries.recv_many(&mut batch, LARGEST_BATCH) => received,
            () = recorder.clock.next_tick(LOOK_EVERY) => {
                recorder.look_after_the_dead().await;
                continue;
            }
        };
        if received == 0 {
            return;
        }
        // Where something always comes, no pause ever passes.
        recorder.look_after_the_dead().await;
        let mut done = 0;
        while done < batch.len() {
            let rest = batch.get(done..).unwrap_or_default();
            let fault = match recorder.write(rest, true).await {
                Ok(()) => break,
                Err(fault) => fault,
            };
            if !is_passing(&fault) {
                // Something in it cannot be written. One by one, that one is found and holds up no other.
                match recorder.write_first(rest).await {
                    Ok(()) => {
                        done += 1;
                        continue;
                    }
                    Err(fault) => tracing::warn!(%fault, "a call record cannot be written yet"),
                }
            } else {
                tracing::warn!(%fault, waiting = rest.len(), "call records cannot be written yet");
            }
            if give_up() {
                for one in rest.iter().filter(|one| one.under_way().is_none()) {
                    recorder
                        .database
                        .last_resort()
                        .write("a call record that was still to be written at the stop", one);
                }
                return;
            }
            recorder.reachable_since = None;
            recorder.clock.next_tick(RETRY_EVERY).await;
        }
        batch.clear();
    }
}

/// Trying again may help.
fn is_passing(fault: &Error) -> bool {
    matches!(fault, Error::Unavailable(_) | Error::Contended)
}

struct Recorder<F> {
    database: Store,
    clock: Clock,
    watch: ClockWatch,
    writer: WriterId,
    /// Has the calls that this process let go: never heard of again, as a dead one.
    nobody: WriterId,
    /// Batches written so far.
    written: i64,
    follow_up: F,
    /// Calls of this process that the database knows of as under way.
    under_way: HashSet<CallId>,
    /// In running time, as what follows.
    started: Duration,
    last_sign: Duration,
    last_look: Duration,
    /// The database has answered since then. When it comes back its processes say first that they are there.
    reachable_since: Option<Duration>,
    /// No other process has calls in this database, dead or alive.
    is_alone: bool,
}

impl<F: FollowUp> Recorder<F> {
    async fn write(&mut self, batch: &[JournalEntry], and_follow: bool) -> Result<()> {
        let mut outcome = self.try_write(batch, and_follow).await;
        for _ in 1..RACES {
            match outcome {
                Err(Error::Contended) => outcome = self.try_write(batch, and_follow).await,
                settled => {
                    outcome = settled;
                    break;
                }
            }
        }
        outcome?;
        self.written += 1;
        self.last_sign = self.clock.running();
        let over = over_in(batch);
        for entry in batch {
            if let JournalEntry::Entered(card) = entry
                && !over.contains(&card.call)
            {
                self.under_way.insert(card.call);
            }
        }
        for call in &over {
            self.under_way.remove(call);
        }
        Ok(())
    }

    async fn try_write(&self, batch: &[JournalEntry], and_follow: bool) -> Result<()> {
        let over = over_in(batch);
        // Most short calls begin and end in one batch: then there is only their record to write.
        let is_worth_it = |entry: &&JournalEntry| entry.under_way().is_none_or(|call| !over.contains(&call));
        let mut tx = self.database.begin_write().await?;
        let db = &mut tx.db();
        if !store::claim_batch(db, self.writer, self.written + 1, self.clock.now()).await? {
            return Ok(());
        }
        for entry in batch.iter().filter(is_worth_it) {
            match entry {
                JournalEntry::Call(record) if record.was_let_go() => {
                    journal_store::let_go(db, self.nobody, &record.card, self.clock.now()).await?;
                }
                JournalEntry::Call(record) => {
                    let mut record = record.clone();
                    if self.under_way.contains(&record.card.call) {
                        journal_store::forget(db, record.card.call).await?.told(&mut record);
                    } else if !self.is_alone {
                        journal_store::take_over(db, &record.card).await?;
                    }
                    self.keep_record(db, record.as_ref(), and_follow).await?;
                }
                JournalEntry::Outcome { call, outcome } => store::set_outcome(db, *call, outcome).await?,
                JournalEntry::Late { call, report, at } => {
                    if let Some(caller) = journal_store::late(db, call, report, *at).await?
                        && and_follow
                    {
                        self.follow_up.was_answered(db, &caller, *at).await?;
                    }
                }
                JournalEntry::Staffing(staffing) => store::add_staffing(db, staffing).await?,
                under_way => {
                    if let JournalEntry::Entered(card) = under_way
                        && !self.is_alone
                    {
                        journal_store::take_over(db, card).await?;
                    }
                    journal_store::keep(db, self.writer, under_way).await?;
                }
            }
        }
        tx.commit().await
    }

    async fn keep_record(&self, db: &mut Db<'_>, record: &CallRecord, and_follow: bool) -> Result<()> {
        let mut record = std::borrow::Cow::Borrowed(record);
        let may_be_elsewhere = record.how == How::Abandoned || record.unfinished;
        if may_be_elsewhere && !self.is_alone {
            if journal_store::is_taken_over(db, &record.card).await? {
                return Ok(());
            }
            if record.how == How::Abandoned && journal_store::is_elsewhere(db, &record.card).await? {
                let moved = record.to_mut();
                moved.how = How::Diverted(ReleaseReason::AnsweredElsewhere);
                moved.gave_up_after_ms = None;
            }
        }
        let is_new = store::insert(db, &record).await?;
        if !is_new {
            // Made by somebody who took this process for dead.
            store::complete(db, &record).await?;
        }
        if is_new && and_follow {
            self.follow_up.follow(db, &record).await?;
        }
        Ok(())
    }

    /// Writes the first of these alone: whole, else without what follows from it, else not at all and into the log.
    async fn write_first(&mut self, rest: &[JournalEntry]) -> Result<()> {
        let first = rest.get(..1).unwrap_or_default();
        for and_follow in [true, false] {
            match self.write(first, and_follow).await {
                Err(fault) if !is_passing(&fault) => {
                    tracing::error!(%fault, and_follow, "a call record cannot be written as it is");
                    self.database.last_resort().write("a call record that cannot be written as it is", &first);
                }
                settled => return settled,
            }
        }
        Ok(())
    }

    /// Says that this process is there, while it has calls under way, and makes records of what a dead one left.
    async fn look_after_the_dead(&mut self) {
        let (now, running) = (self.clock.now(), self.clock.running());
        let stood_still = running.saturating_sub(self.last_look) > SILENT_FOR;
        if self.watch.was_set().is_some() || stood_still {
            // Whoever was heard of last by the clock before, or stood still as this process did (a machine that slept), says
            // first that they are there.
            self.reachable_since = None;
        }
        if !self.under_way.is_empty() && running.saturating_sub(self.last_sign) >= SIGN_OF_LIFE_EVERY {
            match self.say_that_it_lives(now).await {
                Ok(()) => self.last_sign = running,
                Err(fault) => tracing::warn!(%fault, "the database is not told that this process has calls"),
            }
        }
        if running.saturating_sub(self.last_look) < SIGN_OF_LIFE_EVERY {
            return;
        }
        self.last_look = running;
        let since = *self.reachable_since.get_or_insert(running);
        // Nobody can have said that they are there while the database was away.
        let all_had_time = !self.database.is_shared() || running.saturating_sub(since) >= SILENT_FOR;
        let may_be_recovered = all_had_time && running.saturating_sub(self.started) >= NOT_BEFORE;
        match self.recover(now, may_be_recovered).await {
            Ok(0) => self.is_alone = may_be_recovered && !self.database.is_shared(),
            Ok(calls) => tracing::warn!(calls, "calls that a process left when it died have their records now"),
            Err(fault) => {
                self.reachable_since = None;
                tracing::warn!(%fault, "calls that a process may have left have no records yet");
            }
        }
    }

    async fn say_that_it_lives(&self, now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.database.begin_write().await?;
        journal_store::sign_of_life(&mut tx.db(), self.writer, self.written, now).await?;
        tx.commit().await
    }

    /// `may_be_recovered`: otherwise it is only tried whether the database answers.
    async fn recover(&self, now: DateTime<Utc>, may_be_recovered: bool) -> Result<usize> {
        let silent_since = now - TimeDelta::from_std(SILENT_FOR).unwrap_or(TimeDelta::MAX);
        let mut recovered = 0;
        loop {
            let mut reader = self.database.read().await?;
            let is_left = journal_store::anything_left(&mut reader.db(), self.writer, silent_since).await?;
            if !is_left || !may_be_recovered {
                return Ok(recovered);
            }
            drop(reader);
            let mut tx = self.database.begin_write().await?;
            let db = &mut tx.db();
            let records = journal_store::recover(db, self.writer, silent_since, now).await?;
            for record in &records {
                self.keep_record(db, record, true).await?;
            }
            tx.commit().await?;
            if records.is_empty() {
                return Ok(recovered);
            }
            recovered += records.len();
        }
    }
}

/// The calls whose records are among these.
fn over_in(batch: &[JournalEntry]) -> HashSet<CallId> {
    let records = batch.iter().filter_map(|entry| match entry {
        JournalEntry::Call(record) => Some(record.card.call),
        _ => None,
    });
    records.collect()
}
