//! `startline demo`: fills a folder with a small network of invented people. What they do is in `grpc/demo`, through the API;
//! here an empty database is opened for it, with a clock of its own, and what there is to look at is told.

use super::welcome::Given;
use super::{Options, show};
use chrono::{DateTime, TimeDelta, Utc};
use startline::access::{self, Duty, NewUser, SYSTEM_USER, Sought};
use startline::app::{self, App};
use startline::clock::Clock;
use startline::config::{Config, TelemetryConfig};
use startline::definition::Definition;
use startline::error::Result as Done;
use startline::grpc::demo::{self, Badge, Days, Filled, Part, Stage};
use startline::ids::{AgencyId, OfficeId, SiteId};
use startline::service::first_password;
use startline::store::{Store, Target};
use startline::telemetry;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How long the demo's tokens are good for.
const TOKENS_LAST: TimeDelta = TimeDelta::days(90);
/// Who has which token, in the data folder.
const PEOPLE: &str = "demo-people.txt";

pub async fn run(clock: Option<DateTime<Utc>>, options: Options) -> Result<(), String> {
    let (serve_with, _) = Given::of(&options).options();
    let config = only_here(options.config()?);
    let _spans = telemetry::start(&TelemetryConfig::default(), "error", false)?;
    let definition = app::load_definition(&config)?;
    let now = clock.unwrap_or_else(|| Clock::system().now());
    let days = Days::around(&definition, now)?;
    let duties = all_duties(&definition, days.begins())?;
    let store = open_empty(&config).await?;
    show(&"Filling the folder with invented people, as they would work through the last days…\n")?;
    let (password, hash) = first_password().await.map_err(|fault| fault.to_string())?;
    let cast = add_cast(&store, duties, &hash, (days.begins(), now + TOKENS_LAST)).await;
    store.close().await;
    let cast = cast.map_err(|fault| fault.to_string())?;
    let told = people_table(&cast, &password);
    let (clock, hand) = Clock::manual(days.begins());
    let app = App::start(&config, clock).await?;
    let stage = Stage { address: app.address, clock: hand, days, cast };
    let filled = demo::fill(stage).await;
    let stopped = app.stop().await;
    let filled = filled.map_err(|fault| format!("the demo could not be finished, throw away what it made: {fault}"))?;
    stopped?;
    let file = keep(&config.store.data, &told)?;
    show(&format_args!("{told}\n{}", what_to_try(&filled, &file, &serve_with)))
}

/// Nothing of the demo leaves this process: no printer prints it, no text is sent, and nobody else is served.
fn only_here(config: Config) -> Config {
    let mut config = config;
    config.grpc.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    config.grpc.tls = None;
    (config.sip, config.web, config.notify, config.oidc) = (None, None, None, None);
    config.printers.clear();
    config.telemetry = TelemetryConfig::default();
    config
}

/// The database, which must be empty: nobody's records are mixed with invented ones.
async fn open_empty(config: &Config) -> Result<Store, String> {
    let data = &config.store.data;
    let target = Target::choose(data, config.store.database_url.as_deref()).map_err(|fault| fault.to_string())?;
    match &target {
        Target::SqliteFile(file) if file.exists() => {
            return Err(format!("{} is a database already: name an empty folder for the demo", file.display()));
        }
        Target::SqliteFile(_) => {}
        // One without a schema is as good as empty.
        Target::Postgres(_) => {
            if let Ok(store) = Store::open_beside(&target).await {
                let has_users = has_users(&store).await;
                store.close().await;
                if has_users.map_err(|fault| fault.to_string())? {
                    return Err("this database has users already: name an empty one for the demo".into());
                }
            }
        }
    }
    if data.join(PEOPLE).exists() {
        return Err(format!("{} is there already: name an empty folder for the demo", data.join(PEOPLE).display()));
    }
    std::fs::create_dir_all(data).map_err(|fault| format!("{} cannot be made: {fault}", data.display()))?;
    Store::open(&target).await.map_err(|fault| fault.to_string())
}

async fn has_users(store: &Store) -> Done<bool> {
    let mut reader = store.read().await?;
    let context = access::system_context(&mut reader.db(), Clock::system().now()).await?;
    let sought = Sought { with_disabled: true, ..Sought::default() };
    let found = access::find_users(&mut reader.db(), &context, &sought, None, 2).await?;
    Ok(found.iter().any(|(user, _)| user.id != SYSTEM_USER))
}

