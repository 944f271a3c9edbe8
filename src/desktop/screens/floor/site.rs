//! One site's floor whole: who waits, who does what, how today went, and the call-backs that are due or at risk.

use super::chart::{Chart, Column, Scale, Series, Set};
use super::glance::{Glance, ask_from, duration, floor_snapshot, is_leaving, is_missing_calls, is_there, percent};
use super::risk::Risk;
use super::words::FloorWords;
use super::{AGAIN_AFTER_S, sites_seen};
use crate::html::{Frame, page};
use crate::screens::desk::Promised;
use crate::seat::{Seat, instant, timestamp};
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use startline_api as pb;
use startline_foundation::formats::CallerNumber;
use startline_foundation::ids::SiteId;
use startline_rooms::access::Role;
use std::collections::BTreeMap;

/// Of more, those are shown who do what was chosen.
const MOST_SHOWN: usize = 200;
/// Call-backs shown here; the rest are on their own page.
const FEW: i32 = 8;
const HALF_HOUR: TimeDelta = TimeDelta::minutes(30);

#[derive(Template)]
#[template(path = "floor/site.html")]
struct SitePage<'a> {
    frame: Frame<'a>,
    f: &'static FloorWords,
    site: Glance,
    has_others: bool,
    queue: Vec<Waiting>,
    states: Vec<StateTab>,
    groups: Vec<Group>,
    is_too_many: bool,
    since_start: [(&'static str, u64); 5],
    chart: Option<Chart>,
    half_hours: Vec<HalfHourLine>,
    /// None: it is shown to whoever works there.
    due: Option<Vec<Promised>>,
    more_due: bool,
    risks: Vec<Risk>,
    may_see_risks: bool,
    may_open: bool,
}

struct Waiting {
    id: String,
    number: String,
    since_s: i64,
    waited: String,
    needs: Vec<String>,
    is_urgent: bool,
    what: &'static str,
    still: String,
}

struct StateTab {
    word: &'static str,
    name: &'static str,
    many: usize,
    is_chosen: bool,
}

struct Group {
    word: &'static str,
    name: &'static str,
    desks: Vec<DeskLine>,
}

struct DeskLine {
    id: String,
    name: String,
    skills: String,
    /// Beside the name: the reason of a break, until when notes are written, for what they are kept.
    more: String,
    until_s: Option<i64>,
    until: String,
    /// Since when the status is what it is, and who made it so where it was not they.
    since: String,
    by: String,
    next: String,
    missed: u32,
    is_missing_calls: bool,
}

struct HalfHourLine {
    start: String,
    entered: u64,
    answered: u64,
    level: String,
    abandoned: u64,
    overflow: String,
    p50: String,
    p90: String,
}

/// What somebody does, by the word that an address has.
const STATES: [&str; 7] = ["free", "ringing", "talking", "writing", "out", "break", "leaving"];

fn state_of(desk: &pb::Desk) -> &'static str {
    match (desk.state(), desk.status()) {
        _ if is_leaving(desk) => "leaving",
        (pb::AdviserState::Offered, _) => "ringing",
        (pb::AdviserState::OnCall, _) => "talking",
        (pb::AdviserState::WrapUp, _) => "writing",
        (pb::AdviserState::Outbound, _) => "out",
        (_, pb::AdviserStatus::OnBreak) => "break",
        _ => "free",
    }
}

fn state_name(f: &FloorWords, word: &str) -> &'static str {
    match word {
        "ringing" => f.ringing,
        "talking" => f.talking,
        "writing" => f.writing,
        "out" => f.out,
        "break" => f.on_break,
        "leaving" => f.signed_out,
        _ => f.free,
    }
}

