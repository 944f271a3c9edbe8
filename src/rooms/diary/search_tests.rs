//! The order of offers, and what is kept from whom.

use super::*;
use crate::rota::Unsuitable;
use chrono::NaiveTime;
use startline_definition::{Definition, Room};
use std::sync::Arc;

fn person(number: u128) -> UserId {
    UserId(uuid::Uuid::from_u128(number))
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A personal adviser's day from nine to five, in London's winter.
fn day(who: u128, on: &str, office: &str) -> DiaryDay {
    DiaryDay {
        personal_adviser: person(who),
        day: date(on),
        site: "somerset".into(),
        office: office.into(),
        midnight: at(&format!("{on}T00:00:00Z")),
        working: DayCells::from_range(108..204),
        reasoned: DayCells::NONE,
        taken: DayCells::NONE,
        newcomer_cells: 0,
        stranded: false,
    }
}

struct Asked {
    definition: Arc<Definition>,
    wishes: Wishes,
    preferred: Option<UserId>,
    now: DateTime<Utc>,
}

impl Asked {
    fn with(wishes: Wishes) -> Self {
        Self { definition: Definition::embedded(), wishes, preferred: None, now: at("2026-03-03T10:00:00Z") }
    }

    fn search(&self) -> Search<'_> {
        let kind = self.definition.diary.kind("first-meeting").unwrap();
        let known = |name: &str, skills: &[&str]| Known {
            name: name.into(),
            skills: skills.iter().map(ToString::to_string).collect(),
        };
        Search {
            rules: &self.definition.diary,
            calendar: &self.definition.calendar,
            site: self.definition.site(&"somerset".into()).unwrap(),
            kind,
            length: Length::of(kind, None).unwrap(),
            wishes: &self.wishes,
            preferred: self.preferred,
            people: HashMap::from([(person(1), known("Petra", &[])), (person(2), known("Gwen", &["welsh"]))]),
            near: HashMap::from([("frome".into(), 0), ("wells".into(), 1)]),
            rooms_taken: RoomsTaken::new(),
            not_before: self.now,
            now: self.now,
            standard_until: date("2026-03-09"),
            aim_until: date("2026-03-06"),
        }
    }

    fn ranked(&self, days: &[DiaryDay]) -> Vec<Slot> {
        let search = self.search();
        let mut slots: Vec<Slot> = days.iter().flat_map(|day| search.slots_on(day)).collect();
        search.rank(&mut slots);
        slots
    }
}

fn times(from: &str, to: &str) -> Unsuitable {
    let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    Unsuitable::between(None, time(from), time(to))
}

#[test]
fn the_date_beats_the_personal_adviser_they_know_unless_they_insist() {
    let days = [day(1, "2026-03-10", "frome"), day(2, "2026-03-06", "frome")];
    let mut asked = Asked::with(Wishes::default());
    asked.preferred = Some(person(1));
    assert_eq!(asked.ranked(&days)[0].personal_adviser, person(2));
    asked.wishes.insists = true;
    let offers = asked.ranked(&days);
    assert!(offers.iter().all(|slot| slot.personal_adviser == person(1)), "somebody else was offered");
    assert!(!offers[0].within_standard);
    // Within the standard, the one they know comes first.
    asked.wishes.insists = false;
    let both = [day(2, "2026-03-05", "frome"), day(1, "2026-03-06", "frome")];
    assert_eq!(asked.ranked(&both)[0].personal_adviser, person(1));
}

#[test]
fn of_offers_that_suit_as_well_those_within_the_days_that_are_aimed_at_come_first() {
    let offers = Asked::with(Wishes::default()).ranked(&[day(1, "2026-03-09", "frome"), day(2, "2026-03-06", "wells")]);
    assert_eq!((offers[0].office.as_str(), offers[0].within_aim), ("wells", true), "the nearer office is a day later");
    let first_past = offers.iter().position(|slot| !slot.within_aim).unwrap();
    assert!(offers[first_past..].iter().all(|slot| slot.office.as_str() == "frome" && slot.within_standard));
    // What the client wishes goes before the aim.
    let wishes = Wishes { welsh: true, ..Wishes::default() };
    let offers = Asked::with(wishes).ranked(&[day(1, "2026-03-05", "frome"), day(2, "2026-03-09", "frome")]);
    assert_eq!((offers[0].personal_adviser, offers[0].within_aim), (person(2), false));
}

