//! What one agency reads of a claim: its questions alone, in its own order.

use super::words::ClaimWords;
use crate::html::{Frame, page};
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;
use startline_rooms::access::Role;

#[derive(Template)]
#[template(path = "claims/agency.html")]
struct AgencyPage<'a> {
    frame: Frame<'a>,
    t: &'static ClaimWords,
    id: String,
    agency: String,
    title: String,
    sections: Vec<pb::AgencySection>,
    /// Somebody who sees the claim as well.
    sees_claim: bool,
}

pub async fn agency(seat: Seat, Path((id, agency)): Path<(String, String)>) -> Answer {
    let asked = pb::GetAgencyViewRequest { claim_id: id.clone(), agency_id: agency, as_of_time: None };
    let view = seat.need(asked).await?;
    let staff = [Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::BenefitsExpert];
    let shown = AgencyPage {
        frame: seat.frame(),
        t: ClaimWords::of(seat.language()),
        id,
        agency: view.agency_id,
        title: view.title,
        sections: view.sections,
        sees_claim: seat.is_any(&staff),
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}
