//! Adding somebody, another name, another site, other skills, and by what somebody is known elsewhere.

use super::duties::{self, Typed};
use super::words::PeopleWords;
use super::{person, wrong};
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::{Answer, Fields};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;

#[derive(Template)]
#[template(path = "people/new.html")]
struct New<'a> {
    frame: Frame<'a>,
    p: &'static PeopleWords,
    mistakes: Mistakes,
    name: String,
    site: String,
    sites: Vec<(String, String)>,
    skills: Vec<(String, String)>,
    chosen: Vec<String>,
    duty: Typed,
}

#[derive(Template)]
#[template(path = "people/change.html")]
struct Change<'a> {
    frame: Frame<'a>,
    p: &'static PeopleWords,
    mistakes: Mistakes,
    id: String,
    is_called: String,
    name: String,
    site: String,
    sites: Vec<(String, String)>,
    skills: Vec<(String, String)>,
    chosen: Vec<String>,
}

#[derive(Template)]
#[template(path = "people/identity.html")]
struct NewIdentity<'a> {
    frame: Frame<'a>,
    p: &'static PeopleWords,
    mistakes: Mistakes,
    id: String,
    is_called: String,
    name: String,
    kind: String,
    kinds: Vec<(String, String)>,
}

/// A new user's first duty is the first of a list.
const NEW_FIELDS: &[(&str, &str)] = &[
    ("name", "name"),
    ("site_id", "site"),
    ("skills", "skills"),
    ("duties[0].role", "role"),
    ("duties[0].site", "place"),
    ("duties[0].office", "place"),
    ("duties[0].agency", "place"),
    ("duties[0].site_id", "place"),
    ("duties[0].office_id", "place"),
    ("duties[0].agency_id", "place"),
    ("duties[0].first_time", "first_day"),
    ("duties[0].end_time", "last_day"),
];

/// What somebody can do, as a form asks for it.
fn skills(seat: &Seat) -> Vec<(String, String)> {
    let (p, definition) = (PeopleWords::of(seat.language()), seat.definition());
    let own = [("inbound", p.inbound), ("outbound", p.outbound)].map(|(id, name)| (id.to_owned(), name.to_owned()));
    let skills = definition.service.telephone.skills.iter();
    let skills = skills.map(|skill| (skill.id.clone(), skill.name.in_language(seat.language()).to_owned()));
    own.into_iter().chain(skills).collect()
}

fn sites(seat: &Seat) -> Vec<(String, String)> {
    let (p, definition) = (PeopleWords::of(seat.language()), seat.definition());
    let sites = definition.sites.iter();
    let sites = sites.map(|site| (site.id.to_string(), site.name.in_language(seat.language()).to_owned()));
    [(String::new(), p.no_site.to_owned())].into_iter().chain(sites).collect()
}

fn chosen(form: &Fields) -> Vec<String> {
    form.all("skills").map(str::to_owned).collect()
}

