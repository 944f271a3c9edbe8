//! One port: gRPC, gRPC-Web, health and reflection; and what a switch is told about a number.

use crate::starts::copied_definition;
use crate::support::steps::{connected, frome_facts, heard, offered};
use crate::support::values::{new_id, time};
use crate::support::{Engine, Person, World, at, soon};
use prost::Message;
use startline::grpc::pb;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

/// One call as a browser makes it: HTTP/1.1, and the trailers in the body. Gives the head and the body.
async fn grpc_web(to: SocketAddr, path: &str, token: &str, message: &impl Message) -> (String, Vec<u8>) {
    grpc_web_over(TcpStream::connect(to).await.unwrap(), path, token, message).await
}

/// The same on a connection that is there.
pub async fn grpc_web_over(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    path: &str,
    token: &str,
    message: &impl Message,
) -> (String, Vec<u8>) {
    let message = message.encode_to_vec();
    let mut body = vec![0];
    body.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    body.extend(message);
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/grpc-web+proto\r\nx-grpc-web: 1\r\n\
         authorization: Bearer {token}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    let mut answer = Vec::new();
    soon("the browser's answer", stream.read_to_end(&mut answer)).await.unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("no end of the head") + 4;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
    let body = answer.split_off(end);
    let body = if head.contains("transfer-encoding: chunked") { unchunked(&body) } else { body };
    (head, body)
}

fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let line = body.windows(2).position(|bytes| bytes == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&body[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend(&body[line + 2..line + 2 + size]);
        body = &body[line + 2 + size + 2..];
    }
}

/// The messages and the trailers of a gRPC-Web body.
pub fn frames(mut body: &[u8]) -> (Vec<Vec<u8>>, String) {
    let (mut messages, mut trailers) = (Vec::new(), String::new());
    while let [kind, a, b, c, d, rest @ ..] = body {
        let (frame, rest) = rest.split_at(usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap());
        match kind {
            0 => messages.push(frame.to_vec()),
            _ => trailers = String::from_utf8(frame.to_vec()).unwrap(),
        }
        body = rest;
    }
    (messages, trailers)
}

story!(a_browser_calls_over_http_1, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let address = world.address.lock().unwrap().unwrap();
    let path = "/startline.v1.ClientService/CreateClient";
    let request = pb::CreateClientRequest { request_id: new_id(), facts: Some(frome_facts()), ..Default::default() };
    let (head, body) = grpc_web(address, path, &asha.token, &request).await;
    assert!(head.starts_with("http/1.1 200") && head.contains("application/grpc-web"), "{head}");
    let (messages, trailers) = frames(&body);
    assert!(trailers.contains("grpc-status:0") || trailers.contains("grpc-status: 0"), "{trailers}");
    let made = pb::CreateClientResponse::decode(messages[0].as_slice()).unwrap().client.unwrap();
    assert_eq!(asha.client(&made.client_id).await, made);
    // The gate stands in this door too: 16 is UNAUTHENTICATED.
    let (head, body) = grpc_web(address, path, "sl_nobody", &request).await;
    let refused = format!("{head}{}", frames(&body).1).replace(": ", ":");
    assert!(refused.contains("grpc-status:16"), "{refused}");
});

mod postgres {
    use super::*;

    /// Somebody keeps a table for themselves, and forgets it.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_table_that_is_locked_for_long_is_told_as_busy_and_holds_nobody_for_ever() {
        let world = World::start(Engine::Postgres).await;
        let asha = world.adviser("Asha", "somerset").await;
        let client = asha.create_client(frome_facts()).await.unwrap();
        let mut somebody = world.look_inside().await;
        somebody.execute("BEGIN").await;
        somebody.execute("LOCK TABLE clients IN ACCESS EXCLUSIVE MODE").await;
        let asked = pb::GetClientRequest { client_id: client.client_id.clone() };
        let refused = soon("the read to be given up", asha.clients().get_client(asked)).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::Unavailable, "{refused:?}");
        somebody.execute("ROLLBACK").await;
        assert_eq!(asha.client(&client.client_id).await, client);
    }
}

story!(health_and_reflection_need_no_token, |world| {
    let stranger = Person::stranger(world.address.clone());
    let mut health = HealthClient::new(stranger.channel());
    let standing = health.check(HealthCheckRequest { service: String::new() }).await.unwrap().into_inner();
    assert_eq!(standing.status(), ServingStatus::Serving);
    let ask = |message_request| {
        let request = ServerReflectionRequest { host: String::new(), message_request: Some(message_request) };
        let mut client = ServerReflectionClient::new(stranger.channel());
        async move {
            let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
            heard("reflection", &mut answers, |answer: ServerReflectionResponse| answer.message_response).await
        }
    };
    // What grpcurl before 1.8.8 and the usual Python client ask.
    let older = {
        use tonic_reflection::pb::v1alpha as older;
        let asked = older::server_reflection_request::MessageRequest::ListServices(String::new());
        let request = older::ServerReflectionRequest { host: String::new(), message_request: Some(asked) };
        let mut client = older::server_reflection_client::ServerReflectionClient::new(stranger.channel());
        let mut answers = client.server_reflection_info(tokio_stream::once(request)).await.unwrap().into_inner();
        heard("the older reflection", &mut answers, |answer: older::ServerReflectionResponse| answer.message_response)
            .await
    };
    let older = format!("{older:?}");
    assert!(older.contains("startline.v1.ClaimService"), "{older}");
    let MessageResponse::ListServicesResponse(list) = ask(MessageRequest::ListServices(String::new())).await else {
        panic!("no list of services");
    };
    let services: BTreeSet<String> = list.service.into_iter().map(|service| service.name).collect();
    for ours in ["Routing", "Desk", "Floor", "Client", "Callback", "Script", "Claim", "Diary", "Pack", "Definition"] {
        assert!(services.contains(&format!("startline.v1.{ours}Service")), "{services:?}");
    }
    assert!(services.contains("grpc.health.v1.Health"), "{services:?}");
    let symbol = MessageRequest::FileContainingSymbol("startline.v1.ClaimService".into());
    assert!(matches!(ask(symbol).await, MessageResponse::FileDescriptorResponse(_)));
});

