//! The figures against a count that walks through all the calls again for each one.

use super::*;
use proptest::prelude::*;

const TARGET: Target = Target { answer_ms: 20_000, short_abandon_ms: 5_000 };

fn at(minute: i64) -> DateTime<Utc> {
    "2026-03-03T10:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minute)
}

fn calls() -> impl Strategy<Value = Vec<RecordedCall>> {
    let call = (0..3_usize, 0..180_i64, 0..3_usize, any::<bool>(), 0..60_000_u64);
    let call = call.prop_map(|(site, minute, how, elsewhere, wait_ms)| RecordedCall {
        site: ["calder", "gwent", "somerset"][site].into(),
        entered_at: at(minute),
        how: ["answered", "abandoned", "diverted"][how].into(),
        overflowed: how == 0 && elsewhere,
        wait_ms,
    });
    prop::collection::vec(call, 0..120)
}

fn tally(calls: &[RecordedCall]) -> History {
    let mut tally = Tally::default();
    for call in calls {
        tally.count(call.clone(), TARGET);
    }
    tally.history()
}

/// The smallest wait that at least so many in a hundred did not exceed.
fn naive_percentile(waits: &[u64], percent: usize) -> Option<u64> {
    waits.iter().copied().filter(|w| waits.iter().filter(|o| *o <= w).count() * 100 >= percent * waits.len()).min()
}

proptest! {
    #[test]
    fn every_period_is_what_a_naive_count_of_its_calls_gives(calls in calls()) {
        let history = tally(&calls);
        for period in history.half_hours.iter().chain(&history.totals) {
            let here = |call: &&RecordedCall| {
                period.site.as_ref().is_none_or(|site| *site == call.site)
                    && period.start.is_none_or(|start| start <= call.entered_at && call.entered_at < start + TimeDelta::minutes(30))
            };
            let mine: Vec<&RecordedCall> = calls.iter().filter(here).collect();
            let count = |rule: &dyn Fn(&RecordedCall) -> bool| mine.iter().filter(|call| rule(call)).count() as u64;
            let answered = |call: &RecordedCall| call.how == "answered";
            let waits: Vec<u64> = mine.iter().filter(|call| answered(call)).map(|call| call.wait_ms).collect();
            let figures = &period.figures;
            prop_assert_eq!(figures.entered, mine.len() as u64);
            prop_assert_eq!(figures.entered, figures.answered + figures.abandoned + figures.diverted);
            prop_assert_eq!(figures.answered, count(&answered));
            prop_assert_eq!(figures.abandoned, count(&|call| call.how == "abandoned"));
            prop_assert_eq!(figures.overflowed, count(&|call| answered(call) && call.overflowed));
            let in_target = count(&|call| answered(call) && call.wait_ms <= 20_000);
            let short = count(&|call| call.how == "abandoned" && call.wait_ms <= 5_000);
            let countable = figures.entered - short;
            prop_assert_eq!(figures.service_level(), (countable > 0).then(|| in_target as f64 / countable as f64));
            let answers = waits.len() as u64;
            prop_assert_eq!(figures.overflow_share(), (answers > 0).then(|| figures.overflowed as f64 / answers as f64));
            prop_assert_eq!(figures.mean_wait_ms(), waits.iter().sum::<u64>().checked_div(answers));
            prop_assert_eq!(period.wait_p50_ms, naive_percentile(&waits, 50));
            prop_assert_eq!(period.wait_p90_ms, naive_percentile(&waits, 90));
        }
    }

    #[test]
    fn no_call_is_in_two_half_hours_and_none_is_left_out(calls in calls()) {
        let history = tally(&calls);
        let of_half_hours: u64 = history.half_hours.iter().map(|period| period.figures.entered).sum();
        let (all, of_sites) = history.totals.split_last().unwrap();
        prop_assert_eq!(of_half_hours, calls.len() as u64);
        prop_assert_eq!(of_sites.iter().map(|period| period.figures.entered).sum::<u64>(), calls.len() as u64);
        prop_assert_eq!((all.figures.entered, &all.site), (calls.len() as u64, &None));
    }
}

#[test]
fn staffing_that_comes_in_parts_is_added_up_and_occupancy_needs_staff() {
    let mut tally = Tally::default();
    for handle_ms in [600_000, 300_000] {
        tally.staff(Staffing { site: "gwent".into(), half_hour: at(0), staffed_ms: 900_000, handle_ms });
    }
    tally.count(
        RecordedCall {
            site: "somerset".into(),
            entered_at: at(1),
            how: "diverted".into(),
            overflowed: false,
            wait_ms: 0,
        },
        TARGET,
    );
    let history = tally.history();
    assert_eq!(history.half_hours.len(), 2);
    assert_eq!(history.half_hours[0].occupancy(), Some(0.5));
    assert_eq!(history.half_hours[1].occupancy(), None);
    assert_eq!(history.totals[2].occupancy(), Some(0.5));
}

#[test]
fn a_half_hour_begins_on_the_hour_or_half_past() {
    assert_eq!(half_hour_of(at(29)), at(0));
    assert_eq!(half_hour_of(at(30)), at(30));
    assert_eq!(half_hour_of(at(-1)), at(-30));
}
