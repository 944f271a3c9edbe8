//! Looking for a meeting in full diaries, and making diaries while others book in them.

use super::Outcome;
use super::diaries::{Act, Asked, Diaries};
use super::measure::{Rounds, median_ms, percentile, verdict};
use chrono::{Months, NaiveTime};
use sqlx::{Connection, SqliteConnection};
use startline::diary::{self, Wish, Wishes};
use startline::rota::Unsuitable;
use startline::store::Target;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;
use tokio::task::JoinSet;

const PEOPLE: usize = 50;
const SEARCHES: usize = 600;
const SIDE_BY_SIDE: usize = 32;
/// Four first meetings of fifteen cells, two follow-ups of ten: 80 of the day's 96 cells.
const FIRST: [(u32, u32); 4] = [(9, 0), (10, 15), (11, 30), (12, 45)];
const FOLLOW_UPS: [(u32, u32); 2] = [(14, 0), (15, 0)];
/// Personal advisers whose diaries are made anew, and those in whose diaries others book meanwhile.
const MADE: usize = 1_000;

fn at(times: &[(u32, u32)]) -> Vec<NaiveTime> {
    times.iter().map(|(hour, minute)| NaiveTime::from_hms_opt(*hour, *minute, 0).unwrap_or_default()).collect()
}

fn five_wishes() -> Wishes {
    let school = Unsuitable::between(None, at(&[(9, 0)])[0], at(&[(10, 0)])[0]);
    Wishes {
        skills: vec!["lone-parent".into()],
        welsh: true,
        ground_floor: true,
        private_room: true,
        unsuitable: vec![school],
        ..Wishes::default()
    }
}

pub async fn find() -> Outcome {
    let folder = tempfile::tempdir()?;
    let target = Target::SqliteFile(folder.path().join("startline.sqlite"));
    let diaries = Arc::new(Diaries::make(&target, PEOPLE, 45_000).await?);
    fill(&diaries).await?;
    let file = folder.path().join("startline.sqlite");
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await?;
    let full: (f64,) = sqlx::query_as(
        "SELECT 1.0 * (SELECT COUNT(*) FROM appointment_cells) / (SELECT COUNT(*) * 96 FROM diary_days)",
    )
    .fetch_one(&mut connection)
    .await?;
    println!("  {PEOPLE} personal advisers, six months, {:.0}% of their cells taken; five wishes", full.0 * 100.0);
    let wishes = five_wishes();
    let whole = search(&diaries, &wishes).await?;
    println!("  FindSlots, five wishes that nobody meets: median {:.2} ms", median_ms(&whole));
    verdict("p99 of FindSlots in ms", percentile(&whole, 0.99) / 1e3, 10.0, false);
    let plain = search(&diaries, &Wishes::default()).await?;
    println!("  FindSlots, no wish: median {:.2} ms, p99 {:.2} ms", median_ms(&plain), percentile(&plain, 0.99) / 1e3);
    // The same diaries, cut back month by month.
    let today = diaries.today();
    for months in [3_u32, 1] {
        sqlx::query("DELETE FROM diary_days WHERE day > $1")
            .bind(today + Months::new(months))
            .execute(&mut connection)
            .await?;
        let (short, bare) = (search(&diaries, &wishes).await?, search(&diaries, &Wishes::default()).await?);
        println!(
            "  of {months} months: median {:.2} ms with five wishes, {:.2} ms with none",
            median_ms(&short),
            median_ms(&bare)
        );
    }
    Ok(())
}

async fn search(diaries: &Diaries, wishes: &Wishes) -> Outcome<Vec<u32>> {
    let mut took_us = Vec::with_capacity(SEARCHES);
    for _ in 0..SEARCHES {
        let begun = Instant::now();
        let mut reader = diaries.store.read().await?;
        let wish = Wish { client: diaries.client(), site: diaries.site()?, wishes: wishes.clone() };
        let now = diaries.now();
        let found = diary::find_slots(&mut reader.db(), diaries.definition(), &wish, now, 6).await?;
        took_us.push(u32::try_from(begun.elapsed().as_micros())?);
        std::hint::black_box(found);
    }
    took_us.sort_unstable();
    Ok(took_us)
}

