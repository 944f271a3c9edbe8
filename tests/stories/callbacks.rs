//! Call-back times come from who works when, can what the call needs, and is free.

use crate::support::callback_steps::{SAME_TIME, booking, client, every_day, outbound, supervisor, to_time, wednesday};
use crate::support::faults::{fields, fresh_offers, reason};
use crate::support::values::{time, timestamp};
use crate::support::{Person, World, at};
use startline::access::Role;
use startline::grpc::pb;
use tonic::Code;

fn starts(offered: &pb::OfferCallbackSlotsResponse) -> Vec<chrono::DateTime<chrono::Utc>> {
    offered.slots.iter().map(|slot| time(slot.start_time)).collect()
}

async fn bronwen(world: &World) -> Person {
    world.add_skilled("Bronwen", Role::Adviser, Some("somerset"), &["inbound", "outbound", "welsh"]).await
}

story!(a_welsh_call_back_is_offered_only_where_somebody_who_talks_welsh_works_and_is_free, |world| {
    let sunil = supervisor(&world).await;
    let (asha, bronwen) = (world.adviser("Asha", "somerset").await, bronwen(&world).await);
    sunil.sets_roster(&asha, every_day("08:30", "18:00")).await;
    sunil.sets_roster(&bronwen, vec![outbound(4, "09:00", "12:00")]).await;
    let (welsh, english) = (client(&asha, "cy", &[]).await, client(&asha, "en", &[]).await);
    let offered = asha.offers(&welsh, pb::CallbackWishes::default()).await;
    assert_eq!(offered.needs, ["welsh"]);
    let thursday = |time: &str| at(&format!("2026-03-05T{time}:00Z"));
    let within: Vec<_> = offered.slots.iter().filter(|slot| !slot.beyond_standard).collect();
    let mut times: Vec<_> = within.iter().map(|slot| time(slot.start_time)).collect();
    times.sort_unstable();
    assert_eq!(times, ["09:00", "09:30", "10:00", "10:30", "11:00"].map(thursday));
    assert!(within[0].earliest && within[0].why.starts_with("the earliest that can be had"), "{}", within[0].why);
    assert!(!offered.none_in_standard);

    // Rare skills stay free: an English call-back of that time goes to Asha.
    asha.book_callback(&english, thursday("10:00")).await.unwrap();
    let lines = sunil.roster_on("2026-03-05").await;
    let booked: Vec<_> = lines.iter().map(|line| (line.adviser_name.as_str(), line.booked_callbacks)).collect();
    assert_eq!(booked, [("Asha", 1), ("Bronwen", 0)]);
    asha.book_callback(&welsh, thursday("10:00")).await.unwrap();
    let another = client(&asha, "cy", &[]).await;
    let left = asha.offers(&another, pb::CallbackWishes::default()).await;
    let left: Vec<_> =
        left.slots.iter().filter(|slot| !slot.beyond_standard).map(|slot| time(slot.start_time)).collect();
    assert_eq!(left, ["09:00", "11:00"].map(thursday));
    let refused = asha.book_callback(&another, wednesday("10:00")).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Aborted, "SLOT_TAKEN"));
    assert!(refused.message().contains("Welsh"), "{}", refused.message());
});

story!(where_nobody_has_the_skill_in_time_later_times_are_offered_and_said_to_be_late, |world| {
    let sunil = supervisor(&world).await;
    let (asha, bronwen) = (world.adviser("Asha", "somerset").await, bronwen(&world).await);
    sunil.sets_roster(&asha, every_day("08:30", "18:00")).await;
    let request = pb::SetRosterRequest {
        request_id: crate::support::values::new_id(),
        adviser_id: bronwen.id.clone(),
        valid_from: "2026-03-16".into(),
        shifts: every_day("09:00", "10:00"),
        ..Default::default()
    };
    sunil.callbacks().set_roster(request).await.unwrap();
    let welsh = client(&asha, "cy", &[]).await;
    let offered = asha.offers(&welsh, pb::CallbackWishes::default()).await;
    assert!(
        offered.none_in_standard && offered.note.contains("Welsh is free within 5 working days"),
        "{}",
        offered.note
    );
    assert_eq!(starts(&offered)[0], at("2026-03-16T09:00:00Z"));
    assert!(
        offered.slots.iter().all(|slot| slot.beyond_standard && slot.why.contains("later than the 5 working days"))
    );
    // Nobody at all: English is no answer.
    let urdu = client(&asha, "en", &["urdu"]).await;
    let offered = asha.offers(&urdu, pb::CallbackWishes::default()).await;
    assert!(offered.slots.is_empty() && offered.note.contains("Nobody who has Urdu"), "{}", offered.note);
});

