//! Telephone switches at the SIP front door, over real sockets: the life of a call.

use crate::support::steps::offered;
use crate::support::switch::Switch;
use crate::support::values::new_id;
use crate::support::{Engine, Home, Person, World, at, until};
use startline::config::SipConfig;
use startline::grpc::pb;
use tonic::Streaming;

pub fn settings() -> SipConfig {
    toml::from_str(
        "listen = ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0']\nadviser_domain = 'pbx.example'\ndrain_s = 0\n\
         switches = [{ address = '127.0.0.1', trusted = true }, { address = '127.0.0.3' }]",
    )
    .unwrap()
}

/// A world whose door serves 127.0.0.1, which is trusted, and 127.0.0.3, which is not. SQLite: the door knows no database.
pub async fn world(change: impl FnOnce(&mut SipConfig)) -> World {
    let mut home = Home::fresh(Engine::Sqlite).await;
    let mut config = settings();
    change(&mut config);
    home.sip = Some(config);
    World::on(home).await
}

pub async fn switch(world: &World) -> Switch {
    Switch::at("127.0.0.1", world.sip_addresses()[0]).await
}

pub const FROME: &str = "01373000123";

/// Nothing of the door is on its way to this switch: what it asks now is answered next.
pub async fn is_silent(switch: &Switch) {
    let branch = switch.fresh_branch();
    let ping = switch.request("OPTIONS", &branch, &branch, "sip:ping@switch.example", "", "");
    switch.send(&ping).await;
    let said = switch.hear().await;
    assert_eq!(said.call_id(), branch, "{}", said.text);
}

#[tokio::test]
async fn a_caller_is_sent_to_the_adviser_who_accepts() {
    let world = world(|_| {}).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    let switch = switch(&world).await;
    let invite = switch.invite("home-1", FROME, "").await;
    assert_eq!(switch.hear().await.status(), 100);
    let offer = offered(&mut desk).await;
    assert_eq!(offer.caller_number, "+441373000123");
    asha.accept(&offer).await;
    let sent_on = switch.hear_status("home-1", 302).await;
    assert_eq!((sent_on.contact(), sent_on.header("X-Startline-Site")), ("sip:asha@desk.example", Some("somerset")));
    switch.ack(&invite).await;
    assert_eq!(switch.report("call: home-1\r\nevent: answered\r\n").await.status(), 200);
    assert_eq!(switch.report("call: home-1\r\nevent: ended\r\n").await.status(), 200);
}

#[tokio::test]
async fn whoever_waits_is_told_the_position_until_somebody_is_free() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let first = switch.invite("queue-1", FROME, "").await;
    let queued = switch.hear_status("queue-1", 182).await;
    assert_eq!((queued.phrase(), queued.header("X-Startline-Position")), ("Queued, position 1, waited 0 s", Some("1")));
    // This one has been waiting at another front door.
    let since = format!("X-Startline-Entered: {}\r\n", world.now().timestamp() - 35);
    switch.invite("queue-2", "01373000124", &since).await;
    let second = switch.hear_status("queue-2", 182).await;
    assert!(second.phrase().starts_with("Queued, position "), "{}", second.text);

    world.wait(5);
    let refreshed = [switch.hear().await, switch.hear().await];
    assert!(refreshed.iter().all(|said| said.status() == 182));
    let first_again = refreshed.iter().find(|said| said.call_id() == "queue-1").unwrap();
    assert!(first_again.phrase().ends_with("waited 5 s"), "{}", first_again.text);

    switch.cancel(&first, "").await;
    assert_eq!([switch.hear().await.status(), switch.hear().await.status()], [200, 487]);
    switch.ack(&first).await;
    is_silent(&switch).await;
    world.wait(5);
    let alone = switch.hear().await;
    assert_eq!((alone.call_id(), alone.header("X-Startline-Position")), ("queue-2", Some("1")));

    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    asha.accept(&offered(&mut desk).await).await;
    assert_eq!(switch.hear_status("queue-2", 302).await.contact(), "sip:asha@desk.example");
}

