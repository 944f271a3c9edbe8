//! Whose records somebody reaches: every method that names one, for every role that may call it.

use crate::contention::asking::put_to_stream;
use crate::contention::cast::Who;
use crate::contention::ground::Stage;
use crate::contention::setting;
use crate::support::faults::reason;
use crate::support::person::Address;
use crate::support::print_steps::pack_people;
use crate::support::steps::{client_with_claim, client_with_facts, frome_facts, offered, start_up_done};
use crate::support::values::{new_id, time};
use crate::support::{Engine, Home, Person, World, until};
use chrono::TimeDelta;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MessageDescriptor, MethodDescriptor, ReflectMessage, Value};
use startline::access::Role;
use startline::grpc::pb;
use std::collections::{BTreeMap, BTreeSet};
use tonic::{Code, Status};

/// Fields of requests that name a record, as the service's door has them.
const RECORDS: &[&str] = &[
    "client_id",
    "claim_id",
    "partner_claim_id",
    "callback_id",
    "missed_caller_id",
    "walk_id",
    "appointment_id",
    "reminder_id",
    "query_id",
    "step_id",
    "standby_id",
    "standby_offer_id",
    "pack_id",
    "print_job_id",
    "exception_id",
];

/// Methods that open what is out of reach, or open no record.
const BESIDE: &[&str] = &["AskForRecord", "ListRecordRequests", "ListAccess", "PrintAccess"];

/// Methods whose request is a list of records, and whose answer says of each whether it was refused.
const EACH_BY_ITSELF: &[&str] = &["ReportAllPrinted"];

/// A method that names records, the fields that do, and the roles that may call it.
struct Row {
    method: MethodDescriptor,
    fields: Vec<String>,
    roles: Vec<Role>,
}

fn rows() -> Vec<Row> {
    let mut rows = rows_that_name(RECORDS);
    rows.retain(|row| !BESIDE.contains(&row.method.name()) && !EACH_BY_ITSELF.contains(&row.method.name()));
    rows
}

fn rows_that_name(names: &[&str]) -> Vec<Row> {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
    let option = pool.get_extension_by_name("startline.v1.access").unwrap();
    let services = pool.services().filter(|service| service.full_name().starts_with("startline.v1."));
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    let row = |method: MethodDescriptor| {
        let is_script = method.input().name() == "JumpToRequest";
        let mut fields = paths(&method.input(), names, 3);
        fields.retain(|name| !(is_script && name == "step_id"));
        let access = method.options().get_extension(&option).into_owned();
        let named = access.as_message().unwrap().get_field_by_name("roles").unwrap().into_owned();
        let named: BTreeSet<i32> = named.as_list().unwrap().iter().map(|role| role.as_enum_number().unwrap()).collect();
        let roles = Role::ALL.into_iter().filter(|role| named.contains(&crate::access::number(*role))).collect();
        Row { method, fields, roles }
    };
    methods.map(row).filter(|row| !row.fields.is_empty()).collect()
}

async fn call(person: &Person, row: &Row, ids: &BTreeMap<&str, String>) -> Result<(), Status> {
    ask(
        person,
        &row.method,
        row.fields.iter().map(|path| (path.as_str(), ids[path.rsplit('.').next().unwrap_or(path)].as_str())),
    )
    .await
}

/// With these texts in these fields: `jobs.print_job_id` is in the one message of the list `jobs`.
async fn ask<'a>(
    person: &Person,
    method: &MethodDescriptor,
    fields: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), Status> {
    let mut request = otherwise_right(method);
    for (path, text) in fields {
        put_at(&mut request, path, text);
    }
    if method.input().get_field_by_name("request_id").is_some() {
        request.set_field_by_name("request_id", Value::String(new_id()));
    }
    let name = format!("{}.{}", method.parent_service().name(), method.name());
    put_to_stream(person, &name, &request.encode_to_vec()).await.map(drop)
}

/// What has to be right before it is looked at whose it is, where the method itself looks.
fn otherwise_right(method: &MethodDescriptor) -> DynamicMessage {
    let mut request = DynamicMessage::new(method.input());
    if method.name() == "BlockTime" {
        let day = "2026-03-10";
        let (first_day, last_day) = (day.into(), day.into());
        let block = pb::Block { kind: pb::BlockKind::Training.into(), first_day, last_day, ..Default::default() };
        let whole = pb::BlockTimeRequest { block: Some(block), ..Default::default() };
        request = DynamicMessage::decode(method.input(), whole.encode_to_vec().as_slice()).unwrap();
    }
    request
}