pub async fn new_person(seat: Seat) -> Answer {
    // Whoever is no administrator is told so before they type.
    seat.need(pb::ListUsersRequest { page_size: 1, with_disabled: true, ..Default::default() }).await?;
    let shown = show_new(&seat, &Fields::default(), Mistakes::default(), StatusCode::OK);
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

fn show_new(seat: &Seat, form: &Fields, mistakes: Mistakes, status: StatusCode) -> axum::response::Response {
    let shown = New {
        frame: seat.frame(),
        p: PeopleWords::of(seat.language()),
        mistakes,
        name: form.get("name").to_owned(),
        site: form.get("site").to_owned(),
        sites: sites(seat),
        skills: skills(seat),
        chosen: chosen(form),
        duty: Typed::of(seat, form),
    };
    page(status, &shown)
}

pub async fn add(posted: Posted) -> Answer {
    let seat = &posted.seat;
    let again = |mistakes| Ok(show_new(seat, &posted.form, mistakes, StatusCode::UNPROCESSABLE_ENTITY));
    if posted.get("name").trim().is_empty() {
        return again(Mistakes::one("name", PeopleWords::of(seat.language()).name_needed));
    }
    let duty = match duties::read(seat, &posted.form) {
        Ok(duty) => duty,
        Err(mistakes) => return again(mistakes),
    };
    let request = pb::AddUserRequest {
        request_id: posted.request_id(),
        name: posted.get("name").to_owned(),
        site_id: posted.get("site").to_owned(),
        duties: vec![duty],
        skills: chosen(&posted.form),
    };
    match posted.ask(request).await? {
        Ok(answer) => {
            let user = answer.person.and_then(|person| person.user).unwrap_or_default();
            posted.then(&format!("/people/{}?done=person_added", user.user_id))
        }
        Err(refusal) => again(wrong(seat, &refusal, NEW_FIELDS)),
    }
}

pub async fn form(Path(id): Path<String>, seat: Seat) -> Answer {
    let shown = show_change(&seat, &id, None, Mistakes::default(), StatusCode::OK).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show_change(seat: &Seat, id: &str, form: Option<&Fields>, mistakes: Mistakes, status: StatusCode) -> Answer {
    let (_, user) = person(seat, id).await?;
    let typed = |name: &str, now: &str| form.map_or_else(|| now.to_owned(), |form| form.get(name).to_owned());
    let shown = Change {
        frame: seat.frame(),
        p: PeopleWords::of(seat.language()),
        mistakes,
        id: id.to_owned(),
        name: typed("name", &user.name),
        site: typed("site", &user.site_id),
        is_called: user.name,
        sites: sites(seat),
        skills: skills(seat),
        chosen: form.map_or(user.skills, chosen),
    };
    Ok(page(status, &shown))
}

pub async fn change(Path(id): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let (_, user) = person(seat, &id).await?;
    // Only what is another than it was: a page that was open for long writes nothing over.
    let other = |field: &str, now: &str| Some(posted.get(field).to_owned()).filter(|typed| typed != now);
    let request = pb::ChangeUserRequest {
        request_id: posted.request_id(),
        user_id: id.clone(),
        name: other("name", &user.name),
        site_id: other("site", &user.site_id),
        skills: Some(pb::Skills { skills: chosen(&posted.form) }).filter(|typed| typed.skills != user.skills),
    };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/people/{id}?done=saved")),
        Err(refusal) => {
            let fields = [("name", "name"), ("site_id", "site"), ("skills", "skills"), ("skills.skills", "skills")];
            let mistakes = wrong(seat, &refusal, &fields);
            show_change(seat, &id, Some(&posted.form), mistakes, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

pub async fn identity_form(Path(id): Path<String>, seat: Seat) -> Answer {
    let shown = show_identity(&seat, &id, &Fields::default(), Mistakes::default(), StatusCode::OK).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show_identity(seat: &Seat, id: &str, form: &Fields, mistakes: Mistakes, status: StatusCode) -> Answer {
    let (_, user) = person(seat, id).await?;
    let p = PeopleWords::of(seat.language());
    let shown = NewIdentity {
        frame: seat.frame(),
        p,
        mistakes,
        id: id.to_owned(),
        is_called: user.name,
        name: form.get("name").to_owned(),
        kind: form.get("kind").to_owned(),
        kinds: [("certificate", p.certificate), ("account", p.account)]
            .map(|(id, name)| (id.into(), name.into()))
            .into(),
    };
    Ok(page(status, &shown))
}

pub async fn add_identity(Path(id): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let kind = match posted.get("kind") {
        "certificate" => pb::IdentityKind::Certificate,
        "account" => pb::IdentityKind::Account,
        _ => {
            let mistakes = Mistakes::one("kind", PeopleWords::of(seat.language()).kind_needed);
            return show_identity(seat, &id, &posted.form, mistakes, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let identity = Some(pb::Identity { kind: kind.into(), name: posted.get("name").to_owned() });
    let request = pb::AddIdentityRequest { request_id: posted.request_id(), user_id: id.clone(), identity };
    match posted.ask(request).await? {
        Ok(_) => posted.then(&format!("/people/{id}?done=identity_added")),
        Err(refusal) => {
            let fields = [("identity.name", "name"), ("identity.kind", "kind"), ("name", "name")];
            let mistakes = wrong(seat, &refusal, &fields);
            show_identity(seat, &id, &posted.form, mistakes, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}
