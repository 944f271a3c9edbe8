//! Asking for a record outside of one's work, and accounting for each look at one.

use crate::support::faults::{again_in, fields, reason};
use crate::support::pdf::printed;
use crate::support::process::{self, Process};
use crate::support::steps::{Answer, client_with_claim, frome_facts};
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Home, Person, START, World, at, until};
use chrono::TimeDelta;
use startline::access::Role;
use startline::grpc::pb;
use startline::ids::{ClientId, LookId, UserId};
use startline::records::{self, Look};
use std::time::Duration;
use tempfile::tempdir;
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

async fn prints(officer: &Person, client: &str, language: &str) -> Answer<pb::PrintAccessResponse> {
    let request = pb::PrintAccessRequest { client_id: client.into(), language: language.into(), ..Default::default() };
    Ok(officer.privacy().print_access(request).await?.into_inner())
}

/// The looks of this sort at a client's record, when there are so many.
async fn looks_with(officer: &Person, client: &str, ground: &str, number: usize) -> Vec<pb::Look> {
    until(&format!("{number} looks with the ground {ground}"), || async {
        let all = looks(officer, client).await;
        let found: Vec<pb::Look> = all.into_iter().filter(|look| look.ground == ground).collect();
        (found.len() == number).then_some(found)
    })
    .await
}

story!(the_client_who_asks_is_told_who_has_looked_in_plain_words, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let olive = officer(&world).await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let client = client.client_id;
    let nobody = tempdir().unwrap();
    let none = prints(&olive, &client, "").await.unwrap();
    assert!(printed(&nobody, &none.pdf).contains("Nobody is known to have looked at your record"));
    sees(&asha, &client).await.unwrap();
    let got = pb::GetClaimRequest { claim_id: claim.claim_id.clone(), ..Default::default() };
    asha.claims().get_claim(got.clone()).await.unwrap();
    world.wait(45 * 60);
    asha.claims().get_claim(got).await.unwrap();
    asks(&bronwen, &client, "her sister is at our desk").await.unwrap();
    sees(&bronwen, &client).await.unwrap();
    // That the list was made is a look as well.
    let made = looks_with(&olive, &client, "accounts", 1).await;
    assert_eq!((made[0].user_name.as_str(), made[0].role()), ("Olive", pb::Role::PrivacyOfficer));
    looks_with(&olive, &client, "asked_for", 1).await;
    let told = until("all to be in the database", || async {
        let told = prints(&olive, &client, "en").await.unwrap();
        (told.people == 3 && told.looks > 5).then_some(told)
    })
    .await;
    assert!(told.earlier_until_time.is_none());
    let (folder, all) = (tempdir().unwrap(), looks(&olive, &client).await);
    let english = printed(&folder, &told.pdf);
    for said in [
        "Fry, this list says who has looked at your record here",
        "Tuesday 3 March 2026",
        "Asha, start-up adviser, Somerset",
        "10am to 10.45am",
        "your claim form",
        "You are a client of their call centre.",
        "Bronwen, start-up adviser, South East Gwent",
        "They opened it outside of their usual work",
        "Olive, privacy officer",
        "Page 1 of 1",
    ] {
        assert!(english.contains(said), "{said} is not in {english}");
    }
    // Nothing of the house: no ids, no names of methods and grounds, and not what was written or chosen when she asked.
    let ids = all.iter().flat_map(|look| [&look.user_id, &look.record_id, &look.client_id, &look.site_id]);
    let inner = all.iter().flat_map(|look| [&look.method, &look.ground]).chain(ids).map(String::as_str);
    for inner in inner.chain(["sister", "colleague", "Service"]).filter(|inner| !inner.is_empty()) {
        assert!(!english.contains(inner), "{inner} is told in {english}");
    }
    let welsh = printed(&folder, &prints(&olive, &client, "cy").await.unwrap().pdf);
    for said in ["Pwy sydd wedi edrych ar eich cofnod", "cynghorydd cychwynnol", "10yb tan 10.45yb", "Tudalen 1 o 1"] {
        assert!(welsh.contains(said), "{said} is not in {welsh}");
    }
    assert!(!welsh.contains("Why:") && !english.contains("Pam:"));
    assert_eq!(fields(&prints(&olive, &client, "fr").await.unwrap_err()), ["language"]);
    assert_eq!(prints(&olive, &new_id(), "").await.unwrap_err().code(), Code::NotFound);
    assert_eq!(prints(&asha, &client, "").await.unwrap_err().code(), Code::PermissionDenied);
    // A privacy officer of one site accounts to that site's clients.
    let otto = world.add("Otto", Role::PrivacyOfficer, Some("buckinghamshire")).await;
    let sam = world.add("Sam", Role::PrivacyOfficer, Some("somerset")).await;
    assert_eq!(reason(&prints(&otto, &client, "").await.unwrap_err()), "OUTSIDE_WORK");
    let own = prints(&sam, &client, "en").await.unwrap();
    assert!(printed(&folder, &own.pdf).contains("Bronwen"), "whoever looked, wherever they are");
});

