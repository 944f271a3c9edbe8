//! What a call that has ended leaves to do: a caller who gave up is listed, one who left a number is booked a call-back,
//! one who got through at last is taken off the list.
//!
//! Runs in the transaction that keeps the call's record, and only when the record is new: so it happens once.

use super::assignment::open;
use super::book::{At, Booking, book_for};
use super::needs::Needs;
use super::offers::{self, Asked};
use super::safe_times::SafeTimes;
use super::wishes::Wishes;
use super::{callback, flags, missed, store};
use crate::access::Context;
use crate::clients::{self, Client, Search};
use chrono::{DateTime, Utc};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::UkPhone;
use startline_foundation::ids::{CallId, SiteId, UserId};
use startline_foundation::store::Db;

/// Clients with one number that are looked at: a hostel's telephone may have many.
const SHARED_BY: i32 = 20;

/// A call that has ended, as far as call-backs are concerned.
#[derive(Debug, Clone)]
pub struct EndedCall<'a> {
    pub call: CallId,
    /// E.164; none when it was withheld.
    pub caller: Option<&'a str>,
    /// The site of the caller's area, when the number said it.
    pub home: Option<&'a SiteId>,
    /// The site that kept the call.
    pub kept_at: &'a SiteId,
    pub entered_at: DateTime<Utc>,
    pub ended_at: DateTime<Utc>,
    pub urgent: bool,
    pub how: HowEnded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HowEnded {
    Answered {
        by: UserId,
        at: DateTime<Utc>,
    },
    /// `spoken_since`: a later call from that number has been answered meanwhile.
    Abandoned {
        wait_ms: u64,
        spoken_since: bool,
    },
    CallbackRequested,
    Otherwise,
}

/// Does what follows. `context` is the service's own.
pub async fn after_call(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    ended: &EndedCall<'_>,
) -> Result<()> {
    let Some(number) = ended.caller else {
        if ended.how == HowEnded::CallbackRequested {
            tracing::warn!(call = %ended.call, "a caller whose number is withheld asked to be called back: nobody can");
        }
        return Ok(());
    };
    match ended.how {
        HowEnded::Answered { by, at } => {
            missed::close_number(db, context, number, by, "rang again and was answered", at).await
        }
        HowEnded::Abandoned { wait_ms, spoken_since } => {
            let patience_ms = u64::from(definition.service.settings.missed_caller_after_s) * 1000;
            if spoken_since || wait_ms < patience_ms {
                return Ok(());
            }
            let known = known_by(db, number).await?;
            missed::note(db, context, home(ended, &known), number, ended.ended_at).await
        }
        HowEnded::CallbackRequested => {
            let known = known_by(db, number).await?;
            if book_requested(db, context, definition, ended, number, &known).await? {
                return Ok(());
            }
            let site = home(ended, &known);
            tracing::warn!(call = %ended.call, %site, "a call-back that was asked for has no slot; the caller is listed");
            missed::note(db, context, site, number, ended.ended_at).await
        }
        HowEnded::Otherwise => Ok(()),
    }
}

/// A caller who counted as having given up was answered: nobody need ring them back for that call.
pub async fn was_answered_after_all(db: &mut Db<'_>, context: &Context, number: &str, at: DateTime<Utc>) -> Result<()> {
    missed::close_number(db, context, number, context.user.id, "was answered after all", at).await
}

async fn known_by(db: &mut Db<'_>, number: &str) -> Result<Vec<Client>> {
    if UkPhone::parse(number).is_err() {
        return Ok(Vec::new());
    }
    let search = Search { phone: Some(number.to_owned()), ..Search::default() };
    // Whoever rings from the number of somebody who died is somebody else.
    let mut known = clients::find(db, &search, None, None, SHARED_BY).await?;
    known.retain(|client| client.death.is_none());
    Ok(known)
}

/// Whose list the caller goes on: of the client's own site, if the number is one client's; else of the number's area; else
/// of the site that kept the call, so that somebody sees it.
fn home<'a>(ended: &EndedCall<'a>, known: &'a [Client]) -> &'a SiteId {
    match known {
        [only] => &only.home_site,
        _ => ended.home.unwrap_or(ended.kept_at),
    }
}

/// False when there is nothing to book: no number that can be rung, no home, no slot as far as diaries go.
async fn book_requested(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    ended: &EndedCall<'_>,
    number: &str,
    known: &[Client],
) -> Result<bool> {
    for client in known {
        if store::open_of_client(db, client.id).await?.iter().any(callback::Callback::is_live) {
            // They are promised one already. They were in touch all the same.
            clients::in_touch(db, client.id, (ended.entered_at, context.now)).await?;
            return Ok(true);
        }
    }
    let Ok(phone) = UkPhone::parse(number) else { return Ok(false) };
    // A number that several share does not say who rang: a new record, rather than somebody else's.
    let only = if let [only] = known { Some(only) } else { None };
    let Some(home) = only.map(|client| &client.home_site).or(ended.home) else { return Ok(false) };
    let Some(site) = definition.site(home) else { return Ok(false) };
    if let Some(client) = only
        && flags::contact_flags(db, client.id).await?.do_not_call
    {
        // Not to be rung, whatever the key they pressed: somebody sees to it from the list.
        return Ok(false);
    }
    let needs = only.map(|client| Needs::of_client(definition, client)).unwrap_or_default();
    let safe = only.map(|client| SafeTimes::of_client(definition, client)).unwrap_or_default();
    let asked = Asked { needs, urgent: ended.urgent, wishes: Wishes::default(), safe, who: None };
    let mut schedules = open(db, definition, site, context.now).await?;
    let found = offers::search(db, &mut schedules, &asked, context.now, 1).await?;
    let Some(slot) = found.offers.first() else { return Ok(false) };
    let client_id = match only {
        Some(client) => client.id,
        None => clients::create_from_number(db, context, phone, home.clone(), ended.entered_at).await?.id,
    };
    let rang = ended.entered_at.with_timezone(&definition.calendar.timezone).format("%-d %B at %H:%M");
    let booking = Booking {
        client_id,
        at: At::Start(slot.start),
        phone: number.to_owned(),
        number_confirmed: false,
        urgent: ended.urgent,
        note: format!("Rang on {rang}, could not wait, and left this number."),
        owner: None,
        wishes: Wishes::default(),
    };
    match book_for(db, context, definition, &booking, ended.entered_at).await {
        Ok(_) => Ok(true),
        // Somebody else booked at this moment: the whole transaction is tried again, and sees it.
        Err(Error::Conflict { .. }) => Err(Error::Contended),
        Err(Error::Illegal { reason: callback::EXISTS, .. }) => Err(Error::Contended),
        Err(other) => Err(other),
    }
}
