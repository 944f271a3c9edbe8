use super::*;
use crate::Definition;
use chrono::Datelike;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("{text}"))
}

/// The dates as they were kept, from the published lists.
const KEPT: &str = "\
1999-01-01 1999-04-02 1999-04-05 1999-05-03 1999-05-31 1999-08-30 1999-12-27 1999-12-28 1999-12-31
2000-01-03 2000-04-21 2000-04-24 2000-05-01 2000-05-29 2000-08-28 2000-12-25 2000-12-26
2001-01-01 2001-04-13 2001-04-16 2001-05-07 2001-05-28 2001-08-27 2001-12-25 2001-12-26
2002-01-01 2002-03-29 2002-04-01 2002-05-06 2002-06-03 2002-06-04 2002-08-26 2002-12-25 2002-12-26
2003-01-01 2003-04-18 2003-04-21 2003-05-05 2003-05-26 2003-08-25 2003-12-25 2003-12-26
2004-01-01 2004-04-09 2004-04-12 2004-05-03 2004-05-31 2004-08-30 2004-12-27 2004-12-28
2005-01-03 2005-03-25 2005-03-28 2005-05-02 2005-05-30 2005-08-29 2005-12-26 2005-12-27
2021-01-01 2021-04-02 2021-04-05 2021-05-03 2021-05-31 2021-08-30 2021-12-27 2021-12-28
2022-01-03 2022-04-15 2022-04-18 2022-05-02 2022-06-02 2022-06-03 2022-08-29 2022-09-19 2022-12-26 2022-12-27
2023-01-02 2023-04-07 2023-04-10 2023-05-01 2023-05-08 2023-05-29 2023-08-28 2023-12-25 2023-12-26";

#[test]
fn bank_holidays_fall_on_the_days_they_were_kept() {
    let definition = crate::Definition::embedded();
    for line in KEPT.lines() {
        let expected: Vec<NaiveDate> = line.split(' ').map(day).collect();
        assert_eq!(definition.calendar.bank_holidays(expected[0].year()), expected);
        let first = expected[0].with_ordinal(1).unwrap_or_default();
        for date in first.iter_days().take(365) {
            assert_eq!(definition.calendar.is_bank_holiday(date), expected.contains(&date), "{date}");
        }
    }
}

#[test]
fn every_year_without_exceptions_has_eight_bank_holidays_and_none_on_a_weekend() {
    let plain = Calendar::new(chrono_tz::Europe::London);
    for year in 1978..2100 {
        let days = plain.bank_holidays(year);
        assert_eq!(days.len(), 8, "{year}");
        assert!(days.iter().all(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)), "{year}");
    }
}

#[test]
fn opening_hours_are_local_on_both_sides_of_a_clock_change() {
    let definition = crate::Definition::embedded();
    let site = &definition.sites[0];
    let calendar = &definition.calendar;
    // Clocks went forward on Sunday 26 March 2000 and back on Sunday 29 October 2000.
    for (date, opens) in
        [("2000-03-24", "08:30"), ("2000-03-27", "07:30"), ("2000-10-27", "07:30"), ("2000-10-30", "08:30")]
    {
        let opening = calendar.opening(site, day(date)).map(|(from, to)| (from.format("%H:%M").to_string(), to - from));
        assert_eq!(opening, Some((opens.to_owned(), chrono::Duration::minutes(570))), "{date}");
    }
    assert_eq!(calendar.instant(day("2000-03-26"), NaiveTime::from_hms_opt(1, 30, 0).unwrap_or_default()), None);
}

#[test]
fn a_site_is_open_from_the_moment_of_opening_and_closed_at_the_moment_of_closing() {
    let definition = crate::Definition::embedded();
    let (site, calendar) = (&definition.sites[0], &definition.calendar);
    let Some((from, to)) = calendar.opening(site, day("2000-07-03")) else { panic!("a Monday") };
    let second = chrono::Duration::seconds(1);
    assert!(calendar.is_open(site, from) && calendar.is_open(site, to - second));
    assert!(!calendar.is_open(site, from - second) && !calendar.is_open(site, to));
    assert_eq!(calendar.next_opening(site, from - second), Some(from));
    // From Friday's closing time to Monday's opening.
    let friday = calendar.opening(site, day("2000-06-30")).map(|(_, to)| to);
    assert_eq!(friday.and_then(|at| calendar.next_opening(site, at)), Some(from));
}

#[test]
fn four_working_days_from_maundy_thursday_skip_easter() {
    let definition = crate::Definition::embedded();
    let (site, calendar) = (&definition.sites[0], &definition.calendar);
    assert_eq!(calendar.add_working_days(site, day("2000-04-20"), 4), Some(day("2000-04-28")));
    assert_eq!(calendar.add_working_days(site, day("2000-04-21"), 0), Some(day("2000-04-25")));
    assert_eq!(calendar.working_days_between(site, day("2000-04-20"), day("2000-04-28")), 4);
}

proptest::proptest! {
    #[test]
    fn adding_working_days_agrees_with_counting_them(offset in 0i64..3_000, days in 0u32..30) {
        let definition = crate::Definition::embedded();
        let (site, calendar) = (&definition.sites[0], &definition.calendar);
        let start = day("1999-01-01") + chrono::Duration::days(offset);
        let reached = calendar.add_working_days(site, start, days);
        let Some(reached) = reached else { panic!("{start} + {days}") };
        proptest::prop_assert!(calendar.is_working_day(site, reached));
        if days > 0 {
            // The naive oracle: walk and count.
            let mut counted = 0;
            let mut walking = start;
            while walking < reached {
                walking += chrono::Duration::days(1);
                counted += u32::from(calendar.is_working_day(site, walking));
            }
            proptest::prop_assert_eq!(counted, days);
        }
    }
}

#[test]
fn an_office_that_opens_on_weekends_is_closed_on_their_feasts() {
    let definition = Definition::embedded();
    let (calendar, site) = (&definition.calendar, definition.site(&"somerset".into()).unwrap());
    let opening = NaiveTime::from_hms_opt(9, 0, 0).zip(NaiveTime::from_hms_opt(12, 0, 0));
    let on = |date: &str| calendar.hours(site, &[opening; 7], date.parse().unwrap()).is_some();
    // Saturday 26 December 2026 is kept on the Monday; in 2027 Christmas and Boxing Day are on the weekend itself.
    for feast in ["2026-12-26", "2027-12-25", "2027-12-26", "2028-01-01", "2026-04-05", "2026-12-25", "2026-12-28"] {
        assert!(!on(feast), "{feast}");
    }
    for open in ["2026-03-07", "2026-12-27", "2026-04-04", "2027-01-02", "2027-12-24"] {
        assert!(on(open), "{open}");
    }
}
