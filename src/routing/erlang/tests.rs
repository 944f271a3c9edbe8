//! The formulas against values worked out elsewhere, at their edges, and against each other.

use super::*;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Values {
    erlang_b: Vec<RowB>,
    erlang_c: Vec<RowC>,
    erlang_a: Vec<RowA>,
}

#[derive(Deserialize)]
struct RowB {
    n: u32,
    a: f64,
    b: f64,
}

#[derive(Deserialize)]
pub(super) struct RowC {
    pub(super) id: String,
    pub(super) agents: u32,
    pub(super) calls_per_hour: f64,
    pub(super) aht: f64,
    #[serde(rename = "T")]
    target: f64,
    a: f64,
    pub(super) pwait: f64,
    sl: f64,
    pub(super) asa: f64,
    occ: f64,
}

#[derive(Deserialize)]
pub(super) struct RowA {
    pub(super) id: String,
    agents: u32,
    calls_per_hour: f64,
    aht: f64,
    pub(super) patience: f64,
    #[serde(rename = "T")]
    target: f64,
    pwait: f64,
    pab: f64,
    lq: f64,
    /// Over all callers.
    ew: f64,
    /// Over those who are answered.
    asa: f64,
    sl_served: f64,
    occ: f64,
}

fn values() -> Values {
    serde_json::from_str(include_str!("values.json")).unwrap()
}

/// The rows of Erlang C.
pub(super) fn rows_c() -> Vec<RowC> {
    values().erlang_c
}

fn demand(advisers: u32, calls_per_hour: f64, handle_s: f64) -> Demand {
    Demand { advisers, calls_per_s: calls_per_hour / 3600.0, handle_s }
}

/// The rows of Erlang A.
pub(super) fn rows_a() -> Vec<RowA> {
    values().erlang_a
}

impl RowA {
    pub(super) fn demand(&self) -> Demand {
        demand(self.agents, self.calls_per_hour, self.aht)
    }
}

impl RowC {
    pub(super) fn demand(&self) -> Demand {
        demand(self.agents, self.calls_per_hour, self.aht)
    }
}

#[track_caller]
fn assert_same(id: &str, ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs(), "{id}: {ours} is not {theirs}");
}

#[test]
fn every_value_of_erlang_b_is_met() {
    for RowB { n, a, b } in values().erlang_b {
        assert_same("B", turned_away(n, a), b);
    }
}

#[test]
fn every_value_of_erlang_c_is_met() {
    for row in rows_c() {
        let found = Patient::new(row.demand()).unwrap();
        assert_same(&row.id, row.demand().load(), row.a);
        assert_same(&row.id, found.p_wait, row.pwait);
        assert_same(&row.id, found.service_level(row.target), row.sl);
        assert_same(&row.id, found.mean_wait_s(), row.asa);
        assert_same(&row.id, found.occupancy(), row.occ);
        assert_same(&row.id, found.mean_queue(), row.calls_per_hour / 3600.0 * row.asa);
    }
}

#[test]
fn every_value_of_erlang_a_is_met() {
    for row in rows_a() {
        let found = Impatient::new(row.demand(), row.patience);
        assert_same(&row.id, found.p_wait, row.pwait);
        assert_same(&row.id, found.p_abandon, row.pab);
        assert_same(&row.id, found.mean_queue, row.lq);
        assert_same(&row.id, found.mean_wait_s(), row.ew);
        assert_same(&row.id, found.mean_wait_of_answered_s.unwrap(), row.asa);
        assert_same(&row.id, found.service_level(row.target), row.sl_served);
        assert_same(&row.id, found.occupancy(), row.occ);
    }
}

#[test]
fn a_load_that_the_advisers_cannot_take_is_unstable_and_says_so() {
    for advisers in [0, 3, 10] {
        let fault = Patient::new(Demand { advisers, calls_per_s: 0.1, handle_s: 100.0 }).unwrap_err();
        assert_eq!(fault, Unstable { advisers, load: 10.0 });
    }
    assert!(Patient::new(Demand { advisers: 11, calls_per_s: 0.1, handle_s: 100.0 }).is_ok());
    let said = Unstable { advisers: 3, load: 10.0 }.to_string();
    assert_eq!(said, "3 advisers cannot serve a load of 10 erlangs: the queue would grow for ever");
}

#[test]
fn without_calls_nobody_waits() {
    let quiet = demand(3, 0.0, 360.0);
    assert_eq!(turned_away(3, 0.0), 0.0);
    let patient = Patient::new(quiet).unwrap();
    assert_eq!((patient.p_wait, patient.mean_wait_s(), patient.service_level(0.0)), (0.0, 0.0, 1.0));
    let impatient = Impatient::new(quiet, 60.0);
    assert_eq!((impatient.p_wait, impatient.p_abandon, impatient.mean_queue), (0.0, 0.0, 0.0));
    assert_eq!((impatient.service_level(20.0), impatient.occupancy()), (1.0, 0.0));
}

