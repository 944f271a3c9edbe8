//! Everything that is shown, under its name of the one list.

use crate::Service;
use chrono::{DateTime, Utc};
use startline_foundation::ids::SiteId;
use startline_foundation::metrics::encoding::DescriptorEncoder;
use startline_foundation::metrics::{self, Collector, Readings, Registry};
use startline_foundation::supervision::Ended;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// What is in the database, as it was read last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    pub read_at: Option<DateTime<Utc>>,
    pub jobs: Vec<(String, u64)>,
    /// When the oldest job that is still to be done was left.
    pub oldest_job: Option<DateTime<Utc>>,
    /// By room and state, with when the oldest of them was queued.
    pub print_jobs: Vec<(SiteId, String, i64, DateTime<Utc>)>,
    pub reminders: Vec<(String, u64)>,
}

/// The newest figures, for whoever shows them.
#[derive(Debug, Default)]
pub struct Newest(Mutex<Arc<Figures>>);

impl Newest {
    pub fn set(&self, figures: Figures) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(figures);
    }

    fn get(&self) -> Arc<Figures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// All that this process shows of itself. What the doors count is added by whoever opens them.
pub fn exposition(service: &Arc<Service>) -> Registry {
    let mut registry = Registry::default();
    service.store.register(&mut registry);
    service.switchboard.counts().register(&mut registry);
    service.counts.register(&mut registry);
    registry.register_collector(Box::new(Looked(Arc::downgrade(service))));
    registry
}

/// Looks at the service when it is asked; keeps nothing alive.
struct Looked(Weak<Service>);

impl fmt::Debug for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Looked")
    }
}

impl Collector for Looked {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(service) = self.0.upgrade() else { return Ok(()) };
        let mut readings = Readings::into(encoder);
        floors(&service, &mut readings)?;
        database(&service, &mut readings)?;
        work(&service, &mut readings)
    }
}

#[expect(clippy::cast_precision_loss, reason = "nothing here is counted that far")]
fn number(evaluated: usize) -> f64 {
    evaluated as f64
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a few days")]
fn seconds(span: chrono::TimeDelta) -> f64 {
    span.num_milliseconds().max(0) as f64 / 1000.0
}

fn floors(service: &Service, readings: &mut Readings<'_>) -> fmt::Result {
    let census = service.switchboard.network().census(service.clock.now());
    let of = |value: fn(&startline_routing::Census) -> f64| {
        census.iter().map(move |site| (vec![site.site.to_string()], value(site))).collect::<Vec<_>>()
    };
    readings.gauge(&metrics::CALLS_WAITING, of(|site| number(site.waiting)))?;
    readings.gauge(&metrics::LONGEST_WAIT, of(|site| seconds(site.longest_wait)))?;
    // Each state of each site, also when nobody is in it: an alert asks for who is free.
    let states = ["free", "on_break", "idle_kept", "offered", "on_call", "wrap_up", "outbound"];
    let advisers = census.iter().flat_map(|site| {
        states.map(|state| {
            let evaluated = site.advisers.get(state).copied().unwrap_or_default();
            (vec![site.site.to_string(), state.to_owned()], number(evaluated))
        })
    });
    readings.gauge(&metrics::ADVISERS, advisers)?;
    let waiting = service.switchboard.records_waiting();
    readings.gauge(&metrics::CALL_RECORDS_WAITING, [(Vec::new(), number(waiting))])
}

fn database(service: &Service, readings: &mut Readings<'_>) -> fmt::Result {
    let (used, idle) = service.store.connections();
    let connections = [("used", used), ("idle", idle)].map(|(state, count)| (vec![state.to_owned()], number(count)));
    readings.gauge(&metrics::CONNECTIONS, connections)?;
    let figures = service.figures.get();
    let now = service.clock.now();
    #[expect(clippy::cast_precision_loss, reason = "nothing here is counted that far")]
    let by_state = |all: &[(String, u64)]| -> Vec<(Vec<String>, f64)> {
        all.iter().map(|(state, count)| (vec![state.clone()], *count as f64)).collect()
    };
    readings.gauge(&metrics::JOBS, by_state(&figures.jobs))?;
    #[expect(clippy::cast_precision_loss, reason = "nothing here is counted that far")]
    let printing =
        figures.print_jobs.iter().map(|(room, state, count, _)| (vec![room.to_string(), state.clone()], *count as f64));
    readings.gauge(&metrics::PRINT_JOBS, printing)?;
    let mut oldest = BTreeMap::new();
    for (room, _, _, queued) in figures.print_jobs.iter().filter(|(_, state, ..)| state != "printed") {
        let first = oldest.entry(room.to_string()).or_insert(*queued);
        *first = (*first).min(*queued);
    }
    let oldest = oldest.into_iter().map(|(room, queued)| (vec![room], seconds(now - queued)));
    readings.gauge(&metrics::OLDEST_PRINT_JOB_AGE, oldest)?;
    readings.gauge(&metrics::REMINDERS, by_state(&figures.reminders))?;
    let age = |since: Option<DateTime<Utc>>| since.map_or(0.0, |since| seconds(now - since));
    readings.gauge(&metrics::OLDEST_JOB_AGE, [(Vec::new(), age(figures.oldest_job))])?;
    // Never read is as old as the process.
    let read_at = figures.read_at.unwrap_or(service.started_at);
    readings.gauge(&metrics::FIGURES_AGE, [(Vec::new(), age(Some(read_at)))])?;
    let of_build = vec![
        env!("CARGO_PKG_VERSION").to_owned(),
        service.definitions.current().version.to_string(),
        service.store.engine_name().to_owned(),
    ];
    readings.gauge(&metrics::BUILD_INFO, [(of_build, 1.0)])
}

fn work(service: &Service, readings: &mut Readings<'_>) -> fmt::Result {
    readings.counter(&metrics::RETRIES, [(Vec::new(), service.runner.retries())])?;
    let rounds = service.rounds.all().into_iter().flat_map(|(worker, round)| {
        let done = round.rounds - round.failures;
        let outcomes = [("done", done), ("failed", round.failures - round.panics), ("panicked", round.panics)];
        outcomes.map(|(outcome, count)| (vec![worker.clone(), outcome.to_owned()], count))
    });
    readings.counter(&metrics::ROUNDS, rounds)?;
    let ended =
        [("request", Ended::Request), ("job", Ended::Job), ("call_message", Ended::Call), ("round", Ended::Round)];
    readings.counter(&metrics::PANICS, ended.map(|(what, ended)| (vec![what.to_owned()], service.panics.count(ended))))
}
