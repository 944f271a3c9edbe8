//! Does the jobs that transactions left, each at least once, by a worker of whichever process. What there is to do is a
//! typed struct in its room; the registry knows how each is done. A run of the evening does the same with several workers
//! at once, until nothing is left.

use super::{Worker, pack_jobs};
use crate::{Runner, Service, Work};
use chrono::TimeDelta;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use startline_definition::Definitions;
use startline_foundation::clock::Clock;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::store::{self, Job, LeasedJob, RetryRule, Store};
use startline_foundation::supervision::{Ended, Panics};
use startline_packs::Composers;
use startline_rooms::access::{self, Context, Sees};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// A pack takes a tenth of a second; a job that takes as long as this is given up, and a worker that is gone for so long
/// is dead.
const JOB_LEASE: Duration = Duration::from_secs(30);
const JOBS_AT_A_TIME: i32 = 4;
/// How often a run looks again for what another process has under way.
const RUN_TICK: Duration = Duration::from_millis(500);

/// How a job is done. The transaction that has its effect also ticks it off ([`store::finish_job`]).
pub(super) trait Runnable: Job {
    fn run(self, jobs: &JobRunner, leased: &LeasedJob) -> impl Future<Output = Result<()>> + Send;
}

type Run = Box<dyn for<'a> Fn(&'a JobRunner, &'a LeasedJob) -> BoxFuture<'a, Result<()>> + Send + Sync>;

/// One kind of job.
struct Entry {
    retry: RetryRule,
    room: &'static str,
    run: Run,
}

/// Every kind of job that this program can do, by its stored name.
#[derive(Default)]
pub(super) struct Registry(BTreeMap<&'static str, Entry>);

impl Registry {
    pub(super) fn with<J: Runnable>(mut self) -> Self {
        let run: Run = Box::new(|jobs, leased| {
            async move {
                let job: J = serde_json::from_value(leased.payload.clone())
                    .map_err(|fault| Error::internal(format!("its payload cannot be read: {fault}")))?;
                job.run(jobs, leased).await
            }
            .boxed()
        });
        self.0.insert(J::NAME, Entry { retry: J::RETRY, room: J::ROOM, run });
        self
    }
}

/// What doing jobs needs of the world.
#[derive(Clone)]
pub struct JobRunner {
    pub store: Store,
    pub clock: Clock,
    pub definitions: Arc<Definitions>,
    pub composers: Arc<Composers>,
    pub(super) runner: Runner,
    panics: Panics,
    registry: Arc<Registry>,
}

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Done by this run, and tried in vain; the latter are tried again later.
    pub done: u64,
    pub failed: u64,
    /// Still to be done, by whomever.
    pub left: u64,
}

impl JobRunner {
    pub fn new(store: Store, clock: Clock, definitions: Arc<Definitions>) -> Self {
        Self {
            runner: Runner::new(store.clone(), clock.clone()),
            store,
            clock,
            definitions,
            composers: Arc::default(),
            panics: Panics::default(),
            registry: Arc::new(pack_jobs::registry()),
        }
    }

    pub fn of(service: &Service) -> Self {
        Self {
            store: service.store.clone(),
            clock: service.clock.clone(),
            definitions: service.definitions.clone(),
            composers: service.composers.clone(),
            runner: service.runner.clone(),
            panics: service.panics.clone(),
            registry: Arc::new(pack_jobs::registry()),
        }
    }

