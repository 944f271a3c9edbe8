//! A week of one site: the clocks go forward on the Sunday before, an adviser is ill on Tuesday, Friday is Good Friday. Each
//! morning the lists and the figures are what the week has made them.

use crate::support::callback_steps::{every_day, supervisor, to_time};
use crate::support::claim_steps::claim_for;
use crate::support::followup_steps::{kinds, the};
use crate::support::steps::frome_facts;
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Person, at};
use chrono::{DateTime, Utc};
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use tonic::Code;

async fn client(desk: &Person, name: &str) -> String {
    let facts = pb::ClientFacts { last_name: name.into(), ..frome_facts() };
    desk.create_client(facts).await.unwrap().client_id
}

async fn first_slots(desk: &Person, claim: &str) -> Vec<pb::Slot> {
    let request = pb::FindSlotsRequest { claim_id: claim.into(), page_size: 50, ..Default::default() };
    desk.diary().find_slots(request).await.unwrap().into_inner().slots
}

/// The call-back is made, the client claims Income Support and is reached.
async fn start_up(desk: &Person, callback: &pb::Callback) -> String {
    desk.start_attempt(&callback.callback_id).await.unwrap();
    let claim = desk.open_claim(&callback.client_id).await.claim_id;
    claim_for(desk, &claim, &json!(["IS"])).await;
    desk.record_attempt(&callback.callback_id, pb::AttemptOutcome::Reached).await.unwrap();
    claim
}

async fn meet_at(desk: &Person, claim: &str, with: &Person, start: DateTime<Utc>) -> pb::Appointment {
    let slot =
        pb::Slot { personal_adviser_id: with.id.clone(), start_time: Some(timestamp(start)), ..Default::default() };
    let booked = desk.book_at(claim, &slot, pb::MeetingWishes::default()).await.unwrap();
    desk.complete_start_up(claim).await.unwrap();
    booked
}

async fn day(person: &Person, day: &str) -> Vec<(String, pb::AppointmentState)> {
    let request = pb::ListDayRequest { office_id: "frome".into(), day: day.into(), ..Default::default() };
    let all = person.diary().list_day(request).await.unwrap().into_inner().appointments;
    all.iter().map(|one| (one.client_name.split(' ').next_back().unwrap().to_owned(), one.state())).collect()
}

/// Who is due, and how late; of those due at one moment, by name.
fn names(callbacks: &[pb::Callback]) -> Vec<(&str, u32)> {
    let mut all: Vec<(&str, u32)> =
        callbacks.iter().map(|one| (one.client_name.split(' ').next_back().unwrap(), one.late_seconds)).collect();
    all.sort_unstable();
    all
}

