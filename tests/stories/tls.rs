//! TLS at the doors: who is spoken with, and under which certificate.

use crate::doors::{frames, grpc_web_over};
use crate::support::process::{self, Process, program};
use crate::support::steps::offered;
use crate::support::stream::StreamSwitch;
use crate::support::tls::{self, Authority, Caller};
use crate::support::values::new_id;
use crate::support::{Engine, Home, Person, World, soon, until};
use bytes::Bytes;
use prost::Message;
use startline::access::Role;
use startline::grpc::pb::admin_service_client::AdminServiceClient;
use startline::grpc::pb::create_calendar_feed_request::Whose;
use startline::grpc::pb::{self, WhoAmIRequest, WhoAmIResponse, user_service_client::UserServiceClient};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

const WHO_AM_I: &str = "/startline.v1.UserService/WhoAmI";

/// Who the service takes somebody for, on this line.
pub async fn who_am_i(line: &Channel, token: Option<&str>) -> Result<String, Status> {
    let mut request = Request::new(WhoAmIRequest {});
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    let told = soon("who I am", UserServiceClient::new(line.clone()).who_am_i(request)).await?;
    Ok(told.into_inner().user.unwrap().name)
}

/// A world whose gRPC door has a certificate of this authority, and whoever may ring it.
async fn world_of(mut home: Home, ours: &Authority) -> (World, Person, SocketAddr) {
    home.tls = Some(tls::lay(home.folder.path(), &ours.door()));
    world_on(home).await
}

async fn world_on(home: Home) -> (World, Person, SocketAddr) {
    let world = World::on(home).await;
    let asha = world.adviser("Asha", "somerset").await;
    let address = world.address.lock().unwrap().unwrap();
    (world, asha, address)
}

