//! What happens without anybody asking: work that comes round again ([`Worker`]), and jobs that transactions left
//! ([`jobs`]). A round or a job that panics ends alone; the worker is started again. How each worker's rounds went can be
//! seen ([`Rounds`]).

mod after_calls;
mod clock;
mod diaries;
mod floors;
mod following;
mod house;
pub mod jobs;
mod letters_addresses;
mod looks;
mod lost_desks;
mod pack_jobs;
mod people;
mod printing;
mod readiness;
mod reminding;
mod retaining;
mod watching;

pub use after_calls::AfterCalls;
pub use floors::FloorHolder;
pub use jobs::{JobRunner, Progress};
pub use readiness::Readiness;

use super::Service;
use chrono::{DateTime, Utc};
use dashmap::DashMap;
use startline_foundation::config::{PrinterConfig, RetentionConfig};
use startline_foundation::error::Result;
use startline_foundation::supervision::Ended;
use startline_rooms::reminders::Notify as NotifyClient;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

/// Work that comes round again.
trait Worker: Send + 'static {
    /// As an operator sees it.
    const NAME: &'static str;
    /// The longest pause between two rounds.
    const PAUSE: Duration;
    /// Whether a round under way is finished when the service stops, rather than cut off.
    const IS_FINISHED: bool = false;

    fn round(&mut self, service: &Arc<Service>) -> impl Future<Output = Result<()>> + Send;

    /// What begins the next round before the pause is over.
    fn woken_by(_service: &Service) -> Option<&Notify> {
        None
    }
}

/// How a worker's rounds went, since the start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Round {
    pub began_at: Option<DateTime<Utc>>,
    /// When the newest round that ended did so.
    pub ended_at: Option<DateTime<Utc>>,
    /// What went wrong in it; none when it went well.
    pub fault: Option<String>,
    pub rounds: u64,
    pub failures: u64,
    /// Rounds that a panic ended, after each of which the worker was started again.
    pub panics: u64,
}

/// How the rounds of every worker of this process went, by its name. Memory only.
#[derive(Debug, Default)]
pub struct Rounds(DashMap<String, Round>);

impl Rounds {
    /// By name.
    pub fn all(&self) -> Vec<(String, Round)> {
        let mut all: Vec<_> = self.0.iter().map(|entry| (entry.key().clone(), entry.value().clone())).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    fn began(&self, name: &str, now: DateTime<Utc>) {
        self.0.entry(name.to_owned()).or_default().began_at = Some(now);
    }

    /// `outcome`: what went wrong, and whether it was a panic.
    fn ended(&self, name: &str, outcome: Option<(String, bool)>, now: DateTime<Utc>) {
        let mut round = self.0.entry(name.to_owned()).or_default();
        round.rounds += 1;
        round.ended_at = Some(now);
        round.failures += u64::from(outcome.is_some());
        round.panics += u64::from(outcome.as_ref().is_some_and(|(_, panicked)| *panicked));
        round.fault = outcome.map(|(fault, _)| fault);
    }
}

/// The first pause before a worker that panicked is started again; each is twice as long as the one before.
const RESTART_AFTER: Duration = Duration::from_millis(250);
const LONGEST_RESTART: Duration = Duration::from_secs(60);

/// Goes round until the service stops.
async fn go_round<W: Worker>(service: Arc<Service>, mut worker: W, stopping: CancellationToken) {
    let mut restart_after = RESTART_AFTER;
    while !stopping.is_cancelled() {
        service.rounds.began(W::NAME, service.clock.now());
        let span = tracing::info_span!("round", otel.name = W::NAME, worker = W::NAME);
        let round = service.panics.guard(Ended::Round, W::NAME, worker.round(&service).instrument(span));
        let outcome = match W::IS_FINISHED {
            true => round.await,
            false => match stopping.run_until_cancelled(round).await {
                Some(outcome) => outcome,
                None => break,
            },
        };
        let now = service.clock.now();
        match outcome {
            Ok(Ok(())) => service.rounds.ended(W::NAME, None, now),
            Ok(Err(fault)) => {
                tracing::warn!(%fault, worker = W::NAME, "a round went wrong; it is tried again");
                service.rounds.ended(W::NAME, Some((fault.to_string(), false)), now);
            }
            Err(panic) => {
                service.rounds.ended(W::NAME, Some((format!("it panicked: {panic}"), true)), now);
                let _ = stopping.run_until_cancelled(tokio::time::sleep(restart_after)).await;
                restart_after = (restart_after * 2).min(LONGEST_RESTART);
                continue;
            }
        }
        restart_after = RESTART_AFTER;
        let woken = async {
            match W::woken_by(&service) {
                Some(notify) => notify.notified().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = service.clock.next_tick(W::PAUSE) => {}
            () = woken => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// Starts every worker of the service.
///
/// # Errors
/// A sentence that names the setting of a printer that cannot be.
pub fn start(
    service: &Arc<Service>,
    floor: FloorHolder,
    notify: Option<NotifyClient>,
    printers: &[PrinterConfig],
    stopping: &CancellationToken,
) -> Result<Vec<JoinHandle<()>>, String> {
    fn spawn<W: Worker>(service: &Arc<Service>, worker: W, stopping: &CancellationToken) -> JoinHandle<()> {
        tokio::spawn(go_round(service.clone(), worker, stopping.clone()))
    }
    let mut workers = vec![
        spawn(service, floor, stopping),
        spawn(service, floors::Tick, stopping),
        spawn(service, people::People::default(), stopping),
        spawn(service, looks::Looks::default(), stopping),
        spawn(service, looks::Seals, stopping),
        spawn(service, clock::ClockWatcher::new(service), stopping),
        spawn(service, readiness::Looks, stopping),
        spawn(service, readiness::EveryPage::default(), stopping),
        spawn(service, floors::DueCallbacks, stopping),
        spawn(service, floors::Needs, stopping),
        spawn(service, floors::Commitments, stopping),
        spawn(service, floors::Contingencies, stopping),
        spawn(service, house::Requests, stopping),
        spawn(service, house::Posts, stopping),
        spawn(service, diaries::Diaries::default(), stopping),
        spawn(service, following::FollowUps::default(), stopping),
        spawn(service, letters_addresses::LettersAddresses::default(), stopping),
        spawn(service, lost_desks::LostDesks::default(), stopping),
        spawn(service, reminding::Reminders::new(notify), stopping),
        spawn(service, jobs::Jobs::new(JobRunner::of(service)), stopping),
    ];
    if service.outside.retention != RetentionConfig::default() {
        workers.push(spawn(service, retaining::Retention::default(), stopping));
    }
    if service.outside.is_watched {
        workers.push(spawn(service, watching::Watching, stopping));
    }
    workers.extend(printing::start(service, printers, stopping)?);
    Ok(workers)
}

#[cfg(test)]
mod tests;
