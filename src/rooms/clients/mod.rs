//! The one client record that everything else points at: name, address, phone and needs are asked once.
//!
//! Durable before it is acknowledged. This room imports no other but `access`.

mod alike;
mod checking;
mod contact;
mod death;
mod erasing_store;
mod facts;
mod history;
mod history_store;
mod learned;
mod letters;
mod store;

pub use alike::{Alike, Likeness, alike};
pub use contact::{Contact, ContactDraft, SpokenFor, SpokenForDraft, Way};
pub use death::{Death, DeathDraft, LetterTo, LetterToDraft, WriteDeath, record_death, take_back_death};
pub use erasing_store::{erase, erased_at, numbers_of, over, since as changed_since};
pub use facts::{Facts, FactsDraft, Half, LetterLayout};
pub use history::{ClientChange, Fact, Replaced, Said};
pub use learned::{Learned, NeedsChange};
pub use letters::{LettersAddress, LettersDraft};

use crate::access::{AtOffices, Context, WELSH, audit};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::{Nino, Postcode, UkPhone};
use startline_foundation::ids::{ClientId, OfficeId, SiteId, UserId};
use startline_foundation::store::{Db, Job, enqueue};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    pub id: ClientId,
    /// Counts the updates; two people who edit at once meet it.
    pub revision: i32,
    pub facts: Facts,
    pub home_site: SiteId,
    /// When they were first in touch about what they claim: it protects the date of the claim.
    pub first_contact_at: DateTime<Utc>,
    /// From this moment on they are in touch about something else: the next contact is a first one.
    pub matter_over_at: Option<DateTime<Utc>>,
    /// Once it is known that they died.
    pub death: Option<Death>,
}

impl Client {
    /// The first contact of what they were in touch about at a moment, as it stands now.
    pub fn first_contact(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        match self.matter_over_at {
            Some(over) if over <= now => at,
            _ => self.first_contact_at.min(at),
        }
    }

    fn said(&self) -> Said {
        Said { facts: self.facts.clone(), home_site: self.home_site.clone() }
    }

