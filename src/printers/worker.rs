//! One printer's worker: takes jobs from the queue, prints them, and follows each until it can be reported.
//!
//! Nothing is kept here that is not in the queue or at the printer. The intent to print is durable before the printer hears
//! of the job, and the printer's number for it before its document is sent; so whoever comes after a crash knows whether a
//! page can have been printed.

use super::choose::choose;
use super::count::Expected;
use super::decision::{Next, Progress, Seen, Sent, Watched, judge};
use super::device::{Answer, Device, Fault, JobView, Order, PrinterState, PrinterView, Supports, Taken, Withdrawn};
use super::job::{Accepted, Begun, Condition, ConditionState, Queue, Task};
use super::rest::Rest;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use startline_foundation::clock::{Clock, age};
use startline_foundation::config::PrinterConfig;
use startline_foundation::error::{Error, Result};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long a stop waits for a document that is on its way.
const LAST_SENDING: Duration = Duration::from_secs(5);

pub struct Worker<Q, D> {
    queue: Arc<Q>,
    device: Arc<D>,
    config: PrinterConfig,
    clock: Clock,
    jobs: Vec<Job>,
    /// Whether this printer was ever seen to count pages.
    counts: bool,
    orphans_at: Option<DateTime<Utc>>,
    rest: Option<Rest>,
    left_out: BTreeSet<String>,
    told: Option<Condition>,
}

/// One job under way.
struct Job {
    task: Task,
    job_name: String,
    accepted: Option<Accepted>,
    sent: Sent,
    sending: Option<JoinHandle<Answer<Option<Taken>>>>,
    expected: Expected,
    progress: Progress,
    leased_at: DateTime<Utc>,
    /// Decided, and not yet in the queue's books.
    settled: Option<Next>,
}

impl<Q: Queue, D: Device> Worker<Q, D> {
    pub fn new(queue: Arc<Q>, device: Arc<D>, config: PrinterConfig, clock: Clock) -> Self {
        let counts = config.must_count;
        let (jobs, left_out) = (Vec::new(), BTreeSet::new());
        Self { queue, device, config, clock, jobs, counts, orphans_at: None, rest: None, left_out, told: None }
    }

    /// Asks the printer how it goes, follows what is under way, and takes more.
    pub async fn step(&mut self) {
        let condition = match self.device.look().await {
            Ok(view) => {
                self.take_over(&view.supports).await;
                self.follow_all(true).await;
                self.take_work(&view).await;
                self.condition(&view)
            }
            Err(fault) => {
                self.follow_all(false).await;
                Condition { state: ConditionState::Gone, reasons: vec![fault.to_string()] }
            }
        };
        self.tell(condition).await;
    }

    /// Leaves what is under way to whoever comes next, when its lease has run out.
    pub async fn stop(mut self) {
        for job in &mut self.jobs {
            if let Some(sending) = &mut job.sending
                && tokio::time::timeout(LAST_SENDING, &mut *sending).await.is_err()
            {
                sending.abort();
            }
        }
    }

    fn lease(&self) -> TimeDelta {
        TimeDelta::seconds(self.config.lease_s.into())
    }

    /// Takes over what a process that died had begun on this printer.
    async fn take_over(&mut self, supports: &Supports) {
        let now = self.clock.now();
        if self.orphans_at.is_some_and(|at| age(at, now) < self.lease() / 2) {
            return;
        }
        let begun = match self.queue.under_way().await {
            Ok(begun) => begun,
            Err(fault) => {
                tracing::warn!(printer = self.config.name, %fault, "what is under way cannot be looked up");
                return;
            }
        };
        self.orphans_at = Some(now);
        for Begun { task, job_name, accepted } in begun {
            if self.jobs.iter().any(|job| job.task.id == task.id)
                || self.queue.extend(&task, self.lease()).await.is_err()
            {
                continue;
            }
            tracing::info!(printer = self.config.name, job_name, "looking for a job that was begun before");
            // The document is sent only after the printer's number is on record.
            let sent = if accepted.is_none() && supports.two_steps { Sent::No } else { Sent::Maybe };
            let expected = match choose(&self.config, &task, supports) {
                Ok(chosen) => Expected { pages: task.pages(), copies: chosen.copies, duplex: chosen.duplex() },
                Err(_) => Expected {
                    pages: task.pages(),
                    copies: self.config.copies,
                    duplex: self.config.sides != "one-sided",
                },
            };
            let progress = Progress::new(now);
            let (sending, settled) = (None, None);
            let leased_at = now;
            self.jobs.push(Job { task, job_name, accepted, sent, sending, expected, progress, leased_at, settled });
        }
    }

