//! The part of `FloorService` that declares sites lost and ends it.
//!
//! With the database away a loss is still declared: the calls move at once, the caller is told UNAVAILABLE in a sentence
//! that says so, and the request is kept in memory and written when the database is back. Sent again under its own id it
//! is answered as if it had been written then.

use super::mutation::{Begun, Mutation};
use super::{Shared, convert, gate, pb};
use crate::access::User;
use crate::callbacks;
use crate::contingency::{self, Change, Contingency, Deed, Loss};
use crate::error::{Error, Result};
use crate::ids::{ContingencyId, SiteId};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tonic::{Code, Request, Response, Status};

/// Declarations that wait for the database: one a site at most.
#[derive(Debug, Default)]
pub struct Owed(Mutex<BTreeMap<SiteId, Declaration>>);

#[derive(Debug, Clone)]
struct Declaration {
    user: User,
    request: pb::DeclareContingencyRequest,
    at: DateTime<Utc>,
}

impl Owed {
    fn all(&self) -> MutexGuard<'_, BTreeMap<SiteId, Declaration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub async fn declare(
    shared: &Shared,
    request: Request<pb::DeclareContingencyRequest>,
) -> Result<Response<pb::DeclareContingencyResponse>, Status> {
    // What is wrong with it is said whether or not the database is there.
    let loss = checked(shared, request.get_ref())?;
    match declare_once(shared, &request, &loss, None).await {
        Err(status) if status.code() == Code::Unavailable => {
            Err(declare_without_record(shared, &request, &loss)?.into())
        }
        settled => settled,
    }
}

fn checked(shared: &Shared, asked: &pb::DeclareContingencyRequest) -> Result<Loss> {
    Loss::check(shared.definitions.current(), &asked.site_id, &asked.reason, &asked.helper_site_ids)
}

/// Writes it, and tells the floors. `at` is when it was declared, if that was before now.
async fn declare_once(
    shared: &Shared,
    request: &Request<pb::DeclareContingencyRequest>,
    loss: &Loss,
    at: Option<DateTime<Utc>>,
) -> Result<Response<pb::DeclareContingencyResponse>, Status> {
    let mut mutation = match Mutation::begin(shared, request, &request.get_ref().request_id).await? {
        Begun::First(mutation) => mutation,
        Begun::Again(answer) => return Ok(answer),
    };
    mutation.context.now = at.unwrap_or(mutation.context.now);
    let contingency = contingency::declare(&mut mutation.tx.db(), &mutation.context, loss).await?;
    let answer = pb::DeclareContingencyResponse { contingency: Some(message(&contingency)) };
    let answer = mutation.finish(answer).await?;
    shared.told.lost(&contingency, false, |change| tell(shared, change));
    Ok(answer)
}

/// The calls move; the record is owed. The answer is the sentence that says so.
fn declare_without_record(
    shared: &Shared,
    request: &Request<pb::DeclareContingencyRequest>,
    loss: &Loss,
) -> Result<Error> {
    let request_id = convert::request_id(&request.get_ref().request_id)?;
    let context = gate::context(request, &shared.clock, Some(request_id))?;
    let mut owed = shared.owed.all();
    let asked_before = owed.get(&loss.site).is_some_and(|owed| owed.request == *request.get_ref());
    if shared.told.is_lost(&loss.site) && !asked_before {
        let message = format!("{} is declared lost already; end that contingency first", loss.site);
        return Err(Error::illegal("ALREADY_LOST", message));
    }
    if !asked_before {
        let contingency = Contingency {
            id: ContingencyId::fresh(context.now),
            site: loss.site.clone(),
            reason: loss.reason.clone(),
            helpers: loss.helpers.clone(),
            declared: Deed { by: context.user.id, name: context.user.name.clone(), at: context.now },
            ended: None,
        };
        let declaration = Declaration { user: context.user, request: request.get_ref().clone(), at: context.now };
        owed.insert(loss.site.clone(), declaration);
        shared.told.lost(&contingency, true, |change| tell(shared, change));
    }
    Ok(Error::Unavailable(format!(
        "the calls of {} move to the other sites from now on, but the database cannot be reached: its call-backs stay \
         where they are and the record is written when it is back. Send the same request again to have that confirmed",
        loss.site
    )))
}

/// Writes what was declared while the database was away. What is refused now is dropped, with a line in the log.
pub async fn write_owed(shared: &Shared) {
    let waiting: Vec<(SiteId, Declaration)> =
        shared.owed.all().iter().map(|(site, owed)| (site.clone(), owed.clone())).collect();
    for (site, declaration) in waiting {
        let mut request = Request::new(declaration.request.clone());
        request.extensions_mut().insert(declaration.user.clone());
        let written = match checked(shared, &declaration.request) {
            Ok(loss) => declare_once(shared, &request, &loss, Some(declaration.at)).await.map(|_| ()),
            Err(fault) => Err(fault.into()),
        };
        match written {
            Err(status) if [Code::Unavailable, Code::Aborted].contains(&status.code()) => {}
            Err(status) => {
                tracing::error!(%site, ?declaration, refusal = status.message(), "an owed contingency was refused");
                shared.owed.all().remove(&site);
                shared.told.settle(&site);
            }
            Ok(()) => {
                tracing::info!(%site, "a contingency declared while the database was away has been written");
                shared.owed.all().remove(&site);
                shared.told.settle(&site);
            }
        }
    }
}