fn put_at(message: &mut DynamicMessage, path: &str, text: &str) {
    let Some((name, rest)) = path.split_once('.') else {
        let field = message.descriptor().get_field_by_name(path).unwrap();
        let text = Value::String(text.to_owned());
        return message.set_field(&field, if field.is_list() { Value::List(vec![text]) } else { text });
    };
    let field = message.descriptor().get_field_by_name(name).unwrap();
    if field.is_list() {
        let mut inner = DynamicMessage::new(field.kind().as_message().unwrap().clone());
        put_at(&mut inner, rest, text);
        return message.set_field(&field, Value::List(vec![Value::Message(inner)]));
    }
    if let Value::Message(inner) = message.get_field_mut(&field) {
        put_at(inner, rest, text);
    }
}

/// The paths of the fields of a message, and of those in it, that have one of these names.
fn paths(message: &MessageDescriptor, names: &[&str], deepest: usize) -> Vec<String> {
    let mut found = Vec::new();
    for field in message.fields() {
        match field.kind() {
            Kind::Message(inner) if deepest > 0 => {
                let inner = paths(&inner, names, deepest - 1).into_iter();
                found.extend(inner.map(|path| format!("{}.{path}", field.name())));
            }
            _ if names.contains(&field.name()) => found.push(field.name().to_owned()),
            _ => {}
        }
    }
    found
}

/// Where a record of each kind stands.
const TABLES: &[(&str, &str)] = &[
    ("client_id", "clients"),
    ("claim_id", "claims"),
    ("partner_claim_id", "claims"),
    ("callback_id", "callbacks"),
    ("missed_caller_id", "missed_callers"),
    ("walk_id", "walks"),
    ("appointment_id", "appointments"),
    ("reminder_id", "reminders"),
    ("query_id", "claim_queries"),
    ("step_id", "steps"),
    ("standby_id", "standby"),
    ("standby_offer_id", "standby_offers"),
    ("pack_id", "packs"),
    ("print_job_id", "print_jobs"),
    ("exception_id", "pack_exceptions"),
];

/// One of each kind of record, all of Somerset.
async fn records(home: &Home) -> BTreeMap<&'static str, String> {
    let mut inside = home.look_inside().await;
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    for (field, table) in TABLES {
        let id = match home.engine {
            Engine::Sqlite => "lower(hex(id))",
            Engine::Postgres => "CAST(id AS TEXT)",
        };
        let found = inside.texts(&format!("SELECT {id} FROM {table} ORDER BY id LIMIT 1")).await;
        ids.insert(field, found.into_iter().next().unwrap_or_else(|| panic!("the story has no {field}")));
    }
    assert!(RECORDS.iter().all(|field| ids.contains_key(field)));
    ids
}

async fn everybody(home: &Home, at: &str) -> BTreeMap<Role, Person> {
    let mut people = BTreeMap::new();
    for role in Role::ALL {
        let site = role.works_at_a_site().then_some(at);
        people.insert(role, home.add(&format!("{role} at {at}"), role, site).await);
    }
    people
}

