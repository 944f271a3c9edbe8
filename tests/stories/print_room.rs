//! A pack's way from the composer to the doormat: queued, printed, posted, counted; and whatever goes wrong on it.

use crate::support::faults::{fields, reason};
use crate::support::print_steps::{PackPeople, pack_people};
use crate::support::steps::{client_with_facts, draft, frome_facts, start_up_done};
use crate::support::values::{new_id, time};
use crate::support::{Person, World, at, until};
use serde_json::json;
use startline::grpc::pb;
use startline::grpc::pb::PackState as State;
use tonic::Code;

const TODAY: &str = "2026-03-03";
const TOMORROW: &str = "2026-03-04";
/// Before the cut-off of the stories' day, and after it.
const AFTERNOON: &str = "2026-03-03T17:29:00Z";
const EVENING: &str = "2026-03-03T17:31:00Z";

fn whats(manifest: &pb::Manifest) -> Vec<&str> {
    manifest.differences.iter().map(|difference| difference.what.as_str()).collect()
}

fn tally(tally: &Option<pb::Tally>) -> (u32, u32) {
    tally.as_ref().map_or((0, 0), |tally| (tally.packs, tally.pages))
}

/// Every pack queued is in exactly one place.
fn adds_up(manifest: &pb::Manifest) {
    let places = [
        &manifest.open,
        &manifest.waiting,
        &manifest.posted,
        &manifest.returned,
        &manifest.spoiled,
        &manifest.cancelled,
    ];
    let packs: u32 = places.iter().map(|place| tally(place).0).sum();
    assert_eq!(tally(&manifest.queued).0, packs, "{manifest:?}");
    assert_eq!(manifest.printings.len(), usize::try_from(packs).unwrap());
}

/// The post that a pack is to leave with.
fn post_of(pack: &pb::Pack) -> (String, pb::PostClass) {
    let printing = pack.printings.last().unwrap();
    (printing.post_day.clone(), printing.post_class())
}

async fn refused<T: std::fmt::Debug>(answer: Result<T, tonic::Status>, why: &str) {
    let status = answer.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, why), "{status:?}");
}

story!(a_pack_is_printed_posted_and_counted_and_anybody_can_say_where_it_is, |world| {
    let PackPeople { asha, room, lena, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    assert_eq!((pack.state(), pack.kind.as_str(), pack.claim_revision > 2), (State::Queued, "claim", true));
    let (day, class) = post_of(&pack);
    assert_eq!((day.as_str(), class), (TODAY, pb::PostClass::First), "only first class is there before the meeting");
    assert_eq!(pack.arrives_by, TOMORROW);

    let job = room.leases_one().await;
    assert_eq!((job.first_page, job.last_page, job.pages), (1, pack.pages, pack.pages));
    assert_eq!(asha.pack(&pack.pack_id).await.state(), State::Leased);
    room.begins(&job, "Canon by the door").await.unwrap();
    let printing = asha.pack(&pack.pack_id).await;
    assert_eq!((printing.state(), printing.printings[0].printer.as_str()), (State::Printing, "Canon by the door"));
    let early = room.counts(TODAY, class, 0, 0).await;
    assert_eq!((tally(&early.open), whats(&early).len()), ((1, pack.pages), 0), "the post is not closed yet");
    assert_eq!(room.printed_pages(&job, pack.pages).await.unwrap().state(), State::Printed);
    refused(room.hands_over(&pack.pack_id).await, "GOES_BY_POST").await;
    let posted = room.posted(&job).await.unwrap();
    assert_eq!((posted.state(), posted.printings[0].posted_day.as_str()), (State::Posted, TODAY));
    assert_eq!(asha.claim(&claim.claim_id).await.state(), pb::ClaimState::Posted);

    world.wait_until(at(EVENING));
    let closed = until("the post to close", || async {
        let manifest = lena.manifest(TODAY, class).await;
        manifest.batch.as_ref().unwrap().closed_time.is_some().then_some(manifest)
    })
    .await;
    adds_up(&closed);
    assert_eq!(
        (tally(&closed.posted), whats(&closed).len()),
        ((1, pack.pages), 2),
        "what was counted is not what left"
    );
    let counted = room.counts(TODAY, class, 1, pack.pages).await;
    assert_eq!(whats(&counted), Vec::<&str>::new());
    assert_eq!(whats(&room.counts(TODAY, class, 2, pack.pages).await), ["COUNTED_PACKS"]);

    let returned = room.came_back(&job.print_job_id, "gone away").await.unwrap();
    assert_eq!((returned.state(), returned.printings[0].reason.as_str()), (State::Returned, "gone away"));
    assert_eq!(returned.arrives_by, "");
    adds_up(&lena.manifest(TODAY, class).await);
});

story!(a_job_begun_on_a_printer_is_nobody_elses_whatever_becomes_of_its_lease, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let other = world.print_room("Rita", "somerset").await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let job = room.leases_one().await;
    refused(other.begins(&job, "Canon").await, "LEASE_LOST").await;
    room.begins(&job, "Canon").await.unwrap();
    room.begins(&job, "Canon").await.unwrap();
    refused(room.begins(&job, "Ricoh").await, "ALREADY_PRINTING").await;
    world.wait(3600);
    assert!(other.lease(5).await.unwrap().is_empty(), "it may be lying in the tray");
    // Somebody looks into the tray, finds nothing, and says so.
    assert_eq!(other.gives_back(&job).await.unwrap().state(), State::Queued);
    let again = other.leases_one().await;
    assert_eq!((again.print_job_id.as_str(), again.attempt), (job.print_job_id.as_str(), 2));
    refused(room.printed(&job).await, "LEASE_LOST").await;
    // A pack with a page too few is a difference with a name.
    other.printed_pages(&again, pack.pages - 1).await.unwrap();
    let (day, class) = post_of(&pack);
    let manifest = room.manifest(&day, class).await;
    assert_eq!(whats(&manifest), ["PAGES"]);
    assert!(manifest.differences[0].sentence.contains(&format!("{} were printed", pack.pages - 1)));
});

