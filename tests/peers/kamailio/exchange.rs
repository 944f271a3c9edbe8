//! A telephone exchange on loopback: a carrier's network, Kamailio with `deploy/kamailio/kamailio.cfg`, front doors,
//! advisers' telephones and a media server, each at an address of its own, as on a real network.

use super::hand::Hand;
use super::programs::{Program, mortal, until};
use crate::{REPOSITORY, output_of, person, startline};
use chrono::{DateTime, NaiveDate, Timelike, Utc};
use person::Person;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU8, Ordering};
use tempfile::TempDir;
use tokio::sync::Semaphore;

/// Everybody listens on the port of SIP, at their own address.
const SIP: u16 = 5060;
const KAMAILIO: u8 = 1;
const DOORS: [u8; 2] = [2, 3];
/// A carrier whose word we take, and one who passes on what callers write.
pub const TRUSTED: u8 = 16;
pub const UNTRUSTED: u8 = 24;
pub const MEDIA: u8 = 64;
/// In nobody's network.
pub const STRANGER: u8 = 99;
/// A carrier of many callers, and as many advisers.
const CALLERS: u8 = 128;
const ADVISERS: u8 = 192;

/// What a test changes.
pub struct Setup {
    /// Lines of the pilot's definition, and what is to stand there instead.
    pub definition: Vec<(&'static str, String, String)>,
    pub open: bool,
    pub doors: usize,
    /// `[sip] announcements`.
    pub announcements: &'static str,
    /// How long a telephone rings.
    pub ring_ms: u32,
    /// How long a front door may say nothing at all.
    pub door_dead_ms: u32,
    /// Whether each door has pages, on port 8080 of its own address.
    pub web: bool,
    /// The database that all doors share. Otherwise each has an embedded one of its own.
    pub database: Option<String>,
    /// The day and hour at which the doors begin, in the pilot's own place and hours. Otherwise it is now, and about noon.
    pub begins: Option<DateTime<Utc>>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            definition: Vec::new(),
            open: true,
            doors: 1,
            announcements: "",
            ring_ms: 12_000,
            // Some patience with a machine that has much to do.
            door_dead_ms: 4000,
            web: false,
            database: None,
            begins: None,
        }
    }
}

impl Setup {
    /// A whole number of the definition, at every place where it stands.
    pub fn with(mut self, file: &'static str, name: &str, was: u32, is: u32) -> Self {
        self.definition.push((file, format!("{name}: {was}\n"), format!("{name}: {is}\n")));
        self
    }
}

pub struct Exchange {
    net: (u8, u8),
    callers: AtomicU8,
    telephones: AtomicU8,
    pub doors: Vec<Door>,
    kamailio: Program,
    /// Goes last: what the programs said is in it.
    pub folder: TempDir,
}

/// One `startline serve`.
pub struct Door {
    pub server: Program,
    address: person::Address,
    data: PathBuf,
    database: Option<String>,
    hand: Option<Hand>,
}

impl Exchange {
    pub async fn start(setup: Setup) -> Self {
        let net = free_network();
        let folder = tempfile::Builder::new().prefix("startline-exchange").tempdir().expect("a folder can be made");
        let definition = folder.path().join("definition");
        write_definition(&definition, &setup);
        let mut doors = Vec::new();
        // One after the other: of several on one database the first has the floor.
        for host in DOORS.iter().take(setup.doors) {
            doors.push(Door::start(folder.path(), &definition, net, *host, &setup).await);
        }
        let kamailio = start_kamailio(folder.path(), net, &setup).await;
        Self { net, callers: AtomicU8::new(0), telephones: AtomicU8::new(0), doors, kamailio, folder }
    }

    /// Prints what Kamailio and the doors said.
    pub fn says(&self) {
        let programs = std::iter::once(("Kamailio", &self.kamailio));
        for (name, program) in programs.chain(self.doors.iter().map(|door| ("a door", &door.server))) {
            eprintln!("---- {name} said:\n{}", program.log());
        }
    }

    pub fn kamailio_address(&self) -> SocketAddrV4 {
        address(self.net, KAMAILIO)
    }

    pub fn host(&self, host: u8) -> SocketAddrV4 {
        address(self.net, host)
    }

    pub fn next_caller(&self) -> SocketAddrV4 {
        address(self.net, CALLERS + self.callers.fetch_add(1, Ordering::Relaxed))
    }

    pub fn next_telephone(&self) -> SocketAddrV4 {
        address(self.net, ADVISERS + self.telephones.fetch_add(1, Ordering::Relaxed))
    }
}

/// Tests of one process count their networks; another process begins elsewhere, and what it has is left to it.
fn free_network() -> (u8, u8) {
    static NETWORKS: AtomicU8 = AtomicU8::new(1);
    let [.., low] = std::process::id().to_be_bytes();
    loop {
        let net = (low.clamp(1, 254), NETWORKS.fetch_add(1, Ordering::Relaxed));
        if UdpSocket::bind(address(net, KAMAILIO)).is_ok() {
            return net;
        }
    }
}

