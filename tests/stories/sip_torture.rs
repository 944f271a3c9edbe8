//! The torture messages of RFC 4475 at the SIP front door: each is answered as the RFC says or dropped, and after each the
//! door answers as before and routes a call to the right desk.

use crate::sip::{FROME, world};
use crate::support::steps::offered;
use crate::support::switch::{Said, Switch};
use startline::grpc::pb;
use tonic::Streaming;

/// A switch of its own: most of the messages say no port, so that they are answered at 5060.
const OWN: &str = "127.0.0.77";

struct Torture {
    name: &'static str,
    expected: &'static str,
    bytes: Vec<u8>,
}

/// Reads the file in the RFC's notation.
fn messages() -> Vec<Torture> {
    let text = include_str!("../peers/torture.txt").trim_end_matches('\n');
    let messages = text.split("\n=== ").skip(1).map(|part| {
        let (title, body) = part.split_once('\n').unwrap();
        let (name, expected) = title.split_once(": ").unwrap();
        Torture { name, expected: expected.split(',').next().unwrap(), bytes: wire_bytes(&format!("{body}\n")) }
    });
    messages.collect()
}

fn wire_bytes(text: &str) -> Vec<u8> {
    let mut lines = Vec::new();
    let mut one_line: Option<String> = None;
    for line in text.split('\n') {
        match (line, &mut one_line) {
            ("<allOneLine>", _) => one_line = Some(String::new()),
            ("</allOneLine>", joined) => lines.push(joined.take().unwrap()),
            (line, Some(joined)) => joined.push_str(line),
            (line, None) => lines.push(line.to_owned()),
        }
    }
    let mut bytes = Vec::new();
    let last = lines.len() - 1;
    for (number, line) in lines.iter().enumerate() {
        expand(line, &mut bytes);
        // The file's own last line end belongs to the message.
        if number < last || !line.is_empty() {
            bytes.extend_from_slice(b"\r\n");
        }
    }
    bytes
}

/// Bytes for `<hex>` and copies for `<repeat>`.
fn expand(line: &str, bytes: &mut Vec<u8>) {
    let mut rest = line;
    loop {
        let (hex, repeat) = (rest.find("<hex>"), rest.find("<repeat count="));
        let at = match (hex, repeat) {
            (None, None) => return bytes.extend_from_slice(rest.as_bytes()),
            (one, other) => one.unwrap_or(usize::MAX).min(other.unwrap_or(usize::MAX)),
        };
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let tag = &rest[at..];
        if let Some(inside) = tag.strip_prefix("<hex>") {
            let (digits, behind) = inside.split_once("</hex>").unwrap();
            bytes.extend((0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()));
            rest = behind;
        } else {
            let inside = tag.strip_prefix("<repeat count=").unwrap();
            let (count, inside) = inside.split_once('>').unwrap();
            let (text, behind) = inside.split_once("</repeat>").unwrap();
            bytes.extend_from_slice(text.repeat(count.parse().unwrap()).as_bytes());
            rest = behind;
        }
    }
}

#[test]
fn the_notation_of_the_rfc_is_read() {
    let wire = wire_bytes("A: <hex>00ff</hex>b\n<allOneLine>\nC: <repeat count=2>de</repeat>\n f\n</allOneLine>\n\n");
    assert_eq!(wire, b"A: \x00\xffb\r\nC: dede f\r\n\r\n");
    let all = messages();
    assert_eq!(all.len(), 49);
    assert!(all.iter().all(|message| message.bytes.windows(4).any(|window| window == b"\r\n\r\n")));
}

#[tokio::test]
async fn each_torture_message_is_answered_as_the_rfc_says_and_harms_nothing() {
    let world = world(|sip| sip.switches.push(toml::from_str(&format!("address = '{OWN}'")).unwrap())).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    let torturer = Switch::at_port(OWN, 5060, world.sip_addresses()[0]).await;
    let switch = Switch::at("127.0.0.1", world.sip_addresses()[0]).await;
    let mut wrong = Vec::new();
    for message in messages() {
        torturer.send_bytes(&message.bytes).await;
        let answers = answers_until_silence(&torturer).await;
        let heard = match answers.as_slice() {
            [] => "nothing".to_owned(),
            // Offered to the desk that is free, so that nobody need be told of a queue.
            [trying] if trying.status() == 100 => {
                let left = format!("call: {}\nevent: abandoned\n", trying.call_id());
                assert_eq!(torturer.report(&left).await.status(), 200, "{}", message.name);
                "routed".to_owned()
            }
            [said] => said.status().to_string(),
            _ => format!("{:?}", answers.iter().map(Said::status).collect::<Vec<_>>()),
        };
        if heard != message.expected {
            wrong.push(format!("{}: expected {}, heard {heard}", message.name, message.expected));
        }
        assert_eq!(switch.options().await.status(), 200, "after {}", message.name);
        an_ordinary_call_is_offered(&switch, message.name, &mut desk).await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let hidden = torturer.report("call: dblreq.0ha0isnda977644900765@192.0.2.15\nevent: ended\n").await;
    assert_eq!(hidden.status(), 404, "what stands behind a message in its datagram is noise");
}

/// What the door said to the last message. The door reads its socket in order, so what was due comes before the answer to
/// this OPTIONS. The rest of a waiting INVITE's story (its end by report) is passed over and acknowledged by nobody.
async fn answers_until_silence(torturer: &Switch) -> Vec<Said> {
    let branch = torturer.fresh_branch();
    let ping = torturer.request("OPTIONS", &branch, &branch, "sip:ping@switch.example", "", "");
    torturer.send(&ping).await;
    let mut answers = Vec::new();
    loop {
        let said = torturer.hear().await;
        if said.call_id() == branch {
            return answers;
        }
        // An earlier INVITE, abandoned by report.
        if said.status() != 480 {
            answers.push(said);
        }
    }
}

async fn an_ordinary_call_is_offered(switch: &Switch, name: &str, desk: &mut Streaming<pb::WatchDeskResponse>) {
    let call_id = format!("after-{name}");
    let invite = switch.invite(&call_id, FROME, "").await;
    // The desk may have been offered the torture call before it was abandoned.
    let mut offer = offered(desk).await;
    while offer.caller_number != "+441373000123" {
        offer = offered(desk).await;
    }
    assert_eq!(offer.home_site_id, "somerset", "after {name}");
    switch.cancel(&invite, "").await;
    switch.hear_status(&call_id, 200).await;
    switch.hear_status(&call_id, 487).await;
    switch.ack(&invite).await;
}
