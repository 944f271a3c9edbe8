//! The printers' workers, each with the print room's queue as its port.

use crate::access::{self, Context};
use crate::clock::Clock;
use crate::config::PrinterConfig;
use crate::definition::Definitions;
use crate::error::Result;
use crate::grpc::Shared;
use crate::ids::SiteId;
use crate::packs;
use crate::printers::{Accepted, Begun, Condition, ConditionState, Printer, Queue, Task};
use crate::printing::{self, PrintJob, PrintedReport, PrinterState, Priority, State};
use crate::store::{Db, Store, Tx};
use chrono::TimeDelta;
use std::sync::Arc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Longest reason that the queue keeps, in characters.
const REASON_CHARACTERS: usize = 300;

/// Starts a worker for each printer of the configuration. Nothing is asked of a printer before.
///
/// # Errors
/// A sentence that names the setting.
pub(super) fn start(
    shared: &Arc<Shared>,
    printers: &[PrinterConfig],
    stopping: &CancellationToken,
) -> Result<Vec<JoinHandle<()>>, String> {
    let mut workers = Vec::with_capacity(printers.len());
    for config in printers {
        let room = SiteId::new(&config.site);
        if shared.definitions.current().site(&room).is_none() {
            return Err(format!("printers.site of {:?}: there is no site {room}", config.name));
        }
        let printer = Printer::open(config)?;
        let queue = RoomQueue {
            store: shared.store.clone(),
            clock: shared.clock.clone(),
            definitions: shared.definitions.clone(),
            printer: config.name.clone(),
            room,
        };
        let work = printer.work(queue, config.clone(), shared.clock.clone(), stopping.clone());
        workers.push(tokio::spawn(work));
    }
    Ok(workers)
}

/// The queue of one print room, as one printer sees it.
struct RoomQueue {
    store: Store,
    clock: Clock,
    definitions: Arc<Definitions>,
    printer: String,
    room: SiteId,
}

impl RoomQueue {
    /// The service itself, in this room.
    async fn context(&self, db: &mut Db<'_>) -> Result<Context> {
        let mut context = access::service_itself(db, self.clock.now()).await?;
        context.user.site = Some(self.room.clone());
        Ok(context)
    }

    async fn begin_write(&self) -> Result<(Tx, Context)> {
        let mut tx = self.store.begin_write().await?;
        let context = self.context(&mut tx.db()).await?;
        Ok((tx, context))
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
        let (mut tx, context) = self.begin_write().await?;
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        let jobs = printing::lease(&mut tx.db(), &context, most, lease).await?;
        let mut tasks = Vec::with_capacity(jobs.len());
        for job in jobs {
            tasks.push(self.task(&mut tx.db(), job).await?);
        }
        tx.commit().await?;
        Ok(tasks)
    }

    async fn extend(&self, task: &Task, lease: TimeDelta) -> Result<()> {
        let (mut tx, context) = self.begin_write().await?;
        printing::extend_lease(&mut tx.db(), &context, task.id, task.attempt, lease).await?;
        tx.commit().await
    }

    async fn pdf(&self, task: &Task) -> Result<Vec<u8>> {
        let mut reader = self.store.read().await?;
        let job = printing::get(&mut reader.db(), task.id).await?;
        packs::pdf(&mut reader.db(), job.pack_id).await
    }

    async fn begin(&self, task: &Task, job_name: &str) -> Result<()> {
        let (mut tx, context) = self.begin_write().await?;
        printing::begin_printing(&mut tx.db(), &context, task.id, task.attempt, &self.printer, job_name).await?;
        tx.commit().await
    }

    async fn accepted(&self, task: &Task, accepted: &Accepted) -> Result<()> {
        let (mut tx, context) = self.begin_write().await?;
        let accepted = printing::Accepted { job_id: accepted.job_id, job_uuid: accepted.job_uuid.clone() };
        printing::note_accepted(&mut tx.db(), &context, task.id, task.attempt, accepted).await?;
        tx.commit().await
    }

    async fn printed(&self, task: &Task, pages: Option<u32>) -> Result<()> {
        let (mut tx, context) = self.begin_write().await?;
        let report = PrintedReport { id: task.id, attempt: task.attempt, pages };
        printing::report_printed(&mut tx.db(), &context, report).await?;
        tx.commit().await
    }

    async fn spoiled(&self, task: &Task, reason: &str, pages: Option<u32>) -> Result<()> {
        let (mut tx, context) = self.begin_write().await?;
        let reason = short(reason);
        printing::report_spoiled(&mut tx.db(), &context, task.id, task.attempt, &reason, pages).await?;
        tx.commit().await
    }

    async fn give_back(&self, task: &Task, reason: &str) -> Result<()> {
        let (mut tx, context) = self.begin_write().await?;
        printing::give_back(&mut tx.db(), &context, task.id, task.attempt, &short(reason)).await?;
        tx.commit().await
    }

    async fn uncertain(&self, task: &Task, reason: &str) -> Result<()> {
        let (mut tx, context) = self.begin_write().await?;
        printing::note_uncertain(&mut tx.db(), &context, task.id, task.attempt, &short(reason)).await?;
        tx.commit().await
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
        let (mut tx, context) = self.begin_write().await?;
        let state = match condition.state {
            ConditionState::Idle => PrinterState::Idle,
            // Its reasons say which job makes no progress.
            ConditionState::Printing | ConditionState::Stalled => PrinterState::Printing,
            ConditionState::Stopped => PrinterState::Stopped,
            ConditionState::Gone => PrinterState::Gone,
        };
        printing::note_printer(&mut tx.db(), &context, &self.printer, state, &condition.reasons).await?;
        tx.commit().await
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
