//! An API that explains itself: who I am, who else is here, why an answer is empty, what to do first, and who may be the same
//! person.

use crate::support::callback_steps::{client, every_day, outbound, supervisor};
use crate::support::claim_steps::claim_for;
use crate::support::faults::{fields, reason};
use crate::support::print_steps::{PackPeople, pack_people};
use crate::support::steps::{Answer, client_with_claim, frome_facts, start_up_done};
use crate::support::values::{new_id, time, timestamp};
use crate::support::{Person, START, at, until};
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use startline::grpc::pb::EmptyReason;
use tonic::Code;

async fn me(person: &Person) -> pb::WhoAmIResponse {
    person.users().who_am_i(pb::WhoAmIRequest {}).await.unwrap().into_inner()
}

async fn lists(person: &Person, request: pb::ListUsersRequest) -> Answer<pb::ListUsersResponse> {
    Ok(person.users().list_users(request).await?.into_inner())
}

fn names(users: &[pb::User]) -> Vec<&str> {
    users.iter().map(|user| user.name.as_str()).collect()
}

fn why(empty: &Option<pb::WhyEmpty>) -> EmptyReason {
    let empty = empty.as_ref().expect("an empty answer says why");
    assert!(empty.sentence.ends_with('.') && empty.sentence.len() > 10, "{empty:?}");
    empty.reason()
}

story!(everybody_can_ask_who_they_are, |world| {
    let nia = world.add_skilled("Nia", Role::Adviser, Some("south-east-gwent"), &["welsh"]).await;
    let told = me(&nia).await;
    let user = told.user.unwrap();
    assert_eq!((user.user_id.as_str(), user.name.as_str()), (nia.id.as_str(), "Nia"));
    assert_eq!(user.duties.len(), 1);
    assert_eq!((user.duties[0].role(), user.duties[0].site_id.as_str()), (pb::Role::Adviser, "south-east-gwent"));
    assert_eq!((user.site_id.as_str(), told.site_name.as_str()), ("south-east-gwent", "South East Gwent"));
    assert_eq!(user.skills, ["inbound", "outbound", "welsh"]);
    assert_eq!(user.languages, ["en", "cy"]);
    assert_eq!(told.serves_site_ids, ["south-east-gwent"]);
    let token = told.token.unwrap();
    assert_eq!((token.name.as_str(), time(token.create_time)), ("first", at(START)));
    assert!(time(token.end_time) > at(START));
    let definition = nia.definitions().get_definition(pb::GetDefinitionRequest::default()).await.unwrap().into_inner();
    assert_eq!(told.definition_version, definition.version);

    let petra = world.personal_adviser("Petra", "somerset").await;
    assert_eq!(me(&petra).await.user.unwrap().office_id, "", "she has no hours yet");
    petra.works_at("frome").await;
    assert_eq!(me(&petra).await.user.unwrap().office_id, "frome");
    // Helping a lost site is told to whoever helps.
    let sunil = supervisor(&world).await;
    sunil.declare_lost("somerset", "flood", &["south-east-gwent"]).await.unwrap();
    assert_eq!(me(&nia).await.serves_site_ids, ["south-east-gwent", "somerset"]);
    assert_eq!(me(&petra).await.serves_site_ids, Vec::<String>::new(), "others make the call-backs of her site");

    let switch = me(&world.switch("Taunton exchange").await).await;
    let user = switch.user.unwrap();
    assert_eq!((user.duties[0].role(), user.site_id.as_str(), user.languages.len()), (pb::Role::Switch, "", 0));
    for role in Role::ALL {
        let site = role.works_at_a_site().then_some("somerset");
        let somebody = world.add(role.as_str(), role, site).await;
        assert_eq!(me(&somebody).await.user.unwrap().name, role.as_str());
    }
    let stranger = Person::stranger(world.address.clone());
    assert_eq!(stranger.users().who_am_i(pb::WhoAmIRequest {}).await.unwrap_err().code(), Code::Unauthenticated);
});