home_story!(no_record_is_reached_from_a_site_that_has_nothing_to_do_with_it, |home| {
    let elsewhere = everybody(&home, "buckinghamshire").await;
    let here = everybody(&home, "somerset").await;
    let (ground, server, _desk) = setting::made_at_one(&home, &Address::default()).await;
    ground.look_around().await;
    let met = &ground.records[&Stage::Met][0];
    ground.cast.the(Who::Expert).raise_query(&met.claim, "", "Is it true?").await.unwrap();
    ground.cast.the(Who::Adviser).join_standby(&ground.records[&Stage::Fickle][0].claim, false).await.unwrap();
    let ids = records(&home).await;
    let rows = rows();
    assert!(rows.len() > 80, "{}", rows.len());
    let mut leaks = Vec::new();
    for row in &rows {
        for role in &row.roles {
            let refused = call(&elsewhere[role], row, &ids).await.map_err(|status| (status.code(), reason(&status)));
            match refused {
                Err((Code::PermissionDenied, why)) if ["OUTSIDE_WORK", "DENIED"].contains(&why.as_str()) => {}
                other => leaks.push(format!("{role} of another site: {}: {other:?}", row.method.full_name())),
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    let nested = rows.iter().filter(|row| row.fields.iter().any(|path| path.contains('.')));
    assert_eq!(nested.map(|row| row.method.name()).collect::<Vec<_>>(), [""; 0], "say how each of the list is refused");
    let reports = vec![pb::PrintedReport { print_job_id: ids["print_job_id"].clone(), attempt: 1, pages: Some(1) }];
    let request = pb::ReportAllPrintedRequest { request_id: new_id(), reports };
    let answer = elsewhere[&Role::PrintRoom].packs().report_all_printed(request).await.unwrap().into_inner();
    assert_eq!(answer.refused.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["DENIED"]);
    // Their own work is open to those whose work it is.
    let mut shut = Vec::new();
    for row in &rows {
        for role in row.roles.iter().filter(|role| [Role::Adviser, Role::TeamLeader].contains(role)) {
            let outcome = call(&here[role], row, &ids).await;
            if let Err(status) = outcome.as_ref().map_err(|status| status.code())
                && status == Code::PermissionDenied
            {
                shut.push(format!("{role}: {}: {outcome:?}", row.method.full_name()));
            }
        }
    }
    assert!(shut.is_empty(), "{} are shut:\n{}", shut.len(), shut.join("\n"));
    server.kill().await;
});

/// Fields of requests that name a place, or somebody whose hours are their own.
const PLACES: &[&str] = &["site_id", "office_id", "adviser_id", "personal_adviser_id"];

/// Methods that name a place and are no reading or arranging of it, and why.
const NO_PLACE_OF_THEIRS: &[(&str, &str)] = &[
    ("ListUsers", "everybody at work finds whom they work with; who may see which site is told in stories/who_and_why"),
    ("AddUser", "administrators alone, who look after every site"),
    ("ChangeUser", "administrators alone, who look after every site"),
    ("GiveDuty", "administrators alone, who look after every site"),
];

home_story!(no_place_is_looked_at_or_arranged_from_a_site_that_it_does_not_belong_to, |home| {
    let elsewhere = everybody(&home, "buckinghamshire").await;
    let (petra, asha) = (home.personal_adviser("Petra", "somerset").await, home.adviser("Asha", "somerset").await);
    let _world = World::on(home).await;
    petra.works_at("frome").await;
    let place = |path: &str| match path.rsplit('.').next().unwrap() {
        "site_id" => "somerset",
        "office_id" => "frome",
        "adviser_id" => &asha.id,
        "personal_adviser_id" | "user_id" => &petra.id,
        other => panic!("say what a {other} of Somerset is"),
    };
    // Where a record is named as well, the record says whose it is: that is the table of records.
    let names_a_record = |row: &Row| !paths(&row.method.input(), RECORDS, 0).is_empty();
    let is_beside = |row: &Row| NO_PLACE_OF_THEIRS.iter().any(|(name, _)| *name == row.method.name());
    let mut rows = rows_that_name(PLACES);
    rows.retain(|row| !names_a_record(row) && !is_beside(row));
    for row in rows.iter_mut().filter(|row| row.method.name() == "BlockTime") {
        row.fields.push("block.user_id".into());
    }
    let mut leaks = Vec::new();
    for row in &rows {
        for path in &row.fields {
            for role in row.roles.iter().filter(|role| **role != Role::Admin) {
                let asked = ask(&elsewhere[role], &row.method, std::iter::once((path.as_str(), place(path)))).await;
                let refused = asked.map_err(|status| (status.code(), reason(&status)));
                if refused != Err((Code::PermissionDenied, "DENIED".into())) {
                    leaks.push(format!("{role} of another site: {} by {path}: {refused:?}", row.method.full_name()));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    // The table is made of the contract, so that a new method has its row; that it was read right shows by those that are known.
    let known = [
        "WatchFloor",
        "GetServiceLevel",
        "ListDay",
        "WatchDay",
        "SetWorkingPattern",
        "BlockTime",
        "SetRoster",
        "ReportAbsence",
        "ListRoster",
        "ListCallbacksAtRisk",
        "GetStandards",
        "GetDecisionReport",
        "GetAttendanceReport",
    ];
    let names: BTreeSet<&str> = rows.iter().map(|row| row.method.name()).collect();
    let lacks: Vec<_> = known.iter().filter(|name| !names.contains(*name)).collect();
    assert!(lacks.is_empty(), "{lacks:?} have no row among {names:?}");
});

async fn sees_client(person: &Person, client: &str) -> bool {
    let got = person.clients().get_client(pb::GetClientRequest { client_id: client.into() }).await;
    got.inspect_err(|status| assert_eq!(status.code(), Code::PermissionDenied, "{status:?}")).is_ok()
}

story!(an_overflow_call_opens_the_callers_area_for_as_long_as_it_lasts, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let switch = world.switch("the switch").await;
    let client = asha.create_client(frome_facts()).await.unwrap().client_id;
    let mut desk = bronwen.take_calls().await;
    assert!(!sees_client(&bronwen, &client).await);
    let _call = switch.enter_call("frome-1", "01373 000123").await;
    let offer = offered(&mut desk).await;
    assert!(offer.overflow);
    bronwen.accept(&offer).await;
    switch.report("frome-1", pb::CallReport::Answered).await;
    assert!(sees_client(&bronwen, &client).await);
    // Somebody of a third area is none of it.
    let facts = pb::ClientFacts { postcode: "HX1 1PU".into(), ..frome_facts() };
    let (far, _) = client_with_facts(&world.adviser("Yusuf", "calderdale-and-kirklees").await, facts).await;
    assert!(!sees_client(&bronwen, &far.client_id).await);
    let end = pb::EndCallRequest { request_id: new_id(), call_id: offer.call_id.clone(), ..Default::default() };
    bronwen.desk().end_call(end).await.unwrap();
    assert!(sees_client(&bronwen, &client).await, "she still writes it up");
    let done = pb::FinishWrapUpRequest { request_id: new_id(), call_id: offer.call_id, outcome: "advised".into() };
    bronwen.desk().finish_wrap_up(done).await.unwrap();
    assert!(!sees_client(&bronwen, &client).await);
});

story!(a_lost_sites_clients_are_reached_by_the_site_that_helps_it_until_it_is_back, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let bronwen = world.adviser("Bronwen", "south-east-gwent").await;
    let yusuf = world.adviser("Yusuf", "calderdale-and-kirklees").await;
    let root = world.add("Root", Role::Admin, None).await;
    let client = asha.create_client(frome_facts()).await.unwrap().client_id;
    root.declare_lost("somerset", "flood", &["south-east-gwent"]).await.unwrap();
    assert!(sees_client(&bronwen, &client).await);
    assert!(!sees_client(&yusuf, &client).await);
    assert!(sees_client(&asha, &client).await, "whoever is still there is not shut out");
    root.end_contingency("somerset").await.unwrap();
    assert!(!sees_client(&bronwen, &client).await);
    // Nobody declares another site lost but an administrator.
    let sunil = world.add("Sunil", Role::Supervisor, Some("buckinghamshire")).await;
    assert_eq!(sunil.declare_lost("somerset", "flood", &[]).await.unwrap_err().code(), Code::PermissionDenied);
});

story!(a_meeting_opens_the_record_to_its_office_and_lodging_to_the_agency, |world| {
    let people = pack_people(&world).await;
    let (asha, petra) = (&people.asha, &people.petra);
    let rita = world.add("Rita", Role::Reception, Some("somerset")).await;
    let edna = world.add("Edna", Role::BenefitsExpert, Some("somerset")).await;
    let agent = world.add("Bea of the agency", Role::Agency, None).await;
    let (client, unmet) = client_with_claim(asha, "Hill").await;
    for person in [petra, &rita, &edna] {
        assert!(!sees_client(person, &client.client_id).await, "{}", person.name);
    }
    let (claim, booked) = start_up_done(&world, asha, "Fry").await;
    let id = claim.claim_id.clone();
    for person in [petra, &rita, &edna] {
        assert!(sees_client(person, &claim.client_id).await, "{}", person.name);
    }
    let found = pb::FindClientsRequest { last_name: "Hill".into(), ..Default::default() };
    assert!(rita.clients().find_clients(found).await.unwrap().into_inner().clients.is_empty());
    let found = pb::FindClientsRequest { last_name: "Fry".into(), ..Default::default() };
    assert_eq!(rita.clients().find_clients(found).await.unwrap().into_inner().clients.len(), 1);
    // Each look says the true reason, also that of a search: she is no adviser of the site, though it is the client's.
    let olive = world.add("Olive", Role::PrivacyOfficer, None).await;
    let hers = pb::ListAccessRequest { user_id: rita.id.clone(), ..Default::default() };
    let grounds = until("her looks", || async {
        let looks = olive.privacy().list_access(hers.clone()).await.unwrap().into_inner().looks;
        let grounds: Vec<_> = looks.into_iter().map(|look| (look.method, look.ground)).collect();
        (grounds.len() == 2).then_some(grounds)
    })
    .await;
    for method in ["ClientService.FindClients", "ClientService.GetClient"] {
        assert!(grounds.contains(&(method.into(), "meeting_at_office".into())), "{grounds:?}");
    }
    let view = |claim: &str, agency: &str| pb::GetAgencyViewRequest {
        claim_id: claim.into(),
        agency_id: agency.into(),
        ..Default::default()
    };
    let refused = async |claim: &str, agency: &str| {
        let answer = agent.claims().get_agency_view(view(claim, agency)).await;
        answer.map(drop).map_err(|status| (status.code(), reason(&status)))
    };
    let outside = Err((Code::PermissionDenied, "OUTSIDE_WORK".to_owned()));
    assert_eq!(refused(&id, "BA").await, outside, "it is not handed over yet");
    world.wait_until(time(booked.slot.unwrap().start_time) + TimeDelta::minutes(10));
    petra.record_attendance(&booked.appointment_id, pb::Attendance::Attended).await.unwrap();
    petra.lodge(&id).await.unwrap();
    refused(&id, "BA").await.unwrap();
    assert_eq!(refused(&id, "ES").await, outside, "another agency's");
    assert_eq!(refused(&unmet.claim_id, "BA").await, outside);
    let whole = agent.claims().get_claim(pb::GetClaimRequest { claim_id: id, ..Default::default() }).await;
    assert_eq!(whole.unwrap_err().code(), Code::PermissionDenied);
});
