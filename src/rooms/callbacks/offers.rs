//! Which times a client is offered, in which order, and why. Pure but for reading on in the site's days.

use super::needs::Needs;
use super::safe_times::SafeTimes;
use super::schedules::{Schedules, cells_of};
use super::wishes::{Wish, Wishes};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use startline_definition::{Definition, Site};
use startline_foundation::error::{FreshOffer, Result};
use startline_foundation::ids::{ClientId, UserId};
use startline_foundation::store::Db;
use std::collections::HashMap;

/// Offers that a refusal carries.
pub(super) const FRESH_OFFERS: usize = 3;
/// Days read at a time once the standard's own are full.
const DAYS_AT_A_TIME: u64 = 14;
/// Whoever has offers, if not quite as wished, waits no longer than for this many further readings.
const READ_ON_FOR_WISHES: usize = 2;

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub needs: Needs,
    pub urgent: bool,
    pub wishes: Wishes,
    /// No other time is offered or booked.
    pub safe: SafeTimes,
    /// Whoever books: so that two who book at once do not reach for the same place.
    pub who: Option<ClientId>,
}

/// A time that is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// How many more such call-backs fit side by side.
    pub free_places: usize,
    /// Later than a call-back should be made.
    pub beyond_standard: bool,
    /// The earliest of all that can be had.
    pub earliest: bool,
    /// The first of its morning or afternoon: so that there is a choice of days.
    pub opens_half_day: bool,
    pub met: Vec<Wish>,
    pub unmet: Vec<Wish>,
}

#[derive(Debug, Clone)]
pub struct Offered {
    /// The best first.
    pub offers: Vec<Offer>,
    /// Nothing was free within the standard.
    pub none_in_standard: bool,
}

impl Offer {
    /// Why it is offered here, in a sentence.
    pub fn why(&self, definition: &Definition, adviser: &str) -> String {
        let standard = definition.service.settings.callback_lead_max_working_days;
        let mut reasons: Vec<String> = Vec::new();
        let morning = definition.calendar.local_time(self.start) < NOON;
        if self.earliest {
            reasons.push("the earliest that can be had".into());
        } else if self.opens_half_day {
            reasons.push(format!("the first of that {}", if morning { "morning" } else { "afternoon" }));
        }
        for wish in &self.met {
            reasons.push(match wish {
                Wish::Times => "at a time that suits".into(),
                Wish::NotAfter => "as soon as was wished".into(),
                Wish::Adviser => format!("with {adviser}, as wished"),
            });
        }
        for wish in &self.unmet {
            reasons.push(match wish {
                Wish::Times => "but at a time that does not suit".into(),
                Wish::NotAfter => "but later than was wished".into(),
                Wish::Adviser => format!("but {adviser} is not free then"),
            });
        }
        reasons.push(match self.beyond_standard {
            false => format!("within {standard} working days"),
            true => format!("later than the {standard} working days of the standard"),
        });
        reasons.join(", ")
    }
}

const NOON: NaiveTime = match NaiveTime::from_hms_opt(12, 0, 0) {
    Some(noon) => noon,
    None => NaiveTime::MIN,
};

