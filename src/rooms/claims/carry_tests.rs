use super::*;
use crate::claims::{values, view};
use proptest::prelude::*;
use serde_json::json;
use startline_definition::{Answers, Definition, Kind};
use startline_foundation::ids::UserId;

fn now() -> DateTime<Utc> {
    "2026-03-03T10:00:00Z".parse().unwrap()
}

fn answer(question: &str, value: Value, days_old: i64) -> Answer {
    Answer {
        question_id: QuestionId::new(question),
        value,
        revision: 1,
        stage: "B8".into(),
        saved_by: UserId::fresh(now()),
        saved_at: now() - TimeDelta::days(days_old),
        carried: Carried::No,
    }
}

fn taken(last: &[Answer]) -> Vec<(String, Carried)> {
    let definition = Definition::embedded();
    let evaluated = view::evaluate(&definition.form, &values(last));
    let taken = from_last_claim(&definition.form, last, &evaluated, 366, now());
    taken.into_iter().map(|one| (one.question_id.to_string(), one.carried)).collect()
}

#[test]
fn a_fresh_answer_waits_to_be_confirmed_and_an_old_one_is_asked_again() {
    let last = [
        answer("A1", json!(["JSA"]), 100),
        answer("B17", json!("female"), 100),
        answer("H5", json!(["licence"]), 400),
        answer("A5", json!("lost_job"), 1),
    ];
    let expected =
        [("A1", Carried::AskAgain), ("B17", Carried::ToConfirm), ("H5", Carried::AskAgain), ("A5", Carried::AskAgain)];
    assert_eq!(taken(&last), expected.map(|(id, carried)| (id.to_owned(), carried)));
}

#[test]
fn what_did_not_count_and_what_the_record_knows_is_not_taken() {
    let last = [
        answer("A1", json!(["JSA"]), 1),
        answer("B2", json!("Fry"), 1),
        answer("A8", json!("no"), 1),
        // Hidden by A8.
        answer("A9", json!({"name": "A Person", "address": {"lines": ["1 High Street"]}, "authority": "appointee"}), 1),
    ];
    let ids: Vec<String> = taken(&last).into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["A1", "A8"]);
}

#[test]
fn what_nobody_confirmed_the_last_time_is_asked_again() {
    let mut unconfirmed = answer("B17", json!("female"), 1);
    unconfirmed.carried = Carried::ToConfirm;
    assert_eq!(taken(&[unconfirmed]), [("B17".to_owned(), Carried::AskAgain)]);
}

#[test]
fn a_partner_takes_the_shared_answers_and_what_was_said_of_them() {
    let definition = Definition::embedded();
    let given: Answers = [
        ("A1", json!(["IS", "HB"])),
        ("B5", json!("1970-01-02")),
        ("C1", json!("yes")),
        ("C4", json!("1971-05-06")),
        ("M1", json!("council_tenant")),
        ("G1", json!("yes")),
    ]
    .into_iter()
    .map(|(id, value)| (QuestionId::new(id), value))
    .collect();
    let evaluated = view::evaluate(&definition.form, &given);
    let taken = from_partner(&definition.form, &evaluated);
    let value = |id: &str| taken.iter().find(|one| one.question_id.as_str() == id).map(|one| one.value.clone());
    assert_eq!(value("M1"), Some(json!("council_tenant")));
    assert_eq!(value("C4"), Some(json!("1970-01-02")), "to the partner, the client is the partner");
    assert_eq!(value("B5"), None, "the partner's own record knows the date of birth");
    assert_eq!(value("G1"), None, "work is one's own");
    assert!(taken.iter().all(|one| one.carried == Carried::ToConfirm));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn nothing_is_taken_that_did_not_count_and_nothing_that_counted_is_lost(
        picks in proptest::collection::vec((any::<bool>(), 0usize..12, 0i64..800), 212)
    ) {
        let definition = Definition::embedded();
        let form = &definition.form;
        let last: Vec<Answer> = form.questions().zip(&picks)
            .filter(|(question, (given, ..))| *given && question.kind.is_asked())
            .filter_map(|(question, (_, sample, days))| {
                let samples = question.kind.samples();
                Some(answer(question.id.as_str(), samples.get(sample % samples.len())?.clone(), *days))
            })
            .collect();
        let evaluated = view::evaluate(form, &values(&last));
        let taken = from_last_claim(form, &last, &evaluated, 366, now());
        // The naive oracle: each question by itself.
        for question in form.questions() {
            let found = taken.iter().find(|one| one.question_id == question.id);
            let before = last.iter().find(|answer| answer.question_id == question.id);
            let counts = evaluated.answers.contains_key(&question.id) && before.is_some();
            let asked_for = question.fills_client.is_none() && !matches!(question.kind, Kind::Computed(_) | Kind::Paper(_));
            prop_assert_eq!(found.is_some(), counts && asked_for, "{}", question.id);
            if let (Some(found), Some(before)) = (found, before) {
                prop_assert_eq!(&found.value, &before.value);
                let days = (now() - before.saved_at).num_days();
                let fresh = question.carry == Carry::Confirm && days <= i64::from(question.carry_days.unwrap_or(366));
                prop_assert_eq!(found.carried == Carried::ToConfirm, fresh, "{} {}", question.id, days);
            }
        }
    }
}
