//! An adviser's regular hours: one week that repeats, or two, each day as it is typed.

use super::times::{self, written};
use super::words::RosterWords;
use super::{SETTERS, lines_of, site_of, stretches};
use crate::html::{Frame, Mistake, Mistakes, page};
use crate::screens::floor::glance::ask_from;
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Datelike, Days, NaiveDate, Weekday};
use startline_api as pb;
use startline_foundation::formats::parse_date;
use startline_foundation::ids::SiteId;
use startline_service::methods::{Refusal, RefusalKind};
use std::collections::BTreeMap;

/// What stands in each field, by its id.
type Fields = BTreeMap<String, String>;

/// How far ahead a day is looked for on which nothing but the regular hours holds.
const LOOK_AHEAD: u64 = 4;

#[derive(Template)]
#[template(path = "roster/hours.html")]
struct HoursPage<'a> {
    frame: Frame<'a>,
    r: &'static RosterWords,
    mistakes: Mistakes,
    site_id: String,
    site: String,
    adviser_id: String,
    name: String,
    from: String,
    to: String,
    weeks: Vec<Week>,
    is_fortnight: bool,
}

struct Week {
    title: &'static str,
    days: Vec<Day>,
}

struct Day {
    name: &'static str,
    in_id: String,
    calls: String,
    out_id: String,
    callbacks: String,
}

fn weekdays() -> impl Iterator<Item = Weekday> {
    (0..7_u8).filter_map(|n| Weekday::try_from(n).ok())
}

/// The days on which the site is ever open.
fn open_days(seat: &Seat, site: &SiteId) -> Vec<Weekday> {
    let definition = seat.definition();
    let open = |day: &Weekday| definition.site(site).is_some_and(|site| site.hours_on(*day).is_some());
    weekdays().filter(open).collect()
}

fn id(what: &str, week: u32, day: Weekday) -> String {
    format!("{what}-{week}-{}", day.number_from_monday())
}

/// What stands in the fields.
struct Typed {
    from: String,
    to: String,
    weeks: u32,
    fields: Fields,
}