/// The best times, at least so many if there are. Reads as many days as it takes.
pub(super) async fn search(
    db: &mut Db<'_>,
    schedules: &mut Schedules<'_>,
    asked: &Asked,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Offered> {
    let last = last_in_standard(schedules.definition, schedules.site, now);
    let first = schedules.definition.calendar.local_date(asked.wishes.not_before.unwrap_or(now));
    schedules.skip_to(first);
    let mut until = last.max(first);
    let mut readings = 0;
    loop {
        let more = schedules.read_until(db, until).await?;
        let offers = rank(schedules, asked, now, last);
        let as_wished = offers.iter().filter(|offer| offer.unmet.is_empty()).count();
        let enough = as_wished >= most || (offers.len() >= most && readings >= READ_ON_FOR_WISHES);
        if enough || !more {
            let none_in_standard = offers.iter().all(|offer| offer.beyond_standard);
            return Ok(Offered { offers, none_in_standard });
        }
        readings += usize::from(until >= last);
        until = schedules.next_day().max(until) + Days::new(DAYS_AT_A_TIME);
    }
}

/// Every free time of the days read so far, the best first.
pub(super) fn rank(schedules: &Schedules<'_>, asked: &Asked, now: DateTime<Utc>, last: NaiveDate) -> Vec<Offer> {
    let (definition, calendar) = (schedules.definition, &schedules.definition.calendar);
    let length = cells_of(definition, &asked.needs);
    let not_before =
        earliest(definition, schedules.site, asked.urgent, now).max(asked.wishes.not_before.unwrap_or(now));
    let mut offers = Vec::new();
    for plan in &schedules.days {
        let wanted = asked.wishes.adviser.map(|id| plan.free_starts_of(id, length, asked.needs.skills));
        for (cell, free_places) in plan.free_starts(length, asked.needs.skills, 0) {
            let (start, end) = (plan.start_of(cell), plan.start_of(cell + length));
            if start < not_before || !asked.safe.allow(calendar, start, end) {
                continue;
            }
            let mut offer = Offer {
                start,
                end,
                free_places,
                beyond_standard: plan.day > last,
                earliest: false,
                opens_half_day: false,
                met: Vec::new(),
                unmet: Vec::new(),
            };
            let mut judge = |wish, met: bool| if met { offer.met.push(wish) } else { offer.unmet.push(wish) };
            if asked.wishes.has_times() {
                judge(Wish::Times, asked.wishes.times_suit(calendar, start, end));
            }
            if let Some(not_after) = asked.wishes.not_after {
                judge(Wish::NotAfter, start <= not_after);
            }
            if let Some(wanted) = &wanted {
                judge(Wish::Adviser, wanted.has(cell));
            }
            offers.push((plan.day, offer));
        }
    }
    in_order(definition, offers)
}

/// What cannot be comes last, then what is beyond the standard, then what is not with whom it was wished. Among equals the
/// first of each half-day comes before the second of any, so that there is a choice of days.
fn in_order(definition: &Definition, mut offers: Vec<(NaiveDate, Offer)>) -> Vec<Offer> {
    if let Some((_, first)) = offers.first_mut() {
        first.earliest = true;
    }
    let mut seen: HashMap<(NaiveDate, bool, bool), usize> = HashMap::new();
    let mut ranked: Vec<_> = offers
        .into_iter()
        .map(|(day, mut offer)| {
            let cannot = offer.unmet.iter().any(|wish| *wish != Wish::Adviser);
            let without = offer.unmet.contains(&Wish::Adviser);
            let morning = definition.calendar.local_time(offer.start) < NOON;
            let nth = seen.entry((day, morning, cannot)).or_default();
            offer.opens_half_day = *nth == 0;
            *nth += 1;
            ((cannot, offer.beyond_standard, without, *nth, offer.start), offer)
        })
        .collect();
    ranked.sort_by_key(|(key, _)| *key);
    ranked.into_iter().map(|(_, offer)| offer).collect()
}

/// The earliest moment a call-back may be booked for: a working day ahead, or at once when the need is urgent.
pub(super) fn earliest(definition: &Definition, site: &Site, urgent: bool, now: DateTime<Utc>) -> DateTime<Utc> {
    if urgent {
        return now;
    }
    let calendar = &definition.calendar;
    let lead = definition.service.settings.callback_lead_min_working_days;
    let day = calendar.add_working_days(site, calendar.local_date(now), lead);
    day.and_then(|day| calendar.opening(site, day)).map_or(now, |(opens, _)| opens.max(now))
}

/// The last day on which a call-back is made as promptly as it should be.
pub(super) fn last_in_standard(definition: &Definition, site: &Site, now: DateTime<Utc>) -> NaiveDate {
    let calendar = &definition.calendar;
    let today = calendar.local_date(now);
    let lead = definition.service.settings.callback_lead_max_working_days;
    calendar.add_working_days(site, today, lead).unwrap_or(today)
}

pub(super) fn horizon(definition: &Definition, now: DateTime<Utc>) -> NaiveDate {
    definition.calendar.local_date(now) + chrono::Months::new(definition.service.settings.booking_horizon_months)
}

/// Offers as a refusal carries them.
pub(super) fn fresh(offers: &[Offer], site: &Site) -> Vec<FreshOffer> {
    let offer = |offer: &Offer| FreshOffer { start: offer.start, end: offer.end, holder: site.id.to_string() };
    offers.iter().take(FRESH_OFFERS).map(offer).collect()
}

/// Offers with one adviser only.
pub(super) fn with(offers: Vec<Offer>, adviser: Option<UserId>) -> Vec<Offer> {
    let kept = |offer: &Offer| adviser.is_none() || offer.met.contains(&Wish::Adviser);
    offers.into_iter().filter(kept).collect()
}
