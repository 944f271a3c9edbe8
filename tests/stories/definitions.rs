//! A desk can be written from the protos alone: the definition says all that a form needs, in the language asked for, and a
//! fault names the cell.

use crate::support::faults::fields;
use crate::support::print_steps::{PackPeople, pack_people};
use crate::support::process;
use crate::support::steps::{client_with_claim, draft, start_up_done};
use crate::support::{Engine, Home, Person};
use serde_json::{Value as Json, json};
use startline::access::Role;
use startline::grpc::pb;
use std::collections::BTreeSet;
use tonic::Code;

async fn definition(person: &Person, language: &str) -> pb::GetDefinitionResponse {
    let request = pb::GetDefinitionRequest { language: language.into(), ..Default::default() };
    person.definitions().get_definition(request).await.unwrap().into_inner()
}

fn question<'a>(definition: &'a pb::GetDefinitionResponse, id: &str) -> &'a pb::FormQuestion {
    let mut all = definition.form_parts.iter().flat_map(|part| &part.questions);
    all.find(|question| question.question_id == id).unwrap_or_else(|| panic!("there is no question {id}"))
}

fn ids(things: &[pb::NamedThing]) -> Vec<&str> {
    things.iter().map(|thing| thing.id.as_str()).collect()
}

story!(the_definition_says_all_that_a_form_needs, |world| {
    let asha = world.adviser("Asha", "somerset").await;
    let english = definition(&asha, "").await;
    assert_eq!((english.language.as_str(), english.in_force), ("en", true));

    let wage = question(&english, "H8");
    let limits = wage.limits.as_ref().unwrap();
    assert_eq!((wage.answer_kind(), wage.kind.as_str()), (pb::AnswerKind::Money, "money"));
    assert!(limits.with_period && limits.periods.contains(&"week".to_owned()));
    assert_eq!((wage.shown_when.as_str(), wage.benefits.as_slice()), ("\"JSA\" in A1", ["JSA".to_owned()].as_slice()));
    assert!(!wage.guidance.is_empty() && !wage.say.is_empty() && wage.asked_of() == pb::AskedOf::Client);
    assert!(wage.printed && wage.printed_label == wage.label);
    assert_eq!(wage.default_from().collect::<Vec<_>>(), [pb::DefaultSource::EarlierClaim]);

    let children = question(&english, "D2");
    let limits = children.limits.as_ref().unwrap();
    assert_eq!((limits.min_rows, limits.max_rows), (Some(1), Some(15)));
    let columns: Vec<_> =
        children.columns.iter().map(|column| (column.question_id.as_str(), column.answer_kind())).collect();
    use pb::AnswerKind::{Choice, Date, Text};
    assert_eq!(columns, [("name", Text), ("dob", Date), ("sex", Choice)]);
    assert_eq!(children.columns[0].limits.as_ref().unwrap().max_chars, Some(80));
    assert_eq!(children.columns[1].limits.as_ref().unwrap().earliest, "years_before(today, 25)");
    assert!(children.columns.iter().all(|column| column.requirement() == pb::Requirement::Always));
    let sex: Vec<_> =
        children.columns[2].choices.iter().map(|option| (option.id.as_str(), option.label.as_str())).collect();
    assert_eq!(sex, [("female", "Female"), ("male", "Male")]);

    assert_eq!(question(&english, "B8").default_from().collect::<Vec<_>>(), [pb::DefaultSource::ClientRecord]);
    assert_eq!(question(&english, "S2").sensitivity(), pb::Sensitivity::Bank, "an account");
    let asked: BTreeSet<_> =
        english.form_parts.iter().flat_map(|part| &part.questions).map(pb::FormQuestion::asked_of).collect();
    assert!(asked.contains(&pb::AskedOf::Adviser) && asked.contains(&pb::AskedOf::ClientOnPaper), "{asked:?}");
    for question in english.form_parts.iter().flat_map(|part| &part.questions) {
        let id = &question.question_id;
        assert!(!question.label.is_empty() && !question.say.is_empty() && !question.agencies.is_empty(), "{id}");
        assert_ne!(question.answer_kind(), pb::AnswerKind::Unspecified, "{id}");
        assert_ne!(question.requirement(), pb::Requirement::Unspecified, "{id}");
        assert_eq!(question.required_when.is_empty(), question.requirement() != pb::Requirement::When, "{id}");
        assert_eq!(question.printed, !question.printed_label.is_empty(), "{id}");
        assert_eq!(question.choices.len(), question.options.len(), "{id}");
    }

    // What is named elsewhere by its id is here with its name.
    assert_eq!(ids(&english.skills), ["welsh", "textphone", "urdu", "bengali", "punjabi", "woman", "man"]);
    assert_eq!(ids(&english.other_needs), ["interpreter", "sign-language", "more-time"]);
    assert!(ids(&english.benefits).contains(&"JSA") && ids(&english.agencies) == ["BA", "ES", "LA"]);
    assert_eq!(english.lines[1].needs, ["welsh"]);
    assert_eq!(english.languages, ["en", "cy"]);
    let start_up = english.scripts.iter().find(|script| script.script_id == "start-up").unwrap();
    let walked: BTreeSet<&str> =
        start_up.stages.iter().flat_map(|stage| &stage.form_part_codes).map(String::as_str).collect();
    let parts: BTreeSet<&str> = english.form_parts.iter().map(|part| part.code.as_str()).collect();
    assert!(walked.len() > 10 && walked.is_subset(&parts), "{walked:?}");
    let spoken: Vec<&pb::FormQuestion> = start_up.stages.iter().flat_map(|stage| &stage.questions).collect();
    assert!(spoken.len() > 10 && !start_up.key_areas.is_empty());
    let from_nowhere =
        |question: &&&pb::FormQuestion| question.default_from().all(|from| from == pb::DefaultSource::ClientRecord);
    assert_eq!(spoken.iter().filter(from_nowhere).count(), spoken.len(), "each walk asks anew");
    assert_eq!(english.meeting_kinds[0].kind, "first-meeting");
    assert!(!english.good_causes.is_empty() && !english.life_events.is_empty() && !english.evidence.is_empty());

    // In Welsh, when it is asked for; an id is the same in both.
    let welsh = definition(&asha, "cy").await;
    assert_eq!((welsh.language.as_str(), welsh.version == english.version), ("cy", true));
    assert_eq!(question(&welsh, "D2").columns[1].label, "Dyddiad geni");
    assert_eq!(question(&welsh, "D2").columns[2].choices[0].label, "Benyw");
    assert_eq!((ids(&welsh.skills), welsh.skills[0].name.as_str()), (ids(&english.skills), "Cymraeg"));
    assert_ne!(welsh.form_parts[0].title, english.form_parts[0].title);
    let mut request = tonic::Request::new(pb::GetDefinitionRequest::default());
    request.metadata_mut().insert("accept-language", "cy".parse().unwrap());
    assert_eq!(asha.definitions().get_definition(request).await.unwrap().into_inner(), welsh);
    let french = pb::GetDefinitionRequest { language: "fr".into(), ..Default::default() };
    assert_eq!(fields(&asha.definitions().get_definition(french).await.unwrap_err()), ["language"]);
    let expert = world.add("Eve", Role::BenefitsExpert, Some("somerset")).await;
    assert_eq!(definition(&expert, "").await, english, "whoever reads claims has the words for them");
});