    /// Does everything that is due with so many workers, each with one job in memory, and tells how far it is after each.
    /// A stopped run finishes what it has under way; the next one goes on where it was.
    ///
    /// # Errors
    /// When the database does not answer. What was done is done.
    pub fn run<'a>(
        &'a self,
        workers: usize,
        stopping: &'a CancellationToken,
        tell: impl Fn(Progress) + Send + Sync + 'static,
    ) -> BoxFuture<'a, Result<Progress>> {
        self.run_telling(workers, stopping, Arc::new(tell))
    }

    /// Boxed, and without a type of the caller's, so that it is compiled here and not in each program.
    fn run_telling<'a>(
        &'a self,
        workers: usize,
        stopping: &'a CancellationToken,
        tell: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> BoxFuture<'a, Result<Progress>> {
        Box::pin(self.run_all(workers, stopping, tell))
    }

    async fn run_all(
        &self,
        workers: usize,
        stopping: &CancellationToken,
        tell: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<Progress> {
        let so_far = Arc::new(Mutex::new(Progress::default()));
        let mut running = JoinSet::new();
        for _ in 0..workers.max(1) {
            running.spawn(self.clone().work(stopping.clone(), so_far.clone(), tell.clone()));
        }
        while let Some(ended) = running.join_next().await {
            ended.map_err(|fault| Error::internal(format!("a worker of the run fell over: {fault}")))??;
        }
        let progress = *so_far.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(progress)
    }

    async fn work(
        self,
        stopping: CancellationToken,
        so_far: Arc<Mutex<Progress>>,
        tell: Arc<dyn Fn(Progress) + Send + Sync>,
    ) -> Result<()> {
        while !stopping.is_cancelled() {
            let jobs = self.lease(1).await?;
            let (mut done, mut failed) = (0, 0);
            for job in &jobs {
                if self.execute(job).await { done += 1 } else { failed += 1 }
            }
            let (due, open) = store::jobs_left(&mut self.store.read().await?.db(), self.clock.now()).await?;
            let progress = {
                let mut progress = so_far.lock().unwrap_or_else(PoisonError::into_inner);
                progress.done += done;
                progress.failed += failed;
                progress.left = open;
                *progress
            };
            tell(progress);
            // What was tried in vain is due later; what another has under way is waited for.
            if jobs.is_empty() && due == 0 {
                break;
            }
            if jobs.is_empty() {
                self.clock.next_tick(RUN_TICK).await;
            }
        }
        Ok(())
    }

    async fn lease(&self, most: i32) -> Result<Vec<LeasedJob>> {
        let lease = TimeDelta::from_std(JOB_LEASE).map_err(Error::internal)?;
        self.runner
            .transact(|mut work| async move {
                let now = work.context.now;
                let jobs = store::lease_jobs(&mut work.db(), most, lease, now).await?;
                work.done(jobs)
            })
            .await
    }

    /// Whether it was done. Whatever becomes of it, it is never leased and forgotten: one that nobody here knows, that
    /// panics or that takes too long is tried again as its rule says and then set aside with what went wrong.
    async fn execute(&self, job: &LeasedJob) -> bool {
        let entry = self.registry.0.get(job.name.as_str());
        let rule = entry.map_or(RetryRule::UNKNOWN, |entry| entry.retry);
        let outcome = match entry {
            None => Err(Error::internal(format!("no worker of this program knows what {:?} is", job.name))),
            // Each time the worker died with it, and nobody was left to say what went wrong.
            Some(_) if job.attempt > rule.most_attempts => Err(Error::internal("its worker died at each try")),
            Some(entry) => {
                let span = tracing::info_span!("job", otel.name = job.name, job = %job.id, attempt = job.attempt);
                let running = tokio::time::timeout(JOB_LEASE, (entry.run)(self, job).instrument(span));
                match self.panics.guard(Ended::Job, &job.name, running).await {
                    Ok(Ok(outcome)) => outcome,
                    Ok(Err(_)) => Err(Error::internal(format!("it took longer than {} s", JOB_LEASE.as_secs()))),
                    Err(panic) => Err(Error::internal(format!("it panicked: {panic}"))),
                }
            }
        };
        let Err(fault) = outcome else { return true };
        if matches!(fault, Error::Illegal { reason: "JOB_LOST", .. }) {
            tracing::info!(job = %job.id, name = job.name, "another worker has done this job");
            return false;
        }
        self.give_back(job, &fault, rule).await;
        false
    }

    async fn give_back(&self, job: &LeasedJob, fault: &Error, rule: RetryRule) {
        let words = &fault.to_string();
        let failed = |mut work: Work| async move {
            let now = work.context.now;
            let given_up = store::fail_job(&mut work.db(), job, words, rule, now).await?;
            work.done(given_up)
        };
        let room = self.registry.0.get(job.name.as_str()).map_or("none", |entry| entry.room);
        let (id, name, attempt) = (job.id, &job.name, job.attempt);
        match self.runner.transact(failed).await {
            Ok(false) => tracing::warn!(%fault, job = %id, name, room, attempt, "a job failed and will be tried again"),
            Ok(true) => tracing::error!(%fault, job = %id, name, room, attempt, "a job was given up: see ListJobs"),
            Err(second) => {
                tracing::warn!(%fault, %second, job = %id, name, "a failed job could not be given back; its lease will run out");
            }
        }
    }

    /// On behalf of whoever did what the job follows from.
    pub(super) async fn context_of(&self, job: &LeasedJob) -> Result<Context> {
        let user = access::user(&mut self.store.read().await?.db(), job.user_id).await?;
        Ok(Context { now: self.clock.now(), user, request_id: None, language: Language::English, sees: Sees::ALL })
    }
}

/// Does jobs until the service stops.
pub(super) struct Jobs(JobRunner);

impl Jobs {
    pub(super) fn new(runner: JobRunner) -> Self {
        Self(runner)
    }
}

impl Worker for Jobs {
    const NAME: &'static str = "jobs";
    /// How often jobs are looked for that nobody announced: those of another process, and those whose lease ran out.
    const PAUSE: Duration = Duration::from_secs(2);
    /// A job under way is not cut off in the middle.
    const IS_FINISHED: bool = true;

    async fn round(&mut self, service: &Arc<Service>) -> Result<()> {
        for job in self.0.lease(JOBS_AT_A_TIME).await? {
            self.0.execute(&job).await;
            // There may be more.
            service.job_queued.notify_one();
        }
        Ok(())
    }

    fn woken_by(service: &Service) -> Option<&Notify> {
        Some(&service.job_queued)
    }
}
