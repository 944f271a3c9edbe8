use super::*;
use proptest::prelude::*;
use startline_definition::Definition;
use std::sync::Arc;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn pilot() -> Arc<Definition> {
    Definition::embedded()
}

fn slips_on(claim: &Underway, today: NaiveDate) -> Vec<Slip> {
    let definition = pilot();
    slips(&definition.followup.slipping, &definition.calendar, &definition.sites[0], claim, today)
}

fn names(claim: &Underway, today: &str) -> Vec<&'static str> {
    slips_on(claim, day(today)).iter().map(|slip| slip.what.name()).collect()
}

/// Begun on a Tuesday, and nothing since.
fn begun() -> Underway {
    Underway {
        opened: day("2026-03-03"),
        started_up: None,
        posted: None,
        back: None,
        meeting: Arranged::No,
        dates: Vec::new(),
        chased: 0,
        last_chased: None,
        went_ahead: None,
    }
}

#[test]
fn a_start_up_is_to_be_finished_after_five_working_days() {
    assert!(names(&begun(), "2026-03-09").is_empty());
    assert_eq!(names(&begun(), "2026-03-10"), ["finish-start-up"]);
    assert_eq!(names(&begun(), "2026-09-10"), ["finish-start-up"]);
}

#[test]
fn a_form_is_asked_for_after_a_week_and_three_and_then_every_fortnight_until_it_is_back() {
    let posted = Some(day("2026-03-05"));
    let mut claim = Underway { started_up: posted, posted, meeting: Arranged::Without, ..begun() };
    for (chased, before, on) in [
        (0, "2026-03-11", "2026-03-12"),
        (1, "2026-03-25", "2026-03-26"),
        (2, "2026-04-08", "2026-04-09"),
        (3, "2026-04-22", "2026-04-23"),
    ] {
        claim.chased = chased;
        assert!(names(&claim, before).is_empty(), "{chased}");
        assert_eq!(names(&claim, on), ["chase-form"], "{chased}");
    }
    // Asked late, it is not asked again the next day.
    (claim.chased, claim.last_chased) = (1, Some(day("2026-06-01")));
    assert!(names(&claim, "2026-06-14").is_empty());
    assert_eq!(names(&claim, "2026-06-15"), ["chase-form"]);
    let brings_it = Underway { meeting: Arranged::ToCome, ..claim.clone() };
    assert!(names(&brings_it, "2026-06-15").is_empty(), "who has a meeting is told not to post it");
    claim.back = Some(day("2026-04-23"));
    assert_eq!(names(&claim, "2026-04-23"), ["lodge-now"]);
}

#[test]
fn what_was_held_and_not_handed_over_is_due_the_day_after_and_what_has_no_meeting_is_to_have_one() {
    let started_up = Some(day("2026-03-03"));
    let held = Underway { started_up, meeting: Arranged::Held(day("2026-03-06")), ..begun() };
    assert!(names(&held, "2026-03-06").is_empty(), "those who meet hand it over");
    assert_eq!(names(&held, "2026-03-07"), ["lodge-now"]);
    let without = Underway { started_up, ..begun() };
    assert!(names(&without, "2026-03-03").is_empty());
    assert_eq!(names(&without, "2026-03-04"), ["arrange-meeting"]);
    let booked = Underway { meeting: Arranged::ToCome, ..without };
    assert!(names(&booked, "2026-03-20").is_empty(), "it is in the diary");
    let over = Underway { meeting: Arranged::Over(day("2026-03-06")), ..booked.clone() };
    assert_eq!(names(&over, "2026-03-09"), ["record-attendance"]);
    let in_part = Underway { meeting: Arranged::No, went_ahead: Some(day("2026-03-10")), ..booked };
    assert_eq!(names(&in_part, "2026-03-11"), ["arrange-meeting", "lodge-now"]);
}

