//! What the SIP front door does not let happen: strangers, floods, too much at once, broken streams, a sudden end.

use crate::sip::{FROME, is_silent, switch, world};
use crate::support::steps::offered;
use crate::support::stream::StreamSwitch;
use crate::support::switch::Switch;
use crate::support::{soon, until};

#[tokio::test]
async fn a_stranger_is_not_answered() {
    let world = world(|_| {}).await;
    let known = switch(&world).await;
    let stranger = Switch::at("127.0.0.2", known.door).await;
    for method in ["OPTIONS", "INVITE", "MESSAGE", "REGISTER"] {
        stranger.send(&stranger.request(method, method, &stranger.fresh_branch(), "sip:s@x.example", "", "")).await;
    }
    stranger.send("no SIP at all").await;
    // The door reads one socket in order.
    is_silent(&known).await;
    assert_eq!(stranger.unheard(), None);
    assert_eq!(world.sip_counted().foreign, 5);
    assert_eq!(known.report("call: INVITE\nevent: ended\n").await.status(), 404, "the stranger's call never entered");

    let mut stream = StreamSwitch::from("127.0.0.2", world.sip_addresses()[1]).await;
    assert_eq!(stream.hear().await, None, "a stranger's connection is closed without a word");
}

#[tokio::test]
async fn a_flood_from_one_address_is_refused_while_another_is_served() {
    let world = world(|sip| sip.requests_per_second = 10).await;
    let (loud, quiet) = (switch(&world).await, Switch::at("127.0.0.3", world.sip_addresses()[0]).await);
    let first = loud.invite("loud-first", FROME, "").await;
    loud.hear_status("loud-first", 182).await;
    // Fewer than the socket holds: nothing is lost before the door.
    for number in 0..80 {
        loud.send(&loud.request("OPTIONS", &format!("loud-{number}"), &loud.fresh_branch(), "sip:s@x.example", "", ""))
            .await;
    }
    quiet.invite("quiet-1", FROME, "").await;
    assert_eq!(quiet.hear_status("quiet-1", 182).await.header("X-Startline-Position"), Some("2"));
    let (mut served, mut refused) = (0, 0);
    while let Some(said) = loud.unheard() {
        match said.status() {
            200 => served += 1,
            503 if said.retry_after() == Some(5) => refused += 1,
            _ => panic!("{}", said.text),
        }
    }
    assert_eq!((served, refused), (9, 20), "within the limit, and told so often enough");
    assert_eq!(world.sip_counted().over_limit, 71);

    // What the flood began before can still be ended: cancellations are measured apart.
    loud.cancel(&first, "").await;
    assert_eq!(loud.hear_about("loud-first").await.status(), 200);
    assert_eq!(loud.hear_about("loud-first").await.status(), 487);
    // After a second it may ask again.
    world.wait(1);
    assert_eq!(loud.options().await.status(), 200);
}

#[tokio::test]
async fn more_calls_than_may_wait_are_refused_until_one_has_left() {
    let world = world(|sip| sip.max_calls = 2).await;
    let switch = switch(&world).await;
    let first = switch.invite("full-1", FROME, "").await;
    switch.invite("full-2", FROME, "").await;
    switch.invite("full-3", FROME, "").await;
    assert_eq!(switch.hear_status("full-3", 503).await.retry_after(), Some(5));
    switch.cancel(&first, "").await;
    switch.hear_status("full-1", 200).await;
    switch.hear_status("full-1", 487).await;
    switch.invite("full-4", FROME, "").await;
    switch.hear_status("full-4", 182).await;
}

