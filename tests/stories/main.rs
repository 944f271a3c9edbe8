//! Stories through the public door, each on both databases. One program: typst makes linking slow.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[macro_use]
#[path = "../support/mod.rs"]
mod support;

mod access;
mod answers;
mod audit;
mod bad_input;
mod bounds;
mod calendars;
mod callback_life;
mod callback_model;
mod callback_replay;
mod callbacks;
mod claim_life;
mod client_changes;
mod clock_set;
mod contention;
mod contingency;
mod crash;
mod dead_process;
mod definitions;
mod diary;
mod diary_model;
mod documents;
mod doors;
mod figures;
mod followup;
mod health;
mod left_a_number;
mod letters;
mod locks;
mod migrations;
mod missed_callers;
mod nine_groups;
mod operations;
mod owners;
mod print_replay;
mod print_reports;
mod print_room;
mod print_run;
mod printed;
mod races;
mod reminders;
mod replay;
mod ring_to_letter;
mod sip;
mod sip_asterisk;
mod sip_limits;
mod sip_torture;
mod sip_trial;
mod skills;
mod spoken;
mod stale;
mod standby;
mod starts;
mod still_holds;
mod stops;
mod telemetry;
mod tls;
mod validators;
mod versions;
mod walks;
mod week;
mod who_and_why;
