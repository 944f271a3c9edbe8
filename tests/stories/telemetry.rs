//! What whoever watches the service from outside is shown: every figure of the list, spans with their ids, and nothing of
//! anybody.

use crate::support::collector::Collector;
use crate::support::print_steps::pack_people;
use crate::support::process::Process;
use crate::support::steps::{connected, draft, offered};
use crate::support::tls::{self, Authority};
use crate::support::{Engine, Home, Person, World, at, until};
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use startline::metrics::{self, Kind};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

const NUMBER: &str = "+441373555019";
/// What is said by or about the client in this story, each as it might be written somewhere.
const SECRETS: &[&str] = &[
    "1373555019",
    "01373 555019",
    "qwyzzeltrop",
    "zephyrine",
    "wx773311d",
    "ba11 1zx",
    "ba111zx",
    "1957-02-17",
    "marrowbone stile",
    "zebra-note",
    "tall order of kumquats",
];

fn facts() -> pb::ClientFacts {
    pb::ClientFacts {
        title: "Ms".into(),
        other_names: "Zephyrine".into(),
        last_name: "Qwyzzeltrop".into(),
        date_of_birth: "1957-02-17".into(),
        nino: "WX773311D".into(),
        phone: "01373 555019".into(),
        address_lines: vec!["9 Marrowbone Stile".into(), "Frome".into()],
        postcode: "BA11 1ZX".into(),
        ..Default::default()
    }
}

/// A call from her, a claim with what she says, a pack that is composed; and some refusals.
async fn a_morning(asha: &Person, switch: &Person) -> pb::Claim {
    let mut desk = asha.take_calls().await;
    let mut call = switch.enter_call("call-1", NUMBER).await;
    let offer = offered(&mut desk).await;
    asha.accept(&offer).await;
    connected(&mut call).await;
    switch.report("call-1", pb::CallReport::Answered).await;
    let client = asha.create_client(facts()).await.unwrap();
    let claim = asha.open_claim(&client.client_id).await;
    let id = &claim.claim_id;
    asha.save(id, vec![draft("A1", &json!(["JSA"]), 0), draft("B17", &json!("female"), 0)]).await.unwrap();
    asha.save(id, vec![draft("B2", &json!("Qwyzzeltrop of the zebra-note"), 0)]).await.ok();
    asha.book_kind(id, "first-meeting").await;
    let done = asha.complete_start_up(id).await.unwrap();
    asha.awaits_pack(id).await;
    let again = pb::CreateClientRequest {
        facts: Some(facts()),
        request_id: "tall order of kumquats".into(),
        ..Default::default()
    };
    asha.clients().create_client(again).await.unwrap_err();
    switch.report("call-1", pb::CallReport::Ended).await;
    done
}

/// A telephone switch asks the front door whether it is well.
async fn asks_how_it_is(world: &World) {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (own, door) = (socket.local_addr().unwrap(), world.sip_addresses()[0]);
    let options = format!(
        "OPTIONS sip:{door} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK1\r\nFrom: <sip:{own}>;tag=1\r\nTo: <sip:{door}>\r\n\
         Call-ID: 1@{own}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    );
    socket.send_to(options.as_bytes(), door).await.unwrap();
    let mut answer = [0; 1024];
    let length = crate::support::soon("an answer to OPTIONS", socket.recv(&mut answer)).await.unwrap();
    assert!(answer[..length].starts_with(b"SIP/2.0 200"));
}

/// The series of a scrape by name, each with its labels; and every metric that is declared.
fn read(scrape: &str) -> (BTreeMap<String, Vec<String>>, BTreeMap<String, String>) {
    let (mut series, mut declared) = (BTreeMap::<String, Vec<String>>::new(), BTreeMap::new());
    for line in scrape.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            declared.insert(name.to_owned(), kind.to_owned());
        } else if let Some((name, rest)) = line.split_once(['{', ' ']).filter(|_| !line.starts_with('#')) {
            series.entry(name.to_owned()).or_default().push(rest.to_owned());
        }
    }
    (series, declared)
}

