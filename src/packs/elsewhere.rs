//! Letters that a client reads in a format that no print room makes: Braille, tape. Each stands on the print rooms' list, to be
//! produced elsewhere by a day, until somebody says that it was. The printed letter goes out all the same: it is the one that is
//! signed, and that others can read to them.

use super::delivery::meeting_day;
use super::exception::{self, Elsewhere, Exception};
use super::exception_store as store;
use super::pack::Pack;
use chrono::{DateTime, Days, NaiveDate, Utc};
use startline_definition::{Calendar, Definition, Site};
use startline_foundation::error::Result;
use startline_foundation::events::Event;
use startline_foundation::ids::PackExceptionId;
use startline_foundation::store::Db;
use startline_rooms::access::{Context, audit};
use startline_rooms::claims;
use startline_rooms::clients;

/// Puts a letter on the list that its client reads in another format, once a pack; a newer pack takes the place of an older one that
/// nobody has produced yet. What they read on paper is on it no more.
pub(super) async fn owe(db: &mut Db<'_>, context: &Context, definition: &Definition, pack: &Pack) -> Result<()> {
    // Whoever told us of a death reads it, not the client.
    let format = match pack.wanted.is_of_death() {
        true => String::new(),
        false => clients::get(db, pack.client_id).await?.facts.letters_format,
    };
    exception::settle_elsewhere(db, context, pack.wanted, Some(format.as_str())).await?;
    if format.is_empty() || store::is_known_elsewhere(db, pack.id, &format).await? {
        return Ok(());
    }
    let site = definition.site_or_fault(&pack.site)?;
    let meeting = match pack.claim_id {
        Some(claim) => {
            let claim = claims::get(db, claim).await?;
            meeting_day(db, definition, &claim).await?
        }
        None => None,
    };
    let days = definition.service.settings.other_format_working_days;
    let by_day = by_day(&definition.calendar, site, days, meeting, context.now);
    let fresh = Exception {
        id: PackExceptionId::fresh(context.now),
        wanted: pack.wanted,
        site: clients::get(db, pack.client_id).await?.home_site,
        client_id: pack.client_id,
        faults: Vec::new(),
        replacements: Vec::new(),
        raised_at: context.now,
        settled: None,
        elsewhere: Some(Elsewhere { format, pack_id: pack.id, by_day }),
    };
    let raised = store::raise(db, &fresh).await?;
    audit(db, context, "letter_to_be_produced_elsewhere", "pack exception", &raised.id).await?;
    db.after_commit(Event::PackRefused);
    tracing::warn!(exception = %raised.id, kind = pack.wanted.kind(), "a letter is to be produced elsewhere in another format");
    Ok(())
}

/// So many working days from now, and before the meeting that it is about where there is still a day for that.
fn by_day(calendar: &Calendar, site: &Site, days: u32, meeting: Option<NaiveDate>, now: DateTime<Utc>) -> NaiveDate {
    let today = calendar.local_date(now);
    let usual = calendar.add_working_days(site, today, days).unwrap_or(today);
    let before = |meeting: NaiveDate| {
        let earlier = (1..30).map(|back| meeting - Days::new(back));
        earlier.take_while(|day| *day >= today).find(|day| calendar.opening(site, *day).is_some())
    };
    meeting.filter(|meeting| *meeting > today).map_or(usual, |meeting| before(meeting).unwrap_or(today).min(usual))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_there_in_time_for_the_meeting_and_else_in_the_days_that_it_takes() {
        let definition = Definition::embedded();
        let (calendar, site) = (&definition.calendar, &definition.sites[0]);
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        // A Tuesday.
        let now = "2026-03-03T10:00:00Z".parse().unwrap();
        let by = |meeting: Option<&str>| by_day(calendar, site, 10, meeting.map(day), now);
        assert_eq!(by(None), day("2026-03-17"));
        assert_eq!(by(Some("2026-04-20")), day("2026-03-17"));
        assert_eq!(by(Some("2026-03-09")), day("2026-03-06"), "the Friday before a Monday");
        assert_eq!(by(Some("2026-03-04")), day("2026-03-03"));
        assert_eq!(by(Some("2026-03-03")), day("2026-03-17"), "too late for that one");
    }
}
