//! The claim form in use.
pub mod view;
