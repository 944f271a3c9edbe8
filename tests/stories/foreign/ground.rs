//! A network of four sites with people of every role in it, and clients to whom anything may have happened.

use crate::marks::{canary, said};
use crate::support::steps::{draft, frome_facts};
use crate::support::values::{new_id, time};
use crate::support::{Engine, Person, World};
use chrono::TimeDelta;
use rand::RngExt;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use serde_json::json;
use startline::access::Role;
use startline::definition::{Definition, Kind, Sensitivity};
use startline::grpc::pb;
use std::collections::{BTreeMap, BTreeSet};

/// Each site with two of its offices, and a postcode of its area.
const SITES: [(&str, [&str; 2], &str); 4] = [
    ("somerset", ["frome", "wells"], "BA11 1BL"),
    ("buckinghamshire", ["high-wycombe", "aylesbury"], "HP11 1BB"),
    ("south-east-gwent", ["newport", "cwmbran"], "NP20 1LQ"),
    ("calderdale-and-kirklees", ["halifax", "dewsbury"], "HX1 1PU"),
];
const CASES: usize = 4;
const OTHERS: usize = 6;

pub struct Somebody {
    pub person: Person,
    pub roles: Vec<Role>,
    pub site: Option<&'static str>,
    /// The office that their duty is for, when it is for one.
    pub office: Option<&'static str>,
}

pub struct Canary {
    pub question: String,
    pub sort: Option<Sensitivity>,
    pub word: String,
    /// It stands in a walk or as a draft, and not among the claim's answers.
    pub is_elsewhere: bool,
}

pub struct Meeting {
    pub with: String,
    pub office: &'static str,
    pub site: &'static str,
    appointment: pb::Appointment,
}

/// A client with a claim, and what was done about it.
pub struct Case {
    pub client: String,
    pub claim: String,
    pub phone: String,
    pub home: &'static str,
    pub claim_site: &'static str,
    pub moved_from: Option<&'static str>,
    pub helped_by: Option<&'static str>,
    pub meeting: Option<Meeting>,
    pub is_without_meeting: bool,
    pub is_to_be_checked: bool,
    pub is_lodged: bool,
    pub steps_at: Vec<String>,
    pub asked_by: BTreeSet<String>,
    pub canaries: Vec<Canary>,
}

pub struct Ground {
    pub people: Vec<Somebody>,
    pub cases: Vec<Case>,
    /// Of every kind of record and place, by the name of the field that names one.
    pub ids: BTreeMap<&'static str, Vec<String>>,
    /// Of a meeting.
    pub day: String,
    pub post_day: String,
}

impl Somebody {
    pub fn in_words(&self) -> String {
        let roles: Vec<&str> = self.roles.iter().map(|role| role.as_str()).collect();
        format!("{} at {:?} {:?}", roles.join(" and "), self.site, self.office)
    }
}

impl Case {
    pub fn in_words(&self) -> String {
        let meeting = self.meeting.as_ref().map(|meeting| meeting.office);
        format!(
            "a client of {} (claim of {}, moved from {:?}, helped by {:?}, met at {meeting:?}, without a meeting: {}, to be checked: \
             {}, lodged: {}, steps at {:?}, {} asked)",
            self.home,
            self.claim_site,
            self.moved_from,
            self.helped_by,
            self.is_without_meeting,
            self.is_to_be_checked,
            self.is_lodged,
            self.steps_at,
            self.asked_by.len(),
        )
    }
}

/// The people by whom a site's work is done in the story: an adviser, a team leader, a personal adviser at each of two offices.
struct Staff {
    adviser: usize,
    leader: usize,
    personal: [usize; 2],
}

struct Making<'a> {
    world: &'a World,
    chance: StdRng,
    people: Vec<Somebody>,
    staff: Vec<Staff>,
    root: Person,
}

