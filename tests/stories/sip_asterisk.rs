//! Asterisk at the SIP front door. It has no Timer C, so its dialplan asks in a loop of short Dials: a CANCEL with cause 0,
//! then a new INVITE, with another Call-ID and the same reference in a header. It follows a 302 by itself, and tells in a
//! header of the next INVITE when the adviser did not answer. Its reports come from subroutines that run beside each
//! other, so "ended" may overtake "answered". The messages are those that Asterisk 22 sends.

use crate::sip::{FROME, switch, world};
use crate::support::steps::offered;
use crate::support::switch::{Invite, Switch};

/// What one Dial of the loop sends.
fn dial(switch: &Switch, call_id: &str, branch: &str, linked_id: &str, more: &str) -> Invite {
    let (own, door) = (switch.address(), switch.door);
    let body = format!(
        "v=0\r\no=- 1427 1427 IN IP4 {ip}\r\ns=Asterisk\r\nc=IN IP4 {ip}\r\nt=0 0\r\n\
         m=audio 15822 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n",
        ip = own.ip()
    );
    let text = format!(
        "INVITE sip:08001234567@{door} SIP/2.0\r\n\
         Via: SIP/2.0/UDP {own};rport;branch={branch}\r\n\
         From: <sip:{FROME}@{ip}>;tag=9f2c{branch}\r\n\
         To: <sip:08001234567@{door}>\r\n\
         Contact: <sip:asterisk@{own}>\r\n\
         Call-ID: {call_id}\r\n\
         CSeq: 21807 INVITE\r\n\
         Allow: OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, INFO, MESSAGE, REFER\r\n\
         Supported: 100rel, timer, replaces, norefersub, histinfo\r\n\
         Session-Expires: 1800\r\n\
         Min-SE: 90\r\n\
         X-Startline-Call: {linked_id}\r\n\
         {more}\
         Max-Forwards: 70\r\n\
         User-Agent: Asterisk PBX 22.10.0\r\n\
         Content-Type: application/sdp\r\n\
         Content-Length:   {length}\r\n\r\n{body}",
        ip = own.ip(),
        length = body.len(),
    );
    Invite { text, call_id: call_id.into(), branch: branch.into() }
}

/// The CSeq and the From tag are the INVITE's, as RFC 3261 wants it.
fn ending(switch: &Switch, method: &str, invite: &Invite, more: &str) -> String {
    let (own, door) = (switch.address(), switch.door);
    format!(
        "{method} sip:08001234567@{door} SIP/2.0\r\n\
         Via: SIP/2.0/UDP {own};rport;branch={branch}\r\n\
         From: <sip:{FROME}@{ip}>;tag=9f2c{branch}\r\n\
         To: <sip:08001234567@{door}>\r\n\
         Call-ID: {call_id}\r\n\
         CSeq: 21807 {method}\r\n\
         {more}\
         Max-Forwards: 70\r\n\
         User-Agent: Asterisk PBX 22.10.0\r\n\
         Content-Length:  0\r\n\r\n",
        branch = invite.branch,
        ip = own.ip(),
        call_id = invite.call_id,
    )
}

/// Sends one Dial and hears that it is queued; the position.
async fn asks(switch: &Switch, turn: usize, linked_id: &str, more: &str) -> (Invite, String) {
    let call_id = format!("{turn}d3c41a6-{linked_id}");
    let invite = dial(switch, &call_id, &format!("z9hG4bKPj{turn}-{linked_id}"), linked_id, more);
    switch.send(&invite.text).await;
    let queued = switch.hear_status(&call_id, 182).await;
    (invite, queued.phrase().to_owned())
}

async fn gives_up(switch: &Switch, invite: &Invite, reason: &str) {
    switch.send(&ending(switch, "CANCEL", invite, reason)).await;
    let (cancelled, over) = (switch.hear_about(&invite.call_id).await, switch.hear_about(&invite.call_id).await);
    assert_eq!((cancelled.status(), over.status()), (200, 487));
    switch.send(&ending(switch, "ACK", invite, "")).await;
}

const POLLS: &str = "Reason: Q.850;cause=0\r\n";

