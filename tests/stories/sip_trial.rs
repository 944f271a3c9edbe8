//! What switches, networks and other doors did to callers when the front door was tried from outside, message by message.

use super::sip::{FROME, is_silent, rings_when_offered, switch, world};
use crate::support::faults::reason;
use crate::support::stream::StreamSwitch;
use crate::support::switch::Switch;
use crate::support::values::new_id;
use crate::support::{Person, World, until};
use startline::access::Role;
use startline::grpc::pb;

async fn how_it_ended(world: &World, name: &str) -> String {
    let recorded = until("the record of the call", || async {
        let sql = format!("SELECT ended_how FROM call_records WHERE switch_call_id = '{name}'");
        world.look_inside().await.texts(&sql).await.pop()
    });
    recorded.await
}

async fn state_of(world: &World, adviser: &Person) -> (i32, i32) {
    let lead = world.add(&new_id(), Role::Supervisor, Some("somerset")).await;
    let floor = lead.floor_of("somerset").await;
    let desk = floor.advisers.iter().find(|desk| desk.adviser_id == adviser.id).expect("an adviser of the floor");
    (desk.state, desk.status)
}

const IDLE: (i32, i32) = (pb::AdviserState::Idle as i32, pb::AdviserStatus::Available as i32);

#[tokio::test]
async fn a_caller_who_leaves_as_the_switch_is_sent_on_is_offered_to_nobody() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let (asha, bob) = (world.adviser("Asha", "somerset").await, world.adviser("Bob", "somerset").await);
    let _ashas_desk = rings_when_offered(&asha, "2001").await;
    let _bobs_desk = rings_when_offered(&bob, "2002").await;
    let invite = switch.invite("ghost-1", FROME, "").await;
    switch.hear_status("ghost-1", 302).await;
    // It crosses the 302 on the way.
    switch.cancel(&invite, "").await;
    switch.hear_status("ghost-1", 200).await;
    switch.ack(&invite).await;
    assert_eq!(how_it_ended(&world, "ghost-1").await, "abandoned");
    assert_eq!((state_of(&world, &asha).await, state_of(&world, &bob).await), (IDLE, IDLE));
    world.wait(90);
    assert_eq!((state_of(&world, &asha).await, state_of(&world, &bob).await), (IDLE, IDLE));
}

#[tokio::test]
async fn a_switch_that_falls_silent_after_it_was_sent_on_takes_no_adviser_after_the_other() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let (asha, bob) = (world.adviser("Asha", "somerset").await, world.adviser("Bob", "somerset").await);
    let _ashas_desk = rings_when_offered(&asha, "2001").await;
    let _bobs_desk = rings_when_offered(&bob, "2002").await;
    let invite = switch.invite("ghost-2", FROME, "").await;
    switch.hear_status("ghost-2", 302).await;
    switch.ack(&invite).await;
    for _ in 0..3 {
        world.wait(16);
        assert_eq!(state_of(&world, &bob).await, IDLE);
    }
    assert_eq!(how_it_ended(&world, "ghost-2").await, "abandoned");
    assert_eq!(state_of(&world, &asha).await.1, pb::AdviserStatus::Available as i32);
}

#[tokio::test]
async fn a_switch_that_is_gone_has_nobody_waiting_and_its_caller_is_rung_back() {
    let world = world(|_| {}).await;
    let asha = world.adviser("Asha", "somerset").await;
    let lead = world.add("Lead", Role::Supervisor, Some("somerset")).await;
    let (dead, living) = (switch(&world).await, switch(&world).await);
    dead.invite("gone", FROME, "").await;
    dead.hear_status("gone", 182).await;
    living.invite("here", "01373000777", "").await;
    living.hear_status("here", 182).await;
    // Its process ends: nobody listens at its port any more.
    drop(dead);
    until("the door to notice", || async {
        world.wait(5);
        (lead.floor_of("somerset").await.waiting_calls.len() == 1).then_some(())
    })
    .await;
    // The other's answers still arrive, also those that find the error of the first at the socket.
    living.hear_status("here", 182).await;
    world.wait(40);
    assert_eq!(how_it_ended(&world, "gone").await, "abandoned");
    until("the caller to be on the list", || async {
        let missed = asha.missed_callers().await;
        (missed.iter().map(|caller| caller.phone.as_str()).collect::<Vec<_>>() == ["+441373000123"]).then_some(())
    })
    .await;
    assert_eq!(lead.floor_of("somerset").await.waiting_calls.len(), 1);
}

