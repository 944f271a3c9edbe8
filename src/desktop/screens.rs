//! The screens, each in a file or folder of its own.

pub mod day;
mod desk;
mod floor;
mod people;
pub mod claims;
pub mod walks;

use crate::Pages;
use axum::Router;
use std::sync::Arc;

/// All of them.
pub fn all() -> Router<Arc<Pages>> {
    [desk::routes(), floor::routes(), day::routes(), people::routes(), walks::routes(), claims::routes()].into_iter().fold(Router::new(), Router::merge)
}
