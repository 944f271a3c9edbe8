//! The standard of the first meeting: so many working days after the start-up call, and not before the form is on the
//! doormat. Pure.

use super::appointment::Appointment;
use super::wishes::Wishes;
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Definition, FIRST_MEETING, MeetingKind, Site};
use startline_foundation::ids::SiteId;

/// The printed form must be on the doormat before a first meeting, so many working days after it was posted or will be,
/// unless the client cannot wait; other meetings may be held at once.
pub fn earliest(
    definition: &Definition,
    site: &Site,
    kind: &MeetingKind,
    wishes: &Wishes,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    if wishes.urgent || kind.id != FIRST_MEETING {
        return now;
    }
    let calendar = &definition.calendar;
    let lead = definition.service.settings.meeting_lead_min_working_days;
    let posted = wishes.form_posted_at.unwrap_or(now);
    let day = calendar.add_working_days(site, calendar.local_date(posted), lead);
    day.map_or(now, |day| calendar.day_bounds(day).0.max(now))
}

/// The last day that meets the standard (rule C9: four working days after the start-up call).
pub fn last_day(definition: &Definition, site: &Site, now: DateTime<Utc>) -> NaiveDate {
    day_after(definition, site, now, definition.service.settings.meeting_standard_working_days)
}

/// The last day that is aimed at: three working days after it, where four are allowed.
pub fn aim_day(definition: &Definition, site: &Site, now: DateTime<Utc>) -> NaiveDate {
    day_after(definition, site, now, definition.service.settings.meeting_aim())
}

fn day_after(definition: &Definition, site: &Site, now: DateTime<Utc>, working_days: u32) -> NaiveDate {
    let calendar = &definition.calendar;
    let today = calendar.local_date(now);
    calendar.add_working_days(site, today, working_days).unwrap_or(today)
}

/// Whether the meeting falls within the standard, counted from the day it was made.
pub fn is_within(definition: &Definition, site: &SiteId, appointment: &Appointment) -> bool {
    let day = definition.calendar.local_date(appointment.starts_at);
    definition.site(site).is_some_and(|site| day <= last_day(definition, site, appointment.made_at))
}
