//! The promised start-up call: a time offered from the home site's capacity, booked once, made when promised.
//!
//! Everything here is durable before it is acknowledged. Capacity is worked out in memory from the rota and what is
//! booked ([`schedules`], [`capacity`]); two who race for a place meet the primary key of `callback_cells`, and the loser
//! gets fresh offers. Two who reach for one call-back meet its state. Nothing booked moves by itself: what lost its place
//! is listed at risk, with moves proposed. Callers who gave up waiting are listed here too.

mod after_call;
mod assignment;
mod attempts;
mod book;
mod callback;
mod capacity;
mod due;
mod erasing_store;
mod flags;
mod flags_store;
mod history;
mod history_store;
mod letters;
mod letters_store;
mod missed;
mod missed_store;
mod moves;
mod needs;
mod offers;
mod place_store;
mod retry;
mod risk;
mod roster;
mod safe_times;
mod schedules;
mod store;
mod why_none;
mod wishes;

pub use after_call::{EndedCall, HowEnded, after_call, was_answered_after_all};
pub use attempts::{
    assign, correct_number, give_back, park, record_attempt, ring_new_number, start_attempt, take_over, under_way,
};
pub use book::{At, Booking, book, close_all, hold_slot, keep_open, offer_slots, start_up_done};
pub use callback::{Callback, CancelReason, Outcome, State};
pub use due::{DuePlace, VisitPlace, list_due, list_number_checks, list_visits_wanted};
pub use erasing_store::{
    clients_since, clients_with_hold, erase, erase_missed, erase_of_client, live as live_among, missed_of_numbers,
    missed_open, missed_over, numbers_of, of_clients as ids_of_clients, over, owed_letters,
};
pub use flags::{ContactFlags, contact_flags, set_contact_flags};
pub use history::{Attempt, Event, History, What, Words, history};
pub use letters::{Letter, WriteMissedCallback, list_letters, record_letter, told_time};
pub use missed::{MissedCaller, close_missed, list_missed};
pub use moves::{Move, To, cancel, move_callback};
pub use needs::Needs;
pub use offers::{Asked, Offer, Offered};
pub use place_store::{Hold, clock_was_set};
pub use risk::{AtRisk, Proposal, Why, at_risk};
pub use roster::{RosterDraft, RosterLine, end_absence, list_roster, report_absence, set_roster};
pub use safe_times::SafeTimes;
pub use store::ClientPlace;
pub use why_none::{WhyNone, why_none};
pub use wishes::{Wish, Wishes};

use crate::access::{self, TAKES_CALLS};
use chrono::{DateTime, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallbackId, ClientId, SiteId, UserId};
use startline_foundation::store::Db;

/// Longest note, in characters.
const NOTE_CHARS: usize = 500;

pub async fn get(db: &mut Db<'_>, id: CallbackId) -> Result<Callback> {
    store::by_id(db, id).await?.ok_or_else(|| Error::not_found(CallbackId::WHAT, id))
}

/// The call-back, kept from others until the transaction ends.
async fn for_update(db: &mut Db<'_>, id: CallbackId) -> Result<Callback> {
    store::for_update(db, id).await?.ok_or_else(|| Error::not_found(CallbackId::WHAT, id))
}

/// When each adviser's next own call-back is due, of those due from `from` and before `until`.
pub async fn commitments(
    db: &mut Db<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<(UserId, DateTime<Utc>)>> {
    store::commitments(db, from, until).await
}

/// How many of the site's call-backs are being made by advisers of other sites just now.
pub async fn started_elsewhere(db: &mut Db<'_>, site: &SiteId) -> Result<i64> {
    let advisers = store::attempting_at(db, site).await?;
    let elsewhere = access::users(db, &advisers).await?.into_iter().filter(|user| !user.works_at(site, &TAKES_CALLS));
    Ok(i64::try_from(elsewhere.count()).unwrap_or(i64::MAX))
}

/// The client's call-backs that are promised, or wait for a letter or a number; the newest first.
pub async fn open_of_client(db: &mut Db<'_>, client: ClientId) -> Result<Vec<Callback>> {
    store::open_of_client(db, client).await
}

/// All of the client's call-backs, the open ones first, each the newest first, after the one named.
pub async fn of_client(
    db: &mut Db<'_>,
    client: ClientId,
    after: Option<ClientPlace>,
    most: i32,
) -> Result<Vec<Callback>> {
    store::of_client(db, client, after, most).await
}

/// How long a call-back with these needs keeps its place.
pub fn minutes_of(definition: &Definition, needs: &Needs) -> u32 {
    let cells = i32::try_from(schedules::cells_of(definition, needs)).unwrap_or(i32::MAX);
    u32::try_from((schedules::cell(definition) * cells).num_minutes()).unwrap_or(u32::MAX)
}
