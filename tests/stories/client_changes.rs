//! What a change of a client's record replaced is kept: it can be shown, and taken back. And who holds times for clients
//! who are thinking holds no more than a few.

use crate::support::faults::{again_in, fields, reason};
use crate::support::steps::{Answer, client_with_claim, draft, frome_facts};
use crate::support::values::{new_id, time};
use crate::support::{Person, at};
use chrono::TimeDelta;
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use tonic::{Code, Status};

impl Person {
    async fn updates(&self, client: &pb::Client, facts: pb::ClientFacts) -> pb::Client {
        let request = pb::UpdateClientRequest {
            request_id: new_id(),
            client_id: client.client_id.clone(),
            etag: client.etag.clone(),
            facts: Some(facts),
        };
        self.clients().update_client(request).await.unwrap().into_inner().client.unwrap()
    }

    async fn changes(&self, client: &str) -> Vec<pb::ClientChange> {
        let request = pb::ListClientChangesRequest { client_id: client.into(), ..Default::default() };
        self.clients().list_client_changes(request).await.unwrap().into_inner().changes
    }

    async fn undoes(&self, client: &pb::Client, change: &str, facts: &[&str]) -> Answer<pb::Client> {
        let request = pb::UndoClientChangeRequest {
            request_id: new_id(),
            client_id: client.client_id.clone(),
            etag: client.etag.clone(),
            change_id: change.into(),
            facts: facts.iter().map(|fact| (*fact).to_owned()).collect(),
        };
        Ok(self.clients().undo_client_change(request).await?.into_inner().client.unwrap())
    }
}

fn told(refused: &Status) -> (Code, String) {
    (refused.code(), reason(refused))
}

story!(what_a_change_of_a_record_replaced_is_kept_and_shown, |world| {
    let (asha, colin) = (world.adviser("Asha", "somerset").await, world.adviser("Colin", "somerset").await);
    let rita = world.add("Rita", Role::TeamLeader, Some("somerset")).await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let before = client.facts.clone().unwrap();
    assert_eq!(asha.changes(&client.client_id).await, [], "nothing has changed since it was made");
    world.wait(60);
    let moved = pb::ClientFacts {
        address_lines: vec!["22 Horton Street".into(), "Halifax".into()],
        postcode: "HX1 1PU".into(),
        large_print: true,
        ..before.clone()
    };
    let client = asha.updates(&client, moved).await;
    assert_eq!(client.home_site_id, "calderdale-and-kirklees");
    let when_moved = world.now();
    world.wait(60);
    // What is said in the claim goes into the record, and leaves the same trail.
    colin.save(&claim.claim_id, vec![draft("B2", &json!("Hill"), 1)]).await.unwrap();
    // What changes nothing leaves none.
    let standing = asha.client(&client.client_id).await;
    let same = standing.facts.clone().unwrap();
    asha.updates(&standing, same).await;

    let changes = rita.changes(&client.client_id).await;
    let facts: Vec<Vec<&str>> =
        changes.iter().map(|change| change.facts.iter().map(String::as_str).collect()).collect();
    assert_eq!(facts, [vec!["last_name"], vec!["address_lines", "home_site_id", "large_print", "postcode"]]);
    let [named, moved] = changes.as_slice() else { panic!("{changes:#?}") };
    let name = |facts: &Option<pb::ClientFacts>| facts.clone().unwrap().last_name;
    assert_eq!((name(&named.before), name(&named.after)), ("Fry".to_owned(), "Hill".to_owned()));
    assert_eq!((&named.changed_by, &moved.changed_by), (&colin.id, &asha.id));
    assert_eq!(time(moved.changed_time), when_moved);
    // No more of the facts than changed.
    let was = pb::ClientFacts {
        address_lines: before.address_lines.clone(),
        postcode: before.postcode.clone(),
        ..Default::default()
    };
    assert_eq!(moved.before.as_ref(), Some(&was));
    assert!(moved.after.as_ref().unwrap().large_print);
    let sites = (moved.home_site_id_before.as_str(), moved.home_site_id_after.as_str());
    assert_eq!(sites, ("somerset", "calderdale-and-kirklees"));
    assert_eq!((named.home_site_id_before.as_str(), named.undoes_change_id.as_str()), ("", ""));

    // In pages, each once.
    let mut request =
        pb::ListClientChangesRequest { client_id: client.client_id.clone(), page_size: 1, ..Default::default() };
    let first = asha.clients().list_client_changes(request.clone()).await.unwrap().into_inner();
    request.page_token = first.next_page_token.clone();
    let second = asha.clients().list_client_changes(request).await.unwrap().into_inner();
    assert_eq!([first.changes, second.changes].concat(), changes);
    assert_eq!(second.next_page_token, "");
    // A print room may not read the record, and so not this either.
    let ron = world.print_room("Ron", "somerset").await;
    let request = pb::ListClientChangesRequest { client_id: client.client_id.clone(), ..Default::default() };
    assert_eq!(ron.clients().list_client_changes(request).await.unwrap_err().code(), Code::PermissionDenied);
});

