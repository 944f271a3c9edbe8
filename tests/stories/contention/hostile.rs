//! Whatever is asked is answered with what is wrong about it, and is never our fault: requests of every method as they would
//! be right, with something hostile put into them; messages of every method made of nothing but its fields' kinds; and bytes
//! that are no message. What is asked comes from a seed.

use super::asking::{Answered, in_a_word, put, put_to_stream};
use super::ground::{Ground, Turn};
use super::methods::METHODS;
use super::setting;
use crate::support::person::Address;
use crate::support::values::new_id;
use crate::support::{Engine, Home, Person};
use prost::Message;
use prost_reflect::{
    DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, ReflectMessage, Value,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use startline::access::Role;
use startline::grpc::pb;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};
use tonic::Code;

const SEED: u64 = 20_261_129;
/// How often each method is asked in each of the three ways, at least; `STARTLINE_HOSTILE_SECONDS` for longer.
const ROUNDS: usize = 12;
/// Messages in messages, where they may go on for ever.
const DEEPEST: usize = 5;
/// Ids of answers that are asked for again.
const MOST_IDS: usize = 400;

home_story!(whatever_is_asked_is_answered_with_what_is_wrong_about_it, |home| {
    let (ground, process, _desk) = setting::made_at_one(&home, &Address::default()).await;
    ground.look_around().await;
    let mut asker = Asker::of(&home, StdRng::seed_from_u64(SEED)).await;
    let seconds = std::env::var("STARTLINE_HOSTILE_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    let until = Instant::now() + Duration::from_secs(seconds.unwrap_or_default());
    let mut rounds = 0..;
    while let Some(round) = rounds.next().filter(|round| *round < ROUNDS || Instant::now() < until) {
        asker.spoils_what_would_be_right(&ground, round).await;
        asker.asks_at_random().await;
        asker.sends_bytes().await;
    }
    let told = asker.told;
    assert!(told.faults.is_empty(), "of {:?}, these were our fault: {:#?}", told.counts, told.faults);
    // Were all of it refused at the door, nothing would be proved.
    let asked: usize = told.counts.values().sum();
    assert!(told.counts["ok"] > asked / 20, "{:?}", told.counts);
    drop(ground);
    let ended = process.ended().await;
    assert!(ended.status.success(), "{}", ended.errors);
    for word in ["panicked", "internal fault", "ERROR"] {
        let line = ended.errors.lines().find(|line| line.contains(word));
        assert!(line.is_none(), "{line:?}");
    }
});

/// How often each answer came, and those that must not.
#[derive(Default)]
struct Told {
    counts: BTreeMap<String, usize>,
    faults: Vec<String>,
}

impl Told {
    fn take(&mut self, method: &str, bytes: &[u8], answer: &Answered) {
        *self.counts.entry(in_a_word(answer)).or_default() += 1;
        if let Err(status) = answer
            && matches!(status.code(), Code::Internal | Code::Unknown | Code::DataLoss | Code::Unimplemented)
        {
            let start = bytes.get(..bytes.len().min(200)).unwrap_or_default();
            self.faults.push(format!("{method}: {status:?} to {} bytes: {start:?}", bytes.len()));
        }
    }
}

struct Asker {
    /// One of each role, by its number in the contract.
    people: Vec<(i32, Person)>,
    /// Users, duties and tokens that nobody may lose: whoever asks would be let in no more.
    needed: BTreeSet<String>,
    methods: Vec<MethodDescriptor>,
    chance: StdRng,
    ids: Vec<String>,
    told: Told,
}

impl Asker {
    async fn of(home: &Home, chance: StdRng) -> Self {
        let contract = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
        let services = contract.services().filter(|service| service.full_name().starts_with("startline.v1."));
        let methods = services.flat_map(|service| service.methods().collect::<Vec<_>>()).collect();
        let mut people = Vec::new();
        for role in Role::ALL {
            let site = role.works_at_a_site().then_some("somerset");
            let number = pb::Role::from_str_name(&format!("ROLE_{}", role.as_str().replace('-', "_").to_uppercase()));
            people.push((number.unwrap().into(), home.add(role.as_str(), role, site).await));
        }
        let needed = needed(home).await;
        Self { people, methods, chance, ids: Vec::new(), told: Told::default(), needed }
    }

    async fn spoils_what_would_be_right(&mut self, ground: &Ground, round: usize) {
        for method in METHODS.iter() {
            let ask = (method.ask)(&mut Turn { ground, focus: round, chance: &mut self.chance });
            let (service, name) = method.name.split_once('.').unwrap();
            let is_it = |known: &&MethodDescriptor| known.name() == name && known.parent_service().name() == service;
            let descriptor = self.methods.iter().find(is_it).unwrap().clone();
            let mut message = DynamicMessage::decode(descriptor.input(), ask.bytes.as_slice()).unwrap();
            for _ in 0..self.chance.random_range(1..=3) {
                self.spoil(&mut message);
            }
            let bytes = message.encode_to_vec();
            if self.puts_somebody_out(&descriptor, &bytes) {
                continue;
            }
            let answer = put(ground.cast.at(ask.who, 0), method.name, &bytes).await;
            self.heard(&descriptor, &bytes, answer);
        }
    }

    async fn asks_at_random(&mut self) {
        for method in self.methods.clone() {
            let bytes = self.made(&method.input(), 0).encode_to_vec();
            self.ask(&method, &bytes).await;
        }
    }

    /// Broken off, with bits turned, or nothing but noise.
    async fn sends_bytes(&mut self) {
        for method in self.methods.clone() {
            let mut bytes = self.made(&method.input(), 0).encode_to_vec();
            match self.chance.random_range(0..3) {
                0 => bytes.truncate(self.chance.random_range(0..=bytes.len())),
                1 => {
                    for _ in 0..3 {
                        let (at, bit) = (self.chance.random_range(0..=bytes.len()), self.chance.random_range(0..8));
                        bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << bit);
                    }
                }
                _ => bytes = (0..self.chance.random_range(1..300)).map(|_| self.chance.random()).collect(),
            }
            self.ask(&method, &bytes).await;
        }
    }

    /// As somebody who may.
    async fn ask(&mut self, method: &MethodDescriptor, bytes: &[u8]) {
        if self.puts_somebody_out(method, bytes) {
            return;
        }
        let roles = roles_of(method);
        let mut may = self.people.iter().filter(|(role, _)| roles.contains(role));
        let number = self.chance.random_range(0..roles.len());
        let Some((_, person)) = may.nth(number) else { panic!("nobody may call {}", method.full_name()) };
        let name = format!("{}.{}", method.parent_service().name(), method.name());
        let answer = match method.is_server_streaming() {
            true => put_to_stream(person, &name, bytes).await,
            false => put(person, &name, bytes).await,
        };
        self.heard(method, bytes, answer);
    }

    /// Whether this would have somebody let in no more who asks.
    fn puts_somebody_out(&self, method: &MethodDescriptor, bytes: &[u8]) -> bool {
        let names_one = |request: DynamicMessage| {
            request.fields().any(|(_, value)| value.as_str().is_some_and(|id| self.needed.contains(&plain(id))))
        };
        PUTS_OUT.contains(&method.name()) && DynamicMessage::decode(method.input(), bytes).is_ok_and(names_one)
    }

    fn heard(&mut self, method: &MethodDescriptor, bytes: &[u8], answer: Answered) {
        self.told.take(method.full_name(), bytes, &answer);
        if let Ok(answer) = answer
            && let Ok(message) = DynamicMessage::decode(method.output(), answer.as_slice())
        {
            ids_in(&message, &mut self.ids);
            let over = self.ids.len().saturating_sub(MOST_IDS);
            self.ids.drain(..over);
        }
    }

    /// Puts something hostile somewhere.
    fn spoil(&mut self, message: &mut DynamicMessage) {
        let fields: Vec<_> = message.descriptor().fields().collect();
        if fields.is_empty() {
            return;
        }
        let field = &fields[self.chance.random_range(0..fields.len())];
        let goes_deeper = message.has_field(field) && self.chance.random_range(0..4) > 0;
        match message.get_field_mut(field) {
            Value::Message(inner) if goes_deeper => return self.spoil(inner),
            Value::List(list) if goes_deeper && !list.is_empty() => {
                let at = self.chance.random_range(0..list.len());
                if let Value::Message(inner) = &mut list[at] {
                    return self.spoil(inner);
                }
            }
            _ => {}
        }
        let value = self.hostile(field);
        message.set_field(field, value);
    }

    fn hostile(&mut self, field: &FieldDescriptor) -> Value {
        if field.is_list() {
            let times = self.one_of(&[0, 1, 2, 1_000]);
            let one = self.hostile_one(field, 0);
            return Value::List(vec![one; times]);
        }
        self.hostile_one(field, 0)
    }

    fn hostile_one(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        let numbers =
            [0, -1, 1, i64::MIN, i64::MAX, i64::from(i32::MIN), i64::from(i32::MAX), 1 << 32, 253_402_300_800];
        let number = self.one_of(&numbers);
        let small = i32::try_from(number.clamp(i64::from(i32::MIN), i64::from(i32::MAX))).unwrap();
        match field.kind() {
            Kind::String => Value::String(self.hostile_text()),
            Kind::Bytes => Value::Bytes(vec![0xFF; self.one_of(&[0, 1, 100_000])].into()),
            Kind::Bool => Value::Bool(self.chance.random()),
            Kind::Enum(_) => Value::EnumNumber(self.one_of(&[0, -1, 99, i32::MIN, i32::MAX])),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(small),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(number),
            Kind::Uint32 | Kind::Fixed32 => Value::U32(small.cast_unsigned()),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(number.cast_unsigned()),
            Kind::Float => Value::F32(self.one_of(&[f32::NAN, f32::INFINITY, -0.0, f32::MAX])),
            Kind::Double => Value::F64(self.one_of(&[f64::NAN, f64::NEG_INFINITY, -0.0, f64::MAX, 1e-300])),
            Kind::Message(descriptor) => {
                let mut message = self.made(&descriptor, depth + 1);
                if depth < DEEPEST {
                    self.spoil(&mut message);
                }
                Value::Message(message)
            }
        }
    }

    fn hostile_text(&mut self) -> String {
        let texts = [
            "",
            " ",
            "\0",
            "so\0me",
            "\u{202e}gnp.exe",
            "\u{200b}",
            "\u{feff}",
            "-1",
            "1e309",
            "NaN",
            "null",
            "true",
            "2026-02-30",
            "9999-12-31",
            "0000-00-00",
            "-9999999-01-01",
            "24:00",
            "99:99",
            "'; DROP TABLE clients; --",
            "%",
            "%s%n",
            "../../../../etc/passwd",
            "{{7*7}}",
            "#sys.inputs",
            "\r\nX-Header: yes",
            "Ω≈ç√∫",
            "Łódź",
            "ﷺﷺﷺﷺ",
            "00000000-0000-0000-0000-000000000000",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
            "somerset ",
            "SOMERSET",
            "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
            "e\u{301}\u{301}\u{301}\u{301}\u{301}",
            "+",
            "+44",
            "07",
            "🜁",
        ];
        let text = self.one_of(&texts).to_owned();
        match self.chance.random_range(0..12) {
            0 => text.repeat(self.one_of(&[300, 5_000, 60_000])),
            1 => "x".repeat(self.one_of(&[129, 1_001, 100_000])),
            2 => self.an_id(),
            _ => text,
        }
    }

    /// A message that could be right, as far as the names and kinds of its fields tell.
    fn made(&mut self, descriptor: &MessageDescriptor, depth: usize) -> DynamicMessage {
        let mut message = DynamicMessage::new(descriptor.clone());
        for field in descriptor.fields() {
            let is_left_out = self.chance.random_range(0..10) < if depth == 0 { 2 } else { 4 };
            if is_left_out || field.is_map() || (depth >= DEEPEST && matches!(field.kind(), Kind::Message(_))) {
                continue;
            }
            let value = match field.is_list() {
                true => {
                    let times = self.chance.random_range(0..3);
                    Value::List((0..times).map(|_| self.plausible(&field, depth)).collect())
                }
                false => self.plausible(&field, depth),
            };
            message.set_field(&field, value);
        }
        message
    }

    fn plausible(&mut self, field: &FieldDescriptor, depth: usize) -> Value {
        if self.chance.random_range(0..12) == 0 {
            return self.hostile_one(field, depth);
        }
        match field.kind() {
            Kind::String => Value::String(self.plausible_text(field.name())),
            Kind::Enum(kind) => {
                let values: Vec<i32> = kind.values().map(|value| value.number()).collect();
                Value::EnumNumber(self.one_of(&values))
            }
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(self.chance.random_range(0..40)),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                // Most are seconds of a time.
                Value::I64(self.one_of(&[0, 1, 1_772_532_000, 1_772_618_400, 1_772_704_800]))
            }
            Kind::Uint32 | Kind::Fixed32 => Value::U32(self.chance.random_range(0..40)),
            Kind::Uint64 | Kind::Fixed64 => Value::U64(self.chance.random_range(0..40)),
            Kind::Message(descriptor) => Value::Message(self.made(&descriptor, depth + 1)),
            _ => self.hostile_one(field, depth),
        }
    }

    fn plausible_text(&mut self, name: &str) -> String {
        let fit: &[&str] = match name {
            "request_id" => return new_id(),
            "site_id" => &["somerset", "south-east-gwent", "buckinghamshire"],
            "office_id" => &["frome", "yeovil"],
            "question_id" => &["A1", "B17", "B1", "C3"],
            "agency_id" => &["benefits-agency", "council"],
            _ if name.ends_with("_id") && self.chance.random_range(0..5) > 0 => return self.an_id(),
            _ if name.contains("phone") || name.contains("number") => {
                &["01373 000123", "07700 900123", "+353861234567"]
            }
            _ if name.contains("postcode") => &["BA11 1AA", "SO15 2LA"],
            _ if name.contains("day") || name.contains("date") => &["2026-03-10", "2026-03-11", "1976-05-04"],
            _ if name.contains("time") => &["09:00", "14:30"],
            _ => &["somerset", "frome", "JSA", "en", "start-up", "inbound", "welsh", "Jane", "a word", "5", "female"],
        };
        self.one_of(fit).to_owned()
    }

    fn an_id(&mut self) -> String {
        match self.ids.len() {
            0 => new_id(),
            known => self.ids[self.chance.random_range(0..known)].clone(),
        }
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.chance.random_range(0..all.len())].clone()
    }
}