    async fn follow_all(&mut self, answers: bool) {
        let mut jobs = std::mem::take(&mut self.jobs).into_iter();
        while let Some(mut job) = jobs.next() {
            let others = self.jobs.len() + jobs.len();
            if !self.keeps(&mut job).await {
                continue;
            }
            if answers && job.settled.is_none() {
                self.follow(&mut job, others).await;
            }
            if !self.reported(&job).await {
                self.jobs.push(job);
            }
        }
    }

    /// False when the job is not ours any more.
    async fn keeps(&self, job: &mut Job) -> bool {
        let now = self.clock.now();
        if age(job.leased_at, now) < self.lease() / 3 {
            return true;
        }
        match self.queue.extend(&job.task, self.lease()).await {
            Ok(()) => {
                job.leased_at = now;
                true
            }
            Err(fault) if is_final(&fault) => {
                tracing::warn!(printer = self.config.name, job.job_name, %fault, "a job was taken from this printer");
                if let Some(sending) = job.sending.take() {
                    sending.abort();
                }
                false
            }
            Err(fault) => {
                tracing::warn!(printer = self.config.name, job.job_name, %fault, "a lease cannot be kept up");
                true
            }
        }
    }

    async fn follow(&mut self, job: &mut Job, others: usize) {
        let now = self.clock.now();
        self.hear_of_sending(job, others).await;
        if job.settled.is_some() {
            return;
        }
        let seen = self.see(job).await;
        job.progress.look(&seen, now);
        let watched =
            Watched { sent: job.sent, expected: job.expected, counts: self.counts, may_try_again: !job.task.again };
        if let Seen::Job(view) = &seen {
            self.counts |= [view.impressions, view.sheets].iter().any(|number| number.is_some_and(|number| number > 0));
        }
        match (judge(&watched, &seen), seen) {
            (Next::Wait, _) => {}
            (Next::Withdraw, Seen::Job(view)) => self.withdraw(job, &view).await,
            (Next::Withdraw, _) => {}
            (next, _) => job.settled = Some(next),
        }
    }

    async fn hear_of_sending(&mut self, job: &mut Job, others: usize) {
        let Some(sending) = job.sending.take_if(|sending| sending.is_finished()) else { return };
        match sending.await {
            Ok(Ok(taken)) => {
                job.sent = Sent::Yes;
                if let Some(taken) = taken {
                    self.left_out.extend(taken.ignored);
                    // Should this not get into the books, the job is found again by its name.
                    let _ = self.queue.accepted(&job.task, &taken.accepted).await;
                    job.accepted = Some(taken.accepted);
                }
            }
            Ok(Err(fault @ (Fault::Refused(_) | Fault::Busy(_)))) if job.accepted.is_none() => {
                self.not_taken(job, others, &fault);
            }
            Ok(Err(fault)) => {
                tracing::warn!(printer = self.config.name, job.job_name, %fault, "a document may not have arrived");
                job.sent = Sent::Maybe;
            }
            Err(_) => job.sent = Sent::Maybe,
        }
    }

    /// The job as the printer has it; by its number, and by its name when that is another's now.
    async fn see(&self, job: &mut Job) -> Seen {
        if job.sent == Sent::Sending && job.accepted.is_none() {
            return Seen::NoAnswer;
        }
        if let Some(accepted) = &job.accepted {
            match self.device.job(accepted).await {
                Ok(view) if is_same(&view, job) => return Seen::Job(view),
                Ok(_) | Err(Fault::NotThere) => {}
                Err(fault) => {
                    tracing::debug!(printer = self.config.name, job.job_name, %fault, "a job cannot be asked after");
                    return Seen::NoAnswer;
                }
            }
        }
        match self.device.find(&job.job_name).await {
            Ok(view) if is_same(&view, job) => {
                let accepted = Accepted { job_id: view.job_id, job_uuid: view.uuid.clone() };
                if job.accepted.as_ref() != Some(&accepted) {
                    let _ = self.queue.accepted(&job.task, &accepted).await;
                    job.accepted = Some(accepted);
                }
                Seen::Job(view)
            }
            Ok(_) | Err(Fault::NotThere) => Seen::NotThere,
            Err(fault) => {
                tracing::debug!(printer = self.config.name, job.job_name, %fault, "the jobs cannot be looked through");
                Seen::NoAnswer
            }
        }
    }

