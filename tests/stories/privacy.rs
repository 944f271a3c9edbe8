//! Asking for a record outside of one's work, and accounting for each look at one.

use crate::support::faults::{fields, reason};
use crate::support::process::{self, Process};
use crate::support::steps::{Answer, client_with_claim, frome_facts};
use crate::support::values::{new_id, time};
use crate::support::{Home, Person, START, World, at, until};
use startline::access::Role;
use startline::grpc::pb;
use tonic::Code;

async fn asks(person: &Person, client: &str, note: &str) -> Answer<pb::RecordRequest> {
    let request = pb::AskForRecordRequest {
        request_id: new_id(),
        client_id: client.into(),
        reason: pb::RequestReason::HelpsColleague.into(),
        note: note.into(),
    };
    Ok(person.privacy().ask_for_record(request).await?.into_inner().record_request.unwrap())
}

async fn sees(person: &Person, client: &str) -> Result<pb::GetClientResponse, (Code, String)> {
    let request = pb::GetClientRequest { client_id: client.into() };
    let got = person.clients().get_client(request).await;
    got.map(tonic::Response::into_inner).map_err(|status| (status.code(), reason(&status)))
}

async fn looks(officer: &Person, client: &str) -> Vec<pb::Look> {
    let request = pb::ListAccessRequest { client_id: client.into(), ..Default::default() };
    officer.privacy().list_access(request).await.unwrap().into_inner().looks
}

async fn officer(world: &World) -> Person {
    world.add("Olive", Role::PrivacyOfficer, None).await
}

story!(a_record_is_opened_with_a_reason_marked_and_judged, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let olive = officer(&world).await;
    let client = asha.create_client(frome_facts()).await.unwrap().client_id;
    let outside = Err((Code::PermissionDenied, "OUTSIDE_WORK".to_owned()));
    assert_eq!(sees(&bronwen, &client).await.map(drop), outside.clone());
    // What she looks for by name she does not find; that there is somebody, and where, she does when she knows who.
    let search = pb::FindClientsRequest { last_name: "Fry".into(), ..Default::default() };
    let found = bronwen.clients().find_clients(search).await.unwrap().into_inner();
    assert_eq!((found.clients.len(), found.elsewhere.len()), (0, 0));
    let phone = pb::FindClientsRequest { phone: frome_facts().phone, ..Default::default() };
    let found = bronwen.clients().find_clients(phone).await.unwrap().into_inner();
    assert_eq!((found.clients.len(), found.elsewhere.len()), (0, 1));
    assert_eq!(found.elsewhere[0].client_id, client);
    assert_eq!(fields(&asks(&bronwen, &client, " ").await.unwrap_err()), ["note"]);
    let asked = asks(&bronwen, &client, "the client's sister is at our desk").await.unwrap();
    assert_eq!(time(asked.end_time), at("2026-03-04T00:00:00Z"));
    sees(&bronwen, &client).await.unwrap();
    // It is marked on the record.
    let marked = sees(&asha, &client).await.unwrap().record_requests;
    assert_eq!(marked.len(), 1);
    assert_eq!((marked[0].user_name.as_str(), marked[0].site_id.as_str()), ("Bronwen", "south-east-gwent"));
    // It ends with the day, and with her desk.
    world.wait_until(at("2026-03-04T00:00:00Z"));
    assert_eq!(sees(&bronwen, &client).await.map(drop), outside.clone());
    asks(&bronwen, &client, "she is here again").await.unwrap();
    sees(&bronwen, &client).await.unwrap();
    let desk = pb::SignInRequest { request_id: new_id(), address: "sip:b@desks".into(), ..Default::default() };
    bronwen.desk().sign_in(desk).await.unwrap();
    bronwen.desk().sign_out(pb::SignOutRequest { request_id: new_id() }).await.unwrap();
    assert_eq!(sees(&bronwen, &client).await.map(drop), outside);
    // Somebody judges it, once; what stands in the list says nothing of the client.
    let list = |with_closed| {
        let request = pb::ListRecordRequestsRequest { with_closed, ..Default::default() };
        let olive = &olive;
        async move { olive.privacy().list_record_requests(request).await.unwrap().into_inner().record_requests }
    };
    assert_eq!(list(false).await.len(), 2);
    assert!(!format!("{:?}", list(false).await).contains("sister"));
    let one = pb::GetRecordRequestRequest { record_request_id: asked.record_request_id.clone() };
    let told = olive.privacy().get_record_request(one).await.unwrap().into_inner();
    assert_eq!(told.note, "the client's sister is at our desk");
    let close = |id: &str| pb::CloseRecordRequestRequest {
        request_id: new_id(),
        record_request_id: id.into(),
        verdict: pb::Verdict::NotJustified.into(),
        note: "a sister is not the client".into(),
    };
    let closed = olive.privacy().close_record_request(close(&asked.record_request_id)).await.unwrap().into_inner();
    assert_eq!(closed.record_request.unwrap().verdict(), pb::Verdict::NotJustified);
    let again = olive.privacy().close_record_request(close(&asked.record_request_id)).await.unwrap_err();
    assert_eq!(reason(&again), "REQUEST_CLOSED");
    assert_eq!((list(false).await.len(), list(true).await.len()), (1, 2));
    // A privacy officer opens no record, and one of another site sees none of this.
    assert_eq!(sees(&olive, &client).await.unwrap_err().0, Code::PermissionDenied);
    let bucks = world.add("Otto", Role::PrivacyOfficer, Some("buckinghamshire")).await;
    let request = pb::ListRecordRequestsRequest { with_closed: true, ..Default::default() };
    let none = bucks.privacy().list_record_requests(request).await.unwrap().into_inner();
    assert!(none.record_requests.is_empty() && none.why_empty.is_some());
});

