//! A personal adviser's regular hours, and the meetings that lie outside them.

use super::offers::time_as_typed;
use super::reading::{self, Row, Whose, done};
use super::words::DayWords;
use crate::Pages;
use crate::html::{Frame, Mistake, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::{Answer, Fields};
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use chrono::Weekday;
use startline_api as pb;
use startline_definition::hours_on;
use startline_foundation::formats::parse_date;
use startline_foundation::ids::OfficeId;
use startline_rooms::access::Role;
use startline_service::methods::Refusal;
use std::sync::Arc;

/// What a line of hours has.
const CELLS: [&str; 4] = ["from", "until", "break-from", "break-until"];
const WEEKDAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

pub fn routes() -> Router<Arc<Pages>> {
    Router::new().route("/day/hours", get(hours).post(set)).route("/day/hours/left", get(left))
}

/// A weekday's hours as they were typed.
pub struct Line {
    /// `1-mon`: of which week, and the day.
    pub id: String,
    pub week: u32,
    pub weekday: i32,
    pub name: String,
    pub open: String,
    /// What is typed for days that are left empty is not for one on which nobody is met.
    is_open: bool,
    pub cells: [String; 4],
    first_id: String,
}

/// Hours that hold, or will.
struct Held {
    days: String,
    office: String,
    times: Vec<String>,
    /// Why they lie outside the office's hours, who said so and when; empty where they do not.
    outside: String,
}

impl Line {
    pub fn first_id(&self) -> &str {
        &self.first_id
    }

    pub fn named(&self) -> Vec<(&'static str, &String)> {
        CELLS.into_iter().zip(&self.cells).collect()
    }
}

#[derive(Default)]
struct Typed {
    person: String,
    office: String,
    valid_from: String,
    valid_to: String,
    is_fortnightly: bool,
    outside_reason: String,
    accept: bool,
}

#[derive(Template)]
#[template(path = "day/hours.html")]
struct HoursPage<'a> {
    frame: Frame<'a>,
    d: &'static DayWords,
    mistakes: Mistakes,
    people: Vec<(String, String)>,
    offices: Vec<(String, String)>,
    lines: Vec<Line>,
    typed: Typed,
    all_days: [String; 4],
    held: Vec<Held>,
    leaves: bool,
    may_list: bool,
}

#[derive(Template)]
#[template(path = "day/left.html")]
struct LeftPage<'a> {
    frame: Frame<'a>,
    d: &'static DayWords,
    seat: &'a Seat,
    rows: Vec<Row>,
    next: String,
    may_list: bool,
}

/// Who may read what is laid over hours, and what lies outside them.
pub fn may_list(seat: &Seat) -> bool {
    seat.is_any(&[Role::PersonalAdviser, Role::Reception, Role::TeamLeader])
}

