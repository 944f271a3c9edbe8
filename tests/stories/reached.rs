//! How a client is reached and reads, and who speaks for them: said once, on the record or in the call, and used by whoever rings,
//! reminds, writes to or meets them.

use crate::letters::letter;
use crate::reminders::{self, reminding, rosa};
use crate::support::callback_steps::{every_day, supervisor};
use crate::support::faults::{fields, reason};
use crate::support::followup_steps::{named, with_meeting};
use crate::support::print_steps::{PackPeople, pack_people};
use crate::support::steps::{client_with_facts, draft, frome_facts};
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Person, World, at, until};
use chrono::Timelike;
use serde_json::json;
use startline::grpc::pb;
use startline::grpc::pb::{ReminderChannel as Channel, ReminderState};

async fn dismisses(person: &Person, exception: &str) -> pb::PackException {
    let request = pb::DismissPackExceptionRequest { request_id: new_id(), exception_id: exception.into() };
    person.packs().dismiss_pack_exception(request).await.unwrap().into_inner().exception.unwrap()
}

async fn updates(person: &Person, client: &str, change: impl FnOnce(&mut pb::ClientFacts)) -> pb::Client {
    let known = person.client(client).await;
    let mut facts = known.facts.clone().unwrap();
    change(&mut facts);
    let update = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: client.into(),
        etag: known.etag,
        facts: Some(facts),
    };
    person.clients().update_client(update).await.unwrap().into_inner().client.unwrap()
}

async fn elsewhere(room: &Person) -> Vec<(pb::PackException, pb::ProducedElsewhere)> {
    let all = room.exceptions().await;
    all.into_iter().filter_map(|one| one.elsewhere.clone().map(|of| (one, of))).collect()
}

story!(what_a_client_reads_in_braille_is_printed_and_stands_on_a_list_until_somebody_has_had_it_produced, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let facts = pb::ClientFacts { letters_format: "braille".into(), ..named("Fry") };
    let (claim, meeting) = with_meeting(&asha, facts, &json!(["IS"])).await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    assert_eq!(pack.state(), pb::PackState::Queued, "the printed one goes out all the same");
    let owed = elsewhere(&room).await;
    assert_eq!(owed.len(), 1, "{owed:?}");
    let (exception, of) = &owed[0];
    assert_eq!((of.format.as_str(), of.format_name.as_str(), &of.pack_id), ("braille", "Braille", &pack.pack_id));
    let meets = time(meeting.slot.as_ref().unwrap().start_time).date_naive().to_string();
    assert!(of.by_day < meets && of.by_day.as_str() >= "2026-03-03", "{of:?}, {meets}");
    assert!(exception.faults.is_empty() && exception.kind == "claim");
    let refused = room.mends(&exception.exception_id, "address", "1 Other Row").await.unwrap_err();
    assert_eq!(fields(&refused), ["exception_id"]);
    room.print_and_post().await;
    assert_eq!(elsewhere(&room).await.len(), 1, "posting it produces nothing");

    // A newer letter takes its place; whoever has had that one produced says so, and it is on the list no more.
    world.wait(60);
    updates(&asha, &claim.client_id, |facts| facts.large_print = true).await;
    assert_eq!(elsewhere(&room).await.len(), 1);
    let done = dismisses(&room, &elsewhere(&room).await[0].0.exception_id).await;
    assert_eq!((done.outcome.as_str(), done.settled_time.is_some()), ("produced", true));
    assert!(elsewhere(&room).await.is_empty());
    let request = pb::DismissPackExceptionRequest { request_id: new_id(), exception_id: done.exception_id.clone() };
    let again = room.packs().dismiss_pack_exception(request).await.unwrap_err();
    assert_eq!(reason(&again), "EXCEPTION_SETTLED");

    // The next letter is another.
    world.wait(60);
    asha.defer_meeting(&claim.claim_id, "health", "2026-05-01").await.unwrap();
    let put_off = letter(&asha, &claim.client_id, "deferral").await;
    let owed = until("the second", || async { Some(elsewhere(&room).await).filter(|owed| !owed.is_empty()) }).await;
    assert_eq!((owed.len(), &owed[0].1.pack_id), (1, &put_off.pack_id));
    assert_eq!(owed[0].1.by_day, "2026-03-17", "ten working days, as there is no meeting");
    // Who reads on paper after all is owed nothing more.
    world.wait(60);
    updates(&asha, &claim.client_id, |facts| facts.letters_format = String::new()).await;
    until("nothing to be produced", || async { elsewhere(&room).await.is_empty().then_some(()) }).await;
});