story!(a_record_that_was_looked_at_ten_thousand_times_is_told_on_two_lists, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let olive = officer(&world).await;
    let client = asha.create_client(frome_facts()).await.unwrap().client_id;
    // Five a day for two hundred days, ten times each.
    let mut people = vec![asha.id];
    for name in ["Ben", "Cara", "Dev", "Ella"] {
        people.push(world.adviser(name, "somerset").await.id);
    }
    let look = |number: i64| Look {
        id: LookId::fresh(at(START)),
        at: at(START) - TimeDelta::days(number / 50) - TimeDelta::minutes(number % 50),
        user: UserId::parse("", &people[usize::try_from(number % 5).unwrap()]).unwrap(),
        role: "adviser".into(),
        site: Some("somerset".into()),
        ground: "own_site".into(),
        method: "ClaimService.GetClaim".into(),
        kind: "claim".into(),
        record: new_id(),
        client: Some(ClientId::parse("", &client).unwrap()),
    };
    let store = world.open_store().await;
    let mut tx = store.begin_write().await.unwrap();
    records::note(&mut tx.db(), &(0..10_000).map(look).collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let newer = prints(&olive, &client, "").await.unwrap();
    assert_eq!((newer.looks, newer.people), (6_000, 5), "six hundred entries");
    assert!((40..70).contains(&newer.pages) && newer.pdf.len() < 3 << 20, "{} {}", newer.pages, newer.pdf.len());
    let until_time = newer.earlier_until_time.unwrap();
    assert_eq!(time(Some(until_time)), at("2025-11-04T00:00:00Z"));
    let request = pb::PrintAccessRequest {
        client_id: client.clone(),
        from_time: Some(timestamp(at(START) - TimeDelta::days(400))),
        until_time: Some(until_time),
        ..Default::default()
    };
    let older = olive.privacy().print_access(request).await.unwrap().into_inner();
    assert_eq!((older.looks, older.earlier_until_time), (4_000, None));
    let folder = tempdir().unwrap();
    let words = |pdf: &[u8]| printed(&folder, pdf).split_whitespace().collect::<Vec<_>>().join(" ");
    let (newer, older) = (words(&newer.pdf), words(&older.pdf));
    assert!(newer.contains("Tuesday 4 November 2025") && !newer.contains("Monday 3 November 2025"));
    assert!(older.contains("Monday 3 November 2025") && !older.contains("Tuesday 4 November 2025"));
    assert!(newer.contains("is on another list") && !older.contains("is on another list"));
});

story!(a_look_is_noted_under_the_role_that_opens_the_record, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (olive, root) = (officer(&world).await, world.add("Root", Role::Admin, None).await);
    // She sits at the desk in Frome, and holds meetings in Taunton.
    let rita = world.add("Rita", Role::Agency, None).await;
    for (role, office) in [(pb::Role::PersonalAdviser, "taunton"), (pb::Role::Reception, "frome")] {
        let duty = pb::NewDuty {
            role: role.into(),
            site_id: "somerset".into(),
            office_id: office.into(),
            ..Default::default()
        };
        let request = pb::GiveDutyRequest { request_id: new_id(), user_id: rita.id.clone(), duty: Some(duty) };
        root.admin().give_duty(request).await.unwrap();
    }
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let slot = asha.find_slots(&claim.claim_id).await.remove(0);
    let held = asha.hold(&claim.claim_id, &slot).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap();
    sees(&rita, &client.client_id).await.unwrap();
    let noted = looks_with(&olive, &client.client_id, "meeting_at_office", 1).await;
    assert_eq!((noted[0].user_name.as_str(), noted[0].role()), ("Rita", pb::Role::Reception));
});

