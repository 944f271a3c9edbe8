//! Nobody is told an answer that is not for them, by whatever they ask: random people ask every method that reads, about every
//! record that there is, of random clients whose answers are words that stand nowhere else. Who may know which is told a second
//! time here (`foreign/rule.rs`), in other words than the service has it.
//!
//! What happens comes from a seed, which a failure names; `STARTLINE_FOREIGN_SEED` tells one again, and
//! `STARTLINE_FOREIGN_SECONDS` goes on with others for so long.

#[path = "foreign/ground.rs"]
mod ground;
#[path = "foreign/readings.rs"]
mod readings;
#[path = "foreign/rule.rs"]
mod rule;

mod pdf_tools {
    use super::ground::Ground;
    use super::readings::{self, Told};
    use super::rule::{self, Path};
    use crate::support::World;
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use std::collections::BTreeMap;
    use std::time::{Duration, Instant};

    /// Told in each run: whoever adds a method meets the same people as before. One network takes some ten seconds.
    const SEED: u64 = 5;

    fn from_outside(name: &str) -> Option<u64> {
        std::env::var(name).ok().and_then(|number| number.parse().ok())
    }

    story!(nobody_is_told_an_answer_that_is_not_for_them_whatever_they_ask, |world| {
        let mut next = Some(from_outside("STARTLINE_FOREIGN_SEED").unwrap_or(SEED));
        let until = Instant::now() + Duration::from_secs(from_outside("STARTLINE_FOREIGN_SECONDS").unwrap_or_default());
        let engine = world.engine;
        let mut world = Some(world);
        while let Some(seed) = next.take() {
            let world = match world.take() {
                Some(world) => world,
                None => World::start(engine).await,
            };
            // Whatever fails below, this tells how it is seen again.
            eprintln!("the seed is {seed}");
            one_network(&world, seed).await;
            if Instant::now() < until {
                next = Some(seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
            }
        }
    });

    async fn one_network(world: &World, seed: u64) {
        let ground = Ground::made(world, StdRng::seed_from_u64(seed)).await;
        let told = readings::all(world, &ground).await;
        let (mut leaks, mut seen, mut withheld) = (Vec::new(), BTreeMap::<&str, usize>::new(), 0);
        for Told { who, what, path, is_refused, said } in &told {
            for case in &ground.cases {
                for canary in case.canaries.iter().filter(|canary| said.contains(&canary.word)) {
                    *seen.entry(what.as_str()).or_default() += 1;
                    if !rule::may_know(&ground.people[*who], case, canary.sort, *path) {
                        let who = ground.people[*who].in_words();
                        leaks.push(format!("{who} is told {} by {what} of {}", canary.question, case.in_words()));
                    }
                }
                // The other way round, where it is plain: whoever may know an answer reads it in the claim.
                if *path == Path::Answer && *what == format!("ClaimService.GetClaim {}", case.claim) {
                    for canary in case.canaries.iter().filter(|canary| !canary.is_elsewhere) {
                        let may = rule::reads_in_the_claim(&ground.people[*who], case, canary.sort);
                        withheld += usize::from(!may && !is_refused);
                        let who = ground.people[*who].in_words();
                        assert!(
                            !may || said.contains(&canary.word),
                            "seed {seed}: {who} is kept from {} of {}",
                            canary.question,
                            case.in_words()
                        );
                    }
                }
            }
        }
        leaks.sort();
        leaks.dedup();
        assert!(leaks.is_empty(), "seed {seed}: {} leaks:\n{}", leaks.len(), leaks.join("\n"));
        // Were nothing told, or nothing withheld, nothing would be proved.
        assert!(
            told.len() > 2_000 && seen.len() > 8 && withheld > 0,
            "seed {seed}: {} readings, {seen:?}, {withheld}",
            told.len()
        );
        let paper =
            told.iter().filter(|told| told.path == Path::Paper && told.said.contains(crate::support::log::CANARY));
        assert!(paper.count() > 0, "seed {seed}: no paper was read");
    }
}
