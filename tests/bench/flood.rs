//! What floods cost everybody else: the answers to somebody who searches meanwhile, and the server's memory.
//!
//! The flood, the one who searches and the server share the machine, so what the flood itself works is in the figures.

use super::Outcome;
use super::flooder::{FIND_CLIENTS, Flooder, HEALTH_WATCH, REFLECTION};
use super::measure::{median_ms, percentile, verdict};
use super::server::{Serving, add_user};
use startline::grpc::pb::FindClientsRequest;
use startline::grpc::pb::client_service_client::ClientServiceClient;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};

const SEARCHES_EVERY: Duration = Duration::from_millis(10);
/// Before the flood, and while all of it is there.
const LOOKS_FOR: Duration = Duration::from_secs(3);
/// After it.
const GIVEN_BACK_WITHIN: Duration = Duration::from_secs(60);
const MIB: f64 = 1024.0 * 1024.0;

#[derive(Clone, Copy)]
enum Flood {
    /// So many connections, each with as many requests as it carries whose bodies never come.
    Streams { path: &'static str, by_a_user: bool, connections: usize },
    /// Connections that say nothing.
    Silence(usize),
}

pub async fn run() -> Outcome {
    let streams = |path, by_a_user, connections| Flood::Streams { path, by_a_user, connections };
    for (name, flood) in [
        ("reflection, 5 x 8,190 streams, no token", streams(REFLECTION, false, 5)),
        ("health, 5 x 8,190 streams, no token", streams(HEALTH_WATCH, false, 5)),
        ("searches, 5 x 8,190 streams, no token", streams(FIND_CLIENTS, false, 5)),
        ("searches, 5 x 8,190 streams, one user", streams(FIND_CLIENTS, true, 5)),
        ("searches, 21 x 8,190 streams, one user", streams(FIND_CLIENTS, true, 21)),
        ("1,100 silent connections", Flood::Silence(1_100)),
    ] {
        println!(" {name}");
        withstand(flood).await?;
    }
    Ok(())
}

async fn withstand(flood: Flood) -> Outcome {
    let data = tempfile::tempdir()?;
    let adviser = ["--role", "adviser", "--site", "somerset"];
    let greedy = add_user(data.path(), None, &[&["Greedy"][..], &adviser].concat()).await?;
    let asha = add_user(data.path(), None, &[&["Asha"][..], &adviser].concat()).await?;
    let serving = Serving::start(data.path(), None).await?;
    let address: SocketAddr = serving.address().parse()?;
    let (begun, over) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let searching = {
        let (begun, over, token) = (begun.clone(), over.clone(), asha.parse()?);
        // A thread of its own: what the flood's own work delays here is no fault of the server.
        std::thread::spawn(move || -> Outcome<_> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(search(address, token, &begun, &over))
        })
    };
    tokio::time::sleep(LOOKS_FOR).await;
    begun.store(true, Ordering::SeqCst);
    let token = greedy.trim_start_matches("Bearer ");
    let (mut flooders, mut silent, mut most) = (Vec::new(), Vec::new(), 0.0_f64);
    match flood {
        Flood::Streams { path, by_a_user, connections } => {
            for _ in 0..connections {
                flooders.push(Flooder::without_bodies(address, path, by_a_user.then_some(token)).await);
                most = most.max(memory(&serving)?);
            }
        }
        Flood::Silence(connections) => {
            for _ in 0..connections {
                silent.push(TcpStream::connect(address).await?);
            }
        }
    }
    let until = Instant::now() + LOOKS_FOR;
    while Instant::now() < until {
        most = most.max(memory(&serving)?);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    over.store(true, Ordering::SeqCst);
    let opened: usize = flooders.iter().map(|one| one.streams.len()).sum::<usize>() + silent.len();
    flooders.into_iter().for_each(Flooder::goes);
    drop(silent);
    let gone = Instant::now();
    let mut left = memory(&serving)?;
    while left > 150.0 && gone.elapsed() < GIVEN_BACK_WITHIN {
        tokio::time::sleep(Duration::from_millis(100)).await;
        left = memory(&serving)?;
    }
    let back = gone.elapsed();
    let (before, during, unserved) = searching.join().map_err(|_| "whoever searches fell over")??;
    let p99 = |sorted: &[u32]| percentile(sorted, 0.99) / 1e3;
    println!("  {opened} opened; a search before: p50 {:.2} ms, p99 {:.2} ms", median_ms(&before), p99(&before));
    println!("  during: p50 {:.2} ms, {} of {} unserved", median_ms(&during), unserved, during.len() + unserved);
    verdict("p99 of a search during it, in ms", p99(&during), 50.0, false);
    verdict("memory during it, in MiB", most, 300.0, false);
    verdict(&format!("memory {:.1} s after it, in MiB", back.as_secs_f64()), left, 150.0, false);
    serving.stop().await
}

/// Microseconds from when each search was due, sorted, before and during the flood; and how many got no answer.
async fn search(
    address: SocketAddr,
    token: MetadataValue<Ascii>,
    begun: &AtomicBool,
    over: &AtomicBool,
) -> Outcome<(Vec<u32>, Vec<u32>, usize)> {
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{address}"))?.tcp_nodelay(true);
    let clients = ClientServiceClient::new(channel.connect().await?);
    let mut searches = JoinSet::new();
    let mut due = Instant::now();
    while !over.load(Ordering::SeqCst) {
        tokio::time::sleep_until(due.into()).await;
        let is_during = begun.load(Ordering::SeqCst);
        let mut asked = Request::new(FindClientsRequest { last_name: "Fry".into(), ..FindClientsRequest::default() });
        asked.metadata_mut().insert("authorization", token.clone());
        let mut clients = clients.clone();
        // Many people ask: none of them waits for the answer of another.
        searches.spawn(async move {
            let answered = clients.find_clients(asked).await.is_ok();
            (is_during, answered.then(|| u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX)))
        });
        due += SEARCHES_EVERY;
    }
    let (mut before, mut during, mut unserved) = (Vec::new(), Vec::new(), 0);
    for (is_during, took) in searches.join_all().await {
        match took {
            Some(took) if is_during => during.push(took),
            Some(took) => before.push(took),
            None => unserved += 1,
        }
    }
    before.sort_unstable();
    during.sort_unstable();
    Ok((before, during, unserved))
}

/// What the process has of its own, in MiB; pages of its program are the machine's.
fn memory(serving: &Serving) -> Outcome<f64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", serving.process()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).ok_or("no RssAnon")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<f64>()? * 1024.0 / MIB)
}
