//! Personal advisers' time: working patterns, free slots, appointments held, booked and kept.
//!
//! Durable before it is acknowledged. Two who book the same time meet the primary key of `appointment_cells`: one wins,
//! the other gets fresh offers.

mod appointment;
mod decision;
mod decision_store;
mod outlook;
mod outlook_store;
mod pattern;
mod slots;
mod store;

pub use appointment::{Appointment, Attendance, State};
pub use decision::{Decided, Decision, DeferralReason, Meeting, WaiverReason};
pub use outlook::{Entry, Whose, booked_between, calendar, entry};
pub use pattern::{Shift, WorkingPattern};

use crate::access::{self, Context, Role, audit};
use crate::clients::Client;
use crate::definition::{Definition, Site};
use crate::error::{Error, FreshOffer, Result};
use crate::ids::{AppointmentId, ClaimId, DecisionId, OfficeId, UserId};
use crate::store::Db;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use slots::MeetingLength;
use std::collections::{HashMap, HashSet};

/// Offers that a lost race carries.
const FRESH_OFFERS: usize = 3;
/// Days searched at a time; a site whose diaries are full further than this is looked at again.
const DAYS_AT_A_TIME: u64 = 14;

/// Free time for a meeting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub personal_adviser: UserId,
    pub personal_adviser_name: String,
    pub office: OfficeId,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// So many working days after the start-up call, as the standard says.
    pub within_standard: bool,
}

/// Whose meeting it is to be, and where.
#[derive(Debug, Clone)]
pub struct Wish<'a> {
    pub client: &'a Client,
    /// The home site.
    pub site: &'a Site,
    /// Only this office; else any of the site's, the nearest first.
    pub office: Option<OfficeId>,
    pub not_before: DateTime<Utc>,
}

/// Sets a personal adviser's regular hours, in place of the pattern that begins on the same day.
pub async fn set_working_pattern(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    personal_adviser: UserId,
    office: &OfficeId,
    valid: (NaiveDate, Option<NaiveDate>),
    shifts: Vec<Shift>,
) -> Result<()> {
    let adviser = access::user(db, personal_adviser).await?;
    if adviser.role != Role::PersonalAdviser {
        return Err(Error::invalid("personal_adviser_id", "is not a personal adviser"));
    }
    let office = definition.office(office).ok_or_else(|| Error::invalid("office_id", "is no office of ours"))?;
    if adviser.site.as_ref() != Some(&office.site) {
        return Err(Error::invalid("office_id", "is not at the personal adviser's own site"));
    }
    let pattern = WorkingPattern {
        personal_adviser,
        site: office.site.clone(),
        office: office.id.clone(),
        valid_from: valid.0,
        valid_to: valid.1,
        shifts,
    };
    pattern.check()?;
    store::save_pattern(db, &pattern).await?;
    audit(db, context, "working_pattern_set", "user", &personal_adviser).await
}

/// Free slots for the client: within the standard before later ones, then the nearest office, then the earliest.
pub async fn find_slots(
    db: &mut Db<'_>,
    definition: &Definition,
    wish: &Wish<'_>,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Vec<Slot>> {
    let calendar = &definition.calendar;
    let not_before = wish.not_before.max(earliest_meeting(definition, wish.site, now));
    let last = calendar.local_date(now) + chrono::Months::new(definition.service.settings.booking_horizon_months);
    let near = offices_by_nearness(definition, wish);
    let mut patterns = store::patterns_of_site(db, &wish.site.id).await?;
    patterns.retain(|pattern| near.contains_key(&pattern.office));
    let names = names_of(db, &patterns).await?;
    let mut day = calendar.local_date(not_before);
    let mut found = Vec::new();
    while day <= last && found.len() < most {
        let until = (day + Days::new(DAYS_AT_A_TIME)).min(last + Days::new(1));
        let mut fortnight = free_between(db, definition, wish.site, &patterns, (day, until), not_before, now).await?;
        for slot in &mut fortnight {
            slot.personal_adviser_name = names.get(&slot.personal_adviser).cloned().unwrap_or_default();
        }
        fortnight.sort_by_key(|s| (!s.within_standard, near.get(&s.office).copied(), s.start, s.personal_adviser));
        found.extend(fortnight);
        day = until;
    }
    found.truncate(most);
    Ok(found)
}