story!(spoiled_paper_makes_a_new_job_that_is_printed_before_all_others, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let (first, _) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&first.claim_id).await;
    let job = room.leases_one().await;
    let (second, _) = start_up_done(&world, &asha, "Pugh").await;
    asha.awaits_pack(&second.claim_id).await;
    let spoiled = room.spoiled(&job, "the printer ate page one").await.unwrap();
    assert_ne!(spoiled.print_job_id, job.print_job_id);
    assert_eq!(spoiled.pack.unwrap().state(), State::Queued);
    let next = room.leases_one().await;
    assert_eq!(next.print_job_id, spoiled.print_job_id, "an envelope waits for it");
    room.printed(&next).await.unwrap();
    room.posted(&next).await.unwrap();
    refused(room.spoiled(&next, "too late").await, "ALREADY_POSTED").await;
    let (day, class) = post_of(&pack);
    let manifest = room.manifest(&day, class).await;
    adds_up(&manifest);
    assert_eq!((tally(&manifest.spoiled), tally(&manifest.posted)), ((1, 1), (1, pack.pages)));
});

story!(a_pack_can_be_taken_out_of_the_post_until_the_cut_off_and_not_after, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let (first, _) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&first.claim_id).await;
    world.wait(60);
    let (second, _) = start_up_done(&world, &asha, "Pugh").await;
    let other = asha.awaits_pack(&second.claim_id).await;
    let job = room.leases_one().await;
    room.begins(&job, "Canon").await.unwrap();
    refused(asha.cancels_pack(&pack.pack_id).await, "BEING_PRINTED").await;
    room.printed(&job).await.unwrap();
    world.wait_until(at(AFTERNOON));
    let cancelled = asha.cancels_pack(&pack.pack_id).await.unwrap();
    assert_eq!(
        (cancelled.state(), cancelled.printings[0].reason.as_str()),
        (State::Cancelled, "the client moves house")
    );
    refused(room.posted(&job).await, "JOB_CANCELLED").await;
    let (day, class) = post_of(&pack);
    assert_eq!(whats(&room.manifest(&day, class).await), ["TAKE_OUT"], "there is paper to destroy");
    world.wait_until(at(EVENING));
    refused(asha.cancels_pack(&other.pack_id).await, "POST_CLOSED").await;
    assert_eq!(asha.pack(&other.pack_id).await.state(), State::Queued);
    // What is asked for again goes with the next post.
    let again = asha.compose_pack(&first.claim_id).await.unwrap();
    assert_eq!((again.pack_id, again.state), (pack.pack_id, State::Queued.into()));
    assert_eq!(again.printings.last().unwrap().post_day, TOMORROW);
});

