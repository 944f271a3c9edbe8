//! What an agency's people read: of claims that were handed over to it, its own questions, in its own order.

mod words;

use super::people::agency_name;
use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::screens::claims::documents::streamed;
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use startline_api as pb;
use std::sync::Arc;
use words::AgencyWords;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/agency", get(choose))
        .route("/agency/{agency}/claims/{claim}", get(view))
        .route("/agency/{agency}/claims/{claim}/form.pdf", get(document))
        .route("/agency/{agency}/claims/{claim}/data.json", get(data))
}

#[derive(Template)]
#[template(path = "agency/choose.html")]
struct Choose<'a> {
    frame: Frame<'a>,
    a: &'static AgencyWords,
    mistakes: Mistakes,
    claim: String,
    agency: String,
    agencies: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "agency/view.html")]
struct View<'a> {
    frame: Frame<'a>,
    a: &'static AgencyWords,
    agency: String,
    agency_name: String,
    claim: String,
    view: pb::GetAgencyViewResponse,
}

/// The agencies for which somebody reads now.
fn agencies(seat: &Seat) -> Vec<(String, String)> {
    let duties = seat.user().duties.iter().filter(|duty| duty.holds(seat.now));
    let mut ids: Vec<String> = duties.filter_map(|duty| duty.agency.as_ref().map(ToString::to_string)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(|id| (id.clone(), agency_name(seat, &id))).collect()
}

async fn choose(seat: Seat) -> Answer {
    let a = AgencyWords::of(seat.language());
    let agencies = agencies(&seat);
    let (claim, agency) = (seat.visitor.query.get("claim").trim(), seat.visitor.query.get("agency").trim());
    let agency = if agency.is_empty() { agencies.first().map_or("", |(id, _)| id.as_str()) } else { agency };
    let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let mistakes = match (seat.visitor.query.has("claim"), claim.is_empty() || !is_plain(claim) || !is_plain(agency)) {
        (true, false) => return Ok(seat.then(&format!("/agency/{agency}/claims/{claim}"))),
        (true, true) => Mistakes::one("claim", a.claim_needed),
        (false, _) => Mistakes::default(),
    };
    let status = if mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (claim, agency) = (claim.to_owned(), agency.to_owned());
    let shown = page(status, &Choose { frame: seat.frame(), a, mistakes, claim, agency, agencies });
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn asked(seat: &Seat, agency: &str, claim: &str) -> Result<pb::GetAgencyViewResponse, Response> {
    let request =
        pb::GetAgencyViewRequest { claim_id: claim.to_owned(), agency_id: agency.to_owned(), as_of_time: None };
    seat.need(request).await
}

async fn view(Path((agency, claim)): Path<(String, String)>, seat: Seat) -> Answer {
    let view = asked(&seat, &agency, &claim).await?;
    let shown = View {
        frame: seat.frame(),
        a: AgencyWords::of(seat.language()),
        agency_name: agency_name(&seat, &agency),
        agency,
        claim,
        view,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

async fn document(Path((agency, claim)): Path<(String, String)>, seat: Seat) -> Answer {
    let name = format!("{agency}-form");
    let asked = pb::GetAgencyDocumentRequest { claim_id: claim, agency_id: agency, as_of_time: None };
    streamed(&seat, &asked, &name, |answer: pb::GetAgencyDocumentResponse| answer.chunk).await
}

/// As a program reads it.
async fn data(Path((agency, claim)): Path<(String, String)>, seat: Seat) -> Answer {
    let view = asked(&seat, &agency, &claim).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"claim.json\""),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((StatusCode::OK, headers, view.json).into_response())
}