impl Making<'_> {
    fn is(&mut self, in_ten: u32) -> bool {
        self.chance.random_range(0..10) < in_ten
    }

    async fn add(&mut self, role: Role, site: Option<&'static str>, office: Option<&'static str>) -> usize {
        let name = format!("{} {}", role.as_str(), self.people.len());
        let person = match site {
            Some(site) => self.world.add_at(&name, role, site, office).await,
            None => self.world.add(&name, role, None).await,
        };
        self.people.push(Somebody { person, roles: vec![role], site, office });
        self.people.len() - 1
    }

    async fn staff(&mut self) {
        for (site, offices, _) in SITES {
            let adviser = self.add(Role::Adviser, Some(site), None).await;
            let leader = self.add(Role::TeamLeader, Some(site), None).await;
            let personal = [
                self.add(Role::PersonalAdviser, Some(site), Some(offices[0])).await,
                self.add(Role::PersonalAdviser, Some(site), Some(offices[1])).await,
            ];
            for (who, office) in personal.into_iter().zip(offices) {
                self.people[who].person.works_at(office).await;
            }
            self.staff.push(Staff { adviser, leader, personal });
        }
    }

    /// People of any role anywhere, some with two roles.
    async fn others(&mut self) {
        for role in Role::ALL.into_iter().chain(std::iter::repeat_n(Role::Adviser, 0)) {
            let (site, offices, _) = *SITES.choose(&mut self.chance).unwrap();
            let is_for_one = matches!(role, Role::PersonalAdviser | Role::BenefitsExpert | Role::Reception);
            let office = (is_for_one && self.is(5)).then(|| *offices.choose(&mut self.chance).unwrap());
            self.add(role, role.works_at_a_site().then_some(site), office).await;
        }
        for _ in 0..OTHERS {
            let any = [Role::Adviser, Role::PersonalAdviser, Role::BenefitsExpert, Role::Reception, Role::PrintRoom];
            let role = *any.choose(&mut self.chance).unwrap();
            let (site, ..) = *SITES.choose(&mut self.chance).unwrap();
            let who = self.add(role, Some(site), None).await;
            let other = *any.choose(&mut self.chance).unwrap();
            if self.is(3) && other != role {
                let number = crate::access::number(other);
                let duty = pb::NewDuty { role: number, site_id: site.into(), ..Default::default() };
                let user_id = self.people[who].person.id.clone();
                let request = pb::GiveDutyRequest { request_id: new_id(), user_id, duty: Some(duty) };
                self.root.admin().give_duty(request).await.unwrap();
                self.people[who].roles.push(other);
            }
        }
    }

    async fn case(&mut self, number: usize) -> Case {
        let at = self.chance.random_range(0..SITES.len());
        let (site, offices, postcode) = SITES[at];
        let adviser = self.staff[at].adviser;
        let phone = format!("07700 9001{number:02}");
        let name = ["Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Larch"][number % 7];
        let facts = pb::ClientFacts {
            last_name: name.into(),
            phone: phone.clone(),
            postcode: postcode.into(),
            address_lines: vec![format!("{number} High Street"), "Anytown".into()],
            ..frome_facts()
        };
        let made = self.people[adviser].person.create_client(facts).await.unwrap();
        assert_eq!(made.home_site_id, site);
        let claim = self.people[adviser].person.open_claim(&made.client_id).await.claim_id;
        let mut case = Case {
            client: made.client_id,
            claim,
            phone,
            home: site,
            claim_site: site,
            moved_from: None,
            helped_by: None,
            meeting: None,
            is_without_meeting: false,
            is_to_be_checked: false,
            is_lodged: false,
            steps_at: Vec::new(),
            asked_by: BTreeSet::new(),
            canaries: Vec::new(),
        };
        self.says(&mut case, adviser).await;
        let person = |making: &Self, who: usize| making.people[who].person.id.clone();
        match self.chance.random_range(0..10) {
            0..7 => {
                let office = self.chance.random_range(0..2);
                let adviser = &self.people[adviser].person;
                let request = pb::FindSlotsRequest {
                    claim_id: case.claim.clone(),
                    office_id: offices[office].into(),
                    ..Default::default()
                };
                let slot = adviser.diary().find_slots(request).await.unwrap().into_inner().slots.remove(0);
                let held = adviser.hold(&case.claim, &slot).await.unwrap();
                let appointment = adviser.book(&held.appointment_id).await.unwrap();
                let with = person(self, self.staff[at].personal[office]);
                assert_eq!(slot.personal_adviser_id, with);
                case.meeting = Some(Meeting { with, office: offices[office], site, appointment });
            }
            7 | 8 => {
                let leader = &self.people[self.staff[at].leader].person;
                leader.defer_meeting(&case.claim, "health", "2026-03-24").await.unwrap();
                case.is_without_meeting = true;
            }
            _ => return case,
        }
        if self.is(8) {
            let adviser = &self.people[adviser].person;
            adviser.complete_start_up(&case.claim).await.unwrap();
            adviser.awaits_pack(&case.claim).await;
            case.is_to_be_checked = true;
        }
        case
    }

    /// What may be asked beforehand, and canaries in some of the questions that are marked, and in some that are not.
    async fn says(&mut self, case: &mut Case, adviser: usize) {
        let definition = Definition::embedded();
        let asked = [
            ("A1", json!(["JSA", "IB", "HB"])),
            ("B17", json!("female")),
            ("G1", json!("yes")),
            ("G4", json!("dismissed")),
            ("I1", json!("yes")),
            ("S1", json!("account")),
            ("M9", json!("client")),
        ];
        let standing = self.people[adviser].person.claim(&case.claim).await.answers;
        let seen = |id: &str| standing.iter().find(|one| one.question_id == id).map_or(0, |one| one.revision);
        let drafts = asked.iter().map(|(id, value)| draft(id, value, seen(id))).collect();
        self.people[adviser].person.save(&case.claim, drafts).await.unwrap();
        for question in definition.form.questions() {
            let id = question.id.as_str();
            let sort = definition.marks(&question.id).next();
            let is_text = matches!(question.kind, Kind::Text { .. } | Kind::LongText { .. });
            let is_known = ["S2", "S4", "Q2", "B12"].contains(&id);
            let is_free = question.fills_client.is_none() && !asked.iter().any(|(asked, _)| *asked == id);
            let wanted = match (sort, is_known || is_text && is_free) {
                (_, false) => 0,
                (Some(_), true) => 6,
                (None, true) => 1,
            };
            if !self.is(wanted) {
                continue;
            }
            let word = canary();
            let value = if is_known { said(id, &word) } else { json!(word) };
            let adviser = &self.people[adviser].person;
            // What cannot be taken is kept as a draft, which is an answer of its sort all the same.
            let taken = adviser.save(&case.claim, vec![draft(id, &value, seen(id))]).await;
            case.canaries.push(Canary { question: id.into(), sort, word, is_elsewhere: taken.is_err() });
        }
        if self.is(6) {
            let word = canary();
            let adviser = &self.people[adviser].person;
            let walk = adviser.start_walk("start-up", &case.client, &case.claim).await;
            adviser.says(&walk, "barriers_help", json!(word)).await;
            let sort = Some(Sensitivity::Private);
            case.canaries.push(Canary { question: "barriers_help".into(), sort, word, is_elsewhere: true });
        }
    }

    /// Meetings are held, and some claims handed over.
    async fn meet(&mut self, cases: &mut [Case]) {
        let starts = |case: &Case| case.meeting.as_ref().and_then(|meeting| meeting.appointment.slot.clone());
        let last = cases.iter().filter_map(starts).map(|slot| time(slot.start_time)).max();
        let Some(last) = last else { return };
        self.world.wait_until(last + TimeDelta::minutes(10));
        for case in cases.iter_mut().filter(|case| case.is_to_be_checked) {
            let Some(meeting) = &case.meeting else { continue };
            let with = self.people.iter().find(|one| one.person.id == meeting.with).unwrap();
            match self.chance.random_range(0..4) {
                0 => continue,
                1 => {
                    let id = &meeting.appointment.appointment_id;
                    with.person.record_attendance(id, pb::Attendance::Failed).await.unwrap();
                }
                _ => {
                    let id = &meeting.appointment.appointment_id;
                    with.person.record_attendance(id, pb::Attendance::Attended).await.unwrap();
                    with.person.lodge_for(&case.claim, &["BA"], "").await.unwrap();
                    case.is_lodged = true;
                }
            }
        }
    }

    /// Some move away, a site may be lost, and some people ask for a record.
    async fn last_things(&mut self, cases: &mut [Case]) {
        for case in cases.iter_mut() {
            if !self.is(2) {
                continue;
            }
            let at = SITES.iter().position(|(site, ..)| *site == case.home).unwrap();
            let (to, _, postcode) = *SITES.choose(&mut self.chance).unwrap();
            let adviser = &self.people[self.staff[at].adviser].person;
            let client = adviser.client(&case.client).await;
            let facts = pb::ClientFacts { postcode: postcode.into(), ..client.facts.unwrap() };
            let (request_id, client_id) = (new_id(), case.client.clone());
            let request = pb::UpdateClientRequest { request_id, client_id, etag: client.etag, facts: Some(facts) };
            adviser.clients().update_client(request).await.unwrap();
            case.moved_from = (to != case.home).then_some(case.home);
            case.home = to;
        }
        if self.is(5) {
            let (lost, ..) = *SITES.choose(&mut self.chance).unwrap();
            let (helper, ..) = *SITES.choose(&mut self.chance).unwrap();
            if lost != helper {
                self.root.declare_lost(lost, "flood", &[helper]).await.unwrap();
                for case in cases.iter_mut().filter(|case| case.home == lost || case.claim_site == lost) {
                    case.helped_by = Some(helper);
                }
            }
        }
        for who in &self.people {
            let may_ask =
                [Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert];
            let case = &mut cases[self.chance.random_range(0..CASES)];
            if self.chance.random_range(0..3) > 0 || !who.roles.iter().any(|role| may_ask.contains(role)) {
                continue;
            }
            let request = pb::AskForRecordRequest {
                request_id: new_id(),
                client_id: case.client.clone(),
                reason: pb::RequestReason::HelpsColleague.into(),
                note: "the client is at our desk".into(),
            };
            if who.person.privacy().ask_for_record(request).await.is_ok() {
                case.asked_by.insert(who.person.id.clone());
            }
        }
    }
}

