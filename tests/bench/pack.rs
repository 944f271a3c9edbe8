//! How fast the whole claim pack of 15 pages or more is composed, and what memory that leaves. `pack_page.rs` compares.

use super::measure::{Rounds, processor_time, resident_mib, verdict};
use super::{Fault, Outcome, pack_client};
use startline::definition::Definition;
use startline::packs::Composer;
use startline::packs::content::PackContent;
use std::time::{Duration, Instant};

const LEAST_PAGES: u32 = 15;
const THREADS: u32 = 2;
const ROUNDS: u32 = 9;
const PACKS_A_ROUND: u32 = 20;

/// Packs of the memory bench; `STARTLINE_PACKS` for fewer.
const MANY: u32 = 10_000;
/// How often memory is looked at.
const LOOKS: u32 = 10;

pub fn speed() -> Outcome {
    let (composer, sample) = warm()?;
    let (mut alone, mut together, mut packs) = (Rounds::default(), Rounds::default(), Rounds::default());
    for round in 0..ROUNDS {
        let first = 1000 * (1 + round);
        alone.add(side_by_side(&composer, &sample, 1, first, PACKS_A_ROUND)?.cpu_ms);
        let both = side_by_side(&composer, &sample, THREADS, first + 500, PACKS_A_ROUND)?;
        together.add(both.cpu_ms);
        packs.add(both.packs_a_second);
    }
    alone.show("processor time of a pack, one at a time", "ms");
    together.show(&format!("the same, on {THREADS} threads"), "ms");
    packs.show(&format!("on {THREADS} threads"), "packs/s");
    packs.verdict(&format!("packs a second on {THREADS} threads"), 25.0, true);
    Ok(())
}

pub fn memory() -> Outcome {
    let (composer, sample) = warm()?;
    let many = std::env::var("STARTLINE_PACKS").ok().and_then(|number| number.parse().ok()).unwrap_or(MANY);
    let mut resident = Vec::new();
    for look in 0..LOOKS {
        side_by_side(&composer, &sample, THREADS, 100_000 + look * many, many / LOOKS / THREADS)?;
        resident.push(resident_mib("self")?);
    }
    let list: Vec<String> = resident.iter().map(|mib| format!("{mib:.0}")).collect();
    println!("  resident after each {} packs on {THREADS} threads: {} MiB", many / LOOKS, list.join(" "));
    let most = resident.iter().copied().fold(0.0, f64::max);
    verdict("most resident memory in MiB", most, 400.0, false);
    verdict("the last to the first", resident[resident.len() - 1] / resident[0], 1.1, false);
    Ok(())
}

/// A composer that has seen a few packs, and the client to make others from.
pub fn warm() -> Outcome<(Composer, PackContent)> {
    let composer = Composer::new(Definition::embedded().files())?;
    let sample = pack_client::sample(&composer)?;
    for number in 0..4 {
        let composed = composer.compose(&pack_client::client(&sample, number))?;
        if number == 0 {
            println!("  {} pages, {} KiB of PDF", composed.pages, composed.pdf.len() / 1024);
        }
        if composed.pages < LEAST_PAGES {
            return Err(format!("the sample has fewer than {LEAST_PAGES} pages").into());
        }
    }
    Ok((composer, sample))
}

struct Rate {
    cpu_ms: f64,
    packs_a_second: f64,
}

/// So many packs on each of some threads.
fn side_by_side(composer: &Composer, sample: &PackContent, threads: u32, first: u32, packs: u32) -> Outcome<Rate> {
    let (before, begun) = (processor_time("self")?, Instant::now());
    std::thread::scope(|scope| {
        let compose = |thread: u32| {
            for number in 0..packs {
                composer.compose(&pack_client::client(sample, first + number * threads + thread))?;
            }
            Ok::<_, Fault>(())
        };
        let running: Vec<_> = (0..threads).map(|thread| scope.spawn(move || compose(thread))).collect();
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread panicked")?)
    })?;
    let (used, taken) = (processor_time("self")? - before, begun.elapsed());
    let all = f64::from(packs * threads);
    Ok(Rate { cpu_ms: milliseconds(used) / all, packs_a_second: all / taken.as_secs_f64() })
}

pub fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