story!(the_people_of_a_site_are_found_by_name_with_their_ids, |world| {
    let lena = world.add("Lena", Role::TeamLeader, Some("somerset")).await;
    let sian = world.add_skilled("Siân Ffŷdd", Role::Adviser, Some("somerset"), &["welsh"]).await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let gwen = world.adviser("Gwen", "south-east-gwent").await;
    let admin = world.add("Ada", Role::Admin, None).await;

    let all = lists(&lena, pb::ListUsersRequest::default()).await.unwrap();
    assert_eq!(names(&all.users), ["Lena", "Petra", "Siân Ffŷdd"]);
    assert_eq!((all.users[1].user_id.as_str(), all.users[1].office_id.as_str()), (petra.id.as_str(), "frome"));
    for typed in ["sian", "SIÂN", "ffy", "Siân Ffŷdd"] {
        let request = pb::ListUsersRequest { name: typed.into(), ..Default::default() };
        let found = lists(&lena, request).await.unwrap();
        assert_eq!(names(&found.users), ["Siân Ffŷdd"], "{typed}");
        assert_eq!(found.users[0].user_id, sian.id);
    }
    let advisers = pb::ListUsersRequest { role: pb::Role::PersonalAdviser.into(), ..Default::default() };
    assert_eq!(names(&lists(&lena, advisers).await.unwrap().users), ["Petra"]);

    // In pages, each name once.
    let (mut token, mut seen) = (String::new(), Vec::new());
    loop {
        let request = pb::ListUsersRequest { page_size: 2, page_token: token, ..Default::default() };
        let page = lists(&lena, request).await.unwrap();
        seen.extend(page.users.into_iter().map(|user| user.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["Lena", "Petra", "Siân Ffŷdd"]);

    let other = |site: &str| pb::ListUsersRequest { site_id: site.into(), ..Default::default() };
    assert_eq!(lists(&lena, other("south-east-gwent")).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(fields(&lists(&lena, other("atlantis")).await.unwrap_err()), ["site_id"]);
    assert_eq!(names(&lists(&admin, other("south-east-gwent")).await.unwrap().users), ["Gwen"]);
    assert_eq!(names(&lists(&admin, other("")).await.unwrap().users), ["Ada", "Gwen", "Lena", "Petra", "Siân Ffŷdd"]);
    assert_eq!(lists(&gwen, other("")).await.unwrap_err().code(), Code::PermissionDenied);

    let nobody = pb::ListUsersRequest { name: "Zebedee".into(), ..Default::default() };
    assert_eq!(why(&lists(&lena, nobody).await.unwrap().why_empty), EmptyReason::NoMatch);
    let past = pb::ListUsersRequest { page_token: "Zz".into(), ..Default::default() };
    assert_eq!(why(&lists(&lena, past).await.unwrap().why_empty), EmptyReason::LastPage);
    assert_eq!(why(&lists(&admin, other("buckinghamshire")).await.unwrap().why_empty), EmptyReason::NobodyThere);
    assert_eq!(all.why_empty, None);
    world.look_inside().await.execute("UPDATE users SET disabled_at = created_at WHERE name = 'Petra'").await;
    assert_eq!(names(&lists(&lena, pb::ListUsersRequest::default()).await.unwrap().users), ["Lena", "Siân Ffŷdd"]);
});

story!(whoever_has_no_desk_yet_is_told_to_sign_in_first, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let first = |what: &str, status: tonic::Status| {
        assert_eq!((status.code(), reason(&status).as_str()), (Code::FailedPrecondition, "SIGNED_OUT"), "{what}");
        assert!(status.message().starts_with("sign in first"), "{what}: {status:?}");
    };
    let id = || (new_id(), new_id());
    let status = pb::SetStatusRequest {
        request_id: new_id(),
        status: pb::AdviserStatus::Available.into(),
        ..Default::default()
    };
    first("SetStatus", asha.desk().set_status(status).await.unwrap_err());
    first("WatchDesk", asha.desk().watch_desk(pb::WatchDeskRequest {}).await.unwrap_err());
    let (request_id, offer_id) = id();
    first("AcceptOffer", asha.desk().accept_offer(pb::AcceptOfferRequest { request_id, offer_id }).await.unwrap_err());
    let (request_id, offer_id) = id();
    first(
        "DeclineOffer",
        asha.desk().decline_offer(pb::DeclineOfferRequest { request_id, offer_id }).await.unwrap_err(),
    );
    let (request_id, call_id) = id();
    let end = pb::EndCallRequest { request_id, call_id, hung_up: true };
    first("EndCall", asha.desk().end_call(end).await.unwrap_err());
    let (request_id, call_id) = id();
    let finish = pb::FinishWrapUpRequest { request_id, call_id, outcome: "done".into() };
    first("FinishWrapUp", asha.desk().finish_wrap_up(finish).await.unwrap_err());
    let (request_id, call_id) = id();
    first(
        "ExtendWrapUp",
        asha.desk().extend_wrap_up(pb::ExtendWrapUpRequest { request_id, call_id }).await.unwrap_err(),
    );
    let (request_id, call_id) = id();
    first(
        "StillTalking",
        asha.desk().still_talking(pb::StillTalkingRequest { request_id, call_id }).await.unwrap_err(),
    );
    let here = pb::StillHereRequest { request_id: new_id() };
    first("StillHere", asha.desk().still_here(here).await.unwrap_err());
    first("SignOut", asha.desk().sign_out(pb::SignOutRequest { request_id: new_id() }).await.unwrap_err());

    // Whoever frees somebody else's desk is not told to sign in.
    let free = pb::FreeDeskRequest {
        request_id: new_id(),
        adviser_id: asha.id.clone(),
        reason: "went home".into(),
        ..Default::default()
    };
    let refused = supervisor(&world).await.floor().free_desk(free).await.unwrap_err();
    assert_eq!(reason(&refused), "SIGNED_OUT");
    assert!(refused.message().starts_with("this adviser is not signed in"), "{refused:?}");
    let wrong = pb::AcceptOfferRequest { request_id: new_id(), offer_id: "7".into() };
    let refused = asha.desk().accept_offer(wrong).await.unwrap_err();
    assert!(refused.message().contains("is not the id of an offer"), "{refused:?}");
});

async fn slots(asha: &Person, request: pb::FindSlotsRequest) -> pb::FindSlotsResponse {
    asha.diary().find_slots(request).await.unwrap().into_inner()
}

story!(a_search_for_a_meeting_that_finds_none_says_why, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let search = pb::FindSlotsRequest { claim_id: claim.claim_id.clone(), ..Default::default() };
    assert_eq!(why(&slots(&asha, search.clone()).await.why_empty), EmptyReason::NobodyThere);
    let petra = world.personal_adviser("Petra", "somerset").await;
    assert_eq!(why(&slots(&asha, search.clone()).await.why_empty), EmptyReason::NoDiary);
    petra.works_at("frome").await;
    let found = slots(&asha, search.clone()).await;
    assert!(!found.slots.is_empty() && found.why_empty.is_none());
    let there = pb::FindSlotsRequest { office_id: "taunton".into(), ..search.clone() };
    assert_eq!(why(&slots(&asha, there).await.why_empty), EmptyReason::NoDiary);
    let late = pb::FindSlotsRequest { not_before_time: Some(timestamp(at("2028-03-01T09:00:00Z"))), ..search.clone() };
    assert_eq!(why(&slots(&asha, late).await.why_empty), EmptyReason::BeyondDiaries);
    let wishes = pb::MeetingWishes { not_personal_adviser_ids: vec![petra.id.clone()], ..Default::default() };
    let without = pb::FindSlotsRequest { wishes: Some(wishes), ..search.clone() };
    assert_eq!(why(&slots(&asha, without).await.why_empty), EmptyReason::WishesLeaveNobody);
    let last = pb::FindSlotsRequest { page_size: 50, ..search.clone() };
    let mut page = slots(&asha, last.clone()).await;
    while !page.next_page_token.is_empty() {
        assert_eq!(page.why_empty, None);
        page = slots(&asha, pb::FindSlotsRequest { page_token: page.next_page_token, ..last.clone() }).await;
    }
    // Petra is away until the diaries end.
    let away = pb::Block {
        user_id: petra.id.clone(),
        kind: pb::BlockKind::Leave.into(),
        first_day: "2026-03-03".into(),
        last_day: "2026-12-31".into(),
        ..Default::default()
    };
    let block = pb::BlockTimeRequest { request_id: new_id(), block: Some(away), ..Default::default() };
    petra.diary().block_time(block).await.unwrap();
    assert_eq!(why(&slots(&asha, search).await.why_empty), EmptyReason::Full);

    let day = async |office: &str, day: &str| {
        let request = pb::ListDayRequest { office_id: office.into(), day: day.into(), ..Default::default() };
        petra.diary().list_day(request).await.unwrap().into_inner()
    };
    assert_eq!(why(&day("frome", "2026-03-08").await.why_empty), EmptyReason::Closed, "a Sunday");
    assert_eq!(why(&day("frome", "2026-03-09").await.why_empty), EmptyReason::NoDiary, "Petra is away");
    assert_eq!(why(&day("frome", "2026-03-02").await.why_empty), EmptyReason::NothingBooked);
    assert_eq!(why(&day("taunton", "2026-03-02").await.why_empty), EmptyReason::NoDiary);
});

story!(an_offer_of_call_backs_that_is_empty_says_why, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let sunil = supervisor(&world).await;
    let welsh = client(&asha, "cy", &[]).await;
    let english = client(&asha, "en", &[]).await;
    let offers = async |client: &str| asha.offers(client, pb::CallbackWishes::default()).await;
    assert_eq!(why(&offers(&welsh).await.why_empty), EmptyReason::NobodyWithSkills);
    assert!(offers(&welsh).await.why_empty.unwrap().sentence.contains("Welsh"));
    let found = offers(&english).await;
    assert!(!found.slots.is_empty() && found.why_empty.is_none());
    let late = pb::OfferCallbackSlotsRequest {
        client_id: english.clone(),
        not_before_time: Some(timestamp(at("2028-03-01T09:00:00Z"))),
        ..Default::default()
    };
    let beyond = asha.callbacks().offer_callback_slots(late).await.unwrap().into_inner();
    assert_eq!(why(&beyond.why_empty), EmptyReason::BeyondDiaries);
    // The site keeps a roster, and there is nobody on it who makes call-backs.
    let inbound = |weekday| pb::RosterShift {
        activity: pb::RosterActivity::Inbound.into(),
        ..outbound(weekday, "09:00", "17:00")
    };
    sunil.sets_roster(&asha, (1..=5).map(inbound).collect()).await;
    assert_eq!(why(&offers(&english).await.why_empty), EmptyReason::NoRoster);
    sunil.sets_roster(&asha, every_day("09:00", "17:00")).await;
    assert!(!offers(&english).await.slots.is_empty());
    // Nobody of another site is on any list of theirs.
    let gwen = world.add("Gwen", Role::Supervisor, Some("south-east-gwent")).await;
    let roster = gwen.callbacks().list_roster(pb::ListRosterRequest::default()).await.unwrap().into_inner();
    assert_eq!(why(&roster.why_empty), EmptyReason::NobodyThere);
});

