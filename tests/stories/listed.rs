//! Which claims are on their way, and what is wrong with each: by site, client, office, personal adviser and trouble, the nearest loss
//! first.

use crate::slipping::deferred;
use crate::support::claim_steps::claim_for;
use crate::support::faults::{fields, illegal, reason};
use crate::support::followup_steps::{Staff, missed, named, staff, three_misses, with_meeting};
use crate::support::steps::{Answer, client_with_facts};
use crate::support::values::{new_id, time};
use crate::support::{Person, World, at, until};
use chrono::TimeDelta;
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use startline::grpc::pb::ClaimTrouble as Trouble;
use tonic::Code;

async fn list(person: &Person, asked: pb::ListClaimsRequest) -> Vec<pb::ListedClaim> {
    person.claims().list_claims(asked).await.unwrap().into_inner().claims
}

async fn all(person: &Person) -> Vec<pb::ListedClaim> {
    list(person, pb::ListClaimsRequest::default()).await
}

/// The ids of the claims with this trouble.
async fn with(person: &Person, trouble: Trouble) -> Vec<String> {
    let asked = pb::ListClaimsRequest { trouble: trouble.into(), ..Default::default() };
    list(person, asked).await.into_iter().map(|claim| claim.claim_id).collect()
}

fn one<'a>(claims: &'a [pb::ListedClaim], id: &str) -> &'a pb::ListedClaim {
    claims.iter().find(|claim| claim.claim_id == id).unwrap_or_else(|| panic!("{id} is not among {claims:?}"))
}

fn troubles(claim: &pb::ListedClaim) -> Vec<Trouble> {
    claim.troubles().collect()
}

/// Narrowed by a trouble, exactly those are listed that say of themselves that they have it.
async fn agree(person: &Person) {
    let everything = all(person).await;
    for number in 1..=10 {
        let trouble = Trouble::try_from(number).unwrap();
        let said = everything.iter().filter(|claim| claim.troubles().any(|one| one == trouble));
        let said: Vec<&str> = said.map(|claim| claim.claim_id.as_str()).collect();
        let mut narrowed = with(person, trouble).await;
        // What is handed over has evidence to come all the same.
        narrowed.retain(|id| everything.iter().any(|claim| claim.claim_id == *id));
        assert_eq!(narrowed, said, "{trouble:?}");
    }
}

async fn is_troubled(world: &World, person: &Person, claim: &str, days: i64, trouble: Trouble) -> pb::ListedClaim {
    world.wait_until(world.now() + TimeDelta::days(days));
    until("the claim to be in trouble", || async {
        let asked = pb::ListClaimsRequest { trouble: trouble.into(), ..Default::default() };
        list(person, asked).await.into_iter().find(|listed| listed.claim_id == claim)
    })
    .await
}