story!(every_figure_of_the_list_is_shown_and_no_other, |world| {
    // Nothing is shown unless it is asked for.
    assert!(!world.telemetry.prometheus);
    let mut home = Home::fresh(world.engine).await;
    home.show_figures();
    home.sip = Some(crate::sip::settings());
    home.open_to_the_web();
    let papers = Authority::new("ours").door();
    home.web.as_mut().unwrap().tls = Some(tls::lay(home.folder.path(), &papers));
    let world = World::on(home).await;
    let people = pack_people(&world).await;
    let switch = world.add("Switch", Role::Switch, None).await;
    a_morning(&people.asha, &switch).await;
    asks_how_it_is(&world).await;
    let scrape = until("the call and the jobs in the figures", || async {
        world.wait(16);
        let scrape = world.figures().await;
        let tells = |what: &str| scrape.contains(what);
        // Her desk was closed without a word, and after its grace she is not free.
        let on_break = r#"startline_advisers{site="somerset",state="on_break"} 1"#;
        let all =
            ["startline_calls_total{", "startline_jobs{", "startline_packs_total{", "startline_print_jobs{", on_break];
        all.into_iter().all(tells).then_some(scrape)
    })
    .await;
    let (series, declared) = read(&scrape);
    let listed: BTreeMap<String, String> =
        metrics::ALL.iter().map(|one| (one.base_name().to_owned(), one.kind.as_str().to_owned())).collect();
    assert_eq!(declared, listed);
    for metric in metrics::ALL {
        let of = match metric.kind {
            Kind::Counter | Kind::Gauge => metric.name.to_owned(),
            Kind::Histogram => format!("{}_count", metric.name),
        };
        let Some(shown) = series.get(&of) else {
            // What has not happened here: nobody is reminded, and SQLite alone shares commits.
            let quiet = [metrics::REMINDERS, metrics::COMMITS];
            assert!(quiet.contains(metric), "{of} has no value:\n{scrape}");
            continue;
        };
        for labels in shown.iter().filter_map(|rest| rest.split_once("} ")).map(|(labels, _)| labels) {
            let names: Vec<&str> =
                labels.split(',').filter_map(|label| label.split_once('=')).map(|(name, _)| name).collect();
            assert_eq!(names, metric.labels, "{of}{{{labels}}}");
        }
    }
    let has = |line: &str| assert!(scrape.lines().any(|one| one.starts_with(line)), "{line} is missing:\n{scrape}");
    has(r#"startline_calls_total{site="somerset",outcome="answered"} 1"#);
    has(r#"startline_offers_ended_total{outcome="answered"} 1"#);
    has(r#"startline_advisers{site="somerset",state="free"} 0.0"#);
    has(
        r#"rpc_server_call_duration_seconds_count{rpc_method="startline.v1.ClaimService/OpenClaim",rpc_response_status_code="OK"} 1"#,
    );
    has(
        r#"rpc_server_call_duration_seconds_count{rpc_method="startline.v1.ClientService/CreateClient",rpc_response_status_code="INVALID_ARGUMENT"} 1"#,
    );
    has(r#"startline_jobs{state="failed"} 0.0"#);
    has(r#"startline_certificate_ends_timestamp_seconds{door="web"} 3786912000"#);
    holds_nothing_of_anybody("the figures", &scrape, &[]);
});

fn holds_nothing_of_anybody(what: &str, text: &str, tokens: &[&str]) {
    let text = text.to_lowercase();
    for secret in SECRETS.iter().copied().chain(tokens.iter().copied()) {
        if let Some(found) = text.find(&secret.to_lowercase()) {
            let around =
                &text[text.floor_char_boundary(found.saturating_sub(300))..text.ceil_char_boundary(found + 80)];
            panic!("{what} hold {secret:?}: ..{around}..");
        }
    }
}

/// A service as a process of its own, with everything logged, that sends its spans there.
async fn watched(home: &mut Home, collector: SocketAddr) -> Process {
    home.show_figures();
    home.telemetry.otlp_endpoint = Some(format!("http://{collector}"));
    home.telemetry.otlp_requests_percent = 100;
    Process::tour_server_with(home, at("2026-03-03T10:00:00Z"), |command| {
        command.env("STARTLINE_LOG", "trace");
        command.env("OTEL_BSP_SCHEDULE_DELAY", "200");
    })
    .await
}

#[tokio::test]
async fn spans_reach_the_collector_with_their_ids_and_nothing_that_is_exported_holds_anything_of_anybody() {
    let collector = Collector::open().await;
    let mut home = Home::fresh(Engine::Sqlite).await;
    let mut process = watched(&mut home, collector.address).await;
    let asha = home.adviser("Asha", "somerset").await;
    let petra = home.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let switch = home.add("Switch", Role::Switch, None).await;
    a_morning(&asha, &switch).await;
    // The wrap-up reaches its limit, and with it the call its end.
    process.move_clock(at("2026-03-03T10:30:00Z")).await;
    let wanted = ["startline.v1.ClaimService/OpenClaim", "compose_pack", "jobs", "name: \"call\""];
    let spans = until("the spans", || async {
        let told = collector.told();
        let names: BTreeSet<&str> = wanted.into_iter().filter(|name| told.contains(name)).collect();
        (names.len() == wanted.len()).then_some(told)
    })
    .await;
    for field in ["rpc.response.status_code", "user_id", "request_id", "site", "somerset", &asha.id] {
        assert!(spans.contains(field), "no span has {field}");
    }
    let figures = home.figures().await;
    let exported = figures.lines().find_map(|line| line.strip_prefix("startline_spans_total{outcome=\"exported\"} "));
    assert!(exported.is_some_and(|count| count != "0"), "{figures}");
    let log = process.ended().await.errors;
    for life in ["a call entered", "a call is offered", "a call is answered", "a call ended"] {
        assert!(log.contains(life), "the log does not tell of {life:?}");
    }
    let tokens = [asha.token.as_str(), switch.token.as_str()];
    let rest = collector.told();
    for (what, text) in
        [("the spans", &spans), ("the last spans", &rest), ("the figures", &figures), ("the log's lines", &log)]
    {
        holds_nothing_of_anybody(what, text, &tokens);
    }
}

/// Nobody there; somebody who takes connections and says nothing; somebody who answers nonsense.
#[tokio::test]
async fn a_collector_that_is_away_slow_or_lying_costs_spans_alone_and_they_are_counted() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let liar = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (silent_at, liar_at) = (silent.local_addr().unwrap(), liar.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = silent.accept().await {
            held.push(stream);
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = liar.accept().await {
            let mut heard = [0; 64];
            let _ = stream.read(&mut heard).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno").await;
        }
    });
    for collector in [nobody, silent_at, liar_at] {
        let mut home = Home::fresh(Engine::Sqlite).await;
        let process = watched(&mut home, collector).await;
        let asha = home.adviser("Asha", "somerset").await;
        asha.create_client(facts()).await.unwrap();
        until("lost spans", || async {
            let figures = home.figures().await;
            let lost = figures.lines().find_map(|line| line.strip_prefix("startline_spans_total{outcome=\"lost\"} "));
            asha.create_client(facts()).await.unwrap();
            lost.filter(|count| *count != "0").map(|_| ())
        })
        .await;
        let ended = process.ended().await;
        assert!(ended.status.success(), "a collector at {collector} held up the stop:\n{}", ended.errors);
    }
}
