//! A place for a call-back: whether a time may be asked for at all, who could sit where, and what is free instead.

use super::capacity::{Assignment, Wanted};
use super::offers::{self, Asked};
use super::schedules::{Schedules, cell, cells_of};
use super::wishes::Wishes;
use crate::access::{self, TAKES_CALLS};
use crate::rota::SLOT_TAKEN;
use chrono::{DateTime, Utc};
use startline_definition::{Definition, Site};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{SiteId, UserId};
use startline_foundation::store::Db;
use std::ops::Range;

/// The site's days from now to as far ahead as is booked; none of them is read yet.
pub async fn open<'a>(
    db: &mut Db<'_>,
    definition: &'a Definition,
    site: &'a Site,
    now: DateTime<Utc>,
) -> Result<Schedules<'a>> {
    let days = (definition.calendar.local_date(now), offers::horizon(definition, now));
    Schedules::open(db, definition, site, days, now).await
}

/// A place at this time, if need be with others sitting elsewhere; else a refusal that says what is free.
pub async fn find_seat(
    db: &mut Db<'_>,
    schedules: &mut Schedules<'_>,
    asked: &Asked,
    (start, cells): (DateTime<Utc>, &Range<usize>),
    owner: Option<UserId>,
    now: DateTime<Utc>,
) -> Result<Assignment> {
    let day = schedules.definition.calendar.local_date(start);
    // Where no roster is kept, a promise takes any place.
    let only = owner.filter(|_| schedules.is_rostered(day));
    let tie = asked.who.map_or(0, |client| client.0.as_u64_pair().1);
    let wanted = Wanted { cells: cells.clone(), needs: asked.needs.skills, only, tie };
    if let Some(assignment) = schedules.day(day).and_then(|plan| plan.seat(&wanted)) {
        return Ok(assignment);
    }
    let wishes = Wishes { adviser: only.or(asked.wishes.adviser), ..asked.wishes.clone() };
    let asked = Asked { wishes, ..asked.clone() };
    let found = offers::search(db, schedules, &asked, now, offers::FRESH_OFFERS).await?;
    if let Some(adviser) = only {
        let name = schedules.name_of(adviser);
        let message = format!("{name} does not make call-backs then, or has another; see when they are free");
        let offers = offers::fresh(&offers::with(found.offers, only), schedules.site);
        return Err(Error::NotThen { field: "adviser_id", message, offers });
    }
    let skills = asked.needs.named(schedules.definition);
    let message = match skills.is_empty() {
        true => "the last place at that time has just been taken; these are free".to_owned(),
        false => format!("nobody who has {skills} is free at that time any more; these are"),
    };
    Err(Error::Conflict { reason: SLOT_TAKEN, message, offers: offers::fresh(&found.offers, schedules.site) })
}

/// The cells of a call from this moment on, with its day read; else a refusal that says what would be right.
pub async fn check_time(
    db: &mut Db<'_>,
    schedules: &mut Schedules<'_>,
    asked: &Asked,
    start: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Range<usize>> {
    let (definition, site) = (schedules.definition, schedules.site);
    let day = definition.calendar.local_date(start);
    let message = match wrong_time(schedules, asked, start, now) {
        None => {
            schedules.read_day(db, day).await?;
            let cell = schedules.day(day).and_then(|plan| plan.cell_at(start)).unwrap_or_default();
            return Ok(cell..cell + cells_of(definition, &asked.needs));
        }
        Some(message) => message,
    };
    // What is near the time that was meant, as far as that can be.
    let last = definition.calendar.day_bounds(schedules.last_day()).0;
    let near = start.clamp(now, last.max(now));
    let wishes = Wishes { not_before: Some(near), ..asked.wishes.clone() };
    let found = offers::search(db, schedules, &Asked { wishes, ..asked.clone() }, now, offers::FRESH_OFFERS).await?;
    Err(Error::NotThen { field: "start_time", message, offers: offers::fresh(&found.offers, site) })
}

fn wrong_time(schedules: &Schedules<'_>, asked: &Asked, start: DateTime<Utc>, now: DateTime<Utc>) -> Option<String> {
    let (definition, site) = (schedules.definition, schedules.site);
    let (calendar, settings) = (&definition.calendar, &definition.service.settings);
    if start < now {
        return Some("is in the past".into());
    }
    let day = calendar.local_date(start);
    if day > schedules.last_day() {
        return Some(format!("is more than {} months ahead", settings.booking_horizon_months));
    }
    let Some((opens, closes)) = calendar.opening(site, day) else {
        let next = calendar.next_opening(site, start);
        let next = next.map(|at| at.with_timezone(&calendar.timezone).format("; it opens again on %A %-d %B at %H:%M"));
        let next = next.map(|words| words.to_string()).unwrap_or_default();
        return Some(format!("is on a day when the centre is closed{next}"));
    };
    let step = cell(definition);
    let length = step * i32::try_from(cells_of(definition, &asked.needs)).unwrap_or(1);
    let on_grid = start >= opens && (start - opens).num_milliseconds() % step.num_milliseconds().max(1) == 0;
    if !on_grid || start + length > closes {
        return Some(format!(
            "must be on a step of {} minutes from when the centre opens, and leave {} minutes before it closes",
            step.num_minutes(),
            length.num_minutes()
        ));
    }
    if !asked.safe.allow(calendar, start, start + length) {
        return Some("is not a time at which it is safe to ring this client".into());
    }
    (start < offers::earliest(definition, site, asked.urgent, now)).then(|| {
        let days = settings.callback_lead_min_working_days;
        format!("is too soon: call-backs are booked {days} working day(s) ahead unless the need is urgent")
    })
}

/// When each cell of a call begins that starts then.
pub fn times_of(schedules: &Schedules<'_>, start: DateTime<Utc>, cells: &Range<usize>) -> Vec<DateTime<Utc>> {
    let step = cell(schedules.definition);
    (0..cells.len()).map(|i| start + step * i32::try_from(i).unwrap_or(i32::MAX)).collect()
}

pub fn end_of(schedules: &Schedules<'_>, start: DateTime<Utc>, cells: &Range<usize>) -> DateTime<Utc> {
    start + cell(schedules.definition) * i32::try_from(cells.len()).unwrap_or(i32::MAX)
}

/// # Errors
/// `Invalid` unless this is an adviser of the site, who may promise a call.
pub async fn check_owner(db: &mut Db<'_>, owner: UserId, site: &SiteId, field: &'static str) -> Result<()> {
    let found = match access::user(db, owner).await {
        Err(Error::NotFound { .. }) => None,
        found => Some(found?),
    };
    if found.is_some_and(|user| user.works_at(site, &TAKES_CALLS)) {
        return Ok(());
    }
    Err(Error::invalid(field, "is no adviser of the client's home site"))
}