story!(each_claim_on_its_way_is_listed_with_what_is_wrong_the_nearest_loss_first, |world| {
    let Staff { asha, lena, petra, eve } = staff(&world).await;
    let room = world.print_room("Ron", "somerset").await;
    // Housing Benefit protects for fewer days, and comes before what was begun sooner.
    let posted = deferred(&world, &asha, &json!(["IB"])).await;
    asha.awaits_pack(&posted.claim_id).await;
    room.print_and_post().await;
    let council = deferred(&world, &asha, &json!(["HB"])).await;
    let (met, first) = with_meeting(&asha, named("Hill"), &json!(["IS"])).await;
    let (_, begun) = client_with_facts(&asha, named("Lake")).await;
    claim_for(&asha, &begun.claim_id, &json!(["IS"])).await;

    let listed = all(&asha).await;
    assert_eq!(listed.len(), 4);
    assert!(listed.windows(2).all(|two| two[0].last_day <= two[1].last_day), "{listed:?}");
    assert_eq!(one(&listed, &council.claim_id).last_day, "2026-03-31");
    assert_eq!(one(&listed, &posted.claim_id).last_day, "2026-04-03");
    assert_eq!(one(&listed, &posted.claim_id).days_at_stake, 32);
    assert!(troubles(one(&listed, &posted.claim_id)).contains(&Trouble::FormNotBack));
    assert!(one(&listed, &posted.claim_id).evidence_to_come > 0);
    assert_eq!(troubles(one(&listed, &begun.claim_id)), [Trouble::StartUpNotFinished]);
    let hill = one(&listed, &met.claim_id);
    assert_eq!((hill.office_id.as_str(), hill.personal_adviser_name.as_str()), ("frome", "Petra"));
    assert_eq!(hill.meeting_time, first.slot.as_ref().unwrap().start_time);
    agree(&asha).await;

    // By office and personal adviser.
    let at = |office: &str| pb::ListClaimsRequest { office_id: office.into(), ..Default::default() };
    let ids = |claims: Vec<pb::ListedClaim>| claims.into_iter().map(|claim| claim.claim_id).collect::<Vec<_>>();
    assert_eq!(ids(list(&asha, at("frome")).await), [met.claim_id.as_str()]);
    assert!(list(&asha, at("yeovil")).await.is_empty());
    let of = pb::ListClaimsRequest { personal_adviser_id: petra.id.clone(), ..Default::default() };
    for person in [&asha, &petra, &eve] {
        assert_eq!(ids(list(person, of.clone()).await), [met.claim_id.as_str()], "{}", person.name);
    }
    // In pages, each once.
    let mut paged = Vec::new();
    let mut asked = pb::ListClaimsRequest { page_size: 1, ..Default::default() };
    loop {
        let page = asha.claims().list_claims(asked.clone()).await.unwrap().into_inner();
        paged.extend(page.claims.into_iter().map(|claim| claim.claim_id));
        if page.next_page_token.is_empty() {
            break;
        }
        asked.page_token = page.next_page_token;
    }
    assert_eq!(paged, ids(listed));

    // Over, nobody said whether they came; held, asked about, to be handed over.
    world.wait_until(time(first.slot.as_ref().unwrap().start_time));
    let step = is_troubled(&world, &petra, &met.claim_id, 1, Trouble::AttendanceToRecord).await;
    assert_eq!(step.step(), pb::StepKind::RecordAttendance);
    petra.record_attendance(&first.appointment_id, pb::Attendance::Attended).await.unwrap();
    let query = eve.raise_query(&met.claim_id, "", "Which card was seen?").await.unwrap();
    assert_eq!(with(&eve, Trouble::QueryOpen).await, [met.claim_id.as_str()]);
    assert!(with(&eve, Trouble::ToHandOver).await.contains(&met.claim_id));
    agree(&asha).await;
    eve.settle_query(&query.query_id, "The NI card").await.unwrap();
    assert!(with(&eve, Trouble::QueryOpen).await.is_empty());
    eve.lodge(&met.claim_id).await.unwrap();
    assert!(!ids(all(&asha).await).contains(&met.claim_id));
    let of_client = pb::ListClaimsRequest { client_id: met.client_id.clone(), ..Default::default() };
    let over = list(&asha, of_client).await;
    assert_eq!((over[0].state(), over[0].last_day.as_str(), over[0].days_at_stake), (pb::ClaimState::Lodged, "", 0));
    // Nor is anything at stake of one that was withdrawn, whatever day it was listed by.
    asha.withdraw(&posted.claim_id, "found work").await.unwrap();
    let of_client = pb::ListClaimsRequest { client_id: posted.client_id.clone(), ..Default::default() };
    let over = list(&asha, of_client).await;
    assert_eq!((over[0].state(), over[0].last_day.as_str()), (pb::ClaimState::Withdrawn, ""));
    lena.reopen(&posted.claim_id, "They go on with it.").await.unwrap();
    // Its evidence is still to come, and stays on that list until each line is settled.
    let mut left = asha.claim(&met.claim_id).await.standing.unwrap().evidence_to_come;
    while let Some(line) = left.pop() {
        assert!(with(&asha, Trouble::EvidenceToCome).await.contains(&met.claim_id));
        petra.tick(&met.claim_id, &line, pb::EvidenceState::Seen).await.unwrap();
    }
    assert!(!with(&asha, Trouble::EvidenceToCome).await.contains(&met.claim_id));

    // A date that runs out, and is lost.
    let council = &council.claim_id;
    let near = is_troubled(&world, &lena, council, 16, Trouble::DateRunsOut).await;
    assert!(!troubles(&near).contains(&Trouble::DateLost));
    is_troubled(&world, &lena, council, 12, Trouble::DateLost).await;
    assert_eq!(all(&lena).await[0].claim_id, *council, "the nearest loss first");
    // A date that was lost is for a team leader: whoever meets clients is told no step of it.
    until("the step", || async { (one(&all(&lena).await, council).step() == pb::StepKind::DateLost).then_some(()) })
        .await;
    assert_ne!(one(&all(&petra).await, council).step(), pb::StepKind::DateLost);
    agree(&lena).await;
});

