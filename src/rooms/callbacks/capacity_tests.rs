//! Places against a naive table of who sits where, cell by cell.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const CELLS: usize = 8;

fn opens() -> DateTime<Utc> {
    "2026-03-03T08:30:00Z".parse().unwrap()
}

fn adviser(number: usize) -> UserId {
    UserId(uuid::Uuid::from_u128(number as u128 + 1))
}

fn occupant(number: usize) -> Occupant {
    Occupant::Callback(CallbackId(uuid::Uuid::from_u128(number as u128 + 1)))
}

fn skills(bits: u32) -> Skills {
    (0..3).filter(|bit| bits & (1 << bit) != 0).fold(Skills::NONE, Skills::with)
}

/// Who can do what, and when: cells as bits.
fn plan(crew: &[(u32, u32)]) -> DayPlan {
    let mut plan = DayPlan::new("2026-03-03".parse().unwrap(), opens(), TimeDelta::minutes(30), CELLS);
    for (i, (can, duty)) in crew.iter().enumerate() {
        let mut cells = DayCells::NONE;
        (0..CELLS).filter(|cell| duty & (1 << cell) != 0).for_each(|cell| cells.add(cell..cell + 1));
        plan.add_place(Place { key: PlaceKey::Adviser(adviser(i)), skills: skills(*can), duty: cells });
    }
    plan
}

/// The oracle: minutes in a table, calls seated by trying everything.
#[derive(Debug, Clone)]
struct Call {
    cells: Range<usize>,
    needs: u32,
    /// The one adviser who was promised.
    only: Option<usize>,
}

fn fits(crew: &[(u32, u32)], call: &Call, who: usize) -> bool {
    let (can, duty) = crew[who];
    call.needs & !can == 0
        && call.only.is_none_or(|only| only == who)
        && call.cells.clone().all(|cell| cell < CELLS && duty & (1 << cell) != 0)
}

fn by_brute_force(crew: &[(u32, u32)], calls: &[Call], busy: &mut Vec<u32>) -> bool {
    let Some((first, rest)) = calls.split_first() else { return true };
    let cells = first.cells.clone().fold(0, |bits, cell| bits | 1 << cell);
    for who in 0..crew.len() {
        if fits(crew, first, who) && busy[who] & cells == 0 {
            busy[who] |= cells;
            if by_brute_force(crew, rest, busy) {
                return true;
            }
            busy[who] &= !cells;
        }
    }
    false
}

/// Nobody sits on top of anybody, and everybody where they can be served.
fn check(crew: &[(u32, u32)], plan: &DayPlan, calls: &BTreeMap<Occupant, Call>) -> Result<(), TestCaseError> {
    let mut table = vec![[None; CELLS]; crew.len()];
    prop_assert_eq!(plan.sittings().len(), calls.len());
    for sitting in plan.sittings() {
        let call = &calls[&sitting.who];
        let who = (0..crew.len()).find(|i| PlaceKey::Adviser(adviser(*i)) == sitting.key).unwrap();
        prop_assert!(fits(crew, call, who), "{:?} sits where nobody can serve them", sitting);
        prop_assert!(!plan.is_stranded(sitting));
        for cell in sitting.cells.clone() {
            prop_assert_eq!(table[who][cell].replace(sitting.who), None, "two in one cell");
        }
    }
    Ok(())
}

