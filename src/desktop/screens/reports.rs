//! Reports: how soon calls are answered, how long clients wait, who comes, and what was put off. Each is a table, from which
//! its page, its chart's words and its file are made alike.

mod attendance;
mod checks;
mod csv;
mod decisions;
mod found;
mod level;
mod period;
mod standards;
mod words;

use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::screens::floor::LEADERS;
use crate::screens::floor::chart::Chart;
use crate::seat::Seat;
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use period::Period;
use startline_service::methods::{Refusal, RefusalKind};
use std::sync::Arc;
use words::ReportWords;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new().route("/reports", get(index)).route("/reports/{report}", get(report))
}

/// A figure's name, over its column.
pub struct Head {
    pub text: &'static str,
    pub is_number: bool,
}

pub struct Row {
    pub cells: Vec<String>,
    pub is_total: bool,
}

pub struct Table {
    pub caption: String,
    pub head: Vec<Head>,
    pub rows: Vec<Row>,
}

impl Table {
    /// The first of so many columns are words, the others figures.
    pub fn new(caption: impl Into<String>, words: usize, head: &[&'static str]) -> Self {
        let head = head.iter().enumerate().map(|(n, text)| Head { text, is_number: n >= words }).collect();
        Self { caption: caption.into(), head, rows: Vec::new() }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(Row { cells, is_total: false });
    }

    pub fn total(&mut self, cells: Vec<String>) {
        self.rows.push(Row { cells, is_total: true });
    }
}

/// What a report is made of.
#[derive(Default)]
pub struct Report {
    pub charts: Vec<Chart>,
    pub tables: Vec<Table>,
    /// What its figures mean.
    pub note: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Level,
    Standards,
    Attendance,
    Checks,
    Found,
    Decisions,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Level, Self::Standards, Self::Attendance, Self::Checks, Self::Found, Self::Decisions];

    fn word(self) -> &'static str {
        match self {
            Self::Level => "service-level",
            Self::Standards => "standards",
            Self::Attendance => "attendance",
            Self::Checks => "checks",
            Self::Found => "found",
            Self::Decisions => "decisions",
        }
    }

    fn title(self, w: &ReportWords) -> &'static str {
        match self {
            Self::Level => w.service_level,
            Self::Standards => w.standards,
            Self::Attendance => w.attendance,
            Self::Checks => w.checks,
            Self::Found => w.found,
            Self::Decisions => w.decisions,
        }
    }

    fn more(self, w: &ReportWords) -> &'static str {
        match self {
            Self::Level => w.service_level_more,
            Self::Standards => w.standards_more,
            Self::Attendance => w.attendance_more,
            Self::Checks => w.checks_more,
            Self::Found => w.found_more,
            Self::Decisions => w.decisions_more,
        }
    }
}

struct Card {
    word: &'static str,
    title: &'static str,
    more: &'static str,
}

#[derive(Template)]
#[template(path = "reports/index.html")]
struct Index<'a> {
    frame: Frame<'a>,
    w: &'static ReportWords,
    cards: Vec<Card>,
}

async fn index(seat: Seat) -> Answer {
    if !seat.is_any(LEADERS) {
        return Ok(seat.no_page());
    }
    let w = ReportWords::of(seat.language());
    let cards = Kind::ALL.map(|kind| Card { word: kind.word(), title: kind.title(w), more: kind.more(w) });
    let shown = page(StatusCode::OK, &Index { frame: seat.frame(), w, cards: cards.into() });
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

#[derive(Template)]
#[template(path = "reports/report.html")]
struct ReportPage<'a> {
    frame: Frame<'a>,
    seat: &'a Seat,
    w: &'static ReportWords,
    mistakes: Mistakes,
    word: &'static str,
    title: &'static str,
    period: Period,
    report: Option<Report>,
    days: String,
    csv: String,
}

impl ReportPage<'_> {
    /// A day as people say it: in a file it is as a spreadsheet reads it.
    fn in_words(&self, cell: &str) -> String {
        cell.parse().map_or_else(|_| cell.to_owned(), |day| self.seat.day(day))
    }

    fn is_empty(&self) -> bool {
        self.report.as_ref().is_some_and(|report| report.tables.iter().all(|table| table.rows.is_empty()))
    }
}

async fn report(seat: Seat, axum::extract::Path(name): axum::extract::Path<String>) -> Answer {
    let (word, is_file) = match name.strip_suffix(".csv") {
        Some(word) => (word, true),
        None => (name.as_str(), false),
    };
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.word() == word).filter(|_| seat.is_any(LEADERS)) else {
        return Ok(seat.no_page());
    };
    let (period, mistakes) = Period::read(&seat, kind == Kind::Level);
    if !mistakes.is_empty() {
        return Ok(show(&seat, kind, StatusCode::UNPROCESSABLE_ENTITY, mistakes, period, None));
    }
    let w = ReportWords::of(seat.language());
    let made = match kind {
        Kind::Level => level::report(&seat, w, &period).await,
        Kind::Standards => standards::report(&seat, w, &period).await,
        Kind::Attendance => attendance::report(&seat, w, &period).await,
        Kind::Checks => checks::report(&seat, w, &period).await,
        Kind::Found => found::report(&seat, w, &period).await,
        Kind::Decisions => decisions::report(&seat, w, &period).await,
    };
    match made {
        Ok(report) if is_file => Ok(csv::sent(&period.file_name(kind.word()), &report.tables)),
        Ok(report) => {
            let shown = show(&seat, kind, StatusCode::OK, Mistakes::default(), period, Some(report));
            Ok(seat.visitor.keeping_language(&seat.pages, shown))
        }
        Err(refusal) if refusal.kind == RefusalKind::Invalid => {
            let mistakes = told(&seat, &refusal);
            Ok(show(&seat, kind, StatusCode::UNPROCESSABLE_ENTITY, mistakes, period, None))
        }
        Err(refusal) => Err(seat.refused(&refusal)),
    }
}

fn told(seat: &Seat, refusal: &Refusal) -> Mistakes {
    let fields =
        [("last_day", "to"), ("end_time", "to"), ("first_day", "from"), ("start_time", "from"), ("site_id", "site")];
    Mistakes::of_refusal(refusal, seat.language(), &fields)
}

fn show(
    seat: &Seat,
    kind: Kind,
    status: StatusCode,
    mistakes: Mistakes,
    period: Period,
    report: Option<Report>,
) -> Response {
    let w = ReportWords::of(seat.language());
    let shown = ReportPage {
        frame: seat.frame().wide(),
        seat,
        w,
        mistakes,
        word: kind.word(),
        title: kind.title(w),
        days: period.in_words(seat),
        csv: format!("/reports/{}.csv?{}", kind.word(), period.as_query()),
        period,
        report,
    };
    page(status, &shown)
}

/// "12.5%" in a report; nothing when there was nothing of which it could be a share.
fn share(of: Option<f64>) -> String {
    of.map_or_else(String::new, |share| format!("{:.1}%", share * 100.0))
}
