//! The whole form: working out the next question with 200 answers, opening a full claim, linting the pilot's definition,
//! and an answer that is a table grown to its limit.

use super::Outcome;
use super::fixture::Fixture;
use super::measure::{Rounds, median_ms, percentile, verdict};
use serde_json::{Value as Json, json};
use startline::definition::{Answers, Definition, Form, Kind};
use startline::ids::QuestionId;
use startline::scripts::{Course, Position, Progress};
use startline::store::Target;
use startline::{claims, clients};
use std::time::Instant;

const ROUNDS: usize = 7;
const CHANGES: usize = 2_000;

pub async fn run() -> Outcome {
    lint()?;
    next_question()?;
    next_step()?;
    grown_tables()?;
    open().await
}

/// Reading the same YAML without checking anything is the yardstick.
fn lint() -> Outcome {
    let files = Definition::embedded().files().clone();
    let (mut lint_ms, mut read_ms) = (Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let definition = Definition::from_files(files.clone())?;
        lint_ms.add(begun.elapsed().as_secs_f64() * 1e3);
        drop(definition);
        let begun = Instant::now();
        for (_, content) in files.iter().filter(|(path, _)| path.ends_with(".yaml")) {
            let _: Json = serde_saphyr::from_str(std::str::from_utf8(content)?)?;
        }
        read_ms.add(begun.elapsed().as_secs_f64() * 1e3);
    }
    lint_ms.show("loading and linting the pilot's definition", "ms");
    lint_ms.ratio_to(&read_ms).show_ratio("  to reading its YAML alone");
    verdict("lint in ms", lint_ms.median(), 200.0, false);
    Ok(())
}

/// A claim for every benefit with an answer to each question that takes one.
fn full_claim(form: &Form) -> Answers {
    let sample = |question: &startline::definition::Question| {
        let samples = question.kind.samples();
        let said =
            samples.iter().find(|sample| **sample != json!("no") && !sample.as_array().is_some_and(Vec::is_empty));
        Some((question.id.clone(), said.or(samples.first())?.clone()))
    };
    form.questions().filter(|question| question.kind.is_asked()).filter_map(sample).collect()
}

/// After each answer: which answers count, and which question is the next one open.
fn next_question() -> Outcome {
    let definition = Definition::embedded();
    let form = &definition.form;
    let mut answers = full_claim(form);
    println!("  {} answers, {} questions asked", answers.len(), claims::asked(form, &answers).len());
    let ids: Vec<QuestionId> = answers.keys().cloned().collect();
    let mut took_us = Vec::with_capacity(CHANGES);
    for change in 0..CHANGES {
        let id = &ids[change % ids.len()];
        let before = answers.remove(id);
        let begun = Instant::now();
        let counted = claims::evaluate(form, &answers);
        let next = claims::missing_of(form, &counted).first().map(|question| question.id.clone());
        took_us.push(u32::try_from(begun.elapsed().as_micros())?);
        std::hint::black_box(next);
        answers.extend(before.map(|value| (id.clone(), value)));
    }
    took_us.sort_unstable();
    println!("  next question: median {:.3} ms", median_ms(&took_us));
    verdict("p99 of the next question in ms", percentile(&took_us, 0.99) / 1e3, 1.0, false);
    Ok(())
}

/// The same on the start-up script, step by step: what counts on the walk, and the next step.
fn next_step() -> Outcome {
    let definition = Definition::embedded();
    let script = definition.script("start-up").ok_or("there is no start-up script")?;
    let course = Course { script, form: Some(&definition.form) };
    let (form, own) = (full_claim(&definition.form), Answers::new());
    let mut progress = Progress::default();
    let places: Vec<Position> = course.places().map(|place| place.position()).collect();
    let mut took_us = Vec::with_capacity(CHANGES);
    for change in 0..CHANGES {
        let from = &places[change % places.len()];
        let begun = Instant::now();
        let evaluation = course.evaluate(&form, &own);
        std::hint::black_box(course.next(&evaluation, &progress, Some(from)));
        took_us.push(u32::try_from(begun.elapsed().as_micros())?);
        progress.reached.extend(definition.form.questions().nth(change % 200).map(|question| question.id.clone()));
    }
    took_us.sort_unstable();
    println!("  next step of the walk, {} steps: median {:.3} ms", places.len(), median_ms(&took_us));
    verdict("p99 of the next step in ms", percentile(&took_us, 0.99) / 1e3, 1.0, false);
    Ok(())
}

/// The same with every table as long as it may be.
fn grown_tables() -> Outcome {
    let definition = Definition::embedded();
    let form = &definition.form;
    let short = full_claim(form);
    let mut long = short.clone();
    for question in form.questions() {
        if let (Kind::Table { max_rows, .. }, Some(Json::Array(rows))) = (&question.kind, long.get_mut(&question.id)) {
            *rows = rows.iter().cycle().take(*max_rows).cloned().collect();
        }
    }
    let time = |answers: &Answers| {
        let begun = Instant::now();
        for _ in 0..200 {
            std::hint::black_box(claims::evaluate(form, answers));
        }
        begun.elapsed().as_secs_f64()
    };
    let mut ratio = Rounds::default();
    for _ in 0..ROUNDS {
        let yardstick = time(&short);
        ratio.add(time(&long) / yardstick);
    }
    verdict("tables at their limits to tables of one row", ratio.median(), 3.0, false);
    Ok(())
}

/// Everything a desk needs to show a full claim: its answers, what is missing, and the drafts.
async fn open() -> Outcome {
    let folder = tempfile::tempdir()?;
    let target = Target::choose(folder.path(), None)?;
    let fixture = Fixture::open(&target).await?;
    let definition = fixture.definitions.current().clone();
    let claim = fixture.full_claim(&full_claim(&definition.form)).await?;
    let mut took_us = Vec::new();
    for _ in 0..300 {
        let begun = Instant::now();
        let mut reader = fixture.store.read().await?;
        let db = &mut reader.db();
        let claim = claims::get(db, claim).await?;
        let standing = claims::answers(db, claim.id).await?;
        let given = claims::standing_answers(db, &definition, &claim).await?;
        let client = clients::get(db, claim.client_id).await?;
        let open = claims::open_questions(&definition.form, &given, &standing, &client);
        std::hint::black_box((claims::drafts(db, claim.id).await?, open));
        took_us.push(u32::try_from(begun.elapsed().as_micros())?);
    }
    took_us.sort_unstable();
    println!("  opening a full claim on SQLite: median {:.2} ms", median_ms(&took_us));
    verdict("p99 of opening it in ms", percentile(&took_us, 0.99) / 1e3, 5.0, false);
    Ok(())
}
