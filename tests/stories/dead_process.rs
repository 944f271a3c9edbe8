//! The process that keeps the floors dies, with callers on it: each has a record afterwards, and nobody is forgotten.

use super::sip::FROME;
use crate::support::person::Address;
use crate::support::process::Process;
use crate::support::steps::{connected, offered};
use crate::support::switch::Switch;
use crate::support::values::new_id;
use crate::support::{Engine, Home, Person, at, soon, until};
use startline::access::Role;
use startline::grpc::pb;
use tonic::Code;

const START: &str = "2026-03-03T10:00:00Z";
const MORNING: &str = "2026-03-03T09:00:00Z";
const EVENING: &str = "2026-03-03T18:00:00Z";

async fn counted(lead: &Person) -> (u64, u64, u64, u64) {
    let level = lead.service_level("somerset", at(MORNING), at(EVENING)).await.unwrap();
    let figures = &level.totals[0];
    (figures.entered, figures.answered, figures.abandoned, figures.diverted)
}

async fn ends_the_call(person: &Person, offer: &pb::Offer) {
    let end = pb::EndCallRequest { request_id: new_id(), call_id: offer.call_id.clone(), hung_up: true };
    person.desk().end_call(end).await.unwrap();
}

home_story!(a_killed_server_leaves_a_record_of_every_call, |home| {
    let switch = home.switch("Exchange").await;
    let (asha, bob) = (home.adviser("Asha", "somerset").await, home.adviser("Bob", "somerset").await);
    let lead = home.add("Lead", Role::Supervisor, Some("somerset")).await;
    let mut server = Process::tour_server(&home, at(START)).await;
    let (mut ashas_desk, mut bobs_desk) = (asha.take_calls().await, bob.take_calls().await);
    let mut talks = switch.enter_call("talks", "01373 000124").await;
    let offer = offered(&mut ashas_desk).await;
    asha.accept(&offer).await;
    connected(&mut talks).await;
    switch.report("talks", pb::CallReport::Answered).await;
    let mut over = switch.enter_call("over", "01373 000125").await;
    let offer = offered(&mut bobs_desk).await;
    bob.accept(&offer).await;
    connected(&mut over).await;
    switch.report("over", pb::CallReport::Answered).await;
    server.move_clock(at("2026-03-03T10:01:00Z")).await;
    ends_the_call(&bob, &offer).await;
    // He wraps up, so that the third caller waits.
    let _waits = switch.enter_call("waits", "01373 000126").await;
    until("the figures to know all three", || async { (counted(&lead).await == (3, 2, 0, 0)).then_some(()) }).await;
    until("the end of the talk to be kept", || async {
        let kept = "SELECT COUNT(*) FROM calls_under_way WHERE ended_at IS NOT NULL";
        (home.look_inside().await.number(kept).await == 1).then_some(())
    })
    .await;
    server.kill().await;

    let mut server = Process::tour_server(&home, at("2026-03-03T10:01:05Z")).await;
    server.move_clock(at("2026-03-03T10:02:00Z")).await;
    assert_eq!(home.look_inside().await.number("SELECT COUNT(*) FROM call_records").await, 0, "switches may ask again");
    // As time passes: a process that stood still for long takes nobody for dead at once.
    let mut time = at("2026-03-03T10:02:00Z");
    while home.look_inside().await.number("SELECT COUNT(*) FROM call_records").await == 0 {
        time += chrono::TimeDelta::seconds(5);
        server.move_clock(time).await;
    }
    let records = "SELECT switch_call_id || ' ' || ended_how || ' ' || CAST(talk_ms AS TEXT) FROM call_records \
                   ORDER BY switch_call_id";
    let records = until("the records of the dead server's calls", || async {
        let records = home.look_inside().await.texts(records).await;
        (records.len() == 3).then_some(records)
    });
    let records = records.await;
    assert_eq!(records[0], "over answered 60000");
    assert!(records[1].starts_with("talks answered "), "{records:?}");
    assert_eq!(records[2], "waits abandoned 0");
    assert_eq!(counted(&lead).await, (3, 2, 1, 0));
    // Nobody knows whether that caller gave up; they are rung back.
    let missed = asha.missed_callers().await;
    assert_eq!(missed.iter().map(|caller| caller.phone.as_str()).collect::<Vec<_>>(), ["+441373000126"]);

    // The conversation went on without the server, and its switch says when it ended, to whoever is there.
    assert!(time < at("2026-03-03T10:30:00Z"), "the records took until {time}");
    server.move_clock(at("2026-03-03T10:31:00Z")).await;
    let ended = pb::ReportCallRequest {
        switch_call_id: "talks".into(),
        report: pb::CallReport::Ended.into(),
        ..Default::default()
    };
    assert_eq!(switch.routing().report_call(ended).await.unwrap_err().code(), Code::NotFound);
    until("the record to be completed", || async {
        let talk = "SELECT COUNT(*) FROM call_records WHERE switch_call_id = 'talks' AND talk_ms = 1860000";
        (home.look_inside().await.number(talk).await == 1).then_some(())
    })
    .await;
    // And the caller who was thought gone had been answered by a telephone that rang beside.
    let answered = pb::ReportCallRequest {
        switch_call_id: "waits".into(),
        report: pb::CallReport::Answered.into(),
        ..Default::default()
    };
    assert_eq!(switch.routing().report_call(answered).await.unwrap_err().code(), Code::NotFound);
    until("nobody to be rung back", || async { asha.missed_callers().await.is_empty().then_some(()) }).await;
    assert_eq!(counted(&lead).await, (3, 3, 0, 0));
    server.kill().await;
});

