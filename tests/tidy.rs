//! The walls of the house, held by reading `src/` as text.
//!
//! `src/lib.rs` tells which way things point; this test fails with a sentence when something points the other way.
//! The table just below is the whole of it: to move a wall, change its row and say why. Whose database table is whose is
//! in `tidy/tables.rs`. Test modules inside `src/` keep to the same walls. What a reading of the text cannot see (a macro that pastes names together) is left to
//! review.

#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/consequences.rs"]
mod consequences;
#[path = "tidy/migrations.rs"]
mod migrations;
#[path = "tidy/named_files.rs"]
mod named_files;
#[path = "tidy/reasons.rs"]
mod reasons;
#[path = "tidy/rust_text.rs"]
mod rust_text;
#[path = "tidy/sources.rs"]
mod sources;
#[path = "tidy/tables.rs"]
mod tables;
#[path = "tidy/transactions.rs"]
mod transactions;
#[path = "tidy/welsh.rs"]
mod welsh;

use rust_text::{Reference, inside, references};
use sources::{file_names, sources};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// One module at the top of `src/`, and which others it may name. A group's name stands for all its members.
struct Module {
    name: &'static str,
    may_use: &'static [&'static str],
    because: &'static str,
}

const FOUNDATION: &[&str] = &[
    "ids",
    "error",
    "clock",
    "formats",
    "config",
    "connections",
    "events",
    "subscriptions",
    "supervision",
    "metrics",
    "last_resort",
    "tls",
];
const ROOMS: &[&str] = &[
    "definition",
    "access",
    "clients",
    "routing",
    "contingency",
    "rota",
    "callbacks",
    "scripts",
    "claims",
    "checks",
    "diary",
    "standards",
    "followup",
    "printing",
    "records",
    "packs",
    "printers",
    "reminders",
    "calendars",
];
const DOORS: &[&str] = &["grpc", "sip", "web", "desktop"];
const GROUPS: &[(&str, &[&str])] = &[("foundation", FOUNDATION), ("rooms", ROOMS), ("doors", DOORS)];

const ON_NOTHING: &str = "the foundation rests on nothing but itself";
const OF_A_DOOR: &str = "a door parses, calls the service and converts; it knows no other door and nothing above it";

