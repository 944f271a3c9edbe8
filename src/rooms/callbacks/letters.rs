//! Letters owed after the last try that nobody answered, each with a new time that is kept for the client.

use super::callback::{Callback, State};
use super::capacity::Occupant;
use super::history::What;
use super::needs::Needs;
use super::offers::{self, Asked};
use super::safe_times::SafeTimes;
use super::wishes::Wishes;
use super::{assignment, for_update, history_store, letters_store, place_store, store};
use crate::access::{Context, audit};
use crate::clients::{self, Client};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use startline_definition::{Definition, Site};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{CallbackId, SiteId};
use startline_foundation::store::{Db, Job, enqueue};

/// Write about the call-back: nobody answered, and a new time is kept.
#[derive(Debug, Serialize, Deserialize)]
pub struct WriteMissedCallback {
    pub callback_id: CallbackId,
}

impl Job for WriteMissedCallback {
    const NAME: &'static str = "write_missed_callback";
    const ROOM: &'static str = "packs";
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub callback_id: CallbackId,
    pub site: SiteId,
    /// The time that the letter names; none when no diary had room.
    pub time: Option<(DateTime<Utc>, DateTime<Utc>)>,
    pub owed_at: DateTime<Utc>,
}

/// The letters that a site owes, the longest owed first, after the one named.
pub async fn list_letters(
    db: &mut Db<'_>,
    site: &SiteId,
    after: Option<(DateTime<Utc>, CallbackId)>,
    most: i32,
) -> Result<Vec<(Letter, Callback)>> {
    let mut found = Vec::new();
    for letter in letters_store::open_of_site(db, site, after, most).await? {
        if let Some(callback) = store::by_id(db, letter.callback_id).await? {
            found.push((letter, callback));
        }
    }
    Ok(found)
}

/// The call-back, and the time that the last letter about it names, while the client is to be rung then: not once it was
/// cancelled, made, or moved to another time.
pub async fn told_time(
    db: &mut Db<'_>,
    id: CallbackId,
    now: DateTime<Utc>,
) -> Result<(Callback, Option<DateTime<Utc>>)> {
    let callback = super::get(db, id).await?;
    let named = letters_store::last_sent(db, id).await?.and_then(|letter| letter.time).map(|(start, _)| start);
    let stands = callback.state == State::Booked && callback.starts_at > now && named == Some(callback.starts_at);
    Ok((callback, named.filter(|_| stands)))
}

/// Every try failed: a letter with the next time that suits, which is kept from now on.
pub(super) async fn owe(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    callback: &Callback,
) -> Result<()> {
    let site = definition.site_or_fault(&callback.site)?;
    let who = Occupant::Callback(callback.id);
    place_store::leave(db, who).await?;
    let client = clients::get(db, callback.client_id).await?;
    let asked = after_the_post(definition, site, (callback, &client), context.now);
    let mut schedules = assignment::open(db, definition, site, context.now).await?;
    let found = offers::search(db, &mut schedules, &asked, context.now, 1).await?;
    let mut time = None;
    if let Some(offer) = found.offers.first() {
        let cells = assignment::check_time(db, &mut schedules, &asked, offer.start, context.now).await?;
        let assignment =
            assignment::find_seat(db, &mut schedules, &asked, (offer.start, &cells), None, context.now).await?;
        let times = assignment::times_of(&schedules, offer.start, &cells);
        if !place_store::seat(db, &site.id, who, &times, &assignment, None, context.now).await? {
            return Err(Error::Contended);
        }
        time = Some((offer.start, offer.end));
    }
    let letter = Letter { callback_id: callback.id, site: site.id.clone(), time, owed_at: context.now };
    letters_store::insert(db, &letter).await?;
    history_store::add(db, context, callback, &What::LetterOwed).await
}

/// As the client wished, once the letter can have come.
fn after_the_post(
    definition: &Definition,
    site: &Site,
    (callback, client): (&Callback, &Client),
    now: DateTime<Utc>,
) -> Asked {
    let calendar = &definition.calendar;
    let days = definition.service.settings.callback_letter_lead_working_days;
    let day = calendar.add_working_days(site, calendar.local_date(now), days);
    let there = day.and_then(|day| calendar.opening(site, day)).map_or(now, |(opens, _)| opens);
    let not_before = callback.wishes.not_before.unwrap_or(there).max(there);
    Asked {
        needs: Needs::of_words(definition, callback.needs.iter().cloned()),
        urgent: callback.urgent,
        wishes: Wishes { not_before: Some(not_before), not_after: None, ..callback.wishes.clone() },
        safe: SafeTimes::of_client(definition, client),
        who: Some(callback.client_id),
    }
}

/// The letter has gone: the call-back is booked for the time it names.
pub async fn record_letter(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    id: CallbackId,
) -> Result<Callback> {
    let mut callback = for_update(db, id).await?;
    if context.site()? != &callback.site {
        return Err(Error::Denied("a letter about a call-back is sent by the client's home site".into()));
    }
    let letter = letters_store::open_of(db, id).await?;
    let letter = letter.filter(|_| callback.state == State::NoReply);
    let letter = letter.ok_or_else(|| Error::illegal("NO_LETTER_OWED", "no letter is owed about this call-back"))?;
    let message = "the time that the letter names has passed, or none was free; move the call-back to one of these";
    match letter.time {
        Some((start, end)) if start > context.now => callback.move_to(start, end)?,
        _ => {
            let site = definition.site_or_fault(&callback.site)?;
            let client = clients::get(db, callback.client_id).await?;
            let asked = after_the_post(definition, site, (&callback, &client), context.now);
            let mut schedules = assignment::open(db, definition, site, context.now).await?;
            let found = offers::search(db, &mut schedules, &asked, context.now, offers::FRESH_OFFERS).await?;
            let offers = offers::fresh(&found.offers, site);
            return Err(Error::Conflict { reason: "LETTER_TOO_LATE", message: message.into(), offers });
        }
    }
    callback.owner = None;
    store::save(db, &callback).await?;
    letters_store::close(db, context, id, true).await?;
    enqueue(db, &WriteMissedCallback { callback_id: id }, context.user.id, context.now).await?;
    history_store::add(db, context, &callback, &What::LetterSent).await?;
    audit(db, context, "callback_letter_sent", "callback", &id).await?;
    Ok(callback)
}
