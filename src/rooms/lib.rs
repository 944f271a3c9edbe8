//! The business rooms: each holds the rules of one capability, and its own tables. Inside a room `mod.rs` holds its verbs,
//! the only thing others may call. Which room may name which is held by `tests/tidy.rs`; what a room stands on, by the
//! crates named here.

pub mod access;
pub mod calendars;
pub mod callbacks;
pub mod checks;
pub mod claims;
pub mod clients;
pub mod contingency;
pub mod diary;
pub mod followup;
pub mod printing;
pub mod records;
pub mod reminders;
pub mod rota;
pub mod scripts;
pub mod standards;
