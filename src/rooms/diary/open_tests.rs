//! Where meetings may be, against a naive walk along the clock on the wall, through bank holidays and both clock changes.

use super::*;
use crate::rota::cell_start;
use chrono::{Datelike, Days, NaiveTime, Timelike};
use proptest::prelude::*;
use startline_foundation::ids::UserId;

/// Local hours of every day, as cells of a plain day; none when it is closed.
type Hours = Option<(u32, u32)>;

fn hours() -> impl Strategy<Value = Hours> {
    prop_oneof![
        1 => Just(None),
        4 => (0..280_u32, 1..200_u32).prop_map(|(from, length)| Some((from, (from + length).min(287)))),
    ]
}

fn time(cell: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(cell * 5 / 60, cell * 5 % 60, 0).unwrap()
}

/// The cells of a day from the first at which the wall's clock is past the beginning to the last at which it is before the end.
fn walked(calendar: &Calendar, day: &DiaryDay, hours: Hours) -> Vec<usize> {
    let next = calendar.day_bounds(day.day).1;
    let moments = (0..288).map(|cell| (cell, cell_start(day.midnight, cell))).take_while(|(_, at)| *at < next);
    let on_the_wall: Vec<(usize, u32)> = moments
        .map(|(cell, at)| {
            let wall = calendar.local_time(at);
            (cell, (wall.hour() * 60 + wall.minute()) / 5)
        })
        .collect();
    let Some((from, until)) = hours else { return Vec::new() };
    let first = on_the_wall.iter().find(|(_, wall)| *wall >= from).map(|(cell, _)| *cell);
    let last = on_the_wall.iter().rfind(|(_, wall)| *wall < until).map(|(cell, _)| *cell);
    first.zip(last).map(|(first, last)| (first..=last).collect()).unwrap_or_default()
}

proptest! {
    #[test]
    fn meetings_are_where_a_walk_along_the_wall_finds_them_open(
        number in 0..365_u64, change in prop::option::of(any::<bool>()), site_hours in hours(), office in any::<bool>(),
        at_home in any::<bool>(), working in (0..280_usize, 1..200_usize), reasoned in prop::option::of((0..280_usize, 1..60_usize))
    ) {
        let definition = Definition::embedded();
        let (rules, calendar) = (&definition.diary, &definition.calendar);
        let mut site = definition.site(&"somerset".into()).unwrap().clone();
        site.opening = [site_hours.map(|(from, until)| (time(from), time(until))); 7];
        // One in two is a day on which the clocks change.
        let date: NaiveDate = match change {
            Some(true) => "2026-03-29".parse().unwrap(),
            Some(false) => "2026-10-25".parse().unwrap(),
            None => "2026-01-01".parse::<NaiveDate>().unwrap() + Days::new(number),
        };
        let cells = |(from, length): (usize, usize)| DayCells::from_range(from..(from + length).min(288));
        let day = DiaryDay {
            personal_adviser: UserId(uuid::Uuid::nil()),
            day: date,
            site: site.id.clone(),
            office: if office { "frome".into() } else { "wells".into() },
            midnight: calendar.day_bounds(date).0,
            working: cells(working),
            reasoned: reasoned.map(cells).unwrap_or_default(),
            taken: DayCells::NONE,
            newcomer_cells: 0,
            stranded: false,
        };
        // Frome is open from nine to five from Monday to Friday; of Wells nothing is said.
        let is_weekday = date.weekday().num_days_from_monday() < 5;
        let of_frome = is_weekday.then_some((108, 204));
        let hours = if office && !at_home { of_frome } else { site_hours };
        let open = walked(calendar, &day, hours);
        let feasts = ["2026-04-05", "2026-12-26"].map(|feast| feast.parse::<NaiveDate>().unwrap());
        let is_closed = calendar.is_bank_holiday(date) || feasts.contains(&date);
        let expected: Vec<usize> = (0..288)
            .filter(|cell| !is_closed && day.working.has(*cell) && (open.contains(cell) || day.reasoned.has(*cell)))
            .collect();
        let place = if at_home { Where::AtHome } else { Where::AtOffice };
        let found = day_for((rules, calendar, &site), &day, place);
        prop_assert_eq!(found.working.iter().collect::<Vec<_>>(), expected, "{}", date);
        prop_assert_eq!(DiaryDay { working: day.working, ..found }, day);
    }
}