story!(a_week_of_a_site, |world| {
    use pb::AppointmentState::{Attended, Booked, Failed};
    let (asha, bilal) = (world.adviser("Asha", "somerset").await, world.adviser("Bilal", "somerset").await);
    let sunil = supervisor(&world).await;
    for adviser in [&asha, &bilal] {
        sunil.sets_roster(adviser, every_day("09:00", "17:00")).await;
    }
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let rita = world.add("Rita", Role::Reception, Some("somerset")).await;

    // Thursday: call-backs are promised for the week to come, at nine by the clock on the wall, which has moved by then.
    world.wait_until(at("2026-03-26T09:00:00Z"));
    let (monday_nine, tuesday_nine) = (at("2026-03-30T08:00:00Z"), at("2026-03-31T08:00:00Z"));
    let mut promised = Vec::new();
    for (name, start) in [("Able", monday_nine), ("Baker", monday_nine), ("Carr", tuesday_nine), ("Dean", tuesday_nine)]
    {
        let client = client(&asha, name).await;
        let wishes = pb::CallbackWishes { not_before_time: Some(timestamp(start)), ..Default::default() };
        let offers = asha.offers(&client, wishes).await;
        assert_eq!(time(offers.slots[0].start_time), start, "{name}");
        assert!(!offers.slots[0].beyond_standard);
        promised.push(asha.book_callback(&client, start).await.unwrap());
    }
    let late = client(&asha, "Eames").await;
    let full = asha.book_callback(&late, monday_nine).await.unwrap_err();
    assert_eq!(full.code(), Code::Aborted, "both advisers have a call-back then");

    // Monday: two are due, neither late.
    world.wait_until(monday_nine);
    assert_eq!(names(&asha.due_callbacks().await), [("Able", 0), ("Baker", 0)]);
    let able = start_up(&asha, &promised[0]).await;
    // Two working days for the post; four for the standard, which Good Friday and Easter Monday do not shorten.
    let slots = first_slots(&asha, &able).await;
    assert_eq!(time(slots[0].start_time), at("2026-04-01T08:00:00Z"));
    let mut inside = Vec::new();
    for slot in &slots {
        inside.push((time(slot.start_time).date_naive().to_string(), slot.within_standard));
    }
    inside.sort();
    inside.dedup();
    let expected = [("2026-04-01", true), ("2026-04-02", true), ("2026-04-07", true)];
    assert_eq!(inside, expected.map(|(day, within)| (day.to_owned(), within)));
    let ables = meet_at(&asha, &able, &petra, at("2026-04-01T08:00:00Z")).await;
    world.wait_until(at("2026-03-30T08:20:00Z"));
    assert_eq!(names(&bilal.due_callbacks().await), [("Baker", 1200)]);
    let baker = start_up(&bilal, &promised[1]).await;
    bilal.defer_meeting(&baker, "recently_bereaved", "2026-04-02").await.unwrap();
    bilal.complete_start_up(&baker).await.unwrap();

    // Tuesday: Bilal is ill. His call-back is at risk at once; nothing moves by itself.
    world.wait_until(at("2026-03-31T07:00:00Z"));
    let ill = sunil.reports_sick(&bilal, "2026-03-31").await;
    assert_eq!(ill.at_risk.len(), 1);
    let at_risk = ill.at_risk[0].callback.clone().unwrap();
    assert_eq!(time(at_risk.start_time), tuesday_nine);
    let proposed = ill.at_risk[0].proposals.iter().find_map(|proposal| proposal.slot.clone()).unwrap();
    assert!(time(proposed.start_time) >= at("2026-03-31T08:00:00Z"));
    assert_eq!(sunil.at_risk().await.len(), 1);
    let moved = asha.moves(&at_risk.callback_id, to_time(time(proposed.start_time))).await.unwrap();
    assert!(sunil.at_risk().await.is_empty());
    world.wait_until(tuesday_nine);
    let stays = promised[2..].iter().find(|one| one.callback_id != at_risk.callback_id).unwrap().clone();
    let due = asha.due_callbacks().await;
    assert_eq!(due.iter().map(|one| one.callback_id.as_str()).collect::<Vec<_>>(), [stays.callback_id.as_str()]);
    let carr = start_up(&asha, &stays).await;
    let carrs = meet_at(&asha, &carr, &petra, at("2026-04-02T08:00:00Z")).await;
    world.wait_until(time(moved.start_time));
    let dean = start_up(&asha, &moved).await;
    meet_at(&asha, &dean, &petra, at("2026-04-02T12:00:00Z")).await;
    asha.join_standby(&dean, false).await.unwrap();
    // The week's forms go out with the post.
    let room = world.print_room("the print room", "somerset").await;
    for _ in ["Able", "Baker", "Carr", "Dean"] {
        room.print_and_post().await;
    }
    let moved_name = if at_risk.client_name.ends_with("Carr") { "Carr" } else { "Dean" };

    // Wednesday: Able does not come. A telephone call is due, and a letter only after it.
    world.wait_until(at("2026-04-01T07:30:00Z"));
    assert_eq!(day(&rita, "2026-04-01").await, [("Able".to_owned(), Booked)]);
    assert!(asha.steps_due("2026-04-01").await.is_empty());
    world.wait_until(at("2026-04-01T08:15:00Z"));
    petra.record_attendance(&ables.appointment_id, pb::Attendance::Failed).await.unwrap();
    let due = asha.steps_due("2026-04-01").await;
    assert_eq!(the(&due, pb::StepKind::RingClient).opportunity, 1);
    assert!(!kinds(&asha.open_steps(&able).await).contains(&pb::StepKind::SendLetter));
    let open = asha.rang(&able, pb::PhoneOutcome::NoReply).await.unwrap();
    assert!(kinds(&open).contains(&pb::StepKind::SendLetter), "{open:?}");
    // The one who was to come first on Thursday cannot: the time goes to whoever would come sooner, and accepts.
    asha.cancel_meeting(&carrs.appointment_id).await;
    let offer = crate::support::until("an offer of the freed time", || async {
        let steps = asha.open_steps(&dean).await;
        steps.into_iter().find(|step| step.kind() == pb::StepKind::OfferEarlierTime)
    })
    .await;
    assert_eq!(time(offer.offered_time), at("2026-04-02T08:00:00Z"));
    let sooner = asha.answer_offer(&offer.standby_offer_id, pb::StandbyAnswer::Accept).await.unwrap().unwrap();
    assert_eq!(time(sooner.slot.as_ref().unwrap().start_time), at("2026-04-02T08:00:00Z"));
    assert!(asha.on_standby().await.is_empty());

    // Thursday: the deferral comes back by itself; the client is late and is met.
    world.wait_until(at("2026-04-02T07:30:00Z"));
    assert_eq!(day(&rita, "2026-04-02").await, [(moved_name.to_owned(), Booked)]);
    let review = crate::support::until("the review", || async {
        let steps = asha.steps_due("2026-04-02").await;
        steps.into_iter().find(|step| step.kind() == pb::StepKind::ArrangeDeferredMeeting)
    })
    .await;
    assert_eq!((&review.claim_id, review.meeting_kind.as_str()), (&baker, "first-meeting"));
    world.wait_until(at("2026-04-02T08:07:00Z"));
    let arrived = rita.record_attendance(&sooner.appointment_id, pb::Attendance::Arrived).await.unwrap();
    assert_eq!(arrived.late_minutes, 7);
    petra.record_attendance(&sooner.appointment_id, pb::Attendance::Attended).await.unwrap();
    // Nobody is met on Good Friday, nor on Easter Monday: Able's second opportunity and Baker's meeting are after them.
    let holiday = pb::BookAppointmentRequest {
        request_id: new_id(),
        claim_id: able.clone(),
        personal_adviser_id: petra.id.clone(),
        start_time: Some(timestamp(at("2026-04-06T08:00:00Z"))),
        ..Default::default()
    };
    let closed = asha.diary().book_appointment(holiday).await.unwrap_err();
    assert!(closed.message().contains("Tuesday 7 April"), "{}", closed.message());
    for (claim, start) in [(&able, "2026-04-07T08:00:00Z"), (&baker, "2026-04-07T09:15:00Z")] {
        let slot = pb::Slot {
            personal_adviser_id: petra.id.clone(),
            start_time: Some(timestamp(at(start))),
            ..Default::default()
        };
        asha.book_at(claim, &slot, pb::MeetingWishes::default()).await.unwrap();
    }

    // Tuesday after Easter: the morning's lists, and the week in figures.
    world.wait_until(at("2026-04-07T07:30:00Z"));
    assert_eq!(day(&rita, "2026-04-07").await, [("Able".to_owned(), Booked), ("Baker".to_owned(), Booked)]);
    assert_eq!(day(&rita, "2026-04-01").await, [("Able".to_owned(), Failed)]);
    assert_eq!(day(&rita, "2026-04-02").await, [(moved_name.to_owned(), Attended)]);
    assert!(asha.due_callbacks().await.is_empty());
    let total = sunil.attendance_report("2026-03-30", "2026-04-07").await.total.unwrap();
    assert_eq!(
        (total.booked, total.open, total.attended, total.failed, total.cancelled, total.late),
        (5, 2, 1, 1, 1, 1),
        "{total:?}"
    );
    let decisions = sunil.decision_report("2026-03-30", "2026-04-07").await;
    assert_eq!((decisions.deferred, decisions.waived, decisions.start_ups), (1, 0, 4));
    let request =
        pb::GetStandardsRequest { first_day: "2026-03-30".into(), last_day: "2026-04-07".into(), ..Default::default() };
    let standards = sunil.callbacks().get_standards(request).await.unwrap().into_inner();
    let reached: u32 = standards.days.iter().map(|day| day.to_callback.as_ref().map_or(0, |one| one.count)).sum();
    assert_eq!(reached, 4);
});