#[rustfmt::skip] // one row a module reads as the table that it is
const HOUSE: &[Module] = &[
    Module { name: "build", may_use: &[], because: "what is done before the foundation is built knows nothing of it" },
    Module { name: "ids", may_use: &["foundation"], because: ON_NOTHING },
    Module { name: "error", may_use: &["foundation"], because: ON_NOTHING },
    Module { name: "clock", may_use: &["foundation"], because: ON_NOTHING },
    Module { name: "formats", may_use: &["foundation"], because: ON_NOTHING },
    Module { name: "config", may_use: &["foundation"], because: ON_NOTHING },
    Module { name: "connections", may_use: &["foundation"], because: ON_NOTHING },
    Module { name: "events", may_use: &["foundation"], because: ON_NOTHING },
    Module { name: "subscriptions", may_use: &["foundation"], because: ON_NOTHING },
    Module { name: "supervision", may_use: &["foundation"], because: ON_NOTHING },
    Module { name: "metrics", may_use: &["foundation"], because: ON_NOTHING },
    Module { name: "last_resort", may_use: &["foundation"], because: ON_NOTHING },
    Module { name: "tls", may_use: &["foundation"], because: ON_NOTHING },
    Module { name: "store", may_use: &["foundation"], because: "the connection knows no room's tables or rules" },

    Module { name: "definition", may_use: &["foundation", "store"], because: "the service as data is what every room reads" },
    Module { name: "access", may_use: &["foundation", "store", "definition"], because: "every room asks it who the caller is, so it can ask none of them" },
    Module { name: "clients", may_use: &["foundation", "store", "access"], because: "everything points at the client record, so it points at nothing" },
    Module { name: "routing", may_use: &["foundation", "store"], because: "the floor is pure and in memory; of the store it knows only the records of finished calls" },
    Module { name: "contingency", may_use: &["foundation", "store", "access", "definition"], because: "that a site is lost is a fact the other rooms read" },
    Module { name: "rota", may_use: &["foundation", "store", "access", "definition"], because: "who works when says nothing of the clients they work for" },
    Module { name: "callbacks", may_use: &["foundation", "store", "access", "definition", "clients", "contingency", "rota"], because: "a call-back is a promise to a client, and others keep it when the site is lost" },
    Module { name: "diary", may_use: &["foundation", "store", "access", "definition", "clients", "rota"], because: "an appointment is with a client" },
    Module { name: "standards", may_use: &["foundation", "store", "definition", "callbacks", "diary"], because: "how long people wait is read from what the other rooms keep" },
    Module { name: "claims", may_use: &["foundation", "store", "access", "definition", "clients", "diary"], because: "a start-up is complete only when the meeting is arranged" },
    Module { name: "checks", may_use: &["foundation", "store", "access", "definition", "diary", "claims"], because: "a claim is checked at a meeting, and neither of them depends on whether it was" },
    Module { name: "followup", may_use: &["foundation", "store", "access", "definition", "clients", "rota", "diary", "claims"], because: "what follows from a meeting depends on the meeting and its claim, and neither on what follows" },
    Module { name: "scripts", may_use: &["foundation", "store", "access", "definition", "clients", "claims"], because: "a script's answers land in the claim" },
    Module { name: "printing", may_use: &["foundation", "store", "access", "definition"], because: "a print room needs to know of a pack how many pages it has, and nothing of what it says" },
    Module { name: "packs", may_use: &["records", "foundation", "store", "access", "definition", "clients", "callbacks", "claims", "scripts", "diary", "followup", "printing"], because: "a pack prints what the other rooms hold" },
    Module { name: "printers", may_use: &["foundation"], because: "how a printer is spoken with depends on no queue: what it needs of one is its own port" },
    Module { name: "reminders", may_use: &["foundation", "store", "access", "definition", "clients", "callbacks", "diary", "followup"], because: "a reminder is of an appointment, to a client, says what follows for whoever does not come, and goes to no telephone that is not to be rung" },
    Module { name: "calendars", may_use: &["foundation", "store", "access", "definition", "clients", "diary"], because: "a calendar shows the diary, with no more of a client than initials" },

    Module { name: "records", may_use: &["foundation", "store", "access", "definition", "clients"], because: "whose a record is stands in the rooms' tables; of their rules it needs none" },
    Module { name: "identity", may_use: &["foundation"], because: "who somebody is, a provider or a password says; what they may do here, the rooms" },

    Module { name: "service", may_use: &["foundation", "store", "rooms", "identity"], because: "what belongs to every use knows the rooms, and no door" },

    Module { name: "api", may_use: &[], because: "what is generated from the protos knows nothing of the house" },
    Module { name: "grpc", may_use: &["foundation", "store", "rooms", "identity", "service"], because: OF_A_DOOR },
    Module { name: "sip", may_use: &["foundation", "store", "rooms", "service"], because: OF_A_DOOR },
    Module { name: "web", may_use: &["foundation", "store", "rooms", "identity", "service"], because: OF_A_DOOR },
    Module { name: "desktop", may_use: &["foundation", "store", "rooms", "identity", "service"], because: OF_A_DOOR },

    Module { name: "telemetry", may_use: &["foundation"], because: "where logs and spans go depends on nothing that they tell of" },
    Module { name: "app", may_use: &["foundation", "store", "rooms", "identity", "service", "doors", "telemetry"], because: "it wires everything and is wired by main alone" },
    Module { name: "tour", may_use: &["foundation", "app", "grpc"], because: "the tour sees the service as its callers do, through the public door" },
    Module { name: "commands", may_use: &["foundation", "store", "rooms", "service", "app", "grpc", "telemetry"], because: "what is done beside a service calls the rooms' verbs and the use cases that span them, as a door does; the demo is a client of one that it starts" },
    Module { name: "main", may_use: &["foundation", "store", "rooms", "identity", "service", "doors", "app", "telemetry", "tour", "commands"], because: "the command line starts whatever was asked for" },
    Module { name: "lib", may_use: &["foundation", "store", "rooms", "identity", "service", "doors", "app", "telemetry", "tour"], because: "it is the code map" },
];

