//! When it is safe to ring a client. Pure.

use crate::clients::Client;
use chrono::{DateTime, Days, NaiveTime, TimeZone, Utc};
use startline_definition::{Calendar, Definition, Site};

/// Days looked through for the next safe moment.
const MOST_DAYS: u64 = 14;

/// The times of the day at which a client may be rung; none: at any. One that no definition in force names is no time at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SafeTimes(Option<Vec<(NaiveTime, NaiveTime)>>);

impl SafeTimes {
    pub fn of_client(definition: &Definition, client: &Client) -> Self {
        Self::of_words(definition, &client.facts.contact.safe_times)
    }

    pub fn of_words(definition: &Definition, words: &[String]) -> Self {
        if words.is_empty() {
            return Self(None);
        }
        let known = &definition.service.telephone.safe_times;
        let mut times: Vec<_> =
            known.iter().filter(|time| words.contains(&time.id)).map(|time| (time.from, time.to)).collect();
        times.sort_unstable();
        Self(Some(times))
    }

    /// Whether a call from the one moment to the other, both of one local day, lies within one of them.
    pub fn allow(&self, calendar: &Calendar, start: DateTime<Utc>, end: DateTime<Utc>) -> bool {
        let Some(times) = &self.0 else { return true };
        let (from, to) = (calendar.local_time(start), calendar.local_time(end));
        times.iter().any(|(opens, closes)| *opens <= from && to <= *closes && from <= to)
    }

    /// The moment itself when it is safe, else the next safe one at which the site is open; the moment itself when there is none.
    pub fn next(&self, at: DateTime<Utc>, (calendar, site): (&Calendar, &Site)) -> DateTime<Utc> {
        let Some(times) = self.0.as_ref().filter(|_| !self.allow(calendar, at, at)) else { return at };
        let first = calendar.local_date(at);
        let days = (0..MOST_DAYS).map(|ahead| first + Days::new(ahead));
        let begins = days.flat_map(|day| times.iter().map(move |(opens, _)| day.and_time(*opens)));
        let moments = begins.filter_map(|local| calendar.timezone.from_local_datetime(&local).earliest());
        let mut later = moments.map(|local| local.with_timezone(&Utc)).filter(|moment| *moment > at);
        let opened = |moment: DateTime<Utc>| {
            let there = super::retry::into_opening(moment, (calendar, site));
            self.allow(calendar, there, there).then_some(there)
        };
        later.find_map(opened).unwrap_or(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn of(words: &[&str]) -> SafeTimes {
        SafeTimes::of_words(&Definition::embedded(), &words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_call_lies_wholly_within_what_is_safe_by_the_local_clock() {
        let definition = Definition::embedded();
        let allows = |words: &[&str], start, end| of(words).allow(&definition.calendar, at(start), at(end));
        assert!(allows(&["morning"], "2026-03-03T11:00:00Z", "2026-03-03T12:00:00Z"));
        assert!(!allows(&["morning"], "2026-03-03T11:30:00Z", "2026-03-03T12:30:00Z"));
        // In summer eleven is ten.
        assert!(!allows(&["morning"], "2026-06-03T11:00:00Z", "2026-06-03T12:00:00Z"));
        assert!(allows(&[], "2026-03-03T11:30:00Z", "2026-03-03T12:30:00Z"));
        assert!(!allows(&["nobody-knows"], "2026-03-03T11:00:00Z", "2026-03-03T12:00:00Z"));
    }

    #[test]
    fn what_is_not_safe_waits_for_the_next_time_that_is() {
        let definition = Definition::embedded();
        let hours = (&definition.calendar, &definition.sites[0]);
        let next = |words: &[&str], moment| of(words).next(at(moment), hours);
        assert_eq!(next(&["morning"], "2026-03-03T09:00:00Z"), at("2026-03-03T09:00:00Z"));
        assert_eq!(next(&["afternoon"], "2026-03-03T09:00:00Z"), at("2026-03-03T14:00:00Z"));
        // The morning of the next day begins with the opening; a Friday's is Monday's.
        assert_eq!(next(&["morning"], "2026-03-03T15:00:00Z"), at("2026-03-04T08:30:00Z"));
        assert_eq!(next(&["morning"], "2026-03-06T15:00:00Z"), at("2026-03-09T08:30:00Z"));
        assert_eq!(next(&["nobody-knows"], "2026-03-03T15:00:00Z"), at("2026-03-03T15:00:00Z"));
    }
}