#[test]
fn without_advisers_everybody_gives_up() {
    let nobody = demand(0, 60.0, 360.0);
    assert_eq!(turned_away(0, 6.0), 1.0);
    let found = Impatient::new(nobody, 90.0);
    assert_same("pwait", found.p_wait, 1.0);
    assert_same("pab", found.p_abandon, 1.0);
    assert_same("lq", found.mean_queue, 1.5);
    assert_eq!(found.mean_wait_of_answered_s, None);
    assert!(found.service_level(20.0).abs() < 1e-12);
    assert_eq!(found.occupancy(), 0.0);
}

#[test]
fn callers_without_patience_are_turned_away_as_erlang_b_says() {
    let found = Impatient::new(demand(10, 60.0, 480.0), 0.0);
    assert_same("pab", found.p_abandon, turned_away(10, 8.0));
    assert_eq!((found.mean_queue, found.mean_wait_of_answered_s), (0.0, Some(0.0)));
    assert_same("sl", found.service_level(20.0), 1.0 - turned_away(10, 8.0));
}

#[test]
fn a_queue_of_thousands_is_worked_out_too() {
    // Twice the load that a hundred can take, from callers who wait for hours: half must give up.
    let found = Impatient::new(Demand { advisers: 100, calls_per_s: 2.0, handle_s: 100.0 }, 10_000.0);
    assert_same("pwait", found.p_wait, 1.0);
    assert_same("pab", found.p_abandon, 0.5);
    assert_same("lq", found.mean_queue, 10_000.0);
}

proptest! {
    #[test]
    fn more_calls_are_worse_and_more_advisers_better(
        advisers in 1_u32..60, load in 0.01..50.0_f64, more in 0.01..5.0_f64, patience_s in 5.0..600.0_f64,
    ) {
        let of = |advisers, load: f64| Demand { advisers, calls_per_s: load / 300.0, handle_s: 300.0 };
        prop_assert!(turned_away(advisers, load) <= turned_away(advisers, load + more));
        prop_assert!(turned_away(advisers, load) >= turned_away(advisers + 1, load));
        let (base, busier, better) = (of(advisers, load), of(advisers, load + more), of(advisers + 1, load));
        if let (Ok(base), Ok(better)) = (Patient::new(base), Patient::new(better)) {
            prop_assert!(base.p_wait >= better.p_wait && base.mean_wait_s() >= better.mean_wait_s());
            prop_assert!(base.service_level(20.0) <= better.service_level(20.0));
            if let Ok(busier) = Patient::new(busier) {
                prop_assert!(base.p_wait <= busier.p_wait && base.mean_wait_s() <= busier.mean_wait_s());
            }
        }
        // With room for what the last digits lose.
        let [base, busier, better] = [base, busier, better].map(|of| Impatient::new(of, patience_s));
        for (less, more) in [(base, busier), (better, base)] {
            prop_assert!(less.p_wait <= more.p_wait + 1e-12, "{less:?} {more:?}");
            prop_assert!(less.p_abandon <= more.p_abandon + 1e-12, "{less:?} {more:?}");
            prop_assert!(less.mean_queue <= more.mean_queue * (1.0 + 1e-12) + 1e-12, "{less:?} {more:?}");
            prop_assert!(less.service_level(20.0) >= more.service_level(20.0) - 1e-12);
        }
    }

    #[test]
    fn what_is_answered_and_what_gives_up_is_everything(
        advisers in 0_u32..60, load in 0.01..80.0_f64, patience_s in 5.0..600.0_f64,
    ) {
        let demand = Demand { advisers, calls_per_s: load / 300.0, handle_s: 300.0 };
        let found = Impatient::new(demand, patience_s);
        let answered_in_the_end = found.service_level(1e9);
        prop_assert!((answered_in_the_end + found.p_abandon - 1.0).abs() < 1e-9, "{found:?}");
        prop_assert!((found.service_level(0.0) - (1.0 - found.p_wait)).abs() < 1e-9, "{found:?}");
        // Waiting of the answered and of the others together is what the queue holds.
        if let Some(wait_s) = found.mean_wait_of_answered_s {
            prop_assert!(wait_s * answered_in_the_end <= found.mean_wait_s() * (1.0 + 1e-9));
        }
    }

    #[test]
    fn endless_patience_is_erlang_c(advisers in 1_u32..60, busy in 0.01..0.95_f64, target_s in 0.0..200.0_f64) {
        let demand = Demand { advisers, calls_per_s: busy * f64::from(advisers) / 300.0, handle_s: 300.0 };
        let patient = Patient::new(demand).unwrap();
        let distance = |patience_s: f64| {
            let found = Impatient::new(demand, patience_s);
            let wait_s = found.mean_wait_of_answered_s.unwrap();
            let parts = [
                found.p_wait - patient.p_wait,
                (wait_s - patient.mean_wait_s()) / 300.0,
                found.service_level(target_s) - patient.service_level(target_s),
                found.mean_queue - patient.mean_queue(),
            ];
            parts.iter().fold(0.0_f64, |worst, part| worst.max(part.abs()))
        };
        let [hours, years, ever] = [1e4, 1e9, f64::INFINITY].map(distance);
        prop_assert!(years <= hours + 1e-9 && years < 0.01 && ever < 1e-6, "{hours} {years} {ever}");
    }
}
