//! Every mutation of the API at once, from two processes on one PostgreSQL database, over the same few clients, claims,
//! packs and call-backs.
//!
//! What is called comes from the descriptors: a mutation that `METHODS` does not know fails the test by its name. Who calls
//! what in which order comes from a seed; how the calls meet does not, and must not matter: nobody is told CONTENDED, no
//! deadlock is logged, a request sent to both processes at once is answered the same by both, and the audit says that each
//! that went well happened once.
//!
//! `RoutingService` is not here: its requests have no id, and a call lives on the floor of the one process it came to.

pub mod asking;
pub mod cast;
pub mod ground;
pub mod hostile;
mod invariants;
mod ledger;
mod methods;
pub mod setting;

use crate::support::process::Process;
use crate::support::{Engine, Home, soon};
use asking::{Answered, Ask};
use chrono::TimeDelta;
use ground::{Ground, Turn};
use ledger::{Entry, Ledger};
use methods::{METHODS, Method};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::Barrier;

const SEED: u64 = 20_260_306;
/// Between two rounds the clocks go on and everybody looks at the lists again.
const ROUNDS: usize = 6;
/// Rounds after those, of what has always been refused so far.
const MORE_ROUNDS: usize = 4;
/// How often each method is called in a round.
const TIMES: usize = 2;
/// So many times as often: a pack is composed anew only when something was changed, and most printings are over.
const OFTEN: usize = 3;
const CALLED_OFTEN: &[&str] = &[
    "ClaimService.AmendAnswer",
    "PackService.ComposePack",
    "PackService.LeasePrintJobs",
    "PackService.ReportPrinted",
    "PackService.ReportPosted",
];
/// Half of them at each process.
const WORKERS: usize = 16;
/// One call in so many is sent twice, to both processes at once.
const TWICE: usize = 10;

mod postgres {
    use super::*;

    #[test]
    fn every_mutation_of_the_contract_has_its_line() {
        let known: BTreeSet<&str> = METHODS.iter().map(|method| method.name).collect();
        let contract = methods::of_the_contract();
        let forgotten: Vec<&String> = contract.iter().filter(|name| !known.contains(name.as_str())).collect();
        assert!(forgotten.is_empty(), "say in METHODS how these are called and what they write: {forgotten:?}");
        let gone: Vec<&&str> = known.iter().filter(|name| !contract.contains(**name)).collect();
        assert!(gone.is_empty(), "the contract has no such mutations: {gone:?}");
        assert_eq!(known.len(), METHODS.len(), "a method stands twice in METHODS");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn every_mutation_at_once_from_two_processes_happens_once() {
        let mut home = Home::fresh(Engine::Postgres).await;
        home.open_to_the_web();
        let (ground, mut processes, _desk) = setting::made(&home).await;
        let ground = Arc::new(ground);
        let ledger = Arc::new(Ledger::default());
        let mut chance = StdRng::seed_from_u64(SEED);
        for round in 0..ROUNDS + MORE_ROUNDS {
            let calls = match round < ROUNDS {
                true => calls_of_a_round(round, &mut chance),
                false => ledger.always_refused().into_iter().flat_map(|method| [method; WORKERS]).collect(),
            };
            if calls.is_empty() {
                break;
            }
            if round > 0 {
                let now = ground.go_on(TimeDelta::minutes(11));
                for process in &mut processes {
                    process.move_clock(now).await;
                }
            }
            ground.look_around().await;
            storm(&ground, &ledger, calls, &mut chance).await;
        }
        ledger.nobody_was_told_what_is_none_of_theirs();
        ledger.both_processes_answered_the_same(&ground).await;
        let logs = stopped(processes).await;
        let mut inside = home.look_inside().await;
        ledger.each_happened_once(&mut inside).await;
        invariants::hold(&mut inside).await;
        invariants::no_deadlock(&home, &mut inside, &logs).await;
        // Who meets whom is chance, so a few come too late each time they are called; each has a story of its own beside
        // this one. Were they many, the storm would prove nothing.
        let refused: Vec<&str> = ledger.always_refused().iter().map(|method| method.name).collect();
        let most = METHODS.len() / 10;
        assert!(refused.len() <= most, "too little is proved: {refused:?} never went well\n{}", ledger.in_words());
    }
}

/// Every method so many times, in an order that nobody would choose; in every other round the methods of a service meet
/// each other.
fn calls_of_a_round(round: usize, chance: &mut StdRng) -> Vec<&'static Method> {
    let times = |method: &Method| if CALLED_OFTEN.contains(&method.name) { TIMES * OFTEN } else { TIMES };
    let mut calls: Vec<_> = METHODS.iter().flat_map(|method| std::iter::repeat_n(method, times(method))).collect();
    calls.shuffle(chance);
    if round % 2 == 1 {
        calls.sort_by_key(|method| method.name.split('.').next());
    }
    calls
}

/// All the workers at once, step by step: in each of them everybody reaches for the same records.
async fn storm(ground: &Arc<Ground>, ledger: &Arc<Ledger>, calls: Vec<&'static Method>, chance: &mut StdRng) {
    let together = Arc::new(Barrier::new(WORKERS));
    let mut hands = vec![Vec::new(); WORKERS];
    for step in calls.chunks(WORKERS) {
        let focus: usize = chance.random_range(0..1_000);
        for (number, hand) in hands.iter_mut().enumerate() {
            hand.push((focus, step.get(number).copied()));
        }
    }
    let mut workers = Vec::new();
    for (number, hand) in hands.into_iter().enumerate() {
        let (ground, ledger, together) = (ground.clone(), ledger.clone(), together.clone());
        let mut chance = StdRng::seed_from_u64(chance.random());
        workers.push(tokio::spawn(async move {
            for (focus, method) in hand {
                together.wait().await;
                if let Some(method) = method {
                    let is_twice = !method.writes.is_of_the_floor() && chance.random_range(0..TWICE) == 0;
                    let ask = (method.ask)(&mut Turn { ground: &ground, focus, chance: &mut chance });
                    let answers = sent(&ground, method, &ask, number % 2, is_twice).await;
                    ground.heard(method, &ask, &answers);
                    ledger.write(Entry { method, ask, answers });
                }
            }
        }));
    }
    for worker in workers {
        soon("a worker of the storm", worker).await.unwrap();
    }
}

/// To one process, or to both at once.
async fn sent(ground: &Ground, method: &Method, ask: &Ask, process: usize, is_twice: bool) -> Vec<Answered> {
    match is_twice {
        false => vec![ground.put(method, ask, process).await],
        true => {
            let both = tokio::join!(ground.put(method, ask, process), ground.put(method, ask, 1 - process));
            vec![both.0, both.1]
        }
    }
}

/// Stops both in order, and gives what they logged.
async fn stopped(processes: [Process; 2]) -> Vec<String> {
    let mut logs = Vec::new();
    for process in processes {
        let ended = process.ended().await;
        assert!(ended.status.success(), "{}", ended.errors);
        logs.push(ended.errors);
    }
    logs
}
