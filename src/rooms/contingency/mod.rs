//! The declared loss of a site: its calls move to the others, and named sites may make its call-backs.
//!
//! Who declared it, when and why is durable and audited; there is one at a time a site, which a constraint holds. What the
//! floors make of it is in memory, and is told them again at every start. While the database is away a loss can still be
//! declared: the calls move, and the record is owed (see `grpc`, which keeps the request until it can be written).

mod notified_losses;
mod store;

pub use notified_losses::{Change, NotifiedLosses};

use crate::access::{Context, audit};
use chrono::{DateTime, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::required_line;
use startline_foundation::ids::{ContingencyId, SiteId, UserId};
use startline_foundation::store::Db;
use std::collections::BTreeSet;

/// Longest reason, in characters.
const REASON_CHARS: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contingency {
    pub id: ContingencyId,
    /// The lost site.
    pub site: SiteId,
    pub reason: String,
    /// The sites that may make its call-backs. With none they stay its own.
    pub helpers: Vec<SiteId>,
    pub declared: ActorAt,
    /// None while it lasts.
    pub ended: Option<ActorAt>,
}

/// Who did it, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorAt {
    pub by: UserId,
    pub name: String,
    pub at: DateTime<Utc>,
}

/// What somebody declares, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    pub site: SiteId,
    pub reason: String,
    pub helpers: Vec<SiteId>,
}

impl Loss {
    /// # Errors
    /// `Invalid` for an unknown site, a missing reason, or a helper that is unknown or the lost site itself.
    pub fn check(definition: &Definition, site: &str, reason: &str, helpers: &[String]) -> Result<Self> {
        let known = |field: &str, id: &str| definition.known_site(field, &SiteId::new(id)).map(|site| site.id.clone());
        let site = known("site_id", site)?;
        let reason = required_line("reason", reason, REASON_CHARS, "is needed: what happened to the site?")?;
        let mut named = BTreeSet::new();
        for (i, helper) in helpers.iter().enumerate() {
            let field = format!("helper_site_ids[{i}]");
            let helper = known(&field, helper)?;
            if helper == site {
                return Err(Error::invalid(field, "is the lost site itself"));
            }
            named.insert(helper);
        }
        Ok(Self { site, reason, helpers: named.into_iter().collect() })
    }

    /// Every site whose desks are told.
    pub fn concerned(&self) -> Vec<SiteId> {
        concerned(&self.site, &self.helpers)
    }
}

impl Contingency {
    /// Every site whose desks are told.
    pub fn concerned(&self) -> Vec<SiteId> {
        concerned(&self.site, &self.helpers)
    }
}

fn concerned(site: &SiteId, helpers: &[SiteId]) -> Vec<SiteId> {
    std::iter::once(site).chain(helpers).cloned().collect()
}

/// The site is lost from now on.
///
/// # Errors
/// `Illegal` when it is declared lost already.
pub async fn declare(db: &mut Db<'_>, context: &Context, loss: &Loss) -> Result<Contingency> {
    let contingency = Contingency {
        id: ContingencyId::fresh(context.now),
        site: loss.site.clone(),
        reason: loss.reason.clone(),
        helpers: loss.helpers.clone(),
        declared: deed(context),
        ended: None,
    };
    if !store::insert(db, &contingency).await? {
        let message = format!("{} is declared lost already; end that contingency first", loss.site);
        return Err(Error::illegal("ALREADY_LOST", message));
    }
    audit(db, context, "contingency_declared", "contingency", &contingency.id).await?;
    Ok(contingency)
}

/// The site is back.
///
/// # Errors
/// `Illegal` when it is not declared lost.
pub async fn end(db: &mut Db<'_>, context: &Context, site: &SiteId) -> Result<Contingency> {
    let open = store::open_at(db, site).await?;
    let mut contingency = open.ok_or_else(|| {
        Error::illegal("NOT_LOST", format!("{site} is not declared lost, so there is nothing to end"))
    })?;
    let ended = deed(context);
    store::end(db, contingency.id, &ended).await?;
    contingency.ended = Some(ended);
    audit(db, context, "contingency_ended", "contingency", &contingency.id).await?;
    Ok(contingency)
}

fn deed(context: &Context) -> ActorAt {
    ActorAt { by: context.user.id, name: context.user.name.clone(), at: context.now }
}

/// Those that last.
pub async fn open(db: &mut Db<'_>) -> Result<Vec<Contingency>> {
    store::open(db).await
}

/// All of them, the newest first, after the one named.
pub async fn list(db: &mut Db<'_>, after: Option<ContingencyId>, most: i32) -> Result<Vec<Contingency>> {
    store::list(db, after, most).await
}

/// The sites whose call-backs the advisers of `site` may make now: their own, unless others were named to help, and those
/// of the lost sites that they were named for.
pub async fn sites_served_by(db: &mut Db<'_>, site: &SiteId) -> Result<Vec<SiteId>> {
    Ok(served(&open(db).await?, site))
}

fn served(open: &[Contingency], site: &SiteId) -> Vec<SiteId> {
    let given_away = open.iter().any(|lost| lost.site == *site && !lost.helpers.is_empty());
    let own = Some(site.clone()).filter(|_| !given_away);
    let helped = open.iter().filter(|lost| lost.helpers.contains(site)).map(|lost| lost.site.clone());
    own.into_iter().chain(helped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn lost(site: &str, helpers: &[&str]) -> Contingency {
        let at = "2026-03-03T10:00:00Z".parse().unwrap();
        let deed = ActorAt { by: UserId::fresh(at), name: "Sunil".into(), at };
        Contingency {
            id: ContingencyId::fresh(at),
            site: site.into(),
            reason: "flood".into(),
            helpers: helpers.iter().map(|site| SiteId::new(site)).collect(),
            declared: deed,
            ended: None,
        }
    }

    #[test]
    fn helpers_serve_the_lost_site_beside_their_own_and_the_lost_site_serves_nobody() {
        let open = [lost("somerset", &["gwent", "bucks"]), lost("calder", &[])];
        let served = |site: &str| served(&open, &site.into()).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(served("gwent"), ["gwent", "somerset"]);
        assert!(served("somerset").is_empty());
        assert_eq!(served("calder"), ["calder"], "nobody was named to help, so its call-backs stay its own");
        assert_eq!(served("elsewhere"), ["elsewhere"]);
    }

    #[test]
    fn the_lost_site_cannot_help_itself_and_a_reason_is_needed() {
        let definition = Definition::embedded();
        let check =
            |site: &str, reason: &str, helper: &str| Loss::check(&definition, site, reason, &[helper.to_owned()]);
        let helped = check("somerset", "the exchange burns", "buckinghamshire").unwrap();
        assert_eq!(helped.concerned(), ["somerset".into(), "buckinghamshire".into()]);
        for (site, reason, helper, field) in [
            ("somerset", "fire", "somerset", "helper_site_ids[0]"),
            ("somerset", "fire", "atlantis", "helper_site_ids[0]"),
            ("somerset", "  ", "buckinghamshire", "reason"),
            ("atlantis", "fire", "buckinghamshire", "site_id"),
        ] {
            let Err(Error::Invalid(faults)) = check(site, reason, helper) else { panic!("{site} {helper} was taken") };
            assert_eq!(faults[0].field, field);
        }
    }
}
