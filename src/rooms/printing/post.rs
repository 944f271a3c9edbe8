//! When what is printed now leaves, and when it is on the doormat. Pure.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use startline_definition::{Calendar, Definition, Site};
use startline_foundation::formats::words;
use startline_foundation::ids::SiteId;

words! {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum PostClass {
        First = "first",
        Second = "second",
    }
}

/// What leaves a print room with one post: which batch a job is in follows from its room, day and class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchKey {
    pub room: SiteId,
    pub post_day: NaiveDate,
    pub class: PostClass,
}

/// How a pack that is queued now will travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// The local day with whose post it leaves.
    pub post_day: NaiveDate,
    /// Second class, unless only first class comes in time.
    pub class: PostClass,
    /// The local day on which it is there at the latest, as far as the post keeps its promise.
    pub arrives_by: NaiveDate,
    /// Whether it is there on a day before it is needed.
    pub in_time: bool,
}

/// What the post promises for a pack queued at `now`. Needed on a day, it has to be there the day before: the post may come
/// after the client has left.
pub fn outlook(definition: &Definition, site: &Site, now: DateTime<Utc>, needed_on: Option<NaiveDate>) -> Outlook {
    let post_day = post_day(definition, site, now);
    let arrival = |class| arrives_by(definition, post_day, class);
    let in_time = |class| needed_on.is_none_or(|needed| arrival(class) < needed);
    // What will be late either way goes the quicker one.
    let class = if in_time(PostClass::Second) { PostClass::Second } else { PostClass::First };
    Outlook { post_day, class, arrives_by: arrival(class), in_time: in_time(class) }
}

/// When what was posted on a local day is there at the latest.
pub fn arrives_by(definition: &Definition, post_day: NaiveDate, class: PostClass) -> NaiveDate {
    let settings = &definition.service.settings;
    let days = match class {
        PostClass::First => settings.post_first_class_days,
        PostClass::Second => settings.post_second_class_days,
    };
    delivered(&definition.calendar, post_day, days)
}

/// Today, until the cut-off of a working day; else the next working day.
pub fn post_day(definition: &Definition, site: &Site, now: DateTime<Utc>) -> NaiveDate {
    let calendar = &definition.calendar;
    let today = calendar.local_date(now);
    let in_time = calendar.is_working_day(site, today) && calendar.local_time(now) < definition.service.post_cut_off;
    if in_time { today } else { next_post_day(definition, site, today) }
}

pub fn next_post_day(definition: &Definition, site: &Site, day: NaiveDate) -> NaiveDate {
    definition.calendar.add_working_days(site, day, 1).unwrap_or(day)
}

/// When the batch of that day closes.
pub fn closes_at(definition: &Definition, day: NaiveDate) -> Option<DateTime<Utc>> {
    definition.calendar.first_at_or_after(day, definition.service.post_cut_off)
}

/// So many of the post's working days later: a site's own closed days are nothing to the post, and Saturdays are not
/// counted on.
fn delivered(calendar: &Calendar, posted: NaiveDate, days: u32) -> NaiveDate {
    let mut day = posted;
    let mut left = days;
    while left > 0 {
        day = day + Days::new(1);
        if !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !calendar.is_bank_holiday(day) {
            left -= 1;
        }
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn somerset(definition: &Definition) -> &Site {
        definition.site(&"somerset".into()).expect("the pilot has it")
    }

    #[test]
    fn second_class_is_used_unless_only_first_class_comes_before_the_meeting() {
        let definition = Definition::embedded();
        let site = somerset(&definition);
        // A Thursday, before the cut-off.
        let now = at("2000-04-06T14:00:00Z");
        let easy = outlook(&definition, site, now, Some(day("2000-04-12")));
        assert_eq!((easy.class, easy.arrives_by, easy.in_time), (PostClass::Second, day("2000-04-10"), true));
        let soon = outlook(&definition, site, now, Some(day("2000-04-10")));
        assert_eq!((soon.class, soon.arrives_by, soon.in_time), (PostClass::First, day("2000-04-07"), true));
        let tomorrow = outlook(&definition, site, now, Some(day("2000-04-07")));
        assert_eq!((tomorrow.class, tomorrow.in_time), (PostClass::First, false));
    }

    #[test]
    fn what_is_ready_after_the_cut_off_leaves_on_the_next_working_day() {
        let definition = Definition::embedded();
        let site = somerset(&definition);
        // 17:29 and 17:30 by the wall clock of summer, on the Thursday before Good Friday.
        assert_eq!(outlook(&definition, site, at("2000-04-20T16:29:59Z"), None).post_day, day("2000-04-20"));
        let after = outlook(&definition, site, at("2000-04-20T16:30:00Z"), None);
        assert_eq!((after.post_day, after.arrives_by), (day("2000-04-25"), day("2000-04-27")));
    }

    proptest! {
        #[test]
        fn no_pack_is_said_to_arrive_on_a_day_without_post(seconds in 946_684_800_i64..1_600_000_000, ahead in 0_u64..20) {
            let definition = Definition::embedded();
            let site = somerset(&definition);
            let now = DateTime::from_timestamp(seconds, 0).expect("a time");
            let needed = definition.calendar.local_date(now) + Days::new(ahead);
            let found = outlook(&definition, site, now, Some(needed));
            prop_assert!(found.post_day >= definition.calendar.local_date(now));
            prop_assert!(found.arrives_by > found.post_day);
            prop_assert!(!definition.calendar.is_bank_holiday(found.arrives_by));
            prop_assert!(!matches!(found.arrives_by.weekday(), Weekday::Sat | Weekday::Sun));
            prop_assert_eq!(found.in_time, found.arrives_by < needed);
            // First class is only paid for where it helps, or where nothing does.
            if found.class == PostClass::First {
                prop_assert!(delivered(&definition.calendar, found.post_day, 2) >= needed);
            }
        }
    }
}
