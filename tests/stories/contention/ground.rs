//! The few records that everybody reaches for, and what is known of them: fed by every answer.

use super::asking::{Answered, Ask, put, read};
use super::cast::{Cast, Member, Who};
use super::methods::Method;
use crate::support::faults::{reason, stale_answers};
use crate::support::values::new_id;
use chrono::{DateTime, TimeDelta, Utc};
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage, Value};
use rand::RngExt;
use rand::rngs::StdRng;
use startline::grpc::pb;
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

/// As many records of each kind are reached for: the fewer, the more often two want the same.
const FEW: usize = 5;

/// Ids that are taken up from whatever answer they stand in.
const TAKEN_UP: &[&str] = &[
    "callback_id",
    "hold_id",
    "missed_caller_id",
    "absence_id",
    "query_id",
    "block_id",
    "walk_id",
    "step_id",
    "standby_id",
    "standby_offer_id",
    "reminder_id",
    "pack_id",
    "print_job_id",
    "exception_id",
    "feed_id",
    "job_id",
    "duty_id",
    "token_id",
    "record_request_id",
    "appointment_id",
];

const HELD: i32 = pb::AppointmentState::Held as i32;
const BOOKED: i32 = pb::AppointmentState::Booked as i32;

/// Claims by what can be done with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The form is being filled, and stays so.
    Filling,
    /// Nothing is missing for the start-up to be complete.
    Ready,
    /// The start-up is done and a meeting is booked.
    Booked,
    /// The client has met the personal adviser.
    Met,
    /// Meetings were missed.
    Missed,
    /// Withdrawn and reopened all the time.
    Fickle,
}

#[derive(Debug, Clone)]
pub struct Record {
    pub client: String,
    pub claim: String,
}

#[derive(Default)]
struct Known {
    ids: HashMap<String, VecDeque<String>>,
    etags: HashMap<String, String>,
    attempts: HashMap<String, u32>,
    facts: HashMap<String, pb::ClientFacts>,
    revisions: HashMap<String, u32>,
    exceptions: HashMap<String, Vec<String>>,
    steps: HashMap<String, String>,
    /// The newest printing of each claim's packs.
    printings: HashMap<String, String>,
    /// Call-backs that somebody has begun to make.
    begun: VecDeque<(Member, String)>,
    /// Days and classes of post.
    batches: Vec<(String, i32)>,
    callback_slots: Vec<pb::CallbackSlot>,
    meeting_slots: Vec<pb::Slot>,
}

pub struct Ground {
    pub cast: Cast,
    pub records: HashMap<Stage, Vec<Record>>,
    /// The call that the adviser on the telephone has.
    pub call: String,
    now: Mutex<DateTime<Utc>>,
    known: Mutex<Known>,
    contract: DescriptorPool,
}

impl Ground {
    pub fn new(cast: Cast, records: HashMap<Stage, Vec<Record>>, call: String, now: DateTime<Utc>) -> Self {
        let contract = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
        Self { cast, records, call, now: Mutex::new(now), known: Mutex::default(), contract }
    }

    pub fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    pub fn go_on(&self, by: TimeDelta) -> DateTime<Utc> {
        let mut now = self.now.lock().unwrap();
        *now += by;
        *now
    }

    /// Records that everybody shall reach for from the beginning.
    pub fn knows(&self, kind: &str, ids: &[String]) {
        let mut known = self.known.lock().unwrap();
        for id in ids {
            known.push(kind, id);
        }
    }

    pub async fn put(&self, method: &Method, ask: &Ask, process: usize) -> Answered {
        put(self.cast.at(ask.who, process), method.name, &ask.bytes).await
    }

    /// Takes up what an answer tells, and what a refusal says stands.
    pub fn heard(&self, method: &Method, ask: &Ask, answers: &[Answered]) {
        for answer in answers {
            match answer {
                Ok(bytes) => {
                    let mut known = self.known.lock().unwrap();
                    match method.name {
                        "ClaimService.WithdrawClaim" => known.push("withdrawn", &ask.about),
                        "CallbackService.StartAttempt" => known.push_begun((ask.who, ask.about.clone())),
                        _ => {}
                    }
                    drop(known);
                    self.take_up(method.name, bytes, &ask.about);
                }
                Err(status) if reason(status) == "STALE" && !ask.about.is_empty() => {
                    // Walks and clients say no more than that.
                    if method.name.starts_with("ClaimService") {
                        let mut known = self.known.lock().unwrap();
                        for answer in stale_answers(status) {
                            known.revisions.insert(format!("{} {}", ask.about, answer.question_id), answer.revision);
                        }
                    }
                }
                Err(_) => {}
            }
        }
    }

