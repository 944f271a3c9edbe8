//! Random histories of a diary through the public door, beside a naive table of minutes that knows the rules only.

use crate::support::faults::reason;
use crate::support::steps::client_with_claim;
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Person, at};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc, Weekday};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use startline::grpc::pb;
use std::collections::BTreeMap;
use tonic::Code;

const STEPS: usize = 320;
const CONTACT: i64 = 45;
const PAPERWORK: i64 = 30;
/// The pilot's `holds_per_adviser`.
const MOST_HELD: usize = 5;

/// What the oracle knows of an appointment. London's time is UTC in these weeks.
#[derive(Debug, Clone)]
struct Entry {
    who: usize,
    start: DateTime<Utc>,
    claim: String,
    held_until: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
struct Away {
    who: usize,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

#[derive(Default)]
struct Oracle {
    entries: BTreeMap<String, Entry>,
    away: BTreeMap<String, Away>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Free,
    Taken,
    NotThen,
}

fn minutes(from: DateTime<Utc>, length: i64) -> impl Iterator<Item = DateTime<Utc>> {
    (0..length).map(move |minute| from + TimeDelta::minutes(minute))
}

fn is_workday(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

fn working_days_after(day: NaiveDate, count: usize) -> NaiveDate {
    day.iter_days().skip(1).filter(|day| is_workday(*day)).nth(count - 1).unwrap()
}

impl Oracle {
    fn is_live(&self, entry: &Entry, now: DateTime<Utc>) -> bool {
        entry.held_until.is_none_or(|until| now < until)
    }

    fn held_for_others(&self, claim: &str, now: DateTime<Utc>) -> usize {
        let is_other = |entry: &&Entry| entry.claim != claim && entry.held_until.is_some_and(|until| now < until);
        self.entries.values().filter(is_other).count()
    }

    /// Everybody works from nine to five; the second has a pause at half past twelve.
    fn works(&self, who: usize, at: DateTime<Utc>) -> bool {
        let minute = at.hour() * 60 + at.minute();
        let shift = (540..1020).contains(&minute) && !(who == 1 && (750..780).contains(&minute));
        let away = self.away.values().any(|away| away.who == who && away.from <= at && at < away.to);
        is_workday(at.date_naive()) && shift && !away
    }

    fn is_busy(&self, who: usize, at: DateTime<Utc>, now: DateTime<Utc>, but: &str) -> bool {
        self.entries.iter().any(|(id, entry)| {
            let until = entry.start + TimeDelta::minutes(CONTACT + PAPERWORK);
            id != but && entry.who == who && entry.start <= at && at < until && self.is_live(entry, now)
        })
    }

    fn expected(&self, who: usize, start: DateTime<Utc>, now: DateTime<Utc>, but: &str) -> Expected {
        let day = start.date_naive();
        let too_soon = start < now || day < working_days_after(now.date_naive(), 2);
        if too_soon || !minutes(start, CONTACT).all(|at| self.works(who, at)) {
            return Expected::NotThen;
        }
        if minutes(start, CONTACT + PAPERWORK).any(|at| self.is_busy(who, at, now, but)) {
            return Expected::Taken;
        }
        let kept = |at: DateTime<Utc>| (840..915).contains(&(at.hour() * 60 + at.minute()));
        if minutes(start, CONTACT).any(kept) {
            return Expected::NotThen;
        }
        let midnight = start - TimeDelta::minutes(i64::from(start.hour() * 60 + start.minute()));
        let works = minutes(midnight, 1440).filter(|at| self.works(who, *at)).count();
        let theirs = |(id, e): &(&String, &Entry)| {
            *id != but && e.who == who && e.start.date_naive() == day && self.is_live(e, now)
        };
        let taken = self.entries.iter().filter(theirs).count() * (CONTACT + PAPERWORK) as usize;
        let cells = works / 5 * 75 / 100;
        if day > working_days_after(now.date_naive(), 1) && taken / 5 + 15 > cells {
            return Expected::NotThen;
        }
        Expected::Free
    }

    /// Every offer within the standard, as pairs of who and when.
    fn offers(&self, people: usize, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, usize)> {
        let (first, last) = (working_days_after(now.date_naive(), 2), working_days_after(now.date_naive(), 4));
        let mut offers = Vec::new();
        for day in first.iter_days().take_while(|day| *day <= last) {
            let midnight = day.and_hms_opt(0, 0, 0).unwrap().and_utc();
            for quarter in 0..96 {
                let start = midnight + TimeDelta::minutes(quarter * 15);
                let free = |who: &usize| self.expected(*who, start, now, "") == Expected::Free;
                offers.extend((0..people).filter(free).map(|who| (start, who)));
            }
        }
        offers.sort_unstable();
        offers
    }
}

async fn offered(desk: &Person, claim: &str, people: &[Person]) -> Vec<(DateTime<Utc>, usize)> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::FindSlotsRequest { claim_id: claim.into(), page_size: 50, page_token, ..Default::default() };
        let page = desk.diary().find_slots(request).await.unwrap().into_inner();
        let who = |id: &str| people.iter().position(|person| person.id == id).unwrap();
        let all = page.slots.len();
        let within = page.slots.iter().filter(|slot| slot.within_standard);
        let before = found.len();
        found.extend(within.map(|slot| (time(slot.start_time), who(&slot.personal_adviser_id))));
        page_token = page.next_page_token;
        if page_token.is_empty() || (found.len() - before) + 2 < all {
            found.sort_unstable();
            return found;
        }
    }
}

story!(a_diary_does_what_a_naive_table_of_minutes_says, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let people = [
        world.personal_adviser("Petra", "somerset").await,
        world.personal_adviser("Paul", "somerset").await,
        world.personal_adviser("Pia", "somerset").await,
    ];
    for (i, person) in people.iter().enumerate() {
        let pause = pb::Break { start: "12:30".into(), end: "13:00".into() };
        let shift = |weekday| pb::Shift {
            weekday,
            start: "09:00".into(),
            end: "17:00".into(),
            breaks: if i == 1 { vec![pause.clone()] } else { Vec::new() },
            ..Default::default()
        };
        let request = pb::SetWorkingPatternRequest {
            request_id: new_id(),
            personal_adviser_id: person.id.clone(),
            office_id: if i == 2 { "wells".into() } else { "frome".into() },
            valid_from: "2026-03-01".into(),
            shifts: (1..=5).map(shift).collect(),
            ..Default::default()
        };
        person.diary().set_working_pattern(request).await.unwrap();
    }
    let mut chance = StdRng::seed_from_u64(57);
    let mut oracle = Oracle::default();
    let mut claims: Vec<String> = Vec::new();
    let mut tally: BTreeMap<String, usize> = BTreeMap::new();
    for step in 0..STEPS {
        let now = world.now();
        if claims.len() < 6 || chance.random_ratio(1, 12) {
            claims.push(client_with_claim(&asha, &format!("Fry{step}")).await.1.claim_id);
        }
        let claim = claims[chance.random_range(0..claims.len())].clone();
        let live = oracle.entries.iter().find(|(_, entry)| entry.claim == claim).map(|(id, e)| (id.clone(), e.clone()));
        let who = chance.random_range(0..people.len());
        let soonest = if chance.random_ratio(1, 8) { 0 } else { 2 };
        let day = (now + TimeDelta::days(chance.random_range(soonest..8))).date_naive();
        let start = day.and_hms_opt(0, 0, 0).unwrap().and_utc()
            + TimeDelta::minutes(if chance.random_ratio(5, 6) { 540 } else { 480 } + chance.random_range(0..100) * 5);
        let slot = pb::Slot {
            personal_adviser_id: people[who].id.clone(),
            start_time: Some(timestamp(start)),
            ..Default::default()
        };
        let what = chance.random_range(0..100);
        let told = match (what, live) {
            (0..=4, _) => {
                world.wait(chance.random_range(60..9_000));
                continue;
            }
            (5..=14, _) => {
                assert_eq!(
                    offered(&asha, &claim, &people).await,
                    oracle.offers(people.len(), now),
                    "step {step} at {now}"
                );
                "found"
            }
            (15..=24, _) => {
                block_or_unblock(&mut chance, &mut oracle, &people, who, start).await;
                "blocked"
            }
            (25..=34, live) | (35..=99, live @ None)
                if live.as_ref().is_none_or(|(_, entry)| entry.held_until.is_some()) =>
            {
                // An earlier hold of the claim is given back first.
                let but = live.map(|(id, _)| id).unwrap_or_default();
                let expected = oracle.expected(who, start, now, &but);
                let outcome = asha.hold(&claim, &slot).await;
                if oracle.held_for_others(&claim, now) >= MOST_HELD {
                    assert_eq!(outcome.unwrap_err().code(), Code::ResourceExhausted, "step {step}");
                    continue;
                }
                check(&format!("step {step}: hold {start} {who}"), &outcome, expected);
                if let Ok(held) = outcome {
                    oracle.entries.remove(&but);
                    let held_until = Some(now + TimeDelta::seconds(300));
                    oracle.entries.insert(held.appointment_id, Entry { who, start, claim, held_until });
                    "held"
                } else {
                    "hold refused"
                }
            }
            (35..=99, Some((id, entry))) if entry.held_until.is_some() => {
                if chance.random_ratio(1, 6) {
                    world.wait(301);
                    let refused = asha.book(&id).await.unwrap_err();
                    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Aborted, "HOLD_EXPIRED"));
                    oracle.entries.remove(&id);
                    "hold expired"
                } else if oracle.is_live(&entry, now) {
                    asha.book(&id).await.unwrap();
                    oracle.entries.get_mut(&id).unwrap().held_until = None;
                    "booked"
                } else {
                    continue;
                }
            }
            (25..=84, Some((id, _))) => {
                let expected = oracle.expected(who, start, now, &id);
                let request = pb::MoveAppointmentRequest {
                    request_id: new_id(),
                    appointment_id: id.clone(),
                    personal_adviser_id: people[who].id.clone(),
                    start_time: Some(timestamp(start)),
                    reason: pb::AppointmentReason::ClientAsked.into(),
                    ..Default::default()
                };
                let outcome = asha.diary().move_appointment(request).await;
                check(&format!("step {step}: move to {start} {who}"), &outcome, expected);
                if outcome.is_ok() {
                    let entry = oracle.entries.get_mut(&id).unwrap();
                    (entry.who, entry.start) = (who, start);
                    "moved"
                } else {
                    "move refused"
                }
            }
            (_, Some((id, entry))) if entry.held_until.is_none() => {
                let request = pb::CancelAppointmentRequest {
                    request_id: new_id(),
                    appointment_id: id.clone(),
                    reason: pb::AppointmentReason::ClientUnwell.into(),
                    ..Default::default()
                };
                asha.diary().cancel_appointment(request).await.unwrap();
                oracle.entries.remove(&id);
                "cancelled"
            }
            _ => continue,
        };
        *tally.entry(told.to_owned()).or_default() += 1;
    }
    for told in ["found", "blocked", "held", "hold refused", "hold expired", "booked", "moved", "move refused"] {
        assert!(tally.get(told).is_some_and(|times| *times > 1), "{told} hardly happened: {tally:?}");
    }
    let mut inside = world.look_inside().await;
    let cells = "SELECT COUNT(*) FROM appointment_cells c JOIN appointments a ON a.id = c.appointment_id \
                 WHERE a.state = 'booked'";
    let booked = oracle.entries.values().filter(|entry| entry.held_until.is_none()).count();
    assert_eq!(inside.number(cells).await, i64::try_from(booked).unwrap() * 15);
});