/// Methods after which somebody is let in no more.
const PUTS_OUT: [&str; 3] = ["DisableUser", "TakeDuty", "RevokeToken"];

/// An id without its hyphens and in small letters.
fn plain(id: &str) -> String {
    id.replace('-', "").to_lowercase()
}

/// The ids of everybody who asks, of what they may do and of their tokens.
async fn needed(home: &Home) -> BTreeSet<String> {
    let mut inside = home.look_inside().await;
    let id = match home.engine {
        Engine::Sqlite => "hex(id)",
        Engine::Postgres => "CAST(id AS TEXT)",
    };
    let mut needed = BTreeSet::new();
    for sql in [
        format!("SELECT {id} FROM users WHERE name NOT IN ('Sid', 'Sam')"),
        format!("SELECT {id} FROM duties WHERE user_id NOT IN (SELECT id FROM users WHERE name IN ('Sid', 'Sam'))"),
        format!("SELECT {id} FROM tokens WHERE user_id NOT IN (SELECT id FROM users WHERE name IN ('Sid', 'Sam'))"),
    ] {
        needed.extend(inside.texts(&sql).await.iter().map(|id| plain(id)));
    }
    needed
}

pub fn roles_of(method: &MethodDescriptor) -> Vec<i32> {
    let option = method.parent_pool().get_extension_by_name("startline.v1.access").unwrap();
    let access = method.options().get_extension(&option).into_owned();
    let roles = access.as_message().unwrap().get_field_by_name("roles").unwrap().into_owned();
    roles.as_list().unwrap().iter().map(|role| role.as_enum_number().unwrap()).collect()
}

fn ids_in(message: &DynamicMessage, ids: &mut Vec<String>) {
    for (_, value) in message.fields() {
        match value {
            Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => ids.push(text.clone()),
            Value::Message(inner) => ids_in(inner, ids),
            Value::List(list) => list.iter().filter_map(Value::as_message).for_each(|inner| ids_in(inner, ids)),
            _ => {}
        }
    }
}