story!(a_client_who_asks_is_told_of_every_claim_of_theirs, |world| {
    let Staff { asha, petra, lena, .. } = staff(&world).await;
    let (client, claim) = client_with_facts(&asha, named("Fry")).await;
    asha.withdraw(&claim.claim_id, "found work").await.unwrap();
    let again = asha.open_claim(&client.client_id).await;
    let of = pb::ListClaimsRequest { client_id: client.client_id.clone(), ..Default::default() };
    let listed = list(&asha, of.clone()).await;
    let stands: Vec<_> = listed.iter().map(|claim| (claim.claim_id.as_str(), claim.state())).collect();
    let (underway, over) = (pb::ClaimState::Open, pb::ClaimState::Withdrawn);
    assert!(stands.contains(&(again.claim_id.as_str(), underway)) && stands.contains(&(claim.claim_id.as_str(), over)));
    assert!(troubles(one(&listed, &claim.claim_id)).is_empty(), "what is over is in no trouble");
    // Somebody of another site has nothing to do with them.
    let far = world.add("Fay", Role::TeamLeader, Some("calderdale-and-kirklees")).await;
    assert_eq!(reason(&far.claims().list_claims(of.clone()).await.unwrap_err()), "OUTSIDE_WORK");
    assert!(all(&far).await.is_empty());
    drop((petra, lena));
});

story!(a_start_up_that_is_not_finished_is_listed_to_the_desk_alone, |world| {
    let Staff { asha, petra, eve, .. } = staff(&world).await;
    let (_, claim) = client_with_facts(&asha, named("Fry")).await;
    assert_eq!(with(&asha, Trouble::StartUpNotFinished).await, [claim.claim_id.as_str()]);
    for other in [&petra, &eve] {
        assert!(all(other).await.is_empty(), "{}", other.name);
        let trouble = Trouble::StartUpNotFinished.into();
        let asked = pb::ListClaimsRequest { trouble, ..Default::default() };
        let refused = other.claims().list_claims(asked).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{}", other.name);
    }
});

story!(a_claim_that_somebody_has_to_decide_about_is_listed_until_they_have, |world| {
    let staff = staff(&world).await;
    let Staff { asha, petra, lena, .. } = &staff;
    let (claim, first) = with_meeting(asha, named("Fry"), &json!(["IS"])).await;
    let id = &claim.claim_id;
    missed(&world, petra, &first).await;
    let listed = all(asha).await;
    assert!(troubles(one(&listed, id)).contains(&Trouble::MeetingToArrange), "{listed:?}");
    agree(lena).await;
    // They had no good cause, and missed the others too.
    let again = asha.book_kind(id, "first-meeting").await;
    assert!(with(asha, Trouble::MeetingToArrange).await.is_empty(), "a booked meeting answers it");
    assert_eq!(one(&all(asha).await, id).meeting_time, again.slot.unwrap().start_time);
});

story!(what_is_decided_after_the_last_opportunity_is_listed_until_it_is, |world| {
    let staff = staff(&world).await;
    let Staff { asha, lena, .. } = &staff;
    let (claim, first) = with_meeting(asha, named("Fry"), &json!(["IS"])).await;
    let id = &claim.claim_id;
    three_misses(&world, &staff, id, &first).await;
    assert_eq!(with(lena, Trouble::DecisionDue).await, [id.as_str()]);
    agree(lena).await;
    lena.decides(id, "They did not come.", "Rung on three days.").await.unwrap();
    assert!(with(lena, Trouble::DecisionDue).await.is_empty());
    assert!(all(lena).await.is_empty(), "it is over");
    lena.reverses(id, "They were in hospital.").await.unwrap();
    assert_eq!(one(&all(lena).await, id).state(), pb::ClaimState::StartUpDone);
});

async fn stopped(person: &Person) -> Vec<pb::StoppedCall> {
    person.scripts().list_stopped_calls(pb::ListStoppedCallsRequest::default()).await.unwrap().into_inner().calls
}

async fn close(person: &Person, call: &pb::StoppedCall, reason: &str) -> Answer<pb::Walk> {
    let (walk_id, etag) = (call.walk.as_ref().unwrap().walk_id.clone(), call.etag.clone());
    let request = pb::CloseWalkRequest { request_id: new_id(), walk_id, etag, reason: reason.into() };
    Ok(person.scripts().close_walk(request).await?.into_inner().walk.unwrap())
}

/// An inbound call that is left where it stands.
async fn rings_off(desk: &Person, client: &pb::Client) -> pb::Walk {
    desk.start_walk("inbound", &client.client_id, "").await
}

