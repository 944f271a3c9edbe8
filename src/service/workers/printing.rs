//! The printers' workers, each with the print room's queue as its port.

use crate::{Runner, Service, Work};
use chrono::TimeDelta;
use startline_definition::Definitions;
use startline_foundation::clock::Clock;
use startline_foundation::config::PrinterConfig;
use startline_foundation::error::Result;
use startline_foundation::ids::SiteId;
use startline_foundation::store::{Db, Store};
use startline_foundation::supervision::Ended;
use startline_packs as packs;
use startline_printers::{Accepted, Begun, Condition, ConditionState, Printer, Queue, Task};
use startline_rooms::printing::{self, PrintJob, PrintedReport, PrinterState, Priority, State};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long a worker that panicked stands still before it is started again.
const RESTART_AFTER: Duration = Duration::from_secs(5);
/// Longest reason that the queue keeps, in characters.
const REASON_CHARACTERS: usize = 300;

/// Starts a worker for each printer of the configuration. Nothing is asked of a printer before.
///
/// # Errors
/// A sentence that names the setting.
pub(super) fn start(
    service: &Arc<Service>,
    printers: &[PrinterConfig],
    stopping: &CancellationToken,
) -> Result<Vec<JoinHandle<()>>, String> {
    let mut workers = Vec::with_capacity(printers.len());
    for config in printers {
        let room = SiteId::new(&config.site);
        if service.definitions.current().site(&room).is_none() {
            return Err(format!("printers.site of {:?}: there is no site {room}", config.name));
        }
        // What is wrong with the setting is said at the start.
        Printer::open(config)?;
        let queue = RoomQueue {
            store: service.store.clone(),
            runner: service.runner.clone(),
            clock: service.clock.clone(),
            definitions: service.definitions.clone(),
            printer: config.name.clone(),
            room,
        };
        workers.push(tokio::spawn(work(service.clone(), queue, config.clone(), stopping.clone())));
    }
    Ok(workers)
}

/// Works until the service stops; a worker that panics is started again, and finds what it had at the printer.
async fn work(service: Arc<Service>, queue: RoomQueue, config: PrinterConfig, stopping: CancellationToken) {
    let name = format!("printer {}", config.name);
    while !stopping.is_cancelled() {
        service.rounds.began(&name, service.clock.now());
        let (queue, clock) = (queue.clone(), service.clock.clone());
        let outcome = match Printer::open(&config) {
            Ok(printer) => {
                let work = printer.work(queue, config.clone(), clock, stopping.clone());
                let ended = service.panics.guard(Ended::Round, &name, work).await;
                ended.err().map(|panic| (format!("it panicked: {panic}"), true))
            }
            Err(fault) => Some((fault, false)),
        };
        let fell = outcome.is_some();
        service.rounds.ended(&name, outcome, service.clock.now());
        if fell {
            let _ = stopping.run_until_cancelled(tokio::time::sleep(RESTART_AFTER)).await;
        }
    }
}

/// The queue of one print room, as one printer sees it.
#[derive(Clone)]
struct RoomQueue {
    store: Store,
    runner: Runner,
    clock: Clock,
    definitions: Arc<Definitions>,
    printer: String,
    room: SiteId,
}

impl RoomQueue {
    /// The service itself, in this room.
    async fn transact<A, F, Fut>(&self, attempt: F) -> Result<A>
    where
        F: Fn(Work) -> Fut,
        Fut: Future<Output = Result<(Work, A)>>,
    {
        let in_this_room = |mut work: Work| {
            work.context.user.site = Some(self.room.clone());
            attempt(work)
        };
        self.runner.transact(in_this_room).await
    }

    async fn task(&self, db: &mut Db<'_>, job: PrintJob) -> Result<Task> {
        let pack = packs::get(db, self.definitions.current(), job.pack_id).await?.pack;
        Ok(Task {
            id: job.id,
            attempt: job.attempt,
            again: job.priority == Priority::Again,
            reference: job.reference,
            kind: pack.wanted.kind().to_owned(),
            post_class: job.class.as_str().to_owned(),
            first_page: job.first_page,
            last_page: job.last_page,
            pack_pages: pack.pages,
            sha256: pack.sha256,
        })
    }
}

