//! What comes in: wishes, outcomes, hours and days.

use crate::mirrors::needed;
use crate::{clients as client_door, convert, pb};
use chrono::{NaiveDate, NaiveTime, Weekday};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{SiteId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::callbacks::{CancelReason, Outcome, Wishes};
use startline_rooms::clients;
use startline_rooms::rota::{Activity, BlockKind, Break, Shift, Unsuitable};

pub fn wishes(asked: Option<pb::CallbackWishes>) -> Result<Wishes> {
    let asked = asked.unwrap_or_default();
    let mut unsuitable = Vec::with_capacity(asked.unsuitable_times.len());
    for (i, one) in asked.unsuitable_times.iter().enumerate() {
        let field = |name: &str| format!("wishes.unsuitable_times[{i}].{name}");
        let weekdays: Result<Vec<Weekday>> = one.weekdays.iter().map(|day| weekday(&field("weekdays"), *day)).collect();
        unsuitable.push(Unsuitable { weekdays: weekdays?, times: times(field, &one.start, &one.end)? });
    }
    Wishes {
        unsuitable,
        not_before: convert::optional_time("wishes.not_before_time", asked.not_before_time)?,
        not_after: convert::optional_time("wishes.not_after_time", asked.not_after_time)?,
        adviser: optional_user("wishes.adviser_id", &asked.adviser_id)?,
    }
    .check()
}

pub fn optional_user(field: &str, id: &str) -> Result<Option<UserId>> {
    Some(id).filter(|id| !id.is_empty()).map(|id| UserId::parse(field, id)).transpose()
}

pub fn outcome(given: i32) -> Result<Outcome> {
    needed::<pb::AttemptOutcome>("outcome", given, "is needed: how did the try end?")
}

pub fn cancel_reason(given: i32) -> Result<CancelReason> {
    const WHY: &str = "is needed: why is it not to be made?";
    match needed::<pb::CancelReason>("reason", given, WHY)? {
        // Only the service says so.
        CancelReason::Superseded | CancelReason::StartUpDone | CancelReason::ClientDied => {
            Err(Error::invalid("reason", WHY))
        }
        reason => Ok(reason),
    }
}

fn weekday(field: &str, given: i32) -> Result<Weekday> {
    needed::<pb::Weekday>(field, given, "is needed")
}

fn time(field: String, text: &str) -> Result<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| Error::invalid(field, "must be a time like 09:30"))
}

/// None when both are empty: the whole day.
pub fn times(field: impl Fn(&str) -> String, start: &str, end: &str) -> Result<Option<(NaiveTime, NaiveTime)>> {
    if start.is_empty() && end.is_empty() {
        return Ok(None);
    }
    Ok(Some((time(field("start"), start)?, time(field("end"), end)?)))
}

pub fn day(field: &str, text: &str) -> Result<NaiveDate> {
    optional_day(field, text)?.ok_or_else(|| Error::invalid(field, "is needed: a day such as 2026-03-01"))
}

pub fn optional_day(field: &str, text: &str) -> Result<Option<NaiveDate>> {
    if text.is_empty() {
        return Ok(None);
    }
    let day =
        NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| SENSIBLE.contains(&chrono::Datelike::year(day)));
    day.map(Some).ok_or_else(|| Error::invalid(field, "must be a day such as 2026-03-01"))
}

/// Years a roster is made in.
const SENSIBLE: std::ops::RangeInclusive<i32> = 1999..=2199;

pub fn shifts(given: &[pb::RosterShift]) -> Result<Vec<Shift>> {
    given.iter().enumerate().map(|(i, shift)| read_shift(&format!("shifts[{i}]"), shift)).collect()
}

fn read_shift(here: &str, shift: &pb::RosterShift) -> Result<Shift> {
    let activity = match pb::RosterActivity::try_from(shift.activity) {
        Ok(pb::RosterActivity::Outbound) => Activity::Outbound,
        Ok(pb::RosterActivity::Inbound) => Activity::Inbound,
        _ => return Err(Error::invalid(format!("{here}.activity"), "is needed: outbound or inbound?")),
    };
    let pause = |(j, pause): (usize, &pb::RosterBreak)| {
        let field = |name: &str| format!("{here}.breaks[{j}].{name}");
        Ok(Break { start: time(field("start"), &pause.start)?, end: time(field("end"), &pause.end)? })
    };
    Ok(Shift {
        weekday: weekday(&format!("{here}.weekday"), shift.weekday)?,
        week: Some(shift.week).filter(|week| *week != 0),
        start: time(format!("{here}.start"), &shift.start)?,
        end: time(format!("{here}.end"), &shift.end)?,
        activity,
        breaks: shift.breaks.iter().enumerate().map(pause).collect::<Result<_>>()?,
    })
}

pub fn absence_kind(given: i32) -> Result<BlockKind> {
    needed::<pb::AbsenceKind>("kind", given, "is needed: why are they away?")
}

/// The site that is meant: the caller's own when none is named. Only an administrator may look into another.
pub fn site(context: &Context, definition: &Definition, id: &str) -> Result<SiteId> {
    let site = match id {
        "" => {
            let own = context.user.site.clone();
            own.ok_or_else(|| Error::invalid("site_id", "is needed: this token belongs to no site"))?
        }
        id => client_door::known_site(definition, id)?,
    };
    if context.user.site.as_ref().is_some_and(|own| *own != site) {
        return Err(Error::Denied("that is another site's".into()));
    }
    Ok(site)
}

/// The client, for whoever asks what they need.
pub async fn client(db: &mut Db<'_>, id: &str) -> Result<clients::Client> {
    clients::get(db, startline_foundation::ids::ClientId::parse("client_id", id)?).await
}
