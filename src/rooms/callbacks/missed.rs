//! Callers who gave up waiting: one open item a site and number, however often they ring, until somebody has seen to it.

use super::missed_store as store;
use crate::access::{Context, audit};
use crate::contingency;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::required_line;
use startline_foundation::ids::{MissedCallerId, SiteId, UserId};
use startline_foundation::store::Db;

/// Longest outcome, in characters.
const OUTCOME_CHARS: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissedCaller {
    pub id: MissedCallerId,
    pub site: SiteId,
    /// E.164.
    pub phone: String,
    /// When they first and last gave up, and how often.
    pub first_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    pub times: i32,
    pub closed_at: Option<DateTime<Utc>>,
}

/// The open items of the sites that the advisers of `site` serve, the longest ago first, after the one named.
pub async fn list_missed(
    db: &mut Db<'_>,
    site: &SiteId,
    after: Option<(DateTime<Utc>, MissedCallerId)>,
    most: i32,
) -> Result<Vec<MissedCaller>> {
    let sites = contingency::sites_served_by(db, site).await?;
    store::open(db, &sites, after, most).await
}

/// Somebody has seen to this caller.
pub async fn close_missed(
    db: &mut Db<'_>,
    context: &Context,
    id: MissedCallerId,
    outcome: &str,
) -> Result<MissedCaller> {
    let outcome = required_line("outcome", outcome, OUTCOME_CHARS, "is needed: what came of it?")?;
    let mut missed = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(MissedCallerId::WHAT, id))?;
    if !contingency::sites_served_by(db, context.site()?).await?.contains(&missed.site) {
        return Err(Error::Denied("a missed caller is seen to by the site they rang, or by those who help it".into()));
    }
    if missed.closed_at.is_some() {
        return Err(Error::illegal("MISSED_CALLER_CLOSED", "somebody has seen to this caller already"));
    }
    store::close(db, id, context.user.id, &outcome, context.now).await?;
    audit(db, context, "missed_caller_closed", "missed caller", &id).await?;
    missed.closed_at = Some(context.now);
    Ok(missed)
}

/// This number's caller gave up at `site`.
pub(super) async fn note(
    db: &mut Db<'_>,
    context: &Context,
    site: &SiteId,
    phone: &str,
    gave_up_at: DateTime<Utc>,
) -> Result<()> {
    store::upsert(db, MissedCallerId::fresh(context.now), site, phone, gave_up_at).await
}

/// Whoever rang from this number has been spoken to since: `by` saw to it.
pub(super) async fn close_number(
    db: &mut Db<'_>,
    context: &Context,
    phone: &str,
    by: UserId,
    outcome: &'static str,
    spoken_at: DateTime<Utc>,
) -> Result<()> {
    for id in store::close_number(db, phone, by, outcome, spoken_at, context.now).await? {
        audit(db, context, "missed_caller_closed", "missed caller", &id).await?;
    }
    Ok(())
}
