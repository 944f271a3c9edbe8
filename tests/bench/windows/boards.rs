//! A wallboard and a supervisor's page of all the advisers, four times a second while something changes: what is sent, and the
//! server's processor time for it. What a browser makes of it is in `frames.rs`.

use super::super::Outcome;
use super::super::measure::{Rounds, processor_time};
use super::browser::{Browser, PART, Window, attribute};
use super::frames;
use super::house::{House, SITE};
use super::offers::{self, set_status};
use super::screens::kb;
use startline::access::Role;
use startline::grpc::pb::AdviserStatus;
use startline::grpc::pb::desk_service_client::DeskServiceClient;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

const ROUNDS: usize = 5;
const PARTS: u32 = 20;
const EVERY: Duration = Duration::from_millis(250);
/// Somebody's status changes as often.
const CHANGES_EVERY: Duration = Duration::from_millis(100);

pub async fn run(house: &House) -> Outcome {
    println!(" boards of {} advisers, {} parts a second", house.advisers.len(), 1_000 / EVERY.as_millis());
    tokio::select! {
        changing = change(house) => changing,
        measured = measure(house) => measured,
    }
}

/// People go on a break and come back, one after the other.
async fn change(house: &House) -> Outcome {
    let mut service = DeskServiceClient::new(house.serving.connect().await?);
    let mut ticks = tokio::time::interval(CHANGES_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        for status in [AdviserStatus::Available, AdviserStatus::OnBreak] {
            for adviser in house.advisers.iter().skip(offers::DESKS) {
                ticks.tick().await;
                set_status(&mut service, adviser, status).await?;
            }
            // So few advisers that all of them take calls.
            ticks.tick().await;
        }
    }
}

async fn measure(house: &House) -> Outcome {
    let leader = house.browser_of(Role::TeamLeader)?;
    let process = house.serving.process();
    let mut none = Rounds::default();
    let boards = [format!("/wall?sites={SITE}"), format!("/floor/{SITE}")];
    let mut found = boards.map(|path| (path, <[Rounds; 3]>::default()));
    for round in 0..=ROUNDS {
        let before = processor_time(&process)?;
        tokio::time::sleep(EVERY * PARTS).await;
        let without = (processor_time(&process)? - before).as_secs_f64() * 1e3;
        if round > 0 {
            none.add(without / (EVERY * PARTS).as_secs_f64());
        }
        for (path, [cost, took, heard]) in &mut found {
            let told = Arc::new(AtomicUsize::new(0));
            let window = Window::open(leader, &topics(leader, path).await?).await?;
            let listening = tokio::spawn(listen(window, told.clone()));
            let before = processor_time(&process)?;
            let ms = parts(leader, path).await?;
            let with = (processor_time(&process)? - before).as_secs_f64() * 1e3;
            listening.abort();
            // The first round warms up.
            if round > 0 {
                cost.add((with - without) / f64::from(PARTS));
                took.add(ms);
                let events = u32::try_from(told.load(Ordering::Relaxed))?;
                heard.add(f64::from(events) / (EVERY * PARTS).as_secs_f64());
            }
        }
    }
    none.show("the server's processor time without a board", "ms/s");
    for (path, [cost, took, heard]) in &found {
        let page = leader.get(path, PART).await?;
        let (sent, plain) = (kb(page.body.len()), kb(page.text().len()));
        println!("  a part of {path}: {sent:.1} kB as it is sent, {plain:.1} kB as it is read");
        heard.show("  changes that its window heard of", "/s");
        took.show("  median of a round, from asking to all of it", "ms");
        cost.show("  the server's processor time for one, its stream included", "ms");
        let share = cost.median() / EVERY.as_secs_f64() / 10.0;
        println!("    at four a second {share:.1}% of a core");
    }
    frames::run(house).await
}

/// What the page's window listens to, as the script reads it.
async fn topics(browser: &Browser, path: &str) -> Outcome<String> {
    let page = browser.get(path, "").await?.text();
    let body = page.split_once("<body").and_then(|(_, after)| attribute(after.split('>').next()?, "data-topics"));
    Ok(format!("{} desk", body.ok_or("a page without its topics")?))
}

async fn listen(mut window: Window, told: Arc<AtomicUsize>) {
    while let Ok(Some((event, _))) = window.next().await {
        if event == "changed" {
            told.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The script asks for a part at most as often, however much changes.
async fn parts(browser: &Browser, path: &str) -> Outcome<f64> {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut took = Rounds::default();
    // The first tick is at once.
    ticks.tick().await;
    for _ in 0..PARTS {
        let page = browser.get(path, PART).await?;
        if page.status != 200 {
            return Err(format!("{path} answered {}", page.status).into());
        }
        took.add(page.took.as_secs_f64() * 1e3);
        ticks.tick().await;
    }
    Ok(took.median())
}
