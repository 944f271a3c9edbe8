//! The screens, each in a file or folder of its own.

mod access;
mod agency;
mod checks;
pub mod claims;
pub mod day;
mod desk;
mod floor;
mod operations;
mod people;
mod post;
mod reports;
mod roster;
mod steps;
pub mod walks;

mod callbacks;
mod clients;
mod find;
pub mod findings;
use crate::Pages;
use axum::Router;
use std::sync::Arc;

/// All of them.
pub fn all() -> Router<Arc<Pages>> {
    [
        callbacks::routes(),
        clients::routes(),
        find::routes(),
        findings::routes(),
        desk::routes(),
        floor::routes(),
        roster::routes(),
        reports::routes(),
        day::routes(),
        checks::routes(),
        steps::routes(),
        people::routes(),
        operations::routes(),
        agency::routes(),
        access::routes(),
        post::routes(),
        walks::routes(),
        claims::routes(),
    ]
    .into_iter()
    .fold(Router::new(), Router::merge)
}
