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
    /// How often the form was asked for before, by steps that have ended.
    pub chased: u32,
}

/// What of its meeting stands in the way of handing it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arranged {
    No,
    /// Booked, or missed and with the steps that follow from that.
    ToCome,
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
                add(What::ArrangeMeeting { start_up_day }, working(start_up_day, 1), "meeting".to_owned());
            }
            let since = match claim.meeting {
                // Until the day is over, those who meet hand it over themselves.
                Arranged::Held(day) => day.succ_opt().filter(|next| *next <= today).map(|_| day),
                Arranged::Without => claim.back,
                Arranged::No | Arranged::ToCome => None,
            };
            if let Some(since) = since {
                add(What::LodgeNow { since }, since, "handover".to_owned());
            }
            if let (Some(posted_day), None) = (claim.posted, claim.back)
                && !matches!(claim.meeting, Arranged::Held(_))
            {
                let due = posted_day + Days::new(rules.chase_after(claim.chased).into());
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