story!(a_change_makes_a_new_pack_that_takes_the_place_of_the_old, |world| {
    let PackPeople { asha, petra, room, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let old = asha.awaits_pack(&claim.claim_id).await;
    world.wait(60);
    petra.amend(&claim.claim_id, "A1", &json!(["JSA", "HB"]), 1, "RJF").await.unwrap();
    let new = asha.compose_pack(&claim.claim_id).await.unwrap();
    assert_eq!((new.replaces_pack_id.as_str(), new.claim_revision), (old.pack_id.as_str(), old.claim_revision + 1));
    assert_ne!(new.sha256, old.sha256);
    let stopped = asha.pack(&old.pack_id).await;
    assert_eq!(
        (stopped.state(), &stopped.sha256),
        (State::Cancelled, &old.sha256),
        "the document itself never changes"
    );
    let jobs = room.lease(10).await.unwrap();
    assert_eq!(jobs.iter().map(|job| job.pack_id.as_str()).collect::<Vec<_>>(), [new.pack_id.as_str()]);
    room.begins(&jobs[0], "Canon").await.unwrap();

    // One pack a client and day: what is printed can no longer be stopped, so the next goes with the next post.
    world.wait(60);
    petra.amend(&claim.claim_id, "A1", &json!(["JSA"]), 2, "RJF").await.unwrap();
    let third = asha.compose_pack(&claim.claim_id).await.unwrap();
    assert_eq!(post_of(&third).0, TOMORROW);
    assert_eq!(asha.pack(&new.pack_id).await.state(), State::Printing);
    world.wait(60);
    petra.amend(&claim.claim_id, "A1", &json!(["JSA", "CTB"]), 3, "RJF").await.unwrap();
    let request = pb::ComposePackRequest { request_id: new_id(), claim_id: claim.claim_id.clone(), force: true };
    let forced = asha.packs().compose_pack(request).await.unwrap().into_inner().pack.unwrap();
    assert_eq!(post_of(&forced).0, TODAY);
    assert_eq!(asha.pack(&third.pack_id).await.state(), State::Cancelled);

    let listed = asha.packs_of_client(&claim.client_id).await;
    let ids: Vec<&str> = listed.iter().map(|pack| pack.pack_id.as_str()).collect();
    assert_eq!(ids, [&forced.pack_id, &third.pack_id, &new.pack_id, &old.pack_id]);
});

story!(a_pack_is_printed_again_whole_or_in_part_from_the_document_as_it_was_stored, |world| {
    let PackPeople { asha, lena, room, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    room.print_and_post().await;
    world.wait(60);
    assert_eq!(asha.reprints(&pack.pack_id, (0, 0)).await.unwrap_err().code(), Code::PermissionDenied);
    for pages in [(3, 2), (0, 2), (1, pack.pages + 1)] {
        assert_eq!(lena.reprints(&pack.pack_id, pages).await.unwrap_err().code(), Code::InvalidArgument, "{pages:?}");
    }
    let part = lena.reprints(&pack.pack_id, (2, 3)).await.unwrap();
    world.wait(60);
    assert_eq!(part.pack.unwrap().state(), State::Posted, "the pack is where it was; two pages of it are printed");
    let job = room.leases_one().await;
    assert_eq!((job.print_job_id, job.first_page, job.last_page, job.pages), (part.print_job_id, 2, 3, 2));
    let whole = lena.reprints(&pack.pack_id, (0, 0)).await.unwrap();
    assert_eq!(whole.pack.unwrap().state(), State::Queued);
    let printings = asha.pack(&pack.pack_id).await.printings;
    assert_eq!(
        printings.iter().map(|printing| printing.reason.as_str()).collect::<Vec<_>>(),
        ["", "the dog ate it", "the dog ate it"]
    );
});

/// A claim whose meeting is booked, and whose start-up is not yet done.
async fn nearly_done(asha: &Person) -> pb::Claim {
    let (_, claim) = client_with_facts(asha, frome_facts()).await;
    asha.save(&claim.claim_id, vec![draft("A1", &json!(["JSA"]), 0)]).await.unwrap();
    let slot = asha.find_slots(&claim.claim_id).await.remove(0);
    let held = asha.hold(&claim.claim_id, &slot).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap();
    claim
}

story!(a_pack_that_would_come_too_late_is_told_before_the_call_ends, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let claim = nearly_done(&asha).await;
    let id = &claim.claim_id;
    let soon = asha.outlook(id).await;
    assert!(soon.is_in_time && soon.faults.is_empty(), "{soon:?}");
    assert_eq!((soon.post_day.as_str(), soon.arrives_by.as_str()), (TODAY, TOMORROW));
    assert_eq!(soon.address_lines.last().map(String::as_str), Some(frome_facts().postcode.as_str()));
    world.wait_until(at(EVENING));
    let late = asha.outlook(id).await;
    assert!(!late.is_in_time && late.arrives_by >= late.meeting_day, "{late:?}");
    refused(asha.complete_start_up(id).await, "PACK_TOO_LATE").await;
    let wrong = asha.completes(id, pb::Delivery::Email, "nobody").await.unwrap_err();
    assert_eq!(fields(&wrong), ["delivery_to"]);
    asha.completes(id, pb::Delivery::Collect, "Frome office, from nine").await.unwrap();
    let pack = asha.awaits_pack(id).await;
    assert_eq!((pack.delivery(), pack.delivery_to.as_str()), (pb::Delivery::Collect, "Frome office, from nine"));
    refused(asha.hands_over(&pack.pack_id).await, "NOT_PRINTED").await;
    let waiting = pb::ListPacksRequest { to_hand_over: true, ..Default::default() };
    assert_eq!(asha.packs().list_packs(waiting.clone()).await.unwrap().into_inner().packs.len(), 1);
    let job = room.leases_one().await;
    room.printed(&job).await.unwrap();
    let handed = asha.hands_over(&pack.pack_id).await.unwrap();
    assert_eq!(handed.state(), State::HandedOver);
    assert_eq!(asha.claim(id).await.state(), pb::ClaimState::Posted);
    assert!(asha.packs().list_packs(waiting).await.unwrap().into_inner().packs.is_empty());

    let by_email = nearly_done(&asha).await;
    asha.completes(&by_email.claim_id, pb::Delivery::Email, "ann@example.org").await.unwrap();
    let pack = asha.awaits_pack(&by_email.claim_id).await;
    assert_eq!((pack.state(), pack.printings.len()), (State::Composed, 0), "nothing is printed");
    assert_eq!(asha.hands_over(&pack.pack_id).await.unwrap().state(), State::HandedOver);
});

/// What is printed in a place instead of a name in another script.
pub fn in_latin(place: &str) -> &'static str {
    if place == "address" { "Ms Ming\n14 Castle Street\nFrome\nBA11 1AA" } else { "Ming" }
}

