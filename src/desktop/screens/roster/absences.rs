//! Who is away in a week, or works when they usually do not: told, and taken back.

use super::words::RosterWords;
use super::{SETTERS, choices, day_of, lines_of, site_of, times};
use crate::html::{Frame, Mistakes, page};
use crate::screens::floor::glance::ask_from;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::http::StatusCode;
use chrono::{Days, NaiveDate};
use startline_api as pb;
use startline_foundation::formats::parse_date;
use startline_foundation::ids::SiteId;
use startline_service::methods::RefusalKind;
use std::collections::BTreeMap;

const DAYS: u64 = 7;
const KINDS: [(&str, pb::AbsenceKind); 6] = [
    ("sickness", pb::AbsenceKind::Sickness),
    ("leave", pb::AbsenceKind::Leave),
    ("training", pb::AbsenceKind::Training),
    ("team_event", pb::AbsenceKind::TeamEvent),
    ("blocked", pb::AbsenceKind::Blocked),
    ("extra_hours", pb::AbsenceKind::ExtraHours),
];

#[derive(Template)]
#[template(path = "roster/absences.html")]
struct List<'a> {
    frame: Frame<'a>,
    r: &'static RosterWords,
    site_id: String,
    site: String,
    sites: Vec<(String, String)>,
    day_typed: String,
    from: String,
    to: String,
    before: String,
    after: String,
    absences: Vec<Line>,
}

struct Line {
    id: String,
    who: String,
    kind: &'static str,
    when: String,
    note: String,
    may_end: bool,
}

#[derive(Template)]
#[template(path = "roster/report.html")]
struct Form<'a> {
    frame: Frame<'a>,
    r: &'static RosterWords,
    mistakes: Mistakes,
    site_id: String,
    site: String,
    advisers: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    typed: Typed,
}

#[derive(Default)]
struct Typed {
    who: String,
    kind: String,
    first_day: String,
    last_day: String,
    start: String,
    end: String,
    note: String,
}