    fn take_up(&self, method: &str, bytes: &[u8], about: &str) {
        let (service, name) = method.split_once('.').unwrap();
        let service = self.contract.get_service_by_name(&format!("startline.v1.{service}")).unwrap();
        let method = service.methods().find(|method| method.name() == name).unwrap();
        let answer = DynamicMessage::decode(method.output(), bytes).unwrap();
        self.known.lock().unwrap().take_up(&answer, about);
    }

    /// Reads the lists that people work from.
    pub async fn look_around(&self) {
        let (adviser, lead) = (self.cast.the(Who::Adviser), self.cast.the(Who::TeamLeader));
        let (room, admin) = (self.cast.the(Who::PrintRoom), self.cast.the(Who::Admin));
        let today = self.now().date_naive().to_string();
        let steps = pb::ListStepsRequest { day: "2026-12-31".into(), ..Default::default() }.encode_to_vec();
        let blocks = pb::ListBlocksRequest { first_day: today, last_day: "2026-08-31".into(), ..Default::default() };
        let freed = vec![pb::StepKind::OfferEarlierTime.into()];
        let freed = pb::ListStepsRequest { day: "2026-12-31".into(), kinds: freed, ..Default::default() };
        let to_hand_over = pb::ListPacksRequest { to_hand_over: true, ..Default::default() }.encode_to_vec();
        let checks = pb::ListChecksRequest { office_id: "frome".into(), ..Default::default() }.encode_to_vec();
        let failed = pb::ListJobsRequest { only_failed: true, ..Default::default() }.encode_to_vec();
        for (person, method, request) in [
            (adviser, "CallbackService.ListDueCallbacks", Vec::new()),
            (adviser, "CallbackService.ListNumberChecks", Vec::new()),
            (adviser, "CallbackService.ListVisitsWanted", Vec::new()),
            (adviser, "CallbackService.ListCallbackLetters", Vec::new()),
            (adviser, "CallbackService.ListMissedCallers", Vec::new()),
            (adviser, "ClaimService.ListClaims", Vec::new()),
            (adviser, "ScriptService.ListStoppedCalls", Vec::new()),
            (adviser, "FollowUpService.ListSteps", steps),
            (adviser, "FollowUpService.ListSteps", freed.encode_to_vec()),
            (adviser, "FollowUpService.ListStandby", Vec::new()),
            (lead, "PackService.ListPacks", to_hand_over),
            (adviser, "ReminderService.ListReminderCalls", Vec::new()),
            (lead, "DiaryService.ListBlocks", blocks.encode_to_vec()),
            (room, "PackService.ListPackExceptions", Vec::new()),
            (admin, "OperationsService.ListJobs", failed),
            (self.cast.the(Who::Expert), "CheckService.ListChecks", checks),
        ] {
            let answer = put(person, method, &request).await;
            self.take_up(method, &answer.unwrap_or_else(|status| panic!("{method}: {status:?}")), "");
        }
        for record in self.records[&Stage::Booked].iter().chain(&self.records[&Stage::Met]) {
            let request = pb::GetPackRequest { claim_id: record.claim.clone(), ..Default::default() };
            // The worker has not composed one yet, or never will.
            if let Ok(answer) = put(lead, "PackService.GetPack", &request.encode_to_vec()).await {
                self.take_up("PackService.GetPack", &answer, "");
            }
        }
        for record in self.records.values().flatten() {
            let request = pb::GetClientRequest { client_id: record.client.clone() };
            let answer: pb::GetClientResponse = read(adviser, "ClientService.GetClient", &request).await;
            let client = answer.client.unwrap();
            let mut known = self.known.lock().unwrap();
            known.facts.insert(client.client_id.clone(), client.facts.unwrap());
            known.etags.insert(client.client_id, client.etag);
        }
        self.look_for_free_time().await;
    }

