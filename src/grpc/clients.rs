//! `ClientService`.

use super::{convert, pb, privacy, withheld};
use crate::doors::ClientDoor;
use crate::mirrors::shown;
use crate::paging::Page;
use chrono::NaiveDate;
use startline_definition::{AreaTarget, Definition};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::limits::NAME_CHARS;
use startline_foundation::formats::parse_date;
use startline_foundation::ids::{ClientId, SiteId};
use startline_foundation::store::Db;
use startline_packs::{self as packs, TooLate};
use startline_rooms::access::{Context, Kind, Sees};
use startline_rooms::callbacks::{self, ContactFlags};
use startline_rooms::clients::{
    self, Alike, Client, ClientChange, Contact, ContactDraft, Death, DeathDraft, Fact, Facts, FactsDraft,
    LetterToDraft, LettersAddress, LettersDraft, Likeness, Search, SpokenFor, SpokenForDraft,
};
use startline_rooms::records::{self, Look, Looked};
use startline_service::use_cases::deaths;
use std::collections::BTreeSet;

impl ClientDoor {
    pub async fn create_client(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::CreateClientRequest,
    ) -> Result<pb::CreateClientResponse> {
        let definition = self.0.definitions.current();
        let site = match asked.home_site_id.as_str() {
            "" => None,
            id => Some(known_site(definition, id)?),
        };
        let locate = |postcode: &_| definition.site_of_postcode(postcode).cloned();
        let facts = draft(asked.facts.unwrap_or_default());
        let of_phone = |phone: &_| match definition.area_of(phone).map(|area| &area.target) {
            Some(AreaTarget::Site(site)) => Some(site.clone()),
            Some(AreaTarget::Ask) | None => None,
        };
        let site = clients::home_without_postcode(context, &facts, site, of_phone);
        let client = clients::create(db, context, &facts, site, &locate).await?;
        let alike = alike(db, &client).await?;
        Ok(pb::CreateClientResponse { client: Some(message(Sees::ALL, &client)), alike })
    }

    pub async fn get_client(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetClientRequest,
    ) -> Result<pb::GetClientResponse> {
        let id = ClientId::parse("client_id", &asked.client_id)?;
        let client = clients::get(db, id).await?;
        let asked = records::of_client(db, id, MOST_MARKS).await?;
        let names = privacy::names(db, &asked).await?;
        let record_requests = asked.iter().map(|request| privacy::message(request, &names)).collect();
        let ContactFlags { do_not_call, instead, number_check } = callbacks::contact_flags(db, id).await?;
        let contact_flags = Some(pb::ContactFlags { do_not_call, instead, number_check });
        Ok(pb::GetClientResponse { client: Some(message(context.sees, &client)), record_requests, contact_flags })
    }

    pub async fn find_clients(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::FindClientsRequest,
    ) -> Result<pb::FindClientsResponse> {
        let page = Page::of(&asked, 20, 100)?;
        let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
        for (field, text) in [("last_name", &asked.last_name), ("phone", &asked.phone), ("nino", &asked.nino)] {
            if text.chars().count() > NAME_CHARS {
                return Err(Error::invalid(field, format!("is longer than {NAME_CHARS} characters")));
            }
        }
        let born = given(asked.date_of_birth).map(|text| parse_date(&text)).transpose();
        let search = Search {
            phone: given(asked.phone),
            nino: given(asked.nino),
            last_name: given(asked.last_name),
            date_of_birth: born.map_err(|reason| Error::invalid("date_of_birth", reason))?,
        };
        self.0.searches.one_more(context.user.id, context.now)?;
        let within = self.0.findable(db, context).await?;
        let found = clients::find(db, &search, Some(&within), page.after, page.most()).await?;
        let elsewhere = match search.identifies() && page.after.is_none() {
            true => clients::find(db, &search, None, None, MOST_ELSEWHERE).await?,
            false => Vec::new(),
        };
        let here: BTreeSet<ClientId> = found.iter().map(|client| client.id).collect();
        let elsewhere = elsewhere.iter().filter(|client| !here.contains(&client.id)).map(|client| {
            let site = client.home_site.to_string();
            pb::ClientElsewhere { client_id: client.id.to_string(), home_site_id: site }
        });
        let elsewhere = elsewhere.collect();
        let (found, next_page_token) = page.cut(found, |last| last.id);
        let (mut looks, mut clients) = (Vec::with_capacity(found.len()), Vec::with_capacity(found.len()));
        for client in &found {
            // A search names nobody: of each that it finds it is asked why they are in reach, and what is seen of them.
            let reached = match self.0.reach(db, context, Kind::Client, client.id.0).await {
                Ok(Some(reached)) => reached,
                Ok(None) | Err(Error::OutsideWork(_)) => continue,
                Err(fault) => return Err(fault),
            };
            let looked = Looked { kind: Kind::Client, record: client.id.to_string(), client: Some(client.id) };
            looks.push(Look::new(context, "ClientService.FindClients", reached.right, looked));
            clients.push(message(reached.sees, client));
        }
        self.0.looks.note(&looks)?;
        Ok(pb::FindClientsResponse { clients, next_page_token, elsewhere })
    }

