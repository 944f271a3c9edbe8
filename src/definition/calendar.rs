//! Working time: opening hours, weekends, and the bank holidays of England and Wales.
//!
//! Bank holidays follow the Banking and Financial Dealings Act 1971 (Easter Monday, the last Mondays of May and August,
//! 26 December or its substitute), common law (Good Friday, Christmas Day) and the yearly proclamations (New Year's Day
//! since 1974, the first Monday of May since 1978, and the substitutes). Single years' exceptions are data:
//! `holidays.yaml` adds and removes days.
//!
//! Hours are kept as local wall time and turned into instants day by day, so that a clock change moves nothing.

use super::places::{Site, Week, hours_on};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};

/// Looking for the next opening stops after this many days: a site closed that long is closed.
const FURTHEST_DAYS: u64 = 400;

#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    pub timezone: Tz,
    /// Days proclaimed for one year, with their names.
    pub additions: BTreeMap<NaiveDate, String>,
    /// Days the rules give that were moved elsewhere in one year.
    pub removals: BTreeSet<NaiveDate>,
}

impl Calendar {
    pub fn new(timezone: Tz) -> Self {
        Self { timezone, additions: BTreeMap::new(), removals: BTreeSet::new() }
    }

    /// The bank holidays of a year, in order, on the days on which they are kept.
    pub fn bank_holidays(&self, year: i32) -> Vec<NaiveDate> {
        let by_rule = bank_holidays_by_rule(year).into_iter().filter(|day| !self.removals.contains(day));
        let added = self.additions.keys().copied().filter(|day| day.year() == year);
        by_rule.chain(added).collect::<BTreeSet<_>>().into_iter().collect()
    }

    pub fn is_bank_holiday(&self, date: NaiveDate) -> bool {
        self.additions.contains_key(&date)
            || (!self.removals.contains(&date) && bank_holidays_by_rule(date.year()).contains(&date))
    }

    /// The local day of an instant.
    pub fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.timezone).date_naive()
    }

    /// The local wall time of an instant.
    pub fn local_time(&self, at: DateTime<Utc>) -> NaiveTime {
        at.with_timezone(&self.timezone).time()
    }

    /// The instant of a local day and time. The first of the two when clocks go back over it; none when they go
    /// forward over it.
    pub fn instant(&self, date: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
        self.timezone.from_local_datetime(&date.and_time(time)).earliest().map(|local| local.with_timezone(&Utc))
    }

    /// As [`Calendar::instant`]; a time that is left out becomes the first moment after it.
    pub fn first_at_or_after(&self, date: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
        self.instant(date, time).or_else(|| self.after_the_gap(date, time))
    }

    /// The second of two when clocks go back over the time; one that is left out becomes the first moment after it.
    pub fn last_at_or_after(&self, date: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
        let last = self.timezone.from_local_datetime(&date.and_time(time)).latest();
        last.map(|local| local.with_timezone(&Utc)).or_else(|| self.after_the_gap(date, time))
    }

    /// Clocks go forward by an hour at most, and on a whole minute.
    fn after_the_gap(&self, date: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
        let local = date.and_time(time.with_second(0)?.with_nanosecond(0)?);
        (1..=60).map(|minute| local + TimeDelta::minutes(minute)).find_map(|later| {
            self.timezone.from_local_datetime(&later).earliest().map(|local| local.with_timezone(&Utc))
        })
    }

    /// The moments a local day begins and ends: 23 hours apart in spring, 25 in autumn.
    pub fn day_bounds(&self, date: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let midnight = |date: NaiveDate| {
            // Where midnight itself is left out, the day begins at the first time there is.
            let times = (0..24).filter_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0));
            times.filter_map(|time| self.instant(date, time)).next().unwrap_or_default()
        };
        (midnight(date), midnight(date + Days::new(1)))
    }

    /// Whether the site works on a day: its hours say so, and it is neither a bank holiday nor a privilege day.
    pub fn is_working_day(&self, site: &Site, date: NaiveDate) -> bool {
        site.hours_on(date.weekday()).is_some() && !site.privilege_days.contains(&date) && !self.is_bank_holiday(date)
    }

    /// Whether a day closes the offices of a site, whatever their hours: a bank holiday, a privilege day, or a feast on a weekend,
    /// in whose place the bank holiday is kept on a day after it.
    pub fn is_closed_to_all(&self, site: &Site, date: NaiveDate) -> bool {
        site.privilege_days.contains(&date) || self.is_bank_holiday(date) || is_feast_on_a_weekend(date)
    }

    /// When a place of the site with these local hours opens and closes on a day, if it does. What the clocks leave out or have
    /// twice belongs to the hours.
    pub fn hours(&self, site: &Site, week: &Week, date: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let (from, to) = hours_on(week, date.weekday()).filter(|_| !self.is_closed_to_all(site, date))?;
        Some((self.first_at_or_after(date, from)?, self.last_at_or_after(date, to)?))
    }

    /// When the site opens and closes on a day, if it does.
    pub fn opening(&self, site: &Site, date: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let (from, to) = site.hours_on(date.weekday()).filter(|_| self.is_working_day(site, date))?;
        Some((self.instant(date, from)?, self.instant(date, to)?))
    }

    /// Whether the site is open at an instant. It is open at the moment of opening and no longer at that of closing.
    pub fn is_open(&self, site: &Site, at: DateTime<Utc>) -> bool {
        self.opening(site, self.local_date(at)).is_some_and(|(from, to)| (from..to).contains(&at))
    }

    /// When the site next opens, strictly after `at`. None when it stays closed for over a year.
    pub fn next_opening(&self, site: &Site, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = self.local_date(at);
        (0..FURTHEST_DAYS)
            .filter_map(|days| self.opening(site, today.checked_add_days(Days::new(days))?))
            .map(|(from, _)| from)
            .find(|from| *from > at)
    }

    /// The working day that is `days` working days after a day, which itself is not counted. With 0, the day itself
    /// when it is a working day, else the next one. None when the site stays closed for over a year.
    pub fn add_working_days(&self, site: &Site, date: NaiveDate, days: u32) -> Option<NaiveDate> {
        let next =
            |from: NaiveDate| from.iter_days().take(FURTHEST_DAYS as usize).find(|day| self.is_working_day(site, *day));
        let mut day = if days == 0 { next(date)? } else { date };
        for _ in 0..days {
            day = next(day.succ_opt()?)?;
        }
        Some(day)
    }

    /// How many working days there are after `from` up to and including `to`; 0 when `to` is not later.
    pub fn working_days_between(&self, site: &Site, from: NaiveDate, to: NaiveDate) -> usize {
        from.iter_days().skip(1).take_while(|day| *day <= to).filter(|day| self.is_working_day(site, *day)).count()
    }
}