story!(what_is_said_on_the_form_of_tape_reaches_the_record_and_a_claim_that_is_withdrawn_owes_nothing, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let (client, claim) = crate::support::steps::client_with_claim(&asha, "Fry").await;
    asha.save(&claim.claim_id, vec![draft("T5", &json!("tape"), 0)]).await.unwrap();
    let facts = asha.client(&client.client_id).await.facts.unwrap();
    assert_eq!((facts.letters_format.as_str(), facts.large_print), ("tape", false));
    asha.save(&claim.claim_id, vec![draft("T5", &json!("large_print"), 1)]).await.unwrap();
    let facts = asha.client(&client.client_id).await.facts.unwrap();
    assert_eq!((facts.letters_format.as_str(), facts.large_print), ("", true));
    asha.save(&claim.claim_id, vec![draft("T5", &json!("tape"), 2)]).await.unwrap();
    crate::support::claim_steps::claim_for(&asha, &claim.claim_id, &json!(["IS"])).await;
    asha.book_kind(&claim.claim_id, "first-meeting").await;
    asha.complete_start_up(&claim.claim_id).await.unwrap();
    asha.awaits_pack(&claim.claim_id).await;
    assert_eq!(elsewhere(&room).await[0].1.format, "tape");
    asha.withdraw(&claim.claim_id, "They have found work.").await.unwrap();
    until("nothing to be produced", || async { elsewhere(&room).await.is_empty().then_some(()) }).await;
});

fn hour(slot: &pb::CallbackSlot) -> u32 {
    time(slot.start_time).hour()
}

story!(a_client_is_rung_only_when_they_said_that_it_is_safe, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    supervisor(&world).await.sets_roster(&asha, every_day("08:30", "18:00")).await;
    let client = asha.create_client(frome_facts()).await.unwrap().client_id;
    let walk = asha.start_walk("inbound", &client, "").await;
    let walk = asha.says(&walk, "caller_safe_times", json!(["morning", "afternoon"])).await;
    let walk = asha.says(&walk, "caller_safe_times", json!(["morning"])).await;
    let walk = asha.says(&walk, "caller_messages", json!("no")).await;
    let walk = asha.says(&walk, "caller_has_speaker", json!("yes")).await;
    let mary = json!({ "name": "Mary Hill", "authority": "advocate", "phone": "01373 000999" });
    let walk = asha.says(&walk, "caller_spoken_for", mary).await;
    let walk = asha.says(&walk, "caller_needs", json!(["sign_language"])).await;
    let facts = asha.client(&client).await.facts.unwrap();
    let contact = facts.contact.unwrap();
    let person = contact.spoken_for.clone().unwrap();
    assert_eq!(
        (person.name.as_str(), person.authority.as_str(), person.phone.as_str()),
        ("Mary Hill", "advocate", "+441373000999")
    );
    assert_eq!((contact.safe_times.as_slice(), contact.messages.as_str()), (["morning".to_owned()].as_slice(), "no"));
    assert_eq!(facts.call_needs, ["sign-language"]);

    let found = asha.offers(&client, pb::CallbackWishes::default()).await;
    assert_eq!(found.minutes, 120, "everything is said twice");
    assert!(!found.slots.is_empty() && found.slots.iter().all(|slot| hour(slot) < 11), "{:?}", found.slots);
    let refused = asha.book_callback(&client, at("2026-03-04T14:00:00Z")).await.unwrap_err();
    assert!(refused.message().contains("safe to ring"), "{refused:?}");
    let booked = asha.book_callback(&client, at("2026-03-04T09:00:00Z")).await.unwrap();
    assert_eq!(booked.contact.as_ref(), Some(&contact), "whoever rings reads it");
    assert!(
        asha.moves(&booked.callback_id, crate::support::callback_steps::to_time(at("2026-03-05T15:00:00Z")))
            .await
            .is_err()
    );
    // Nobody answers; the next try is safe as well.
    world.wait_until(at("2026-03-04T11:55:00Z"));
    let due = asha.due_callbacks().await;
    assert_eq!(due[0].contact.as_ref(), Some(&contact));
    asha.start_attempt(&booked.callback_id).await.unwrap();
    let again = asha.record_attempt(&booked.callback_id, pb::AttemptOutcome::NoReply).await.unwrap();
    assert_eq!(time(again.due_time), at("2026-03-05T08:30:00Z"), "not at noon");
    // Nobody got round to it in the morning.
    world.wait_until(at("2026-03-05T13:30:00Z"));
    let refused = asha.start_attempt(&booked.callback_id).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_SAFE_TO_RING");
    assert!(refused.message().contains("from 08:30"), "{refused:?}");
    world.wait_until(at("2026-03-06T08:40:00Z"));
    asha.start_attempt(&booked.callback_id).await.unwrap();
    // Nor is it put off until it is not.
    let park = pb::ParkCallbackRequest {
        request_id: new_id(),
        callback_id: booked.callback_id.clone(),
        until_time: Some(timestamp(at("2026-03-06T15:00:00Z"))),
        reason: "The baby cries.".into(),
    };
    let refused = asha.callbacks().park_callback(park).await.unwrap_err();
    assert!(refused.message().contains("not safe to ring"), "{refused:?}");
    asha.record_attempt(&booked.callback_id, pb::AttemptOutcome::NoReply).await.unwrap();

    // A desk that knows nothing of it leaves it; one that does can take it away, and what is said takes it away too.
    updates(&asha, &client, |facts| facts.contact = None).await;
    assert_eq!(asha.client(&client).await.facts.unwrap().contact.as_ref(), Some(&contact));
    asha.says(&asha.walk(&walk.walk_id).await, "caller_has_speaker", json!("no")).await;
    assert_eq!(asha.client(&client).await.facts.unwrap().contact.unwrap().spoken_for, None);
    asha.says(&asha.walk(&walk.walk_id).await, "caller_safe_times", json!(["any"])).await;
    assert!(asha.client(&client).await.facts.unwrap().contact.unwrap().safe_times.is_empty());
    let emptied = updates(&asha, &client, |facts| facts.contact = Some(pb::Contact::default())).await;
    assert_eq!(emptied.facts.unwrap().contact, Some(pb::Contact::default()));
    assert!(asha.offers(&client, pb::CallbackWishes::default()).await.slots.iter().any(|slot| hour(slot) >= 13));
    let wrong = pb::Contact { way: "pigeon".into(), ..Default::default() };
    let made = asha.create_client(pb::ClientFacts { contact: Some(wrong), ..frome_facts() }).await.unwrap_err();
    assert_eq!(fields(&made), ["facts.contact.way"]);
});