pub async fn hours(seat: Seat, Path(adviser): Path<String>) -> Answer {
    if !seat.is_any(SETTERS) {
        return Ok(seat.no_page());
    }
    let query = &seat.visitor.query;
    let site = site_of(&seat, query.get("site"))?;
    let weeks = if query.get("weeks") == "2" { 2 } else { 1 };
    let from = parse_date(query.get("from")).unwrap_or_else(|_| next_monday(seat.today()));
    let Some((name, fields)) = as_it_stands(&seat, &site, &adviser, from, weeks).await? else {
        return Ok(seat.no_page());
    };
    let typed = Typed { from: from.format("%d/%m/%Y").to_string(), to: String::new(), weeks, fields };
    let shown = show(&seat, (&site, &adviser, &name), StatusCode::OK, Mistakes::default(), &typed);
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

fn next_monday(today: NaiveDate) -> NaiveDate {
    today + Days::new(u64::from(7 - today.weekday().num_days_from_monday()))
}

/// Their name, and their hours in that week, or in the next one in which neither an absence nor a holiday changes them.
async fn as_it_stands(
    seat: &Seat,
    site: &SiteId,
    adviser: &str,
    from: NaiveDate,
    weeks: u32,
) -> Result<Option<(String, Fields)>, Response> {
    let definition = seat.definition();
    let Some(place) = definition.site(site) else { return Ok(None) };
    let monday = from - Days::new(u64::from(from.weekday().num_days_from_monday()));
    let mut fields = BTreeMap::new();
    let mut name = None;
    for week in 1..=weeks {
        for weekday in open_days(seat, site) {
            let first = monday + Days::new(u64::from((week - 1) * 7 + weekday.num_days_from_monday()));
            for ahead in 0..LOOK_AHEAD {
                let day = first + Days::new(ahead * 7 * u64::from(weeks));
                if !definition.calendar.is_working_day(place, day) {
                    continue;
                }
                let lines = lines_of(seat, site, day).await?;
                let Some(line) = lines.into_iter().find(|line| line.adviser_id == *adviser) else { continue };
                name = Some(line.adviser_name.clone());
                // Of a day that is looked for again, what is found last holds.
                fields.insert(id("in", week, weekday), written(&stretches(seat, &line.inbound)));
                fields.insert(id("out", week, weekday), written(&stretches(seat, &line.outbound)));
                if line.absences.is_empty() {
                    break;
                }
            }
        }
    }
    Ok(name.map(|name| (name, fields)))
}

fn show(
    seat: &Seat,
    (site, adviser, name): (&SiteId, &str, &str),
    status: StatusCode,
    mistakes: Mistakes,
    typed: &Typed,
) -> Response {
    let r = RosterWords::of(seat.language());
    let title = |week| match (typed.weeks, week) {
        (1, _) => r.every_week,
        (_, 1) => r.first_week,
        _ => r.second_week,
    };
    let day = |week: u32, weekday: Weekday| {
        let (in_id, out_id) = (id("in", week, weekday), id("out", week, weekday));
        Day {
            name: r.weekday(weekday),
            calls: typed.fields.get(&in_id).cloned().unwrap_or_default(),
            callbacks: typed.fields.get(&out_id).cloned().unwrap_or_default(),
            in_id,
            out_id,
        }
    };
    let days = open_days(seat, site);
    let week =
        |number: u32| Week { title: title(number), days: days.iter().map(|weekday| day(number, *weekday)).collect() };
    let shown = HoursPage {
        frame: seat.frame(),
        r,
        mistakes,
        site: seat.site_name(site.as_str()),
        site_id: site.to_string(),
        adviser_id: adviser.to_owned(),
        name: name.to_owned(),
        from: typed.from.clone(),
        to: typed.to.clone(),
        weeks: (1..=typed.weeks).map(week).collect(),
        is_fortnight: typed.weeks == 2,
    };
    page(status, &shown)
}

/// The shifts that are typed, each with the field that it stands in.
fn shifts(r: &RosterWords, weeks: u32, fields: &Fields) -> (Vec<(pb::RosterShift, String)>, Vec<Mistake>) {
    let (mut shifts, mut wrong) = (Vec::new(), Vec::new());
    for week in 1..=weeks {
        for weekday in weekdays() {
            for (what, activity) in [("in", pb::RosterActivity::Inbound), ("out", pb::RosterActivity::Outbound)] {
                let field = id(what, week, weekday);
                let Some(read) = times::stretches(fields.get(&field).map_or("", String::as_str)) else {
                    let text = format!("{} {}", r.activity(activity), r.times_wrong);
                    wrong.push(Mistake { field: field.into(), text: text.into() });
                    continue;
                };
                for (start, end) in read {
                    let shift = pb::RosterShift {
                        weekday: i32::try_from(weekday.number_from_monday()).unwrap_or(0),
                        week: if weeks == 1 { 0 } else { week },
                        start: start.format("%H:%M").to_string(),
                        end: end.format("%H:%M").to_string(),
                        activity: activity.into(),
                        breaks: Vec::new(),
                    };
                    shifts.push((shift, field.clone()));
                }
            }
        }
    }
    (shifts, wrong)
}

/// What the service says, beside the field that it is of.
fn told(seat: &Seat, refusal: &Refusal, fields: &[String]) -> Mistakes {
    if refusal.fields.is_empty() {
        return Mistakes::one("from", crate::refused::in_words(seat.language(), refusal));
    }
    let field_of = |path: &str| match path {
        "valid_to" => "to".to_owned(),
        path => {
            let number = path.strip_prefix("shifts[").and_then(|rest| rest.split(']').next()?.parse::<usize>().ok());
            number.and_then(|n| fields.get(n).cloned()).unwrap_or_else(|| "from".to_owned())
        }
    };
    let mistake = |(path, text): &(String, String)| Mistake {
        field: field_of(path).into(),
        text: crate::refused::of_field(seat.language(), path, text),
    };
    Mistakes(refusal.fields.iter().map(mistake).collect())
}

pub async fn set(Path(adviser): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let r = RosterWords::of(seat.language());
    let site = site_of(seat, posted.get("site"))?;
    let weeks = if posted.get("weeks") == "2" { 2 } else { 1 };
    let (from, to) = (parse_date(posted.get("from")), posted.get("to").trim());
    let to = if to.is_empty() { Ok(None) } else { parse_date(to).map(Some) };
    let fields: Fields = posted.form.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let (shifts, wrong) = shifts(r, weeks, &fields);
    let mut mistakes = Mistakes::default();
    if from.is_err() {
        mistakes = mistakes.and("from", format!("{}: {}", r.from_day, r.day_wrong));
    }
    if to.is_err() {
        mistakes = mistakes.and("to", format!("{}: {}", r.to_day, r.day_wrong));
    }
    if shifts.is_empty() && wrong.is_empty() {
        let first = open_days(seat, &site).first().map_or_else(|| "from".to_owned(), |day| id("in", 1, *day));
        mistakes = mistakes.and(first, r.no_hours);
    }
    mistakes.0.extend(wrong);
    let refused = match (from, to, mistakes.is_empty()) {
        (Ok(from), Ok(to), true) => {
            let (shifts, places): (Vec<_>, Vec<_>) = shifts.into_iter().unzip();
            let asked = pb::SetRosterRequest {
                request_id: posted.request_id(),
                adviser_id: adviser.clone(),
                valid_from: from.to_string(),
                valid_to: to.map(|to| to.to_string()).unwrap_or_default(),
                weeks,
                shifts,
            };
            match ask_from(seat, &site, asked).await {
                Ok(answer) if answer.at_risk.is_empty() => {
                    return posted.then(&format!("/roster?site={site}&day={from}&done=hours_saved"));
                }
                Ok(_) => return posted.then(&format!("/floor/{site}/at-risk?done=saved_with_risk")),
                Err(refusal) if refusal.kind == RefusalKind::Invalid || refusal.kind == RefusalKind::Illegal => {
                    told(seat, &refusal, &places)
                }
                Err(refusal) => return Err(seat.refused(&refusal)),
            }
        }
        _ => mistakes,
    };
    let typed = Typed { from: posted.get("from").to_owned(), to: posted.get("to").to_owned(), weeks, fields };
    let name = posted.get("name").to_owned();
    Ok(show(seat, (&site, &adviser, &name), StatusCode::UNPROCESSABLE_ENTITY, refused, &typed))
}
