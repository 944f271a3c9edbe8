//! Each of the nine client groups through the real start-up script to a complete claim. The server is killed after every
//! tenth answer, and nothing that it acknowledged may be missing from the log afterwards.

use crate::support::process::Process;
use crate::support::quiet::quiet_answer;
use crate::support::steps::{client_with_facts, draft};
use crate::support::values::{json, new_id, value};
use crate::support::world::START;
use crate::support::{Engine, Home, Person, at};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use startline::access::Role;
use startline::definition::Definition;
use startline::grpc::pb;
use startline::ids::QuestionId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const GROUPS: &str = include_str!("../../src/packs/samples/nine_groups.yaml");
const KILLED_EVERY: usize = 10;

/// One invented client: what the record knows after the first call, and what is said when asked.
#[derive(Deserialize)]
struct Group {
    #[serde(rename = "about")]
    _about: String,
    client: Facts,
    /// By form question.
    answers: BTreeMap<String, Json>,
    /// By question of the script.
    script: BTreeMap<String, Json>,
}

#[derive(Deserialize)]
struct Facts {
    title: String,
    other_names: String,
    last_name: String,
    date_of_birth: String,
    #[serde(default)]
    phone: String,
    address_lines: Vec<String>,
    postcode: String,
    #[serde(default)]
    nino: String,
    #[serde(default)]
    talk_language: String,
    #[serde(default)]
    letter_language: String,
}

impl Facts {
    fn message(&self) -> pb::ClientFacts {
        pb::ClientFacts {
            title: self.title.clone(),
            other_names: self.other_names.clone(),
            last_name: self.last_name.clone(),
            date_of_birth: self.date_of_birth.clone(),
            phone: self.phone.clone(),
            address_lines: self.address_lines.clone(),
            postcode: self.postcode.clone(),
            nino: self.nino.clone(),
            talk_language: self.talk_language.clone(),
            letter_language: self.letter_language.clone(),
            ..Default::default()
        }
    }
}

/// One client's call, with a server that dies again and again.
struct Call {
    home: Home,
    server: Option<Process>,
    adviser: Person,
    group: Group,
    definition: Arc<Definition>,
    claim: String,
    /// What the server acknowledged last for each question of the form, as it is stored.
    acknowledged: BTreeMap<String, Json>,
    /// The log as it stood when the server was last killed.
    log: BTreeSet<String>,
    answers: usize,
    kills: usize,
}

impl Call {
    async fn begin(engine: Engine, group: &str) -> Self {
        let mut groups: BTreeMap<String, Group> = serde_saphyr::from_str(GROUPS).unwrap();
        let group = groups.remove(group).unwrap();
        let home = Home::fresh(engine).await;
        let server = Process::tour_server(&home, at(START)).await;
        let adviser = home.adviser("Asha", "somerset").await;
        let (client, claim) = client_with_facts(&adviser, group.client.message()).await;
        assert_eq!(client.home_site_id, "somerset");
        let claim = claim.claim_id;
        Self {
            home,
            server: Some(server),
            adviser,
            group,
            definition: Definition::embedded(),
            claim,
            acknowledged: BTreeMap::new(),
            log: BTreeSet::new(),
            answers: 0,
            kills: 0,
        }
    }

    /// What the client says to a step of the walk, and the question of the form that it answers.
    fn says(&self, step: &pb::WalkStep) -> (Option<Json>, Option<String>) {
        let Some(question) = &step.question else { return (None, None) };
        let own = question.question_id.as_str();
        let form = match step.part {
            Some(_) => Some(own.to_owned()),
            None => self.filled_by(own),
        };
        let said = self.group.script.get(own).or_else(|| self.group.answers.get(form.as_deref()?));
        let known = step.known_value.as_ref().map(json).filter(|known| !known.is_null());
        let answer = said.cloned().or(known).or_else(|| self.by_default(own, form.as_deref()));
        (answer, form)
    }

    fn filled_by(&self, script_question: &str) -> Option<String> {
        let script = self.definition.script("start-up")?;
        script.question(&QuestionId::new(script_question))?.fills.as_ref().map(ToString::to_string)
    }

    /// For what the client's story leaves out: the quiet answer.
    fn by_default(&self, own: &str, form: Option<&str>) -> Option<Json> {
        let script = self.definition.script("start-up").unwrap();
        let id = QuestionId::new(form.unwrap_or(own));
        let question = self.definition.form.question(&id).or_else(|| script.question(&id))?;
        if !question.required.holds(&Default::default()) {
            return None;
        }
        Some(quiet_answer(&question.kind))
    }

    async fn walk_to_the_end(&mut self) -> pb::Walk {
        let claim = self.adviser.claim(&self.claim).await;
        let mut walk = self.adviser.start_walk("start-up", &claim.client_id, &self.claim).await;
        let mut steps = 0;
        while let Some(step) = walk.step.clone() {
            let (answer, form) = self.says(&step);
            let request = pb::AnswerQuestionRequest {
                request_id: new_id(),
                walk_id: walk.walk_id.clone(),
                etag: walk.etag.clone(),
                question_id: step.step_id.clone(),
                value: answer.as_ref().map(value),
            };
            let answered = self.adviser.scripts().answer_question(request.clone()).await;
            walk = answered
                .unwrap_or_else(|fault| panic!("{} {answer:?}: {fault:?}", step.step_id))
                .into_inner()
                .walk
                .unwrap();
            if let (Some(answer), Some(form)) = (&answer, form) {
                let kind = &self.definition.form.question(&QuestionId::new(&form)).unwrap().kind;
                self.acknowledged.insert(form, kind.check(answer).unwrap());
            }
            if answer.is_some() {
                self.answers += 1;
                if self.answers.is_multiple_of(KILLED_EVERY) {
                    self.kill_and_compare().await;
                    // Whoever did not hear the answer asks again, and gets the same.
                    let again = self.adviser.scripts().answer_question(request).await.unwrap().into_inner();
                    assert_eq!(again.walk.as_ref(), Some(&walk));
                }
            }
            steps += 1;
            assert!(steps < 600, "the walk goes round in a circle at {}", step.step_id);
        }
        assert!(walk.finished);
        walk
    }

