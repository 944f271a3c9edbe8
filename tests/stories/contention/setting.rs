//! What there is before the storm: two weeks of work at one site, done through the API at the first process.

use super::cast::{Cast, Who};
use super::ground::{Ground, Record, Stage};
use crate::support::callback_steps::every_day;
use crate::support::followup_steps::with_meeting;
use crate::support::person::Address;
use crate::support::process::Process;
use crate::support::steps::{connected, draft, frome_facts, offered};
use crate::support::values::{time, timestamp};
use crate::support::{Home, Person, START, at, until};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use startline::grpc::pb;
use startline::ids::JobId;
use std::collections::HashMap;

/// The stream of the desk whose adviser has a client on the telephone: open as long as the storm lasts.
pub type Desk = tonic::Streaming<pb::WatchDeskResponse>;

/// On the way there.
struct Setting<'a> {
    home: &'a Home,
    cast: Cast,
    first: Process,
    now: DateTime<Utc>,
    records: HashMap<Stage, Vec<Record>>,
    missed: Vec<String>,
    callbacks: Vec<String>,
}

/// The few records, and the two processes that share them.
pub async fn made(home: &Home) -> (Ground, [Process; 2], Desk) {
    let second = Address::default();
    let (ground, first, desk) = made_at_one(home, &second).await;
    let here = *home.address.lock().unwrap();
    let other = Process::tour_server(home, ground.now()).await;
    *second.lock().unwrap() = *home.address.lock().unwrap();
    *home.address.lock().unwrap() = here;
    (ground, [first, other], desk)
}

/// The few records, and the process that has them. Nobody is at the second.
pub async fn made_at_one(home: &Home, second: &Address) -> (Ground, Process, Desk) {
    let cast = Cast::of(home, second).await;
    let switch = home.switch("the switch").await;
    let first = Process::tour_server(home, at(START)).await;
    let mut setting = Setting {
        home,
        cast,
        first,
        now: at(START),
        records: HashMap::new(),
        missed: Vec::new(),
        callbacks: Vec::new(),
    };
    setting.people_work().await;
    setting.callers_give_up(&switch).await;
    setting.claims_begin().await;
    setting.clients_come_and_stay_away().await;
    setting.nobody_answers().await;
    let today = setting.the_day_begins().await;
    setting.jobs_were_given_up().await;
    let (call, desk) = setting.somebody_rings(&switch).await;
    let Setting { cast, first, now, records, missed, callbacks, .. } = setting;
    let ground = Ground::new(cast, records, call, now);
    ground.knows("missed", &missed);
    ground.knows("today", &today);
    ground.knows("callback_id", &callbacks);
    (ground, first, desk)
}

