//! What was decided after missed meetings, and taking back what was decided against a claim.

use super::words::StepWords;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::screens::day::reading::named_day;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use chrono::Days;
use startline_api as pb;
use startline_foundation::formats::parse_date;
use startline_rooms::access::Role;
use std::sync::Arc;

const PAGE: i32 = 50;
/// So far back it looks of itself: as long as a decision can be taken back by the pilot's rules.
const USUAL_DAYS: u64 = 31;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new().route("/decisions", get(decisions)).route("/decisions/{claim}/reverse", post(reverse))
}

#[derive(Template)]
#[template(path = "steps/decisions.html")]
struct DecisionsPage<'a> {
    frame: Frame<'a>,
    t: &'static StepWords,
    mistakes: Mistakes,
    seat: &'a Seat,
    first: String,
    last: String,
    decisions: Vec<pb::MissesDecision>,
    next: String,
    /// The claim whose decision was to be taken back, and why.
    asked: (String, String),
}

async fn decisions(seat: Seat) -> Answer {
    let shown = show(&seat, (StatusCode::OK, Mistakes::default()), Default::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    (status, mistakes): (StatusCode, Mistakes),
    asked: (String, String),
) -> Result<Response, Response> {
    let t = StepWords::of(seat.language());
    let query = &seat.visitor.query;
    let (typed_first, typed_last) = (query.get("first").to_owned(), query.get("last").to_owned());
    let (last, is_no_last) = named_day(seat, &typed_last);
    let (named, is_no_first) = named_day(seat, &typed_first);
    let first = if typed_first.is_empty() || is_no_first { last - Days::new(USUAL_DAYS) } else { named };
    let request = pb::ListDecisionsRequest {
        first_day: first.min(last).to_string(),
        last_day: last.to_string(),
        page_size: PAGE,
        page_token: query.get("page").to_owned(),
        claim_id: String::new(),
    };
    let answer = seat.need(request).await?;
    let mut mistakes = mistakes;
    for (is_wrong, field) in [(is_no_first, "first"), (is_no_last, "last")] {
        if is_wrong {
            mistakes = mistakes.and(field, t.no_day);
        }
    }
    let shown = DecisionsPage {
        frame: seat.frame().wide(),
        t,
        mistakes,
        seat,
        first: typed_first,
        last: typed_last,
        decisions: answer.decisions,
        next: answer.next_page_token,
        asked,
    };
    Ok(page(status, &shown))
}

async fn reverse(Path(claim): Path<String>, posted: Posted) -> Answer {
    let request = pb::ReverseDecisionRequest {
        request_id: posted.request_id(),
        claim_id: claim.clone(),
        reason: posted.get(&field_of(&claim)).to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/claims/{claim}?done=reversed")),
        Err(refusal) => {
            let field = field_of(&claim);
            let asked = (claim, posted.get(&field).to_owned());
            let mistakes = Mistakes::of_refusal(&refusal, posted.seat.language(), &[]).all_at(field);
            show(&posted.seat, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), asked).await
        }
    }
}

/// Each decision of the page is asked the same, so that the field says of which claim it is.
fn field_of(claim: &str) -> String {
    format!("reason-{claim}")
}

impl DecisionsPage<'_> {
    fn field(decision: &pb::MissesDecision) -> String {
        field_of(&decision.claim_id)
    }

    fn missed(&self, decision: &pb::MissesDecision) -> &'static str {
        self.t.after(decision.decision())
    }

    /// Until when it can be taken back, where it still can.
    fn until(&self, decision: &pb::MissesDecision) -> Option<String> {
        let until = parse_date(&decision.reversible_until).ok()?;
        let may = self.seat.is_any(&[Role::TeamLeader, Role::BenefitsExpert])
            && decision.reversed_time.is_none()
            && self.seat.today() <= until;
        may.then(|| self.seat.day(until))
    }

    fn asked_on(&self, decision: &pb::MissesDecision) -> String {
        parse_date(&decision.asked_day).map(|day| self.seat.day(day)).unwrap_or_default()
    }

    fn is_asked(&self, decision: &pb::MissesDecision) -> bool {
        self.asked.0 == decision.claim_id
    }

    fn reason(&self, decision: &pb::MissesDecision) -> &str {
        if self.is_asked(decision) { &self.asked.1 } else { "" }
    }

    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("first", &self.first).append_pair("last", &self.last).append_pair("page", &self.next);
        query.finish()
    }
}
