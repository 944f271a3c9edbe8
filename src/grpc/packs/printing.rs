//! What print rooms do with jobs.

use super::{Answered, PackDoor, message};
use crate::error::{Error, Result};
use crate::grpc::mutation::begin;
use crate::grpc::pb;
use crate::ids::PrintJobId;
use crate::packs::{self, Standing};
use crate::printing::{self, PrintedReport};
use crate::store::Db;
use chrono::TimeDelta;
use tonic::Request;

/// More reports than one request may bring.
const MOST_REPORTS: usize = 100;

impl PackDoor {
    async fn standing(&self, db: &mut Db<'_>, id: crate::ids::PackId) -> Result<Standing> {
        packs::get(db, self.0.definitions.current(), id).await
    }

    pub(super) async fn lease(
        &self,
        request: Request<pb::LeasePrintJobsRequest>,
    ) -> Answered<pb::LeasePrintJobsResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let most = crate::grpc::convert::page_size(asked.max_jobs, 1, 100)?;
        let lease = lease_of(asked.lease_seconds)?;
        let room = mutation.context.site()?.clone();
        let leased = printing::lease(&mut mutation.tx.db(), &mutation.context, most, lease).await?;
        let print_jobs: Vec<_> = leased.iter().map(message::print_job).collect();
        let any = !print_jobs.is_empty();
        let answer = mutation.finish(pb::LeasePrintJobsResponse { print_jobs }).await?;
        if any {
            self.0.room_watchers.changed(room);
        }
        Ok(answer)
    }

    pub(super) async fn extend(&self, request: Request<pb::ExtendLeaseRequest>) -> Answered<pb::ExtendLeaseResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let (id, attempt) = job_of(&asked.print_job_id, asked.attempt)?;
        let lease = lease_of(asked.lease_seconds)?;
        let job = printing::extend_lease(&mut mutation.tx.db(), &mutation.context, id, attempt, lease).await?;
        mutation.finish(pb::ExtendLeaseResponse { print_job: Some(message::print_job(&job)) }).await
    }

    pub(super) async fn begin(
        &self,
        request: Request<pb::ReportPrintingRequest>,
    ) -> Answered<pb::ReportPrintingResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let (id, attempt) = job_of(&asked.print_job_id, asked.attempt)?;
        let printer = named("printer", &asked.printer)?;
        let name = match asked.printer_job_name.as_str() {
            "" => format!("startline {id} {attempt}"),
            name => named("printer_job_name", name)?,
        };
        let db = &mut mutation.tx.db();
        let job = printing::begin_printing(db, &mutation.context, id, attempt, &printer, &name).await?;
        let answer = mutation.finish(pb::ReportPrintingResponse { print_job: Some(message::print_job(&job)) }).await?;
        self.0.room_watchers.changed(job.room);
        Ok(answer)
    }

    pub(super) async fn give_back(
        &self,
        request: Request<pb::ReturnPrintJobRequest>,
    ) -> Answered<pb::ReturnPrintJobResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let (id, attempt) = job_of(&asked.print_job_id, asked.attempt)?;
        let db = &mut mutation.tx.db();
        let job = printing::give_back(db, &mutation.context, id, attempt, &asked.reason).await?;
        let pack = self.standing(db, job.pack_id).await?;
        let answer = mutation.finish(pb::ReturnPrintJobResponse { pack: Some(message::pack(&pack)) }).await?;
        self.changed(&pack);
        Ok(answer)
    }

    pub(super) async fn printed(
        &self,
        request: Request<pb::ReportPrintedRequest>,
    ) -> Answered<pb::ReportPrintedResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let (id, attempt) = job_of(&asked.print_job_id, asked.attempt)?;
        let db = &mut mutation.tx.db();
        let report = PrintedReport { id, attempt, pages: asked.pages };
        let job = printing::report_printed(db, &mutation.context, report).await?;
        let pack = self.standing(db, job.pack_id).await?;
        let answer = mutation.finish(pb::ReportPrintedResponse { pack: Some(message::pack(&pack)) }).await?;
        self.changed(&pack);
        Ok(answer)
    }

    pub(super) async fn all_printed(
        &self,
        request: Request<pb::ReportAllPrintedRequest>,
    ) -> Answered<pb::ReportAllPrintedResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        if asked.reports.len() > MOST_REPORTS {
            return Err(Error::invalid("reports", format!("are more than {MOST_REPORTS}")).into());
        }
        let read = |report: pb::PrintedReport| {
            let (id, attempt) = job_of(&report.print_job_id, report.attempt)?;
            Ok(PrintedReport { id, attempt, pages: report.pages })
        };
        let reports = asked.reports.into_iter().map(read).collect::<Result<Vec<_>>>()?;
        let room = mutation.context.site()?.clone();
        let outcomes = printing::report_all_printed(&mut mutation.tx.db(), &mutation.context, &reports).await?;
        let refused = outcomes.into_iter().filter_map(|(id, outcome)| {
            let fault = outcome.err()?;
            Some(pb::RefusedReport {
                print_job_id: id.to_string(),
                reason: reason(&fault).to_owned(),
                sentence: fault.to_string(),
            })
        });
        let answer = pb::ReportAllPrintedResponse { refused: refused.collect() };
        let answer = mutation.finish(answer).await?;
        self.0.room_watchers.changed(room);
        Ok(answer)
    }

    pub(super) async fn spoiled(
        &self,
        request: Request<pb::ReportSpoiledRequest>,
    ) -> Answered<pb::ReportSpoiledResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let (id, attempt) = job_of(&asked.print_job_id, asked.attempt)?;
        let db = &mut mutation.tx.db();
        let (reason, pages) = (asked.reason.as_str(), asked.pages);
        let again = printing::report_spoiled(db, &mutation.context, id, attempt, reason, pages).await?;
        let pack = self.standing(db, again.pack_id).await?;
        let print_job_id = again.id.to_string();
        let answer = pb::ReportSpoiledResponse { pack: Some(message::pack(&pack)), print_job_id };
        let answer = mutation.finish(answer).await?;
        self.changed(&pack);
        Ok(answer)
    }

    pub(super) async fn posted(&self, request: Request<pb::ReportPostedRequest>) -> Answered<pb::ReportPostedResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = PrintJobId::parse("print_job_id", &asked.print_job_id)?;
        let day = message::parse_day("posted_day", &asked.posted_day)?;
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let (pack, _) = packs::report_posted(db, &mutation.context, definition, id, day).await?;
        let answer = mutation.finish(pb::ReportPostedResponse { pack: Some(message::pack(&pack)) }).await?;
        self.changed(&pack);
        Ok(answer)
    }

    pub(super) async fn came_back(
        &self,
        request: Request<pb::ReportReturnedRequest>,
    ) -> Answered<pb::ReportReturnedResponse> {
        let mut mutation = begin!(&self.0, &request);
        let asked = request.into_inner();
        let id = PrintJobId::parse("print_job_id", &asked.print_job_id)?;
        let definition = self.0.definitions.current();
        let db = &mut mutation.tx.db();
        let pack = packs::report_returned(db, &mutation.context, definition, id, &asked.reason).await?;
        let answer = mutation.finish(pb::ReportReturnedResponse { pack: Some(message::pack(&pack)) }).await?;
        self.changed(&pack);
        Ok(answer)
    }
}

fn job_of(id: &str, attempt: u32) -> Result<(PrintJobId, i32)> {
    let attempt = i32::try_from(attempt).map_err(|_| Error::invalid("attempt", "is not an attempt"))?;
    Ok((PrintJobId::parse("print_job_id", id)?, attempt))
}

fn lease_of(seconds: i32) -> Result<TimeDelta> {
    match seconds {
        0 => Ok(TimeDelta::seconds(300)),
        given if (30..=3600).contains(&given) => Ok(TimeDelta::seconds(given.into())),
        _ => Err(Error::invalid("lease_seconds", "must be from 30 to 3600")),
    }
}

/// What a print room calls something of its own.
fn named(field: &'static str, text: &str) -> Result<String> {
    match crate::formats::plain_text(text, 100) {
        Ok(name) if name.is_empty() => Err(Error::invalid(field, "is needed")),
        checked => checked.map_err(|reason| Error::invalid(field, reason)),
    }
}

/// The word that a report of its own would be refused with.
fn reason(fault: &Error) -> &'static str {
    match fault {
        Error::Illegal { reason, .. } => reason,
        Error::NotFound { .. } => "NOT_FOUND",
        Error::Denied(_) => "DENIED",
        _ => "INTERNAL",
    }
}
