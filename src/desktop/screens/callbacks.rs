//! Call-backs: the lists that are worked through, one of them being made, and a time for a new one.

mod acts;
mod booking;
mod lists;
mod moving;
mod offers;
mod one;
mod stopped;
mod wishes;
mod words;

pub use booking::promise;

use crate::Pages;
use crate::seat::Seat;
use axum::Router;
use axum::routing::get;
use startline_api as pb;
use std::sync::Arc;
use words::CallbackWords;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/callbacks", get(lists::due))
        .route("/callbacks/missed", get(lists::missed).post(lists::close_missed))
        .route("/callbacks/numbers", get(lists::numbers))
        .route("/callbacks/visits", get(lists::visits))
        .route("/callbacks/stopped", get(stopped::stopped).post(stopped::close))
        .route("/callbacks/letters", get(lists::letters).post(lists::letter_gone))
        .route("/callbacks/reminders", get(lists::reminders).post(lists::record_reminder))
        .route("/callbacks/risk", get(lists::risk).post(lists::take_proposal))
        .route("/callbacks/{id}", get(one::one))
        .route("/callbacks/{id}/start", get(one::one).post(acts::start))
        .route("/callbacks/{id}/outcome", get(one::one).post(acts::outcome))
        .route("/callbacks/{id}/park", get(one::one).post(acts::park))
        .route("/callbacks/{id}/take-over", get(one::one).post(acts::take_over))
        .route("/callbacks/{id}/assign", get(one::one).post(acts::assign))
        .route("/callbacks/{id}/cancel", get(acts::cancelling).post(acts::cancel))
        .route("/callbacks/{id}/number", get(acts::correcting).post(acts::correct))
        .route("/callbacks/{id}/move", get(moving::page_of).post(moving::move_to))
        .route("/callbacks/{id}/hand-on", get(moving::page_of).post(moving::hand_on))
        .route("/clients/{id}/callbacks", get(lists::of_client))
        .route("/clients/{id}/callback", get(booking::offers))
        .route("/clients/{id}/callback/hold", get(booking::offers).post(booking::hold))
        .route("/clients/{id}/callback/book", get(booking::check).post(booking::book))
}

/// A call-back as a list shows it.
pub struct Promised {
    pub id: String,
    pub client: String,
    pub name: String,
    pub when: String,
    pub state: &'static str,
    /// The colour beside the word.
    pub tone: &'static str,
    /// "12 min late", or nothing.
    pub late: String,
    pub is_urgent: bool,
    pub phone: String,
    pub needs: Vec<String>,
    pub adviser: String,
    pub attempts: u32,
    pub number_check: bool,
    pub do_not_call: bool,
    /// How they are reached, and who speaks for them.
    pub contact: Vec<String>,
}

impl Promised {
    pub fn of(seat: &Seat, callback: &pb::Callback) -> Self {
        use pb::CallbackState as S;
        let c = CallbackWords::of(seat.language());
        let tone = match callback.state() {
            S::Due | S::NoReply | S::WrongNumber | S::FaceToFace => "warn",
            S::Reached | S::TakenOver => "good",
            _ => "",
        };
        let late = if callback.late_seconds >= 60 { c.late_by(callback.late_seconds) } else { String::new() };
        Self {
            id: callback.callback_id.clone(),
            client: callback.client_id.clone(),
            name: callback.client_name.clone(),
            when: when(seat, callback),
            state: c.state(callback.state()),
            tone,
            late,
            is_urgent: callback.urgent,
            phone: callback.phone_grouped.clone(),
            needs: needs(seat, &callback.needs),
            adviser: callback.adviser_name.clone(),
            attempts: callback.attempts,
            number_check: callback.number_check,
            do_not_call: callback.do_not_call,
            contact: crate::screens::clients::contact::lines(seat, callback.contact.as_ref()),
        }
    }
}

/// The time for which it stands: after a try, or when parked, that of the next.
fn when(seat: &Seat, callback: &pb::Callback) -> String {
    let is_later = callback.due_time.map(|at| at.seconds) != callback.start_time.map(|at| at.seconds);
    match callback.state() {
        pb::CallbackState::Booked | pb::CallbackState::Due | pb::CallbackState::Parked if is_later => {
            seat.when(callback.due_time.as_ref())
        }
        _ => seat.span(callback.start_time.as_ref(), callback.end_time.as_ref()),
    }
}

/// What a call needs, as the service definition calls it.
fn needs(seat: &Seat, ids: &[String]) -> Vec<String> {
    let definition = seat.definition();
    let telephone = &definition.service.telephone;
    let named = |id: &String| {
        let known = telephone.skills.iter().chain(&telephone.other_needs).find(|one| one.id == *id);
        known.map_or_else(|| id.clone(), |one| one.name.in_language(seat.language()).to_owned())
    };
    ids.iter().map(named).collect()
}

/// Why it was not done, in the page's language where the words are ours.
fn why(seat: &Seat, refusal: &startline_service::methods::Refusal) -> crate::refused::said::Said {
    let c = CallbackWords::of(seat.language());
    let ours = c.sentence(&refusal.reason.to_ascii_lowercase());
    ours.map_or_else(|| crate::refused::in_words(seat.language(), refusal), Into::into)
}