story!(an_english_call_sits_elsewhere_so_that_the_only_welsh_speaker_is_free, |world| {
    let sunil = supervisor(&world).await;
    let bronwen = bronwen(&world).await;
    sunil.sets_roster(&bronwen, every_day("10:00", "11:00")).await;
    let english = client(&bronwen, "en", &[]).await;
    let booked = bronwen.book_callback(&english, wednesday("10:00")).await.unwrap();
    let welsh = client(&bronwen, "cy", &[]).await;
    assert_ne!(starts(&bronwen.offers(&welsh, pb::CallbackWishes::default()).await)[0], wednesday("10:00"));
    let asha = world.adviser("Asha", "somerset").await;
    assert!(sunil.sets_roster(&asha, every_day("10:00", "11:00")).await.is_empty());
    assert_eq!(starts(&asha.offers(&welsh, pb::CallbackWishes::default()).await)[0], wednesday("10:00"));
    asha.book_callback(&welsh, wednesday("10:00")).await.unwrap();
    let lines = sunil.roster_on("2026-03-04").await;
    assert!(lines.iter().all(|line| line.booked_callbacks == 1), "{lines:?}");
    assert!(sunil.at_risk().await.is_empty());
    // The client was promised a time, and has it still.
    let kept = asha.callback_history(&booked.callback_id).await;
    assert_eq!(time(kept.callback.unwrap().start_time), wednesday("10:00"));
    assert_eq!(kept.events.len(), 1);
});

story!(an_interpreter_or_a_textphone_takes_twice_as_long, |world| {
    let asha = world.add_skilled("Asha", Role::Adviser, Some("somerset"), &["outbound", "textphone"]).await;
    for needs in [["interpreter"], ["textphone"]] {
        let client = client(&asha, "en", &needs).await;
        let offered = asha.offers(&client, pb::CallbackWishes::default()).await;
        assert_eq!(offered.minutes, 120);
        let booked = asha.book_callback(&client, wednesday("16:00")).await.unwrap();
        assert_eq!(time(booked.end_time), wednesday("18:00"));
        let refused = asha.moves(&booked.callback_id, to_time(wednesday("16:30"))).await.unwrap_err();
        assert_eq!(fields(&refused), ["start_time"]);
    }
    let cells = world.look_inside().await.number("SELECT COUNT(*) FROM callback_cells").await;
    assert_eq!(cells, 8);
});

story!(a_held_place_is_kept_until_it_runs_out_and_is_then_free_by_itself, |mut world| {
    let sunil = supervisor(&world).await;
    let asha = world.adviser("Asha", "somerset").await;
    sunil.sets_roster(&asha, every_day("10:00", "11:00")).await;
    let (first, second) = (client(&asha, "en", &[]).await, client(&asha, "en", &[]).await);
    let held = asha.hold_callback(&first, wednesday("10:00")).await.unwrap();
    assert_eq!(time(held.expire_time), world.now() + chrono::TimeDelta::seconds(300));
    world.restart().await;
    let refused = asha.book_callback(&second, wednesday("10:00")).await.unwrap_err();
    assert_eq!(reason(&refused), "SLOT_TAKEN");
    assert_eq!(time(fresh_offers(&refused)[0].start_time), at("2026-03-05T10:00:00Z"));
    world.wait(300);
    let late = asha.book_held(&first, &held.hold_id).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::Aborted, "HOLD_EXPIRED"));
    assert_eq!(time(fresh_offers(&late)[0].start_time), wednesday("10:00"), "nobody else has taken it");
    asha.book_callback(&second, wednesday("10:00")).await.unwrap();

    let again = asha.hold_callback(&first, at("2026-03-05T10:00:00Z")).await.unwrap();
    let booked = asha.book_held(&first, &again.hold_id).await.unwrap();
    assert_eq!(booked.read_back, "01373 000123");
    let booked = booked.callback.unwrap();
    assert!(booked.number_confirmed);
    assert_eq!(time(booked.start_time), at("2026-03-05T10:00:00Z"));
    // A client's second hold gives the first one back.
    let third = client(&asha, "en", &[]).await;
    for start in ["2026-03-06T10:00:00Z", "2026-03-09T10:00:00Z"] {
        asha.hold_callback(&third, at(start)).await.unwrap();
    }
    let sql = "SELECT COUNT(*) FROM callback_cells WHERE hold_id IS NOT NULL";
    assert_eq!(world.look_inside().await.number(sql).await, 2);
});

