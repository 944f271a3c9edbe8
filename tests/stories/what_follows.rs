//! A change reaches all that rests on it: the cells of the table in `service::consequences` that no other story shows.

use crate::letters::{is_away, letter, newer_than, updates};
use crate::reminders::people as with_hours;
use crate::support::callback_steps::{booking, supervisor, wednesday};
use crate::support::claim_steps::claim_for;
use crate::support::faults::{fields, reason};
use crate::support::followup_steps::{Staff, named, staff};
use crate::support::notify::NotifyStandIn;
use crate::support::print_steps::{PackPeople, pack_people};
use crate::support::steps::{Answer, client_with_claim, client_with_facts, frome_facts, start_up_done};
use crate::support::values::{new_id, time};
use crate::support::{Person, World, at, until};
use chrono::TimeDelta;
use serde_json::json;
use startline::grpc::pb;
use startline::grpc::pb::{PackState, ReminderChannel as Channel, ReminderState};
use tonic::Code;

const TUESDAY: &str = "2026-03-10T09:00:00Z";

impl Person {
    async fn hears_of_death(&self, client: &str, told_by: &str) -> Answer<pb::RecordDeathResponse> {
        self.records_death(client, told_by, None).await
    }

    async fn records_death(
        &self,
        client: &str,
        told_by: &str,
        letter_to: Option<pb::LetterTo>,
    ) -> Answer<pb::RecordDeathResponse> {
        let request = pb::RecordDeathRequest {
            request_id: new_id(),
            client_id: client.into(),
            etag: self.client(client).await.etag,
            died_date: "2026-03-01".into(),
            told_by: told_by.into(),
            letter_to,
        };
        Ok(self.clients().record_death(request).await?.into_inner())
    }

    async fn visits_wanted(&self) -> usize {
        let request = pb::ListVisitsWantedRequest::default();
        self.callbacks().list_visits_wanted(request).await.unwrap().into_inner().callbacks.len()
    }

    async fn waits_for_earlier(&self, claim: &str) {
        let request = pb::JoinStandbyRequest { request_id: new_id(), claim_id: claim.into(), ..Default::default() };
        self.follow_up().join_standby(request).await.unwrap();
    }

    async fn reminder_of(&self, appointment: &str, channel: Channel) -> Option<pb::Reminder> {
        let all = self.reminders_of(appointment).await.reminders;
        all.into_iter().find(|one| one.channel() == channel)
    }
}

/// What of the standby list is open, and what in the diary lies ahead.
async fn left(world: &World) -> (i64, i64, i64) {
    let mut inside = world.look_inside().await;
    (
        inside.number("SELECT COUNT(*) FROM standby WHERE left_at IS NULL").await,
        inside.number("SELECT COUNT(*) FROM standby_offers WHERE state = 'open'").await,
        inside.number("SELECT COUNT(*) FROM appointments WHERE state IN ('held', 'booked')").await,
    )
}

story!(a_withdrawn_claim_leaves_nobody_to_ring_to_see_or_to_offer_time_to, |world| {
    let Staff { asha, lena, petra, .. } = staff(&world).await;
    // One is to be rung, one would rather be seen, and one waits for an earlier meeting.
    let (rung, rung_claim) = client_with_claim(&asha, "Fry").await;
    let promised = booking(&rung.client_id, wednesday("11:00"));
    let promised = asha.callbacks().book_callback(promised).await.unwrap().into_inner().callback.unwrap();
    let (seen, seen_claim) = client_with_claim(&asha, "Pugh").await;
    let visit = booking(&seen.client_id, wednesday("09:00"));
    let visit = asha.callbacks().book_callback(visit).await.unwrap().into_inner().callback.unwrap();
    let (waits, meeting) = start_up_done(&world, &asha, "Hill").await;
    asha.waits_for_earlier(&waits.claim_id).await;
    world.wait_until(wednesday("09:00"));
    asha.tries(&visit.callback_id, pb::AttemptOutcome::FaceToFace).await;
    assert_eq!((asha.visits_wanted().await, left(&world).await), (1, (1, 0, 1)));

    for claim in [&rung_claim.claim_id, &seen_claim.claim_id, &waits.claim_id] {
        asha.withdraw(claim, "found work").await.unwrap();
    }
    assert_eq!((asha.visits_wanted().await, left(&world).await), (0, (0, 0, 0)));
    for callback in [&promised, &visit] {
        let ended = asha.callback_history(&callback.callback_id).await.callback.unwrap();
        assert_eq!(
            (ended.state(), ended.cancel_reason()),
            (pb::CallbackState::Cancelled, pb::CancelReason::ClaimWithdrawn)
        );
    }
    world.wait_until(wednesday("11:30"));
    assert!(asha.due_callbacks().await.is_empty());
    let day = time(meeting.slot.unwrap().start_time).date_naive().to_string();
    let request = pb::ListDayRequest { office_id: "frome".into(), day, ..Default::default() };
    let listed = petra.diary().list_day(request).await.unwrap().into_inner().appointments;
    assert!(listed.iter().all(|one| one.state() == pb::AppointmentState::Cancelled), "{listed:?}");
    // Whoever goes on after all finds the time free, and no call-back of before.
    lena.reopen(&rung_claim.claim_id, "they ring again").await.unwrap();
    asha.callbacks().book_callback(booking(&rung.client_id, at("2026-03-06T10:00:00Z"))).await.unwrap();
});

