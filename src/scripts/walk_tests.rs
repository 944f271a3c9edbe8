use super::*;
use crate::definition::Definition;
use proptest::prelude::*;
use serde_json::json;
use std::fmt::Write;
use std::sync::Arc;

fn answers(given: &[(&str, serde_json::Value)]) -> Answers {
    given.iter().map(|(id, value)| (QuestionId::new(id), value.clone())).collect()
}

fn script<'d>(definition: &'d Definition, id: &str) -> &'d Script {
    definition.script(id).unwrap_or_else(|| panic!("{id}"))
}

fn walked(script: &Script, counted: &Answers) -> Vec<Position> {
    let mut positions = Vec::new();
    while let Some(position) = next(script, counted, positions.last()) {
        positions.push(position);
    }
    positions
}

#[test]
fn a_walk_begins_with_the_first_stages_words_and_ends_after_the_last() {
    let definition = Definition::embedded();
    let inbound = script(&definition, "inbound");
    let positions = walked(inbound, &Answers::new());
    assert_eq!(positions.first(), Some(&Position { stage: "A0".into(), step: Step::Opening }));
    assert_eq!(positions.last(), Some(&Position { stage: "A9".into(), step: Step::Opening }));
    assert_eq!(next(inbound, &Answers::new(), positions.last()), None);
    assert_eq!(back(inbound, &Answers::new(), &positions[0]), None);
}

#[test]
fn a_client_who_rather_comes_in_is_not_asked_for_a_number() {
    let definition = Definition::embedded();
    let inbound = script(&definition, "inbound");
    let stages = |given: &Answers| -> Vec<String> {
        walked(inbound, &count(inbound, &Answers::new(), given)).into_iter().map(|p| p.stage).collect()
    };
    assert!(stages(&answers(&[("face_to_face", json!("no"))])).contains(&"A6".to_owned()));
    assert!(!stages(&answers(&[("face_to_face", json!("yes"))])).contains(&"A6".to_owned()));
}

#[test]
fn an_earlier_answer_that_hides_the_place_one_stands_at_does_not_lose_it() {
    let definition = Definition::embedded();
    let inbound = script(&definition, "inbound");
    let here = Position { stage: "A6".into(), step: Step::Question(QuestionId::new("callback_number")) };
    let counted = count(inbound, &Answers::new(), &answers(&[("face_to_face", json!("yes"))]));
    assert_eq!(next(inbound, &counted, Some(&here)).map(|p| p.stage), Some("A7".into()));
    let before = back(inbound, &counted, &here);
    assert_eq!(before.map(|p| p.step), Some(Step::Question(QuestionId::new("face_to_face"))));
    assert_eq!(next(inbound, &counted, Some(&Position { stage: "Z9".into(), step: Step::Opening })), None);
}

#[test]
fn the_form_is_walked_inside_the_start_up_call_and_answers_fill_it() {
    let definition = Definition::embedded();
    let start_up = script(&definition, "start-up");
    let given = answers(&[("benefits_wanted", json!(["JSA"])), ("no_money_now", json!("yes"))]);
    let counted = count(start_up, &Answers::new(), &given);
    let parts: Vec<Position> =
        shown(start_up, &counted).into_iter().filter(|p| matches!(p.step, Step::FormPart(_))).collect();
    assert_eq!(parts.len(), 6);
    assert!(parts.iter().all(|position| position.stage == "B8"));
    assert_eq!(fills(start_up, &definition.form, &counted), answers(&[("A1", json!(["JSA"])), ("R4", json!("yes"))]));
    let first_open = next_unanswered(start_up, &counted).map(|p| p.step);
    assert_eq!(first_open, Some(Step::Question(QuestionId::new("identity_checked"))));
}

#[test]
fn an_answer_on_a_hidden_branch_neither_counts_nor_fills_the_form_and_comes_back_with_it() {
    let definition = Definition::embedded();
    let start_up = script(&definition, "start-up");
    let mut given = answers(&[("benefits_wanted", json!(["HB"])), ("no_money_now", json!("yes"))]);
    let filled = |given: &Answers| fills(start_up, &definition.form, &count(start_up, &Answers::new(), given));
    assert_eq!(filled(&given), answers(&[("A1", json!(["HB"]))]));
    given.insert(QuestionId::new("benefits_wanted"), json!(["HB", "IS"]));
    assert_eq!(filled(&given).len(), 2);
}

