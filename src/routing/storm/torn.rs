//! Storms in which events are torn apart by a panic at any of the places where a floor is half changed. The floors go on:
//! a moment later every invariant holds again, and nobody is left reserved, waiting or talking for ever.

use super::*;
use crate::floor::fault;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Runs `work`, which is torn apart after so many places. Says whether it was; any other panic is a fault.
fn is_torn(places: Option<u64>, work: impl FnOnce()) -> bool {
    fault::after(places);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    fault::after(None);
    match outcome {
        Ok(()) => false,
        Err(panic) if panic.downcast_ref() == Some(&fault::WORDS) => true,
        Err(panic) => resume_unwind(panic),
    }
}

impl Storm {
    /// One step that may be torn apart on the way. Says whether it was.
    fn torn_step(&mut self) -> bool {
        let places = self.chance.one_in(5).then(|| self.chance.below(10));
        is_torn(places, || self.step())
    }

    /// The next round of the clock that looks after every site.
    fn next_round(&mut self) {
        for _ in 0..2 {
            self.now += TimeDelta::seconds(16);
            self.network.tick(self.now, &mut self.effects);
        }
    }
}

#[test]
fn a_floor_torn_apart_by_a_panic_is_sound_again_at_the_next_round_and_ends_every_call() {
    let (mut torn, mut served) = (0, 0);
    for seed in 0..120 {
        let mut storm = Storm::new(seed, 3 + seed % 12);
        for step in 0..600 {
            let was_torn = storm.torn_step();
            torn += u64::from(was_torn);
            if was_torn {
                storm.next_round();
                if let Err(fault) = storm.network.check_invariants() {
                    panic!("seed {seed}, step {step}: {fault}");
                }
            }
            storm.effects.clear();
        }
        // Everybody goes home, as in a storm that broke nothing.
        storm.network.stop_taking_calls(storm.now, &mut storm.effects);
        for n in 1..=storm.calls {
            let _ = storm.network.report_call(call(n), Report::Answered, storm.now, &mut storm.effects);
            let _ = storm.network.report_call(call(n), Report::Ended, storm.now, &mut storm.effects);
        }
        storm.now += TimeDelta::hours(1);
        storm.next_round();
        storm.network.check_invariants().unwrap();
        for site in SITES {
            let view = storm.network.snapshot(&site.into(), storm.now).unwrap();
            assert_eq!((view.waiting.len(), view.in_hand), (0, 0), "seed {seed}: {site} still has calls");
        }
        served += storm.figures().iter().map(|figures| figures.answered).sum::<u64>();
    }
    assert!(torn > 1_000 && served > 500, "{torn} events were torn apart, {served} calls answered: that shows little");
}

/// What was said before the panic is not lost with it: here the adviser's desk hears of the offer that the floor made.
#[test]
fn what_a_floor_said_before_a_panic_is_delivered() {
    let (mut told, mut untold) = (0, 0);
    for places in 0..12 {
        let mut storm = Storm::new(1, 3);
        for (n, site) in (1..).zip(SITES) {
            let card = AdviserCard::new(adviser(n), "Asha", "sip:asha", site.into());
            storm.network.sign_in(card, Status::Available, storm.now, &mut storm.effects).unwrap();
        }
        storm.effects.clear();
        let torn = is_torn(Some(places), || storm.enter());
        let offers = storm.effects.iter().filter(|effect| matches!(effect, Effect::Offer { .. })).count();
        let is_offered = |n| matches!(storm.network.desk_view(adviser(n)).unwrap().state, State::Offered { .. });
        let offered = (1..=4).filter(|n| is_offered(*n)).count();
        told += usize::from(torn && offers == 1 && offered == 1);
        untold += usize::from(torn && offers == 0 && offered == 1);
        assert!(offers <= offered, "after {places} places");
    }
    // Untold only where the panic comes between the adviser's change and the words about it: that offer runs out.
    assert!(told >= 1 && untold <= 1, "{told} and {untold}");
}
