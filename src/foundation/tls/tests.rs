use super::*;
use crate::clock::ClockHand;
use crate::connections::{Bounds, Places};
use chrono::TimeDelta;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, SanType};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

const START: &str = "2026-03-03T10:00:00Z";

struct Made {
    certificate: String,
    key: String,
}

/// Holds until this year has begun.
fn made_until(year: i32) -> Made {
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(year, 1, 1);
    let key = KeyPair::generate().unwrap();
    Made { certificate: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
}

fn write(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn lay(folder: &Path, made: &Made) {
    write(folder, "door.pem", &made.certificate);
    write(folder, "door.key", &made.key);
}

fn settings(folder: &Path) -> TlsConfig {
    TlsConfig { certificate: folder.join("door.pem"), key: folder.join("door.key"), client_ca: None }
}

fn clock() -> (Clock, ClockHand) {
    Clock::manual(START.parse().unwrap())
}

fn opened(folder: &TempDir) -> Result<Tls, String> {
    Tls::open("grpc", &settings(folder.path()), HTTP, &clock().0)
}

/// What is in force, to be compared.
fn in_force(tls: &Tls) -> *const ServerConfig {
    Arc::as_ptr(&tls.in_force().config)
}

#[test]
fn a_file_that_is_missing_empty_or_of_somebody_else_is_refused_by_its_setting() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (made_until(2030), made_until(2030));
    assert!(opened(&folder).is_err_and(|fault| fault.starts_with("grpc.tls.certificate (")));
    lay(folder.path(), &Made { certificate: one.certificate.clone(), key: other.key.clone() });
    let fault = opened(&folder).err().unwrap();
    assert!(fault.starts_with("grpc.tls.key (") && fault.contains("does not belong to the certificate"), "{fault}");
    for (name, text, says) in [
        ("door.pem", "", "grpc.tls.certificate"),
        ("door.pem", "no PEM at all", "grpc.tls.certificate"),
        ("door.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "is no certificate"),
        ("door.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n", "is not PEM"),
        ("door.key", "", "has no private key"),
        ("door.key", &one.certificate, "has no private key"),
        ("door.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "of a kind that is not known"),
    ] {
        lay(folder.path(), &one);
        write(folder.path(), name, text);
        let fault = opened(&folder).err().unwrap_or_else(|| panic!("{name} {text:?} was taken"));
        assert!(fault.contains(says) && fault.contains(name), "{text:?}: {fault}");
    }
    lay(folder.path(), &one);
    let ca = TlsConfig { client_ca: Some(folder.path().join("door.key")), ..settings(folder.path()) };
    let fault = Tls::open("grpc", &ca, HTTP, &clock().0).err().unwrap();
    assert!(fault.starts_with("grpc.tls.client_ca (") && fault.contains("no certificate"), "{fault}");
    assert!(opened(&folder).is_ok());
}

#[test]
fn what_is_no_reason_to_refuse_a_certificate_is_doubted() {
    let folder = tempfile::tempdir().unwrap();
    let doubts = |now: &str| {
        let source = Source { door: "web", settings: settings(folder.path()), protocols: HTTP, clock: clock().0 };
        let files = source.read().unwrap();
        source.load(&files, now.parse().unwrap()).unwrap().doubts.join("\n")
    };
    lay(folder.path(), &made_until(2030));
    assert_eq!(doubts(START), "");
    assert!(doubts("2030-01-01T00:00:00Z").contains("ended on 2030-01-01"));
    assert!(doubts("2019-12-31T00:00:00Z").contains("only from 2020-01-01"));
    std::fs::set_permissions(folder.path().join("door.key"), std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(doubts(START).contains("web.tls.key") && doubts(START).contains("chmod 600"));
}

#[test]
fn new_files_are_taken_as_a_whole_and_wrong_ones_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (made_until(2030), made_until(2031));
    lay(folder.path(), &first);
    let now = START.parse().unwrap();
    let tls = opened(&folder).unwrap();
    let before = in_force(&tls);
    tls.look(now);
    assert_eq!(in_force(&tls), before, "nothing was new");
    write(folder.path(), "door.pem", &second.certificate);
    tls.look(now);
    assert_eq!(in_force(&tls), before, "its key has not come yet");
    std::fs::remove_file(folder.path().join("door.pem")).unwrap();
    tls.look(now);
    assert_eq!(in_force(&tls), before);
    lay(folder.path(), &second);
    tls.look(now);
    assert_ne!(in_force(&tls), before);
    assert_eq!(tls.ends().to_rfc3339(), "2031-01-01T00:00:00+00:00");
}

#[tokio::test]
async fn an_end_that_is_near_is_told_once_a_day_and_again_after_another_certificate() {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), &made_until(2030));
    let (clock, hand) = clock();
    let mut certificates = Certificates::new(&clock);
    let tls = certificates.open("sip", Some(&settings(folder.path())), SIP).unwrap().unwrap();
    assert!(certificates.open("web", None, HTTP).unwrap().is_none());
    assert!(certificates.reload().now());
    let told = || tls.in_force().told_of_end;
    let watching = tokio::spawn(certificates.watch());
    let moved_to = async |to: &str, told_at: Option<&str>| {
        hand.move_to(to.parse().unwrap());
        let told_at = told_at.map(|at| at.parse::<DateTime<Utc>>().unwrap());
        while told() != told_at {
            tokio::task::yield_now().await;
        }
    };
    moved_to("2029-12-01T00:00:00Z", None).await;
    moved_to("2029-12-18T00:00:00Z", Some("2029-12-18T00:00:00Z")).await;
    hand.move_to("2029-12-18T23:00:00Z".parse::<DateTime<Utc>>().unwrap());
    moved_to("2029-12-19T00:00:00Z", Some("2029-12-19T00:00:00Z")).await;
    lay(folder.path(), &made_until(2031));
    let now = hand.now() + TimeDelta::hours(1);
    hand.move_to(now);
    while told().is_some() {
        tokio::task::yield_now().await;
    }
    assert_eq!(tls.ends().to_rfc3339(), "2031-01-01T00:00:00+00:00");
    watching.abort();
}

/// The certificate of a client called `desk`, with its key; and the authority that made it, in PEM.
fn client_made_until(year: i32) -> (Made, String) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let mut params = CertificateParams::default();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(year, 1, 1);
    params.subject_alt_names = vec![SanType::URI("spiffe://example.org/desk".try_into().unwrap())];
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap().pem();
    (Made { certificate, key: key.serialize_pem() }, authority.pem())
}