/// Christmas, Boxing Day, New Year's Day or Easter Sunday, on a Saturday or a Sunday.
fn is_feast_on_a_weekend(date: NaiveDate) -> bool {
    let is_feast =
        matches!((date.month(), date.day()), (12, 25 | 26) | (1, 1)) || easter_sunday(date.year()) == Some(date);
    is_feast && matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The bank holidays that the rules alone give for a year.
fn bank_holidays_by_rule(year: i32) -> Vec<NaiveDate> {
    let mut days = Vec::with_capacity(8);
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    // New Year's Day, or the Monday after a weekend: proclaimed since 1974.
    if year >= 1974 {
        days.extend(day(1, 1).and_then(next_weekday));
    }
    let easter = easter_sunday(year);
    days.extend(easter.and_then(|sunday| sunday.checked_sub_days(Days::new(2))));
    days.extend(easter.and_then(|sunday| sunday.succ_opt()));
    // The first Monday of May: proclaimed since 1978.
    if year >= 1978 {
        days.extend(NaiveDate::from_weekday_of_month_opt(year, 5, Weekday::Mon, 1));
    }
    days.extend(last_monday(year, 5));
    days.extend(last_monday(year, 8));
    days.extend(christmas(year));
    days
}

/// Christmas and Boxing Day on the days they are kept: 25 and 26 December, or 25 and Monday 28 when 25 is a Friday, 27
/// and 28 when it is a Saturday, 26 and 27 when it is a Sunday.
fn christmas(year: i32) -> impl Iterator<Item = NaiveDate> {
    let kept: [u32; 2] = match NaiveDate::from_ymd_opt(year, 12, 25).map(|day| day.weekday()) {
        Some(Weekday::Fri) => [25, 28],
        Some(Weekday::Sat) => [27, 28],
        Some(Weekday::Sun) => [26, 27],
        _ => [25, 26],
    };
    kept.into_iter().filter_map(move |day| NaiveDate::from_ymd_opt(year, 12, day))
}

fn next_weekday(day: NaiveDate) -> Option<NaiveDate> {
    match day.weekday() {
        Weekday::Sat => day.checked_add_days(Days::new(2)),
        Weekday::Sun => day.succ_opt(),
        _ => Some(day),
    }
}

fn last_monday(year: i32, month: u32) -> Option<NaiveDate> {
    [5, 4].into_iter().find_map(|nth| NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, nth))
}

/// Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher).
fn easter_sunday(year: i32) -> Option<NaiveDate> {
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let f = (b + 8) / 25;
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    NaiveDate::from_ymd_opt(year, u32::try_from(n / 31).ok()?, u32::try_from(n % 31 + 1).ok()?)
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
