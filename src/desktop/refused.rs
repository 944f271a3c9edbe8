//! What a page says when something was not done, or cannot be shown.

pub mod empty;
mod fields;
mod next_steps;
mod reasons;
pub mod said;
mod sentences;

use crate::html::{Frame, page as sent};
use crate::seat::Seat;
use crate::words::Words;
use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use reasons::Reasons;
use said::{Said, capital};
use startline_api::prost_types::Timestamp;
use startline_foundation::formats::Language;
use startline_service::methods::{Refusal, RefusalKind};

#[derive(Template)]
#[template(path = "refused.html")]
struct Refused<'a> {
    frame: Frame<'a>,
    heading: &'a str,
    more: &'a str,
    sentence: Said,
    /// What is wrong, field by field.
    fields: Vec<Said>,
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
    // Fields have sentences of their own, of which the whole one is put together.
    let sentence = if refusal.fields.is_empty() { in_words(seat.language(), refusal) } else { Said::default() };
    let fields = refusal.fields.iter().map(|(path, text)| of_field(seat.language(), path, text).of(path)).collect();
    let mut answer = sent(status, &Refused { frame: seat.frame(), heading, more, sentence, fields, free, ask_for });
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

/// Why it was not done, as a page in this language says it.
pub fn in_words(language: Language, refusal: &Refusal) -> Said {
    of_reason(language, &refusal.reason, &refusal.message)
}

/// A reason of the contract, and the service's sentence with it.
pub fn of_reason(language: Language, reason: &str, sentence: &str) -> Said {
    let message = capital(sentence);
    let ours = Reasons::of(language).sentence(&reason.to_ascii_lowercase());
    match language {
        Language::English if message.is_empty() => ours.unwrap_or_default().into(),
        Language::English => message.into(),
        Language::Welsh => match (sentences::welsh(sentence), ours) {
            (Some(welsh), _) => capital(&welsh).into(),
            (None, Some(ours)) if reasons::tells_more(reason) => Said::from(ours).and_english(message),
            (None, Some(ours)) => ours.into(),
            (None, None) => Said::english(message),
        },
    }
}

/// What is wrong with a field, as a page in this language says it.
pub fn of_field(language: Language, path: &str, text: &str) -> Said {
    if language == Language::English {
        return capital(text).into();
    }
    match sentences::welsh(text) {
        Some(welsh) => capital(&welsh).into(),
        // Of answers to the form the service speaks in the language that it is asked in.
        None if is_answer(path) => capital(text).into(),
        None => Said::english(capital(text)),
    }
}

/// What is wrong with the first field; else why it was not done.
pub fn first(language: Language, refusal: &Refusal) -> Said {
    let field = refusal.fields.first().map(|(path, text)| of_field(language, path, text));
    field.unwrap_or_else(|| in_words(language, refusal))
}

/// One of the service's sentences that are no refusals, as a page in this language says it.
pub fn of_sentence(language: Language, text: &str) -> Said {
    of_field(language, "", text)
}

/// Why the client's record cannot take an answer: the service says so in Welsh, and the record's own reason in English.
pub fn in_record(text: &str) -> String {
    let of_record = text.starts_with("ni all cofnod y cleient").then(|| sentences::welsh(text)).flatten();
    of_record.unwrap_or_else(|| text.to_owned())
}

/// `value`, `answers[2].value[0].amount`.
fn is_answer(path: &str) -> bool {
    path.split(['.', '[']).any(|step| step == "value")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(kind: RefusalKind, reason: &str, message: &str) -> Refusal {
        Refusal { kind, reason: reason.into(), message: message.into(), fields: Vec::new(), details: Vec::new() }
    }

    #[test]
    fn a_welsh_page_says_why_in_welsh_and_adds_english_only_where_it_tells_more() {
        let said = |reason: &str, message: &str| {
            in_words(Language::Welsh, &refusal(RefusalKind::Illegal, reason, message)).to_string()
        };
        let over = said("CALLBACK_OVER", "this call-back is over");
        assert!(over.starts_with("Cafodd yr alwad yn ôl") && !over.contains("lang"), "{over}");
        let at =
            said("TELEPHONE_IN_USE", "Ana Jones is in a conversation at this telephone: it cannot be yours as well");
        assert_eq!(at, "Mae Ana Jones mewn sgwrs ar y ffôn hwn: ni all fod yn ffôn i chi hefyd");
        let changed = said("CHANGED_SINCE", "the telephone changed at 10:00");
        assert!(changed.starts_with("Newidiwyd ef eto"), "{changed}");
        assert!(changed.ends_with("<span lang=\"en\">The telephone changed at 10:00</span>"), "{changed}");
        assert_eq!(said("NEW_ONE", "something new"), "<span lang=\"en\">Something new</span>");
        let english = in_words(Language::English, &refusal(RefusalKind::Illegal, "CALLBACK_OVER", "this is over"));
        assert_eq!(english.to_string(), "This is over");
        let silent = in_words(Language::English, &refusal(RefusalKind::Illegal, "CALLBACK_OVER", ""));
        assert!(silent.to_string().starts_with("This call-back was made"), "{silent}");
    }

    #[test]
    fn what_is_wrong_with_a_field_is_told_in_welsh_or_marked_as_english() {
        let said = |path: &str, text: &str| of_field(Language::Welsh, path, text).to_string();
        assert_eq!(said("note", "is needed"), "Mae angen hwn");
        assert_eq!(said("note", "is odd"), "<span lang=\"en\">Is odd</span>");
        assert_eq!(said("answers[2].value[0].amount", "rhaid iddo fod yn destun"), "Rhaid iddo fod yn destun");
        assert_eq!(of_field(Language::English, "note", "is needed").to_string(), "Is needed");
    }
}
