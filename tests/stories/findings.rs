//! What was found at meetings goes back to those who took the start-up calls: one's own to oneself, a site's by question, and
//! nobody's to anybody else.

use crate::support::faults::fields;
use crate::support::steps::{client_with_claim, draft};
use crate::support::values::{json as plain, new_id, time};
use crate::support::{Person, World, until};
use chrono::TimeDelta;
use prost_reflect::{DescriptorPool, MessageDescriptor};
use serde_json::json;
use startline::access::Role;
use startline::grpc::pb;
use tonic::Code;

const DAYS: (&str, &str) = ("2026-03-03", "2026-04-03");

/// A claim that this adviser took, at its meeting.
async fn met(world: &World, adviser: &Person, petra: &Person, name: &str) -> String {
    let (_, claim) = client_with_claim(adviser, name).await;
    let answers = vec![draft("A1", &json!(["JSA"]), 0), draft("B17", &json!("female"), 0)];
    adviser.save(&claim.claim_id, answers).await.unwrap();
    let slot = adviser.find_slots(&claim.claim_id).await.remove(0);
    let held = adviser.hold(&claim.claim_id, &slot).await.unwrap();
    adviser.book(&held.appointment_id).await.unwrap();
    adviser.complete_start_up(&claim.claim_id).await.unwrap();
    world.wait_until(time(slot.start_time) + TimeDelta::minutes(5));
    petra.record_attendance(&held.appointment_id, pb::Attendance::Attended).await.unwrap();
    claim.claim_id
}

async fn own(person: &Person) -> pb::ListMyFindingsResponse {
    let (first_day, last_day) = (DAYS.0.to_owned(), DAYS.1.to_owned());
    let request = pb::ListMyFindingsRequest { first_day, last_day, ..Default::default() };
    person.checks().list_my_findings(request).await.unwrap().into_inner()
}

async fn of_site(person: &Person, site: &str) -> Result<pb::GetFindingsReportResponse, tonic::Status> {
    let (site_id, first_day, last_day) = (site.to_owned(), DAYS.0.to_owned(), DAYS.1.to_owned());
    let request = pb::GetFindingsReportRequest { site_id, first_day, last_day };
    Ok(person.checks().get_findings_report(request).await?.into_inner())
}

story!(what_was_amended_and_asked_goes_back_to_whoever_took_the_start_up_call_and_to_nobody_else, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let bill = world.adviser("Bill", "somerset").await;
    let carla = world.adviser("Carla", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let eve = world.add("Eve", Role::BenefitsExpert, Some("somerset")).await;
    let lena = world.add("Lena", Role::TeamLeader, Some("somerset")).await;
    petra.works_at("frome").await;
    let first = met(&world, &asha, &petra, "Fry").await;
    let second = met(&world, &bill, &petra, "Gow").await;
    petra.amend(&first, "B2", &json!("Frye"), 1, "RJF").await.unwrap();
    world.wait(60);
    let query = eve.raise_query(&first, "B6", "Which card was the number read from?").await.unwrap();
    petra.settle_query(&query.query_id, "From the plastic one.").await.unwrap();
    petra.amend(&second, "T8", &json!("my sister"), 0, "RG").await.unwrap();
    eve.raise_query(&second, "", "Is this the same person?").await.unwrap();

    let told = own(&asha).await;
    assert_eq!(told.start_ups, 1);
    let [amended, asked] = told.findings.as_slice() else { panic!("{:?}", told.findings) };
    assert_eq!((amended.kind(), amended.question_id.as_str()), (pb::FindingKind::Amended, "B2"));
    let (said, says) = (amended.said.as_ref().unwrap(), amended.says.as_ref().unwrap());
    assert_eq!((plain(said), plain(says)), (json!("Fry"), json!("Frye")));
    assert_eq!((amended.claim_id.as_str(), amended.withheld), (first.as_str(), false));
    assert_eq!((asked.kind(), asked.question_id.as_str()), (pb::FindingKind::Asked, "B6"));
    assert_eq!(asked.text, "Which card was the number read from?");
    assert_eq!(asked.outcome, "From the plastic one.");
    assert!(!asked.label.is_empty() && asked.day == amended.day);
    assert_eq!(own(&bill).await.findings.len(), 2);
    assert_eq!((own(&carla).await.start_ups, own(&lena).await.findings.len()), (0, 0));
    // Page by page it is the same.
    let (first_day, last_day) = (DAYS.0.to_owned(), DAYS.1.to_owned());
    let one = pb::ListMyFindingsRequest { first_day, last_day, page_size: 1, ..Default::default() };
    let page = asha.checks().list_my_findings(one.clone()).await.unwrap().into_inner();
    let rest = pb::ListMyFindingsRequest { page_token: page.next_page_token, ..one };
    let rest = asha.checks().list_my_findings(rest).await.unwrap().into_inner();
    assert_eq!([page.findings, rest.findings].concat(), told.findings);

    // Of two people's start-up calls a site would be told whose they were.
    let few = of_site(&lena, "").await.unwrap();
    assert!(few.too_few_people && few.questions.is_empty() && few.with_findings == 0, "{few:?}");
    let third = met(&world, &carla, &petra, "Hart").await;
    petra.amend(&third, "B2", &json!("Heart"), 1, "RH").await.unwrap();
    let site = of_site(&lena, "").await.unwrap();
    assert_eq!((site.start_ups, site.with_findings, site.too_few_people), (3, 3, false));
    let of = |id: &str| site.questions.iter().find(|one| one.question_id == id).map(|one| (one.amended, one.asked));
    assert_eq!((of("B2"), of("B6"), of("T8"), of("")), (Some((2, 0)), Some((0, 1)), Some((1, 0)), Some((0, 1))));
    assert_eq!(site.questions[0].question_id, "B2", "the most often first");
    assert!(!site.questions[0].label.is_empty());
    for person in [&asha, &petra, &eve] {
        assert_eq!(of_site(person, "").await.unwrap_err().code(), Code::PermissionDenied, "{}", person.name);
    }
    assert_eq!(of_site(&lena, "buckinghamshire").await.unwrap_err().code(), Code::PermissionDenied);
    let wrong =
        pb::GetFindingsReportRequest { first_day: DAYS.1.into(), last_day: DAYS.0.into(), ..Default::default() };
    assert_eq!(fields(&lena.checks().get_findings_report(wrong).await.unwrap_err()), ["last_day"]);
});