story!(after_a_death_nothing_is_kept_or_sent_in_the_clients_name, |mut world| {
    let PackPeople { asha, petra, room, .. } = pack_people(&world).await;
    let (claim, meeting) = start_up_done(&world, &asha, "Fry").await;
    let (id, client) = (&claim.claim_id, &claim.client_id);
    let pack = asha.awaits_pack(id).await;
    let job = room.leases_one().await;
    room.begins(&job, "the Canon").await.unwrap();
    asha.waits_for_earlier(id).await;
    let callback = asha.callbacks().book_callback(booking(client, wednesday("11:00"))).await.unwrap();
    let callback = callback.into_inner().callback.unwrap();

    let refused = asha.hears_of_death(client, " ").await.unwrap_err();
    assert_eq!(fields(&refused), ["told_by"]);
    let recorded = asha.hears_of_death(client, "her son, Tom Fry").await.unwrap();
    assert_eq!(recorded.withdrawn_claim_ids, *std::slice::from_ref(id));
    let death = recorded.client.unwrap().death.unwrap();
    assert_eq!((death.died_date.as_str(), death.told_by.as_str()), ("2026-03-01", "her son, Tom Fry"));
    assert_eq!(reason(&asha.hears_of_death(client, "her son").await.unwrap_err()), "DEATH_RECORDED");

    let closed = asha.claim(id).await;
    assert_eq!(closed.state(), pb::ClaimState::Withdrawn);
    assert_eq!(left(&world).await, (0, 0, 0), "the meeting, the place and the room are free");
    let ended = asha.callback_history(&callback.callback_id).await.callback.unwrap();
    assert_eq!(ended.cancel_reason(), pb::CancelReason::ClientDied);
    assert!(asha.open_steps(id).await.is_empty());
    // What was at the printer is not posted; nothing is composed or printed again.
    let told = room.printed(&job).await.unwrap();
    assert_eq!(told.state(), PackState::Cancelled);
    assert!(room.lease(5).await.unwrap().is_empty());
    world.wait(60);
    assert_eq!(asha.compose_pack(id).await.unwrap_err().code(), Code::FailedPrecondition);
    assert_eq!(asha.packs_of_client(client).await.len(), 1);
    assert_eq!(asha.pack(&pack.pack_id).await.state(), PackState::Cancelled);
    // Nobody is reminded, rung or met, also after the service has started again.
    world.wait_until(time(meeting.slot.as_ref().unwrap().start_time) - TimeDelta::hours(2));
    world.restart().await;
    let reminders = asha.reminders_of(&meeting.appointment_id).await.reminders;
    assert!(reminders.iter().all(|one| one.state() == ReminderState::Dropped), "{reminders:?}");
    let calls = pb::ListReminderCallsRequest::default();
    assert!(asha.reminders().list_reminder_calls(calls).await.unwrap().into_inner().calls.is_empty());
    let to_move = pb::ListAppointmentsToMoveRequest::default();
    assert!(petra.diary().list_appointments_to_move(to_move).await.unwrap().into_inner().appointments.is_empty());
    // And nothing begins for them.
    let open = pb::OpenClaimRequest { request_id: new_id(), client_id: client.clone(), ..Default::default() };
    assert_eq!(reason(&asha.claims().open_claim(open).await.unwrap_err()), "CLIENT_DIED");
    assert_eq!(reason(&petra.reopen(id, "a mistake").await.unwrap_err()), "CLIENT_DIED");
    let again = booking(client, at("2026-03-12T10:00:00Z"));
    assert_eq!(reason(&asha.callbacks().book_callback(again).await.unwrap_err()), "CLIENT_DIED");
    let texts = world.look_inside().await.texts("SELECT action FROM audit WHERE action = 'death_recorded'").await;
    assert_eq!(texts.len(), 1);
});

