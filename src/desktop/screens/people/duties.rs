//! Giving a duty: what, where, from when and until when.

use super::words::PeopleWords;
use super::{agency_name, person, role_named, roles, wrong};
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat, timestamp};
use crate::visitor::{Answer, Fields};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use startline_api as pb;
use startline_foundation::formats::parse_date;
use startline_foundation::ids::OfficeId;

/// A duty as it is typed.
pub struct Typed {
    pub role: String,
    pub place: String,
    pub first_day: String,
    pub last_day: String,
    pub roles: Vec<(String, String)>,
    pub places: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "people/duty.html")]
struct Duty<'a> {
    frame: Frame<'a>,
    p: &'static PeopleWords,
    mistakes: Mistakes,
    id: String,
    name: String,
    duty: Typed,
}

/// What of a duty is at fault, by its field.
pub const FIELDS: &[(&str, &str)] = &[
    ("duty.role", "role"),
    ("duty.site", "place"),
    ("duty.office", "place"),
    ("duty.agency", "place"),
    ("duty.site_id", "place"),
    ("duty.office_id", "place"),
    ("duty.agency_id", "place"),
    ("duty.first_time", "first_day"),
    ("duty.end_time", "last_day"),
];

impl Typed {
    pub fn of(seat: &Seat, form: &Fields) -> Self {
        let p = PeopleWords::of(seat.language());
        let role = match form.get("role") {
            "" => "adviser",
            role => role,
        };
        let any = [(String::new(), p.no_place.to_owned())];
        Self {
            role: role.to_owned(),
            place: form.get("place").to_owned(),
            first_day: form.get("first_day").to_owned(),
            last_day: form.get("last_day").to_owned(),
            roles: roles(seat),
            places: any.into_iter().chain(places(seat)).collect(),
        }
    }
}

/// The sites, each with its offices, and the agencies.
fn places(seat: &Seat) -> Vec<(String, String)> {
    let (p, definition, language) = (PeopleWords::of(seat.language()), seat.definition(), seat.language());
    let mut places = Vec::new();
    for site in &definition.sites {
        let name = site.name.in_language(language);
        places.push((format!("site:{}", site.id), name.to_owned()));
        let offices = definition.offices.iter().filter(|office| office.site == site.id);
        places.extend(
            offices.map(|office| (format!("office:{}", office.id), format!("{name}, {} {}", p.office, office.name))),
        );
    }
    let agencies = definition.service.agencies.iter();
    places.extend(
        agencies.map(|agency| {
            (format!("agency:{}", agency.id), format!("{}, {}", agency_name(seat, &agency.id), p.agency))
        }),
    );
    places
}

/// A day that was typed; none when nothing was.
///
/// # Errors
/// What is wrong with it.
pub fn day(seat: &Seat, form: &Fields, field: &'static str) -> Result<Option<NaiveDate>, Mistakes> {
    match form.get(field).trim() {
        "" => Ok(None),
        text => {
            parse_date(text).map(Some).map_err(|_| Mistakes::one(field, PeopleWords::of(seat.language()).not_a_day))
        }
    }
}

/// # Errors
/// What is wrong with the days.
pub fn read(seat: &Seat, form: &Fields) -> Result<pb::NewDuty, Mistakes> {
    let definition = seat.definition();
    let (first, last) = (day(seat, form, "first_day")?, day(seat, form, "last_day")?);
    let mut duty = pb::NewDuty {
        role: role_named(form.get("role")),
        // From today is from now on.
        first_time: first
            .filter(|day| *day != seat.today())
            .map(|day| timestamp(definition.calendar.day_bounds(day).0)),
        end_time: last.map(|day| timestamp(definition.calendar.day_bounds(day).1)),
        ..Default::default()
    };
    match form.get("place").split_once(':') {
        Some(("site", site)) => duty.site_id = site.to_owned(),
        Some(("office", office)) => {
            let office = definition.office(&OfficeId::new(office));
            duty.site_id = office.map(|office| office.site.to_string()).unwrap_or_default();
            duty.office_id = office.map(|office| office.id.to_string()).unwrap_or_default();
        }
        Some(("agency", agency)) => duty.agency_id = agency.to_owned(),
        _ => {}
    }
    Ok(duty)
}

pub async fn form(Path(id): Path<String>, seat: Seat) -> Answer {
    let shown = show(&seat, &id, &Fields::default(), Mistakes::default(), StatusCode::OK).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show(seat: &Seat, id: &str, form: &Fields, mistakes: Mistakes, status: StatusCode) -> Answer {
    let (_, user) = person(seat, id).await?;
    let mut duty = Typed::of(seat, form);
    if !form.has("place") && !user.site_id.is_empty() {
        duty.place = format!("site:{}", user.site_id);
    }
    let p = PeopleWords::of(seat.language());
    Ok(page(status, &Duty { frame: seat.frame(), p, mistakes, id: id.to_owned(), name: user.name, duty }))
}

pub async fn give(Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let seat = &posted.seat;
    let again = async |mistakes| show(seat, &id, &posted.form, mistakes, StatusCode::UNPROCESSABLE_ENTITY).await;
    let duty = match read(seat, &posted.form) {
        Ok(duty) => duty,
        Err(mistakes) => return again(mistakes).await,
    };
    let request = pb::GiveDutyRequest { request_id: posted.request_id(), user_id: id.clone(), duty: Some(duty) };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/people/{id}?done=duty_given")),
        Err(refusal) => again(wrong(seat, &refusal, FIELDS)).await,
    }
}
