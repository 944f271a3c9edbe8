//! Signals that hold: streams that say that they are alive, desks that answer, statuses that say who made them so, and walls
//! over several sites.

use crate::support::faults::reason;
use crate::support::floor_steps::declaration;
use crate::support::steps::{client_with_claim, heard, offered};
use crate::support::values::{new_id, time};
use crate::support::{Person, World};
use chrono::{DateTime, Utc};
use startline::access::Role;
use startline::grpc::pb::{self, AdviserStatus, StatusCause, watch_desk_response::Event};
use tonic::{Code, Streaming};

/// Time passes until the stream says that it is alive, which it does sooner or later if anything is right.
async fn heartbeat<M>(
    world: &World,
    what: &str,
    stream: &mut Streaming<M>,
    beat: impl Fn(&M) -> Option<pb::Heartbeat>,
) -> DateTime<Utc> {
    for _ in 0..20 {
        world.wait(10);
        // Within ten seconds something is said.
        let message = crate::support::soon(what, stream.message()).await.unwrap().unwrap();
        if let Some(beat) = beat(&message) {
            return time(beat.time);
        }
    }
    panic!("{what} never said that it is alive");
}

story!(every_stream_that_watches_something_says_that_it_is_alive, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let room = world.add("Rita", Role::PrintRoom, Some("somerset")).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let mut seen = Vec::new();

    let mut desk = asha.take_calls().await;
    seen.push(
        heartbeat(&world, "WatchDesk", &mut desk, |message| match &message.event {
            Some(Event::Heartbeat(beat)) => Some(*beat),
            _ => None,
        })
        .await,
    );
    let request = pb::WatchFloorRequest { site_id: "somerset".into() };
    let mut floor = sunil.floor().watch_floor(request).await.unwrap().into_inner();
    seen.push(heartbeat(&world, "WatchFloor", &mut floor, |message| message.heartbeat).await);
    let mut wall = sunil.watches(&[], false).await;
    seen.push(
        heartbeat(&world, "WatchFloors", &mut wall, |message| match &message.event {
            Some(pb::watch_floors_response::Event::Heartbeat(beat)) => Some(*beat),
            _ => None,
        })
        .await,
    );
    let request = pb::WatchDayRequest { office_id: "frome".into(), ..Default::default() };
    let mut day = petra.diary().watch_day(request).await.unwrap().into_inner();
    seen.push(
        heartbeat(&world, "WatchDay", &mut day, |message| match &message.event {
            Some(pb::watch_day_response::Event::Heartbeat(beat)) => Some(*beat),
            _ => None,
        })
        .await,
    );
    let mut screen = asha.watch_claim(&claim.claim_id).await;
    seen.push(
        heartbeat(&world, "WatchClaim", &mut screen, |message| match &message.event {
            Some(pb::watch_claim_response::Event::Heartbeat(beat)) => Some(*beat),
            _ => None,
        })
        .await,
    );
    let looked = room.packs().watch_print_room(pb::WatchPrintRoomRequest::default()).await;
    let mut looked = looked.unwrap().into_inner();
    seen.push(heartbeat(&world, "WatchPrintRoom", &mut looked, |message| message.heartbeat).await);
    assert!(seen.is_sorted() && seen.last() == Some(&world.now()), "{seen:?} is not the service's time");
});

async fn told(desk: &mut Streaming<pb::WatchDeskResponse>, cause: StatusCause) -> pb::Desk {
    heard(cause.as_str_name(), desk, |message| match message.event {
        Some(Event::Desk(desk)) if desk.status_cause() == cause => Some(desk),
        _ => None,
    })
    .await
}

async fn noticed(desk: &mut Streaming<pb::WatchDeskResponse>) -> String {
    heard("a notice", desk, |message| match message.event {
        Some(Event::Notice(notice)) => Some(notice.text),
        _ => None,
    })
    .await
}

impl Person {
    /// With a desktop that says at once that it answers heartbeats.
    async fn takes_calls_answering(&self) -> Streaming<pb::WatchDeskResponse> {
        let address = format!("sip:{}@desk.example", self.name.to_lowercase());
        let here = pb::SignInRequest { request_id: new_id(), address, answers_heartbeats: true, ..Default::default() };
        self.desk().sign_in(here).await.unwrap();
        let desk = self.desk().watch_desk(pb::WatchDeskRequest {}).await.unwrap().into_inner();
        self.chooses(AdviserStatus::Available, "").await;
        desk
    }

    async fn chooses(&self, status: AdviserStatus, reason: &str) -> pb::Desk {
        let request = pb::SetStatusRequest { request_id: new_id(), status: status.into(), break_reason: reason.into() };
        self.desk().set_status(request).await.unwrap().into_inner().desk.unwrap()
    }

    async fn is_here(&self) -> pb::Desk {
        let here = pb::StillHereRequest { request_id: new_id() };
        self.desk().still_here(here).await.unwrap().into_inner().desk.unwrap()
    }

