//! Walking a script.
pub mod walk;