    async fn withdraw(&self, job: &mut Job, view: &JobView) {
        match self.device.withdraw(view).await {
            Ok(Withdrawn::Surely) => {
                job.settled = Some(Next::GiveBack { reason: "its pages had not been sent".into() });
            }
            Ok(Withdrawn::Asked) if job.sent != Sent::No => job.sent = Sent::Withdrawn,
            Ok(Withdrawn::Asked) => {}
            Err(fault) => tracing::warn!(printer = self.config.name, job.job_name, %fault, "a job cannot be withdrawn"),
        }
    }

    /// Whether there is nothing more to do for the job.
    async fn reported(&self, job: &Job) -> bool {
        let Some(next) = &job.settled else { return false };
        let (queue, task) = (&self.queue, &job.task);
        let outcome = match next {
            Next::Wait | Next::Withdraw => return false,
            Next::Printed { pages } => queue.printed(task, *pages).await,
            Next::Spoiled { reason, pages } => queue.spoiled(task, reason, *pages).await,
            Next::GiveBack { reason } => queue.give_back(task, reason).await,
            Next::AskAPerson { reason } => queue.uncertain(task, reason).await,
        };
        tracing::info!(printer = self.config.name, job.job_name, reference = task.reference, ?next, "a job is settled");
        match outcome {
            Ok(()) => {}
            Err(fault) if is_final(&fault) => {
                tracing::error!(printer = self.config.name, job.job_name, %fault, "the queue does not take the report");
            }
            Err(fault) => {
                tracing::warn!(printer = self.config.name, job.job_name, %fault, "a report waits for the database");
                return false;
            }
        }
        self.device.settled(&job.job_name).await;
        true
    }

    async fn take_work(&mut self, view: &PrinterView) {
        let now = self.clock.now();
        if self.rest.as_ref().is_some_and(|rest| rest.goes_on(view.state, self.jobs.len(), now)) {
            return;
        }
        self.rest = None;
        let most = usize::try_from(self.config.jobs_at_a_time).unwrap_or(1).saturating_sub(self.jobs.len());
        if most == 0 || !view.takes_work() || !view.supports.pdf {
            return;
        }
        let tasks = match self.queue.lease(most, self.lease()).await {
            Ok(tasks) => tasks,
            Err(fault) => {
                tracing::warn!(printer = self.config.name, %fault, "no print jobs can be taken");
                return;
            }
        };
        for task in tasks {
            let name = task.job_name();
            if let Err(fault) = self.begin(task, &view.supports).await {
                // Whether it was begun is not known: if so, it is found among what is under way.
                tracing::warn!(printer = self.config.name, job_name = name, %fault, "a print job cannot be begun");
            }
        }
    }

    async fn begin(&mut self, task: Task, supports: &Supports) -> Result<()> {
        let queue = self.queue.clone();
        if let Some(rest) = &self.rest {
            return queue.give_back(&task, &rest.to_string()).await;
        }
        let chosen = match choose(&self.config, &task, supports) {
            Ok(chosen) => chosen,
            Err(reason) => return self.turn_down(&task, &reason).await,
        };
        let pdf = queue.pdf(&task).await?;
        if !task.sha256.is_empty() && hex(&Sha256::digest(&pdf)) != task.sha256 {
            return self.turn_down(&task, "the stored document is not the one that was composed").await;
        }
        self.left_out = chosen.left_out.iter().map(|what| format!("the printer cannot do: {what}")).collect();
        let job_name = task.job_name();
        queue.extend(&task, self.lease()).await?;
        let leased_at = self.clock.now();
        queue.begin(&task, &job_name).await?;
        let expected = Expected { pages: task.pages(), copies: chosen.copies, duplex: chosen.duplex() };
        let order = Order { task: task.clone(), job_name: job_name.clone(), chosen, pdf: pdf.into() };
        let mut job = Job {
            task,
            job_name,
            accepted: None,
            sent: Sent::No,
            sending: None,
            expected,
            progress: Progress::new(leased_at),
            leased_at,
            settled: None,
        };
        if supports.two_steps {
            self.create_and_send(&mut job, order).await;
        } else {
            let device = self.device.clone();
            job.sent = Sent::Sending;
            job.sending = Some(tokio::spawn(async move { device.print(&order).await.map(Some) }));
        }
        if !self.reported(&job).await {
            self.jobs.push(job);
        }
        Ok(())
    }

    /// Nothing is sent, and a person is told why.
    async fn turn_down(&self, task: &Task, reason: &str) -> Result<()> {
        self.queue.begin(task, &task.job_name()).await?;
        self.queue.uncertain(task, &format!("nothing was printed: {reason}")).await
    }