async fn leased(room: &Person) -> pb::LeasePrintJobsResponse {
    let request = pb::LeasePrintJobsRequest { request_id: new_id(), ..Default::default() };
    room.packs().lease_print_jobs(request).await.unwrap().into_inner()
}

story!(a_print_room_with_nothing_to_print_is_told_why, |world| {
    let PackPeople { asha, room, .. } = pack_people(&world).await;
    assert_eq!(why(&leased(&room).await.why_empty), EmptyReason::NothingQueued);
    let (claim, _) = start_up_done(&world, &asha, "Fry").await;
    asha.awaits_pack(&claim.claim_id).await;
    let some = leased(&room).await;
    assert_eq!((some.print_jobs.len(), some.why_empty), (1, None));
    assert_eq!(why(&leased(&room).await.why_empty), EmptyReason::AllLeased);
    // What no font can print is not there, and waits for somebody.
    let (_, claim) = client_with_claim(&asha, "明").await;
    claim_for(&asha, &claim.claim_id, &json!(["JSA"])).await;
    asha.book_kind(&claim.claim_id, "first-meeting").await;
    asha.complete_start_up(&claim.claim_id).await.unwrap();
    until("the exception", || async { room.exceptions().await.pop() }).await;
    let told = leased(&room).await.why_empty.unwrap();
    assert!(told.sentence.contains("1 of this site cannot be printed until somebody mends them"), "{told:?}");
});

