//! Two offices of one site: on no list does the one see the other's clients, and whoever works for the whole site sees both.

use crate::support::claim_steps::claim_for;
use crate::support::followup_steps::missed;
use crate::support::steps::{client_with_facts, frome_facts, heard};
use crate::support::values::{new_id, timestamp};
use crate::support::{Person, World, at, until};
use prost::Message;
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use startline::packs::barcode::{Barcode, encode, short_version};
use std::collections::{BTreeMap, BTreeSet};
use tonic::{Code, Status};

const TUESDAY: &str = "2026-03-10";

/// A client who is met at one office.
struct Met {
    meeting: pb::Appointment,
    /// Words that stand on every list that shows them.
    signs: Vec<String>,
    barcode: String,
}

async fn met(asha: &Person, name: &str, office: &str) -> Met {
    let facts = pb::ClientFacts { other_names: name.into(), last_name: "Marsh".into(), ..frome_facts() };
    let (client, claim) = client_with_facts(asha, facts).await;
    claim_for(asha, &claim.claim_id, &json!(["JSA"])).await;
    let request = pb::FindSlotsRequest {
        claim_id: claim.claim_id.clone(),
        office_id: office.into(),
        not_before_time: Some(timestamp(at("2026-03-10T09:00:00Z"))),
        ..Default::default()
    };
    let slot = asha.diary().find_slots(request).await.unwrap().into_inner().slots.remove(0);
    let held = asha.hold(&claim.claim_id, &slot).await.unwrap();
    let meeting = asha.book(&held.appointment_id).await.unwrap();
    asha.join_standby(&claim.claim_id, false).await.unwrap();
    asha.completes(&claim.claim_id, pb::Delivery::Collect, office).await.unwrap();
    let pack = asha.awaits_pack(&claim.claim_id).await;
    let barcode = encode(&Barcode {
        pack: startline::ids::PackId::parse("", &pack.pack_id).unwrap(),
        document: 1,
        page: 1,
        count: u16::try_from(pack.pages).unwrap(),
        definition: short_version(&pack.definition_version.as_str().into()),
    });
    let signs = vec![client.client_id, claim.claim_id, meeting.appointment_id.clone(), pack.pack_id, name.to_owned()];
    Met { meeting, signs, barcode }
}

fn shown<M: Message>(
    what: &'static str,
    answer: Result<tonic::Response<M>, Status>,
) -> Option<(&'static str, Vec<u8>)> {
    match answer {
        Ok(answer) => Some((what, answer.into_inner().encode_to_vec())),
        Err(refused) if refused.code() == Code::PermissionDenied => None,
        Err(fault) => panic!("{what}: {fault:?}"),
    }
}

/// All lists that somebody may ask for, of both offices and of both personal advisers.
async fn lists(person: &Person, met: &[&Met]) -> BTreeMap<&'static str, Vec<u8>> {
    let mut all = Vec::new();
    let (mut diary, mut packs) = (person.diary(), person.packs());
    let request = pb::FindClientsRequest { last_name: "Marsh".into(), ..Default::default() };
    all.push(shown("FindClients", person.clients().find_clients(request).await));
    let request = pb::ListStepsRequest { day: "2026-03-20".into(), ..Default::default() };
    all.push(shown("ListSteps", person.follow_up().list_steps(request).await));
    all.push(shown("ListStandby", person.follow_up().list_standby(pb::ListStandbyRequest::default()).await));
    let request = pb::ListReminderCallsRequest::default();
    all.push(shown("ListReminderCalls", person.reminders().list_reminder_calls(request).await));
    let request = pb::ListAppointmentsToMoveRequest::default();
    all.push(shown("ListAppointmentsToMove", diary.list_appointments_to_move(request).await));
    let request = pb::ListPacksRequest { to_hand_over: true, ..Default::default() };
    all.push(shown("ListPacks", packs.list_packs(request).await));
    let mut bytes = BTreeMap::new();
    for one in met {
        let slot = one.meeting.slot.as_ref().unwrap();
        let request =
            pb::ListDayRequest { office_id: slot.office_id.clone(), day: TUESDAY.into(), ..Default::default() };
        all.push(shown("ListDay", diary.list_day(request).await));
        let of = |office_id: &str, personal_adviser_id: &str| pb::WatchDayRequest {
            office_id: office_id.into(),
            personal_adviser_id: personal_adviser_id.into(),
            day: TUESDAY.into(),
        };
        for (what, request) in
            [("WatchDay", of(&slot.office_id, "")), ("WatchDay of a person", of("", &slot.personal_adviser_id))]
        {
            match diary.watch_day(request).await {
                Ok(day) => {
                    let first = heard("the day", &mut day.into_inner(), Some).await;
                    all.push(Some((what, first.encode_to_vec())));
                }
                Err(refused) => assert_eq!(refused.code(), Code::PermissionDenied, "{what}"),
            }
        }
        let request = pb::FindByBarcodeRequest { barcode: one.barcode.clone() };
        all.push(shown("FindByBarcode", packs.find_by_barcode(request).await));
    }
    for (what, told) in all.into_iter().flatten() {
        bytes.entry(what).or_insert_with(Vec::new).extend(told);
    }
    bytes
}

fn holds(bytes: &[u8], met: &Met) -> bool {
    met.signs.iter().any(|sign| bytes.windows(sign.len()).any(|window| window == sign.as_bytes()))
}

async fn feeds(person: &Person, office: &str) -> Result<usize, Code> {
    use pb::create_calendar_feed_request::Whose;
    let request = pb::CreateCalendarFeedRequest { request_id: new_id(), whose: Some(Whose::OfficeId(office.into())) };
    person.calendars().create_calendar_feed(request).await.map_err(|refused| refused.code())?;
    let listed = person.calendars().list_calendar_feeds(pb::ListCalendarFeedsRequest::default()).await;
    Ok(listed.unwrap().into_inner().feeds.len())
}

