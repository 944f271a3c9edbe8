//! `PrivacyService`.

use super::empty::{last_page_or, why};
use super::mirrors::{Mirror, needed, shown};
use super::{convert, pb};
use crate::call::Call;
use crate::doors::PrivacyDoor;
use crate::paging::Page;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::ids::{ClientId, RecordRequestId, UserId};
use startline_foundation::store::Db;
use startline_packs::{self as packs, ListWanted};
use startline_rooms::access::{self, Context, Ground, Kind, Right, Role};
use startline_rooms::clients::{self, Client};
use startline_rooms::records::{self, Look, LookPlace, Looked, Looker, RecordRequest, SoughtRequests};
use startline_service::within;
use std::collections::HashMap;

impl PrivacyDoor {
    pub async fn ask_for_record(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::AskForRecordRequest,
    ) -> Result<pb::AskForRecordResponse> {
        let client = ClientId::parse("client_id", &asked.client_id)?;
        let reason = needed::<pb::RequestReason>("reason", asked.reason, "is needed: why do you need this record?")?;
        let definition = self.0.definitions.current();
        let request = records::ask(db, context, definition, client, reason, &asked.note).await?;
        let names = names(db, std::slice::from_ref(&request)).await?;
        Ok(pb::AskForRecordResponse { record_request: Some(message(&request, &names)) })
    }

    pub async fn list_record_requests(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListRecordRequestsRequest,
    ) -> Result<pb::ListRecordRequestsResponse> {
        let page = Page::<RecordRequestId>::of(&asked, 50, 200)?;
        let sought = SoughtRequests { client: client(&asked.client_id)?, open: !asked.with_closed };
        let found = records::requests(db, context, &sought, page.after, page.most()).await?;
        let none = why(
            pb::EmptyReason::NoMatch,
            "Nobody has asked for a record outside of their work that waits to be judged.",
        );
        let why_empty = last_page_or(found.is_empty(), &asked.page_token, none);
        let (found, next_page_token) = page.cut(found, |last| last.id);
        let names = names(db, &found).await?;
        let record_requests = found.iter().map(|request| message(request, &names)).collect();
        Ok(pb::ListRecordRequestsResponse { record_requests, next_page_token, why_empty })
    }

    pub async fn get_record_request(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetRecordRequestRequest,
    ) -> Result<pb::GetRecordRequestResponse> {
        let request = records::request(db, context, id(&asked.record_request_id)?).await?;
        let names = names(db, std::slice::from_ref(&request)).await?;
        Ok(pb::GetRecordRequestResponse {
            record_request: Some(message(&request, &names)),
            closing_note: request.closed.map(|closed| closed.note).unwrap_or_default(),
            note: request.note,
        })
    }

    pub async fn close_record_request(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::CloseRecordRequestRequest,
    ) -> Result<pb::CloseRecordRequestResponse> {
        let verdict = needed::<pb::Verdict>("verdict", asked.verdict, "is needed: was it justified?")?;
        let request = records::close(db, context, id(&asked.record_request_id)?, verdict, &asked.note).await?;
        let names = names(db, std::slice::from_ref(&request)).await?;
        Ok(pb::CloseRecordRequestResponse { record_request: Some(message(&request, &names)) })
    }

    pub async fn list_access(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListAccessRequest,
    ) -> Result<pb::ListAccessResponse> {
        let page = Page::<LookPlace>::of(&asked, 100, 500)?;
        let looker = Looker {
            client: client(&asked.client_id)?,
            user: match asked.user_id.as_str() {
                "" => None,
                id => Some(UserId::parse("user_id", id)?),
            },
            within: context.user.site.clone(),
            from: convert::optional_time("from_time", asked.from_time)?,
            until: convert::optional_time("until_time", asked.until_time)?,
        };
        if looker.client.is_none() && looker.user.is_none() {
            return Err(Error::invalid("client_id", "is needed, or user_id: looks at whom, or whose?"));
        }
        let found = records::looks(db, &looker, page.after, page.most()).await?;
        let none = why(pb::EmptyReason::NoMatch, "Nobody has looked at anything then that the question is about.");
        let why_empty = last_page_or(found.is_empty(), &asked.page_token, none);
        let (found, next_page_token) = page.cut(found, |(last, _)| (last.at, last.id));
        Ok(pb::ListAccessResponse { looks: found.iter().map(look).collect(), next_page_token, why_empty })
    }

