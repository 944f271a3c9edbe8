//! What a window tells and is told: who rings, that it is there, and that it hears nothing. Calls come through a real switch.

use super::super::kamailio::exchange::{Exchange, Setup};
use super::super::kamailio::people::Supervisor;
use super::super::kamailio::programs::until;
use super::super::kamailio::sipp::Sipp;
use super::Browser;
use serde_json::json;
use startline::grpc::pb::{AdviserStatus, StatusCause};

const OWN: &str = "wide river candle spoon";
/// A number in Frome.
const FROME: &str = "01373000123";

/// Asha, an adviser of Somerset, at the pages of the first door, with a password of her own.
pub fn at_her_desk(exchange: &Exchange, browser: &mut Browser, telephone: &str) {
    at_her_desk_at(&exchange.doors[0].pages(), exchange, browser, telephone);
}

/// The same, at another address than the door's own: of what lies between.
pub fn at_her_desk_at(pages: &str, exchange: &Exchange, browser: &mut Browser, telephone: &str) {
    let door = &exchange.doors[0];
    door.command(&["user", "add", "Root", "--role", "admin"]);
    door.command(&["user", "add", "Asha", "--role", "adviser", "--site", "somerset", "--skill", "inbound"]);
    let first = door.command(&["user", "password", "Asha"]);
    let first = first.lines().last().unwrap_or_default().trim().to_owned();
    browser.opens(pages);
    browser.fills("Your name", "Asha");
    browser.fills("Password", &first);
    browser.types(&["Enter"]);
    browser.sees("Make a password of your own");
    browser.fills("The password that you have", &first);
    browser.fills("The new password", OWN);
    browser.fills("The new password again", OWN);
    browser.types(&["Enter"]);
    browser.sees("Your desk");
    browser.fills("Where the switch reaches your telephone", telephone);
    browser.presses("Start taking calls");
    browser.does(&json!({ "until": "document.querySelector('#bar .dot.free')" }));
}