/// Other people's crates that may be named in one place only, so that they can be replaced. A name covers the crates
/// that begin with it: `tonic` is also `tonic_web`.
struct Library {
    names: &'static [&'static str],
    at_home: fn(&str) -> bool,
    place: &'static str,
    because: &'static str,
}

const LIBRARIES: &[Library] = &[
    Library {
        names: &["sqlx"],
        at_home: |path| within(path, "store") || (ROOMS.contains(&module_of(path)) && is_store_file(path)),
        place: "src/foundation/store/ and a room's own store.rs",
        because: "the store is the only dialect seam",
    },
    Library {
        names: &["tonic", "prost"],
        at_home: |path| within(path, "grpc") || within(path, "api"),
        place: "src/grpc/ and src/api/",
        because: "the rooms' rules must not depend on the protocol that asks for them",
    },
    Library {
        names: &["axum"],
        at_home: |path| within(path, "web") || within(path, "desktop"),
        place: "src/web/ and src/desktop/",
        because: "the web server must be replaceable",
    },
    Library {
        names: &["askama", "form_urlencoded"],
        at_home: |path| within(path, "desktop"),
        place: "src/desktop/",
        because: "how pages are written is the desk's own affair",
    },
    Library {
        names: &["hyper", "hmac"],
        at_home: |path| {
            let speaks_http = [
                "src/grpc/connections.rs",
                "src/grpc/probe.rs",
                "src/identity/http.rs",
                "src/rooms/reminders/notify/",
                "src/printers/",
            ];
            within(path, "web") || speaks_http.iter().any(|folder| path.starts_with(folder))
        },
        place: "src/web/, src/grpc/connections.rs, src/grpc/probe.rs, src/identity/http.rs, src/rooms/reminders/notify/ and src/printers/",
        because: "HTTP is how some are spoken with, and no rule depends on it",
    },
    Library {
        names: &["rustls", "tokio_rustls", "webpki", "x509_cert"],
        at_home: |path| within(path, "tls") || path == "src/identity/http.rs",
        place: "src/foundation/tls/ and src/identity/http.rs",
        because: "certificates and what is done with them are looked at in one place",
    },
    Library {
        names: &["jsonwebtoken", "argon2"],
        at_home: |path| within(path, "identity"),
        place: "src/identity/",
        because: "how tokens and passwords are checked is decided in one place",
    },
    Library {
        names: &["typst", "comemo"],
        at_home: |path| within(path, "packs"),
        place: "src/packs/",
        because: "the composer of documents must be replaceable",
    },
    Library {
        names: &["ipp"],
        at_home: |path| within(path, "printers"),
        place: "src/printers/",
        because: "the printers' protocol must be replaceable",
    },
    Library {
        names: &["sipx", "rsip", "rsipstack", "ezk", "ezk_sip"],
        at_home: |path| within(path, "sip"),
        place: "src/sip/",
        because: "the telephone library must be replaceable",
    },
];

/// Where the code generated from proto/ may be included. Its types stay inside src/grpc/, and src/desktop/, whose pages ask the
/// methods as any client does.
const GENERATED: &[[&str; 2]] = &[["grpc", "proto"], ["grpc", "pb"], ["grpc", "generated"], ["grpc", "v1"]];

/// Reading the time, and whether only the rooms are forbidden it. A door may measure how long something took.
const CLOCKS: &[(&str, bool)] = &[("Utc", false), ("Local", false), ("SystemTime", false), ("Instant", true)];

/// House style asks for about 400 lines; past this a file holds more than one thing.
const LONGEST_FILE: usize = 500;