proptest! {
    /// Calls that begin together (every half of the day here is one time): found room exactly when brute force finds it.
    #[test]
    fn calls_of_the_same_time_are_seated_whenever_there_is_any_way_to(
        crew in prop::collection::vec((0..8_u32, 0..4_u32), 1..5),
        steps in prop::collection::vec((0..2_usize, 0..8_u32, prop::option::weighted(0.2, 0..4_usize), 0..4_u8), 1..24),
    ) {
        // On duty in the first half, the second half, both or neither.
        let crew: Vec<(u32, u32)> = crew.into_iter().map(|(can, d)| (can, [0, 0x0f, 0xf0, 0xff][d as usize])).collect();
        let mut plan = plan(&crew);
        let mut calls = BTreeMap::new();
        for (number, (half, needs, only, step)) in steps.into_iter().enumerate() {
            let leaver = calls.keys().next().copied();
            match (step, leaver) {
                (0, Some(who)) => {
                    plan.leave(who);
                    calls.remove(&who);
                }
                _ => {
                    let call = Call { cells: half * 4..half * 4 + 4, needs, only: only.filter(|only| *only < crew.len()) };
                    let mut all: Vec<Call> = calls.values().cloned().collect();
                    all.push(call.clone());
                    let possible = by_brute_force(&crew, &all, &mut vec![0; crew.len()]);
                    let wanted = Wanted { cells: call.cells.clone(), needs: skills(needs), only: call.only.map(adviser), tie: 7 };
                    let assignment = plan.seat(&wanted);
                    prop_assert_eq!(assignment.is_some(), possible, "{:?} among {:?}", call, calls);
                    let offered = plan.free_starts(4, skills(needs), 0).iter().any(|(cell, _)| *cell == half * 4);
                    if call.only.is_none() {
                        prop_assert_eq!(offered, possible);
                    }
                    if let Some(assignment) = assignment {
                        let sitting = Sitting {
                            who: occupant(number), key: assignment.key, cells: call.cells.clone(), needs: skills(needs),
                            fixed: call.only.is_some(),
                        };
                        plan.apply(&assignment, sitting);
                        calls.insert(occupant(number), call);
                    }
                }
            }
            check(&crew, &plan, &calls)?;
        }
    }

    /// Calls of any length at any time: what is offered can be booked, and whatever is booked sits alone.
    #[test]
    fn whatever_is_offered_can_be_booked_and_nobody_ever_sits_on_top_of_another(
        crew in prop::collection::vec((0..8_u32, 0..256_u32), 1..5),
        steps in prop::collection::vec((0..CELLS, 1..4_usize, 0..8_u32, 0..4_u8), 1..24),
    ) {
        let mut plan = plan(&crew);
        let mut calls = BTreeMap::new();
        for (number, (start, length, needs, step)) in steps.into_iter().enumerate() {
            if let (0, Some(who)) = (step, calls.keys().next().copied()) {
                plan.leave(who);
                calls.remove(&who);
            } else {
                let call = Call { cells: start..start + length, needs, only: None };
                let offered = plan.free_starts(length, skills(needs), 0).iter().any(|(cell, _)| *cell == start);
                let assignment = plan.seat(&Wanted { cells: call.cells.clone(), needs: skills(needs), only: None, tie: 0 });
                prop_assert_eq!(offered, assignment.is_some());
                let mut all: Vec<Call> = calls.values().cloned().collect();
                all.push(call.clone());
                if assignment.is_some() {
                    prop_assert!(by_brute_force(&crew, &all, &mut vec![0; crew.len()]));
                } else {
                    // Not moving anybody, nobody was free.
                    let alone = plan.sittings().iter().map(|sitting| Call {
                        cells: sitting.cells.clone(), needs: calls[&sitting.who].needs,
                        only: (0..crew.len()).find(|i| PlaceKey::Adviser(adviser(*i)) == sitting.key),
                    });
                    let all: Vec<Call> = alone.chain([call.clone()]).collect();
                    prop_assert!(!by_brute_force(&crew, &all, &mut vec![0; crew.len()]));
                }
                if let Some(assignment) = assignment {
                    let sitting = Sitting {
                        who: occupant(number), key: assignment.key, cells: call.cells.clone(), needs: skills(needs), fixed: false,
                    };
                    plan.apply(&assignment, sitting);
                    calls.insert(occupant(number), call);
                }
            }
            check(&crew, &plan, &calls)?;
        }
    }
}

#[test]
fn the_last_welsh_speaker_is_freed_by_letting_an_english_call_sit_elsewhere() {
    let mut plan = plan(&[(1, 0xff), (0, 0xff)]);
    let sitting = |number, who, fixed| Sitting {
        who: occupant(number),
        key: PlaceKey::Adviser(adviser(who)),
        cells: 2..4,
        needs: Skills::NONE,
        fixed,
    };
    plan.sit(sitting(7, 0, false));
    let wanted = Wanted { cells: 2..4, needs: skills(1), only: None, tie: 0 };
    let assignment = plan.seat(&wanted).unwrap();
    assert_eq!(assignment.key, PlaceKey::Adviser(adviser(0)));
    assert_eq!(assignment.moves, [(occupant(7), PlaceKey::Adviser(adviser(1)))]);
    // A promise is not ours to move.
    plan.leave(occupant(7));
    plan.sit(sitting(7, 0, true));
    assert_eq!(plan.seat(&wanted), None);
}

#[test]
fn rare_skills_stay_free_and_the_load_is_shared() {
    let mut plan = plan(&[(3, 0xff), (0, 0xff), (0, 0xff)]);
    let first = plan.seat(&Wanted { cells: 0..2, needs: Skills::NONE, only: None, tie: 0 }).unwrap();
    assert_eq!(first.key, PlaceKey::Adviser(adviser(1)));
    let sitting = Sitting { who: occupant(0), key: first.key, cells: 0..2, needs: Skills::NONE, fixed: false };
    plan.apply(&first, sitting);
    let second = plan.seat(&Wanted { cells: 4..6, needs: Skills::NONE, only: None, tie: 0 }).unwrap();
    assert_eq!(second.key, PlaceKey::Adviser(adviser(2)));
}

#[test]
fn whoever_has_lost_their_place_is_stranded_and_stays_put() {
    let mut plan = plan(&[(0, 0x0f)]);
    let gone = Sitting {
        who: occupant(1),
        key: PlaceKey::Adviser(adviser(0)),
        cells: 3..5,
        needs: Skills::NONE,
        fixed: false,
    };
    plan.sit(gone.clone());
    assert!(plan.is_stranded(&gone));
    assert_eq!(plan.seat(&Wanted { cells: 2..4, needs: Skills::NONE, only: None, tie: 0 }), None);
    let ghost = Sitting { who: occupant(2), key: PlaceKey::Number(9), cells: 0..2, needs: Skills::NONE, fixed: false };
    plan.sit(ghost.clone());
    assert!(plan.is_stranded(&ghost));
}
