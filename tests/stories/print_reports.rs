//! What print rooms count and report: nothing that was not said is taken for said, a correction corrects and is kept, and a
//! pack that lacks pages leaves with a word only.

use crate::support::faults::{fields, reason};
use crate::support::print_steps::{PackPeople, pack_people};
use crate::support::steps::{Answer, client_with_facts, draft, frome_facts, start_up_done};
use crate::support::values::new_id;
use crate::support::{Person, until};
use serde_json::json;
use startline::grpc::pb;
use startline::grpc::pb::PackState as State;
use tonic::Code;

const TODAY: &str = "2026-03-03";

fn at_fault<T: std::fmt::Debug>(answer: Result<T, tonic::Status>, field: &str) {
    let status = answer.unwrap_err();
    assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec![field.to_owned()]), "{status:?}");
}

fn refused<T: std::fmt::Debug>(answer: Result<T, tonic::Status>, why: &str) {
    let status = answer.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, why), "{status:?}");
}

/// The same report as printed, however much of it is said.
async fn prints(room: &Person, job: &pb::PrintJob, attempt: u32, pages: Option<u32>) -> Answer<pb::Pack> {
    let request =
        pb::ReportPrintedRequest { request_id: new_id(), print_job_id: job.print_job_id.clone(), attempt, pages };
    Ok(room.packs().report_printed(request).await?.into_inner().pack.unwrap())
}

async fn spoils(
    room: &Person,
    job: &pb::PrintJob,
    attempt: u32,
    pages: Option<u32>,
) -> Answer<pb::ReportSpoiledResponse> {
    let (request_id, print_job_id, reason) = (new_id(), job.print_job_id.clone(), "torn".into());
    let request = pb::ReportSpoiledRequest { request_id, print_job_id, attempt, reason, pages };
    Ok(room.packs().report_spoiled(request).await?.into_inner())
}

async fn corrections(person: &Person, pack: &str) -> Vec<(pb::CorrectedReport, String, String, String)> {
    let request = pb::GetPackRequest { pack_id: pack.into(), ..Default::default() };
    let corrections = person.packs().get_pack(request).await.unwrap().into_inner().corrections;
    assert!(corrections.iter().all(|correction| correction.corrected_time.is_some()), "{corrections:?}");
    let short = |one: pb::ReportCorrection| (one.what(), one.was, one.became, one.corrected_by_name);
    corrections.into_iter().map(short).collect()
}

