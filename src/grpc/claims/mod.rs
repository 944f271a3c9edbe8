//! `ClaimService`: the methods by topic, each in its file.

mod answers;
mod form;
mod life;
mod meeting;
mod message;
mod watch;