story!(each_look_at_a_record_is_accounted_for, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let olive = officer(&world).await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    sees(&asha, &client.client_id).await.unwrap();
    asha.claims()
        .get_claim(pb::GetClaimRequest { claim_id: claim.claim_id.clone(), ..Default::default() })
        .await
        .unwrap();
    asks(&bronwen, &client.client_id, "a complaint").await.unwrap();
    sees(&bronwen, &client.client_id).await.unwrap();
    let looks = until("three looks", || async {
        let looks = looks(&olive, &client.client_id).await;
        let read =
            |look: &&pb::Look| ["ClientService.GetClient", "ClaimService.GetClaim"].contains(&look.method.as_str());
        let read: Vec<pb::Look> = looks.iter().filter(read).cloned().collect();
        (read.len() == 3).then_some(read)
    })
    .await;
    let told: Vec<_> =
        looks.iter().map(|look| (look.user_name.as_str(), look.ground.as_str(), look.record_kind.as_str())).collect();
    assert!(told.contains(&("Bronwen", "asked_for", "client")), "{told:?}");
    assert!(
        told.contains(&("Asha", "own_site", "client")) && told.contains(&("Asha", "own_site", "claim")),
        "{told:?}"
    );
    assert!(looks.iter().all(|look| time(look.time) == at(START) && look.role() == pb::Role::Adviser));
    let hers = pb::ListAccessRequest { user_id: bronwen.id.clone(), page_size: 1, ..Default::default() };
    let hers = olive.privacy().list_access(hers).await.unwrap().into_inner();
    assert_eq!(hers.looks.len(), 1);
    let nobody = olive.privacy().list_access(pb::ListAccessRequest::default()).await.unwrap_err();
    assert_eq!(fields(&nobody), ["client_id"]);
});

story!(whoever_looks_about_is_stopped, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let search = |name: &str| pb::FindClientsRequest { last_name: name.into(), ..Default::default() };
    assert_eq!(fields(&asha.clients().find_clients(search("F")).await.unwrap_err()), ["last_name"]);
    let mut refused = None;
    for _ in 0..60 {
        if let Err(status) = asha.clients().find_clients(search("Fry")).await {
            refused = Some(status);
            break;
        }
    }
    let refused = refused.expect("nobody types so often");
    assert_eq!(refused.code(), Code::ResourceExhausted);
    world.wait(60);
    asha.clients().find_clients(search("Fry")).await.unwrap();
});

home_story!(what_was_answered_is_accounted_for_after_a_kill_and_what_was_changed_is_found, |home| {
    let asha = home.adviser("Asha", "somerset").await;
    let server = Process::serve(&home).await;
    let client = asha.create_client(frome_facts()).await.unwrap().client_id;
    for _ in 0..50 {
        sees(&asha, &client).await.unwrap();
    }
    server.kill().await;
    let server = Process::serve(&home).await;
    let count = "SELECT COUNT(*) FROM looks WHERE method = 'ClientService.GetClient'";
    until("each look to be in the database", || async {
        (home.look_inside().await.number(count).await == 50).then_some(())
    })
    .await;
    until("all to be sealed", || async {
        let unsealed =
            "SELECT (SELECT COUNT(*) FROM looks WHERE seal IS NULL) + (SELECT COUNT(*) FROM audit WHERE seal IS NULL)";
        (home.look_inside().await.number(unsealed).await == 0).then_some(())
    })
    .await;
    let (whole, told) = audit(&home, &["verify"]).await;
    assert!(whole && told.contains("50 looks; 0 lines"), "{told}");
    let hash = told.lines().find_map(|line| line.strip_prefix("newest hash: ")).unwrap().to_owned();
    assert!(audit(&home, &["verify", "--holds", &hash]).await.0);
    assert!(!audit(&home, &["verify", "--holds", "00ff"]).await.0);
    let (listed, told) = audit(&home, &["access", &client]).await;
    assert!(
        listed && told.lines().count() == 50 && told.contains("Asha (adviser, somerset) looked at the client"),
        "{told}"
    );
    server.kill().await;
    // Somebody changes a line, and takes another away.
    let mut inside = home.look_inside().await;
    let some = "(SELECT MIN(l.id) FROM looks l)";
    let some = if home.database_url.is_some() { "(SELECT l.id FROM looks l ORDER BY l.id LIMIT 1)" } else { some };
    inside.execute(&format!("UPDATE looks SET ground = 'call_in_hand' WHERE id = {some}")).await;
    let (whole, told) = audit(&home, &["verify"]).await;
    assert!(!whole && told.contains("was changed"), "{told}");
    inside.execute(&format!("DELETE FROM looks WHERE id = {some}")).await;
    let (whole, told) = audit(&home, &["verify"]).await;
    assert!(!whole && told.contains("lines and has"), "{told}");
});

async fn audit(home: &Home, arguments: &[&str]) -> (bool, String) {
    let mut command = process::program();
    command.arg("audit").args(arguments).arg("--data").arg(home.data());
    if let Some(url) = &home.database_url {
        command.args(["--database-url", url]);
    }
    let output = command.output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout) + &text(output.stderr))
}
