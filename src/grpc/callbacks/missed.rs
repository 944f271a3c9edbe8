//! Callers who gave up waiting.

use super::{Answer, CallbackDoor};
use crate::callbacks::{self, MissedCaller};
use crate::clients::{self, Search};
use crate::error::Result;
use crate::formats::UkPhone;
use crate::grpc::mutation::begin;
use crate::grpc::{clients as client_door, convert, gate, pb};
use crate::ids::MissedCallerId;
use crate::store::Db;
use chrono::{DateTime, Utc};
use tonic::{Request, Response};

impl CallbackDoor {
    pub(super) async fn missed_callers(
        &self,
        request: Request<pb::ListMissedCallersRequest>,
    ) -> Answer<pb::ListMissedCallersResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(missed_token(token).ok_or_else(convert::bad_token)?),
        };
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let mut missed = callbacks::list_missed(db, context.site()?, after, size + 1).await?;
        let wanted = usize::try_from(size).unwrap_or(0);
        let more = missed.len() > wanted;
        missed.truncate(wanted);
        let next = missed.last().filter(|_| more).map(|last| format!("{}_{}", last.first_at.to_rfc3339(), last.id));
        let mut missed_callers = Vec::with_capacity(missed.len());
        for caller in &missed {
            missed_callers.push(missed_message(db, caller).await?);
        }
        Ok(Response::new(pb::ListMissedCallersResponse { missed_callers, next_page_token: next.unwrap_or_default() }))
    }

    pub(super) async fn close_missed(
        &self,
        request: Request<pb::CloseMissedCallerRequest>,
    ) -> Answer<pb::CloseMissedCallerResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = MissedCallerId::parse("missed_caller_id", &asked.missed_caller_id)?;
        let db = &mut mutation.tx.db();
        let missed = callbacks::close_missed(db, &mutation.context, id, &asked.outcome).await?;
        let missed_caller = Some(missed_message(db, &missed).await?);
        mutation.finish(pb::CloseMissedCallerResponse { missed_caller }).await
    }
}

fn missed_token(token: &str) -> Option<(DateTime<Utc>, MissedCallerId)> {
    let (first_at, id) = token.split_once('_')?;
    let first_at = DateTime::parse_from_rfc3339(first_at).ok()?.to_utc();
    Some((first_at, MissedCallerId::parse("page_token", id).ok()?))
}

/// Known clients shown with a missed caller: a shared telephone may have several.
const KNOWN_SHOWN: i32 = 5;

async fn missed_message(db: &mut Db<'_>, missed: &MissedCaller) -> Result<pb::MissedCaller> {
    let phone = UkPhone::parse(&missed.phone).ok();
    let known = match &phone {
        Some(phone) => {
            let search = Search { phone: Some(phone.e164().to_owned()), ..Search::default() };
            clients::find(db, &search, None, KNOWN_SHOWN).await?
        }
        None => Vec::new(),
    };
    Ok(pb::MissedCaller {
        missed_caller_id: missed.id.to_string(),
        site_id: missed.site.to_string(),
        phone: missed.phone.clone(),
        phone_grouped: phone.map_or_else(|| missed.phone.clone(), |phone| phone.grouped()),
        first_time: Some(convert::timestamp(missed.first_at)),
        last_time: Some(convert::timestamp(missed.last_at)),
        times: u32::try_from(missed.times).unwrap_or(0),
        known_clients: known.iter().map(client_door::message).collect(),
    })
}