#[test]
fn the_house_keeps_its_walls() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = sources();
    assert!(sources.iter().any(|(path, _)| path == "src/lib.rs"), "src/lib.rs was not found, so nothing was read");
    let mut faults: Vec<String> = sources.iter().flat_map(|(path, text)| faults_in(path, text)).collect();
    faults.extend(sources.iter().flat_map(|(path, text)| transactions::opened_past_the_runner(path, text)));
    faults.extend(sources.iter().flat_map(|(path, text)| transactions::told_to_nobody(path, text)));
    let unknown = transactions::written_by_nobody(&sources);
    assert!(unknown.is_empty(), "tests/tidy/transactions.rs names tables that nobody writes: {unknown:?}");
    let schema = root.join("migrations/postgres");
    faults.extend(migrations::unpaired(&file_names(&root.join("migrations/sqlite")), &file_names(&schema)));
    let read = |name: String| fs::read_to_string(schema.join(name)).expect("a migration can be read");
    let schema: Vec<String> = file_names(&schema).into_iter().map(read).collect();
    faults.extend(tables::faults(&sources, &schema));
    let contract = fs::read_to_string(root.join("proto/startline/v1/error.proto")).expect("the contract can be read");
    faults.extend(reasons::faults(&sources, &contract));
    faults.extend(welsh::faults(&sources));
    assert!(faults.is_empty(), "{} wall(s) walked through:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn the_table_names_only_modules_it_knows_and_goes_round_in_no_circle() {
    let known: BTreeSet<&str> = HOUSE.iter().map(|module| module.name).collect();
    assert_eq!(known.len(), HOUSE.len(), "a module has two rows");
    for module in HOUSE {
        for name in allowed(module) {
            assert!(known.contains(name), "the row of {} names {name}, which has no row", module.name);
        }
    }
    // Whatever stands on settled modules alone is settled; a circle never is.
    let mut settled: BTreeSet<&str> = FOUNDATION.iter().copied().collect();
    for _ in HOUSE {
        let rests_on_settled = |m: &&Module| allowed(m).iter().all(|name| settled.contains(name));
        let more: Vec<&str> = HOUSE.iter().filter(rests_on_settled).map(|module| module.name).collect();
        settled.extend(more);
    }
    assert_eq!(settled, known, "these modules may use each other in a circle");
}