impl Queue for RoomQueue {
    async fn lease(&self, most: usize, lease: TimeDelta) -> Result<Vec<Task>> {
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        let lease = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            let jobs = packs::lease(&mut db, context, &self.definitions, most, lease).await?;
            let mut tasks = Vec::with_capacity(jobs.len());
            for job in jobs {
                tasks.push(self.task(&mut db, job).await?);
            }
            work.done(tasks)
        };
        self.transact(lease).await
    }

    async fn extend(&self, task: &Task, lease: TimeDelta) -> Result<()> {
        self.transact(|mut work| async move {
            let (mut db, context) = work.parts();
            printing::extend_lease(&mut db, context, task.id, task.attempt, lease).await?;
            work.done(())
        })
        .await
    }

    async fn pdf(&self, task: &Task) -> Result<Vec<u8>> {
        let mut reader = self.store.read().await?;
        let job = printing::get(&mut reader.db(), task.id).await?;
        packs::pdf(&mut reader.db(), job.pack_id).await
    }

    async fn begin(&self, task: &Task, job_name: &str) -> Result<()> {
        self.transact(|mut work| async move {
            let (mut db, context) = work.parts();
            let job = (task.id, task.attempt);
            packs::begin_printing(&mut db, context, &self.definitions, job, &self.printer, job_name).await?;
            work.done(())
        })
        .await
    }

    async fn accepted(&self, task: &Task, accepted: &Accepted) -> Result<()> {
        let accepted = &printing::Accepted { job_id: accepted.job_id, job_uuid: accepted.job_uuid.clone() };
        self.transact(|mut work| async move {
            let (mut db, context) = work.parts();
            printing::note_accepted(&mut db, context, task.id, task.attempt, accepted.clone()).await?;
            work.done(())
        })
        .await
    }

    async fn printed(&self, task: &Task, pages: Option<u32>) -> Result<()> {
        let report = PrintedReport { id: task.id, attempt: task.attempt, pages };
        self.transact(|mut work| async move {
            let (mut db, context) = work.parts();
            packs::report_printed(&mut db, context, &self.definitions, report).await?;
            work.done(())
        })
        .await
    }

    async fn spoiled(&self, task: &Task, reason: &str, pages: Option<u32>) -> Result<()> {
        let reason = &short(reason);
        self.transact(|mut work| async move {
            let (mut db, context) = work.parts();
            printing::report_spoiled(&mut db, context, task.id, task.attempt, reason, pages).await?;
            work.done(())
        })
        .await
    }

    async fn give_back(&self, task: &Task, reason: &str) -> Result<()> {
        self.transact(|mut work| async move {
            let (mut db, context) = work.parts();
            printing::give_back(&mut db, context, task.id, task.attempt, &short(reason)).await?;
            work.done(())
        })
        .await
    }

    async fn uncertain(&self, task: &Task, reason: &str) -> Result<()> {
        self.transact(|mut work| async move {
            let (mut db, context) = work.parts();
            printing::note_uncertain(&mut db, context, task.id, task.attempt, &short(reason)).await?;
            work.done(())
        })
        .await
    }

    async fn under_way(&self) -> Result<Vec<Begun>> {
        let now = self.clock.now();
        let mut reader = self.store.read().await?;
        let mut begun = Vec::new();
        for job in printing::under_way(&mut reader.db(), &self.room, &self.printer).await? {
            if let Some(submission) = orphaned(&job, now) {
                let (job_name, accepted) = (submission.job_name.clone(), submission.accepted.clone());
                let accepted = accepted.map(|a| Accepted { job_id: a.job_id, job_uuid: a.job_uuid });
                begun.push(Begun { task: self.task(&mut reader.db(), job).await?, job_name, accepted });
            }
        }
        Ok(begun)
    }

    async fn note(&self, condition: &Condition) -> Result<()> {
        let state = match condition.state {
            ConditionState::Idle => PrinterState::Idle,
            // Its reasons say which job makes no progress.
            ConditionState::Printing | ConditionState::Stalled => PrinterState::Printing,
            ConditionState::Stopped => PrinterState::Stopped,
            ConditionState::Gone => PrinterState::Gone,
        };
        self.transact(|mut work| async move {
            let (mut db, context) = work.parts();
            printing::note_printer(&mut db, context, &self.printer, state, &condition.reasons).await?;
            work.done(())
        })
        .await
    }
}

/// What is at the printer of a job that no worker holds any more, and that no person looks for.
fn orphaned(job: &PrintJob, now: chrono::DateTime<chrono::Utc>) -> Option<printing::Submission> {
    match &job.state {
        State::Printing { until, submission, .. } if *until <= now && submission.uncertain.is_none() => {
            Some(submission.clone())
        }
        _ => None,
    }
}

fn short(reason: &str) -> String {
    reason.chars().filter(|c| !c.is_control()).take(REASON_CHARACTERS).collect()
}