story!(whoever_hears_of_a_death_while_they_ring_rings_no_more_whatever_came_of_the_call, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (client, _) = client_with_claim(&asha, "Fry").await;
    let promised = asha.callbacks().book_callback(booking(&client.client_id, wednesday("09:00"))).await.unwrap();
    let id = promised.into_inner().callback.unwrap().callback_id;
    world.wait_until(wednesday("09:00"));
    asha.start_attempt(&id).await.unwrap();
    asha.hears_of_death(&client.client_id, "who answered the telephone").await.unwrap();
    assert_eq!(asha.callback_history(&id).await.callback.unwrap().state(), pb::CallbackState::Attempting);
    let ended = asha.record_attempt(&id, pb::AttemptOutcome::NoReply).await.unwrap();
    assert_eq!((ended.state(), ended.cancel_reason()), (pb::CallbackState::Cancelled, pb::CancelReason::ClientDied));
    world.wait_until(wednesday("16:00"));
    assert!(asha.due_callbacks().await.is_empty());
});

story!(after_a_death_a_claim_that_was_handed_over_leaves_no_meeting_and_no_step, |world| {
    let Staff { asha, lena, petra, .. } = staff(&world).await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let id = &claim.claim_id;
    claim_for(&asha, id, &json!(["IS"])).await;
    lena.waive_meeting(id, pb::WaiverReason::SeriousIllness).await.unwrap();
    asha.complete_start_up(id).await.unwrap();
    petra.lodge(id).await.unwrap();
    asha.book_kind(id, "follow-up").await;
    assert_eq!(left(&world).await.2, 1);
    let recorded = petra.hears_of_death(&client.client_id, "the hospital").await.unwrap();
    assert!(recorded.withdrawn_claim_ids.is_empty(), "what agencies have is theirs");
    assert_eq!(asha.claim(id).await.state(), pb::ClaimState::Lodged);
    assert_eq!(left(&world).await, (0, 0, 0));
    assert!(petra.open_steps(id).await.is_empty());
    let request = pb::FindSlotsRequest { claim_id: id.clone(), ..Default::default() };
    assert_eq!(reason(&asha.diary().find_slots(request).await.unwrap_err()), "CLIENT_DIED");
});

story!(after_a_death_the_claims_of_the_household_are_pointed_out, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let partner = asha.create_client(named("Hill")).await.unwrap();
    let request = pb::OpenClaimRequest {
        request_id: new_id(),
        client_id: partner.client_id.clone(),
        partner_claim_id: claim.claim_id.clone(),
        ..Default::default()
    };
    let partners = asha.claims().open_claim(request).await.unwrap().into_inner().claim.unwrap();
    let recorded = asha.hears_of_death(&client.client_id, "her husband").await.unwrap();
    let pointed_out: Vec<(&str, &str)> =
        recorded.household.iter().map(|one| (one.claim_id.as_str(), one.name.as_str())).collect();
    assert_eq!(pointed_out, [(partners.claim_id.as_str(), "Ms Rosa Jane Hill")]);
    assert_eq!(asha.claim(&partners.claim_id).await.state(), pb::ClaimState::Open, "it goes on");
    // The other way round as well, to somebody with whose work the first client has nothing to do.
    let (moved, _) = client_with_claim(&asha, "Lane").await;
    let facts = pb::ClientFacts {
        address_lines: vec!["22 Horton Street".into(), "Halifax".into()],
        postcode: "HX1 1PU".into(),
        ..named("Moss")
    };
    let far = world.adviser("Colin", "calderdale-and-kirklees").await;
    let of_far = far.create_client(facts).await.unwrap();
    let theirs = asha.open_claim(&moved.client_id).await.claim_id;
    let request = pb::OpenClaimRequest {
        request_id: new_id(),
        client_id: of_far.client_id.clone(),
        partner_claim_id: theirs.clone(),
        ..Default::default()
    };
    // A claim of another site's is theirs to share answers with.
    assert_eq!(reason(&far.claims().open_claim(request).await.unwrap_err()), "OUTSIDE_WORK");
});

