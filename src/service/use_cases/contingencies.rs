//! The declared loss of a site, and its end.
//!
//! With the database away a loss is still declared: the calls move at once, the caller is told UNAVAILABLE in a sentence
//! that says so, and the declaration is kept in memory and written when the database is back. Sent again under its own id it
//! is answered as if it had been written then.

use crate::{Operation, Service, Work};
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ContingencyId, SiteId};
use startline_foundation::last_resort::LastResort;
use startline_rooms::callbacks;
use startline_rooms::contingency::{self, ActorAt, Change, Contingency, Loss};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Makes the answer that is kept for a replay: whoever asked reads it, perhaps long after the declaration was written.
pub type Answer = Arc<dyn Fn(&Contingency) -> Vec<u8> + Send + Sync>;

/// Declarations that wait for the database: one a site at most.
#[derive(Debug, Default)]
pub struct PendingDeclarations(Mutex<BTreeMap<SiteId, Declaration>>);

#[derive(Clone)]
struct Declaration {
    operation: Operation,
    loss: Loss,
    at: DateTime<Utc>,
    answer: Answer,
}

impl fmt::Debug for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, loss, at, .. } = self;
        f.debug_struct("Declaration")
            .field("by", &operation.context.user.id)
            .field("loss", loss)
            .field("at", at)
            .finish()
    }
}

impl PendingDeclarations {
    fn all(&self) -> MutexGuard<'_, BTreeMap<SiteId, Declaration>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// At a stop: what the database did not take is written down beside it.
    pub fn write_down(&self, last_resort: &LastResort) {
        for declaration in self.all().iter() {
            last_resort.write("a contingency that was still to be written at the stop", &declaration);
        }
    }
}

impl Service {
    /// The site is lost from now on; the answer is what `answer` makes of it.
    ///
    /// # Errors
    /// `Illegal` when it is declared lost already; `Unavailable` while the database is away, with what is done all the same.
    pub async fn declare_contingency(&self, operation: &Operation, loss: &Loss, answer: Answer) -> Result<Vec<u8>> {
        match self.write_declaration(operation, loss, None, &answer).await {
            Err(Error::Unavailable(_)) => Err(self.declare_without_record(operation, loss, answer)?),
            settled => settled,
        }
    }

    /// `at` is when it was declared, if that was before now.
    async fn write_declaration(
        &self,
        operation: &Operation,
        loss: &Loss,
        at: Option<DateTime<Utc>>,
        answer: &Answer,
    ) -> Result<Vec<u8>> {
        let declare = |mut work: Work| async move {
            work.context.now = at.unwrap_or(work.context.now);
            let (mut db, context) = work.parts();
            let contingency = contingency::declare(&mut db, context, loss).await?;
            work.done(answer(&contingency))
        };
        self.runner.mutate(operation, declare).await
    }

    /// The calls move; the record is still to be written. The answer is the sentence that says so.
    fn declare_without_record(&self, operation: &Operation, loss: &Loss, answer: Answer) -> Result<Error> {
        let now = self.clock.now();
        let mut pending = self.pending.all();
        let asked_before = pending.get(&loss.site).is_some_and(|pending| {
            let before = &pending.operation;
            before.fingerprint == operation.fingerprint && before.context.user.id == operation.context.user.id
        });
        if self.told.is_lost(&loss.site) && !asked_before {
            let message = format!("{} is declared lost already; end that contingency first", loss.site);
            return Err(Error::illegal("ALREADY_LOST", message));
        }
        if !asked_before {
            let user = &operation.context.user;
            let contingency = Contingency {
                id: ContingencyId::fresh(now),
                site: loss.site.clone(),
                reason: loss.reason.clone(),
                helpers: loss.helpers.clone(),
                declared: ActorAt { by: user.id, name: user.name.clone(), at: now },
                ended: None,
            };
            let operation = Operation { deadline: None, ..operation.clone() };
            pending.insert(loss.site.clone(), Declaration { operation, loss: loss.clone(), at: now, answer });
            self.told.lost(&contingency, true, |change| self.tell_sites(change));
        }
        Ok(Error::Unavailable(format!(
            "the calls of {} move to the other sites from now on, but the database cannot be reached: its call-backs stay \
             where they are and the record is written when it is back. Send the same request again to have that confirmed",
            loss.site
        )))
    }

    /// Writes what was declared while the database was away. What is refused now is dropped, with a line in the log, and
    /// written down beside the database.
    pub async fn write_pending_declarations(&self) {
        let waiting: Vec<(SiteId, Declaration)> =
            self.pending.all().iter().map(|(site, pending)| (site.clone(), pending.clone())).collect();
        for (site, declaration) in waiting {
            let Declaration { operation, loss, at, answer } = &declaration;
            match self.write_declaration(operation, loss, Some(*at), answer).await {
                Err(Error::Unavailable(_) | Error::Contended | Error::Conflict { .. } | Error::Stale { .. }) => {
                    continue;
                }
                Err(refusal) => {
                    tracing::error!(%site, %refusal, "a pending contingency was refused");
                    self.store.last_resort().write("a contingency that was refused afterwards", &declaration);
                }
                Ok(_) => tracing::info!(%site, "a contingency declared while the database was away has been written"),
            }
            self.pending.all().remove(&site);
            self.told.settle(&site);
        }
    }

    /// The site is back; `answer` is given how many of its call-backs are being made elsewhere at this moment.
    ///
    /// # Errors
    /// `Illegal` when it is not declared lost.
    pub async fn end_contingency(
        &self,
        operation: &Operation,
        site: &SiteId,
        answer: impl Fn(&Contingency, i64) -> Vec<u8>,
    ) -> Result<Vec<u8>> {
        // It may be one that is still to be written.
        self.write_pending_declarations().await;
        let answer = &answer;
        let end = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            let contingency = contingency::end(&mut db, context, site).await?;
            let started = callbacks::started_elsewhere(&mut db, site).await?;
            work.done(answer(&contingency, started))
        };
        self.runner.mutate(operation, end).await
    }

    /// Tells the floors what the database says, where it differs from what they were told.
    ///
    /// # Errors
    /// When the database does not answer. What was known holds.
    pub async fn catch_up_with_contingencies(&self) -> Result<()> {
        let seen = self.told.changes();
        let open = contingency::open(&mut self.read().await?.db()).await?;
        self.told.catch_up(seen, &open, |change| self.tell_sites(change));
        Ok(())
    }

    /// Never silently: the floors, every desk concerned and the log.
    fn tell_sites(&self, change: Change<'_>) {
        let now = self.clock.now();
        let definition = self.definitions.current();
        let name = |site: &SiteId| definition.site(site).map_or_else(|| site.to_string(), |site| site.name.en.clone());
        let (site, lost, sites, text) = match change {
            Change::Lost(contingency) => {
                let Contingency { site, reason, helpers, declared, .. } = contingency;
                tracing::warn!(%site, reason, ?helpers, declared_by = %declared.by,
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
        if let Err(fault) = self.switchboard.set_lost(site, lost, now) {
            tracing::error!(%fault, %site, "the floor could not be told whether its site is lost");
        }
        self.switchboard.tell_sites(&sites, &text);
        self.switchboard.callbacks_due();
    }
}
