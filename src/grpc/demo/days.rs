//! The demo's days: working days of every site, counted from the last one that has passed noon.

use chrono::{DateTime, Datelike, Days as Span, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use startline_definition::{Calendar, Definition};

/// How many working days before the last one the demo begins, and how many after it are planned.
const BEFORE: usize = 7;
const AFTER: usize = 6;
/// Nobody is closed on all working days of so long a time.
const FURTHEST_DAYS: u64 = 60;

#[derive(Debug, Clone)]
pub struct Days {
    calendar: Calendar,
    now: DateTime<Utc>,
    days: Vec<NaiveDate>,
}

impl Days {
    /// The days around this moment. A morning is still planned from the day before: what is due today has not begun then.
    ///
    /// # Errors
    /// When the sites are closed all the time.
    pub fn around(definition: &Definition, now: DateTime<Utc>) -> Result<Self, String> {
        let calendar = definition.calendar.clone();
        let works = |day: &NaiveDate| {
            let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
            !is_weekend && definition.sites.iter().all(|site| calendar.is_working_day(site, *day))
        };
        let today = calendar.local_date(now);
        let noon = calendar.local_time(now) >= NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
        let last = if noon { today } else { today - Span::new(1) };
        let mut before: Vec<_> = (0..FURTHEST_DAYS).map(|n| last - Span::new(n)).filter(works).take(BEFORE + 1).collect();
        before.reverse();
        let after = (1..FURTHEST_DAYS).map(|n| last + Span::new(n)).filter(works).take(AFTER);
        let days: Vec<_> = before.into_iter().chain(after).collect();
        if days.len() < BEFORE + 1 + AFTER {
            return Err("the sites of this definition hardly ever work: the demo has no days".into());
        }
        Ok(Self { calendar, now, days })
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// When the demo's time begins.
    pub fn begins(&self) -> DateTime<Utc> {
        self.at(-7, 8, 30)
    }

    /// The last moment at which somebody works.
    pub fn ends(&self) -> DateTime<Utc> {
        self.at(0, 17, 0).min(self.now)
    }

    /// A call-back booked for the half hour from here is due at the end.
    pub fn just_now(&self) -> DateTime<Utc> {
        self.ends() - TimeDelta::minutes(40)
    }

    /// The first working day from today on: clients are met today, if anybody works today.
    pub fn first_to_come(&self) -> i32 {
        if self.date(0) == self.calendar.local_date(self.now) { 0 } else { 1 }
    }

    /// A working day: 0 is the last, 1 the one after it.
    pub fn date(&self, day: i32) -> NaiveDate {
        let index = usize::try_from(day + 7).unwrap_or_default().min(self.days.len() - 1);
        self.days[index]
    }

    pub fn at(&self, day: i32, hour: u32, minute: u32) -> DateTime<Utc> {
        let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
        self.calendar.instant(self.date(day), time).unwrap_or(self.now)
    }

    pub fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        self.calendar.local_date(at)
    }
}