#[test]
fn each_wall_stops_whoever_walks_through_it() {
    #[rustfmt::skip]
    let slips: &[(&str, &str, &str)] = &[
        ("src/rooms/clients/mod.rs", "use crate::claims::open;", "src/rooms/clients/mod.rs:1: clients names crate::claims::open"),
        ("src/rooms/clients/mod.rs", "\n\nfn f() { crate::diary::book() }", "src/rooms/clients/mod.rs:3: clients names crate::diary::book"),
        ("src/rooms/clients/mod.rs", "use crate::{\n    ids::ClientId,\n    packs::{self, Pack},\n};", ":3: clients names crate::packs"),
        ("src/routing/floor.rs", "use startline_rooms::clients::find;", "routing names crate::clients::find"),
        ("src/routing/floor.rs", "use super::super::access::User;", "routing names crate::access::User"),
        ("src/rooms/callbacks/slots.rs", "use crate::claims;", "callbacks names crate::claims"),
        ("src/rooms/diary/mod.rs", "use crate::claims;", "diary names crate::claims"),
        ("src/rooms/claims/mod.rs", "use crate::scripts;", "claims names crate::scripts"),
        ("src/rooms/scripts/mod.rs", "use crate::packs;", "scripts names crate::packs"),
        ("src/packs/lib.rs", "use startline_rooms::rota;", "packs names crate::rota"),
        ("src/rooms/claims/mod.rs", "mod tests { use super::super::grpc; }", "claims names crate::grpc"),
        ("src/rooms/claims/mod.rs", "use crate::app::App;", "claims names crate::app::App"),
        ("src/rooms/claims/mod.rs", "use crate::*;", "claims takes in the whole house"),
        ("src/rooms/claims/mod.rs", "use crate as house;", "claims takes in the whole house"),
        ("src/definition/lib.rs", "use startline_rooms::clients;", "definition names crate::clients"),
        ("src/foundation/formats.rs", "use crate::definition::Area;", "formats names crate::definition::Area"),
        ("src/foundation/store/mod.rs", "use crate::claims::Claim;", "store names crate::claims::Claim"),
        ("src/grpc/claims.rs", "use startline_web::Page;", "grpc names crate::web::Page"),
        ("src/sip/lib.rs", "use startline_grpc as grpc;", "sip names crate::grpc"),
        ("src/grpc/lib.rs", "use startline::app;", "grpc names crate::app"),
        ("src/app.rs", "use crate::main;", "app names crate::main"),
        ("src/rooms/claims/mod.rs", "use crate::diary::store::cells;", "claims reaches into the store of diary"),
        ("src/rooms/claims/mod.rs", "use crate::diary;\nfn f() { diary::slot_store::all() }", ":2: claims reaches into the store of diary"),
        ("src/app.rs", "use crate::claims::store;", "app reaches into the store of claims"),
        ("src/packs/lib.rs", "use startline_rooms::claims::{self, view::Counted};", "packs reaches past the mod.rs of claims (crate::claims::view::Counted)"),
        ("src/packs/lib.rs", "use startline_rooms::claims::view;\nfn f() { view::count(); }", ":2: packs reaches past the mod.rs of claims"),
        ("src/grpc/claims.rs", "use startline_rooms::claims;\nmod tests { fn f() { claims::agency::sections(); } }", ":2: grpc reaches past the mod.rs of claims"),
        ("src/main.rs", "fn f() { startline::packs::samples::all(); }", "main reaches past the mod.rs of packs"),
        ("src/rooms/claims/mod.rs", "use sqlx::Row;", "claims/mod.rs:1: sqlx is named outside src/foundation/store/"),
        ("src/rooms/claims/mod.rs", "#[derive(sqlx::FromRow)] struct A;", "sqlx is named outside"),
        ("src/rooms/claims/mod.rs", "struct A { #[sqlx(default)] b: u8 }", "sqlx is named outside"),
        ("src/rooms/claims/mod.rs", "macro_rules! a { () => { use $crate::app::{$b; $c}; use sqlx::x; } }", "claims names crate::app"),
        ("src/rooms/claims/mod.rs", "macro_rules! a { () => { use $crate::{$b}; use sqlx::x; } }", "sqlx is named outside"),
        ("src/rooms/claims/mod.rs", "use {std::fmt, sqlx as db};", "sqlx is named outside"),
        ("src/rooms/claims/mod.rs", "fn f() { ::sqlx::query(\"\") }", "sqlx is named outside"),
        ("src/grpc/store.rs", "use sqlx::Row;", "sqlx is named outside"),
        ("src/app.rs", "use tonic::transport::Server;", "tonic is named outside src/grpc/"),
        ("src/rooms/access/mod.rs", "fn f(a: prost_types::Timestamp) {}", "prost_types is named outside src/grpc/"),
        ("src/main.rs", "use startline::grpc::proto::ClientService;", "crate::grpc::proto::ClientService is generated"),
        ("src/grpc/server.rs", "use axum::Router;", "axum is named outside src/web/"),
        ("src/rooms/reminders/work.rs", "use hyper_util::client;", "hyper_util is named outside src/web/, src/grpc/connections.rs"),
        ("src/grpc/connections.rs", "use tokio_rustls::TlsAcceptor;", "tokio_rustls is named outside src/foundation/tls/"),
        ("src/foundation/connections.rs", "use rustls::ServerConfig;", "rustls is named outside src/foundation/tls/"),
        ("src/rooms/reminders/work.rs", "use crate::claims;", "reminders names crate::claims"),
        ("src/rooms/calendars/mod.rs", "use crate::reminders;", "calendars names crate::reminders"),
        ("src/web/lib.rs", "use startline_grpc::Server;", "web names crate::grpc"),
        ("src/identity/flow.rs", "use hyper::Request;", "hyper is named outside src/web/, src/grpc/connections.rs, src/grpc/probe.rs, src/identity/http.rs"),
        ("src/identity/flow.rs", "use startline_rooms::access::User;", "identity names crate::access::User"),
        ("src/grpc/gate.rs", "use jsonwebtoken::decode;", "jsonwebtoken is named outside src/identity/"),
        ("src/rooms/access/mod.rs", "use startline_identity::Identity;", "access names crate::identity::Identity"),
        ("src/rooms/claims/mod.rs", "use typst_pdf::PdfOptions;", "typst_pdf is named outside src/packs/"),
        ("src/routing/lib.rs", "use sipx_sip::Message;", "sipx_sip is named outside src/sip/"),
        ("src/rooms/diary/slots.rs", "fn f() { let a = Utc::now(); }", "diary/slots.rs:1: Utc::now"),
        ("src/rooms/diary/slots.rs", "fn f() { let a = chrono::Utc::now; }", "Utc::now"),
        ("src/rooms/diary/slots.rs", "use std::time::SystemTime as Time;\nfn f() { Time::now(); }", ":2: SystemTime::now"),
        ("src/app.rs", "fn f() { std::time::SystemTime::now(); }", "SystemTime::now"),
        ("src/rooms/diary/slots.rs", "fn f() { Instant::now(); }", "Instant::now"),
        ("src/helpers.rs", "", "src/helpers.rs:1: helpers has no row"),
    ];
    for (path, source, expected) in slips {
        let faults = faults_in(path, source);
        assert!(
            faults.iter().any(|f| f.contains(expected)),
            "{path} {source:?} should fail as {expected:?}: {faults:?}"
        );
        assert!(faults.iter().all(|f| f.contains("because") || f.contains("row")), "no reason is given: {faults:?}");
    }
    assert!(
        faults_in("src/foundation/ids.rs", &"\n".repeat(LONGEST_FILE + 1))[0]
            .starts_with("src/foundation/ids.rs:501: the file is longer")
    );
}