#[tokio::test]
async fn an_extension_that_leads_nowhere_costs_its_adviser_a_break_and_the_caller_nothing() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let (asha, bela) = (world.adviser("Asha", "somerset").await, world.adviser("Bela", "somerset").await);
    let mut ashas_desk = rings_when_offered(&asha, "3001").await;
    let first = switch.invite("typo-1", FROME, "").await;
    assert_eq!(switch.hear_status("typo-1", 302).await.contact(), "sip:3001@pbx.example");
    switch.ack(&first).await;
    let _belas_desk = rings_when_offered(&bela, "2002").await;
    let result = "X-Startline-Result: 404\r\nX-Startline-Adviser: 3001\r\n";
    let second = switch.invite("typo-1", FROME, result).await;
    assert_eq!(switch.hear_status("typo-1", 302).await.contact(), "sip:2002@pbx.example");
    switch.ack(&second).await;
    let told = loop {
        let event = ashas_desk.message().await.unwrap().unwrap();
        if let Some(pb::watch_desk_response::Event::Notice(notice)) = event.event {
            break notice.text;
        }
    };
    assert!(told.contains("3001 could not be reached"), "{told}");
    assert_eq!(state_of(&world, &asha).await.1, pb::AdviserStatus::OnBreak as i32);
}

#[tokio::test]
async fn a_caller_whose_connection_broke_is_still_there_when_the_switch_asks_late() {
    let world = world(|_| {}).await;
    let rang_at = world.now();
    let mut broken = StreamSwitch::from("127.0.0.1", world.sip_addresses()[1]).await;
    let invite = broken.request("INVITE", "broken-1", "z9hG4bK-broken-1", FROME);
    broken.send(invite.as_bytes()).await;
    broken.hear_status(182).await;
    drop(broken);
    let switch = switch(&world).await;
    is_silent(&switch).await;
    // As late as Kamailio asks; and then once more, later than anybody should.
    world.wait(16);
    let again = switch.invite("broken-1", FROME, "").await;
    let said = switch.hear_status("broken-1", 182).await;
    assert!(said.phrase().ends_with("waited 16 s"), "{}", said.text);
    switch.cancel(&again, "Reason: Q.850;cause=0\r\n").await;
    switch.hear_status("broken-1", 200).await;
    switch.hear_status("broken-1", 487).await;
    switch.ack(&again).await;
    is_silent(&switch).await;
    world.wait(31);
    assert_eq!(how_it_ended(&world, "broken-1").await, "abandoned");
    switch.invite("broken-1", FROME, "").await;
    let said = switch.hear_status("broken-1", 182).await;
    let waited = (world.now() - rang_at).num_seconds();
    assert!(said.phrase().ends_with(&format!("waited {waited} s")), "{}", said.text);
}

#[tokio::test]
async fn two_switches_may_call_two_callers_by_one_name() {
    let world = world(|_| {}).await;
    let one = switch(&world).await;
    let other = Switch::at("127.0.0.3", world.sip_addresses()[0]).await;
    let name = "X-Startline-Call: 1709712000.7\r\n";
    one.invite("q-1", FROME, name).await;
    one.hear_status("q-1", 182).await;
    other.invite("q-2", "01373000124", name).await;
    assert_eq!(other.hear_status("q-2", 182).await.header("X-Startline-Position"), Some("2"));
    is_silent(&one).await;
    // A report is about the switch's own call.
    assert_eq!(other.report("call: 1709712000.7\nevent: abandoned\n").await.status(), 200);
    other.hear_status("q-2", 480).await;
    is_silent(&one).await;
    assert_eq!(other.report("call: unknown\nevent: abandoned\n").await.status(), 404);
}

#[tokio::test]
async fn long_names_of_calls_stay_apart() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let name = |end: &str| format!("X-Startline-Call: {}-{end}@h\r\n", "n".repeat(128));
    switch.invite("long-1", FROME, &name("one")).await;
    switch.hear_status("long-1", 182).await;
    switch.invite("long-2", "01373000124", &name("two")).await;
    assert_eq!(switch.hear_status("long-2", 182).await.header("X-Startline-Position"), Some("2"));
    is_silent(&switch).await;
}

