//! What is laid over personal advisers' hours: blocks of the rota, with their diaries made anew in the same transaction.
//!
//! What takes time away may lie anywhere; extra hours outside those of the office have a named reason.

use super::appointment::Appointment;
use super::hours::{Stranding, personal_adviser, settle, theirs_to_arrange};
use super::making;
use crate::access::Context;
use crate::rota::{self, Block, BlockDraft, BlockKind, Rota, Whose};
use chrono::{Datelike, NaiveDate};
use startline_definition::{Definition, Site, hours_on};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{BlockId, SiteId, UserId};
use startline_foundation::store::Db;

/// Lays a block over the hours of one personal adviser, an office or the site.
pub async fn block_time(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    draft: BlockDraft,
    stranding: Stranding,
) -> Result<(Block, Vec<Appointment>)> {
    let site = match &draft.whose {
        Whose::One(id) => personal_adviser(db, definition, *id).await?.1,
        Whose::Office(id) => {
            let office = definition.known_office(id)?;
            definition.site_or_fault(&office.site)?
        }
        Whose::Site => definition.site_or_fault(context.site()?)?,
    };
    let person = if let Whose::One(id) = &draft.whose { Some(*id) } else { None };
    theirs_to_arrange(context, &site.id, person)?;
    let draft = with_its_reason(db, context, definition, site, draft).await?;
    let block = rota::add_block(db, context, &site.id, draft).await?;
    let stranded = making::make_for_block(db, definition, site, &block, context.now).await?;
    Ok((block, settle(stranded, stranding)?))
}

/// Takes a block back, and gives the time it took.
pub async fn unblock_time(db: &mut Db<'_>, context: &Context, definition: &Definition, id: BlockId) -> Result<Block> {
    let block = rota::remove_block(db, context, id).await?;
    let person = if let Whose::One(id) = &block.whose { Some(*id) } else { None };
    theirs_to_arrange(context, &block.site, person)?;
    let site = definition.site_or_fault(&block.site)?;
    making::make_for_block(db, definition, site, &block, context.now).await?;
    Ok(block)
}

/// The blocks of a site that touch these days.
pub async fn blocks(db: &mut Db<'_>, site: &SiteId, days: (NaiveDate, NaiveDate)) -> Result<Vec<Block>> {
    rota::blocks(db, site, days).await
}

/// Refuses extra hours outside those of the office for which there is no reason. A reason that is not needed is not kept: it would
/// open hours that are shortened later.
async fn with_its_reason(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    site: &Site,
    draft: BlockDraft,
) -> Result<BlockDraft> {
    draft.clone().check(site.id.clone(), context.user.id, context.now)?;
    let outside = match (&draft.whose, draft.kind) {
        (Whose::One(person), BlockKind::ExtraHours) => {
            let rota = rota::of_person(db, *person, &site.id, (draft.first_day, draft.last_day)).await?;
            outside_hours(definition, site, &rota, *person, &draft)
        }
        _ => None,
    };
    match outside {
        None => Ok(BlockDraft { outside_hours_reason: String::new(), ..draft }),
        Some(reason) if draft.outside_hours_reason.trim().is_empty() => Err(Error::invalid("start", reason)),
        Some(_) => Ok(draft),
    }
}

/// How extra hours lie outside those of the office at which their person is on the first such day; none when they do on none. Days
/// that are closed to all give no hours anyhow.
fn outside_hours(
    definition: &Definition,
    site: &Site,
    rota: &Rota,
    person: UserId,
    draft: &BlockDraft,
) -> Option<String> {
    let (start, end) = draft.times?;
    let is_open = |day: &NaiveDate| !definition.calendar.is_closed_to_all(site, *day);
    let days = draft.first_day.iter_days().take_while(|day| *day <= draft.last_day).filter(is_open);
    days.filter_map(|day| Some((day, rota.office_on(person, day)?))).find_map(|(day, office)| {
        let hours = hours_on(definition.diary.opening_of(office, site), day.weekday());
        match hours {
            None => Some(format!("is on a day on which the office is closed, {day}, and no reason is given")),
            Some((from, until)) if start < from || end > until => {
                let (from, until) = (from.format("%H:%M"), until.format("%H:%M"));
                Some(format!(
                    "lies outside the hours of the office, {from} to {until} on {day}, and no reason is given"
                ))
            }
            Some(_) => None,
        }
    })
}