impl Ground {
    pub async fn made(world: &World, chance: StdRng) -> Self {
        let root = world.add("Root", Role::Admin, None).await;
        let mut making = Making { world, chance, people: Vec::new(), staff: Vec::new(), root };
        making.staff().await;
        making.others().await;
        let mut cases = Vec::new();
        for number in 0..CASES {
            cases.push(making.case(number).await);
        }
        let post_day = world.now().date_naive().to_string();
        making.meet(&mut cases).await;
        making.last_things(&mut cases).await;
        let day = cases.iter().find_map(|case| case.meeting.as_ref()).map_or(post_day.clone(), |meeting| {
            time(meeting.appointment.slot.as_ref().unwrap().start_time).date_naive().to_string()
        });
        let mut ids = ids(world, &mut cases).await;
        let everybody: Vec<String> = making.people.iter().map(|one| one.person.id.clone()).collect();
        ids.insert(
            "personal_adviser_id",
            making.staff.iter().flat_map(|staff| staff.personal).map(|who| everybody[who].clone()).collect(),
        );
        ids.insert("site_id", SITES.iter().map(|(site, ..)| (*site).into()).collect());
        ids.insert("office_id", SITES.iter().flat_map(|(_, offices, _)| offices.map(str::to_owned)).collect());
        Self { people: making.people, cases, ids, day, post_day }
    }
}

