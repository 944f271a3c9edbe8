//! The floor: every site at a glance, one of them whole, a wallboard for a wall, a desk to free, and sites that are declared
//! lost. What a floor is like now comes from [`glance::floor_snapshot`] alone.

pub mod chart;
mod desk;
pub mod glance;
mod lost;
mod lost_words;
mod risk;
mod site;
mod wall;
mod words;

use crate::Pages;
use crate::html::{Frame, page};
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use glance::{Glance, floor_summaries, sites_seen};
use startline_api as pb;
use startline_foundation::ids::SiteId;
use startline_rooms::access::Role;
use startline_service::methods::RefusalKind;
use std::sync::Arc;
use words::FloorWords;

/// Who may see floors and reports.
pub const LEADERS: &[Role] = &[Role::TeamLeader, Role::Supervisor, Role::Admin];
/// For browsers without a script.
const AGAIN_AFTER_S: u32 = 10;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/floor", get(floors))
        .route("/floor/{site}", get(site::site))
        .route("/floor/{site}/at-risk", get(risk::at_risk))
        .route("/floor/{site}/desks/{adviser}", get(desk::desk).post(desk::free))
        .route("/floor/contingency", get(lost::list))
        .route("/floor/contingency/declare", get(lost::form).post(lost::declare))
        .route("/floor/contingency/check", get(lost::check))
        .route("/floor/contingency/end", get(lost::ending).post(lost::end))
        .route("/wall", get(wall::wall))
}

#[derive(Template)]
#[template(path = "floor/floors.html")]
struct Floors<'a> {
    frame: Frame<'a>,
    f: &'static FloorWords,
    sites: Vec<Glance>,
    /// Those that could not be asked.
    unseen: Vec<String>,
}

/// All floors that they may see; whoever may see one goes straight there.
async fn floors(seat: Seat) -> Answer {
    let sites = sites_seen(&seat);
    if let ([only], true) = (sites.as_slice(), seat.is_any(LEADERS)) {
        return Ok(seat.then(&format!("/floor/{only}")));
    }
    let (glances, unseen) = look(&seat, &sites).await?;
    let frame = seat.frame().wide().again_after(AGAIN_AFTER_S).live(floors_topic(&glances));
    let shown = page(StatusCode::OK, &Floors { frame, f: FloorWords::of(seat.language()), sites: glances, unseen });
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

/// What a window listens to that shows these (`live.rs`).
fn floors_topic(shown: &[Glance]) -> String {
    let ids: Vec<&str> = shown.iter().map(|glance| glance.id.as_str()).collect();
    format!("floors:{}", ids.join(","))
}

/// The floors of these, and the names of those that cannot be shown now. What is not theirs is left out.
async fn look(seat: &Seat, sites: &[SiteId]) -> Result<(Vec<Glance>, Vec<String>), axum::response::Response> {
    // An administrator's are asked for at once; others ask from each site where they work.
    let asked: Vec<&[SiteId]> = match seat.is(Role::Admin) {
        true => vec![sites],
        false => sites.chunks(1).collect(),
    };
    let (mut glances, mut unseen, mut refused) = (Vec::new(), Vec::new(), None);
    for some in asked {
        match floor_summaries(seat, some).await {
            Ok(floors) => {
                let glance = |floor: &pb::FloorChange| {
                    let summary = floor.summary.as_ref()?;
                    Some(Glance::of_summary(seat, summary, &floor.waiting_calls))
                };
                glances.extend(floors.iter().filter_map(glance));
            }
            Err(refusal) => match refusal.kind {
                RefusalKind::Denied | RefusalKind::SignedOut | RefusalKind::NotFound => refused = Some(refusal),
                _ => unseen.extend(some.iter().map(|site| seat.site_name(site.as_str()))),
            },
        }
    }
    // In the order of the definition, whatever changed first.
    glances.sort_by_key(|glance| sites.iter().position(|site| site.as_str() == glance.id));
    match (refused, glances.is_empty() && unseen.is_empty()) {
        (Some(refusal), true) => Err(seat.refused(&refusal)),
        _ => Ok((glances, unseen)),
    }
}
