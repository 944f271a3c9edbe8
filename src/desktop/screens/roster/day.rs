//! One day of a site's roster: who is there when, and for what.

use super::times::{Stretch, written};
use super::words::RosterWords;
use super::{SETTERS, choices, day_of, site_of, stretches};
use crate::html::{Frame, Mistakes, page};
use crate::screens::floor::glance::{ask_from, encoded};
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::http::StatusCode;
use chrono::{NaiveTime, TimeDelta, Timelike};
use startline_api as pb;
use startline_foundation::formats::parse_date;

const A_PAGE: i32 = 100;
/// Half-hours either side of what is drawn.
const AROUND_MIN: u32 = 30;

#[derive(Template)]
#[template(path = "roster/day.html")]
struct DayPage<'a> {
    frame: Frame<'a>,
    r: &'static RosterWords,
    mistakes: Mistakes,
    site_id: String,
    site: String,
    sites: Vec<(String, String)>,
    day: String,
    day_typed: String,
    before: String,
    after: String,
    is_closed: bool,
    lines: Vec<Line>,
    /// Where full hours are, from the left, in minutes.
    ticks: Vec<u32>,
    from_time: String,
    to_time: String,
    width: u32,
    may_set: bool,
    next: String,
}

struct Line {
    id: String,
    name: String,
    calls: String,
    callbacks: String,
    told: String,
    bars: Vec<Bar>,
    away: Vec<String>,
    booked: u32,
}

/// In minutes from the left.
struct Bar {
    class: &'static str,
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

fn minutes(at: NaiveTime) -> u32 {
    at.num_seconds_from_midnight() / 60
}

pub async fn roster(seat: Seat) -> Answer {
    let r = RosterWords::of(seat.language());
    let query = &seat.visitor.query;
    let site = site_of(&seat, query.get("site"))?;
    let typed = query.get("day").to_owned();
    let wrong = if typed.is_empty() { None } else { parse_date(&typed).err() };
    let mistakes = wrong.map(|_| Mistakes::one("day", r.day_wrong)).unwrap_or_default();
    let day = day_of(&seat, &typed);
    let asked = pb::ListRosterRequest {
        site_id: site.to_string(),
        day: day.to_string(),
        page_size: A_PAGE,
        page_token: query.get("page").to_owned(),
    };
    let found = ask_from(&seat, &site, asked).await.map_err(|refusal| seat.refused(&refusal))?;
    let definition = seat.definition();
    let opening = definition.site(&site).and_then(|one| definition.calendar.opening(one, day));
    let mut hours: Vec<Stretch> = found
        .lines
        .iter()
        .flat_map(|line| stretches(&seat, &line.inbound).into_iter().chain(stretches(&seat, &line.outbound)))
        .collect();
    hours.extend(opening.map(|(from, to)| (seat.local(from).1, seat.local(to).1)));
    let from = hours.iter().map(|(start, _)| minutes(*start)).min().unwrap_or(9 * 60).saturating_sub(AROUND_MIN);
    let to = hours.iter().map(|(_, end)| minutes(*end)).max().unwrap_or(17 * 60) + AROUND_MIN;
    let lines = found.lines.iter().map(|line| shown(&seat, r, line, from)).collect();
    let written_at = |minute: u32| format!("{}:{:02}", minute / 60, minute % 60);
    let mut frame = seat.frame().wide();
    frame.done = frame.done.or_else(|| r.sentence(query.get("done")));
    let shown = DayPage {
        frame,
        r,
        mistakes,
        site: seat.site_name(site.as_str()),
        site_id: site.to_string(),
        sites: choices(&seat),
        day: seat.day(day),
        day_typed: if typed.is_empty() { day.format("%d/%m/%Y").to_string() } else { typed },
        before: (day - TimeDelta::days(1)).to_string(),
        after: (day + TimeDelta::days(1)).to_string(),
        is_closed: opening.is_none(),
        lines,
        ticks: (from.div_ceil(60)..=to / 60).map(|hour| hour * 60 - from).collect(),
        from_time: written_at(from),
        to_time: written_at(to),
        width: to - from,
        may_set: seat.is_any(SETTERS),
        next: encoded(&found.next_page_token),
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

fn shown(seat: &Seat, r: &RosterWords, line: &pb::RosterLine, from: u32) -> Line {
    let (calls, callbacks) = (stretches(seat, &line.inbound), stretches(seat, &line.outbound));
    // Calls are drawn high, call-backs low: not told apart by their colour alone.
    let bar = |class, y, height| {
        move |(start, end): &Stretch| Bar {
            class,
            x: minutes(*start).saturating_sub(from),
            y,
            width: minutes(*end).saturating_sub(minutes(*start)),
            height,
        }
    };
    let mut bars: Vec<Bar> = calls.iter().map(bar("strip-in", 1, 16)).collect();
    bars.extend(callbacks.iter().map(bar("strip-out", 6, 6)));
    let (calls, callbacks) = (written(&calls), written(&callbacks));
    Line {
        id: line.adviser_id.clone(),
        name: line.adviser_name.clone(),
        told: r.strip_told(&calls, &callbacks),
        calls,
        callbacks,
        bars,
        away: line.absences.iter().map(|absence| away(r, absence)).collect(),
        booked: line.booked_callbacks,
    }
}

fn away(r: &RosterWords, absence: &pb::Absence) -> String {
    match absence.start.as_str() {
        "" => r.kind(absence.kind()).to_owned(),
        start => format!("{}, {start}-{}", r.kind(absence.kind()), absence.end),
    }
}
