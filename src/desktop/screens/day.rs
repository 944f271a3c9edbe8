//! The day of an office or of a personal adviser: who is expected, who is here and waits, and how day and week are filled.
//!
//! | address | |
//! |---|---|
//! | `/day` | arrivals, the day as a diary, the week |
//! | `/appointments/{id}` | one meeting: what is known before the client sits down, moving, cancelling, attendance, reminders |
//! | `/day/book/{claim}`, `/day/series/{claim}` | a meeting for a claim, or several |
//! | `/day/hours` | regular hours, what is laid over them, meetings left outside, calendars |

pub mod appointment;
mod blocks;
mod book;
mod cancel;
mod feeds;
mod grid;
mod hours;
pub mod offers;
pub mod reading;
mod series;
pub mod words;

use crate::Pages;
use crate::html::{Frame, Mistakes, page, with_cookie};
use crate::screens::checks::taking::{self, Shown};
use crate::screens::checks::words::CheckWords;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use chrono::NaiveDate;
use grid::Grid;
use reading::{Here, LOOKED_AT, Row, Whose, done, named_day, open_day, site_of, week_of};
use startline_api as pb;
use startline_rooms::access::Role;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use words::DayWords;

/// Offices of one day whose checks are shown: somebody meets clients at one, or at a few.
const MOST_OFFICES: usize = 3;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/day", get(day))
        .route("/day/attendance", post(attendance))
        .merge(appointment::routes())
        .merge(cancel::routes())
        .merge(book::routes())
        .merge(series::routes())
        .merge(hours::routes())
        .merge(blocks::routes())
        .merge(feeds::routes())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Arrivals,
    Day,
    Week,
}

#[derive(Template)]
#[template(path = "day/day.html")]
struct DayPage<'a> {
    frame: Frame<'a>,
    d: &'static DayWords,
    mistakes: Mistakes,
    seat: &'a Seat,
    view: View,
    whose: Whose,
    whose_name: String,
    heading: String,
    /// `2026-03-03`.
    day: NaiveDate,
    typed_day: String,
    before: String,
    after: String,
    is_today: bool,
    choices: Vec<(String, String)>,
    count_waiting: usize,
    count_expected: usize,
    waiting: Vec<Row>,
    expected: Vec<Row>,
    over: Vec<Row>,
    off: Vec<Row>,
    /// Whose turn it is.
    next: Option<Row>,
    grid: Option<Grid>,
    why_empty: Option<&'static str>,
    /// This page, for what is done on it.
    here: String,
    is_of_person: bool,
    may_record: bool,
    may_check: bool,
    to_move: usize,
    c: &'static CheckWords,
    /// By meeting: of today, as far as they are shown.
    checks: HashMap<String, Shown>,
}

async fn day(seat: Seat) -> Answer {
    let d = DayWords::of(seat.language());
    let query = &seat.visitor.query;
    let asked_day = query.get("day").to_owned();
    let (day, is_no_day) = named_day(&seat, &asked_day);
    let mistakes = match is_no_day {
        true => Mistakes::one("day", d.no_day),
        false => Mistakes::default(),
    };
    let Some(whose) = Whose::of(&seat) else { return Err(seat.no_page()) };
    let view = match query.get("view") {
        "day" => View::Day,
        "week" => View::Week,
        _ => View::Arrivals,
    };
    let site = site_of(&seat, &whose);
    let days = if view == View::Week { week_of(site.as_ref(), day) } else { vec![day] };
    let (mut rows, mut why_empty) = (Vec::new(), None);
    for day in &days {
        let (appointments, why) = reading::day(&seat, &whose, *day).await?;
        rows.extend(appointments.iter().map(|appointment| Row::of(&seat, appointment)));
        why_empty = why;
    }
    let of_rows: BTreeSet<String> = rows.iter().map(|row| row.office_id.clone()).collect();
    let choices = choices(&seat).await;
    let whose_name = name_of(&seat, &whose, &choices, &rows);
    let grid = match view {
        View::Arrivals => None,
        _ => {
            let blocks = blocks::of_days(&seat, &days).await;
            Some(Grid::of(&seat, &whose, &days, std::mem::take(&mut rows), &blocks, site.as_ref()))
        }
    };
    let is_of_person = matches!(whose, Whose::Person(_));
    let mut sorted = [Here::Waiting, Here::Expected].map(|here| take(&mut rows, |row| row.is(here)));
    sorted[0].sort_by_key(|row| (row.starts_s, row.arrived_s));
    let [mut waiting, mut expected] = sorted;
    let (count_waiting, count_expected) = (waiting.len(), expected.len());
    let off = take(&mut rows, |row| row.is(Here::Off));
    let over = take(&mut rows, Row::is_over);
    let (before, after) = match view {
        View::Week => (day - chrono::TimeDelta::days(7), day + chrono::TimeDelta::days(7)),
        _ => (open_day(site.as_ref(), day, false), open_day(site.as_ref(), day, true)),
    };
    let is_today = day == seat.today();
    let next = next_of(is_today && is_of_person && view == View::Arrivals, &mut waiting, &mut expected);
    let link = |day: NaiveDate| format!("/day?{}&view={}&day={day}", whose.query(), view.word());
    let to_move = match seat.is_any(&[Role::Reception, Role::PersonalAdviser, Role::TeamLeader]) {
        true => seat.may(pb::ListAppointmentsToMoveRequest { page_size: 50, ..Default::default() }).await,
        false => None,
    };
    let frame = seat.frame().wide().again_after(30);
    let frame = days.iter().fold(frame, |frame, day| frame.live(whose.topic(*day)));
    let (checks, frame) = match is_today && view == View::Arrivals {
        true => checks_of(&seat, &of_rows, frame).await,
        false => (HashMap::new(), frame),
    };
    let heading = match view {
        View::Week => d.week_of(&seat.day(days.first().copied().unwrap_or(day))),
        _ => capital(&seat.day(day)),
    };
    let shown = DayPage {
        d,
        mistakes,
        view,
        heading,
        typed_day: if is_no_day { asked_day } else { day.format("%d/%m/%Y").to_string() },
        before: link(before),
        after: link(after),
        is_today,
        choices,
        next,
        count_waiting,
        count_expected,
        waiting,
        expected,
        over,
        off,
        grid,
        why_empty,
        here: link(day),
        may_record: seat.is_any(&[Role::PersonalAdviser, Role::Reception]),
        may_check: seat.is_any(&[Role::PersonalAdviser, Role::BenefitsExpert]),
        to_move: to_move.map_or(0, |left| left.appointments.len()),
        is_of_person,
        c: CheckWords::of(seat.language()),
        checks,
        whose_name,
        day,
        frame,
        seat: &seat,
        whose: whose.clone(),
    };
    let mut response = page(StatusCode::OK, &shown);
    if Whose::asked(&seat).is_some() {
        let secure = seat.visitor.secure(&seat.pages);
        // Of an id, letters and figures alone: what else an address may name is not kept.
        if whose.value().chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_')) {
            let kept =
                format!("{LOOKED_AT}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age=31536000{secure}", whose.value());
            response = with_cookie(response, &kept);
        }
    }
    Ok(seat.visitor.keeping_language(&seat.pages, response))
}