    /// As a letter addresses them. Somebody who left no more than a number is shown as just that.
    pub fn full_name(&self) -> String {
        let facts = &self.facts;
        if facts.last_name.is_empty() {
            return NAME_NOT_KNOWN.to_owned();
        }
        [&facts.title, &facts.other_names, &facts.last_name]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// What is known of the client has changed that letters show: what is not printed yet is composed anew.
#[derive(Debug, Serialize, Deserialize)]
pub struct ComposeAnew {
    pub client_id: ClientId,
    /// The name or an address is another: what is in the post already goes to the wrong place.
    #[serde(default)]
    pub moved: bool,
}

impl Job for ComposeAnew {
    const NAME: &'static str = "compose_anew";
    const ROOM: &'static str = "packs";
}

/// The client's number is another since this revision: what was to ring the old one rings the new one.
#[derive(Debug, Serialize, Deserialize)]
pub struct RingNewNumber {
    pub client_id: ClientId,
    pub revision: i32,
}

impl Job for RingNewNumber {
    const NAME: &'static str = "ring_new_number";
    const ROOM: &'static str = "callbacks";
}

/// The number that a change of the record replaced, and the one that stands now; none where there is nothing to ring anew.
pub async fn number_replaced(db: &mut Db<'_>, id: ClientId, revision: i32) -> Result<Option<(UkPhone, UkPhone)>> {
    let Some(change) = history_store::of_revision(db, id, revision).await? else { return Ok(None) };
    let (before, _) = change.sides()?;
    let now = get(db, id).await?.facts.phone;
    Ok(before.facts.phone.filter(|_| change.has(Fact::Phone)).zip(now))
}

/// Leaves that job where a letter would be another: by name, address, language or print.
async fn letters_follow(db: &mut Db<'_>, context: &Context, before: &Facts, client: &Client) -> Result<()> {
    let shown = |facts: &Facts| {
        let names = (facts.title.clone(), facts.other_names.clone(), facts.last_name.clone());
        let home = (facts.address_lines.clone(), facts.postcode.clone(), facts.letters_address.clone(), facts.half);
        (names, home, (facts.letter_language, facts.letter_layout, facts.large_print, facts.letters_format.clone()))
    };
    let (before, after) = (shown(before), shown(&client.facts));
    if before != after {
        let moved = (before.0, before.1) != (after.0, after.1);
        enqueue(db, &ComposeAnew { client_id: client.id, moved }, context.user.id, context.now).await?;
    }
    Ok(())
}

/// Leaves that job for whoever has an address for letters that began or ended after the one day, up to the other. What is in
/// the post already went where it was to go.
pub async fn letters_follow_days(
    db: &mut Db<'_>,
    context: &Context,
    after: NaiveDate,
    today: NaiveDate,
) -> Result<usize> {
    let all = store::letters_addresses(db).await?;
    let turned: Vec<ClientId> =
        all.into_iter().filter(|(_, letters)| letters.turned(after, today)).map(|(id, _)| id).collect();
    for client_id in &turned {
        let job = ComposeAnew { client_id: *client_id, moved: false };
        enqueue(db, &job, context.user.id, context.now).await?;
    }
    Ok(turned.len())
}

/// What stands in the place of a name until an adviser has asked for it.
const NAME_NOT_KNOWN: &str = "(caller who left a number; name not known)";

/// What to find clients by; all that is given must match.
#[derive(Debug, Clone, Default)]
pub struct Search {
    pub phone: Option<String>,
    pub nino: Option<String>,
    pub last_name: Option<String>,
    pub date_of_birth: Option<NaiveDate>,
}

/// The site of a postcode, as the service definition in force has it.
pub type SiteOfPostcode<'a> = dyn Fn(&Postcode) -> Option<SiteId> + Send + Sync + 'a;

/// The home of a client whose postcode is not known yet: what somebody named, else where their number belongs, else where
/// whoever asks is. A postcode that is known decides alone.
pub fn home_without_postcode(
    context: &Context,
    draft: &FactsDraft,
    named: Option<SiteId>,
    site_of_phone: impl Fn(&UkPhone) -> Option<SiteId>,
) -> Option<SiteId> {
    if named.is_some() || !draft.postcode.trim().is_empty() {
        return named;
    }
    let by_phone = UkPhone::parse(&draft.phone).ok().and_then(|phone| site_of_phone(&phone));
    by_phone.or_else(|| context.user.site.clone())
}

/// Makes the record at the first contact. The postcode decides the home site; `else_site` does while none is known.
pub async fn create(
    db: &mut Db<'_>,
    context: &Context,
    draft: &FactsDraft,
    else_site: Option<SiteId>,
    site_of: &SiteOfPostcode<'_>,
) -> Result<Client> {
    let facts = draft.check(context.now)?;
    let nowhere = || match &facts.postcode {
        Some(_) => Error::invalid("facts.postcode", "is in none of our areas: name the home site instead"),
        None => Error::invalid("home_site_id", "is needed while no postcode is known"),
    };
    let home_site = facts.postcode.as_ref().and_then(site_of).or(else_site).ok_or_else(nowhere)?;
    let client = Client {
        id: ClientId::fresh(context.now),
        revision: 1,
        facts,
        home_site,
        first_contact_at: context.now,
        matter_over_at: None,
        death: None,
    };
    store::insert(db, &client).await?;
    audit(db, context, "client_created", "client", &client.id).await?;
    Ok(client)
}

pub async fn get(db: &mut Db<'_>, id: ClientId) -> Result<Client> {
    store::by_id(db, id).await?.ok_or_else(|| Error::not_found(ClientId::WHAT, id))
}

/// The client, for whoever begins something for them: one who was erased is there no more.
pub async fn get_standing(db: &mut Db<'_>, id: ClientId) -> Result<Client> {
    match erased_at(db, id.0).await? {
        Some(None) => get(db, id).await,
        _ => Err(Error::not_found(ClientId::WHAT, id)),
    }
}

/// The client, for whoever begins something for them that only the living need.
///
/// # Errors
/// `Illegal` once their death is recorded; `NotFound` once they were erased.
pub async fn get_living(db: &mut Db<'_>, id: ClientId) -> Result<Client> {
    let client = get_standing(db, id).await?;
    client.check_living()?;
    Ok(client)
}

/// The record, which nobody changes until the transaction ends: for what must not go out by a record that was just changed.
pub async fn get_unmoved(db: &mut Db<'_>, id: ClientId) -> Result<Client> {
    store::for_share(db, id).await?.ok_or_else(|| Error::not_found(ClientId::WHAT, id))
}

/// Several at once, in no order; unknown ids are left out.
pub async fn get_all(db: &mut Db<'_>, ids: &[ClientId]) -> Result<Vec<Client>> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(store::by_id(db, *id).await?);
    }
    Ok(found)
}

/// Makes a record of somebody who left no more than their number. The name stays open: no form takes up a made-up one,
/// and whoever rings them asks for it.
pub async fn create_from_number(
    db: &mut Db<'_>,
    context: &Context,
    phone: UkPhone,
    home_site: SiteId,
    first_contact_at: DateTime<Utc>,
) -> Result<Client> {
    let facts = Facts { phone: Some(phone), ..Facts::default() };
    let id = ClientId::fresh(context.now);
    let client = Client { id, revision: 1, facts, home_site, first_contact_at, matter_over_at: None, death: None };
    store::insert(db, &client).await?;
    audit(db, context, "client_created", "client", &client.id).await?;
    Ok(client)
}

/// What the client was in touch about is over at a moment, perhaps one that is still to come; or, at none, it goes on after all.
pub async fn matter_over(db: &mut Db<'_>, id: ClientId, at: Option<DateTime<Utc>>) -> Result<()> {
    store::matter_over(db, id, at).await
}

/// The client was in touch at a moment, to claim something. When what they were in touch about before is over it is a first contact
/// anew, and else an earlier one stays.
pub async fn in_touch(db: &mut Db<'_>, id: ClientId, (at, now): (DateTime<Utc>, DateTime<Utc>)) -> Result<()> {
    if !store::first_contact_anew(db, id, (at, now)).await? {
        store::first_contact_at_latest(db, id, at).await?;
    }
    Ok(())
}

/// Somebody has spoken with the client, on the telephone or face to face: whoever did says so.
pub async fn spoken_with(db: &mut Db<'_>, id: ClientId, at: DateTime<Utc>) -> Result<()> {
    store::spoken_with(db, id, at).await
}

/// Whether anybody has.
pub async fn was_spoken_with(db: &mut Db<'_>, id: ClientId) -> Result<bool> {
    store::was_spoken_with(db, id).await
}

/// The skills that calls from these numbers (E.164) need, where that is more than any adviser has. A number that several
/// clients share needs what any of them does.
pub async fn numbers_with_needs(db: &mut Db<'_>) -> Result<Vec<(String, Vec<String>)>> {
    let mut numbers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (phone, speaks_welsh, needs) in store::numbers_with_needs(db).await? {
        let words = numbers.entry(phone).or_default();
        words.extend(needs);
        words.extend(speaks_welsh.then(|| WELSH.to_owned()));
    }
    Ok(numbers.into_iter().map(|(phone, words)| (phone, words.into_iter().collect())).collect())
}

/// Replaces the facts, if nobody else did since `seen_revision`.
pub async fn update(
    db: &mut Db<'_>,
    context: &Context,
    id: ClientId,
    seen_revision: i32,
    draft: &FactsDraft,
    site_of: &SiteOfPostcode<'_>,
) -> Result<Client> {
    let mut facts = draft.check(context.now)?;
    let before = get_standing(db, id).await?;
    // A desk that does not know of it must not send the post home again.
    if draft.letters_address.is_none() {
        facts.letters_address.clone_from(&before.facts.letters_address);
    }
    if draft.contact.is_none() {
        facts.contact.clone_from(&before.facts.contact);
    }
    // Whoever writes the whole record sees both halves of an address; one that is left as it was settles nothing.
    if (&facts.address_lines, &facts.postcode) == (&before.facts.address_lines, &before.facts.postcode) {
        facts.half = before.facts.half;
    }
    let home_site = facts.postcode.as_ref().and_then(site_of).unwrap_or_else(|| before.home_site.clone());
    let was = before.said();
    let client = Client { revision: seen_revision + 1, facts, home_site, ..before };
    if !store::update(db, &client, seen_revision).await? {
        return Err(stale());
    }
    changed(db, context, &was, &client, None).await?;
    audit(db, context, "client_updated", "client", &id).await?;
    Ok(client)
}

fn stale() -> Error {
    Error::stale("somebody else has changed this client's record meanwhile; read it again")
}

/// Keeps what a change replaced, and lets the letters and the call-backs follow.
async fn changed(db: &mut Db<'_>, context: &Context, was: &Said, client: &Client, undoes: Option<i32>) -> Result<()> {
    let replaced = was.replaced_by(&client.said());
    history_store::add(db, context, client.id, client.revision, undoes, &replaced).await?;
    if was.facts.phone.is_some() && client.facts.phone.is_some() && was.facts.phone != client.facts.phone {
        let job = RingNewNumber { client_id: client.id, revision: client.revision };
        enqueue(db, &job, context.user.id, context.now).await?;
    }
    letters_follow(db, context, &was.facts, client).await
}

/// What was changed in a record, the newest first. `before` is the revision that the page before ended with.
pub async fn changes(db: &mut Db<'_>, id: ClientId, before: Option<i32>, most: i32) -> Result<Vec<ClientChange>> {
    history_store::before(db, id, before.unwrap_or(i32::MAX), most).await
}

/// Takes a change back, or only some of its facts: what stood before it stands again, and the history says so.
pub async fn undo_change(
    db: &mut Db<'_>,
    context: &Context,
    id: ClientId,
    seen_revision: i32,
    revision: i32,
    only: &[Fact],
) -> Result<Client> {
    let before = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(ClientId::WHAT, id))?;
    if before.revision != seen_revision {
        return Err(stale());
    }
    let change = history_store::of_revision(db, id, revision).await?;
    let change = change.ok_or_else(|| Error::not_found("change of this client's record", revision))?;
    let was = before.said();
    let Said { mut facts, home_site } = history::taken_back(&was, &change, only)?;
    facts.half = half_after_undo(&before.facts, &facts);
    let client = Client { revision: seen_revision + 1, facts, home_site, ..before };
    if !store::update(db, &client, seen_revision).await? {
        return Err(stale());
    }
    changed(db, context, &was, &client, Some(revision)).await?;
    audit(db, context, "client_change_undone", "client", &id).await?;
    Ok(client)
}

