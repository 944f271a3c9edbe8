//! The part of `FloorService` that declares sites lost and ends it.

use super::call::{Call, Wire};
use super::clients::known_site;
use super::convert;
use super::doors::FloorDoor;
use super::paging::Page;
use super::pb;
use startline_foundation::error::Result;
use startline_foundation::store::Db;
use startline_rooms::access::Context;
use startline_rooms::contingency::{self, Contingency, Loss};
use startline_service::KeptAnswer;
use std::sync::Arc;

impl FloorDoor {
    pub async fn declare_contingency(
        &self,
        call: Call<pb::DeclareContingencyRequest>,
    ) -> Result<pb::DeclareContingencyResponse> {
        let Call { operation, asked, .. } = call;
        // What is wrong with it is said whether or not the database is there.
        let definition = self.0.definitions.current();
        let loss = Loss::check(definition, &asked.site_id, &asked.reason, &asked.helper_site_ids)?;
        let answer = |contingency: &Contingency| {
            Wire(pb::DeclareContingencyResponse { contingency: Some(message(contingency)) }).to_bytes()
        };
        let bytes = self.0.declare_contingency(&operation, &loss, Arc::new(answer)).await?;
        Wire::from_bytes(&bytes).map(|Wire(answer)| answer)
    }

    pub async fn end_contingency(&self, call: Call<pb::EndContingencyRequest>) -> Result<pb::EndContingencyResponse> {
        let site = known_site(self.0.definitions.current(), &call.asked.site_id)?;
        let answer = |contingency: &Contingency, started: i64| {
            let contingency = Some(message(contingency));
            let started_callbacks = u32::try_from(started).unwrap_or(0);
            Wire(pb::EndContingencyResponse { contingency, started_callbacks }).to_bytes()
        };
        let bytes = self.0.end_contingency(&call.operation, &site, answer).await?;
        Wire::from_bytes(&bytes).map(|Wire(answer)| answer)
    }

    pub async fn list_contingencies(
        &self,
        db: &mut Db<'_>,
        _: &Context,
        asked: pb::ListContingenciesRequest,
    ) -> Result<pb::ListContingenciesResponse> {
        let page = Page::of(&asked, 20, 100)?;
        let found = contingency::list(db, page.after, page.most()).await?;
        let (found, next_page_token) = page.cut(found, |last| last.id);
        Ok(pb::ListContingenciesResponse { contingencies: found.iter().map(message).collect(), next_page_token })
    }
}

fn message(contingency: &Contingency) -> pb::Contingency {
    let ended = contingency.ended.as_ref();
    pb::Contingency {
        contingency_id: contingency.id.to_string(),
        site_id: contingency.site.to_string(),
        reason: contingency.reason.clone(),
        helper_site_ids: contingency.helpers.iter().map(ToString::to_string).collect(),
        declared_by_name: contingency.declared.name.clone(),
        declared_time: Some(convert::timestamp(contingency.declared.at)),
        ended_by_name: ended.map(|ended| ended.name.clone()).unwrap_or_default(),
        ended_time: ended.map(|ended| convert::timestamp(ended.at)),
    }
}
