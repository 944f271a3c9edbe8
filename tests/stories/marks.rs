//! Sensitive answers, on every path they could leave by: each holds words that stand nowhere else, and whoever does not see its
//! sort is told that there is an answer, and never those words.

use crate::support::faults::{reason, stale_answers};
use crate::support::log::{self, CANARY};
use crate::support::notify::{NotifyStandIn, http};
use crate::support::pdf::printed;
use crate::support::print_steps::{PackPeople, pack_people};
use crate::support::steps::{client_with_facts, draft, frome_facts, heard};
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Person, World, at, until};
use chrono::{DateTime, TimeDelta, Utc};
use prost::Message;
use serde_json::{Value as Json, json};
use startline::access::Role;
use startline::definition::Sensitivity::{self, Bank, Health, Private, Risk};
use startline::grpc::pb;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use tonic::{Code, Status};

/// Words that stand nowhere else, of letters alone: what is typed may be tidied.
pub fn canary() -> String {
    // The end of an id is random. Eight letters fit into any column of paper, where a longer word may be divided.
    let id = new_id();
    let letter = |digit: u32| char::from(b'a' + u8::try_from(digit).unwrap());
    let random = id.chars().rev().filter_map(|c| c.to_digit(16)).take(8);
    format!("{CANARY}{}", random.map(letter).collect::<String>())
}

/// One claim whose every sensitive answer is a canary, by its question.
struct Case {
    client: String,
    claim: String,
    appointment: pb::Appointment,
    pack: String,
    walk: String,
    canaries: BTreeMap<&'static str, (Sensitivity, String)>,
}

impl Case {
    fn of(&self, question: &str) -> &str {
        &self.canaries[question].1
    }
}

pub fn said(question: &str, canary: &str) -> Json {
    match question {
        "S2" | "S4" => json!({
            "account_holder": canary, "bank": "A Bank", "sort_code": "123456", "account_number": "12345678",
        }),
        "Q2" => json!([{ "bank": canary, "account_kind": "current", "balance": "100.00", "whose": "Client" }]),
        "B12" => json!({ "address": { "lines": [canary, "Bath"] }, "postcode": "BA11 1BL" }),
        "T10" => json!(true),
        _ => json!(canary),
    }
}

async fn made(world: &World, people: &PackPeople) -> Case {
    let case = booked(people, frome_facts(), None).await;
    met(world, people, case).await
}

/// Until the meeting.
async fn booked(people: &PackPeople, facts: pb::ClientFacts, not_before: Option<DateTime<Utc>>) -> Case {
    let asha = &people.asha;
    let (client, claim) = client_with_facts(asha, facts).await;
    let (client, claim) = (client.client_id, claim.claim_id);
    let mut canaries: BTreeMap<&'static str, (Sensitivity, String)> = [
        ("S2", Bank),
        ("S4", Bank),
        ("Q2", Bank),
        ("T10", Risk),
        ("I3", Health),
        ("H10", Health),
        ("G5", Private),
        ("B12", Private),
    ]
    .map(|(question, sort)| (question, (sort, canary())))
    .into();
    let walk = asha.start_walk("start-up", &client, &claim).await;
    let walk = asha.says(&walk, "client_group", json!("job_seeker")).await;
    let asked = [
        ("A1", json!(["JSA", "IB", "HB"])),
        ("B17", json!("female")),
        ("G1", json!("yes")),
        ("G4", json!("dismissed")),
        ("I1", json!("yes")),
        ("S1", json!("account")),
        ("M9", json!("client")),
    ];
    let standing = asha.claim(&claim).await.answers;
    let seen = |question: &str| {
        standing.iter().find(|answer| answer.question_id == question).map_or(0, |answer| answer.revision)
    };
    let plain = asked.iter().map(|(question, value)| draft(question, value, seen(question)));
    let marked =
        canaries.iter().map(|(question, (_, canary))| draft(question, &said(question, canary), seen(question)));
    asha.save(&claim, plain.chain(marked).collect()).await.unwrap();
    let barriers = canary();
    asha.says(&walk, "barriers_help", json!(barriers)).await;
    canaries.insert("barriers_help", (Private, barriers));
    // What could not be taken is kept as a draft.
    let typed = canary();
    let too_long = format!("{typed} {}", "x".repeat(1100));
    let refused = asha.save(&claim, vec![draft("H10", &json!(too_long), seen("H10") + 1)]).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    canaries.insert("typed for H10", (Health, typed));
    let not_before_time = not_before.map(timestamp);
    let request = pb::FindSlotsRequest { claim_id: claim.clone(), not_before_time, ..Default::default() };
    let slot = asha.diary().find_slots(request).await.unwrap().into_inner().slots.remove(0);
    let held = asha.hold(&claim, &slot).await.unwrap();
    let appointment = asha.book(&held.appointment_id).await.unwrap();
    asha.complete_start_up(&claim).await.unwrap();
    people.room.print_and_post().await;
    let pack = asha.pack_of(&claim).await.unwrap().pack_id;
    Case { client, claim, appointment, pack, walk: walk.walk_id, canaries }
}

