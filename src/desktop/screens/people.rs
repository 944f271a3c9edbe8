//! Looking after people: who there is, what each may do where and until when, and how they show who they are.
//!
//! No name stands in an address: people are looked for by a form that is posted, and its pages are turned by others. A secret
//! is in the answer to the form that made it, and in no other.

mod changes;
mod checks;
mod duties;
mod person;
mod secrets;
mod words;

use crate::Pages;
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use startline_api as pb;
use startline_rooms::access::Role;
use std::sync::Arc;
use words::PeopleWords;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/people", get(list).post(search))
        .route("/people/new", get(changes::new_person).post(changes::add))
        .route("/people/{user}", get(person::show))
        .route("/people/{user}/change", get(changes::form).post(changes::change))
        .route("/people/{user}/duties", get(duties::form).post(duties::give))
        .route("/people/{user}/duties/{duty}/take", get(checks::take_duty).post(checks::do_take_duty))
        .route("/people/{user}/tokens", get(secrets::token_form).post(secrets::make_token))
        .route("/people/{user}/tokens/{token}/revoke", get(checks::revoke).post(checks::do_revoke))
        .route("/people/{user}/identities", get(changes::identity_form).post(changes::add_identity))
        .route("/people/{user}/identities/{mark}/remove", get(checks::remove_identity).post(checks::do_remove_identity))
        .route("/people/{user}/password", get(checks::first_password).post(secrets::make_password))
        .route("/people/{user}/sign-out", get(checks::sign_out).post(checks::do_sign_out))
        .route("/people/{user}/disable", get(checks::disable).post(checks::do_disable))
        .route("/people/{user}/enable", post(checks::enable))
}

#[derive(Template)]
#[template(path = "people/list.html")]
struct List<'a> {
    frame: Frame<'a>,
    p: &'static PeopleWords,
    mistakes: Mistakes,
    sought: Sought,
    sites: Vec<(String, String)>,
    roles: Vec<(String, String)>,
    people: Vec<Line>,
    next: String,
}

/// Whom somebody looks for.
#[derive(Default)]
struct Sought {
    name: String,
    site: String,
    role: String,
    with_disabled: bool,
}

struct Line {
    id: String,
    name: String,
    site: String,
    duties: Vec<String>,
    is_disabled: bool,
}

