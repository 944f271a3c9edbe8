//! The screens, each in a file or folder of its own.

pub mod day;
mod checks;
mod steps;
mod desk;
mod floor;
mod people;
mod operations;
mod agency;
mod access;
mod post;
mod reports;
mod roster;
pub mod claims;
pub mod walks;

mod callbacks;
mod clients;
mod find;
use crate::Pages;
use axum::Router;
use std::sync::Arc;

/// All of them.
pub fn all() -> Router<Arc<Pages>> {
    [callbacks::routes(), clients::routes(), find::routes(), desk::routes(), floor::routes(), roster::routes(), reports::routes(), day::routes(), checks::routes(), steps::routes(), people::routes(), operations::routes(), agency::routes(), access::routes(), post::routes(), walks::routes(), claims::routes()].into_iter().fold(Router::new(), Router::merge)
}
