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
        let mut before: Vec<_> =
            (0..FURTHEST_DAYS).map(|n| last - Span::new(n)).filter(works).take(BEFORE + 1).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn around(now: &str) -> Days {
        Days::around(&Definition::embedded(), now.parse().unwrap()).unwrap()
    }

    #[test]
    fn an_afternoon_is_the_last_day_and_a_morning_or_a_weekend_is_not() {
        for (now, last, first_to_come) in [
            ("2026-03-04T14:00:00Z", "2026-03-04", "2026-03-04"),
            ("2026-03-04T09:00:00Z", "2026-03-03", "2026-03-04"),
            ("2026-03-07T15:00:00Z", "2026-03-06", "2026-03-09"),
            // Christmas Day, a Friday; the bank holiday after it is kept on the Monday.
            ("2026-12-25T20:00:00Z", "2026-12-24", "2026-12-29"),
            // Half past twelve in summer is half past eleven for the world.
            ("2026-07-01T11:30:00Z", "2026-07-01", "2026-07-01"),
        ] {
            let days = around(now);
            assert_eq!(days.date(0).to_string(), last, "{now}");
            assert_eq!(days.date(days.first_to_come()).to_string(), first_to_come, "{now}");
        }
    }

    #[test]
    fn at_any_time_of_a_year_the_days_go_forward_and_none_is_after_its_end() {
        let start: DateTime<Utc> = "2026-01-01T00:30:00Z".parse().unwrap();
        for hours in (0..366 * 24).step_by(5) {
            let now = start + TimeDelta::hours(hours);
            let days = Days::around(&Definition::embedded(), now).unwrap();
            assert!(days.begins() < days.at(-6, 8, 30) && days.just_now() < days.ends() && days.ends() <= now, "{now}");
            assert!((-7..=5).all(|day| days.date(day) < days.date(day + 1)), "{now}");
            assert!(days.at(0, 11, 0) < days.ends() && days.at(1, 8, 30) > days.ends(), "{now}");
        }
    }
}
