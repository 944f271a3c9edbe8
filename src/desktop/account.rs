//! Who one is here, one's password, and signing out.

use crate::Pages;
use crate::html::{Frame, Mistakes, page, then, with_cookie};
use crate::navigation;
use crate::screens::findings::{FindingWords, HAVE_FINDINGS};
use crate::seat::{Posted, SITE, Seat};
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
use startline_foundation::ids::SiteId;
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
    /// Where they work, if that is at more than one site: the name, the id, and whether they ask from there.
    sites: Vec<(String, String, bool)>,
    /// What was found at meetings after their start-up calls, if they take any.
    findings: Option<&'static str>,
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

/// The first page of their work.
pub async fn home(seat: Seat) -> Response {
    let first = seat.then(navigation::first(&seat));
    seat.visitor.keeping_language(&seat.pages, first)
}

pub async fn account(seat: Seat) -> Response {
    let shown = answered(show_account(&seat).await);
    seat.visitor.keeping_language(&seat.pages, shown)
}

async fn show_account(seat: &Seat) -> Answer {
    let (pages, visitor, user) = (&seat.pages, &seat.visitor, seat.user());
    let fault = |fault: Error| visitor.fault(pages, &fault);
    let sessions = {
        let mut reader = pages.service.read().await.map_err(fault)?;
        startline_rooms::access::person(&mut reader.db(), user.id).await.map_err(fault)?.sessions
    };
    let duties = user.duties.iter().filter(|duty| duty.holds(seat.now));
    let chosen = seat.site().or_else(|| user.site.clone());
    let site = |id: SiteId| {
        let is_chosen = Some(&id) == chosen.as_ref();
        (seat.site_name(id.as_str()), id.to_string(), is_chosen)
    };
    Ok(page(
        StatusCode::OK,
        &Account {
            duties: duties.map(|duty| in_words(pages, visitor, duty)).collect(),
            since: at_in_words(pages, seat.signed.browser.began_at, visitor.language),
            browsers: sessions.iter().filter(|session: &&TokenLine| session.holds(seat.now)).count().max(1),
            has_password: pages.browsers.offered() == Offered::Passwords,
            sites: Some(seat.sites()).filter(|sites| sites.len() > 1).into_iter().flatten().map(site).collect(),
            findings: seat.is_any(HAVE_FINDINGS).then(|| FindingWords::of(seat.language()).link),
            frame: seat.frame(),
        },
    ))
}

/// The site from which somebody asks who works at several.
pub async fn choose_site(posted: Posted) -> Response {
    let (seat, site) = (&posted.seat, SiteId::new(posted.get("site")));
    if !seat.sites().contains(&site) {
        return seat.no_page();
    }
    let secure = seat.visitor.secure(&seat.pages);
    let cookie = format!("{SITE}={site}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200{secure}");
    with_cookie(seat.then("/account?done=saved"), &cookie)
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
    pages.desks.close(&signed.token.hash());
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