impl Setting<'_> {
    fn adviser(&self) -> &Person {
        self.cast.the(Who::Adviser)
    }

    async fn wait_until(&mut self, time: DateTime<Utc>) {
        self.now = self.now.max(time);
        self.first.move_clock(self.now).await;
    }

    async fn people_work(&self) {
        for personal_adviser in self.cast.all(Who::PersonalAdviser) {
            personal_adviser.works_at("frome").await;
        }
        let lead = self.cast.the(Who::TeamLeader);
        for adviser in self.cast.all(Who::Adviser) {
            lead.sets_roster(adviser, every_day("08:30", "18:00")).await;
        }
    }

    async fn callers_give_up(&mut self, switch: &Person) {
        let mut calls = Vec::new();
        for number in 0..6 {
            calls.push(switch.enter_call(&format!("lost {number}"), &format!("01373 00090{number}")).await);
        }
        self.wait_until(self.now + TimeDelta::seconds(30)).await;
        for number in 0..6 {
            switch.report(&format!("lost {number}"), pb::CallReport::Abandoned).await;
        }
        until("the missed callers", || async { (self.adviser().missed_callers().await.len() == 6).then_some(()) })
            .await;
    }

    /// A client with a claim for this benefit.
    async fn begins(&mut self, stage: Stage, benefit: &str) -> Record {
        let adviser = self.adviser();
        let client = adviser.create_client(frome_facts()).await.unwrap().client_id;
        let claim = adviser.open_claim(&client).await.claim_id;
        let answers = vec![draft("A1", &json!([benefit]), 0), draft("B17", &json!("female"), 0)];
        adviser.save(&claim, answers).await.unwrap();
        let record = Record { client, claim };
        self.records.entry(stage).or_default().push(record.clone());
        record
    }

    async fn claims_begin(&mut self) {
        for stage in [Stage::Filling, Stage::Filling, Stage::Fickle, Stage::Fickle, Stage::Met, Stage::Met] {
            self.begins(stage, "JSA").await;
        }
        // Whoever claims jobseeker's allowance has no three opportunities.
        for _ in 0..3 {
            self.begins(Stage::Missed, "IS").await;
        }
        let adviser = self.adviser();
        for record in &self.records[&Stage::Filling] {
            for _ in 0..2 {
                adviser.start_walk("start-up", &record.client, &record.claim).await;
            }
        }
        // Reminders are due three working days before.
        for record in &self.records[&Stage::Fickle] {
            self.books(record, at("2026-03-23T09:00:00Z")).await;
        }
        for stage in [Stage::Met, Stage::Missed] {
            for record in &self.records[&stage] {
                adviser.book_kind(&record.claim, "first-meeting").await;
                adviser.complete_start_up(&record.claim).await.unwrap();
            }
        }
        for (name, delivery, to) in [
            ("明", pb::Delivery::Unspecified, ""),
            ("空", pb::Delivery::Unspecified, ""),
            ("海", pb::Delivery::Unspecified, ""),
            ("山", pb::Delivery::Unspecified, ""),
            ("Ellis", pb::Delivery::Email, "ann@example.org"),
            ("Evans", pb::Delivery::Email, "bob@example.org"),
        ] {
            let facts = pb::ClientFacts { last_name: name.into(), ..frome_facts() };
            let client = adviser.create_client(facts).await.unwrap().client_id;
            let claim = adviser.open_claim(&client).await.claim_id;
            adviser.save(&claim, vec![draft("A1", &json!(["JSA"]), 0)]).await.unwrap();
            adviser.book_kind(&claim, "first-meeting").await;
            adviser.completes(&claim, delivery, to).await.unwrap();
        }
        let room = self.cast.the(Who::PrintRoom);
        until("the exceptions", || async { (room.exceptions().await.len() == 4).then_some(()) }).await;
        for record in &self.records[&Stage::Met] {
            adviser.awaits_pack(&record.claim).await;
        }
        for job in room.lease(20).await.unwrap() {
            room.printed(&job).await.unwrap();
            room.posted(&job).await.unwrap();
        }
    }

    async fn books(&self, record: &Record, not_before: DateTime<Utc>) {
        let adviser = self.adviser();
        let request = pb::FindSlotsRequest {
            claim_id: record.claim.clone(),
            not_before_time: Some(timestamp(not_before)),
            ..Default::default()
        };
        let slot = adviser.diary().find_slots(request).await.unwrap().into_inner().slots.remove(0);
        adviser.book_at(&record.claim, &slot, pb::MeetingWishes::default()).await.unwrap();
    }

    /// Call-backs about which a letter is owed after the last try; and others to be made.
    async fn nobody_answers(&mut self) {
        let mut tried = Vec::new();
        for stage in [Stage::Filling, Stage::Met, Stage::Fickle] {
            for record in self.records[&stage].clone() {
                tried.push(self.is_to_be_rung(&record.client).await);
            }
        }
        for callback in tried {
            let mut due = time(callback.due_time);
            loop {
                self.wait_until(due).await;
                let tried = self.adviser().tries(&callback.callback_id, pb::AttemptOutcome::NoReply).await;
                if tried.state() == pb::CallbackState::NoReply {
                    break;
                }
                due = time(tried.due_time);
            }
        }
        for _ in 0..5 {
            let record = self.begins(Stage::Ready, "JSA").await;
            let booked = self.is_to_be_rung(&record.client).await;
            self.callbacks.push(booked.callback_id);
        }
    }

    async fn is_to_be_rung(&self, client: &str) -> pb::Callback {
        let slot = self.adviser().callback_slots(client).await.slots.remove(0);
        self.adviser().book_callback(client, time(slot.start_time)).await.unwrap()
    }

    /// Some are met; the others stay away, three times.
    async fn clients_come_and_stay_away(&mut self) {
        let stayed_away = [Stage::Missed];
        self.meetings_are_over(&[Stage::Met, Stage::Missed]).await;
        for _ in 0..2 {
            for record in self.records[&Stage::Missed].clone() {
                self.adviser().book_kind(&record.claim, "first-meeting").await;
            }
            self.meetings_are_over(&stayed_away).await;
        }
    }

    async fn meetings_are_over(&mut self, stages: &[Stage]) {
        let reception = self.cast.the(Who::Reception);
        let mut booked = Vec::new();
        for stage in stages {
            for record in &self.records[stage] {
                let request = pb::ListAppointmentsRequest { claim_id: record.claim.clone(), ..Default::default() };
                let all = reception.diary().list_appointments(request).await.unwrap().into_inner().appointments;
                let open = all.into_iter().filter(|one| one.state() == pb::AppointmentState::Booked);
                booked.extend(open.map(|one| (time(one.slot.unwrap().start_time), one.appointment_id, *stage)));
            }
        }
        booked.sort_by_key(|(start, ..)| *start);
        for (start, appointment, stage) in booked {
            self.wait_until(start + TimeDelta::minutes(15)).await;
            let reception = self.cast.the(Who::Reception);
            let came = stage == Stage::Met;
            let attendance = if came { pb::Attendance::Attended } else { pb::Attendance::Failed };
            reception.record_attendance(&appointment, attendance).await.unwrap();
            if !came {
                self.missed.push(appointment);
            }
        }
    }

    /// Meetings that are just beginning, others to come, and clients who would rather come sooner.
    async fn the_day_begins(&mut self) -> Vec<String> {
        self.wait_until(at("2026-03-16T09:00:00Z")).await;
        let mut today = Vec::new();
        let mut begins = self.now;
        for _ in 0..4 {
            let (_, meeting) = with_meeting(self.adviser(), frome_facts(), &json!(["IS"])).await;
            begins = begins.max(time(meeting.slot.unwrap().start_time));
            today.push(meeting.appointment_id);
        }
        // Three working days before the meetings that the fickle have: later in the day nobody is rung about them.
        self.wait_until(at("2026-03-18T08:31:00Z")).await;
        let adviser = self.adviser();
        until("a reminder call to be made", || async {
            let request = pb::ListReminderCallsRequest::default();
            let calls = adviser.reminders().list_reminder_calls(request).await.unwrap().into_inner().calls;
            (!calls.is_empty()).then_some(())
        })
        .await;
        self.wait_until(begins + TimeDelta::minutes(5)).await;
        for record in &self.records[&Stage::Ready] {
            self.adviser().book_kind(&record.claim, "first-meeting").await;
        }
        let mut freed = Vec::new();
        for _ in 0..3 {
            freed.push(with_meeting(self.adviser(), frome_facts(), &json!(["JSA"])).await.1.appointment_id);
        }
        for _ in 0..2 {
            let (claim, _) = with_meeting(self.adviser(), frome_facts(), &json!(["JSA"])).await;
            let record = Record { client: claim.client_id, claim: claim.claim_id };
            self.records.entry(Stage::Booked).or_default().push(record);
        }
        let adviser = self.adviser();
        for record in self.records[&Stage::Booked].iter().chain(&self.records[&Stage::Ready]) {
            adviser.join_standby(&record.claim, false).await.unwrap();
        }
        for meeting in &freed {
            adviser.cancel_meeting(meeting).await;
        }
        until("an earlier time to be offered", || async {
            let steps = adviser.steps_due("2026-12-31").await;
            steps.iter().any(|step| step.kind() == pb::StepKind::OfferEarlierTime).then_some(())
        })
        .await;
        today
    }

    /// Nothing that the API does is given up so soon: these are put there.
    async fn jobs_were_given_up(&self) {
        let mut inside = self.home.look_inside().await;
        let claim = &self.records[&Stage::Filling][0].claim;
        for _ in 0..6 {
            let id = inside.id(&JobId::fresh(self.now).to_string());
            let (user, now) = (inside.id(&self.adviser().id), self.now.to_rfc3339());
            let sql = format!(
                "INSERT INTO jobs (id, kind, payload, user_id, created_at, run_after, attempt, failed_at, last_error) \
                 VALUES ({id}, 'compose_pack', '{{\"claim_id\": \"{claim}\"}}', {user}, '{now}', '{now}', 8, '{now}', 'no paper')"
            );
            inside.execute(&sql).await;
        }
    }

    /// A client is on the telephone, at the first process.
    async fn somebody_rings(&self, switch: &Person) -> (String, Desk) {
        let tess = self.cast.the(Who::OnCall);
        let mut desk = tess.take_calls().await;
        let mut call = switch.enter_call("a client", "01373 000123").await;
        let offer = offered(&mut desk).await;
        tess.accept(&offer).await;
        connected(&mut call).await;
        switch.report("a client", pb::CallReport::Answered).await;
        (offer.call_id, desk)
    }
}
