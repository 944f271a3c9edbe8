//! What is posted, and where to: nothing that is not marked, to the address the client wants, about what still holds.

use crate::starts::{copied_definition, edit};
use crate::support::faults::fields;
use crate::support::steps::{client_with_claim, draft, frome_facts, start_up_done};
use crate::support::values::{new_id, time};
use crate::support::{Person, at, until};
use serde_json::json;
use startline::grpc::pb;
use tonic::Code;

pub fn refuge() -> pb::LettersAddress {
    pb::LettersAddress {
        address_lines: vec!["c/o 8 Friend Street".into(), "Bath".into()],
        postcode: "BA1 1AA".into(),
        ..Default::default()
    }
}

pub async fn updates(person: &Person, client: &pb::Client, facts: pb::ClientFacts) -> pb::Client {
    let request = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: client.client_id.clone(),
        etag: client.etag.clone(),
        facts: Some(facts),
    };
    person.clients().update_client(request).await.unwrap().into_inner().client.unwrap()
}

async fn found(person: &Person, last_name: &str) -> usize {
    let request = pb::FindClientsRequest { last_name: last_name.into(), ..Default::default() };
    person.clients().find_clients(request).await.unwrap().into_inner().clients.len()
}

story!(a_client_is_found_by_any_way_of_typing_the_name, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    for name in ["Sia\u{302}n-Ffy\u{302}dd", "Łącki", "Müller", "İnce", "Weiß"] {
        asha.create_client(pb::ClientFacts { last_name: name.into(), ..frome_facts() }).await.unwrap();
    }
    for typed in ["Siân-Ffŷdd", "sian ffydd", "Sia\u{302}n-Ffy\u{302}dd", "LACKI", "muller", "INCE", "ince", "weiss"]
    {
        assert_eq!(found(&asha, typed).await, 1, "{typed}");
    }
    // Records that were written before the service folded names so are found as well, once it has started again.
    let mut world = world;
    world.stop().await;
    let older = "UPDATE clients SET last_name_key = 'somethingelse', last_name_fold = 0";
    world.look_inside().await.execute(older).await;
    world.restart().await;
    assert_eq!(found(&asha, "sian ffydd").await, 1);
    let request = pb::FindClientsRequest { last_name: "sianffydd".into(), ..Default::default() };
    let kept = asha.clients().find_clients(request).await.unwrap().into_inner().clients.remove(0);
    let kept = kept.facts.unwrap().last_name;
    assert_eq!(kept, "Siân-Ffŷdd", "kept in one form");
});

story!(what_the_record_cannot_take_is_refused_at_once_and_nothing_of_it_is_kept, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let six = json!("Flat 2\nThe Old Coach House\nWraxall Manor\nUpper Wraxall\nFrome\nSomerset");
    let moved = vec![draft("B8", &six, 1), draft("B9", &json!("BA11 2ZZ"), 1)];
    let refused = asha.save(&claim.claim_id, moved).await.unwrap_err();
    assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["answers[0].value".into()]));
    let facts = asha.client(&client.client_id).await.facts.unwrap();
    assert_eq!((facts.address_lines, facts.postcode.as_str()), (frome_facts().address_lines, "BA11 1BL"));
    // A name that is none, and a birthday that nobody alive has.
    for (question, value, seen) in
        [("B2", json!("---"), 1), ("B5", json!("2031-01-01"), 1), ("C4", json!("1880-01-01"), 0)]
    {
        asha.save(&claim.claim_id, vec![draft("C1", &json!("yes"), 0)]).await.ok();
        let refused = asha.save(&claim.claim_id, vec![draft(question, &value, seen)]).await.unwrap_err();
        assert_eq!(fields(&refused), ["answers[0].value"], "{question}");
    }
    let five = json!("Flat 2\nThe Old Coach House\nUpper Wraxall\nFrome\nSomerset");
    let moved = vec![draft("B8", &five, 1), draft("B9", &json!("BA11 2ZZ"), 1)];
    asha.save(&claim.claim_id, moved).await.unwrap();
    let facts = asha.client(&client.client_id).await.facts.unwrap();
    assert_eq!((facts.address_lines.len(), facts.postcode.as_str()), (5, "BA11 2ZZ"), "they change together");
});

