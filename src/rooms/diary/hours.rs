//! Personal advisers' regular hours, with their diaries made anew in the same transaction. What lies outside the hours of their
//! office has a named reason.
//!
//! A change that leaves booked meetings outside working time is refused, or made with the list of meetings to move: by
//! choice.

use super::appointment::Appointment;
use super::open::{self, Where};
use super::{day_store, making};
use crate::access::{self, AtOffices, Context, Role, User};
use crate::rota::{self, Activity, OUTSIDE_REASON_CHARS, OutsideHours, Pattern, Shift};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Definition, Office, Site, hours_on};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::optional_line;
use startline_foundation::ids::{AppointmentId, OfficeId, SiteId, UserId};
use startline_foundation::store::Db;

/// Whether meetings may be left outside working time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stranding {
    Refused,
    /// Accepted; the meetings are then on the list of those to move.
    Accepted,
}

/// A personal adviser's regular hours as somebody asks for them.
#[derive(Debug, Clone)]
pub struct Hours {
    pub personal_adviser: UserId,
    pub office: OfficeId,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    /// After how many weeks they repeat: 1 or 2.
    pub weeks: u32,
    pub shifts: Vec<Shift>,
    /// Why some of it lies outside the hours of the office; empty where nothing does.
    pub outside_hours_reason: String,
}

/// Sets a personal adviser's regular hours, in place of the pattern that begins on the same day. Gives the meetings that
/// are left outside them.
pub async fn set_working_pattern(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    hours: Hours,
    stranding: Stranding,
) -> Result<Vec<Appointment>> {
    let (adviser, site) = personal_adviser(db, definition, hours.personal_adviser).await?;
    let office = office_of(definition, &hours.office, &site.id)?;
    let reason = optional_line("outside_hours_reason", &hours.outside_hours_reason, OUTSIDE_REASON_CHARS)?;
    let outside_hours = match within_office_hours(definition, &office.id, site, &hours.shifts) {
        Ok(()) => None,
        Err(fault) if reason.is_empty() => return Err(fault),
        Err(_) => Some(OutsideHours { reason, said_by: context.user.id, said_at: context.now }),
    };
    let pattern = Pattern {
        user: adviser.id,
        site: site.id.clone(),
        office: Some(office.id.clone()),
        valid_from: hours.valid_from,
        valid_to: hours.valid_to,
        weeks: hours.weeks,
        shifts: hours.shifts,
        outside_hours,
    };
    if pattern.shifts.iter().any(|shift| shift.activity != Activity::Meetings) {
        return Err(Error::invalid("shifts", "of a personal adviser are for meeting clients"));
    }
    rota::set_pattern(db, context, &pattern).await?;
    let stranded = making::make_person(db, definition, site, adviser.id, context.now).await?;
    settle(stranded, stranding)
}

/// Hours are arranged by whose they are, and by the reception and the team leaders of the site.
pub(super) fn theirs_to_arrange(context: &Context, site: &SiteId, person: Option<UserId>) -> Result<()> {
    let user = &context.user;
    let is_theirs = person == Some(user.id);
    if is_theirs || user.is(Role::Admin) || user.works_at(site, &[Role::Reception, Role::TeamLeader]) {
        return Ok(());
    }
    Err(Error::Denied("these are somebody else's hours, or another site's".into()))
}

/// Clients are met while the office is open.
fn within_office_hours(definition: &Definition, office: &OfficeId, site: &Site, shifts: &[Shift]) -> Result<()> {
    let week = definition.diary.opening_of(office, site);
    for (i, shift) in shifts.iter().enumerate() {
        let reason = match hours_on(week, shift.weekday) {
            None => "is on a day on which the office is closed, and no reason is given".to_owned(),
            Some((from, until)) if shift.start < from || shift.end > until => {
                let (from, until) = (from.format("%H:%M"), until.format("%H:%M"));
                format!("lies outside the hours of the office, {from} to {until}, and no reason is given")
            }
            Some(_) => continue,
        };
        return Err(Error::invalid(format!("shifts[{i}]"), reason));
    }
    Ok(())
}