story!(what_cannot_be_printed_waits_on_a_list_until_somebody_mends_it, |world| {
    let PackPeople { asha, room, lena, .. } = pack_people(&world).await;
    let (_, claim) = client_with_facts(&asha, pb::ClientFacts { last_name: "明".into(), ..frome_facts() }).await;
    let id = &claim.claim_id;
    asha.save(id, vec![draft("A1", &json!(["JSA"]), 0)]).await.unwrap();
    let slot = asha.find_slots(id).await.remove(0);
    let held = asha.hold(id, &slot).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap();
    asha.complete_start_up(id).await.unwrap();
    let exception = until("the exception", || async { room.exceptions().await.pop() }).await;
    assert_eq!((exception.kind.as_str(), exception.record_id.as_str()), ("claim", id.as_str()));
    assert!(exception.faults.iter().all(|fault| fault.reason == "GLYPH" && !fault.mend.is_empty()), "{exception:?}");
    assert!(exception.faults.iter().all(|fault| !fault.sentence.is_empty() && !fault.place.is_empty()));
    assert!(room.lease(5).await.unwrap().is_empty() && asha.pack_of(id).await.is_none());
    assert!(world.print_room("Rita", "south-east-gwent").await.exceptions().await.is_empty());

    let unknown = asha.mends(&exception.exception_id, "question Z9", "x").await.unwrap_err();
    assert_eq!(fields(&unknown), ["replacements[0].place"]);
    // One place after the other: each time it is told what is left.
    let place = exception.faults[0].place.clone();
    let mut mended = asha.mends(&exception.exception_id, &place, in_latin(&place)).await.unwrap();
    for _ in 1..exception.faults.len() {
        let Some(left) = mended.exception.as_ref().unwrap().faults.first().filter(|_| mended.pack.is_none()) else {
            break;
        };
        mended = asha.mends(&exception.exception_id, &left.place, in_latin(&left.place)).await.unwrap();
    }
    assert_eq!(mended.exception.as_ref().unwrap().outcome, "composed", "{mended:?}");
    let pack = mended.pack.unwrap();
    assert_eq!(pack.state(), State::Queued);
    assert!(room.exceptions().await.is_empty());
    refused(asha.mends(&exception.exception_id, &place, "Min").await, "EXCEPTION_SETTLED").await;
    assert_eq!(asha.client(&claim.client_id).await.facts.unwrap().last_name, "明", "the record keeps what was said");
    let dismiss = pb::DismissPackExceptionRequest { request_id: new_id(), exception_id: exception.exception_id };
    refused(lena.packs().dismiss_pack_exception(dismiss).await, "EXCEPTION_SETTLED").await;
});

