//! Whose check it is: how it stands beside its claim, and taking it, handing it back, saying that the claim is complete.

use super::words::CheckWords;
use crate::Pages;
use crate::screens::day::reading::done;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use axum::Router;
use axum::extract::Path;
use axum::routing::post;
use startline_api as pb;
use startline_rooms::access::Role;
use std::collections::HashMap;
use std::sync::Arc;

/// Pages of 200 of an office's day: more than any has.
const MOST_PAGES: usize = 5;
/// Who sees how checks stand.
pub const SEE_CHECKS: &[Role] = &[Role::BenefitsExpert, Role::PersonalAdviser, Role::TeamLeader];

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/checks/{claim}/take", post(take))
        .route("/checks/{claim}/hand-back", post(hand_back))
        .route("/checks/{claim}/complete", post(complete))
        .route("/checks/{claim}/form-back", post(form_back))
}

/// A query as a list shows it.
pub struct Asked {
    pub text: String,
    /// Empty while it is open.
    pub outcome: String,
}

/// How a check stands, for whoever looks.
pub struct Shown {
    pub appointment: String,
    pub etag: String,
    pub state: pb::CheckState,
    pub stands: String,
    pub tag: &'static str,
    /// "here for 7 minutes", and whether that is longer than is aimed at.
    pub here: String,
    pub is_over: bool,
    pub form: String,
    pub is_form_in: bool,
    pub open: Vec<Asked>,
    pub answered: Vec<Asked>,
    pub may_take: bool,
    pub may_hand_back: bool,
    pub may_complete: bool,
    /// The first is looked at first.
    pub order: (u8, i64),
}

impl Shown {
    pub fn of(seat: &Seat, check: pb::Check) -> Self {
        use pb::CheckState as State;
        let c = CheckWords::of(seat.language());
        let (state, is_expert) = (check.state(), seat.is(Role::BenefitsExpert));
        let is_mine = check.checked_by == seat.user().id.to_string();
        let is_taken = matches!(state, State::Taken | State::Asked | State::Answered);
        let first = match state {
            State::Answered if is_mine => 0,
            State::Waiting => 1,
            State::Taken if is_mine => 2,
            State::Answered | State::Taken => 3,
            State::Asked => 4,
            State::Complete => 5,
            State::Expected | State::Lodged | State::Unspecified => 6,
        };
        let since = check.arrived_time.as_ref().or(check.start_time.as_ref()).map_or(0, |at| at.seconds);
        let asked = |all: Vec<pb::ClaimQuery>| {
            all.into_iter().map(|query| Asked { text: query.text, outcome: query.outcome }).collect::<Vec<_>>()
        };
        let by = if is_mine { c.you.to_owned() } else { check.checked_by_name.clone() };
        Self {
            stands: c.check_is(state, &by),
            tag: match state {
                State::Complete | State::Lodged => "good",
                State::Asked => "bad",
                State::Waiting | State::Answered => "warn",
                State::Taken | State::Expected | State::Unspecified => "",
            },
            here: check.minutes_since_arrival.map(|minutes| c.here_for(minutes)).unwrap_or_default(),
            is_over: check.over_aim,
            is_form_in: check.form_back_time.is_some(),
            form: match &check.form_back_time {
                Some(at) => format!("{} {}", c.form_in, seat.when(Some(at))),
                None => c.form_not_in.to_owned(),
            },
            open: asked(check.open_queries),
            answered: asked(check.answered_queries),
            may_take: is_expert && matches!(state, State::Waiting | State::Expected),
            may_hand_back: is_taken && (is_mine && is_expert || seat.is(Role::TeamLeader)),
            may_complete: is_taken && is_mine && is_expert,
            order: (first, since),
            appointment: check.appointment_id,
            etag: check.etag,
            state,
        }
    }

    /// The client is not here yet; only a form that is in can be looked at.
    pub fn may_be_taken(&self) -> bool {
        self.may_take && (self.state == pb::CheckState::Waiting || self.is_form_in)
    }
}

/// The checks of an office's day, by their meeting; none for whoever sees none.
pub async fn of_office(seat: &Seat, office_id: &str, day: chrono::NaiveDate) -> HashMap<String, Shown> {
    let (mut all, mut page_token) = (HashMap::new(), String::new());
    if !seat.is_any(SEE_CHECKS) {
        return all;
    }
    for _ in 0..MOST_PAGES {
        let (office_id, day) = (office_id.to_owned(), day.to_string());
        let asked = pb::ListChecksRequest { office_id, day, page_size: 200, page_token };
        let Some(answer) = seat.may(asked).await else { break };
        all.extend(answer.checks.into_iter().map(|check| (check.appointment_id.clone(), Shown::of(seat, check))));
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    all
}

/// Back to where it was done: the list, or the claim.
fn back(posted: &Posted, claim: &str, what: &str) -> Answer {
    let path = if posted.get("back") == "list" { "/checks".to_owned() } else { format!("/checks/{claim}") };
    posted.then(&done(&path, what))
}

async fn take(Path(claim): Path<String>, posted: Posted) -> Answer {
    let request = pb::TakeCheckRequest {
        request_id: posted.request_id(),
        appointment_id: posted.get("appointment").to_owned(),
        etag: posted.get("etag").to_owned(),
    };
    posted.need(request).await?;
    // Whoever takes it looks at it.
    posted.then(&done(&format!("/checks/{claim}"), "check_taken"))
}

async fn hand_back(Path(claim): Path<String>, posted: Posted) -> Answer {
    let request = pb::HandBackCheckRequest {
        request_id: posted.request_id(),
        appointment_id: posted.get("appointment").to_owned(),
        etag: posted.get("etag").to_owned(),
    };
    posted.need(request).await?;
    back(&posted, &claim, "check_handed_back")
}

async fn complete(Path(claim): Path<String>, posted: Posted) -> Answer {
    let request = pb::CompleteCheckRequest {
        request_id: posted.request_id(),
        appointment_id: posted.get("appointment").to_owned(),
        etag: posted.get("etag").to_owned(),
    };
    posted.need(request).await?;
    back(&posted, &claim, "check_completed")
}

async fn form_back(Path(claim): Path<String>, posted: Posted) -> Answer {
    let request =
        pb::ReportFormBackRequest { request_id: posted.request_id(), claim_id: claim.clone(), barcode: String::new() };
    posted.need(request).await?;
    back(&posted, &claim, "form_back")
}
