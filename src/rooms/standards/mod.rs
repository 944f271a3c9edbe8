//! How long clients wait: from their first contact to the call-back that reached them, from there to the first meeting.
//!
//! Read-only. It keeps nothing of its own: what it counts is what the call-backs and the diary have stored.

mod formula;
mod store;

pub use formula::{Lead, LeadTime};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use startline_definition::{Calendar, Definition, Site};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::SiteId;
use startline_foundation::store::Db;
use std::collections::BTreeMap;

/// Days asked for at once, at most: a quarter.
const MOST_DAYS: i64 = 92;

/// One client who was spoken with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Journey {
    pub first_contact_at: DateTime<Utc>,
    /// When the call-back had been made, or the client's own call had become it.
    pub reached_at: DateTime<Utc>,
    /// When the first meeting after that begins, if one is booked.
    pub meeting_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standards {
    pub to_callback: LeadTime,
    pub to_meeting: LeadTime,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The local days on which somebody was reached, in order.
    pub days: Vec<(NaiveDate, Standards)>,
    pub total: Standards,
}

/// The lead times of a site between two local days, both included.
pub async fn of_site(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &SiteId,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Report> {
    let site = definition.site_or_fault(site)?;
    if !(0..MOST_DAYS).contains(&(last - first).num_days()) {
        let reason = format!("must not be before first_day, nor more than {MOST_DAYS} days on");
        return Err(Error::invalid("last_day", reason));
    }
    let calendar = &definition.calendar;
    let bounds = (calendar.day_bounds(first).0, calendar.day_bounds(last).1);
    let journeys = store::journeys(db, &site.id, bounds).await?;
    Ok(report(definition, site, &journeys))
}

fn report(definition: &Definition, site: &Site, journeys: &[Journey]) -> Report {
    let mut days: BTreeMap<NaiveDate, Vec<Journey>> = BTreeMap::new();
    for journey in journeys {
        days.entry(definition.calendar.local_date(journey.reached_at)).or_default().push(*journey);
    }
    Report {
        days: days.into_iter().map(|(day, journeys)| (day, standards(definition, site, &journeys))).collect(),
        total: standards(definition, site, journeys),
    }
}

fn standards(definition: &Definition, site: &Site, journeys: &[Journey]) -> Standards {
    let settings = &definition.service.settings;
    let lead = |from, until| lead(&definition.calendar, site, from, until);
    let called = journeys.iter().map(|one| lead(one.first_contact_at, one.reached_at));
    let met = journeys.iter().filter_map(|one| one.meeting_at.map(|meeting_at| lead(one.reached_at, meeting_at)));
    Standards {
        to_callback: LeadTime::of(
            called.collect(),
            settings.callback_lead_max_working_days,
            settings.callback_lead_max_working_days,
        ),
        to_meeting: LeadTime::of(met.collect(), settings.meeting_standard_working_days, settings.meeting_aim()),
    }
}

/// How long it is from one moment to another, as the site counts.
fn lead(calendar: &Calendar, site: &Site, from: DateTime<Utc>, until: DateTime<Utc>) -> Lead {
    let (first, last) = (calendar.local_date(from), calendar.local_date(until));
    let open = first.iter_days().take_while(|day| *day <= last).filter_map(|day| calendar.opening(site, day));
    let working = open.map(|(opens, closes)| (closes.min(until) - opens.max(from)).max(TimeDelta::zero()));
    let count = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
    Lead {
        working_minutes: count(working.sum::<TimeDelta>().num_minutes()),
        calendar_days: count((last - first).num_days()),
        working_days: u32::try_from(calendar.working_days_between(site, first, last)).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn nights_weekends_and_bank_holidays_are_no_working_time() {
        let definition = Definition::embedded();
        let between = |from, until| lead(&definition.calendar, &definition.sites[0], at(from), at(until));
        let same_day = between("2026-03-03T10:00:00Z", "2026-03-03T11:30:00Z");
        assert_eq!(same_day, Lead { working_minutes: 90, calendar_days: 0, working_days: 0 });
        // From the Thursday before Easter, half an hour before closing, to Tuesday, half an hour after opening.
        let easter = between("2026-04-02T16:30:00Z", "2026-04-07T08:00:00Z");
        assert_eq!(easter, Lead { working_minutes: 60, calendar_days: 5, working_days: 1 });
        // A night in which the clocks go forward is no longer or shorter.
        let spring = between("2026-03-27T17:00:00Z", "2026-03-30T08:30:00Z");
        assert_eq!(spring, Lead { working_minutes: 120, calendar_days: 3, working_days: 1 });
    }

    #[test]
    fn whoever_has_no_meeting_counts_for_the_call_back_alone() {
        let definition = Definition::embedded();
        let journey = |reached: &str, meeting: Option<&str>| Journey {
            first_contact_at: at("2026-03-03T10:00:00Z"),
            reached_at: at(reached),
            meeting_at: meeting.map(at),
        };
        let journeys = [
            journey("2026-03-04T09:30:00Z", Some("2026-03-09T10:00:00Z")),
            journey("2026-03-04T11:30:00Z", None),
            journey("2026-03-12T09:30:00Z", Some("2026-03-24T10:00:00Z")),
        ];
        let report = report(&definition, &definition.sites[0], &journeys);
        assert_eq!(
            report.days.iter().map(|(day, _)| day.to_string()).collect::<Vec<_>>(),
            ["2026-03-04", "2026-03-12"]
        );
        let (called, met) = (report.total.to_callback, report.total.to_meeting);
        assert_eq!((called.count, called.within_standard, met.count, met.within_standard), (3, 2, 2, 1));
        assert_eq!((called.p50_calendar_days, called.p90_calendar_days), (1, 9));
    }
}
