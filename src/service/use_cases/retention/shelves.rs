//! Where the records of each kind stand: in which order they are read, what holds them, and how they are erased.

use super::client;
use super::due::{Holds, Why};
use chrono::{DateTime, Utc};
use startline_foundation::config::RetentionKind as Kind;
use startline_foundation::error::Result;
use startline_foundation::store::{self, Aged, AgedPage, Db};
use startline_packs as packs;
use startline_rooms::{
    access, callbacks, claims, clients, diary, followup, printing, records, reminders, rota, scripts,
};
use startline_routing as routing;
use uuid::Uuid;

/// One sort of record, of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    Reminders,
    Packs,
    Exceptions,
    Callbacks,
    Claims,
    Clients,
    CallRecords,
    MissedCallers,
    Walks,
    Jobs,
    RecordRequests,
    /// Looks and lines of the audit, by the seals that they are under.
    Seals,
    Duties,
    Tokens,
    HoursOff,
}

impl Shelf {
    /// In the order in which they are erased: what points at others goes first.
    pub const ALL: [Self; 15] = [
        Self::Reminders,
        Self::Packs,
        Self::Exceptions,
        Self::Callbacks,
        Self::Claims,
        Self::Clients,
        Self::CallRecords,
        Self::MissedCallers,
        Self::Walks,
        Self::Jobs,
        Self::RecordRequests,
        Self::Seals,
        Self::Duties,
        Self::Tokens,
        Self::HoursOff,
    ];

    pub fn kind(self) -> Kind {
        match self {
            Self::Reminders => Kind::Reminders,
            Self::Packs | Self::Exceptions => Kind::Documents,
            Self::Callbacks => Kind::Callbacks,
            Self::Claims => Kind::Claims,
            Self::Clients => Kind::Clients,
            Self::CallRecords | Self::MissedCallers | Self::Walks => Kind::Calls,
            Self::Jobs => Kind::Jobs,
            Self::RecordRequests | Self::Seals => Kind::AccessLog,
            Self::Duties | Self::Tokens | Self::HoursOff => Kind::People,
        }
    }

    /// As an operator reads it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Reminders => "reminders",
            Self::Packs => "packs and letters",
            Self::Exceptions => "lists of what could not be printed",
            Self::Callbacks => "call-backs",
            Self::Claims => "claims",
            Self::Clients => "clients",
            Self::CallRecords => "calls",
            Self::MissedCallers => "missed callers",
            Self::Walks => "walks of no claim",
            Self::Jobs => "jobs",
            Self::RecordRequests => "requests for records",
            Self::Seals => "looks and audit lines",
            Self::Duties => "duties",
            Self::Tokens => "tokens",
            Self::HoursOff => "hours off",
        }
    }

    /// So many in one transaction, so that nobody waits for it long: a claim has many rows under it.
    pub fn at_a_time(self) -> i32 {
        match self {
            Self::Clients => 10,
            Self::Claims | Self::Callbacks | Self::Packs => 25,
            _ => 500,
        }
    }

    /// What is old enough, held or not.
    pub async fn page(self, db: &mut Db<'_>, page: &AgedPage) -> Result<Vec<Aged>> {
        match self {
            Self::Reminders => reminders::over(db, page).await,
            Self::Packs => packs::over(db, page).await,
            Self::Exceptions => packs::exceptions_over(db, page).await,
            Self::Callbacks => callbacks::over(db, page).await,
            Self::Claims => claims::over(db, page).await,
            Self::Clients => clients::over(db, page).await,
            Self::CallRecords => routing::calls_over(db, page).await,
            Self::MissedCallers => callbacks::missed_over(db, page).await,
            Self::Walks => scripts::walks_over(db, page).await,
            Self::Jobs => store::jobs_over(db, page).await,
            Self::RecordRequests => records::requests_over(db, page).await,
            Self::Duties => access::duties_over(db, page).await,
            Self::Tokens => access::tokens_over(db, page).await,
            Self::HoursOff => rota::blocks_over(db, page).await,
            // They go whole, from the first on: see `records::erase_seals`.
            Self::Seals => Ok(Vec::new()),
        }
    }

    /// What of these stays, and why. `before`: what is younger than that holds its client.
    pub async fn holds(
        self,
        db: &mut Db<'_>,
        ids: &[Uuid],
        before: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Holds> {
        Ok(match self {
            Self::Reminders => because(Why::Unsent, reminders::unsent(db, ids).await?),
            Self::Packs => pack_holds(db, ids).await?,
            Self::Exceptions => because(Why::Unprintable, packs::exceptions_open(db, ids).await?),
            Self::Callbacks => callback_holds(db, ids).await?,
            Self::Claims => claim_holds(db, ids).await?,
            Self::Clients => client_holds(db, ids, before, now).await?,
            Self::MissedCallers => because(Why::MissedCaller, callbacks::missed_open(db, ids).await?),
            Self::Walks => because(Why::Walk, scripts::waiting_among(db, ids).await?),
            Self::RecordRequests => because(Why::RecordRequest, records::requests_open(db, ids).await?),
            // What is not over is not read in the first place.
            Self::CallRecords | Self::Jobs | Self::Duties | Self::Tokens | Self::HoursOff | Self::Seals => Vec::new(),
        })
    }

    pub async fn erase(self, db: &mut Db<'_>, ids: &[Uuid], now: DateTime<Utc>) -> Result<()> {
        match self {
            Self::Reminders => reminders::erase(db, ids).await,
            Self::Packs => erase_packs(db, ids, now).await,
            Self::Exceptions => packs::erase_exceptions(db, ids).await,
            Self::Callbacks => erase_callbacks(db, ids, now).await,
            Self::Claims => erase_claims(db, ids, now).await,
            Self::Clients => {
                for id in ids {
                    client::erase_records(db, *id, now).await?;
                }
                Ok(())
            }
            Self::CallRecords => routing::erase_calls(db, ids, now).await,
            Self::MissedCallers => callbacks::erase_missed(db, ids).await,
            Self::Walks => scripts::erase_walks(db, ids).await,
            Self::Jobs => store::erase_jobs(db, ids).await,
            Self::RecordRequests => records::erase_requests(db, ids).await,
            Self::Duties => access::erase_duties(db, ids).await,
            Self::Tokens => access::erase_tokens(db, ids).await,
            Self::HoursOff => rota::erase_blocks(db, ids).await,
            Self::Seals => Ok(()),
        }
    }
}

