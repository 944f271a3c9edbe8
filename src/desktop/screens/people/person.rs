//! Somebody, with all that they have and had.

use super::words::PeopleWords;
use super::{end_named, person, place_name, role_name};
use crate::html::{Frame, page};
use crate::seat::{Seat, instant};
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use sha2::{Digest, Sha256};
use startline_api as pb;

#[derive(Template)]
#[template(path = "people/person.html")]
struct Shown<'a> {
    frame: Frame<'a>,
    p: &'static PeopleWords,
    id: String,
    name: String,
    site: String,
    skills: Vec<String>,
    added: String,
    /// Since when, and by whom, they are disabled.
    disabled: Option<(String, String)>,
    duties: Vec<Given>,
    over: Vec<Given>,
    tokens: Vec<Held>,
    old_tokens: Vec<Held>,
    sessions: Vec<Held>,
    identities: Vec<Known>,
}

struct Given {
    id: String,
    role: &'static str,
    place: String,
    from: String,
    until: String,
    is_to_come: bool,
    has_end: bool,
    given_by: String,
    taken: String,
}

/// A token, or a browser.
struct Held {
    id: String,
    name: String,
    made: String,
    used: String,
    ends: String,
    is_revoked: bool,
}

pub struct Known {
    pub mark: String,
    pub kind: &'static str,
    pub name: String,
}

pub async fn show(Path(id): Path<String>, seat: Seat) -> Answer {
    let (person, user) = person(&seat, &id).await?;
    let p = PeopleWords::of(seat.language());
    let (mut duties, mut over) = (Vec::new(), Vec::new());
    for given in &person.duties {
        let duty = given.duty.clone().unwrap_or_default();
        let is_over =
            given.take_time.is_some() || duty.end_time.as_ref().and_then(instant).is_some_and(|at| at <= seat.now);
        if is_over { over.push(shown(&seat, p, given)) } else { duties.push(shown(&seat, p, given)) }
    }
    over.reverse();
    let holds = |token: &&pb::Token| {
        token.revoke_time.is_none() && token.end_time.as_ref().and_then(instant).is_none_or(|at| at > seat.now)
    };
    let disabled = match &person.disable_time {
        Some(at) => Some((seat.when(Some(at)), name_of(&seat, &person.disabled_by_user_id).await)),
        None => None,
    };
    let shown = Shown {
        p,
        id,
        name: user.name.clone(),
        site: if user.site_id.is_empty() { String::new() } else { seat.site_name(&user.site_id) },
        skills: user.skills.iter().map(|skill| skill_name(&seat, skill)).collect(),
        added: seat.when(person.create_time.as_ref()),
        disabled,
        duties,
        over,
        tokens: person.tokens.iter().filter(holds).map(|token| held(&seat, p, token)).collect(),
        old_tokens: person
            .tokens
            .iter()
            .filter(|token| !holds(token))
            .rev()
            .map(|token| held(&seat, p, token))
            .collect(),
        sessions: person.sessions.iter().filter(holds).rev().map(|token| held(&seat, p, token)).collect(),
        identities: identities(&seat, &person),
        frame: seat.frame().wide(),
    };
    Ok(seat.visitor.keeping_language(&seat.pages, page(StatusCode::OK, &shown)))
}

fn shown(seat: &Seat, p: &'static PeopleWords, given: &pb::GivenDuty) -> Given {
    let duty = given.duty.clone().unwrap_or_default();
    let by = |name: &str, at: Option<&pb::prost_types::Timestamp>| match name {
        "" => seat.when(at),
        // As the schema calls it.
        "the service itself" => format!("{}, {}", p.by_service, seat.when(at)),
        name => format!("{name}, {}", seat.when(at)),
    };
    let taken = match (&given.take_time, duty.end_time.as_ref()) {
        (Some(at), _) => by(&given.taken_by_name, Some(at)),
        (None, Some(end)) if instant(end).is_some_and(|at| at <= seat.now) => p.by_itself.to_owned(),
        (None, _) => String::new(),
    };
    Given {
        id: duty.duty_id.clone(),
        role: role_name(seat, duty.role),
        place: place_name(seat, &duty),
        from: seat.when(duty.first_time.as_ref().or(given.give_time.as_ref())),
        until: if duty.end_time.is_some() { end_named(seat, duty.end_time.as_ref()) } else { p.until_taken.to_owned() },
        is_to_come: duty.first_time.as_ref().and_then(instant).is_some_and(|at| at > seat.now),
        has_end: duty.end_time.is_some(),
        given_by: by(&given.given_by_name, given.give_time.as_ref()),
        taken,
    }
}

fn held(seat: &Seat, p: &'static PeopleWords, token: &pb::Token) -> Held {
    let name = match token.name.as_str() {
        "password" => p.with_password.to_owned(),
        "provider" => p.with_provider.to_owned(),
        name => name.to_owned(),
    };
    Held {
        id: token.token_id.clone(),
        name,
        made: seat.when(token.create_time.as_ref()),
        used: if token.last_use_time.is_some() {
            seat.when(token.last_use_time.as_ref())
        } else {
            p.never_used.to_owned()
        },
        ends: end_named(seat, token.end_time.as_ref()),
        is_revoked: token.revoke_time.is_some(),
    }
}

pub fn identities(seat: &Seat, person: &pb::Person) -> Vec<Known> {
    let p = PeopleWords::of(seat.language());
    let known = |identity: &pb::Identity| Known {
        mark: mark_of(identity),
        kind: match identity.kind() {
            pb::IdentityKind::Account => p.account,
            pb::IdentityKind::Certificate | pb::IdentityKind::Unspecified => p.certificate,
        },
        name: identity.name.clone(),
    };
    person.identities.iter().map(known).collect()
}

/// By which an address names it, so that no name stands there.
pub fn mark_of(identity: &pb::Identity) -> String {
    let hash = Sha256::new().chain_update(identity.kind.to_be_bytes()).chain_update(&identity.name).finalize();
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

pub fn skill_name(seat: &Seat, id: &str) -> String {
    let (p, definition) = (PeopleWords::of(seat.language()), seat.definition());
    match id {
        "inbound" => p.inbound.to_owned(),
        "outbound" => p.outbound.to_owned(),
        id => {
            let skill = definition.service.telephone.skills.iter().find(|skill| skill.id == id);
            skill.map_or_else(|| id.to_owned(), |skill| skill.name.in_language(seat.language()).to_owned())
        }
    }
}

async fn name_of(seat: &Seat, id: &str) -> String {
    if id.is_empty() {
        return String::new();
    }
    let person = seat.may(pb::GetUserRequest { user_id: id.to_owned() }).await.and_then(|answer| answer.person);
    person.and_then(|person| person.user).map(|user| user.name).unwrap_or_default()
}