story!(sickness_shows_at_once_what_is_at_risk_and_nothing_moves_by_itself, |mut world| {
    let sunil = supervisor(&world).await;
    let (asha, ben) = (world.adviser("Asha", "somerset").await, world.adviser("Ben", "somerset").await);
    for adviser in [&asha, &ben] {
        sunil.sets_roster(adviser, every_day("09:00", "13:00")).await;
    }
    // Both at ten, and one at noon that Asha has promised.
    let mut booked = Vec::new();
    for (hour, owner) in [("10:00", ""), ("10:00", ""), ("12:00", asha.id.as_str())] {
        let client = client(&asha, "en", &[]).await;
        let request = pb::BookCallbackRequest { adviser_id: owner.into(), ..booking(&client, wednesday(hour)) };
        booked.push(asha.callbacks().book_callback(request).await.unwrap().into_inner().callback.unwrap());
    }
    assert!(sunil.at_risk().await.is_empty());
    let sick = sunil.reports_sick(&asha, "2026-03-04").await;
    let told: Vec<_> = sick.at_risk.iter().map(|one| time(one.callback.as_ref().unwrap().start_time)).collect();
    assert_eq!(told, [wednesday("10:00"), wednesday("12:00")]);
    world.restart().await;
    let risk = sunil.at_risk().await;
    assert_eq!(risk, sick.at_risk);
    assert!(risk.iter().all(|one| one.reason() == pb::RiskReason::AdviserAway && one.away_adviser_name == "Asha"));
    let (ten, noon) = (&risk[0], &risk[1]);
    // At ten Ben has one already: the nearest other time. At noon he is free.
    assert!(ten.proposals.iter().all(|proposal| !proposal.keep_time));
    let other = ten.proposals[0].slot.as_ref().unwrap();
    assert_eq!(time(other.start_time), wednesday("09:00"));
    assert_eq!((noon.proposals[0].keep_time, noon.proposals[0].adviser_name.as_str()), (true, "Ben"));
    // Nothing has moved.
    let id = |one: &pb::CallbackAtRisk| one.callback.as_ref().unwrap().callback_id.clone();
    for one in &risk {
        assert_eq!(sunil.callback_history(&id(one)).await.callback, one.callback);
    }
    let moved = sunil.moves(&id(ten), to_time(time(other.start_time))).await.unwrap();
    assert_eq!(time(moved.start_time), wednesday("09:00"));
    let handed_on = sunil.moves(&id(noon), SAME_TIME).await.unwrap();
    assert_eq!((time(handed_on.start_time), handed_on.adviser_id.as_str()), (wednesday("12:00"), ""));
    assert!(sunil.at_risk().await.is_empty());
    let events: Vec<_> = sunil.callback_history(&id(ten)).await.events.into_iter().map(|one| one.event).collect();
    assert_eq!(events, ["booked", "moved"]);

    // She is back: her hours are there again.
    let request = pb::EndAbsenceRequest {
        request_id: crate::support::values::new_id(),
        absence_id: sick.absence.unwrap().absence_id,
    };
    let back = sunil.callbacks().end_absence(request).await.unwrap().into_inner();
    assert!(back.at_risk.is_empty() && back.absence.is_none());
    let line = sunil.roster_on("2026-03-04").await.remove(0);
    assert!(line.absences.is_empty());
    assert_eq!((time(line.outbound[0].start_time), line.booked_callbacks), (wednesday("09:00"), 0));
});

story!(an_owner_takes_their_own_place_or_says_when_they_could, |world| {
    let sunil = supervisor(&world).await;
    let (asha, ben) = (world.adviser("Asha", "somerset").await, world.adviser("Ben", "somerset").await);
    sunil.sets_roster(&asha, every_day("09:00", "10:00")).await;
    sunil.sets_roster(&ben, every_day("09:00", "12:00")).await;
    let first = client(&asha, "en", &[]).await;
    let owned = |client: &str, hour: &str| pb::BookCallbackRequest {
        adviser_id: asha.id.clone(),
        ..booking(client, wednesday(hour))
    };
    let refused = asha.callbacks().book_callback(owned(&first, "10:00")).await.unwrap_err();
    assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["adviser_id".to_owned()]));
    assert_eq!(time(fresh_offers(&refused)[0].start_time), wednesday("09:00"));
    asha.callbacks().book_callback(owned(&first, "09:00")).await.unwrap();
    let second = client(&asha, "en", &[]).await;
    let refused = asha.callbacks().book_callback(owned(&second, "09:00")).await.unwrap_err();
    assert_eq!(time(fresh_offers(&refused)[0].start_time), at("2026-03-05T09:00:00Z"));
    // Whoever is wished for is told apart.
    let wishes = pb::CallbackWishes { adviser_id: asha.id.clone(), ..Default::default() };
    let offered = asha.offers(&second, wishes).await;
    assert_eq!(time(offered.slots[0].start_time), at("2026-03-05T09:00:00Z"));
    assert_eq!(offered.slots[0].met_wishes, [i32::from(pb::CallbackWish::Adviser)]);
    assert!(offered.slots[0].why.contains("with Asha, as wished"), "{}", offered.slots[0].why);
    let without = offered.slots.iter().find(|slot| time(slot.start_time) == wednesday("10:00")).unwrap();
    assert!(without.why.contains("but Asha is not free then"), "{}", without.why);
});

