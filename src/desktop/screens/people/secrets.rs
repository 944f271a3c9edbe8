//! Tokens and first passwords. Each is shown in the answer to the form that made it, and in no other: the page that shows it
//! has no address of its own, no browser keeps it, and the same form sent again answers without it.

use super::checks::no_password;
use super::duties::day;
use super::words::PeopleWords;
use super::{person, wrong};
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat, timestamp};
use crate::visitor::{Answer, Fields};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;

#[derive(Template)]
#[template(path = "people/token.html")]
struct NewToken<'a> {
    frame: Frame<'a>,
    p: &'static PeopleWords,
    mistakes: Mistakes,
    id: String,
    is_called: String,
    name: String,
    last_day: String,
}

#[derive(Template)]
#[template(path = "people/secret.html")]
struct Secret<'a> {
    frame: Frame<'a>,
    p: &'static PeopleWords,
    id: String,
    is_called: String,
    title: &'static str,
    more: &'static str,
    /// Empty when it was shown before.
    secret: String,
    until: String,
    /// Where another is made.
    again: &'static str,
}

pub async fn token_form(Path(id): Path<String>, seat: Seat) -> Answer {
    let shown = show_form(&seat, &id, &Fields::default(), Mistakes::default(), StatusCode::OK).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn show_form(seat: &Seat, id: &str, form: &Fields, mistakes: Mistakes, status: StatusCode) -> Answer {
    let (_, user) = person(seat, id).await?;
    let shown = NewToken {
        frame: seat.frame(),
        p: PeopleWords::of(seat.language()),
        mistakes,
        id: id.to_owned(),
        is_called: user.name,
        name: form.get("name").to_owned(),
        last_day: form.get("last_day").to_owned(),
    };
    Ok(page(status, &shown))
}

pub async fn make_token(Path(id): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let again = async |mistakes| show_form(seat, &id, &posted.form, mistakes, StatusCode::UNPROCESSABLE_ENTITY).await;
    let last = match day(seat, &posted.form, "last_day") {
        Ok(last) => last,
        Err(mistakes) => return again(mistakes).await,
    };
    let request = pb::CreateTokenRequest {
        request_id: posted.request_id(),
        user_id: id.clone(),
        name: posted.get("name").to_owned(),
        end_time: last.map(|day| timestamp(seat.definition().calendar.day_bounds(day).1)),
    };
    match posted.ask(request).await? {
        Ok(answer) => {
            let p = PeopleWords::of(seat.language());
            let until = seat.when(answer.token.unwrap_or_default().end_time.as_ref());
            show_once(seat, &id, (p.token_made, "", answer.secret, until, "tokens")).await
        }
        Err(refusal) => again(wrong(seat, &refusal, &[("name", "name"), ("end_time", "last_day")])).await,
    }
}

pub async fn make_password(Path(id): Path<String>, posted: Posted) -> Answer {
    let seat = &posted.seat;
    let request = pb::CreateFirstPasswordRequest { request_id: posted.request_id(), user_id: id.clone() };
    match posted.ask(request).await? {
        Ok(answer) => {
            let p = PeopleWords::of(seat.language());
            let until = seat.when(answer.end_time.as_ref());
            show_once(seat, &id, (p.password_made, p.read_aloud, answer.password, until, "password")).await
        }
        Err(refusal) => no_password(seat, &id, wrong(seat, &refusal, &[("", "main")])).await,
    }
}

type Once = (&'static str, &'static str, String, String, &'static str);

async fn show_once(seat: &Seat, id: &str, (title, more, secret, until, again): Once) -> Answer {
    let (_, user) = person(seat, id).await?;
    let p = PeopleWords::of(seat.language());
    let (id, is_called, frame) = (id.to_owned(), user.name, seat.frame());
    Ok(page(StatusCode::OK, &Secret { frame, p, id, is_called, title, more, secret, until, again }))
}