/// A personal adviser's patterns that hold on a day or later, in the order in which they begin.
pub async fn working_patterns(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    personal_adviser_id: UserId,
    from: NaiveDate,
) -> Result<Vec<Pattern>> {
    let (adviser, site) = personal_adviser(db, definition, personal_adviser_id).await?;
    theirs_to_arrange(context, &site.id, Some(adviser.id))?;
    let mut all = rota::patterns_of(db, adviser.id).await?;
    all.retain(|pattern| pattern.office.is_some() && pattern.valid_to.is_none_or(|to| to >= from));
    Ok(all)
}

/// The booked meetings of a site, or of it at these offices, that lie outside their personal adviser's working time, from a
/// day on.
pub async fn to_move(
    db: &mut Db<'_>,
    definition: &Definition,
    (site, seen): (&SiteId, Option<&AtOffices>),
    from: NaiveDate,
    after: Option<(DateTime<Utc>, AppointmentId)>,
    most: i32,
) -> Result<Vec<Appointment>> {
    let site = definition.site_or_fault(site)?;
    let from = after.map_or(from, |(starts_at, _)| definition.calendar.local_date(starts_at).max(from));
    let mut found = Vec::new();
    // Each of these days has one at least, and all of the first day's may have been told. Of one office it need not have any.
    let most_days = if seen.is_some() { i32::MAX } else { most.saturating_add(1) };
    for day in day_store::stranded(db, &site.id, from, most_days).await? {
        found.extend(making::stranded_on(db, definition, site, &day, seen).await?);
    }
    found.sort_by_key(|appointment| (appointment.starts_at, appointment.id));
    found.retain(|appointment| after.is_none_or(|after| (appointment.starts_at, appointment.id) > after));
    found.truncate(usize::try_from(most).unwrap_or(0));
    Ok(found)
}

/// Whether a booked meeting of a kind has to be moved: its day is no working day any more, its office is closed then, or its
/// personal adviser does not work. Until somebody has settled that, nobody is reminded of it, and no letter names it.
pub async fn is_to_move(
    db: &mut Db<'_>,
    definition: &Definition,
    (personal_adviser, office, kind): (UserId, &OfficeId, &str),
    (starts_at, ends_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool> {
    let (calendar, rules) = (&definition.calendar, &definition.diary);
    let date = calendar.local_date(starts_at);
    let site = definition.office(office).and_then(|office| definition.site(&office.site));
    if site.is_some_and(|site| calendar.is_closed_to_all(site, date)) {
        return Ok(true);
    }
    let day = day_store::one(db, personal_adviser, date).await?;
    Ok(match (site, day) {
        (Some(site), Some(day)) => !open::is_within(definition, site, &day, kind, (starts_at, ends_at)),
        // Nothing is known of a day that is over, but for the days on which nobody is met.
        (Some(site), None) => {
            let week = Where::of_named(rules, kind).week(rules, site, office);
            calendar.hours(site, week, date).is_none()
        }
        (None, _) => false,
    })
}

pub(super) fn settle(stranded: Vec<Appointment>, stranding: Stranding) -> Result<Vec<Appointment>> {
    match (stranding, stranded.len()) {
        (_, 0) | (Stranding::Accepted, _) => Ok(stranded),
        (Stranding::Refused, left) => Err(Error::illegal(
            "LEAVES_APPOINTMENTS",
            format!(
                "{left} booked meetings would lie outside these hours; move them first, or accept that they are left"
            ),
        )),
    }
}

pub(super) async fn personal_adviser<'a>(
    db: &mut Db<'_>,
    definition: &'a Definition,
    id: UserId,
) -> Result<(User, &'a Site)> {
    let adviser = access::user(db, id).await?;
    let site = adviser.site.as_ref().filter(|site| adviser.works_at(site, &[Role::PersonalAdviser]));
    let site = site.ok_or_else(|| Error::invalid("personal_adviser_id", "is not a personal adviser"))?;
    let site = definition.site_or_fault(site)?;
    Ok((adviser, site))
}

fn office_of<'a>(definition: &'a Definition, id: &OfficeId, site: &SiteId) -> Result<&'a Office> {
    let office = definition.known_office(id)?;
    if &office.site == site {
        return Ok(office);
    }
    Err(Error::invalid("office_id", "is not at the personal adviser's own site"))
}
