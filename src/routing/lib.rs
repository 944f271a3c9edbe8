//! Routing: which site and which adviser takes a call, and what the advisers are doing meanwhile.
//!
//! Everything here is live state in memory: the floors of all sites, who waits, who is free. Nothing is durable.
//! After a restart it is rebuilt from the desks that sign in again and the switches that ask again; that is why calls
//! are routed while the database is away. Finished calls leave as [`Effect::CallFinished`] for others to keep.
//!
//! This room imports no other one. The floors do nothing in the world: their verbs add to a list of effects, which the
//! switchboard delivers after the verb returns, when no lock is held, and also when it returns an error.
//!
//! - `area`, `route`: from telephone numbers to a home site, with the reasons
//! - `skills`: what advisers can do and calls need; `callers`: what is remembered by a number
//! - `adviser`, `call`: the two models with their states; `status`: what an adviser chose and who made it so; `adviser_card`:
//!   who an adviser is
//! - `floor`: one site, pure
//! - `network`: all floors; `calls`, `desks`: the verbs of the switches and of the advisers' desks
//! - `site`: a floor behind its lock; `trunk`, `trunk_requests`, `overflow`: how sites help each other; `lenders`, `due`: which
//!   site has somebody to spare or something to do, found without looking at all of them
//! - `switchboard`: who listens to the floors, and the delivery of effects; `floor_here`: whether they are in this process
//! - `figures`: the formula of every figure; `recorder`, `store`: the durable records of finished calls; `history`: the
//!   figures from them, by half-hours
//! - `erlang`: how long callers must wait by the theory of queues, and the tests that hold the floor against it
//!
//! What a switch or a desk is told is an enum ([`Instruction`], [`DeskEvent`]) down to the reason, and the word that it has
//! on the wire stands beside it; the doors match on all of it, so that a new one must be given its meaning at each door.
//!
//! Locks: one `Mutex` a floor; never two floors at once, and none across an `.await`. The maps are indexes whose
//! entries are copied out before a floor is locked.
//!
//! A panic in the middle of a floor's event ends that event: `floor/mending` makes the indexes anew and brings both ends of
//! what is held together again, `mending` does so between floors, and what was said before the panic is delivered.

pub mod adviser;
mod adviser_card;
pub mod area;
pub mod call;
mod call_counts;
mod callers;
mod calls;
mod check;
mod desk_event;
mod desks;
mod due;
mod erasing_store;
pub mod erlang;
pub mod figures;
pub mod floor;
mod floor_here;
mod history;
mod id_hash;
mod journal;
mod journal_store;
mod lenders;
mod mending;
mod network;
mod overflow;
mod recorder;
pub mod route;
mod site;
mod skills;
mod status;
mod store;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod storm;
mod switchboard;
mod telephones;
pub mod trunk;
mod trunk_requests;

pub use adviser::{Desk, State};
pub use adviser_card::AdviserCard;
pub use area::{AreaTable, AreaTarget};
pub use call::{
    Announcement, CallCard, CallRecord, CallState, How, Instruction, PassTo, Priority, ReleaseReason, Report, Screen,
    SwitchCall,
};
pub use call_counts::CallCounts;
pub use calls::NewCall;
pub use desk_event::DeskEvent;
pub use erasing_store::{erase as erase_calls, is_ringing, of_numbers as calls_of_numbers, over as calls_over};
pub use figures::{Period, Staffing};
pub use floor::{
    CallView, Census, DeskCommand, DeskView, Details, Effect, FloorLook, FloorSnapshot, FloorSummary, Load, Notice,
    OfferEnd, Opening, Selection, SiteSettings, WaitingCall,
};
pub use floor_here::FloorHere;
pub use history::{History, Target, answered_since, history};
pub use journal::{JournalEntry, LateCall};
pub use network::Network;
pub use recorder::{FollowUp, record_calls};
pub use route::{Candidate, RouteExplanation, RouteRule, RouteTable, SiteAvailability};
pub use skills::{SkillNames, SkillSet};
pub use status::{BreakReason, Status, StatusCause};
pub use switchboard::Switchboard;
