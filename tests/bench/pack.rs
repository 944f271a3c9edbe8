//! A warm pack of a long claim: its processor time, and whether memory stays flat over a thousand.
//!
//! Each pack is another client's: every answer in words is changed, so that nothing of a client's text comes from the
//! cache of the pack before.

use super::Outcome;
use super::measure::{Rounds, processor_time, resident_mib, verdict};
use startline::definition::Definition;
use startline::packs::content::{Answer, PackContent};
use startline::packs::{Composer, samples};

const PACKS: u32 = 1000;
const EVERY: u32 = 100;
const LEAST_PAGES: u32 = 20;

pub async fn run() -> Outcome {
    let composer = Composer::new(Definition::embedded().files())?;
    let first = compose(&composer, 0).await?;
    println!(" {} pages, {} KiB of PDF", first.0, first.1 / 1024);
    if first.0 < LEAST_PAGES {
        return Err(format!("the sample has fewer than {LEAST_PAGES} pages").into());
    }
    let mut cpu_ms = Rounds::default();
    let mut resident = Vec::new();
    for hundred in 0..PACKS / EVERY {
        let before = processor_time("self")?;
        for i in 0..EVERY {
            compose(&composer, 1 + hundred * EVERY + i).await?;
        }
        let used = processor_time("self")? - before;
        cpu_ms.add(used.as_secs_f64() * 1e3 / f64::from(EVERY));
        resident.push(resident_mib("self")?);
    }
    cpu_ms.show("processor time of a pack", "ms");
    let list: Vec<String> = resident.iter().map(|mib| format!("{mib:.0}")).collect();
    println!("  resident after each {EVERY} packs: {} MiB", list.join(" "));
    verdict("processor time of a pack in ms", cpu_ms.median(), 100.0, false);
    let (early, late) = (resident[1], resident[resident.len() - 1]);
    verdict("resident at the end to that after 200 packs", late / early, 1.1, false);
    Ok(())
}

/// On the threads where the service composes.
async fn compose(composer: &Composer, number: u32) -> Outcome<(u32, usize)> {
    let (composer, content) = (composer.clone(), client(composer, number)?);
    let composed = tokio::task::spawn_blocking(move || composer.compose(&content)).await??;
    Ok((composed.pages, composed.pdf.len()))
}

fn client(composer: &Composer, number: u32) -> Outcome<PackContent> {
    let mut content = samples::job_seeker(&Definition::embedded(), composer.words())?;
    content.reference = format!("ST-2000-{number:06}");
    content.client_name = format!("{} {number}", content.client_name);
    for question in content.form.iter_mut().flat_map(|form| &mut form.parts).flat_map(|part| &mut part.questions) {
        match &mut question.answer {
            Answer::Text { value, .. } if !value.is_empty() => *value = format!("{number} {value}"),
            Answer::Table { rows, .. } => rows.iter_mut().flatten().for_each(|cell| *cell = format!("{cell} {number}")),
            _ => {}
        }
    }
    Ok(content)
}