    pub async fn print_access(&self, call: Call<pb::PrintAccessRequest>) -> Result<pb::PrintAccessResponse> {
        let Call { operation, asked, .. } = call;
        let context = &operation.context;
        let id = ClientId::parse("client_id", &asked.client_id)?;
        let wanted = ListWanted {
            from: convert::optional_time("from_time", asked.from_time)?,
            until: convert::optional_time("until_time", asked.until_time)?,
            language: match asked.language.as_str() {
                "" => None,
                given => Some(Language::parse(given).map_err(|reason| Error::invalid("language", reason))?),
            },
        };
        let client = self.client_to_account_for(context, id).await?;
        // It is a look of its own: the client's name stands on it, and whose work they are.
        let looked = Looked { kind: Kind::Client, record: id.to_string(), client: Some(id) };
        let right = Right { ground: Ground::Accounts, role: Role::PrivacyOfficer };
        self.0.looks.note(&[Look::new(context, "PrivacyService.PrintAccess", right, looked)])?;
        let (store, composers, definition) = (&self.0.store, &self.0.composers, self.0.definitions.current());
        let printing = packs::print_access(store, composers, definition, &client, &wanted, context.now);
        let printed = within(operation.deadline, printing).await?;
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(pb::PrintAccessResponse {
            pages: printed.composed.pages,
            pdf: printed.composed.pdf,
            looks: count(printed.looks),
            people: count(printed.people),
            earlier_until_time: printed.earlier_until.map(convert::timestamp),
        })
    }

    /// Whoever is privacy officer of one site tells its clients; a list tells of all who looked, wherever they are.
    async fn client_to_account_for(&self, context: &Context, id: ClientId) -> Result<Client> {
        let mut reader = self.0.read().await?;
        let db = &mut reader.db();
        let client = clients::get(db, id).await?;
        match &context.user.site {
            Some(site) if !records::is_of_site(db, id, site).await? => Err(Error::OutsideWork(
                "this client is another site's: its own privacy officer prints who has looked, or one of the whole network",
            )),
            _ => Ok(client),
        }
    }
}

fn id(id: &str) -> Result<RecordRequestId> {
    RecordRequestId::parse("record_request_id", id)
}

fn client(id: &str) -> Result<Option<ClientId>> {
    if id.is_empty() { Ok(None) } else { ClientId::parse("client_id", id).map(Some) }
}

pub async fn names(db: &mut Db<'_>, requests: &[RecordRequest]) -> Result<HashMap<UserId, String>> {
    let users: Vec<UserId> = requests.iter().map(|request| request.user).collect();
    Ok(access::users(db, &users).await?.into_iter().map(|user| (user.id, user.name)).collect())
}

/// As it is told to whoever may know of it. Neither the client nor what was written about them stands in it.
pub fn message(request: &RecordRequest, names: &HashMap<UserId, String>) -> pb::RecordRequest {
    let closed = request.closed.as_ref();
    pb::RecordRequest {
        record_request_id: request.id.to_string(),
        client_id: request.client.to_string(),
        user_id: request.user.to_string(),
        user_name: names.get(&request.user).cloned().unwrap_or_default(),
        role: shown::<pb::Role>(request.role),
        site_id: request.site.as_ref().map(ToString::to_string).unwrap_or_default(),
        reason: shown::<pb::RequestReason>(request.reason),
        ask_time: Some(convert::timestamp(request.asked_at)),
        end_time: Some(convert::timestamp(request.until)),
        verdict: closed.map_or(0, |closed| shown::<pb::Verdict>(closed.verdict)),
        closed_by_user_id: closed.map(|closed| closed.by.to_string()).unwrap_or_default(),
        close_time: closed.map(|closed| convert::timestamp(closed.at)),
    }
}

fn look((look, name): &(Look, String)) -> pb::Look {
    pb::Look {
        time: Some(convert::timestamp(look.at)),
        user_id: look.user.to_string(),
        user_name: name.clone(),
        role: Role::parse(&look.role).map_or(0, |role| pb::Role::of(role).into()),
        site_id: look.site.as_ref().map(ToString::to_string).unwrap_or_default(),
        ground: look.ground.clone(),
        method: look.method.clone(),
        record_kind: look.kind.clone(),
        record_id: look.record.clone(),
        client_id: look.client.map(|id| id.to_string()).unwrap_or_default(),
    }
}