    async fn kill_and_compare(&mut self) {
        self.server.take().unwrap().kill().await;
        self.server = Some(Process::tour_server(&self.home, at(START)).await);
        self.kills += 1;
        let claim = self.adviser.claim(&self.claim).await;
        let standing: BTreeMap<String, Json> =
            claim.answers.iter().map(|one| (one.question_id.clone(), json(one.value.as_ref().unwrap()))).collect();
        for (question, said) in &self.acknowledged {
            let stored = standing.get(question).unwrap_or_else(|| panic!("the answer to {question} is gone"));
            assert_eq!(as_numbers(stored), as_numbers(said), "{question}");
        }
        // The log only ever grows.
        let log = self.whole_log().await;
        assert!(self.log.is_subset(&log), "{:?}", self.log.difference(&log).collect::<Vec<_>>());
        self.log = log;
    }

    async fn whole_log(&self) -> BTreeSet<String> {
        let mut log = BTreeSet::new();
        let mut page_token = String::new();
        loop {
            let request = pb::ListAnswerHistoryRequest {
                claim_id: self.claim.clone(),
                page_size: 500,
                page_token,
                ..Default::default()
            };
            let page = self.adviser.claims().list_answer_history(request).await.unwrap().into_inner();
            log.extend(page.answers.iter().map(|one| {
                let said = json(one.value.as_ref().unwrap());
                format!("{} {} {} {} {said}", one.question_id, one.revision, one.stage, one.saved_by)
            }));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return log;
            }
        }
    }

    /// What the walk left open and the client can say after all.
    async fn complete_the_form(&mut self) {
        let open = self.adviser.missing(&self.claim).await;
        assert_eq!(open, Vec::<String>::new(), "the walk asked everything that had to be asked");
    }

    /// As the call decided: a meeting is booked, put off, or done without.
    async fn settle_the_meeting(&self) {
        match self.group.script["meeting_decision"].as_str().unwrap() {
            "meeting" => {
                let petra = self.home.personal_adviser("Petra", "somerset").await;
                petra.works_at("frome").await;
                let slot = self.adviser.find_slots(&self.claim).await.remove(0);
                let held = self.adviser.hold(&self.claim, &slot).await.unwrap();
                self.adviser.book(&held.appointment_id).await.unwrap();
            }
            // The walk has put it off, or taken down that the client wants none.
            "defer" | "optional" => {
                let meeting = self.adviser.standing(&self.claim).await.meeting();
                assert!([pb::MeetingOutcome::Deferred, pb::MeetingOutcome::Waived].contains(&meeting), "{meeting:?}");
            }
            "waive" => {
                let ruth = self.home.add("Ruth", Role::TeamLeader, Some("somerset")).await;
                ruth.waive_meeting(&self.claim, pb::WaiverReason::SeriousIllness).await.unwrap();
            }
            other => panic!("nobody decides {other}"),
        }
    }

    /// Every agency that the benefits concern gets a form, and only with answers that name it.
    async fn the_agencies_read_their_own(&self) {
        for agency in ["BA", "ES", "LA"] {
            let request =
                pb::GetAgencyViewRequest { claim_id: self.claim.clone(), agency_id: agency.into(), as_of_time: None };
            let view = self.adviser.claims().get_agency_view(request).await.unwrap().into_inner();
            let ids: Vec<&str> =
                view.sections.iter().flat_map(|s| &s.answers).map(|a| a.question_id.as_str()).collect();
            for id in &ids {
                let question = self.definition.form.question(&QuestionId::new(id)).unwrap();
                assert!(question.agencies.iter().any(|name| name == agency), "{id} is not for {agency}");
            }
            assert!(ids.contains(&"B2"), "{agency} knows whose form it reads");
        }
    }
}

/// Whole numbers and fractions alike: they travel as doubles.
fn as_numbers(json: &Json) -> Json {
    match json {
        Json::Number(number) => json!(number.as_f64()),
        Json::Array(items) => items.iter().map(as_numbers).collect(),
        Json::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), as_numbers(field))).collect(),
        other => other.clone(),
    }
}

async fn tell(engine: Engine, group: &str) {
    let mut call = Call::begin(engine, group).await;
    call.walk_to_the_end().await;
    call.kill_and_compare().await;
    assert!(call.kills > 5, "{group}: killed only {} times", call.kills);
    call.complete_the_form().await;
    call.settle_the_meeting().await;
    let done = call.adviser.complete_start_up(&call.claim).await.unwrap();
    assert_eq!(done.state(), pb::ClaimState::StartUpDone);
    call.the_agencies_read_their_own().await;
    let late = call.adviser.save(&call.claim, vec![draft("T9", &json!("never"), 9)]).await;
    assert_eq!(late.unwrap_err().code(), tonic::Code::FailedPrecondition, "the start-up is done");
    call.server.take().unwrap().kill().await;
}

macro_rules! groups {
    ($($group:ident,)*) => {
        $(mod $group {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                tell(Engine::Sqlite, stringify!($group)).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                tell(Engine::Postgres, stringify!($group)).await;
            }
        })*
    };
}

groups! {
    job_seeker,
    lone_parent,
    sick_or_disabled,
    carer,
    bereaved,
    pregnant,
    from_60,
    under_18,
    hb_ctb_only,
}
