//! What follows from a meeting, or from none: deferred meetings looked at again on their day, the procedure after a missed
//! one, a list of clients who would come sooner, meetings proposed on their day. One list of steps for all of it, with who
//! has to be asked, by which day and why.
//!
//! All of it is durable. A step comes of one cause once, which the key of `steps` holds: whoever works out what is due may
//! be killed, be late, or be two. Steps after a missed meeting are worked out anew from what happened each time something
//! does ([`procedure`]), in the transaction of what happened. Nothing here ends a claim; a named person decides.

mod causes;
mod claims_listed;
mod claims_listed_store;
mod closing;
mod decided;
mod erasing_store;
mod freed_store;
mod history;
mod history_store;
mod keeping;
mod listing;
mod misses;
mod procedure;
mod proposal_store;
mod proposals;
mod reconsidering;
mod refill;
mod report;
mod report_store;
mod reviews;
mod slipping;
mod slipping_store;
mod standby;
mod standby_store;
mod step;
mod store;
mod waiting;
mod wording;

pub use causes::{Deciding, WriteDecision, decide_after_misses, decisions_about, list_decisions, record_good_cause};
pub use claims_listed::{
    ClaimsAsked, ListedClaim, NextMeeting, Trouble, WhoseClaims, list_claims, place as claims_place,
};
pub use closing::end_all as end_steps;
pub use decided::{Asked, DecisionAfterMisses, LookedAgain, reversible_until};
pub use erasing_store::{claims_on_standby, claims_with_step, erase};
pub use keeping::{claim_moved, keep_claims};
pub use listing::{
    Listing, ToDo, WriteMissedMeeting, death_letter, decision_letter, decision_words, list_steps, missed_letter,
    off_letter, record_step, to_do,
};
pub use misses::{bearing, bearing_of, meeting_decided, record_attendance, record_phone_attempt};
pub use procedure::{AfterMisses, PhoneOutcome};
pub use proposals::{propose_meetings, record_life_event};
pub use reconsidering::{ask_again, request_reconsideration, reverse_decision, uphold_decision};
pub use refill::{OfferAnswer, answer_offer, refill};
pub use report::{AttendanceLine, AttendanceReport, DecisionReport, ReasonCount};
pub use report_store::ReportDays;
pub use reviews::{attendance_report, decision_report, review_deferrals};
pub use standby::{Joining, join_standby, leave_all_standby, leave_standby, list_standby};
pub use step::{Outcome, Step, StepState, What};
pub use waiting::Waiting;
pub use wording::{Found, Reads, ToldDecision};

use chrono::NaiveDate;
use startline_definition::{Definition, Site};
use startline_foundation::error::{Error, Result};

/// Longest note, in characters.
const NOTE_CHARS: usize = 500;

/// So many working days of the site after a day; with none, the day itself or the next working one.
fn working_day(definition: &Definition, site: &Site, from: NaiveDate, days: u32) -> NaiveDate {
    definition.calendar.add_working_days(site, from, days).unwrap_or(from)
}

fn checked_note(note: &str) -> Result<String> {
    startline_foundation::formats::long_text(note, NOTE_CHARS).map_err(|reason| Error::invalid("note", reason))
}
