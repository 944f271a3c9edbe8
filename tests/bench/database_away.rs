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
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const DESKS: usize = 64;
const CALLERS: usize = 16;
const CYCLES: usize = 3;
const WINDOW: Duration = Duration::from_secs(4);
/// Long enough to connect again and to write what has gathered.
const BACK: Duration = Duration::from_secs(5);

pub async fn run() -> Outcome {
    let mut server = Server::start().await?;
    let service = Service::open(DESKS, Some(&server.url()), "").await?;
    service.to_work(true, |_| {}).await?;
    let (over, lives) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let callers = Arc::new(Callers::new());
    let mut ringing = tokio::task::JoinSet::new();
    for _ in 0..CALLERS {
        let mut switch = RoutingServiceClient::new(service.serving.connect().await?);
        let (over, lives, callers, token) = (over.clone(), lives.clone(), callers.clone(), service.switch.clone());
        ringing.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                let mut stream = switch.enter_call(signed(entering(callers.next()), &token)).await?.into_inner();
                while stream.message().await?.is_some() {}
                lives.fetch_add(1, Ordering::Relaxed);
            }
            Outcome::Ok(())
        });
    }
    println!(" {DESKS} desks, {CALLERS} callers at once, {}", server.version().await?);
    tokio::time::sleep(BACK).await;
    let [mut before, mut away] = <[Rounds; 2]>::default();
    for _ in 0..CYCLES {
        before.add(window(&lives).await);
        server.stop_hard()?;
        away.add(window(&lives).await);
        server.start_again().await?;
        tokio::time::sleep(BACK).await;
    }
    over.store(true, Ordering::Relaxed);
    while let Some(done) = ringing.join_next().await {
        done??;
    }
    let (lives, begun) = (lives.load(Ordering::Relaxed), Instant::now());
    let mut connection = PgConnection::connect(&server.url()).await?;
    let written = loop {
        let (written,): (i64,) = sqlx::query_as("SELECT count(*) FROM call_records").fetch_one(&mut connection).await?;
        if u64::try_from(written)? >= lives || begun.elapsed() > Duration::from_secs(60) {
            break written;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    before.show("whole calls with the database", "calls/s");
    away.show("whole calls without it", "calls/s");
    away.ratio_to(&before).verdict("without the database to with it", 0.95, true);
    println!(
        "  calls: {lives}, records written: {written}, {:.1} s after the last call",
        begun.elapsed().as_secs_f64()
    );
    let lost = i64::try_from(lives)? - written;
    println!("  -> records lost: {lost} (target 0, {})", if lost == 0 { "met" } else { "MISSED" });
    connection.close().await?;
    service.serving.stop().await?;
    server.stop().await
}

#[expect(clippy::cast_precision_loss, reason = "counts of some thousands")]
async fn window(lives: &AtomicU64) -> f64 {
    let (begun, before) = (Instant::now(), lives.load(Ordering::Relaxed));
    tokio::time::sleep(WINDOW).await;
    (lives.load(Ordering::Relaxed) - before) as f64 / begun.elapsed().as_secs_f64()
}
