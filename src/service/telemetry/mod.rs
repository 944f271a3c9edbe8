//! What whoever watches the service from outside is shown: what it counts itself, and what is looked at when they ask.
//!
//! A scrape reads memory only. What is in the database is read by a worker every few seconds ([`Figures`]) and shown with
//! its age, so that a scrape waits for no database and no database for a scrape.

mod counts;
mod exposition;

pub use counts::{Counts, OpenStream};
pub use exposition::{Figures, Newest, exposition};
