//! The screens, each in a file or folder of its own.

mod desk;

use crate::Pages;
use axum::Router;
use std::sync::Arc;

/// All of them.
pub fn all() -> Router<Arc<Pages>> {
    [desk::routes()].into_iter().fold(Router::new(), Router::merge)
}