story!(a_privacy_officer_of_one_site_sees_looks_at_its_clients_and_by_its_people, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let bo = world.adviser("Bo", "buckinghamshire").await;
    let olive = officer(&world).await;
    let of = |name: &'static str, site: &'static str| world.add(name, Role::PrivacyOfficer, Some(site));
    let (sam, gwen) = (of("Sam", "somerset").await, of("Gwen", "south-east-gwent").await);
    let fry = asha.create_client(frome_facts()).await.unwrap().client_id;
    // Each of the other sites has clients of its own.
    for (person, postcode) in [(&bronwen, "NP10 2AA"), (&bo, "HP5 1AA")] {
        let facts = pb::ClientFacts { last_name: "Jenkins".into(), postcode: postcode.into(), ..frome_facts() };
        person.create_client(facts).await.unwrap();
    }
    for person in [&bronwen, &bo] {
        asks(person, &fry, "a complaint").await.unwrap();
        sees(person, &fry).await.unwrap();
    }
    sees(&asha, &fry).await.unwrap();
    looks_with(&olive, &fry, "asked_for", 2).await;
    looks_with(&olive, &fry, "own_site", 1).await;
    let names = |looks: Vec<pb::Look>| {
        let mut names: Vec<String> = looks.into_iter().map(|look| look.user_name).collect();
        names.sort();
        names
    };
    assert_eq!(names(looks(&olive, &fry).await), ["Asha", "Bo", "Bronwen"]);
    assert_eq!(names(looks(&sam, &fry).await), ["Asha", "Bo", "Bronwen"], "it is their client");
    assert_eq!(names(looks(&gwen, &fry).await), ["Bronwen"], "it is their adviser");
    // The same of one person's looks.
    let by = |officer: &'static str, person: &Person| {
        let who = match officer {
            "Olive" => &olive,
            "Sam" => &sam,
            _ => &gwen,
        };
        let request = pb::ListAccessRequest { user_id: person.id.clone(), ..Default::default() };
        async move { who.privacy().list_access(request).await.unwrap().into_inner().looks.len() }
    };
    assert_eq!((by("Olive", &bo).await, by("Sam", &bo).await, by("Gwen", &bo).await), (1, 1, 0));
    let asked = |who: &'static str| {
        let who = match who {
            "Olive" => &olive,
            "Sam" => &sam,
            _ => &gwen,
        };
        async move {
            let request = pb::ListRecordRequestsRequest::default();
            who.privacy().list_record_requests(request).await.unwrap().into_inner().record_requests
        }
    };
    let (all, at_home) = (asked("Olive").await, asked("Sam").await);
    assert_eq!((all.len(), at_home.len(), asked("Gwen").await.len()), (2, 2, 1));
    // What stands on the list can be read and judged, and nothing else.
    let of_bo = all.iter().find(|request| request.user_name == "Bo").unwrap().record_request_id.clone();
    let one = pb::GetRecordRequestRequest { record_request_id: of_bo };
    assert_eq!(gwen.privacy().get_record_request(one.clone()).await.unwrap_err().code(), Code::NotFound);
    assert_eq!(sam.privacy().get_record_request(one).await.unwrap().into_inner().note, "a complaint");
    let printed = pb::PrintAccessRequest { client_id: fry.clone(), ..Default::default() };
    let refused = gwen.privacy().print_access(printed.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied, "{refused}");
    sam.privacy().print_access(printed).await.unwrap();
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
    assert_eq!((refused.code(), again_in(&refused)), (Code::ResourceExhausted, Some(Duration::from_secs(60))));
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
    let (listed, told) = audit(&home, &["access", &new_id()]).await;
    assert!(!listed && told.contains("there is no client"), "{told}");
    let (listed, told) = audit(&home, &["access", &client]).await;
    assert!(
        listed && told.lines().count() == 50 && told.contains("Asha (adviser, somerset) looked at the client"),
        "{told}"
    );
    // The same as a document, in a file that is not there yet; that it was made is noted as well.
    let (folder, file) = (tempdir().unwrap(), home.folder.path().join("access.pdf"));
    let document = ["access", &client, "--pdf", file.to_str().unwrap(), "--language", "cy"];
    let (made, told) = audit(&home, &document).await;
    assert!(made && told.contains("tells of 50 looks by 1 people on 1 pages"), "{told}");
    let welsh = printed(&folder, &std::fs::read(&file).unwrap());
    assert!(welsh.contains("Asha, cynghorydd cychwynnol, Gwlad yr Haf"), "{welsh}");
    let (again, told) = audit(&home, &document).await;
    assert!(!again && told.contains("cannot be made"), "{told}");
    let (noted, told) = audit(&home, &["access", &client]).await;
    assert!(noted && told.lines().count() == 51, "{told}");
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
