//! Call-backs whose place is no longer there, with the least change proposed for each.

use super::glance::{ask_from, encoded};
use super::words::FloorWords;
use crate::html::{Frame, page};
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;
use startline_foundation::ids::SiteId;
use startline_rooms::access::Role;

/// Who may open a call-back.
pub const OPENERS: &[Role] = &[Role::Adviser, Role::TeamLeader, Role::Supervisor];
const A_PAGE: i32 = 50;

pub struct Risk {
    pub id: String,
    pub name: String,
    pub when: String,
    pub is_urgent: bool,
    pub why: String,
    /// The least change that would do; empty where none was found.
    pub proposal: String,
}

impl Risk {
    pub fn of(seat: &Seat, one: &pb::CallbackAtRisk) -> Self {
        let f = FloorWords::of(seat.language());
        let callback = one.callback.clone().unwrap_or_default();
        let why = f.risk(one.reason());
        Self {
            id: callback.callback_id,
            name: callback.client_name,
            when: seat.span(callback.start_time.as_ref(), callback.end_time.as_ref()),
            is_urgent: callback.urgent,
            why: match one.away_adviser_name.as_str() {
                "" => why.to_owned(),
                name => format!("{why}: {name}"),
            },
            proposal: one.proposals.first().map_or_else(String::new, |move_to| proposal(seat, f, move_to)),
        }
    }
}

fn proposal(seat: &Seat, f: &FloorWords, to: &pb::ProposedMove) -> String {
    match (&to.slot, to.keep_time) {
        (_, true) => format!("{} {}", f.same_time_with, to.adviser_name),
        (Some(slot), false) => {
            format!("{} {}", f.another_time, seat.span(slot.start_time.as_ref(), slot.end_time.as_ref()))
        }
        (None, false) => String::new(),
    }
}

#[derive(Template)]
#[template(path = "floor/risk.html")]
struct AtRisk<'a> {
    frame: Frame<'a>,
    f: &'static FloorWords,
    site_id: String,
    site: String,
    risks: Vec<Risk>,
    may_open: bool,
    next: String,
}

pub async fn at_risk(seat: Seat, Path(site): Path<String>) -> Answer {
    let site = SiteId::new(&site);
    let asked = pb::ListCallbacksAtRiskRequest {
        site_id: site.to_string(),
        page_size: A_PAGE,
        page_token: seat.visitor.query.get("page").to_owned(),
        ..Default::default()
    };
    let found = ask_from(&seat, &site, asked).await.map_err(|refusal| seat.refused(&refusal))?;
    let f = FloorWords::of(seat.language());
    let mut frame = seat.frame();
    frame.done = frame.done.or_else(|| f.sentence(seat.visitor.query.get("done")));
    let shown = AtRisk {
        frame,
        f,
        site: seat.site_name(site.as_str()),
        site_id: site.to_string(),
        risks: found.at_risk.iter().map(|one| Risk::of(&seat, one)).collect(),
        may_open: seat.is_any(OPENERS),
        next: encoded(&found.next_page_token),
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}