home_story!(a_desk_and_a_browser_of_either_version_are_answered_on_one_port, |home| {
    let ours = Authority::new("ours");
    let (_world, asha, to) = world_of(home, &ours).await;
    // A desk offers HTTP/2, or says nothing of it; its first words say it all the same.
    for protocols in [&["h2"][..], &["h2", "http/1.1"], &[]] {
        let caller = ours.trusted(protocols);
        let agreed = caller.connect(to).await.unwrap().get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
        assert_eq!(agreed, protocols.first().map(|first| first.as_bytes().to_vec()));
        assert_eq!(who_am_i(&caller.channel(to), Some(&asha.token)).await.unwrap(), "Asha");
    }
    let browser = ours.trusted(&["http/1.1"]).connect(to).await.unwrap();
    assert_eq!(browser.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let (head, body) = grpc_web_over(browser, WHO_AM_I, &asha.token, &WhoAmIRequest {}).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let told = WhoAmIResponse::decode(frames(&body).0[0].as_slice()).unwrap();
    assert_eq!(told.user.unwrap().name, "Asha");
    // What is spoken of nothing else.
    assert!(ours.trusted(&["smtp"]).connect(to).await.is_err());
});

home_story!(a_client_shows_a_certificate_of_the_right_authority_or_none, |mut home| {
    let (ours, clients, strangers) = (Authority::new("ours"), Authority::new("clients"), Authority::new("strangers"));
    let folder = home.folder.path().to_owned();
    let mut settings = tls::lay(&folder, &ours.door());
    settings.client_ca = Some(folder.join("clients.pem"));
    tls::replace(&folder.join("clients.pem"), &clients.pem());
    home.tls = Some(settings);
    let root = home.add("Root", Role::Admin, None).await;
    let (world, asha, to) = world_on(home).await;
    assert!(strangers.trusted(&["h2"]).connect(to).await.is_err(), "whoever trusts others does not speak with us");

    let uri = "spiffe://example.org/desk";
    let [own, foreign] = [&clients, &strangers].map(|authority| ours.trusted_by(&["h2"], Some(&authority.client(uri))));
    let token = Some(asha.token.as_str());
    assert_eq!(who_am_i(&ours.trusted(&["h2"]).channel(to), token).await.unwrap(), "Asha", "with none");
    assert_eq!(who_am_i(&own.channel(to), token).await.unwrap(), "Asha");
    who_am_i(&foreign.channel(to), token).await.unwrap_err();
    // A certificate is nobody's until somebody is known by it, and a token that is none is not helped by one.
    for token in [None, Some("sl_nobody")] {
        assert_eq!(who_am_i(&own.channel(to), token).await.unwrap_err().code(), Code::Unauthenticated, "{token:?}");
    }
    let known = |id: &str| pb::AddIdentityRequest {
        request_id: new_id(),
        user_id: id.into(),
        identity: Some(pb::Identity { kind: pb::IdentityKind::Certificate.into(), name: format!("uri:{uri}") }),
    };
    let add = async |id: &str| {
        let mut request = Request::new(known(id));
        request.metadata_mut().insert("authorization", format!("Bearer {}", root.token).parse().unwrap());
        AdminServiceClient::new(ours.trusted(&["h2"]).channel(to)).add_identity(request).await
    };
    add(&asha.id).await.unwrap();
    assert_eq!(who_am_i(&own.channel(to), None).await.unwrap(), "Asha");
    assert_eq!(who_am_i(&own.channel(to), Some("sl_nobody")).await.unwrap_err().code(), Code::Unauthenticated);
    assert_eq!(add(&root.id).await.unwrap_err().code(), Code::InvalidArgument, "a name stands for one user");

    // Whose certificates count is read anew, too.
    tls::replace(&folder.join("clients.pem"), &strangers.pem());
    until("the others to be believed", || async {
        world.wait(1);
        who_am_i(&foreign.channel(to), token).await.ok()
    })
    .await;
    who_am_i(&own.channel(to), token).await.unwrap_err();
});

home_story!(another_certificate_is_shown_to_whoever_comes_from_then_on_and_old_connections_go_on, |home| {
    let ours = Authority::new("ours");
    let folder = home.folder.path().to_owned();
    let (world, asha, to) = world_of(home, &ours).await;
    let caller = ours.trusted(&["h2"]);
    let (first, old_line) = (caller.shown(to).await, caller.channel(to));
    assert_eq!(who_am_i(&old_line, Some(&asha.token)).await.unwrap(), "Asha");
    let second = ours.door();
    tls::lay(&folder, &second);
    let shown = until("the other certificate", || async {
        world.wait(1);
        Some(caller.shown(to).await).filter(|shown| *shown != first)
    });
    assert_eq!(shown.await, second.der());
    assert_eq!(who_am_i(&old_line, Some(&asha.token)).await.unwrap(), "Asha");
});

/// `serve` of this home, with what it logs in a file that can be read meanwhile.
async fn logging(home: &Home, log: &Path) -> Process {
    Process::serve_with(home, |command| {
        let mut shell = Command::new("sh");
        shell.args(["-c", "exec \"$0\" \"$@\" 2> \"$LOG\""]).env("LOG", log);
        shell.arg(command.as_std().get_program()).args(command.as_std().get_args());
        shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        *command = shell;
    })
    .await
}

async fn logged(log: &Path, words: &str) -> String {
    let read = || async { Some(std::fs::read_to_string(log).unwrap()).filter(|text| text.contains(words)) };
    until(words, read).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_file_leaves_the_certificate_in_force_and_the_log_says_why_once() {
    let ours = Authority::new("ours");
    let mut home = Home::fresh(Engine::Sqlite).await;
    let (folder, log) = (home.folder.path().to_owned(), home.folder.path().join("log"));
    let papers = ours.door();
    home.tls = Some(tls::lay(&folder, &papers));
    let process = logging(&home, &log).await;
    let to = home.address.lock().unwrap().unwrap();
    let caller = ours.trusted(&["h2"]);
    // The key of another certificate, and a file with half of one.
    tls::replace(&folder.join("door.key"), &ours.door().key);
    process.signal("HUP").await;
    logged(&log, "does not belong to the certificate").await;
    tls::replace(&folder.join("door.pem"), &papers.certificate[..200]);
    process.signal("HUP").await;
    let text = logged(&log, "is not PEM").await;
    let told = text.lines().filter(|line| line.contains("WARN") && line.contains("the one before stays")).count();
    assert_eq!(told, 2, "{text}");
    assert_eq!(caller.shown(to).await, papers.der());

    let second = ours.door();
    tls::lay(&folder, &second);
    process.signal("HUP").await;
    let text = logged(&log, "is in force for new connections").await;
    assert!(text.contains("2090-01-01") && text.contains("SIGHUP: the certificates are looked at"), "{text}");
    assert_eq!(caller.shown(to).await, second.der());
    process.terminate().await;
    assert!(process.ended().await.status.success());
    assert!(!std::fs::read_to_string(&log).unwrap().contains("PRIVATE"));
}

async fn refused(home: &Home, config: &str) -> String {
    let file = home.folder.path().join("startline.toml");
    std::fs::write(&file, config).unwrap();
    let (data, file) = (home.data(), file.to_str().unwrap().to_owned());
    let arguments = ["serve", "--data", data.to_str().unwrap(), "--config", &file];
    let output = process::run(&arguments).await;
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), errors.lines().count()), (Some(1), 1), "{errors}");
    errors
}