story!(times_that_suit_come_first_and_each_says_how_it_fares, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let id = client(&asha, "en", &[]).await;
    // Mornings never, Wednesdays not at all; before the end of Friday if it can be.
    let unsuitable = |weekdays: &[pb::Weekday], start: &str, end: &str| pb::CallbackUnsuitableTime {
        weekdays: weekdays.iter().map(|day| (*day).into()).collect(),
        start: start.into(),
        end: end.into(),
    };
    let wishes = pb::CallbackWishes {
        unsuitable_times: vec![unsuitable(&[], "08:00", "12:00"), unsuitable(&[pb::Weekday::Wednesday], "", "")],
        not_after_time: Some(timestamp(at("2026-03-06T18:00:00Z"))),
        ..Default::default()
    };
    let offered = asha.offers(&id, wishes.clone()).await;
    assert_eq!(starts(&offered)[..2], [at("2026-03-05T12:00:00Z"), at("2026-03-06T12:00:00Z")]);
    let first = &offered.slots[0];
    assert_eq!((first.earliest, first.opens_half_day, first.unmet_wishes.len()), (false, true, 0));
    assert!(first.why.contains("at a time that suits"), "{}", first.why);
    // Kept with the booking, for whoever moves it.
    let request = pb::BookCallbackRequest { wishes: Some(wishes.clone()), ..booking(&id, at("2026-03-05T12:00:00Z")) };
    let booked = asha.callbacks().book_callback(request).await.unwrap().into_inner().callback.unwrap();
    assert_eq!(booked.wishes, Some(wishes));
    // Without wishes: the earliest, and then a choice of half-days.
    let free = asha.offers(&id, pb::CallbackWishes::default()).await;
    assert_eq!(starts(&free)[..3], [wednesday("08:30"), wednesday("12:00"), at("2026-03-05T08:30:00Z")]);
    assert!(free.slots.iter().all(|slot| !slot.beyond_standard));
});

story!(whatever_cannot_be_is_refused_with_what_could, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let id = client(&asha, "en", &[]).await;
    for (start, words, first) in [
        ("2026-03-03T09:30:00Z", "in the past", "2026-03-04T08:30:00Z"),
        ("2026-03-03T11:00:00Z", "too soon", "2026-03-04T08:30:00Z"),
        ("2026-03-07T10:00:00Z", "opens again on Monday 9 March at 08:30", "2026-03-09T08:30:00Z"),
        ("2026-03-05T09:10:00Z", "step of 30 minutes", "2026-03-05T09:30:00Z"),
        ("2026-03-05T17:30:00Z", "60 minutes before it closes", "2026-03-06T08:30:00Z"),
        ("2027-03-05T09:00:00Z", "more than 6 months ahead", "2026-09-03T07:30:00Z"),
    ] {
        let refused = asha.book_callback(&id, at(start)).await.unwrap_err();
        assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["start_time".to_owned()]));
        assert!(refused.message().contains(words), "{start}: {}", refused.message());
        assert_eq!(time(fresh_offers(&refused)[0].start_time), at(first), "{start}");
    }
    // The need is urgent: from now on.
    let urgent = pb::BookCallbackRequest { urgent: true, ..booking(&id, at("2026-03-03T11:00:00Z")) };
    asha.callbacks().book_callback(urgent).await.unwrap();
});

story!(who_answers_is_told_the_whole_way_to_the_meeting, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let id = client(&asha, "en", &[]).await;
    let meeting = asha.offers(&id, pb::CallbackWishes::default()).await.earliest_meeting.unwrap();
    assert_eq!((meeting.office_id.as_str(), meeting.personal_adviser_name.as_str()), ("frome", "Petra"));
    assert!(meeting.within_standard && time(meeting.start_time) > wednesday("09:30"));
});
