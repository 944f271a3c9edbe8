//! `ClaimService`: the methods by topic, each in its file.

mod answers;
mod form;
mod life;
mod list;
mod meeting;
mod message;
mod watch;

pub(super) use message::query_message;