// A client who rang off in the middle is on a list of their own until something follows.
story!(a_call_that_stopped_is_listed_until_something_follows_or_somebody_says_why_nothing_does, |world| {
    let Staff { asha, lena, petra, .. } = staff(&world).await;
    let mut clients = Vec::new();
    for name in ["Able", "Baker", "Carr", "Dean", "Eden"] {
        clients.push(asha.create_client(named(name)).await.unwrap());
    }
    for client in &clients {
        rings_off(&asha, client).await;
        world.wait(1);
    }
    assert!(stopped(&asha).await.is_empty(), "they may be speaking still");
    world.wait_until(world.now() + TimeDelta::minutes(61));
    let left = stopped(&lena).await;
    let names: Vec<&str> = left.iter().map(|call| call.client_name.split(' ').next_back().unwrap()).collect();
    assert_eq!(names, ["Able", "Baker", "Carr", "Dean", "Eden"]);
    assert!(!left[0].phone.is_empty());
    let refused = petra.scripts().list_stopped_calls(pb::ListStoppedCallsRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let far = world.adviser("Fay", "calderdale-and-kirklees").await;
    assert!(stopped(&far).await.is_empty());

    // Able is promised a call-back, Baker's claim is begun, Carr rings again, Dean found work; Eden waits.
    let nine = at("2026-03-05T09:00:00Z");
    asha.book_callback(&clients[0].client_id, nine).await.unwrap();
    asha.open_claim(&clients[1].client_id).await;
    let again = rings_off(&asha, &clients[2]).await;
    assert_eq!(fields(&close(&asha, &left[3], " ").await.unwrap_err()), ["reason"]);
    let closed = close(&asha, &left[3], "They have found work.").await.unwrap();
    assert!(closed.finished);
    assert_eq!(asha.outline(&closed).await.notes[0].note, "They have found work.");
    illegal(
        close(&asha, &pb::StoppedCall { etag: closed.etag.clone(), ..left[3].clone() }, "x").await,
        "WALK_FINISHED",
    );
    let rest = stopped(&asha).await;
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert_eq!(rest[0].walk, left[4].walk);
    // Taken up and left again, it counts from then.
    world.wait_until(world.now() + TimeDelta::minutes(61));
    let carr_and_eden = stopped(&asha).await;
    assert_eq!(carr_and_eden.len(), 2);
    assert!(carr_and_eden.iter().any(|call| call.walk.as_ref().unwrap().walk_id == again.walk_id));
    // One that fills a claim ends with it, and is on its claim's list meanwhile.
    let claim = asha.open_claim(&clients[4].client_id).await;
    let start_up = asha.start_walk("start-up", &clients[4].client_id, &claim.claim_id).await;
    let of_claim = pb::StoppedCall {
        walk: Some(pb::WalkSummary { walk_id: start_up.walk_id.clone(), ..Default::default() }),
        etag: start_up.etag,
        ..Default::default()
    };
    illegal(close(&asha, &of_claim, "No more.").await, "WALK_OF_CLAIM");
    assert_eq!(with(&asha, Trouble::StartUpNotFinished).await.len(), 2);
});

story!(nobody_is_told_to_ring_whoever_died_or_is_not_to_be_rung, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (died, kept) =
        (asha.create_client(named("Able")).await.unwrap(), asha.create_client(named("Baker")).await.unwrap());
    for client in [&died, &kept] {
        rings_off(&asha, client).await;
        world.wait(1);
    }
    world.wait_until(world.now() + TimeDelta::minutes(61));
    assert_eq!(stopped(&asha).await.len(), 2);
    asha.flags(&kept.client_id, "write to them").await.unwrap();
    let told = stopped(&asha).await;
    assert_eq!((told[1].do_not_call, told[1].instead.as_str(), told[1].phone.as_str()), (true, "write to them", ""));
    assert!(!told[0].do_not_call && !told[0].phone.is_empty());
    let etag = asha.client(&died.client_id).await.etag;
    let request = pb::RecordDeathRequest {
        request_id: new_id(),
        client_id: died.client_id.clone(),
        etag,
        died_date: "2026-03-01".into(),
        told_by: "her son".into(),
        letter_to: None,
    };
    asha.clients().record_death(request).await.unwrap();
    let left = stopped(&asha).await;
    assert_eq!((left.len(), left[0].do_not_call), (1, true));
    let etag = asha.client(&died.client_id).await.etag;
    let request = pb::TakeBackDeathRequest { request_id: new_id(), client_id: died.client_id.clone(), etag };
    world
        .add("Lena", startline::access::Role::TeamLeader, Some("somerset"))
        .await
        .clients()
        .take_back_death(request)
        .await
        .unwrap();
    assert_eq!(stopped(&asha).await.len(), 2, "it was a mistake");
});
