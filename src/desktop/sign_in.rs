//! Signing in: at the organisation's provider, or with a name and a password.

use crate::Pages;
use crate::account::notice;
use crate::html::{Frame, Mistake, Mistakes, page as sent, then, with_cookie};
use crate::visitor::{Answer, Fields, Visitor, answered};
use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use startline_service::{NotSignedIn, Offered};
use std::sync::Arc;
use std::time::Duration;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    frame: Frame<'a>,
    offered: Offered,
    mistakes: Mistakes,
    name: &'a str,
}

/// A page that goes on by itself.
#[derive(Template)]
#[template(path = "onward.html")]
struct Onward<'a> {
    frame: Frame<'a>,
    heading: &'a str,
    /// Where to, and by which words for whoever does not wait.
    to: &'a str,
    link: &'a str,
}

pub async fn page(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Response {
    let pages = &pages;
    if visitor.token(pages).is_some() && visitor.signed_in(pages, "/password").await.is_ok() {
        return then(pages, "/");
    }
    visitor.keeping_language(pages, show(pages, &visitor, StatusCode::OK, Mistakes::default(), ""))
}

fn show(pages: &Pages, visitor: &Visitor, status: StatusCode, mistakes: Mistakes, name: &str) -> Response {
    let frame = visitor.frame(pages, "/sign-in");
    sent(status, &SignIn { frame, offered: pages.browsers.offered(), mistakes, name })
}

pub async fn with_password(State(pages): State<Arc<Pages>>, visitor: Visitor, body: Bytes) -> Response {
    let form = Fields::read(&body);
    if !visitor.is_from_our_pages(&pages) {
        return visitor.not_ours(&pages);
    }
    if pages.browsers.offered() != Offered::Passwords {
        return then(&pages, "/sign-in");
    }
    let (name, password) = (form.get("name"), form.get("password"));
    let words = visitor.frame(&pages, "/sign-in").w;
    let needed = [("name", name.trim(), words.name_needed), ("password", password, words.password_needed)];
    let missing = needed.into_iter().filter(|(_, value, _)| value.is_empty());
    let missing: Vec<_> = missing.map(|(field, _, text)| Mistake { field: field.into(), text: text.into() }).collect();
    if !missing.is_empty() {
        return show(&pages, &visitor, StatusCode::UNPROCESSABLE_ENTITY, Mistakes(missing), name);
    }
    match pages.service.sign_in_with_password(&pages.browsers, name, password, visitor.from).await {
        Ok(token) => {
            let (to, forgotten) = visitor.wanted(&pages);
            let signed_in = with_cookie(then(&pages, &to), &pages.browsers.cookies.session(&token));
            forgotten.into_iter().fold(signed_in, |answer, cookie| with_cookie(answer, &cookie))
        }
        Err(NotSignedIn::Wait(left)) => {
            let text = words.wait(seconds(left));
            let refused = Mistakes::one("name", text);
            waiting(show(&pages, &visitor, StatusCode::TOO_MANY_REQUESTS, refused, name), left)
        }
        Err(NotSignedIn::FirstPasswordOver) => {
            let over = Mistakes::one("password", words.first_password_over);
            show(&pages, &visitor, StatusCode::UNAUTHORIZED, over, name)
        }
        Err(NotSignedIn::Fault(fault)) => visitor.fault(&pages, &fault),
        Err(_) => {
            let wrong = Mistakes::one("name", words.wrong_password);
            show(&pages, &visitor, StatusCode::UNAUTHORIZED, wrong, name)
        }
    }
}

/// Rounded up, so that whoever waits so long does not come too early.
pub fn seconds(left: Duration) -> u64 {
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

pub fn waiting(mut response: Response, left: Duration) -> Response {
    if let Ok(value) = HeaderValue::from_str(&seconds(left).to_string()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

pub async fn to_provider(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Response {
    match pages.service.begin_at_provider(&pages.browsers).await {
        Ok((address, pending)) => {
            let onward = (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response();
            with_cookie(onward, &pages.browsers.cookies.pending(&pending))
        }
        Err(fault) => refused(&pages, &visitor, fault),
    }
}

pub async fn from_provider(State(pages): State<Arc<Pages>>, visitor: Visitor) -> Response {
    let came = answered(came_back(&pages, &visitor).await);
    with_cookie(came, &pages.browsers.cookies.no_pending())
}

async fn came_back(pages: &Pages, visitor: &Visitor) -> Answer {
    let pending = pages.browsers.cookies.pending_in(visitor.cookies());
    let Some(pending) = pending else { return Err(then(pages, "/sign-in")) };
    let (state, code) = (visitor.query.get("state"), visitor.query.get("code"));
    let signed_in = pages.service.sign_in_from_provider(&pages.browsers, state, code, &pending).await;
    let token = signed_in.map_err(|fault| refused(pages, visitor, fault))?;
    // The way here led over another site, and so would a redirection from here: the browser would keep the new cookie back. A
    // page of ours that goes on by itself is a visit of its own.
    let words = visitor.frame(pages, "/").w;
    let (to, forgotten) = visitor.wanted(pages);
    let onward = onward(pages, visitor, words.signed_in, &format!("{}{to}", pages.base), words.go_on);
    let signed_in = with_cookie(onward, &pages.browsers.cookies.session(&token));
    Ok(forgotten.into_iter().fold(signed_in, |answer, cookie| with_cookie(answer, &cookie)))
}

fn refused(pages: &Pages, visitor: &Visitor, fault: NotSignedIn) -> Response {
    let words = visitor.frame(pages, "/sign-in").w;
    let (status, heading, more) = match fault {
        NotSignedIn::NobodyHere => (StatusCode::FORBIDDEN, words.nobody_here, words.nobody_here_more),
        NotSignedIn::Fault(fault) => return visitor.fault(pages, &fault),
        NotSignedIn::Refused(startline_identity::Refused::ProviderAway) => {
            (StatusCode::SERVICE_UNAVAILABLE, words.provider_away, words.provider_away_more)
        }
        NotSignedIn::Refused(why) => {
            tracing::info!(%why, "a sign-in from the provider was refused");
            (StatusCode::UNAUTHORIZED, words.not_signed_in, words.not_signed_in_more)
        }
        NotSignedIn::Wrong | NotSignedIn::Wait(_) | NotSignedIn::FirstPasswordOver | NotSignedIn::NotGood(_) => {
            return then(pages, "/sign-in");
        }
    };
    notice(visitor, pages, status, heading, more)
}

/// Asks for the same page again, as a visit of its own: then the browser brings the session's cookie.
pub fn again(visitor: &Visitor, pages: &Pages, path: &str) -> Response {
    let words = visitor.frame(pages, "/").w;
    onward(pages, visitor, words.one_moment, &format!("{}{path}", pages.base), words.go_on)
}

pub fn onward(pages: &Pages, visitor: &Visitor, heading: &str, to: &str, link: &str) -> Response {
    sent(StatusCode::OK, &Onward { frame: visitor.frame(pages, "/"), heading, to, link })
}
