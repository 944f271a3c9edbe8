//! Random lives of claims, call-backs and calls that stopped, through the public door. However they went: left alone for long enough,
//! everything that is live is on a list of what is to be done, and on one alone.

mod wanted;

use crate::support::callback_steps::every_day;
use crate::support::claim_steps::claim_for;
use crate::support::faults::reason;
use crate::support::followup_steps::{Staff, named, staff};
use crate::support::steps::Answer;
use crate::support::values::{new_id, time};
use crate::support::{Person, World, until};
use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::json;
use startline::access::Role;
use startline::definition::{Definition, Definitions};
use startline::followup;
use startline::grpc::pb;
use startline::store::Store;
use std::collections::{BTreeMap, BTreeSet};
use tonic::Code;

/// Of each run of the tests; a longer one is asked for by `STARTLINE_LIVES_EVENTS`, another by `STARTLINE_LIVES_SEED`.
const EVENTS: usize = 1_500;
/// After so many the town is left alone.
const OF_A_ROUND: usize = 500;
const LIVES: usize = 20;

/// What happens to somebody without a claim, and to whoever has one: the numbers of [`Town::happens`], each as often as it stands here.
const WITHOUT_CLAIM: [usize; 14] = [0, 1, 2, 3, 3, 4, 5, 6, 6, 6, 7, 7, 25, 26];
const WITH_CLAIM: [usize; 50] = [
    1, 3, 4, 5, 6, 7, 8, 8, 8, 8, 9, 9, 10, 10, 11, 11, 12, 13, 13, 13, 14, 15, 16, 16, 16, 16, 17, 17, 18, 18, 18, 19,
    20, 20, 21, 21, 21, 22, 22, 23, 23, 24, 25, 26, 27, 28, 28, 29, 30, 30,
];

const BENEFITS: [&[&str]; 5] = [&["IS"], &["JSA"], &["IB"], &["HB"], &["IS", "HB"]];

#[derive(Debug, Default)]
struct Life {
    client: String,
    claim: String,
    query: String,
    /// When call-backs were promised.
    promised: Vec<DateTime<Utc>>,
    is_dead: bool,
    /// The claims of which they asked for a decision to be looked at again, and were not answered.
    asked: BTreeSet<String>,
}

struct Town<'a> {
    world: &'a World,
    staff: Staff,
    room: Person,
    admin: Person,
    store: Store,
    definitions: Definitions,
    dice: StdRng,
    lives: Vec<Life>,
    events: usize,
    refused: BTreeMap<String, usize>,
    /// How often a claim that was left alone stood so.
    seen: BTreeMap<String, usize>,
}

/// Every page of a list.
macro_rules! whole {
    ($client:expr, $method:ident, $request:expr, $field:ident) => {{
        let mut all = Vec::new();
        let mut request = $request;
        loop {
            let page = $client.$method(request.clone()).await.unwrap().into_inner();
            all.extend(page.$field);
            if page.next_page_token.is_empty() {
                break all;
            }
            request.page_token = page.next_page_token;
        }
    }};
}

use whole;