story!(a_day_is_held_against_today_and_the_other_answers, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    for (question, value, why) in [
        ("B10", "1960-01-01", "before the client was born"),
        ("B10", "2026-03-04", "tomorrow"),
        ("A3", "2031-01-01", "years ahead"),
    ] {
        let refused = asha.save(&claim.claim_id, vec![draft(question, &json!(value), 0)]).await.expect_err(why);
        assert_eq!(fields(&refused), ["answers[0].value"], "{why}");
        assert!(!refused.message().contains("1971"), "other answers are not repeated: {}", refused.message());
    }
    asha.save(&claim.claim_id, vec![draft("B10", &json!("1st May 1999"), 0)]).await.unwrap();
});

story!(letters_go_where_the_client_wants_them_and_that_place_stands_in_no_answer_but_its_own, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let said = json!({"address": "c/o 8 Friend Street\nBath", "postcode": "ba1 1aa", "until": "1 July 2026"});
    asha.save(&claim.claim_id, vec![draft("B12", &said, 0)]).await.unwrap();
    let known = asha.client(&client.client_id).await;
    let letters = known.facts.as_ref().unwrap().letters_address.clone().unwrap();
    assert_eq!(letters, pb::LettersAddress { until_date: "2026-07-01".into(), ..refuge() });
    // A desk that knows nothing of it does not send the post home again.
    let plain = pb::ClientFacts { letters_address: None, title: "Mrs".into(), ..known.facts.clone().unwrap() };
    let kept = updates(&asha, &known, plain).await;
    assert!(kept.facts.as_ref().unwrap().letters_address.is_some());
    // Without its postcode it is no address.
    let half = json!({"address": "c/o 8 Friend Street\nBath"});
    assert_eq!(
        fields(&asha.save(&claim.claim_id, vec![draft("B12", &half, 1)]).await.unwrap_err()),
        ["answers[0].value.postcode"]
    );
    // Taken back, it is forgotten.
    asha.save(&claim.claim_id, vec![draft("B12", &json!(null), 1)]).await.unwrap();
    assert_eq!(asha.client(&client.client_id).await.facts.unwrap().letters_address, None);
});

/// The claim's pack, once it is another one than that.
pub async fn newer_than(asha: &Person, claim: &str, pack: &pb::Pack) -> pb::Pack {
    until("another pack", || async { asha.pack_of(claim).await.filter(|newest| newest.pack_id != pack.pack_id) }).await
}

story!(what_is_corrected_before_printing_is_printed_corrected, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    let mut pack = asha.awaits_pack(&claim.claim_id).await;
    let changes: [fn(&mut pb::ClientFacts); 4] = [
        |facts| facts.address_lines = vec!["9 Cork Street".into(), "Frome".into()],
        |facts| facts.last_name = "Fry-Jones".into(),
        |facts| facts.large_print = true,
        |facts| facts.letters_address = Some(refuge()),
    ];
    for change in changes {
        world.wait(60);
        let known = asha.client(&claim.client_id).await;
        let mut facts = known.facts.clone().unwrap();
        change(&mut facts);
        updates(&asha, &known, facts).await;
        let anew = newer_than(&asha, &claim.claim_id, &pack).await;
        asha.awaits_state(&pack.pack_id, pb::PackState::Cancelled).await;
        assert_eq!(anew.replaces_pack_id, pack.pack_id);
        pack = anew;
    }
});

/// The newest letter of a kind that was written to the client.
pub async fn letter(asha: &Person, client: &str, kind: &str) -> pb::Pack {
    let what = format!("a letter of the kind {kind}");
    until(&what, || async { asha.packs_of_client(client).await.into_iter().find(|pack| pack.kind == kind) }).await
}

pub async fn books_again(asha: &Person, claim: &str) -> pb::Appointment {
    let slot = asha.find_slots(claim).await.pop().unwrap();
    let held = asha.hold(claim, &slot).await.unwrap();
    asha.book(&held.appointment_id).await.unwrap()
}

