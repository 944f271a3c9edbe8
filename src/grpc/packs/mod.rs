//! `PackService`: the methods by topic, each in its file.

mod batches;
mod composing;
mod message;
mod printing;
mod reading;
mod watch;

pub use message::parse_delivery;