#[tokio::test]
async fn a_caller_who_hangs_up_has_left_the_queue() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let invite = switch.invite("gone-1", FROME, "").await;
    switch.hear_status("gone-1", 182).await;
    switch.cancel(&invite, "Reason: Q.850;cause=16\r\n").await;
    let (cancelled, over) = (switch.hear().await, switch.hear().await);
    assert_eq!((cancelled.status(), cancelled.header("CSeq")), (200, Some("1 CANCEL")));
    assert_eq!((over.status(), over.header("CSeq")), (487, Some("1 INVITE")));
    assert_eq!(cancelled.header("To"), over.header("To"), "both answers are of one transaction");
    // Repeated, because its answer was lost: the same again, and nothing else.
    switch.cancel(&invite, "").await;
    assert_eq!(switch.hear().await.status(), 200);
    switch.ack(&invite).await;
    is_silent(&switch).await;

    switch.invite("gone-2", FROME, "").await;
    assert_eq!(switch.hear_status("gone-2", 182).await.header("X-Startline-Position"), Some("1"));
    let nothing_to_cancel = switch.invitation("gone-3", FROME, "");
    switch.cancel(&nothing_to_cancel, "").await;
    assert_eq!(switch.hear_about("gone-3").await.status(), 481);
    let ended = until("the record of the call", || async {
        let mut inside = world.look_inside().await;
        inside.texts("SELECT ended_how FROM call_records WHERE switch_call_id = 'gone-1'").await.pop()
    });
    assert_eq!(ended.await, "abandoned");
}

#[tokio::test]
async fn after_no_answer_the_switch_asks_again_and_the_next_adviser_is_rung() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut ashas_desk = asha.take_calls().await;
    let invite = switch.invite("busy-1", FROME, "").await;
    asha.accept(&offered(&mut ashas_desk).await).await;
    let sent_on = switch.hear_status("busy-1", 302).await;
    switch.ack(&invite).await;
    let bela = world.adviser("Bela", "somerset").await;
    let mut belas_desk = bela.take_calls().await;

    let again = format!("X-Startline-Result: 486\r\nX-Startline-Adviser: <{}>\r\n", sent_on.contact());
    let second = switch.invite("busy-1", FROME, &again).await;
    assert_eq!(switch.hear().await.status(), 100);
    bela.accept(&offered(&mut belas_desk).await).await;
    assert_eq!(switch.hear_status("busy-1", 302).await.contact(), "sip:bela@desk.example");
    switch.ack(&second).await;
}

#[tokio::test]
async fn outside_the_hours_the_caller_is_told_when_to_ring_again() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    // A Saturday: more than a day until Monday.
    world.wait_until(at("2026-03-07T10:00:00Z"));
    let invite = switch.invite("closed-1", FROME, "").await;
    let refused = switch.hear_status("closed-1", 480).await;
    assert_eq!(refused.retry_after(), Some(86_400));
    switch.ack(&invite).await;
    // Monday morning, shortly before nine or before eight, as the site has it.
    world.wait_until(at("2026-03-09T07:30:00Z"));
    switch.invite("closed-2", FROME, "").await;
    let soon = switch.hear_status("closed-2", 480).await.retry_after().unwrap();
    assert!((60..=3 * 3600).contains(&soon), "{soon}");
}

#[tokio::test]
async fn outside_the_hours_the_announcement_is_played_where_there_is_one() {
    let world = world(|sip| sip.announcements.closed = Some("sip:closed@media.example".into())).await;
    let switch = switch(&world).await;
    world.wait_until(at("2026-03-07T10:00:00Z"));
    switch.invite("closed-1", FROME, "").await;
    assert_eq!(switch.hear_status("closed-1", 302).await.contact(), "sip:closed@media.example");
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_answer_and_is_routed_once() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let invite = switch.invite("again-1", FROME, "").await;
    let queued = switch.hear_status("again-1", 182).await;
    for _ in 0..3 {
        switch.send(&invite.text).await;
        assert_eq!(switch.hear().await, queued);
    }
    switch.invite("again-2", FROME, "").await;
    assert_eq!(switch.hear_status("again-2", 182).await.header("X-Startline-Position"), Some("2"));

    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    let offer = offered(&mut desk).await;
    asha.accept(&offer).await;
    let sent_on = switch.hear_status("again-1", 302).await;
    switch.send(&invite.text).await;
    assert_eq!(switch.hear().await, sent_on);
    // Nobody has acknowledged it: over UDP it is said again, after half a second, a second and so on.
    for _ in 0..3 {
        world.wait(4);
        let mut said = switch.hear().await;
        while said.status() == 182 {
            said = switch.hear().await;
        }
        assert_eq!(said, sent_on);
    }
    switch.ack(&invite).await;
    switch.ack(&invite).await;
    is_silent_about(&switch, &world, "again-1").await;
    // Acknowledged: an INVITE that was still on its way is swallowed.
    switch.send(&invite.text).await;
    is_silent_about(&switch, &world, "again-1").await;
    assert_eq!(world.sip_counted().repeated, 4);
}