fn check<T: std::fmt::Debug>(what: &str, outcome: &Result<T, tonic::Status>, expected: Expected) {
    let found = match outcome {
        Ok(_) => Expected::Free,
        Err(status) if status.code() == Code::Aborted => Expected::Taken,
        Err(status) if status.code() == Code::InvalidArgument => Expected::NotThen,
        Err(status) => panic!("{what}: {status:?}"),
    };
    assert_eq!(found, expected, "{what}: {outcome:?}");
}

async fn block_or_unblock(
    chance: &mut StdRng,
    oracle: &mut Oracle,
    people: &[Person],
    who: usize,
    start: DateTime<Utc>,
) {
    if !oracle.away.is_empty() && chance.random_ratio(1, 2) {
        let (id, away) = oracle.away.first_key_value().map(|(id, away)| (id.clone(), away.who)).unwrap();
        let request = pb::UnblockTimeRequest { request_id: new_id(), block_id: id.clone() };
        people[away].diary().unblock_time(request).await.unwrap();
        oracle.away.remove(&id);
        return;
    }
    let end = start + TimeDelta::minutes(chance.random_range(1..30) * 5);
    let day = start.date_naive();
    let block = pb::Block {
        user_id: people[who].id.clone(),
        kind: pb::BlockKind::Training.into(),
        first_day: day.to_string(),
        last_day: day.to_string(),
        start: start.format("%H:%M").to_string(),
        end: end.format("%H:%M").to_string(),
        ..Default::default()
    };
    let request = pb::BlockTimeRequest { request_id: new_id(), block: Some(block), accept_left_appointments: true };
    let answer = people[who].diary().block_time(request).await.unwrap().into_inner();
    let left: Vec<&str> = answer.appointments_to_move.iter().map(|one| one.appointment_id.as_str()).collect();
    let hit = |e: &Entry| e.who == who && e.held_until.is_none() && e.start.date_naive() == day;
    oracle.away.insert(answer.block.unwrap().block_id, Away { who, from: start, to: end });
    let mut expected: Vec<&str> = oracle
        .entries
        .iter()
        .filter(|(_, entry)| hit(entry) && !minutes(entry.start, CONTACT).all(|at| oracle.works(who, at)))
        .map(|(id, _)| id.as_str())
        .collect();
    expected.sort_by_key(|id| oracle.entries[*id].start);
    assert_eq!(left, expected);
}

#[test]
fn the_oracle_counts_working_days() {
    let friday = at("2026-03-06T10:00:00Z").date_naive();
    assert_eq!(working_days_after(friday, 1).to_string(), "2026-03-09");
}
