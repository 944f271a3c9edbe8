//! Handing a claim over: what has to be known before, and the day on which the client signed.

use super::CHECKS;
use super::claim::Checked;
use super::words::CheckWords;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::screens::day::reading::done;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use startline_api as pb;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new().route("/checks/{claim}/lodge", get(lodge).post(lodged))
}

#[derive(Template)]
#[template(path = "checks/lodge.html")]
struct LodgePage<'a> {
    frame: Frame<'a>,
    c: &'static CheckWords,
    mistakes: Mistakes,
    id: String,
    name: String,
    meeting: &'static str,
    missing: u32,
    evidence: Vec<String>,
    queries: Vec<String>,
    agencies: Vec<(String, String)>,
    ticked: Vec<String>,
    signed_day: String,
    back: String,
}

async fn lodge(seat: Seat, Path(id): Path<String>) -> Answer {
    let shown = show(&seat, &id, (StatusCode::OK, Mistakes::default()), None, "").await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    id: &str,
    (status, mistakes): (StatusCode, Mistakes),
    ticked: Option<Vec<String>>,
    signed_day: &str,
) -> Result<Response, Response> {
    let c = CheckWords::of(seat.language());
    let checked = Checked::of(seat, id).await?;
    let standing = checked.standing();
    let definition = checked.sheet.definition.clone();
    let left = definition.service.agencies.iter().filter(|agency| standing.agencies_left.contains(&agency.id));
    let shown = LodgePage {
        frame: seat.frame(),
        c,
        mistakes,
        name: checked.name.clone(),
        meeting: c.meeting_is(standing.meeting()),
        missing: standing.missing_answers,
        evidence: standing.evidence_to_come.iter().map(|id| super::evidence_label(seat, id)).collect(),
        queries: standing.open_queries.into_iter().map(|query| query.text).collect(),
        agencies: left.map(|agency| (agency.id.clone(), agency.name.in_language(seat.language()).to_owned())).collect(),
        ticked: ticked.unwrap_or_else(|| standing.agencies_left.clone()),
        signed_day: signed_day.to_owned(),
        back: back_of(seat, id),
        id: id.to_owned(),
    };
    Ok(page(status, &shown))
}

/// Whoever checks claims has a page for that; others have the claim's own.
fn back_of(seat: &Seat, id: &str) -> String {
    if seat.is_any(CHECKS) { format!("/checks/{id}") } else { format!("/claims/{id}") }
}

async fn lodged(Path(id): Path<String>, posted: Posted) -> Answer {
    let c = CheckWords::of(posted.seat.language());
    let ticked: Vec<String> = posted.form.all("agencies").map(str::to_owned).collect();
    let signed_day = posted.get("signed_day");
    let again = async |mistakes: Mistakes| {
        let status = (StatusCode::UNPROCESSABLE_ENTITY, mistakes);
        show(&posted.seat, &id, status, Some(ticked.clone()), signed_day).await
    };
    // None named means all of them to the service: nobody should come to that by taking every tick away.
    if ticked.is_empty() {
        return again(Mistakes::one("agencies", c.choose_agency)).await;
    }
    let request = pb::LodgeClaimRequest {
        request_id: posted.request_id(),
        claim_id: id.clone(),
        agency_ids: ticked.clone(),
        signed_day: signed_day.trim().to_owned(),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&done(&back_of(&posted.seat, &id), "claim_lodged")),
        Err(refusal) => {
            let fields = [("agency_ids", "agencies"), ("signed_day", "signed_day")];
            again(Mistakes::of_refusal(&refusal, posted.seat.language(), &fields)).await
        }
    }
}
