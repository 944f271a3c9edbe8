//! `startline audit`: whether the trail of what was done and who looked is whole, and who looked at a client's record.

use super::{Options, show};
use chrono::{DateTime, Utc};
use clap::Subcommand;
use startline::access::{self, Ground, Kind, Right, Role};
use startline::app;
use startline::clients;
use startline::clock::Clock;
use startline::definition::Definition;
use startline::formats::{Language, day_in_words};
use startline::ids::ClientId;
use startline::packs::{self, AccessPrint, Composers, ListWanted};
use startline::records::{self, Look, LookPlace, Looked, Looker};
use startline::store::{Db, Store};
use std::fmt::Write;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Check each seal against the lines under it: whether one is missing or was changed. The newest hash is printed, to be kept
    /// where nobody who can change the database can change it.
    Verify {
        /// A hash that an earlier check printed: fails unless it is still in the chain.
        #[arg(long)]
        holds: Option<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Print who looked at a client's record, when and as what; with --pdf, as a document for the client who asks.
    Access {
        /// The client's id.
        client: String,
        /// Make a document in plain words instead, in a file that is not there yet. That it was made is noted as a look.
        #[arg(long, value_name = "FILE")]
        pdf: Option<PathBuf>,
        /// The document's language, en or cy; the one in which the client is written to when not given.
        #[arg(long, requires = "pdf")]
        language: Option<String>,
        /// Only looks before this time, as `2026-03-04T00:00:00Z`: for what was too much for one document.
        #[arg(long, requires = "pdf")]
        until: Option<DateTime<Utc>>,
        #[command(flatten)]
        options: Options,
    },
}

pub async fn run(command: AuditCommand) -> Result<(), String> {
    match command {
        AuditCommand::Verify { holds, options } => verify(holds.as_deref(), options).await,
        AuditCommand::Access { client, pdf: None, options, .. } => access(&client, options).await,
        AuditCommand::Access { client, pdf: Some(file), language, until, options } => {
            document(&client, &file, language.as_deref(), until, options).await
        }
    }
}

async fn verify(holds: Option<&str>, options: Options) -> Result<(), String> {
    let config = options.config()?;
    let store = app::open_store_beside(&config).await?;
    let mut reader = store.read().await.map_err(|fault| fault.to_string())?;
    let (report, is_held) = {
        let db = &mut reader.db();
        let report = records::verify(db).await.map_err(|fault| fault.to_string())?;
        let is_held = match holds {
            Some(hash) => records::has_hash(db, hash).await.map_err(|fault| fault.to_string())?,
            None => true,
        };
        (report, is_held)
    };
    drop(reader);
    store.close().await;
    let hash: String = report.hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let (seals, audits, looks, unsealed) = (report.seals, report.audits, report.looks, report.unsealed);
    show(&format_args!(
        "{seals} seals over {audits} audit lines and {looks} looks; {unsealed} lines not sealed yet\n"
    ))?;
    show(&format_args!("newest hash: {hash}\n"))?;
    if let Some(erased) = &report.erased {
        let (seal, made, run) = (erased.last_seal, erased.sealed_at.to_rfc3339(), erased.run);
        let at = erased.at.to_rfc3339();
        show(&format_args!("erased by [retention]: the lines up to seal {seal} of {made}, by run {run} of {at}\n"))?;
    }
    for fault in &report.faults {
        show(&format_args!("{fault}\n"))?;
    }
    match (report.faults.len(), is_held) {
        (0, true) => Ok(()),
        (0, false) => Err("the hash named is not in the chain: seals were made anew, or are missing at the end".into()),
        (faults, _) => Err(format!("{faults} faults in the audit")),
    }
}

