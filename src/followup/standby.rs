//! The list of clients who would come sooner: who waits, since when, and which freed time would serve whom.

use super::standby_store::{self as store, Candidate, FreedTime};
use super::{misses, refill};
use crate::access::{Context, audit};
use crate::claims::{self, State as ClaimState};
use crate::definition::{Definition, FIRST_MEETING};
use crate::error::{Error, Result};
use crate::ids::{ClaimId, SiteId, StandbyId};
use crate::rota::Unsuitable;
use crate::store::Db;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

/// Somebody who would come sooner.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    pub id: StandbyId,
    pub claim_id: ClaimId,
    pub site: SiteId,
    pub kind: String,
    pub urgent: bool,
    /// They cannot come before this day.
    pub earliest_day: NaiveDate,
    pub unsuitable: Vec<Unsuitable>,
    pub joined_at: DateTime<Utc>,
}

/// What somebody who joins wishes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Joining {
    /// The first meeting when empty.
    pub kind: String,
    pub urgent: bool,
    /// Today when none.
    pub earliest_day: Option<NaiveDate>,
    pub unsuitable: Vec<Unsuitable>,
}

/// Puts the claim's client on the list, once a kind of meeting.
pub async fn join_standby(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim_id: ClaimId,
    wishes: Joining,
) -> Result<Waiting> {
    let claim = claims::get(db, claim_id).await?;
    if matches!(claim.state, ClaimState::Withdrawn(_)) {
        return Err(Error::illegal("CLAIM_WITHDRAWN", "this claim has been withdrawn"));
    }
    let kind = if wishes.kind.is_empty() { FIRST_MEETING.to_owned() } else { wishes.kind };
    if definition.diary.kind(&kind).is_none() {
        return Err(Error::invalid("kind", "is no kind of meeting"));
    }
    let today = definition.calendar.local_date(context.now);
    let waiting = Waiting {
        id: StandbyId::fresh(context.now),
        claim_id,
        site: claim.site,
        kind,
        urgent: wishes.urgent,
        earliest_day: wishes.earliest_day.map_or(today, |day| day.max(today)),
        unsuitable: wishes.unsuitable,
        joined_at: context.now,
    };
    if !store::insert(db, context, &waiting).await? {
        return Err(Error::illegal("ALREADY_ON_STANDBY", "this client is on the list for such a meeting already"));
    }
    audit(db, context, "standby_joined", "claim", &claim_id).await?;
    Ok(waiting)
}

/// Takes a client off the list; time that is kept for them at the moment is given back.
pub async fn leave_standby(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: StandbyId,
) -> Result<Waiting> {
    let waiting = store::get(db, id).await?.ok_or_else(|| Error::not_found(StandbyId::WHAT, id))?;
    leave(db, context, definition, &waiting, "asked").await?;
    audit(db, context, "standby_left", "claim", &waiting.claim_id).await?;
    Ok(waiting)
}

pub(super) async fn leave(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    waiting: &Waiting,
    why: &str,
) -> Result<()> {
    if let Some(offer) = store::open_offer_of(db, waiting.id).await? {
        refill::end_offer(db, context, definition, &offer, "withdrawn", super::Outcome::Overtaken).await?;
    }
    store::leave(db, waiting.id, why, context.now).await
}

/// Who waits at a site, in the order in which they are asked.
pub async fn list_standby(db: &mut Db<'_>, site: &SiteId) -> Result<Vec<Waiting>> {
    let mut all = store::waiting(db, site).await?;
    all.sort_by_key(order);
    Ok(all)
}

/// Urgent cases first, then whoever waits longest.
pub(super) fn order(waiting: &Waiting) -> (bool, DateTime<Utc>, StandbyId) {
    (!waiting.urgent, waiting.joined_at, waiting.id)
}

/// A meeting of the kind they waited for has been, was missed, or is put off: nothing can come sooner than that.
pub(super) async fn no_longer_waits(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim: ClaimId,
    kind: &str,
) -> Result<()> {
    if let Some(waiting) = store::of_claim(db, claim, kind).await? {
        leave(db, context, definition, &waiting, "no_longer").await?;
    }
    Ok(())
}

/// Whether freed time would serve a client: they can come then, and it is sooner than what they have.
pub(super) fn serves(freed: &FreedTime, candidate: &Candidate, minutes: u32, zone: Tz) -> bool {
    let end = freed.starts_at + TimeDelta::minutes(minutes.into());
    let waiting = &candidate.waiting;
    freed.starts_at.with_timezone(&zone).date_naive() >= waiting.earliest_day
        && candidate.booked_at.is_none_or(|booked| freed.starts_at < booked)
        && !waiting.unsuitable.iter().any(|time| time.hits(zone, freed.starts_at, end))
}

/// The step on the list that asks somebody.
pub(super) async fn end_step(
    db: &mut Db<'_>,
    context: &Context,
    claim: ClaimId,
    cause: &str,
    outcome: super::Outcome,
) -> Result<()> {
    match super::store::open_of_cause(db, claim, "offer-earlier-time", cause).await? {
        Some(step) => misses::end(db, context, step, outcome).await,
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{AppointmentId, UserId};
    use chrono::NaiveTime;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn candidate(booked_at: Option<&str>) -> Candidate {
        let now = at("2026-03-03T10:00:00Z");
        let waiting = Waiting {
            id: StandbyId::fresh(now),
            claim_id: ClaimId::fresh(now),
            site: "somerset".into(),
            kind: FIRST_MEETING.into(),
            urgent: false,
            earliest_day: "2026-03-05".parse().unwrap(),
            unsuitable: Vec::new(),
            joined_at: now,
        };
        Candidate { waiting, booked_at: booked_at.map(at) }
    }

    fn freed(starts_at: &str) -> FreedTime {
        let now = at("2026-03-03T10:00:00Z");
        FreedTime {
            appointment_id: AppointmentId::fresh(now),
            number: 2,
            site: "somerset".into(),
            personal_adviser: UserId::fresh(now),
            starts_at: at(starts_at),
        }
    }

    #[test]
    fn freed_time_serves_whoever_can_come_then_and_has_nothing_sooner() {
        let zone = chrono_tz::Europe::London;
        let serves = |when: &str, candidate: &Candidate| serves(&freed(when), candidate, 45, zone);
        let booked = candidate(Some("2026-03-10T10:00:00Z"));
        assert!(serves("2026-03-06T10:00:00Z", &booked));
        assert!(!serves("2026-03-10T10:00:00Z", &booked), "it is no sooner");
        assert!(!serves("2026-03-04T10:00:00Z", &booked), "they cannot come before the fifth");
        let mut school = candidate(None);
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
        school.waiting.unsuitable = vec![Unsuitable::between(None, time("15:00"), time("16:00"))];
        assert!(!serves("2026-03-06T14:30:00Z", &school));
        assert!(serves("2026-03-06T14:15:00Z", &school));
    }

    #[test]
    fn urgent_cases_are_asked_first_and_then_whoever_waits_longest() {
        let mut all: Vec<Waiting> = (0..3).map(|_| candidate(None).waiting).collect();
        all[0].joined_at += TimeDelta::minutes(2);
        all[1].joined_at += TimeDelta::minutes(1);
        all[2].joined_at += TimeDelta::minutes(3);
        all[2].urgent = true;
        let order_of = |at: usize| all[at].id;
        let expected = [order_of(2), order_of(1), order_of(0)];
        let mut sorted = all.clone();
        sorted.sort_by_key(order);
        assert_eq!(sorted.iter().map(|one| one.id).collect::<Vec<_>>(), expected);
    }
}
