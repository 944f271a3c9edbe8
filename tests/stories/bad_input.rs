//! What cannot be accepted is refused with the field named, and nothing is kept of it.

use crate::support::faults::fields;
use crate::support::pdf::printed;
use crate::support::steps::{client_with_claim, draft, frome_facts, start_up_done};
use crate::support::values::{new_id, timestamp};
use crate::support::{Person, World, at};
use serde_json::{Value as Json, json};
use startline::access::Role;
use startline::grpc::pb;
use tonic::{Code, Status};

const HOSTILE: &str = "#read(\"/etc/passwd\")";

#[track_caller]
fn assert_refuses<T: std::fmt::Debug>(answer: Result<T, Status>, field: &str) {
    let refused = answer.expect_err(field);
    assert_eq!(refused.code(), Code::InvalidArgument, "{field}: {refused:?}");
    assert_eq!(fields(&refused), [field], "{refused:?}");
}

type Change = (&'static str, fn(&mut pb::ClientFacts));

story!(a_client_record_takes_only_what_can_be_true, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let wrong: &[Change] = &[
        ("facts.phone", |facts| facts.phone = "+33 1 23 45 67 89".into()),
        ("facts.phone", |facts| facts.phone = "01373".into()),
        ("facts.phone", |facts| facts.phone = "01373 000123 ext 4".into()),
        ("facts.postcode", |facts| facts.postcode = "FROME".into()),
        ("facts.postcode", |facts| facts.postcode = "BA11 1B".into()),
        ("facts.nino", |facts| facts.nino = "BG123456A".into()),
        ("facts.nino", |facts| facts.nino = "AB12345C".into()),
        ("facts.nino", |facts| facts.nino = "DA123456C".into()),
        ("facts.date_of_birth", |facts| facts.date_of_birth = "1971-02-30".into()),
        ("facts.date_of_birth", |facts| facts.date_of_birth = "2031-01-01".into()),
        ("facts.last_name", |facts| facts.last_name = "  ".into()),
        ("facts.last_name", |facts| facts.last_name = "Fry\u{7}".into()),
        ("facts.last_name", |facts| facts.last_name = "F\u{0}ry".into()),
        ("facts.last_name", |facts| facts.last_name = "Fry\nFrye".into()),
        ("facts.last_name", |facts| facts.last_name = format!("{HOSTILE} \u{202e}")),
        ("facts.other_names", |facts| facts.other_names = "R".repeat(10_000)),
        ("facts.special_needs", |facts| facts.special_needs = "large\u{200b}print".into()),
        ("facts.address_lines[1]", |facts| facts.address_lines[1] = "Fro\u{1b}[31mme".into()),
        ("facts.address_lines", |facts| facts.address_lines = vec!["1 High Street".into(); 9]),
        ("facts.talk_language", |facts| facts.talk_language = "tlh".into()),
    ];
    for (field, change) in wrong {
        let mut facts = frome_facts();
        change(&mut facts);
        assert_refuses(asha.create_client(facts).await, field);
    }
    let elsewhere = pb::ClientFacts { postcode: "SW1A 1AA".into(), ..frome_facts() };
    assert_refuses(asha.create_client(elsewhere).await, "facts.postcode");
    let request =
        pb::CreateClientRequest { request_id: new_id(), facts: Some(frome_facts()), home_site_id: "atlantis".into() };
    assert_refuses(asha.clients().create_client(request).await, "site_id");
    assert_eq!(world.look_inside().await.number("SELECT COUNT(*) FROM clients").await, 0);
});

story!(a_call_back_is_booked_only_when_the_centre_can_make_it, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let client = asha.create_client(frome_facts()).await.unwrap().client_id;
    for (start, why) in [
        ("2026-03-03T09:30:00Z", "in the past"),
        ("2026-03-03T11:00:00Z", "today, and nothing is urgent"),
        ("2026-03-04T08:00:00Z", "before the centre opens"),
        ("2026-03-04T17:30:00Z", "so late that the centre closes before it ends"),
        ("2026-03-04T09:10:00Z", "not on the half-hour"),
        ("2026-03-07T10:00:00Z", "on a Saturday"),
        ("2026-04-03T10:00:00Z", "on Good Friday"),
        ("2026-09-04T09:00:00Z", "more than six months ahead"),
        ("9999-12-31T09:00:00Z", "at the end of time"),
        ("0001-01-01T00:00:00Z", "at its beginning"),
    ] {
        let refused = asha.book_callback(&client, at(start)).await.expect_err(why);
        assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["start_time".into()]), "{why}");
    }
    let request = |change: fn(&mut pb::BookCallbackRequest)| {
        let mut request = pb::BookCallbackRequest {
            request_id: new_id(),
            client_id: client.clone(),
            start_time: Some(timestamp(at("2026-03-04T09:00:00Z"))),
            ..Default::default()
        };
        change(&mut request);
        request
    };
    let book = async |change| asha.callbacks().book_callback(request(change)).await;
    assert_refuses(book(|request| request.start_time = None).await, "start_time");
    let never = Some(prost_types::Timestamp { seconds: i64::MAX, nanos: -1 });
    let mut asked = request(|_| ());
    asked.start_time = never;
    assert_refuses(asha.callbacks().book_callback(asked).await, "start_time");
    assert_refuses(book(|request| request.client_id = "client 7".into()).await, "client_id");
    assert_refuses(book(|request| request.phone = "999999".into()).await, "phone");
    assert_refuses(book(|request| request.note = "x".repeat(501)).await, "note");
    assert_refuses(book(|request| request.note = "ring\u{8}twice".into()).await, "note");
    assert_eq!(world.look_inside().await.number("SELECT COUNT(*) FROM callbacks").await, 0);
    // The last half-hour that leaves an hour, on the last day within six months.
    asha.book_callback(&client, at("2026-09-03T16:00:00Z")).await.unwrap();
});

