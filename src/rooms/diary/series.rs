//! Meetings booked together: the same weekday and local time every so many weeks, or the nearest free time to it.

use super::appointment::{Appointment, State};
use super::booking::{Place, place_appointment};
use super::change::Change;
use super::finding::{Wish, begin, fresh_offers};
use super::{appointment_store as store, day_store};
use crate::access::{Context, audit};
use crate::rota::{SLOT_TAKEN, cell_start};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, SeriesId, UserId};
use startline_foundation::store::Db;

/// Meetings a series has, at most; and weeks between them.
const MOST_TIMES: u32 = 26;
const MOST_WEEKS: u32 = 13;
/// Days before and after the wished day that are looked at when it has no room.
const DAYS_AROUND: u64 = 2;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    pub personal_adviser: UserId,
    /// The first meeting's local day and time.
    pub first_day: NaiveDate,
    pub at: NaiveTime,
    pub every_weeks: u32,
    pub times: u32,
}

/// Books all of them or none. Each is at its wished time, or at the free time nearest to it within two days.
pub async fn book_series(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim_id: ClaimId,
    wish: &Wish<'_>,
    series: &Series,
) -> Result<Vec<Appointment>> {
    if !(1..=MOST_TIMES).contains(&series.times) {
        return Err(Error::invalid("times", format!("must be from 1 to {MOST_TIMES}")));
    }
    if !(1..=MOST_WEEKS).contains(&series.every_weeks) {
        return Err(Error::invalid("every_weeks", format!("must be from 1 to {MOST_WEEKS}")));
    }
    let id = SeriesId::fresh(context.now);
    let mut booked = Vec::new();
    for number in 0..series.times {
        let day = series.first_day + Days::new(u64::from(number * series.every_weeks) * 7);
        let Some(wished) = definition.calendar.instant(day, series.at) else {
            let reason = format!("does not exist on {day}: the clocks go forward over it");
            return Err(Error::invalid("start", reason));
        };
        let Some(start) = nearest_free(db, context, definition, wish, series.personal_adviser, wished).await? else {
            return Err(Error::Conflict {
                reason: SLOT_TAKEN,
                message: format!("there is no room around {}; nothing was booked", day.format("%A %-d %B")),
                offers: fresh_offers(db, definition, wish, context.now).await?,
            });
        };
        let place = Place { claim_id, state: State::Booked, series: Some(id) };
        let to = (series.personal_adviser, start);
        let appointment = place_appointment(db, context, definition, wish, place, to).await?;
        store::record(db, context, &appointment, &Change::Booked).await?;
        booked.push(appointment);
    }
    audit(db, context, "series_booked", "claim", &claim_id).await?;
    Ok(booked)
}

/// The free start on the nearest day, and on it the nearest by the clock on the wall; the earlier of two that are as near.
async fn nearest_free(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    wish: &Wish<'_>,
    person: UserId,
    wished: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let search = begin(db, definition, wish, context.now).await?;
    let wished_day = definition.calendar.local_date(wished);
    let mut free: Vec<(u64, TimeDelta, DateTime<Utc>)> = Vec::new();
    let wall = |at: DateTime<Utc>| definition.calendar.local_time(at);
    for date in (wished_day - Days::new(DAYS_AROUND)).iter_days().take(DAYS_AROUND as usize * 2 + 1) {
        let day = day_store::one(db, person, date).await?.map(|day| search.open(&day));
        let Some(day) = day.filter(|day| search.has_quota(day)) else { continue };
        let starts = day.starts(search.length, search.kept(date, day.midnight));
        let starts =
            starts.iter().map(|cell| cell_start(day.midnight, cell)).filter(|start| *start >= search.not_before);
        let away = (date - wished_day).num_days().unsigned_abs();
        free.extend(starts.map(|start| (away, (wall(start) - wall(wished)).abs(), start)));
    }
    Ok(free.into_iter().min().map(|(.., start)| start))
}