async fn access(client: &str, options: Options) -> Result<(), String> {
    const AT_A_TIME: i32 = 500;
    let config = options.config()?;
    let definition = app::load_definition(&config)?;
    let id = ClientId::parse("client", client).map_err(|fault| fault.to_string())?;
    let store = app::open_store_beside(&config).await?;
    let mut reader = store.read().await.map_err(|fault| fault.to_string())?;
    standing(&mut reader.db(), &definition, id).await?;
    let erased_until = records::looks_erased_until(&mut reader.db()).await.map_err(|fault| fault.to_string())?;
    let looker = Looker { client: Some(id), ..Looker::default() };
    let (mut after, mut page) = (None::<LookPlace>, String::new());
    loop {
        let looks =
            records::looks(&mut reader.db(), &looker, after, AT_A_TIME).await.map_err(|fault| fault.to_string())?;
        let Some((last, _)) = looks.last() else { break };
        after = Some((last.at, last.id));
        for (look, name) in &looks {
            let day = day_in_words(definition.calendar.local_date(look.at), startline::formats::Language::English);
            let time = definition.calendar.local_time(look.at).format("%H:%M");
            let site = look.site.as_ref().map(|site| format!(", {site}")).unwrap_or_default();
            let (role, kind) = (&look.role, look.kind.replace('_', " "));
            let _ = writeln!(page, "{day}, {time}: {name} ({role}{site}) looked at the {kind}");
        }
    }
    drop(reader);
    store.close().await;
    if page.is_empty() {
        page += "Nobody is known to have looked at this record.\n";
    }
    if let Some(until) = erased_until {
        let day = day_in_words(definition.calendar.local_date(until), Language::English);
        let _ = writeln!(page, "Who looked before {day} was erased by [retention].");
    }
    show(&page)
}

/// # Errors
/// A sentence when there is no such client, or none any more.
async fn standing(db: &mut Db<'_>, definition: &Definition, id: ClientId) -> Result<(), String> {
    clients::get(db, id).await.map_err(|fault| fault.to_string())?;
    match clients::erased_at(db, id.0).await.map_err(|fault| fault.to_string())?.flatten() {
        None => Ok(()),
        Some(at) => {
            let day = day_in_words(definition.calendar.local_date(at), Language::English);
            Err(format!("this client was erased on {day}: there is no record that somebody could look at"))
        }
    }
}

/// The list as a document, in a file that only whoever runs this can read.
async fn document(
    client: &str,
    file: &Path,
    language: Option<&str>,
    until: Option<DateTime<Utc>>,
    options: Options,
) -> Result<(), String> {
    let config = options.config()?;
    let definition = app::load_definition(&config)?;
    let id = ClientId::parse("client", client).map_err(|fault| fault.to_string())?;
    let wanted = ListWanted { from: None, until, language: language.map(Language::parse).transpose()? };
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut opened = opened.map_err(|fault| format!("{} cannot be made: {fault}", file.display()))?;
    let store = app::open_store_beside(&config).await?;
    let standing = async {
        let mut reader = store.read().await.map_err(|fault| fault.to_string())?;
        standing(&mut reader.db(), &definition, id).await
    };
    standing.await.inspect_err(|_| drop(std::fs::remove_file(file)))?;
    let made = made(&store, &definition, id, &wanted).await.map_err(|fault| fault.to_string());
    store.close().await;
    let made = made.inspect_err(|_| drop(std::fs::remove_file(file)))?;
    opened.write_all(&made.composed.pdf).map_err(|fault| format!("{} cannot be written: {fault}", file.display()))?;
    let (pages, looks, people) = (made.composed.pages, made.looks, made.people);
    show(&format_args!("{} tells of {looks} looks by {people} people on {pages} pages\n", file.display()))?;
    match made.earlier_until {
        Some(until) => show(&format_args!(
            "what was looked at before that is for another: make it with --until {}\n",
            until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        )),
        None => Ok(()),
    }
}

async fn made(
    store: &Store,
    definition: &Definition,
    id: ClientId,
    wanted: &ListWanted,
) -> startline::error::Result<AccessPrint> {
    let now = Clock::system().now();
    let client = clients::get(&mut store.read().await?.db(), id).await?;
    let mut tx = store.begin_write().await?;
    let context = access::system_context(&mut tx.db(), now).await?;
    let looked = Looked { kind: Kind::Client, record: id.to_string(), client: Some(id) };
    let right = Right { ground: Ground::Accounts, role: Role::Admin };
    let look = Look::new(&context, "startline audit access", right, looked);
    records::note(&mut tx.db(), &[look]).await?;
    tx.commit().await?;
    // The list does not tell of itself.
    let wanted = ListWanted { until: wanted.until.or(Some(now)), ..wanted.clone() };
    packs::print_access(store, &Composers::default(), definition, &client, &wanted, now).await
}
