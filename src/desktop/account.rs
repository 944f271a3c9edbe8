//! Who one is here, one's password, and signing out.

use crate::Pages;
use crate::html::{Frame, Mistakes, page, then, with_cookie};
use crate::sign_in::{onward, seconds, waiting};
use crate::visitor::{Answer, Fields, Signed, Visitor, answered};
use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Utc};
use startline_foundation::error::Error;
use startline_foundation::formats::{Language, day_in_words};
use startline_rooms::access::{Duty, TokenLine};
use startline_service::{NotSignedIn, Offered};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "account.html")]
struct Account<'a> {
    frame: Frame<'a>,
    duties: Vec<String>,
    since: String,
    /// Browsers that they are signed in with, this one among them.
    browsers: usize,
    has_password: bool,
}

#[derive(Template)]
#[template(path = "password.html")]
struct Password<'a> {
    frame: Frame<'a>,
    /// Somebody else made the one that they have.
    is_first: bool,
    mistakes: Mistakes,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'a> {
    frame: Frame<'a>,
    heading: &'a str,
    more: &'a str,
}

/// A page that says one thing.
pub fn notice(visitor: &Visitor, pages: &Pages, status: StatusCode, heading: &str, more: &str) -> Response {
    page(status, &Notice { frame: visitor.frame(pages, "/"), heading, more })
}

pub async fn no_page(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Response {
    let words = visitor.frame(&pages, "/").w;
    notice(&visitor, &pages, StatusCode::NOT_FOUND, words.no_page, words.no_page_more)
}

fn frame<'a>(visitor: &Visitor, pages: &'a Pages, here: &'a str, signed: &'a Signed) -> Frame<'a> {
    Frame { name: Some(&signed.session.user.name), csrf: signed.token.csrf(), ..visitor.frame(pages, here) }
}

