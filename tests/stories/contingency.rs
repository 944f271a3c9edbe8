//! A site is lost: who declared it is kept, its call-backs can be made by those who help, and afterwards they are its own.

use crate::support::faults::{fields, reason};
use crate::support::floor_steps::declaration;
use crate::support::steps::{frome_facts, heard, offered};
use crate::support::values::{new_id, time};
use crate::support::{Home, Person, World, at, until};
use startline::access::Role;
use startline::grpc::pb;
use tonic::Code;

struct Cast {
    /// Of the site that is lost, of the one that helps, and of one that does not.
    asha: Person,
    bethan: Person,
    carys: Person,
    sunil: Person,
    /// Two call-backs of the lost site that are due.
    callbacks: Vec<pb::Callback>,
}

async fn cast(world: &World) -> Cast {
    let asha = world.adviser("Asha", "somerset").await;
    let bethan = world.adviser("Bethan", "south-east-gwent").await;
    let carys = world.adviser("Carys", "buckinghamshire").await;
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let mut callbacks = Vec::new();
    for _ in 0..2 {
        let client = asha.create_client(frome_facts()).await.unwrap();
        callbacks.push(asha.book_callback(&client.client_id, at("2026-03-04T09:00:00Z")).await.unwrap());
    }
    world.wait_until(at("2026-03-04T09:00:00Z"));
    Cast { asha, bethan, carys, sunil, callbacks }
}

story!(helpers_make_the_lost_sites_call_backs_until_it_is_back, |mut world| {
    let Cast { asha, bethan, carys, sunil, callbacks } = cast(&world).await;
    let [first, second] = [&callbacks[0].callback_id, &callbacks[1].callback_id];
    // Under way when it happens: Asha finishes it from home.
    asha.start_attempt(first).await.unwrap();
    let lost = sunil.declare_lost("somerset", "the exchange is flooded", &["south-east-gwent"]).await.unwrap();
    assert_eq!((lost.declared_by_name.as_str(), lost.reason.as_str()), ("Sunil", "the exchange is flooded"));
    assert_eq!(time(lost.declared_time), world.now());
    world.restart().await;

    let due: Vec<_> = bethan.due_callbacks().await.into_iter().map(|due| due.callback_id).collect();
    assert_eq!(due, std::slice::from_ref(second));
    assert!(carys.due_callbacks().await.is_empty());
    assert!(asha.due_callbacks().await.is_empty());
    asha.record_attempt(first, pb::AttemptOutcome::NoReply).await.unwrap();
    for outsider in [&asha, &carys] {
        let refused = outsider.start_attempt(second).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{}", outsider.name);
    }
    bethan.start_attempt(second).await.unwrap();

    let ended = sunil.end_contingency("somerset").await.unwrap();
    assert_eq!(ended.started_callbacks, 1);
    assert_eq!(ended.contingency.unwrap().ended_by_name, "Sunil");
    world.wait(600);
    // What was not started is home's again; what was started is finished by whoever started it.
    let due: Vec<_> = asha.due_callbacks().await.into_iter().map(|due| due.callback_id).collect();
    assert_eq!(due, std::slice::from_ref(first));
    assert!(bethan.due_callbacks().await.is_empty());
    assert_eq!(bethan.start_attempt(first).await.unwrap_err().code(), Code::PermissionDenied);
    let reached = bethan.record_attempt(second, pb::AttemptOutcome::Reached).await.unwrap();
    assert_eq!(reached.state(), pb::CallbackState::Reached);
    asha.start_attempt(first).await.unwrap();
    asha.record_attempt(first, pb::AttemptOutcome::Reached).await.unwrap();
});

story!(a_desk_of_a_helping_site_sees_the_lost_sites_call_backs, |world| {
    let Cast { bethan, sunil, .. } = cast(&world).await;
    let mut desk = bethan.take_calls().await;
    sunil.declare_lost("somerset", "fire", &["south-east-gwent"]).await.unwrap();
    let seen = heard("two call-backs that are due", &mut desk, |message| match message.event {
        Some(pb::watch_desk_response::Event::DueCallbacks(due)) if due.callbacks.len() == 2 => Some(due),
        _ => None,
    });
    assert!(seen.await.callbacks.iter().all(|callback| callback.site_id == "somerset"));
});

story!(calls_of_a_lost_site_move_at_once_and_nobody_is_left_to_wonder, |mut world| {
    let bethan = world.adviser("Bethan", "south-east-gwent").await;
    let asha = world.adviser("Asha", "somerset").await;
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let switch = world.switch("the switch").await;
    let (mut helper, mut lost) = (bethan.take_calls().await, asha.take_calls().await);
    sunil.declare_lost("somerset", "fire", &["south-east-gwent"]).await.unwrap();
    assert_eq!(sunil.floor_of("somerset").await.lost_reason, "fire");
    for desk in [&mut lost, &mut helper] {
        let told = heard("the notice", desk, |message| match message.event {
            Some(pb::watch_desk_response::Event::Notice(notice)) => Some(notice.text),
            _ => None,
        });
        let text = told.await;
        assert!(text.contains("Somerset is declared lost: fire"), "{text}");
    }
    let _call = switch.enter_call("moved", "01373 000123").await;
    let offer = offered(&mut helper).await;
    assert_eq!((offer.home_site_id.as_str(), offer.overflow), ("somerset", true));

    world.restart().await;
    assert_eq!(sunil.floor_of("somerset").await.lost_reason, "fire");
    let mut helper = bethan.take_calls().await;
    let _asha = asha.take_calls().await;
    let _call = switch.enter_call("moved too", "01373 000123").await;
    offered(&mut helper).await;
    sunil.end_contingency("somerset").await.unwrap();
    assert_eq!(sunil.floor_of("somerset").await.lost_reason, "");
});

