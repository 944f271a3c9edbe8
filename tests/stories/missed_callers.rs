//! A caller who gives up waiting is on the home site's list: once, until somebody has spoken to them.

use crate::support::faults::{fields, reason};
use crate::support::steps::{connected, frome_facts, offered};
use crate::support::values::{new_id, time};
use crate::support::{Home, World, at, until};
use startline::grpc::pb;
use tonic::Code;

const NUMBER: &str = "01373 000123";

story!(a_caller_who_gives_up_again_and_again_is_listed_once, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let switch = world.switch("the switch").await;
    let known = asha.create_client(frome_facts()).await.unwrap();
    switch.gives_up(&world, "at once", NUMBER, 19).await;
    assert!(asha.missed_callers().await.is_empty(), "whoever does not wait is not rung");
    switch.gives_up(&world, "withheld", "withheld", 40).await;
    assert!(asha.missed_callers().await.is_empty(), "nobody can ring a number that nobody knows");

    let first = world.now();
    switch.gives_up(&world, "first", NUMBER, 25).await;
    world.restart().await;
    switch.gives_up(&world, "second", NUMBER, 60).await;
    let missed = asha.missed_callers().await;
    assert_eq!(missed.len(), 1, "{missed:?}");
    let [caller] = <[_; 1]>::try_from(missed).unwrap();
    assert_eq!((caller.site_id.as_str(), caller.phone.as_str(), caller.times), ("somerset", "+441373000123", 2));
    assert_eq!(caller.phone_grouped, "01373 000123");
    assert_eq!(time(caller.first_time), first + chrono::TimeDelta::seconds(25));
    assert_eq!(time(caller.last_time), world.now());
    assert_eq!(caller.known_clients, [known]);
});

story!(a_mobile_belongs_to_its_clients_home_and_else_to_the_site_that_kept_the_call, |world| {
    let bethan = world.adviser("Bethan", "south-east-gwent").await;
    let switch = world.switch("the switch").await;
    let facts = pb::ClientFacts { phone: "07700 900123".into(), postcode: "NP44 1XN".into(), ..frome_facts() };
    let client = bethan.create_client(facts).await.unwrap();
    assert_eq!(client.home_site_id, "south-east-gwent");
    switch.gives_up(&world, "known", "07700 900123", 30).await;
    assert_eq!(bethan.missed_callers().await.len(), 1);

    switch.gives_up(&world, "unknown", "07700 900999", 30).await;
    let open = "SELECT COUNT(*) FROM missed_callers WHERE closed_at IS NULL AND site <> ''";
    assert_eq!(world.look_inside().await.number(open).await, 2);
});

story!(an_answer_takes_the_caller_off_the_list, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let switch = world.switch("the switch").await;
    switch.gives_up(&world, "first", NUMBER, 25).await;
    switch.gives_up(&world, "another", "01373 000999", 25).await;
    assert_eq!(asha.missed_callers().await.len(), 2);

    let mut desk = asha.take_calls().await;
    let mut call = switch.enter_call("second", NUMBER).await;
    let offer = offered(&mut desk).await;
    asha.accept(&offer).await;
    connected(&mut call).await;
    switch.report("second", pb::CallReport::Answered).await;
    world.wait(60);
    switch.report("second", pb::CallReport::Ended).await;
    let done = pb::FinishWrapUpRequest { request_id: new_id(), call_id: offer.call_id, outcome: "advised".into() };
    asha.desk().finish_wrap_up(done).await.unwrap();
    let left = until("the caller off the list", || async {
        let left = asha.missed_callers().await;
        (left.len() == 1).then_some(left)
    });
    assert_eq!(left.await[0].phone, "+441373000999");
    let how = "SELECT outcome FROM missed_callers WHERE closed_at IS NOT NULL";
    assert_eq!(world.look_inside().await.texts(how).await, ["rang again and was answered"]);
});

