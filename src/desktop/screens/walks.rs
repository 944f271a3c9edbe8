//! Walking a script with a client: what to say, what to ask, where one stands, and beside it what the call gathers.
//!
//! | address | |
//! |---|---|
//! | `POST /walks/start` | begins a walk, or takes up the one that is under way; opens the claim where the script fills one |
//! | `/walks/{id}` | where it stands: one step, or a whole part of the form |
//! | `POST /walks/{id}/…` | its moves, each ending at the page of where it stands then |
//!
//! Nothing of a walk is kept here: the page is made of what the API tells each time.

mod find_client;
pub mod form;
mod gathered;
mod moves;
mod page;
mod part;
mod spoken;
mod start;
pub mod words;

pub use find_client::Caller;
pub use part::mistakes as part_mistakes;

use crate::Pages;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

pub fn routes() -> Router<Arc<Pages>> {
    Router::new()
        .route("/walks/start", post(start::start))
        .route("/walks/{id}", get(page::walk))
        .route("/walks/{id}/next", post(moves::next))
        .route("/walks/{id}/back", post(moves::back))
        .route("/walks/{id}/jump", post(moves::jump))
        .route("/walks/{id}/skip", post(moves::skip))
        .route("/walks/{id}/area", post(moves::area))
        .route("/walks/{id}/note", post(moves::note))
        .route("/walks/{id}/park", post(moves::park))
        .route("/walks/{id}/resume", post(moves::resume))
        .route("/walks/{id}/part", post(part::save))
        .route("/walks/{id}/confirm", post(part::confirm))
        .route("/walks/{id}/client", post(find_client::go_on))
}