story!(an_answer_fits_its_question_or_is_not_saved, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let wrong: &[(&str, Json)] = &[
        ("A3", json!("3 March")),
        ("A5", json!("boredom")),
        ("A6", json!("maybe")),
        ("A1", json!(["JSA", "GOLD"])),
        ("B6", json!("QQ123456C")),
        ("B9", json!("NOWHERE")),
        ("B13", json!("+1 212 555 0100")),
        ("B16", json!("x".repeat(121))),
        ("B16", json!("with\u{202e}my sister")),
        ("B16", json!({"not": "a text"})),
        ("G8", json!({"works": "yes", "hours": 169})),
        ("G8", json!({"works": "yes", "salary": 1})),
        ("S2", json!({"account_holder": "R Fry", "sort_code": "12-34"})),
    ];
    for (question, answer) in wrong {
        let known = claim.answers.iter().find(|answer| answer.question_id == *question);
        let wrong = draft(question, answer, known.map_or(0, |answer| answer.revision));
        let path = match (*question, answer.get("hours")) {
            ("G8", Some(_)) => "answers[0].value.hours",
            ("S2", _) => "answers[0].value.bank",
            _ => "answers[0].value",
        };
        assert_refuses(asha.save(&claim.claim_id, vec![wrong]).await, path);
    }
    // One that fits is not saved either when its neighbour does not.
    let both = vec![draft("A6", &json!("no"), 0), draft("A8", &json!("perhaps"), 0)];
    assert_refuses(asha.save(&claim.claim_id, both).await, "answers[1].value");
    assert_refuses(asha.save(&claim.claim_id, vec![draft("Z1", &json!("x"), 0)]).await, "answers[0].question_id");
    let twice = vec![draft("A6", &json!("no"), 0), draft("A6", &json!("no"), 0)];
    assert_refuses(asha.save(&claim.claim_id, twice).await, "answers[1].question_id");
    assert_refuses(asha.save(&claim.claim_id, vec![]).await, "answers");
    assert_refuses(asha.save(&claim.claim_id, vec![draft("A6", &json!("no"), 7)]).await, "answers");
    assert_refuses(asha.save("claim 7", vec![draft("A6", &json!("no"), 0)]).await, "claim_id");
    // Nested far deeper than any table; protobuf itself gives up at fifty.
    let mut deep = json!("x");
    for _ in 0..40 {
        deep = json!([deep]);
    }
    assert_refuses(asha.save(&claim.claim_id, vec![draft("B16", &deep, 0)]).await, "answers[0].value");
    // What was typed is kept beside the form; the form itself is as it was.
    assert_eq!(asha.claim(&claim.claim_id).await.answers, claim.answers);
});