#[tokio::test]
async fn what_cannot_be_a_certificate_is_refused_at_the_start_by_its_setting() {
    let home = Home::fresh(Engine::Sqlite).await;
    let folder = home.folder.path();
    let (one, other) = (Authority::new("one").door(), Authority::new("other").door());
    let settings = tls::lay(folder, &one);
    tls::replace(&settings.key, &other.key);
    let files = format!("certificate = {:?}\nkey = {:?}\n", settings.certificate, settings.key);
    let listening = [
        ("grpc", "listen = '127.0.0.1:0'"),
        ("web", "listen = '127.0.0.1:0'"),
        ("sip", "listen = ['tls:127.0.0.1:0']\nswitches = [{ address = '127.0.0.1' }]"),
    ];
    for (door, listen) in listening {
        let said = refused(&home, &format!("[{door}]\n{listen}\n[{door}.tls]\n{files}")).await;
        assert!(said.contains(&format!("{door}.tls.key")) && said.contains("does not belong"), "{said}");
    }
    assert!(
        refused(&home, "[grpc.tls]\ncertificate = '/nowhere'\nkey = '/nowhere'").await.contains("grpc.tls.certificate")
    );
}

#[tokio::test]
async fn without_tls_no_other_machine_is_listened_to_unless_somebody_says_so_and_then_loudly() {
    let home = Home::fresh(Engine::Sqlite).await;
    for (config, says) in [
        ("[grpc]\nlisten = '0.0.0.0:0'", "[grpc.tls]"),
        ("[grpc]\nlisten = '127.0.0.1:0'\n[web]\nlisten = '[::]:0'", "[web.tls]"),
        ("[grpc]\nlisten = '127.0.0.1:0'\n[telemetry]\nprometheus = true\nprometheus_listen = '0.0.0.0:0'", "loopback"),
    ] {
        let said = refused(&home, config).await;
        assert!(said.contains(says) && said.contains("--insecure-listen"), "{said}");
        assert!(!home.data().exists(), "a folder was made");
    }
    let process = Process::serve_with(&home, |command| {
        *command = program();
        command.args(["serve", "--listen", "0.0.0.0:0", "--insecure-listen"]);
    })
    .await;
    process.terminate().await;
    let ended = process.ended().await;
    let warned = |line: &&str| line.contains("WARN") && line.contains("grpc.listen") && line.contains("0.0.0.0:0");
    assert_eq!(ended.errors.lines().filter(warned).count(), 1, "{}", ended.errors);
    // Under TLS nothing need be said.
    let mut home = Home::fresh(Engine::Sqlite).await;
    home.tls = Some(tls::lay(home.folder.path(), &Authority::new("ours").door()));
    let process = Process::serve_with(&home, |command| {
        *command = program();
        command.args(["serve", "--listen", "0.0.0.0:0"]);
    })
    .await;
    process.terminate().await;
    let ended = process.ended().await;
    assert!(ended.status.success() && !ended.errors.lines().any(|line| warned(&line)), "{}", ended.errors);
}

