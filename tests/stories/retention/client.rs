//! A client asks to be erased: afterwards nothing in the database, nor in any file of the data folder, says who it was.

use super::retention;
use crate::support::callback_steps::booking;
use crate::support::faults::reason;
use crate::support::steps::{connected, draft, frome_facts, offered};
use crate::support::values::new_id;
use crate::support::{Home, Person, World, at, until};
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use std::collections::BTreeSet;
use std::path::Path;

/// Stands in every text that is written about the client.
const CANARY: &str = "kanari";
/// What else of them is looked for: telephone numbers, insurance number, day of birth.
const OTHERS: [&str; 4] = ["1373000777", "1373000888", "ab123456c", "1963-07-29"];

fn facts() -> pb::ClientFacts {
    pb::ClientFacts {
        other_names: "Kanari Jane".into(),
        last_name: "Kanari".into(),
        phone: "01373 000777".into(),
        nino: "AB123456C".into(),
        date_of_birth: "1963-07-29".into(),
        address_lines: vec!["4 Kanari Hill".into(), "Frome".into()],
        special_needs: "kanari: speak slowly".into(),
        ..frome_facts()
    }
}

/// A whole life, through the public door.
async fn life(world: &World) -> (Person, String) {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let room = world.print_room("Ron", "somerset").await;
    petra.works_at("frome").await;
    a_call(world, &asha).await;
    let before = pb::ClientFacts { phone: "01373 000888".into(), ..facts() };
    let client = asha.create_client(before).await.unwrap();
    let id = client.client_id.clone();
    let request = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: id.clone(),
        etag: client.etag,
        facts: Some(facts()),
    };
    asha.clients().update_client(request).await.unwrap();
    let request = pb::BookCallbackRequest { note: "kanari rings".into(), ..booking(&id, at("2026-03-04T09:00:00Z")) };
    let callback = asha.callbacks().book_callback(request).await.unwrap().into_inner().callback.unwrap();
    asha.cancels(&callback.callback_id).await.unwrap();

    let claim = asha.open_claim(&id).await.claim_id;
    let answers =
        vec![draft("A1", &json!(["JSA"]), 0), draft("B17", &json!("female"), 0), draft("T9", &json!("kanari said"), 0)];
    asha.save(&claim, answers).await.unwrap();
    let walk = asha.start_walk("start-up", &id, &claim).await;
    asha.note(&walk, "kanari is tired").await.unwrap();
    let slot = asha.find_slots(&claim).await.remove(0);
    let held = asha.hold(&claim, &slot).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap();
    asha.complete_start_up(&claim).await.unwrap();
    let query = petra.raise_query(&claim, "T9", "kanari?").await.unwrap();
    petra.settle_query(&query.query_id, "kanari!").await.unwrap();
    let evidence = asha.evidence(&claim).await.remove(0);
    petra.tick(&claim, &evidence, pb::EvidenceState::Seen).await.unwrap();
    room.print_and_post().await;
    let olive = world.add("Olive", Role::PrivacyOfficer, None).await;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let request = pb::AskForRecordRequest {
        request_id: new_id(),
        client_id: id.clone(),
        reason: pb::RequestReason::HelpsColleague.into(),
        note: "kanari is here".into(),
    };
    let asked = bronwen.privacy().ask_for_record(request).await.unwrap().into_inner().record_request.unwrap();

    // While anything is under way, nothing is erased, and every reason is told.
    let (erased, told) = erase(world, &id, &["--yes"]).await;
    for why in
        ["a claim is on its way", "a meeting is held or booked", "a walk is not finished", "a request for the record"]
    {
        assert!(!erased && told.contains(&format!("cannot be erased now: {why}")), "{why}: {told}");
    }
    let request = pb::CloseRecordRequestRequest {
        request_id: new_id(),
        record_request_id: asked.record_request_id,
        verdict: pb::Verdict::Justified.into(),
        note: "kanari was there".into(),
    };
    olive.privacy().close_record_request(request).await.unwrap();
    asha.withdraw(&claim, "kanari found work").await.unwrap();
    until("all jobs to be done", || async {
        (world.look_inside().await.number("SELECT COUNT(*) FROM jobs WHERE done_at IS NULL").await == 0).then_some(())
    })
    .await;
    planted(world, [&id, &claim, &held.appointment_id, &callback.callback_id, &walk.walk_id, &asha.id]).await;
    (asha, id)
}