/// Of one half taken back alone nobody knows whether the other belongs to it, unless it is the one that was given alone.
fn half_after_undo(before: &Facts, after: &Facts) -> Option<Half> {
    match (before.address_lines != after.address_lines, before.postcode != after.postcode) {
        (true, true) => None,
        (false, false) => before.half,
        (true, false) if before.half.is_none() => Some(Half::Lines),
        (false, true) if before.half.is_none() => Some(Half::Postcode),
        _ => None,
    }
}

/// Takes up what the client told while something else was done, beside whatever others change in the record meanwhile.
pub async fn learn(
    db: &mut Db<'_>,
    context: &Context,
    id: ClientId,
    learned: Learned,
    site_of: &SiteOfPostcode<'_>,
) -> Result<Client> {
    let mut client = store::for_update(db, id).await?.ok_or_else(|| Error::not_found(ClientId::WHAT, id))?;
    let (before, seen_revision) = (client.said(), client.revision);
    learned.put(&mut client.facts, context.now)?;
    if client.facts == before.facts {
        return Ok(client);
    }
    if client.facts.postcode != before.facts.postcode {
        client.home_site = client.facts.postcode.as_ref().and_then(site_of).unwrap_or(client.home_site);
    }
    client.revision += 1;
    if !store::update(db, &client, seen_revision).await? {
        return Err(Error::Contended);
    }
    changed(db, context, &before, &client, None).await?;
    audit(db, context, "client_updated", "client", &id).await?;
    Ok(client)
}