pub async fn site(seat: Seat, Path(site): Path<String>) -> Answer {
    let f = FloorWords::of(seat.language());
    let site = SiteId::new(&site);
    let floor = floor_snapshot(&seat, &site).await.map_err(|refusal| seat.refused(&refusal))?;
    let glance = Glance::of(&seat, &floor);
    let chosen = STATES.into_iter().find(|word| *word == seat.visitor.query.get("state"));
    let there: Vec<&pb::Desk> = floor.advisers.iter().filter(|desk| is_there(desk)).collect();
    let is_too_many = chosen.is_none() && there.len() > MOST_SHOWN;
    let half_hours = half_hours(&seat, &site, &floor).await;
    let due = match seat.is_any(&[Role::Adviser, Role::TeamLeader, Role::Supervisor]) {
        true => ask_from(&seat, &site, pb::ListDueCallbacksRequest { page_size: FEW, ..Default::default() }).await.ok(),
        false => None,
    };
    let risks = pb::ListCallbacksAtRiskRequest { site_id: site.to_string(), page_size: FEW, ..Default::default() };
    let risks = ask_from(&seat, &site, risks).await.ok();
    let chart = day_told(&seat, f, &site, &half_hours);
    let mut frame = seat.frame().wide().live(format!("floor:{site}")).again_after(AGAIN_AFTER_S);
    frame.done = frame.done.or_else(|| Some(f.freed).filter(|_| seat.visitor.query.get("done") == "freed"));
    let page_of = SitePage {
        frame,
        f,
        has_others: sites_seen(&seat).len() > 1,
        queue: floor.waiting_calls.iter().map(|call| waiting(&seat, f, call)).collect(),
        states: STATES.into_iter().map(|word| tab(f, word, &there, chosen)).collect(),
        groups: match is_too_many {
            // Those about whom something is to be done, all the same.
            true => groups(&seat, f, there.iter().copied().filter(|desk| is_missing_calls(desk)), None),
            false => groups(&seat, f, there.iter().copied(), chosen),
        },
        is_too_many,
        since_start: [
            (f.entered, floor.entered),
            (f.answered, floor.answered),
            (f.overflowed, floor.overflowed),
            (f.abandoned, floor.abandoned),
            (f.diverted, floor.diverted),
        ],
        chart,
        half_hours: half_hours.iter().map(|one| line(&seat, one)).collect(),
        more_due: due.as_ref().is_some_and(|due| !due.next_page_token.is_empty()),
        due: due.map(|due| due.callbacks.iter().map(|callback| Promised::of(&seat, callback)).collect()),
        may_see_risks: risks.is_some(),
        risks: risks.map(|risks| risks.at_risk.iter().map(|one| Risk::of(&seat, one)).collect()).unwrap_or_default(),
        may_open: seat.is_any(super::risk::OPENERS),
        site: glance,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &page_of)))
}

fn waiting(seat: &Seat, f: &FloorWords, call: &pb::WaitingCall) -> Waiting {
    let since_s = call.entered_time.as_ref().and_then(instant).map_or(0, |at| at.timestamp());
    let number = CallerNumber::read(&call.caller_number).map(|number| number.grouped());
    Waiting {
        id: call.call_id.clone(),
        number: match (number, call.caller_number.is_empty()) {
            (Some(number), _) => number,
            (None, true) => f.withheld.to_owned(),
            (None, false) => call.caller_number.clone(),
        },
        since_s,
        waited: super::glance::clock(seat.now.timestamp() - since_s),
        needs: call.needs.iter().map(|need| skill(seat, need)).collect(),
        is_urgent: call.urgent,
        what: match (call.away, call.seeking) {
            (true, _) => f.away,
            (false, true) => f.seeking,
            (false, false) => f.queued,
        },
        still: duration(call.estimated_wait.as_ref()),
    }
}

/// A skill by its name in the page's language.
fn skill(seat: &Seat, word: &str) -> String {
    let f = FloorWords::of(seat.language());
    match word {
        "inbound" => return f.skill_inbound.to_owned(),
        "outbound" => return f.skill_outbound.to_owned(),
        _ => {}
    }
    let definition = seat.definition();
    let known = definition.service.telephone.skills.iter().find(|skill| skill.id == *word);
    known.map_or_else(|| word.to_owned(), |skill| skill.name.in_language(seat.language()).to_owned())
}

fn tab(f: &FloorWords, word: &'static str, there: &[&pb::Desk], chosen: Option<&str>) -> StateTab {
    let many = there.iter().filter(|desk| state_of(desk) == word).count();
    StateTab { word, name: state_name(f, word), many, is_chosen: chosen == Some(word) }
}

fn groups<'a>(
    seat: &Seat,
    f: &FloorWords,
    desks: impl Iterator<Item = &'a pb::Desk> + Clone,
    chosen: Option<&str>,
) -> Vec<Group> {
    let shown = STATES.into_iter().filter(|word| chosen.is_none_or(|chosen| chosen == *word));
    let group = |word: &'static str| Group {
        word,
        name: state_name(f, word),
        desks: desks.clone().filter(|desk| state_of(desk) == word).map(|desk| desk_line(seat, f, desk)).collect(),
    };
    shown.map(group).filter(|group| !group.desks.is_empty()).collect()
}