/// What each of the cast does, checked against the definition before anything is written.
fn all_duties(definition: &Definition, now: DateTime<Utc>) -> Result<Vec<(Part, Duty)>, String> {
    let duty = |part: Part| {
        let duty = Duty {
            office: part.office.map(OfficeId::new),
            agency: part.agency.map(AgencyId::new),
            ..Duty::new(part.role, part.site.map(SiteId::new), now)
        };
        duty.check(definition, now).map_err(|fault| format!("the demo is of the pilot's sites: {fault}"))?;
        Ok((part, duty))
    };
    demo::parts().into_iter().map(duty).collect()
}

async fn add_cast(
    store: &Store,
    duties: Vec<(Part, Duty)>,
    password_hash: &str,
    (now, ends_at): (DateTime<Utc>, DateTime<Utc>),
) -> Done<Vec<Badge>> {
    let mut tx = store.begin_write().await?;
    let context = access::system_context(&mut tx.db(), now).await?;
    let mut cast = Vec::new();
    for (part, duty) in duties {
        let skills = part.skills.iter().map(ToString::to_string).collect();
        let new = NewUser { name: part.full_name(), site: duty.site.clone(), duties: vec![duty], skills };
        let user = access::add(&mut tx.db(), &context, new).await?;
        access::set_invented_password(&mut tx.db(), &context, user.id, password_hash).await?;
        let (_, token) = access::new_token(&mut tx.db(), &context, user.id, "demo", ends_at).await?;
        cast.push(Badge { part, id: user.id.to_string(), token: token.reveal().to_owned() });
    }
    tx.commit().await?;
    Ok(cast)
}

/// A line for each: role, place, name and token; and with which password they all sign in with a browser.
fn people_table(cast: &[Badge], password: &str) -> String {
    let place = |part: &Part| part.office.or(part.site).or(part.agency).unwrap_or("network");
    let mut table = format!("{:<17}{:<25}{:<14}{:<34}token\n", "role", "site", "office", "name");
    for Badge { part, token, .. } in cast {
        let site = part.site.unwrap_or_else(|| place(part));
        let (role, office, name) = (part.role.as_str(), part.office.unwrap_or("-"), part.full_name());
        let _ = writeln!(table, "{role:<17}{site:<25}{office:<14}{name:<34}{token}");
    }
    let _ = writeln!(table, "\nAt the pages each signs in by their name with the password {password}");
    table
}

/// Kept for its owner alone: whoever has a token is that person.
fn keep(data: &Path, told: &str) -> Result<PathBuf, String> {
    let file = data.join(PEOPLE);
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
    let written = opened.and_then(|mut opened| opened.write_all(told.as_bytes()));
    written.map_err(|fault| format!("{} cannot be written: {fault}", file.display()))?;
    Ok(file)
}

fn what_to_try(filled: &Filled, file: &Path, serve_with: &str) -> String {
    let Filled { clients, client_id, lodged_claim_id } = filled;
    let call = |method: &str, body: &str| {
        format!(
            "  grpcurl -plaintext -H \"authorization: Bearer TOKEN\" -d '{body}' 127.0.0.1:50051 startline.v1.{method}\n"
        )
    };
    [
        format!(
            "{clients} invented clients are there, in every state. The tokens are good for 90 days; they stand in\n"
        ),
        format!(
            "{}, which its owner alone can read.\n\nStart it with\n  startline serve{serve_with} --web 127.0.0.1:8080\n\
             open http://127.0.0.1:8080 and sign in as one of them, for example as Asha Merrowdown (demo).\n\n\
             The same by calls:\n",
            file.display()
        ),
        "as an adviser, what is due now:\n".into(),
        call("CallbackService/ListDueCallbacks", "{}"),
        "as an adviser of somerset, a client who is met today:\n".into(),
        call("ClientService/GetClient", &format!("{{\"client_id\": \"{client_id}\"}}")),
        "as a personal adviser, what follows from meetings:\n".into(),
        call("FollowUpService/ListSteps", "{}"),
        "as an agency's reader, a claim that it has:\n".into(),
        call("ClaimService/GetAgencyView", &format!("{{\"claim_id\": \"{lodged_claim_id}\", \"agency_id\": \"ES\"}}")),
    ]
    .concat()
}
