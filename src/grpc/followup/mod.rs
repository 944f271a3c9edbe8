//! `FollowUpService`: the methods by topic, each in its file.

mod message;
mod misses;
mod reports;
mod standby;
mod steps;

pub use message::kind_named;
pub use steps::kinds_of_others;
