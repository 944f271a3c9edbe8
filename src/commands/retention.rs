//! `startline retention`: what the settings of `[retention]` would erase, a run that does it, and what there is of one client
//! erased because they asked. What it does, the service itself is named for.

use super::{Options, show};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use startline::app;
use startline::clock::Clock;
use startline::config::{Config, RetentionConfig};
use startline::definition::Definition;
use startline::formats::{Language, day_in_words, long_text};
use startline::ids::ClientId;
use startline::last_resort;
use startline::records;
use startline::service::Runner;
use startline::service::use_cases::retention::{self, Belongings, Line};
use startline::store::Store;
use std::fmt::Write;
use std::sync::Arc;

#[derive(Subcommand)]
pub enum RetentionCommand {
    /// Say, kind by kind, what a run would erase now, and why other records of that age stay. Changes nothing.
    Show {
        #[command(flatten)]
        given: Given,
    },
    /// Say the same, and with --yes erase it. A service that runs does so each night by itself.
    Run {
        /// Erase it.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        given: Given,
    },
    /// Say what there is of a client, and with --yes erase it, because the client asked. Refused while anything of it is
    /// under way.
    EraseClient {
        /// The client's id.
        client: String,
        /// Why, for the audit: "asked by letter of 3 March". It stays, so it names nobody.
        #[arg(long)]
        reason: String,
        /// Erase it.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        given: Given,
    },
    /// Write the embedded database anew, so that nothing of what was erased is left in its free space. The service must be
    /// stopped meanwhile. On PostgreSQL dead rows are cleared away.
    Compact {
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Args)]
pub struct Given {
    #[command(flatten)]
    options: Options,
    /// When it is, for the tests; by the machine's clock when not given.
    #[arg(long, hide = true)]
    clock: Option<DateTime<Utc>>,
}

/// What each of these commands needs.
struct Opened {
    config: Config,
    definition: Arc<Definition>,
    store: Store,
    clock: Clock,
}

impl Given {
    async fn open(self) -> Result<Opened, String> {
        let config = self.options.config()?;
        let definition = app::load_definition(&config)?;
        let store = app::open_store_beside(&config).await?;
        let clock = self.clock.map_or_else(Clock::system, |at| Clock::manual(at).0);
        Ok(Opened { config, definition, store, clock })
    }
}

impl Opened {
    fn day(&self, at: DateTime<Utc>) -> String {
        day_in_words(self.definition.calendar.local_date(at), Language::English)
    }
}

pub async fn run(command: RetentionCommand) -> Result<(), String> {
    match command {
        RetentionCommand::Show { given } => {
            let opened = given.open().await?;
            let shown = show_what_would_go(&opened).await;
            opened.store.close().await;
            shown
        }
        RetentionCommand::Run { yes, given } => {
            let opened = given.open().await?;
            let done = erase_old(&opened, yes).await;
            opened.store.close().await;
            done
        }
        RetentionCommand::EraseClient { client, reason, yes, given } => {
            let opened = given.open().await?;
            let done = erase_client(&opened, &client, &reason, yes).await;
            opened.store.close().await;
            if done? { write_anew(&opened.config).await } else { Ok(()) }
        }
        RetentionCommand::Compact { options } => {
            let config = options.config()?;
            match app::write_database_anew(&config).await? {
                true => show(&"The database was written anew.\n"),
                false => Err("the service is running: stop it first".into()),
            }
        }
    }
}

fn is_anything_named(settings: &RetentionConfig) -> Result<(), String> {
    match *settings == RetentionConfig::default() {
        true => Err("the settings name no kind of record under [retention]: everything is kept for ever".into()),
        false => Ok(()),
    }
}

async fn show_what_would_go(opened: &Opened) -> Result<(), String> {
    is_anything_named(&opened.config.retention)?;
    let lines = retention::look(&opened.store, &opened.config.retention, opened.clock.now()).await;
    show(&told(opened, &lines.map_err(|fault| fault.to_string())?, "would be erased"))
}

async fn erase_old(opened: &Opened, yes: bool) -> Result<(), String> {
    if !yes {
        show_what_would_go(opened).await?;
        return Err("nothing was erased: to erase it type startline retention run --yes".into());
    }
    is_anything_named(&opened.config.retention)?;
    let runner = Runner::new(opened.store.clone(), opened.clock.clone());
    let lines = retention::run((&opened.store, &runner), &opened.config.retention, opened.clock.now()).await;
    seal(opened).await?;
    show(&told(opened, &lines.map_err(|fault| fault.to_string())?, "erased"))
}