#[tokio::test]
async fn a_caller_who_is_answered_elsewhere_is_rung_by_nobody() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    for (name, reason) in [("else-1", "SIP;cause=200;text=\"Call completed elsewhere\""), ("else-2", "Q.850;cause=26")]
    {
        let invite = switch.invite(name, FROME, "").await;
        switch.hear_status(name, 182).await;
        world.wait(22);
        switch.cancel(&invite, &format!("Reason: {reason}\r\n")).await;
        switch.hear_status(name, 200).await;
        switch.hear_status(name, 487).await;
        switch.ack(&invite).await;
        assert_eq!(how_it_ended(&world, name).await, "diverted");
    }
    // Here the other door's word comes before its switch takes the INVITE back.
    let invite = switch.invite("else-3", FROME, "").await;
    switch.hear_status("else-3", 182).await;
    world.wait(22);
    assert_eq!(switch.report("call: else-3\nevent: answered\nadviser: 2001\n").await.status(), 200);
    switch.hear_status("else-3", 480).await;
    switch.ack(&invite).await;
    assert_eq!(switch.report("call: else-3\nevent: ended\n").await.status(), 200);
    assert_eq!(how_it_ended(&world, "else-3").await, "diverted");
    assert_eq!(asha.missed_callers().await.len(), 0);
}

#[tokio::test]
async fn who_was_passed_on_and_gave_up_is_rung_back() {
    let world = world(|_| {}).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    let switch = world.switch("the switch").await;
    let _call = switch.enter_call("passed-1", "01373 000777").await;
    let offer = crate::support::steps::offered(&mut desk).await;
    asha.accept(&offer).await;
    switch.report("passed-1", pb::CallReport::Answered).await;
    world.wait(60);
    let pass = pb::PassCallRequest {
        request_id: new_id(),
        call_id: offer.call_id.clone(),
        to: Some(pb::pass_call_request::To::Skill("urdu".into())),
        ..Default::default()
    };
    let refused = asha.desk().pass_call(pass.clone()).await.unwrap_err();
    assert_eq!(reason(&refused), "NOBODY_THERE", "the caller would wait for nobody");
    // Somebody who can is signed in, and on a break.
    let uma = world.add_skilled("Uma", Role::Adviser, Some("somerset"), &["inbound", "urdu"]).await;
    let here = pb::SignInRequest { request_id: new_id(), address: "2009".into(), ..Default::default() };
    uma.desk().sign_in(here).await.unwrap();
    asha.desk().pass_call(pass).await.unwrap();
    world.wait(25);
    switch.report("passed-1", pb::CallReport::Abandoned).await;
    until("the missed caller", || async { (asha.missed_callers().await.len() == 1).then_some(()) }).await;
}

#[tokio::test]
async fn a_wait_is_counted_from_when_the_caller_came_to_the_millisecond() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let came = world.now() - chrono::TimeDelta::milliseconds(250);
    let entered = format!("X-Startline-Entered: {}.{:03}\r\n", came.timestamp(), came.timestamp_subsec_millis());
    let invite = switch.invite("fraction-1", FROME, &entered).await;
    switch.hear_status("fraction-1", 182).await;
    switch.cancel(&invite, "").await;
    switch.hear_status("fraction-1", 200).await;
    switch.hear_status("fraction-1", 487).await;
    switch.ack(&invite).await;
    how_it_ended(&world, "fraction-1").await;
    let sql = "SELECT CAST(wait_ms AS TEXT) FROM call_records WHERE switch_call_id = 'fraction-1'";
    assert_eq!(world.look_inside().await.texts(sql).await, ["250"]);
}

#[tokio::test]
async fn what_the_network_does_not_vouch_for_opens_no_record() {
    let world = world(|_| {}).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    let switch = switch(&world).await;
    for (name, headers, shown) in [
        ("who-1", "P-Asserted-Identity: <tel:+353861234567>\r\n", "+353861234567"),
        ("who-7", "P-Asserted-Identity: <sip:2001@pbx.example>\r\n", ""),
        ("who-8", "P-Asserted-Identity: <sip:1373000126@s.example;user=phone>\r\n", "+441373000126"),
        ("who-9", "P-Asserted-Identity: <tel:0136382345>\r\n", "+44136382345"),
        ("who-2", "P-Asserted-Identity: <foo bar>, <tel:+441373000124>\r\n", "+441373000124"),
        ("who-3", "Remote-Party-ID: <sip:01373000125@s.example>;party=calling;privacy=off\r\n", "+441373000125"),
        ("who-4", "Remote-Party-ID: <sip:01373000125@s.example>;party=calling;privacy=full\r\n", ""),
        ("who-5", "Privacy: user\r\n", ""),
        ("who-6", "", "+441373000123"),
    ] {
        let invite = switch.invite(name, FROME, headers).await;
        let offer = crate::support::steps::offered(&mut desk).await;
        assert_eq!(offer.caller_number, shown, "{headers}");
        assert_eq!(offer.from_abroad, shown.starts_with("+353"), "{headers}");
        switch.cancel(&invite, "").await;
        switch.hear_status(name, 200).await;
        switch.hear_status(name, 487).await;
        switch.ack(&invite).await;
    }
}

