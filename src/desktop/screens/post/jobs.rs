//! What is said of one printing: begun, kept for longer, returned, printed, spoiled, posted, brought back. Each field is named
//! after the printing, since a pack's page shows several.

use super::number;
use super::packs::{after, given, lacking, plain};
use super::words::PostWords;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use axum::extract::Path;
use startline_api as pb;
use startline_foundation::formats::parse_date;

/// As long as a lease that nobody asked to be another.
const LONGER_S: i32 = 300;

pub async fn back(Path((id, _, _)): Path<(String, String, String)>, seat: Seat) -> Answer {
    Ok(seat.then(&format!("/post/packs/{}", plain(&id))))
}

pub async fn report(Path((id, job, what)): Path<(String, String, String)>, posted: Posted) -> Answer {
    let field = |name: &str| format!("{name}-{job}");
    let text = |name: &str| posted.get(&field(name)).to_owned();
    let (request_id, print_job_id) = (posted.request_id(), job.clone());
    let attempt = posted.get("attempt").parse().unwrap_or(0);
    let p = PostWords::of(posted.seat.language());
    let needed = match what.as_str() {
        "begin" => Some(("printer", p.printer_needed)),
        "return" => Some(("return", p.why_needed)),
        "printed" => Some(("pages", p.number_wrong)),
        "spoiled" if text("spoiled").trim().is_empty() => Some(("spoiled", p.number_wrong)),
        "spoiled" => Some(("why", p.why_needed)),
        "came-back" => Some(("back", p.why_needed)),
        _ => None,
    };
    if let Some((name, what)) = needed.filter(|(name, _)| text(name).trim().is_empty()) {
        let field = field(name);
        return lacking(posted, &id, field, what).await;
    }
    match what.as_str() {
        "begin" => {
            let (printer, printer_job_name) = (text("printer"), String::new());
            let request = pb::ReportPrintingRequest { request_id, print_job_id, attempt, printer, printer_job_name };
            let answered = posted.ask(request).await?;
            after(posted, &id, "job_begun", answered, &[("printer", field("printer"))]).await
        }
        "longer" => {
            let request = pb::ExtendLeaseRequest { request_id, print_job_id, attempt, lease_seconds: LONGER_S };
            let answered = posted.ask(request).await?;
            after(posted, &id, "lease_extended", answered, &[("attempt", field("printing"))]).await
        }
        "return" => {
            let request = pb::ReturnPrintJobRequest { request_id, print_job_id, attempt, reason: text("return") };
            let answered = posted.ask(request).await?;
            after(posted, &id, "job_returned", answered, &[("reason", field("return"))]).await
        }
        "printed" | "spoiled" => {
            let name = if what == "printed" { "pages" } else { "spoiled" };
            let Ok(pages) = number(&text(name)) else {
                let field = field(name);
                return lacking(posted, &id, field, p.number_wrong).await;
            };
            if what == "printed" {
                let request = pb::ReportPrintedRequest { request_id, print_job_id, attempt, pages };
                let answered = posted.ask(request).await?;
                return after(posted, &id, "job_printed", answered, &[("pages", field("pages"))]).await;
            }
            let reason = text("why");
            let request = pb::ReportSpoiledRequest { request_id, print_job_id, attempt, reason, pages };
            let answered = posted.ask(request).await?;
            let fields = [("reason", field("why")), ("pages", field("spoiled"))];
            after(posted, &id, "job_spoiled", answered, &fields).await
        }
        "posted" => {
            let Ok(day) = parse_date(&text("day")) else {
                let field = field("day");
                return lacking(posted, &id, field, p.not_a_day).await;
            };
            let incomplete_reason = given(&text("incomplete"));
            let request =
                pb::ReportPostedRequest { request_id, print_job_id, posted_day: day.to_string(), incomplete_reason };
            let answered = posted.ask(request).await?;
            let fields = match &answered {
                Err(refusal) if refusal.reason == "PACK_INCOMPLETE" => [("", field("incomplete")), ("", field("day"))],
                _ => [("posted_day", field("day")), ("incomplete_reason", field("incomplete"))],
            };
            after(posted, &id, "job_posted", answered, &fields).await
        }
        "came-back" => {
            let request = pb::ReportReturnedRequest { request_id, print_job_id, reason: text("back") };
            let answered = posted.ask(request).await?;
            after(posted, &id, "pack_came_back", answered, &[("reason", field("back"))]).await
        }
        _ => Ok(posted.seat.no_page()),
    }
}
