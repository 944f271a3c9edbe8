//! Checking claims while the meeting goes on: the benefits expert's list of the day, and one claim between the expert and the
//! personal adviser.
//!
//! | address | |
//! |---|---|
//! | `/checks` | the meetings of today at the offices where they check: who is here, whose form is in, who looks at which |
//! | `/checks/{claim}` | queries to and fro, evidence, what is missing, amendments |
//! | `/checks/{claim}/parts/{code}` | a part of the form as it stands, each answer to be amended or asked about |
//! | `/checks/{claim}/amend/{question}` | an answer changed, with the client's initials |
//! | `/checks/{claim}/take`, `hand-back`, `complete` | whose check it is, and that the claim may be lodged |
//! | `/checks/{claim}/lodge` | handing the claim over |

mod amend;
mod claim;
mod lodge;
mod part;
pub mod taking;
pub mod words;

use crate::Pages;
use crate::html::{Frame, page};
use crate::screens::day::reading::{self, Here, Row, Whose};
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use startline_api as pb;
use startline_rooms::access::Role;
use std::collections::HashMap;
use std::sync::Arc;
use taking::Shown;
use words::CheckWords;

/// A meeting still counts as going on so long after its end.
const WRITING_UP_S: i64 = 30 * 60;
/// Offices that are named; of more, their site is.
const MOST_NAMED: usize = 3;
/// What one page is told the changes of: each office's list, then the claims that are looked at first.
const MOST_LIVE: usize = 8;
pub const CHECKS: &[Role] = &[Role::PersonalAdviser, Role::BenefitsExpert];

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/checks", get(checks))
        .merge(claim::routes())
        .merge(part::routes())
        .merge(amend::routes())
        .merge(lodge::routes())
        .merge(taking::routes())
}

/// A meeting that goes on, and how its claim stands.
struct Going {
    row: Row,
    check: Option<Shown>,
    queries: Vec<String>,
    evidence: Vec<String>,
    missing: String,
    is_complete: bool,
    next_step: crate::refused::said::Said,
}

impl Going {
    /// Somebody waits for an answer, or too long.
    fn is_alarming(&self) -> bool {
        !self.queries.is_empty() || self.check.as_ref().is_some_and(|check| check.is_over)
    }
}

#[derive(Template)]
#[template(path = "checks/checks.html")]
struct ChecksPage<'a> {
    frame: Frame<'a>,
    c: &'static CheckWords,
    offices: String,
    going: Vec<Going>,
    later: Vec<(Row, Option<Shown>)>,
    over: Vec<Row>,
}

async fn checks(seat: Seat) -> Answer {
    let (mut going, mut later, mut over) = (Vec::new(), Vec::new(), Vec::new());
    let now_s = seat.now.timestamp();
    let offices = reading::offices(&seat);
    let mut checks = HashMap::new();
    for (office, _) in &offices {
        checks.extend(taking::of_office(&seat, office, seat.today()).await);
        let (appointments, _) = reading::day(&seat, &Whose::Office(office.clone()), seat.today()).await?;
        for row in appointments.iter().map(|one| Row::of(&seat, one)) {
            match row.here {
                Here::Waiting => going.push(row),
                Here::Met if row.ends_s + WRITING_UP_S > now_s => going.push(row),
                Here::Met => over.push(row),
                Here::Expected => later.push(row),
                Here::Held | Here::Missed | Here::Off => {}
            }
        }
    }
    for list in [&mut going, &mut later, &mut over] {
        list.sort_by_key(|row| row.starts_s);
    }
    let mut shown = Vec::new();
    for row in going {
        let check = checks.remove(&row.id);
        shown.push(going_on(&seat, row, check).await);
    }
    shown.sort_by_key(|one| one.check.as_ref().map_or((u8::MAX, one.row.starts_s), |check| check.order));
    let later = later.into_iter().map(|row| (checks.remove(&row.id), row)).map(|(check, row)| (row, check)).collect();
    let topics = offices.iter().map(|(office, _)| format!("checks:{office}"));
    let topics = topics.chain(shown.iter().map(|one| format!("claim:{}", one.row.claim)));
    let frame = topics.take(MOST_LIVE).fold(seat.frame().wide().again_after(20), Frame::live);
    let names: Vec<String> = match offices.len() {
        0..=MOST_NAMED => offices.into_iter().map(|(_, name)| name).collect(),
        _ => seat.sites().iter().map(|site| seat.site_name(site.as_str())).collect(),
    };
    let shown =
        ChecksPage { frame, c: CheckWords::of(seat.language()), offices: names.join(", "), going: shown, later, over };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

async fn going_on(seat: &Seat, row: Row, check: Option<Shown>) -> Going {
    let claim = seat.may(pb::GetClaimRequest { claim_id: row.claim.clone(), ..Default::default() }).await;
    let claim = claim.and_then(|answer| answer.claim).unwrap_or_default();
    let standing = claim.standing.unwrap_or_default();
    let label = |id: &String| evidence_label(seat, id);
    Going {
        queries: standing.open_queries.into_iter().map(|query| query.text).collect(),
        evidence: standing.evidence_to_come.iter().map(label).collect(),
        missing: CheckWords::of(seat.language()).missing_answers(standing.missing_answers),
        is_complete: standing.missing_answers == 0,
        next_step: crate::refused::of_sentence(seat.language(), &standing.next_step),
        check,
        row,
    }
}

/// What the evidence list calls it.
fn evidence_label(seat: &Seat, id: &str) -> String {
    let definition = seat.definition();
    let rule = definition.form.evidence.iter().find(|rule| rule.id == id);
    rule.map_or_else(|| id.to_owned(), |rule| rule.label.in_language(seat.language()).to_owned())
}
