//! Batches and their manifests.

use super::{Answered, PackDoor, message};
use crate::error::Result;
use crate::grpc::mutation::begin;
use crate::grpc::{convert, gate, pb};
use crate::printing::{self, BatchKey, PostClass};
use chrono::NaiveDate;
use tonic::{Request, Response};

impl PackDoor {
    fn key(&self, context: &crate::access::Context, post_day: &str, class: i32) -> Result<BatchKey> {
        let today = self.0.definitions.current().calendar.local_date(context.now);
        Ok(BatchKey {
            room: context.site()?.clone(),
            post_day: message::parse_day("post_day", post_day)?.unwrap_or(today),
            class: message::parse_class(class)?,
        })
    }

    pub(super) async fn batches(&self, request: Request<pb::ListBatchesRequest>) -> Answered<pb::ListBatchesResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let size = convert::page_size(asked.page_size, 20, 100)?;
        let before = match asked.page_token.as_str() {
            "" => None,
            token => Some(parse_token(token).ok_or_else(convert::bad_token)?),
        };
        let mut reader = self.0.store.read().await?;
        let mut found = printing::list_batches(&mut reader.db(), context.site()?, before, size + 1).await?;
        let most = usize::try_from(size).unwrap_or(0);
        let more = found.len() > most;
        found.truncate(most);
        let next = found.last().filter(|_| more);
        let next = next.map(|last| format!("{} {}", last.key.post_day, last.key.class.as_str()));
        Ok(Response::new(pb::ListBatchesResponse {
            batches: found.iter().map(message::batch).collect(),
            next_page_token: next.unwrap_or_default(),
        }))
    }

    pub(super) async fn manifest(&self, request: Request<pb::GetManifestRequest>) -> Answered<pb::GetManifestResponse> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let key = self.key(&context, &request.get_ref().post_day, request.get_ref().post_class)?;
        let mut reader = self.0.store.read().await?;
        let manifest = printing::manifest(&mut reader.db(), &key).await?;
        Ok(Response::new(pb::GetManifestResponse { manifest: Some(message::manifest(manifest)) }))
    }

    pub(super) async fn count(&self, request: Request<pb::CountBatchRequest>) -> Answered<pb::CountBatchResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let key = self.key(&mutation.context, &asked.post_day, asked.post_class)?;
        let db = &mut mutation.tx.db();
        let manifest = printing::count(db, &mutation.context, &key, asked.packs, asked.pages).await?;
        mutation.finish(pb::CountBatchResponse { manifest: Some(message::manifest(manifest)) }).await
    }
}

fn parse_token(token: &str) -> Option<(NaiveDate, PostClass)> {
    let (day, class) = token.split_once(' ')?;
    Some((day.parse().ok()?, PostClass::parse(class)?))
}
