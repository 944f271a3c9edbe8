//! How soon a desk shows a call: from a switch sending `EnterCall` to the offer on an adviser's stream, at 200 calls a
//! second, over gRPC on both sides. Each call is taken, ended and wrapped up at once.

use super::Outcome;
use super::autosave_grpc::signed;
use super::measure::{Rounds, median_ms, percentile, verdict};
use super::people::{Callers, Service, entering};
use startline::grpc::pb::{Offer, routing_service_client::RoutingServiceClient};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

const DESKS: usize = 300;
const EVERY: Duration = Duration::from_millis(5);
const CALLS_A_ROUND: u32 = 1_000;
const ROUNDS: usize = 5;
const SWITCH_CONNECTIONS: usize = 4;

/// When each caller rang who is not shown on a desk yet, and how many microseconds the others took.
static RANG: Mutex<Option<HashMap<String, Instant>>> = Mutex::new(None);
static SHOWN_US: Mutex<Vec<u32>> = Mutex::new(Vec::new());
static NONE_LEFT: Notify = Notify::const_new();
const SHOWN_WITHIN: Duration = Duration::from_secs(2);

fn still_ringing() -> usize {
    RANG.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map_or(0, HashMap::len)
}

fn shown(offer: &Offer) {
    let mut rang = RANG.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(at) = rang.as_mut().and_then(|rang| rang.remove(&offer.caller_number)) {
        let us = u32::try_from(at.elapsed().as_micros()).unwrap_or(u32::MAX);
        SHOWN_US.lock().unwrap_or_else(PoisonError::into_inner).push(us);
    }
    if rang.as_ref().is_none_or(HashMap::is_empty) {
        NONE_LEFT.notify_one();
    }
}

pub async fn run() -> Outcome {
    let service = Service::open(DESKS, None, "").await?;
    service.to_work(true, shown).await?;
    let callers = Callers::new();
    let mut switches = Vec::new();
    for _ in 0..SWITCH_CONNECTIONS {
        switches.push(RoutingServiceClient::new(service.serving.connect().await?));
    }
    let mut health = HealthClient::new(service.serving.connect().await?);
    println!(" {DESKS} desks, {} calls a second", 1_000 / EVERY.as_millis());
    let [mut p50, mut p99, mut checks] = <[Rounds; 3]>::default();
    let mut all = Vec::new();
    for round in 0..=ROUNDS {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut health_us = Vec::new();
        for n in 0..CALLS_A_ROUND {
            ticks.tick().await;
            if n.is_multiple_of(20) {
                let begun = Instant::now();
                health.check(HealthCheckRequest::default()).await?;
                health_us.push(u32::try_from(begun.elapsed().as_micros())?);
            }
            let caller = callers.next();
            let mut switch = switches[n as usize % SWITCH_CONNECTIONS].clone();
            let request = signed(entering(caller.clone()), &service.switch);
            RANG.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default().insert(caller, Instant::now());
            tokio::spawn(async move {
                match switch.enter_call(request).await {
                    Ok(stream) => {
                        let mut stream = stream.into_inner();
                        while let Ok(Some(_)) = stream.message().await {}
                    }
                    Err(fault) => eprintln!("speed: a call could not enter: {fault}"),
                }
            });
        }
        // The last ones of the round: they are told when none is left, and counted as not shown after this long.
        let _ = tokio::time::timeout(SHOWN_WITHIN, async {
            while still_ringing() > 0 {
                NONE_LEFT.notified().await;
            }
        })
        .await;
        let mut times = std::mem::take(&mut *SHOWN_US.lock().unwrap_or_else(PoisonError::into_inner));
        // The first round warms up.
        if round > 0 {
            times.sort_unstable();
            health_us.sort_unstable();
            p50.add(percentile(&times, 0.5) / 1e3);
            p99.add(percentile(&times, 0.99) / 1e3);
            checks.add(percentile(&health_us, 0.99) / 1e3);
            all.extend(times);
        }
    }
    all.sort_unstable();
    let lost = still_ringing();
    println!("  calls shown: {}, not shown: {lost}", all.len());
    p50.show("p50 of a round", "ms");
    p99.show("p99 of a round", "ms");
    checks.show("p99 of a health check meanwhile", "ms");
    println!("  all rounds: p50 {:.2} ms, p99 {:.2} ms", median_ms(&all), percentile(&all, 0.99) / 1e3);
    verdict("p99 from the call to the desk, in ms", p99.median(), 5.0, false);
    service.serving.stop().await
}