/// Keeps a slot for the claim's client for a few minutes; an earlier hold of the same claim is given back.
pub async fn hold_slot(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim_id: ClaimId,
    wish: &Wish<'_>,
    personal_adviser: UserId,
    start: DateTime<Utc>,
) -> Result<Appointment> {
    let now = context.now;
    let length = meeting_length(definition);
    let pattern = pattern_for(db, definition, wish.site, personal_adviser, start, now).await?;
    if let Some(live) = store::live_of_claim(db, claim_id).await? {
        if live.state == State::Booked {
            return Err(Error::illegal("MEETING_EXISTS", "this claim has a meeting booked already"));
        }
        store::release(db, live.id).await?;
    }
    store::release_expired(db, personal_adviser, now).await?;
    let appointment = Appointment {
        id: AppointmentId::fresh(now),
        claim_id,
        client_id: wish.client.id,
        personal_adviser,
        office: pattern.office,
        starts_at: start,
        ends_at: start + length.meeting,
        state: State::Held { until: now + TimeDelta::seconds(definition.service.settings.slot_hold_s.into()) },
        made_at: now,
    };
    store::insert(db, &appointment).await?;
    if !store::take_cells(db, &appointment, &length.cells(start)).await? {
        return Err(slot_gone(db, definition, wish, now).await?);
    }
    audit(db, context, "slot_held", "appointment", &appointment.id).await?;
    Ok(appointment)
}

/// Makes a held slot the client's appointment. The meeting is then no longer put off or done without.
pub async fn book_appointment(db: &mut Db<'_>, context: &Context, id: AppointmentId) -> Result<Appointment> {
    let mut appointment = for_update(db, id).await?;
    appointment.book(context.now)?;
    store::save_state(db, &appointment).await?;
    decision_store::end(db, appointment.claim_id, context.now).await?;
    audit(db, context, "appointment_booked", "appointment", &id).await?;
    Ok(appointment)
}

/// Whether the client came.
pub async fn record_attendance(
    db: &mut Db<'_>,
    context: &Context,
    id: AppointmentId,
    attendance: Attendance,
) -> Result<Appointment> {
    let mut appointment = for_update(db, id).await?;
    appointment.record(attendance, context.now)?;
    store::save_state(db, &appointment).await?;
    audit(db, context, "attendance_recorded", "appointment", &id).await?;
    Ok(appointment)
}

/// An office's appointments on one local day, in order of time, after the one named.
pub async fn list_day(
    db: &mut Db<'_>,
    definition: &Definition,
    office: &OfficeId,
    day: NaiveDate,
    after: Option<(DateTime<Utc>, AppointmentId)>,
    most: i32,
) -> Result<Vec<Appointment>> {
    definition.office(office).ok_or_else(|| Error::invalid("office_id", "is no office of ours"))?;
    let (from, until) = definition.calendar.day_bounds(day);
    store::of_office(db, office, (from, until), after, most).await
}

/// The claim's meeting as it stands: booked, attended or failed; none while nothing is booked.
pub async fn meeting_of_claim(db: &mut Db<'_>, claim_id: ClaimId) -> Result<Option<Appointment>> {
    store::meeting_of_claim(db, claim_id).await
}