fn address(net: (u8, u8), host: u8) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(127, net.0, net.1, host), SIP)
}

/// The pilot's definition with the test's own lines, open round the clock or closed for the day.
fn write_definition(folder: &Path, setup: &Setup) {
    let mut copy = Command::new("cp");
    copy.arg("-R").arg(Path::new(REPOSITORY).join("deploy/definitions/one-pilot")).arg(folder);
    output_of(copy);
    let edit = |file: &str, was: &str, is: &str| {
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path).expect("the definition can be read");
        assert!(text.contains(was), "{file} of the pilot's definition has no {was:?} any more");
        std::fs::write(&path, text.replace(was, is)).expect("the definition can be written");
    };
    for (file, was, is) in &setup.definition {
        edit(file, was, is);
    }
    if setup.begins.is_some() {
        return;
    }
    let (timezone, today) = a_place_where_it_is_noon();
    edit("service.yaml", "timezone: Europe/London", &format!("timezone: {timezone}"));
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let week: Vec<_> = days.iter().map(|day| format!("{day}: 00:00-23:59")).collect();
    edit("sites.yaml", PILOT_WEEK, &format!("{{ {} }}", week.join(", ")));
    let holidays = format!("  - {{ date: {today}, name: the day of the test }}\n");
    match setup.open {
        true => edit("holidays.yaml", "removals:\n", &format!("removals:\n{holidays}")),
        false => edit("holidays.yaml", "additions:\n", &format!("additions:\n{holidays}")),
    }
}

const PILOT_WEEK: &str = "{ monday: 08:30-18:00, tuesday: 08:30-18:00, wednesday: 08:30-18:00, \
                          thursday: 08:30-18:00, friday: 08:30-18:00 }";

/// The servers' clock is the machine's, and hours are local: so the service is put where no test runs over midnight.
fn a_place_where_it_is_noon() -> (String, NaiveDate) {
    #[expect(clippy::disallowed_methods, reason = "the servers take the time from the machine too")]
    let now = Utc::now();
    let ahead = 12 - i64::from(now.hour());
    let local = now.naive_utc() + chrono::TimeDelta::hours(ahead);
    // These names count westward.
    (format!("Etc/GMT{:+}", -ahead), local.date())
}

impl Door {
    async fn start(folder: &Path, definition: &Path, net: (u8, u8), host: u8, setup: &Setup) -> Self {
        let name = format!("door-{host}");
        let data = folder.join(&name);
        let config = folder.join(format!("{name}.toml"));
        let (here, kamailio) = (address(net, host), address(net, KAMAILIO).ip().to_owned());
        let announcements = setup.announcements.replace("MEDIA", &address(net, MEDIA).to_string());
        let settings = format!(
            "[sip]\nlisten = [\"udp:{here}\", \"tcp:{here}\"]\n\
             switches = [{{ address = \"{kamailio}\", trusted = true }}]\nrefresh_s = 1\n{announcements}\n{}",
            if setup.web { format!("[web]\nlisten = \"{}:8080\"\n", here.ip()) } else { String::new() }
        );
        std::fs::write(&config, settings).expect("the configuration can be written");
        let mut serve = startline();
        // Only the tour's server has a clock that is moved.
        let (verb, says) = match setup.begins {
            None => ("serve", "startline serves on "),
            Some(_) => ("tour-server", "listening "),
        };
        serve.args([verb, "--listen", &format!("{}:0", here.ip()), "--config"]).arg(&config);
        serve.arg("--data").arg(&data).arg("--definition").arg(definition);
        serve.args(setup.database.iter().flat_map(|url| ["--database-url", url]));
        let (mut server, hand) = match setup.begins {
            None => (Program::start(&name, folder, &mut serve), None),
            Some(begins) => {
                serve.arg("--clock").arg(begins.to_rfc3339());
                let (server, input) = Program::told(&name, folder, &mut serve);
                (server, Some((input, begins)))
            }
        };
        let listening = until("the front door", async || {
            assert!(server.has_ended().is_none(), "{name} ended at its start:\n{}", server.log());
            server.log().lines().find_map(|line| line.strip_prefix(says)?.parse().ok())
        })
        .await;
        let hand = hand.map(|(input, begins)| Hand::on(input, begins));
        let address = person::Address::default();
        *address.lock().expect("nobody panics with it") = Some(listening);
        Self { server, address, data, database: setup.database.clone(), hand }
    }

    /// Its time has passed until then, and goes on from there.
    pub async fn waits_until(&self, then: DateTime<Utc>) {
        self.hand.as_ref().expect("a door that began at a day of the test's own").moves_to(then);
        // What it says to each move, and to this one only when it stands there.
        let day = format!("clock {}", then.format("%Y-%m-%dT%H:%M"));
        until("the clock to be moved", async || self.server.log().contains(&day).then_some(())).await;
    }

    /// Where it listens.
    pub fn listens(&self) -> SocketAddr {
        self.address.lock().expect("nobody panics with it").expect("it is set at the start")
    }