async fn route(switch: &Person, caller: &str, postcode: &str) -> pb::GetRouteResponse {
    let request =
        pb::GetRouteRequest { caller_number: caller.into(), postcode: postcode.into(), dialled_number: String::new() };
    switch.routing().get_route(request).await.unwrap().into_inner()
}

story!(a_route_explains_itself, |world| {
    let switch = world.switch("the switch").await;
    let frome = route(&switch, "01373 000123", "").await;
    assert_eq!(frome.home_site_id, "somerset");
    assert!(frome.rule.contains("+441373 (Frome)"), "{}", frome.rule);
    assert!(frome.confirm_by_postcode && frome.home_is_open);
    let order: Vec<&str> = frome.candidates.iter().map(|candidate| candidate.site_id.as_str()).collect();
    assert_eq!(order[0], "somerset", "home first");
    assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), 4);
    let taunton = route(&switch, "+44 1823 000999", "").await;
    assert_eq!((taunton.home_site_id.as_str(), taunton.confirm_by_postcode), ("somerset", false));
    for unknown in ["07700 900123", "", "anonymous"] {
        let asked = route(&switch, unknown, "").await;
        assert_eq!(asked.home_site_id, "", "{unknown:?} says nothing about the place: {}", asked.rule);
        assert!(!asked.rule.is_empty());
        assert_eq!(asked.candidates.len(), 4);
    }
    // Where somebody lives goes before where they ring from.
    let moved = route(&switch, "01373 000123", "NP44 1XN").await;
    assert_eq!((moved.home_site_id.as_str(), moved.confirm_by_postcode), ("south-east-gwent", false));
    assert!(moved.rule.contains("NP44"), "{}", moved.rule);
    assert_eq!(moved.candidates[0].site_id, "south-east-gwent");
    assert_eq!(route(&switch, "07700 900123", "BA11 1BL").await.home_site_id, "somerset");
});

story!(a_switch_hears_at_once_that_its_call_is_here, |world| {
    let switch = world.switch("the switch").await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    let mut call = switch.enter_call("first", "01373 000123").await;
    let offer = offered(&mut desk).await;
    // Nobody has taken it yet.
    let first = soon("the first instruction", call.message()).await.unwrap().unwrap();
    assert_eq!(first.call_id, offer.call_id);
    let pb::enter_call_response::Instruction::Queued(queued) = first.instruction.unwrap() else { panic!("not queued") };
    assert_eq!(queued.position, 1);
    asha.accept(&offer).await;
    assert_eq!(connected(&mut call).await.adviser_name, "Asha");
});

// With what the README has the reader type.
story!(a_service_that_the_readme_opens_at_all_hours_takes_calls_on_a_saturday_night, |mut world| {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let typed = readme.lines().find(|line| line.ends_with("always-open/sites.yaml")).unwrap();
    let hours = typed.strip_prefix("sed -i 's/opening: {.*}/").unwrap().split('/').next().unwrap();
    let switch = world.switch("the switch").await;
    let asha = world.adviser("Asha", "somerset").await;
    let folder = copied_definition(&world, "always-open");
    let file = folder.join("sites.yaml");
    let sites = std::fs::read_to_string(&file).unwrap();
    let opened = |line: &str| match line.split_once("opening: {") {
        Some((before, _)) => format!("{before}{hours}\n"),
        None => format!("{line}\n"),
    };
    std::fs::write(&file, sites.lines().map(opened).collect::<String>()).unwrap();
    world.restart_with_definition(folder).await;
    world.wait_until(at("2026-03-07T23:30:00Z"));
    let mut desk = asha.take_calls().await;
    let _call = switch.enter_call("late", "01373 000123").await;
    offered(&mut desk).await;
});

story!(a_call_out_of_hours_hears_when_to_ring_again, |world| {
    let switch = world.switch("the switch").await;
    let asha = world.adviser("Asha", "somerset").await;
    let _desk = asha.take_calls().await;
    // A Friday evening; Monday is an ordinary working day.
    world.wait_until(at("2026-03-06T18:00:00Z"));
    let closed = route(&switch, "01373 000123", "").await;
    assert!(!closed.home_is_open);
    assert_eq!(time(closed.next_opening_time), at("2026-03-09T08:30:00Z"));
    let mut call = switch.enter_call("late", "01373 000123").await;
    let first = soon("the announcement", call.message()).await.unwrap().unwrap().instruction.unwrap();
    let pb::enter_call_response::Instruction::Announce(announce) = first else { panic!("{first:?}") };
    assert_eq!(announce.name, "closed");
    assert!(announce.text.contains("Monday 9 March at 08:30"), "{}", announce.text);
    let then = soon("the release", call.message()).await.unwrap().unwrap().instruction.unwrap();
    assert!(matches!(then, pb::enter_call_response::Instruction::Release(_)), "{then:?}");
    assert_eq!(soon("the stream to end", call.message()).await.unwrap(), None);
});
