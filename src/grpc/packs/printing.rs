//! What print rooms do with jobs.

use super::message;
use crate::convert::within;
use crate::doors::PackDoor;
use crate::paging::Page;
use crate::{empty, fault, pb};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{PrintJobId, UserId};
use startline_foundation::store::{self, Db};
use startline_packs::{self as packs, PackStatus};
use startline_rooms::access::{self, Context};
use startline_rooms::printing::{self, PostedReport, PrintJob, PrintedReport};

/// More reports than one request may bring.
const MOST_REPORTS: usize = 100;

impl PackDoor {
    async fn standing(&self, db: &mut Db<'_>, id: startline_foundation::ids::PackId) -> Result<PackStatus> {
        packs::get(db, self.0.definitions.current(), id).await
    }

    async fn nothing_to_print(&self, db: &mut Db<'_>, context: &Context) -> Result<pb::WhyEmpty> {
        let room = context.site()?;
        let none = printing::why_none(db, room).await?;
        let to_compose = store::jobs_left(db, context.now).await?.1;
        let exceptions = packs::open_exceptions(db, room).await?;
        Ok(empty::nothing_to_print(none, u32::try_from(to_compose).unwrap_or(u32::MAX), exceptions))
    }

    /// With what a print room needs to know without opening the PDF.
    async fn print_jobs(&self, db: &mut Db<'_>, jobs: Vec<PrintJob>) -> Result<Vec<pb::PrintJob>> {
        let with_paper = packs::with_paper(db, self.0.definitions.current(), jobs).await?;
        Ok(with_paper.iter().map(|(job, paper)| message::print_job(job, paper)).collect())
    }

    pub async fn lease_print_jobs(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::LeasePrintJobsRequest,
    ) -> Result<pb::LeasePrintJobsResponse> {
        let most = crate::convert::page_size(asked.max_jobs, 1, 100)?;
        let lease = lease_of(asked.lease_seconds)?;
        let leased = packs::lease(db, context, &self.0.definitions, most, lease).await?;
        let why_empty = match leased.is_empty() {
            true => Some(self.nothing_to_print(db, context).await?),
            false => None,
        };
        Ok(pb::LeasePrintJobsResponse { print_jobs: self.print_jobs(db, leased).await?, why_empty })
    }

    pub async fn list_print_jobs(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListPrintJobsRequest,
    ) -> Result<pb::ListPrintJobsResponse> {
        let page = Page::<(i32, NaiveDate, (DateTime<Utc>, PrintJobId))>::of(&asked, 50, 100)?;
        let state = match pb::PackState::try_from(asked.state) {
            Ok(pb::PackState::Unspecified) => None,
            Ok(pb::PackState::Queued) => Some("queued"),
            Ok(pb::PackState::Leased) => Some("leased"),
            Ok(pb::PackState::Printing) => Some("printing"),
            Ok(pb::PackState::Printed) => Some("printed"),
            _ => return Err(Error::invalid("state", "must be queued, leased, printing or printed")),
        };
        let after = page.after.map(|(priority, day, (at, id))| (priority, day, at, id));
        let found = printing::waiting(db, context, state, after, page.most()).await?;
        let key = |job: &PrintJob| (job.priority.number(), job.post_day, (job.queued_at, job.id));
        let (found, next_page_token) = page.cut(found, key);
        let none = match (found.is_empty() && asked.page_token.is_empty(), state) {
            (false, _) => None,
            (true, None) => Some(self.nothing_to_print(db, context).await?),
            (true, Some(_)) => {
                Some(empty::why(pb::EmptyReason::NoMatch, "No job of this print room is in this state."))
            }
        };
        let mut print_jobs = self.print_jobs(db, found).await?;
        let by: Vec<UserId> =
            print_jobs.iter().filter_map(|job| job.leased_by_user_id.parse().ok().map(UserId)).collect();
        let users = access::users(db, &by).await?;
        for job in &mut print_jobs {
            let user = users.iter().find(|user| user.id.to_string() == job.leased_by_user_id);
            job.leased_by_name = user.map(|user| user.name.clone()).unwrap_or_default();
        }
        Ok(pb::ListPrintJobsResponse { print_jobs, next_page_token, why_empty: none })
    }

    pub async fn extend_lease(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ExtendLeaseRequest,
    ) -> Result<pb::ExtendLeaseResponse> {
        let (id, attempt) = job_of(&asked.print_job_id, asked.attempt)?;
        let lease = lease_of(asked.lease_seconds)?;
        let job = printing::extend_lease(db, context, id, attempt, lease).await?;
        Ok(pb::ExtendLeaseResponse { print_job: self.print_jobs(db, vec![job]).await?.pop() })
    }

    pub async fn report_printing(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReportPrintingRequest,
    ) -> Result<pb::ReportPrintingResponse> {
        let (id, attempt) = job_of(&asked.print_job_id, asked.attempt)?;
        let printer = named("printer", &asked.printer)?;
        let name = match asked.printer_job_name.as_str() {
            "" => format!("startline {id} {attempt}"),
            name => named("printer_job_name", name)?,
        };
        let job = packs::begin_printing(db, context, &self.0.definitions, (id, attempt), &printer, &name).await?;
        Ok(pb::ReportPrintingResponse { print_job: self.print_jobs(db, vec![job]).await?.pop() })
    }