fn with_pages() -> Setup {
    Setup { web: true, ..Setup::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kamailio_rings_one_window_of_two_and_one_key_takes_the_call() {
    let exchange = Exchange::start(with_pages()).await;
    let telephone = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let mut browser = Browser::start();
    at_her_desk(&exchange, &mut browser, &format!("sip:asha@{}", telephone.address));
    browser.does(&json!({ "until": "document.body.dataset.telephone === 'here'" }));
    browser.does(&json!({ "second": {} }));
    browser.opens(&format!("{}/callbacks", exchange.doors[0].pages()));
    browser.does(&json!({ "until": "document.querySelector('#bar .dot.free')" }));
    let rings = browser.does(&json!({ "evaluate": "document.body.dataset.telephone ?? 'elsewhere'" }));
    assert_eq!(rings, "elsewhere", "two windows fight for one telephone");
    // Closed and opened anew here, the desk is shown in the other window as well, which still rings.
    browser.opens(&format!("{}/desk", exchange.doors[0].pages()));
    browser.presses("Stop taking calls");
    browser.presses("Start taking calls");
    browser.does(&json!({ "until": "document.querySelector('#bar .dot.free')" }));
    browser.does(&json!({ "first": true }));
    browser.does(&json!({ "until": "document.querySelector('#bar .dot.free')" }));
    browser.does(&json!({ "again": true }));
    browser.opens(&format!("{}/callbacks", exchange.doors[0].pages()));

    let caller = Sipp::caller(&exchange, "caller", FROME);
    // Wherever she is, and while she types: who rings is shown, and one key takes the call.
    browser.does(&json!({ "until": "document.querySelector('#bar.rings')" }));
    let seen = browser.does(&json!({ "evaluate": "document.getElementById('bar').innerText" }));
    let bar = seen.as_str().unwrap_or_default();
    assert!(bar.contains("01373 000123") && bar.contains("Frome"), "{bar}");
    browser.looks_at("offer-on-another-page");
    // The older window is the telephone's still: it is told to ring.
    browser.does(&json!({ "first": true }));
    browser.does(&json!({ "until": "document.body.dataset.rings !== undefined" }));
    browser.does(&json!({ "again": true }));
    browser.does(&json!({ "evaluate": "document.getElementById('find').focus()" }));
    browser.types(&["F2"]);
    browser.sees("Your desk");
    let (heard, said) = (caller.done().await, telephone.done().await);
    assert_eq!((heard.as_told, said.as_told), (1, 1), "the call was taken");
    // The other window shows the same without being asked.
    browser.does(&json!({ "first": true }));
    browser.does(&json!({ "until": "document.querySelector('h1').textContent.startsWith('Write up')" }));
    browser.looks_at("wrap-up");
    browser.fills("What it came to", "call-back booked");
    browser.types(&["F8"]);
    let seen = browser.does(&json!({ "until": "document.querySelector('h1').textContent === 'Your desk'" }));
    assert_eq!(seen, true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kamailio_rings_a_window_whose_service_stood_still_and_it_shows_what_is() {
    let exchange = Exchange::start(with_pages()).await;
    let telephone = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let mut browser = Browser::start();
    at_her_desk(&exchange, &mut browser, &format!("sip:asha@{}", telephone.address));
    exchange.doors[0].server.freeze();
    browser.does(&json!({ "until": "document.getElementById('told').classList.contains('wrong')" }));
    let told = browser.does(&json!({ "evaluate": "document.getElementById('told').innerText" }));
    assert!(told.as_str().is_some_and(|told| told.contains("No connection")), "{told}");
    exchange.doors[0].server.thaw();
    // She is heard again, and offered calls, although nobody touched anything.
    browser.does(&json!({ "until": "!document.getElementById('told').classList.contains('wrong')" }));
    browser.does(&json!({ "until": "document.querySelector('#bar .dot.free')" }));
    browser.does(&json!({ "complaints": true }));
    let caller = Sipp::caller(&exchange, "caller", FROME);
    browser.does(&json!({ "until": "document.querySelector('#bar.rings')" }));
    browser.types(&["F2"]);
    let (heard, said) = (caller.done().await, telephone.done().await);
    assert_eq!((heard.as_told, said.as_told), (1, 1), "the call was taken");
    browser.does(&json!({ "until": "document.querySelector('h1').textContent.startsWith('Write up')" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kamailio_rings_nobody_whose_laptop_sleeps_and_they_are_there_again_when_it_wakes() {
    let exchange = Exchange::start(with_pages()).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let telephone = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let mut browser = Browser::start();
    at_her_desk(&exchange, &mut browser, &format!("sip:asha@{}", telephone.address));
    // Her window has said that it is there, and is held to it.
    browser.does(&json!({ "until": "document.body.dataset.telephone === 'here'" }));
    browser.sleeps();
    let asha = async || supervisor.floor("somerset").await.advisers.into_iter().next();
    let silent = async || {
        let asha = asha().await?;
        (asha.status_cause() == StatusCause::DeskSilent && asha.status() == AdviserStatus::OnBreak).then_some(asha)
    };
    let silent = until("the sleeping window to be missed", silent).await;
    assert_eq!(silent.status_changed_by, "", "nobody chose it");
    browser.wakes();
    browser.does(&json!({ "until": "document.querySelector('#bar .dot.free')" }));
    until("her to be there again", async || (asha().await?.status() == AdviserStatus::Available).then_some(())).await;
    let caller = Sipp::caller(&exchange, "caller", FROME);
    browser.does(&json!({ "until": "document.querySelector('#bar.rings')" }));
    browser.types(&["F2"]);
    let (heard, said) = (caller.done().await, telephone.done().await);
    assert_eq!((heard.as_told, said.as_told), (1, 1), "the call was taken");
}