story!(a_death_that_was_a_mistake_is_taken_back_and_the_claim_is_reopened_by_hand, |world| {
    let PackPeople { asha, petra, .. } = pack_people(&world).await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let (id, client) = (&claim.claim_id, &claim.client_id);
    let first = asha.awaits_pack(id).await;
    let take_back = async || {
        let request = pb::TakeBackDeathRequest {
            request_id: new_id(),
            client_id: client.clone(),
            etag: asha.client(client).await.etag,
        };
        asha.clients().take_back_death(request).await
    };
    assert_eq!(reason(&take_back().await.unwrap_err()), "NO_DEATH_RECORDED");
    asha.hears_of_death(client, "somebody of the same name").await.unwrap();
    let stale = pb::TakeBackDeathRequest { request_id: new_id(), client_id: client.clone(), etag: "1".into() };
    assert_eq!(reason(&asha.clients().take_back_death(stale).await.unwrap_err()), "STALE");
    assert_eq!(take_back().await.unwrap().into_inner().client.unwrap().death, None);
    assert_eq!(asha.claim(id).await.state(), pb::ClaimState::Withdrawn, "it is reopened by whoever goes on with it");
    petra.reopen(id, "she is alive").await.unwrap();
    world.wait(60);
    asha.book_kind(id, "first-meeting").await;
    newer_than(&asha, id, &first).await;
});

story!(whoever_told_us_of_a_death_gets_a_letter_if_they_would_like_one, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let tom = pb::LetterTo {
        name: "Mr Tom Fry".into(),
        address_lines: vec!["9 Cork Street".into(), "Bath".into()],
        postcode: "ba1 1aa".into(),
        language: "cy".into(),
    };
    let (quiet, _) = start_up_done(&world, &asha, "Hill").await;
    asha.awaits_pack(&quiet.claim_id).await;
    asha.hears_of_death(&quiet.client_id, "the hospital").await.unwrap();
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    asha.awaits_pack(&claim.claim_id).await;
    let half = pb::LetterTo { postcode: String::new(), ..tom.clone() };
    let refused = asha.records_death(&claim.client_id, "her son", Some(half)).await.unwrap_err();
    assert_eq!(fields(&refused), ["letter_to.postcode"]);
    asha.records_death(&claim.client_id, "her son", Some(tom)).await.unwrap();
    let sent = letter(&asha, &claim.client_id, "death").await;
    assert_eq!((sent.claim_id.as_str(), sent.state()), ("", PackState::Queued));
    // It is all that leaves of either client.
    let jobs = room.lease(5).await.unwrap();
    let leased: Vec<&str> = jobs.iter().map(|job| job.pack_id.as_str()).collect();
    assert_eq!(leased, [sent.pack_id.as_str()]);
    room.printed(&jobs[0]).await.unwrap();
    room.posted(&jobs[0]).await.unwrap();
    let kinds = asha.packs_of_client(&quiet.client_id).await.into_iter().map(|pack| pack.kind).collect::<Vec<_>>();
    assert_eq!(kinds, ["claim"], "nobody who did not ask for a letter is written to");
});

mod pdf_tools {
    use super::*;
    use crate::support::pdf::printed;
    use tempfile::TempDir;

    story!(a_letter_about_a_death_goes_to_whoever_told_us_and_says_nothing_of_the_client_but_the_name, |world| {
        let PackPeople { asha, .. } = pack_people(&world).await;
        let (claim, _) = start_up_done(&world, &asha, "Fry").await;
        let tom = pb::LetterTo {
            name: "Mr Tom Penry".into(),
            address_lines: vec!["9 Cork Street".into(), "Bath".into()],
            postcode: "BA1 1AA".into(),
            language: String::new(),
        };
        asha.records_death(&claim.client_id, "her son", Some(tom)).await.unwrap();
        let sent = letter(&asha, &claim.client_id, "death").await;
        let folder = TempDir::new().unwrap();
        let text = printed(&folder, &asha.pdf(&sent.pack_id).await);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for said in ["Mr Tom Penry", "9 Cork Street", "BA1 1AA", "Rosa Jane Fry has died", "We are very sorry"] {
            assert!(text.contains(said), "{said} is not in {text}");
        }
        for theirs in ["Catherine Hill", "BA11 1BL", "1971", "Jobseeker"] {
            assert!(!text.contains(theirs), "{theirs} is in {text}");
        }
    });
}