/// Somebody rang from the client's number, and it was noted what came of it.
async fn a_call(world: &World, asha: &Person) {
    let switch = world.switch("the switch").await;
    let mut desk = asha.take_calls().await;
    let mut call = switch.enter_call("kanari-1", "01373 000777").await;
    let offer = offered(&mut desk).await;
    asha.accept(&offer).await;
    connected(&mut call).await;
    switch.report("kanari-1", pb::CallReport::Answered).await;
    let (call_id, request_id) = (offer.call_id.clone(), new_id());
    asha.desk().end_call(pb::EndCallRequest { request_id, call_id, ..Default::default() }).await.unwrap();
    switch.report("kanari-1", pb::CallReport::Ended).await;
    let outcome = "kanari rang".to_owned();
    let request = pb::FinishWrapUpRequest { request_id: new_id(), call_id: offer.call_id.clone(), outcome };
    asha.desk().finish_wrap_up(request).await.unwrap();
    until("the call's record", || async {
        let recorded = "SELECT COUNT(*) FROM call_records WHERE outcome = 'kanari rang'";
        (world.look_inside().await.number(recorded).await == 1).then_some(())
    })
    .await;
}

/// What the door would take long to write: a text in every column that holds what somebody wrote.
async fn planted(world: &World, [client, claim, meeting, callback, walk, asha]: [&str; 6]) {
    let mut inside = world.look_inside().await;
    let [client, claim, meeting, callback, walk, asha] =
        [client, claim, meeting, callback, walk, asha].map(|id| inside.id(id));
    let fresh: Vec<String> = (0..6).map(|_| inside.id(&new_id())).collect();
    let at = "'2026-03-03T10:00:00+00:00'";
    let statements = [
        format!("UPDATE appointment_events SET note = 'kanari' WHERE appointment_id = {meeting}"),
        format!("UPDATE callback_events SET note = 'kanari' WHERE callback_id = {callback}"),
        format!(
            "INSERT INTO callback_attempts (callback_id, attempt, adviser_id, started_at, ended_at, outcome, note) \
                 VALUES ({callback}, 7, {asha}, {at}, {at}, 'no_reply', 'kanari')"
        ),
        format!(
            "INSERT INTO callback_contact_flags (client_id, do_not_call, instead, number_check, set_by, set_at) \
                 VALUES ({client}, TRUE, 'kanari', FALSE, {asha}, {at})"
        ),
        format!(
            "INSERT INTO client_reminder_preferences (client_id, channel, set_by, set_at) \
                 VALUES ({client}, 'text', {asha}, {at})"
        ),
        format!(
            "INSERT INTO meeting_decisions (id, claim_id, decision, reason, note, decided_by, decided_at, ended_at) \
                 VALUES ({}, {claim}, 'waived', 'terminally_ill', 'kanari', {asha}, {at}, {at})",
            fresh[0]
        ),
        format!(
            "INSERT INTO steps (id, site, claim_id, kind, cause, detail, due_day, opened_at, done_at, done_by, outcome, \
                 note) VALUES ({}, 'somerset', {claim}, 'ring-client', 'k', \
                 '{{\"step\":\"ring-client\",\"number\":1,\"missed_day\":\"2026-03-03\"}}', '2026-03-03', {at}, {at}, {asha}, \
                 'done', 'kanari')",
            fresh[1]
        ),
        format!(
            "INSERT INTO misses (appointment_id, claim_id, missed_day, recorded_at, good_cause, good_cause_note, \
                 good_cause_by, good_cause_at) VALUES ({meeting}, {claim}, '2026-03-03', {at}, 'ill', 'kanari', {asha}, {at})"
        ),
        format!(
            "INSERT INTO phone_attempts (id, claim_id, appointment_id, outcome, note, at, user_id) \
                 VALUES ({}, {claim}, {meeting}, 'no_reply', 'kanari', {at}, {asha})",
            fresh[2]
        ),
        format!(
            "INSERT INTO miss_decisions (appointment_id, claim_id, decision, reason, decided_by, decided_at) \
                 VALUES ({meeting}, {claim}, 'go_on', 'kanari', {asha}, {at})"
        ),
        format!(
            "INSERT INTO standby (id, claim_id, site, kind, urgent, earliest_day, unsuitable, joined_at, joined_by, left_at, \
                 left_reason) VALUES ({}, {claim}, 'somerset', 'first-meeting', FALSE, '2026-03-03', '[]', {at}, {asha}, {at}, \
                 'kanari')",
            fresh[3]
        ),
        format!(
            "INSERT INTO life_events (claim_id, event, day, recorded_by, recorded_at) \
                 VALUES ({claim}, 'kanari', '2026-03-03', {asha}, {at})"
        ),
        format!(
            "INSERT INTO pack_exceptions (id, kind, record_id, site, client_id, faults, replacements, raised_at, settled_at, \
                 settled_by, outcome) VALUES ({}, 'claim', {claim}, 'somerset', {client}, '[\"kanari\"]', '[\"kanari\"]', {at}, \
                 {at}, {asha}, 'kanari')",
            fresh[4]
        ),
        format!(
            "INSERT INTO pack_deliveries (claim_id, delivery, delivery_to, chosen_by, chosen_at) VALUES \
                 ({claim}, 'email', 'kanari@example.org', {asha}, {at}) ON CONFLICT (claim_id) DO UPDATE \
                 SET delivery_to = 'kanari@example.org'"
        ),
        format!(
            "UPDATE packs SET reference = 'kanari', delivery_to = 'kanari', source_key = 'kanari', sha256 = 'kanari', \
                 documents = '[]' WHERE client_id = {client}"
        ),
        format!(
            "UPDATE print_jobs SET reference = 'kanari', reason = 'kanari', printer_job = 'kanari', \
                 printer_job_uuid = 'kanari', uncertain = 'kanari', incomplete_reason = 'kanari', settled_reason = 'kanari' \
                 WHERE client_id = {client}"
        ),
        format!(
            "INSERT INTO print_corrections (id, print_job_id, room, post_day, post_class, what, was, became, corrected_by, \
             corrected_at) SELECT id, id, room, post_day, post_class, 'return_reason', 'kanari moved', 'kanari died', {asha}, \
             {at} FROM print_jobs WHERE client_id = {client}"
        ),
        format!("UPDATE claim_events SET detail = '{{\"a\": \"kanari\"}}' WHERE claim_id = {claim}"),
        format!(
            "INSERT INTO answer_drafts (claim_id, question_id, value, reason, seen_revision, typed_by, typed_at) \
                 VALUES ({claim}, 'T9', '\"kanari\"', 'kanari', 0, {asha}, {at})"
        ),
        format!("UPDATE evidence_ticks SET note = 'kanari' WHERE claim_id = {claim}"),
        format!(
            "UPDATE walks SET finished = TRUE, position = 'null', answers = '{{\"T9\": \"kanari\"}}' WHERE id = {walk}"
        ),
        "UPDATE jobs SET last_error = 'kanari cannot be printed'".into(),
        format!(
            "INSERT INTO missed_callers (id, site, phone, first_at, last_at, times, closed_at, closed_by, outcome) \
                 VALUES ({}, 'somerset', '+441373000888', {at}, {at}, 1, {at}, {asha}, 'kanari')",
            fresh[5]
        ),
    ];
    for statement in statements {
        inside.execute(&statement).await;
    }
}