/// Time passes, and nothing more is said about this call.
async fn is_silent_about(switch: &Switch, world: &World, call_id: &str) {
    // The acknowledgement goes before this on the same socket.
    switch.options().await;
    world.wait(4);
    let branch = switch.fresh_branch();
    switch.send(&switch.request("OPTIONS", &branch, &branch, "sip:ping@switch.example", "", "")).await;
    loop {
        let said = switch.hear().await;
        assert_ne!(said.call_id(), call_id, "{}", said.text);
        if said.call_id() == branch {
            return;
        }
    }
}

#[tokio::test]
async fn an_acknowledgement_that_comes_after_all_is_no_harm() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    world.wait_until(at("2026-03-07T10:00:00Z"));
    let invite = switch.invite("late-1", FROME, "").await;
    switch.hear_status("late-1", 480).await;
    world.wait(40);
    // Whatever was said again before the door gave up comes first.
    switch.options().await;
    assert_eq!(world.sip_counted().unacknowledged, 1);
    switch.ack(&invite).await;
    is_silent(&switch).await;
}

#[tokio::test]
async fn the_newer_of_two_askings_for_one_call_is_served() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let reference = "X-Startline-Call: pbx-7\r\n";
    let older = switch.invite("two-1", FROME, reference).await;
    switch.hear_status("two-1", 182).await;
    let newer = switch.invite("two-2", FROME, reference).await;
    let refused = switch.hear_status("two-1", 491).await;
    assert_eq!(refused.status(), 491);
    switch.ack(&older).await;
    assert_eq!(switch.hear_status("two-2", 182).await.header("X-Startline-Position"), Some("1"));
    switch.cancel(&newer, "").await;
    switch.hear_status("two-2", 200).await;
    switch.hear_status("two-2", 487).await;
}

#[tokio::test]
async fn reports_may_come_twice_late_and_in_any_order() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    let invite = switch.invite("told-1", FROME, "").await;
    asha.accept(&offered(&mut desk).await).await;
    switch.hear_status("told-1", 302).await;
    switch.ack(&invite).await;
    // "ended" overtakes "answered".
    for event in ["ended", "answered", "ended", "abandoned", "answered", "busy", "no-answer"] {
        let said = switch.report(&format!("Call: told-1\nEvent: {event}\nadviser: sip:asha@desk.example\n")).await;
        assert_eq!(said.status(), 200, "{event}");
    }
    assert_eq!(switch.report("call: nobody\nevent: ended\n").await.status(), 404);
    for unreadable in
        ["", "event: ended\n", "call: told-1\n", "call: told-1\nevent: exploded\n", "call:\nevent: ended\n"]
    {
        assert_eq!(switch.report(unreadable).await.status(), 400, "{unreadable:?}");
    }
    let branch = switch.fresh_branch();
    let in_html = switch.request(
        "MESSAGE",
        &branch,
        &branch,
        "sip:s@switch.example",
        "Content-Type: text/html\r\n",
        "call: told-1",
    );
    switch.send(&in_html).await;
    assert_eq!(switch.hear().await.status(), 415);
    // The wrap-up ends by itself, and the record is written.
    world.wait(600);
    let ended = until("the record of the call", || async {
        let mut inside = world.look_inside().await;
        inside.texts("SELECT ended_how FROM call_records WHERE switch_call_id = 'told-1'").await.pop()
    });
    assert_eq!(ended.await, "answered");
}

