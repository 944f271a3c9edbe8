//! A time for a new call-back: what is free by the client's wishes, one of it kept, the number and the promise read back.

use super::offers::{Offers, offers as ask_offers};
use super::why;
use super::wishes::Wishes;
use super::words::CallbackWords;
use crate::html::{Frame, Mistakes, page};
use crate::screens::clients::{advisers, grouped, name};
use crate::seat::{Posted, Seat};
use crate::visitor::{Answer, Fields};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use chrono::Datelike;
use startline_api as pb;
use startline_api::prost_types::Timestamp;
use startline_foundation::formats::{Language, weekday_in_words};
use startline_service::methods::RefusalKind;

#[derive(Template)]
#[template(path = "callbacks/offers.html")]
struct Offering<'a> {
    frame: Frame<'a>,
    c: &'static CallbackWords,
    mistakes: Mistakes,
    id: String,
    name: String,
    site: String,
    wishes: Wishes,
    advisers: Vec<(String, String)>,
    found: Option<Offers>,
}

pub async fn offers(Path(id): Path<String>, seat: Seat) -> Answer {
    let wishes = Wishes::read(&seat.visitor.query);
    let shown = offering(&seat, id, wishes, StatusCode::OK, Mistakes::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

async fn offering(seat: &Seat, id: String, wishes: Wishes, status: StatusCode, mistakes: Mistakes) -> Answer {
    let c = CallbackWords::of(seat.language());
    let client = seat.need(pb::GetClientRequest { client_id: id.clone() }).await?.client.unwrap_or_default();
    let is_own = seat.sites().first().is_some_and(|site| site.as_str() == client.home_site_id);
    let (mut status, mut mistakes, mut found) = (status, mistakes, None);
    match wishes.message(seat, c) {
        Err(wrong) => (status, mistakes) = (StatusCode::UNPROCESSABLE_ENTITY, wrong),
        Ok(message) => {
            let here = format!("/clients/{id}/callback");
            match ask_offers(seat, &id, (&wishes, message), seat.visitor.query.get("page"), &here).await {
                Ok(offers) => found = Some(offers),
                Err(refusal) if matches!(refusal.kind, RefusalKind::Invalid | RefusalKind::Illegal) => {
                    (status, mistakes) = (StatusCode::UNPROCESSABLE_ENTITY, wrong(seat, &refusal));
                }
                Err(refusal) => return Err(seat.refused(&refusal)),
            }
        }
    }
    let shown = Offering {
        frame: seat.frame(),
        c,
        mistakes,
        name: name(&client.facts.unwrap_or_default()),
        site: seat.site_name(&client.home_site_id),
        id,
        wishes,
        advisers: if is_own { choices(c, advisers(seat).await) } else { Vec::new() },
        found,
    };
    Ok(page(status, &shown))
}

/// Whoever is free, or one of these.
pub fn choices(c: &CallbackWords, advisers: Vec<(String, String)>) -> Vec<(String, String)> {
    std::iter::once((String::new(), c.whoever.to_owned())).chain(advisers).collect()
}

/// What the service says of wishes.
pub fn wrong(seat: &Seat, refusal: &startline_service::methods::Refusal) -> Mistakes {
    if refusal.fields.is_empty() {
        return Mistakes::one("main", why(seat, refusal));
    }
    let fields = [
        ("wishes.not_after_time", "after_day"),
        ("wishes.not_before_time", "before_day"),
        ("wishes.adviser_id", "adviser"),
        ("adviser_id", "adviser"),
        ("wishes.unsuitable_times", "u0_from"),
        ("start_time", "main"),
    ];
    Mistakes::of_refusal(refusal, seat.language(), &fields)
}

/// The place is kept while the client thinks.
pub async fn hold(Path(id): Path<String>, posted: Posted) -> Answer {
    let (seat, c) = (&posted.seat, CallbackWords::of(posted.seat.language()));
    let wishes = Wishes::kept(posted.get("wishes"));
    let message = match wishes.message(seat, c) {
        Ok(message) => message,
        Err(mistakes) => return offering(seat, id, wishes, StatusCode::UNPROCESSABLE_ENTITY, mistakes).await,
    };
    let start_time = posted.get("start").parse().ok().map(|seconds| Timestamp { seconds, nanos: 0 });
    let request = pb::HoldCallbackSlotRequest {
        request_id: posted.request_id(),
        client_id: id.clone(),
        start_time,
        urgent: wishes.urgent,
        wishes: Some(message),
    };
    match posted.ask(request).await? {
        Ok(held) => {
            let seconds = |at: Option<Timestamp>| at.map_or(0, |at| at.seconds).to_string();
            let (start, end) = (seconds(held.start_time), seconds(held.end_time));
            let parts = [("hold", held.hold_id.as_str()), ("start", &start), ("end", &end)];
            let until = seconds(held.expire_time);
            let address = crate::screens::find::query(&[parts[0], parts[1], parts[2], ("until", &until)]);
            posted.then(&format!("/clients/{id}/callback/book?{address}&{}", wishes.query()))
        }
        Err(refusal) => lost(seat, id, wishes, &refusal).await,
    }
}

/// Somebody was first: what is free now.
async fn lost(seat: &Seat, id: String, wishes: Wishes, refusal: &startline_service::methods::Refusal) -> Answer {
    let status =
        if refusal.kind == RefusalKind::Race { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    offering(seat, id, wishes, status, wrong(seat, refusal)).await
}

#[derive(Template)]
#[template(path = "callbacks/book.html")]
struct Booking<'a> {
    frame: Frame<'a>,
    c: &'static CallbackWords,
    mistakes: Mistakes,
    id: String,
    name: String,
    site: String,
    hold: String,
    start_s: i64,
    end_s: i64,
    until_s: i64,
    when: String,
    say: Spoken,
    wishes: String,
    is_urgent: bool,
    phone: String,
    confirmed: bool,
    note: String,
    mine: bool,
    may_be_mine: bool,
}

/// A sentence to be said, in the language in which the client talks.
pub struct Spoken {
    pub language: &'static str,
    pub text: String,
}

/// "So we will ring 01373 000123 on Tuesday 3 March 2026 at 10:15."
pub fn promise(seat: &Seat, talks: &str, phone: &str, start: Option<&Timestamp>) -> Spoken {
    let language = Language::parse(talks).unwrap_or(seat.language());
    let at = start.and_then(crate::seat::instant).unwrap_or(seat.now);
    let (day, time) = seat.local(at);
    let day = match day.year() == seat.today().year() {
        true => weekday_in_words(day, language),
        false => format!("{} {}", weekday_in_words(day, language), day.year()),
    };
    let (phone, time) = (grouped(phone), time.format("%H:%M"));
    let text = match language {
        Language::English => {
            format!(
                "So we will ring {phone} on {day} at {time}. If that changes, ring us here. Is there anything you want to ask?"
            )
        }
        Language::Welsh => {
            format!(
                "Felly byddwn yn ffonio {phone} ddydd {} am {time}. Os bydd hynny'n newid, ffoniwch ni yma. Oes unrhyw beth yr hoffech ei ofyn?",
                day.trim_start_matches("Dydd ").trim_start_matches("dydd ")
            )
        }
    };
    Spoken { language: language.as_str(), text }
}

struct Typed<'a> {
    fields: &'a Fields,
    phone: Option<&'a str>,
}

async fn checking(
    seat: &Seat,
    id: String,
    typed: Typed<'_>,
    wishes: Wishes,
    status: StatusCode,
    mistakes: Mistakes,
) -> Answer {
    let c = CallbackWords::of(seat.language());
    let client = seat.need(pb::GetClientRequest { client_id: id.clone() }).await?.client.unwrap_or_default();
    let facts = client.facts.clone().unwrap_or_default();
    let fields = typed.fields;
    let number = |name: &str| fields.get(name).parse::<i64>().unwrap_or_default();
    let at = |seconds: i64| Timestamp { seconds, nanos: 0 };
    let phone = typed.phone.map_or_else(|| grouped(&facts.phone), str::to_owned);
    let is_own = seat.sites().first().is_some_and(|site| site.as_str() == client.home_site_id);
    let shown = Booking {
        frame: seat.frame(),
        c,
        mistakes,
        name: name(&facts),
        site: seat.site_name(&client.home_site_id),
        hold: fields.get("hold").to_owned(),
        start_s: number("start"),
        end_s: number("end"),
        until_s: number("until"),
        when: seat.span(Some(&at(number("start"))), Some(&at(number("end")))),
        say: promise(seat, &facts.talk_language, &phone, Some(&at(number("start")))),
        is_urgent: wishes.urgent,
        wishes: wishes.query(),
        phone,
        confirmed: fields.get("confirmed") == "yes",
        note: fields.get("note").to_owned(),
        mine: fields.get("mine") == "yes",
        may_be_mine: is_own && seat.is(startline_rooms::access::Role::Adviser),
        id,
    };
    Ok(page(status, &shown))
}

pub async fn check(Path(id): Path<String>, seat: Seat) -> Answer {
    let wishes = Wishes::read(&seat.visitor.query);
    let typed = Typed { fields: &seat.visitor.query, phone: None };
    let shown = checking(&seat, id, typed, wishes, StatusCode::OK, Mistakes::default()).await?;
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

pub async fn book(Path(id): Path<String>, posted: Posted) -> Answer {
    let (seat, c) = (&posted.seat, CallbackWords::of(posted.seat.language()));
    let wishes = Wishes::kept(posted.get("wishes"));
    let message = wishes.message(seat, c).unwrap_or_default();
    let adviser_id = match posted.get("mine") {
        "yes" => seat.user().id.to_string(),
        _ => wishes.adviser.clone(),
    };
    let phone = posted.get("phone").trim();
    let request = pb::BookCallbackRequest {
        request_id: posted.request_id(),
        client_id: id.clone(),
        start_time: None,
        phone: phone.to_owned(),
        urgent: wishes.urgent,
        note: posted.get("note").trim().to_owned(),
        adviser_id,
        hold_id: posted.get("hold").to_owned(),
        number_confirmed: posted.get("confirmed") == "yes",
        wishes: Some(message),
    };
    let refusal = match posted.ask(request).await? {
        Ok(booked) => {
            let id = booked.callback.unwrap_or_default().callback_id;
            return posted.then(&format!("/callbacks/{id}?done=booked"));
        }
        Err(refusal) => refusal,
    };
    if refusal.kind == RefusalKind::Race {
        return lost(seat, id, wishes, &refusal).await;
    }
    let fields = [("phone", "phone"), ("note", "note"), ("adviser_id", "mine")];
    let mistakes = match refusal.fields.is_empty() {
        true => Mistakes::one("main", why(seat, &refusal)),
        false => Mistakes::of_refusal(&refusal, seat.language(), &fields),
    };
    let typed = Typed { fields: &posted.form, phone: Some(phone) };
    checking(seat, id, typed, wishes, StatusCode::UNPROCESSABLE_ENTITY, mistakes).await
}