/// Somebody's call record, once a server that runs on has had reason to make it: switches may ask again for a while.
async fn recorded_as_time_passes(home: &Home, server: &mut Process, from: &str) -> Vec<String> {
    let records = "SELECT switch_call_id || ' ' || ended_how FROM call_records ORDER BY switch_call_id";
    let mut time = at(from);
    while home.look_inside().await.number("SELECT COUNT(*) FROM call_records").await == 0 {
        time += chrono::TimeDelta::seconds(5);
        server.move_clock(time).await;
    }
    assert!(time < at("2026-03-03T10:30:00Z"), "the records took until {time}");
    home.look_inside().await.texts(records).await
}

home_story!(who_is_let_go_by_a_server_that_stops_and_is_asked_for_nowhere_is_rung_back, |home| {
    let switch = home.switch("Exchange").await;
    let asha = home.adviser("Asha", "somerset").await;
    let lead = home.add("Lead", Role::Supervisor, Some("somerset")).await;
    let first = Process::tour_server(&home, at(START)).await;
    let _waits = switch.enter_call("waits", "01373 000126").await;
    // In order.
    assert!(first.ended().await.status.success());

    let mut second = Process::tour_server(&home, at("2026-03-03T10:00:10Z")).await;
    assert_eq!(counted(&lead).await, (1, 0, 0, 0), "the caller is on the line still");
    let records = recorded_as_time_passes(&home, &mut second, "2026-03-03T10:00:10Z").await;
    assert_eq!(records, ["waits abandoned"]);
    let missed = asha.missed_callers().await;
    assert_eq!(missed.iter().map(|caller| caller.phone.as_str()).collect::<Vec<_>>(), ["+441373000126"]);
    assert_eq!(counted(&lead).await, (1, 0, 1, 0));
    second.kill().await;
});

home_story!(who_is_answered_after_being_let_go_is_not_rung_back, |home| {
    let switch = home.switch("Exchange").await;
    let asha = home.adviser("Asha", "somerset").await;
    let lead = home.add("Lead", Role::Supervisor, Some("somerset")).await;
    let first = Process::tour_server(&home, at(START)).await;
    let _waits = switch.enter_call("waits", "01373 000126").await;
    assert!(first.ended().await.status.success());

    let mut second = Process::tour_server(&home, at("2026-03-03T10:00:10Z")).await;
    for report in [pb::CallReport::Answered, pb::CallReport::Ended] {
        let said =
            pb::ReportCallRequest { switch_call_id: "waits".into(), report: report.into(), ..Default::default() };
        assert_eq!(switch.routing().report_call(said).await.unwrap_err().code(), Code::NotFound);
    }
    until("the end of the talk to be kept", || async {
        let kept = "SELECT COUNT(*) FROM calls_under_way WHERE answered_at IS NOT NULL AND ended_at IS NOT NULL";
        (home.look_inside().await.number(kept).await == 1).then_some(())
    })
    .await;
    let records = recorded_as_time_passes(&home, &mut second, "2026-03-03T10:00:10Z").await;
    assert_eq!(records, ["waits answered"]);
    assert!(asha.missed_callers().await.is_empty());
    assert_eq!(counted(&lead).await, (1, 1, 0, 0));
    second.kill().await;
});

mod postgres {
    use super::*;