story!(what_waits_to_be_printed_is_composed_anew_in_the_language_that_letters_have_now, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    for (step, name) in ["queued", "leased"].into_iter().zip(["Fry", "Pugh"]) {
        let (claim, _) = start_up_done(&world, &asha, name).await;
        let old = asha.awaits_pack(&claim.claim_id).await;
        if step == "leased" {
            room.leases_one().await;
        }
        world.wait(60);
        let known = asha.client(&claim.client_id).await;
        let facts = pb::ClientFacts { letter_language: "cy".into(), ..known.facts.clone().unwrap() };
        updates(&asha, &known, facts).await;
        let anew = newer_than(&asha, &claim.claim_id, &old).await;
        assert_eq!((anew.language.as_str(), anew.replaces_pack_id.as_str()), ("cy", old.pack_id.as_str()), "{step}");
        asha.awaits_state(&old.pack_id, PackState::Cancelled).await;
        let jobs = room.lease(5).await.unwrap();
        assert_eq!(jobs.iter().map(|job| job.pack_id.as_str()).collect::<Vec<_>>(), [anew.pack_id.as_str()], "{step}");
        room.printed(&jobs[0]).await.unwrap();
        room.posted(&jobs[0]).await.unwrap();
    }
});

home_story!(a_text_and_a_call_back_go_to_the_number_that_the_record_has_by_then, |mut home| {
    let notify = NotifyStandIn::start().await;
    home.send_by(&notify);
    let world = World::on(home).await;
    let asha = with_hours(&world).await;
    let facts = pb::ClientFacts { phone: "07700 900123".into(), ..frome_facts() };
    let meeting = asha.meeting_from(facts, at(TUESDAY)).await;
    let callback = asha.callbacks().book_callback(booking(&meeting.client_id, wednesday("11:00"))).await.unwrap();
    let callback = callback.into_inner().callback.unwrap();
    let sunil = supervisor(&world).await;
    let known = asha.client(&meeting.client_id).await;
    let other = pb::BookCallbackRequest { phone: "01632 960999".into(), ..booking("", wednesday("14:00")) };
    let (elsewhere, _) = client_with_facts(&asha, named("Hill")).await;
    let other = pb::BookCallbackRequest { client_id: elsewhere.client_id.clone(), ..other };
    let other = asha.callbacks().book_callback(other).await.unwrap().into_inner().callback.unwrap();
    let facts = pb::ClientFacts { phone: "07700 900456".into(), ..known.facts.clone().unwrap() };
    updates(&asha, &known, facts).await;
    let theirs = asha.client(&elsewhere.client_id).await;
    let facts = pb::ClientFacts { phone: "01632 960111".into(), ..theirs.facts.clone().unwrap() };
    updates(&asha, &theirs, facts).await;
    until("the call-back to have the new number", || async {
        let now = asha.callback_history(&callback.callback_id).await.callback.unwrap();
        (now.phone == "+447700900456").then_some(())
    })
    .await;
    let now = asha.callback_history(&other.callback_id).await.callback.unwrap();
    assert_eq!(now.phone, "+441632960999", "it was promised for another number than the record's");
    drop(sunil);
    world.wait_until(at("2026-03-06T10:00:00Z"));
    let taken = notify.has_taken(2).await;
    let numbers: Vec<_> =
        taken.iter().filter(|one| one.kind == "sms").map(|one| &one.request["phone_number"]).collect();
    assert_eq!(numbers, [&json!("+447700900456")]);
});