/// At a stop: what could not be written is at least in the log.
pub fn log_owed(shared: &Shared) {
    for (site, declaration) in shared.owed.all().iter() {
        tracing::error!(%site, ?declaration, "stopping without having written this contingency");
    }
}

/// Tells the floors what the database says, where it differs from what they were told.
pub async fn catch_up(shared: &Shared) -> Result<()> {
    let seen = shared.told.changes();
    let open = contingency::open(&mut shared.store.read().await?.db()).await?;
    shared.told.catch_up(seen, &open, |change| tell(shared, change));
    Ok(())
}

/// Never silently: the floors, every desk concerned and the log.
fn tell(shared: &Shared, change: Change<'_>) {
    let now = shared.clock.now();
    let definition = shared.definitions.current();
    let name = |site: &SiteId| definition.site(site).map_or_else(|| site.to_string(), |site| site.name.en.clone());
    let (site, lost, sites, text) = match change {
        Change::Lost(contingency) => {
            let Contingency { site, reason, helpers, declared, .. } = contingency;
            tracing::warn!(%site, reason, ?helpers, declared_by = declared.name,
                "a site is declared lost: its calls move to the other sites");
            let text = match helpers.as_slice() {
                [] => format!("{} is declared lost: {reason}. Its calls come to the other sites.", name(site)),
                helpers => {
                    let helpers = helpers.iter().map(name).collect::<Vec<_>>().join(", ");
                    format!(
                        "{} is declared lost: {reason}. Its calls come to the other sites; {helpers} make its call-backs.",
                        name(site)
                    )
                }
            };
            (site, Some(Arc::from(reason.as_str())), contingency.concerned(), text)
        }
        Change::Back(site) => {
            tracing::warn!(%site, "a lost site is back: its calls and call-backs are its own again");
            let text = format!("{} is back. Its calls and call-backs are its own again.", name(site));
            // Who helped need not be known any more: nobody is harmed by hearing it.
            (site, None, definition.sites.iter().map(|site| site.id.clone()).collect(), text)
        }
    };
    if let Err(fault) = shared.switchboard.set_lost(site, lost, now) {
        tracing::error!(%fault, %site, "the floor could not be told whether its site is lost");
    }
    shared.switchboard.tell_sites(&sites, &text);
    shared.switchboard.callbacks_due();
}

pub async fn end(
    shared: &Shared,
    request: Request<pb::EndContingencyRequest>,
) -> Result<Response<pb::EndContingencyResponse>, Status> {
    let site = super::clients::known_site(shared.definitions.current(), &request.get_ref().site_id)?;
    // It may be one that is still owed.
    write_owed(shared).await;
    let mut mutation = match Mutation::begin(shared, &request, &request.get_ref().request_id).await? {
        Begun::First(mutation) => mutation,
        Begun::Again(answer) => return Ok(answer),
    };
    let db = &mut mutation.tx.db();
    let contingency = contingency::end(db, &mutation.context, &site).await?;
    let started = callbacks::started_elsewhere(db, &site).await?;
    let answer = pb::EndContingencyResponse {
        contingency: Some(message(&contingency)),
        started_callbacks: u32::try_from(started).unwrap_or(0),
    };
    let answer = mutation.finish(answer).await?;
    shared.told.back(&site, |change| tell(shared, change));
    Ok(answer)
}

pub async fn list(
    shared: &Shared,
    asked: &pb::ListContingenciesRequest,
) -> Result<Response<pb::ListContingenciesResponse>, Status> {
    let size = convert::page_size(asked.page_size, 20, 100)?;
    let after = match asked.page_token.as_str() {
        "" => None,
        token => Some(ContingencyId::parse("page_token", token).map_err(|_| convert::bad_token())?),
    };
    let mut found = contingency::list(&mut shared.store.read().await?.db(), after, size + 1).await?;
    let wanted = usize::try_from(size).unwrap_or(0);
    let more = found.len() > wanted;
    found.truncate(wanted);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    Ok(Response::new(pb::ListContingenciesResponse {
        contingencies: found.iter().map(message).collect(),
        next_page_token: next.unwrap_or_default(),
    }))
}

fn message(contingency: &Contingency) -> pb::Contingency {
    let ended = contingency.ended.as_ref();
    pb::Contingency {
        contingency_id: contingency.id.to_string(),
        site_id: contingency.site.to_string(),
        reason: contingency.reason.clone(),
        helper_site_ids: contingency.helpers.iter().map(ToString::to_string).collect(),
        declared_by_name: contingency.declared.name.clone(),
        declared_time: Some(convert::timestamp(contingency.declared.at)),
        ended_by_name: ended.map(|ended| ended.name.clone()).unwrap_or_default(),
        ended_time: ended.map(|ended| convert::timestamp(ended.at)),
    }
}