story!(a_cancelled_meetings_pack_is_held_and_the_client_hears_that_it_is_off, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let room = world.print_room("the print room", "somerset").await;
    petra.works_at("frome").await;
    let (claim, meeting) = start_up_done(&world, &asha, "Fry").await;
    let first = asha.awaits_pack(&claim.claim_id).await;
    world.wait(60);
    asha.cancel_meeting(&meeting.appointment_id).await;
    let held = asha.awaits_state(&first.pack_id, pb::PackState::Cancelled).await;
    assert_eq!(held.printings[0].reason, "its meeting was cancelled");
    let off = letter(&asha, &claim.client_id, "meeting_off").await;
    assert_eq!(off.state(), pb::PackState::Queued);
    // Another is booked before anything is printed: the pack says that one, and nobody hears that the first is off.
    world.wait(60);
    let other = books_again(&asha, &claim.claim_id).await;
    let anew = newer_than(&asha, &claim.claim_id, &first).await;
    asha.awaits_state(&off.pack_id, pb::PackState::Cancelled).await;
    let job = room.leases_one().await;
    assert_eq!(job.pack_id, anew.pack_id);
    room.begins(&job, "the Canon").await.unwrap();
    room.printed(&job).await.unwrap();
    room.posted(&job).await.unwrap();
    // Posted by now: that it is off, and then the new time, go by letter.
    world.wait(60);
    asha.cancel_meeting(&other.appointment_id).await;
    until("the second letter", || async {
        let packs = asha.packs_of_client(&claim.client_id).await;
        (packs.iter().filter(|pack| pack.kind == "meeting_off").count() == 2).then_some(())
    })
    .await;
    world.wait(60);
    books_again(&asha, &claim.claim_id).await;
    letter(&asha, &claim.client_id, "new_time").await;
});

/// The personal adviser is ill on a day, whoever is booked then; gives the block's id.
pub async fn is_away(lena: &Person, petra: &Person, day: &str) -> String {
    let block = pb::Block {
        user_id: petra.id.clone(),
        kind: pb::BlockKind::Sickness.into(),
        first_day: day.into(),
        last_day: day.into(),
        ..Default::default()
    };
    let request = pb::BlockTimeRequest { request_id: new_id(), block: Some(block), accept_left_appointments: true };
    lena.diary().block_time(request).await.unwrap().into_inner().block.unwrap().block_id
}

story!(a_meeting_that_has_to_be_moved_is_in_no_letter_until_somebody_has_settled_it, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let lena = world.add("Lena", startline::access::Role::TeamLeader, Some("somerset")).await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (claim, meeting) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let day = time(meeting.slot.unwrap().start_time).date_naive().to_string();
    let block = is_away(&lena, &petra, &day).await;
    let held = asha.awaits_state(&pack.pack_id, pb::PackState::Cancelled).await;
    assert_eq!(held.printings[0].reason, "its meeting has to be moved");
    // She is back after all: it goes out as it was.
    let request = pb::UnblockTimeRequest { request_id: new_id(), block_id: block };
    lena.diary().unblock_time(request).await.unwrap();
    asha.awaits_state(&pack.pack_id, pb::PackState::Queued).await;
});

story!(a_meeting_on_a_bank_holiday_that_was_proclaimed_since_is_in_no_letter, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let room = world.print_room("Ron", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (claim, meeting) = start_up_done(&world, &asha, "Fry").await;
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let day = time(meeting.slot.unwrap().start_time).date_naive();
    let folder = copied_definition(&world, "proclaimed");
    edit(
        &folder.join("holidays.yaml"),
        "removals:\n",
        &format!("  - {{ date: {day}, name: Proclaimed }}\nremovals:\n"),
    );
    world.restart_with_definition(folder).await;
    assert!(room.lease(5).await.unwrap().is_empty(), "nobody prints an invitation to a closed office");
    asha.awaits_state(&pack.pack_id, pb::PackState::Cancelled).await;
});

story!(nobody_is_met_while_the_office_is_closed, |world| {
    let petra = world.personal_adviser("Petra", "somerset").await;
    let set = async |weekday: pb::Weekday, start: &str, end: &str| {
        let shift = pb::Shift { weekday: weekday.into(), start: start.into(), end: end.into(), ..Default::default() };
        let request = pb::SetWorkingPatternRequest {
            request_id: new_id(),
            personal_adviser_id: petra.id.clone(),
            office_id: "frome".into(),
            valid_from: "2026-03-01".into(),
            shifts: vec![shift],
            ..Default::default()
        };
        petra.diary().set_working_pattern(request).await
    };
    for (weekday, start, end) in [
        (pb::Weekday::Tuesday, "06:00", "22:00"),
        (pb::Weekday::Tuesday, "09:00", "21:15"),
        (pb::Weekday::Tuesday, "08:30", "17:00"),
        (pb::Weekday::Sunday, "00:30", "03:00"),
    ] {
        let refused = set(weekday, start, end).await.unwrap_err();
        assert_eq!(fields(&refused), ["shifts[0]"], "{start}");
    }
    set(pb::Weekday::Tuesday, "09:00", "17:00").await.unwrap();
});

