//! Whose records somebody reaches: every method that names one, for every role that may call it.

use crate::contention::cast::Who;
use crate::contention::ground::Ground;
use crate::contention::setting;
use crate::support::faults::reason;
use crate::support::person::Address;
use crate::support::values::new_id;
use crate::support::{Home, Person};
use bytes::{Buf, BufMut};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};
use startline::access::Role;
use startline::grpc::pb;
use std::collections::{BTreeMap, BTreeSet};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};

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
const BESIDE: &[&str] = &["AskForRecord", "ListRecordRequests", "ListAccess"];

/// A method that names records, the fields that do, and the roles that may call it.
struct Row {
    method: MethodDescriptor,
    fields: Vec<String>,
    roles: Vec<Role>,
}

fn rows() -> Vec<Row> {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
    let option = pool.get_extension_by_name("startline.v1.access").unwrap();
    let services = pool.services().filter(|service| service.full_name().starts_with("startline.v1."));
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    let row = |method: MethodDescriptor| {
        let is_script = method.input().name() == "JumpToRequest";
        let input = method.input();
        let fields: Vec<String> = input
            .fields()
            .map(|field| field.name().to_owned())
            .filter(|name| RECORDS.contains(&name.as_str()) && !(is_script && name == "step_id"))
            .collect();
        let access = method.options().get_extension(&option).into_owned();
        let named = access.as_message().unwrap().get_field_by_name("roles").unwrap().into_owned();
        let named: BTreeSet<i32> = named.as_list().unwrap().iter().map(|role| role.as_enum_number().unwrap()).collect();
        let roles = Role::ALL.into_iter().filter(|role| named.contains(&crate::access::number(*role))).collect();
        Row { method, fields, roles }
    };
    let all = methods.map(row);
    all.filter(|row| !row.fields.is_empty() && !BESIDE.contains(&row.method.name())).collect()
}

/// Bytes as they are.
#[derive(Default)]
struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining()).to_vec()))
    }
}

async fn call(person: &Person, row: &Row, ids: &BTreeMap<&str, String>) -> Result<(), Status> {
    let mut request = DynamicMessage::new(row.method.input());
    for field in &row.fields {
        request.set_field_by_name(field, Value::String(ids[field.as_str()].clone()));
    }
    if row.method.input().get_field_by_name("request_id").is_some() {
        request.set_field_by_name("request_id", Value::String(new_id()));
    }
    let path = format!("/{}/{}", row.method.parent_service().full_name(), row.method.name());
    let mut line = Grpc::new(person.line());
    line.ready().await.unwrap();
    let request = Request::new(request.encode_to_vec());
    let mut answers = line.server_streaming(request, path.parse().unwrap(), Raw).await?.into_inner();
    answers.message().await.map(drop)
}

/// One of each kind of record, all of Somerset.
fn records<'a>(ground: &Ground) -> BTreeMap<&'a str, String> {
    let record = ground.records.values().flatten().next().unwrap().clone();
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    for kind in RECORDS {
        let id = match *kind {
            "client_id" => record.client.clone(),
            "claim_id" | "partner_claim_id" => record.claim.clone(),
            "missed_caller_id" => ground.known("missed").remove(0),
            kind => {
                let known = ground.known(kind);
                assert!(!known.is_empty(), "the story has no {kind}");
                known[0].clone()
            }
        };
        ids.insert(kind, id);
    }
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
    let ids = records(&ground);
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
    let _ = ground.cast.the(Who::Adviser);
    server.kill().await;
});
