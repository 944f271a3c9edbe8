//! From an answer's last key to "safe": the form as the script sends it, and the whole of what comes back.

use super::super::Outcome;
use super::super::autosave_grpc::request_id;
use super::super::measure::{median_ms, percentile, verdict};
use super::browser::{Browser, SAVE, saved_form};
use super::house::House;
use super::screens::{Places, walk_at};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// The pages with a form that is saved as it is typed.
const PAGES: [&str; 2] = ["/claims/{claim}/parts/{part}", "/walks/{walk}"];
/// One person types an answer in so long.
const EVERY: Duration = Duration::from_millis(500);
const MOST_SAVES: usize = 50;

pub async fn run(house: &House, places: &Places) -> Outcome {
    let saves = (house.advisers.len() / 10).clamp(10, MOST_SAVES);
    let typists = house.claims.len().min(house.advisers.len());
    println!(" answers typed by {typists} at once, {saves} each, on claims with an answer to every question");
    for page in PAGES {
        let mut typing = JoinSet::new();
        for (n, (claim, adviser)) in house.claims.iter().zip(&house.advisers).enumerate() {
            let (browser, claim) = (adviser.browser.clone(), claim.to_string());
            let walk = match page.contains("{walk}") {
                true => walk_at(&browser, &claim, &places.part).await?,
                false => String::new(),
            };
            let path = page.replace("{claim}", &claim).replace("{part}", &places.part).replace("{walk}", &walk);
            let field = format!("a-{}", places.question);
            typing.spawn(async move { type_answers(&browser, &path, &field, n, saves).await });
        }
        let mut took_us = Vec::new();
        while let Some(typed) = typing.join_next().await {
            took_us.extend(typed??);
        }
        took_us.sort_unstable();
        let p99 = percentile(&took_us, 0.99) / 1e3;
        println!("  on {page}: p50 {:.1} ms, {} answers", median_ms(&took_us), took_us.len());
        verdict(&format!("p99 to \"safe\" on {page}, in ms"), p99, 30.0, false);
    }
    Ok(())
}

/// As the script does: with a new request id each time, and the revisions of the answer before.
async fn type_answers(browser: &Browser, path: &str, field: &str, person: usize, saves: usize) -> Outcome<Vec<u32>> {
    let page = browser.get(path, "").await?;
    let none = || format!("{path} has no form that is saved as it is typed: {} {}", page.status, page.heading());
    let (action, mut fields) = saved_form(&page.text()).ok_or_else(none)?;
    // They do not all type in the same moment.
    tokio::time::sleep(EVERY / 10 * u32::try_from(person)?).await;
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut took_us = Vec::with_capacity(saves);
    for n in 0..=saves {
        ticks.tick().await;
        // The second page adds to what the first one left.
        let typed = format!("Works {person} {n} {}", if action.starts_with("/walks") { "by walk" } else { "by part" });
        set(&mut fields, field, &typed);
        set(&mut fields, "request_id", &request_id());
        let answer = browser.post(&action, &fields, SAVE).await?;
        let shown = saved_form(&answer.text()).map(|(_, fields)| fields).unwrap_or_default();
        let is_safe = shown.iter().any(|(name, value)| name == field && *value == typed);
        if answer.status != 200 || !is_safe {
            return Err(format!("{action}: {} answered, safe: {is_safe}", answer.status).into());
        }
        fields = shown;
        // The first one warms up.
        if n > 0 {
            took_us.push(u32::try_from(answer.took.as_micros())?);
        }
    }
    Ok(took_us)
}

fn set(fields: &mut [(String, String)], name: &str, to: &str) {
    if let Some((_, value)) = fields.iter_mut().find(|(of, _)| of == name) {
        to.clone_into(value);
    }
}