fn desk_line(seat: &Seat, f: &FloorWords, desk: &pb::Desk) -> DeskLine {
    let until_s = desk.wrap_up_end_time.as_ref().and_then(instant).map(|at| at.timestamp());
    let skills: Vec<String> = desk.skills.iter().map(|word| skill(seat, word)).collect();
    DeskLine {
        id: desk.adviser_id.clone(),
        name: desk.adviser_name.clone(),
        skills: skills.join(", "),
        more: match desk.kept_for_callback {
            true => f.kept_more.to_owned(),
            false => desk.break_reason.clone(),
        },
        until: until_s.map_or_else(String::new, |until| super::glance::clock(until - seat.now.timestamp())),
        until_s,
        since: seat.time(desk.status_time.as_ref()),
        by: match desk.status_changed_by == desk.adviser_name {
            true => String::new(),
            false => desk.status_changed_by.clone(),
        },
        next: seat.when(desk.next_callback_time.as_ref()),
        missed: desk.missed_offers,
        is_missing_calls: is_missing_calls(desk),
    }
}

/// Today's, and the one that goes on as the floor has it: it is written down only when it is over.
async fn half_hours(seat: &Seat, site: &SiteId, floor: &pb::WatchFloorResponse) -> Vec<pb::HalfHour> {
    let (from, to) = seat.definition().calendar.day_bounds(seat.today());
    let asked = pb::GetServiceLevelRequest {
        site_id: site.to_string(),
        start_time: Some(timestamp(from)),
        end_time: Some(timestamp(to)),
    };
    let found = ask_from(seat, site, asked).await.map(|answer| answer.half_hours).unwrap_or_default();
    let start = |one: &pb::HalfHour| one.start_time.as_ref().and_then(instant);
    let mut by_time: BTreeMap<DateTime<Utc>, pb::HalfHour> =
        found.into_iter().filter_map(|one| Some((start(&one)?, one))).collect();
    if let Some((at, now)) = floor.half_hour.as_ref().and_then(|now| Some((start(now)?, now)))
        && now.entered > by_time.get(&at).map_or(0, |kept| kept.entered)
    {
        by_time.insert(at, now.clone());
    }
    by_time.into_values().collect()
}

fn line(seat: &Seat, one: &pb::HalfHour) -> HalfHourLine {
    HalfHourLine {
        start: seat.time(one.start_time.as_ref()),
        entered: one.entered,
        answered: one.answered,
        level: percent(one.service_level),
        abandoned: one.abandoned,
        overflow: percent(one.overflow_share),
        p50: duration(one.wait_p50.as_ref()),
        p90: duration(one.wait_p90.as_ref()),
    }
}

/// A bar for each half-hour in which the site is open today.
fn day_told(seat: &Seat, f: &'static FloorWords, site: &SiteId, half_hours: &[pb::HalfHour]) -> Option<Chart> {
    let start = |one: &pb::HalfHour| one.start_time.as_ref().and_then(instant);
    let counted: Vec<f64> = half_hours.iter().filter_map(|one| one.service_level).collect();
    if counted.is_empty() {
        return None;
    }
    let definition = seat.definition();
    let opening = definition.site(site).and_then(|site| definition.calendar.opening(site, seat.today()));
    let known: Vec<DateTime<Utc>> = half_hours.iter().filter_map(start).collect();
    let first = known.iter().copied().chain(opening.map(|(from, _)| from)).min();
    let last = known.iter().map(|at| *at + HALF_HOUR).chain(opening.map(|(_, to)| to)).max();
    let (Some(first), Some(last)) = (first, last) else { return None };
    let mut columns = Vec::new();
    let mut at = first;
    while at < last {
        let one = half_hours.iter().find(|one| start(one).is_some_and(|from| at <= from && from < at + HALF_HOUR));
        let label = seat.local(at).1.format("%H:%M").to_string();
        let share = one.and_then(|one| one.service_level);
        columns.push(Column {
            told: match share {
                Some(_) => {
                    format!("{label}: {} ({} {})", percent(share), one.map_or(0, |one| one.entered), f.calls_small)
                }
                None => String::new(),
            },
            label,
            parts: share.map(|share| (share, 0)).into_iter().collect(),
        });
        at += HALF_HOUR;
    }
    let least = counted.iter().copied().fold(1.0, f64::min);
    let most = counted.iter().copied().fold(0.0, f64::max);
    let told = f.chart_told(counted.len(), &percent(Some(least)), &percent(Some(most)));
    let series = vec![Series { name: f.level, class: "series-1", is_hatched: false }];
    let chart = Chart::new("level", f.by_half_hour.to_owned(), told, series, (Set::Upon, Scale::Shares), &columns);
    Some(chart)
}
