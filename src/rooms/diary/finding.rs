//! Finding a time: reads as many days as the search needs, and no more.

use super::day::Length;
use super::search::{RoomsTaken, Search, Slot};
use super::wishes::{Known, Wishes};
use super::{appointment_store, day_store, room_store, standard};
use crate::access::{self, Role};
use crate::clients::Client;
use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use startline_definition::{Definition, DiaryRules, FIRST_MEETING, MeetingKind, Site};
use startline_foundation::error::{Error, FreshOffer, Result};
use startline_foundation::formats::Language;
use startline_foundation::ids::{OfficeId, UserId};
use startline_foundation::store::Db;
use std::collections::HashMap;

/// Days searched at a time past the standard; a site whose diaries are full further than this is looked at again.
const DAYS_AT_A_TIME: u64 = 14;
/// Offers that a refusal carries.
pub(super) const FRESH_OFFERS: usize = 3;
/// Later offers that meet every wish, when none within the standard does; and where they stand among the others.
const LATER_OFFERS: usize = 2;
const LATER_OFFERS_STAND_AT: usize = 3;
/// They are looked for no longer than this after the standard: who waits more than three weeks fails to come twice as often.
const LATER_WITHIN_DAYS: u64 = 21;
/// The best offers are ranked by office before time; among so many of them the earliest is found.
const EARLIEST_AMONG: usize = 50;

/// Whose meeting it is to be, and what they wish.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    pub client: &'a Client,
    /// The home site.
    pub site: &'a Site,
    pub wishes: Wishes,
}

/// Free times for the client, the best first.
pub async fn find_slots(
    db: &mut Db<'_>,
    definition: &Definition,
    wish: &Wish<'_>,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Vec<Slot>> {
    let mut search = begin(db, definition, wish, now).await?;
    let calendar = &definition.calendar;
    let horizon = last_day(definition, now) + Days::new(1);
    let mut from = calendar.local_date(search.not_before);
    let mut until = (search.standard_until + Days::new(1)).max(from + Days::new(1)).min(horizon);
    let mut found: Vec<Slot> = Vec::new();
    while from < horizon && found.len() < most {
        let mut here = slots_between(db, &mut search, (from, until), now).await?;
        search.rank(&mut here);
        here.iter_mut().for_each(|slot| slot.is_earliest &= found.is_empty());
        found.extend(here);
        from = until;
        until = (from + Days::new(DAYS_AT_A_TIME)).min(horizon);
    }
    let last = horizon.min(search.standard_until + Days::new(LATER_WITHIN_DAYS));
    if from < last && !found.iter().any(|slot| slot.unmet() == 0) {
        search.people.retain(|id, known| search.wishes.suits(*id, known, search.preferred));
        let mut later = slots_between(db, &mut search, (from, last), now).await?;
        later.retain(|slot| slot.unmet() == 0);
        search.rank(&mut later);
        later.truncate(LATER_OFFERS);
        later.iter_mut().for_each(|slot| slot.is_earliest = false);
        let at = LATER_OFFERS_STAND_AT.min(found.len());
        found.splice(at..at, later);
    }
    found.truncate(most);
    Ok(found)
}

/// Whether meetings of the kind count against the share that is kept for follow-ups.
pub(super) fn is_newcomer(rules: &DiaryRules, kind: &str) -> bool {
    rules.kind(kind).is_none_or(|kind| !kind.follow_up)
}

/// The earliest first meeting that could follow a start-up call made at `after`; within the standard, one that meets more
/// wishes before an earlier one.
pub async fn earliest_meeting(
    db: &mut Db<'_>,
    definition: &Definition,
    client: &Client,
    site: &Site,
    after: DateTime<Utc>,
) -> Result<Option<Slot>> {
    let wishes = Wishes { welsh: client.facts.talk_language == Language::Welsh, ..Wishes::default() };
    let slots = find_slots(db, definition, &Wish { client, site, wishes }, after, EARLIEST_AMONG).await?;
    Ok(slots.into_iter().min_by_key(|slot| (!slot.within_standard, slot.unmet(), slot.start)))
}

/// What a search rests on, but for the days.
pub(super) async fn begin<'a>(
    db: &mut Db<'_>,
    definition: &'a Definition,
    wish: &'a Wish<'_>,
    now: DateTime<Utc>,
) -> Result<Search<'a>> {
    let mut search = terms(definition, wish, now)?;
    if search.preferred.is_none() {
        search.preferred = appointment_store::last_met(db, wish.client.id).await?;
    }
    let people = access::users_at(db, &wish.site.id, Role::PersonalAdviser).await?;
    search.people = people.into_iter().map(|user| (user.id, Known { name: user.name, skills: user.skills })).collect();
    search.near = offices_by_nearness(definition, wish);
    Ok(search)
}

