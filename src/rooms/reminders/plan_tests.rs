use super::*;
use chrono::{NaiveTime, TimeDelta};
use proptest::prelude::*;
use startline_definition::{Channel, Definition, Unless};
use startline_foundation::ids::{AppointmentId, ClientId, UserId};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn entry(starts_at: &str, changed_at: &str) -> Entry {
    let now = at(changed_at);
    Entry {
        id: AppointmentId::fresh(now),
        sequence: 0,
        client_id: ClientId::fresh(now),
        personal_adviser: UserId::fresh(now),
        kind: "first-meeting".into(),
        office: "frome".into(),
        room: None,
        starts_at: at(starts_at),
        ends_at: at(starts_at) + TimeDelta::minutes(45),
        booked: true,
        cancelled: false,
        changed_at: now,
    }
}

fn line(days: u32, time: Option<&str>, also_when_booked_later: bool) -> ReminderLine {
    let embedded = Definition::embedded();
    let text = embedded.reminders.as_ref().unwrap().lines("first-meeting")[1].clone();
    let at = time.map(|time| NaiveTime::parse_from_str(time, "%H:%M").unwrap());
    assert_eq!((text.by, text.unless), (Channel::Text, Unless::Never));
    ReminderLine { working_days_before: days, at, also_when_booked_later, ..text }
}

fn somerset(definition: &Definition) -> (&Calendar, &Site) {
    (&definition.calendar, definition.site(&"somerset".into()).unwrap())
}

#[test]
fn working_days_are_counted_back_over_weekends_and_bank_holidays_in_local_time() {
    let definition = Definition::embedded();
    let place = somerset(&definition);
    for (starts_at, days, time, expected) in [
        ("2026-03-06T10:00:00Z", 2, Some("10:00"), "2026-03-04T10:00:00Z"),
        ("2026-03-10T10:00:00Z", 3, Some("10:00"), "2026-03-05T10:00:00Z"),
        // No time is the site's opening.
        ("2026-03-10T10:00:00Z", 3, None, "2026-03-05T08:30:00Z"),
        // Good Friday and Easter Monday of 2026 are 3 and 6 April.
        ("2026-04-08T09:00:00Z", 2, Some("10:00"), "2026-04-02T09:00:00Z"),
        // Clocks go forward on Sunday 29 March: ten o'clock stays ten o'clock.
        ("2026-03-31T09:00:00Z", 2, Some("10:00"), "2026-03-27T10:00:00Z"),
        ("2026-04-01T09:00:00Z", 2, Some("10:00"), "2026-03-30T09:00:00Z"),
        // And back on Sunday 25 October.
        ("2026-10-27T10:00:00Z", 2, Some("10:00"), "2026-10-23T09:00:00Z"),
        ("2026-03-10T15:00:00Z", 0, Some("09:00"), "2026-03-10T09:00:00Z"),
    ] {
        let found = moment(&line(days, time, false), at(starts_at), place);
        assert_eq!(found, Some(at(expected)), "{starts_at} {days} {time:?}");
    }
}

#[test]
fn an_appointment_made_after_the_moment_is_confirmed_at_once_or_not_reminded_of() {
    let definition = Definition::embedded();
    let place = somerset(&definition);
    let booked_late = entry("2026-03-06T10:00:00Z", "2026-03-05T11:00:00Z");
    let now = at("2026-03-05T11:05:00Z");
    let moment = at("2026-03-04T10:00:00Z");
    assert_eq!(stands(&line(2, Some("10:00"), true), &booked_late, place, now), Stands::Due(booked_late.changed_at));
    let dropped = Stands::Dropped(moment, Dropped::BookedLater);
    assert_eq!(stands(&line(2, Some("10:00"), false), &booked_late, place, now), dropped);
    // The service was down at the moment: it goes late, as long as the appointment is ahead.
    let booked_early = entry("2026-03-06T10:00:00Z", "2026-02-24T11:00:00Z");
    assert_eq!(stands(&line(2, Some("10:00"), false), &booked_early, place, now), Stands::Due(moment));
    let over = Stands::Dropped(moment, Dropped::TooLate);
    assert_eq!(stands(&line(2, Some("10:00"), false), &booked_early, place, at("2026-03-06T10:00:00Z")), over);
    assert_eq!(
        stands(&line(2, Some("10:00"), false), &booked_early, place, at("2026-03-04T09:59:59Z")),
        Stands::NotYet
    );
}

#[test]
fn nothing_goes_out_while_the_site_is_closed() {
    let definition = Definition::embedded();
    let place = somerset(&definition);
    let starts_at = at("2026-03-09T10:00:00Z");
    for (now, expected) in [
        ("2026-03-06T10:00:00Z", Ok("2026-03-06T10:00:00Z")),
        ("2026-03-06T18:00:00Z", Ok("2026-03-09T08:30:00Z")),
        ("2026-03-07T12:00:00Z", Ok("2026-03-09T08:30:00Z")),
        ("2026-03-09T10:00:00Z", Err(Dropped::TooLate)),
    ] {
        assert_eq!(goes_at(place, starts_at, at(now)), expected.map(at), "{now}");
    }
    let early = at("2026-03-09T08:30:00Z");
    assert_eq!(goes_at(place, early, at("2026-03-08T10:00:00Z")), Err(Dropped::NoOpeningBefore));
}

proptest! {
    /// The worker looks no further than `reach`: nothing beyond it is due yet.
    #[test]
    fn nothing_beyond_the_reach_is_due(hours in 0i64..20_000, further in 0i64..400, days in 0u32..=10, ten: bool) {
        let definition = Definition::embedded();
        let place = somerset(&definition);
        let now = at("2026-01-01T00:00:00Z") + TimeDelta::hours(hours);
        let beyond = reach(place, days, now).unwrap() + TimeDelta::hours(further);
        let line = line(days, ten.then_some("10:00"), false);
        prop_assert!(moment(&line, beyond, place).unwrap() > now);
    }

    /// What goes, goes while the site is open and before the appointment.
    #[test]
    fn what_goes_goes_in_opening_hours_and_before_the_appointment(hours in 0i64..20_000, minutes in 1i64..20_000) {
        let definition = Definition::embedded();
        let place = somerset(&definition);
        let now = at("2026-01-01T00:15:00Z") + TimeDelta::hours(hours);
        let starts_at = now + TimeDelta::minutes(minutes);
        if let Ok(when) = goes_at(place, starts_at, now) {
            prop_assert!(place.0.is_open(place.1, when) && when >= now && when < starts_at);
        }
    }
}