story!(what_is_not_said_in_a_report_is_named_and_taken_for_nothing, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let job = room.leases_one().await;
    let id = || job.print_job_id.clone();

    at_fault(prints(&room, &job, 0, Some(job.pages)).await, "attempt");
    for pages in [None, Some(0), Some(job.pages + 1)] {
        at_fault(prints(&room, &job, job.attempt, pages).await, "pages");
    }
    at_fault(spoils(&room, &job, 0, Some(1)).await, "attempt");
    at_fault(spoils(&room, &job, job.attempt, None).await, "pages");
    at_fault(spoils(&room, &job, job.attempt, Some(u32::MAX)).await, "pages");
    let whole = pb::PrintedReport { print_job_id: id(), attempt: job.attempt, pages: Some(job.pages) };
    for (wrong, field) in [
        (pb::PrintedReport { attempt: 0, ..whole.clone() }, "reports[1].attempt"),
        (pb::PrintedReport { pages: None, ..whole.clone() }, "reports[1].pages"),
        (pb::PrintedReport { print_job_id: "7".into(), ..whole.clone() }, "reports[1].print_job_id"),
    ] {
        let request = pb::ReportAllPrintedRequest { request_id: new_id(), reports: vec![whole.clone(), wrong] };
        at_fault(room.packs().report_all_printed(request).await, field);
    }
    at_fault(room.begins(&pb::PrintJob { attempt: 0, ..job.clone() }, "Canon").await, "attempt");
    at_fault(room.begins(&job, "").await, "printer");
    at_fault(room.gives_back(&pb::PrintJob { attempt: 0, ..job.clone() }).await, "attempt");
    let request = pb::ExtendLeaseRequest { request_id: new_id(), print_job_id: id(), ..Default::default() };
    at_fault(room.packs().extend_lease(request).await, "attempt");
    assert_eq!(asha.pack(&pack.pack_id).await.state(), State::Leased, "nothing was kept of all that");

    // A lease that nobody ever had is told as what it is, and not as one that ran out.
    let late = prints(&room, &job, job.attempt + 1, Some(1)).await.unwrap_err();
    assert_eq!(reason(&late), "LEASE_LOST");
    assert!(late.message().contains("leased 1 times") && !late.message().contains("destroy"), "{late:?}");

    room.printed(&job).await.unwrap();
    for day in ["", "2026-03-02", "2026-03-04"] {
        at_fault(room.posted_on(&job, day, None).await, "posted_day");
    }
    room.posted_on(&job, TODAY, None).await.unwrap();
    at_fault(room.came_back(&job.print_job_id, " ").await, "reason");

    let class = pack.printings[0].post_class;
    let counted = pb::CountBatchRequest {
        request_id: new_id(),
        post_day: TODAY.into(),
        post_class: class,
        packs: Some(0),
        pages: Some(0),
    };
    type Change = fn(&mut pb::CountBatchRequest);
    let changes: [(Change, &str); 5] = [
        (|count| count.post_day.clear(), "post_day"),
        (|count| count.post_class = 0, "post_class"),
        (|count| count.packs = None, "packs"),
        (|count| count.pages = None, "pages"),
        (|count| count.pages = Some(u32::MAX), "pages"),
    ];
    for (change, field) in changes {
        let mut request = pb::CountBatchRequest { request_id: new_id(), ..counted.clone() };
        change(&mut request);
        at_fault(room.packs().count_batch(request).await, field);
    }
    let manifest = room.manifest(TODAY, pack.printings[0].post_class()).await;
    assert!(!manifest.batch.unwrap().is_counted, "nobody has counted anything");

    // Nor is a wish taken back by not being mentioned.
    let client = || claim.client_id.clone();
    let request = pb::SetContactFlagsRequest { request_id: new_id(), client_id: client(), ..Default::default() };
    at_fault(asha.callbacks().set_contact_flags(request.clone()).await, "do_not_call");
    let request = pb::SetContactFlagsRequest { do_not_call: Some(false), ..request };
    at_fault(asha.callbacks().set_contact_flags(request).await, "number_check");
    let request = pb::SetReminderPreferenceRequest {
        request_id: new_id(),
        client_id: client(),
        channel: pb::ReminderChannel::Text.into(),
        wanted: None,
    };
    at_fault(asha.reminders().set_reminder_preference(request).await, "wanted");
});

/// One of the printings of a pack; those of one moment have no order.
fn printing<'a>(pack: &'a pb::Pack, job: &pb::PrintJob) -> &'a pb::Printing {
    pack.printings.iter().find(|printing| printing.print_job_id == job.print_job_id).unwrap()
}