/// Tables in which something of the client stands.
async fn named_in(home: &Home) -> BTreeSet<String> {
    let mut inside = home.look_inside().await;
    let is_sqlite = home.database_url.is_none();
    let tables = match is_sqlite {
        true => "SELECT name FROM sqlite_master WHERE type = 'table'",
        false => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
    };
    let mut found = BTreeSet::new();
    for table in inside.texts(tables).await {
        let rows = match is_sqlite {
            // Blobs are written as hexadecimal digits, as PostgreSQL writes them.
            true => {
                let columns = format!("SELECT 'quote(' || name || ')' FROM pragma_table_info('{table}')");
                let columns = inside.texts(&columns).await.join(" || ' ' || ");
                format!("SELECT {columns} FROM {table}")
            }
            false => format!("SELECT t::text FROM {table} t"),
        };
        let text = inside.texts(&rows).await.join("\n").to_lowercase();
        let wanted: Vec<&str> = OTHERS.iter().copied().chain([CANARY]).collect();
        let hex = |word: &str| word.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        if wanted
            .iter()
            .any(|word| text.contains(word) || text.contains(&hex(word)) || text.contains(&hex(&title(word))))
        {
            found.insert(table);
        }
    }
    found
}

fn title(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

/// Files in which something of the client stands.
fn files_naming(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_naming(&path));
            continue;
        }
        // Its journal goes when the last of the story's own connections is closed.
        let bytes = std::fs::read(&path).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        for word in OTHERS.iter().chain([&CANARY]).filter(|word| text.contains(**word)) {
            found.push(format!("{word} in {}", path.display()));
        }
    }
    found
}

async fn erase(home: &Home, client: &str, more: &[&str]) -> (bool, String) {
    let arguments = [&["erase-client", client, "--reason", "asked by letter of 3 March"], more].concat();
    retention(home, "", at("2026-03-03T12:00:00Z"), &arguments).await
}