#[tokio::test]
async fn answers_to_whole_messages_are_sent_before_a_broken_stream_is_closed() {
    let world = world(|_| {}).await;
    let mut switch = StreamSwitch::from("127.0.0.1", world.sip_addresses()[1]).await;
    let options = switch.request("OPTIONS", "before", "z9hG4bK-before", FROME);
    let broken = "REGISTER sip:x SIP/2.0\r\nContent-Length: many\r\n\r\n";
    switch.send(format!("{options}{broken}").as_bytes()).await;
    assert_eq!(switch.hear().await.unwrap().header("Call-ID"), Some("before"));
    assert!(switch.hear().await.is_none());
}

#[tokio::test]
async fn a_folded_content_length_is_a_content_length() {
    let world = world(|_| {}).await;
    let mut switch = StreamSwitch::from("127.0.0.1", world.sip_addresses()[1]).await;
    let options = switch.request("OPTIONS", "folded", "z9hG4bK-folded", FROME);
    let folded = options.replace("Content-Length: 0", "Content-Length:\r\n 0");
    for _ in 0..2 {
        switch.send(folded.as_bytes()).await;
        assert_eq!(switch.hear().await.unwrap().header("Call-ID"), Some("folded"));
    }
}

#[tokio::test]
async fn a_stop_records_the_conversations_that_go_on_without_it() {
    let mut world = world(|_| {}).await;
    let switch = switch(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    let invite = switch.invite("talk-1", FROME, "").await;
    asha.accept(&crate::support::steps::offered(&mut desk).await).await;
    switch.hear_status("talk-1", 302).await;
    switch.ack(&invite).await;
    assert_eq!(switch.report("call: talk-1\nevent: answered\n").await.status(), 200);
    world.wait(60);
    drop(desk);
    world.stop().await;
    let sql = "SELECT ended_how || ' ' || CAST(talk_ms AS TEXT) FROM call_records WHERE switch_call_id = 'talk-1'";
    assert_eq!(world.look_inside().await.texts(sql).await, ["answered 60000"]);
}

#[tokio::test]
async fn a_desk_opened_in_a_second_window_tells_the_first_and_reopening_is_slowed_down() {
    let world = world(|_| {}).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut first = asha.take_calls().await;
    let mut second = asha.desk().watch_desk(pb::WatchDeskRequest {}).await.unwrap().into_inner();
    let ended = loop {
        match first.message().await {
            Ok(Some(_)) => {}
            ended => break ended,
        }
    };
    assert_eq!(reason(&ended.unwrap_err()), "OPENED_ELSEWHERE");
    let switch = switch(&world).await;
    switch.invite("window-1", FROME, "").await;
    crate::support::steps::offered(&mut second).await;
    let mut opened = 2;
    let refused = loop {
        match asha.desk().watch_desk(pb::WatchDeskRequest {}).await {
            Ok(_) => opened += 1,
            Err(refused) => break refused,
        }
    };
    assert_eq!((refused.code(), opened), (tonic::Code::Unavailable, 20));
    world.wait(10);
    asha.desk().watch_desk(pb::WatchDeskRequest {}).await.unwrap();
}

#[tokio::test]
async fn a_caller_from_abroad_who_gave_up_is_listed_and_known_again() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let identity = "P-Asserted-Identity: <tel:+353861234567>\r\n";
    let invite = switch.invite("abroad-1", "anonymous", identity).await;
    switch.hear_status("abroad-1", 182).await;
    world.wait(25);
    switch.cancel(&invite, "").await;
    switch.hear_status("abroad-1", 200).await;
    switch.hear_status("abroad-1", 487).await;
    switch.ack(&invite).await;
    // Nothing says where they live: they are on the list of the site whose floor kept the call.
    let site = until("the missed caller", || async {
        world.look_inside().await.texts("SELECT site FROM missed_callers").await.pop()
    });
    let asha = world.adviser("Asha", &site.await).await;
    let missed = asha.missed_callers().await.pop().unwrap();
    assert_eq!((missed.phone.as_str(), missed.from_abroad), ("+353861234567", true));
    let mut desk = asha.take_calls().await;
    switch.invite("abroad-2", "anonymous", identity).await;
    let offer = crate::support::steps::offered(&mut desk).await;
    assert!(offer.ringing_again && offer.from_abroad && offer.ask_postcode, "{offer:?}");
}