    pub async fn update_client(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::UpdateClientRequest,
    ) -> Result<pb::UpdateClientResponse> {
        let id = ClientId::parse("client_id", &asked.client_id)?;
        let seen = seen_revision(&asked.etag)?;
        let definition = self.0.definitions.current();
        let locate = |postcode: &_| definition.site_of_postcode(postcode).cloned();
        let facts = draft(asked.facts.unwrap_or_default());
        let before = clients::get(db, id).await?;
        let client = clients::update(db, context, id, seen, &facts, &locate).await?;
        let alike = alike(db, &client).await?;
        let too_late = too_late(db, context, definition, &before).await?;
        Ok(pb::UpdateClientResponse { client: Some(message(context.sees, &client)), alike, too_late })
    }

    pub async fn list_client_changes(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListClientChangesRequest,
    ) -> Result<pb::ListClientChangesResponse> {
        let id = ClientId::parse("client_id", &asked.client_id)?;
        let page = Page::of(&asked, 20, 100)?;
        clients::get(db, id).await?;
        let found = clients::changes(db, id, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |last| last.revision);
        let changes = found.iter().map(|one| change(context.sees, one)).collect::<Result<_>>()?;
        Ok(pb::ListClientChangesResponse { changes, next_page_token })
    }

    pub async fn undo_client_change(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::UndoClientChangeRequest,
    ) -> Result<pb::UndoClientChangeResponse> {
        let id = ClientId::parse("client_id", &asked.client_id)?;
        let seen = seen_revision(&asked.etag)?;
        let revision = asked.change_id.parse();
        let revision = revision.map_err(|_| Error::invalid("change_id", "is not one that ListClientChanges gave"))?;
        let fact = |(place, name): (usize, &String)| {
            let field = format!("facts[{place}]");
            Fact::parse(name).ok_or_else(|| Error::invalid(field, "is no fact of a client's record, such as last_name"))
        };
        let only = asked.facts.iter().enumerate().map(fact).collect::<Result<Vec<_>>>()?;
        let before = clients::get(db, id).await?;
        let client = clients::undo_change(db, context, id, seen, revision, &only).await?;
        let too_late = too_late(db, context, self.0.definitions.current(), &before).await?;
        Ok(pb::UndoClientChangeResponse { client: Some(message(context.sees, &client)), too_late })
    }
}

impl ClientDoor {
    pub async fn record_death(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RecordDeathRequest,
    ) -> Result<pb::RecordDeathResponse> {
        let id = ClientId::parse("client_id", &asked.client_id)?;
        let seen = seen_revision(&asked.etag)?;
        let letter_to = asked.letter_to.map(|to| LetterToDraft {
            name: to.name,
            lines: to.address_lines,
            postcode: to.postcode,
            language: to.language,
        });
        let draft = DeathDraft { died_on: asked.died_date, told_by: asked.told_by, letter_to };
        let recorded = deaths::record(db, context, &self.0.definitions, (id, seen), &draft).await?;
        let mut household = Vec::with_capacity(recorded.household.len());
        for claim in &recorded.household {
            // Whoever has no work with them learns that there is a claim, and where.
            let name = match self.0.reach(db, context, Kind::Client, claim.client_id.0).await {
                Ok(Some(_)) => clients::get(db, claim.client_id).await?.full_name(),
                Ok(None) | Err(Error::OutsideWork(_)) => String::new(),
                Err(fault) => return Err(fault),
            };
            household.push(pb::HouseholdClaim {
                claim_id: claim.id.to_string(),
                client_id: claim.client_id.to_string(),
                site_id: claim.site.to_string(),
                name,
            });
        }
        Ok(pb::RecordDeathResponse {
            client: Some(message(context.sees, &recorded.client)),
            withdrawn_claim_ids: recorded.withdrawn.iter().map(ToString::to_string).collect(),
            household,
        })
    }