async fn creates(asha: &Person, facts: pb::ClientFacts) -> pb::CreateClientResponse {
    let request = pb::CreateClientRequest { request_id: new_id(), facts: Some(facts), ..Default::default() };
    asha.clients().create_client(request).await.unwrap().into_inner()
}

fn alike(all: &[pb::AlikeClient]) -> Vec<(&str, Vec<pb::Likeness>)> {
    all.iter().map(|one| (one.client_id.as_str(), one.likenesses().collect())).collect()
}

story!(a_second_record_of_one_person_is_hinted_at, |world| {
    use pb::Likeness::{NameAndBirth, Nino, Phone};
    let asha = world.adviser("Asha", "somerset").await;
    let known = pb::ClientFacts { last_name: "Siân-Ffŷdd".into(), nino: "AB123456C".into(), ..frome_facts() };
    let first = creates(&asha, known.clone()).await;
    assert_eq!(first.alike, []);
    let first = first.client.unwrap().client_id;
    let nobody = pb::ClientFacts { phone: "07700 900123".into(), ..frome_facts() };

    // By any way of typing the name; by the number of either kind; and by nothing alone that many share.
    let name = pb::ClientFacts { last_name: "SIAN FFYDD".into(), ..nobody.clone() };
    let by_name = creates(&asha, name).await;
    assert_eq!(alike(&by_name.alike), [(first.as_str(), vec![NameAndBirth])]);
    assert_eq!(by_name.alike[0].name, "Ms Rosa Jane Siân-Ffŷdd");
    let phone = pb::ClientFacts { last_name: "Hill".into(), date_of_birth: "1980-01-01".into(), ..frome_facts() };
    assert_eq!(alike(&creates(&asha, phone).await.alike), [(first.as_str(), vec![Phone])]);
    let nino = pb::ClientFacts { last_name: "Pugh".into(), nino: "AB 12 34 56 C".into(), ..nobody.clone() };
    let by_nino = creates(&asha, nino).await;
    assert_eq!(alike(&by_nino.alike).first(), Some(&(first.as_str(), vec![Nino])));
    let other = pb::ClientFacts {
        last_name: "Siân-Ffŷdd".into(),
        date_of_birth: "1990-05-05".into(),
        phone: String::new(),
        ..nobody
    };
    let other = creates(&asha, other).await;
    assert_eq!(other.alike, [], "a name alone is no likeness");

    // A change that makes two records alike is hinted at, and is made all the same.
    let other = other.client.unwrap();
    let facts =
        pb::ClientFacts { date_of_birth: "1971-04-23".into(), nino: "AB123456C".into(), ..other.facts.unwrap() };
    let request = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: other.client_id.clone(),
        etag: other.etag,
        facts: Some(facts),
    };
    let updated = asha.clients().update_client(request).await.unwrap().into_inner();
    assert_eq!(alike(&updated.alike)[0], (first.as_str(), vec![Nino, NameAndBirth]));
    assert!(updated.alike.iter().all(|one| one.client_id != other.client_id), "nobody is like themselves");
    assert_eq!(updated.client.unwrap().facts.unwrap().date_of_birth, "1971-04-23");
});