/// One question of an invented script: whether it and its stage hang on an earlier question, and which.
#[derive(Debug, Clone)]
struct Invented {
    stages: Vec<(Option<usize>, Vec<Option<usize>>)>,
    answers: Vec<Option<bool>>,
}

/// Number `hint` of the questions before `count`, if there are any.
fn earlier(hint: Option<usize>, count: usize) -> Option<usize> {
    hint.filter(|_| count > 0).map(|hint| hint % count)
}

fn invented() -> impl Strategy<Value = Invented> {
    let hint = proptest::option::of(0usize..20);
    let stage = (hint.clone(), proptest::collection::vec(hint, 0..4));
    let answers = proptest::collection::vec(proptest::option::of(any::<bool>()), 20);
    (proptest::collection::vec(stage, 1..6), answers).prop_map(|(stages, answers)| Invented { stages, answers })
}

fn load(invented: &Invented) -> Arc<Definition> {
    let mut yaml = "id: invented\ntitle: { en: Invented }\nstages:\n".to_owned();
    let mut asked = 0;
    let condition = |on: Option<usize>| on.map(|n| format!("shown: q{n} == \"yes\"")).unwrap_or_default();
    for (index, (on, questions)) in invented.stages.iter().enumerate() {
        let shown = condition(earlier(*on, asked));
        let _ =
            write!(yaml, "  - id: S{index}\n    title: {{ en: S }}\n    expected_minutes: 1\n    say: {{ en: Say }}\n");
        let _ = write!(yaml, "    {shown}\n    questions:\n");
        if questions.is_empty() {
            yaml.truncate(yaml.len() - "    questions:\n".len());
        }
        for on in questions {
            let shown = condition(earlier(*on, asked));
            let _ = write!(
                yaml,
                "      - id: q{asked}\n        label: {{ en: Q }}\n        kind: yes_no\n        {shown}\n"
            );
            asked += 1;
        }
    }
    let mut files = crate::definition::small::files();
    files.insert("scripts/invented.yaml".into(), yaml.into_bytes());
    Definition::from_files(files).unwrap_or_else(|report| panic!("{report}"))
}

/// The naive oracle: every step with whether it is shown, by reading the invented script from top to bottom.
fn oracle(invented: &Invented) -> Vec<(Position, bool)> {
    let mut counts: Vec<bool> = Vec::new();
    let mut steps = Vec::new();
    let holds = |on: Option<usize>, counts: &[bool]| earlier(on, counts.len()).is_none_or(|n| counts[n]);
    for (index, (on, questions)) in invented.stages.iter().enumerate() {
        let stage = format!("S{index}");
        let open = holds(*on, &counts);
        steps.push((Position { stage: stage.clone(), step: Step::Opening }, open));
        for on in questions {
            let shown = open && holds(*on, &counts);
            let id = QuestionId::new(&format!("q{}", counts.len()));
            steps.push((Position { stage: stage.clone(), step: Step::Question(id) }, shown));
            // It counts as yes only while it is shown.
            counts.push(shown && invented.answers[counts.len()] == Some(true));
        }
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn next_and_back_agree_with_reading_the_script_from_top_to_bottom(invented in invented()) {
        let definition = load(&invented);
        let script = script(&definition, "invented");
        let given: Answers = invented.answers.iter().enumerate()
            .filter_map(|(n, answer)| Some((QuestionId::new(&format!("q{n}")), json!(if (*answer)? { "yes" } else { "no" }))))
            .collect();
        let counted = count(script, &Answers::new(), &given);
        let steps = oracle(&invented);
        let expected: Vec<Position> = steps.iter().filter(|(_, shown)| *shown).map(|(p, _)| p.clone()).collect();
        prop_assert_eq!(&shown(script, &counted), &expected);
        prop_assert_eq!(&walked(script, &counted), &expected);
        for (index, (position, _)) in steps.iter().enumerate() {
            let after = steps[index + 1..].iter().find(|(_, shown)| *shown).map(|(p, _)| p.clone());
            let before = steps[..index].iter().rev().find(|(_, shown)| *shown).map(|(p, _)| p.clone());
            prop_assert_eq!(next(script, &counted, Some(position)), after);
            prop_assert_eq!(back(script, &counted, position), before);
        }
    }
}