/// Where a record of each kind stands.
const TABLES: &[(&str, &str)] = &[
    ("client_id", "clients"),
    ("claim_id", "claims"),
    ("callback_id", "callbacks"),
    ("walk_id", "walks"),
    ("appointment_id", "appointments"),
    ("pack_id", "packs"),
    ("print_job_id", "print_jobs"),
];

/// Every record that there is; and where something is still to be done for each case.
async fn ids(world: &World, cases: &mut [Case]) -> BTreeMap<&'static str, Vec<String>> {
    let mut inside = world.look_inside().await;
    let text = |column: &str| match world.engine {
        Engine::Sqlite => format!("lower(hex({column}))"),
        Engine::Postgres => format!("CAST({column} AS TEXT)"),
    };
    let mut ids = BTreeMap::new();
    for (field, table) in TABLES {
        ids.insert(*field, inside.texts(&format!("SELECT {} FROM {table} ORDER BY id", text("id"))).await);
    }
    // As it is told beside the answers, a claim's id has hyphens.
    ids.insert("claim_id", cases.iter().map(|case| case.claim.clone()).collect());
    for case in cases {
        let claim = inside.id(&case.claim);
        let sql = format!("SELECT site FROM steps WHERE claim_id = {claim} AND done_at IS NULL");
        case.steps_at = inside.texts(&sql).await;
    }
    ids
}
