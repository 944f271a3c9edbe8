//! An ordered stop: everybody is told, what was said is kept, and the program ends well.

use crate::support::flooder::{FIND_CLIENTS, Flooder};
use crate::support::process::Process;
use crate::support::steps::{client_with_claim, draft, heard, offered};
use crate::support::values::new_id;
use crate::support::{Engine, Home, soon};
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use tonic::Code;

type DeskEvent = pb::watch_desk_response::Event;
type Instruction = pb::enter_call_response::Instruction;

story!(a_stop_lets_waiting_callers_go_and_tells_every_desk, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let switch = world.switch("the switch").await;
    let mut desk = asha.take_calls().await;
    let mut answered = switch.enter_call("first", "01823 000999").await;
    let offer = offered(&mut desk).await;
    asha.accept(&offer).await;
    crate::support::steps::connected(&mut answered).await;
    let mut waiting = switch.enter_call("second", "01373 000123").await;
    heard("the queue", &mut waiting, |message| match message.instruction {
        Some(Instruction::Queued(queued)) => Some(queued),
        _ => None,
    })
    .await;
    let floor = pb::WatchFloorRequest { site_id: "somerset".into() };
    let mut floor = sunil.floor().watch_floor(floor).await.unwrap().into_inner();
    let seen = heard("the floor", &mut floor, Some).await;
    assert_eq!((seen.entered, seen.waiting_calls.len(), seen.advisers.len()), (2, 1, 1));

    world.stop().await;
    heard("word that the service stops", &mut desk, |message| match message.event {
        Some(DeskEvent::Stopping(_)) => Some(()),
        _ => None,
    })
    .await;
    assert_eq!(soon("the desk's stream to end", desk.message()).await.unwrap(), None);
    let released = heard("the caller's release", &mut waiting, |message| match message.instruction {
        Some(Instruction::Release(release)) => Some(release),
        _ => None,
    });
    assert!(!released.await.reason.is_empty());
    assert_eq!(soon("the call's stream to end", waiting.message()).await.unwrap(), None);
    // The supervisor's stream ends too, and not with a fault.
    soon("the floor's stream to end", async { while floor.message().await.unwrap().is_some() {} }).await;
});

home_story!(a_service_manager_stops_the_program_and_nothing_is_lost, |home| {
    let asha = home.adviser("Asha", "somerset").await;
    let server = Process::serve(&home).await;
    let mut desk = asha.take_calls().await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let mut saved = 0;
    for (question, answer) in [("A6", "no"), ("A8", "no"), ("T8", "my sister"), ("T9", "mornings")] {
        asha.save(&claim.claim_id, vec![draft(question, &json!(answer), 0)]).await.unwrap();
        saved += 1;
    }
    server.terminate().await;
    heard("word that the service stops", &mut desk, |message| match message.event {
        Some(DeskEvent::Stopping(_)) => Some(()),
        _ => None,
    })
    .await;
    let ended = server.ended().await;
    assert_eq!(ended.status.code(), Some(0), "{}", ended.errors);
    assert!(ended.errors.contains("stopped"), "{}", ended.errors);

    let again = Process::serve(&home).await;
    let standing = asha.claim(&claim.claim_id).await;
    assert_eq!(standing.answers.len(), claim.answers.len() + saved);
    again.terminate().await;
    assert_eq!(again.ended().await.status.code(), Some(0));
});

home_story!(a_stopped_server_takes_nothing_more_and_the_tours_clock_ends_with_its_input, |home| {
    let asha = home.adviser("Asha", "somerset").await;
    let start = crate::support::at(crate::support::START);
    let mut server = Process::tour_server(&home, start).await;
    let (client, _) = client_with_claim(&asha, "Fry").await;
    let later = start + chrono::TimeDelta::days(1);
    server.move_clock(later).await;
    let second = asha.create_client(crate::support::steps::frome_facts()).await.unwrap();
    let seconds = |client: &pb::Client| client.first_contact_time.unwrap().seconds;
    assert_eq!(seconds(&second) - seconds(&client), 86_400);
    assert_eq!(server.ended().await.status.code(), Some(0));
    let request = pb::OpenClaimRequest { request_id: new_id(), client_id: client.client_id, ..Default::default() };
    assert_eq!(asha.claims().open_claim(request).await.unwrap_err().code(), Code::Unavailable);
});

/// Requests that never end do not hold a stop up for longer than it says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_keeps_its_grace_whatever_is_half_sent() {
    let home = Home::fresh(Engine::Sqlite).await;
    let (asha, greedy) = (home.adviser("Asha", "somerset").await, home.adviser("Greedy", "somerset").await);
    let file = home.folder.path().join("stop.toml");
    std::fs::write(&file, "[stop]\ngrace_s = 2\n").unwrap();
    let process = Process::serve_with(&home, |command| {
        command.arg("--config").arg(&file);
    })
    .await;
    let to = home.address.lock().unwrap().unwrap();
    let _floods = [
        Flooder::without_bodies(to, FIND_CLIENTS, Some(&greedy.token)).await,
        Flooder::half_sent(to, FIND_CLIENTS, Some(&asha.token), 64, 200).await,
    ];
    let _desk = asha.take_calls().await;
    process.terminate().await;
    // Without an end of its own, it would wait for each of them for twenty seconds.
    let ended = process.ended().await;
    assert_eq!(ended.status.code(), Some(0), "{}", ended.errors);
    assert!(ended.errors.contains("did not finish in time"), "{}", ended.errors);
}