story!(a_withdrawn_claim_leaves_no_meeting_and_no_reminder, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (claim, meeting) = start_up_done(&world, &asha, "Fry").await;
    asha.withdraw(&claim.claim_id, "The client died.").await.unwrap();
    let states = world.look_inside().await.texts("SELECT state FROM appointments").await;
    assert_eq!(states, ["cancelled"]);
    world.wait_until(time(meeting.slot.unwrap().start_time) - chrono::TimeDelta::hours(1));
    let request = pb::ListRemindersRequest { appointment_id: meeting.appointment_id, ..Default::default() };
    let told = asha.reminders().list_reminders(request).await.unwrap().into_inner().reminders;
    assert!(told.iter().all(|one| one.state() == pb::ReminderState::Dropped), "{told:?}");
    let request = pb::ListReminderCallsRequest::default();
    assert!(asha.reminders().list_reminder_calls(request).await.unwrap().into_inner().calls.is_empty());
});

story!(nobody_is_rung_about_a_meeting_that_has_to_be_moved, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let lena = world.add("Lena", startline::access::Role::TeamLeader, Some("somerset")).await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let rosas = asha.meeting_from(frome_facts(), at("2026-03-10T09:00:00Z")).await;
    let toms = pb::ClientFacts { last_name: "Hill".into(), phone: "01373 000124".into(), ..frome_facts() };
    let toms = asha.meeting_from(toms, at("2026-03-11T09:00:00Z")).await;
    let block = is_away(&lena, &petra, "2026-03-10").await;
    let rung = async |count: usize| {
        until("the list of calls", || async {
            let request = pb::ListReminderCallsRequest::default();
            let calls = asha.reminders().list_reminder_calls(request).await.unwrap().into_inner().calls;
            let about = calls.into_iter().map(|call| call.reminder.unwrap().appointment_id).collect::<Vec<_>>();
            Some(about).filter(|about| about.len() == count)
        })
        .await
    };
    // Both are due by now, the second client's call last.
    world.wait_until(at("2026-03-06T09:00:00Z"));
    assert_eq!(rung(1).await, std::slice::from_ref(&toms.appointment_id));
    let request = pb::UnblockTimeRequest { request_id: new_id(), block_id: block };
    lena.diary().unblock_time(request).await.unwrap();
    assert_eq!(rung(2).await, [rosas.appointment_id, toms.appointment_id]);
});

story!(a_claim_of_an_older_form_whose_letters_go_elsewhere_waits_until_the_record_knows_where, |mut world| {
    // The form of before: an address without a postcode, which nothing took up.
    let folder = copied_definition(&world, "older");
    let b = std::fs::read_to_string(folder.join("form/b.yaml")).unwrap();
    let (from, to) =
        (b.find("    kind: group\n").unwrap(), b.find("    required: false\n    printed: false\n").unwrap());
    edit(&folder.join("form/b.yaml"), &b[from..to], "    kind: address\n");
    edit(&folder.join("form/b.yaml"), "    printed: false\n", "");
    edit(&folder.join("form/b.yaml"), "    fills_client: letters_address\n", "");
    world.restart_with_definition(folder).await;
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let said = vec![draft("A1", &json!(["JSA"]), 0), draft("B12", &json!("c/o 8 Friend Street\nBath"), 0)];
    asha.save(&claim.claim_id, said).await.unwrap();
    let newer = copied_definition(&world, "newer");
    world.restart_with_definition(newer).await;
    books_again(&asha, &claim.claim_id).await;
    asha.completes(&claim.claim_id, pb::Delivery::Post, "").await.unwrap();
    let waits = until("the exception", || async { asha.exceptions().await.pop() }).await;
    assert!(waits.faults[0].sentence.contains("another address"), "{waits:?}");
    let known = asha.client(&claim.client_id).await;
    let facts = pb::ClientFacts { letters_address: Some(refuge()), ..known.facts.clone().unwrap() };
    updates(&asha, &known, facts).await;
    asha.awaits_pack(&claim.claim_id).await;
    assert!(asha.exceptions().await.is_empty());
});
