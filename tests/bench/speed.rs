//! What the service must keep up with, as ratios: `cargo bench --bench speed -- [autosave|floor|desk-offer|sip|route|tls|reads|telemetry|pack|lease|flood|form|booking|contest|identity|slipping|windows|start]`.
//!
//! Machines differ and are shared, so nothing here fails and absolute figures say little: each bench alternates the
//! service with a yardstick in short rounds on the same machine, and prints the medians and their ratio. README.md in
//! this folder tells how each is measured and what came of it.

mod autosave;
mod autosave_grpc;
mod booking;
#[path = "../support/collector.rs"]
#[expect(clippy::unwrap_used, reason = "a bench without its collector has failed")]
mod collector;
mod contest;
mod database_away;
mod desk_offer;
mod diaries;
mod diary;
mod fixture;
mod flood;
#[path = "../support/flooder.rs"]
#[expect(
    clippy::unwrap_used,
    dead_code,
    reason = "the stories use all of it, and a flood that cannot begin has failed"
)]
mod flooder;
mod floor;
mod floor_traffic;
mod form;
mod identity;
mod lease;
mod measure;
mod pack;
mod pack_client;
mod pack_html;
mod pack_page;
mod people;
mod postgres;
mod reads;
mod route;
mod server;
mod sip;
mod slipping;
mod start;
#[path = "../support/tls.rs"]
#[expect(clippy::unwrap_used, dead_code, reason = "the stories use all of it, and a bench without papers has failed")]
mod tls;
mod windows;

use std::process::ExitCode;

pub type Fault = Box<dyn std::error::Error + Send + Sync>;
pub type Outcome<T = ()> = Result<T, Fault>;

/// A name on the command line chooses every bench that begins with it.
const BENCHES: [&str; 26] = [
    "autosave-sqlite",
    "autosave-postgres",
    "floor-lives",
    "floor-growth",
    "floor-without-database",
    "desk-offer",
    "sip",
    "route",
    "tls",
    "reads",
    "telemetry",
    "pack-speed",
    "pack-memory",
    "pack-page",
    "lease",
    "flood",
    "form",
    "diary-find",
    "diary-make",
    "booking",
    "contest-sqlite",
    "contest-postgres",
    "identity",
    "slipping",
    "windows",
    "start",
];

#[tokio::main]
async fn main() -> ExitCode {
    if let Some(outcome) = contest::as_second_process().await {
        return outcome;
    }
    // cargo adds `--bench`.
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let Some(unknown) = asked.iter().find(|asked| !BENCHES.iter().any(|name| name.starts_with(asked.as_str()))) {
        eprintln!("speed: there is no bench {unknown}; there are {}", BENCHES.join(", "));
        return ExitCode::FAILURE;
    }
    let mut code = ExitCode::SUCCESS;
    for name in BENCHES.into_iter().filter(|name| asked.is_empty() || asked.iter().any(|asked| name.starts_with(asked)))
    {
        println!("== {name} (load average before: {})", measure::load_average());
        let outcome = match name {
            "autosave-sqlite" => autosave::on_sqlite().await,
            "autosave-postgres" => autosave::on_postgres().await,
            "floor-lives" => floor::lives(),
            "floor-growth" => floor::growth(),
            "floor-without-database" => database_away::run().await,
            "desk-offer" => desk_offer::run().await,
            "sip" => sip::run().await,
            "route" => route::run().await,
            "tls" => route::under_tls().await,
            "reads" => reads::run().await,
            "telemetry" => route::seen().await,
            "pack-speed" => pack::speed(),
            "pack-memory" => pack::memory(),
            "pack-page" => pack_page::run(),
            "lease" => lease::run().await,
            "flood" => flood::run().await,
            "form" => form::run().await,
            "diary-find" => diary::find().await,
            "diary-make" => diary::make().await,
            "booking" => booking::run().await,
            "contest-sqlite" => contest::on_sqlite().await,
            "contest-postgres" => contest::on_postgres().await,
            "identity" => identity::run().await,
            "slipping" => slipping::run().await,
            "windows" => windows::run().await,
            _ => start::run().await,
        };
        if let Err(fault) = outcome {
            eprintln!("speed: {name}: {fault}");
            code = ExitCode::FAILURE;
        }
    }
    code
}
