//! Working days against a naive reading of the clock on the wall, over ten years of clock changes.

use super::*;
use crate::rota::pattern::{Break, OutsideHours, Shift};
use crate::rota::{BlockKind, Whose, cell_start};
use chrono::{Datelike, Days, NaiveTime, TimeDelta, TimeZone, Timelike, Weekday};
use proptest::prelude::*;
use startline_definition::Definition;
use startline_foundation::ids::BlockId;

fn time(minutes: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn person() -> UserId {
    UserId(uuid::Uuid::from_u128(7))
}

fn shift(weekday: Weekday, week: Option<u32>, start: u32, end: u32) -> Shift {
    Shift { weekday, week, start: time(start), end: time(end), activity: Activity::Meetings, breaks: Vec::new() }
}

fn pattern(weeks: u32, valid_from: NaiveDate, shifts: Vec<Shift>) -> Pattern {
    Pattern {
        user: person(),
        site: "somerset".into(),
        office: Some("frome".into()),
        valid_from,
        valid_to: None,
        weeks,
        shifts,
        outside_hours: None,
    }
}

fn block(whose: Whose, kind: BlockKind, first: &str, last: &str, times: Option<(u32, u32)>) -> Block {
    Block {
        id: BlockId::fresh(DateTime::UNIX_EPOCH),
        site: "somerset".into(),
        whose,
        kind,
        first_day: day(first),
        last_day: day(last),
        times: times.map(|(start, end)| (time(start), time(end))),
        note: String::new(),
        outside_hours_reason: String::new(),
        made_by: person(),
        made_at: DateTime::UNIX_EPOCH,
    }
}

fn minutes_worked(rota: &Rota, on: NaiveDate) -> u32 {
    let definition = Definition::embedded();
    let site = definition.site(&"somerset".into()).unwrap();
    rota.day(person(), on, (site, &definition.calendar)).map_or(0, |day| day.cells(Activity::Meetings).minutes())
}

/// Every day of a site that never closes, at hours around the clock: each cell is worked exactly when the clock on the
/// wall, read at that instant, stands within the shift.
#[test]
fn ten_years_of_clock_changes_move_no_wall_clock() {
    let definition = Definition::embedded();
    let zone = definition.calendar.timezone;
    let mut site = definition.site(&"somerset".into()).unwrap().clone();
    site.opening = [Some((time(0), time(1435))); 7];
    let mut calendar = Calendar::new(zone);
    calendar.removals = (2020..=2031).flat_map(|year| calendar.bank_holidays(year)).collect();
    let shifts: Vec<Shift> = [Weekday::Mon, Weekday::Wed, Weekday::Sat, Weekday::Sun]
        .into_iter()
        .flat_map(|weekday| [shift(weekday, None, 30, 150), shift(weekday, None, 540, 1020)])
        .collect();
    let rota = Rota { patterns: vec![pattern(1, day("2021-01-01"), shifts)], blocks: Vec::new() };
    let (mut changes, mut today) = (0, day("2021-01-01"));
    while today < day("2031-01-01") {
        let worked = rota.day(person(), today, (&site, &calendar)).unwrap();
        let (midnight, next) = calendar.day_bounds(today);
        changes += i32::from(next - midnight != TimeDelta::hours(24));
        // Christmas on a Saturday, say.
        let is_feast = calendar.is_closed_to_all(&site, today);
        let expected: Vec<usize> = (0..)
            .take_while(|cell| cell_start(midnight, *cell) < next)
            .filter(|cell| {
                let wall = zone.from_utc_datetime(&cell_start(midnight, *cell).naive_utc());
                let minute = wall.hour() * 60 + wall.minute();
                let on = [Weekday::Mon, Weekday::Wed, Weekday::Sat, Weekday::Sun].contains(&wall.weekday());
                on && !is_feast && ((30..150).contains(&minute) || (540..1020).contains(&minute))
            })
            .collect();
        let found: Vec<usize> = worked.cells(Activity::Meetings).iter().collect();
        assert_eq!(found, expected, "on {today}");
        today = today + Days::new(1);
    }
    assert_eq!(changes, 20, "two clock changes a year");
}

#[test]
fn a_fortnight_takes_turns_from_the_week_it_began_in() {
    // Wednesday 4 March 2026: its week is the first.
    let shifts = vec![shift(Weekday::Mon, Some(1), 540, 600), shift(Weekday::Mon, Some(2), 540, 720)];
    let rota = Rota { patterns: vec![pattern(2, day("2026-03-04"), shifts)], blocks: Vec::new() };
    let worked = ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"].map(|on| minutes_worked(&rota, day(on)));
    assert_eq!(worked, [0, 180, 60, 180]);
}

#[test]
fn a_pattern_for_some_weeks_lies_over_the_one_before_and_gives_way_to_it_again() {
    let monday = |end| vec![shift(Weekday::Mon, None, 540, end)];
    let always = pattern(1, day("2026-01-01"), monday(600));
    let summer = Pattern { valid_to: Some(day("2026-08-31")), ..pattern(1, day("2026-07-01"), monday(720)) };
    let rota = Rota { patterns: vec![always, summer], blocks: Vec::new() };
    let worked = ["2026-06-29", "2026-07-06", "2026-08-24", "2026-09-07"].map(|on| minutes_worked(&rota, day(on)));
    assert_eq!(worked, [60, 180, 180, 60]);
}

#[test]
fn leave_takes_hours_and_overtime_gives_them_but_not_on_a_closed_day() {
    let patterns = vec![pattern(1, day("2026-01-01"), vec![shift(Weekday::Tue, None, 540, 1020)])];
    let with = |blocks: Vec<Block>| Rota { patterns: patterns.clone(), blocks };
    let tuesday = day("2026-03-03");
    let me = || Whose::One(person());
    assert_eq!(minutes_worked(&with(vec![]), tuesday), 480);
    assert_eq!(
        minutes_worked(&with(vec![block(me(), BlockKind::Leave, "2026-03-02", "2026-03-04", None)]), tuesday),
        0
    );
    let noon = Some((720, 780));
    let event = block(Whose::Office("frome".into()), BlockKind::TeamEvent, "2026-03-03", "2026-03-03", noon);
    assert_eq!(minutes_worked(&with(vec![event]), tuesday), 420);
    let elsewhere = block(Whose::Office("wells".into()), BlockKind::TeamEvent, "2026-03-03", "2026-03-03", noon);
    assert_eq!(minutes_worked(&with(vec![elsewhere]), tuesday), 480);
    let late = block(me(), BlockKind::ExtraHours, "2026-03-03", "2026-04-07", Some((1020, 1080)));
    assert_eq!(minutes_worked(&with(vec![late.clone()]), tuesday), 540);
    // Easter Monday's Tuesday is a working day, Good Friday is not; nor is anybody's overtime on the Monday.
    assert_eq!(minutes_worked(&with(vec![late]), day("2026-04-06")), 0);
}

#[test]
fn a_named_reason_opens_what_it_is_given_for_and_nothing_on_a_bank_holiday() {
    let definition = Definition::embedded();
    let site = definition.site(&"somerset".into()).unwrap();
    let outside = OutsideHours { reason: "the fair".into(), said_by: person(), said_at: DateTime::UNIX_EPOCH };
    let saturday = pattern(1, day("2026-01-01"), vec![shift(Weekday::Sat, None, 540, 720)]);
    let reasoned = Pattern { outside_hours: Some(outside), ..saturday.clone() };
    let of = |pattern: &Pattern, blocks: Vec<Block>, on: &str| {
        let rota = Rota { patterns: vec![pattern.clone()], blocks };
        let worked = rota.day(person(), day(on), (site, &definition.calendar)).unwrap();
        (worked.cells(Activity::Meetings).minutes(), worked.reasoned.minutes())
    };
    // An office may be open on a Saturday: whether this one is is not for the rota.
    assert_eq!(of(&saturday, vec![], "2026-03-07"), (180, 0));
    assert_eq!(of(&reasoned, vec![], "2026-03-07"), (180, 180));
    let extra = block(Whose::One(person()), BlockKind::ExtraHours, "2026-03-07", "2026-12-31", Some((720, 780)));
    assert_eq!(of(&saturday, vec![extra.clone()], "2026-03-07"), (240, 0));
    let extra = Block { outside_hours_reason: "the fair".into(), ..extra };
    assert_eq!(of(&saturday, vec![extra.clone()], "2026-03-07"), (240, 60));
    assert_eq!(of(&reasoned, vec![extra], "2026-12-26"), (0, 0), "Boxing Day");
    let adviser = Pattern { office: None, ..saturday };
    assert_eq!(of(&adviser, vec![], "2026-03-07"), (0, 0), "who takes calls works when the site does");
}

#[test]
fn a_pattern_that_cannot_be_is_refused_with_its_place() {
    let refused = |shifts: Vec<Shift>, weeks| {
        let fault = pattern(weeks, day("2026-01-01"), shifts).check().unwrap_err();
        fault.to_string()
    };
    let monday = |start, end| shift(Weekday::Mon, None, start, end);
    assert!(refused(vec![monday(540, 700), monday(660, 720)], 1).contains("shifts[1]: overlaps"));
    assert!(refused(vec![shift(Weekday::Mon, Some(1), 540, 700), monday(660, 720)], 2).contains("overlaps"));
    assert!(refused(vec![monday(600, 540)], 1).contains("end after it starts"));
    assert!(refused(vec![monday(541, 600)], 1).contains("five minutes"));
    assert!(refused(vec![shift(Weekday::Mon, Some(2), 540, 600)], 1).contains("week"));
    assert!(refused(vec![monday(540, 600)], 3).contains("weeks"));
    let early = Break { start: time(500), end: time(560) };
    assert!(refused(vec![Shift { breaks: vec![early], ..monday(540, 700) }], 1).contains("breaks[0]"));
    let turns = vec![shift(Weekday::Mon, Some(1), 540, 700), shift(Weekday::Mon, Some(2), 660, 720)];
    pattern(2, day("2026-01-01"), turns).check().unwrap();
}

proptest! {
    /// Breaks, blocks and extra hours against a table of minutes.
    #[test]
    fn a_day_is_what_a_table_of_minutes_says(
        start in 0..200_u32, length in 1..80_u32, pause in (0..288_u32, 1..20_u32),
        blocks in prop::collection::vec((0..280_u32, 1..60_u32, any::<bool>()), 0..5)
    ) {
        let end = (start + length).min(287);
        let mut one = shift(Weekday::Tue, None, start * 5, end * 5);
        let (from, until) = (pause.0.max(start), (pause.0 + pause.1).min(end));
        if from < until {
            one.breaks.push(Break { start: time(from * 5), end: time(until * 5) });
        }
        let mut table = [false; 288];
        (start..end).for_each(|cell| table[cell as usize] = !(from..until).contains(&cell));
        let mut all = Vec::new();
        for extra in [true, false] {
            for (at, length, _) in blocks.iter().filter(|b| b.2 == extra) {
                let until = (at + length).min(287);
                let kind = if extra { BlockKind::ExtraHours } else { BlockKind::Training };
                all.push(block(Whose::One(person()), kind, "2026-03-03", "2026-03-03", Some((at * 5, until * 5))));
                (*at..until).for_each(|cell| table[cell as usize] = extra);
            }
        }
        let rota = Rota { patterns: vec![pattern(1, day("2026-01-01"), vec![one])], blocks: all };
        let definition = Definition::embedded();
        let site = definition.site(&"somerset".into()).unwrap();
        let worked = rota.day(person(), day("2026-03-03"), (site, &definition.calendar)).unwrap();
        let expected: Vec<usize> = (0..288).filter(|cell| table[*cell]).collect();
        prop_assert_eq!(worked.cells(Activity::Meetings).iter().collect::<Vec<_>>(), expected);
    }
}