/// From the meeting on.
async fn met(world: &World, people: &PackPeople, mut case: Case) -> Case {
    let (petra, claim, appointment) = (&people.petra, &case.claim, &case.appointment);
    world.wait_until(time(appointment.slot.as_ref().unwrap().start_time) + TimeDelta::minutes(10));
    petra.record_attendance(&appointment.appointment_id, pb::Attendance::Attended).await.unwrap();
    let amended = canary();
    let before = petra.claim(claim).await.answers;
    let revision = before.iter().find(|answer| answer.question_id == "G5").unwrap().revision;
    petra.amend(claim, "G5", &json!(amended), revision, "RJF").await.unwrap();
    petra.lodge_for(claim, &["BA"], "").await.unwrap();
    case.canaries.insert("G5 as amended", (Private, amended));
    case
}

/// An answer as it came over the wire, unless the role or the wall refused.
fn told<M: Message>(what: &'static str, answer: Result<tonic::Response<M>, Status>) -> Option<(&'static str, Vec<u8>)> {
    match answer {
        Ok(answer) => Some((what, answer.into_inner().encode_to_vec())),
        Err(refused) if refused.code() == Code::PermissionDenied => None,
        Err(fault) => panic!("{what}: {fault:?}"),
    }
}

/// All that somebody is told of the case.
async fn all_told(person: &Person, case: &Case) -> BTreeMap<&'static str, Vec<u8>> {
    let (claim_id, client_id) = (case.claim.clone(), case.client.clone());
    let (claims, clients) = (person.claims(), person.clients());
    let mut all = Vec::new();
    let request = pb::GetClaimRequest { claim_id: claim_id.clone(), ..Default::default() };
    all.push(told("GetClaim", claims.clone().get_claim(request).await));
    let as_of_time = case.appointment.slot.as_ref().unwrap().start_time;
    let request = pb::GetClaimRequest { claim_id: claim_id.clone(), as_of_time };
    all.push(told("GetClaim as it stood", claims.clone().get_claim(request).await));
    let request = pb::WatchClaimRequest { claim_id: claim_id.clone() };
    if let Ok(looked) = claims.clone().watch_claim(request).await {
        let first = heard("the claim", &mut looked.into_inner(), Some).await;
        all.push(Some(("WatchClaim", first.encode_to_vec())));
    }
    let request = pb::ListAnswerHistoryRequest { claim_id: claim_id.clone(), page_size: 500, ..Default::default() };
    all.push(told("ListAnswerHistory", claims.clone().list_answer_history(request).await));
    let request = pb::ListAmendmentsRequest { claim_id: claim_id.clone(), ..Default::default() };
    all.push(told("ListAmendments", claims.clone().list_amendments(request).await));
    let request = pb::ListClaimEventsRequest { claim_id: claim_id.clone(), with_answers: true, ..Default::default() };
    all.push(told("ListClaimEvents", claims.clone().list_claim_events(request).await));
    let request = pb::ListMissingRequest { claim_id: claim_id.clone(), ..Default::default() };
    all.push(told("ListMissing", claims.clone().list_missing(request).await));
    let request = pb::ListEvidenceRequest { claim_id: claim_id.clone(), ..Default::default() };
    all.push(told("ListEvidence", claims.clone().list_evidence(request).await));
    for (what, agency) in [("view of BA", "BA"), ("view of ES", "ES"), ("view of LA", "LA")] {
        let request =
            pb::GetAgencyViewRequest { claim_id: claim_id.clone(), agency_id: agency.into(), ..Default::default() };
        all.push(told(what, claims.clone().get_agency_view(request).await));
    }
    let request = pb::GetWalkRequest { walk_id: case.walk.clone() };
    all.push(told("GetWalk", person.scripts().get_walk(request).await));
    let request = pb::GetWalkOutlineRequest { walk_id: case.walk.clone() };
    all.push(told("GetWalkOutline", person.scripts().get_walk_outline(request).await));
    let request = pb::ListWalksRequest { claim_id: claim_id.clone(), ..Default::default() };
    all.push(told("ListWalks", person.scripts().list_walks(request).await));
    let request = pb::GetClientRequest { client_id: client_id.clone() };
    all.push(told("GetClient", clients.clone().get_client(request).await));
    let request = pb::FindClientsRequest { phone: frome_facts().phone, ..Default::default() };
    all.push(told("FindClients", clients.clone().find_clients(request).await));
    let request = pb::ListClientChangesRequest { client_id, ..Default::default() };
    all.push(told("ListClientChanges", clients.clone().list_client_changes(request).await));
    let request = pb::GetPostOutlookRequest { claim_id };
    all.push(told("GetPostOutlook", person.packs().get_post_outlook(request).await));
    let appointment_id = case.appointment.appointment_id.clone();
    let request = pb::ListRemindersRequest { appointment_id, ..Default::default() };
    all.push(told("ListReminders", person.reminders().list_reminders(request).await));
    all.into_iter().flatten().collect()
}