story!(a_scanned_page_leads_back_to_its_claim_and_says_whether_it_is_the_newest, |world| {
    use startline::packs::barcode::{Barcode, encode, short_version};
    let PackPeople { asha, petra, room, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let of_page = |pack: &pb::Pack, index: usize, page: u32| {
        encode(&Barcode {
            pack: startline::ids::PackId::parse("pack_id", &pack.pack_id).unwrap(),
            document: u8::try_from(index + 1).unwrap(),
            page: u16::try_from(page).unwrap(),
            count: u16::try_from(pack.pages).unwrap(),
            definition: short_version(&pack.definition_version.as_str().into()),
        })
    };
    let find = async |text: String| room.packs().find_by_barcode(pb::FindByBarcodeRequest { barcode: text }).await;
    for (index, document) in pack.documents.iter().enumerate() {
        let page = document.first_page + document.pages - 1;
        let found = find(of_page(&pack, index, page)).await.unwrap().into_inner();
        assert_eq!(found.pack.unwrap().claim_id, claim.claim_id);
        assert_eq!((found.document.unwrap().kind, found.page, found.is_newest), (document.kind.clone(), page, true));
    }
    // A code that checks out but fits no document of the pack is none of ours.
    assert_eq!(fields(&find(of_page(&pack, 0, pack.pages)).await.unwrap_err()), ["barcode"]);
    assert_eq!(fields(&find("S1GARBAGE".into()).await.unwrap_err()), ["barcode"]);
    world.wait(60);
    petra.amend(&claim.claim_id, "A1", &json!(["JSA", "HB"]), 1, "RJF").await.unwrap();
    let new = asha.compose_pack(&claim.claim_id).await.unwrap();
    let found = find(of_page(&pack, 0, 1)).await.unwrap().into_inner();
    assert_eq!((found.is_newest, found.replaced_by_pack_id), (false, new.pack_id));
});

story!(nothing_of_a_withdrawn_claim_goes_out_and_all_of_it_when_it_is_reopened_and_has_a_meeting, |world| {
    let PackPeople { asha, lena, room, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    asha.withdraw(&claim.claim_id, "found work").await.unwrap();
    let stopped = asha.awaits_state(&pack.pack_id, State::Cancelled).await;
    assert_eq!(stopped.printings[0].reason, "the claim was withdrawn");
    assert!(room.lease(5).await.unwrap().is_empty());
    lena.reopen(&claim.claim_id, "the work came to nothing").await.unwrap();
    asha.book_kind(&claim.claim_id, "first-meeting").await;
    let anew = newer_than(&asha, &claim, &pack).await;
    assert_eq!((&anew.replaces_pack_id, room.leases_one().await.pack_id), (&pack.pack_id, anew.pack_id.clone()));
});

/// The kinds of what was sent to a client, the newest first.
async fn kinds(asha: &Person, client: &str) -> Vec<String> {
    asha.packs_of_client(client).await.into_iter().map(|pack| pack.kind).collect()
}

async fn is_sent(asha: &Person, client: &str, kind: &str) -> pb::Pack {
    let what = format!("a letter of the kind {kind}");
    until(&what, || async { asha.packs_of_client(client).await.into_iter().find(|pack| pack.kind == kind) }).await
}

async fn moved_later(world: &World, asha: &Person, claim: &pb::Claim, meeting: &pb::Appointment) {
    // Packs and letters of one moment have no order.
    world.wait(60);
    let slots = asha.find_slots(&claim.claim_id).await;
    let slot = slots.iter().max_by_key(|slot| time(slot.start_time)).unwrap();
    let request = pb::MoveAppointmentRequest {
        request_id: new_id(),
        appointment_id: meeting.appointment_id.clone(),
        personal_adviser_id: slot.personal_adviser_id.clone(),
        start_time: slot.start_time,
        reason: pb::CancelReason::ClientAsked.into(),
        ..Default::default()
    };
    asha.diary().move_appointment(request).await.unwrap();
}

story!(a_meeting_that_moves_is_in_the_claims_own_pack_or_in_a_letter, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let (claim, meeting) = start_up_done(&world, &asha, "Fry").await;
    let first = asha.awaits_pack(&claim.claim_id).await;
    moved_later(&world, &asha, &claim, &meeting).await;
    // Nobody has begun to print the pack: a new one says the new time.
    asha.awaits_state(&first.pack_id, State::Cancelled).await;
    let second = newer_than(&asha, &claim, &first).await;
    assert_eq!((second.replaces_pack_id, second.kind.as_str()), (first.pack_id, "claim"));
    room.print_and_post().await;

    moved_later(&world, &asha, &claim, &meeting).await;
    let letter = is_sent(&asha, &claim.client_id, "new_time").await;
    assert_eq!((letter.claim_id.as_str(), letter.state()), (claim.claim_id.as_str(), State::Queued));
    assert_eq!(post_of(&letter).0, TOMORROW, "one pack a client and day");
    assert_eq!(kinds(&asha, &claim.client_id).await, ["new_time", "claim", "claim"]);
});

story!(a_meeting_that_is_put_off_is_told_by_letter, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    asha.awaits_pack(&claim.claim_id).await;
    room.print_and_post().await;
    asha.defer_meeting(&claim.claim_id, "health", "2026-04-01").await.unwrap();
    let letter = is_sent(&asha, &claim.client_id, "deferral").await;
    assert_eq!((letter.claim_id.as_str(), letter.documents.len()), (claim.claim_id.as_str(), 1));
});

