//! Why no call-back can be had: asked only where nothing was offered.

use super::assignment::open;
use super::needs::Skills;
use super::offers::Asked;
use crate::access::User;
use crate::clients::Client;
use crate::rota::{Activity, Pattern};
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Definition, OUTBOUND};
use startline_foundation::error::Result;
use startline_foundation::store::Db;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNone {
    /// Nobody at the site makes call-backs.
    NobodyThere,
    /// The site keeps a roster, and nobody has call-backs on it.
    NoRoster,
    NobodyWithSkills,
    BeyondDiaries,
    Full,
}

pub async fn why_none(
    db: &mut Db<'_>,
    definition: &Definition,
    client: &Client,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<WhyNone> {
    let site = definition.site_or_fault(&client.home_site)?;
    let schedules = open(db, definition, site, now).await?;
    let (today, last) = (definition.calendar.local_date(now), schedules.last_day());
    let makes_them = |user: &&User| user.skills.iter().any(|skill| skill == OUTBOUND);
    let crew: Vec<&User> = schedules.staff.iter().filter(makes_them).collect();
    let makes_them_then = |pattern: &&Pattern| {
        let holds = pattern.valid_from <= last && pattern.valid_to.is_none_or(|until| until >= today);
        holds && pattern.shifts.iter().any(|shift| shift.activity == Activity::Outbound)
    };
    let patterns = || schedules.rota().patterns.iter().filter(makes_them_then);
    let is_rostered = |user: &&User| patterns().any(|pattern| pattern.user == user.id);
    let keeps_a_roster = schedules.is_rostered(NaiveDate::MAX);
    let covers = |user: &User| Skills::of_adviser(definition, &user.skills).covers(asked.needs.skills);
    let wished = asked.wishes.not_before.map(|at| definition.calendar.local_date(at));
    Ok(if crew.is_empty() {
        WhyNone::NobodyThere
    } else if keeps_a_roster && !crew.iter().any(is_rostered) {
        WhyNone::NoRoster
    } else if !crew.iter().any(|user| covers(user)) {
        WhyNone::NobodyWithSkills
    } else if wished.is_some_and(|day| day > last) {
        WhyNone::BeyondDiaries
    } else {
        WhyNone::Full
    })
}