/// A client without a postcode, with this telephone number.
async fn home_of(asha: &Person, phone: &str, named: &str) -> String {
    let facts = pb::ClientFacts { phone: phone.into(), postcode: String::new(), ..frome_facts() };
    let request = pb::CreateClientRequest { request_id: new_id(), facts: Some(facts), home_site_id: named.into() };
    asha.clients().create_client(request).await.unwrap().into_inner().client.unwrap().home_site_id
}

story!(without_a_postcode_the_telephone_area_or_the_callers_own_site_serves, |world| {
    let gwen = world.adviser("Gwen", "south-east-gwent").await;
    assert_eq!(home_of(&gwen, "01373 000123", "").await, "somerset", "Frome's number belongs to Somerset");
    assert_eq!(home_of(&gwen, "07700 900123", "").await, "south-east-gwent", "a mobile says nothing");
    assert_eq!(home_of(&gwen, "", "").await, "south-east-gwent");
    assert_eq!(home_of(&gwen, "01373 000123", "buckinghamshire").await, "buckinghamshire", "somebody said so");
    // A postcode that was given and is nobody's is not passed over.
    let facts = pb::ClientFacts { postcode: "AB10 1AA".into(), ..frome_facts() };
    let request = pb::CreateClientRequest { request_id: new_id(), facts: Some(facts), ..Default::default() };
    let refused = gwen.clients().create_client(request).await.unwrap_err();
    assert_eq!(fields(&refused), ["facts.postcode"]);
});