    /// Adds somebody, as an operator does beside the running server.
    pub fn add(&self, name: &str, role: &str, site: &str) -> Person {
        let token = output_of(self.adding(name, role, site)).trim().to_owned();
        Person::new(String::new(), name, &token, self.address.clone())
    }

    /// What `startline` says to these words, beside the running server.
    pub fn command(&self, words: &[&str]) -> String {
        let mut command = startline();
        command.args(words).arg("--data").arg(&self.data);
        command.args(self.database.iter().flat_map(|url| ["--database-url", url]));
        output_of(command).trim().to_owned()
    }

    /// Where its pages are.
    pub fn pages(&self) -> String {
        format!("http://{}:8080", self.listens().ip())
    }

    /// The token of a new adviser who is able to do this beside their language.
    pub async fn skilled(&self, name: &str, site: &str, skill: &str) -> String {
        // Each is a process with connections of its own, and many are added at the same time.
        static ONE_AT_A_TIME: Semaphore = Semaphore::const_new(1);
        let _turn = ONE_AT_A_TIME.acquire().await;
        let mut add = self.adding(name, "adviser", site);
        add.args(["--skill", "inbound", "--skill", skill]);
        let added = tokio::task::spawn_blocking(|| output_of(add)).await;
        added.expect("somebody can be added").trim().to_owned()
    }

    /// The sites are the pilot's, so its own definition will do.
    fn adding(&self, name: &str, role: &str, site: &str) -> Command {
        let mut add = startline();
        add.args(["user", "add", name, "--role", role, "--site", site, "--data"]).arg(&self.data);
        add.args(self.database.iter().flat_map(|url| ["--database-url", url]));
        add
    }
}

async fn start_kamailio(folder: &Path, net: (u8, u8), setup: &Setup) -> Program {
    let list = folder.join("dispatcher.list");
    let line = |(number, host): (usize, &u8)| format!("1 sip:{} 0 {}\n", address(net, *host), 10 - number);
    let lines: String = DOORS.iter().take(setup.doors).enumerate().map(line).collect();
    std::fs::write(&list, lines).expect("the list of doors can be written");
    let here = address(net, KAMAILIO);
    let network = |host: u8, bits: u8| format!("\"{}/{bits}\"", address(net, host).ip());
    let settings = [
        ("LISTEN_UDP", format!("udp:{here}")),
        ("LISTEN_TCP", format!("tcp:{here}")),
        ("DOORS_LIST", format!("\"{}\"", list.display())),
        ("CARRIERS", format!("\"{0}/28,{1}/26\"", address(net, TRUSTED).ip(), address(net, CALLERS).ip())),
        ("TRUSTED_CARRIERS", network(TRUSTED, 29)),
        ("ADVISERS", network(ADVISERS, 26)),
        ("MEDIA", network(MEDIA, 29)),
        ("RING_MS", setup.ring_ms.to_string()),
        // Three refreshes of one second, and a half.
        ("DOOR_SILENT_MS", "4500".to_owned()),
        ("DOOR_DEAD_MS", setup.door_dead_ms.to_string()),
        ("CHILDREN", "1".to_owned()),
    ];
    let mut start = mortal("kamailio");
    start.args(["-DD", "-E", "-m", "32", "-Y"]).arg(folder).arg("-f");
    start.arg(Path::new(REPOSITORY).join("deploy/kamailio/kamailio.cfg"));
    for (name, value) in settings {
        start.arg("-A").arg(format!("{name}={value}"));
    }
    let mut kamailio = Program::start("kamailio", folder, &mut start);
    let carrier = Ear::at(address(net, UNTRUSTED + 7));
    until("Kamailio", async || {
        assert!(kamailio.has_ended().is_none(), "Kamailio ended at its start:\n{}", kamailio.log());
        carrier.asks(here);
        carrier.hears()?.starts_with("SIP/2.0 200").then_some(())
    })
    .await;
    kamailio
}

/// Somebody with a bare socket.
pub struct Ear(UdpSocket);

impl Ear {
    pub fn at(here: SocketAddrV4) -> Self {
        let socket = UdpSocket::bind(here).expect("an address of the test's own is free");
        socket.set_nonblocking(true).expect("a socket can be asked without waiting");
        Self(socket)
    }

    /// Sends OPTIONS.
    pub fn asks(&self, whom: SocketAddrV4) {
        let from = self.0.local_addr().expect("a bound socket has an address");
        let options = format!(
            "OPTIONS sip:{whom} SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bKalive\r\nMax-Forwards: 9\r\n\
             From: <sip:carrier@{from}>;tag=1\r\nTo: <sip:{whom}>\r\nCall-ID: alive\r\nCSeq: 1 OPTIONS\r\n\
             Content-Length: 0\r\n\r\n"
        );
        // Nobody may be there yet.
        let _ = self.0.send_to(options.as_bytes(), whom);
    }

    /// What has come, if anything has.
    pub fn hears(&self) -> Option<String> {
        let mut message = [0; 65_535];
        let length = self.0.recv(&mut message).ok()?;
        message.get(..length).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}