story!(a_meeting_is_held_only_when_somebody_is_there, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    petra.works_at("frome").await;
    let slot = asha.find_slots(&claim.claim_id).await.remove(0);
    for start in ["2026-03-03T09:00:00Z", "2026-03-06T08:30:00Z", "2026-03-07T10:00:00Z", "2027-03-05T10:00:00Z"] {
        let wish = pb::Slot { start_time: Some(timestamp(at(start))), ..slot.clone() };
        assert_refuses(asha.hold(&claim.claim_id, &wish).await, "start_time");
    }
    let wish = pb::Slot { start_time: Some(timestamp(at("2026-03-06T09:01:00Z"))), ..slot.clone() };
    assert_refuses(asha.hold(&claim.claim_id, &wish).await, "start_time");
    let nobody = pb::Slot { personal_adviser_id: "Petra".into(), ..slot.clone() };
    assert_refuses(asha.hold(&claim.claim_id, &nobody).await, "personal_adviser_id");
    assert_refuses(asha.hold("", &slot).await, "claim_id");
    assert_refuses(asha.book("next Friday").await, "appointment_id");

    let pattern = |change: fn(&mut pb::SetWorkingPatternRequest)| {
        let shift = pb::Shift { weekday: 1, start: "09:00".into(), end: "17:00".into(), ..Default::default() };
        let mut request = pb::SetWorkingPatternRequest {
            request_id: new_id(),
            personal_adviser_id: petra.id.clone(),
            office_id: "frome".into(),
            valid_from: "2026-03-01".into(),
            valid_to: String::new(),
            shifts: vec![shift],
            ..Default::default()
        };
        change(&mut request);
        request
    };
    let set = async |change| petra.diary().set_working_pattern(pattern(change)).await;
    assert_refuses(set(|request| request.valid_from = "March".into()).await, "valid_from");
    assert_refuses(set(|request| request.valid_to = "31/04/2026".into()).await, "valid_to");
    assert_refuses(set(|request| request.office_id = "mars".into()).await, "office_id");
    assert_refuses(set(|request| request.shifts[0].start = "nine".into()).await, "shifts[0].start");
    assert_refuses(set(|request| request.shifts[0].weekday = 9).await, "shifts[0].weekday");
    let mut of_an_adviser = pattern(|_| ());
    of_an_adviser.personal_adviser_id = asha.id.clone();
    let lena = world.add("Lena", Role::TeamLeader, Some("somerset")).await;
    assert_refuses(lena.diary().set_working_pattern(of_an_adviser).await, "personal_adviser_id");
});

story!(a_switch_is_told_what_is_wrong_with_its_call, |world| {
    let switch = world.switch("the switch").await;
    let enter = async |name: &str, number: &str| {
        let request =
            pb::EnterCallRequest { switch_call_id: name.into(), caller_number: number.into(), ..Default::default() };
        switch.routing().enter_call(request).await.map(|_| ())
    };
    assert_refuses(enter("", "01373 000123").await, "switch_call_id");
    assert_refuses(enter(&"x".repeat(129), "01373 000123").await, "switch_call_id");
    assert_refuses(enter("a\u{0}b", "01373 000123").await, "switch_call_id");
    assert_refuses(enter("a", "sip:frome").await, "caller_number");
    assert_refuses(enter("a", "01373").await, "caller_number");
    enter("abroad", "+1 212 555 0100").await.expect("a caller from abroad is no fault of the switch");
    let request = pb::ReportCallRequest { switch_call_id: "a".into(), report: 77, ..Default::default() };
    assert_refuses(switch.routing().report_call(request).await, "report");
    let request = pb::GetRouteRequest { postcode: "FROME".into(), ..Default::default() };
    assert_refuses(switch.routing().get_route(request).await, "postcode");
});

story!(pages_and_ids_that_nobody_gave_are_refused, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let (client, claim) = client_with_claim(&asha, "Fry").await;
    let find = |page_size: i32, token: &str| pb::FindClientsRequest {
        last_name: "Fry".into(),
        page_size,
        page_token: token.into(),
        ..Default::default()
    };
    assert_refuses(asha.clients().find_clients(find(-1, "")).await, "page_size");
    assert_refuses(asha.clients().find_clients(find(1, "' OR 1=1 --")).await, "page_token");
    let missing = pb::ListMissingRequest { claim_id: claim.claim_id.clone(), page_size: 1, page_token: "-1".into() };
    assert_refuses(asha.claims().list_missing(missing).await, "page_token");
    let request = pb::UpdateClientRequest {
        request_id: new_id(),
        client_id: client.client_id.clone(),
        etag: "newest".into(),
        facts: Some(frome_facts()),
    };
    assert_refuses(asha.clients().update_client(request).await, "etag");
    assert_refuses(asha.start_attempt("").await, "callback_id");
    let unknown = asha.clients().get_client(pb::GetClientRequest { client_id: new_id() }).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
});

async fn pack_of_a_hostile_client(world: &World) -> String {
    let asha = world.adviser("Asha", "somerset").await;
    let petra: Person = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let (claim, _) = start_up_done(world, &asha, HOSTILE).await;
    let pack = asha.compose_pack(&claim.claim_id).await.unwrap();
    printed(&world.folder, &asha.pdf(&pack.pack_id).await)
}

mod pdf_tools {
    use super::*;

    story!(a_client_called_like_a_program_is_printed_and_not_run, |world| {
        let text = pack_of_a_hostile_client(&world).await;
        // Typesetting may turn the straight quotes, and nothing else.
        let plain = text.replace(['\u{201c}', '\u{201d}'], "\"").replace('\u{2019}', "'");
        assert!(plain.contains(HOSTILE), "{text}");
        assert!(!text.contains("root:"));
    });
}
