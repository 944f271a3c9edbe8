//! One client's records: what holds them, what there is, and all of it erased, by the settings or because the client asked.

use super::due::Why;
use super::shelves::{callback_holds, claim_holds, erase_callbacks, erase_claims, erase_packs};
use crate::Runner;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::ClientId;
use startline_foundation::store::{self, Db};
use startline_packs as packs;
use startline_rooms::access::{Context, audit};
use startline_rooms::{access, callbacks, claims, clients, diary, printing, records, reminders, scripts};
use startline_routing as routing;
use std::collections::BTreeSet;
use uuid::Uuid;

/// What is under way of this client.
pub(super) async fn live(db: &mut Db<'_>, client: Uuid, now: DateTime<Utc>) -> Result<BTreeSet<Why>> {
    let theirs = claims::of_clients(db, &[client]).await?;
    let mut whys: BTreeSet<Why> = claim_holds(db, &theirs).await?.into_iter().map(|(_, why)| why).collect();
    let promised = callbacks::ids_of_clients(db, &[client]).await?;
    whys.extend(callback_holds(db, &promised).await?.into_iter().map(|(_, why)| why));
    let walks = scripts::clients_waiting(db, &[client]).await?;
    let places = callbacks::clients_with_hold(db, &[client], now).await?;
    let documents = packs::packs_of_clients(db, &[client]).await?;
    let waiting = printing::packs_waiting(db, &documents).await?;
    let unprintable = packs::exceptions_of_clients(db, &[client]).await?;
    let unprintable = packs::exceptions_open(db, &unprintable).await?;
    let asked = records::clients_with_open_request(db, &[client]).await?;
    let more = [
        (Why::Walk, walks),
        (Why::PlaceHeld, places),
        (Why::Printing, waiting),
        (Why::Unprintable, unprintable),
        (Why::RecordRequest, asked),
    ];
    whys.extend(more.into_iter().filter(|(_, found)| !found.is_empty()).map(|(why, _)| why));
    Ok(whys)
}

/// Everything that names them, but for calls and kept answers, which have their own end.
pub(super) async fn erase_records(db: &mut Db<'_>, client: Uuid, now: DateTime<Utc>) -> Result<()> {
    let walks = scripts::walks_of_clients(db, &[client]).await?;
    scripts::erase_walks(db, &walks).await?;
    let theirs = claims::of_clients(db, &[client]).await?;
    erase_claims(db, &theirs, now).await?;
    let promised = callbacks::ids_of_clients(db, &[client]).await?;
    erase_callbacks(db, &promised, now).await?;
    callbacks::erase_of_client(db, client).await?;
    let reminded = reminders::ids_of_clients(db, &[client]).await?;
    reminders::erase(db, &reminded).await?;
    reminders::erase_preferences(db, client).await?;
    let unprintable = packs::exceptions_of_clients(db, &[client]).await?;
    packs::erase_exceptions(db, &unprintable).await?;
    let documents = packs::packs_of_clients(db, &[client]).await?;
    erase_packs(db, &documents, now).await?;
    let asked = records::requests_of_clients(db, &[client]).await?;
    records::erase_requests(db, &asked).await?;
    clients::erase(db, client, now).await
}

/// What there is of a client, and why it cannot be erased now, if it cannot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Belongings {
    /// Each with what it is called.
    pub counts: Vec<(&'static str, usize)>,
    pub live: BTreeSet<Why>,
    pub erased_at: Option<DateTime<Utc>>,
    /// Their telephone numbers, now and before: for whoever looks for them elsewhere.
    pub numbers: Vec<String>,
}

/// Every record that jobs and kept answers may name.
struct Named {
    ids: Vec<Uuid>,
    requests: Vec<(Uuid, Uuid)>,
}

async fn named(db: &mut Db<'_>, client: Uuid) -> Result<Named> {
    let theirs = claims::of_clients(db, &[client]).await?;
    let mut ids = vec![client];
    ids.extend(&theirs);
    ids.extend(callbacks::ids_of_clients(db, &[client]).await?);
    ids.extend(diary::appointments_of_claims(db, &theirs).await?);
    ids.extend(scripts::walks_of_clients(db, &[client]).await?);
    ids.extend(scripts::walks_of_claims(db, &theirs).await?);
    ids.extend(reminders::ids_of_clients(db, &[client]).await?);
    let documents = packs::packs_of_clients(db, &[client]).await?;
    ids.extend(printing::of_packs(db, &documents).await?);
    ids.extend(documents);
    ids.extend(packs::exceptions_of_clients(db, &[client]).await?);
    ids.extend(records::requests_of_clients(db, &[client]).await?);
    ids.sort_unstable();
    ids.dedup();
    let mut requests = if theirs.is_empty() { Vec::new() } else { claims::requests_of(db, &theirs).await? };
    for id in &ids {
        requests.extend(access::requests_about(db, *id).await?);
    }
    Ok(Named { ids, requests })
}