pub async fn list(seat: Seat) -> Answer {
    let r = RosterWords::of(seat.language());
    if !seat.is_any(SETTERS) {
        return Ok(seat.no_page());
    }
    let query = &seat.visitor.query;
    let site = site_of(&seat, query.get("site"))?;
    let day = day_of(&seat, query.get("day"));
    // Whoever is away for several days is listed once.
    let mut found: BTreeMap<(String, String, String), Line> = BTreeMap::new();
    for n in 0..DAYS {
        for line in lines_of(&seat, &site, day + Days::new(n)).await? {
            for absence in &line.absences {
                let who = if absence.adviser_id.is_empty() { String::new() } else { line.adviser_name.clone() };
                let key = (absence.first_day.clone(), who.clone(), absence.absence_id.clone());
                found.entry(key).or_insert_with(|| shown(&seat, r, who, absence));
            }
        }
    }
    let mut frame = seat.frame();
    frame.done = frame.done.or_else(|| r.sentence(query.get("done")));
    let shown = List {
        frame,
        r,
        site: seat.site_name(site.as_str()),
        site_id: site.to_string(),
        sites: choices(&seat),
        day_typed: day.format("%d/%m/%Y").to_string(),
        from: seat.day(day),
        to: seat.day(day + Days::new(DAYS - 1)),
        before: (day - Days::new(DAYS)).to_string(),
        after: (day + Days::new(DAYS)).to_string(),
        absences: found.into_values().collect(),
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

fn shown(seat: &Seat, r: &RosterWords, who: String, absence: &pb::Absence) -> Line {
    let day = |text: &str| text.parse::<NaiveDate>().map_or_else(|_| text.to_owned(), |day| seat.day(day));
    let mut when = day(&absence.first_day);
    if absence.last_day != absence.first_day && !absence.last_day.is_empty() {
        when = format!("{when} {} {}", seat.frame().w.to, day(&absence.last_day));
    }
    let hours = match absence.start.as_str() {
        "" => r.whole_day.to_owned(),
        start => format!("{start}-{}", absence.end),
    };
    Line {
        id: absence.absence_id.clone(),
        may_end: !who.is_empty(),
        who: if who.is_empty() { r.everybody.to_owned() } else { who },
        kind: r.kind(absence.kind()),
        when: format!("{when}, {hours}"),
        note: absence.note.clone(),
    }
}

pub async fn form(seat: Seat) -> Answer {
    if !seat.is_any(SETTERS) {
        return Ok(seat.no_page());
    }
    let site = site_of(&seat, seat.visitor.query.get("site"))?;
    let typed = Typed {
        who: seat.visitor.query.get("adviser").to_owned(),
        kind: "sickness".to_owned(),
        first_day: seat.today().format("%d/%m/%Y").to_string(),
        ..Typed::default()
    };
    let shown = show_form(&seat, &site, StatusCode::OK, Mistakes::default(), typed).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show_form(seat: &Seat, site: &SiteId, status: StatusCode, mistakes: Mistakes, typed: Typed) -> Answer {
    let r = RosterWords::of(seat.language());
    let lines = lines_of(seat, site, seat.today()).await?;
    let mut advisers = vec![(String::new(), r.choose.to_owned())];
    advisers.extend(lines.into_iter().map(|line| (line.adviser_id, line.adviser_name)));
    let kinds = KINDS.iter().map(|(word, kind)| ((*word).to_owned(), r.kind(*kind).to_owned())).collect();
    let shown = Form {
        frame: seat.frame(),
        r,
        mistakes,
        site: seat.site_name(site.as_str()),
        site_id: site.to_string(),
        advisers,
        kinds,
        typed,
    };
    Ok(page(status, &shown))
}

/// A day or a time as the service reads it; what is none of these is sent as it is, so that the service says so.
fn day(typed: &str) -> String {
    parse_date(typed).map_or_else(|_| typed.trim().to_owned(), |day| day.to_string())
}

fn time(typed: &str) -> String {
    times::time(typed).map_or_else(|| typed.trim().to_owned(), |time| time.format("%H:%M").to_string())
}

pub async fn report(posted: Posted) -> Answer {
    let seat = &posted.seat;
    let r = RosterWords::of(seat.language());
    let site = site_of(seat, posted.get("site"))?;
    let kind = KINDS.iter().find(|(word, _)| *word == posted.get("kind")).map(|(_, kind)| *kind);
    let asked = pb::ReportAbsenceRequest {
        request_id: posted.request_id(),
        adviser_id: posted.get("who").to_owned(),
        kind: kind.unwrap_or_default().into(),
        first_day: day(posted.get("first_day")),
        last_day: day(posted.get("last_day")),
        start: time(posted.get("start")),
        end: time(posted.get("end")),
        note: posted.get("note").to_owned(),
    };
    let mistakes = match asked.adviser_id.as_str() {
        "" => Mistakes::one("who", r.choose),
        _ => match ask_from(seat, &site, asked).await {
            Ok(answer) if answer.at_risk.is_empty() => {
                return posted.then(&format!("/absences?site={site}&done=absence_saved"));
            }
            Ok(_) => return posted.then(&format!("/floor/{site}/at-risk?done=saved_with_risk")),
            Err(refusal) if matches!(refusal.kind, RefusalKind::Invalid | RefusalKind::Illegal) => {
                let fields = [
                    ("first_day", "first_day"),
                    ("last_day", "last_day"),
                    ("adviser_id", "who"),
                    ("kind", "kind"),
                    ("start", "start"),
                    ("end", "end"),
                    ("note", "note"),
                ];
                Mistakes::of_refusal(&refusal, seat.language(), &fields)
            }
            Err(refusal) => return Err(seat.refused(&refusal)),
        },
    };
    let text = |name: &str| posted.get(name).to_owned();
    let typed = Typed {
        who: text("who"),
        kind: text("kind"),
        first_day: text("first_day"),
        last_day: text("last_day"),
        start: text("start"),
        end: text("end"),
        note: text("note"),
    };
    show_form(seat, &site, StatusCode::UNPROCESSABLE_ENTITY, mistakes, typed).await
}

pub async fn end(posted: Posted) -> Answer {
    let seat = &posted.seat;
    let site = site_of(seat, posted.get("site"))?;
    let asked =
        pb::EndAbsenceRequest { request_id: posted.request_id(), absence_id: posted.get("absence_id").to_owned() };
    match ask_from(seat, &site, asked).await {
        Ok(_) => posted.then(&format!("/absences?site={site}&done=absence_ended")),
        Err(refusal) => Err(seat.refused(&refusal)),
    }
}