    /// Callers and desks must meet in one process.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_of_two_processes_on_one_database_has_the_floor() {
        let home = Home::fresh(Engine::Postgres).await;
        let asha = home.adviser("Asha", "somerset").await;
        let switch = home.switch("Exchange").await;
        let first = Process::serve(&home).await;
        let address_of_first = *home.address.lock().unwrap();
        let _desk = asha.take_calls().await;
        let second = Process::serve(&home).await;
        let request =
            pb::SignInRequest { request_id: new_id(), address: "sip:asha@desk.example".into(), ..Default::default() };
        let refused = asha.desk().sign_in(request.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
        assert!(refused.message().contains("at another server"), "{refused:?}");
        let entered = pb::EnterCallRequest { switch_call_id: "there".into(), ..Default::default() };
        assert_eq!(switch.routing().enter_call(entered).await.unwrap_err().code(), Code::Unavailable);

        // The one that has it dies: the other takes over.
        first.kill().await;
        until("the second server to have the floor", || async { asha.desk().sign_in(request.clone()).await.ok() })
            .await;
        // One that comes back takes nothing over while desks are elsewhere.
        let third = Process::serve(&home).await;
        assert_ne!(*home.address.lock().unwrap(), address_of_first);
        let refused = asha.desk().sign_in(request.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
        second.kill().await;
        until("the third server to have the floor", || async { asha.desk().sign_in(request.clone()).await.ok() }).await;
        third.kill().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_process_that_hangs_loses_the_floor_and_takes_nothing_over_when_it_comes_back() {
        let home = Home::fresh(Engine::Postgres).await;
        let asha = home.adviser("Asha", "somerset").await;
        let first = Process::serve(&home).await;
        let address_of_first = *home.address.lock().unwrap();
        let sip = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let config = home.data().with_extension("toml");
        let switches = "switches = [{ address = '127.0.0.1', trusted = true }]";
        std::fs::write(&config, format!("[sip]\nlisten = ['udp:{sip}']\n{switches}\n")).unwrap();
        let second = Process::serve_with(&home, |command| {
            command.arg("--config").arg(&config);
        })
        .await;
        let switch = Switch::at("127.0.0.1", sip).await;
        assert_eq!(switch.options().await.status(), 503, "another server has the floor");
        let invite = switch.invite("asked-here", FROME, "").await;
        switch.hear_status("asked-here", 503).await;
        switch.ack(&invite).await;

        first.signal("STOP").await;
        // Asked at the desk: whoever asks the SIP door so often is told 503 for that alone.
        let here = pb::SignInRequest { request_id: new_id(), address: "2001".into(), ..Default::default() };
        until("the second server to have the floor", || async { asha.desk().sign_in(here.clone()).await.ok() }).await;
        assert_eq!(switch.options().await.status(), 200);
        first.signal("CONT").await;
        let address_of_second = std::mem::replace(&mut *home.address.lock().unwrap(), address_of_first);
        until("the first server to know that it has lost the floor", || async {
            let refused = asha.desk().watch_desk(pb::WatchDeskRequest {}).await.err();
            refused.filter(|refused| refused.message().contains("at another server"))
        })
        .await;
        *home.address.lock().unwrap() = address_of_second;
        assert_eq!(switch.options().await.status(), 200);
        first.kill().await;
        second.kill().await;
    }

    /// Its switch asks for it at the other server, with the age that it has: it is one call, however the first one ended.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_caller_who_is_asked_for_at_another_server_counts_once() {
        for in_order in [false, true] {
            let home = Home::fresh(Engine::Postgres).await;
            let switch = home.switch("Exchange").await;
            let lead = home.add("Lead", Role::Supervisor, Some("somerset")).await;
            let first = Process::tour_server(&home, at(START)).await;
            let first_seen = prost_types::Timestamp { seconds: at(START).timestamp() - 5, nanos: 250_000_000 };
            let call = pb::EnterCallRequest {
                switch_call_id: "moves".into(),
                caller_number: "01373 000126".into(),
                first_seen_time: Some(first_seen),
                ..Default::default()
            };
            let _waits = switch.routing().enter_call(call.clone()).await.unwrap();
            let kept = "SELECT COUNT(*) FROM calls_under_way";
            until("the call to be kept", || async { (home.look_inside().await.number(kept).await == 1).then_some(()) })
                .await;
            let mut second = Process::tour_server(&home, at(START)).await;
            if in_order {
                assert!(first.ended().await.status.success());
            } else {
                first.kill().await;
            }
            let mut now = at(START);
            let mut waits = soon("the second server to have the floor", async {
                loop {
                    now += chrono::TimeDelta::seconds(1);
                    second.move_clock(now).await;
                    if let Ok(waits) = switch.routing().enter_call(call.clone()).await {
                        return waits.into_inner();
                    }
                }
            })
            .await;
            let told = waits.message().await.unwrap().unwrap();
            let here = format!("SELECT COUNT(*) FROM calls_under_way WHERE id = '{}'", told.call_id);
            until("the call to be kept anew", || async {
                (home.look_inside().await.number(&here).await == 1).then_some(())
            })
            .await;
            assert_eq!(counted(&lead).await, (1, 0, 0, 0), "the first stopped in order: {in_order}");
            second.kill().await;
        }
    }

    /// The same where the second server comes to write nothing of that call before it is over.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_caller_whose_call_at_another_server_is_short_counts_once() {
        let home = Home::fresh(Engine::Postgres).await;
        let switch = home.switch("Exchange").await;
        let lead = home.add("Lead", Role::Supervisor, Some("somerset")).await;
        let first = Process::tour_server(&home, at(START)).await;
        let first_seen = prost_types::Timestamp { seconds: at(START).timestamp() - 5, nanos: 250_000_000 };
        let call = pb::EnterCallRequest {
            switch_call_id: "moves".into(),
            caller_number: "01373 000126".into(),
            first_seen_time: Some(first_seen),
            ..Default::default()
        };
        let _waits = switch.routing().enter_call(call.clone()).await.unwrap();
        assert!(first.ended().await.status.success());
        let under_way = "SELECT COUNT(*) FROM calls_under_way";
        assert_eq!(home.look_inside().await.number(under_way).await, 1, "let go by the first");
        let second = Process::tour_server(&home, at("2026-03-03T10:00:10Z")).await;
        let mut somebody = home.look_inside().await;
        let _waits_before = until("the second server to have the floor", || async {
            switch
                .routing()
                .enter_call(pb::EnterCallRequest { switch_call_id: "before".into(), ..call.clone() })
                .await
                .ok()
        })
        .await;
        until("the call before to be kept", || async {
            (home.look_inside().await.number(under_way).await == 2).then_some(())
        })
        .await;
        somebody.execute("BEGIN").await;
        somebody.execute("LOCK TABLE record_writers IN ACCESS EXCLUSIVE MODE").await;
        // The end of this one is what the recorder is about to write when the other call comes and goes.
        switch.report("before", pb::CallReport::Abandoned).await;
        until("the recorder to wait for the table", || async {
            let waits =
                "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
            (home.look_inside().await.number(waits).await > 0).then_some(())
        })
        .await;
        let _waits = switch.routing().enter_call(call).await.unwrap();
        switch.report("moves", pb::CallReport::Abandoned).await;
        somebody.execute("ROLLBACK").await;
        until("both calls to be over", || async { (counted(&lead).await.2 == 2).then_some(()) }).await;
        assert_eq!(counted(&lead).await, (2, 0, 2, 0));
        second.kill().await;
    }

