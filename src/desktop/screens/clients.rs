//! Clients: a new record, the record with whatever belongs to it, its changes, and asking for one outside of one's work.

pub mod contact;
mod death;
mod editing;
mod facts;
mod record;
mod shown;
mod small;
mod words;

pub use record::is_open;
pub use shown::{Known, advisers, colleagues, day, grouped, name, nino};

use crate::Pages;
use axum::Router;
use axum::routing::get;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/clients/new", get(editing::new).post(editing::create))
        .route("/clients/{id}", get(record::record))
        .route("/clients/{id}/change", get(editing::change).post(editing::update))
        .route("/clients/{id}/ask", get(small::ask).post(small::ask_for))
        .route("/clients/{id}/death", get(death::form).post(death::record))
        .route("/clients/{id}/death/undo", get(record::record).post(death::take_back))
        .route("/clients/{id}/contact", get(small::contact).post(small::set_contact))
        .route("/clients/{id}/reminders", get(record::record).post(small::set_reminder))
        .route("/clients/{id}/undo", get(record::record).post(small::undo))
}

/// What the facts of a client are called, for other pages that show them.
pub fn words_of(language: startline_foundation::formats::Language) -> &'static words::ClientWords {
    words::ClientWords::of(language)
}