fn holds(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}

/// That nothing of what they do not see stands in anything they are told; what they see stands where it should.
async fn check(person: &Person, case: &Case, sees: &[Sensitivity]) -> BTreeMap<&'static str, Vec<u8>> {
    let all = all_told(person, case).await;
    for (question, (sort, canary)) in &case.canaries {
        for (what, bytes) in all.iter().filter(|_| !sees.contains(sort)) {
            assert!(!holds(bytes, canary), "{} is told {question} by {what}", person.name);
        }
    }
    assert!(!holds(all.get("ListReminders").map_or(&[], Vec::as_slice), CANARY), "a reminder tells an answer");
    all
}

fn claim_in(all: &BTreeMap<&'static str, Vec<u8>>) -> pb::Claim {
    pb::GetClaimResponse::decode(all["GetClaim"].as_slice()).unwrap().claim.unwrap()
}

/// Whether the claim they are told shows just these of the canaries' questions, and says that the others are withheld.
fn shows(all: &BTreeMap<&'static str, Vec<u8>>, case: &Case, sees: &[Sensitivity]) {
    let claim = claim_in(all);
    for answer in &claim.answers {
        let sort = case.canaries.get(answer.question_id.as_str()).map(|(sort, _)| *sort);
        let is_shown = sort.is_none_or(|sort| sees.contains(&sort));
        assert_eq!((answer.value.is_some(), answer.withheld), (is_shown, !is_shown), "{}", answer.question_id);
    }
    let drafts: Vec<_> = claim.drafts.iter().map(|draft| (draft.withheld, draft.value.is_some())).collect();
    let sees_health = sees.contains(&Health);
    assert_eq!(drafts, [(!sees_health, sees_health)]);
    assert_eq!(
        claim.answers.iter().filter(|answer| case.canaries.contains_key(answer.question_id.as_str())).count(),
        8
    );
    let watched = pb::WatchClaimResponse::decode(all["WatchClaim"].as_slice()).unwrap();
    let Some(pb::watch_claim_response::Event::Claim(watched)) = watched.event else { panic!("no claim is seen") };
    assert_eq!(watched.answers, claim.answers, "the stream tells what a look tells");
}