#[tokio::test]
async fn a_call_over_sip_is_ended_at_the_telephone_and_a_stuck_one_by_whoever_leads() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    let lead = world.add("Lead", Role::Supervisor, Some("somerset")).await;
    let other = world.add("Far", Role::Supervisor, Some("south-east-gwent")).await;
    let mut desk = asha.take_calls().await;
    let mut talk = async |name: &str| {
        let invite = switch.invite(name, FROME, "").await;
        let offer = crate::support::steps::offered(&mut desk).await;
        asha.accept(&offer).await;
        switch.hear_status(name, 302).await;
        switch.ack(&invite).await;
        assert_eq!(switch.report(&format!("call: {name}\nevent: answered\n")).await.status(), 200);
        offer.call_id
    };
    let call_id = talk("stuck-1").await;
    let end = |hung_up| pb::EndCallRequest { request_id: new_id(), call_id: call_id.clone(), hung_up };
    assert_eq!(reason(&asha.desk().end_call(end(false)).await.unwrap_err()), "SWITCH_CANNOT_END");
    assert_eq!(
        asha.desk().end_call(end(true)).await.unwrap().into_inner().desk.unwrap().state(),
        pb::AdviserState::WrapUp
    );
    let finish = pb::FinishWrapUpRequest { request_id: new_id(), call_id: call_id.clone(), outcome: "done".into() };
    asha.desk().finish_wrap_up(finish).await.unwrap();

    talk("stuck-2").await;
    let free = pb::FreeDeskRequest {
        request_id: new_id(),
        adviser_id: asha.id.clone(),
        reason: "the exchange restarted".into(),
        sign_out: true,
    };
    assert_eq!(other.floor().free_desk(free.clone()).await.unwrap_err().code(), tonic::Code::PermissionDenied);
    let freed = lead.floor().free_desk(free).await.unwrap().into_inner().desk.unwrap();
    assert_eq!((freed.state(), freed.status()), (pb::AdviserState::Idle, pb::AdviserStatus::SignedOut));
    let outcome = until("the record", || async {
        let sql = "SELECT outcome FROM call_records WHERE switch_call_id = 'stuck-2'";
        world.look_inside().await.texts(sql).await.pop()
    });
    assert_eq!(outcome.await, "ended by Lead: the exchange restarted");
    let audited = "SELECT COUNT(*) FROM audit WHERE action = 'desk_freed'";
    assert_eq!(world.look_inside().await.number(audited).await, 1);
}

#[tokio::test]
async fn an_answer_leaves_from_the_address_that_was_asked() {
    for (listen, asked, from) in [
        ("udp:0.0.0.0:0", "127.0.0.44", "127.0.0.1"),
        ("udp:[::]:0", "::1", "::1"),
        ("udp:[::]:0", "127.0.0.45", "127.0.0.1"),
    ] {
        let world = world(|config| {
            config.listen = vec![listen.to_owned().try_into().unwrap()];
            config.switches = ["127.0.0.1", "::1"]
                .map(|ip| startline::config::SwitchConfig { address: ip.to_owned().try_into().unwrap(), trusted: true })
                .into();
        })
        .await;
        let door = std::net::SocketAddr::new(asked.parse().unwrap(), world.sip_addresses()[0].port());
        // Connected: it hears that address and no other.
        let socket = tokio::net::UdpSocket::bind((from, 0)).await.unwrap();
        socket.connect(door).await.unwrap();
        let options = format!(
            "OPTIONS sip:x@door SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bK-asked;rport\r\nFrom: <sip:a@b>;tag=1\r\n\
             To: <sip:x@door>\r\nCall-ID: asked\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
            socket.local_addr().unwrap()
        );
        socket.send(options.as_bytes()).await.unwrap();
        let mut answer = vec![0; 2000];
        let length = crate::support::soon("the answer", socket.recv(&mut answer)).await.unwrap();
        assert!(answer[..length].starts_with(b"SIP/2.0 200"), "{listen}");
    }
}
