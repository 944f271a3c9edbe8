//! Who takes calls and makes call-backs at a site on a day, their regular hours, and who is away.

mod absences;
mod day;
mod hours;
mod times;
mod words;

use crate::Pages;
use crate::screens::floor::glance::{ask_from, sites_seen};
use crate::seat::{Seat, instant};
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use chrono::{NaiveDate, NaiveTime};
use startline_api as pb;
use startline_api::prost_types::Timestamp;
use startline_foundation::formats::parse_date;
use startline_foundation::ids::SiteId;
use startline_rooms::access::Role;
use std::sync::Arc;

/// Who sets hours. Advisers see the roster.
const SETTERS: &[Role] = &[Role::TeamLeader, Role::Supervisor, Role::Admin];
/// Lines of a roster asked for at once, and how often, for what is gathered from all of them.
const A_PAGE: i32 = 200;
const MOST_PAGES: usize = 10;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/roster", get(day::roster))
        .route("/roster/{adviser}", get(hours::hours).post(hours::set))
        .route("/absences", get(absences::list))
        .route("/absences/report", get(absences::form).post(absences::report))
        .route("/absences/end", axum::routing::post(absences::end))
}

/// The site that is named, or the one that they work at: an administrator's first when they name none.
fn site_of(seat: &Seat, named: &str) -> Result<SiteId, Response> {
    let seen = sites_seen(seat);
    let named = SiteId::new(named);
    if seen.contains(&named) {
        return Ok(named);
    }
    seat.site().filter(|site| seen.contains(site)).or_else(|| seen.first().cloned()).ok_or_else(|| seat.no_page())
}

/// The day that is typed, or today.
fn day_of(seat: &Seat, typed: &str) -> NaiveDate {
    parse_date(typed).unwrap_or_else(|_| seat.today())
}

/// To choose another of the sites that they may see; nothing where there is one.
fn choices(seat: &Seat) -> Vec<(String, String)> {
    let seen = sites_seen(seat);
    let named = |id: &SiteId| (id.to_string(), seat.site_name(id.as_str()));
    if seen.len() > 1 { seen.iter().map(named).collect() } else { Vec::new() }
}

/// Everybody on the roster of a day.
async fn lines_of(seat: &Seat, site: &SiteId, day: NaiveDate) -> Result<Vec<pb::RosterLine>, Response> {
    let (mut lines, mut page_token) = (Vec::new(), String::new());
    for _ in 0..MOST_PAGES {
        let asked = pb::ListRosterRequest {
            site_id: site.to_string(),
            day: day.to_string(),
            page_size: A_PAGE,
            page_token: page_token.clone(),
        };
        let found = ask_from(seat, site, asked).await.map_err(|refusal| seat.refused(&refusal))?;
        lines.extend(found.lines);
        page_token = found.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    Ok(lines)
}

fn local(seat: &Seat, at: Option<&Timestamp>) -> Option<NaiveTime> {
    at.and_then(instant).map(|at| seat.local(at).1)
}

fn stretches(seat: &Seat, spans: &[pb::RosterSpan]) -> Vec<times::Stretch> {
    let one =
        |span: &pb::RosterSpan| Some((local(seat, span.start_time.as_ref())?, local(seat, span.end_time.as_ref())?));
    spans.iter().filter_map(one).collect()
}