async fn agency_paper(person: &Person, case: &Case, agency: &str) -> Result<Vec<u8>, Status> {
    let (claim_id, agency_id) = (case.claim.clone(), agency.into());
    let request = pb::GetAgencyDocumentRequest { claim_id, agency_id, ..Default::default() };
    let mut pieces = person.packs().get_agency_document(request).await?.into_inner();
    let mut pdf = Vec::new();
    while let Some(piece) = pieces.message().await? {
        pdf.extend(piece.chunk);
    }
    Ok(pdf)
}

async fn pack_paper(person: &Person, case: &Case) -> Result<(), String> {
    let request = pb::GetPackDocumentRequest { pack_id: case.pack.clone() };
    person.packs().get_pack_document(request).await.map(drop).map_err(|refused| reason(&refused))
}

async fn asks_for(person: &Person, case: &Case) {
    let request = pb::AskForRecordRequest {
        request_id: new_id(),
        client_id: case.client.clone(),
        reason: pb::RequestReason::HelpsColleague.into(),
        note: "the client is at our desk".into(),
    };
    person.privacy().ask_for_record(request).await.unwrap();
}

const ALL: [Sensitivity; 4] = Sensitivity::ALL;

story!(each_sensitive_answer_is_told_to_those_alone_whose_work_needs_it, |world| {
    let people = pack_people(&world).await;
    let case = made(&world, &people).await;
    let paul = world.personal_adviser("Paul", "somerset").await;
    let eve = world.add("Eve", Role::BenefitsExpert, Some("somerset")).await;
    let rita = world.add("Rita", Role::Reception, Some("somerset")).await;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let bea = world.add("Bea", Role::Agency, None).await;
    asks_for(&bronwen, &case).await;

    // Whoever works with the case sees all of it.
    for person in [&people.asha, &people.lena, &people.petra, &eve] {
        let all = check(person, &case, &ALL).await;
        shows(&all, &case, &ALL);
        for (question, path) in [("S2", "view of BA"), ("G5", "ListAnswerHistory"), ("G5 as amended", "ListAmendments")]
        {
            assert!(holds(&all[path], case.of(question)), "{} is not told {question} by {path}", person.name);
        }
    }
    // Another personal adviser of the office meets the client perhaps, and pays nobody.
    let all = check(&paul, &case, &[Risk, Health, Private]).await;
    shows(&all, &case, &[Risk, Health, Private]);
    assert!(holds(&all["view of BA"], case.of("I3")));
    // Whoever opened the record from elsewhere is warned, and no more.
    let all = check(&bronwen, &case, &[Risk]).await;
    shows(&all, &case, &[Risk]);
    let walk = pb::GetWalkResponse::decode(all["GetWalk"].as_slice()).unwrap().walk.unwrap();
    assert!(walk.withheld_question_ids.contains(&"barriers_help".to_owned()), "{walk:?}");
    let outlook = pb::GetPostOutlookResponse::decode(all["GetPostOutlook"].as_slice()).unwrap();
    assert!(outlook.address_withheld && outlook.address_lines.is_empty());
    let client = pb::GetClientResponse::decode(all["GetClient"].as_slice()).unwrap().client.unwrap().facts.unwrap();
    assert!(client.letters_address.is_none() && client.letters_address_withheld);
    // Reception finds the client, and not where letters go.
    let all = check(&rita, &case, &[]).await;
    assert!(all.contains_key("GetClient") && !all.contains_key("GetClaim"), "{:?}", all.keys());
    let found = pb::FindClientsResponse::decode(all["FindClients"].as_slice()).unwrap().clients;
    assert!(found[0].facts.as_ref().unwrap().letters_address_withheld);
    // The agency reads what it needs; the marker is for those who meet the client.
    let all = check(&bea, &case, &[Bank, Health, Private]).await;
    assert_eq!(all.keys().collect::<Vec<_>>(), [&"view of BA"]);
    let view = pb::GetAgencyViewResponse::decode(all["view of BA"].as_slice()).unwrap();
    let lines = view.sections.iter().flat_map(|section| &section.answers);
    let withheld: Vec<_> = lines.filter(|line| line.withheld).map(|line| line.question_id.as_str()).collect();
    assert_eq!(withheld, ["T10"]);
    let view: Json = serde_json::from_str(&view.json).unwrap();
    let lines =
        view["sections"].as_array().unwrap().iter().flat_map(|section| section["questions"].as_array().unwrap());
    let marker = lines.clone().find(|line| line["id"] == "T10").unwrap();
    assert_eq!((&marker["answer"], &marker["withheld"]), (&Json::Null, &json!(true)));
});