/// Names read at a time when their keys are made anew.
const NAMES_AT_A_TIME: i32 = 500;

/// Makes some keys anew by which names are found, of records that were written under an older rule; how many there were.
pub async fn fold_names(db: &mut Db<'_>) -> Result<usize> {
    let before = store::folded_before(db, NAMES_AT_A_TIME).await?;
    for (id, last_name) in &before {
        store::fold(db, *id, last_name).await?;
    }
    Ok(before.len())
}

/// Among whose clients somebody looks: those of these sites, and those who have a meeting or something to be done there.
#[derive(Debug, Clone, Default)]
pub struct Within {
    pub sites: Vec<SiteId>,
    /// Meetings at these offices, or with this personal adviser, that begin after then.
    pub offices: Vec<OfficeId>,
    pub personal_adviser: Option<UserId>,
    pub meetings_after: DateTime<Utc>,
    /// Something is to be done there that nobody has done.
    pub steps_at: Option<SiteId>,
    /// Of those, what is not another office's.
    pub seen: Option<AtOffices>,
    pub now: DateTime<Utc>,
}

impl Search {
    /// Whether it says of somebody who they are, rather than looking about.
    pub fn identifies(&self) -> bool {
        self.phone.is_some() || self.nino.is_some() || self.last_name.is_some() && self.date_of_birth.is_some()
    }
}

/// Open records of this person among those within reach, or among all when `within` is none. At least a number or a last
/// name must be given. `after` is the last id of the page before.
pub async fn find(
    db: &mut Db<'_>,
    search: &Search,
    within: Option<&Within>,
    after: Option<ClientId>,
    most: i32,
) -> Result<Vec<Client>> {
    let phone = search.phone.as_deref().map(UkPhone::parse).transpose();
    let phone = phone.map_err(|reason| Error::invalid("phone", reason))?;
    let nino = search.nino.as_deref().map(Nino::parse).transpose();
    let nino = nino.map_err(|reason| Error::invalid("nino", reason))?;
    if phone.is_none() && nino.is_none() && search.last_name.is_none() {
        return Err(Error::invalid("phone", "give a phone number, an NI number or a last name to find a client by"));
    }
    let is_short = |name: &String| name.chars().filter(|c| c.is_alphabetic()).count() < SHORTEST_NAME;
    if !search.identifies() && search.last_name.as_ref().is_some_and(is_short) {
        return Err(Error::invalid("last_name", "is short, and many have it: give the date of birth as well"));
    }
    let wanted = store::Wanted {
        phone: phone.map(|p| p.e164().to_owned()),
        nino: nino.map(|n| n.as_str().to_owned()),
        last_name_key: search.last_name.as_deref().map(facts::name_key),
        date_of_birth: search.date_of_birth,
    };
    store::find(db, &wanted, within, after, most).await
}

/// A name of fewer letters finds too many people.
const SHORTEST_NAME: usize = 2;
