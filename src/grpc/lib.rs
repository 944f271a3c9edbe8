//! The gRPC door: parse, call the service, convert. It holds no rules.
//!
//! tonic and the generated types stay in here. One port serves the API, health, reflection and gRPC-Web. What belongs to
//! every method is around it in `doors.rs`; a method is a function of its RPC's name.

/// What is generated from the protos.
pub use startline_api as pb;

mod admin;
mod bounds;
mod calendars;
mod call;
mod callbacks;
mod checks;
mod claims;
mod clients;
mod connections;
mod contingencies;
mod convert;
mod definitions;
pub mod demo;
mod desk;
mod diary;
mod doors;
mod empty;
mod fault;
mod figures;
mod floor;
mod floors;
mod followup;
mod gate;
mod health;
mod heartbeat;
mod idle;
mod inside;
pub mod manual;
mod mirrors;
mod operations;
mod packs;
mod paging;
mod person;
mod privacy;
pub mod probe;
mod questions;
mod reach;
mod reminders;
mod routing;
mod scripts;
mod server;
mod strangers;
pub mod tour;
mod users;
mod watch;
mod withheld;

pub use gate::MethodRoles;
pub use inside::Inside;
pub use server::{Server, serve};