impl<'a> Town<'a> {
    async fn begin(world: &'a World, seed: u64) -> Self {
        let staff = staff(world).await;
        let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
        sunil.sets_roster(&staff.asha, every_day("08:30", "18:00")).await;
        let room = world.print_room("Ron", "somerset").await;
        let admin = world.add("Ada", Role::Admin, None).await;
        let store = world.open_store().await;
        let definitions = Definitions::put_in_force(&store, Definition::embedded(), world.now()).await.unwrap();
        Self {
            world,
            staff,
            room,
            admin,
            store,
            definitions,
            dice: StdRng::seed_from_u64(seed),
            lives: Vec::new(),
            events: 0,
            refused: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.dice.random_range(0..sides)
    }

    /// Something happens to somebody. What the rules refuse did not happen; nothing breaks.
    async fn event(&mut self) {
        if self.lives.is_empty() || (self.lives.len() < LIVES && self.roll(16) == 0) {
            return self.somebody_rings().await;
        }
        let who = self.roll(self.lives.len());
        let what = match self.lives[who].claim.is_empty() {
            true => WITHOUT_CLAIM[self.roll(WITHOUT_CLAIM.len())],
            false => WITH_CLAIM[self.roll(WITH_CLAIM.len())],
        };
        self.events += 1;
        if let Err(status) = self.happens(who, what).await {
            let expected = [
                Code::FailedPrecondition,
                Code::InvalidArgument,
                Code::Aborted,
                Code::AlreadyExists,
                Code::NotFound,
                Code::ResourceExhausted,
                Code::PermissionDenied,
            ];
            assert!(expected.contains(&status.code()), "event {what}: {status:?}");
            *self.refused.entry(format!("{what} {}", reason(&status))).or_default() += 1;
        }
    }

    async fn somebody_rings(&mut self) {
        let client = self.staff.asha.create_client(named(&format!("Life{}", self.events))).await;
        self.events += 1;
        // The same names and days of birth are somebody else's.
        let client = client.unwrap().client_id;
        self.lives.push(Life { client, ..Life::default() });
    }

    /// The last who ring: their dates are still to run out.
    async fn begins_a_claim(&mut self) {
        self.somebody_rings().await;
        self.events += 1;
        self.happens(self.lives.len() - 1, 6).await.unwrap();
    }

    async fn happens(&mut self, who: usize, what: usize) -> Answer<()> {
        let (client, claim) = (self.lives[who].client.clone(), self.lives[who].claim.clone());
        let pick = self.roll(1_000);
        let one_in = |many: usize| pick.is_multiple_of(many);
        let Staff { asha, lena, petra, eve } = &self.staff;
        match what {
            0 if !self.lives[who].is_dead => drop(asha.start_walk("inbound", &client, "").await),
            1 | 2 if !self.lives[who].is_dead => {
                let slots = asha.callback_slots(&client).await.slots;
                if !slots.is_empty() {
                    asha.book_callback(&client, time(slots[pick % slots.len()].start_time)).await?;
                    self.lives[who].promised.push(self.world.now());
                }
            }
            3 | 4 => {
                let Some(open) = self.open_callback(&client).await else { return Ok(()) };
                asha.start_attempt(&open.callback_id).await?;
                use pb::AttemptOutcome::{Busy, FaceToFace, NoReply, Reached, Refused, Voicemail, WrongNumber};
                let outcomes = [Busy, FaceToFace, NoReply, NoReply, Reached, Reached, Refused, Voicemail, WrongNumber];
                asha.record_attempt(&open.callback_id, outcomes[pick % outcomes.len()]).await?;
            }
            5 => {
                let Some(open) = self.open_callback(&client).await else { return Ok(()) };
                match pick % 3 {
                    0 => drop(asha.cancels(&open.callback_id).await?),
                    1 => {
                        let request = pb::CorrectNumberRequest {
                            request_id: new_id(),
                            callback_id: open.callback_id,
                            phone: "01373 000456".into(),
                            number_confirmed: true,
                        };
                        asha.callbacks().correct_number(request).await?;
                    }
                    _ => {
                        let slots = asha.callback_slots(&client).await.slots;
                        let Some(slot) = slots.first() else { return Ok(()) };
                        let to = crate::support::callback_steps::to_time(time(slot.start_time));
                        asha.moves(&open.callback_id, to).await?;
                    }
                }
            }
            6 | 7 if !self.lives[who].is_dead => {
                let opened = asha.open_claim(&client).await;
                let is_new = opened.claim_id != claim;
                self.lives[who].claim.clone_from(&opened.claim_id);
                if is_new && opened.answers.iter().all(|answer| answer.question_id != "A1") && !one_in(8) {
                    claim_for(&self.staff.asha, &opened.claim_id, &json!(BENEFITS[pick % BENEFITS.len()])).await;
                }
            }
            8..=10 if !claim.is_empty() => {
                let found = pb::FindSlotsRequest { claim_id: claim.clone(), ..Default::default() };
                let slots = asha.diary().find_slots(found).await?.into_inner().slots;
                // Time enough for the form to be on the doormat, more often than not.
                let late = slots.iter().rev().nth(pick % slots.len().div_ceil(2).max(1));
                if let Some(slot) = if one_in(4) { slots.first() } else { late } {
                    asha.book_at(&claim, slot, pb::MeetingWishes::default()).await?;
                }
                if !one_in(3) {
                    asha.complete_start_up(&claim).await?;
                }
            }
            11 if !claim.is_empty() => {
                let days = i64::try_from(7 + pick % 120).unwrap();
                let review = (self.world.now() + TimeDelta::days(days)).date_naive().to_string();
                asha.defer_meeting(&claim, "health", &review).await?;
                if !one_in(4) {
                    asha.complete_start_up(&claim).await?;
                }
            }
            12 if !claim.is_empty() => drop(lena.waive_meeting(&claim, pb::WaiverReason::SeriousIllness).await?),
            13 if !claim.is_empty() => drop(asha.complete_start_up(&claim).await?),
            28 if !claim.is_empty() => {
                asha.asks_again(&claim, "I was in hospital.").await?;
                self.lives[who].asked.insert(claim);
            }
            29 if !claim.is_empty() => {
                eve.upholds(&claim, "It was said twice.").await?;
                self.lives[who].asked.remove(&claim);
            }
            14 if !claim.is_empty() && one_in(3) => drop(asha.withdraw(&claim, "found work").await?),
            15 if !claim.is_empty() => drop(lena.reopen(&claim, "They go on with it.").await?),
            16 | 17 if !claim.is_empty() => {
                let booked = self.booked(&claim).await;
                let Some(booked) = booked else { return Ok(()) };
                if one_in(3) {
                    asha.cancel_meeting(&booked.appointment_id).await;
                    return Ok(());
                }
                let start = time(booked.slot.as_ref().unwrap().start_time);
                if start > self.world.now() && one_in(2) {
                    self.world.wait_until(start + TimeDelta::minutes(10));
                }
                use pb::Attendance::{Attended, Failed};
                petra.record_attendance(&booked.appointment_id, [Attended, Attended, Failed, Failed][pick % 4]).await?;
            }
            30 if !claim.is_empty() => {
                // They come to none of their opportunities, and somebody decides.
                for _ in 0..3 {
                    let booked = match self.booked(&claim).await {
                        Some(booked) => booked,
                        None => {
                            let found = pb::FindSlotsRequest { claim_id: claim.clone(), ..Default::default() };
                            let slots = asha.diary().find_slots(found).await?.into_inner().slots;
                            let Some(slot) = slots.first() else { return Ok(()) };
                            asha.book_at(&claim, slot, pb::MeetingWishes::default()).await?
                        }
                    };
                    self.world.wait_until(time(booked.slot.unwrap().start_time) + TimeDelta::minutes(10));
                    petra.record_attendance(&booked.appointment_id, pb::Attendance::Failed).await?;
                    asha.rang(&claim, pb::PhoneOutcome::Spoken).await?;
                }
                self.world.wait_until(self.world.now() + TimeDelta::days(10));
                lena.decide(&claim, pb::AfterMisses::TreatAsNotMade).await?;
            }
            18 if !claim.is_empty() => {
                use pb::PhoneOutcome::{NoReply, Spoken, WrongNumber};
                asha.rang(&claim, [Spoken, NoReply, WrongNumber][pick % 3]).await?;
            }
            19 if !claim.is_empty() => {
                let open = asha.open_steps(&claim).await;
                if let Some(step) = open.get(pick % open.len().max(1)) {
                    use pb::StepOutcome::{CouldNot, Done, NotNeeded};
                    let outcome = [CouldNot, Done, Done, NotNeeded][pick % 4];
                    lena.record_step(&step.step_id, outcome, "as it went").await?;
                }
            }
            20 if !claim.is_empty() => {
                use pb::AfterMisses::{AnotherChance, Continue, TreatAsNotMade};
                lena.decide(&claim, [AnotherChance, Continue, TreatAsNotMade][pick % 3]).await?;
            }
            21 if !claim.is_empty() && one_in(2) => {
                lena.reverses(&claim, "They were in hospital.").await?;
                self.lives[who].asked.remove(&claim);
            }
            21 if !claim.is_empty() => drop(asha.join_standby(&claim, pick % 4 == 1).await?),
            22 if !claim.is_empty() => {
                let request = pb::ReportFormBackRequest { request_id: new_id(), claim_id: claim, ..Default::default() };
                asha.claims().report_form_back(request).await?;
            }
            23 if !claim.is_empty() => {
                if self.lives[who].query.is_empty() {
                    self.lives[who].query = eve.raise_query(&claim, "", "Which card was seen?").await?.query_id;
                } else {
                    let query = std::mem::take(&mut self.lives[who].query);
                    eve.settle_query(&query, "The NI card").await?;
                }
            }
            24 if !claim.is_empty() => drop([eve, asha][pick % 2].lodge(&claim).await?),
            26 if one_in(4) => {
                let request = pb::RecordDeathRequest {
                    request_id: new_id(),
                    client_id: client.clone(),
                    etag: asha.client(&client).await.etag,
                    told_by: "a neighbour".into(),
                    ..Default::default()
                };
                asha.clients().record_death(request).await?;
                self.lives[who].is_dead = true;
                self.lives[who].asked.clear();
            }
            27 if !claim.is_empty() => {
                let Some(booked) = self.booked(&claim).await else { return Ok(()) };
                let found = pb::FindSlotsRequest { claim_id: claim, ..Default::default() };
                let slots = asha.diary().find_slots(found).await?.into_inner().slots;
                let Some(slot) = slots.get(pick % slots.len().max(1)) else { return Ok(()) };
                let request = pb::MoveAppointmentRequest {
                    request_id: new_id(),
                    appointment_id: booked.appointment_id,
                    personal_adviser_id: slot.personal_adviser_id.clone(),
                    start_time: slot.start_time,
                    reason: pb::AppointmentReason::ClientAsked.into(),
                    ..Default::default()
                };
                asha.diary().move_appointment(request).await?;
            }
            25 => {
                self.room_prints().await;
                let hours = i64::try_from(1 + pick % 70).unwrap();
                self.world.wait_until(self.world.now() + TimeDelta::hours(hours));
                self.night().await;
            }
            _ => {}
        }
        Ok(())
    }

    /// What is composed goes out.
    async fn room_prints(&self) {
        self.worked_off().await;
        loop {
            let jobs = self.room.lease(20).await.unwrap();
            if jobs.is_empty() {
                return;
            }
            for job in jobs {
                if self.room.printed(&job).await.is_ok() {
                    let day = self.definitions.current().calendar.local_date(self.world.now()).to_string();
                    self.room.posted_on(&job, &day, None).await.unwrap();
                }
            }
        }
    }

    /// Until no job is left. One that lost a race against what happened meanwhile is tried again.
    async fn worked_off(&self) {
        until("the jobs to be worked off", || async {
            let open =
                self.admin.operations().list_jobs(pb::ListJobsRequest::default()).await.unwrap().into_inner().jobs;
            assert!(open.iter().all(|job| job.attempts < 4), "{open:?}");
            if open.iter().any(|job| !job.last_error.is_empty()) {
                self.world.wait(11);
            }
            open.is_empty().then_some(())
        })
        .await;
    }

    /// What comes round by itself has come round.
    async fn night(&self) {
        let (now, current) = (self.world.now(), self.definitions.current());
        followup::review_deferrals(&self.store, current, now).await.unwrap();
        followup::propose_meetings(&self.store, &self.definitions, now).await.unwrap();
        followup::keep_claims(&self.store, &self.definitions, now).await.unwrap();
    }

    async fn open_callback(&self, client: &str) -> Option<pb::Callback> {
        self.callbacks_of(client).await.into_iter().find(is_open)
    }

    async fn callbacks_of(&self, client: &str) -> Vec<pb::Callback> {
        let request = pb::ListCallbacksRequest { client_id: client.into(), page_size: 100, ..Default::default() };
        whole!(self.staff.lena.callbacks(), list_callbacks, request, callbacks)
    }

    async fn booked(&self, claim: &str) -> Option<pb::Appointment> {
        let request = pb::ListAppointmentsRequest { claim_id: claim.into(), ..Default::default() };
        let all = self.staff.asha.diary().list_appointments(request).await.unwrap().into_inner().appointments;
        all.into_iter().find(|one| one.state() == pb::AppointmentState::Booked)
    }

    /// Two months in which nobody does anything but print: everything that is live is on one list.
    async fn left_alone(&mut self) {
        for days in [20, 9, 6, 25] {
            self.room_prints().await;
            self.world.wait_until(self.world.now() + TimeDelta::days(days));
            self.night().await;
            let seen = self.everybody_is_on_one_list().await;
            for stands in seen {
                *self.seen.entry(stands).or_default() += 1;
            }
        }
    }

    /// How each claim on its way stood.
    async fn everybody_is_on_one_list(&self) -> Vec<String> {
        let mut seen = Vec::new();
        let lena = &self.staff.lena;
        let today = self.world.now().date_naive();
        let steps = pb::ListStepsRequest { page_size: 200, ..Default::default() };
        let steps = whole!(lena.follow_up(), list_steps, steps, steps);
        let listed = pb::ListClaimsRequest { page_size: 200, ..Default::default() };
        let listed = whole!(lena.claims(), list_claims, listed, claims);
        let mut told = BTreeSet::new();
        for claim in &listed {
            assert!(told.insert(claim.claim_id.clone()), "twice: {claim:?}");
        }
        let trouble = pb::ClaimTrouble::QueryOpen.into();
        let asked = pb::ListClaimsRequest { trouble, page_size: 200, ..Default::default() };
        let queried = whole!(lena.claims(), list_claims, asked, claims);
        for life in self.lives.iter().filter(|life| !life.claim.is_empty()) {
            let claim = self.staff.asha.claim(&life.claim).await;
            use pb::ClaimState::{Open, Posted, StartUpDone};
            let is_live = matches!(claim.state(), Open | StartUpDone | Posted);
            assert_eq!(told.contains(&life.claim), is_live, "the list of claims: {claim:?}");
            let of_it: Vec<&pb::Step> = steps.iter().filter(|step| step.claim_id == life.claim).collect();
            if is_live {
                seen.extend(self.is_on_one_list(&claim, &of_it).await);
            }
            let is_queried = is_live && !claim.standing.as_ref().unwrap().open_queries.is_empty();
            assert_eq!(queried.iter().any(|one| one.claim_id == life.claim), is_queried);
        }
        self.callbacks_are_on_one_list().await;
        assert!(steps.iter().all(|step| step.due_day <= today.to_string()));
        let asked: BTreeSet<&String> = self.lives.iter().flat_map(|life| &life.asked).collect();
        let to_answer: Vec<_> = steps.iter().filter(|step| step.kind() == pb::StepKind::Reconsider).collect();
        assert_eq!(to_answer.iter().map(|step| &step.claim_id).collect::<BTreeSet<_>>(), asked);
        assert_eq!(to_answer.len(), asked.len());
        seen.extend(asked.iter().map(|_| "asked for a decision to be looked at again".to_owned()));
        seen
    }

    /// The town goes on with others.
    async fn forget(&mut self) {
        for life in std::mem::take(&mut self.lives) {
            if let Some(open) = self.open_callback(&life.client).await {
                drop(self.staff.asha.cancels(&open.callback_id).await);
            }
            for claim in &life.asked {
                self.staff.eve.upholds(claim, "It was said twice.").await.unwrap();
            }
            if !life.claim.is_empty() {
                drop(self.staff.asha.withdraw(&life.claim, "found work").await);
            }
        }
    }
}

fn is_open(callback: &pb::Callback) -> bool {
    use pb::CallbackState as S;
    matches!(
        callback.state(),
        S::Booked | S::Due | S::Parked | S::Attempting | S::NoReply | S::WrongNumber | S::FaceToFace
    )
}

fn asked(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

story!(whatever_happens_to_them_everybody_is_on_one_list_until_it_is_done, |world| {
    let (events, seed) = (asked("STARTLINE_LIVES_EVENTS", EVENTS), asked("STARTLINE_LIVES_SEED", 19));
    let mut town = Town::begin(&world, u64::try_from(seed).expect("a seed")).await;
    while town.events < events {
        for _ in 0..OF_A_ROUND {
            town.event().await;
        }
        for _ in 0..3 {
            town.begins_a_claim().await;
        }
        town.left_alone().await;
        town.forget().await;
    }
    println!("{} events, seen: {:?}, refused: {:?}", town.events, town.seen, town.refused);
    for stands in wanted::ALL {
        assert!(town.seen.contains_key(stands), "no claim was seen that was so: {stands}; seen: {:?}", town.seen);
    }
    town.store.close().await;
});
