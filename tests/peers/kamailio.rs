//! Calls through a real switch: SIPp rings Kamailio (with `deploy/kamailio/kamailio.cfg`), Kamailio asks real front doors,
//! and SIPp answers as the advisers' telephones. Real SIP timers run, so these take seconds of waiting; nothing is timed.
//!
//! After each story the figures equal what the callers and the advisers saw.

mod baresip;
mod cells;
mod disturbed;
pub mod exchange;
mod hand;
#[expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]
pub mod people;
pub mod programs;
pub mod sipp;

use exchange::{Ear, Exchange, MEDIA, STRANGER, Setup, TRUSTED, UNTRUSTED};
use people::Habit::{AnswersTheTelephone, TakesCalls, WritesNotes};
use people::{Desk, Figures, Habit, Supervisor};
use sipp::{Counts, Sipp};
use startline::grpc::pb::AdviserState;

const SOMERSET: &str = "somerset";
const GWENT: &str = "south-east-gwent";
/// A number in Frome.
const FROME: &str = "01373000123";
const ONE_AS_TOLD: Counts = Counts { as_told: 1, otherwise: 0 };

/// A site that keeps its callers for itself.
fn patient() -> Setup {
    Setup::default().with("sites.yaml", "overflow_after_s", 20, 600)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_is_answered_by_an_adviser_of_their_own_area() {
    let exchange = Exchange::start(Setup::default()).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let telephone = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let asha = Desk::open(&exchange.doors[0], "Asha", SOMERSET, telephone.address, TakesCalls).await;

    let heard = Sipp::caller(&exchange, "caller", FROME).done().await;
    let said = telephone.done().await;
    assert_eq!((heard, said), (ONE_AS_TOLD, ONE_AS_TOLD));
    let offers = asha.offers();
    let [offer] = offers.as_slice() else { panic!("{offers:?}") };
    assert_eq!((offer.caller_number.as_str(), offer.place.as_str()), ("+441373000123", "Frome"));
    assert_eq!((offer.home_site_id.as_str(), offer.overflow), (SOMERSET, false));
    assert!(!offer.urgent, "the caller's own X-Startline-Urgent counts for nothing");
    let counted = Figures { entered: heard.as_told, answered: said.as_told, ..Figures::default() };
    supervisor.counts(SOMERSET, counted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_telephone_that_rings_with_the_offer_takes_the_call_by_being_answered() {
    let exchange = Exchange::start(patient()).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let telephone = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let asha = Desk::open(&exchange.doors[0], "Asha", SOMERSET, telephone.address, AnswersTheTelephone).await;
    let heard = Sipp::caller(&exchange, "caller", FROME).done().await;
    let said = telephone.done().await;
    assert_eq!((heard, said), (ONE_AS_TOLD, ONE_AS_TOLD));
    assert_eq!(asha.offers().len(), 1);
    let counted = Figures { entered: heard.as_told, answered: said.as_told, ..Figures::default() };
    supervisor.counts(SOMERSET, counted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_whom_home_cannot_answer_in_time_is_answered_by_another_site() {
    let exchange = Exchange::start(Setup::default().with("sites.yaml", "overflow_after_s", 20, 1)).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let at_home = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let asha = Desk::open(&exchange.doors[0], "Asha", SOMERSET, at_home.address, WritesNotes).await;
    let first = Sipp::caller(&exchange, "caller", FROME).done().await;
    asha.is(AdviserState::WrapUp).await;

    let elsewhere = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let bryn = Desk::open(&exchange.doors[0], "Bryn", GWENT, elsewhere.address, TakesCalls).await;
    let second = Sipp::caller(&exchange, "queued", FROME).done().await;
    let (said_at_home, said_elsewhere) = (at_home.done().await, elsewhere.done().await);
    assert_eq!([first, second, said_at_home, said_elsewhere], [ONE_AS_TOLD; 4]);
    let offers = bryn.offers();
    let [offer] = offers.as_slice() else { panic!("{offers:?}") };
    assert_eq!((offer.home_site_id.as_str(), offer.overflow), (SOMERSET, true));
    asha.finish_notes().await;
    supervisor.counts(SOMERSET, Figures { entered: 2, answered: 2, overflowed: 1, ..Figures::default() }).await;
    supervisor.counts(GWENT, Figures::default()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_waits_in_the_queue_until_an_adviser_is_free() {
    let exchange = Exchange::start(patient()).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let telephone = Sipp::telephones(&exchange, "adviser", exchange.next_telephone(), 2).await;
    let asha = Desk::open(&exchange.doors[0], "Asha", SOMERSET, telephone.address, WritesNotes).await;
    let first = Sipp::caller(&exchange, "caller", FROME).done().await;
    asha.is(AdviserState::WrapUp).await;

    let second = Sipp::caller(&exchange, "queued", FROME);
    supervisor.sees_waiting(SOMERSET, 1).await;
    asha.finish_notes().await;
    let (second, said) = (second.done().await, telephone.done().await);
    assert_eq!((first, second), (ONE_AS_TOLD, ONE_AS_TOLD));
    let counted = Figures { entered: 2, answered: said.as_told, ..Figures::default() };
    supervisor.counts(SOMERSET, counted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_rings_in_an_empty_chair_goes_to_the_next_adviser() {
    goes_to_the_next_adviser("no_answer", TakesCalls).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_rings_unanswered_with_its_offer_goes_to_the_next_adviser() {
    goes_to_the_next_adviser("no_answer", AnswersTheTelephone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_to_a_busy_telephone_goes_to_the_next_adviser() {
    goes_to_the_next_adviser("busy", TakesCalls).await;
}

async fn goes_to_the_next_adviser(first: &str, habit: Habit) {
    let exchange = Exchange::start(Setup { ring_ms: 1500, ..patient() }).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let fails = Sipp::telephone(&exchange, first, exchange.next_telephone()).await;
    let works = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    // Idle for longer, so she is asked first.
    let asha = Desk::open(&exchange.doors[0], "Asha", SOMERSET, fails.address, habit).await;
    let bela = Desk::open(&exchange.doors[0], "Bela", SOMERSET, works.address, habit).await;

    let heard = Sipp::caller(&exchange, "caller", FROME).done().await;
    let (failed, said) = (fails.done().await, works.done().await);
    assert_eq!([heard, failed, said], [ONE_AS_TOLD; 3]);
    let offered: Vec<_> = asha.offers().iter().chain(&bela.offers()).map(|offer| offer.call_id.clone()).collect();
    let [one, same] = offered.as_slice() else { panic!("{offered:?}") };
    assert_eq!(one, same, "one call, offered twice");
    let counted = Figures { entered: heard.as_told, answered: said.as_told, ..Figures::default() };
    supervisor.counts(SOMERSET, counted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_hangs_up_in_the_queue_has_abandoned() {
    let exchange = Exchange::start(patient()).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let heard = Sipp::caller(&exchange, "gives_up", FROME).done().await;
    assert_eq!(heard, ONE_AS_TOLD);
    supervisor.counts(SOMERSET, Figures { entered: 1, abandoned: heard.as_told, ..Figures::default() }).await;
}

/// The front door hears nothing of a CANCEL by then: only Kamailio's report tells it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_hangs_up_while_a_telephone_rings_has_abandoned() {
    let exchange = Exchange::start(patient()).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let telephone = Sipp::telephone(&exchange, "no_answer", exchange.next_telephone()).await;
    let asha = Desk::open(&exchange.doors[0], "Asha", SOMERSET, telephone.address, TakesCalls).await;
    let heard = Sipp::caller(&exchange, "gives_up_ringing", FROME).done().await;
    assert_eq!((heard, telephone.done().await), (ONE_AS_TOLD, ONE_AS_TOLD));
    assert_eq!(asha.offers().len(), 1);
    supervisor.counts(SOMERSET, Figures { entered: 1, abandoned: heard.as_told, ..Figures::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_out_of_hours_is_told_when_to_ring_again() {
    let exchange = Exchange::start(Setup { open: false, ..Setup::default() }).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let heard = Sipp::caller(&exchange, "closed", FROME).done().await;
    assert_eq!(heard, ONE_AS_TOLD);
    supervisor.counts(SOMERSET, Figures { entered: 1, diverted: heard.as_told, ..Figures::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_out_of_hours_hears_the_announcement() {
    let announcements = "announcements = { closed = \"sip:closed@MEDIA\" }";
    let exchange = Exchange::start(Setup { open: false, announcements, ..Setup::default() }).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let media = Sipp::telephone(&exchange, "announcement", exchange.host(MEDIA)).await;
    let heard = Sipp::caller(&exchange, "hears_announcement", FROME).done().await;
    assert_eq!((heard, media.done().await), (ONE_AS_TOLD, ONE_AS_TOLD));
    supervisor.counts(SOMERSET, Figures { entered: 1, diverted: heard.as_told, ..Figures::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_waits_long_hears_the_waiting_room_and_is_answered_after_it() {
    let announcements = "announcements = { waiting = \"sip:waiting@MEDIA\" }";
    let setup = patient().with("service.yaml", "announce_after_s", 90, 5);
    let exchange = Exchange::start(Setup { announcements, ..setup }).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let media = Sipp::telephone(&exchange, "announcement", exchange.host(MEDIA)).await;
    let waiting = Sipp::caller(&exchange, "waits_long", FROME);
    assert_eq!(media.done().await, ONE_AS_TOLD);
    let telephone = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let _asha = Desk::open(&exchange.doors[0], "Asha", SOMERSET, telephone.address, TakesCalls).await;
    let (heard, said) = (waiting.done().await, telephone.done().await);
    assert_eq!((heard, said), (ONE_AS_TOLD, ONE_AS_TOLD));
    let counted = Figures { entered: heard.as_told, answered: said.as_told, ..Figures::default() };
    supervisor.counts(SOMERSET, counted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_of_a_busy_hour_equal_what_callers_and_telephones_counted() {
    let exchange = Exchange::start(patient()).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let (impatient, patient) = (exchange.next_caller(), exchange.next_caller());
    let gave_up = Sipp::callers_at(&exchange, "gives_up", "01823000123", impatient, 5).done().await;
    let waiting = Sipp::callers_at(&exchange, "caller", FROME, patient, 12);
    let mut telephones = Vec::new();
    let mut desks = Vec::new();
    for name in ["Asha", "Bela", "Cai"] {
        let telephone = Sipp::telephones(&exchange, "adviser", exchange.next_telephone(), u64::MAX).await;
        desks.push(Desk::open(&exchange.doors[0], name, SOMERSET, telephone.address, TakesCalls).await);
        telephones.push(telephone);
    }
    let heard = waiting.done().await;
    assert_eq!((gave_up.as_told, heard.as_told), (5, 12));
    let said = programs::until("the telephones' counts", async || {
        let said: u64 = telephones.iter().map(|telephone| telephone.counts().as_told).sum();
        (said >= heard.as_told).then_some(said)
    })
    .await;
    assert_eq!(said, heard.as_told);
    let offers: usize = desks.iter().map(|desk| desk.offers().len()).sum();
    assert_eq!(u64::try_from(offers), Ok(said));
    let counted = Figures { entered: 17, answered: said, abandoned: gave_up.as_told, ..Figures::default() };
    supervisor.counts(SOMERSET, counted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_whose_front_door_is_killed_waits_on_at_the_other_and_keeps_their_age() {
    let mut exchange = Exchange::start(Setup { doors: 2, ..patient() }).await;
    let waiting = Sipp::caller(&exchange, "queued", FROME);
    let first_seen = Supervisor::at(&exchange.doors[0]).sees_waiting(SOMERSET, 1).await.entered_time;
    exchange.doors[0].server.kill();

    let supervisor = Supervisor::at(&exchange.doors[1]);
    supervisor.sees_waiting(SOMERSET, 1).await;
    let telephone = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let asha = Desk::open(&exchange.doors[1], "Asha", SOMERSET, telephone.address, TakesCalls).await;
    let (heard, said) = (waiting.done().await, telephone.done().await);
    assert_eq!((heard, said), (ONE_AS_TOLD, ONE_AS_TOLD));
    let offers = asha.offers();
    let [offer] = offers.as_slice() else { panic!("{offers:?}") };
    assert_eq!(offer.entered_time, first_seen);
    let counted = Figures { entered: heard.as_told, answered: said.as_told, ..Figures::default() };
    supervisor.counts(SOMERSET, counted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_calls_of_a_site_that_is_declared_lost_go_to_the_others_at_once_until_it_is_back() {
    let exchange = Exchange::start(patient()).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let elsewhere = Sipp::telephones(&exchange, "adviser", exchange.next_telephone(), 2).await;
    let waiting = Sipp::caller(&exchange, "queued", FROME);
    supervisor.sees_waiting(SOMERSET, 1).await;
    let bryn = Desk::open(&exchange.doors[0], "Bryn", GWENT, elsewhere.address, TakesCalls).await;
    supervisor.declares_lost(SOMERSET, GWENT).await;
    let first = waiting.done().await;
    let second = Sipp::caller(&exchange, "caller", FROME).done().await;
    let said_elsewhere = elsewhere.done().await;
    assert_eq!((first, second, said_elsewhere.as_told), (ONE_AS_TOLD, ONE_AS_TOLD, 2));
    assert!(bryn.offers().iter().all(|offer| offer.overflow && offer.home_site_id == SOMERSET));

    let at_home = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let asha = Desk::open(&exchange.doors[0], "Asha", SOMERSET, at_home.address, TakesCalls).await;
    supervisor.declares_found(SOMERSET).await;
    let third = Sipp::caller(&exchange, "caller", FROME).done().await;
    assert_eq!((third, at_home.done().await), (ONE_AS_TOLD, ONE_AS_TOLD));
    assert_eq!((asha.offers().len(), bryn.offers().len()), (1, 2));
    let overflowed = said_elsewhere.as_told;
    let counted = Figures { entered: 3, answered: overflowed + third.as_told, overflowed, ..Figures::default() };
    supervisor.counts(SOMERSET, counted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_whose_front_door_stops_in_order_waits_on_at_the_other() {
    let exchange = Exchange::start(Setup { doors: 2, ..patient() }).await;
    let waiting = Sipp::caller(&exchange, "queued", FROME);
    Supervisor::at(&exchange.doors[0]).sees_waiting(SOMERSET, 1).await;
    exchange.doors[0].server.terminate();

    let supervisor = Supervisor::at(&exchange.doors[1]);
    supervisor.sees_waiting(SOMERSET, 1).await;
    let telephone = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let _asha = Desk::open(&exchange.doors[1], "Asha", SOMERSET, telephone.address, TakesCalls).await;
    let (heard, said) = (waiting.done().await, telephone.done().await);
    assert_eq!((heard, said), (ONE_AS_TOLD, ONE_AS_TOLD));
    let counted = Figures { entered: heard.as_told, answered: said.as_told, ..Figures::default() };
    supervisor.counts(SOMERSET, counted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_is_asserted_counts_only_from_a_carrier_that_is_trusted() {
    let exchange = Exchange::start(patient()).await;
    let telephone = Sipp::telephones(&exchange, "adviser", exchange.next_telephone(), 2).await;
    let asha = Desk::open(&exchange.doors[0], "Asha", SOMERSET, telephone.address, TakesCalls).await;
    for carrier in [TRUSTED, UNTRUSTED] {
        let heard = Sipp::caller_at(&exchange, "asserts", FROME, exchange.host(carrier)).done().await;
        assert_eq!(heard, ONE_AS_TOLD);
    }
    let numbers: Vec<_> = asha.offers().into_iter().map(|offer| offer.caller_number).collect();
    assert_eq!(numbers, ["+441632960999", "+441373000123"]);
    let said = telephone.done().await;
    let counted = Figures { entered: 2, answered: said.as_told, ..Figures::default() };
    Supervisor::at(&exchange.doors[0]).counts(SOMERSET, counted).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_302_that_leads_out_of_the_house_is_not_followed() {
    let exchange = Exchange::start(patient()).await;
    let supervisor = Supervisor::at(&exchange.doors[0]);
    let outside = Ear::at(exchange.host(STRANGER));
    let telephone = Sipp::telephone(&exchange, "adviser", exchange.next_telephone()).await;
    let asha = Desk::open(&exchange.doors[0], "Asha", SOMERSET, exchange.host(STRANGER), TakesCalls).await;
    let _bela = Desk::open(&exchange.doors[0], "Bela", SOMERSET, telephone.address, TakesCalls).await;
    let heard = Sipp::caller(&exchange, "caller", FROME).done().await;
    assert_eq!((heard, telephone.done().await), (ONE_AS_TOLD, ONE_AS_TOLD));
    assert_eq!(asha.offers().len(), 1, "she was to be rung");
    assert_eq!(outside.hears(), None);
    supervisor.counts(SOMERSET, Figures { entered: 1, answered: heard.as_told, ..Figures::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_but_the_carriers_is_answered() {
    let exchange = Exchange::start(Setup::default()).await;
    let (stranger, carrier) = (Ear::at(exchange.host(STRANGER)), Ear::at(exchange.host(UNTRUSTED)));
    stranger.asks(exchange.kamailio_address());
    // One process works for this address, so this is answered after the other would have been.
    carrier.asks(exchange.kamailio_address());
    let answer = programs::until("an answer", async || carrier.hears()).await;
    assert!(answer.starts_with("SIP/2.0 200"), "{answer}");
    assert_eq!(stranger.hears(), None);
}
