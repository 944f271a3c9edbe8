//! Which claims are on their way, and what is wrong with each; or those of one client.

use super::standing::day;
use super::words::ClaimWords;
use crate::html::{Frame, page};
use crate::screens::day::reading::offices;
use crate::screens::steps::words::StepWords;
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::http::StatusCode;
use startline_api as pb;
use startline_api::ClaimTrouble as Trouble;
use startline_rooms::access::Role;

const PAGE: i32 = 50;
/// By the word in the address.
const TROUBLES: &[(&str, Trouble)] = &[
    ("", Trouble::Unspecified),
    ("lost", Trouble::DateLost),
    ("runs-out", Trouble::DateRunsOut),
    ("start-up", Trouble::StartUpNotFinished),
    ("meeting", Trouble::MeetingToArrange),
    ("attendance", Trouble::AttendanceToRecord),
    ("form", Trouble::FormNotBack),
    ("query", Trouble::QueryOpen),
    ("evidence", Trouble::EvidenceToCome),
    ("hand-over", Trouble::ToHandOver),
    ("decision", Trouble::DecisionDue),
];

struct Line {
    claim: String,
    client: String,
    name: String,
    state: &'static str,
    last_day: String,
    /// How many days are at stake, or lost.
    days: String,
    is_lost: bool,
    troubles: Vec<(&'static str, &'static str)>,
    step: Option<(&'static str, String)>,
    meeting: String,
}

impl Line {
    fn of(seat: &Seat, claim: &pb::ListedClaim) -> Self {
        let t = ClaimWords::of(seat.language());
        let is_lost = claim.troubles().any(|trouble| trouble == Trouble::DateLost);
        let words = if is_lost { t.days_lost } else { t.days_at_stake };
        let tone = |trouble| match trouble {
            Trouble::DateLost => "bad",
            Trouble::DateRunsOut | Trouble::DecisionDue => "warn",
            _ => "",
        };
        let step = (claim.step() != pb::StepKind::Unspecified)
            .then(|| (StepWords::of(seat.language()).kind(claim.step()), day(seat, &claim.step_due_day)));
        let meeting = match &claim.meeting_time {
            None => String::new(),
            at => {
                let office = seat.office_name(&claim.office_id);
                format!("{}, {office}, {}", seat.when(at.as_ref()), claim.personal_adviser_name)
            }
        };
        Self {
            claim: claim.claim_id.clone(),
            client: claim.client_id.clone(),
            name: claim.client_name.clone(),
            state: t.state(claim.state()),
            last_day: match claim.last_day.as_str() {
                "" => t.nothing_at_stake.to_owned(),
                last => day(seat, last),
            },
            days: match claim.last_day.is_empty() {
                true => String::new(),
                false => format!("{} {words}", claim.days_at_stake),
            },
            is_lost,
            troubles: claim.troubles().map(|trouble| (t.trouble(trouble), tone(trouble))).collect(),
            step,
            meeting,
        }
    }
}

#[derive(Template)]
#[template(path = "claims/list.html")]
struct List<'a> {
    frame: Frame<'a>,
    t: &'static ClaimWords,
    heading: String,
    /// Whose claims, instead of those of the site.
    client: String,
    trouble: String,
    office: String,
    offices: Vec<(String, String)>,
    tabs: Vec<(&'static str, &'static str)>,
    lines: Vec<Line>,
    next: String,
}

pub async fn list(seat: Seat) -> Answer {
    let t = ClaimWords::of(seat.language());
    let query = &seat.visitor.query;
    let client = query.get("client").to_owned();
    let word = query.get("trouble");
    let (word, trouble) = TROUBLES.iter().find(|(one, _)| *one == word).copied().unwrap_or(TROUBLES[0]);
    let office = query.get("office").to_owned();
    let asked = pb::ListClaimsRequest {
        client_id: client.clone(),
        office_id: office.clone(),
        personal_adviser_id: String::new(),
        trouble: trouble.into(),
        page_size: PAGE,
        page_token: query.get("page").to_owned(),
    };
    let answer = seat.need(asked).await?;
    let heading = match client.as_str() {
        "" => t.claims.to_owned(),
        id => {
            let client = seat.need(pb::GetClientRequest { client_id: id.to_owned() }).await?.client.unwrap_or_default();
            let facts = client.facts.unwrap_or_default();
            format!("{} {}", t.claims_of, [facts.other_names, facts.last_name].join(" ").trim())
        }
    };
    let sees_start_ups = seat.is_any(&[Role::Adviser, Role::TeamLeader, Role::Supervisor]);
    let shown = TROUBLES.iter().filter(|(_, trouble)| sees_start_ups || *trouble != Trouble::StartUpNotFinished);
    let mut all_offices = vec![(String::new(), t.all_offices.to_owned())];
    all_offices.extend(offices(&seat));
    let shown = List {
        frame: seat.frame().wide(),
        t,
        heading,
        client,
        trouble: word.to_owned(),
        office,
        offices: all_offices,
        tabs: shown.map(|(word, trouble)| (*word, t.trouble(*trouble))).collect(),
        lines: answer.claims.iter().map(|claim| Line::of(&seat, claim)).collect(),
        next: answer.next_page_token,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

impl List<'_> {
    fn query(&self, trouble: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("client", self.client.as_str()), ("trouble", trouble), ("office", &self.office)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}