async fn leave(person: &Person) {
    let block = pb::Block {
        user_id: person.id.clone(),
        kind: pb::BlockKind::Leave.into(),
        first_day: TUESDAY.into(),
        last_day: TUESDAY.into(),
        ..Default::default()
    };
    let request = pb::BlockTimeRequest { request_id: new_id(), block: Some(block), accept_left_appointments: true };
    person.diary().block_time(request).await.unwrap();
}

/// The lists on which a role sees clients here, at some moment.
fn lists_of(role: Role) -> BTreeSet<&'static str> {
    let expert = ["FindClients", "ListSteps", "ListDay", "FindByBarcode"];
    let others = ["ListStandby", "ListReminderCalls", "ListAppointmentsToMove", "ListPacks", "WatchDay"];
    let own = ["WatchDay of a person"];
    match role {
        Role::BenefitsExpert => expert.into(),
        _ => expert.into_iter().chain(others).chain(own).collect(),
    }
}

home_story!(no_list_of_one_office_shows_the_clients_of_another, |mut home| {
    home.open_to_the_web();
    let world = World::on(home).await;
    let asha = world.adviser("Asha", "somerset").await;
    let at_office = |name: &'static str, role, office| world.add_at(name, role, "somerset", office);
    let petra = at_office("Petra", Role::PersonalAdviser, Some("frome")).await;
    let tom = at_office("Tom", Role::PersonalAdviser, Some("taunton")).await;
    petra.works_at("frome").await;
    tom.works_at("taunton").await;
    let (frome, taunton) = (met(&asha, "Fromelia", "frome").await, met(&asha, "Tauntonia", "taunton").await);
    let mut people = vec![(petra, Role::PersonalAdviser, vec![&frome]), (tom, Role::PersonalAdviser, vec![&taunton])];
    let names = [["Rita", "Ron", "Wendy"], ["Eve", "Ed", "Wes"]];
    for (role, names) in [Role::Reception, Role::BenefitsExpert].into_iter().zip(names) {
        people.push((at_office(names[0], role, Some("frome")).await, role, vec![&frome]));
        people.push((at_office(names[1], role, Some("taunton")).await, role, vec![&taunton]));
        people.push((at_office(names[2], role, None).await, role, vec![&frome, &taunton]));
    }
    let mut seen: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for moment in ["before the meeting", "when it has to be moved", "when it was missed"] {
        match moment {
            "before the meeting" => {
                world.wait_until(at("2026-03-05T08:30:00Z"));
                until("both calls to be owed", || async {
                    let request = pb::ListReminderCallsRequest::default();
                    let calls = asha.reminders().list_reminder_calls(request).await.unwrap().into_inner().calls;
                    (calls.len() == 2).then_some(())
                })
                .await;
            }
            "when it has to be moved" => {
                leave(&people[0].0).await;
                leave(&people[1].0).await;
            }
            _ => {
                missed(&world, &people[0].0, &frome.meeting).await;
                let other = &taunton.meeting.appointment_id;
                people[1].0.record_attendance(other, pb::Attendance::Failed).await.unwrap();
            }
        }
        for (number, (person, role, own)) in people.iter().enumerate() {
            for (what, bytes) in lists(person, &[&frome, &taunton]).await {
                for one in [&frome, &taunton] {
                    let is_own = own.iter().any(|own| std::ptr::eq(*own, one));
                    assert!(is_own || !holds(&bytes, one), "{moment}: {} ({role}): {what}", person.name);
                }
                if own.iter().all(|own| holds(&bytes, own)) {
                    seen.entry(number).or_default().insert(what);
                }
            }
        }
    }
    for (number, (person, role, _)) in people.iter().enumerate() {
        assert_eq!(seen[&number], lists_of(*role), "{} ({role})", person.name);
    }
    // Calendars go by office as well.
    let (rita, ron) = (&people[2].0, &people[3].0);
    assert_eq!((feeds(rita, "frome").await, feeds(rita, "taunton").await), (Ok(1), Err(Code::PermissionDenied)));
    assert_eq!((feeds(ron, "taunton").await, feeds(&people[4].0, "frome").await), (Ok(1), Ok(3)));
});

story!(figures_of_meetings_are_each_sites_own, |world| {
    let add = |name: &'static str, role, site: Option<&'static str>| world.add(name, role, site);
    let (sue, root) = (add("Sue", Role::Supervisor, Some("somerset")).await, add("Root", Role::Admin, None).await);
    let ask = |person: &Person, site: &str| {
        let (mut follow_up, site_id) = (person.follow_up(), site.to_owned());
        let days = ("2026-03-01".to_owned(), "2026-03-31".to_owned());
        async move {
            let (first_day, last_day) = days.clone();
            let request = pb::GetDecisionReportRequest { site_id: site_id.clone(), first_day, last_day };
            let decisions = follow_up.get_decision_report(request).await.map(drop).map_err(|refused| refused.code());
            let (first_day, last_day) = days;
            let request = pb::GetAttendanceReportRequest { site_id, first_day, last_day };
            let attendance = follow_up.get_attendance_report(request).await.map(drop);
            assert_eq!(attendance.map_err(|refused| refused.code()), decisions);
            decisions
        }
    };
    assert_eq!((ask(&sue, "").await, ask(&sue, "somerset").await), (Ok(()), Ok(())));
    assert_eq!(ask(&sue, "buckinghamshire").await, Err(Code::PermissionDenied));
    assert_eq!((ask(&root, "buckinghamshire").await, ask(&root, "").await), (Ok(()), Err(Code::InvalidArgument)));
});