home_story!(whoever_is_not_to_be_rung_is_reminded_by_no_telephone, |mut home| {
    let notify = NotifyStandIn::start().await;
    home.send_by(&notify);
    let world = World::on(home).await;
    let asha = with_hours(&world).await;
    let mobile = |last_name: &str, phone: &str| pb::ClientFacts { phone: phone.into(), ..named(last_name) };
    let silent = asha.meeting_from(mobile("Fry", "07700 900123"), at(TUESDAY)).await;
    let doubtful = asha.meeting_from(mobile("Hill", "07700 900456"), at(TUESDAY)).await;
    asha.flags(&silent.client_id, "write to her").await.unwrap();
    let in_doubt = pb::SetContactFlagsRequest {
        request_id: new_id(),
        client_id: doubtful.client_id.clone(),
        do_not_call: Some(false),
        instead: String::new(),
        number_check: Some(true),
    };
    asha.callbacks().set_contact_flags(in_doubt).await.unwrap();
    world.wait_until(at("2026-03-06T10:00:00Z"));
    let dropped = async |meeting: &pb::Appointment, channel: Channel, why: &str| {
        until(&format!("{channel:?} to be dropped: {why}"), || async {
            let one = asha.reminder_of(&meeting.appointment_id, channel).await?;
            (one.state() == ReminderState::Dropped && one.reason == why).then_some(())
        })
        .await;
    };
    dropped(&silent, Channel::Text, "NOT_TO_BE_RUNG").await;
    dropped(&silent, Channel::Call, "NOT_TO_BE_RUNG").await;
    dropped(&doubtful, Channel::Text, "NUMBER_IN_DOUBT").await;
    let calls = asha.reminders().list_reminder_calls(pb::ListReminderCallsRequest::default()).await.unwrap();
    let about: Vec<String> =
        calls.into_inner().calls.into_iter().map(|call| call.reminder.unwrap().appointment_id).collect();
    assert_eq!(
        about,
        *std::slice::from_ref(&doubtful.appointment_id),
        "a number in doubt is read back before anything is said"
    );
    // A letter tells both of them.
    let taken = notify.has_taken(2).await;
    assert!(taken.iter().all(|one| one.kind == "letter"), "{taken:?}");
});

story!(nobody_is_told_to_come_to_an_office_that_is_closed_that_day, |world| {
    let Staff { asha, lena, .. } = staff(&world).await;
    let (claim, meeting) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let starts_at = time(meeting.slot.as_ref().unwrap().start_time);
    let day = starts_at.date_naive().to_string();
    let block = pb::Block {
        office_id: "frome".into(),
        kind: pb::BlockKind::Blocked.into(),
        first_day: day.clone(),
        last_day: day,
        note: "the boiler".into(),
        ..Default::default()
    };
    let request = pb::BlockTimeRequest { request_id: new_id(), block: Some(block), accept_left_appointments: true };
    let closed = lena.diary().block_time(request).await.unwrap().into_inner();
    let to_move = async || {
        let request = pb::ListAppointmentsToMoveRequest::default();
        lena.diary().list_appointments_to_move(request).await.unwrap().into_inner().appointments.len()
    };
    assert_eq!((closed.appointments_to_move.len(), to_move().await), (1, 1));
    let held = asha.awaits_state(&pack.pack_id, PackState::Cancelled).await;
    assert_eq!(held.printings[0].reason, "its meeting has to be moved");
    world.wait_until(starts_at - TimeDelta::hours(20));
    let calls = pb::ListReminderCallsRequest::default();
    assert!(asha.reminders().list_reminder_calls(calls).await.unwrap().into_inner().calls.is_empty());
    let request = pb::UnblockTimeRequest { request_id: new_id(), block_id: closed.block.unwrap().block_id };
    lena.diary().unblock_time(request).await.unwrap();
    assert_eq!(to_move().await, 0);
    asha.awaits_state(&pack.pack_id, PackState::Queued).await;
});

home_story!(no_text_or_letter_reminds_of_a_meeting_that_has_to_be_moved, |mut home| {
    let notify = NotifyStandIn::start().await;
    home.send_by(&notify);
    let world = World::on(home).await;
    let Staff { asha, lena, petra, .. } = staff(&world).await;
    let facts = pb::ClientFacts { phone: "07700 900123".into(), ..frome_facts() };
    let meeting = asha.meeting_from(facts, at(TUESDAY)).await;
    let other = pb::ClientFacts { phone: "07700 900456".into(), ..named("Hill") };
    let stands = asha.meeting_from(other, at("2026-03-11T09:00:00Z")).await;
    is_away(&lena, &petra, "2026-03-10").await;
    world.wait_until(at("2026-03-09T10:00:00Z"));
    // The other client's have gone by now.
    let gone = |taken: Vec<crate::support::notify::Taken>| taken.len();
    assert_eq!(gone(notify.has_taken(2).await), 2);
    for channel in [Channel::Text, Channel::Letter] {
        let waits = asha.reminder_of(&meeting.appointment_id, channel).await.unwrap();
        assert_eq!(waits.state(), ReminderState::Due, "{channel:?}");
        let sent = asha.reminder_of(&stands.appointment_id, channel).await.unwrap();
        assert_ne!(sent.state(), ReminderState::Due, "{channel:?}");
    }
});
