//! What keeps a claim that nobody moves from slipping out of sight, worked out from how it stands. Pure.
//!
//! A claim is begun, its form goes out and comes back signed, its meeting is held, and it is handed over before the day of first
//! contact protects no longer. Where one of these is late there is a step, which is there until it is done.

use super::step::What;
use chrono::{Days, NaiveDate};
use startline_definition::{Calendar, Site, SlippingRules};

/// How a claim on its way stands, in local days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Underway {
    pub opened: NaiveDate,
    /// When the start-up was done.
    pub started_up: Option<NaiveDate>,
    pub posted: Option<NaiveDate>,
    pub back: Option<NaiveDate>,
    pub meeting: Arranged,
    /// What keeps its date if it is handed over in time: the day it counts from, and the last on which that holds.
    pub dates: Vec<(NaiveDate, NaiveDate)>,
    /// How often somebody asked for the form before, and when last.
    pub chased: u32,
    pub last_chased: Option<NaiveDate>,
    /// When the first agency got the claim: the rest is to have it too.
    pub went_ahead: Option<NaiveDate>,
}

/// What of its meeting stands in the way of handing it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arranged {
    No,
    /// Booked, or missed or put off and with an open step of what follows from that.
    ToCome,
    /// It was to be on that day, and nobody has said whether the client came.
    Over(NaiveDate),
    Held(NaiveDate),
    /// Deferred or waived: it goes ahead once its form is back.
    Without,
}

/// A step that is to be open, and the day by which it is due. `cause` tells it from others of its kind that were there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    pub what: What,
    pub due_day: NaiveDate,
    pub cause: String,
}

/// What is to be on the list today.
pub fn slips(rules: &SlippingRules, calendar: &Calendar, site: &Site, claim: &Underway, today: NaiveDate) -> Vec<Slip> {
    let mut slips = Vec::new();
    let mut add = |what: What, due_day: NaiveDate, cause: String| {
        if due_day <= today {
            slips.push(Slip { what, due_day, cause });
        }
    };
    let working = |day: NaiveDate, days: u32| calendar.add_working_days(site, day, days).unwrap_or(day);
    match claim.started_up {
        None => {
            let due = working(claim.opened, rules.finish_start_up_working_days);
            add(What::FinishStartUp { opened_day: claim.opened }, due, "start-up".to_owned());
        }
        Some(start_up_day) => {
            if claim.meeting == Arranged::No {
                // Since when there is none is not known: it is due when it is seen, from the day after the call.
                let due = working(start_up_day, 1).max(today);
                if working(start_up_day, 1) <= today {
                    add(What::ArrangeMeeting { start_up_day }, due, "meeting".to_owned());
                }
            }
            if let Arranged::Over(day) = claim.meeting {
                add(What::RecordAttendance { day }, day, format!("attendance:{day}"));
            }
            let since = match claim.meeting {
                // Until the day is over, those who meet hand it over themselves.
                Arranged::Held(day) => day.succ_opt().filter(|next| *next <= today).map(|_| day),
                Arranged::Without => claim.back,
                Arranged::No | Arranged::ToCome | Arranged::Over(_) => None,
            };
            if let Some(since) = since.or(claim.went_ahead.filter(|day| *day < today)) {
                add(What::LodgeNow { since }, since, "handover".to_owned());
            }
            // Whoever has a meeting brings the form to it.
            if let (Some(posted_day), None, Arranged::Without) = (claim.posted, claim.back, claim.meeting) {
                let after = |number: u32| u64::from(rules.chase_after(number));
                let first = posted_day + Days::new(after(claim.chased));
                // Asked late, it is asked again no sooner than it would have been.
                let apart = after(claim.chased) - claim.chased.checked_sub(1).map_or(0, after);
                let due = claim.last_chased.map_or(first, |last| first.max(last + Days::new(apart)));
                add(What::ChaseForm { posted_day }, working(due, 0), format!("form:{}", claim.chased));
            }
        }
    }
    for (from, last_day) in &claim.dates {
        let (from, last_day) = (*from, *last_day);
        let days = (last_day - from).num_days() + 1;
        if days <= 0 {
            continue;
        }
        if today > last_day {
            add(What::DateLost { last_day, days }, last_day, format!("date:{last_day}"));
            continue;
        }
        // The nearest of the days of warning that have come.
        let left = calendar.working_days_between(site, today, last_day);
        let is_near = |ahead: &&u32| usize::try_from(**ahead).is_ok_and(|ahead| left <= ahead);
        if let Some(ahead) = rules.date_runs_out_working_days.iter().rev().find(is_near) {
            add(What::DateRunsOut { last_day, days }, today, format!("date:{last_day}:{ahead}"));
        }
    }
    slips
}

#[cfg(test)]
#[path = "slipping_tests.rs"]
mod tests;