/// Where a form finds fault with an answer.
async fn faulty(asha: &Person, claim: &str, question: &str, value: &Json) -> Vec<String> {
    let good = draft("B1", &json!("Mrs"), 0);
    let refused = asha.save(claim, vec![good, draft(question, value, 0)]).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{question}: {refused:?}");
    fields(&refused)
}

story!(a_fault_names_the_path_to_the_cell, |world| {
    let PackPeople { asha, petra, .. } = pack_people(&world).await;
    let (_, claim) = client_with_claim(&asha, "Fry").await;
    let ann = json!({"name": "Ann", "dob": "2020-01-01", "sex": "female"});
    let child = |field: &str, value: Json| {
        let mut child = ann.clone();
        child[field] = value;
        json!([ann, child])
    };
    let account = |field: &str, value: &str| {
        let mut account = json!({"account_holder": "R Fry", "bank": "Frome Bank", "sort_code": "12-34-56", "account_number": "12345678"});
        account[field] = json!(value);
        account
    };
    let letters = json!({"address": "8 Friend Street\nBath", "postcode": "nowhere"});
    let cases = [
        ("D2", child("dob", json!("2020-02-30")), "[1].dob"),
        ("D2", child("dob", json!("2031-01-01")), "[1].dob"),
        ("D2", child("sex", json!("boy")), "[1].sex"),
        ("D2", child("name", Json::Null), "[1].name"),
        ("D2", json!([]), ""),
        ("D2", json!("two"), ""),
        ("S2", account("sort_code", "12-34"), ".sort_code"),
        ("S2", account("account_number", "x"), ".account_number"),
        ("S2", account("account_holder", ""), ".account_holder"),
        ("B8", json!({"lines": ["4 Catherine Hill", "Fro\u{7}me"]}), ".lines[1]"),
        ("B12", letters, ".postcode"),
        ("H8", json!("12.50"), ""),
    ];
    for (question, value, path) in cases {
        let told = faulty(&asha, &claim.claim_id, question, &value).await;
        assert_eq!(told, [format!("answers[1].value{path}")], "{question} {value}");
    }
    // The same where one answer is given alone.
    let (done, _) = start_up_done(&world, &asha, "Pugh").await;
    let wrong = child("dob", json!("soon"));
    assert_eq!(fields(&petra.amend(&done.claim_id, "D2", &wrong, 0, "RJF").await.unwrap_err()), ["value[1].dob"]);
});

/// The manual is printed by the program, for whoever writes a desk.
mod sqlite {
    use super::*;

    #[tokio::test]
    async fn the_program_prints_the_manual_of_its_api() {
        let home = Home::fresh(Engine::Sqlite).await;
        let printed = process::run(&["manual"]).await;
        assert!(printed.status.success(), "{printed:?}");
        let page = String::from_utf8(printed.stdout).unwrap();
        assert_eq!(page, startline::grpc::manual::page().unwrap());
        assert!(page.contains("### ClaimService.SaveAnswers\n") && !home.data().join("startline.sqlite").exists());
    }
}