    /// What was said to it while it stood still is in its sockets when it goes on, and another has the floor by then.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_server_that_stood_still_asks_who_has_the_floor_before_it_hears_what_was_said_meanwhile() {
        let home = Home::fresh(Engine::Postgres).await;
        let switch = home.switch("Exchange").await;
        let first = Process::tour_server(&home, at(START)).await;
        let here = Address::default();
        *here.lock().unwrap() = *home.address.lock().unwrap();
        let at_first = Person::new(switch.id.clone(), "Exchange", &switch.token, here);
        let _known = at_first.enter_call("before", "01373 000120").await;
        let second = Process::tour_server(&home, at(START)).await;
        first.freeze().await;
        let call = |name: String| pb::EnterCallRequest {
            switch_call_id: name,
            caller_number: "01373 000126".into(),
            ..Default::default()
        };
        let asked: Vec<_> = (0..40)
            .map(|number| {
                let mut routing = at_first.routing();
                let call = call(format!("meanwhile {number}"));
                tokio::spawn(async move { routing.enter_call(call).await.map(drop) })
            })
            .collect();
        let _waits = until("the second server to have the floor", || async {
            switch.routing().enter_call(call("after".into())).await.ok()
        })
        .await;
        // The database is slow to answer just then.
        let mut somebody = home.look_inside().await;
        somebody.execute("BEGIN").await;
        somebody.execute("LOCK TABLE floor_holder IN ACCESS EXCLUSIVE MODE").await;
        first.thaw().await;
        until("both to have asked in vain, and the first once more", || async {
            let wait = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
                        AND query LIKE '%floor_holder%' AND datname = current_database()";
            (home.look_inside().await.number(wait).await >= 3).then_some(())
        })
        .await;
        somebody.execute("ROLLBACK").await;
        for asking in asked {
            let answer = soon("an answer", asking).await.unwrap();
            assert_eq!(answer.unwrap_err().code(), Code::Unavailable);
        }
        first.kill().await;
        second.kill().await;
    }
}
