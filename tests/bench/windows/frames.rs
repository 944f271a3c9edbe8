//! What a real browser makes of a wallboard and a floor's page of all the advisers while somebody's status changes: how long
//! each frame took. Beside it, in the same minute, an empty page of the same browser, since the machine is shared with the
//! server and with everybody's windows.

use super::super::Outcome;
use super::browser::Browser;
use super::house::{House, SITE};
use super::node::Peer;
use serde_json::{Value, json};
use startline::access::Role;
use std::process::Command;

const FOLDER: &str = "STARTLINE_TEST_BROWSER";
const ROUNDS: usize = 3;
/// Frames of so long, in milliseconds, one after the other; those of a second before it are of the page's first painting.
const FRAMES: &str = "new Promise((done) => {
  const begun = performance.now(), gaps = [];
  let last = begun, shown = 0;
  document.addEventListener('shown', () => { shown += 1; });
  const frame = () => {
    const now = performance.now();
    if (now - begun > 1000) gaps.push(now - last);
    last = now;
    if (now - begun < 11000) requestAnimationFrame(frame);
    else done({ gaps, shown });
  };
  requestAnimationFrame(frame);
})";
const TARGET_MS: f64 = 50.0;

pub async fn run(house: &House) -> Outcome {
    if std::env::var_os(FOLDER).is_none() {
        println!("  {FOLDER} is not set: no browser, no frames (tests/run brings one)");
        return Ok(());
    }
    let leader = house.browser_of(Role::TeamLeader)?.clone();
    let ours = format!("http://{}", leader.to);
    let boards = ["about:blank".to_owned(), format!("{ours}/wall?sites={SITE}"), format!("{ours}/floor/{SITE}")];
    // The browser is waited for on a thread of its own: the server is asked meanwhile.
    let measured = tokio::task::spawn_blocking(move || measure(&leader, &ours, &boards)).await??;
    for (page, gaps, shown) in measured {
        show(&page, gaps, shown);
    }
    Ok(())
}

type Frames = (String, Vec<f64>, u64);

fn measure(leader: &Browser, ours: &str, boards: &[String]) -> Outcome<Vec<Frames>> {
    let found = Command::new("sh").args(["-c", "command -v chromium"]).output()?;
    let program = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    let mut peer = Peer::start("browser/desk.mjs", FOLDER, &[&program]);
    peer.line();
    does(&mut peer, &json!({ "window": { "width": 1920, "height": 1080 } }))?;
    let (name, value) = leader.cookie.split_once('=').ok_or("a cookie without a value")?;
    does(&mut peer, &json!({ "cookie": { "name": name, "value": value, "url": ours } }))?;
    let mut measured: Vec<Frames> = boards.iter().map(|page| (page.clone(), Vec::new(), 0)).collect();
    for _ in 0..ROUNDS {
        for (page, gaps, shown) in &mut measured {
            does(&mut peer, &json!({ "open": page }))?;
            let seen = does(&mut peer, &json!({ "evaluate": FRAMES }))?;
            gaps.extend(seen["gaps"].as_array().into_iter().flatten().filter_map(Value::as_f64));
            *shown += seen["shown"].as_u64().unwrap_or_default();
        }
    }
    Ok(measured)
}

fn does(peer: &mut Peer, what: &Value) -> Outcome<Value> {
    let answer: Value = serde_json::from_str(&peer.ask(what))?;
    match answer["fault"].as_str() {
        Some(fault) => Err(fault.into()),
        None => Ok(answer["seen"].clone()),
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "some hundreds"
)]
fn show(page: &str, mut gaps: Vec<f64>, shown: u64) {
    gaps.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| gaps.get((gaps.len() as f64 * share) as usize).or(gaps.last()).copied().unwrap_or_default();
    let over = gaps.iter().filter(|gap| **gap > TARGET_MS).count();
    println!(
        "  frames of {page}: {} in {} s, {shown} parts shown; p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms, {over} over {TARGET_MS} ms",
        gaps.len(),
        10 * ROUNDS,
        at(0.5),
        at(0.99),
        gaps.last().copied().unwrap_or_default(),
    );
}