/// What there is of this client, by what it is; nothing is changed.
///
/// # Errors
/// `NotFound` when there is no such client.
pub async fn belongings(db: &mut Db<'_>, client: ClientId, now: DateTime<Utc>) -> Result<Belongings> {
    let erased_at = clients::erased_at(db, client.0).await?;
    let erased_at = erased_at.ok_or_else(|| Error::not_found(ClientId::WHAT, client))?;
    let of = &[client.0];
    let theirs = claims::of_clients(db, of).await?;
    let mut numbers = clients::numbers_of(db, client.0).await?;
    numbers.extend(callbacks::numbers_of(db, client.0).await?);
    numbers.sort();
    numbers.dedup();
    let missed = callbacks::missed_of_numbers(db, &numbers).await?;
    let mut walks = scripts::walks_of_clients(db, of).await?;
    walks.extend(scripts::walks_of_claims(db, &theirs).await?);
    walks.sort_unstable();
    walks.dedup();
    let mut live = live(db, client.0, now).await?;
    if !callbacks::missed_open(db, &missed).await?.is_empty() {
        live.insert(Why::MissedCaller);
    }
    if routing::is_ringing(db, &numbers).await? {
        live.insert(Why::Ringing);
    }
    for id in named(db, client.0).await?.ids {
        if store::has_open_job_about(db, id).await? {
            live.insert(Why::Job);
            break;
        }
    }
    let counts = vec![
        ("claims, with their answers and history", theirs.len()),
        ("call-backs", callbacks::ids_of_clients(db, of).await?.len()),
        ("meetings", diary::appointments_of_claims(db, &theirs).await?.len()),
        ("walks through scripts", walks.len()),
        ("packs and letters", packs::packs_of_clients(db, of).await?.len()),
        ("reminders", reminders::ids_of_clients(db, of).await?.len()),
        ("requests for the record", records::requests_of_clients(db, of).await?.len()),
        ("calls from their numbers", routing::calls_of_numbers(db, &numbers).await?.len()),
        ("missed calls from their numbers", missed.len()),
    ];
    Ok(Belongings { counts, live, erased_at, numbers })
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ErasedClient {
    pub answers_forgotten: u64,
    pub jobs_forgotten: u64,
}

/// Erases what there is of a client who asked for it, in one transaction: it is all there, or all gone.
///
/// # Errors
/// `Denied` while something is under way, `NotFound` when there is no such client.
pub async fn erase(runner: &Runner, client: ClientId, reason: &str) -> Result<ErasedClient> {
    runner
        .transact(|mut work| async move {
            let (mut db, context) = work.parts();
            let done = erase_asked(&mut db, context, client, reason).await?;
            work.done(done)
        })
        .await
}

async fn erase_asked(db: &mut Db<'_>, context: &Context, client: ClientId, reason: &str) -> Result<ErasedClient> {
    let theirs = belongings(db, client, context.now).await?;
    if let Some(why) = theirs.live.first() {
        return Err(Error::Denied(format!("this client cannot be erased now: {why}")));
    }
    let named = named(db, client.0).await?;
    let mut done = ErasedClient::default();
    for request in named.requests {
        done.answers_forgotten += access::forget_answer(db, request).await?;
    }
    done.answers_forgotten += access::forget_answers_naming(db, &named.ids).await?;
    erase_records(db, client.0, context.now).await?;
    let calls = routing::calls_of_numbers(db, &theirs.numbers).await?;
    routing::erase_calls(db, &calls, context.now).await?;
    let missed = callbacks::missed_of_numbers(db, &theirs.numbers).await?;
    callbacks::erase_missed(db, &missed).await?;
    for id in &named.ids {
        done.jobs_forgotten += store::erase_jobs_about(db, *id).await?;
    }
    audit(db, context, "client_erased", "client", &client).await?;
    audit(db, context, "client_erased_because", "retention", &format!("{client}: {reason}")).await?;
    Ok(done)
}