/// In these at least something stood before.
const WRITTEN_IN: [&str; 32] = [
    "answer_drafts",
    "answers",
    "appointment_events",
    "call_records",
    "callback_attempts",
    "callback_contact_flags",
    "callback_events",
    "callbacks",
    "claim_events",
    "claim_queries",
    "claims",
    "client_changes",
    "clients",
    "evidence_ticks",
    "jobs",
    "life_events",
    "meeting_decisions",
    "miss_decisions",
    "misses",
    "missed_callers",
    "pack_deliveries",
    "pack_exceptions",
    "packs",
    "phone_attempts",
    "print_corrections",
    "print_jobs",
    "record_requests",
    "requests",
    "standby",
    "steps",
    "walk_notes",
    "walks",
];

story!(nothing_says_who_an_erased_client_was, |mut world| {
    let (asha, client) = life(&world).await;
    // Somebody else, of whom nothing may be lost.
    let other = asha.create_client(frome_facts()).await.unwrap();
    let repeated = pb::CreateClientRequest { request_id: new_id(), facts: Some(frome_facts()), ..Default::default() };
    let kept = asha.clients().create_client(repeated.clone()).await.unwrap().into_inner();
    let written: BTreeSet<String> = WRITTEN_IN.map(str::to_owned).into();
    let found = named_in(&world).await;
    assert!(written.is_subset(&found), "not planted: {:?}", written.difference(&found));

    let (erased, told) = erase(&world, &client, &[]).await;
    assert!(!erased && told.contains("1 claims, with their answers") && told.contains("--yes"), "{told}");
    assert_eq!(named_in(&world).await, found, "nothing was changed");
    let (erased, told) = erase(&world, &client, &["--yes"]).await;
    assert!(erased && told.contains("The service is running") == world.database_url.is_none(), "{told}");
    assert_eq!(named_in(&world).await, BTreeSet::new());
    let (erased, told) = erase(&world, &client, &["--yes"]).await;
    assert!(!erased && told.contains("this client was erased on"), "{told}");
    let (is_told, told) = crate::retention::audit(&world, &["access", &client]).await;
    assert!(!is_told && told.contains("this client was erased on"), "{told}");

    // The record is a number; nobody works on it any more. Others are as they were, and so are the answers that they got.
    let shell = asha.client(&client).await;
    assert_eq!(shell.facts.unwrap().last_name, "");
    let request = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: client.clone(),
        etag: shell.etag,
        facts: Some(facts()),
    };
    assert_eq!(asha.clients().update_client(request).await.unwrap_err().code(), tonic::Code::NotFound);
    assert_eq!(asha.client(&other.client_id).await, other);
    assert_eq!(asha.clients().create_client(repeated).await.unwrap().into_inner(), kept);

    world.stop().await;
    // It was overwritten where it stood; what is left between the pages goes when the file is written anew.
    assert_eq!(files_naming(&world.data()), Vec::<String>::new());
    let (done, told) = retention(&world, "", world.now(), &["compact"]).await;
    assert!(done && told.contains("written anew"), "{told}");
    assert_eq!(files_naming(&world.data()), Vec::<String>::new());
});

story!(without_a_service_beside_it_the_file_is_written_anew_at_once, |mut world| {
    let (_, client) = life(&world).await;
    world.stop().await;
    if world.database_url.is_none() {
        assert!(!files_naming(&world.data()).is_empty(), "it was there");
    }
    let (erased, told) = erase(&world, &client, &["--yes"]).await;
    assert!(erased && !told.contains("The service is running"), "{told}");
    assert_eq!(named_in(&world).await, BTreeSet::new());
    assert_eq!(files_naming(&world.data()), Vec::<String>::new());
});

story!(a_kept_answer_that_was_erased_is_given_to_nobody, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let request = pb::CreateClientRequest { request_id: new_id(), facts: Some(facts()), ..Default::default() };
    let client = asha.clients().create_client(request.clone()).await.unwrap().into_inner().client.unwrap();
    let (erased, told) = erase(&world, &client.client_id, &["--yes"]).await;
    assert!(erased && told.contains("1 kept answers"), "{told}");
    let again = asha.clients().create_client(request).await.unwrap_err();
    assert_eq!((again.code(), reason(&again)), (tonic::Code::NotFound, "NOT_FOUND".to_owned()));
    assert_eq!(world.look_inside().await.number("SELECT COUNT(*) FROM clients").await, 1, "nobody was added");
    let (erased, told) =
        retention(&world, "", world.now(), &["erase-client", &new_id(), "--reason", "x", "--yes"]).await;
    assert!(!erased && told.contains("there is no client"), "{told}");
    let (erased, told) =
        retention(&world, "", world.now(), &["erase-client", &client.client_id, "--reason", " "]).await;
    assert!(!erased && told.contains("--reason"), "{told}");
});
