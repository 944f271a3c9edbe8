//! Call-backs whose place is no longer there, and where each of them could go. Nothing moves by itself.

use super::callback::Callback;
use super::capacity::{Occupant, PlaceKey, Sitting, Wanted};
use super::needs::Needs;
use super::offers::{self, Asked, Offer};
use super::safe_times::SafeTimes;
use super::schedules::{Schedules, cells_of};
use super::store;
use super::wishes::{Wish, Wishes};
use crate::clients;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use startline_definition::Definition;
use startline_foundation::error::Result;
use startline_foundation::ids::{SiteId, UserId};
use startline_foundation::store::Db;

/// Other times proposed for one call-back.
const OTHER_TIMES: usize = 2;
/// Days beyond those asked for in which other times are looked for.
const LOOK_AHEAD: u64 = 14;

#[derive(Debug, Clone, PartialEq)]
pub struct AtRisk {
    pub callback: Callback,
    pub why: Why,
    /// The least change first. All those that come first can be taken together.
    pub proposals: Vec<Proposal>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// This adviser is not there then.
    AdviserAway { id: UserId, name: String },
    /// More is booked than the site can make at once.
    CapacityFell,
    /// The centre is closed that day, or at that time.
    Closed,
    /// Nobody with the skills that it needs is on that place.
    SkillsGone,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposal {
    /// Nothing changes for the client.
    SameTime {
        adviser: Option<(UserId, String)>,
    },
    OtherTime(Offer),
}

/// The site's call-backs at risk between two days, both included: the urgent ones first, then in order of time.
pub async fn at_risk(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &SiteId,
    (first, last): (NaiveDate, NaiveDate),
    now: DateTime<Utc>,
) -> Result<Vec<AtRisk>> {
    let site = definition.site_or_fault(site)?;
    let calendar = &definition.calendar;
    let first = first.max(calendar.local_date(now));
    let last = last.min(offers::horizon(definition, now));
    if last < first {
        return Ok(Vec::new());
    }
    let far = (last + Days::new(LOOK_AHEAD)).min(offers::horizon(definition, now));
    let mut schedules = Schedules::open(db, definition, site, (first, far), now).await?;
    schedules.read_until(db, last).await?;
    let bounds = (calendar.day_bounds(first).0.max(now), calendar.day_bounds(last).1);
    let booked = store::booked_between(db, &site.id, bounds).await?;
    let mut lost: Vec<(Callback, Why)> =
        booked.into_iter().filter_map(|callback| why_lost(&schedules, &callback).map(|why| (callback, why))).collect();
    if lost.is_empty() {
        return Ok(Vec::new());
    }
    schedules.read_until(db, far).await?;
    lost.sort_by_key(|(callback, _)| (!callback.urgent, callback.starts_at, callback.id));
    let mut at_risk = Vec::with_capacity(lost.len());
    for (callback, why) in lost {
        let safe = SafeTimes::of_client(definition, &clients::get(db, callback.client_id).await?);
        at_risk.push(propose(&mut schedules, callback, why, safe, now));
    }
    Ok(at_risk)
}

/// Why the place of this call-back is not there for it; none when it is.
fn why_lost(schedules: &Schedules<'_>, callback: &Callback) -> Option<Why> {
    let day = schedules.definition.calendar.local_date(callback.starts_at);
    let Some(plan) = schedules.day(day) else { return Some(Why::Closed) };
    let who = Occupant::Callback(callback.id);
    let Some(sitting) = plan.sittings().iter().find(|sitting| sitting.who == who) else { return Some(Why::Closed) };
    if !plan.is_stranded(sitting) {
        return None;
    }
    Some(match sitting.key {
        PlaceKey::Adviser(id) if plan.is_there(sitting) => {
            tracing::debug!(adviser = %id, "an adviser has lost a skill that a booked call-back needs");
            Why::SkillsGone
        }
        PlaceKey::Adviser(id) => Why::AdviserAway { id, name: schedules.name_of(id) },
        PlaceKey::Number(_) => Why::CapacityFell,
    })
}

/// Another place at the same time, else other times near by; what is proposed first is kept free of the next proposal.
fn propose(schedules: &mut Schedules<'_>, callback: Callback, why: Why, safe: SafeTimes, now: DateTime<Utc>) -> AtRisk {
    let definition = schedules.definition;
    let needs = Needs::of_words(definition, callback.needs.iter().cloned());
    let length = cells_of(definition, &needs);
    let day = definition.calendar.local_date(callback.starts_at);
    let who = Occupant::Callback(callback.id);
    let mut proposals = Vec::new();
    let mut first: Option<DateTime<Utc>> = None;
    if let Some(plan) = schedules.day(day)
        && let Some(cell) = plan.cell_at(callback.starts_at)
        && let Some(assignment) =
            plan.seat(&Wanted { cells: cell..cell + length, needs: needs.skills, only: None, tie: 0 })
    {
        let adviser = match assignment.key {
            PlaceKey::Adviser(id) => Some((id, schedules.name_of(id))),
            PlaceKey::Number(_) => None,
        };
        proposals.push(Proposal::SameTime { adviser });
        first = Some(callback.starts_at);
    }
    let asked = Asked { needs: needs.clone(), urgent: true, wishes: near(&callback, now), safe, who: None };
    let mut others = offers::rank(schedules, &asked, now, offers::last_in_standard(definition, schedules.site, now));
    let distance = |offer: &Offer| (offer.start - callback.starts_at).abs();
    let unsuitable = |offer: &Offer| offer.unmet.iter().any(|wish| *wish != Wish::Adviser);
    others.retain(|offer| offer.start != callback.starts_at);
    others.sort_by_key(|offer| (unsuitable(offer), distance(offer), offer.start));
    others.truncate(OTHER_TIMES);
    first = first.or(others.first().map(|offer| offer.start));
    proposals.extend(others.into_iter().map(Proposal::OtherTime));
    if let Some(start) = first
        && let Some(plan) = schedules.day_mut(definition.calendar.local_date(start))
        && let Some(cell) = plan.cell_at(start)
    {
        let cells = cell..cell + length;
        if let Some(assignment) = plan.seat(&Wanted { cells: cells.clone(), needs: needs.skills, only: None, tie: 0 }) {
            plan.leave(who);
            plan.apply(&assignment, Sitting { who, key: assignment.key, cells, needs: needs.skills, fixed: true });
        }
    }
    AtRisk { callback, why, proposals }
}

/// The wishes kept with the booking, and nothing sooner than somebody can act on it.
fn near(callback: &Callback, now: DateTime<Utc>) -> Wishes {
    const TO_ACT: TimeDelta = TimeDelta::minutes(30);
    let not_before = callback.wishes.not_before.unwrap_or(now).max(now + TO_ACT);
    Wishes { not_before: Some(not_before), ..callback.wishes.clone() }
}