story!(when_will_you_ring_me_is_answered_for_a_client_whatever_number_they_ring_from, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let rita = world.add("Rita", Role::Reception, Some("south-east-gwent")).await;
    let room = world.print_room("Ron", "somerset").await;
    let rosa = asha.create_client(frome_facts()).await.unwrap().client_id;
    let first = asha.book_callback(&rosa, at("2026-03-04T09:00:00Z")).await.unwrap();
    asha.cancels(&first.callback_id).await.unwrap();
    world.wait(60);
    let second = asha.book_callback(&rosa, at("2026-03-04T09:30:00Z")).await.unwrap();
    asha.cancels(&second.callback_id).await.unwrap();
    world.wait(60);
    let open = asha.book_callback(&rosa, at("2026-03-06T10:00:00Z")).await.unwrap();
    let other = asha.create_client(pb::ClientFacts { last_name: "Hill".into(), ..frome_facts() }).await.unwrap();
    asha.book_callback(&other.client_id, at("2026-03-05T10:00:00Z")).await.unwrap();
    // She is at the reception of another office: nothing of hers is to be done there, and the reception says why it looks.
    let asked = pb::AskForRecordRequest {
        request_id: new_id(),
        client_id: rosa.clone(),
        reason: pb::RequestReason::ClientInTouch.into(),
        note: "she stands at the desk".into(),
    };
    rita.privacy().ask_for_record(asked).await.unwrap();
    let (mut told, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListCallbacksRequest { client_id: rosa.clone(), page_size: 1, page_token };
        let page = rita.callbacks().list_callbacks(request).await.unwrap().into_inner();
        told.extend(page.callbacks);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let ids: Vec<&str> = told.iter().map(|one| one.callback_id.as_str()).collect();
    assert_eq!(
        ids,
        [&open.callback_id, &second.callback_id, &first.callback_id],
        "what is open first, each the newest"
    );
    assert_eq!(time(told[0].start_time), at("2026-03-06T10:00:00Z"));
    let request = pb::ListCallbacksRequest { client_id: rosa.clone(), ..Default::default() };
    assert_eq!(room.callbacks().list_callbacks(request).await.unwrap_err().code(), Code::PermissionDenied);
    let request = pb::ListCallbacksRequest { client_id: "somebody".into(), ..Default::default() };
    assert_eq!(fields(&asha.callbacks().list_callbacks(request).await.unwrap_err()), ["client_id"]);
});