    /// The first few times that are free: everybody is offered the same.
    async fn look_for_free_time(&self) {
        let adviser = self.cast.the(Who::Adviser);
        let record = &self.records[&Stage::Booked][0];
        let request =
            pb::OfferCallbackSlotsRequest { client_id: record.client.clone(), page_size: 6, ..Default::default() };
        let callbacks = put(adviser, "CallbackService.OfferCallbackSlots", &request.encode_to_vec()).await;
        let request = pb::FindSlotsRequest { claim_id: record.claim.clone(), page_size: 12, ..Default::default() };
        let meetings = put(adviser, "DiaryService.FindSlots", &request.encode_to_vec()).await;
        let mut known = self.known.lock().unwrap();
        // Whoever is not to be rung just now is offered nothing: the times of before may still be free.
        if let Ok(bytes) = callbacks {
            known.callback_slots = pb::OfferCallbackSlotsResponse::decode(bytes.as_slice()).unwrap().slots;
        }
        // Nor is whose claim has just been withdrawn.
        if let Ok(bytes) = meetings {
            known.meeting_slots = pb::FindSlotsResponse::decode(bytes.as_slice()).unwrap().slots;
        }
        assert!(!known.meeting_slots.is_empty(), "no meeting is free");
    }
}

impl Known {
    fn push(&mut self, kind: &str, id: &str) {
        let ids = self.ids.entry(kind.to_owned()).or_default();
        ids.retain(|known| known != id);
        ids.push_back(id.to_owned());
        if ids.len() > FEW {
            ids.pop_front();
        }
    }

    fn push_begun(&mut self, begun: (Member, String)) {
        self.begun.push_back(begun);
        if self.begun.len() > FEW {
            self.begun.pop_front();
        }
    }

    fn take_up(&mut self, message: &DynamicMessage, about: &str) {
        let text = |name: &str| {
            let found = message.get_field_by_name(name)?;
            found.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let number = |name: &str| message.get_field_by_name(name).and_then(|number| number.as_u32());
        let descriptor = message.descriptor();
        let kind = descriptor.name();
        let choice = |name: &str| message.get_field_by_name(name).and_then(|choice| choice.as_enum_number());
        for (field, value) in message.fields() {
            match value {
                // A script's steps are known by their names.
                Value::String(_) if kind == "WalkStep" => {}
                Value::String(id) if TAKEN_UP.contains(&field.name()) && !id.is_empty() => self.push(field.name(), id),
                Value::Message(inner) => self.take_up(inner, about),
                Value::List(list) => {
                    for inner in list.iter().take(FEW).filter_map(Value::as_message) {
                        self.take_up(inner, about);
                    }
                }
                _ => {}
            }
        }
        let of = if kind == "Check" { text("appointment_id") } else { text("walk_id").or(text("client_id")) };
        if let (Some(etag), Some(id)) = (text("etag"), of) {
            self.etags.insert(id, etag);
        }
        if let (Some(job), Some(attempt)) = (text("print_job_id"), number("attempt")) {
            self.attempts.insert(job, attempt);
        }
        if let (Some(question), Some(revision)) = (text("question_id"), number("revision")) {
            self.revisions.insert(format!("{about} {question}"), revision);
        }
        match kind {
            "PackException" => {
                let places = message.get_field_by_name("faults").map(|faults| places(&faults)).unwrap_or_default();
                self.exceptions.insert(text("exception_id").unwrap_or_default(), places);
            }
            "Walk" => {
                let step = message.get_field_by_name("step");
                let step =
                    step.and_then(|step| Some(step.as_message()?.get_field_by_name("step_id")?.as_str()?.to_owned()));
                self.steps.insert(text("walk_id").unwrap_or_default(), step.unwrap_or_default());
            }
            "Callback" if choice("state") == Some(pb::CallbackState::NoReply.into()) => {
                self.push("letter", &text("callback_id").unwrap_or_default());
            }
            "Appointment" if matches!(choice("state"), Some(HELD | BOOKED)) => {
                self.push("appointment_id", &text("appointment_id").unwrap_or_default());
            }
            "Printing" if choice("state") == Some(pb::PackState::Posted.into()) => {
                self.push("posted", &text("print_job_id").unwrap_or_default());
            }
            "Pack" => {
                if choice("delivery") == Some(pb::Delivery::Email.into()) {
                    self.push("to_hand_over", &text("pack_id").unwrap_or_default());
                }
                let printings = message.get_field_by_name("printings");
                let newest = printings.as_ref().and_then(|all| newest_job(all));
                self.printings.extend(text("claim_id").zip(newest));
            }
            "PrintJob" => self.batches.extend(text("post_day").zip(choice("post_class"))),
            _ => {}
        }
    }
}

/// The newest printing of a pack: they come in the order in which they were queued.
fn newest_job(printings: &Value) -> Option<String> {
    let newest = printings.as_list()?.last()?.as_message()?.get_field_by_name("print_job_id")?;
    newest.as_str().map(str::to_owned)
}

/// Where something cannot be printed.
fn places(faults: &Value) -> Vec<String> {
    let messages = faults.as_list().unwrap_or_default().iter().filter_map(Value::as_message);
    messages.filter_map(|fault| Some(fault.get_field_by_name("place")?.as_str()?.to_owned())).collect()
}

/// One worker's next call: who, about what.
pub struct Turn<'a> {
    pub ground: &'a Ground,
    /// Where everybody looks in this step.
    pub focus: usize,
    pub chance: &'a mut StdRng,
}