    pub async fn return_print_job(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReturnPrintJobRequest,
    ) -> Result<pb::ReturnPrintJobResponse> {
        let (id, attempt) = job_of(&asked.print_job_id, asked.attempt)?;
        let job = printing::give_back(db, context, id, attempt, &asked.reason).await?;
        let pack = self.standing(db, job.pack_id).await?;
        Ok(pb::ReturnPrintJobResponse { pack: Some(message::pack(&pack)) })
    }

    pub async fn report_printed(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReportPrintedRequest,
    ) -> Result<pb::ReportPrintedResponse> {
        let (id, attempt) = job_of(&asked.print_job_id, asked.attempt)?;
        let report = PrintedReport { id, attempt, pages: Some(counted("pages", asked.pages)?) };
        let job = packs::report_printed(db, context, &self.0.definitions, report).await?;
        let pack = self.standing(db, job.pack_id).await?;
        Ok(pb::ReportPrintedResponse { pack: Some(message::pack(&pack)) })
    }

    pub async fn report_all_printed(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReportAllPrintedRequest,
    ) -> Result<pb::ReportAllPrintedResponse> {
        if asked.reports.len() > MOST_REPORTS {
            return Err(Error::invalid("reports", format!("are more than {MOST_REPORTS}")));
        }
        let read = |(at, report): (usize, pb::PrintedReport)| {
            let whole = || -> Result<PrintedReport> {
                let (id, attempt) = job_of(&report.print_job_id, report.attempt)?;
                Ok(PrintedReport { id, attempt, pages: Some(counted("pages", report.pages)?) })
            };
            whole().map_err(|fault| within(&format!("reports[{at}]"), fault))
        };
        let reports = asked.reports.into_iter().enumerate().map(read).collect::<Result<Vec<_>>>()?;
        let outcomes = packs::report_all_printed(db, context, &self.0.definitions, &reports).await?;
        let refused = outcomes.into_iter().filter_map(|(id, outcome)| {
            let fault = outcome.err()?;
            Some(pb::RefusedReport {
                print_job_id: id.to_string(),
                reason: fault::reason(&fault).to_owned(),
                sentence: fault.to_string(),
            })
        });
        Ok(pb::ReportAllPrintedResponse { refused: refused.collect() })
    }

    pub async fn report_spoiled(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReportSpoiledRequest,
    ) -> Result<pb::ReportSpoiledResponse> {
        let (id, attempt) = job_of(&asked.print_job_id, asked.attempt)?;
        let (reason, pages) = (asked.reason.as_str(), counted("pages", asked.pages)?);
        let again = printing::report_spoiled(db, context, id, attempt, reason, Some(pages)).await?;
        let pack = self.standing(db, again.pack_id).await?;
        let print_job_id = again.id.to_string();
        Ok(pb::ReportSpoiledResponse { pack: Some(message::pack(&pack)), print_job_id })
    }

    pub async fn report_posted(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReportPostedRequest,
    ) -> Result<pb::ReportPostedResponse> {
        let id = PrintJobId::parse("print_job_id", &asked.print_job_id)?;
        let day = needed_day("posted_day", &asked.posted_day)?;
        let report = PostedReport { id, day, incomplete: asked.incomplete_reason.as_deref() };
        let (pack, _) = packs::report_posted(db, context, &self.0.definitions, report).await?;
        Ok(pb::ReportPostedResponse { pack: Some(message::pack(&pack)) })
    }

    pub async fn report_returned(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ReportReturnedRequest,
    ) -> Result<pb::ReportReturnedResponse> {
        let id = PrintJobId::parse("print_job_id", &asked.print_job_id)?;
        let definition = self.0.definitions.current();
        let pack = packs::report_returned(db, context, definition, id, &asked.reason).await?;
        Ok(pb::ReportReturnedResponse { pack: Some(message::pack(&pack)) })
    }
}

fn job_of(id: &str, attempt: u32) -> Result<(PrintJobId, i32)> {
    if attempt == 0 {
        return Err(Error::invalid("attempt", "is needed: the attempt that the lease gave"));
    }
    let attempt = i32::try_from(attempt).map_err(|_| Error::invalid("attempt", "is not an attempt"))?;
    Ok((PrintJobId::parse("print_job_id", id)?, attempt))
}

/// Nothing said is no count: 0 is one.
pub(super) fn counted(field: &'static str, given: Option<u32>) -> Result<u32> {
    given.ok_or_else(|| Error::invalid(field, "is needed, as it was counted; 0 is a count too"))
}

/// A report says itself on which day it happened.
pub(super) fn needed_day(field: &'static str, text: &str) -> Result<NaiveDate> {
    message::parse_day(field, text)?
        .ok_or_else(|| Error::invalid(field, "is needed: the local day, such as 2000-04-06"))
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
    match startline_foundation::formats::plain_text(text, 100) {
        Ok(name) if name.is_empty() => Err(Error::invalid(field, "is needed")),
        checked => checked.map_err(|reason| Error::invalid(field, reason)),
    }
}