story!(no_finding_names_a_client_or_says_what_its_reader_may_not_see, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let root = world.add("Root", Role::Admin, None).await;
    petra.works_at("frome").await;
    let claim = met(&world, &asha, &petra, "Fryston").await;
    petra.amend(&claim, "T8", &json!("a canary in the form"), 0, "RJF").await.unwrap();
    petra.raise_query(&claim, "T8", "a canary in the query").await.unwrap();
    let told = own(&asha).await;
    let whole = format!("{told:?}");
    assert!(whole.contains("a canary in the form") && whole.contains("a canary in the query"), "{whole}");
    for name in ["Fryston", "Rosa", "Jane"] {
        assert!(!whole.contains(name), "{name} is named: {whole}");
    }
    // Whoever works elsewhere since learns which question it was, and nothing of the claim.
    let new = |site: &str| pb::NewDuty { role: pb::Role::Adviser.into(), site_id: site.into(), ..Default::default() };
    let given =
        pb::GiveDutyRequest { request_id: new_id(), user_id: asha.id.clone(), duty: Some(new("buckinghamshire")) };
    let duties = root.admin().give_duty(given).await.unwrap().into_inner().person.unwrap().duties;
    let mut duties = duties.into_iter().filter_map(|given| given.duty);
    let old = duties.find(|duty| duty.site_id == "somerset").unwrap().duty_id;
    root.admin().take_duty(pb::TakeDutyRequest { request_id: new_id(), duty_id: old }).await.unwrap();
    until("she works elsewhere", || async {
        let told = own(&asha).await;
        told.findings.iter().all(|one| one.withheld && one.claim_id.is_empty()).then_some(())
    })
    .await;
    let told = own(&asha).await;
    assert!(told.findings.iter().all(|one| one.question_id == "T8"), "{told:?}");
    assert!(!format!("{told:?}").contains("canary"), "{told:?}");
});

/// Every field of a message and of what is in it.
fn fields_of(message: &MessageDescriptor, depth: usize) -> Vec<String> {
    let inner = |field: prost_reflect::FieldDescriptor| {
        let mut names = vec![field.name().to_owned()];
        if let (Some(message), true) = (field.kind().as_message(), depth < 4) {
            names.extend(fields_of(message, depth + 1));
        }
        names
    };
    message.fields().flat_map(inner).collect()
}

/// Nothing of the contract asks for somebody's findings, orders by somebody, or tells whose they were.
#[test]
fn the_contract_has_no_way_to_ask_whose_findings_they_were() {
    let pool = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
    let service = pool.get_service_by_name("startline.v1.CheckService").unwrap();
    let of_findings: Vec<_> = service.methods().filter(|method| method.name().contains("Findings")).collect();
    assert_eq!(of_findings.len(), 2);
    for method in of_findings {
        for message in [method.input(), method.output()] {
            let fields = fields_of(&message, 0);
            let people = ["user", "adviser", "name", "_by", "order", "sort"];
            let found: Vec<_> = fields.iter().filter(|field| people.iter().any(|part| field.contains(part))).collect();
            assert!(found.is_empty(), "{}: {found:?}", message.name());
        }
    }
}