impl Turn<'_> {
    /// One of the few known; one that nobody has when none is known yet.
    pub fn one(&mut self, kind: &str) -> String {
        let ids: Vec<String> = self.ground.known.lock().unwrap().ids.get(kind).into_iter().flatten().cloned().collect();
        if ids.is_empty() { new_id() } else { self.most_often(&ids) }
    }

    /// The one that everybody looks at, three times of four.
    fn most_often<T: Clone>(&mut self, choices: &[T]) -> T {
        if self.number(4) > 0 { choices[self.focus % choices.len()].clone() } else { self.of(choices) }
    }

    pub fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.chance.random_range(0..choices.len())].clone()
    }

    pub fn record(&mut self, stage: Stage) -> Record {
        self.most_often(&self.ground.records[&stage])
    }

    /// Of any of these stages.
    pub fn record_of(&mut self, stages: &[Stage]) -> Record {
        let stage = self.of(stages);
        self.record(stage)
    }

    pub fn etag(&self, id: &str) -> String {
        self.ground.known.lock().unwrap().etags.get(id).cloned().unwrap_or_else(|| "1".into())
    }

    /// The printing of a claim's pack when that is known, else any.
    pub fn printing_of(&mut self, claim: &str) -> String {
        let found = self.ground.known.lock().unwrap().printings.get(claim).cloned();
        found.filter(|_| self.number(4) > 0).unwrap_or_else(|| self.one("print_job_id"))
    }

    pub fn attempt(&self, job: &str) -> u32 {
        self.ground.known.lock().unwrap().attempts.get(job).copied().unwrap_or(1)
    }

    pub fn facts(&self, client: &str) -> pb::ClientFacts {
        self.ground.known.lock().unwrap().facts[client].clone()
    }

    pub fn revision(&self, claim: &str, question: &str) -> u32 {
        self.ground.known.lock().unwrap().revisions.get(&format!("{claim} {question}")).copied().unwrap_or(0)
    }

    pub fn faults(&self, exception: &str) -> Vec<String> {
        self.ground.known.lock().unwrap().exceptions.get(exception).cloned().unwrap_or_default()
    }

    /// The step that the walk stands on.
    pub fn step(&self, walk: &str) -> String {
        self.ground.known.lock().unwrap().steps.get(walk).cloned().unwrap_or_default()
    }

    /// Day and class of a post that something leaves with.
    pub fn batch(&mut self) -> (String, i32) {
        let batches = self.ground.known.lock().unwrap().batches.clone();
        if batches.is_empty() { (self.day(0), pb::PostClass::Second.into()) } else { self.of(&batches) }
    }

    pub fn callback_time(&mut self) -> Option<prost_types::Timestamp> {
        let slots = self.ground.known.lock().unwrap().callback_slots.clone();
        self.of(&slots).start_time
    }

    pub fn meeting_slot(&mut self) -> pb::Slot {
        let slots = self.ground.known.lock().unwrap().meeting_slots.clone();
        self.of(&slots)
    }

    /// A local day so many days ahead.
    pub fn day(&self, days: i64) -> String {
        (self.ground.now() + TimeDelta::days(days)).date_naive().to_string()
    }

    pub fn number(&mut self, most: u32) -> u32 {
        self.chance.random_range(0..most)
    }

    /// A call-back, and who has begun to make it.
    pub fn begun(&mut self) -> (Member, String) {
        let begun: Vec<_> = self.ground.known.lock().unwrap().begun.iter().cloned().collect();
        match begun.is_empty() {
            true => (self.ground.cast.one(Who::Adviser, self.chance), self.one("callback_id")),
            false => self.of(&begun),
        }
    }

    /// `about` is the record that something is learned of.
    pub fn ask<Q: Message>(&mut self, who: Who, request_id: &str, about: &str, request: Q) -> Ask {
        let who = self.ground.cast.one(who, self.chance);
        Self::ask_as(who, request_id, about, request)
    }

    pub fn ask_as<Q: Message>(who: Member, request_id: &str, about: &str, request: Q) -> Ask {
        Ask { who, request_id: request_id.into(), bytes: request.encode_to_vec(), about: about.into() }
    }
}
