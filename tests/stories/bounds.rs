//! Floods: streams without an end, connections that say nothing, answers that nobody reads. The process keeps its memory
//! within bounds, gives it back, and serves everybody else meanwhile.

use crate::support::flooder::{FIND_CLIENTS, Flooder, HEALTH_CHECK, HEALTH_WATCH, REFLECTION, STREAMS, request};
use crate::support::process::{Process, program};
use crate::support::steps::{client_with_claim, draft, offered};
use crate::support::tls::{self, Authority};
use crate::support::{Engine, Home, World, soon, until};
use bytes::Bytes;
use serde_json::json;
use startline::grpc::pb;
use std::net::SocketAddr;
use std::process::Stdio;
use tokio::net::{TcpSocket, TcpStream};
use tokio::process::Command;
use tokio_util::task::AbortOnDropHandle;

const MIB: u64 = 1024 * 1024;
/// While a flood lasts, and after it.
const MOST: u64 = 300 * MIB;
const AFTERWARDS: u64 = 150 * MIB;

/// What a process has in memory of its own; pages of its program are the machine's.
fn memory(process: &Process) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<u64>().unwrap() * 1024
}

fn address(home: &Home) -> SocketAddr {
    home.address.lock().unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_streams_takes_little_memory_and_gives_it_back_and_others_go_on() {
    let home = Home::fresh(Engine::Sqlite).await;
    let (greedy, asha) = (home.adviser("Greedy", "somerset").await, home.adviser("Asha", "somerset").await);
    let (client, _) = {
        let process = Process::serve(&home).await;
        let made = client_with_claim(&asha, "Fry").await;
        process.kill().await;
        made
    };
    for (path, token, connections) in [
        (REFLECTION, None, 5),
        (HEALTH_WATCH, None, 5),
        (FIND_CLIENTS, None, 5),
        (FIND_CLIENTS, Some(greedy.token.as_str()), 5),
        (FIND_CLIENTS, Some(greedy.token.as_str()), 21),
    ] {
        let process = Process::serve(&home).await;
        let to = address(&home);
        let mut flood = Vec::new();
        for _ in 0..connections {
            flood.push(Flooder::without_bodies(to, path, token).await);
            let taken = memory(&process);
            assert!(taken < MOST, "{} MiB after {} connections to {path}", taken / MIB, flood.len());
            // On a busy machine it may take a second try.
            let found = || async {
                let request = pb::GetClientRequest { client_id: client.client_id.clone() };
                asha.clients().get_client(request).await.ok().map(drop)
            };
            until("somebody else to be served", found).await;
        }
        let opened: usize = flood.iter().map(|one| one.streams.len()).sum();
        assert!(opened > connections * STREAMS / 2, "only {opened} streams were opened");
        flood.into_iter().for_each(Flooder::goes);
        until("the memory to be given back", || async { (memory(&process) < AFTERWARDS).then_some(()) }).await;
        process.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_streams_under_tls_takes_no_more_and_others_go_on() {
    let ours = Authority::new("ours");
    let mut home = Home::fresh(Engine::Sqlite).await;
    home.tls = Some(tls::lay(home.folder.path(), &ours.door()));
    let (greedy, asha) = (home.adviser("Greedy", "somerset").await, home.adviser("Asha", "somerset").await);
    let caller = ours.trusted(&["h2"]);
    for (path, token) in [(REFLECTION, None), (FIND_CLIENTS, None), (FIND_CLIENTS, Some(greedy.token.as_str()))] {
        let process = Process::serve(&home).await;
        let to = address(&home);
        let line = caller.channel(to);
        let mut flood = Vec::new();
        for _ in 0..5 {
            let stream = caller.connect(to).await.unwrap();
            flood.push(Flooder::without_bodies_over(stream, to, path, token).await);
            let taken = memory(&process);
            assert!(taken < MOST, "{} MiB after {} connections to {path}", taken / MIB, flood.len());
            let served = || async { crate::tls::who_am_i(&line, Some(&asha.token)).await.ok() };
            assert_eq!(until("somebody else to be served", served).await, "Asha");
        }
        let opened: usize = flood.iter().map(|one| one.streams.len()).sum();
        assert!(opened > 5 * STREAMS / 2, "only {opened} streams were opened");
        flood.into_iter().for_each(Flooder::goes);
        until("the memory to be given back", || async { (memory(&process) < AFTERWARDS).then_some(()) }).await;
        process.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_nobody_reads_are_not_kept_without_end() {
    let home = Home::fresh(Engine::Sqlite).await;
    let (greedy, asha) = (home.adviser("Greedy", "somerset").await, home.adviser("Asha", "somerset").await);
    let process = Process::serve(&home).await;
    let petra = home.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let answers = vec![draft("A1", &json!(["JSA"]), 0), draft("B17", &json!("female"), 0)];
    asha.save(&claim.claim_id, answers).await.unwrap();
    let held = asha.hold(&claim.claim_id, &asha.find_slots(&claim.claim_id).await.pop().unwrap()).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap();
    asha.completes(&claim.claim_id, pb::Delivery::Email, "fry@example.org").await.unwrap();
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let asked = pb::GetPackDocumentRequest { pack_id: pack.pack_id };
    let message = prost::Message::encode_to_vec(&asked);
    let path = "/startline.v1.PackService/GetPackDocument";
    let mut flood = Vec::new();
    for _ in 0..2 {
        flood.push(Flooder::unread(address(&home), path, &greedy.token, &message, 1_000).await);
    }
    until("most of them to be answered or refused", || async {
        let taken = memory(&process);
        assert!(taken < MOST, "{} MiB", taken / MIB);
        // Everybody else is served meanwhile.
        assert_eq!(asha.claim(&claim.claim_id).await.claim_id, claim.claim_id);
        (flood.iter().map(|one| one.streams.len()).sum::<usize>() > 0).then_some(())
    })
    .await;
    flood.into_iter().for_each(Flooder::goes);
    until("the memory to be given back", || async {
        eprintln!("{}", memory(&process) / MIB);
        (memory(&process) < AFTERWARDS).then_some(())
    })
    .await;
    process.kill().await;
}

/// Requests that are nearly there, and stay so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_of_requests_that_never_end_is_not_kept_without_end() {
    let home = Home::fresh(Engine::Sqlite).await;
    let (greedy, asha) = (home.adviser("Greedy", "somerset").await, home.adviser("Asha", "somerset").await);
    let nearly = |mib: u64| usize::try_from(mib * MIB).unwrap() - 1_024;
    for (path, token, bytes, times) in [
        (FIND_CLIENTS, Some(greedy.token.as_str()), nearly(1), 400),
        (HEALTH_WATCH, None, nearly(4), 60),
        (REFLECTION, None, nearly(4), 60),
    ] {
        let process = Process::serve(&home).await;
        let mut flood = Flooder::half_sent(address(&home), path, token, bytes, times).await;
        assert_eq!(flood.streams.len(), times);
        // Those for which there is no room are refused, each by name.
        let mut refused = 0;
        for (answer, _) in flood.streams.drain(..).take(times / 2) {
            let taken = memory(&process);
            assert!(taken < MOST, "{} MiB with {path}", taken / MIB);
            let answer = soon("a request to be refused", answer).await;
            let Ok(answer) = answer else { continue };
            let status = answer.headers().get("grpc-status").and_then(|status| status.to_str().ok().map(str::to_owned));
            refused += usize::from(matches!(status.as_deref(), Some("8")));
        }
        // Reflection answers with a stream, whose end tells.
        assert!(refused > times / 4 || path == REFLECTION, "{refused} of {times} to {path}");
        assert!(
            asha.clients()
                .find_clients(pb::FindClientsRequest { last_name: "Fry".into(), ..Default::default() })
                .await
                .is_ok()
        );
        process.kill().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_does_not_come_to_its_end_is_given_up() {
    let home = Home::fresh(Engine::Sqlite).await;
    let asha = home.adviser("Asha", "somerset").await;
    let process = Process::serve(&home).await;
    let (send, _connection) = Flooder::connect(address(&home), 65_535).await;
    let mut send = send.ready().await.unwrap();
    let (answer, _never_ended) =
        send.send_request(request(address(&home), FIND_CLIENTS, Some(&asha.token)), false).unwrap();
    let answer = soon("the request to be given up", answer).await.unwrap();
    let status = answer.headers().get("grpc-status").map(|status| status.to_str().unwrap().to_owned());
    assert_eq!(status.as_deref(), Some("4"), "{answer:?}");
    // With its reason, as every refusal.
    assert!(answer.headers().contains_key("grpc-status-details-bin"), "{answer:?}");
    process.kill().await;
}

/// It answers every ping, which is not asking.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_by_which_nobody_asks_is_closed_and_one_with_a_stream_is_not() {
    let mut home = Home::fresh(Engine::Sqlite).await;
    home.idle_s = 1;
    let world = World::on(home).await;
    let (asha, switch) = (world.adviser("Asha", "somerset").await, world.switch("the switch").await);
    let mut desk = asha.take_calls().await;
    let (send, connection) = h2::client::handshake(TcpStream::connect(address(&world)).await.unwrap()).await.unwrap();
    let mut send = send.ready().await.unwrap();
    let connection = tokio::spawn(connection);
    // It has asked something, and been answered.
    let (answer, mut body) = send.send_request(request(address(&world), HEALTH_CHECK, None), false).unwrap();
    body.send_data(Bytes::from_static(&[0; 5]), true).unwrap();
    assert_eq!(soon("an answer", answer).await.unwrap().status(), 200);
    // In order: whoever was about to ask is told to come anew.
    soon("the idle connection to be closed", connection).await.unwrap().unwrap();
    // The desk has said nothing for longer.
    let _call = switch.enter_call("frome-1", "01373 000123").await;
    offered(&mut desk).await;
    drop(send);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_take_no_more_than_their_part_of_the_descriptors() {
    let home = Home::fresh(Engine::Sqlite).await;
    let asha = home.adviser("Asha", "somerset").await;
    let process = Process::serve_with(&home, |command| {
        let mut limited = Command::new("prlimit");
        limited.args(["--nofile=1024:1024", "--"]).arg(program().as_std().get_program());
        limited.args(command.as_std().get_args());
        limited.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        *command = limited;
    })
    .await;
    let mut open = asha.take_calls().await;
    let to = address(&home);
    let mut silent = Vec::new();
    for _ in 0..1_100 {
        silent.push(TcpStream::connect(to).await.unwrap());
    }
    // Whoever was there goes on, and whoever comes from elsewhere is served.
    let first = open.message().await.unwrap();
    assert!(first.is_some());
    let descriptors = std::fs::read_dir(format!("/proc/{}/fd", process.id())).unwrap().count();
    assert!(descriptors < 1_024 - 200, "{descriptors} descriptors are open");
    assert!(is_served("127.0.0.2", to).await);
    // The silent ones are hung up on, and their places are free again.
    until("a place at the door", || async { is_served("127.0.0.1", to).await.then_some(()) }).await;
    process.kill().await;
}

/// Fewer descriptors than the doors count on: the system itself says no.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_may_open_no_more_files_says_so_once_and_goes_on() {
    let home = Home::fresh(Engine::Sqlite).await;
    let asha = home.adviser("Asha", "somerset").await;
    let process = Process::serve(&home).await;
    let mut open = asha.take_calls().await;
    let to = address(&home);
    let descriptors = std::fs::read_dir(format!("/proc/{}/fd", process.id())).unwrap().count() + 4;
    let id = process.id().to_string();
    let limited = Command::new("prlimit").args(["--pid", &id, &format!("--nofile={descriptors}:")]).status().await;
    assert!(limited.unwrap().success());
    let silent = futures_util::future::join_all((0..60).map(|_| TcpStream::connect(to))).await;
    let said = soon("the desk to hear something", open.message()).await.unwrap();
    assert!(said.is_some());
    asha.clients()
        .find_clients(pb::FindClientsRequest { last_name: "Fry".into(), ..Default::default() })
        .await
        .unwrap();
    drop(silent);
    until("a place at the door", || async { is_served("127.0.0.1", to).await.then_some(()) }).await;
    process.terminate().await;
    let log = process.ended().await.errors;
    let told = log.lines().filter(|line| line.contains("a connection could not be taken")).count();
    assert_eq!(told, 1, "{log}");
}

/// Whether somebody at this address gets an answer.
async fn is_served(from: &str, to: SocketAddr) -> bool {
    let asking = async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
        let (send, connection) = h2::client::handshake(socket.connect(to).await.ok()?).await.ok()?;
        let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
        let mut send = send.ready().await.ok()?;
        let (answer, mut body) = send.send_request(request(to, HEALTH_CHECK, None), false).ok()?;
        body.send_data(Bytes::from_static(&[0; 5]), true).ok()?;
        Some(answer.await.ok()?.status() == 200)
    };
    asking.await.unwrap_or(false)
}