story!(a_change_is_taken_back_and_the_history_says_so, |world| {
    let (asha, colin) = (world.adviser("Asha", "somerset").await, world.adviser("Colin", "somerset").await);
    let made = asha.create_client(frome_facts()).await.unwrap();
    let before = made.facts.clone().unwrap();
    let wrong = pb::ClientFacts {
        phone: "01422 000123".into(),
        address_lines: vec!["22 Horton Street".into(), "Halifax".into()],
        postcode: "HX1 1PU".into(),
        ..before.clone()
    };
    let moved = asha.updates(&made, wrong).await;
    let change = asha.changes(&made.client_id).await.remove(0).change_id;
    // Whoever has not seen the newest, what is no change, and what that change did not touch.
    assert_eq!(told(&colin.undoes(&made, &change, &[]).await.unwrap_err()), (Code::Aborted, "STALE".into()));
    assert_eq!(colin.undoes(&moved, "1", &[]).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(fields(&colin.undoes(&moved, &change, &["nino"]).await.unwrap_err()), ["facts"]);
    assert_eq!(fields(&colin.undoes(&moved, &change, &["phone", "hat"]).await.unwrap_err()), ["facts[1]"]);
    world.wait(60);
    // Only the number; then all the rest.
    let numbered = colin.undoes(&moved, &change, &["phone"]).await.unwrap();
    assert_eq!(numbered.facts.as_ref().unwrap().phone, before.phone);
    assert_eq!((numbered.home_site_id.as_str(), numbered.etag != moved.etag), ("calderdale-and-kirklees", true));
    let rest = colin.undoes(&numbered, &change, &["address_lines", "postcode"]).await.unwrap();
    assert_eq!((rest.facts.as_ref(), rest.home_site_id.as_str()), (made.facts.as_ref(), "somerset"));
    assert_eq!(colin.client(&made.client_id).await, rest);

    let history = asha.changes(&made.client_id).await;
    let undone: Vec<(&str, &str)> =
        history.iter().map(|one| (one.undoes_change_id.as_str(), one.changed_by.as_str())).collect();
    assert_eq!(undone, [(change.as_str(), colin.id.as_str()), (&change, &colin.id), ("", &asha.id)]);
    // It stands as it was, so there is nothing to take back; and what takes back can be taken back itself.
    assert_eq!(
        told(&colin.undoes(&rest, &change, &[]).await.unwrap_err()),
        (Code::FailedPrecondition, "CHANGED_SINCE".into())
    );
    let again = colin.undoes(&rest, &history[0].change_id, &[]).await.unwrap();
    assert_eq!(again.home_site_id, "calderdale-and-kirklees");
    let mut inside = world.look_inside().await;
    let sql = "SELECT action FROM audit WHERE action = 'client_change_undone'";
    assert_eq!(inside.texts(sql).await.len(), 3);
    // Who may only read the record takes nothing back.
    let rita = world.add("Rita", Role::Reception, Some("somerset")).await;
    assert_eq!(rita.undoes(&again, &change, &[]).await.unwrap_err().code(), Code::PermissionDenied);
});

/// The pilot's bound.
const MOST: usize = 5;

story!(an_adviser_holds_no_more_call_back_places_than_a_few, |world| {
    let (asha, colin) = (world.adviser("Asha", "somerset").await, world.adviser("Colin", "somerset").await);
    let mut clients = Vec::new();
    for _ in 0..MOST + 2 {
        clients.push(asha.create_client(frome_facts()).await.unwrap().client_id);
    }
    let start = |n: usize| at("2026-03-04T09:00:00Z") + TimeDelta::minutes(30 * i64::try_from(n).unwrap());
    for (n, client) in clients.iter().take(MOST - 1).enumerate() {
        asha.hold_callback(client, start(n)).await.unwrap();
    }
    // Two requests at the same moment do not pass each other.
    let both =
        tokio::join!(asha.hold_callback(&clients[MOST - 1], start(6)), asha.hold_callback(&clients[MOST], start(7)));
    let refused: Vec<Status> = [both.0.err(), both.1.err()].into_iter().flatten().collect();
    let [refused] = refused.as_slice() else { panic!("one of the two is one too many: {refused:?}") };
    assert_eq!(told(refused), (Code::ResourceExhausted, "LIMIT_REACHED".into()));
    let sentence = refused.message();
    assert!(sentence.contains("you hold 5 call-back places for other clients"), "{sentence}");
    assert!(sentence.contains("wait until "), "{sentence}");
    // The same client's place is only another one; a colleague has places of their own.
    asha.hold_callback(&clients[0], start(9)).await.unwrap();
    colin.hold_callback(&clients[MOST + 1], start(10)).await.unwrap();
    // What ran out is held no longer.
    world.wait(301);
    asha.hold_callback(&clients[MOST], start(11)).await.unwrap();
});

story!(an_adviser_holds_no_more_meeting_slots_than_a_few, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let mut claims = Vec::new();
    for n in 0..=MOST {
        claims.push(
            client_with_claim(&asha, &format!("Fry {}", char::from(b'A' + u8::try_from(n).unwrap()))).await.1.claim_id,
        );
    }
    for claim in claims.iter().take(MOST) {
        let slot = asha.find_slots(claim).await.remove(0);
        asha.hold(claim, &slot).await.unwrap();
    }
    let slot = asha.find_slots(&claims[MOST]).await.remove(0);
    let refused = asha.hold(&claims[MOST], &slot).await.unwrap_err();
    assert_eq!(told(&refused), (Code::ResourceExhausted, "LIMIT_REACHED".into()));
    assert!(again_in(&refused).is_some(), "{refused:?}");
    assert!(refused.message().contains("you hold 5 meeting slots for other clients"), "{refused:?}");
    // The same claim's slot is only another one, and whoever books one holds it no longer.
    let other = asha.find_slots(&claims[0]).await.remove(1);
    let held = asha.hold(&claims[0], &other).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap();
    let slot = asha.find_slots(&claims[MOST]).await.remove(0);
    asha.hold(&claims[MOST], &slot).await.unwrap();
});