fn because(why: Why, ids: Vec<Uuid>) -> Holds {
    ids.into_iter().map(|id| (id, why)).collect()
}

async fn pack_holds(db: &mut Db<'_>, ids: &[Uuid]) -> Result<Holds> {
    let mut holds = because(Why::Printing, printing::packs_waiting(db, ids).await?);
    let of_claims = packs::claims_of_packs(db, ids).await?;
    let mut their_claims: Vec<Uuid> = of_claims.iter().map(|(_, claim)| *claim).collect();
    their_claims.dedup();
    let underway = claims::underway_among(db, &their_claims).await?;
    let held = of_claims.into_iter().filter(|(_, claim)| underway.contains(claim));
    holds.extend(held.map(|(pack, _)| (pack, Why::ClaimUnderway)));
    Ok(holds)
}

pub(super) async fn callback_holds(db: &mut Db<'_>, ids: &[Uuid]) -> Result<Holds> {
    let mut holds = because(Why::Callback, callbacks::live_among(db, ids).await?);
    holds.extend(because(Why::OwedLetter, callbacks::owed_letters(db, ids).await?));
    for id in ids {
        let letters = packs::packs_about(db, &[*id]).await?;
        let waits = !printing::packs_waiting(db, &letters).await?.is_empty();
        holds.extend(waits.then_some((*id, Why::Printing)));
    }
    Ok(holds)
}

pub(super) async fn claim_holds(db: &mut Db<'_>, ids: &[Uuid]) -> Result<Holds> {
    let mut holds = because(Why::ClaimUnderway, claims::underway_among(db, ids).await?);
    holds.extend(because(Why::Meeting, diary::claims_with_meeting(db, ids).await?));
    holds.extend(because(Why::Walk, scripts::claims_with_unfinished(db, ids).await?));
    holds.extend(because(Why::Query, claims::queried(db, ids).await?));
    holds.extend(because(Why::Step, followup::claims_with_step(db, ids).await?));
    holds.extend(because(Why::Standby, followup::claims_on_standby(db, ids).await?));
    holds.extend(because(Why::BuiltOn, claims::built_on(db, ids).await?));
    for id in ids {
        let theirs = packs::packs_about(db, &[*id]).await?;
        let waits = !printing::packs_waiting(db, &theirs).await?.is_empty();
        holds.extend(waits.then_some((*id, Why::Printing)));
        let about = [vec![*id], diary::appointments_of_claims(db, &[*id]).await?].concat();
        let unprintable = packs::exceptions_about(db, &about).await?;
        let is_open = !packs::exceptions_open(db, &unprintable).await?.is_empty();
        holds.extend(is_open.then_some((*id, Why::Unprintable)));
        let client = claims::client_of(db, *id).await?;
        let asked = records::clients_with_open_request(db, client.as_slice()).await?;
        holds.extend((!asked.is_empty()).then_some((*id, Why::RecordRequest)));
    }
    Ok(holds)
}

async fn client_holds(db: &mut Db<'_>, ids: &[Uuid], before: DateTime<Utc>, now: DateTime<Utc>) -> Result<Holds> {
    let mut holds = because(Why::Younger, clients::changed_since(db, ids, before).await?);
    if !ids.is_empty() {
        holds.extend(because(Why::Younger, claims::clients_since(db, ids, before).await?));
        holds.extend(because(Why::Younger, callbacks::clients_since(db, ids, before).await?));
        holds.extend(because(Why::Younger, diary::clients_since(db, ids, before).await?));
    }
    for id in ids {
        holds.extend(client::live(db, *id, now).await?.into_iter().map(|why| (*id, why)));
    }
    Ok(holds)
}

pub(super) async fn erase_packs(db: &mut Db<'_>, ids: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    packs::erase(db, ids, now).await?;
    printing::erase_of_packs(db, ids).await
}

/// With the letters about them.
pub(super) async fn erase_callbacks(db: &mut Db<'_>, ids: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    callbacks::erase(db, ids, now).await?;
    let unprintable = packs::exceptions_about(db, ids).await?;
    packs::erase_exceptions(db, &unprintable).await?;
    let letters = packs::packs_about(db, ids).await?;
    erase_packs(db, &letters, now).await
}

/// With all that hangs on them, in the order of locks.
pub(super) async fn erase_claims(db: &mut Db<'_>, ids: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let walks = scripts::walks_of_claims(db, ids).await?;
    scripts::erase_walks(db, &walks).await?;
    claims::erase(db, ids, now).await?;
    let meetings = diary::appointments_of_claims(db, ids).await?;
    diary::erase_notes(db, ids, &meetings).await?;
    followup::erase(db, ids).await?;
    reminders::erase_of_appointments(db, &meetings).await?;
    let about = [ids, &meetings].concat();
    let unprintable = packs::exceptions_about(db, &about).await?;
    packs::erase_exceptions(db, &unprintable).await?;
    packs::erase_deliveries(db, ids).await?;
    let documents = packs::packs_about(db, &about).await?;
    erase_packs(db, &documents, now).await
}
