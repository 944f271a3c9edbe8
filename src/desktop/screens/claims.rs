//! A claim: where it stands, its form, the meeting, and the end of the start-up call.
//!
//! | address | |
//! |---|---|
//! | `/claims` | those on their way and what is wrong with each; `?client=` those of one client |
//! | `/claims/{id}` | where it stands, and what is open in each part |
//! | `/claims/{id}/parts/{code}` | a part of the form, to be read or changed |
//! | `/claims/{id}/history` | every change of every answer, what happened, and what was changed at the meeting |
//! | `/claims/{id}/start-up` | what the start-up call found, for whoever meets the client next |
//! | `/claims/{id}/agency/{agency}` | what one agency reads; `…/form.pdf` as it is printed for it |
//! | `/claims/{id}/meeting` | offers, a hold, booking, moving; putting it off or doing without |
//! | `/claims/{id}/finish` | reading back, and the end of the start-up call |
//! | `/claims/{id}/pack.pdf` | the newest claim pack |

mod agency;
pub mod documents;
mod finish;
mod history;
mod list;
mod meeting;
pub mod offers;
mod overview;
mod part;
mod standing;
mod told;
pub mod words;

use crate::Pages;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/claims", get(list::list))
        .route("/claims/{id}", get(overview::claim))
        .route("/claims/{id}/withdraw", post(overview::withdraw))
        .route("/claims/{id}/reopen", post(overview::reopen))
        .route("/claims/{id}/ask-again", post(overview::ask_again))
        .route("/claims/{id}/form-back", post(overview::form_back))
        .route("/claims/{id}/parts/{code}", get(part::part).post(part::save))
        .route("/claims/{id}/parts/{code}/confirm", post(part::confirm))
        .route("/claims/{id}/history", get(history::history))
        .route("/claims/{id}/start-up", get(told::told))
        .route("/claims/{id}/agency/{agency}", get(agency::agency))
        .route("/claims/{id}/agency/{agency}/form.pdf", get(documents::agency))
        .route("/claims/{id}/meeting", get(meeting::meeting))
        .route("/claims/{id}/meeting/hold", post(meeting::hold))
        .route("/claims/{id}/meeting/book", post(meeting::book))
        .route("/claims/{id}/meeting/cancel", post(meeting::cancel))
        .route("/claims/{id}/meeting/defer", post(meeting::defer))
        .route("/claims/{id}/meeting/waive", post(meeting::waive))
        .route("/claims/{id}/meeting/series", post(meeting::series))
        .route("/claims/{id}/finish", get(finish::page).post(finish::complete))
        .route("/claims/{id}/pack.pdf", get(documents::pack))
}
