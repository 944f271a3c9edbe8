//! Every method that reads, asked by everybody about everything.

use super::ground::Ground;
use super::rule::Path;
use crate::contention::asking::{put, read_stream};
use crate::contention::hostile::roles_of;
use crate::support::World;
use crate::support::pdf::printed;
use futures_util::future::join_all;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, Kind, MethodDescriptor, Value};
use startline::grpc::pb;
use std::collections::{BTreeMap, BTreeSet};

/// Something that somebody was told.
pub struct Told {
    /// Of the people, by number.
    pub who: usize,
    /// The method, and the record by which it was asked.
    pub what: String,
    pub path: Path,
    pub is_refused: bool,
    /// What came, a refusal's words included.
    pub said: String,
}

/// What reads nothing of anybody, or waits for a call.
const BESIDE: &[&str] = &["RoutingService", "DeskService", "DefinitionService", "OperationsService"];

fn methods() -> Vec<MethodDescriptor> {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
    let services = pool.services().filter(|service| service.full_name().starts_with("startline.v1."));
    let services = services.filter(|service| !BESIDE.contains(&service.name()));
    let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>());
    methods.filter(|method| method.input().get_field_by_name("request_id").is_none()).collect()
}

/// A request, and how it is told which it was.
struct Reading {
    method: MethodDescriptor,
    by: String,
    bytes: Vec<u8>,
}

impl Reading {
    fn name(&self) -> String {
        format!("{}.{}", self.method.parent_service().name(), self.method.name())
    }
}

/// As much as may be asked for at once: with answers, whole pages.
fn fullest(method: &MethodDescriptor, ground: &Ground) -> DynamicMessage {
    let mut request = DynamicMessage::new(method.input());
    for field in method.input().fields() {
        let value = match (field.name(), field.kind()) {
            ("page_size", _) => Value::I32(100),
            ("with_answers" | "with_closed" | "with_disabled", Kind::Bool) => Value::Bool(true),
            ("day", Kind::String) => Value::String(ground.day.clone()),
            ("first_day", Kind::String) => Value::String("2026-03-01".into()),
            ("last_day", Kind::String) => Value::String("2026-03-20".into()),
            ("post_day", Kind::String) => Value::String(ground.post_day.clone()),
            ("post_class", Kind::Enum(_)) => Value::EnumNumber(pb::PostClass::Second.into()),
            _ => continue,
        };
        request.set_field(&field, value);
    }
    request
}

/// Each method by each of its ids, one at a time, and by none.
fn readings(ground: &Ground) -> Vec<Reading> {
    let mut all = Vec::new();
    for method in methods() {
        let mut push = |by: String, request: &DynamicMessage| {
            all.push(Reading { method: method.clone(), by, bytes: request.encode_to_vec() });
        };
        let request = fullest(&method, ground);
        push(String::new(), &request);
        for field in method.input().fields() {
            for id in ground.ids.get(field.name()).into_iter().flatten() {
                let mut request = request.clone();
                request.set_field(&field, Value::String(id.clone()));
                match method.input().get_field_by_name("agency_id") {
                    None => push(id.clone(), &request),
                    Some(agency) => {
                        for name in ["BA", "ES", "LA"] {
                            request.set_field(&agency, Value::String(name.into()));
                            push(id.clone(), &request);
                        }
                    }
                }
            }
        }
        if method.name() == "FindClients" {
            for case in &ground.cases {
                let mut request = request.clone();
                request.set_field_by_name("phone", Value::String(case.phone.clone()));
                push(case.phone.clone(), &request);
            }
        }
    }
    all
}

pub async fn all(world: &World, ground: &Ground) -> Vec<Told> {
    let readings = readings(ground);
    let names: BTreeSet<String> = readings.iter().map(Reading::name).collect();
    assert!(names.len() > 40, "{names:?}");
    let of_one = |who: usize| {
        let (readings, person) = (&readings, &ground.people[who].person);
        async move {
            let mut told = Vec::new();
            // Who may call a method at all is told in stories/access.
            let roles: Vec<i32> = ground.people[who].roles.iter().map(|role| crate::access::number(*role)).collect();
            let may = |reading: &&Reading| roles_of(&reading.method).iter().any(|role| roles.contains(role));
            for reading in readings.iter().filter(|reading| reading.by.is_empty() || may(reading)) {
                let (name, bytes) = (reading.name(), reading.bytes.as_slice());
                let answer = match reading.method.is_server_streaming() {
                    // Whoever watches is shown what is there first; a document has an end.
                    true => read_stream(person, &name, bytes, reading.method.name().starts_with("Watch")).await,
                    false => put(person, &name, bytes).await.map(|answer| vec![answer]),
                };
                told.push((reading, answer));
            }
            (who, told)
        }
    };
    let mut all = Vec::new();
    let mut papers = BTreeMap::<Vec<u8>, String>::new();
    for (who, told) in join_all((0..ground.people.len()).map(of_one)).await {
        for (reading, answer) in told {
            let what = format!("{} {}", reading.name(), reading.by);
            let is_refused = answer.is_err();
            let (path, said) = match answer {
                Ok(messages) => said(world, &reading.method, &messages, &mut papers),
                Err(refused) => {
                    let details = String::from_utf8_lossy(refused.details());
                    (Path::Answer, format!("{} {details}", refused.message()))
                }
            };
            all.push(Told { who, what: what.trim_end().to_owned(), path, is_refused, said });
        }
    }
    all
}

/// What messages say; a document says what is read on its pages. The same document is read once.
fn said(
    world: &World,
    method: &MethodDescriptor,
    messages: &[Vec<u8>],
    papers: &mut BTreeMap<Vec<u8>, String>,
) -> (Path, String) {
    let pdf: Vec<u8> = messages.iter().flat_map(|message| chunk(method, message)).collect();
    if !pdf.starts_with(b"%PDF") {
        return (Path::Answer, String::from_utf8_lossy(&messages.concat()).into_owned());
    }
    let text = papers.entry(pdf).or_insert_with_key(|pdf| printed(&world.folder, pdf));
    (if method.name() == "GetAgencyDocument" { Path::AgencyCopy } else { Path::Paper }, text.clone())
}

/// A piece of a document; nothing where the answer has none.
fn chunk(method: &MethodDescriptor, message: &[u8]) -> Vec<u8> {
    let Some(chunk) = method.output().get_field_by_name("chunk") else { return Vec::new() };
    let message = DynamicMessage::decode(method.output(), message).unwrap();
    message.get_field(&chunk).as_bytes().map(|bytes| bytes.to_vec()).unwrap_or_default()
}
