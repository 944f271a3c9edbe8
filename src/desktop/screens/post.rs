//! The print room: what waits, what somebody has, what is printed and to be posted; packs, batches, and what cannot be printed.

mod batches;
mod exceptions;
mod jobs;
mod packs;
mod queue;
mod words;

use crate::Pages;
use crate::seat::Seat;
use axum::Router;
use axum::routing::{get, post};
use chrono::NaiveDate;
use startline_api as pb;
use startline_rooms::access::Role;
use std::sync::Arc;
use words::PostWords;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/post", get(queue::show))
        .route("/post/lease", get(queue::back).post(queue::lease))
        .route("/post/printed", get(queue::back).post(queue::report_all))
        .route("/post/scan", get(queue::back).post(queue::scan))
        .route("/post/jobs", get(queue::list))
        .route("/post/hand-over", get(packs::to_hand_over))
        .route("/post/packs/{pack}", get(packs::show))
        .route("/post/packs/{pack}/document.pdf", get(packs::document))
        .route("/post/packs/{pack}/hand-over", get(packs::back).post(packs::hand_over))
        .route("/post/packs/{pack}/cancel", get(packs::back).post(packs::cancel))
        .route("/post/packs/{pack}/reprint", get(packs::back).post(packs::reprint))
        .route("/post/packs/{pack}/jobs/{job}/{what}", get(jobs::back).post(jobs::report))
        .route("/post/batches", get(batches::list))
        .route("/post/batches/{day}/{class}", get(batches::manifest).post(batches::count))
        .route("/post/exceptions", get(exceptions::list))
        .route("/post/exceptions/{exception}", get(exceptions::show).post(exceptions::mend))
        .route("/post/exceptions/{exception}/dismiss", post(exceptions::dismiss))
}

/// The parts of the print room, and which of them is shown.
pub struct Tabs {
    pub here: &'static str,
    pub exceptions: u32,
}

/// A job as a list shows it.
pub struct Line {
    pub id: String,
    pub pack: String,
    pub reference: String,
    pub kind: String,
    pub pages: u32,
    pub span: String,
    pub sheets: u32,
    pub look: &'static str,
    pub sides: &'static str,
    pub is_large: bool,
    pub envelope: &'static str,
    pub post: String,
    pub class: &'static str,
    pub is_first_class: bool,
    pub state: &'static str,
    pub attempt: u32,
    pub holder: String,
    pub is_mine: bool,
    pub until: String,
    pub printer: String,
    pub is_uncertain: bool,
    pub reason: String,
    pub printed_pages: u32,
}

impl Line {
    fn of(seat: &Seat, job: &pb::PrintJob) -> Self {
        let p = PostWords::of(seat.language());
        Self {
            id: job.print_job_id.clone(),
            pack: job.pack_id.clone(),
            reference: job.reference.clone(),
            kind: p.kind(&job.kind),
            pages: job.pages,
            span: if job.first_page > 1 { format!("{}-{}", job.first_page, job.last_page) } else { String::new() },
            sheets: job.sheets,
            look: p.look(job.look()),
            sides: p.sides(job.sides()),
            is_large: job.large_print,
            envelope: p.envelope(job.envelope()),
            post: day_named(seat, &job.post_day),
            class: p.class(job.post_class()),
            is_first_class: job.post_class() == pb::PostClass::First,
            state: p.is(job.state()),
            attempt: job.attempt,
            holder: job.leased_by_name.clone(),
            is_mine: job.leased_by_user_id == seat.user().id.to_string(),
            until: seat.time(job.lease_expire_time.as_ref()),
            printer: job.printer.clone(),
            is_uncertain: job.is_uncertain,
            reason: job.reason.clone(),
            printed_pages: job.printed_pages,
        }
    }
}

/// Whether they print, or look on.
fn prints(seat: &Seat) -> bool {
    seat.is(Role::PrintRoom)
}

/// "Tuesday 3 March 2026" for a day as the API writes it.
fn day_named(seat: &Seat, day: &str) -> String {
    day.parse::<NaiveDate>().map(|day| seat.day(day)).unwrap_or_default()
}

/// What was typed as a count; none when nothing was.
///
/// # Errors
/// When it is no whole number.
fn number(text: &str) -> Result<Option<u32>, ()> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| ()),
    }
}
