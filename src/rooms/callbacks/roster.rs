//! Advisers' hours as far as call-backs stand on them: rosters, absences, a day at a glance. The hours themselves are the
//! rota's; what a change puts at risk is told here, and nothing moves by itself.

use super::capacity::PlaceKey;
use super::offers;
use super::risk::{AtRisk, at_risk};
use super::schedules::Schedules;
use crate::access::{self, Context, Role, TAKES_CALLS, User};
use crate::rota::{self, Activity, Block, BlockDraft, Pattern, Shift, Whose, cell_start};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{BlockId, SiteId, UserId};
use startline_foundation::store::Db;

/// Regular hours, as somebody sets them.
#[derive(Debug, Clone)]
pub struct RosterDraft {
    pub adviser: UserId,
    pub valid_from: NaiveDate,
    pub valid_to: Option<NaiveDate>,
    pub weeks: u32,
    pub shifts: Vec<Shift>,
}

/// Sets an adviser's regular hours, and gives the call-backs that are now at risk.
pub async fn set_roster(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    draft: RosterDraft,
) -> Result<Vec<AtRisk>> {
    let (_, site) = theirs_to_set(db, context, draft.adviser).await?;
    if draft.shifts.iter().any(|shift| shift.activity == Activity::Meetings) {
        return Err(Error::invalid("shifts", "of an adviser are outbound or inbound; meetings are personal advisers'"));
    }
    let pattern = Pattern {
        user: draft.adviser,
        site: site.clone(),
        office: None,
        valid_from: draft.valid_from,
        valid_to: draft.valid_to,
        weeks: draft.weeks,
        shifts: draft.shifts,
        outside_hours: None,
    };
    rota::set_pattern(db, context, &pattern).await?;
    at_risk(db, definition, &site, ahead(definition, context.now), context.now).await
}

/// Somebody is away, or works when they usually do not; gives the call-backs that are now at risk.
pub async fn report_absence(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    adviser: UserId,
    draft: BlockDraft,
) -> Result<(Block, Vec<AtRisk>)> {
    let (_, site) = theirs_to_set(db, context, adviser).await?;
    let block = rota::add_block(db, context, &site, BlockDraft { whose: Whose::One(adviser), ..draft }).await?;
    let risk = at_risk(db, definition, &site, ahead(definition, context.now), context.now).await?;
    Ok((block, risk))
}

/// They are back. Days before today stay as they were; what they are back for is no longer at risk.
pub async fn end_absence(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: BlockId,
) -> Result<(Option<Block>, Vec<AtRisk>)> {
    let block = rota::block(db, id).await?;
    let Whose::One(adviser) = block.whose else {
        return Err(Error::invalid("absence_id", "is not one adviser's"));
    };
    let (_, site) = theirs_to_set(db, context, adviser).await?;
    rota::remove_block(db, context, id).await?;
    let today = definition.calendar.local_date(context.now);
    let mut past = None;
    if block.first_day < today {
        let last_day = block.last_day.min(today.pred_opt().unwrap_or(today));
        let Block { whose, kind, first_day, times, note, outside_hours_reason, .. } = block;
        let draft = BlockDraft { whose, kind, first_day, last_day, times, note, outside_hours_reason };
        past = Some(rota::add_block(db, context, &site, draft).await?);
    }
    let risk = at_risk(db, definition, &site, ahead(definition, context.now), context.now).await?;
    Ok((past, risk))
}

/// One adviser's day.
#[derive(Debug, Clone)]
pub struct RosterLine {
    pub adviser: UserId,
    pub name: String,
    pub skills: Vec<String>,
    /// From when till when, by what it is for.
    pub outbound: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    pub inbound: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    pub absences: Vec<Block>,
    /// Call-backs that sit with them that day.
    pub booked: usize,
}

/// Everybody who takes calls at the site on one day, by name.
pub async fn list_roster(
    db: &mut Db<'_>,
    definition: &Definition,
    site: &SiteId,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Vec<RosterLine>> {
    let site = definition.site_or_fault(site)?;
    let mut schedules = Schedules::open(db, definition, site, (day, day), now).await?;
    schedules.read_until(db, day).await?;
    let mut lines: Vec<RosterLine> = schedules.staff.iter().map(|user| line(&schedules, user, day)).collect();
    lines.sort_by(|a, b| (&a.name, a.adviser).cmp(&(&b.name, b.adviser)));
    Ok(lines)
}

fn line(schedules: &Schedules<'_>, user: &User, day: NaiveDate) -> RosterLine {
    let working = schedules.rota().day(user.id, day, (schedules.site, &schedules.definition.calendar));
    let spans = |activity| {
        let Some(working) = &working else { return Vec::new() };
        let at = |cell| cell_start(working.midnight, cell);
        working.cells(activity).spans().into_iter().map(|span| (at(span.start), at(span.end))).collect()
    };
    let sittings = schedules.day(day).map(|plan| plan.sittings()).unwrap_or_default();
    RosterLine {
        adviser: user.id,
        name: user.name.clone(),
        skills: user.skills.clone(),
        outbound: spans(Activity::Outbound),
        inbound: spans(Activity::Inbound),
        absences: schedules.rota().blocks.iter().filter(|block| block.touches(user.id, None, day)).cloned().collect(),
        booked: sittings.iter().filter(|sitting| sitting.key == PlaceKey::Adviser(user.id)).count(),
    }
}

/// From today as far as any diary goes.
fn ahead(definition: &Definition, now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
    (definition.calendar.local_date(now), offers::horizon(definition, now))
}

/// An adviser's hours are set at their own site.
async fn theirs_to_set(db: &mut Db<'_>, context: &Context, adviser: UserId) -> Result<(User, SiteId)> {
    let unknown = || Error::invalid("adviser_id", "is no adviser of this site");
    let user = match access::user(db, adviser).await {
        Err(Error::NotFound { .. }) => return Err(unknown()),
        user => user?,
    };
    let site = user.site.clone().filter(|site| user.works_at(site, &TAKES_CALLS)).ok_or_else(unknown)?;
    if !context.user.is(Role::Admin) && context.site()? != &site {
        return Err(Error::Denied("an adviser's hours are set at their own site".into()));
    }
    Ok((user, site))
}