async fn hours(seat: Seat) -> Answer {
    let person = match Whose::of(&seat) {
        Some(Whose::Person(id)) => id,
        _ if seat.is(Role::PersonalAdviser) => seat.user().id.to_string(),
        _ => String::new(),
    };
    let office = match Whose::asked(&seat) {
        Some(Whose::Office(id)) => id,
        _ => String::new(),
    };
    let is_fortnightly = seat.visitor.query.get("weeks") == "2";
    let typed = Typed { person, office, is_fortnightly, ..Default::default() };
    let shown = show(&seat, (StatusCode::OK, Mistakes::default()), typed, &Fields::default(), false).await;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(
    seat: &Seat,
    (status, mistakes): (StatusCode, Mistakes),
    typed: Typed,
    fields: &Fields,
    leaves: bool,
) -> Response {
    let d = DayWords::of(seat.language());
    let weeks = if typed.is_fortnightly { 2 } else { 1 };
    let shown = HoursPage {
        frame: seat.frame().wide(),
        d,
        mistakes,
        people: reading::personal_advisers(seat).await,
        offices: reading::offices(seat),
        lines: (1..=weeks).flat_map(|week| lines(seat, d, (week, &typed.office), fields)).collect(),
        held: held(seat, d, &typed.person).await,
        may_list: may_list(seat),
        all_days: CELLS.map(|what| fields.get(&format!("all-{what}")).to_owned()),
        typed,
        leaves,
    };
    page(status, &shown)
}

/// What holds of somebody's hours, or will.
async fn held(seat: &Seat, d: &'static DayWords, person: &str) -> Vec<Held> {
    if person.is_empty() {
        return Vec::new();
    }
    let asked =
        pb::ListWorkingPatternsRequest { personal_adviser_id: person.into(), page_size: 200, ..Default::default() };
    let day = |text: &str| parse_date(text).map_or_else(|_| text.to_owned(), |day| seat.day(day));
    let names = d.weekdays();
    let shift = |shift: &pb::Shift| {
        let name = names.iter().find(|(number, _)| *number == shift.weekday.to_string());
        let name = name.map(|(_, name)| name.as_str()).unwrap_or_default();
        let week = match shift.week {
            0 => String::new(),
            1 => format!(" ({})", d.first_week),
            _ => format!(" ({})", d.second_week),
        };
        format!("{name}{week} {} {} {}", shift.start, d.until, shift.end)
    };
    let pattern = |one: &pb::WorkingPattern| Held {
        days: match one.valid_to.is_empty() {
            true => format!("{} {}", d.from, day(&one.valid_from)),
            false => format!("{} {} {}", day(&one.valid_from), d.until, day(&one.valid_to)),
        },
        office: seat.office_name(&one.office_id),
        times: one.shifts.iter().map(shift).collect(),
        outside: match one.outside_hours_reason.as_str() {
            "" => String::new(),
            reason => {
                let when = seat.when(one.outside_hours_time.as_ref());
                format!("{reason} ({}, {when})", one.outside_hours_user_name)
            }
        },
    };
    let answer = seat.may(asked).await.unwrap_or_default();
    answer.patterns.iter().map(pattern).collect()
}

/// The days of a week, with when the office is open (or any, while none is chosen) and what was typed for each.
fn lines(seat: &Seat, d: &'static DayWords, (week, office): (u32, &str), fields: &Fields) -> Vec<Line> {
    let whose = Whose::Person(String::new());
    let site = reading::site_of(seat, &whose);
    let definition = seat.definition();
    let office = OfficeId::new(office);
    let site_of_office = definition.office(&office).and_then(|office| definition.site(&office.site));
    let own = site_of_office.map(|site| *definition.diary.opening_of(&office, site));
    let names = d.weekdays();
    let line = |day: &Weekday| {
        let hours = match (&own, &site) {
            (Some(week), _) => hours_on(week, *day),
            (None, Some(site)) => site.hours_on(*day),
            (None, None) => None,
        };
        let open = hours.map(|(from, until)| format!("{} {} {}", from.format("%H:%M"), d.until, until.format("%H:%M")));
        let number = day.number_from_monday();
        let id = format!("{week}-{number}");
        let cell = |what: &str| fields.get(&format!("{id}-{what}")).to_owned();
        Line {
            is_open: hours.is_some() || site.is_none(),
            week,
            weekday: i32::try_from(number).unwrap_or(0),
            name: names.get(number as usize - 1).map_or_else(String::new, |(_, name)| name.clone()),
            open: open.unwrap_or_default(),
            cells: CELLS.map(cell),
            first_id: format!("{id}-from"),
            id,
        }
    };
    WEEKDAYS.iter().map(line).collect()
}

/// The shifts that were typed, and the line of each.
fn shifts(lines: &[Line], all_days: &[String; 4], is_fortnightly: bool) -> Vec<(pb::Shift, String)> {
    let is_said = |cells: &[String; 4]| cells.iter().any(|cell| !cell.trim().is_empty());
    let shift = |line: &Line| {
        let nothing = [const { String::new() }; 4];
        let for_all = if line.is_open { all_days } else { &nothing };
        let cells = if is_said(&line.cells) { &line.cells } else { for_all };
        let [start, end, pause, resume] = cells.each_ref().map(|cell| time_as_typed(cell));
        let is_pause = !(pause.is_empty() && resume.is_empty());
        let breaks = is_pause.then_some(pb::Break { start: pause, end: resume });
        is_said(cells).then(|| {
            let week = if is_fortnightly { line.week } else { 0 };
            let breaks = breaks.into_iter().collect();
            (pb::Shift { weekday: line.weekday, start, end, week, breaks }, format!("{}-from", line.id))
        })
    };
    lines.iter().filter_map(shift).collect()
}

async fn set(posted: Posted) -> Answer {
    let seat = &posted.seat;
    let d = DayWords::of(seat.language());
    let text = |name: &str| posted.get(name).trim().to_owned();
    let typed = Typed {
        person: text("person"),
        office: text("office"),
        valid_from: text("valid_from"),
        valid_to: text("valid_to"),
        is_fortnightly: posted.get("weeks") == "2",
        outside_reason: text("outside_reason"),
        accept: posted.get("accept") == "yes",
    };
    let weeks = if typed.is_fortnightly { 2 } else { 1 };
    let lines: Vec<Line> = (1..=weeks).flat_map(|week| lines(seat, d, (week, &typed.office), &posted.form)).collect();
    let all_days = CELLS.map(|what| text(&format!("all-{what}")));
    let shifts = shifts(&lines, &all_days, typed.is_fortnightly);
    let request = pb::SetWorkingPatternRequest {
        request_id: posted.request_id(),
        personal_adviser_id: typed.person.clone(),
        office_id: typed.office.clone(),
        valid_from: typed.valid_from.clone(),
        valid_to: typed.valid_to.clone(),
        shifts: shifts.iter().map(|(shift, _)| shift.clone()).collect(),
        weeks,
        accept_left_appointments: typed.accept,
        outside_hours_reason: typed.outside_reason.clone(),
    };
    match posted.ask(request).await? {
        Ok(answer) if answer.appointments_to_move.is_empty() => posted.then(&done("/day/hours", "hours_set")),
        Ok(_) => posted.then(&done("/day/hours/left", "hours_set")),
        Err(refusal) => {
            let leaves = refusal.reason == "LEAVES_APPOINTMENTS";
            let mistakes = mistakes(seat, &refusal, &shifts);
            Ok(show(seat, (StatusCode::UNPROCESSABLE_ENTITY, mistakes), typed, &posted.form, leaves).await)
        }
    }
}

/// Each at the line of its day.
fn mistakes(seat: &Seat, refusal: &Refusal, shifts: &[(pb::Shift, String)]) -> Mistakes {
    let fields = [
        ("valid_from", "valid_from"),
        ("personal_adviser_id", "person"),
        ("office_id", "office"),
        ("valid_to", "valid_to"),
        ("shifts", "all-from"),
        ("outside_hours_reason", "outside_reason"),
    ];
    if refusal.reason == "LEAVES_APPOINTMENTS" {
        return Mistakes::one("accept", crate::refused::in_words(seat.language(), refusal));
    }
    let mut mistakes = Mistakes::of_refusal(refusal, seat.language(), &fields);
    for (mistake, (path, _)) in mistakes.0.iter_mut().zip(&refusal.fields) {
        let number = path.strip_prefix("shifts[").and_then(|rest| rest.split(']').next()?.parse::<usize>().ok());
        if let Some((_, field)) = number.and_then(|number| shifts.get(number)) {
            *mistake = Mistake { field: field.clone().into(), text: mistake.text.clone() };
        }
    }
    mistakes
}

async fn left(seat: Seat) -> Answer {
    let page_token = seat.visitor.query.get("page").to_owned();
    let answer = seat.need(pb::ListAppointmentsToMoveRequest { page_size: 50, page_token }).await?;
    let d = DayWords::of(seat.language());
    let rows = answer.appointments.iter().map(|one| Row::of(&seat, one)).collect();
    let shown = LeftPage {
        frame: seat.frame().wide(),
        d,
        rows,
        next: answer.next_page_token,
        may_list: may_list(&seat),
        seat: &seat,
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

impl HoursPage<'_> {
    fn lines_of(&self, week: &u32) -> Vec<&Line> {
        self.lines.iter().filter(|line| line.week == *week).collect()
    }

    fn all_day(&self, what: &str) -> &str {
        CELLS.iter().position(|cell| *cell == what).map_or("", |at| self.all_days[at].as_str())
    }

    fn label_of(&self, what: &str) -> &'static str {
        match what {
            "from" => self.d.from,
            "until" => self.d.end,
            "break-from" => self.d.break_from,
            _ => self.d.break_until,
        }
    }

    fn weeks(&self) -> Vec<u32> {
        if self.typed.is_fortnightly { vec![1, 2] } else { vec![1] }
    }

    fn week_heading(&self, week: &u32) -> &'static str {
        match (self.typed.is_fortnightly, week) {
            (false, _) => self.d.each_week,
            (true, 1) => self.d.first_week,
            (true, _) => self.d.second_week,
        }
    }
}
