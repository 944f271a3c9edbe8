//! What the start-up call found, for whoever meets the client next.

use super::words::ClaimWords;
use crate::html::{Frame, page};
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;

#[derive(Template)]
#[template(path = "claims/told.html")]
struct ToldPage<'a> {
    frame: Frame<'a>,
    t: &'static ClaimWords,
    id: String,
    told: Option<Told>,
}

struct Told {
    when: String,
    by: String,
    state: &'static str,
    stages: Vec<pb::SummaryStage>,
    notes: Vec<(String, String)>,
    notes_withheld: bool,
    covered: Vec<String>,
    /// What was left open, and why.
    open: Vec<(String, String)>,
    hints: Vec<String>,
}

pub async fn told(Path(id): Path<String>, seat: Seat) -> Answer {
    let t = ClaimWords::of(seat.language());
    let found = seat.need(pb::GetStartUpSummaryRequest { claim_id: id.clone() }).await?.summary;
    let shown = ToldPage {
        frame: seat.frame().live(format!("claim:{id}")),
        t,
        told: found.map(|found| Told::of(&seat, t, found)),
        id,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

impl Told {
    fn of(seat: &Seat, t: &'static ClaimWords, found: pb::StartUpSummary) -> Self {
        let state = match (found.finished, found.park_time.is_some()) {
            (true, _) => t.told_done,
            (false, true) => t.told_parked,
            (false, false) => t.told_going,
        };
        let is_open = |area: &&pb::KeyArea| matches!(area.state(), pb::KeyAreaState::Open | pb::KeyAreaState::Skipped);
        let covered = found.key_areas.iter().filter(|area| area.state() == pb::KeyAreaState::Covered);
        let open = found.key_areas.iter().filter(is_open).map(|area| (area.name.clone(), area.reason.clone()));
        let skipped = found.skipped_stages.iter().map(|stage| (stage.title.clone(), stage.reason.clone()));
        let notes = found.notes.iter().map(|note| (seat.when(note.time.as_ref()), note.note.clone()));
        Self {
            when: seat.when(found.start_time.as_ref()),
            by: found.user_name,
            state,
            covered: covered.map(|area| area.name.clone()).collect(),
            open: open.chain(skipped).collect(),
            notes: notes.collect(),
            notes_withheld: found.notes_withheld,
            stages: found.stages,
            hints: found.hints,
        }
    }
}
