//! `startline audit`: whether the trail of what was done and who looked is whole, and who looked at a client's record.

use super::{Options, show};
use clap::Subcommand;
use startline::app;
use startline::formats::day_in_words;
use startline::ids::ClientId;
use startline::records::{self, LookPlace, Looker};
use std::fmt::Write;

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
    /// Print who looked at a client's record, when and as what: for the client who asks.
    Access {
        /// The client's id.
        client: String,
        #[command(flatten)]
        options: Options,
    },
}

pub async fn run(command: AuditCommand) -> Result<(), String> {
    match command {
        AuditCommand::Verify { holds, options } => verify(holds.as_deref(), options).await,
        AuditCommand::Access { client, options } => access(&client, options).await,
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
        return show(&"Nobody has looked at this record.\n");
    }
    show(&page)
}