#[test]
fn whom_they_do_not_want_to_see_is_not_offered() {
    let asked = Asked::with(Wishes { not_these: vec![person(2)], ..Wishes::default() });
    let offers = asked.ranked(&[day(1, "2026-03-05", "frome"), day(2, "2026-03-05", "frome")]);
    assert!(!offers.is_empty() && offers.iter().all(|slot| slot.personal_adviser == person(1)));
}

#[test]
fn each_offer_says_how_it_fares_on_each_wish() {
    let wishes = Wishes { welsh: true, unsuitable: vec![times("09:00", "12:00")], ..Wishes::default() };
    let offers = Asked::with(wishes).ranked(&[day(1, "2026-03-05", "frome"), day(2, "2026-03-06", "wells")]);
    let met = |slot: &Slot| -> Vec<(Wish, bool)> { slot.fits.iter().map(|f| (f.wish.clone(), f.is_met)).collect() };
    // A Welsh speaker in the afternoon of the next day, although at the other office, before anything else.
    assert_eq!((offers[0].personal_adviser, offers[0].start), (person(2), at("2026-03-06T12:00:00Z")));
    assert_eq!(
        met(&offers[0]),
        [(Wish::Standard, true), (Wish::Welsh, true), (Wish::Times, true), (Wish::Office, false)]
    );
    let last = offers.last().unwrap();
    assert_eq!(last.unmet(), 2);
    assert_eq!(
        offers.iter().filter(|slot| slot.is_earliest).map(|slot| slot.start).collect::<Vec<_>>(),
        [at("2026-03-05T09:00:00Z")]
    );
}

#[test]
fn time_kept_for_the_urgent_is_theirs_on_the_day_and_anybodys_from_noon() {
    let in_kept = |slots: &[Slot]| slots.iter().filter(|s| s.start.format("%H:%M").to_string() == "14:00").count();
    let today = [day(1, "2026-03-03", "frome")];
    let mut asked = Asked::with(Wishes::default());
    assert_eq!(in_kept(&asked.ranked(&today)), 0);
    asked.wishes.urgent = true;
    assert_eq!(in_kept(&asked.ranked(&today)), 1);
    // An urgent need does not have tomorrow's.
    assert_eq!(in_kept(&asked.ranked(&[day(1, "2026-03-04", "frome")])), 0);
    asked.wishes.urgent = false;
    asked.now = at("2026-03-03T12:00:00Z");
    assert_eq!(in_kept(&asked.ranked(&today)), 1);
}

#[test]
fn what_is_kept_for_follow_ups_is_anybodys_from_the_working_day_before() {
    let mut full = day(1, "2026-03-06", "frome");
    full.newcomer_cells = 70;
    let mut asked = Asked::with(Wishes::default());
    assert!(asked.ranked(std::slice::from_ref(&full)).is_empty());
    asked.now = at("2026-03-05T08:30:00Z");
    assert!(!asked.ranked(std::slice::from_ref(&full)).is_empty());
}

#[test]
fn a_room_is_offered_to_whoever_needs_one_while_there_is_one() {
    let mut asked = Asked::with(Wishes { ground_floor: true, ..Wishes::default() });
    // Frome's desks are upstairs; its first room is not.
    let slot = &asked.ranked(&[day(1, "2026-03-05", "frome")])[0];
    assert_eq!(slot.room.as_deref(), Some("room-1"));
    asked.wishes = Wishes { private_room: true, ..Wishes::default() };
    let upstairs = &asked.ranked(&[day(1, "2026-03-05", "frome")])[0];
    assert_eq!(upstairs.room.as_deref(), Some("room-2"), "the room downstairs is for those who need it");
    let rooms: Vec<Room> = asked.definition.diary.rooms_of(&"frome".into()).rooms;
    let mut search = asked.search();
    for room in rooms {
        let taken = DayCells::from_range(108..117);
        search.rooms_taken.insert(("frome".into(), room.id, date("2026-03-05")), taken);
    }
    let slots = search.slots_on(&day(1, "2026-03-05", "frome"));
    let private = |slot: &Slot| slot.fits.iter().any(|fit| fit.wish == Wish::PrivateRoom && fit.is_met);
    assert!(!private(&slots[0]) && slots[0].room.is_none());
    assert!(private(slots.iter().find(|slot| slot.start == at("2026-03-05T09:45:00Z")).unwrap()));
}