/// How the claim's first meeting stands. Once held, it stays held, whatever was arranged since.
pub async fn meeting(db: &mut Db<'_>, claim_id: ClaimId) -> Result<Meeting> {
    if let Some(held) = store::held_with_client(db, claim_id).await? {
        return Ok(Meeting::Held(held));
    }
    if let Some(decision) = decision_store::standing(db, claim_id).await? {
        return Ok(match decision.what {
            Decided::Deferred { .. } => Meeting::Deferred(decision),
            Decided::Waived { .. } => Meeting::Waived(decision),
        });
    }
    Ok(match store::meeting_of_claim(db, claim_id).await? {
        Some(appointment) if appointment.state == State::Booked => Meeting::Booked(appointment),
        Some(appointment) => Meeting::Missed(appointment),
        None => Meeting::Open,
    })
}

/// Puts the claim's meeting off or does without it: what was held or booked is given back, and an earlier decision ends.
/// Whether the claim allows it is for its own room to say.
pub async fn decide(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    claim_id: ClaimId,
    what: Decided,
    note: &str,
) -> Result<Decision> {
    let action = match what {
        Decided::Deferred { review_day, .. } => {
            decision::check_review_day(definition, review_day, context.now)?;
            "meeting_deferred"
        }
        Decided::Waived { .. } => "meeting_waived",
    };
    let note = decision::checked_note(note)?;
    if let Some(live) = store::live_of_claim(db, claim_id).await? {
        store::release(db, live.id).await?;
        audit(db, context, "appointment_given_back", "appointment", &live.id).await?;
    }
    if store::held_with_client(db, claim_id).await?.is_some() {
        return Err(Error::illegal("MEETING_OVER", "the client has met the personal adviser already"));
    }
    decision_store::end(db, claim_id, context.now).await?;
    let decision =
        Decision { id: DecisionId::fresh(context.now), claim_id, what, note, by: context.user.id, at: context.now };
    decision_store::insert(db, &decision).await?;
    audit(db, context, action, "claim", &claim_id).await?;
    Ok(decision)
}

async fn for_update(db: &mut Db<'_>, id: AppointmentId) -> Result<Appointment> {
    store::for_update(db, id).await?.ok_or_else(|| Error::not_found(AppointmentId::WHAT, id))
}

fn meeting_length(definition: &Definition) -> MeetingLength {
    let settings = &definition.service.settings;
    MeetingLength {
        meeting: TimeDelta::minutes(settings.meeting_minutes.into()),
        administration: TimeDelta::minutes(settings.meeting_administration_minutes.into()),
    }
}

/// The printed form must be on the doormat first, so nobody is booked in for the day of the call itself.
fn earliest_meeting(definition: &Definition, site: &Site, now: DateTime<Utc>) -> DateTime<Utc> {
    let calendar = &definition.calendar;
    let lead = definition.service.settings.meeting_lead_min_working_days;
    let day = calendar.add_working_days(site, calendar.local_date(now), lead);
    day.map_or(now, |day| calendar.day_bounds(day).0.max(now))
}

fn offices_by_nearness(definition: &Definition, wish: &Wish<'_>) -> HashMap<OfficeId, usize> {
    match &wish.office {
        Some(only) => HashMap::from([(only.clone(), 0)]),
        None => {
            let postcode = wish.client.facts.postcode.as_ref();
            let nearest = definition.nearest_offices(&wish.site.id, postcode);
            nearest.into_iter().enumerate().map(|(rank, office)| (office.id.clone(), rank)).collect()
        }
    }
}

async fn names_of(db: &mut Db<'_>, patterns: &[WorkingPattern]) -> Result<HashMap<UserId, String>> {
    let mut names = HashMap::new();
    for pattern in patterns {
        if !names.contains_key(&pattern.personal_adviser) {
            let adviser = access::user(db, pattern.personal_adviser).await?;
            names.insert(adviser.id, adviser.name);
        }
    }
    Ok(names)
}