story!(what_is_reported_again_corrects_and_what_was_said_before_is_kept, |world| {
    let PackPeople { asha, lena, room, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let other = world.print_room("Rita", "somerset").await;
    let all = pack.pages;
    let job = room.leases_one().await;

    // Spoiled, counted wrongly, and counted again: the same job stands for it.
    let again = spoils(&room, &job, job.attempt, Some(2)).await.unwrap();
    let same = spoils(&other, &job, job.attempt, Some(3)).await.unwrap();
    assert_eq!(again.print_job_id, same.print_job_id);
    spoils(&room, &job, job.attempt, Some(3)).await.unwrap();
    refused(prints(&room, &job, job.attempt, Some(1)).await, "JOB_SPOILED");

    let job = room.leases_one().await;
    assert_eq!(job.print_job_id, again.print_job_id);
    prints(&room, &job, job.attempt, Some(all - 1)).await.unwrap();
    world.wait(60);
    let corrected = prints(&other, &job, job.attempt, Some(all)).await.unwrap();
    assert_eq!(printing(&corrected, &job).printed_pages, all);
    prints(&other, &job, job.attempt, Some(all)).await.unwrap();
    world.wait(86_400);
    room.posted_on(&job, "2026-03-04", None).await.unwrap();
    world.wait(60);
    let posted = other.posted_on(&job, TODAY, None).await.unwrap();
    assert_eq!(printing(&posted, &job).posted_day, TODAY);
    room.came_back(&job.print_job_id, "gone away").await.unwrap();
    world.wait(60);
    room.came_back(&job.print_job_id, "no such number").await.unwrap();
    world.wait(60);
    // Also what was counted of a pack that has left.
    let report =
        pb::PrintedReport { print_job_id: job.print_job_id.clone(), attempt: job.attempt, pages: Some(all - 2) };
    let wrong = pb::PrintedReport { pages: Some(all + 1), ..report.clone() };
    let request = pb::ReportAllPrintedRequest { request_id: new_id(), reports: vec![report, wrong] };
    let told = room.packs().report_all_printed(request).await.unwrap().into_inner().refused;
    assert_eq!(told.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["INVALID"], "{told:?}");

    use pb::CorrectedReport::{PostedDay, PrintedPages, ReturnReason, SpoiledPages};
    let text = |number: u32| number.to_string();
    let expected = [
        (SpoiledPages, "2".into(), "3".into(), "Rita".into()),
        (PrintedPages, text(all - 1), text(all), "Rita".into()),
        (PostedDay, "2026-03-04".into(), TODAY.into(), "Rita".into()),
        (ReturnReason, "gone away".into(), "no such number".into(), "Ron".into()),
        (PrintedPages, text(all), text(all - 2), "Ron".into()),
    ];
    assert_eq!(corrections(&asha, &pack.pack_id).await, expected);

    let (day, class) = (pack.printings[0].post_day.clone(), pack.printings[0].post_class());
    assert_eq!(
        room.counts(&day, class, 1, all).await.corrections.len(),
        expected.len(),
        "a first count corrects nothing"
    );
    world.wait(60);
    let manifest = other.counts(&day, class, 1, all - 2).await;
    let last = manifest.corrections.last().unwrap();
    assert_eq!((last.what(), &last.was, &last.became), (pb::CorrectedReport::CountedPages, &text(all), &text(all - 2)));
    assert_eq!((last.print_job_id.as_str(), last.corrected_by_name.as_str()), ("", "Rita"));
    assert_eq!(lena.manifest(&day, class).await.corrections, manifest.corrections);
    let audit = "SELECT CAST(COUNT(*) AS TEXT) FROM audit WHERE action = 'print_report_corrected'";
    assert_eq!(world.look_inside().await.texts(audit).await, [expected.len().to_string()]);
});

story!(a_pack_that_lacks_pages_leaves_with_a_word_only, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let job = room.leases_one().await;
    prints(&room, &job, job.attempt, Some(job.pages - 1)).await.unwrap();
    let status = room.posted_on(&job, TODAY, None).await.unwrap_err();
    assert_eq!(reason(&status), "PACK_INCOMPLETE", "{status:?}");
    assert!(status.message().contains(&format!("{} of its {} pages", job.pages - 1, job.pages)), "{status:?}");
    at_fault(room.posted_on(&job, TODAY, Some("  ")).await, "incomplete_reason");
    assert_eq!(asha.pack(&pack.pack_id).await.state(), State::Printed);

    let posted = room.posted_on(&job, TODAY, Some("the last page is blank")).await.unwrap();
    assert_eq!(posted.state(), State::Posted);
    assert_eq!(posted.printings[0].incomplete_reason, "the last page is blank");
    let manifest = room.manifest(TODAY, pack.printings[0].post_class()).await;
    assert_eq!(manifest.differences[0].what, "PAGES");
    assert!(manifest.differences[0].sentence.contains("it left so: the last page is blank"), "{manifest:?}");

    // Counted again, it was whole; nothing needs to be said of it then.
    let (claim, _) = start_up_done(&world, &asha, "Pugh").await;
    asha.awaits_pack(&claim.claim_id).await;
    let job = room.leases_one().await;
    prints(&room, &job, job.attempt, Some(1)).await.unwrap();
    prints(&room, &job, job.attempt, Some(job.pages)).await.unwrap();
    at_fault(room.posted_on(&job, TODAY, Some("no need")).await, "incomplete_reason");
    room.posted_on(&job, TODAY, None).await.unwrap();

    // Whoever collects a pack is not handed less of it without a word either.
    let (_, claim) = client_with_facts(&asha, frome_facts()).await;
    asha.save(&claim.claim_id, vec![draft("A1", &json!(["JSA"]), 0)]).await.unwrap();
    let slot = asha.find_slots(&claim.claim_id).await.remove(0);
    let held = asha.hold(&claim.claim_id, &slot).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap();
    asha.completes(&claim.claim_id, pb::Delivery::Collect, "Frome office, from nine").await.unwrap();
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let job = room.leases_one().await;
    assert_eq!((job.envelope(), job.delivery()), (pb::Envelope::None, pb::Delivery::Collect));
    prints(&room, &job, job.attempt, Some(1)).await.unwrap();
    refused(asha.hands_over(&pack.pack_id).await, "PACK_INCOMPLETE");
    let request = pb::ReportHandedOverRequest {
        request_id: new_id(),
        pack_id: pack.pack_id.clone(),
        incomplete_reason: Some("the client is in a hurry".into()),
    };
    let handed = asha.packs().report_handed_over(request).await.unwrap().into_inner().pack.unwrap();
    assert_eq!(handed.printings[0].incomplete_reason, "the client is in a hurry");
});