async fn fill(diaries: &Arc<Diaries>) -> Outcome {
    let mut asked = Vec::new();
    let follow_up = Wishes { kind: "follow-up".into(), urgent: false, ..Wishes::default() };
    for (times, wishes) in [(&FIRST[..], Wishes::default()), (&FOLLOW_UPS[..], follow_up)] {
        for start in diaries.days(usize::MAX, &at(times))?.concat() {
            asked.extend(diaries.people.iter().map(|person| (*person, start, wishes.clone())));
        }
    }
    let asked = Arc::new(asked);
    let (next, refused) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut running = JoinSet::new();
    for _ in 0..SIDE_BY_SIDE {
        let (diaries, asked, next, refused) = (diaries.clone(), asked.clone(), next.clone(), refused.clone());
        running.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some((person, start, wishes)) = asked.get(number).cloned() else { return };
                let Some(claim) = diaries.claims.get(number).copied() else { return };
                let act = Act::Book(Asked { claim, person, start, wishes });
                if diaries.act(&act).await.is_err() {
                    refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
    }
    while let Some(task) = running.join_next().await {
        task?;
    }
    println!("  {} meetings asked for, {} refused", asked.len(), refused.load(Ordering::Relaxed));
    Ok(())
}

/// Six months of a thousand diaries, made while others book.
pub async fn make() -> Outcome {
    let folder = tempfile::tempdir()?;
    let target = Target::SqliteFile(folder.path().join("startline.sqlite"));
    let diaries = Arc::new(Diaries::make(&target, MADE, 60_000).await?);
    let mut connection =
        SqliteConnection::connect(&format!("sqlite://{}", folder.path().join("startline.sqlite").display())).await?;
    let starts = diaries.days(usize::MAX, &at(&FIRST))?.concat();
    let slots: Vec<_> = starts.iter().flat_map(|start| diaries.people.iter().map(move |p| (*p, *start))).collect();
    let slots = Arc::new(slots);
    let next = Arc::new(AtomicUsize::new(0));
    let (mut alone, mut beside, mut took_s) = (Rounds::default(), Rounds::default(), Rounds::default());
    for _ in 0..3 {
        let stop = Arc::new(AtomicBool::new(false));
        let bookings = book_until(&diaries, &slots, &next, &stop);
        tokio::time::sleep(std::time::Duration::from_secs(4)).await;
        stop.store(true, Ordering::Relaxed);
        alone.add(bookings.await?);
        sqlx::query("UPDATE diary_reach SET definition_version = 'before'").execute(&mut connection).await?;
        let stop = Arc::new(AtomicBool::new(false));
        let bookings = book_until(&diaries, &slots, &next, &stop);
        let begun = Instant::now();
        let made = diary::make_all(&diaries.store, diaries.definition(), diaries.now()).await?;
        took_s.add(begun.elapsed().as_secs_f64());
        stop.store(true, Ordering::Relaxed);
        beside.add(bookings.await?);
        println!("  {made} diaries made");
    }
    took_s.show("six months of them, while others book", "s");
    verdict("making them in s", took_s.median(), 30.0, false);
    alone.show("bookings alone", "bookings/s");
    beside.show("bookings meanwhile", "bookings/s");
    beside.ratio_to(&alone).verdict("meanwhile to alone", 0.9, true);
    Ok(())
}

/// Books until told to stop: bookings a second.
fn book_until(
    diaries: &Arc<Diaries>,
    slots: &Arc<Vec<(startline::ids::UserId, chrono::DateTime<chrono::Utc>)>>,
    next: &Arc<AtomicUsize>,
    stop: &Arc<AtomicBool>,
) -> impl Future<Output = Outcome<f64>> + use<> {
    let mut running = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..SIDE_BY_SIDE {
        let (diaries, slots, next, stop) = (diaries.clone(), slots.clone(), next.clone(), stop.clone());
        running.spawn(async move {
            let mut done = 0_u32;
            while !stop.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let (Some((person, start)), Some(claim)) = (slots.get(number), diaries.claims.get(number)) else {
                    break;
                };
                let asked = Asked { claim: *claim, person: *person, start: *start, wishes: Wishes::default() };
                if diaries.act(&Act::Book(asked)).await.is_ok() {
                    done += 1;
                }
            }
            done
        });
    }
    async move {
        let mut done = 0;
        while let Some(task) = running.join_next().await {
            done += task?;
        }
        Ok(f64::from(done) / begun.elapsed().as_secs_f64())
    }
}
