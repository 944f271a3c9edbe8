//! What is to be done, the longest overdue first: why, what must come first, and the number to ring.
//!
//! | address | |
//! |---|---|
//! | `/steps` | what is due by a day, by sort |
//! | `/steps/{claim}` | all of one claim's steps, good cause, a life event |
//! | `/steps/{claim}/{step}` | one step, and how it ended |
//! | `/decisions` | what was decided after missed meetings, and taking it back |
//! | `/standby` | who would come sooner, and the offers that are out |

mod claim;
mod decisions;
mod one;
mod standby;
pub mod words;

use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::screens::day::reading::named_day;
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use startline_api as pb;
use startline_api::StepKind as Kind;
use startline_foundation::formats::parse_date;
use std::sync::Arc;
use words::StepWords;

const PAGE: i32 = 50;
/// The sorts that a list can be narrowed to, by the word in its address.
const SORTS: &[(&str, &[Kind])] = &[
    ("ring", &[Kind::RingClient]),
    ("letters", &[Kind::SendLetter]),
    (
        "meetings",
        &[
            Kind::ArrangeDeferredMeeting,
            Kind::OfferNewMeeting,
            Kind::HomeVisit,
            Kind::ConsiderHomeVisit,
            Kind::ProposeMeeting,
            Kind::ArrangeMeeting,
        ],
    ),
    (
        "claims",
        &[
            Kind::FinishStartUp,
            Kind::RecordAttendance,
            Kind::ChaseForm,
            Kind::LodgeNow,
            Kind::DateRunsOut,
            Kind::DateLost,
        ],
    ),
    ("sooner", &[Kind::OfferEarlierTime]),
    ("refer", &[Kind::Refer]),
    ("decide", &[Kind::Decide, Kind::Reconsider]),
];

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/steps", get(steps))
        .merge(claim::routes())
        .merge(decisions::routes())
        .merge(one::routes())
        .merge(standby::routes())
}

/// A step as a list shows it.
pub struct Line {
    pub id: String,
    pub claim: String,
    pub client: String,
    pub name: String,
    pub kind: Kind,
    pub what: &'static str,
    pub due: String,
    /// Days since it was due; less than nothing while it is not.
    pub overdue: i64,
    pub why: String,
    pub comes_first: String,
    pub phone: String,
    pub offered: String,
    pub ended: Option<String>,
    pub note: String,
}

impl Line {
    pub fn of(seat: &Seat, step: &pb::Step) -> Self {
        let t = StepWords::of(seat.language());
        let due = parse_date(&step.due_day);
        let overdue = due.as_ref().map_or(0, |day| (seat.today() - *day).num_days());
        let ended = step.done_time.as_ref().map(|at| format!("{}, {}", t.outcome(step.outcome()), seat.when(Some(at))));
        Self {
            id: step.step_id.clone(),
            claim: step.claim_id.clone(),
            client: step.client_id.clone(),
            name: step.client_name.clone(),
            kind: step.kind(),
            what: t.kind(step.kind()),
            due: match (overdue, due) {
                (0, _) => t.due_today.to_owned(),
                (_, Ok(day)) => seat.day(day),
                (_, Err(_)) => step.due_day.clone(),
            },
            overdue,
            why: step.why.clone(),
            comes_first: step.comes_first.clone(),
            phone: step.phone.clone(),
            offered: seat.when(step.offered_time.as_ref()),
            ended,
            note: step.note.clone(),
        }
    }

    pub fn path(&self) -> String {
        format!("/steps/{}/{}", self.claim, self.id)
    }
}

#[derive(Template)]
#[template(path = "steps/steps.html")]
struct StepsPage<'a> {
    frame: Frame<'a>,
    t: &'static StepWords,
    mistakes: Mistakes,
    sort: String,
    typed_day: String,
    lines: Vec<Line>,
    next: String,
}

async fn steps(seat: Seat) -> Answer {
    let t = StepWords::of(seat.language());
    let query = &seat.visitor.query;
    let typed_day = query.get("day").to_owned();
    let (day, is_no_day) = named_day(&seat, &typed_day);
    let sort = query.get("sort").to_owned();
    let kinds = SORTS.iter().find(|(word, _)| *word == sort).map_or(&[][..], |(_, kinds)| kinds);
    let request = pb::ListStepsRequest {
        day: if typed_day.is_empty() { String::new() } else { day.to_string() },
        kinds: kinds.iter().map(|kind| i32::from(*kind)).collect(),
        page_size: PAGE,
        page_token: query.get("page").to_owned(),
        claim_id: String::new(),
    };
    let answer = seat.need(request).await?;
    let shown = StepsPage {
        frame: seat.frame().wide().again_after(60),
        t,
        mistakes: if is_no_day { Mistakes::one("day", t.no_day) } else { Mistakes::default() },
        sort,
        typed_day,
        lines: answer.steps.iter().map(|step| Line::of(&seat, step)).collect(),
        next: answer.next_page_token,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

impl StepsPage<'_> {
    fn sorts(&self) -> Vec<(&'static str, &'static str)> {
        let sorts = SORTS.iter().map(|(word, _)| (*word, self.t.sort(word)));
        std::iter::once(("", self.t.all)).chain(sorts).collect()
    }

    fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("sort", &self.sort)
            .append_pair("day", &self.typed_day)
            .finish()
    }
}
