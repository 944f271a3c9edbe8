//! Why there is no time, and why nobody is seen: asked only where nothing was found.

use super::finding::{Wish, begin, last_day};
use crate::rota::{self, Pattern};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::OfficeId;
use startline_foundation::store::Db;

/// Why no meeting can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNone {
    /// The site has no personal advisers.
    NobodyThere,
    /// None of them has hours at the offices asked for.
    NoDiary,
    /// Some have, and none of those is left by what was wished.
    WishesLeaveNobody,
    BeyondDiaries,
    Full,
}

pub async fn why_none(
    db: &mut Db<'_>,
    definition: &Definition,
    wish: &Wish<'_>,
    now: DateTime<Utc>,
) -> Result<WhyNone> {
    let search = begin(db, definition, wish, now).await?;
    if search.people.is_empty() {
        return Ok(WhyNone::NobodyThere);
    }
    let days = (definition.calendar.local_date(now), last_day(definition, now));
    let rota = rota::of_site(db, &wish.site.id, days).await?;
    let is_near = |office: &Option<OfficeId>| office.as_ref().is_some_and(|office| search.near.contains_key(office));
    let holds = |pattern: &&Pattern| holds_within(pattern, days) && is_near(&pattern.office);
    let has_hours = |id| rota.patterns.iter().filter(holds).any(|pattern| pattern.user == id);
    if !search.people.keys().any(|id| has_hours(*id)) {
        return Ok(WhyNone::NoDiary);
    }
    if definition.calendar.local_date(search.not_before) > days.1 {
        return Ok(WhyNone::BeyondDiaries);
    }
    if !search.allowed().into_iter().any(has_hours) {
        return Ok(WhyNone::WishesLeaveNobody);
    }
    Ok(WhyNone::Full)
}

fn holds_within(pattern: &Pattern, (first, last): (NaiveDate, NaiveDate)) -> bool {
    pattern.valid_from <= last && pattern.valid_to.is_none_or(|until| until >= first)
}

/// Why nobody is seen at an office on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyIdle {
    Closed,
    NoDiary,
    NothingBooked,
}

pub async fn why_idle(db: &mut Db<'_>, definition: &Definition, office: &OfficeId, day: NaiveDate) -> Result<WhyIdle> {
    let office = definition.office(office).ok_or_else(|| Error::not_found("office", office))?;
    let site = definition.site_or_fault(&office.site)?;
    let (calendar, rules) = (&definition.calendar, &definition.diary);
    let is_closed = calendar.hours(site, rules.opening_of(&office.id, site), day).is_none();
    let rota = rota::of_site(db, &site.id, (day, day)).await?;
    let works_here = |id| {
        let working = rota.day(id, day, (site, &definition.calendar));
        working.is_some_and(|working| {
            let is_there = !is_closed || !working.reasoned.is_empty();
            working.office.as_ref() == Some(&office.id) && !working.is_off() && is_there
        })
    };
    Ok(match (rota.people().any(works_here), is_closed) {
        (true, _) => WhyIdle::NothingBooked,
        (false, true) => WhyIdle::Closed,
        (false, false) => WhyIdle::NoDiary,
    })
}