/// Nothing is heard any more, and what was heard.
async fn hung_up(mut stream: impl tokio::io::AsyncRead + Unpin) -> Vec<u8> {
    let mut heard = Vec::new();
    let _ = soon("the door to hang up", stream.read_to_end(&mut heard)).await;
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_speaks_in_plain_or_not_at_all_is_hung_up_on() {
    let ours = Authority::new("ours");
    let mut home = Home::fresh(Engine::Sqlite).await;
    home.open_to_the_web();
    home.web.as_mut().unwrap().tls = Some(tls::lay(home.folder.path(), &ours.door()));
    let mut sip = crate::sip::settings();
    sip.listen = vec!["tls:127.0.0.1:0".to_owned().try_into().unwrap()];
    sip.tls = home.web.as_ref().unwrap().tls.clone();
    home.sip = Some(sip);
    let (world, _asha, grpc) = world_of(home, &ours).await;
    let caller = ours.trusted(&["h2"]);
    for door in [grpc, world.web_address(), world.sip_addresses()[0]] {
        let mut plain = TcpStream::connect(door).await.unwrap();
        plain.write_all(b"OPTIONS sip:door SIP/2.0\r\n\r\n").await.unwrap();
        let heard = hung_up(plain).await;
        // An alert, and no word in plain.
        assert!(heard.is_empty() || heard[0] == 21, "{heard:?}");
    }
    let mut silent = tokio::task::JoinSet::new();
    for door in [grpc, world.web_address(), world.sip_addresses()[0]] {
        let nothing = TcpStream::connect(door).await.unwrap();
        silent.spawn(async move { assert!(hung_up(nothing).await.is_empty()) });
        // The head of a record whose rest never comes.
        let mut half = TcpStream::connect(door).await.unwrap();
        half.write_all(&[22, 3, 1, 1, 0, 1]).await.unwrap();
        silent.spawn(async move { drop(hung_up(half).await) });
    }
    // Agreed on TLS, and then nothing.
    for door in [grpc, world.web_address()] {
        let agreed = caller.connect(door).await.unwrap();
        silent.spawn(async move { drop(hung_up(agreed).await) });
    }
    while let Some(cut) = silent.join_next().await {
        cut.unwrap();
    }
}

/// What the web door answers, by HTTP/2.
async fn asked_by_http2(caller: &Caller, to: SocketAddr, path: &str) -> http::StatusCode {
    let (mut send, connection) = h2::client::handshake(caller.connect(to).await.unwrap()).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = http::Request::get(format!("https://localhost{path}")).body(()).unwrap();
    let (answer, _) = send.send_request(request, true).unwrap();
    let status = soon("the answer", answer).await.unwrap().status();
    drop::<h2::client::SendRequest<Bytes>>(send);
    connection.abort();
    status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_web_door_speaks_either_version_and_gives_out_addresses_under_tls() {
    let ours = Authority::new("ours");
    let mut home = Home::fresh(Engine::Sqlite).await;
    home.open_to_the_web();
    home.web.as_mut().unwrap().tls = Some(tls::lay(home.folder.path(), &ours.door()));
    let world = World::on(home).await;
    let pat = world.personal_adviser("Pat", "somerset").await;
    pat.works_at("frome").await;
    let to = world.web_address();
    let asked =
        pb::CreateCalendarFeedRequest { request_id: new_id(), whose: Some(Whose::PersonalAdviserId(pat.id.clone())) };
    let url = pat.calendars().create_calendar_feed(asked).await.unwrap().into_inner().url;
    let path = url.strip_prefix(&format!("https://{to}")).unwrap_or_else(|| panic!("{url}"));
    assert_eq!(asked_by_http2(&ours.trusted(&["h2", "http/1.1"]), to, path).await, 200);
    assert_eq!(asked_by_http2(&ours.trusted(&["h2"]), to, "/calendars/nobodys").await, 404);
    for protocols in [&["http/1.1"][..], &[]] {
        let mut stream = ours.trusted(protocols).connect(to).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = String::from_utf8(hung_up(stream).await).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("BEGIN:VCALENDAR"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_switch_is_answered_under_tls_and_sent_on_under_the_scheme_it_asked_with() {
    let ours = Authority::new("ours");
    let papers = ours.door();
    let folder = tempfile::tempdir().unwrap();
    let world = crate::sip::world(|sip| {
        sip.listen.push("tls:127.0.0.1:0".to_owned().try_into().unwrap());
        sip.tls = Some(tls::lay(folder.path(), &papers));
    })
    .await;
    let door = world.sip_addresses()[2];
    let caller = ours.trusted(&[]);
    assert!(StreamSwitch::over_tls("127.0.0.2", door, &caller).await.is_err(), "a stranger is hung up on");
    assert!(StreamSwitch::over_tls("127.0.0.1", door, &Authority::new("others").trusted(&[])).await.is_err());

    let mut switch = StreamSwitch::over_tls("127.0.0.1", door, &caller).await.unwrap();
    let options = switch.request("OPTIONS", "tls-0", "z9hG4bK-tls-0", crate::sip::FROME);
    switch.send(options.as_bytes()).await;
    let said = switch.hear().await.unwrap();
    assert_eq!(said.status(), 200);
    let via = format!("SIP/2.0/TLS {};branch=z9hG4bK-tls-0;received=127.0.0.1", switch.own);
    assert_eq!(said.header("Via"), Some(via.as_str()));

    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = crate::sip::rings_when_offered(&asha, "2001").await;
    let invite = switch.request("INVITE", "tls-1", "z9hG4bK-tls-1", crate::sip::FROME);
    // In pieces: what TLS makes of them is its own affair.
    for piece in invite.as_bytes().chunks(100) {
        switch.send(piece).await;
    }
    assert_eq!(switch.hear().await.unwrap().status(), 100);
    offered(&mut desk).await;
    assert_eq!(switch.hear_status(302).await.contact(), "sips:2001@pbx.example");
    // Who asks in plain is sent on in plain.
    let mut plain = StreamSwitch::from("127.0.0.1", world.sip_addresses()[1]).await;
    plain.send(plain.request("OPTIONS", "tcp-1", "z9hG4bK-tcp-1", crate::sip::FROME).as_bytes()).await;
    assert!(plain.hear().await.unwrap().header("Via").unwrap().starts_with("SIP/2.0/TCP "));
}
