//! Each mutation of packs and print rooms asked twice under one id happens once, and answers the same, also after a
//! restart.

use crate::print_room::in_latin;
use crate::replay::{Asked, asked_twice, rows};
use crate::support::faults::fields;
use crate::support::print_steps::pack_people;
use crate::support::steps::{client_with_facts, draft, frome_facts, start_up_done};
use crate::support::values::new_id;
use serde_json::json;
use startline::grpc::pb;
use std::sync::Arc;
use tonic::Code;

story!(every_move_of_a_pack_asked_twice_happens_once, |mut world| {
    let people = pack_people(&world).await;
    let (asha, lena, room) = (Arc::new(people.asha), Arc::new(people.lena), Arc::new(people.room));
    let mut asked = Asked::default();
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let job = room.leases_one().await;
    let id = || job.print_job_id.clone();

    let request =
        pb::ExtendLeaseRequest { request_id: new_id(), print_job_id: id(), attempt: job.attempt, lease_seconds: 600 };
    asked_twice!(asked, world, room.packs.extend_lease, request, |r: &mut pb::ExtendLeaseRequest| r.lease_seconds = 60);
    let request = pb::ReturnPrintJobRequest {
        request_id: new_id(),
        print_job_id: id(),
        attempt: job.attempt,
        reason: "no paper".into(),
    };
    asked_twice!(asked, world, room.packs.return_print_job, request, |r: &mut pb::ReturnPrintJobRequest| r.reason =
        "no ink".into());
    let job = room.leases_one().await;
    let id = || job.print_job_id.clone();
    let request = pb::ReportPrintingRequest {
        request_id: new_id(),
        print_job_id: id(),
        attempt: job.attempt,
        printer: "Canon".into(),
        ..Default::default()
    };
    asked_twice!(asked, world, room.packs.report_printing, request, |r: &mut pb::ReportPrintingRequest| r.printer =
        "Ricoh".into());
    let request = pb::ReportSpoiledRequest {
        request_id: new_id(),
        print_job_id: id(),
        attempt: job.attempt,
        reason: "torn".into(),
        pages: Some(2),
    };
    asked_twice!(asked, world, room.packs.report_spoiled, request, |r: &mut pb::ReportSpoiledRequest| r.pages =
        Some(1));
    let job = room.leases_one().await;
    let report =
        pb::PrintedReport { print_job_id: job.print_job_id.clone(), attempt: job.attempt, pages: Some(pack.pages) };
    let unknown = pb::PrintedReport { print_job_id: new_id(), attempt: 1, pages: Some(1) };
    let request = pb::ReportAllPrintedRequest { request_id: new_id(), reports: vec![report, unknown] };
    let refused =
        asked_twice!(asked, world, room.packs.report_all_printed, request, |r: &mut pb::ReportAllPrintedRequest| {
            r.reports.pop();
        });
    assert_eq!(refused.refused.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["NOT_FOUND"]);
    room.posted(&job).await.unwrap();
    let request = pb::ReportReturnedRequest {
        request_id: new_id(),
        print_job_id: job.print_job_id.clone(),
        reason: "gone away".into(),
    };
    asked_twice!(asked, world, room.packs.report_returned, request, |r: &mut pb::ReportReturnedRequest| r.reason =
        "refused".into());
    let request = pb::CountBatchRequest {
        request_id: new_id(),
        post_day: pack.printings[0].post_day.clone(),
        post_class: pack.printings[0].post_class,
        packs: Some(1),
        pages: Some(pack.pages),
    };
    asked_twice!(asked, world, room.packs.count_batch, request, |r: &mut pb::CountBatchRequest| r.packs = Some(2));
    let request = pb::ReprintPackRequest {
        request_id: new_id(),
        pack_id: pack.pack_id.clone(),
        reason: "a new address".into(),
        ..Default::default()
    };
    asked_twice!(asked, world, lena.packs.reprint_pack, request, |r: &mut pb::ReprintPackRequest| {
        (r.first_page, r.last_page) = (1, 1);
    });

    let (second, _) = start_up_done(&world, &asha, "Pugh").await;
    let other = asha.awaits_pack(&second.claim_id).await;
    let request =
        pb::CancelPackRequest { request_id: new_id(), pack_id: other.pack_id.clone(), reason: "a slip".into() };
    asked_twice!(asked, world, asha.packs.cancel_pack, request, |r: &mut pb::CancelPackRequest| r.reason = "x".into());

    // One that is sent by e-mail, and two with names that no letter of ours can print.
    let nearly_done = async |name: &str| {
        let (_, claim) = client_with_facts(&asha, pb::ClientFacts { last_name: name.into(), ..frome_facts() }).await;
        asha.save(&claim.claim_id, vec![draft("A1", &json!(["JSA"]), 0)]).await.unwrap();
        let slot = asha.find_slots(&claim.claim_id).await.remove(0);
        let held = asha.hold(&claim.claim_id, &slot).await.unwrap();
        asha.book(&held.appointment_id).await.unwrap();
        claim.claim_id
    };
    let by_email = nearly_done("Ellis").await;
    asha.completes(&by_email, pb::Delivery::Email, "ann@example.org").await.unwrap();
    let pack = asha.awaits_pack(&by_email).await;
    let request = pb::ReportHandedOverRequest { request_id: new_id(), pack_id: pack.pack_id, ..Default::default() };
    asked_twice!(asked, world, asha.packs.report_handed_over, request, |r: &mut pb::ReportHandedOverRequest| {
        r.pack_id = new_id();
    });
    for name in ["明", "空"] {
        let claim = nearly_done(name).await;
        asha.complete_start_up(&claim).await.unwrap();
    }
    let exceptions = crate::support::until("two exceptions", || async {
        Some(room.exceptions().await).filter(|exceptions| exceptions.len() == 2)
    })
    .await;
    let replacements: Vec<pb::Replacement> = exceptions[0]
        .faults
        .iter()
        .map(|fault| pb::Replacement { place: fault.place.clone(), text: in_latin(&fault.place).into() })
        .collect();
    let request = pb::MendPackExceptionRequest {
        request_id: new_id(),
        exception_id: exceptions[0].exception_id.clone(),
        replacements,
    };
    let mended =
        asked_twice!(asked, world, asha.packs.mend_pack_exception, request, |r: &mut pb::MendPackExceptionRequest| {
            r.replacements.clear();
        });
    assert!(mended.pack.is_some(), "{mended:?}");
    let request =
        pb::DismissPackExceptionRequest { request_id: new_id(), exception_id: exceptions[1].exception_id.clone() };
    asked_twice!(
        asked,
        world,
        room.packs.dismiss_pack_exception,
        request,
        |r: &mut pb::DismissPackExceptionRequest| {
            r.exception_id = new_id();
        }
    );
    assert!(room.exceptions().await.is_empty());
    world.restart().await;
    asked.all_again().await;
});
