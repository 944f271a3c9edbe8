//! `PackService`.

use super::mutation::begin;
use super::{Shared, convert, gate, pb};
use crate::error::{Error, Result};
use crate::ids::{ClaimId, PackId, PrintJobId};
use crate::packs::{self, Pack, PrintJob, PrintState};
use chrono::TimeDelta;
use futures_util::Stream;
use std::pin::Pin;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Bytes of a PDF in one message: well under the usual limit of 4 MiB.
const CHUNK: usize = 64 * 1024;

pub struct PackDoor(pub Arc<Shared>);

#[tonic::async_trait]
impl pb::pack_service_server::PackService for PackDoor {
    async fn compose_pack(
        &self,
        request: Request<pb::ComposePackRequest>,
    ) -> Result<Response<pb::ComposePackResponse>, Status> {
        let id = ClaimId::parse("claim_id", &request.get_ref().claim_id)?;
        // A request that was answered before gets that answer, whatever has become of the claim since.
        let context = begin!(&self.0, &request).context;
        // Composed before the transaction opens: no writer waits for a typesetter.
        let order = packs::Order::of(packs::Wanted::Claim(id), PackId::fresh(context.now));
        let shared = &self.0;
        let prepared = packs::prepare(&shared.store, &shared.composers, &shared.definitions, &context, &order).await?;
        let mut mutation = begin!(&self.0, &request);
        let (pack, job) = packs::keep(&mut mutation.tx.db(), &mutation.context, &prepared).await?;
        mutation.finish(pb::ComposePackResponse { pack: Some(message(&pack, &job)) }).await
    }

    async fn get_pack(&self, request: Request<pb::GetPackRequest>) -> Result<Response<pb::GetPackResponse>, Status> {
        let asked = request.into_inner();
        let mut reader = self.0.store.read().await?;
        let db = &mut reader.db();
        let (pack, job) = match asked.pack_id.as_str() {
            "" => packs::newest_of_claim(db, ClaimId::parse("claim_id", &asked.claim_id)?).await?,
            id => packs::get(db, PackId::parse("pack_id", id)?).await?,
        };
        Ok(Response::new(pb::GetPackResponse { pack: Some(message(&pack, &job)) }))
    }

    type GetPackDocumentStream = Pin<Box<dyn Stream<Item = Result<pb::GetPackDocumentResponse, Status>> + Send>>;

    async fn get_pack_document(
        &self,
        request: Request<pb::GetPackDocumentRequest>,
    ) -> Result<Response<Self::GetPackDocumentStream>, Status> {
        let id = PackId::parse("pack_id", &request.get_ref().pack_id)?;
        let pdf = packs::pdf(&mut self.0.store.read().await?.db(), id).await?;
        let chunks: Vec<_> =
            pdf.chunks(CHUNK).map(|chunk| Ok(pb::GetPackDocumentResponse { chunk: chunk.to_vec() })).collect();
        Ok(Response::new(Box::pin(futures_util::stream::iter(chunks))))
    }

    type GetAgencyDocumentStream = Pin<Box<dyn Stream<Item = Result<pb::GetAgencyDocumentResponse, Status>> + Send>>;

    async fn get_agency_document(
        &self,
        request: Request<pb::GetAgencyDocumentRequest>,
    ) -> Result<Response<Self::GetAgencyDocumentStream>, Status> {
        let context = gate::context(&request, &self.0.clock, None)?;
        let asked = request.into_inner();
        let id = ClaimId::parse("claim_id", &asked.claim_id)?;
        let at = convert::optional_time("as_of_time", asked.as_of_time)?;
        let shared = &self.0;
        let (store, composers, definitions) = (&shared.store, &shared.composers, &shared.definitions);
        let pdf = packs::agency_copy(store, composers, definitions, &context, id, &asked.agency_id, at).await?;
        let chunks: Vec<_> =
            pdf.chunks(CHUNK).map(|chunk| Ok(pb::GetAgencyDocumentResponse { chunk: chunk.to_vec() })).collect();
        Ok(Response::new(Box::pin(futures_util::stream::iter(chunks))))
    }