// Kept until Friday 3 April, which is Good Friday: ten working days before it is 19 March, three are 30 March.
#[test]
fn a_date_is_told_of_ten_and_three_working_days_before_it_is_lost_and_once_it_is() {
    let dates = vec![(day("2026-03-03"), day("2026-04-03"))];
    let claim = Underway { started_up: Some(day("2026-03-03")), meeting: Arranged::ToCome, dates, ..begun() };
    let told = |today: &str| slips_on(&claim, day(today)).into_iter().map(|slip| slip.cause).collect::<Vec<_>>();
    assert!(told("2026-03-18").is_empty(), "{:?}", told("2026-03-18"));
    assert_eq!(told("2026-03-20"), ["date:2026-04-03:10"]);
    assert_eq!(told("2026-03-31"), ["date:2026-04-03:3"]);
    assert_eq!(told("2026-04-03"), ["date:2026-04-03:3"]);
    let lost = slips_on(&claim, day("2026-04-04"));
    assert_eq!(lost[0].what, What::DateLost { last_day: day("2026-04-03"), days: 32 });
    // Who wants to claim from a later day loses nothing before it.
    let later = Underway { dates: vec![(day("2026-05-01"), day("2026-04-03"))], ..claim };
    assert!(names(&later, "2026-04-20").is_empty());
}

proptest! {
    // Whatever became of a claim, there comes a day from which it is on a list: here, in the diary, or in the print room.
    #[test]
    fn no_claim_on_its_way_is_on_no_list(
        start in 0..800_u64, done in prop::option::of(0..30_u64), post in prop::option::of(0..10_u64),
        back in prop::option::of(0..60_u64), meeting in 0..5_u8, met in 0..60_u64, chased in 0..6_u32, on in 0..200_u64,
    ) {
        let opened = day("2025-01-01") + Days::new(start);
        let started_up = done.map(|days| opened + Days::new(days));
        let posted = started_up.zip(post).map(|(day, days)| day + Days::new(days));
        let back = posted.zip(back).map(|(day, days)| day + Days::new(days));
        let today = opened + Days::new(on);
        let happened = |day: &NaiveDate| *day <= today;
        let held = started_up.unwrap_or(opened) + Days::new(met);
        let meeting = match meeting {
            0 => Arranged::No,
            1 => Arranged::ToCome,
            2 if happened(&held) => Arranged::Held(held),
            2 => Arranged::ToCome,
            3 if held < today => Arranged::Over(held),
            3 => Arranged::ToCome,
            _ => Arranged::Without,
        };
        let claim = Underway {
            opened,
            started_up: started_up.filter(happened),
            posted: posted.filter(happened),
            back: back.filter(happened),
            meeting,
            dates: vec![(opened, opened + Days::new(31))],
            chased,
            last_chased: None,
            went_ahead: None,
        };
        let found = slips_on(&claim, today);
        let is_in_the_call = claim.started_up.is_none() && (today - opened).num_days() < 14;
        let is_of_today = claim.started_up.is_some_and(|day| (today - day).num_days() < 6);
        let is_in_the_diary = claim.started_up.is_some() && meeting == Arranged::ToCome;
        let is_meeting_today = meeting == Arranged::Held(today);
        let is_to_be_printed = claim.started_up.is_some() && claim.posted.is_none() && meeting == Arranged::Without;
        let since = claim.posted.map(|day| (today - day).num_days());
        let is_asked_for = claim.back.is_none() && meeting == Arranged::Without && since.is_some_and(|days| days < 7 + 14 * i64::from(chased) + 6);
        prop_assert!(
            !found.is_empty() || is_in_the_call || is_of_today || is_in_the_diary || is_meeting_today || is_to_be_printed
                || is_asked_for,
            "{claim:?} on {today}"
        );
        // One of a kind and cause.
        let mut causes: Vec<_> = found.iter().map(|slip| (slip.what.name(), slip.cause.clone())).collect();
        let all = causes.len();
        causes.sort();
        causes.dedup();
        prop_assert_eq!(all, causes.len());
        // A date is on the list from ten working days before its last to the day on which the claim is handed over.
        let is_told = found.iter().any(|slip| matches!(slip.what, What::DateRunsOut { .. } | What::DateLost { .. }));
        let definition = pilot();
        let last = opened + Days::new(31);
        let is_working = |day: &NaiveDate| definition.calendar.is_working_day(&definition.sites[0], *day);
        let left = today.iter_days().skip(1).take_while(|day| *day <= last).filter(is_working).count();
        prop_assert_eq!(is_told, left <= 10, "{} working days left", left);
    }
}