    pub async fn take_back_death(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::TakeBackDeathRequest,
    ) -> Result<pb::TakeBackDeathResponse> {
        let id = ClientId::parse("client_id", &asked.client_id)?;
        let seen = seen_revision(&asked.etag)?;
        let client = deaths::take_back(db, context, &self.0.definitions, (id, seen)).await?;
        Ok(pb::TakeBackDeathResponse { client: Some(message(context.sees, &client)) })
    }
}

fn seen_revision(etag: &str) -> Result<i32> {
    etag.parse().map_err(|_| Error::invalid("etag", "is not one that a read gave"))
}

fn death(death: &Death) -> pb::Death {
    pb::Death {
        died_date: death.died_on.map(|day| day.to_string()).unwrap_or_default(),
        told_by: death.told_by.clone(),
        recorded_time: Some(convert::timestamp(death.recorded_at)),
        recorded_by: death.recorded_by.to_string(),
        letter_wanted: death.letter_to.is_some(),
    }
}

/// Of those who asked for a record, so many are shown with it.
const MOST_MARKS: i32 = 20;

/// Clients of others' work whom a search that says who they are finds: a shared telephone may have several.
const MOST_ELSEWHERE: i32 = 5;

/// What is in the post already, where letters went somewhere else before this change.
pub async fn too_late(
    db: &mut Db<'_>,
    context: &Context,
    definition: &Definition,
    before: &Client,
) -> Result<Vec<pb::TooLateLetter>> {
    let after = clients::get(db, before.id).await?;
    let found = packs::too_late_for(db, context, definition, (before, &after)).await?;
    Ok(found.iter().map(too_late_message).collect())
}

pub fn too_late_message(letter: &TooLate) -> pb::TooLateLetter {
    pb::TooLateLetter {
        pack_id: letter.pack_id.to_string(),
        kind: letter.wanted.kind().to_owned(),
        posted_day: letter.post_day.to_string(),
        arrives_by: letter.arrives_by.to_string(),
        sent_to: shown::<pb::SentTo>(letter.sent_to),
    }
}

/// A change, with no more of the facts than it changed.
fn change(sees: Sees, change: &ClientChange) -> Result<pb::ClientChange> {
    let (before, after) = change.sides()?;
    let site = |site: &SiteId| if change.has(Fact::HomeSite) { site.to_string() } else { String::new() };
    Ok(pb::ClientChange {
        change_id: change.revision.to_string(),
        facts: change.replaced.iter().map(|one| one.fact.as_str().to_owned()).collect(),
        before: Some(facts_message(sees, &before.facts, |fact| change.has(fact))),
        after: Some(facts_message(sees, &after.facts, |fact| change.has(fact))),
        home_site_id_before: site(&before.home_site),
        home_site_id_after: site(&after.home_site),
        changed_by: change.by.to_string(),
        changed_time: Some(convert::timestamp(change.at)),
        undoes_change_id: change.undoes.map(|revision| revision.to_string()).unwrap_or_default(),
    })
}

async fn alike(db: &mut Db<'_>, client: &Client) -> Result<Vec<pb::AlikeClient>> {
    let likeness = |likeness: &Likeness| shown::<pb::Likeness>(*likeness);
    let alike = clients::alike(db, client).await?;
    let message = |alike: &Alike| pb::AlikeClient {
        client_id: alike.client.id.to_string(),
        name: alike.client.full_name(),
        likenesses: alike.in_what.iter().map(likeness).collect(),
    };
    Ok(alike.iter().map(message).collect())
}

pub fn known_site(definition: &Definition, id: &str) -> Result<SiteId> {
    known_site_of("site_id", definition, id)
}

/// The caller's own site, which the gate has seen to; for an administrator any.
pub fn site_asked_for(definition: &Definition, context: &Context, asked: &str) -> Result<SiteId> {
    if asked.is_empty() {
        return match &context.user.site {
            Some(own) => Ok(own.clone()),
            None => Err(Error::invalid("site_id", "is needed")),
        };
    }
    known_site(definition, asked)
}

/// A site of ours, as this field names it.
pub fn known_site_of(field: &'static str, definition: &Definition, id: &str) -> Result<SiteId> {
    definition.known_site(field, &SiteId::new(id)).map(|site| site.id.clone())
}

