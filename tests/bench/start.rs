//! How soon `startline serve` answers health on a data folder that exists, and what it holds when nothing happens.

use super::Outcome;
use super::measure::{Rounds, resident_mib, verdict};
use super::server::{Serving, add_user};
use std::path::Path;
use std::time::{Duration, Instant};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

const STARTS: usize = 15;
/// Long enough for every worker to have looked once for something to do.
const IDLE: Duration = Duration::from_secs(4);

pub async fn run() -> Outcome {
    let data = tempfile::tempdir()?;
    let (first, serving) = started(data.path()).await?;
    serving.stop().await?;
    println!("  the very first start, which makes the database: {first:.0} ms");
    add_user(data.path(), None, &["Exchange", "--role", "switch"]).await?;

    let [mut after_stop, mut after_kill, mut resident] = <[Rounds; 3]>::default();
    for _ in 0..STARTS {
        let (ms, serving) = started(data.path()).await?;
        after_stop.add(ms);
        serving.kill().await?;
        let (ms, serving) = started(data.path()).await?;
        after_kill.add(ms);
        serving.stop().await?;
    }
    for _ in 0..3 {
        let (_, serving) = started(data.path()).await?;
        tokio::time::sleep(IDLE).await;
        resident.add(resident_mib(&serving.process())?);
        serving.stop().await?;
    }
    after_stop.show("from spawning to SERVING, after an ordered stop", "ms");
    after_kill.show("from spawning to SERVING, after a kill", "ms");
    resident.show("resident, idle", "MiB");
    verdict("start in ms", after_stop.median().max(after_kill.median()), 300.0, false);
    verdict("resident idle in MiB", resident.median(), 150.0, false);
    Ok(())
}

async fn started(data: &Path) -> Outcome<(f64, Serving)> {
    let begun = Instant::now();
    let serving = Serving::start(data, None).await?;
    let mut health = HealthClient::new(serving.connect().await?);
    let answer = health.check(HealthCheckRequest::default()).await?.into_inner();
    let took = begun.elapsed();
    if answer.status() != ServingStatus::Serving {
        return Err("the server answers, but does not serve".into());
    }
    Ok((took.as_secs_f64() * 1e3, serving))
}
