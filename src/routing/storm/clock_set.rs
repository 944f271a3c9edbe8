//! Storms in which somebody sets the clock, forward and back, beside the same storms in which nobody does: callers and desks
//! are told the same things in the same order, and every record has the same waits.

use super::*;

/// What was said, but for the moments in it.
fn said(effect: &Effect) -> Option<String> {
    Some(match effect {
        Effect::Instruct { call, instruction } => format!("{call}: {instruction:?}"),
        Effect::Offer { offer, adviser, call, expires_at: _ } => format!("{offer} of {call} to {adviser}"),
        Effect::OfferEnded { offer, adviser, how } => format!("{offer} to {adviser} {how:?}"),
        Effect::Notice { adviser, notice } => format!("{adviser}: {notice:?}"),
        Effect::OutcomeLate { call, outcome } => format!("{call} late: {outcome}"),
        Effect::CallFinished(record) => {
            let CallRecord { card, how, handled_by, wait_ms, talk_ms, wrap_up_ms, outcome, passes, .. } = &**record;
            let by = handled_by.as_ref().map(|by| by.id);
            let (call, gave_up) = (card.call, record.gave_up_after_ms);
            format!("{call} {how:?} {by:?} {wait_ms} {talk_ms} {wrap_up_ms} {outcome:?} {passes} {gave_up:?}")
        }
        Effect::DeskChanged { .. } | Effect::FloorChanged { .. } | Effect::UnderWay(_) | Effect::Staffing(_) => {
            return None;
        }
    })
}

impl Storm {
    fn goes_on(&mut self) -> Vec<String> {
        self.step();
        let told = self.effects.iter().filter_map(said).collect();
        self.listen();
        told
    }
}

#[test]
fn nobody_waits_longer_or_shorter_whatever_the_clock_is_set_to() {
    for seed in 0..24 {
        let [mut calm, mut other] =
            [(); 2].map(|()| Storm { keeps_for_callbacks: false, ..Storm::new(seed, 3 + seed % 12) });
        let (mut hand, mut times) = (Chance(seed + 1_000), 0);
        for step in 0..6_000 {
            if hand.one_in(40) {
                let quarters = i64::try_from(hand.below(1 + 4 * 60 * 24 * 3)).unwrap() - 4 * 60 * 36;
                other.set_clock(quarters);
                other.network.check_invariants().unwrap();
                times += 1;
            }
            let (was, is) = (calm.goes_on(), other.goes_on());
            assert_eq!(was, is, "seed {seed}, step {step}, after the clock was set {times} times");
        }
        other.network.check_invariants().unwrap();
        assert_eq!(calm.figures(), other.figures(), "seed {seed}");
        assert!(times > 100 && calm.finished.len() > 100, "seed {seed} shows little");
    }
}