fn draft(facts: pb::ClientFacts) -> FactsDraft {
    FactsDraft {
        title: facts.title,
        other_names: facts.other_names,
        last_name: facts.last_name,
        date_of_birth: facts.date_of_birth,
        nino: facts.nino,
        phone: facts.phone,
        address_lines: facts.address_lines,
        postcode: facts.postcode,
        talk_language: facts.talk_language,
        letter_language: facts.letter_language,
        special_needs: facts.special_needs,
        call_needs: facts.call_needs,
        large_print: facts.large_print,
        letters_format: facts.letters_format,
        contact: facts.contact.map(contact_draft),
        letter_layout: facts.letter_layout,
        letters_address: facts.letters_address.map(|letters| LettersDraft {
            lines: letters.address_lines,
            postcode: letters.postcode,
            opened_by: letters.opened_by,
            from: letters.from_date,
            until: letters.until_date,
        }),
    }
}

fn contact_draft(contact: pb::Contact) -> ContactDraft {
    let person = contact.spoken_for.unwrap_or_default();
    ContactDraft {
        spoken_for: SpokenForDraft { name: person.name, authority: person.authority, phone: person.phone },
        safe_times: contact.safe_times,
        way: contact.way,
        messages: contact.messages,
    }
}

/// Whoever rings, meets or reminds the client reads it beside what they do.
pub fn contact(contact: &Contact) -> pb::Contact {
    let person = |one: &SpokenFor| pb::SpokenFor {
        name: one.name.clone(),
        authority: one.authority.clone(),
        phone: one.phone.clone().unwrap_or_default(),
    };
    pb::Contact {
        spoken_for: contact.spoken_for.as_ref().map(person),
        safe_times: contact.safe_times.clone(),
        way: contact.way.map(|way| way.as_str().to_owned()).unwrap_or_default(),
        messages: contact.messages.map(|may| if may { "yes" } else { "no" }.to_owned()).unwrap_or_default(),
    }
}

fn letters(letters: &LettersAddress) -> pb::LettersAddress {
    let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    pb::LettersAddress {
        address_lines: letters.lines.clone(),
        postcode: letters.postcode.as_str().to_owned(),
        opened_by: letters.opened_by.clone(),
        from_date: day(letters.from),
        until_date: day(letters.until),
    }
}

pub fn message(sees: Sees, client: &Client) -> pb::Client {
    pb::Client {
        client_id: client.id.to_string(),
        etag: client.revision.to_string(),
        facts: Some(facts_message(sees, &client.facts, |_| true)),
        home_site_id: client.home_site.to_string(),
        first_contact_time: Some(convert::timestamp(client.first_contact_at)),
        death: client.death.as_ref().map(death),
    }
}

/// The facts that are shown; the two languages are words even where nothing is known.
fn facts_message(sees: Sees, facts: &Facts, is_shown: impl Fn(Fact) -> bool) -> pb::ClientFacts {
    let word = |fact: Fact, word: &str| if is_shown(fact) { word.to_owned() } else { String::new() };
    let facts = pb::ClientFacts {
        title: facts.title.clone(),
        other_names: facts.other_names.clone(),
        last_name: facts.last_name.clone(),
        date_of_birth: facts.date_of_birth.map(|day| day.to_string()).unwrap_or_default(),
        nino: facts.nino.as_ref().map(|nino| nino.as_str().to_owned()).unwrap_or_default(),
        phone: facts.phone.as_ref().map(|phone| phone.e164().to_owned()).unwrap_or_default(),
        address_lines: facts.address_lines.clone(),
        postcode: facts.postcode.as_ref().map(|postcode| postcode.as_str().to_owned()).unwrap_or_default(),
        talk_language: word(Fact::TalkLanguage, facts.talk_language.as_str()),
        letter_language: word(Fact::LetterLanguage, facts.letter_language.as_str()),
        special_needs: facts.special_needs.clone(),
        call_needs: facts.call_needs.clone(),
        large_print: facts.large_print,
        letters_format: facts.letters_format.clone(),
        contact: is_shown(Fact::Contact).then(|| contact(&facts.contact)),
        letter_layout: word(Fact::LetterLayout, facts.letter_layout.as_str()),
        letters_address: facts.letters_address.as_ref().map(letters),
        letters_address_withheld: false,
    };
    withheld::facts(sees, facts)
}
