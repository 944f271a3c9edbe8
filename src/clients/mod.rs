//! The one client record that everything else points at: name, address, phone and needs are asked once.
//!
//! Durable before it is acknowledged. This room imports no other but `access`.

mod facts;
mod store;

pub use facts::{Facts, FactsDraft, Language};

use crate::access::{Context, audit};
use crate::error::{Error, Result};
use crate::formats::{Nino, Postcode, UkPhone};
use crate::ids::{ClientId, SiteId};
use crate::store::Db;
use chrono::{DateTime, NaiveDate, Utc};

#[derive(Debug, Clone, PartialEq)]
pub struct Client {
    pub id: ClientId,
    /// Counts the updates; two people who edit at once meet it.
    pub revision: i32,
    pub facts: Facts,
    pub home_site: SiteId,
    /// Kept for ever: it protects the date of claim.
    pub first_contact_at: DateTime<Utc>,
}

impl Client {
    /// As a letter addresses them.
    pub fn full_name(&self) -> String {
        let facts = &self.facts;
        [&facts.title, &facts.other_names, &facts.last_name]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }
}

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

/// Makes the record at the first contact. The postcode decides the home site; `else_site` does while none is known.
pub async fn create(
    db: &mut Db<'_>,
    context: &Context,
    draft: &FactsDraft,
    else_site: Option<SiteId>,
    site_of: &SiteOfPostcode<'_>,
) -> Result<Client> {
    let facts = draft.check(context.now)?;
    let home_site = facts
        .postcode
        .as_ref()
        .and_then(site_of)
        .or(else_site)
        .ok_or_else(|| Error::invalid("facts.postcode", "is in none of our areas: name the home site instead"))?;
    let client =
        Client { id: ClientId::fresh(context.now), revision: 1, facts, home_site, first_contact_at: context.now };
    store::insert(db, &client).await?;
    audit(db, context, "client_created", "client", &client.id).await?;
    Ok(client)
}

pub async fn get(db: &mut Db<'_>, id: ClientId) -> Result<Client> {
    store::by_id(db, id).await?.ok_or_else(|| Error::not_found(ClientId::WHAT, id))
}

/// Several at once, in no order; unknown ids are left out.
pub async fn get_all(db: &mut Db<'_>, ids: &[ClientId]) -> Result<Vec<Client>> {
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.extend(store::by_id(db, *id).await?);
    }
    Ok(found)
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
    let facts = draft.check(context.now)?;
    let before = get(db, id).await?;
    let home_site = facts.postcode.as_ref().and_then(site_of).unwrap_or_else(|| before.home_site.clone());
    let client = Client { revision: seen_revision + 1, facts, home_site, ..before };
    if !store::update(db, &client, seen_revision).await? {
        let message = "somebody else has changed this client's record meanwhile; read it again".to_owned();
        return Err(Error::Stale { message });
    }
    audit(db, context, "client_updated", "client", &id).await?;
    Ok(client)
}

/// Open records of this person. At least a number or a last name must be given. `after` is the last id of the page
/// before.
pub async fn find(db: &mut Db<'_>, search: &Search, after: Option<ClientId>, most: i32) -> Result<Vec<Client>> {
    let phone = search.phone.as_deref().map(UkPhone::parse).transpose();
    let phone = phone.map_err(|reason| Error::invalid("phone", reason))?;
    let nino = search.nino.as_deref().map(Nino::parse).transpose();
    let nino = nino.map_err(|reason| Error::invalid("nino", reason))?;
    if phone.is_none() && nino.is_none() && search.last_name.is_none() {
        return Err(Error::invalid("phone", "give a phone number, an NI number or a last name to find a client by"));
    }
    let wanted = store::Wanted {
        phone: phone.map(|p| p.e164().to_owned()),
        nino: nino.map(|n| n.as_str().to_owned()),
        last_name_key: search.last_name.as_deref().map(facts::name_key),
        date_of_birth: search.date_of_birth,
    };
    store::find(db, &wanted, after, most).await
}