story!(a_paper_is_read_whole_or_not_at_all, |world| {
    let people = pack_people(&world).await;
    let case = made(&world, &people).await;
    let paul = world.personal_adviser("Paul", "somerset").await;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let bea = world.add("Bea", Role::Agency, None).await;
    asks_for(&bronwen, &case).await;
    let folder = tempfile::tempdir().unwrap();
    for person in [&people.asha, &people.petra, &people.room] {
        assert_eq!(pack_paper(person, &case).await, Ok(()), "{}", person.name);
    }
    for person in [&paul, &bronwen] {
        assert_eq!(pack_paper(person, &case).await, Err("OUTSIDE_WORK".into()), "{}", person.name);
        let refused = agency_paper(person, &case, "BA").await.unwrap_err();
        assert_eq!(reason(&refused), "OUTSIDE_WORK", "{}", person.name);
    }
    let whole = printed(&folder, &agency_paper(&people.petra, &case, "BA").await.unwrap());
    let own = printed(&folder, &agency_paper(&bea, &case, "BA").await.unwrap());
    for question in ["S2", "I3", "G5 as amended"] {
        assert!(whole.contains(case.of(question)) && own.contains(case.of(question)), "{question}");
    }
    // The marker is for those who meet the client, and on no paper.
    assert!(!whole.contains("Risk marker") && !own.contains("Risk marker"), "{own}");
});

story!(a_stale_write_tells_what_stands_to_whoever_sees_it, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let (client, claim) = client_with_facts(&asha, frome_facts()).await;
    let stands = canary();
    asha.save(&claim.claim_id, vec![draft("H10", &json!(stands), 0)]).await.unwrap();
    let request = pb::AskForRecordRequest {
        request_id: new_id(),
        client_id: client.client_id,
        reason: pb::RequestReason::HelpsColleague.into(),
        note: "the client is at our desk".into(),
    };
    bronwen.privacy().ask_for_record(request).await.unwrap();
    for (person, is_told) in [(&asha, true), (&bronwen, false)] {
        let refused = person.save(&claim.claim_id, vec![draft("H10", &json!("No"), 0)]).await.unwrap_err();
        let stale = stale_answers(&refused);
        assert_eq!(stale.len(), 1, "{refused:?}");
        assert_eq!((stale[0].revision, stale[0].standing.is_some()), (1, is_told), "{}", person.name);
        assert_eq!(holds(refused.details(), &stands), is_told, "{}", person.name);
    }
});

/// The first that each stream tells of the case's site, and of the case, to those who may watch it.
async fn first_of_streams(people: &PackPeople, supervisor: &Person, case: &Case) -> Vec<(&'static str, Vec<u8>)> {
    let (asha, petra, room) = (&people.asha, &people.petra, &people.room);
    let day = time(case.appointment.slot.as_ref().unwrap().start_time).date_naive().to_string();
    let mut told = Vec::new();
    for (office, person) in [("frome", ""), ("", petra.id.as_str())] {
        let request =
            pb::WatchDayRequest { office_id: office.into(), personal_adviser_id: person.into(), day: day.clone() };
        let mut looked = petra.diary().watch_day(request).await.unwrap().into_inner();
        told.push(("WatchDay", heard("the day", &mut looked, Some).await.encode_to_vec()));
    }
    let mut desk = asha.take_calls().await;
    let mut floor = supervisor
        .floor()
        .watch_floor(pb::WatchFloorRequest { site_id: "somerset".into() })
        .await
        .unwrap()
        .into_inner();
    told.push(("WatchDesk", heard("the desk", &mut desk, Some).await.encode_to_vec()));
    told.push(("WatchFloor", heard("the floor", &mut floor, Some).await.encode_to_vec()));
    let looked = room.packs().watch_print_room(pb::WatchPrintRoomRequest::default()).await;
    let mut looked = looked.unwrap().into_inner();
    told.push(("WatchPrintRoom", heard("the print room", &mut looked, Some).await.encode_to_vec()));
    told
}

