//! What was asked and answered, and what the audit has to say about it.

use super::asking::{Answered, Ask, in_a_word, put};
use super::ground::Ground;
use super::methods::{METHODS, Method};
use crate::support::faults::reason;
use crate::support::home::Inside;
use prost::Message;
use startline::grpc::pb;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use tonic::{Code, Status};

pub struct Entry {
    pub method: &'static Method,
    pub ask: Ask,
    /// One, or one of each process.
    pub answers: Vec<Answered>,
}

#[derive(Default)]
pub struct Ledger(Mutex<Vec<Entry>>);

/// A step is opened for a claim, and a decision may open several.
const OFTEN_ON_ONE_RECORD: &[&str] = &["step_opened"];

impl Ledger {
    pub fn write(&self, entry: Entry) {
        self.0.lock().unwrap().push(entry);
    }

    /// A caller hears that it went well, or what is wrong with what they asked: never that the service was in its own way.
    pub fn nobody_was_told_what_is_none_of_theirs(&self) {
        let entries = self.0.lock().unwrap();
        let answers =
            entries.iter().flat_map(|entry| entry.answers.iter().map(move |answer| (entry.method.name, answer)));
        let wrong: Vec<String> = answers
            .filter_map(|(method, answer)| answer.as_ref().err().map(|status| (method, status)))
            .filter(|(_, status)| !is_theirs(status))
            .map(|(method, status)| format!("{method}: {:?} {} {}", status.code(), reason(status), status.message()))
            .collect();
        assert!(wrong.is_empty(), "{} answers that no caller should hear:\n{}", wrong.len(), wrong.join("\n"));
    }

    /// Both said yes, in the same words; or one was refused before the other went well, and is told the same now.
    pub async fn both_processes_answered_the_same(&self, ground: &Ground) {
        let entries = std::mem::take(&mut *self.0.lock().unwrap());
        let (mut twice, mut well) = (0, 0);
        for Entry { method, ask, answers } in &entries {
            let [one, other] = answers.as_slice() else { continue };
            twice += 1;
            let Some(first) = one.as_ref().ok().or(other.as_ref().ok()) else { continue };
            well += 1;
            let first = as_repeated(method.name, first);
            for process in [0, 1] {
                let again = put(ground.cast.at(ask.who, process), method.name, &ask.bytes).await;
                let again = again.unwrap_or_else(|status| panic!("{} repeated: {status:?}", method.name));
                assert_eq!(as_repeated(method.name, &again), first, "{} at process {process}", method.name);
            }
            for answer in answers.iter().flatten() {
                assert_eq!(as_repeated(method.name, answer), first, "{} at both processes at once", method.name);
            }
        }
        assert!(well > 10, "of {twice} requests that were sent twice only {well} went well");
        *self.0.lock().unwrap() = entries;
    }

    /// Each request that went well left the line of its action, once; one that was refused left none.
    pub async fn each_happened_once(&self, inside: &mut Inside) {
        let lines = inside
            .texts("SELECT CAST(request_id AS TEXT) || ' ' || action || ' ' || record_id FROM audit WHERE request_id IS NOT NULL")
            .await;
        let mut by_request: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for line in &lines {
            let (request, rest) = line.split_once(' ').unwrap();
            by_request.entry(request).or_default().push(rest.split_once(' ').unwrap());
        }
        let rows = inside.texts("SELECT CAST(request_id AS TEXT) FROM answers").await;
        let entries = self.0.lock().unwrap();
        let mut wrong = Vec::new();
        for Entry { method, ask, answers } in entries.iter() {
            let none = Vec::new();
            let lines = by_request.get(ask.request_id.as_str()).unwrap_or(&none);
            let went_well = answers.iter().find_map(|answer| answer.as_ref().ok());
            let saved = rows.iter().filter(|id| **id == ask.request_id).count();
            let fault = match went_well {
                Some(answer) => method.writes.what_is_wrong(answer, lines, saved),
                None => (!lines.is_empty() || saved > 0).then(|| "it was refused".to_owned()),
            };
            let mut seen = BTreeSet::new();
            let again = lines.iter().find(|line| !OFTEN_ON_ONE_RECORD.contains(&line.0) && !seen.insert(**line));
            let fault = fault.or(again.map(|line| format!("{line:?} stands there twice")));
            wrong.extend(fault.map(|fault| format!("{}: {fault}, and the audit says {lines:?}", method.name)));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// The methods of which nothing is proved yet.
    pub fn always_refused(&self) -> Vec<&'static Method> {
        let entries = self.0.lock().unwrap();
        let well = entries.iter().filter(|entry| entry.answers.iter().any(Result::is_ok));
        let well: BTreeSet<&str> = well.map(|entry| entry.method.name).collect();
        let durable = METHODS.iter().filter(|method| !method.writes.is_of_the_floor());
        durable.filter(|method| !well.contains(method.name)).collect()
    }

    /// How often each method was answered how.
    pub fn in_words(&self) -> String {
        let entries = self.0.lock().unwrap();
        let mut words: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
        for entry in entries.iter() {
            for answer in &entry.answers {
                *words.entry(entry.method.name).or_default().entry(in_a_word(answer)).or_default() += 1;
            }
        }
        words.iter().map(|(method, words)| format!("{method} {words:?}\n")).collect()
    }
}

fn is_theirs(status: &Status) -> bool {
    match status.code() {
        Code::InvalidArgument | Code::FailedPrecondition | Code::NotFound | Code::PermissionDenied => true,
        Code::Aborted => reason(status) != "CONTENDED",
        // The same people hold for everybody, and reach their bound.
        Code::ResourceExhausted => status.message().starts_with("you hold "),
        // One of the two processes has the floor.
        Code::Unavailable => status.message().contains("at another server"),
        _ => false,
    }
}

/// What is secret is told once: whoever asks again gets the rest.
fn as_repeated(method: &str, answer: &[u8]) -> Vec<u8> {
    match method {
        "CalendarService.CreateCalendarFeed" => {
            let answer = pb::CreateCalendarFeedResponse::decode(answer).unwrap();
            pb::CreateCalendarFeedResponse { url: String::new(), ..answer }.encode_to_vec()
        }
        "AdminService.CreateToken" => {
            let answer = pb::CreateTokenResponse::decode(answer).unwrap();
            pb::CreateTokenResponse { secret: String::new(), ..answer }.encode_to_vec()
        }
        "AdminService.CreateFirstPassword" => {
            let answer = pb::CreateFirstPasswordResponse::decode(answer).unwrap();
            pb::CreateFirstPasswordResponse { password: String::new(), ..answer }.encode_to_vec()
        }
        _ => answer.to_vec(),
    }
}
