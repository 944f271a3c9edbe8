//! Windows that stay open for long, behind proxies without patience, and beside each other.

use super::super::kamailio::exchange::{Exchange, Setup};
use super::super::kamailio::sipp::{Counts, Sipp};
use super::Browser;
use super::cut::Network;
use super::screens::Demo;
use super::signals::at_her_desk;
use serde_json::{Value, json};
use std::time::Duration;

/// Less than two of the service's beats, and less than any proxy has.
const PATIENCE: Duration = Duration::from_secs(15);

/// An adviser of the demo takes calls in this window.
fn takes_calls(demo: &Demo, browser: &mut Browser) {
    demo.signs_in(browser, "adviser");
    browser.opens(&format!("{}/desk", demo.ours));
    browser.fills("Where the switch reaches your telephone", "sip:demo@desk7.example");
    browser.presses("Start taking calls");
    browser.does(&json!({ "until": "document.querySelector('#bar .dot.free')" }));
}

#[tokio::test]
async fn a_proxy_that_cuts_what_is_silent_cuts_no_window_and_no_window_says_that_it_is_cut_off() {
    let mut demo = Demo::start();
    let network = Network::impatient(&demo.ours, PATIENCE);
    demo.ours.clone_from(&network.address);
    let mut browser = Browser::start();
    takes_calls(&demo, &mut browser);
    browser.does(&json!({ "ears": true }));
    // Each beat of the service is answered: four of them take longer than the proxy's patience, twice.
    let asked_for = |what: &str| {
        format!(
            "performance.getEntriesByType('resource').filter((one) => new URL(one.name).pathname.endsWith('{what}')).length"
        )
    };
    browser.does(&json!({ "until": format!("{} > 4", asked_for("/live/here")) }));
    assert_eq!(browser.does(&json!({ "evaluate": asked_for("/live") })), 0, "a stream that has ended");
    assert_eq!(browser.does(&json!({ "said": true })), json!([]), "nothing is to be said");
    browser.does(&json!({ "until": "document.querySelector('#bar .dot.free')" }));
}

#[tokio::test]
async fn a_window_that_has_shown_a_hundred_changes_holds_no_more_than_after_the_first() {
    let demo = Demo::start();
    let mut browser = Browser::start();
    takes_calls(&demo, &mut browser);
    browser.does(&json!({ "second": {} }));
    browser.opens(&format!("{}/desk", demo.ours));
    let changes = |browser: &mut Browser, times: usize| -> Value {
        for _ in 0..times {
            browser.presses("Take a break");
            browser.does(&json!({ "until": "document.querySelector('#bar .dot.away')" }));
            browser.presses("Be available F9");
            browser.does(&json!({ "until": "document.querySelector('#bar .dot.free')" }));
        }
        browser.does(&json!({ "first": true }));
        browser.does(&json!({ "until": "document.querySelector('#bar .dot.free')" }));
        let holds = browser.does(&json!({ "holds": true }));
        browser.does(&json!({ "again": true }));
        holds
    };
    let (before, after) = (changes(&mut browser, 10), changes(&mut browser, 50));
    let more = |what: &str| after[what].as_i64().unwrap_or(i64::MAX) - before[what].as_i64().unwrap_or_default();
    // One answer of the service may be under way, which is a page of its own: what each change left behind would be a hundred.
    let pages = before["nodes"].as_i64().unwrap_or_default() * 2;
    assert!(more("nodes") < pages && more("listeners") < 10 && more("bytes") < 1_000_000, "{before} became {after}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kamailio_goes_on_with_a_call_whose_window_is_closed_and_rings_the_other_from_then_on() {
    let exchange = Exchange::start(Setup { web: true, ..Setup::default() }).await;
    let telephone = Sipp::telephones(&exchange, "adviser", exchange.next_telephone(), 2).await;
    let mut browser = Browser::start();
    at_her_desk(&exchange, &mut browser, &format!("sip:asha@{}", telephone.address));
    browser.does(&json!({ "until": "document.body.dataset.telephone === 'here'" }));
    browser.does(&json!({ "second": {} }));
    browser.opens(&format!("{}/callbacks", exchange.doors[0].pages()));
    browser.does(&json!({ "first": true }));
    let first = Sipp::caller_of(&exchange, "caller_told", "01373000123", "01632960100", "one-window");
    browser.does(&json!({ "until": "document.querySelector('#bar.rings')" }));
    browser.types(&["F2"]);
    first.hears("CSeq: 1 ACK").await;
    // A window that is closed while it goes to another page is sometimes never said to be closed.
    browser.does(&json!({ "until": "document.querySelector('h1')?.textContent.startsWith('On a call')" }));
    browser.does(&json!({ "until": "document.readyState === 'complete'" }));
    browser.does(&json!({ "close": true }));
    browser.does(&json!({ "until": "document.body.dataset.telephone === 'here'" }));
    browser.does(&json!({ "until": "document.getElementById('bar').innerText.includes('on a call')" }));
    assert_eq!(first.times("BYE"), 0, "they talk on");
    first.tell("one-window");
    let once = Counts { as_told: 1, otherwise: 0 };
    assert_eq!(first.done().await, once);
    browser.types(&["F2"]);
    browser.does(&json!({ "until": "document.querySelector('h1').textContent.startsWith('Write up')" }));
    browser.fills("What it came to", "call-back booked");
    browser.types(&["F8"]);
    browser.does(&json!({ "until": "document.querySelector('#bar .dot.free')" }));
    let second = Sipp::caller(&exchange, "caller", "01373000124");
    browser.does(&json!({ "until": "document.body.dataset.rings && document.querySelector('#bar.rings')" }));
    browser.types(&["F2"]);
    assert_eq!((second.done().await, telephone.done().await.as_told), (once, 2));
}