/// Welsh days begin with a small letter within a line.
fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn take(rows: &mut Vec<Row>, fits: impl Fn(&Row) -> bool) -> Vec<Row> {
    let (taken, left) = std::mem::take(rows).into_iter().partition(fits);
    *rows = left;
    taken
}

/// Whoever is here and waits, else who is expected next.
fn next_of(is_wanted: bool, waiting: &mut Vec<Row>, expected: &mut Vec<Row>) -> Option<Row> {
    let list = if waiting.is_empty() { expected } else { waiting };
    (is_wanted && !list.is_empty()).then(|| list.remove(0))
}

/// How the checks of today stand at these offices, on a page that is told when that changes.
async fn checks_of<'a>(
    seat: &'a Seat,
    offices: &BTreeSet<String>,
    mut frame: Frame<'a>,
) -> (HashMap<String, Shown>, Frame<'a>) {
    let mut checks = HashMap::new();
    if seat.is_any(taking::SEE_CHECKS) {
        for office in offices.iter().take(MOST_OFFICES) {
            checks.extend(taking::of_office(seat, office, seat.today()).await);
            frame = frame.live(format!("checks:{office}"));
        }
    }
    (checks, frame)
}

/// Whose diaries there are to choose from.
pub async fn choices(seat: &Seat) -> Vec<(String, String)> {
    let of_offices = reading::offices(seat).into_iter().map(|(id, name)| (Whose::Office(id).value(), name));
    let of_people = reading::personal_advisers(seat).await;
    of_offices.chain(of_people.into_iter().map(|(id, name)| (Whose::Person(id).value(), name))).collect()
}

fn name_of(seat: &Seat, whose: &Whose, choices: &[(String, String)], rows: &[Row]) -> String {
    let chosen = choices.iter().find(|(value, _)| *value == whose.value()).map(|(_, name)| name.clone());
    let named = || match whose {
        Whose::Office(id) => seat.office_name(id),
        Whose::Person(id) => {
            let row = rows.iter().find(|row| row.with_id == *id);
            row.map_or_else(|| DayWords::of(seat.language()).a_personal_adviser.to_owned(), |row| row.with.clone())
        }
    };
    chosen.unwrap_or_else(named)
}

async fn attendance(posted: Posted) -> Answer {
    let (attendance, word) = match posted.get("what") {
        "arrived" => (pb::Attendance::Arrived, "client_arrived"),
        "attended" => (pb::Attendance::Attended, "meeting_begun"),
        _ => (pb::Attendance::Failed, "did_not_come"),
    };
    let request = pb::RecordAttendanceRequest {
        request_id: posted.request_id(),
        appointment_id: posted.get("appointment").to_owned(),
        attendance: attendance.into(),
    };
    posted.need(request).await?;
    let back = Some(posted.get("back")).filter(|back| crate::visitor::is_ours(back)).unwrap_or("/day");
    posted.then(&done(back, word))
}

impl View {
    fn word(self) -> &'static str {
        match self {
            Self::Arrivals => "arrivals",
            Self::Day => "day",
            Self::Week => "week",
        }
    }
}

impl DayPage<'_> {
    /// Of whoever is here or was met; whoever is expected has nothing to be told yet.
    fn check(&self, row: &Row) -> Option<&Shown> {
        self.checks.get(&row.id).filter(|_| !row.is_expected())
    }

    fn is(&self, view: &str) -> bool {
        self.view.word() == view
    }

    /// The same in another view.
    fn in_view(&self, view: &str) -> String {
        format!("/day?{}&view={view}&day={}", self.whose.query(), self.day)
    }

    fn today(&self) -> String {
        format!("/day?{}&view={}", self.whose.query(), self.view.word())
    }

    fn state_of(&self, row: &Row) -> &'static str {
        self.d.here(row.here)
    }

    fn met(&self) -> usize {
        self.over.iter().filter(|row| row.is(Here::Met)).count()
    }

    fn missed(&self) -> usize {
        self.over.len() - self.met()
    }
}