    /// Whatever goes wrong before the document is sent leaves a job of which nothing can be printed.
    async fn create_and_send(&mut self, job: &mut Job, order: Order) {
        let taken = match self.device.create(&order).await {
            Ok(taken) => taken,
            Err(fault @ (Fault::Refused(_) | Fault::Busy(_))) => return self.not_taken(job, self.jobs.len(), &fault),
            Err(fault) => {
                tracing::warn!(printer = self.config.name, job.job_name, %fault, "the printer may have taken a job");
                return;
            }
        };
        job.accepted = Some(taken.accepted.clone());
        if order.chosen.pages.is_some() && taken.ignored.iter().any(|name| name == "page-ranges") {
            let reason = "the printer does not print single pages, whatever it says of itself".to_owned();
            if let Ok(view) = self.device.job(&taken.accepted).await {
                let _ = self.device.withdraw(&view).await;
            }
            job.settled = Some(Next::AskAPerson { reason });
            return;
        }
        self.left_out.extend(taken.ignored.into_iter().map(|what| format!("the printer did not heed: {what}")));
        let on_record = self.queue.accepted(&job.task, &taken.accepted).await;
        let in_time = age(job.leased_at, self.clock.now()) < self.lease() * 2 / 3;
        match on_record {
            Ok(()) if in_time => {
                let (device, accepted) = (self.device.clone(), taken.accepted);
                job.sent = Sent::Sending;
                job.sending = Some(tokio::spawn(async move { device.send(&order, &accepted).await.map(|()| None) }));
            }
            // Somebody may have taken the job over by now, and found that nothing was sent. So it stays.
            Ok(()) => {
                tracing::warn!(printer = self.config.name, job.job_name, "the printer took too long to take a job")
            }
            Err(fault) => tracing::warn!(printer = self.config.name, job.job_name, %fault, "a job cannot be noted"),
        }
    }

    /// The printer did nothing: the job goes back into the queue, and the printer is left alone.
    fn not_taken(&mut self, job: &mut Job, others: usize, fault: &Fault) {
        tracing::info!(printer = self.config.name, job.job_name, %fault, "the printer does not take a job");
        job.settled = Some(Next::GiveBack { reason: format!("the printer did not take it ({fault})") });
        self.rest = Rest::after(fault, others, self.clock.now());
    }

    fn condition(&self, view: &PrinterView) -> Condition {
        let now = self.clock.now();
        let after = TimeDelta::seconds(self.config.stall_after_s.into());
        let mut reasons: Vec<String> = view.reasons.iter().filter(|reason| *reason != "none").cloned().collect();
        let stalled: Vec<&Job> = self.jobs.iter().filter(|job| job.progress.stalled(after, now)).collect();
        reasons.extend(stalled.iter().map(|job| format!("{} makes no progress", job.task.reference)));
        // One that is busy with what we sent needs no words.
        let rest = self.rest.as_ref().filter(|rest| rest.is_refusal() || self.jobs.is_empty());
        reasons.extend(rest.map(ToString::to_string));
        if !view.supports.pdf {
            reasons.push("the printer takes no PDF".into());
        }
        if !view.accepting {
            reasons.push("the printer takes no jobs".into());
        }
        let state = match view.state {
            _ if !view.takes_work() || !view.supports.pdf || rest.is_some_and(Rest::is_refusal) => {
                ConditionState::Stopped
            }
            _ if !stalled.is_empty() => ConditionState::Stalled,
            PrinterState::Idle if self.jobs.is_empty() && rest.is_none() => ConditionState::Idle,
            _ => ConditionState::Printing,
        };
        reasons.extend(self.left_out.iter().cloned());
        Condition { state, reasons }
    }

    async fn tell(&mut self, condition: Condition) {
        if self.told.as_ref() == Some(&condition) {
            return;
        }
        tracing::info!(printer = self.config.name, state = ?condition.state, reasons = ?condition.reasons, "a printer");
        match self.queue.note(&condition).await {
            Ok(()) => self.told = Some(condition),
            Err(fault) => tracing::warn!(printer = self.config.name, %fault, "a printer's state cannot be noted"),
        }
    }
}

/// A number may be another job's by now; the name and the UUID never are.
fn is_same(view: &JobView, job: &Job) -> bool {
    let uuid = job.accepted.as_ref().and_then(|accepted| accepted.job_uuid.as_ref());
    let other_uuid = matches!((uuid, &view.uuid), (Some(known), Some(seen)) if known != seen);
    view.name == job.job_name && !other_uuid
}

/// Whether asking again would give the same answer.
fn is_final(fault: &Error) -> bool {
    !matches!(fault, Error::Unavailable(_) | Error::Contended | Error::Internal(_))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
