//! Calendars for people's own calendar programs: of a personal adviser or of an office, each behind an address that nobody
//! can guess and anybody who may can revoke.
//!
//! Durable before it is acknowledged. The secret in an address is shown once and kept only as its hash, as access tokens
//! are. What a calendar shows is worked out from the diary each time it is asked for.

mod compose;
mod feed;
mod ics;
mod store;

pub use feed::Feed;

use crate::access::{self, Context, Role, Roles, Token, audit};
use crate::clients;
use crate::diary::{self, Whose};
use chrono::{DateTime, Days, Months, Utc};
use sha2::{Digest, Sha256};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{FeedId, OfficeId, SiteId};
use startline_foundation::store::{Db, Store};
use std::collections::HashMap;

/// What a calendar shows: so many days back, so many months ahead.
const DAYS_BACK: u64 = 31;
const MONTHS_AHEAD: u32 = 6;
/// Cancelled appointments stay as cancelled for so long: a calendar program that asks once a day learns of it.
const CANCELLED_SHOWN_DAYS: u64 = 31;
/// Most events in one calendar. An office of ten personal advisers has some 8,000 in half a year.
const MOST_EVENTS: i32 = 20_000;
/// Live feeds of one calendar: for the desk, the telephone, and whoever stands in.
const MOST_FEEDS: usize = 10;

/// A calendar as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    pub body: String,
    pub etag: String,
    pub changed_at: DateTime<Utc>,
}

/// Makes a feed and its secret. The secret is in what this returns and nowhere else.
pub async fn create(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    whose: Whose,
) -> Result<(Feed, Token)> {
    let site = site_of(db, definition, &whose).await?;
    feed::may_manage(context, &whose, &site)?;
    let user = match &whose {
        Whose::PersonalAdviser(user) => Some(*user),
        Whose::Office(_) => None,
    };
    let known = store::list(db, Some(&site), user, None, None, 1_000).await?;
    if known.iter().filter(|feed| feed.whose == whose && feed.revoked_at.is_none()).count() >= MOST_FEEDS {
        let sentence = format!("this calendar has {MOST_FEEDS} addresses already; revoke one first");
        return Err(Error::illegal("TOO_MANY_FEEDS", sentence));
    }
    let feed = Feed {
        id: FeedId::fresh(context.now),
        whose,
        site,
        created_by: context.user.id,
        created_at: context.now,
        revoked_at: None,
        etag: String::new(),
        changed_at: context.now,
    };
    let secret = Token::random();
    store::insert(db, &feed, &secret.hash()).await?;
    audit(db, context, "calendar_feed_created", "calendar_feed", &feed.id).await?;
    Ok((feed, secret))
}

/// The feeds that the caller may manage, oldest first, after the one named.
pub async fn list(db: &mut Db<'_>, context: &Context, after: Option<FeedId>, most: i32) -> Result<Vec<Feed>> {
    let own = (context.user.roles == Roles::of(&[Role::PersonalAdviser])).then_some(context.user.id);
    let site = match context.user.is(Role::Admin) {
        true => context.user.site.as_ref(),
        false => Some(context.site()?),
    };
    store::list(db, site, own, access::at_offices(&context.user).as_ref(), after, most).await
}

/// From now on nobody gets anything at the feed's address. Revoked twice, it is revoked once.
pub async fn revoke(db: &mut Db<'_>, context: &Context, id: FeedId) -> Result<Feed> {
    let feed = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(FeedId::WHAT, id))?;
    feed::may_manage(context, &feed.whose, &feed.site)?;
    if feed.revoked_at.is_some() {
        return Ok(feed);
    }
    store::revoke(db, id, context.user.id, context.now).await?;
    audit(db, context, "calendar_feed_revoked", "calendar_feed", &id).await?;
    Ok(Feed { revoked_at: Some(context.now), ..feed })
}

/// The calendar behind a secret; none for one that is nobody's, and for one that was revoked.
pub async fn serve(
    database: &Store,
    definition: &Definition,
    secret: &Token,
    now: DateTime<Utc>,
) -> Result<Option<Served>> {
    let mut reader = database.read().await?;
    let db = &mut reader.db();
    let Some(feed) = store::by_secret(db, &secret.hash()).await? else { return Ok(None) };
    let body = compose(db, definition, &feed, now).await?;
    drop(reader);
    let etag: String = Sha256::digest(body.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    if feed.etag == etag {
        return Ok(Some(Served { body, etag, changed_at: feed.changed_at }));
    }
    let mut tx = database.begin_write().await?;
    store::changed(&mut tx.db(), feed.id, &etag, now).await?;
    tx.commit().await?;
    Ok(Some(Served { body, etag, changed_at: now }))
}

async fn compose(db: &mut Db<'_>, definition: &Definition, feed: &Feed, now: DateTime<Utc>) -> Result<String> {
    let calendar = &definition.calendar;
    let today = calendar.local_date(now);
    let from = calendar.day_bounds(today - Days::new(DAYS_BACK)).0;
    let until = calendar.day_bounds(today + Months::new(MONTHS_AHEAD)).1;
    let cancelled_since = calendar.day_bounds(today - Days::new(CANCELLED_SHOWN_DAYS)).0;
    let entries = diary::calendar(db, &feed.whose, (from, until), cancelled_since, MOST_EVENTS).await?;
    let mut ids: Vec<_> = entries.iter().map(|entry| entry.client_id).collect();
    ids.sort();
    ids.dedup();
    let clients: HashMap<_, _> =
        clients::get_all(db, &ids).await?.into_iter().map(|client| (client.id, client)).collect();
    let events: Vec<compose::Event> = entries
        .into_iter()
        .map(|entry| {
            let client = clients.get(&entry.client_id);
            let office = definition.office(&entry.office).map(|office| office.name.clone());
            let rooms = definition.diary.rooms_of(&entry.office).rooms;
            let room = entry
                .room
                .as_ref()
                .map(|id| rooms.into_iter().find(|room| room.id == *id).map_or(id.clone(), |room| room.name));
            let place = room.into_iter().chain(office).collect::<Vec<_>>().join(", ");
            compose::Event { summary: compose::summary(client, entry.id), location: place, entry }
        })
        .collect();
    let name = match &feed.whose {
        Whose::PersonalAdviser(user) => access::user(db, *user).await?.name,
        Whose::Office(office) => definition.office(office).map_or_else(String::new, |office| office.name.clone()),
    };
    Ok(compose::calendar(&name, &events, calendar.timezone))
}

async fn site_of(db: &mut Db<'_>, definition: &Definition, whose: &Whose) -> Result<SiteId> {
    match whose {
        Whose::Office(office) => site_of_office(definition, office),
        Whose::PersonalAdviser(id) => {
            let user = access::user(db, *id).await?;
            let works_at = user.site.clone().filter(|site| user.works_at(site, &[Role::PersonalAdviser]));
            works_at.ok_or_else(|| Error::invalid("personal_adviser_id", "is not a personal adviser"))
        }
    }
}

fn site_of_office(definition: &Definition, office: &OfficeId) -> Result<SiteId> {
    let office = definition.known_office(office)?;
    Ok(office.site.clone())
}