story!(a_print_job_says_what_a_print_room_needs_to_know_without_opening_it, |world| {
    let PackPeople { asha, lena, room, .. } = pack_people(&world).await;
    let looks = [
        ("en", "", false, pb::PrintLook::English),
        ("cy", "", false, pb::PrintLook::SideBySide),
        ("cy", "facing", false, pb::PrintLook::Facing),
        ("en", "", true, pb::PrintLook::English),
    ];
    for (language, layout, large_print, look) in looks {
        let facts = pb::ClientFacts {
            letter_language: language.into(),
            letter_layout: layout.into(),
            large_print,
            ..frome_facts()
        };
        let (_, claim) = client_with_facts(&asha, facts).await;
        asha.save(&claim.claim_id, vec![draft("A1", &json!(["JSA"]), 0)]).await.unwrap();
        asha.book_kind(&claim.claim_id, "first-meeting").await;
        asha.complete_start_up(&claim.claim_id).await.unwrap();
        let pack = asha.awaits_pack(&claim.claim_id).await;
        let job = room.leases_one().await;
        assert_eq!((&job.kind, &job.language, job.sheets), (&pack.kind, &pack.language, pack.sheets));
        assert_eq!((job.language.as_str(), job.large_print, job.look()), (language, large_print, look));
        assert_eq!(job.sides(), pb::PrintSides::TwoLongEdge);
        // The pilot's C5 envelopes hold eight sheets.
        let envelope = if pack.sheets > 8 { pb::Envelope::C4 } else { pb::Envelope::C5 };
        assert_eq!(job.envelope(), envelope);
        let begun = room.begins(&job, "Canon").await.unwrap();
        assert_eq!((begun.sheets, begun.look(), begun.envelope()), (job.sheets, job.look(), job.envelope()));
        room.printed(&job).await.unwrap();
        room.posted(&job).await.unwrap();
        // Of a pack printed in part, it is the part's.
        lena.reprints(&pack.pack_id, (2, 2)).await.unwrap();
        let part = until("the reprint", || async { room.lease(1).await.unwrap().pop() }).await;
        assert_eq!((part.sheets, part.sides(), part.envelope()), (1, pb::PrintSides::One, pb::Envelope::C5));
        room.printed(&part).await.unwrap();
        room.posted(&part).await.unwrap();
    }
});
