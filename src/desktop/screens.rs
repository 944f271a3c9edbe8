//! The screens, each in a file or folder of its own.

pub mod day;
mod checks;
mod steps;
mod desk;
mod floor;
mod people;
mod post;
mod reports;
mod roster;
pub mod claims;
pub mod walks;

use crate::Pages;
use axum::Router;
use std::sync::Arc;

/// All of them.
pub fn all() -> Router<Arc<Pages>> {
    [desk::routes(), floor::routes(), roster::routes(), reports::routes(), day::routes(), checks::routes(), steps::routes(), people::routes(), post::routes(), walks::routes(), claims::routes()].into_iter().fold(Router::new(), Router::merge)
}