story!(without_helpers_the_call_backs_stay_where_they_are, |world| {
    let Cast { asha, bethan, sunil, .. } = cast(&world).await;
    sunil.declare_lost("somerset", "nobody answers", &[]).await.unwrap();
    assert_eq!(asha.due_callbacks().await.len(), 2);
    assert!(bethan.due_callbacks().await.is_empty());
});

story!(a_loss_is_declared_once_with_a_reason_and_helpers_that_can_help, |mut world| {
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    for (site, why, helper, field) in [
        ("atlantis", "it sank", "somerset", "site_id"),
        ("somerset", " ", "south-east-gwent", "reason"),
        ("somerset", "fire", "somerset", "helper_site_ids[0]"),
        ("somerset", "fire", "atlantis", "helper_site_ids[0]"),
        ("somerset", "\u{202e}fire", "south-east-gwent", "reason"),
    ] {
        let refused = sunil.declare_lost(site, why, &[helper]).await.unwrap_err();
        assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec![field.to_owned()]));
    }
    assert_eq!(reason(&sunil.end_contingency("somerset").await.unwrap_err()), "NOT_LOST");

    let declare = declaration("somerset", "fire", &["south-east-gwent", "south-east-gwent"]);
    let declared = sunil.floor().declare_contingency(declare.clone()).await.unwrap().into_inner();
    assert_eq!(declared.contingency.as_ref().unwrap().helper_site_ids, ["south-east-gwent"]);
    let again = sunil.declare_lost("somerset", "flood", &[]).await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::FailedPrecondition, "ALREADY_LOST"));
    world.restart().await;
    assert_eq!(sunil.floor().declare_contingency(declare.clone()).await.unwrap().into_inner(), declared);
    assert_eq!(sunil.contingencies().await, [declared.contingency.clone().unwrap()]);

    world.wait(1);
    let end = pb::EndContingencyRequest { request_id: new_id(), site_id: "somerset".into() };
    let ended = sunil.floor().end_contingency(end.clone()).await.unwrap().into_inner();
    assert_eq!(sunil.floor().end_contingency(end.clone()).await.unwrap().into_inner(), ended);
    // The old declaration, asked once more, does not lose the site again.
    assert_eq!(sunil.floor().declare_contingency(declare).await.unwrap().into_inner(), declared);
    world.wait(1);
    let second = sunil.declare_lost("somerset", "the fire is back", &[]).await.unwrap();
    world.restart().await;
    assert_eq!(sunil.floor().end_contingency(end).await.unwrap().into_inner(), ended);
    let page = |size, token: &str| pb::ListContingenciesRequest { page_size: size, page_token: token.into() };
    let newest = sunil.floor().list_contingencies(page(1, "")).await.unwrap().into_inner();
    assert_eq!(newest.contingencies, [second]);
    let rest = sunil.floor().list_contingencies(page(1, &newest.next_page_token)).await.unwrap().into_inner();
    assert_eq!((rest.contingencies, rest.next_page_token.as_str()), (vec![ended.contingency.unwrap()], ""));
    let actions = "SELECT action FROM audit WHERE record_kind = 'contingency' ORDER BY at, id";
    let expected = ["contingency_declared", "contingency_ended", "contingency_declared"];
    assert_eq!(world.look_inside().await.texts(actions).await, expected);
});

home_story!(with_the_database_away_the_calls_move_and_the_record_is_owed, |home| {
    owed(home).await;
});

async fn owed(mut home: Home) {
    let asha = home.adviser("Asha", "somerset").await;
    let sunil = home.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let mut line = home.behind_a_line().await;
    let mut world = World::on(home).await;
    assert!(sunil.contingencies().await.is_empty(), "and now the service knows who Sunil is");
    line.cut().await;
    let declare = declaration("somerset", "fire", &["south-east-gwent"]);
    let declared_at = world.now();
    let refused = sunil.floor().declare_contingency(declare.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    assert!(refused.message().contains("calls of somerset move"), "{}", refused.message());
    // Asked again it says the same; another declaration meets the first.
    let again = sunil.floor().declare_contingency(declare.clone()).await.unwrap_err();
    assert_eq!(again.message(), refused.message());
    assert_eq!(sunil.floor_of("somerset").await.lost_reason, "fire");
    let other = sunil.declare_lost("somerset", "flood", &[]).await.unwrap_err();
    assert_eq!(reason(&other), "ALREADY_LOST");

    line.mend().await;
    world.wait(60);
    let written = until("the owed record", || async {
        let request = pb::ListContingenciesRequest::default();
        let listed = sunil.floor().list_contingencies(request).await.ok()?.into_inner().contingencies;
        listed.into_iter().next()
    });
    let written = written.await;
    assert_eq!((written.reason.as_str(), time(written.declared_time)), ("fire", declared_at));
    world.restart().await;
    let confirmed = sunil.floor().declare_contingency(declare).await.unwrap().into_inner().contingency.unwrap();
    assert_eq!(confirmed, written);
    assert_eq!(world.look_inside().await.number("SELECT COUNT(*) FROM contingencies").await, 1);
    let ended = sunil.end_contingency("somerset").await.unwrap();
    assert_eq!(ended.started_callbacks, 0);
    assert!(asha.due_callbacks().await.is_empty());
}