async fn list(seat: Seat) -> Answer {
    let shown = found(&seat, Sought::default(), "").await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

/// Changes nothing; it is posted so that the name is in no address.
async fn search(posted: Posted) -> Answer {
    let sought = Sought {
        name: posted.get("name").to_owned(),
        site: posted.get("site").to_owned(),
        role: posted.get("role").to_owned(),
        with_disabled: posted.get("with_disabled") == "yes",
    };
    found(&posted.seat, sought, posted.get("page")).await
}

async fn found(seat: &Seat, sought: Sought, token: &str) -> Answer {
    let p = PeopleWords::of(seat.language());
    let request = pb::ListUsersRequest {
        site_id: sought.site.clone(),
        name: sought.name.clone(),
        role: role_named(&sought.role),
        page_size: 50,
        page_token: token.to_owned(),
        with_disabled: sought.with_disabled,
    };
    let answer = seat.need(request).await?;
    let line = |user: &pb::User| Line {
        id: user.user_id.clone(),
        name: user.name.clone(),
        site: if user.site_id.is_empty() { String::new() } else { seat.site_name(&user.site_id) },
        duties: user.duties.iter().map(|duty| duty_in_words(seat, duty)).collect(),
        is_disabled: user.is_disabled,
    };
    let any = |word: &str| vec![(String::new(), word.to_owned())];
    let definition = seat.definition();
    let sites =
        definition.sites.iter().map(|site| (site.id.to_string(), site.name.in_language(seat.language()).to_owned()));
    let shown = List {
        frame: seat.frame().wide(),
        p,
        mistakes: Mistakes::default(),
        sites: any(p.any_site).into_iter().chain(sites).collect(),
        roles: any(p.any_role).into_iter().chain(roles(seat)).collect(),
        people: answer.users.iter().map(line).collect(),
        next: answer.next_page_token,
        sought,
    };
    Ok(page(StatusCode::OK, &shown))
}

/// "Personal adviser, Frome, until 3 March 2026".
fn duty_in_words(seat: &Seat, duty: &pb::Duty) -> String {
    let mut words = role_name(seat, duty.role).to_owned();
    let place = place_name(seat, duty);
    if !place.is_empty() {
        words = format!("{words}, {place}");
    }
    match duty.end_time.as_ref() {
        Some(_) => format!(
            "{words}, {}",
            crate::words::Words::of(seat.language()).until(&end_named(seat, duty.end_time.as_ref()))
        ),
        None => words,
    }
}

/// What ends as a day ends, ends with that day.
fn end_named(seat: &Seat, end: Option<&pb::prost_types::Timestamp>) -> String {
    let local = end.and_then(crate::seat::instant).map(|at| seat.local(at));
    match local {
        Some((day, time)) if time == chrono::NaiveTime::MIN => {
            day.pred_opt().map(|last| seat.day(last)).unwrap_or_default()
        }
        _ => seat.when(end),
    }
}

/// Where a duty holds; empty for the whole network.
fn place_name(seat: &Seat, duty: &pb::Duty) -> String {
    if !duty.office_id.is_empty() {
        return format!("{} ({})", seat.office_name(&duty.office_id), seat.site_name(&duty.site_id));
    }
    if !duty.agency_id.is_empty() {
        return agency_name(seat, &duty.agency_id);
    }
    if duty.site_id.is_empty() { String::new() } else { seat.site_name(&duty.site_id) }
}

pub fn agency_name(seat: &Seat, id: &str) -> String {
    let definition = seat.definition();
    let agency = definition.service.agencies.iter().find(|agency| agency.id == id);
    agency.map_or_else(|| id.to_owned(), |agency| agency.name.in_language(seat.language()).to_owned())
}

/// A role as people call it.
pub fn role_name(seat: &Seat, role: i32) -> &'static str {
    let named = pb::Role::try_from(role).ok().and_then(|role| Role::parse(&word_of(role)));
    named.map_or("", |role| crate::words::Words::of(seat.language()).role(role))
}

/// `ROLE_TEAM_LEADER` is `team-leader` in forms.
fn word_of(role: pb::Role) -> String {
    role.as_str_name().trim_start_matches("ROLE_").to_ascii_lowercase().replace('_', "-")
}

/// None at all when it is no role's word.
fn role_named(word: &str) -> i32 {
    let name = format!("ROLE_{}", word.to_ascii_uppercase().replace('-', "_"));
    pb::Role::from_str_name(&name).unwrap_or(pb::Role::Unspecified).into()
}

/// Each role's word, and its name.
fn roles(seat: &Seat) -> Vec<(String, String)> {
    let words = crate::words::Words::of(seat.language());
    Role::ALL.iter().map(|role| (role.as_str().to_owned(), words.role(*role).to_owned())).collect()
}

/// The same page with what is wrong with what was typed.
fn wrong(seat: &Seat, refusal: &startline_service::methods::Refusal, fields: &[(&str, &'static str)]) -> Mistakes {
    match PeopleWords::of(seat.language()).why_not(&refusal.reason) {
        Some(why) => Mistakes::one(fields.first().map_or("main", |(_, id)| *id), why),
        None => Mistakes::of_refusal(refusal, seat.language(), fields),
    }
}

/// Whoever the page is about.
async fn person(seat: &Seat, id: &str) -> Result<(pb::Person, pb::User), Response> {
    let answer = seat.need(pb::GetUserRequest { user_id: id.to_owned() }).await?;
    let person = answer.person.unwrap_or_default();
    let user = person.user.clone().unwrap_or_default();
    Ok((person, user))
}