    async fn watches(&self, sites: &[&str], details: bool) -> Streaming<pb::WatchFloorsResponse> {
        self.floor().watch_floors(floors(sites, details)).await.unwrap().into_inner()
    }
}

fn floors(sites: &[&str], details: bool) -> pb::WatchFloorsRequest {
    pb::WatchFloorsRequest {
        site_ids: sites.iter().map(ToString::to_string).collect(),
        with_advisers: details,
        with_waiting: details,
    }
}

story!(a_desk_that_answered_and_falls_silent_hands_its_offer_on_and_is_back_at_its_first_word, |world| {
    let (asha, bela) = (world.adviser("Asha", "somerset").await, world.adviser("Bela", "somerset").await);
    let switch = world.switch("the switch").await;
    let mut desk = asha.takes_calls_answering().await;
    world.wait(20);
    asha.is_here().await;
    world.wait(20);
    let _call = switch.enter_call("call-1", "+441373000123").await;
    let offer = offered(&mut desk).await;
    // A desktop that knows nothing of heartbeats.
    let mut other = bela.take_calls().await;
    world.wait(5);
    let silent = told(&mut desk, StatusCause::DeskSilent).await;
    assert_eq!((silent.status(), silent.status_changed_by.as_str()), (AdviserStatus::OnBreak, ""));
    assert_eq!(silent.missed_offers, 0);
    assert!(noticed(&mut desk).await.starts_with("Nothing was heard of your desk for 25 seconds"));
    assert_eq!(offered(&mut other).await.call_id, offer.call_id);
    world.wait(120);
    let back = asha.is_here().await;
    assert_eq!((back.status(), back.status_cause()), (AdviserStatus::Available, StatusCause::CameBack));
    assert_eq!(time(back.status_time), world.now());
    assert!(noticed(&mut desk).await.starts_with("Your desk is back"));
    assert_eq!(bela.is_here().await.status_cause(), StatusCause::Chosen, "silence means nothing there");
});

story!(whoever_answers_heartbeats_with_any_word_stays_and_a_new_stream_is_a_word, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.takes_calls_answering().await;
    for _ in 0..3 {
        world.wait(20);
        let home = pb::SetCallHomeRequest { request_id: new_id(), call_id: new_id(), postcode: "BA11 1BL".into() };
        assert_eq!(reason(&asha.desk().set_call_home(home).await.unwrap_err()), "NOT_YOUR_CALL");
    }
    assert_eq!(asha.is_here().await.status(), AdviserStatus::Available);
    world.wait(25);
    told(&mut desk, StatusCause::DeskSilent).await;
    let mut again = asha.desk().watch_desk(pb::WatchDeskRequest {}).await.unwrap().into_inner();
    assert_eq!(told(&mut again, StatusCause::CameBack).await.status(), AdviserStatus::Available);
});

story!(a_desk_is_asked_however_much_else_it_is_told, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.takes_calls_answering().await;
    let mut beats = 0;
    for n in 0..8 {
        world.wait(6);
        asha.chooses(AdviserStatus::OnBreak, &format!("tea, cup {n}")).await;
        heard("the cup", &mut desk, |message| match message.event {
            Some(Event::Heartbeat(_)) => Some(true),
            Some(Event::Desk(desk)) if desk.break_reason == format!("tea, cup {n}") => Some(false),
            _ => None,
        })
        .await
        .then(|| beats += 1);
    }
    assert!(beats >= 3, "asked {beats} times in 48 seconds");
});

story!(every_status_says_who_made_it_so_and_since_when, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let mut desk = asha.take_calls().await;
    world.wait(60);
    let tea = asha.chooses(AdviserStatus::OnBreak, "tea").await;
    assert_eq!((tea.status_changed_by.as_str(), tea.status_cause()), ("Asha", StatusCause::Chosen));
    assert_eq!(time(tea.status_time), world.now());
    let since = world.now();
    world.wait(60);
    // A choice of the same changes nothing, and another reason is another break.
    assert_eq!(time(asha.chooses(AdviserStatus::OnBreak, "tea").await.status_time), since);
    assert_eq!(time(asha.chooses(AdviserStatus::OnBreak, "lunch").await.status_time), world.now());
    let seen = &sunil.floor_of("somerset").await.advisers[0];
    assert_eq!((seen.break_reason.as_str(), seen.status_changed_by.as_str()), ("lunch", "Asha"));
    asha.chooses(AdviserStatus::Available, "").await;
    let free = pb::FreeDeskRequest {
        request_id: new_id(),
        adviser_id: asha.id.clone(),
        reason: "asleep".into(),
        ..Default::default()
    };
    let freed = sunil.floor().free_desk(free).await.unwrap().into_inner().desk.unwrap();
    assert_eq!((freed.status_changed_by.as_str(), freed.status_cause()), ("Sunil", StatusCause::Supervisor));
    told(&mut desk, StatusCause::Supervisor).await;
    asha.desk().sign_out(pb::SignOutRequest { request_id: new_id() }).await.unwrap();
    let gone = told(&mut desk, StatusCause::SignedOut).await;
    assert_eq!((gone.status(), gone.status_changed_by.as_str()), (AdviserStatus::SignedOut, "Asha"));
});