/// One line for each sort of record, and one for each reason why some stay.
fn told(opened: &Opened, lines: &[Line], what: &str) -> String {
    let mut page = String::new();
    for line in lines {
        let (kind, words, due) = (line.kind, line.shelf.words(), line.tally.due);
        let days = opened.config.retention.days(kind).unwrap_or_default();
        let _ = write!(page, "{kind} ({days} days, before {}): {due} {words} {what}", opened.day(line.before));
        if let Some((oldest, newest)) = line.tally.oldest.zip(line.tally.newest) {
            let _ = write!(page, ", the oldest of {}, the newest of {}", opened.day(oldest), opened.day(newest));
        }
        let _ = match line.tally.staying() {
            0 => writeln!(page),
            stay => writeln!(page, "; {stay} of that age stay"),
        };
        for (why, count) in &line.tally.stay {
            let _ = writeln!(page, "  {count} stay: {why}");
        }
    }
    page
}

/// Whether it was erased.
async fn erase_client(opened: &Opened, client: &str, reason: &str, yes: bool) -> Result<bool, String> {
    const REASON_CHARS: usize = 200;
    let client = ClientId::parse("client", client).map_err(|fault| fault.to_string())?;
    let reason = long_text(reason, REASON_CHARS).map_err(|fault| format!("--reason: {fault}"))?;
    if reason.is_empty() {
        return Err("--reason: is needed, because the audit says why a client was erased".into());
    }
    let theirs = {
        let mut reader = opened.store.read().await.map_err(|fault| fault.to_string())?;
        retention::belongings(&mut reader.db(), client, opened.clock.now()).await
    };
    let theirs = theirs.map_err(|fault| fault.to_string())?;
    if let Some(at) = theirs.erased_at {
        return Err(format!("this client was erased on {}", opened.day(at)));
    }
    let mut page = String::from("Of this client there are, beside the record with its history:\n");
    for (words, count) in &theirs.counts {
        let _ = writeln!(page, "  {count} {words}");
    }
    for why in &theirs.live {
        let _ = writeln!(page, "  cannot be erased now: {why}");
    }
    show(&page)?;
    if !theirs.live.is_empty() {
        return Err("nothing was erased: something of this client is under way".into());
    }
    is_in_no_file(opened, &theirs)?;
    if !yes {
        return Err(format!(
            "nothing was erased: to erase it type startline retention erase-client {client} --reason \"{reason}\" --yes"
        ));
    }
    let runner = Runner::new(opened.store.clone(), opened.clock.clone());
    let done = retention::erase_client(&runner, client, &reason).await.map_err(|fault| fault.to_string())?;
    seal(opened).await?;
    show(&format_args!(
        "Erased, with {} kept answers to requests and {} jobs. What other clients said of this one in their own claims stays.\n",
        done.answers_forgotten, done.jobs_forgotten
    ))?;
    Ok(true)
}

/// Where no service runs, nobody else seals what was just written down.
async fn seal(opened: &Opened) -> Result<(), String> {
    let sealed = async {
        let mut tx = opened.store.begin_write().await?;
        records::seal(&mut tx.db(), opened.clock.now()).await?;
        tx.commit().await
    };
    let sealed: startline::error::Result<()> = sealed.await;
    sealed.map_err(|fault| fault.to_string())
}

/// What no database would take stands in a file, and only a person can say what is to become of it.
fn is_in_no_file(opened: &Opened, theirs: &Belongings) -> Result<(), String> {
    let file = opened.config.store.data.join(last_resort::FILE);
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    match theirs.numbers.iter().any(|number| text.contains(number.as_str())) {
        true => Err(format!("{} names a telephone number of this client: see to its lines first", file.display())),
        false => Ok(()),
    }
}

async fn write_anew(config: &Config) -> Result<(), String> {
    match app::write_database_anew(config).await? {
        true => Ok(()),
        false => show(
            &"The service is running, so the free space of the database's file was not written anew: traces may be left \
              there until you stop it and type startline retention compact.\n",
        ),
    }
}
