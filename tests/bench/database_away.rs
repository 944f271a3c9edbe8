//! Routing while PostgreSQL is gone: calls go through real desks as fast as they can, the server is stopped the hard way
//! in the middle and started again, and afterwards every call must have its record.

use super::Outcome;
use super::autosave_grpc::signed;
use super::measure::Rounds;
use super::people::{Callers, Service, entering};
use super::postgres::Server;
use sqlx::{Connection, PgConnection};
use startline::grpc::pb::routing_service_client::RoutingServiceClient;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;

const DESKS: usize = 64;
const CALLERS: usize = 16;
const CYCLES: usize = 3;
/// As many calls as the queue of records holds would need more than twice as long.
const WINDOW: Duration = Duration::from_secs(2);
const WRITTEN_WITHIN: Duration = Duration::from_secs(60);

pub async fn run() -> Outcome {
    let mut server = Server::start().await?;
    let service = Service::open(DESKS, Some(&server.url()), "").await?;
    service.to_work(true, |_| {}).await?;
    let (ring, lives) = (watch::Sender::new(false), Arc::new(AtomicU64::new(0)));
    let callers = Arc::new(Callers::new());
    let mut ringing = JoinSet::new();
    for _ in 0..CALLERS {
        let mut switch = RoutingServiceClient::new(service.serving.connect().await?);
        let (mut may_ring, lives, callers, token) =
            (ring.subscribe(), lives.clone(), callers.clone(), service.switch.clone());
        ringing.spawn(async move {
            loop {
                may_ring.wait_for(|ring| *ring).await?;
                let mut stream = switch.enter_call(signed(entering(callers.next()), &token)).await?.into_inner();
                while stream.message().await?.is_some() {}
                lives.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    println!(" {DESKS} desks, {CALLERS} callers at once, {}", server.version().await?);
    let [mut before, mut away, mut written] = <[Rounds; 3]>::default();
    let mut lost = 0;
    for cycle in 0..=CYCLES {
        ring.send_replace(true);
        let with = window(&lives).await;
        server.stop_hard()?;
        let without = window(&lives).await;
        ring.send_replace(false);
        server.start_again().await?;
        let (found, rate) = all_written(&server, &lives).await?;
        // The first cycle warms up.
        if cycle > 0 {
            before.add(with);
            away.add(without);
            written.add(rate);
        }
        lost = i64::try_from(lives.load(Ordering::Relaxed))? - found;
    }
    if let Some(fault) = ringing.try_join_next() {
        let never: Outcome<std::convert::Infallible> = fault?;
        never?;
    }
    ringing.shutdown().await;
    before.show("whole calls with the database", "calls/s");
    away.show("whole calls without it", "calls/s");
    away.ratio_to(&before).verdict("without the database to with it", 0.95, true);
    written.show("records written once it is back", "records/s");
    println!("  calls: {}", lives.load(Ordering::Relaxed));
    println!("  -> records lost: {lost} (target 0, {})", if lost == 0 { "met" } else { "MISSED" });
    service.serving.stop().await?;
    server.stop().await
}

/// Waits until every call has its record: how many have, and how many were written in a second.
async fn all_written(server: &Server, lives: &AtomicU64) -> Outcome<(i64, f64)> {
    let begun = Instant::now();
    let mut connection = PgConnection::connect(&server.url()).await?;
    let mut count = async || -> Outcome<i64> {
        Ok(sqlx::query_as::<_, (i64,)>("SELECT count(*) FROM call_records").fetch_one(&mut connection).await?.0)
    };
    let first = count().await?;
    loop {
        let now = count().await?;
        if now >= i64::try_from(lives.load(Ordering::Relaxed))? || begun.elapsed() > WRITTEN_WITHIN {
            #[expect(clippy::cast_precision_loss, reason = "counts of some thousands")]
            return Ok((now, (now - first) as f64 / begun.elapsed().as_secs_f64()));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of some thousands")]
async fn window(lives: &AtomicU64) -> f64 {
    let (begun, before) = (Instant::now(), lives.load(Ordering::Relaxed));
    tokio::time::sleep(WINDOW).await;
    (lives.load(Ordering::Relaxed) - before) as f64 / begun.elapsed().as_secs_f64()
}