async fn reminder_calls(person: &Person) -> Vec<pb::ReminderCall> {
    let request = pb::ListReminderCallsRequest::default();
    person.reminders().list_reminder_calls(request).await.unwrap().into_inner().calls
}

story!(whoever_reminds_or_meets_a_client_reads_who_speaks_for_them_and_reminds_them_as_they_wish, |world| {
    let PackPeople { asha, petra, .. } = pack_people(&world).await;
    let mary = pb::SpokenFor { name: "Mary Hill".into(), authority: "appointee".into(), phone: String::new() };
    let contact = pb::Contact { spoken_for: Some(mary), messages: "no".into(), ..Default::default() };
    let facts = pb::ClientFacts { contact: Some(contact.clone()), ..named("Fry") };
    let (_, claim) = client_with_facts(&asha, facts).await;
    let request = pb::FindSlotsRequest {
        claim_id: claim.claim_id.clone(),
        not_before_time: Some(timestamp(at("2026-03-10T09:00:00Z"))),
        ..Default::default()
    };
    let slot = asha.diary().find_slots(request).await.unwrap().into_inner().slots.remove(0);
    let held = asha.hold(&claim.claim_id, &slot).await.unwrap();
    let meeting = asha.book(&held.appointment_id).await.unwrap();
    assert_eq!(meeting.contact.as_ref(), Some(&contact));
    let day = time(meeting.slot.as_ref().unwrap().start_time).date_naive().to_string();
    let request = pb::ListDayRequest { office_id: "frome".into(), day, ..Default::default() };
    let listed = petra.diary().list_day(request).await.unwrap().into_inner().appointments;
    assert_eq!(listed[0].contact.as_ref(), Some(&contact));
    world.wait_until(at("2026-03-06T09:00:00Z"));
    let calls =
        until("the call", || async { Some(reminder_calls(&asha).await).filter(|calls| !calls.is_empty()) }).await;
    assert_eq!(calls[0].contact.as_ref(), Some(&contact));
    // By text only from now on: nobody rings.
    updates(&asha, &claim.client_id, |facts| {
        facts.contact = Some(pb::Contact { way: "text".into(), ..contact.clone() });
    })
    .await;
    world.wait(11 * 60);
    until("no call", || async { reminder_calls(&asha).await.is_empty().then_some(()) }).await;
});