/// The claim's newest pack, once it is another one.
async fn newer_than(asha: &Person, claim: &pb::Claim, pack: &pb::Pack) -> pb::Pack {
    until("another pack", || async {
        asha.pack_of(&claim.claim_id).await.filter(|newest| newest.pack_id != pack.pack_id)
    })
    .await
}

story!(a_meeting_that_is_booked_anew_is_in_the_clients_pack_and_no_pack_is_given_up_for_want_of_one, |world| {
    let PackPeople { asha, lena, .. } = pack_people(&world).await;
    let admin = world.add("Ada", startline::access::Role::Admin, None).await;
    let (_, claim) = client_with_facts(&asha, frome_facts()).await;
    let id = &claim.claim_id;
    asha.save(id, vec![draft("A1", &json!(["JSA"]), 0)]).await.unwrap();
    let meeting = asha.book_kind(id, "first-meeting").await;
    asha.completes(id, pb::Delivery::Post, "").await.unwrap();
    let first = asha.awaits_pack(id).await;
    asha.cancel_meeting(&meeting.appointment_id).await;
    let anew = asha.book_kind(id, "first-meeting").await;
    let second = newer_than(&asha, &claim, &first).await;
    assert_eq!(second.replaces_pack_id, first.pack_id);
    assert_eq!(asha.pack(&first.pack_id).await.state(), State::Cancelled);

    // Back without a meeting: nothing falls over, and the pack goes out when there is one.
    asha.withdraw(id, "found work").await.unwrap();
    asha.cancel_meeting(&anew.appointment_id).await;
    lena.reopen(id, "the job fell through").await.unwrap();
    until("the jobs to be worked off", || async {
        let request = pb::ListJobsRequest::default();
        let open = admin.operations().list_jobs(request).await.unwrap().into_inner().jobs;
        assert!(open.iter().all(|job| job.last_error.is_empty()), "{open:?}");
        open.is_empty().then_some(())
    })
    .await;
    asha.book_kind(id, "first-meeting").await;
    let third = newer_than(&asha, &claim, &second).await;
    assert_eq!(third.state(), State::Queued);
});