#[tokio::test]
async fn a_switch_that_is_trusted_says_who_calls() {
    let world = world(|_| {}).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    let door = world.sip_addresses()[0];
    let (trusted, other) = (Switch::at("127.0.0.1", door).await, Switch::at("127.0.0.3", door).await);
    let asserted = "P-Asserted-Identity: \"Rosa\" <sip:pbx@switch.example>, <tel:+44-1373-000-124>\r\n";
    let heard = [
        (&trusted, FROME, asserted.to_owned(), "+441373000124"),
        (&other, FROME, asserted.to_owned(), "+441373000123"),
        (&trusted, "441373000123;phone-context=+44", String::new(), "+441373000123"),
        (&trusted, "00441373000123", String::new(), "+441373000123"),
        (&trusted, "anonymous", String::new(), ""),
        (&trusted, "unavailable", asserted.to_owned(), "+441373000124"),
        (&trusted, FROME, format!("{asserted}Privacy: id;critical\r\n"), ""),
        (&trusted, "%2B33123456789", String::new(), "+33123456789"),
    ];
    for (number, (switch, caller, more, expected)) in heard.into_iter().enumerate() {
        let call_id = format!("who-{number}");
        let more = format!("{more}X-Startline-Call: {call_id}\r\n");
        let invite = switch.invite(&call_id, caller, &more).await;
        assert_eq!(offered(&mut desk).await.caller_number, expected, "{caller} {more}");
        switch.cancel(&invite, "").await;
        switch.hear_status(&call_id, 200).await;
        switch.hear_status(&call_id, 487).await;
        switch.ack(&invite).await;
    }
}

/// A desk at this extension, whose telephone rings with the offer.
pub async fn rings_when_offered(adviser: &Person, extension: &str) -> Streaming<pb::WatchDeskResponse> {
    let ring_when_offered = true;
    let here =
        pb::SignInRequest { request_id: new_id(), address: extension.into(), ring_when_offered, ..Default::default() };
    adviser.desk().sign_in(here).await.unwrap();
    let desk = adviser.desk().watch_desk(pb::WatchDeskRequest {}).await.unwrap().into_inner();
    let status = pb::AdviserStatus::Available.into();
    adviser
        .desk()
        .set_status(pb::SetStatusRequest { request_id: new_id(), status, ..Default::default() })
        .await
        .unwrap();
    desk
}

#[tokio::test]
async fn a_telephone_may_ring_with_the_offer_and_answering_it_takes_the_call() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let (asha, bela) = (world.adviser("Asha", "somerset").await, world.adviser("Bela", "somerset").await);
    let mut ashas_desk = rings_when_offered(&asha, "2001").await;
    let invite = switch.invite("ring-1", FROME, "").await;
    assert_eq!(switch.hear_status("ring-1", 302).await.contact(), "sip:2001@pbx.example");
    offered(&mut ashas_desk).await;
    switch.ack(&invite).await;
    let _belas_desk = rings_when_offered(&bela, "2002").await;
    // Busy after all. The switch names the address that it rang, not the extension.
    let again = "X-Startline-Result: 486\r\nX-Startline-Adviser: <sip:2001@pbx.example;transport=udp>\r\n";
    let second = switch.invite("ring-1", FROME, again).await;
    assert_eq!(switch.hear_status("ring-1", 302).await.contact(), "sip:2002@pbx.example");
    switch.ack(&second).await;
    for event in ["answered", "ended"] {
        assert_eq!(switch.report(&format!("call: ring-1\nevent: {event}\n")).await.status(), 200);
    }
    world.wait(600);
    let ended = until("the record of the call", || async {
        let mut inside = world.look_inside().await;
        inside.texts("SELECT ended_how FROM call_records WHERE switch_call_id = 'ring-1'").await.pop()
    });
    assert_eq!(ended.await, "answered");
}

#[tokio::test]
async fn whoever_waits_long_goes_to_the_waiting_room_and_keeps_the_place() {
    let world = world(|sip| sip.announcements.waiting = Some("sip:waiting@media.example".into())).await;
    let switch = switch(&world).await;
    let invite = switch.invite("room-1", FROME, "").await;
    switch.hear_status("room-1", 182).await;
    world.wait(90);
    assert_eq!(switch.hear_status("room-1", 302).await.contact(), "sip:waiting@media.example");
    switch.ack(&invite).await;
    is_silent(&switch).await;
    // Somebody came later.
    switch.invite("room-2", "01373000124", "").await;
    switch.hear_status("room-2", 182).await;
    world.wait(60);
    let again = switch.invite("room-1", FROME, "").await;
    let queued = switch.hear_status("room-1", 182).await;
    assert_eq!(queued.phrase(), "Queued, position 1, waited 150 s");
    // Or the caller would rather be called back.
    assert_eq!(switch.report("call: room-1\nevent: callback\n").await.status(), 200);
    assert_eq!(switch.hear_status("room-1", 480).await.status(), 480);
    switch.ack(&again).await;
}
