//! When each line of a plan is due for an appointment, and whether it may go. Pure: `now` is an argument.

use super::reminder::Dropped;
use crate::diary::Entry;
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Calendar, ReminderLine, Site};

/// A site closed for longer than this reminds nobody.
const FURTHEST_DAYS: usize = 400;

/// How a line stands for an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    NotYet,
    Due(DateTime<Utc>),
    /// Its moment has come, and it does not go.
    Dropped(DateTime<Utc>, Dropped),
}

pub fn stands(line: &ReminderLine, entry: &Entry, (calendar, site): (&Calendar, &Site), now: DateTime<Utc>) -> Stands {
    let Some(moment) = moment(line, entry.starts_at, (calendar, site)) else { return Stands::NotYet };
    if now < moment {
        return Stands::NotYet;
    }
    if now >= entry.starts_at {
        return Stands::Dropped(moment, Dropped::TooLate);
    }
    // Booked or moved there after the moment: the client has just heard when it is.
    if moment <= entry.changed_at {
        return if line.also_when_booked_later {
            Stands::Due(entry.changed_at)
        } else {
            Stands::Dropped(moment, Dropped::BookedLater)
        };
    }
    Stands::Due(moment)
}

/// The local time of the line, so many working days before the appointment's day.
pub fn moment(
    line: &ReminderLine,
    starts_at: DateTime<Utc>,
    (calendar, site): (&Calendar, &Site),
) -> Option<DateTime<Utc>> {
    let day = working_days_before((calendar, site), calendar.local_date(starts_at), line.working_days_before)?;
    let opening = calendar.opening(site, day).map(|(from, _)| from);
    let at = line.at.and_then(|at| calendar.instant(day, at));
    at.or(opening).or_else(|| Some(calendar.day_bounds(day).0))
}

fn working_days_before((calendar, site): (&Calendar, &Site), day: NaiveDate, days: u32) -> Option<NaiveDate> {
    let back = |from: NaiveDate| {
        let earlier = std::iter::successors(from.pred_opt(), NaiveDate::pred_opt).take(FURTHEST_DAYS);
        earlier.into_iter().find(|day| calendar.is_working_day(site, *day))
    };
    (0..days).try_fold(day, |day, _| back(day))
}

/// When something due now may go out: at once while the site is open, else at its next opening, if that is before the
/// appointment.
pub fn goes_at(
    (calendar, site): (&Calendar, &Site),
    starts_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Dropped> {
    if now >= starts_at {
        return Err(Dropped::TooLate);
    }
    if calendar.is_open(site, now) {
        return Ok(now);
    }
    calendar.next_opening(site, now).filter(|opening| *opening < starts_at).ok_or(Dropped::NoOpeningBefore)
}

/// Until when an appointment must begin for any line of it to be due now.
pub fn reach((calendar, site): (&Calendar, &Site), working_days: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let last = calendar.add_working_days(site, calendar.local_date(now), working_days + 1)?;
    Some(calendar.day_bounds(last).1)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