#[tokio::test]
async fn a_stop_turns_switches_away_first_and_lets_the_waiting_calls_go_last() {
    let mut world = world(|sip| sip.drain_s = 2).await;
    let switch = switch(&world).await;
    let waiting = switch.invite("stop-1", FROME, "").await;
    switch.hear_status("stop-1", 182).await;
    let app = world.take_app();
    let stopped = tokio::spawn(app.stop());
    let turned_away = until("the door to turn switches away", || async {
        let said = switch.options().await;
        (said.status() == 503).then_some(said)
    });
    assert_eq!(turned_away.await.retry_after(), Some(5));
    // Until the switches have noticed, calls still come in and wait.
    let late = switch.invite("stop-2", FROME, "").await;
    switch.hear_status("stop-2", 182).await;

    world.wait(2);
    let mut last = [switch.hear_final().await, switch.hear_final().await];
    last.sort_by(|a, b| a.call_id().cmp(b.call_id()));
    assert_eq!(last.each_ref().map(|said| (said.call_id(), said.status())), [("stop-1", 503), ("stop-2", 503)]);
    assert!(last.iter().all(|said| said.retry_after() == Some(5)));
    // The door is there until the last answer is acknowledged.
    switch.cancel(&waiting, "").await;
    assert_eq!(switch.hear_about("stop-1").await.status(), 200);
    let too_late = switch.invite("stop-3", FROME, "").await;
    assert_eq!(switch.hear_status("stop-3", 503).await.status(), 503);
    for invite in [&waiting, &late, &too_late] {
        switch.ack(invite).await;
    }
    soon("the service to stop", stopped).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_stream_may_come_in_pieces_and_several_messages_in_one() {
    let world = world(|_| {}).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    let mut switch = StreamSwitch::from("127.0.0.1", world.sip_addresses()[1]).await;
    let invite = switch.request("INVITE", "tcp-1", "z9hG4bK-tcp-1", FROME);
    for piece in [&b"\r\n\r\n"[..], &invite.as_bytes()[..1], &invite.as_bytes()[1..150], &invite.as_bytes()[150..]] {
        switch.send(piece).await;
    }
    assert_eq!(switch.hear().await.unwrap().status(), 100);
    asha.accept(&offered(&mut desk).await).await;
    assert_eq!(switch.hear_status(302).await.contact(), "sip:asha@desk.example");
    // The acknowledgement, a report with a body, and the beginning of something else.
    let report = "MESSAGE sip:door SIP/2.0\r\nVia: SIP/2.0/TCP x;branch=z9hG4bK-r\r\nFrom: <sip:s@x>;tag=1\r\nTo: <sip:door>\r\n\
                  Call-ID: r\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: 29\r\n\r\n\
                  call: tcp-1\nevent: answered\n\nOPTIONS";
    let ack = switch.request("ACK", "tcp-1", "z9hG4bK-tcp-1", FROME);
    switch.send(format!("{ack}{report}").as_bytes()).await;
    assert_eq!(switch.hear().await.unwrap().status(), 200);
    let options = switch.request("OPTIONS", "tcp-2", "z9hG4bK-tcp-2", FROME);
    switch.send(&options.as_bytes()["OPTIONS".len()..]).await;
    assert_eq!(switch.hear().await.unwrap().header("Call-ID"), Some("tcp-2"));
    // Over a stream nothing is repeated.
    world.wait(40);
    let ping = switch.request("OPTIONS", "tcp-3", "z9hG4bK-tcp-3", FROME);
    switch.send(ping.as_bytes()).await;
    assert_eq!(switch.hear().await.unwrap().header("Call-ID"), Some("tcp-3"));
}

#[tokio::test]
async fn a_stream_that_cannot_be_cut_into_messages_is_closed() {
    let world = world(|_| {}).await;
    let head = "OPTIONS sip:d SIP/2.0\r\nVia: SIP/2.0/TCP x;branch=z9hG4bK-1\r\n";
    let broken = [
        format!("{head}\r\n"),
        format!("{head}Content-Length: many\r\n\r\n"),
        format!("{head}Content-Length: 9999999\r\n\r\n"),
        format!("{head}Content-Length: 1\r\nl: 2\r\n\r\n"),
        format!("{head}X: {}", "x".repeat(70_000)),
    ];
    for text in broken {
        let mut switch = StreamSwitch::from("127.0.0.1", world.sip_addresses()[1]).await;
        switch.send(text.as_bytes()).await;
        assert_eq!(switch.hear().await, None, "{}", &text[..text.len().min(120)]);
    }
    // What can be cut and not read is answered, and the stream goes on.
    let mut switch = StreamSwitch::from("127.0.0.1", world.sip_addresses()[1]).await;
    let bad = switch.request("OPTIONS", "bad-1", "z9hG4bK-b1", FROME).replace("CSeq: 1 OPTIONS", "CSeq: 1 INVITE");
    let good = switch.request("OPTIONS", "bad-2", "z9hG4bK-b2", FROME);
    switch.send(format!("{bad}{good}").as_bytes()).await;
    assert_eq!(switch.hear().await.unwrap().status(), 400);
    assert_eq!(switch.hear().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_stream_that_is_never_finished_or_never_used_is_closed() {
    let world = world(|_| {}).await;
    let door = world.sip_addresses()[1];
    let (mut half, mut idle) =
        (StreamSwitch::from("127.0.0.1", door).await, StreamSwitch::from("127.0.0.1", door).await);
    let ping = idle.request("OPTIONS", "idle-1", "z9hG4bK-i1", FROME);
    idle.send(ping.as_bytes()).await;
    assert_eq!(idle.hear().await.unwrap().status(), 200);
    // Its first message is whole, so the door has read what comes behind it in the same piece.
    let ping = half.request("OPTIONS", "half-1", "z9hG4bK-h1", FROME);
    half.send(format!("{ping}INVITE sip:").as_bytes()).await;
    assert_eq!(half.hear().await.unwrap().status(), 200);
    world.wait(60);
    assert_eq!(half.hear().await, None);
    let ping = idle.request("OPTIONS", "idle-2", "z9hG4bK-i2", FROME);
    idle.send(ping.as_bytes()).await;
    assert_eq!(idle.hear().await.unwrap().status(), 200);
    world.wait(700);
    assert_eq!(idle.hear().await, None);
}

#[tokio::test]
async fn a_switch_whose_connection_breaks_asks_again_over_another() {
    let world = world(|_| {}).await;
    let door = world.sip_addresses()[1];
    let mut first = StreamSwitch::from("127.0.0.1", door).await;
    let invite = first.request("INVITE", "broken-1", "z9hG4bK-x1", FROME);
    first.send(invite.as_bytes()).await;
    first.hear_status(182).await;
    drop(first);
    world.wait(3);
    let mut second = StreamSwitch::from("127.0.0.1", door).await;
    let again = second.request("INVITE", "broken-1", "z9hG4bK-x2", FROME);
    second.send(again.as_bytes()).await;
    assert_eq!(second.hear_status(182).await.phrase(), "Queued, position 1, waited 3 s");
}

#[tokio::test]
async fn too_many_connections_from_one_address_are_hung_up_on() {
    let world = world(|_| {}).await;
    let door = world.sip_addresses()[1];
    let mut open = Vec::new();
    for number in 0..16 {
        let mut switch = StreamSwitch::from("127.0.0.1", door).await;
        let ping = switch.request("OPTIONS", "c", &format!("z9hG4bK-c{number}"), FROME);
        switch.send(ping.as_bytes()).await;
        assert_eq!(switch.hear().await.unwrap().status(), 200);
        open.push(switch);
    }
    assert_eq!(StreamSwitch::from("127.0.0.1", door).await.hear().await, None);
    let mut other = StreamSwitch::from("127.0.0.3", door).await;
    let ping = other.request("OPTIONS", "c", "z9hG4bK-other", FROME);
    other.send(ping.as_bytes()).await;
    assert_eq!(other.hear().await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_the_door_cannot_do_is_refused_by_its_number() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let ask = |method: &str, name: &str, more: &str| {
        switch.request(method, name, &switch.fresh_branch(), "sip:s@switch.example", more, "")
    };
    let uri = format!("sip:08001234567@{}", switch.door);
    let refused = [
        (ask("REGISTER", "r-1", ""), 405),
        (ask("BYE", "r-2", ""), 405),
        (ask("INVITE", "r-3", "Require: 100rel, timer\r\n"), 420),
        (ask("INVITE", "r-4", "").replacen(&uri, "mailto:asha@example", 1), 416),
        (ask("OPTIONS", "r-5", "").replacen("SIP/2.0\r\nVia", "SIP/3.0\r\nVia", 1), 505),
        (ask("INVITE", "r-6", "").replacen("CSeq: 1 INVITE", "CSeq: 1 BYE", 1), 400),
        (ask("INVITE", "r-7", "").replacen("CSeq: 1", "CSeq: 99999999999", 1), 400),
        (ask("INVITE", "r-8", "").replacen(&format!("To: <{uri}>"), &format!("To: <{uri}>;tag=old"), 1), 481),
        (ask("INVITE", "r-9", &format!("X-Long: {}\r\n", "x".repeat(9000))), 513),
    ];
    for (text, status) in refused {
        switch.send(&text).await;
        let said = switch.hear().await;
        assert_eq!(said.status(), status, "{}", said.text);
        match status {
            405 => assert!(said.header("Allow").is_some_and(|allow| allow.contains("MESSAGE"))),
            420 => assert_eq!(said.header("Unsupported"), Some("100rel, timer")),
            _ => {}
        }
    }
    assert_eq!(switch.report("call: r-4\nevent: ended\n").await.status(), 404, "nothing refused has entered");
}
