//! The floor alone, on one thread and through the network's verbs: whole call lives a second, and what one decision takes.
//!
//! Everybody is busy and a fifth as many callers wait. A quarter of the sites have time to spare: they answer three
//! fifths of their turns from their own callers and the rest from the busy sites', so that a tenth of all calls
//! overflow. Time is a counter: calls take what they take in life, and the floors tick every 250 ms of it, as the
//! service does. In wall-clock time nothing waits.

use super::Outcome;
use super::floor_traffic::{Shape, Traffic};
use super::measure::{Rounds, percentile, verdict};
use std::time::{Duration, Instant};

const ROUNDS: usize = 9;
const LIVES_A_ROUND: u32 = 60_000;
/// Long enough to fill what a floor remembers of finished calls.
const WARM_UP: u32 = 100_000;

const SMALL: Shape = Shape { sites: 4, advisers_a_site: 250 };
const BY_SITES: [Shape; 3] = [
    Shape { sites: 4, advisers_a_site: 2_500 },
    Shape { sites: 100, advisers_a_site: 100 },
    Shape { sites: 1_000, advisers_a_site: 10 },
];
const LARGE: Shape = Shape { sites: 4, advisers_a_site: 25_000 };

struct Subject {
    name: String,
    traffic: Traffic,
    lives: Rounds,
    /// Microseconds of one life, ticks included.
    cost: Rounds,
    ticks: Rounds,
}

impl Subject {
    fn new(shape: Shape) -> Outcome<Self> {
        let mut traffic = Traffic::new(shape)?;
        let warm_up = WARM_UP.max(2 * shape.advisers());
        traffic.prepare(warm_up);
        for _ in 0..warm_up {
            traffic.life::<false>()?;
        }
        let name = format!("{} sites x {} advisers, {} waiting", shape.sites, shape.advisers_a_site, shape.waiting());
        Ok(Self { name, traffic, lives: Rounds::default(), cost: Rounds::default(), ticks: Rounds::default() })
    }

    fn round(&mut self) -> Outcome {
        self.traffic.prepare(LIVES_A_ROUND);
        self.traffic.in_ticks = Duration::ZERO;
        let begun = Instant::now();
        for _ in 0..LIVES_A_ROUND {
            self.traffic.life::<false>()?;
        }
        let took = begun.elapsed().as_secs_f64();
        self.lives.add(f64::from(LIVES_A_ROUND) / took);
        self.cost.add(took * 1e6 / f64::from(LIVES_A_ROUND));
        self.ticks.add(self.traffic.in_ticks.as_secs_f64() * 1e6 / f64::from(LIVES_A_ROUND));
        Ok(())
    }

    fn show(&self) {
        println!(" {}", self.name);
        self.lives.show("whole lives", "lives/s");
        println!("  one life: {:.2} us, of which ticks {:.2} us", self.cost.median(), self.ticks.median());
    }
}

/// One core, four sites, 250 advisers each.
pub fn lives() -> Outcome {
    let mut small = Subject::new(SMALL)?;
    for _ in 0..ROUNDS {
        small.round()?;
    }
    small.show();
    println!("  overflowed: {:.1}% of the answered", small.traffic.overflow_share()? * 100.0);
    small.lives.verdict("lives a second", 500_000.0, true);
    decisions(&mut small.traffic)
}

/// The same traffic on larger networks.
pub fn growth() -> Outcome {
    let mut subjects = Vec::new();
    for shape in [SMALL, BY_SITES[0], BY_SITES[1], BY_SITES[2], LARGE] {
        subjects.push(Subject::new(shape)?);
    }
    for _ in 0..ROUNDS {
        for subject in &mut subjects {
            subject.round()?;
        }
    }
    subjects.iter().for_each(Subject::show);
    for subject in [0, 3] {
        let Subject { traffic, name, .. } = &mut subjects[subject];
        show(&format!("entering a call that no number places, {name}"), &sorted(traffic.unplaced(2_000)?));
    }
    let [small, middle, hundred, thousand, large] = &subjects[..] else { return Err("subjects are missing".into()) };
    hundred.cost.ratio_to(&middle.cost).verdict("cost of a life, 100 sites to 4, 10,000 advisers", 1.5, false);
    thousand.cost.ratio_to(&middle.cost).verdict("cost of a life, 1,000 sites to 4, 10,000 advisers", 1.5, false);
    middle.cost.ratio_to(&small.cost).verdict("cost of a life, 10,000 advisers to 1,000, 4 sites", 1.5, false);
    large.cost.ratio_to(&small.cost).verdict("cost of a life, 100,000 advisers to 1,000, 4 sites", 1.5, false);
    Ok(())
}

/// What one verb takes, asked in a run of its own, because looking at the clock around each costs more than some of them.
fn decisions(traffic: &mut Traffic) -> Outcome {
    traffic.prepare(5 * LIVES_A_ROUND);
    for _ in 0..5 * LIVES_A_ROUND {
        traffic.life::<true>()?;
    }
    let looking = (0..10_000).map(|_| nanoseconds(Instant::now())).collect();
    let mut all: Vec<u32> = Vec::new();
    println!(" one decision, in us; two looks at the clock take {:.3} of each", microseconds(&sorted(looking), 0.5));
    for (verb, times) in &mut traffic.times {
        all.extend(times.iter());
        times.sort_unstable();
        show(verb, times);
    }
    all.sort_unstable();
    show("all", &all);
    verdict("p99 of one decision in us", microseconds(&all, 0.99), 5.0, false);
    Ok(())
}

fn show(what: &str, sorted: &[u32]) {
    let [p50, p99, max] = [0.5, 0.99, 1.0].map(|part| microseconds(sorted, part));
    println!("  {what}: p50 {p50:.2}, p99 {p99:.2}, max {max:.0}");
}

fn sorted(mut times: Vec<u32>) -> Vec<u32> {
    times.sort_unstable();
    times
}

/// Such a part of the sorted times is not longer.
fn microseconds(sorted: &[u32], part: f64) -> f64 {
    percentile(sorted, part) / 1e3
}

pub fn nanoseconds(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_nanos()).unwrap_or(u32::MAX)
}