async fn free_between(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &Site,
    patterns: &[WorkingPattern],
    days: (NaiveDate, NaiveDate),
    not_before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Vec<Slot>> {
    let calendar = &definition.calendar;
    let length = meeting_length(definition);
    let bounds = (calendar.day_bounds(days.0).0, calendar.day_bounds(days.1).0);
    let mut taken: HashMap<UserId, HashSet<DateTime<Utc>>> = HashMap::new();
    for pattern in patterns {
        if let std::collections::hash_map::Entry::Vacant(entry) = taken.entry(pattern.personal_adviser) {
            entry.insert(store::taken(db, pattern.personal_adviser, bounds, now).await?);
        }
    }
    let standard_until = standard_until(definition, site, now);
    let mut free = Vec::new();
    for day in days.0.iter_days().take_while(|day| *day < days.1) {
        for pattern in current(patterns, day) {
            let cells = &taken[&pattern.personal_adviser];
            for start in slots::free_starts(pattern, day, (site, calendar), length, cells, not_before) {
                free.push(Slot {
                    personal_adviser: pattern.personal_adviser,
                    personal_adviser_name: String::new(),
                    office: pattern.office.clone(),
                    start,
                    end: start + length.meeting,
                    within_standard: day <= standard_until,
                });
            }
        }
    }
    Ok(free)
}

/// Each personal adviser's pattern that holds on the day: the one that began last.
fn current(patterns: &[WorkingPattern], day: NaiveDate) -> impl Iterator<Item = &WorkingPattern> {
    let mut newest: HashMap<UserId, &WorkingPattern> = HashMap::new();
    for pattern in patterns.iter().filter(|p| p.valid_from <= day) {
        let entry = newest.entry(pattern.personal_adviser).or_insert(pattern);
        if entry.valid_from < pattern.valid_from {
            *entry = pattern;
        }
    }
    newest.into_values()
}

/// The last day that meets the standard (rule C9: four working days after the start-up call).
fn standard_until(definition: &Definition, site: &Site, now: DateTime<Utc>) -> NaiveDate {
    let calendar = &definition.calendar;
    let today = calendar.local_date(now);
    let days = definition.service.settings.meeting_standard_working_days;
    calendar.add_working_days(site, today, days).unwrap_or(today)
}

/// The pattern a meeting at this time falls into, or what is wrong with the time.
async fn pattern_for(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &Site,
    personal_adviser: UserId,
    start: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<WorkingPattern> {
    let calendar = &definition.calendar;
    let day = calendar.local_date(start);
    if start < now {
        return Err(Error::invalid("start_time", "is in the past"));
    }
    if day > calendar.local_date(now) + chrono::Months::new(definition.service.settings.booking_horizon_months) {
        let months = definition.service.settings.booking_horizon_months;
        return Err(Error::invalid("start_time", format!("is more than {months} months ahead")));
    }
    let patterns = store::patterns_of_site(db, &site.id).await?;
    let length = meeting_length(definition);
    current(&patterns, day)
        .find(|pattern| {
            pattern.personal_adviser == personal_adviser
                && slots::is_in_pattern(pattern, (site, calendar), length, start)
        })
        .cloned()
        .ok_or_else(|| Error::invalid("start_time", "is not a time at which this personal adviser meets clients"))
}

async fn slot_gone(db: &mut Db<'_>, definition: &Definition, wish: &Wish<'_>, now: DateTime<Utc>) -> Result<Error> {
    let free = find_slots(db, definition, wish, now, FRESH_OFFERS).await?;
    let offer = |slot: Slot| FreshOffer { start: slot.start, end: slot.end, holder: slot.personal_adviser.to_string() };
    Ok(Error::Conflict {
        reason: "SLOT_TAKEN",
        message: "somebody has just booked this time; these are free".into(),
        offers: free.into_iter().map(offer).collect(),
    })
}

/// Whether the meeting falls within the standard, counted from the day it was made.
pub fn is_within_standard(definition: &Definition, site: &crate::ids::SiteId, appointment: &Appointment) -> bool {
    let day = definition.calendar.local_date(appointment.starts_at);
    definition.site(site).is_some_and(|site| day <= standard_until(definition, site, appointment.made_at))
}