pub async fn home(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Response {
    let shown = answered(show_home(&pages, &visitor).await);
    visitor.keeping_language(&pages, shown)
}

async fn show_home(pages: &Pages, visitor: &Visitor) -> Answer {
    let signed = visitor.signed_in(pages, "/").await?;
    let fault = |fault: Error| visitor.fault(pages, &fault);
    let user = &signed.session.user;
    let now = pages.service.clock.now();
    let sessions = {
        let mut reader = pages.service.read().await.map_err(fault)?;
        startline_rooms::access::person(&mut reader.db(), user.id).await.map_err(fault)?.sessions
    };
    let frame = frame(visitor, pages, "/", &signed);
    let duties = user.duties.iter().filter(|duty| duty.holds(now)).map(|duty| in_words(pages, visitor, duty)).collect();
    Ok(page(
        StatusCode::OK,
        &Account {
            since: at_in_words(pages, signed.browser.began_at, visitor.language),
            browsers: sessions.iter().filter(|session: &&TokenLine| session.holds(now)).count().max(1),
            has_password: pages.browsers.offered() == Offered::Passwords,
            duties,
            frame,
        },
    ))
}

/// "Call centre adviser, Somerset".
fn in_words(pages: &Pages, visitor: &Visitor, duty: &Duty) -> String {
    let definition = pages.service.definitions.current();
    let words = visitor.frame(pages, "/").w;
    let site = duty.site.as_ref().and_then(|site| definition.site(site));
    let office = duty.office.as_ref().and_then(|office| definition.office(office));
    let place = office.map(|office| office.name.as_str()).or(site.map(|site| site.name.in_language(visitor.language)));
    let role = words.role(duty.role);
    let until = duty.ends_at.map(|end| words.until(&at_in_words(pages, end, visitor.language)));
    [Some(role), place, until.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// "3 March 2026, 14:05".
fn at_in_words(pages: &Pages, at: DateTime<Utc>, language: Language) -> String {
    let calendar = &pages.service.definitions.current().calendar;
    format!("{}, {}", day_in_words(calendar.local_date(at), language), calendar.local_time(at).format("%H:%M"))
}

pub async fn sign_out(State(pages): State<Arc<Pages>>, visitor: Visitor, body: Bytes) -> Response {
    answered(out(&pages, &visitor, &body, false).await)
}

pub async fn sign_out_everywhere(State(pages): State<Arc<Pages>>, visitor: Visitor, body: Bytes) -> Response {
    answered(out(&pages, &visitor, &body, true).await)
}

async fn out(pages: &Pages, visitor: &Visitor, body: &[u8], is_everywhere: bool) -> Answer {
    let signed = visitor.asks(pages, "/password", &Fields::read(body)).await?;
    let (service, user) = (&pages.service, &signed.session.user);
    let done = match is_everywhere {
        true => service.sign_out_everywhere(user).await,
        false => service.sign_out(user, &signed.browser).await,
    };
    done.map_err(|fault| visitor.fault(pages, &fault))?;
    let words = visitor.frame(pages, "/sign-in").w;
    let after = format!("{}/sign-in", pages.public_url);
    let shown = match pages.browsers.provider_sign_out(&after) {
        // Whoever comes next to this machine would be signed in there without a question.
        Some(there) => onward(pages, visitor, words.signed_out, &there, words.sign_out_there),
        None => then(pages, "/sign-in"),
    };
    Ok(with_cookie(shown, &pages.browsers.cookies.no_session()))
}

pub async fn password(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Response {
    let shown = async {
        let signed = visitor.signed_in(&pages, "/password").await?;
        if pages.browsers.offered() != Offered::Passwords {
            return Err(then(&pages, "/"));
        }
        Ok(show_password(&pages, &visitor, &signed, StatusCode::OK, Mistakes::default()))
    };
    let shown = answered(shown.await);
    visitor.keeping_language(&pages, shown)
}

fn show_password(
    pages: &Pages,
    visitor: &Visitor,
    signed: &Signed,
    status: StatusCode,
    mistakes: Mistakes,
) -> Response {
    let is_first = signed.browser.must_change_password;
    page(status, &Password { frame: frame(visitor, pages, "/password", signed), is_first, mistakes })
}

pub async fn change_password(State(pages): State<Arc<Pages>>, visitor: Visitor, body: Bytes) -> Response {
    answered(changed(&pages, &visitor, &body).await)
}

async fn changed(pages: &Pages, visitor: &Visitor, body: &[u8]) -> Answer {
    let form = Fields::read(body);
    let signed = visitor.asks(pages, "/password", &form).await?;
    let words = visitor.frame(pages, "/password").w;
    let again = |status, field, text: String| {
        let mistakes = Mistakes::one(field, text);
        show_password(pages, visitor, &signed, status, mistakes)
    };
    let (old, new) = (form.get("old"), form.get("new"));
    if old.is_empty() {
        return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, "old", words.old_needed.to_owned()));
    }
    if new != form.get("again") {
        return Ok(again(StatusCode::UNPROCESSABLE_ENTITY, "again", words.not_twice_the_same.to_owned()));
    }
    let user = &signed.session.user;
    match pages.service.change_password(&pages.browsers, user, &signed.browser, (old, new), visitor.from).await {
        Ok(()) => Ok(then(pages, "/")),
        Err(NotSignedIn::Wait(left)) => {
            Ok(waiting(again(StatusCode::TOO_MANY_REQUESTS, "old", words.wait(seconds(left))), left))
        }
        Err(NotSignedIn::NotGood(why)) => {
            Ok(again(StatusCode::UNPROCESSABLE_ENTITY, "new", words.not_good(why).to_owned()))
        }
        Err(NotSignedIn::Fault(fault)) => Err(visitor.fault(pages, &fault)),
        Err(_) => Ok(again(StatusCode::UNPROCESSABLE_ENTITY, "old", words.wrong_old_password.to_owned())),
    }
}
