//! `ClientService`.

use super::mutation::begin;
use super::{Shared, convert, pb};
use crate::clients::{self, Client, FactsDraft, Search};
use crate::error::{Error, Result};
use crate::formats::parse_date;
use crate::ids::{ClientId, SiteId};
use std::sync::Arc;
use tonic::{Request, Response, Status};

pub struct ClientDoor(pub Arc<Shared>);

#[tonic::async_trait]
impl pb::client_service_server::ClientService for ClientDoor {
    async fn create_client(
        &self,
        request: Request<pb::CreateClientRequest>,
    ) -> Result<Response<pb::CreateClientResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let definition = self.0.definitions.current();
        let site = match asked.home_site_id.as_str() {
            "" => None,
            id => Some(known_site(definition, id)?),
        };
        let locate = |postcode: &_| definition.site_of_postcode(postcode).cloned();
        let facts = draft(asked.facts.unwrap_or_default());
        let client = clients::create(&mut mutation.tx.db(), &mutation.context, &facts, site, &locate).await?;
        mutation.finish(pb::CreateClientResponse { client: Some(message(&client)) }).await
    }

    async fn get_client(
        &self,
        request: Request<pb::GetClientRequest>,
    ) -> Result<Response<pb::GetClientResponse>, Status> {
        let id = ClientId::parse("client_id", &request.get_ref().client_id)?;
        let client = clients::get(&mut self.0.store.read().await?.db(), id).await?;
        Ok(Response::new(pb::GetClientResponse { client: Some(message(&client)) }))
    }

    async fn find_clients(
        &self,
        request: Request<pb::FindClientsRequest>,
    ) -> Result<Response<pb::FindClientsResponse>, Status> {
        let asked = request.into_inner();
        let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
        let born = given(asked.date_of_birth).map(|text| parse_date(&text)).transpose();
        let search = Search {
            phone: given(asked.phone),
            nino: given(asked.nino),
            last_name: given(asked.last_name),
            date_of_birth: born.map_err(|reason| Error::invalid("date_of_birth", reason))?,
        };
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(ClientId::parse("page_token", token).map_err(|_| convert::bad_token())?),
        };
        let mut found = clients::find(&mut self.0.store.read().await?.db(), &search, after, size + 1).await?;
        let more = found.len() > usize::try_from(size).unwrap_or(0);
        found.truncate(usize::try_from(size).unwrap_or(0));
        let next = found.last().filter(|_| more).map(|last| last.id.to_string());
        Ok(Response::new(pb::FindClientsResponse {
            clients: found.iter().map(message).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    async fn update_client(
        &self,
        request: Request<pb::UpdateClientRequest>,
    ) -> Result<Response<pb::UpdateClientResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = ClientId::parse("client_id", &asked.client_id)?;
        let seen = asked.etag.parse().map_err(|_| Error::invalid("etag", "is not one that a read gave"))?;
        let definition = self.0.definitions.current();
        let locate = |postcode: &_| definition.site_of_postcode(postcode).cloned();
        let facts = draft(asked.facts.unwrap_or_default());
        let client = clients::update(&mut mutation.tx.db(), &mutation.context, id, seen, &facts, &locate).await?;
        mutation.finish(pb::UpdateClientResponse { client: Some(message(&client)) }).await
    }
}

pub fn known_site(definition: &crate::definition::Definition, id: &str) -> Result<SiteId> {
    let id = SiteId::new(id);
    definition.site(&id).map(|site| site.id.clone()).ok_or_else(|| Error::invalid("site_id", "is no site of ours"))
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
        letter_layout: facts.letter_layout,
    }
}

pub fn message(client: &Client) -> pb::Client {
    let facts = &client.facts;
    pb::Client {
        client_id: client.id.to_string(),
        etag: client.revision.to_string(),
        facts: Some(pb::ClientFacts {
            title: facts.title.clone(),
            other_names: facts.other_names.clone(),
            last_name: facts.last_name.clone(),
            date_of_birth: facts.date_of_birth.map(|day| day.to_string()).unwrap_or_default(),
            nino: facts.nino.as_ref().map(|nino| nino.as_str().to_owned()).unwrap_or_default(),
            phone: facts.phone.as_ref().map(|phone| phone.e164().to_owned()).unwrap_or_default(),
            address_lines: facts.address_lines.clone(),
            postcode: facts.postcode.as_ref().map(|postcode| postcode.as_str().to_owned()).unwrap_or_default(),
            talk_language: facts.talk_language.as_str().to_owned(),
            letter_language: facts.letter_language.as_str().to_owned(),
            special_needs: facts.special_needs.clone(),
            call_needs: facts.call_needs.clone(),
            large_print: facts.large_print,
            letter_layout: facts.letter_layout.as_str().to_owned(),
        }),
        home_site_id: client.home_site.to_string(),
        first_contact_time: Some(convert::timestamp(client.first_contact_at)),
    }
}