    async fn lease_print_jobs(
        &self,
        request: Request<pb::LeasePrintJobsRequest>,
    ) -> Result<Response<pb::LeasePrintJobsResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let most = convert::page_size(asked.max_jobs, 1, 100)?;
        let lease_s = match asked.lease_seconds {
            0 => 300,
            given if (30..=3600).contains(&given) => given,
            _ => return Err(Error::invalid("lease_seconds", "must be from 30 to 3600").into()),
        };
        let lease = TimeDelta::seconds(lease_s.into());
        let leased = packs::lease_print_jobs(&mut mutation.tx.db(), &mutation.context, most, lease).await?;
        let print_jobs = leased.iter().map(|(job, pack)| print_job_message(job, pack)).collect();
        mutation.finish(pb::LeasePrintJobsResponse { print_jobs }).await
    }

    async fn report_printed(
        &self,
        request: Request<pb::ReportPrintedRequest>,
    ) -> Result<Response<pb::ReportPrintedResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = PrintJobId::parse("print_job_id", &asked.print_job_id)?;
        let attempt = i32::try_from(asked.attempt).map_err(|_| Error::invalid("attempt", "is not an attempt"))?;
        let db = &mut mutation.tx.db();
        let job = packs::report_printed(db, &mutation.context, id, attempt).await?;
        let (pack, _) = packs::get(db, job.pack_id).await?;
        mutation.finish(pb::ReportPrintedResponse { pack: Some(message(&pack, &job)) }).await
    }

    async fn report_posted(
        &self,
        request: Request<pb::ReportPostedRequest>,
    ) -> Result<Response<pb::ReportPostedResponse>, Status> {
        let mut mutation = begin!(&self.0, &request);
        let id = PrintJobId::parse("print_job_id", &request.get_ref().print_job_id)?;
        let db = &mut mutation.tx.db();
        let job = packs::report_posted(db, &mutation.context, id).await?;
        let (pack, _) = packs::get(db, job.pack_id).await?;
        let answer = mutation.finish(pb::ReportPostedResponse { pack: Some(message(&pack, &job)) }).await?;
        if let Some(claim) = pack.claim_id {
            self.0.watchers.changed(claim);
        }
        Ok(answer)
    }
}

fn print_job_message(job: &PrintJob, pack: &Pack) -> pb::PrintJob {
    let until = match job.state {
        PrintState::Leased { until, .. } => Some(until),
        _ => None,
    };
    pb::PrintJob {
        print_job_id: job.id.to_string(),
        pack_id: pack.id.to_string(),
        reference: pack.reference.clone(),
        pages: pack.pages,
        attempt: u32::try_from(job.attempt).unwrap_or(0),
        lease_expire_time: until.map(convert::timestamp),
    }
}

fn message(pack: &Pack, job: &PrintJob) -> pb::Pack {
    let (state, posted_at) = match job.state {
        PrintState::Queued => (pb::PackState::Queued, None),
        PrintState::Leased { .. } => (pb::PackState::Leased, None),
        PrintState::Printed { .. } => (pb::PackState::Printed, None),
        PrintState::Posted { at, .. } => (pb::PackState::Posted, Some(at)),
    };
    let documents = pack.documents.iter().map(|document| pb::PackDocument {
        kind: document.kind.clone(),
        title: document.title.clone(),
        first_page: document.first_page,
        pages: document.pages,
    });
    pb::Pack {
        pack_id: pack.id.to_string(),
        claim_id: pack.claim_id.map(|claim| claim.to_string()).unwrap_or_default(),
        site_id: pack.site.to_string(),
        reference: pack.reference.clone(),
        state: state.into(),
        pages: pack.pages,
        documents: documents.collect(),
        sha256: pack.sha256.clone(),
        composed_time: Some(convert::timestamp(pack.composed_at)),
        posted_time: posted_at.map(convert::timestamp),
    }
}
