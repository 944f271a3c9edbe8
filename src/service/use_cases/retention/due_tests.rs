use super::*;
use chrono::TimeDelta;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const ALL: [Why; 6] = [Why::ClaimUnderway, Why::Meeting, Why::Walk, Why::Printing, Why::RecordRequest, Why::Younger];

fn records(chance: &mut StdRng) -> Vec<Aged> {
    let count = chance.random_range(0..12_u128);
    let at = |chance: &mut StdRng| DateTime::UNIX_EPOCH + TimeDelta::days(chance.random_range(0..1000));
    (0..count).map(|id| Aged { id: Uuid::from_u128(id), at: at(chance) }).collect()
}

/// Each record is looked at by itself, with every reason there is.
fn naively(aged: &[Aged], holds: &[(Uuid, Why)]) -> Tally {
    let mut tally = Tally::default();
    for record in aged {
        let mut whys: Vec<Why> = holds.iter().filter(|(id, _)| *id == record.id).map(|(_, why)| *why).collect();
        whys.sort();
        match whys.first() {
            None => {
                tally.due += 1;
                tally.oldest = tally.oldest.into_iter().chain([record.at]).min();
                tally.newest = tally.newest.into_iter().chain([record.at]).max();
            }
            Some(why) => *tally.stay.entry(*why).or_default() += 1,
        }
    }
    tally
}

#[test]
fn what_is_due_is_what_nothing_holds_in_whatever_pages_it_comes() {
    let mut chance = StdRng::seed_from_u64(21);
    for _ in 0..2_000 {
        let aged = records(&mut chance);
        let holds: Holds = (0..chance.random_range(0..10))
            .map(|_| (Uuid::from_u128(chance.random_range(0..14)), ALL[chance.random_range(0..ALL.len())]))
            .collect();
        let mut tally = Tally::default();
        for page in aged.chunks(chance.random_range(1..5)) {
            let (due, stay) = sort(page, &holds);
            assert_eq!(due.len() + stay.len(), page.len(), "each is one or the other");
            tally.add(&due, &stay);
        }
        assert_eq!(tally, naively(&aged, &holds));
    }
}

#[test]
fn the_strongest_reason_is_told() {
    let record = Aged { id: Uuid::from_u128(1), at: DateTime::UNIX_EPOCH };
    let holds = [(record.id, Why::Younger), (record.id, Why::ClaimUnderway), (Uuid::from_u128(2), Why::Walk)];
    assert_eq!(sort(&[record], &holds), (vec![], vec![Why::ClaimUnderway]));
}