#[tokio::test]
async fn a_caller_keeps_place_and_age_through_the_polling_loop() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let (mut invite, said) = asks(&switch, 0, "1741002-1", "").await;
    assert_eq!(said, "Queued, position 1, waited 0 s");
    let (behind, said) = asks(&switch, 0, "1741002-2", "").await;
    assert_eq!(said, "Queued, position 2, waited 0 s");
    for turn in 1..=3 {
        gives_up(&switch, &invite, POLLS).await;
        world.wait(2);
        let said;
        (invite, said) = asks(&switch, turn, "1741002-1", "").await;
        assert_eq!(said, format!("Queued, position 1, waited {} s", turn * 2));
    }
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    asha.accept(&offered(&mut desk).await).await;
    assert_eq!(switch.hear_status(&invite.call_id, 302).await.contact(), "sip:asha@desk.example");
    switch.send(&ending(&switch, "ACK", &invite, "")).await;
    gives_up(&switch, &behind, "Reason: Q.850;cause=16\r\n").await;
}

/// Needs the floor's `Report::Away`.
#[tokio::test]
async fn nobody_is_offered_a_caller_whose_switch_is_between_two_dials() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let (invite, _) = asks(&switch, 0, "1741002-3", "").await;
    gives_up(&switch, &invite, POLLS).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    // Somebody behind gets the adviser, because the first cannot be connected now.
    let behind = switch.invite("other", "01373000124", "").await;
    let offer = offered(&mut desk).await;
    assert_eq!(offer.caller_number, "+441373000124");
    switch.cancel(&behind, "").await;
    switch.hear_status("other", 200).await;
    // Asked again in time: the first caller's turn.
    let call_id = "back-1741002-3";
    let again = dial(&switch, call_id, "z9hG4bKPj-back", "1741002-3", "");
    switch.send(&again.text).await;
    asha.accept(&offered(&mut desk).await).await;
    assert_eq!(switch.hear_status(call_id, 302).await.contact(), "sip:asha@desk.example");
}

#[tokio::test]
async fn a_caller_who_hangs_up_has_left_whatever_the_cause_is() {
    for cause in ["Q.850;cause=127", "Q.850;cause=16", "Q.850;cause=16;text=\"Normal Clearing\"", "SIP;cause=487"] {
        let world = world(|_| {}).await;
        let switch = switch(&world).await;
        let (invite, _) = asks(&switch, 0, "1741002-4", "").await;
        gives_up(&switch, &invite, &format!("Reason: {cause}\r\n")).await;
        let asked_again = dial(&switch, "late", "z9hG4bKPj-late", "1741002-4", "");
        switch.send(&asked_again.text).await;
        // That call is over: its name does not bring the caller back.
        assert_eq!(switch.hear_status("late", 480).await.status(), 480, "{cause}");
    }
}

#[tokio::test]
async fn an_adviser_who_does_not_answer_is_reported_with_the_next_dial() {
    let world = world(|_| {}).await;
    let switch = switch(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut ashas_desk = asha.take_calls().await;
    let invite = dial(&switch, "d-1", "z9hG4bKPj-1", "1741002-5", "");
    switch.send(&invite.text).await;
    asha.accept(&offered(&mut ashas_desk).await).await;
    let sent_on = switch.hear_status("d-1", 302).await;
    switch.send(&ending(&switch, "ACK", &invite, "")).await;
    let bela = world.adviser("Bela", "somerset").await;
    let mut belas_desk = bela.take_calls().await;
    // The telephone rang out. MASTER_CHANNEL carries the result into the next turn of the loop.
    let result = format!("X-Startline-Result: 480\r\nX-Startline-Adviser: {}\r\n", sent_on.contact());
    let again = dial(&switch, "d-2", "z9hG4bKPj-2", "1741002-5", &result);
    switch.send(&again.text).await;
    bela.accept(&offered(&mut belas_desk).await).await;
    assert_eq!(switch.hear_status("d-2", 302).await.contact(), "sip:bela@desk.example");
    switch.send(&ending(&switch, "ACK", &again, "")).await;
    for event in ["ended", "answered"] {
        assert_eq!(switch.report(&format!("call: 1741002-5\nevent: {event}\n")).await.status(), 200);
    }
}
