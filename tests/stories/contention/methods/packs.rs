//! Packs, print rooms and jobs.

use super::Writes::{Each, IfNews, Lease, Once};
use super::{Method, method};
use crate::contention::ground::Stage::{Booked, Met, Ready};
use crate::contention::ground::Turn;
use crate::print_room::in_latin;
use startline::grpc::pb;

/// A print job, and the attempt that was last seen.
fn job(t: &mut Turn<'_>) -> (String, u32) {
    let claim = t.record_of(&[Booked, Booked, Met]).claim;
    let job = t.printing_of(&claim);
    let attempt = t.attempt(&job);
    (job, attempt)
}

pub fn all() -> Vec<Method> {
    let mut all = of_packs();
    all.extend(of_print_jobs());
    all.extend(of_reports());
    all
}

fn of_packs() -> Vec<Method> {
    vec![
        method!("PackService.ComposePack", IfNews("pack_composed"), Adviser, |t| ComposePackRequest {
            claim_id: t.record_of(&[Booked, Booked, Met, Ready]).claim,
            force: t.number(2) == 0,
            ..Default::default()
        }),
        method!("PackService.ReportHandedOver", IfNews("pack_handed_over"), Reception, |t| ReportHandedOverRequest {
            pack_id: t.one("to_hand_over"),
            ..Default::default()
        }),
        method!("PackService.CancelPack", Once("pack_cancelled"), TeamLeader, |t| CancelPackRequest {
            pack_id: t.one("pack_id"),
            reason: "a slip".into(),
            ..Default::default()
        }),
        method!("PackService.ReprintPack", Once("pack_reprinted"), TeamLeader, |t| ReprintPackRequest {
            pack_id: t.one("pack_id"),
            reason: "the dog ate it".into(),
            ..Default::default()
        }),
        method!("PackService.MendPackException", Once("pack_exception_mended"), Adviser, |t| {
            let exception_id = t.one("exception_id");
            let places = t.faults(&exception_id);
            let replacements =
                places.into_iter().map(|place| pb::Replacement { text: in_latin(&place).into(), place }).collect();
            (String::new(), pb::MendPackExceptionRequest { exception_id, replacements, ..Default::default() })
        }),
        method!("PackService.DismissPackException", Once("pack_exception_settled"), PrintRoom, |t| {
            let request = pb::DismissPackExceptionRequest { exception_id: t.one("exception_id"), ..Default::default() };
            (String::new(), request)
        }),
        method!("OperationsService.RetryJob", Once("job_retried"), Admin, |t| RetryJobRequest {
            job_id: t.one("job_id"),
            ..Default::default()
        }),
        method!("OperationsService.DropJob", Once("job_dropped"), Admin, |t| DropJobRequest {
            job_id: t.one("job_id"),
            ..Default::default()
        }),
    ]
}

fn of_print_jobs() -> Vec<Method> {
    vec![
        method!("PackService.ExtendLease", Lease, PrintRoom, |t| {
            let (print_job_id, attempt) = job(t);
            let request = pb::ExtendLeaseRequest { print_job_id, attempt, lease_seconds: 3600, ..Default::default() };
            (String::new(), request)
        }),
        method!("PackService.ReportPrinting", Once("printing_begun"), PrintRoom, |t| {
            let (print_job_id, attempt) = job(t);
            let printer = "Canon".into();
            (String::new(), pb::ReportPrintingRequest { print_job_id, attempt, printer, ..Default::default() })
        }),
        method!("PackService.ReturnPrintJob", Once("print_job_given_back"), PrintRoom, |t| {
            let (print_job_id, attempt) = job(t);
            let reason = "no paper".into();
            (String::new(), pb::ReturnPrintJobRequest { print_job_id, attempt, reason, ..Default::default() })
        }),
        method!("PackService.ReportSpoiled", IfNews("print_job_spoiled"), PrintRoom, |t| {
            let (print_job_id, attempt) = job(t);
            let (reason, pages) = ("torn".into(), Some(t.number(3)));
            (String::new(), pb::ReportSpoiledRequest { print_job_id, attempt, reason, pages, ..Default::default() })
        }),
    ]
}

fn of_reports() -> Vec<Method> {
    vec![
        method!("PackService.ReportPrinted", IfNews("pack_printed"), PrintRoom, |t| {
            let (print_job_id, attempt) = job(t);
            // Counted again, it is another number now and then.
            let pages = Some(1 + t.number(2));
            (String::new(), pb::ReportPrintedRequest { print_job_id, attempt, pages, ..Default::default() })
        }),
        method!("PackService.ReportAllPrinted", Each("pack_printed"), PrintRoom, |t| {
            let mut reports: Vec<pb::PrintedReport> = Vec::new();
            for _ in 0..3 {
                let (print_job_id, attempt) = job(t);
                if reports.iter().all(|report| report.print_job_id != print_job_id) {
                    reports.push(pb::PrintedReport { print_job_id, attempt, pages: Some(1) });
                }
            }
            (String::new(), pb::ReportAllPrintedRequest { reports, ..Default::default() })
        }),
        method!("PackService.ReportPosted", IfNews("pack_posted"), PrintRoom, |t| ReportPostedRequest {
            print_job_id: job(t).0,
            posted_day: t.day(0),
            incomplete_reason: Some("the rest follows".into()),
            ..Default::default()
        }),
        method!("PackService.ReportReturned", IfNews("pack_returned"), PrintRoom, |t| ReportReturnedRequest {
            print_job_id: t.one("posted"),
            reason: "gone away".into(),
            ..Default::default()
        }),
        method!("PackService.CountBatch", Once("batch_counted"), PrintRoom, |t| {
            let (post_day, post_class) = t.batch();
            let request = pb::CountBatchRequest {
                post_day,
                post_class,
                packs: Some(t.number(9)),
                pages: Some(40),
                ..Default::default()
            };
            (String::new(), request)
        }),
    ]
}