/// The calendar of the personal adviser and of the office, as anybody gets them who has their address.
async fn calendars(world: &World, petra: &Person, lena: &Person) -> Vec<String> {
    use pb::create_calendar_feed_request::Whose;
    let mut bodies = Vec::new();
    for (person, whose) in
        [(petra, Whose::PersonalAdviserId(petra.id.clone())), (lena, Whose::OfficeId("frome".into()))]
    {
        let request = pb::CreateCalendarFeedRequest { request_id: new_id(), whose: Some(whose) };
        let url = person.calendars().create_calendar_feed(request).await.unwrap().into_inner().url;
        let path = url.splitn(4, '/').nth(3).unwrap().to_owned();
        let served = http(world.web_address(), "GET", &format!("/{path}"), &[], "").await;
        assert_eq!(served.status, 200);
        bodies.push(served.body);
    }
    bodies
}

home_story!(nothing_that_leaves_by_itself_tells_a_sensitive_answer, |mut home| {
    let log = log::listen();
    let (notify, before) = (NotifyStandIn::start().await, log.lines());
    home.send_by(&notify);
    let world = World::on(home).await;
    let people = pack_people(&world).await;
    let supervisor = world.add("Sue", Role::Supervisor, Some("somerset")).await;
    let rosa = pb::ClientFacts { phone: "07700 900123".into(), ..frome_facts() };
    let case = booked(&people, rosa, Some(at("2026-03-10T09:00:00Z"))).await;
    // The call is due on Thursday at opening, the text on Friday at ten.
    world.wait_until(at("2026-03-05T08:30:00Z"));
    let calls = until("the reminder call", || async {
        let request = pb::ListReminderCallsRequest::default();
        let calls = people.asha.reminders().list_reminder_calls(request).await.unwrap().into_inner();
        (!calls.calls.is_empty()).then_some(calls)
    })
    .await;
    assert!(!holds(&calls.encode_to_vec(), CANARY), "{calls:?}");
    world.wait_until(at("2026-03-06T10:00:00Z"));
    let asked = AtomicUsize::new(0);
    let texts = until("a text to be sent", || async {
        // Each asking lets the worker run; only now and then does time pass.
        if asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(100) {
            world.wait(120);
        }
        people.asha.reminders_of(&case.appointment.appointment_id).await;
        let taken = notify.taken();
        (!taken.is_empty()).then_some(taken)
    })
    .await;
    for sent in &texts {
        // A letter goes where the client wants letters sent; that place is its address, and nowhere else in it.
        let mut request = sent.request.clone();
        let fields = request["personalisation"].as_object_mut().unwrap();
        fields.retain(|name, _| !name.starts_with("address_line_"));
        assert!(!fields.is_empty() && !request.to_string().contains(CANARY), "{sent:?}");
    }
    for (what, first) in first_of_streams(&people, &supervisor, &case).await {
        assert!(!holds(&first, CANARY), "{what} tells an answer");
    }
    for body in calendars(&world, &people.petra, &people.lena).await {
        assert!(body.contains("BEGIN:VEVENT") && !body.contains(CANARY), "{body}");
    }
    let case = met(&world, &people, case).await;
    for (what, first) in first_of_streams(&people, &supervisor, &case).await {
        assert!(!holds(&first, CANARY), "{what} tells an answer");
    }
    assert!(calendars(&world, &people.petra, &people.lena).await.iter().all(|body| !body.contains(CANARY)));
    // Whoever is refused, and what is withheld, is logged without it as well.
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    asks_for(&bronwen, &case).await;
    check(&bronwen, &case, &[Risk]).await;
    assert!(agency_paper(&bronwen, &case, "BA").await.is_err());
    assert!(log.lines() > before + 100, "the log is listened to");
    assert_eq!(log.told(), [""; 0]);
});
