//! The network is cut while a call is offered, between an adviser's window and the service.

use super::super::kamailio::exchange::{Exchange, Setup};
use super::super::kamailio::people::{Desk, Habit, Supervisor};
use super::super::kamailio::programs::until;
use super::super::kamailio::sipp::{Counts, Sipp};
use super::Browser;
use super::cut::Network;
use super::signals::at_her_desk_at;
use serde_json::json;
use startline::grpc::pb::{AdviserState, AdviserStatus, StatusCause};

const SOMERSET: &str = "somerset";
/// Numbers in Frome.
const FIRST: &str = "01373000123";
const SECOND: &str = "01373000124";
const ONE_NUMBER: &str = "01632960100";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kamailio_rings_somebody_else_when_a_window_is_cut_off_mid_offer_and_rings_there_again_afterwards() {
    let setup = Setup { web: true, ..Setup::default() }.with("sites.yaml", "overflow_after_s", 20, 600);
    let exchange = Exchange::start(setup).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let asha =
        async || supervisor.floor(SOMERSET).await.advisers.into_iter().find(|adviser| adviser.adviser_name == "Asha");
    let network = Network::to(&exchange.doors[0].pages());
    let telephone = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let mut browser = Browser::start();
    at_her_desk_at(&network.address, &exchange, &mut browser, &format!("sip:asha@{}", telephone.address));
    browser.does(&json!({ "until": "document.body.dataset.telephone === 'here'" }));

    let first = Sipp::caller_of(&exchange, "caller_told", FIRST, ONE_NUMBER, "cut-mid-offer");
    browser.does(&json!({ "until": "document.body.dataset.rings && document.querySelector('#bar.rings')" }));
    let offered = browser.does(&json!({ "evaluate": "document.body.dataset.rings" }));
    network.stands_still();
    // She may press what she likes: nothing of it arrives, and the caller is not lost.
    let elsewhere = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let bela = Desk::open(&exchange.doors[0], "Bela", SOMERSET, elsewhere.address, Habit::WritesNotes).await;
    first.hears("CSeq: 1 ACK").await;
    assert_eq!(bela.offers().len(), 1, "she was asked when nobody took it here");
    first.tell("cut-mid-offer");
    let once = Counts { as_told: 1, otherwise: 0 };
    assert_eq!([first.done().await, elsewhere.done().await], [once; 2]);
    bela.is(AdviserState::WrapUp).await;

    // The window says that it hears nothing, and nobody rings there in vain.
    browser.does(&json!({ "until": "document.getElementById('told').classList.contains('wrong')" }));
    let told = browser.does(&json!({ "evaluate": "document.getElementById('told').innerText" }));
    assert!(told.as_str().is_some_and(|told| told.contains("No connection")), "{told}");
    let silent = async || {
        let asha = asha().await?;
        (asha.status_cause() == StatusCause::DeskSilent && asha.status() == AdviserStatus::OnBreak).then_some(())
    };
    until("the window that was cut off to be missed", silent).await;
    let second = Sipp::caller_of(&exchange, "caller_told", SECOND, ONE_NUMBER, "after-the-cut");
    supervisor.sees_waiting(SOMERSET, 1).await;
    let state = asha().await.map(|asha| asha.state());
    assert_eq!(state, Some(AdviserState::Idle), "a call is offered where nobody hears it");

    // The network is back: the window shows what is, and it rings.
    network.is_mended();
    browser.does(&json!({ "until": "!document.getElementById('told').classList.contains('wrong')" }));
    browser
        .does(&json!({ "until": format!("document.body.dataset.rings && document.body.dataset.rings !== {offered} && \
        document.querySelector('#bar [name=offer_id]')?.value === document.body.dataset.rings") }));
    let bar = browser.does(&json!({ "evaluate": "document.getElementById('bar').innerText" }));
    assert!(bar.as_str().is_some_and(|bar| bar.contains("01373 000124")), "the one who rings now is shown: {bar}");
    browser.types(&["F2"]);
    second.hears("CSeq: 1 ACK").await;
    second.tell("after-the-cut");
    assert_eq!([second.done().await, telephone.done().await], [once; 2]);
    browser.does(&json!({ "until": "document.querySelector('h1').textContent.startsWith('Write up')" }));
}
