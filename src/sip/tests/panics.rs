//! A panic ends the message or the call that it was about: everybody else is answered as before.

use super::{Bench, statuses, switch};
use crate::invite::call_name;
use crate::message::Method;
use crate::sources::Peer;
use startline_routing::{CallState, Instruction};

fn request(method: Method, number: u32) -> Vec<u8> {
    let (name, body) = match method {
        Method::Invite => ("INVITE", String::new()),
        Method::Message => ("MESSAGE", format!("call: call-{number}\r\nevent: abandoned\r\n")),
        Method::Cancel => ("CANCEL", String::new()),
        Method::Ack => ("ACK", String::new()),
        Method::Options | Method::Other => ("OPTIONS", String::new()),
    };
    format!(
        "{name} sip:08001234567@door SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK-{number};rport\r\n\
         From: <sip:01373000123@switch>;tag=a{number}\r\nTo: <sip:08001234567@door>\r\nCall-ID: call-{number}\r\n\
         CSeq: 1 {name}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

impl Bench {
    fn invite(&mut self, number: u32) -> Vec<String> {
        let bytes = request(Method::Invite, number);
        self.answers_to(&bytes)
    }

    /// The state of the call that this INVITE brought.
    fn state(&self, number: u32) -> Option<CallState> {
        let network = self.switchboard.network();
        network
            .find_call(&call_name(super::switch(), &format!("call-{number}")))
            .and_then(|call| network.call_view(call).ok())
            .map(|view| view.state)
    }
}

#[test]
fn a_message_that_panics_is_answered_500_and_the_next_as_ever() {
    for method in [Method::Options, Method::Message, Method::Invite, Method::Cancel] {
        let mut bench = Bench::new();
        bench.invite(1);
        bench.door.breaks_at = Some("read");
        let answers = bench.answers_to(&request(method, 2));
        assert_eq!(statuses(&answers), ["500"], "{method:?}");
        assert_eq!(bench.panics(), 1);
        assert_eq!(statuses(&bench.answers_to(&request(Method::Options, 3))), ["200"]);
        assert_eq!(statuses(&bench.invite(4)), ["100", "182"]);
        assert_eq!(bench.panics(), 1);
        // The caller who waited before waits on.
        assert!(matches!(bench.state(1), Some(CallState::Waiting { .. })));
        assert_eq!(statuses(&bench.pass(5)), ["182", "182"]);
    }
}

#[test]
fn bytes_that_cannot_be_read_or_need_no_answer_get_none_after_a_panic() {
    let mut bench = Bench::new();
    bench.door.breaks_at = Some("read");
    assert!(bench.answers_to(&request(Method::Ack, 1)).is_empty());
    assert_eq!(bench.panics(), 1);
    assert_eq!(statuses(&bench.invite(2)), ["100", "182"]);
}

#[test]
fn an_invite_that_panics_half_way_gets_its_final_answer_and_its_caller_may_ask_again() {
    for at in ["begun", "entered"] {
        let mut bench = Bench::new();
        bench.door.breaks_at = Some(at);
        assert_eq!(statuses(&bench.invite(1)), ["100", "500"], "{at}");
        assert!(!bench.door.is_quiet(), "the answer is said again until it is acknowledged");
        assert!(bench.answers_to(&request(Method::Ack, 1)).is_empty());
        assert!(bench.door.is_quiet());
        // Nobody is rung for a caller who has been sent away.
        bench.sign_in();
        bench.pass(1);
        assert!(!matches!(bench.state(1), Some(CallState::Offered { .. } | CallState::Connected { .. })), "{at}");
        // The same caller asks again, by another request.
        let again = String::from_utf8(request(Method::Invite, 1)).unwrap().replace("bK-1", "bK-9");
        let answers = bench.answers_to(again.as_bytes());
        assert_eq!(statuses(&answers)[0], "100", "{at}");
        assert!(matches!(bench.state(1), Some(CallState::Offered { .. })), "{at}: {:?}", bench.state(1));
        assert_eq!(bench.panics(), 1);
    }
}

#[test]
fn what_the_floor_says_and_what_time_brings_end_one_call_when_they_panic() {
    let mut bench = Bench::new();
    bench.invite(1);
    bench.invite(2);
    let keys: Vec<_> = bench.door.table.waiting_at(|peer| *peer == Peer::Udp { socket: 0, to: switch(), from: None });
    assert_eq!(keys.len(), 2);
    bench.door.breaks_at = Some("told");
    let told = Instruction::Queued { position: 1, estimated_wait: None };
    bench.door.instructed(keys[0], Some(told), bench.now);
    assert_eq!(statuses(&bench.said()), ["500"]);
    bench.invite(3);
    bench.door.breaks_at = Some("refreshed");
    // Answered finally; the one told of first is said again, because nobody has acknowledged it.
    let answers = bench.pass(5);
    assert!(statuses(&answers).contains(&"500"), "{answers:?}");
    let rest = bench.pass(5);
    assert_eq!(statuses(&rest).iter().filter(|status| **status == "182").count(), 1, "{rest:?}");
    assert_eq!(bench.panics(), 2);
    assert_eq!(bench.door.table.waiting(), 1);
}

#[test]
fn a_stream_that_closes_lets_everybody_go_although_one_panics() {
    let mut bench = Bench::new();
    let stream = Peer::Stream { connection: 1 };
    for number in 1..=3 {
        bench.door.arrived(stream, switch(), &request(Method::Invite, number), bench.now);
    }
    bench.door.breaks_at = Some("let go");
    bench.door.stream_closed(1, bench.now);
    assert_eq!((bench.door.table.waiting(), bench.panics()), (1, 1));
    bench.door.stream_closed(1, bench.now);
    assert_eq!(bench.door.table.waiting(), 0);
}