story!(a_choice_made_during_a_call_takes_effect_after_it, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let switch = world.switch("the switch").await;
    let mut desk = asha.take_calls().await;
    let _call = switch.enter_call("call-1", "+441373000123").await;
    let offer = offered(&mut desk).await;
    asha.accept(&offer).await;
    let chosen = asha.chooses(AdviserStatus::OnBreak, "lunch").await;
    assert_eq!((chosen.state(), chosen.status_cause()), (pb::AdviserState::OnCall, StatusCause::ChosenDuringCall));
    world.wait(60);
    switch.report("call-1", pb::CallReport::Ended).await;
    let finish = pb::FinishWrapUpRequest { request_id: new_id(), call_id: offer.call_id, outcome: "booked".into() };
    let after = asha.desk().finish_wrap_up(finish).await.unwrap().into_inner().desk.unwrap();
    assert_eq!((after.break_reason.as_str(), after.status_cause()), ("lunch", StatusCause::AfterCall));
    assert_eq!(time(after.status_time), world.now());
});

async fn changes(wall: &mut Streaming<pb::WatchFloorsResponse>) -> pb::FloorChanges {
    heard("the wall", wall, |message| match message.event {
        Some(pb::watch_floors_response::Event::Changes(changes)) => Some(changes),
        _ => None,
    })
    .await
}

story!(a_wall_shows_the_sites_that_its_watcher_may_see_and_then_what_changes, |mut world| {
    let asha = world.adviser("Asha", "somerset").await;
    let sunil = world.add("Sunil", Role::Supervisor, Some("somerset")).await;
    let ada = world.add("Ada", Role::Admin, None).await;
    let switch = world.switch("the switch").await;
    let sites = |changes: &pb::FloorChanges| -> Vec<String> {
        changes.floors.iter().map(|floor| floor.site_id.clone()).collect()
    };
    let mut own = sunil.watches(&[], true).await;
    let first = changes(&mut own).await;
    assert_eq!((first.whole, sites(&first)), (true, vec!["somerset".to_owned()]));
    let mut all = ada.watches(&[], false).await;
    let first = changes(&mut all).await;
    assert!(first.floors.len() > 3 && first.floors.iter().all(|floor| floor.advisers.is_empty()));
    let named = first.floors.iter().find(|floor| floor.site_id == "somerset").unwrap().summary.clone().unwrap();
    assert_eq!(named.site_name, "Somerset");
    let mut two = ada.watches(&["south-east-gwent", "somerset", "somerset"], false).await;
    assert_eq!(sites(&changes(&mut two).await), ["somerset", "south-east-gwent"]);

    // As for one floor.
    for asked in [&["south-east-gwent"][..], &["somerset", "south-east-gwent"][..]] {
        let refused = sunil.floor().watch_floors(floors(asked, false)).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{refused:?}");
    }
    let one = pb::WatchFloorRequest { site_id: "atlantis".into() };
    let as_one = sunil.floor().watch_floor(one).await.unwrap_err().code();
    let refused = sunil.floor().watch_floors(floors(&["atlantis"], false)).await.unwrap_err();
    assert_eq!(refused.code(), as_one, "{refused:?}");
    assert_eq!(asha.floor().watch_floors(floors(&[], false)).await.unwrap_err().code(), Code::PermissionDenied);

    let _desk = asha.take_calls().await;
    let _first = switch.enter_call("call-1", "+441373000123").await;
    let _second = switch.enter_call("call-2", "+441373000124").await;
    world.wait(1);
    let (mut advisers, mut waiting) = (Vec::new(), Vec::new());
    while advisers.is_empty() || waiting.is_empty() {
        let told = changes(&mut own).await;
        assert!(!told.whole);
        for floor in told.floors {
            advisers.extend(floor.advisers);
            waiting.extend(floor.waiting_calls);
        }
        world.wait(1);
    }
    assert_eq!((advisers[0].adviser_name.as_str(), waiting[0].position), ("Asha", 1));

    ada.floor().declare_contingency(declaration("somerset", "a flood", &["south-east-gwent"])).await.unwrap();
    world.wait(1);
    let lost = heard("the loss", &mut two, |message| match message.event {
        Some(pb::watch_floors_response::Event::Changes(changes)) => {
            world.wait(1);
            changes.floors.into_iter().filter_map(|floor| floor.summary).find(|floor| !floor.lost_reason.is_empty())
        }
        _ => None,
    });
    assert_eq!(lost.await.lost_reason, "a flood");
    world.stop().await;
    heard("word that the service stops", &mut own, |message| match message.event {
        Some(pb::watch_floors_response::Event::Stopping(_)) => Some(()),
        _ => None,
    })
    .await;
});
