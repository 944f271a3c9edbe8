//! A thousand advisers, each with a window of a browser open at their desk: what a window holds of the server's memory, how
//! soon each screen is written meanwhile, how soon a call that rings is shown, how soon an answer is safe, what the pages weigh,
//! and what a wallboard of all of them costs.
//!
//! The browsers are in this process and share the machine with the server: what they work themselves is in the figures.
//! STARTLINE_WINDOWS names another number of advisers; with fewer, fewer samples are taken as well.

mod boards;
mod browser;
mod frames;
mod house;
#[path = "../peers/node.rs"]
#[expect(dead_code, reason = "tests put a browser to sleep, too")]
mod node;
mod offers;
mod saves;
mod screens;

use super::measure::{resident_mib, verdict};
use super::{Outcome, measure};
use browser::{Browser, PART, Window};
use futures_util::future::try_join_all;
use house::{House, Person};
use screens::Places;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// Where the browser's script is.
const REPOSITORY: &str = env!("CARGO_MANIFEST_DIR");
const WINDOWS: usize = 1_000;
const AT_ONCE: usize = 8;
/// A desk that no window shows is let go after 45 s: all of them are open sooner.
const OPENED_WITHIN: Duration = Duration::from_secs(40);
const SETTLES: Duration = Duration::from_secs(3);
/// Each window has been told that the service is there, and has answered.
const TWO_BEATS: Duration = Duration::from_secs(25);

/// Windows whose stream has ended.
static CUT_OFF: AtomicUsize = AtomicUsize::new(0);

/// A call that is offered.
pub struct Shown {
    /// Which of its kind.
    desk: usize,
    offer_id: String,
    /// Its stream told of it.
    at: Instant,
    /// Its page showed it; none of a desk that has no page.
    page_at: Option<Instant>,
}

pub async fn run() -> Outcome {
    let windows = match std::env::var("STARTLINE_WINDOWS") {
        Ok(number) => number.parse()?,
        Err(_) => WINDOWS,
    };
    may_open(windows)?;
    let house = House::open(windows, offers::DESKS).await?;
    let places = Places::find(&house).await?;
    let mut screens = screens::there_are(&house, &places).await?;
    let (tell, mut shown) = unbounded_channel();
    open_windows(&house, &tell).await?;
    screens::times(&mut screens, windows).await?;
    offers::run(&house, &tell, &mut shown).await?;
    saves::run(&house, &places).await?;
    println!(" weights");
    screens::weights(&screens).await?;
    boards::run(&house).await?;
    println!(" windows cut off meanwhile: {}", CUT_OFF.load(Ordering::Relaxed));
    println!("  load average now: {}", measure::load_average());
    house.serving.stop().await
}

/// Each window is a connection of this process, too.
fn may_open(windows: usize) -> Outcome {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
    // The web door takes fifteen hundredths of what the server may open, and half of that of one address.
    let most = usize::try_from(hard.saturating_sub(128) * 15 / 200)?;
    match windows + 100 <= most {
        true => Ok(()),
        false => Err(format!("the server takes {most} connections of one address: raise `ulimit -n` ({hard})").into()),
    }
}

async fn open_windows(house: &House, tell: &UnboundedSender<Shown>) -> Outcome {
    let resident = || resident_mib(&house.serving.process());
    let number = house.advisers.len();
    println!(" {number} advisers of one site, a window each");
    tokio::time::sleep(SETTLES).await;
    let before = resident()?;
    let begun = Instant::now();
    for (at, some) in house.advisers.chunks(AT_ONCE).enumerate() {
        try_join_all(some.iter().enumerate().map(|(n, adviser)| open_desk(adviser, at * AT_ONCE + n))).await?;
    }
    let opened = begun.elapsed();
    tokio::time::sleep(SETTLES).await;
    let with_desks = resident()?;
    for (at, some) in house.advisers.chunks(AT_ONCE).enumerate() {
        let windows = try_join_all(some.iter().map(|adviser| Window::open(&adviser.browser, "desk"))).await?;
        for (n, window) in windows.into_iter().enumerate() {
            tokio::spawn(show(some[n].browser.clone(), window, at * AT_ONCE + n, tell.clone()));
        }
    }
    if begun.elapsed() > OPENED_WITHIN {
        return Err("opening the desks took so long that the first of them were let go".into());
    }
    tokio::time::sleep(SETTLES).await;
    let connected = resident()?;
    tokio::time::sleep(TWO_BEATS).await;
    let beaten = resident()?;
    println!(
        "  desks opened in {:.1} s, {:.1} ms each",
        opened.as_secs_f64(),
        each(opened.as_secs_f64() * 1e3, number)
    );
    println!(
        "  resident before {before:.1} MiB, desks open {with_desks:.1}, connected {connected:.1}, two beats later {beaten:.1}"
    );
    println!(
        "  a desk that is open, by its session, its place on the floor and its stream: {:.1} kB",
        kb(before, with_desks, number)
    );
    println!("  a window's connection and its stream of events: {:.1} kB", kb(with_desks, connected, number));
    println!("  what two beats and their answers leave: {:.1} kB", kb(connected, beaten, number));
    verdict("memory of a connected window, all together, in kB", kb(before, beaten, number), 100.0, false);
    Ok(())
}

async fn open_desk(adviser: &Person, desk: usize) -> Outcome {
    let address = format!("sip:w{desk}@desks.example");
    adviser.browser.send("/desk/open", &[("address", &address)]).await?.location()?;
    Ok(())
}

/// As the script of a page at the desk does, for as long as the stream lasts.
async fn show(browser: Browser, mut window: Window, desk: usize, tell: UnboundedSender<Shown>) {
    while let Ok(Some((event, data))) = window.next().await {
        let at = Instant::now();
        match event.as_str() {
            "beat" => {
                let browser = browser.clone();
                tokio::spawn(async move { browser.here().await });
            }
            "ring" => {
                let told: serde_json::Value = serde_json::from_str(&data).unwrap_or_default();
                let offer_id = told["id"].as_str().unwrap_or_default().to_owned();
                let page = browser.get("/desk", PART).await;
                if page.is_ok_and(|page| page.text().contains(&offer_id)) {
                    let _ = tell.send(Shown { desk, offer_id, at, page_at: Some(Instant::now()) });
                }
            }
            _ => {}
        }
    }
    CUT_OFF.fetch_add(1, Ordering::Relaxed);
}

/// What each has of a growth, in kB.
fn kb(before_mib: f64, after_mib: f64, number: usize) -> f64 {
    each((after_mib - before_mib) * 1024.0 * 1.024, number)
}

#[expect(clippy::cast_precision_loss, reason = "some thousands")]
fn each(all: f64, number: usize) -> f64 {
    all / number as f64
}