/// Rings, trusts that one certificate, and shows this one. What the door makes of it shows at the first word that is read.
async fn ring(to: SocketAddr, door: &Made, shows: Option<&Made>, protocols: &[&str]) {
    let der = |made: &Made| CertificateDer::from_pem_slice(made.certificate.as_bytes()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(der(door)).unwrap();
    let provider = tokio_rustls::rustls::crypto::ring::default_provider();
    let builder = ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions();
    let builder = builder.unwrap().with_root_certificates(roots);
    let mut config = match shows {
        None => builder.with_no_client_auth(),
        Some(made) => {
            let key = PrivateKeyDer::from_pem_slice(made.key.as_bytes()).unwrap();
            builder.with_client_auth_cert(vec![der(made)], key).unwrap()
        }
    };
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(to).await.unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), stream).await;
    if let Ok(mut stream) = stream {
        let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0]).await;
    }
}

#[tokio::test]
async fn whose_certificate_was_shown_is_known_and_one_that_has_ended_by_our_clock_gets_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let (door, (desk, authority)) = (made_until(2090), client_made_until(2027));
    lay(folder.path(), &door);
    write(folder.path(), "ca.pem", &authority);
    let settings = TlsConfig { client_ca: Some(folder.path().join("ca.pem")), ..settings(folder.path()) };
    let (clock, hand) = clock();
    let tls = Tls::open("grpc", &settings, HTTP, &clock).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = listener.local_addr().unwrap();
    let places = Places::new(Bounds { in_all: 8, of_an_address: 8 });
    let mut entrance = Entrance::new(listener, places.clone(), "gRPC", Some(tls), Duration::from_secs(60));

    let (arrival, ()) = tokio::join!(
        async {
            let arrival = entrance.next().await;
            (arrival.certificate, arrival.stream.agreed_on_http2())
        },
        ring(to, &door, Some(&desk), &["h2"])
    );
    let certificate = arrival.0.unwrap();
    assert_eq!(*certificate.names, ["uri:spiffe://example.org/desk".to_owned()]);
    assert_eq!((certificate.ends.to_rfc3339().as_str(), arrival.1), ("2027-01-01T00:00:00+00:00", true));

    hand.move_to(certificate.ends + TimeDelta::seconds(1));
    // The one is turned away, whoever comes after it is not, and neither keeps its place.
    let comes_in = async {
        let arrival = entrance.next().await;
        (arrival.certificate, arrival.stream.agreed_on_http2())
    };
    let ringing = async {
        ring(to, &door, Some(&desk), &["h2"]).await;
        ring(to, &door, None, &["http/1.1"]).await;
    };
    // Only a fault would last so long: whoever was let in wrongly leaves the other one waiting.
    let both = async { tokio::join!(comes_in, ringing) };
    let (arrival, ()) = tokio::time::timeout(Duration::from_secs(60), both).await.unwrap();
    assert_eq!(arrival, (None, false));
    assert_eq!(places.taken(), 0);
}