#[test]
fn whoever_keeps_to_the_walls_passes() {
    #[rustfmt::skip]
    let innocent: &[(&str, &str)] = &[
        ("src/rooms/clients/mod.rs", "// use crate::claims;\n/* sqlx::query /* Utc::now() */ use tonic::x; */ /// see crate::packs"),
        ("src/rooms/clients/mod.rs", r###"const A: &str = "use sqlx::Row; \" Utc::now()"; const B: &str = r#"crate::claims "quoted" "#; const C: &[u8] = b"crate::packs::x";"###),
        ("src/rooms/clients/mod.rs", "fn f<'a>(a: &'a str) -> char { let b = '\"'; let c = '\\''; let d = b'\"'; '\"' }"),
        ("src/rooms/clients/mod.rs", "use crate::access::Context; use crate::formats; mod store; use store::find; fn f() { self::store::find(); }"),
        ("src/rooms/claims/mod.rs", "mod tests { use super::*; use super::super::diary; fn f(a: impl Into<u8> + use<>) { super::store::x() } }"),
        ("src/rooms/claims/store.rs", "use sqlx::Row; use crate::store::Db;"),
        ("src/rooms/claims/answer_store.rs", "use sqlx::Row;"),
        ("src/rooms/claims/store/log.rs", "use sqlx::Row;"),
        ("src/foundation/store/mod.rs", "use sqlx::Row;"),
        ("src/grpc/tour/mod.rs", "use tonic::transport::Channel; use crate::proto::A; fn f() { Instant::now(); }"),
        ("src/packs/compose.rs", "use typst::World; use startline_rooms::{claims, scripts, diary};"),
        ("src/packs/lib.rs", "use startline_rooms::claims::{self, State::Open}; fn f() { claims::get(); claims::State::Lodged; super::store::x(); }"),
        ("src/foundation/clock.rs", "fn f() { Utc::now(); std::time::Instant::now(); }"),
        ("src/rooms/diary/mod.rs", "fn f(clock: &Clock, typst: u8) { clock.now(); self.tonic.call(typst); }"),
        ("src/foundation/tls/load.rs", "use tokio_rustls::rustls::ServerConfig; use x509_cert::Certificate;"),
        ("src/lib.rs", "pub mod claims; pub mod grpc;"),
        ("src/main.rs", "use startline::app; fn main() {}"),
    ];
    for (path, source) in innocent {
        assert_eq!(faults_in(path, source), Vec::<String>::new(), "{path} {source:?}");
    }
}

// ---- what is looked for ----

/// Every wall that the file at `path` (from the repository's root) walks through, as a sentence with file and line.
fn faults_in(path: &str, text: &str) -> Vec<String> {
    let name = module_of(path);
    let Some(module) = HOUSE.iter().find(|module| module.name == name) else {
        return vec![format!("{path}:1: {name} has no row in the table at the top of tests/tidy.rs: give it one")];
    };
    let mut faults = BTreeSet::new();
    for reference in references(path, text) {
        for sentence in faults_of(path, module, &reference) {
            faults.insert((reference.line, sentence));
        }
    }
    let lines = text.lines().count();
    if lines > LONGEST_FILE {
        let sentence =
            format!("the file is longer than {LONGEST_FILE} lines: split it, because one file holds one verb");
        faults.insert((lines, sentence));
    }
    faults.into_iter().map(|(line, sentence)| format!("{path}:{line}: {sentence}")).collect()
}

fn faults_of(path: &str, module: &Module, reference: &Reference) -> Vec<String> {
    let (own, full) = (module.name, reference.path.join("::"));
    let segments: Vec<&str> = reference.path.iter().map(String::as_str).collect();
    let mut faults = Vec::new();
    let may = || format!("it may use only {}, because {}", module.may_use.join(", "), module.because);
    match segments.as_slice() {
        ["crate"] if reference.in_use && !["lib", "main"].contains(&own) => {
            faults.push(format!("{own} takes in the whole house at once ({full}); {}", may()));
        }
        ["crate", other, rest @ ..] => {
            let generated = rest.first().is_some_and(|part| GENERATED.contains(&[*other, *part]));
            let asks_methods = generated && own == "desktop";
            let is_of_the_house = *other != own && HOUSE.iter().any(|m| m.name == *other);
            if is_of_the_house && !asks_methods && !allowed(module).contains(other) {
                faults.push(format!("{own} names {full}; {}", may()));
            }
            let into_store = rest.first().is_some_and(|part| *part == "store" || part.ends_with("_store"));
            if into_store && *other != own && ROOMS.contains(other) {
                faults.push(format!(
                    "{own} reaches into the store of {other} ({full}): call one of its verbs, because they hold its rules"
                ));
            }
            let inside = rest.len() > 1 && rest[0].starts_with(|c: char| c.is_ascii_lowercase());
            if inside && !into_store && *other != own && ROOMS.contains(other) {
                faults.push(format!(
                    "{own} reaches past the mod.rs of {other} ({full}): name what that gives, or have it give more, because \
                     how a room is laid out inside is its own affair"
                ));
            }
            if generated && own != "grpc" && !asks_methods {
                faults.push(format!(
                    "{full} is generated from proto/ and stays in src/grpc/ and src/desktop/, because the one door speaks it \
                     and the other asks its methods"
                ));
            }
        }
        [library, ..] => {
            let covers =
                |name: &&str| library.strip_prefix(*name).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
            for wall in LIBRARIES.iter().filter(|wall| wall.names.iter().any(covers) && !(wall.at_home)(path)) {
                faults.push(format!(
                    "{library} is named outside {}: keep it there, because {}",
                    wall.place, wall.because
                ));
            }
        }
        [] => {}
    }
    for (kind, rooms_only) in CLOCKS {
        let read = segments.windows(2).any(|pair| pair == [*kind, "now"]);
        if read && own != "clock" && (!rooms_only || ROOMS.contains(&own)) {
            faults.push(format!("{kind}::now is read outside src/clock.rs: take `now` as an argument, because a test must be able to say what time it is"));
        }
    }
    faults
}

fn allowed(module: &Module) -> BTreeSet<&'static str> {
    let members = |name: &&'static str| match GROUPS.iter().find(|(group, _)| group == name) {
        Some((_, members)) => members.to_vec(),
        None => vec![*name],
    };
    module.may_use.iter().flat_map(members).collect()
}

/// `src/rooms/claims/store.rs` is of the module `claims`.
fn module_of(path: &str) -> &str {
    let inside = inside(path);
    inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
}

fn within(path: &str, module: &str) -> bool {
    module_of(path) == module
}

/// `src/rooms/claims/store.rs`, `src/rooms/claims/answer_store.rs`, and what is inside `src/rooms/claims/store/`.
fn is_store_file(path: &str) -> bool {
    let part = inside(path).split('/').nth(1).unwrap_or("").trim_end_matches(".rs");
    part == "store" || part.ends_with("_store")
}