/// What a time must meet that was chosen already. Nobody is looked for, so that nobody's name or office is read.
pub(super) fn terms<'a>(definition: &'a Definition, wish: &'a Wish<'_>, now: DateTime<Utc>) -> Result<Search<'a>> {
    let wishes = &wish.wishes;
    let kind = kind_of(definition, &wishes.kind)?;
    let length = Length::of(kind, wishes.minutes)?;
    let not_before = wishes.not_before.unwrap_or(now);
    Ok(Search {
        rules: &definition.diary,
        calendar: &definition.calendar,
        site: wish.site,
        kind,
        length,
        wishes,
        preferred: wishes.personal_adviser,
        people: HashMap::new(),
        near: HashMap::new(),
        rooms_taken: RoomsTaken::new(),
        not_before: not_before.max(standard::earliest(definition, wish.site, kind, wishes, now)),
        now,
        standard_until: standard::last_day(definition, wish.site, now),
        aim_until: standard::aim_day(definition, wish.site, now),
    })
}

pub(super) fn kind_of<'a>(definition: &'a Definition, id: &str) -> Result<&'a MeetingKind> {
    let id = if id.is_empty() { FIRST_MEETING } else { id };
    definition.diary.kind(id).ok_or_else(|| {
        let known: Vec<&str> = definition.diary.kinds.iter().map(|kind| kind.id.as_str()).collect();
        Error::invalid("kind", format!("is no kind of meeting; they are {}", known.join(", ")))
    })
}

/// The last day of any diary.
pub(super) fn last_day(definition: &Definition, now: DateTime<Utc>) -> NaiveDate {
    definition.calendar.local_date(now) + Months::new(definition.service.settings.booking_horizon_months)
}

async fn slots_between(
    db: &mut Db<'_>,
    search: &mut Search<'_>,
    days: (NaiveDate, NaiveDate),
    now: DateTime<Utc>,
) -> Result<Vec<Slot>> {
    let shortest = search.length.before + search.length.contact;
    // Holds that have run out still have their cells until somebody needs them. They are read first: what is given back
    // meanwhile is then seen as free either way.
    let expired_holds = appointment_store::expired_holds(db, now).await?;
    let people = search.allowed();
    let mut open = day_store::with_room(db, &search.site.id, &people, days, shortest).await?;
    for expired in expired_holds {
        let day = search.calendar.local_date(expired.starts_at);
        if day < days.0 || day >= days.1 {
            continue;
        }
        let known = open.iter().position(|d| d.personal_adviser == expired.personal_adviser && d.day == day);
        let at = match known {
            Some(at) => at,
            None => match day_store::one(db, expired.personal_adviser, day).await? {
                Some(day) if day.site == search.site.id => {
                    open.push(day);
                    open.len() - 1
                }
                _ => continue,
            },
        };
        if let Some(busy) = expired.busy_on(open[at].midnight).filter(|busy| open[at].taken.has_all(busy.clone())) {
            open[at].give_back(busy, is_newcomer(search.rules, &expired.kind));
        }
    }
    if search.wishes.needs_room() {
        let bounds = (search.calendar.day_bounds(days.0).0, search.calendar.day_bounds(days.1).0);
        let taken = room_store::taken(db, search.near.keys(), bounds, now).await?;
        search.rooms_taken = room_store::by_day(taken, search.calendar);
    }
    Ok(open.iter().flat_map(|day| search.slots_on(day)).collect())
}

fn offices_by_nearness(definition: &Definition, wish: &Wish<'_>) -> HashMap<OfficeId, usize> {
    match &wish.wishes.office {
        Some(only) => HashMap::from([(only.clone(), 0)]),
        None => {
            let postcode = wish.client.facts.postcode.as_ref();
            let nearest = definition.nearest_offices(&wish.site.id, postcode);
            nearest.into_iter().enumerate().map(|(rank, office)| (office.id.clone(), rank)).collect()
        }
    }
}

/// What is still free, for somebody who is refused.
pub(super) async fn fresh_offers(
    db: &mut Db<'_>,
    definition: &Definition,
    wish: &Wish<'_>,
    now: DateTime<Utc>,
) -> Result<Vec<FreshOffer>> {
    let free = find_slots(db, definition, wish, now, FRESH_OFFERS).await?;
    let offer = |slot: Slot| FreshOffer { start: slot.start, end: slot.end, holder: slot.personal_adviser.to_string() };
    Ok(free.into_iter().map(offer).collect())
}

/// That this time cannot be, with what could.
pub(super) async fn not_then(
    db: &mut Db<'_>,
    definition: &Definition,
    wish: &Wish<'_>,
    now: DateTime<Utc>,
    message: String,
) -> Result<Error> {
    let offers = fresh_offers(db, definition, wish, now).await?;
    Ok(Error::NotThen { field: "start_time", message, offers })
}

/// Whom the client met last, or is to meet next.
pub async fn last_met(db: &mut Db<'_>, client: startline_foundation::ids::ClientId) -> Result<Option<UserId>> {
    appointment_store::last_met(db, client).await
}
