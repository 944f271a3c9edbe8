//! What a page says when something was not done, or cannot be shown.

use crate::html::{Frame, page as sent};
use crate::seat::Seat;
use crate::words::Words;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use startline_api::prost_types::Timestamp;
use startline_foundation::formats::Language;
use startline_service::methods::{Refusal, RefusalKind};

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    frame: Frame<'a>,
    heading: &'a str,
    more: &'a str,
    /// The service's own sentence, which is English.
    sentence: &'a str,
    /// What is wrong, field by field.
    fields: &'a [(String, String)],
    /// What is free now, for whoever came second.
    free: Vec<String>,
    /// The client outside of one's work, for whom one may ask.
    ask_for: Option<String>,
}

pub fn page(seat: &Seat, refusal: &Refusal) -> Response {
    if refusal.kind == RefusalKind::SignedOut {
        return seat.then("/sign-in");
    }
    let w = Words::of(seat.language());
    let (status, heading, more) = match refusal.kind {
        RefusalKind::SignedOut | RefusalKind::Denied => (StatusCode::FORBIDDEN, w.denied, w.denied_more),
        RefusalKind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, w.problem, w.typed_more),
        RefusalKind::NotFound => (StatusCode::NOT_FOUND, w.not_found, w.not_found_more),
        RefusalKind::Race => (StatusCode::CONFLICT, w.race, w.race_more),
        RefusalKind::Illegal => (StatusCode::CONFLICT, w.not_now, w.not_now_more),
        RefusalKind::Limit => (StatusCode::TOO_MANY_REQUESTS, w.away, w.limit_more),
        RefusalKind::Away => (StatusCode::SERVICE_UNAVAILABLE, w.away, w.away_more),
        RefusalKind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, w.fault, w.fault_more),
    };
    let ask_for = (refusal.reason == "OUTSIDE_WORK").then(|| seat.path.strip_prefix("/clients/")).flatten();
    let ask_for = ask_for.and_then(|rest| rest.split('/').next()).map(str::to_owned);
    let free = free(seat, refusal);
    let sentence = &refusal.message;
    let mut answer =
        sent(status, &Refused { frame: seat.frame(), heading, more, sentence, fields: &refusal.fields, free, ask_for });
    if matches!(refusal.kind, RefusalKind::Away | RefusalKind::Limit) {
        answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    }
    answer
}

/// The times that are free now, as whoever lost a race is told.
pub fn free(seat: &Seat, refusal: &Refusal) -> Vec<String> {
    let offers = fresh_offers(refusal);
    let shown = |(from, to, holder): &(Option<Timestamp>, Option<Timestamp>, String)| {
        let span = seat.span(from.as_ref(), to.as_ref());
        if holder.is_empty() { span } else { format!("{span}, {holder}") }
    };
    offers.iter().map(shown).collect()
}

pub fn fresh_offers(refusal: &Refusal) -> Vec<(Option<Timestamp>, Option<Timestamp>, String)> {
    let Some(bytes) = refusal.detail("startline.v1.FreshOffers") else { return Vec::new() };
    let offers = startline_api::fresh_offers(bytes).unwrap_or_default();
    offers.into_iter().map(|offer| (offer.start_time, offer.end_time, offer.holder)).collect()
}

/// The service's sentence for a page in its own language, another for one in Welsh.
pub fn in_words(language: Language, refusal: &Refusal) -> String {
    match language {
        Language::English => refusal.message.clone(),
        Language::Welsh => {
            let w = Words::of(language);
            let first = match refusal.kind {
                RefusalKind::SignedOut | RefusalKind::Denied => w.denied,
                RefusalKind::Invalid => w.problem,
                RefusalKind::NotFound => w.not_found,
                RefusalKind::Race => w.race,
                RefusalKind::Illegal => w.not_now,
                RefusalKind::Limit | RefusalKind::Away => w.away,
                RefusalKind::Internal => w.fault,
            };
            format!("{first} ({})", refusal.message)
        }
    }
}