story!(a_booked_call_back_takes_the_caller_off_the_list, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let switch = world.switch("the switch").await;
    switch.gives_up(&world, "first", NUMBER, 25).await;
    let client = asha.create_client(frome_facts()).await.unwrap();
    assert_eq!(asha.missed_callers().await.len(), 1);
    asha.book_callback(&client.client_id, at("2026-03-04T09:00:00Z")).await.unwrap();
    assert!(asha.missed_callers().await.is_empty());
    // Giving up once more is a new matter.
    switch.gives_up(&world, "later", NUMBER, 25).await;
    assert_eq!(asha.missed_callers().await.len(), 1);
});

story!(somebody_says_what_came_of_it_once_and_only_at_the_callers_site, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let bethan = world.adviser("Bethan", "south-east-gwent").await;
    let switch = world.switch("the switch").await;
    switch.gives_up(&world, "first", NUMBER, 25).await;
    let missed = asha.missed_callers().await.remove(0);
    assert!(bethan.missed_callers().await.is_empty());
    let refused = bethan.close_missed(&missed.missed_caller_id, "rung").await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let refused = asha.close_missed(&missed.missed_caller_id, "").await.unwrap_err();
    assert_eq!(fields(&refused), ["outcome"]);
    let refused = asha.close_missed(&new_id(), "rung").await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);

    let request = pb::CloseMissedCallerRequest {
        request_id: new_id(),
        missed_caller_id: missed.missed_caller_id.clone(),
        outcome: "rung, will ring again".into(),
    };
    let closed = asha.callbacks().close_missed_caller(request.clone()).await.unwrap().into_inner();
    world.restart().await;
    assert_eq!(asha.callbacks().close_missed_caller(request).await.unwrap().into_inner(), closed);
    assert!(asha.missed_callers().await.is_empty());
    let refused = asha.close_missed(&missed.missed_caller_id, "rung").await.unwrap_err();
    assert_eq!(reason(&refused), "MISSED_CALLER_CLOSED");
    let audited = "SELECT COUNT(*) FROM audit WHERE action = 'missed_caller_closed'";
    assert_eq!(world.look_inside().await.number(audited).await, 1);
});

story!(the_list_comes_in_pages, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let switch = world.switch("the switch").await;
    for n in 0..5 {
        switch.gives_up(&world, &format!("call {n}"), &format!("01373 00010{n}"), 25).await;
    }
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListMissedCallersRequest { page_size: 2, page_token: token };
        let page = asha.callbacks().list_missed_callers(request).await.unwrap().into_inner();
        seen.extend(page.missed_callers.into_iter().map(|caller| caller.phone));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    let expected: Vec<String> = (0..5).map(|n| format!("+44137300010{n}")).collect();
    assert_eq!(seen, expected);
    let request = pb::ListMissedCallersRequest { page_token: "nonsense".into(), ..Default::default() };
    let refused = asha.callbacks().list_missed_callers(request).await.unwrap_err();
    assert_eq!(fields(&refused), ["page_token"]);
});

home_story!(who_gave_up_while_the_database_was_away_is_listed_when_it_is_back, |home| {
    lost_nobody(home).await;
});

async fn lost_nobody(mut home: Home) {
    let asha = home.adviser("Asha", "somerset").await;
    let switch = home.switch("the switch").await;
    let mut line = home.behind_a_line().await;
    let world = World::on(home).await;
    // Seen once, so that they are let in while nobody can be asked who they are.
    let _seen = switch.enter_call("seen", "01373 000100").await;
    line.cut().await;
    for n in 1..=3 {
        let name = format!("away {n}");
        let _call = switch.enter_call(&name, NUMBER).await;
        world.wait(25);
        switch.report(&name, pb::CallReport::Abandoned).await;
    }
    line.mend().await;
    let caller = until("the missed caller", || async {
        let missed = asha.callbacks().list_missed_callers(pb::ListMissedCallersRequest::default()).await.ok()?;
        missed.into_inner().missed_callers.into_iter().find(|caller| caller.times == 3)
    });
    assert_eq!(caller.await.phone, "+441373000123");
    let recorded = "SELECT COUNT(*) FROM call_records WHERE switch_call_id LIKE 'away%'";
    assert_eq!(world.look_inside().await.number(recorded).await, 3);
}