story!(what_no_longer_stands_is_owed_in_no_other_format, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    let owed_of = async |client: &str| {
        let all = elsewhere(&room).await;
        all.into_iter().filter(|(one, _)| one.client_id == client).map(|(one, _)| one.kind).collect::<Vec<_>>()
    };
    let reads = |name: &str| pb::ClientFacts { letters_format: "braille".into(), ..named(name) };
    let (called_off, meeting) = with_meeting(&asha, reads("Fry"), &json!(["IS"])).await;
    asha.awaits_pack(&called_off.claim_id).await;
    assert_eq!(owed_of(&called_off.client_id).await, ["claim"]);
    world.wait(60);
    asha.cancel_meeting(&meeting.appointment_id).await;
    crate::still_holds::all_worked_off(&world).await;
    assert!(!owed_of(&called_off.client_id).await.contains(&"claim".to_owned()), "it names a meeting that is off");

    let (taken_out, _) = with_meeting(&asha, reads("Moss"), &json!(["IS"])).await;
    let pack = asha.awaits_pack(&taken_out.claim_id).await;
    assert_eq!(owed_of(&taken_out.client_id).await, ["claim"]);
    asha.cancels_pack(&pack.pack_id).await.unwrap();
    assert!(owed_of(&taken_out.client_id).await.is_empty(), "it is not to go out, on paper or otherwise");

    let (died, _) = with_meeting(&asha, reads("Hill"), &json!(["IS"])).await;
    asha.awaits_pack(&died.claim_id).await;
    assert_eq!(owed_of(&died.client_id).await, ["claim"]);
    let request = pb::RecordDeathRequest {
        request_id: new_id(),
        client_id: died.client_id.clone(),
        etag: asha.client(&died.client_id).await.etag,
        died_date: String::new(),
        told_by: "her son, Tom Hill".into(),
        letter_to: Some(pb::LetterTo {
            name: "Mr Tom Hill".into(),
            address_lines: vec!["1 Other Row".into(), "Frome".into()],
            postcode: "BA11 1AA".into(),
            language: "en".into(),
        }),
    };
    asha.clients().record_death(request).await.unwrap();
    assert!(owed_of(&died.client_id).await.is_empty(), "nobody reads it any more");
    crate::still_holds::all_worked_off(&world).await;
    assert!(owed_of(&died.client_id).await.is_empty(), "whoever told us reads on paper");
});

home_story!(nobody_is_reminded_by_telephone_at_a_time_that_is_not_safe, |mut home| {
    let notify = reminding(&mut home).await;
    let world = World::on(home).await;
    let asha = reminders::people(&world).await;
    let only = |safe_time: &str, messages: &str| pb::ClientFacts {
        contact: Some(pb::Contact {
            safe_times: vec![safe_time.into()],
            messages: messages.into(),
            ..Default::default()
        }),
        ..rosa()
    };
    let afternoons = asha.meeting_from(only("afternoon", ""), at("2026-03-10T09:00:00Z")).await;
    let no_message = asha.meeting_from(only("morning", "no"), at("2026-03-10T09:00:00Z")).await;
    let texts = || notify.taken().iter().filter(|taken| taken.kind == "sms").count();
    // Two calls are owed since Thursday's opening; in the morning one of them is safe.
    world.wait_until(at("2026-03-05T10:00:00Z"));
    let listed = asha.owes_calls(1).await;
    assert_eq!(listed[0].reminder.as_ref().unwrap().appointment_id, no_message.appointment_id);
    // The text of Friday morning waits for the afternoon, and no text is left where no message may be.
    world.wait_until(at("2026-03-06T10:05:00Z"));
    asha.is_told(&no_message.appointment_id, Channel::Text, ReminderState::Dropped, "NO_MESSAGES").await;
    let waits = asha.is_told(&afternoons.appointment_id, Channel::Text, ReminderState::Due, "").await;
    assert_eq!((waits.attempts, texts()), (0, 0));
    world.wait_until(at("2026-03-06T13:55:00Z"));
    assert_eq!(asha.reminders_of(&afternoons.appointment_id).await.reminders.len(), 3);
    assert_eq!(texts(), 0);
    world.wait_until(at("2026-03-06T14:05:00Z"));
    let listed = asha.owes_calls(1).await;
    assert_eq!(listed[0].reminder.as_ref().unwrap().appointment_id, afternoons.appointment_id);
    asha.is_told(&afternoons.appointment_id, Channel::Text, ReminderState::Sent, "").await;
    assert_eq!(texts(), 1);
    // Whose telephone is safe no more before they come gets none.
    let tuesday = asha.meeting_from(only("midday", ""), at("2026-03-10T09:00:00Z")).await;
    world.wait_until(at("2026-03-09T14:30:00Z"));
    asha.is_told(&tuesday.appointment_id, Channel::Text, ReminderState::Dropped, "NOT_SAFE_BEFORE").await;
});
